"""A fit that remembers its model and its data: profiles, predictions, figures, report, file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from surfacechem.api.asking import Request
from surfacechem.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor
    from os import PathLike
    from pathlib import Path
    from typing import Unpack

    import xarray as xr

    from surfacechem.api.model import Model
    from surfacechem.api.predicting import PredictionOptions
    from surfacechem.display import Illustration
    from surfacechem.fitting import (
        Bootstrap,
        Contour,
        Correction,
        CrossValidation,
        Estimate,
        FitResult,
        KnownSpectra,
        LogEvidence,
        Plan,
        Posterior,
        Profile,
        Refit,
    )
    from surfacechem.plotting import Figure, Pictures
    from surfacechem.prediction import Amount, Prediction
    from surfacechem.records import Titration
    from surfacechem.sweep import Span, SweepOptions

__all__ = ["Fit"]

PLANNED_POINTS = 5


class Fit:
    """A fitted model.

    Attributes
    ----------
    model : Model
        What was fitted.
    data : tuple of Titration
        To what.
    result : FitResult
        What was found; `str` of it is a table, `FitResult.facts` are the verdicts.
    known : mapping of str to mapping of str to ndarray
        Molar spectra that were given [L/(mol cm)].
    corrections : tuple of Correction
        What was fitted of the amounts.
    request : Request
        What else was asked for: loss, constants held, starts.
    """

    def __init__(
        self,
        *,
        model: Model,
        data: tuple[Titration, ...],
        result: FitResult,
        known: KnownSpectra | None = None,
        corrections: tuple[Correction, ...] = (),
        request: Request | None = None,
    ) -> None:
        self.model = model
        self.data = data
        self.result = result
        self.known = known or {}
        self.corrections = corrections
        self.request = request or Request()

    def __getitem__(self, name: str) -> Estimate:
        """Return the estimate of a constant: value, interval, role."""
        return self.result[name]

    @property
    def is_valid(self) -> bool:
        """Whether the result is to be trusted; `result.facts` say why not."""
        return self.result.is_valid

    def __repr__(self) -> str:
        """Return the fitted values on one line."""
        return repr(self.result).replace("<FitResult", "<Fit", 1)

    def __str__(self) -> str:
        """Return tables and verdicts as text."""
        return str(self.result)

    def _repr_html_(self) -> str:
        return self.result._repr_html_()

    def profile(self, name: str) -> Profile:
        """Return the profile likelihood of one fitted constant, around and beyond its interval."""
        from surfacechem.fitting import profile

        return profile(self.model, self.data, self.result, name, known=self.known, corrections=self.corrections)

    def refit(self) -> Refit:
        """Return the fit bound to its data, on which contours, posteriors and the like stand."""
        from surfacechem.fitting import refit

        return refit(self.model, self.data, self.result, known=self.known, corrections=self.corrections)

    def contour(self, first: str, second: str, *, levels: Sequence[float] = (0.68, 0.95)) -> Contour:
        """Return the regions in which two fitted parameters lie together; see `surfacechem.fitting.contour`."""
        from surfacechem.fitting import contour

        return contour(self.refit(), (first, second), levels=levels)

    def posterior(
        self,
        *,
        seed: int = 0,
        most_steps: int = 10_000,
        level: float | None = None,
        chains: str | PathLike[str] | None = None,
    ) -> Posterior:
        """Draw from the posterior of all fitted parameters (extra ``bayes``).

        Parameters
        ----------
        seed : int
            Seed of the draws.
        most_steps : int
            Steps after which the walkers stop though they have not converged.
        level : float, optional
            Probability of the intervals; by default that of the fit.
        chains : path, optional
            File that holds the chains after every round (``.npz``); a run that was interrupted goes on from it to the
            same numbers.

        Raises
        ------
        MissingExtraError
            If the extra is not installed.
        DataError
            If the file of chains is one of another fit.
        """
        from surfacechem.api.drawing import draw_posterior

        return draw_posterior(self, seed=seed, most_steps=most_steps, level=level, chains=chains)

    def cross_validate(self, part: str = "points", *, n_folds: int | None = None) -> CrossValidation:
        """Predict parts of the data from the others; see `surfacechem.fitting.cross_validate`."""
        from surfacechem.fitting import cross_validate

        return cross_validate(self.refit(), part=part, n_folds=n_folds)

    def evidence(self, *, seed: int = 0) -> LogEvidence:
        """Return how probable the model makes the data (extra ``bayes``); see `surfacechem.fitting.evidence`."""
        from surfacechem.fitting import evidence

        return evidence(self.refit(), seed=seed)

    def bootstrap(
        self,
        *,
        draw: str = "residual",
        n_replicas: int = 1000,
        seed: int = 0,
        level: float | None = None,
        executor: Executor | None = None,
    ) -> Bootstrap:
        """Repeat the fit on data drawn again; see `surfacechem.fitting.bootstrap`."""
        from surfacechem.fitting import bootstrap

        return bootstrap(
            self.model,
            self.data,
            self.result,
            draw=draw,
            n_replicas=n_replicas,
            seed=seed,
            level=level,
            executor=executor,
            known=self.known,
            corrections=self.corrections,
        )

    def plan(self, *feeds: Mapping[str, Amount], n_points: int = PLANNED_POINTS, criterion: str = "D") -> Plan:
        """Say which further points would pin the constants most.

        Parameters
        ----------
        *feeds : mapping
            What can be made, as for `predict`: ``{"Host": "1 mM", "Guest": "0..20 mM in 101"}``; several are united.
        n_points : int
            How many points to choose.
        criterion : str
            ``"D"`` (all constants together), ``"A"`` (mean of their variances) or the name of one constant.

        Raises
        ------
        UnknownNameError
            If the criterion is none of these.
        FitError
            If the technique cannot be extended point by point.
        """
        from surfacechem.fitting import plan
        from surfacechem.prediction import conditions

        candidates = np.concatenate([conditions(self.model, each).amounts for each in feeds])
        return plan(
            self.model,
            self.data,
            self.result,
            candidates,
            n_points=n_points,
            criterion=criterion,
            known=self.known,
            corrections=self.corrections,
        )

    def predict(self, feed: Mapping[str, Amount], **options: Unpack[PredictionOptions]) -> Prediction:
        """Predict coverage, ligand counts, speciation, signals and spectra, with bands from the fit.

        Parameters
        ----------
        feed : mapping
            Feed to amount, as weighed: ``{"InP37": "0.5 mM", "HO2CR'": "0..100 equiv per InP37 in 101"}``. Active
            shares and impurities that all data of the fit share hold here too.
        **options
            ``titrant``, ``volume`` and ``added`` (then `feed` is what is in the vessel), ``constants`` (values that
            replace fitted ones, ``{"active[Host]": 1}``), ``draws`` (``fit.bootstrap().draws``: bands from replicas)
            or ``n_draws`` and ``seed``, ``level``, ``window`` and ``path_length`` of spectra; see
            `surfacechem.prediction.predict`.
        """
        from surfacechem.api.predicting import predict_flask

        options.setdefault("level", self.result.level)
        return predict_flask(self.model, feed, fit=self.result, **options)

    def sweep(
        self, vary: Mapping[str, Span], *, feed: Mapping[str, Amount], **options: Unpack[SweepOptions]
    ) -> xr.Dataset:
        """Sweep with the fitted constants and calibrated signals; see `surfacechem.sweep.sweep`.

        Parameters
        ----------
        vary, feed : mapping
            As for `Model.sweep`.
        **options
            As for `Model.sweep`; ``n_draws`` draws from the errors of the fit.

        Returns
        -------
        xarray.Dataset
            With the attribute ``caveat`` where the fit is not to be trusted.
        """
        from surfacechem.sweep import sweep

        data = sweep(self.model, vary, feed=feed, fit=self.result, **options)
        return data if self.is_valid else data.assign_attrs(caveat=self.result.distrust)

    def predictions(self) -> dict[str, Prediction]:
        """Return, per data set, everything predicted along its points."""
        from surfacechem.prediction import along, predict

        level = self.result.level
        # What a fitted concentration completes stands in the result's amounts, not in the data's.
        walks = {each.name: along(self.model, each) for each in self.result.datasets}
        return {name: predict(self.model, walk, fit=self.result, level=level) for name, walk in walks.items()}

    def plot(self, signal: str | None = None) -> Figure:
        """Return a figure of one signal, by default the first: points, fitted curves with bands, residuals.

        Raises
        ------
        UnknownNameError
            If no signal has this name.
        """
        from surfacechem.plotting import fitted_figure
        from surfacechem.prediction import fitted_signals

        fitted = {each.curves.name: each for each in reversed(fitted_signals(self.model, self.result))}
        name = next(reversed(fitted)) if signal is None else signal
        if name not in fitted:
            raise UnknownNameError(f"signal '{name}'", allowed=", ".join(fitted), advice="plot what was measured")
        return fitted_figure(fitted[name])

    def illustrations(self) -> tuple[Illustration, ...]:
        """Return every figure of the report: fits, spectra, components, speciation, profiles, contours, correlation."""
        from surfacechem.api.illustrating import illustrations

        return illustrations(self)

    def report(self, path: str | PathLike[str], *, overwrite: bool = False, command: str = "") -> Path:
        """Write the report: one HTML file that needs no network.

        Parameters
        ----------
        path : path
            File to write.
        overwrite : bool
            Whether a file of this name may be replaced.
        command : str
            Command line that repeats the fit; by default made from the file names.
        """
        from surfacechem.io import write_text

        return write_text(path, self.to_html(command=command), overwrite=overwrite)

    def to_html(self, *, command: str = "") -> str:
        """Return the report as the text of one HTML file."""
        from surfacechem.api.repeating import citations
        from surfacechem.report import render

        return render(
            network=self.model,
            result=self.result,
            data=self.data,
            figures=self.illustrations(),
            command=command or self.as_command(),
            python=self.as_python(),
            model=self.model.text,
            citation=citations(self.data),
        )

    def as_command(self) -> str:
        """Return the command line that repeats the fit; empty where one command cannot."""
        from surfacechem.api.repeating import command_line

        return command_line(self)

    def as_python(self) -> str:
        """Return the Python lines that repeat the fit."""
        from surfacechem.api.repeating import python_lines

        return python_lines(self)

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> Path:
        """Write ``fit.json``: model, data and result; `load_fit` gives the same numbers back."""
        from surfacechem.io import write_json

        return write_json(path, self.to_dict(), overwrite=overwrite)

    def write(
        self, folder: str | PathLike[str], *, overwrite: bool = False, pictures: Pictures | None = None
    ) -> tuple[Path, ...]:
        """Write everything there is of the fit into a folder, which is made if it is not there.

        ``fit.json``, ``report.html``, ``curves.csv`` per data set, and each signal's figure.

        Parameters
        ----------
        folder : path
            Where to write.
        overwrite : bool
            Whether files of an earlier run may be replaced; if not, nothing is written where one is there.
        pictures : Pictures, optional
            Kinds and width of the figures: ``plotting.Pictures(kinds=("pdf",), width="85 mm")``; by default SVG and
            PNG as drawn.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        DataError
            If a file must stay or the folder cannot be made.
        """
        from surfacechem.api.folder import fill_folder
        from surfacechem.plotting import Pictures

        return fill_folder(self, folder, overwrite=overwrite, pictures=pictures or Pictures())

    def to_dict(self) -> dict[str, Any]:
        """Return model, data and result as plain values for JSON."""
        from surfacechem.api.document import to_document

        return to_document(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Fit:
        """Return the fit that `to_dict` described.

        Raises
        ------
        DataError
            If the mapping is not a saved fit.
        """
        from surfacechem.api.document import from_document

        return from_document(plain, cls)

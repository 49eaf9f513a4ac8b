"""A model that is solved, fitted and predicted from."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, TypedDict

from surfacechem.chem.system import System
from surfacechem.constants import CONFIDENCE_LEVEL
from surfacechem.errors import DataError
from surfacechem.network import Network

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike
    from typing import Unpack

    import xarray as xr

    from surfacechem.api.asking import Request
    from surfacechem.api.fit import Fit
    from surfacechem.api.knowing import Known
    from surfacechem.api.predicting import PredictionOptions
    from surfacechem.fitting import Correction, KnownSpectra
    from surfacechem.fitting.outlook import Forecast
    from surfacechem.prediction import Amount, Prediction
    from surfacechem.records import Titration
    from surfacechem.sweep import Span, SweepOptions

__all__ = ["Model"]

PLANNED_POINTS = 12


class Expected(TypedDict, total=False):
    """What a plan expects, as keywords."""

    guess: Mapping[str, str]
    amplitudes: Mapping[str, str]
    noise: Mapping[str, str]
    technique: str
    criterion: str
    level: float


class Model(Network):
    r"""A model of ligand exchange: what a ``.scx`` file says, ready to be solved.

    Parameters
    ----------
    source : str or System
        Text in the model language (``docs/model-language.md``), or a system built in Python.
    file : str
        Name shown in messages.

    Raises
    ------
    SurfaceChemError
        Every fault of the text at once, each with line, column and the line to write instead.

    Attributes
    ----------
    text : str
        The model as text.

    Examples
    --------
    >>> model = Model("surfacechem 1\nspecies H\nspecies G\nS  H + G <=> HG ; K = 1000 /M")
    >>> flask = model.solve({"H": [1e-3], "G": [1e-3]})
    >>> round(float(flask.of("HG")[0]) * 1e3, 4)
    0.382
    """

    def __init__(self, source: str | System, *, file: str = "<text>") -> None:
        from surfacechem.notation import parse, render

        super().__init__(source if isinstance(source, System) else parse(source, file=file))
        self.text = render(source) if isinstance(source, System) else source
        self.file = file

    def fit(
        self,
        *data: Titration | str | PathLike[str],
        level: float = CONFIDENCE_LEVEL,
        known: Known | None = None,
        corrections: Sequence[Correction] = (),
        loss: str = "squares",
        hold: Mapping[str, str] | None = None,
        start: Mapping[str, str] | None = None,
        allow: Sequence[str] = (),
    ) -> Fit:
        """Fit the free constants to titrations; no starting values are needed.

        Parameters
        ----------
        *data : Titration or path
            One data set or more; paths are read by `read` without options.
        level : float
            Confidence level of the intervals.
        known : mapping of str to mapping of str to ndarray, or to path, optional
            Molar spectra that are known [L/(mol cm)], per observable and entity, or a table of them in a file.
        corrections : sequence of Correction, optional
            Active shares and impurities of what was put in, fitted along.
        loss : str
            ``"squares"``, or ``"robust"``: outliers are set aside and named.
        hold : mapping of str to str, optional
            Constants held at a value, ``{"K[11]": "2500 /M"}``, whatever the model says of them.
        start : mapping of str to str, optional
            Values from which one more descent begins; the search of the whole range takes place all the same.
        allow : sequence of str
            Facts that are right in this case however unusual: ``["scale"]``.

        Raises
        ------
        FitError
            If model and data do not fit each other.
        UnknownNameError
            If a constant to be held or started is not in the model.
        """
        from surfacechem.api.asking import Request
        from surfacechem.api.fit import Fit
        from surfacechem.api.knowing import known_files, known_spectra
        from surfacechem.fitting import fit
        from surfacechem.io import read
        from surfacechem.records import Titration

        titrations = _distinct(each if isinstance(each, Titration) else read(each) for each in data)
        spectra = known_spectra(known or {}, titrations)
        files = known_files(known or {})
        stated = {"hold": dict(hold or {}), "start": dict(start or {}), "known": files}
        request = Request(loss=loss, allow=tuple(allow), **stated)
        model, notes = _shared(self._restated(request), titrations, spectra, corrections)
        result = fit(model, titrations, level=level, known=spectra, corrections=corrections, loss=loss, allow=allow)
        return Fit(
            model=model,
            data=titrations,
            result=replace(result, notes=(*result.notes, *notes)) if notes else result,
            known=spectra,
            corrections=tuple(corrections),
            request=request,
        )

    def _restated(self, request: Request) -> Model:
        """Return the model with constants held and started as asked."""
        from surfacechem.api.asking import restate

        return Model(restate(self.system, request), file=self.file) if request.hold or request.start else self

    def predict(self, feed: Mapping[str, Amount], **options: Unpack[PredictionOptions]) -> Prediction:
        """Predict coverage, ligand counts, speciation and spectra of what was put in a flask.

        Parameters
        ----------
        feed : mapping
            Feed to amount: ``{"InP37": "0.5 mM", "HO2CR'": "0..100 equiv per InP37 in 101"}``.
        **options
            ``titrant``, ``volume`` and ``added`` (then `feed` is what is in the vessel), ``constants``, ``level``,
            ``n_draws`` and ``seed``, ``window`` and ``path_length`` of spectra; see `surfacechem.prediction.predict`.
        """
        from surfacechem.api.predicting import predict_flask

        return predict_flask(self, feed, **options)

    def plan(
        self,
        feed: Mapping[str, str] | None = None,
        *,
        cell: Mapping[str, str] | None = None,
        titrant: Mapping[str, str] | None = None,
        volume: str = "",
        additions: Sequence[str] = (),
        n_points: int = PLANNED_POINTS,
        **expected: Unpack[Expected],
    ) -> Forecast:
        """Say which run would pin the constants most, before anything is measured.

        Parameters
        ----------
        feed : mapping, optional
            Flasks that can be made: ``{"Host": "1 mM", "Guest": "0..20 mM in 41"}``; all combinations are looked at.
        cell, titrant : mapping, optional
            Instead, a titration: what is in the vessel and what is added, ``{"P": "5..500 uM"}``.
        volume : str
            Volume before the first addition; by default the cell that a calorimetry line states.
        additions : sequence of str
            Numbers and volumes of additions to compare: ``["25 x 10 uL"]``.
        n_points : int
            How many flasks to make.
        **expected
            ``guess={"K[11]": "1e3..1e6 /M"}``, ``amplitudes={"delta[HG]": "0.4 ppm"}``, ``noise={"delta": "2 ppb"}``,
            ``technique="itc"``, ``criterion="D"``, ``level=0.95``: see `surfacechem.api.expecting.Expectation`.

        Raises
        ------
        SurfaceChemError
            If something is missing or cannot be read.
        """
        from surfacechem.api.expecting import Expectation
        from surfacechem.api.foreseeing import foresee_flasks, foresee_titrations

        expectation = Expectation(**expected)
        if feed:
            return foresee_flasks(self, feed, n_points=n_points, expectation=expectation)
        return foresee_titrations(
            self,
            cell=cell or {},
            titrant=titrant or {},
            volume=volume,
            additions=additions,
            expectation=expectation,
        )

    def sweep(
        self, vary: Mapping[str, Span], *, feed: Mapping[str, Amount], **options: Unpack[SweepOptions]
    ) -> xr.Dataset:
        """Solve the model under all combinations of what is varied; see `surfacechem.sweep.sweep`.

        Parameters
        ----------
        vary : mapping
            ``{"K[X1]": "1e-3..1e3 in 61", "HO2CR'": "0..5 equiv per native ligand in 51"}``.
        feed : mapping
            What is put in beside that: ``{"InP37": "0.5 mM"}``.
        **options
            ``design``, ``n_points``, ``n_draws``, ``seed``, ``constants``, ``keep``, ``store``, ``resume``,
            ``executor``, ``chunk``, ``progress``.
        """
        from surfacechem.sweep import sweep

        return sweep(self, vary, feed=feed, **options)

    def show(self) -> str:
        """Return reactions, balances, binding polynomial, statistical factors, rank and constants as text."""
        from surfacechem.symbolic.render import describe

        return "\n\n".join(section.to_table().to_text() for section in describe(self.system))

    def _repr_html_(self) -> str:
        from surfacechem.report import equations_html

        return equations_html(self.system)

    def _repr_latex_(self) -> str:
        from surfacechem.symbolic.render import describe

        return "\n".join(section.to_latex() for section in describe(self.system))


def _shared(
    model: Model, data: Sequence[Titration], known: KnownSpectra, corrections: Sequence[Correction]
) -> tuple[Model, tuple[str, ...]]:
    """Return the model with what several data sets share of bands as constants, and notes."""
    from surfacechem.fitting.pooling import share_bands

    shared = share_bands(model, data, known=known, corrections=corrections)
    return (model, ()) if shared is None else (Model(shared[0], file=model.file), shared[1])


def _distinct(data: Iterable[Titration]) -> tuple[Titration, ...]:
    """Return the data under different names: files of one name in several folders get a number.

    Raises
    ------
    DataError
        If the same measurements come twice, which would make every interval too narrow.
    """
    named: list[Titration] = []
    for each in data:
        twin = next((other for other in named if each.is_repeated_in(other)), None)
        if twin is not None:
            found = f"the same numbers as in '{twin.name}'"
            raise DataError(f"data '{each.name}'", found=found, allowed="each measurement once", advice="leave one out")
        taken = {other.name for other in named}
        names = (each.name if number == 1 else f"{each.name} ({number})" for number in count(1))
        name = next(name for name in names if name not in taken)
        named.append(each if name == each.name else replace(each, name=name))
    return tuple(named)

"""What a fit found: frozen records of numbers and named facts. A result solves nothing and draws nothing."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (read back by type)
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.convention import Role
from surfacechem.display import (
    Fact,
    Table,
    Tone,
    facts_html,
    facts_text,
)
from surfacechem.errors import UnknownNameError
from surfacechem.fitting.estimate import Estimate, Scale, place_heading
from surfacechem.fitting.feeding import Feeding  # noqa: TC001  (read back by type)
from surfacechem.fitting.influence import Influence  # noqa: TC001  (read back by type)
from surfacechem.fitting.shown import amplitudes_of, is_told, rmse_of
from surfacechem.records import Technique  # noqa: TC001  (read back by type)

__all__ = ["DatasetFit", "FitResult", "Minimum", "SignalFit"]

Floats = NDArray[np.float64]

PREFIXED_UNITS = ("mol/L", "J", "eV")
EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class SignalFit:
    """One group of channels that shares an observation model and a noise level.

    Attributes
    ----------
    name : str
        Names of the observables; of a signal that shares its observable with others, its own (``"A.2"``).
    technique : Technique
        What was measured.
    channels : tuple of str
        One label per column of `measured`.
    unit : str
        Unit of `measured`.
    axis : ndarray, shape (n_channels,), optional
        Wavelength of each channel [nm].
    measured, fitted : ndarray, shape (n_points, n_channels)
        NaN where nothing was measured; the fit is given everywhere.
    sigma : ndarray, shape (n_points, n_channels), optional
        Standard deviations, where they were given.
    noise : float, optional
        Standard deviation of the values as estimated from the residuals, amplitudes and parameters counted; None
        where sigmas are given or no degree of freedom is left.
    rmse : float
        Root of the mean squared residual, nothing counted.
    components : tuple of str
        What the fitted values are a sum of: entities, ``"scale"``, ``"baseline"``, ``"dilution"``.
    amplitudes, amplitude_stderr : ndarray, shape (n_components, n_channels)
        Limiting shifts, molar spectra [L/(mol cm)], heats [J/mol] or scale factors; the error includes that of
        the constants, and is 0 for known amplitudes, NaN for those not determined.
    path_length : float
        Optical path [cm].
    n_independent : float, optional
        Independent channels that would say as much, where channels share noise; None: as many as there are.
    n_values : float
        Values that were measured, each as much as its point counts.
    n_amplitudes : int
        Amplitudes that were eliminated.
    deviance : float
        -2 ln L of its values, normal errors, noise at its maximum-likelihood value where it was estimated.
    """

    name: str
    technique: Technique
    channels: tuple[str, ...]
    unit: str
    axis: Floats | None
    measured: Floats
    fitted: Floats
    sigma: Floats | None
    noise: float | None
    rmse: float
    components: tuple[str, ...]
    amplitudes: Floats
    amplitude_stderr: Floats
    path_length: float = 1.0
    n_independent: float | None
    n_values: float
    n_amplitudes: int
    deviance: float

    @property
    def residuals(self) -> Floats:
        """Measured minus fitted, shape (n_points, n_channels)."""
        return self.measured - self.fitted


@dataclass(frozen=True, kw_only=True, eq=False)
class DatasetFit:
    """One data set of a fit.

    Attributes
    ----------
    name, source, sha256 : str
        As in the data.
    labels : tuple of str
        One per point.
    feeds : tuple of str
        The network's feeds.
    amounts : ndarray, shape (n_points, n_feeds)
        What was put in, fitted concentrations filled in [mol/L].
    signals : tuple of SignalFit
        What was measured and fitted.
    weights : ndarray, shape (n_points,), optional
        How much each point counted in a robust fit.
    temperature : float, optional
        At which it was measured [K]; None: that of the model.
    added : ndarray, shape (n_points,), optional
        Volume added so far [L].
    stated : ndarray, shape (n_points, n_feeds), optional
        What the data say of `amounts` [mol/L]; NaN where a concentration was fitted.
    feedings : tuple of Feeding
        The way from `stated` to `amounts`, by the fitted parameters.
    """

    name: str
    source: str
    sha256: str
    labels: tuple[str, ...]
    feeds: tuple[str, ...]
    amounts: Floats
    signals: tuple[SignalFit, ...]
    weights: Floats | None = None
    temperature: float | None = None
    added: Floats | None = None
    stated: Floats | None = None
    feedings: tuple[Feeding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Minimum:
    """A minimum of the misfit.

    Attributes
    ----------
    log10_values : tuple of float
        The fitted parameters there.
    deviance_rise : float
        Rise of -2 ln L above the best minimum.
    """

    log10_values: tuple[float, ...]
    deviance_rise: float


@dataclass(frozen=True, kw_only=True, eq=False)
class FitResult:
    """Everything that a fit found.

    Attributes
    ----------
    estimates : tuple of Estimate
        Every constant of the model, then fitted concentrations.
    parameter_names : tuple of str
        What was fitted, in the order of `covariance`.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Covariance of log10 of the parameters; NaN where not determined.
    level : float
        Confidence level of the intervals.
    datasets : tuple of DatasetFit
        The data, the fitted curves and the amplitudes.
    facts : tuple of Fact
        Verdicts, each with a sentence and, where it is bad news, advice.
    minima : tuple of Minimum
        All distinct minima that were met, best first.
    n_values, n_amplitudes, n_parameters : int
        Counts of measured values, eliminated amplitudes and fitted parameters.
    dof : float
        Degrees of freedom left.
    student_dof : tuple of float or None
        Degrees of freedom of Student's t behind the error of each parameter; None where all sigmas are given. They are
        `dof` for one signal; several noises that are estimated leave fewer (docs/fitting.md).
    deviance : float
        -2 ln L, normal errors, noise at its maximum-likelihood value where it was estimated.
    aicc, bic : float
        Information criteria; amplitudes and estimated noise count as parameters. AICc is None where the data are
        too few for it.
    ssr : float
        Sum of squared residuals over sigma, or in squared units where there is no sigma and one signal.
    n_passes : int
        Evaluations of the residuals, each for a batch of starts.
    seed : int, optional
        Seed of random draws, where some were made.
    versions : mapping of str to str
        Version of the package and of numpy.
    notes : tuple of str
        What was assumed.
    influence : Influence, optional
        What leaving out each point does; None where there is too little, or too much, to leave out.
    """

    estimates: tuple[Estimate, ...]
    parameter_names: tuple[str, ...]
    covariance: Floats
    level: float
    datasets: tuple[DatasetFit, ...]
    facts: tuple[Fact, ...]
    minima: tuple[Minimum, ...]
    n_values: int
    n_amplitudes: int
    n_parameters: int
    dof: float
    deviance: float
    aicc: float | None
    bic: float
    ssr: float
    n_passes: int
    seed: int | None = None
    versions: Mapping[str, str]
    notes: tuple[str, ...] = ()
    influence: Influence | None = None
    student_dof: tuple[float | None, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Tell whether the result is to be trusted: no fact is bad news."""
        return all(fact.tone is not Tone.BAD for fact in self.facts)

    @property
    def n_fitted(self) -> int:
        """Count of all that was fitted: parameters, amplitudes and estimated noises."""
        return self.n_parameters + self.n_amplitudes + sum(signal.sigma is None for signal in self.signals)

    @property
    def exit_code(self) -> int:
        """Exit code of a command that ends with this result."""
        return EXIT_GOOD if self.is_valid else EXIT_NOT_TRUSTED

    @property
    def correlation(self) -> Floats:
        """Correlation of the parameters, shape (n_parameters, n_parameters)."""
        stderr = np.sqrt(np.diag(self.covariance))
        correlation: Floats = self.covariance / np.outer(stderr, stderr)
        return correlation

    @property
    def scales(self) -> tuple[Scale, ...]:
        """How the fitted parameters are shown, in the order of `parameter_names`."""
        return tuple(self[name].scale for name in self.parameter_names)

    @property
    def distrust(self) -> str:
        """What to say of everything that follows from this fit; empty where it is to be trusted."""
        if self.is_valid:
            return ""
        faults = " ".join(fact.sentence for fact in self.facts if fact.tone is Tone.BAD)
        return f"The fit that this follows from is not to be trusted: {faults}"

    def caveat(self) -> tuple[Fact, ...]:
        """Return `distrust` as a fact, for what is asked of this fit; nothing where it is to be trusted."""
        said = self.distrust
        return (Fact(name="fit", tone=Tone.BAD, sentence=said),) if said else ()

    @property
    def signals(self) -> tuple[SignalFit, ...]:
        """All signals, data set by data set."""
        return tuple(signal for data in self.datasets for signal in data.signals)

    @property
    def rmse(self) -> float:
        """Root of the mean squared residual over all values; of one unit only where there is one kind of signal."""
        residuals = np.concatenate([signal.residuals.ravel() for signal in self.signals])
        return float(np.sqrt(np.nanmean(residuals**2)))

    def __getitem__(self, name: str) -> Estimate:
        """Return the estimate of that name; ``w[X1]`` and ``W[X1]`` are one coupling."""
        for estimate in self.estimates:
            if name in {estimate.name, estimate.title}:
                return estimate
        names = ", ".join(estimate.title for estimate in self.estimates)
        raise UnknownNameError(f"estimate '{name}'", allowed=names, advice="use one of these names")

    def fact(self, name: str) -> Fact:
        """Return the fact of that name.

        Raises
        ------
        UnknownNameError
            When nothing of that name was found worth saying.
        """
        for fact in self.facts:
            if fact.name == name:
                return fact
        names = ", ".join(fact.name for fact in self.facts)
        raise UnknownNameError(f"fact '{name}'", allowed=names, advice="use one of these names")

    def estimates_table(self) -> Table:
        """Return the constants with their intervals."""
        rows = tuple(
            (each.title, each.rounded(), each.rounded_place(), _role_text(each), each.convention.value)
            for each in self.estimates
        )
        title = f"Constants, {100 * self.level:.4g} % profile-likelihood intervals"
        columns = ("name", "value", place_heading(self.estimates), "role", "convention")
        plain = [each.title for each in self.estimates if each.log10_interval is None and each.log10_stderr is not None]
        notes = [f"{', '.join(plain)}: ± standard error, as several constants take part."] if plain else []
        notes += [f"{each.title}: {each.energy.meaning}." for each in self.estimates if each.energy is not None]
        return Table(columns=columns, rows=rows, title=title, notes=tuple(notes))

    def signals_table(self) -> Table:
        """Return how well each signal is fitted."""
        rows = tuple(
            (data.name, signal.name, str(signal.technique), str(np.isfinite(signal.measured).sum()), rmse_of(signal))
            for data in self.datasets
            for signal in data.signals
        )
        return Table(columns=("data", "signal", "technique", "values", "rmse"), rows=rows, title="Signals")

    def amplitudes_table(self, dataset: int = 0, signal: int = 0) -> Table:
        """Return the amplitudes of one signal with their errors, a row per channel."""
        chosen = self.datasets[dataset]
        return amplitudes_of(chosen.signals[signal], data=chosen.name if len(self.datasets) > 1 else "")

    def amplitude_tables(self) -> list[Table]:
        """Return the amplitudes of every signal where some were fitted and they are few: shifts, spectra, heats."""
        return [
            self.amplitudes_table(number, position)
            for number, data in enumerate(self.datasets)
            for position, signal in enumerate(data.signals)
            if is_told(signal)
        ]

    def __repr__(self) -> str:
        """Return the fitted values on one line."""
        fitted = ", ".join(f"{each.title} = {each.rounded()}" for each in self.estimates if each.role is Role.FREE)
        return f"<FitResult: {fitted}; {'valid' if self.is_valid else 'not to be trusted'}>"

    def __str__(self) -> str:
        """Return tables and facts as text."""
        return "\n\n".join([self.estimates_table().to_text(), self.signals_table().to_text(), facts_text(self.facts)])

    def _repr_html_(self) -> str:
        return self.estimates_table().to_html() + self.signals_table().to_html() + facts_html(self.facts)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; `from_dict` gives the same numbers back."""
        from surfacechem.fitting.serial import to_plain

        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> FitResult:
        """Return the result that `to_dict` described.

        Raises
        ------
        DataError
            If the mapping is not one of a fit.
        """
        from surfacechem.fitting.serial import from_plain

        return from_plain(plain, cls)


def _role_text(estimate: Estimate) -> str:
    if estimate.role is Role.FREE:
        if estimate.log10_interval == (None, None):
            return "fitted, not determined"
        return "fitted, bound only" if estimate.is_bound_only else "fitted"
    return "follows" if estimate.role is Role.TIED else "fixed"

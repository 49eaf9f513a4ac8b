"""What a fit may move: ln K of free constants and ln c of unknown concentrations, with bounds and priors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.convention import Convention, Role
from surfacechem.constants import LN10
from surfacechem.errors import FitError
from surfacechem.fitting.feeding import collect_feedings
from surfacechem.network.warming import SAME_TEMPERATURE, at_reference, athermal, warmed_by, warming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.fitting.feeding import Correction, Feeding
    from surfacechem.network import Network
    from surfacechem.records import Titration

    Floats = NDArray[np.float64]

__all__ = ["Parameters", "collect_parameters", "log10_window"]

SEARCH_DECADES = 6.0
"""Constants are searched this many decades to either side of the one that half-binds at the concentrations used."""
WALL_DECADES = 12.0
"""A constant without stated bounds stops here: beyond, no experiment at these concentrations can tell."""
COUPLING_DECADES = 3.0
"""Couplings between neighbours are searched from -17 to 17 kJ/mol; from 9.9 on (4RT) a mean field has three answers."""
ENTHALPY_DECADES = 17.5
ENTHALPY_WALL = 88.0
"""Enthalpies are searched from -100 to 100 kJ/mol and never left 500 kJ/mol, exp(dH/RT) at room temperature."""
NUMBER_DECADES = 0.3
NUMBER_WALL = 2.0
"""Numbers of sites are searched within a factor of two of what is stated, and never left farther than a hundred."""
OPTICAL_WALL = 2.0
OPTICAL_DECADES = 0.15
"""Numbers of bands are seen at a glance: looked for within a factor of 1.4, and never left farther than 100."""
WALLS = {
    Convention.SITES: (NUMBER_WALL, NUMBER_DECADES),
    Convention.NEIGHBOURS: (WALL_DECADES, COUPLING_DECADES),
    Convention.OPTICAL: (OPTICAL_WALL, OPTICAL_DECADES),
    Convention.ENTHALPY: (ENTHALPY_WALL, ENTHALPY_DECADES),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameters:
    """The vector a fit moves, in natural logarithms.

    Attributes
    ----------
    names : tuple of str
        ``"K[11]"``, ``"c[Host] of run 1"``.
    lower, upper : ndarray, shape (n_parameters,)
        Stated bounds, or walls far outside what the data can tell.
    is_bounded : ndarray of bool, shape (n_parameters,)
        Whether the bounds were stated.
    search_lower, search_upper : ndarray, shape (n_parameters,)
        Box in which starts are placed.
    prior_mean, prior_stderr : ndarray, shape (n_parameters,)
        Gaussian priors; NaN where there is none.
    stated : ndarray, shape (n_parameters,)
        Values that the model gives to begin at; NaN where it gives none.
    theta_matrix : ndarray, shape (n_constants, n_parameters)
        ``theta = theta_offset[d] + theta_warming[d] @ theta_matrix @ p`` gives ln of all constants in data set ``d``.
    theta_reference : ndarray, shape (n_constants,)
        Fixed constants at the model's temperature, 0 for free ones.
    theta_offset : ndarray, shape (n_datasets, n_constants)
        The same at the temperature of each data set, and the way there for free ones.
    theta_warming : ndarray, shape (n_datasets, n_constants, n_constants)
        What the temperature of each data set makes of ln of the free ones (`network.warming`).
    feedings : tuple of Feeding
        What fitted amounts do to the stated ones, in this order.
    feed_units : tuple of str
        Units of the fitted amounts, which are the last parameters.
    """

    names: tuple[str, ...]
    lower: Floats
    upper: Floats
    is_bounded: NDArray[np.bool_]
    search_lower: Floats
    search_upper: Floats
    prior_mean: Floats
    prior_stderr: Floats
    stated: Floats
    theta_matrix: Floats
    theta_reference: Floats
    theta_offset: Floats
    theta_warming: Floats
    feedings: tuple[Feeding, ...] = ()
    feed_units: tuple[str, ...] = ()

    @cached_property
    def has_prior(self) -> NDArray[np.bool_]:
        """Mask of the parameters with a prior."""
        return np.isfinite(self.prior_mean)

    def theta_at(self, dataset: int, parameters: Floats) -> Floats:
        """Return ln of all constants at the temperature of a data set, shape (n_constants,)."""
        theta: Floats = self.theta_offset[dataset] + self.theta_warming[dataset] @ (self.theta_matrix @ parameters)
        return theta


def log10_window(constant: EquilibriumConstant, concentration: float) -> float:
    """Return log10 of the constant that half-binds at a concentration [mol/L]: the middle of the search."""
    return float(constant.molar_exponent) * math.log10(concentration)


def collect_parameters(
    network: Network, datasets: Sequence[Titration], corrections: Sequence[Correction] = ()
) -> tuple[Parameters, tuple[str, ...]]:
    """Return the parameters of a fit and the notes on what was assumed.

    Raises
    ------
    FitError
        If nothing is free, a fixed constant has no value, or a concentration is known at some points only.
    """
    constants = network.constants
    # Constants that are tied, or that follow from others by a cycle, are no longer among these.
    free = [index for index, constant in enumerate(constants) if constant.role is Role.FREE]
    reference = _fixed_values(network)
    offset, warmings, notes = _at_temperatures(network, datasets, reference)
    typical = _typical_concentration(datasets)
    amounts, feedings = collect_feedings(network, datasets, corrections, typical=typical, n_before=len(free))
    brought = [at_reference(constants[index], network.system.temperature) for index in free]
    rows = [*(_constant_row(each, typical) for each in brought), *(each.row for each in amounts)]
    if not rows:
        raise _nothing_free()
    lower, upper, is_bounded, search_lower, search_upper, mean, stderr = np.array(rows).T.copy()
    stated = [each.log10_value for each in brought] + [None] * len(amounts)
    return Parameters(
        names=(*(constants[index].name for index in free), *(each.name for each in amounts)),
        lower=lower,
        upper=upper,
        is_bounded=is_bounded > 0,
        search_lower=search_lower,
        search_upper=search_upper,
        prior_mean=mean,
        prior_stderr=stderr,
        stated=np.array([np.nan if value is None else value * LN10 for value in stated]),
        theta_matrix=_selection(len(constants), free, len(rows)),
        theta_reference=reference,
        theta_offset=offset,
        theta_warming=warmings,
        feedings=tuple(feedings),
        feed_units=tuple(each.unit for each in amounts),
    ), notes


def _nothing_free() -> FitError:
    return FitError(
        "parameters of the fit",
        found="every constant is fixed and every concentration known",
        allowed="at least one constant to be fitted",
        advice="write '; K = fit' after a reaction, or predict instead of fitting",
    )


def _selection(n_constants: int, free: Sequence[int], n_parameters: int) -> Floats:
    """Return the matrix that puts the first parameters in the places of the free constants."""
    matrix = np.zeros((n_constants, n_parameters))
    matrix[free, np.arange(len(free))] = 1.0
    return matrix


def _fixed_values(network: Network) -> Floats:
    """Return ln K of the fixed constants at the model's temperature, 0 for the free ones."""
    is_free = [constant.role is Role.FREE for constant in network.constants]
    fixed = np.where(is_free, 0.0, network.ln_constants)
    lacking = [
        constant.name for constant, value in zip(network.constants, fixed, strict=True) if not np.isfinite(value)
    ]
    if lacking:
        raise FitError(
            f"constant {', '.join(lacking)}", found="fixed, without a value", advice="give the value, or write 'fit'"
        )
    return fixed


def _at_temperatures(
    network: Network, datasets: Sequence[Titration], fixed: Floats
) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Return ln K of the fixed constants per data set with the step of the free ones, their matrices, and notes."""
    reference = network.system.temperature
    _refuse_one_temperature(network, {data.temperature or reference for data in datasets})
    warmings = [warming(network, data.temperature) for data in datasets]
    still = athermal(network)
    notes = [
        f"{data.name}: measured at {data.temperature:.2f} K, the model is stated at {reference:.2f} K; "
        f"{', '.join(still)} without dH taken as the same at both."
        for data in datasets
        if data.temperature is not None and still and abs(data.temperature - reference) >= SAME_TEMPERATURE
    ]
    return np.array([warm.of(fixed) for warm in warmings]), np.array([warm.matrix for warm in warmings]), tuple(notes)


def _refuse_one_temperature(network: Network, temperatures: set[float]) -> None:
    """Raise where an enthalpy is to be found of which neither data at several temperatures nor a prior tell."""
    open_ones = [network.constants[place] for place in warmed_by(network).values()]
    lacking = [each.name for each in open_ones if each.role is Role.FREE and each.log10_stderr is None]
    if lacking and max(temperatures) - min(temperatures) < SAME_TEMPERATURE:
        raise FitError(
            ", ".join(lacking),
            found=f"all data at {min(temperatures):.2f} K",
            allowed="an enthalpy to be fitted with data at two temperatures or more",
            advice="give each data file its '# temperature: 5 degC', or say what is known: dH = -30 +/- 5 kJ/mol fit",
        )


def _typical_concentration(datasets: Sequence[Titration]) -> float:
    amounts = np.concatenate([data.amounts[np.isfinite(data.amounts) & (data.amounts > 0)] for data in datasets])
    if not amounts.size:
        raise FitError(
            "concentrations of the data",
            found="no amount above zero",
            allowed="at least one known concentration",
            advice="give what was put in, in a column with a concentration unit or as stock and volumes",
        )
    return float(np.exp(np.mean(np.log(amounts))))


Row = tuple[float, float, float, float, float, float, float]


def _constant_row(constant: EquilibriumConstant, typical: float) -> Row:
    is_number = constant.convention in {Convention.SITES, Convention.OPTICAL}
    middle = constant.known_log10 if is_number else log10_window(constant, typical)
    stated = middle if constant.log10_value is None else constant.log10_value
    wall, search = WALLS.get(constant.convention, (WALL_DECADES, SEARCH_DECADES))
    walls = (min(middle, stated) - wall, max(middle, stated) + wall)
    low, high = constant.log10_bounds or walls
    search_low, search_high = max(low, middle - search), min(high, middle + search)
    if search_low > search_high:  # stated bounds that lie outside the usual window are the window
        search_low, search_high = low, high
    has_prior = constant.log10_stderr is not None and constant.log10_value is not None
    prior = (constant.log10_value, constant.log10_stderr) if has_prior else (np.nan, np.nan)
    is_bounded = constant.log10_bounds is not None
    logs = np.array([low, high, search_low, search_high, *prior], dtype=float) * LN10
    return (logs[0], logs[1], float(is_bounded), *logs[2:])

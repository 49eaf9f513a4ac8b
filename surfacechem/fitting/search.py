"""Find the best fit without being told where to start: a grid over all constants, then every hollow of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.lanes import minimise
from surfacechem.fitting.noise import deviance, estimate_noise, measure_information

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Costs, Objective
    from surfacechem.fitting.parameters import Parameters

    Floats = NDArray[np.float64]

__all__ = ["Found", "add_minimum", "find_minima", "refine"]

GRID_SIDES = {1: 25, 2: 13, 3: 7}
"""Grid points per parameter: half, one and two decades apart."""
N_SCATTERED = 384
"""Starts for four parameters and more, spread evenly (a Halton sequence, always the same)."""
NEARLY_KNOWN = 1.2
"""Width of a window, in natural logarithms, below which a parameter is not tried at several places."""
N_REFINED = 6
MAX_NOISE_ROUNDS = 12
NOISE_RTOL = 1e-6
TIE = 1e-4
"""Difference of -2 ln L within which two minima fit equally well."""
BARRIER = 1e-3
"""Rise of -2 ln L between two ends that makes them two minima instead of two places in one valley."""
N_BETWEEN = 9


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """Distinct minima, best first.

    Attributes
    ----------
    parameters : ndarray, shape (n_minima, n_parameters)
        Where they lie.
    deviance : ndarray, shape (n_minima,)
        -2 ln L up to a constant, at the best noise of each.
    is_converged : ndarray of bool, shape (n_minima,)
        Whether the minimiser came to rest there.
    n_passes : int
        Evaluations of the batch.
    """

    parameters: Floats
    deviance: Floats
    is_converged: NDArray[np.bool_]
    n_passes: int


def find_minima(objective: Objective) -> Found:
    """Return the distinct minima of an objective, best first."""
    starts, side, n_tried = _starts(objective.parameters)
    heights = _heights(objective, starts)
    hollows = starts[_hollows(heights, side, n_tried)]
    stated = objective.parameters.stated
    if np.isfinite(stated).any():
        # What the model leaves open begins where the best point of the grid has it.
        hollows = np.concatenate([hollows, [np.where(np.isfinite(stated), stated, hollows[0])]])
    return _distinct(objective, refine(objective, hollows))


def add_minimum(objective: Objective, found: Found, start: Floats) -> Found:
    """Follow one more start down and return the distinct minima again."""
    again = refine(objective, start[np.newaxis])
    both = Found(
        parameters=np.concatenate([again.parameters, found.parameters]),
        deviance=np.concatenate([again.deviance, found.deviance]),
        is_converged=np.concatenate([again.is_converged, found.is_converged]),
        n_passes=again.n_passes + found.n_passes,
    )
    return _distinct(objective, both)


def refine(objective: Objective, starts: Floats) -> Found:
    """Minimise from each start, noise and parameters in turn until both rest."""
    box = objective.parameters
    parameters, n_passes = starts, 0
    noise = np.ones((len(starts), len(objective.blocks)))
    if objective.weighs_noise:
        noise = _noise_at(objective, parameters, objective.block_costs(parameters))
    for _ in range(MAX_NOISE_ROUNDS):
        held = noise
        minima = minimise(
            lambda trial, lanes: objective.evaluate(trial, held[lanes], lanes),  # noqa: B023  (called before the next round)
            parameters,
            lower=box.lower,
            upper=box.upper,
        )
        parameters, n_passes = minima.parameters, n_passes + minima.n_passes
        costs = objective.block_costs(parameters)
        if not objective.weighs_noise:
            break
        noise = _noise_at(objective, parameters, costs)
        if np.allclose(noise, held, rtol=NOISE_RTOL, atol=0.0):
            break
    return Found(
        parameters=parameters,
        deviance=deviance(objective, parameters, costs),
        is_converged=minima.is_converged,
        n_passes=n_passes,
    )


def _distinct(objective: Objective, found: Found) -> Found:
    """Return the ends between which there are barriers, best first; of equal ones the nearest to what is stated."""
    away = np.nan_to_num(np.abs(found.parameters - objective.parameters.stated)).sum(axis=1)
    best = found.deviance.min()
    order = np.lexsort((away, np.where(found.deviance <= best + TIE, best, found.deviance)))
    kept = [int(order[0])]
    for lane in order[1:]:
        if np.isfinite(found.deviance[lane]) and all(_is_apart(objective, found, lane, other) for other in kept):
            kept.append(int(lane))
    return Found(
        parameters=found.parameters[kept],
        deviance=found.deviance[kept],
        is_converged=found.is_converged[kept],
        n_passes=found.n_passes,
    )


def _noise_at(objective: Objective, parameters: Floats, costs: Costs) -> Floats:
    return estimate_noise(objective, costs, measure_information(objective, parameters)).sigma


def _heights(objective: Objective, parameters: Floats) -> Floats:
    return deviance(objective, parameters, objective.block_costs(parameters))


def _starts(box: Parameters) -> tuple[Floats, int | None, int]:
    """Return the starts, how many parameters they try, and, where they form a grid, its side.

    What is known to a small factor begins in the middle and is left to the descent.
    """
    tried = np.flatnonzero(box.search_upper - box.search_lower > NEARLY_KNOWN)
    n_tried, side = len(tried), GRID_SIDES.get(len(tried))
    if side is not None:
        axis = np.linspace(0.0, 1.0, side)
        unit = np.stack(np.meshgrid(*[axis] * n_tried, indexing="ij"), axis=-1).reshape(-1, n_tried)
    elif n_tried:
        from scipy.stats import qmc

        unit = qmc.Halton(n_tried, scramble=False).random(N_SCATTERED + 1)[1:]
    else:
        unit = np.zeros((1, 0))
    starts = np.tile(0.5 * (box.search_lower + box.search_upper), (len(unit), 1))
    starts[:, tried] = box.search_lower[tried] + unit * (box.search_upper - box.search_lower)[tried]
    return starts, side, n_tried


def _hollows(heights: Floats, side: int | None, n_parameters: int) -> NDArray[np.intp]:
    """Return the best starts: those that no neighbour on the grid beats."""
    order = np.argsort(heights, kind="stable")
    if side is None:
        return order[:N_REFINED]
    from scipy.ndimage import minimum_filter

    grid = heights.reshape((side,) * n_parameters)
    is_lowest = (minimum_filter(grid, size=3, mode="nearest") == grid).ravel()
    lowest: NDArray[np.intp] = order[is_lowest[order]]
    return lowest[:N_REFINED]


def _is_apart(objective: Objective, found: Found, lane: int, other: int) -> bool:
    """Tell whether the straight way between two ends crosses a barrier."""
    share = np.linspace(0.0, 1.0, N_BETWEEN + 2)[1:-1, np.newaxis]
    between = (1 - share) * found.parameters[lane] + share * found.parameters[other]
    higher = max(found.deviance[lane], found.deviance[other])
    return bool(_heights(objective, between).max() > higher + BARRIER)

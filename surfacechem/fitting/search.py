"""Find the best fit without being told where to start: a grid over all constants, then every hollow of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.lanes import minimise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.parameters import Parameters

    Floats = NDArray[np.float64]

__all__ = ["Found", "estimate_noise", "find_minima", "refine"]

GRID_SIDES = {1: 25, 2: 13, 3: 7}
"""Grid points per parameter: half, one and two decades apart."""
N_SCATTERED = 384
"""Starts for four parameters and more, spread evenly (a Halton sequence, always the same)."""
N_REFINED = 6
MAX_NOISE_ROUNDS = 12
NOISE_RTOL = 1e-6
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
    noise : ndarray, shape (n_minima, n_blocks)
        Noise of each block there; 1 where sigmas are given.
    n_passes : int
        Evaluations of the batch.
    """

    parameters: Floats
    deviance: Floats
    is_converged: NDArray[np.bool_]
    noise: Floats
    n_passes: int


def find_minima(objective: Objective) -> Found:
    """Return the distinct minima of an objective, best first."""
    starts, side = _starts(objective.parameters)
    deviance = _deviance(objective, starts)
    found = refine(objective, starts[_hollows(deviance, side, starts.shape[1])])
    order = np.argsort(found.deviance)
    kept: list[int] = []
    for lane in order:
        if np.isfinite(found.deviance[lane]) and all(_is_apart(objective, found, lane, other) for other in kept):
            kept.append(int(lane))
    kept = kept or [int(order[0])]
    return Found(
        parameters=found.parameters[kept],
        deviance=found.deviance[kept],
        is_converged=found.is_converged[kept],
        noise=found.noise[kept],
        n_passes=found.n_passes + 1,
    )


def refine(objective: Objective, starts: Floats) -> Found:
    """Minimise from each start, noise and parameters in turn until both rest."""
    box = objective.parameters
    parameters, n_passes = starts, 0
    noise = estimate_noise(objective, parameters)
    weighs_noise = _noise_matters(objective)
    for _ in range(MAX_NOISE_ROUNDS):
        held = noise
        minima = minimise(
            lambda trial, lanes: objective.evaluate(trial, held[lanes]),  # noqa: B023  (called before the next round)
            parameters,
            lower=box.lower,
            upper=box.upper,
        )
        parameters, n_passes = minima.parameters, n_passes + minima.n_passes
        noise = estimate_noise(objective, parameters)
        if not weighs_noise or np.allclose(noise, held, rtol=NOISE_RTOL, atol=0.0):
            break
    return Found(
        parameters=parameters,
        deviance=_deviance(objective, parameters),
        is_converged=minima.is_converged,
        noise=noise,
        n_passes=n_passes,
    )


def estimate_noise(objective: Objective, parameters: Floats) -> Floats:
    """Return the noise of each block (n_lanes, n_blocks): from its residuals, or 1 where sigmas are given.

    Amplitudes are counted as lost degrees of freedom; the few parameters are shared among all blocks and
    counted at the end, where the covariance is.
    """
    cost, _ = objective.block_costs(parameters)
    free = np.maximum(objective.n_values - objective.n_free_amplitudes, 1)
    noise = np.sqrt(cost / free)
    return np.where(objective.is_noise_given, 1.0, np.maximum(noise, objective.noise_floor))


def _noise_matters(objective: Objective) -> bool:
    """Tell whether estimated noise weighs blocks, or data and priors, against each other."""
    n_estimated = int(np.sum(~objective.is_noise_given))
    others = len(objective.blocks) + int(objective.parameters.has_prior.sum())
    return n_estimated > 0 and others > 1


def _deviance(objective: Objective, parameters: Floats) -> Floats:
    """Return -2 ln L up to a constant; noise that is not given is at its best."""
    cost, is_solved = objective.block_costs(parameters)
    floor = objective.n_values * objective.noise_floor**2
    estimated = objective.n_values * np.log(np.maximum(cost, np.maximum(floor, np.finfo(float).tiny)))
    total = np.where(objective.is_noise_given, cost, estimated).sum(axis=1) + objective.prior_cost(parameters)
    return np.where(is_solved & np.isfinite(total), total, np.inf)


def _starts(box: Parameters) -> tuple[Floats, int | None]:
    """Return the starts and, where they form a grid, its side."""
    n_parameters = len(box.names)
    side = GRID_SIDES.get(n_parameters)
    if side is None:
        from scipy.stats import qmc

        unit = qmc.Halton(n_parameters, scramble=False).random(N_SCATTERED + 1)[1:]
    else:
        axis = np.linspace(0.0, 1.0, side)
        unit = np.stack(np.meshgrid(*[axis] * n_parameters, indexing="ij"), axis=-1).reshape(-1, n_parameters)
    return box.search_lower + unit * (box.search_upper - box.search_lower), side


def _hollows(deviance: Floats, side: int | None, n_parameters: int) -> NDArray[np.intp]:
    """Return the best starts: those that no neighbour on the grid beats."""
    order = np.argsort(deviance, kind="stable")
    if side is None:
        return order[:N_REFINED]
    from scipy.ndimage import minimum_filter

    grid = deviance.reshape((side,) * n_parameters)
    is_lowest = (minimum_filter(grid, size=3, mode="nearest") == grid).ravel()
    lowest: NDArray[np.intp] = order[is_lowest[order]]
    return lowest[:N_REFINED]


def _is_apart(objective: Objective, found: Found, lane: int, other: int) -> bool:
    """Tell whether the straight way between two ends crosses a barrier."""
    share = np.linspace(0.0, 1.0, N_BETWEEN + 2)[1:-1, np.newaxis]
    between = (1 - share) * found.parameters[lane] + share * found.parameters[other]
    higher = max(found.deviance[lane], found.deviance[other])
    return bool(_deviance(objective, between).max() > higher + BARRIER)

"""Levenberg-Marquardt steps of many small problems, compiled: every lane is damped and judged by itself.

Of the Jacobian J and the residual r only the triangular factor of ``[J r]`` is kept: it holds all that a step needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numba import njit

from surfacechem.numerics.factors import SUMS, copy, reduce

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Indices = NDArray[np.intp]

__all__ = ["FIRST_DAMPING", "judge", "propose"]

FIRST_DAMPING: Final = 1e-3
LEAST_DAMPING: Final = 1e-12
LARGEST_DAMPING: Final = 1e10
GOOD_GAIN: Final = 0.75
POOR_GAIN: Final = 0.25
LONGEST_STEP: Final = 4.0
"""Longest step of a parameter; parameters are natural logarithms, so this is a factor of 55."""
COST_RTOL: Final = 1e-10
"""A predicted fall of the cost below this share moves no parameter of 100 values by 1e-4 standard errors; the step that
would bring it is still taken, and leaves far less."""
SURE_RTOL: Final = 1e-6
LEFT_RTOL: Final = 1e-12
"""A fall below the share `SURE_RTOL` is the last one if it leaves less than `LEFT_RTOL`, supposing that falls go on
shrinking as fast as from the fall before to this one."""
STEP_ATOL: Final = 1e-10
FLAT_COSINE: Final = 1e-4
"""Cosine between residuals and a column of the Jacobian below which the parameter is at rest: it is off by this times
the root of the number of values, in standard errors."""


@njit(**SUMS)
def propose(  # noqa: PLR0917 - numba has no keyword-only arguments
    parameters: Floats,
    cost: Floats,
    triangle: Floats,
    damping: Floats,
    last_fall: Floats,
    is_converged: Mask,
    active: Indices,
    lower: Floats,
    upper: Floats,
    is_fixed: Mask,
) -> tuple[Indices, Floats, Floats]:
    """Return the lanes that still move, where each wants to go, and by how much its cost should fall.

    Lanes with next to nothing left to gain take their last step, which is worth taking and not worth an evaluation, and
    are marked as converged if they are at rest.

    Parameters
    ----------
    parameters, cost, triangle, damping, last_fall, is_converged : ndarray
        State of all lanes, the first axis.
    active : ndarray of int
        Lanes that moved until now.
    lower, upper : ndarray, shape (n_parameters,)
        The box.
    is_fixed : ndarray of bool, shape (n_lanes, n_parameters)
        Parameters that a lane keeps.
    """
    n_parameters = parameters.shape[1]
    moving, trial = np.empty(len(active), np.intp), np.empty((len(active), n_parameters))
    fall = np.empty(len(active))
    low, high, step = np.empty(n_parameters), np.empty(n_parameters), np.empty(n_parameters)
    n_moving = 0
    for lane in active:
        here, corner = parameters[lane], triangle[lane]
        _limit(here, corner, lower, upper, is_fixed[lane], low, high)
        _find_step(corner, damping[lane], low, high, step)
        predicted, longest = _predict_fall(corner, step), 0.0
        for k in range(n_parameters):
            longest = max(longest, abs(step[k]))
        is_sure = predicted <= SURE_RTOL * cost[lane] and predicted**2 <= LEFT_RTOL * cost[lane] * last_fall[lane]
        is_done = is_sure or predicted <= COST_RTOL * cost[lane] or longest <= STEP_ATOL
        # Where residuals are large the damping stays large too, and the gradient alone tells a minimum from a stop.
        is_converged[lane] = is_done and (damping[lane] <= 1.0 or _is_level(corner, low, high))
        for k in range(n_parameters):
            trial[n_moving, k] = min(max(here[k] + step[k], lower[k]), upper[k]) if low[k] < high[k] else here[k]
            if is_done:
                here[k] = trial[n_moving, k]
        if is_done:
            cost[lane] -= max(predicted, 0.0)
        elif damping[lane] < LARGEST_DAMPING:
            moving[n_moving], fall[n_moving] = lane, predicted
            n_moving += 1
    return moving[:n_moving], trial[:n_moving], fall[:n_moving]


@njit(**SUMS)
def judge(  # noqa: PLR0917 - numba has no keyword-only arguments
    parameters: Floats,
    cost: Floats,
    triangle: Floats,
    damping: Floats,
    last_fall: Floats,
    moving: Indices,
    trial: Floats,
    fall: Floats,
    new_triangle: Floats,
    is_solved: Mask,
) -> None:
    """Take the steps that lower the cost, and damp each lane by how well its fall was predicted.

    Parameters
    ----------
    parameters, cost, triangle, damping, last_fall : ndarray
        State of all lanes.
    moving, trial, fall : ndarray
        What `propose` returned.
    new_triangle, is_solved : ndarray, shapes (n_moving, n_parameters + 1, n_parameters + 1) and (n_moving,)
        What was found there.
    """
    for number in range(len(moving)):
        lane, new_cost = moving[number], np.inf
        if is_solved[number]:
            new_cost = _cost(new_triangle[number])
        # Only a step cut short by the box predicts less than this.
        gain = (cost[lane] - new_cost) / max(fall[number], COST_RTOL * cost[lane])
        last_fall[lane] = fall[number] if gain > GOOD_GAIN else 0.0
        # A rejected step raises the damping faster than a good one lowers it, so the pair cannot cycle.
        if gain > GOOD_GAIN:
            damping[lane] = max(0.1 * damping[lane], LEAST_DAMPING)
        elif gain < 0.0:
            damping[lane] *= 10.0
        elif gain < POOR_GAIN:
            damping[lane] *= 2.0
        if new_cost < cost[lane]:
            cost[lane] = new_cost
            copy(trial[number : number + 1], parameters[lane : lane + 1])
            copy(new_triangle[number], triangle[lane])


@njit(**SUMS)
def _limit(  # noqa: PLR0917 - numba has no keyword-only arguments
    here: Floats, corner: Floats, lower: Floats, upper: Floats, is_fixed: Mask, low: Floats, high: Floats
) -> None:
    """Write how far each parameter may move; 0 and 0 for one that is fixed, or that a fall pushes out of the box."""
    for k in range(len(here)):
        low[k], high[k] = max(lower[k] - here[k], -LONGEST_STEP), min(upper[k] - here[k], LONGEST_STEP)
        gradient = 0.0
        for row in range(k + 1):
            gradient += corner[row, k] * corner[row, -1]
        if is_fixed[k] or (low[k] >= 0.0 and gradient > 0.0) or (high[k] <= 0.0 and gradient < 0.0):
            low[k], high[k] = 0.0, 0.0


@njit(**SUMS)
def _find_step(corner: Floats, damping: float, low: Floats, high: Floats, step: Floats) -> None:
    """Write the Marquardt step within limits.

    What goes beyond its limit, the farthest first, is held there and the others follow: a parameter that hardly acts
    wants to go a long way, and may not shorten the steps of those that do.
    """
    n = len(step)
    is_free = np.empty(n, np.bool_)
    for k in range(n):
        is_free[k], step[k] = low[k] < high[k], 0.0
    for _ in range(n + 1):
        _solve_damped(corner, damping, is_free, step)
        farthest, most = -1, 0.0
        for k in range(n):
            beyond = max(step[k] - high[k], low[k] - step[k])
            if is_free[k] and beyond > most:
                farthest, most = k, beyond
        if farthest < 0:
            return
        step[farthest] = min(max(step[farthest], low[farthest]), high[farthest])
        is_free[farthest] = False


@njit(**SUMS)
def _solve_damped(corner: Floats, damping: float, is_free: Mask, step: Floats) -> None:
    """Write the steps of the free parameters, damped relative to the size of each column, the others held."""
    n = len(step)
    table, norm, scaled = np.zeros((n + 1, 2 * n + 1)), np.empty(n), np.empty(n)
    for row in range(n + 1):
        table[n, row] = -corner[row, n]
    for k in range(n):
        length = 0.0
        for row in range(k + 1):
            length += corner[row, k] * corner[row, k]
        norm[k] = np.sqrt(length) if length > 0.0 else 1.0
        for row in range(k + 1):
            if is_free[k]:
                table[k, row] = corner[row, k] / norm[k]
            else:
                table[n, row] -= corner[row, k] * step[k]
        table[k, n + 1 + k] = np.sqrt(damping)
    reduce(table)
    for k in range(n - 1, -1, -1):
        scaled[k] = table[n, k]
        for later in range(k + 1, n):
            scaled[k] -= table[later, k] * scaled[later]
        scaled[k] /= table[k, k]
        if is_free[k]:
            step[k] = scaled[k] / norm[k]


@njit(**SUMS)
def _predict_fall(corner: Floats, step: Floats) -> float:
    """Return by how much a step lowers the cost of the linearised problem."""
    fall = 0.0
    for row in range(len(corner)):
        target, moved = corner[row, -1], 0.0
        for k in range(len(step)):
            moved += corner[row, k] * step[k]
        # The difference of two squares, without the cancellation.
        fall -= moved * (2.0 * target + moved)
    return fall


@njit(**SUMS)
def _is_level(corner: Floats, low: Floats, high: Floats) -> bool:
    """Tell whether no parameter that is free to move can lower the cost to first order."""
    whole = _cost(corner)
    for k in range(len(low)):
        gradient, length = 0.0, 0.0
        for row in range(k + 1):
            gradient += corner[row, k] * corner[row, -1]
            length += corner[row, k] * corner[row, k]
        if low[k] < high[k] and gradient * gradient > FLAT_COSINE**2 * length * whole:
            return False
    return True


@njit(**SUMS)
def _cost(corner: Floats) -> float:
    """Return the sum of squares of the residual."""
    total = 0.0
    for row in range(len(corner)):
        total += corner[row, -1] * corner[row, -1]
    return total

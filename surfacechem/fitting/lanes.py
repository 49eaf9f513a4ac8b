"""Levenberg-Marquardt on many small problems at once: starts, replicas and profile points are lanes of one batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Evaluate", "Minima", "minimise"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FIRST_DAMPING = 1e-3
LEAST_DAMPING = 1e-12
LARGEST_DAMPING = 1e10
GOOD_GAIN = 0.75
POOR_GAIN = 0.25
LONGEST_STEP = 4.0
"""Longest step of a parameter; parameters are natural logarithms, so this is a factor of 55."""
COST_RTOL = 1e-10
"""A predicted fall of the cost below this share moves no parameter of 100 values by 1e-4 standard errors; the step that
would bring it is still taken, and leaves far less."""
STEP_ATOL = 1e-10
FLAT_COSINE = 1e-4
"""Cosine between residuals and a column of the Jacobian below which the parameter is at rest: it is off by this times
the root of the number of values, in standard errors."""
MAX_PASSES = 300


class Evaluate(Protocol):
    """Residuals and their Jacobian, lane by lane."""

    def __call__(self, parameters: Floats, lanes: NDArray[np.intp]) -> tuple[Floats, Floats, Mask]:
        """Return residuals (n, n_residuals), Jacobian (n, n_residuals, n_parameters), and what could be solved.

        Parameters
        ----------
        parameters : ndarray, shape (n, n_parameters)
            One row per lane asked for.
        lanes : ndarray of int, shape (n,)
            Which lanes they are.
        """
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Minima:
    """Where each lane ended.

    Attributes
    ----------
    parameters : ndarray, shape (n_lanes, n_parameters)
        Best parameters.
    cost : ndarray, shape (n_lanes,)
        Sum of squared residuals; infinite where the start could not be solved.
    is_converged : ndarray of bool, shape (n_lanes,)
        Whether the lane stopped because nothing is left to gain.
    n_passes : int
        Evaluations of the whole batch.
    """

    parameters: Floats
    cost: Floats
    is_converged: Mask
    n_passes: int


class Box(NamedTuple):
    """Where the lanes may go."""

    lower: Floats  # (n_parameters,)
    upper: Floats
    is_fixed: Mask  # (n_lanes, n_parameters)


def minimise(
    evaluate: Evaluate,
    start: Floats,
    *,
    lower: Floats,
    upper: Floats,
    is_fixed: Mask | None = None,
) -> Minima:
    """Minimise the sum of squares of every lane inside a box.

    Parameters
    ----------
    evaluate : callable
        Gives residuals and exact Jacobian of the lanes that still move.
    start : ndarray, shape (n_lanes, n_parameters)
        Where each lane begins.
    lower, upper : ndarray, shape (n_parameters,)
        The box.
    is_fixed : ndarray of bool, shape (n_lanes, n_parameters), optional
        Parameters that a lane keeps at its start.
    """
    box = Box(lower, upper, np.zeros(start.shape, dtype=bool) if is_fixed is None else is_fixed)
    parameters = np.where(box.is_fixed, start, np.clip(start, lower, upper))
    residual, jacobian, is_solved = evaluate(parameters, np.arange(len(start)))
    cost = np.where(is_solved, np.einsum("li,li->l", residual, residual), np.inf)
    # Only the triangle of [J r] is kept: it holds all that a step needs.
    triangle = _triangle(jacobian, residual)
    damping = np.full(len(start), FIRST_DAMPING)
    is_converged = np.zeros(len(start), dtype=bool)
    active = np.flatnonzero(np.isfinite(cost))
    n_passes = 1
    while active.size and n_passes < MAX_PASSES:
        here = parameters[active]
        step, trial = _propose(here, triangle[active], damping[active], box, active)
        # Judged before clipping: a step that the box cuts short is no sign of having arrived.
        is_done = _has_nothing_to_gain(_predicted_fall(triangle[active], step), cost[active], step)
        # Where residuals are large the damping stays large too, and the gradient alone tells a minimum from a stop.
        is_converged[active] = is_done & ((damping[active] <= 1.0) | _is_level(here, triangle[active], box, active))
        # The last step is worth taking, not worth an evaluation.
        parameters[active[is_done]] = trial[is_done]
        moving = ~is_done & (damping[active] < LARGEST_DAMPING)
        predicted = _predicted_fall(triangle[active], trial - here)[moving]
        active, trial = active[moving], trial[moving]
        if not active.size:
            break
        residual, jacobian, is_solved = evaluate(trial, active)
        n_passes += 1
        trial_cost = np.where(is_solved, np.einsum("li,li->l", residual, residual), np.inf)
        # Only a step cut short by the box predicts less than this.
        gain = (cost[active] - trial_cost) / np.maximum(predicted, COST_RTOL * cost[active])
        is_better = trial_cost < cost[active]
        damping[active] = _next_damping(damping[active], gain)
        better = active[is_better]
        parameters[better], cost[better] = trial[is_better], trial_cost[is_better]
        triangle[better] = _triangle(jacobian[is_better], residual[is_better])
    return Minima(parameters=parameters, cost=cost, is_converged=is_converged, n_passes=n_passes)


def _propose(
    here: Floats, triangle: Floats, damping: Floats, box: Box, active: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return the damped step of each active lane, and where it leads inside the box."""
    held = box.is_fixed[active] | _is_pushed_out(here, triangle, box.lower, box.upper)
    step = _damped_step(triangle, damping, held)
    step *= np.minimum(1.0, LONGEST_STEP / np.maximum(np.abs(step).max(axis=-1), LONGEST_STEP))[:, np.newaxis]
    return step, np.where(held, here, np.clip(here + step, box.lower, box.upper))


def _triangle(jacobian: Floats, residual: Floats) -> Floats:
    """Return the triangular factor of ``[J r]``, padded to (n_parameters + 1) rows."""
    n_columns = jacobian.shape[-1] + 1
    both = np.concatenate([jacobian, residual[..., np.newaxis]], axis=-1)
    both[~np.isfinite(both)] = 0.0
    if both.shape[-2] < n_columns:
        return np.concatenate([both, np.zeros((len(both), n_columns - both.shape[-2], n_columns))], axis=-2)
    return np.asarray(np.linalg.qr(both, mode="r")) if len(both) else np.empty((0, n_columns, n_columns))


def _is_pushed_out(here: Floats, triangle: Floats, lower: Floats, upper: Floats) -> Mask:
    gradient = np.einsum("lij,li->lj", triangle[..., :-1], triangle[..., -1])
    is_pushed: Mask = ((here <= lower) & (gradient > 0)) | ((here >= upper) & (gradient < 0))
    return is_pushed


def _damped_step(triangle: Floats, damping: Floats, held: Mask) -> Floats:
    """Return the Marquardt step: damping relative to the size of each column."""
    matrix = np.where(held[:, np.newaxis, :], 0.0, triangle[..., :-1])
    norm = np.sqrt(np.einsum("lij,lij->lj", matrix, matrix))
    norm[norm == 0] = 1.0
    left, singular, right = np.linalg.svd(matrix / norm[:, np.newaxis, :], full_matrices=False)
    filtered = singular / (singular**2 + damping[:, np.newaxis])
    inner = filtered * np.einsum("lij,li->lj", left, triangle[..., -1])
    step: Floats = -np.einsum("lij,li->lj", right, inner) / norm
    return step


def _predicted_fall(triangle: Floats, step: Floats) -> Floats:
    target = triangle[..., -1]
    moved = target + np.einsum("lij,lj->li", triangle[..., :-1], step)
    fall: Floats = np.einsum("li,li->l", target, target) - np.einsum("li,li->l", moved, moved)
    return fall


def _has_nothing_to_gain(predicted: Floats, cost: Floats, step: Floats) -> Mask:
    is_done: Mask = (predicted <= COST_RTOL * cost) | (np.abs(step).max(axis=-1) <= STEP_ATOL)
    return is_done


def _is_level(here: Floats, triangle: Floats, box: Box, active: NDArray[np.intp]) -> Mask:
    """Tell whether no free parameter can lower the cost to first order."""
    columns, target = triangle[..., :-1], triangle[..., -1]
    held = box.is_fixed[active] | _is_pushed_out(here, triangle, box.lower, box.upper)
    gradient = np.abs(np.einsum("lij,li->lj", columns, target))
    size = np.linalg.norm(columns, axis=-2) * np.linalg.norm(target, axis=-1)[:, np.newaxis]
    is_level: Mask = (held | (gradient <= FLAT_COSINE * size)).all(axis=-1)
    return is_level


def _next_damping(damping: Floats, gain: Floats) -> Floats:
    # A rejected step raises the damping faster than a good one lowers it, so the pair cannot cycle.
    factor = np.where(gain > GOOD_GAIN, 0.1, np.where(gain < 0, 10.0, np.where(gain < POOR_GAIN, 2.0, 1.0)))
    return np.clip(damping * factor, LEAST_DAMPING, None)

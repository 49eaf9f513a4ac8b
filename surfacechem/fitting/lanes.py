"""Levenberg-Marquardt on many small problems at once: starts, replicas and profile points are lanes of one batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Evaluate", "Minima", "minimise"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_PASSES = 300


class Evaluate(Protocol):
    """Residuals and their Jacobian, lane by lane."""

    def __call__(self, parameters: Floats, lanes: NDArray[np.intp]) -> tuple[Floats, Floats, Mask]:
        """Return residuals (n, n_residuals), Jacobian (n, n_residuals, n_parameters), and what could be solved.

        Of the Jacobian J and the residuals r the gradient ``J^T r`` has to be exact; the rest serves for the steps.

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
    from surfacechem.numerics.descent import FIRST_DAMPING, judge, propose

    is_fixed = np.zeros(start.shape, dtype=bool) if is_fixed is None else is_fixed
    parameters = np.where(is_fixed, start, np.clip(start, lower, upper))
    triangle, is_solved = _look(evaluate, parameters, np.arange(len(start)))
    cost = np.einsum("li,li->l", triangle[:, :, -1], triangle[:, :, -1])
    cost = np.where(is_solved & (cost < np.inf), cost, np.inf)
    damping = np.full(len(start), FIRST_DAMPING)
    last_fall, is_converged = np.zeros(len(start)), np.zeros(len(start), dtype=bool)
    active = np.flatnonzero(cost < np.inf)
    n_passes = 1
    while n_passes < MAX_PASSES:
        state = parameters, cost, triangle, damping, last_fall
        active, trial, fall = propose(*state, is_converged, active, lower, upper, is_fixed)
        if not active.size:
            break
        judge(*state, active, trial, fall, *_look(evaluate, trial, active))
        n_passes += 1
    return Minima(parameters=parameters, cost=cost, is_converged=is_converged, n_passes=n_passes)


def _look(evaluate: Evaluate, parameters: Floats, lanes: NDArray[np.intp]) -> tuple[Floats, Mask]:
    """Return the triangular factor of ``[J r]`` of each lane, and what could be solved."""
    from surfacechem.numerics.factors import triangulate

    residual, jacobian, is_solved = evaluate(parameters, lanes)
    return triangulate(np.concatenate([jacobian, residual[..., np.newaxis]], axis=2)), is_solved

"""Profile likelihood: how far each parameter can go before the data object, the others following."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.lanes import Minima, minimise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Objective

    Floats = NDArray[np.float64]

__all__ = ["Ends", "Profile", "find_ends", "open_ends", "trace_profile"]

ROOT_RTOL = 1e-3
"""An end is found when the likelihood there is right to this share; it then is right to 1e-3 of its distance."""
BRACKET_RTOL = 1e-4
GROWTH = (1.15, 4.0)
"""The walk outward lengthens its distance at least and at most by these factors."""
FIRST_DISTANCE = 0.5
MAX_STEPS = 40
BETTER_ATOL = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Ends:
    """Where the profiles cross the critical likelihood.

    Attributes
    ----------
    ends : ndarray, shape (n_profiled, 2)
        Lower and upper end; NaN where the profile stays below the critical value up to the wall.
    better : ndarray, shape (n_parameters,), optional
        Parameters that fit better than the minimum the walk began at, if it met some.
    n_passes : int
        Evaluations of the batch.
    """

    ends: Floats
    better: Floats | None
    n_passes: int


def open_ends(n_parameters: int) -> Ends:
    """Return intervals that are open on both sides: nothing is known."""
    return Ends(ends=np.full((n_parameters, 2), np.nan), better=None, n_passes=0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """How the misfit rises as one parameter is moved and all others follow.

    Attributes
    ----------
    name : str
        The parameter.
    log10_values : ndarray, shape (n,)
        Where it was held.
    rise : ndarray, shape (n,)
        Rise of the weighted sum of squares above its minimum.
    critical : float
        Rise at the ends of the interval.
    level : float
        Confidence level of the interval.
    best : float
        log10 of the best value.
    """

    name: str
    log10_values: Floats
    rise: Floats
    critical: float
    level: float
    best: float


class Walk:
    """State of all walks, two per profiled parameter; a lane each."""

    def __init__(self, best: Floats, which: Sequence[int], critical: Floats, distance: Floats) -> None:
        self.index = np.repeat(np.asarray(which, dtype=np.intp), 2)
        self.critical = np.repeat(critical, 2)
        self.side = np.tile([-1.0, 1.0], len(which))
        self.center = best[self.index]
        self.distance = np.repeat(np.where(np.isfinite(distance), distance, FIRST_DISTANCE), 2)
        # (distance, root) of the last place inside and the first outside
        self.inside = np.zeros((len(self.index), 2))
        self.outside = np.full((len(self.index), 2), np.nan)
        self.others = np.tile(best, (len(self.index), 1))

    @property
    def is_bracketed(self) -> NDArray[np.bool_]:
        is_bracketed: NDArray[np.bool_] = np.isfinite(self.outside[:, 0])
        return is_bracketed


def find_ends(
    objective: Objective,
    best: Floats,
    *,
    which: Sequence[int],
    noise: Floats,
    critical: Floats,
    covariance: Floats,
) -> Ends:
    """Walk both ways from the minimum until sqrt(rise of the cost) equals `critical`.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    best : ndarray, shape (n_parameters,)
        The minimum.
    which : sequence of int
        Parameters to profile.
    noise : ndarray, shape (n_blocks,)
        Noise of each block, held.
    critical : ndarray, shape (n_profiled,)
        Of each parameter, `Covariance.reach`.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Gives the first step, and the way the others follow at first.
    """
    walk = Walk(best, which, critical, critical * np.sqrt(np.diag(covariance))[which])
    floor = _cost(objective, best[np.newaxis], noise)[0]
    reach = np.where(walk.side > 0, objective.parameters.upper[walk.index], objective.parameters.lower[walk.index])
    reach = np.abs(reach - walk.center)
    ends = np.full(len(walk.index), np.nan)
    places = np.tile(best, (len(walk.index), 1))
    active = np.flatnonzero(reach > 0)
    walk.distance = np.minimum(walk.distance, reach)
    slope = _following(covariance, walk)
    n_passes = 0
    for _ in range(MAX_STEPS):
        if not active.size:
            break
        start = walk.others[active] + slope[active] * (walk.distance - walk.inside[:, 0])[active, np.newaxis]
        start[np.arange(active.size), walk.index[active]] = (walk.center + walk.side * walk.distance)[active]
        minima = _constrained(objective, start, walk.index[active], noise)
        n_passes += minima.n_passes
        rise = minima.cost - floor
        if np.nanmin(rise) < -BETTER_ATOL * max(1.0, floor):
            return Ends(ends=ends.reshape(-1, 2), better=minima.parameters[np.nanargmin(rise)], n_passes=n_passes)
        root = np.sqrt(np.maximum(rise, 0.0))
        ended = np.abs(root - walk.critical[active]) <= ROOT_RTOL * walk.critical[active]
        _advance(walk, active, root, minima.parameters)
        width = walk.outside[active, 0] - walk.inside[active, 0]
        ended |= width <= BRACKET_RTOL * walk.outside[active, 0]
        ends[active[ended]] = (walk.center + walk.side * walk.distance)[active[ended]]
        places[active[ended]] = minima.parameters[ended]
        is_open = (walk.distance[active] >= reach[active]) & (root < walk.critical[active])
        active = active[~ended & ~is_open]
        walk.distance[active] = np.minimum(_next_distance(walk)[active], reach[active])
    # Where columns become dependent the misfit jumps by rounding, not because the data object.
    counts = objective.block_costs(np.concatenate([best[np.newaxis], places])).n_amplitudes.sum(axis=1)
    ends[counts[1:] < counts[0]] = np.nan
    return Ends(ends=ends.reshape(-1, 2), better=None, n_passes=n_passes)


def trace_profile(objective: Objective, best: Floats, *, index: int, values: Floats, noise: Floats) -> Floats:
    """Return the rise of the cost with one parameter held at each of some values, the others at their best.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    best : ndarray, shape (n_parameters,)
        The minimum.
    index : int
        The parameter that is held.
    values : ndarray, shape (n,)
        Where, natural logarithms.
    noise : ndarray, shape (n_blocks,)
        Noise of each block, held.
    """
    start = np.tile(best, (len(values), 1))
    start[:, index] = values
    minima = _constrained(objective, start, np.full(len(values), index), noise)
    rise: Floats = minima.cost - _cost(objective, best[np.newaxis], noise)[0]
    return rise


def _following(covariance: Floats, walk: Walk) -> Floats:
    """Return how the other parameters move per unit of distance, by the curvature at the minimum."""
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = covariance[walk.index] / np.diag(covariance)[walk.index, np.newaxis]
    following: Floats = np.where(np.isfinite(slope), slope, 0.0) * walk.side[:, np.newaxis]
    return following


def _constrained(objective: Objective, start: Floats, index: NDArray[np.intp], noise: Floats) -> Minima:
    is_fixed = np.arange(start.shape[1]) == index[:, np.newaxis]
    return minimise(
        lambda trial, lanes: objective.evaluate(trial, np.broadcast_to(noise, (len(lanes), len(noise)))),
        start,
        lower=objective.parameters.lower,
        upper=objective.parameters.upper,
        is_fixed=is_fixed,
    )


def _cost(objective: Objective, parameters: Floats, noise: Floats) -> Floats:
    weighted: Floats = (objective.block_costs(parameters).squares / noise**2).sum(axis=1) + objective.prior_cost(
        parameters
    )
    return weighted


def _advance(walk: Walk, active: NDArray[np.intp], root: Floats, parameters: Floats) -> None:
    is_inside = root < walk.critical[active]
    inner, outer = active[is_inside], active[~is_inside]
    walk.inside[inner] = np.stack([walk.distance[inner], root[is_inside]], axis=1)
    walk.others[inner] = parameters[is_inside]
    walk.outside[outer] = np.stack([walk.distance[outer], root[~is_inside]], axis=1)


def _next_distance(walk: Walk) -> Floats:
    """Return where to look next: between the brackets, or farther out."""
    near, low = walk.inside.T
    far, high = walk.outside.T
    with np.errstate(invalid="ignore", divide="ignore"):
        # The root is nearly straight; where the outer end was unsolvable or steep, halve instead.
        share = np.clip((walk.critical - low) / (high - low), 0.05, 0.95)
        between = near + np.where(np.isfinite(high) & (high < 3 * walk.critical), share, 0.5) * (far - near)
        onward = near * np.clip(walk.critical / low, *GROWTH)
    return np.where(walk.is_bracketed, between, onward)

"""Profile likelihood: how far each parameter can go before the data object, the others following."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.lanes import Minima, minimise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.estimate import Scale
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.parameters import Parameters

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
    places : ndarray, shape (n_profiled, 2, n_parameters)
        All parameters there, or at the last place inside where there is no end.
    better : ndarray, shape (n_parameters,), optional
        Parameters that fit better than the minimum the walk began at, if it met some.
    n_passes : int
        Evaluations of the batch.
    """

    ends: Floats
    places: Floats
    better: Floats | None
    n_passes: int


def open_ends(n_parameters: int) -> Ends:
    """Return intervals that are open on both sides: nothing is known."""
    places = np.full((n_parameters, 2, n_parameters), np.nan)
    return Ends(ends=places[..., 0], places=places, better=None, n_passes=0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """How the misfit rises as one parameter is moved and all others follow.

    Attributes
    ----------
    scale : Scale
        The parameter, and how it is shown.
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

    scale: Scale
    log10_values: Floats
    rise: Floats
    critical: float
    level: float
    best: float

    @property
    def name(self) -> str:
        """The parameter: ``"K[11]"``, ``"w[X1]"``."""
        return self.scale.name


class Walk:
    """All walks, two per profiled parameter, a lane each; distances are from the minimum."""

    def __init__(
        self, box: Parameters, best: Floats, *, which: Sequence[int], critical: Floats, covariance: Floats
    ) -> None:
        self.index = np.repeat(np.asarray(which, dtype=np.intp), 2)
        self.side = np.tile([-1.0, 1.0], len(which))
        self.center = best[self.index]
        self.critical = np.repeat(critical, 2)
        self.reach = np.abs(np.where(self.side > 0, box.upper[self.index], box.lower[self.index]) - self.center)
        variance = np.diag(covariance)[self.index]
        with np.errstate(invalid="ignore", divide="ignore"):
            first, slope = self.critical * np.sqrt(variance), covariance[self.index] / variance[:, np.newaxis]
        self.distance = np.minimum(np.where(np.isfinite(first), first, FIRST_DISTANCE), self.reach)
        # how the others follow per unit of distance, by the curvature at the minimum
        self.slope = np.where(np.isfinite(slope), slope, 0.0) * self.side[:, np.newaxis]
        # (distance, root) of the last place inside and the first outside
        self.inside = np.zeros((len(self.index), 2))
        self.outside = np.full((len(self.index), 2), np.nan)
        self.places = np.tile(best, (len(self.index), 1))  # of the last place inside, in the end of the end itself
        self.is_ended = np.zeros(len(self.index), dtype=bool)
        self.active = np.flatnonzero(self.reach > 0)

    def starts(self) -> Floats:
        """Return where the active lanes begin: at their distance, the others as far along as they went so far."""
        lanes = self.active
        moved = (self.distance - self.inside[:, 0])[lanes, np.newaxis]
        starts: Floats = self.places[lanes] + self.slope[lanes] * moved
        starts[np.arange(lanes.size), self.index[lanes]] = (self.center + self.side * self.distance)[lanes]
        return starts

    def step(self, root: Floats, parameters: Floats) -> None:
        """Take in what the active lanes found at their distance; end those that arrived, send the others on."""
        lanes, critical = self.active, self.critical[self.active]
        is_inside = root < critical
        found = np.stack([self.distance[lanes], root], axis=1)
        self.inside[lanes[is_inside]], self.outside[lanes[~is_inside]] = found[is_inside], found[~is_inside]
        width = self.outside[lanes, 0] - self.inside[lanes, 0]
        is_ended = np.abs(root - critical) <= ROOT_RTOL * critical
        is_ended |= width <= BRACKET_RTOL * self.outside[lanes, 0]
        self.is_ended[lanes] = is_ended
        self.places[lanes[is_inside | is_ended]] = parameters[is_inside | is_ended]
        is_open = (self.distance[lanes] >= self.reach[lanes]) & is_inside
        self.active = lanes[~is_ended & ~is_open]
        self.distance[self.active] = np.minimum(self._next_distance(), self.reach)[self.active]

    def _next_distance(self) -> Floats:
        """Return where to look next: between the brackets, or farther out."""
        near, low = self.inside.T
        far, high = self.outside.T
        with np.errstate(invalid="ignore", divide="ignore"):
            # The root is nearly straight; where the outer end was unsolvable or steep, halve instead.
            share = np.clip((self.critical - low) / (high - low), 0.05, 0.95)
            between = near + np.where(np.isfinite(high) & (high < 3 * self.critical), share, 0.5) * (far - near)
            onward = near * np.clip(self.critical / low, *GROWTH)
        return np.where(np.isfinite(far), between, onward)

    def told(self, *, better: Floats | None, n_passes: int) -> Ends:
        """Return the ends found so far, NaN for those that were not."""
        ends = np.where(self.is_ended, self.center + self.side * self.distance, np.nan)
        places = self.places.reshape(-1, 2, self.places.shape[1])
        return Ends(ends=ends.reshape(-1, 2), places=places, better=better, n_passes=n_passes)


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
    walk = Walk(objective.parameters, best, which=which, critical=critical, covariance=covariance)
    floor = _cost(objective, best[np.newaxis], noise)[0]
    n_passes = 0
    for _ in range(MAX_STEPS):
        if not walk.active.size:
            break
        minima = _constrained(objective, walk.starts(), walk.index[walk.active], noise)
        n_passes += minima.n_passes
        rise = minima.cost - floor
        if np.nanmin(rise) < -BETTER_ATOL * max(1.0, floor):
            return walk.told(better=minima.parameters[np.nanargmin(rise)], n_passes=n_passes)
        walk.step(np.sqrt(np.maximum(rise, 0.0)), minima.parameters)
    # Where columns become dependent the misfit jumps by rounding, not because the data object.
    counts = objective.block_costs(np.concatenate([best[np.newaxis], walk.places])).n_amplitudes.sum(axis=1)
    walk.is_ended &= counts[1:] >= counts[0]
    return walk.told(better=None, n_passes=n_passes)


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
    squares = objective.block_costs(parameters).squares / noise**2
    return np.asarray(squares.sum(axis=1) + objective.prior_cost(parameters))

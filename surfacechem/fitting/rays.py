"""Where lines of equal misfit begin to be followed: places on them, met by rays from the minima or known before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.fitting.plane import N_PARAMETERS, Place, Plane
from surfacechem.fitting.walker import LINE_RTOL

if TYPE_CHECKING:
    from surfacechem.fitting.window import Window

__all__ = ["Seeds", "find_seeds"]

Floats = NDArray[np.float64]

GROWTH = 1.6
FIRST_SHARE = 0.1
MOST_TRIES = 60
N_POLISHINGS = 2


class Seeds(NamedTuple):
    """Places on the lines of several levels."""

    place: Place
    level: NDArray[np.intp]  # (n,)


def find_seeds(plane: Plane, window: Window, begun: Place, *, reaches: Floats, known: list[Floats]) -> Seeds:
    """Return places on the lines, no two of them the same.

    Parameters
    ----------
    plane, window
        Where.
    begun : Place
        The minima inside the window.
    reaches : ndarray, shape (n_levels,)
        Root of the critical rise of each level.
    known : list of ndarray, shape (n, n_parameters)
        Parameters of each level that are on its line.
    """
    parts = _met(plane, window, begun, reaches), _told(plane, window, reaches, known)
    places = Place(*map(np.concatenate, zip(*(each.place for each in parts), strict=True)))
    levels = np.concatenate([each.level for each in parts])
    for _ in range(N_POLISHINGS):
        places = _on_line(plane, places, reaches[levels])
    away = np.linalg.norm(places.spot[:, np.newaxis] - places.spot, axis=-1)
    is_same = np.tril((away < LINE_RTOL * reaches[levels]) & (levels == levels[:, np.newaxis]), -1)
    own = np.flatnonzero(~is_same.any(axis=1))
    return Seeds(places.at(own), levels[own])


def _on_line(plane: Plane, places: Place, reach: Floats) -> Place:
    """Return places moved onto their line by a step of Newton's; those that it does not bring nearer stay."""
    shift = ((reach - places.root) / (places.slope**2).sum(axis=1))[:, np.newaxis] * places.slope
    moved = plane.solve(places.spot + shift, places.parameters)
    is_better = (np.abs(moved.root - reach) < np.abs(places.root - reach)) & np.isfinite(moved.slope).all(axis=1)
    pairs = zip(moved, places, strict=True)
    return Place(*(np.where(is_better.reshape(-1, *[1] * (new.ndim - 1)), new, old) for new, old in pairs))


def _told(plane: Plane, window: Window, reaches: Floats, known: list[Floats]) -> Seeds:
    levels = np.repeat(np.arange(len(reaches)), [len(each) for each in known])
    parameters = np.concatenate(known)
    found = plane.solve(plane.spots(parameters), parameters)
    is_good = np.abs(found.root - reaches[levels]) < LINE_RTOL * reaches[levels]
    is_good &= np.isfinite(found.slope).all(axis=1) & window.holds(parameters[:, plane.pair])
    kept = np.flatnonzero(is_good)
    return Seeds(found.at(kept), levels[kept])


def _met(plane: Plane, window: Window, begun: Place, reaches: Floats) -> Seeds:
    """Return places where rays from the minima, both ways along both axes, meet the lines."""
    lanes, levels = (np.repeat(each, 2 * N_PARAMETERS) for each in np.nonzero(begun.root[:, np.newaxis] < reaches))
    ways = np.tile(np.concatenate([np.eye(N_PARAMETERS), -np.eye(N_PARAMETERS)]), (len(lanes) // 4, 1))
    reach, origins, near = reaches[levels], begun.spot[lanes], begun.parameters[lanes]
    ends = np.array([window.reach(*each) for each in zip(plane.values(origins), ways @ plane.axes.T, strict=True)])
    # (distance, root) of the last place inside and the first outside
    inside, outside = np.column_stack([np.zeros(len(lanes)), begun.root[lanes]]), np.full((len(lanes), 2), np.nan)
    distance, is_found = np.minimum(reach, ends), np.zeros(len(lanes), dtype=bool)
    found = Place(origins.copy(), near.copy(), np.zeros(len(lanes)), np.full(origins.shape, np.nan))
    active = np.flatnonzero(ends > 0)
    for _ in range(MOST_TRIES):
        if not active.size:
            break
        tried = plane.solve(origins[active] + distance[active, np.newaxis] * ways[active], near[active])
        for every, each in zip(found, tried, strict=True):
            every[active] = each
        root = tried.root
        is_found[active] = np.abs(root - reach[active]) < LINE_RTOL * reach[active]
        is_inside = root < reach[active]
        seen = np.column_stack([distance[active], root])
        inside[active[is_inside]], outside[active[~is_inside]] = seen[is_inside], seen[~is_inside]
        near[active[is_inside]] = tried.parameters[is_inside]
        active = active[~is_found[active] & ~(is_inside & (distance[active] >= ends[active]))]
        distance[active] = _next(inside[active], outside[active], reach[active], ends[active])
    kept = np.flatnonzero(is_found & np.isfinite(found.slope).all(axis=1))
    return Seeds(found.at(kept), levels[kept])


def _next(inside: Floats, outside: Floats, reach: Floats, ends: Floats) -> Floats:
    """Return the next distance to try: farther out, or between where the line was passed."""
    is_passed = np.isfinite(outside[:, 0])
    with np.errstate(invalid="ignore"):
        share = (reach - inside[:, 1]) / (outside[:, 1] - inside[:, 1])
    share = np.clip(np.where(np.isfinite(share) & (outside[:, 1] < np.inf), share, 0.5), 0.1, 0.9)
    between = inside[:, 0] + share * (outside[:, 0] - inside[:, 0])
    farther = np.minimum(GROWTH * np.maximum(inside[:, 0], FIRST_SHARE * reach), ends)
    return np.where(is_passed, between, farther)

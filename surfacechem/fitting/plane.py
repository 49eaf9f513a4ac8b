"""The profile likelihood over the plane of two parameters: a grid that grows, and is refined, where it is needed.

Both are held at the nodes, all others follow; the nodes are lanes of one batch. The grid lies along the axes of the
curvature, grows until the region ends, and is halved where a line passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.fitting.lanes import minimise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting.refitting import Refit

__all__ = ["CAP", "N_PARAMETERS", "Grid", "Plane", "enclose", "halve"]

Floats = NDArray[np.float64]

N_PARAMETERS = 2
N_NODES = 25
FIRST_REACH = 1.3
"""Of the critical distance, to where the grid reaches at first."""
GROWTH = 1.6
MAX_GROWTHS = 16
LEAST_CURVATURE = 1.0
"""Of the misfit along an axis; along flatter ones the grid has to grow."""
CAP = 4.0
"""Distances above so many critical ones are all alike to a line."""


class Grid(NamedTuple):
    """Nodes over the plane, (n_first, n_second) along the axes of the curvature."""

    first: Floats  # (n_first,) in standard deviations
    second: Floats  # (n_second,)
    parameters: Floats  # (n_first, n_second, n_parameters) where each node came to rest
    root: Floats  # (n_first, n_second) root of the rise
    is_solved: NDArray[np.bool_]  # others are means of their neighbours


class Plane:
    """The plane of two parameters through the minimum."""

    def __init__(self, fitted: Refit, pair: tuple[int, int]) -> None:
        self.objective, self.best = fitted.objective, fitted.best
        self.pair = list(pair)
        self.names = (self.objective.parameters.names[pair[0]], self.objective.parameters.names[pair[1]])
        self.noise = fitted.covariance.noise
        self.box = self.objective.parameters
        _, slopes, _ = self.objective.evaluate(self.best[np.newaxis], self.noise[np.newaxis])
        information = slopes[0].T @ slopes[0]
        others = [number for number in range(len(self.best)) if number not in pair]
        carried = (
            np.linalg.pinv(information[np.ix_(others, others)], hermitian=True) @ information[others][:, self.pair]
        )
        left = information[np.ix_(self.pair, self.pair)] - information[self.pair][:, others] @ carried
        curvature, directions = np.linalg.eigh(left)
        # Where only a combination is known, one axis lies along the valley.
        self.axes = directions / np.sqrt(np.maximum(curvature, LEAST_CURVATURE))
        self.following = np.zeros((len(self.best), N_PARAMETERS))
        self.following[others] = -carried
        self.floor = self._cost(self.best[np.newaxis])[0]

    def starts(self, first: Floats, second: Floats) -> Floats:
        """Return where nodes lie inside the box and the others are thought to be, (n_first, n_second, n_parameters)."""
        steps = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1) @ self.axes.T
        start: Floats = self.best + steps @ self.following.T
        start[..., self.pair] = self.best[self.pair] + steps
        return np.clip(start, self.box.lower, self.box.upper)

    def solve(self, start: Floats) -> tuple[Floats, Floats]:
        """Return where nodes come to rest and the root of their rise; shape of start (n, n_parameters)."""
        is_fixed = np.zeros(start.shape, dtype=bool)
        is_fixed[:, self.pair] = True
        if is_fixed.all():
            parameters, cost = start, self._cost(start)
        else:
            minima = minimise(
                lambda trial, lanes: self.objective.evaluate(
                    trial, np.broadcast_to(self.noise, (len(lanes), len(self.noise)))
                ),
                start,
                lower=self.box.lower,
                upper=self.box.upper,
                is_fixed=is_fixed,
            )
            parameters, cost = minima.parameters, minima.cost
        rise = np.where(np.isfinite(cost), cost - self.floor, np.inf)
        return parameters, np.sign(rise) * np.sqrt(np.abs(rise))

    def _cost(self, parameters: Floats) -> Floats:
        costs = self.objective.block_costs(parameters)
        total = (costs.squares / self.noise**2).sum(axis=1) + self.objective.prior_cost(parameters)
        return np.where(costs.is_solved, total, np.inf)


def enclose(plane: Plane, reach: float) -> Grid:
    """Return a grid that holds the region with a margin, as far as the box lets it."""
    low, high = np.full(N_PARAMETERS, -FIRST_REACH * reach), np.full(N_PARAMETERS, FIRST_REACH * reach)
    grid = _solved(plane, low, high)
    for _ in range(MAX_GROWTHS):
        inside = grid.root < reach
        edges = ((inside[0], inside[-1]), (inside[:, 0], inside[:, -1]))
        grows = np.array([[bool(edge.any()) for edge in pair] for pair in edges])
        wider = np.where(grows[:, 0], GROWTH * low, low), np.where(grows[:, 1], GROWTH * high, high)
        if not grows.any() or _is_walled(plane, (low, high), wider):
            break
        low, high = wider
        grid = _solved(plane, low, high)
    low, high = _fitting(grid, reach)
    return _solved(plane, low, high)


def _solved(plane: Plane, low: Floats, high: Floats) -> Grid:
    first, second = (np.linspace(low[k], high[k], N_NODES) for k in range(N_PARAMETERS))
    start = plane.starts(first, second)
    parameters, root = plane.solve(start.reshape(-1, start.shape[-1]))
    shape = start.shape[:2]
    return Grid(first, second, parameters.reshape(start.shape), root.reshape(shape), np.ones(shape, dtype=bool))


def _is_walled(plane: Plane, old: tuple[Floats, Floats], new: tuple[Floats, Floats]) -> bool:
    """Tell whether a wider grid has its corners where the old one had them: the box lets it no farther."""
    corners = [plane.starts(np.array([low[0], high[0]]), np.array([low[1], high[1]])) for low, high in (old, new)]
    return bool(np.allclose(corners[0][..., plane.pair], corners[1][..., plane.pair]))


def _fitting(grid: Grid, reach: float) -> tuple[Floats, Floats]:
    """Return the ends of the region along both axes, with a margin."""
    inside = grid.root < reach
    ends = []
    for nodes, is_held in ((grid.first, inside.any(axis=1)), (grid.second, inside.any(axis=0))):
        held = np.flatnonzero(is_held)
        ends.append((nodes[max(held[0] - 1, 0)], nodes[min(held[-1] + 1, len(nodes) - 1)]))
    low, high = np.array(ends).T
    return low, high


def halve(plane: Plane, grid: Grid, reaches: Sequence[float]) -> Grid:
    """Return a grid of half the spacing, solved where a line passes; other new nodes are means of their neighbours."""
    passes = np.zeros((len(grid.first) - 1, len(grid.second) - 1), dtype=bool)
    for reach in reaches:
        inside = (grid.root < reach).astype(int)
        corners = inside[:-1, :-1] + inside[1:, :-1] + inside[:-1, 1:] + inside[1:, 1:]
        passes |= (corners > 0) & (corners < 4)  # noqa: PLR2004  (corners of a cell)
    first, second = _between(grid.first), _between(grid.second)
    parameters = _between(np.swapaxes(_between(np.swapaxes(grid.parameters, 0, 1)), 0, 1))
    start = plane.starts(first, second)
    start_others = parameters.copy()
    start_others[..., plane.pair] = start[..., plane.pair]
    root = _between(_between(np.clip(grid.root, None, CAP * max(reaches)).T).T)
    is_solved = np.zeros(root.shape, dtype=bool)
    is_solved[::2, ::2] = grid.is_solved
    needed = np.zeros(root.shape, dtype=bool)
    for row, column in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)):
        needed[row : row + 2 * passes.shape[0] : 2, column : column + 2 * passes.shape[1] : 2] |= passes
    needed &= ~is_solved
    if needed.any():  # a region open to all sides has no line
        start_others[needed], root[needed] = plane.solve(start_others[needed])
    return Grid(first, second, start_others, root, is_solved | needed)


def _between(values: Floats) -> Floats:
    """Return values along the first axis with the means of neighbours between them."""
    doubled = np.empty((2 * len(values) - 1, *values.shape[1:]))
    doubled[::2] = values
    doubled[1::2] = 0.5 * (values[:-1] + values[1:])
    return doubled

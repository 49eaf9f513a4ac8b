"""Points bound to a network: prepared once, solved again and again with other constants."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from surfacechem.errors import DataError
from surfacechem.numerics.feasibility import find_contradiction
from surfacechem.numerics.newton import REFINED_ERROR
from surfacechem.numerics.rebase import rebase
from surfacechem.numerics.rescue import rescue
from surfacechem.numerics.slopes import NO_DIRECTIONS, Directions
from surfacechem.numerics.solution import Derivatives, Solution
from surfacechem.numerics.status import Status
from surfacechem.numerics.work import Results, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from surfacechem.numerics.fixing import Fixing
    from surfacechem.numerics.kernel import Kernel
    from surfacechem.numerics.patterns import Pattern, PatternBook

__all__ = ["Batch", "Tally"]

POINTS_WORTH_COMPILING = 10_000_000
_POINTS_PER_THREAD = 8192
_MOST_EXPLAINED = 32  # unsolved points looked into one by one
_NOWHERE = np.zeros((0, 0))
_T = TypeVar("_T")


class Tally:
    """How many points one batch, or one stream of batches, has solved: many are worth a kernel of their own.

    What others have solved does not count, so that the same calls give the same bits.
    """

    def __init__(self) -> None:
        self.n_points = 0


class Batch:
    """Points of one network; made by `prepare`.

    Parameters
    ----------
    book : PatternBook
        The network.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    fixing : Fixing, optional
        Components held at given activities; they are not among the sources.
    n_threads : int
        Threads that share large batches.
    tally : Tally
        Its own, or that of the stream it belongs to.
    """

    def __init__(
        self,
        book: PatternBook,
        sources: NDArray[np.float64],
        *,
        fixing: Fixing | None,
        n_threads: int,
        tally: Tally,
    ) -> None:
        self._book = book
        self._sources = sources
        self._fixing = fixing
        self._n_threads = n_threads
        self._tally = tally
        self._status = np.zeros(len(sources), dtype=np.int8)
        for given in (sources,) if fixing is None else (sources, fixing.activity):
            with np.errstate(invalid="ignore", over="ignore"):
                is_finite = math.isfinite(given.sum())  # the whole sum costs a tenth of looking at each row
            if not is_finite:
                self._status[~np.isfinite(given).all(axis=1)] = Status.NOT_A_NUMBER
        self._reason = np.zeros(len(sources), dtype=np.int16)
        self._reasons = [""]
        if fixing is not None:
            self._mark_infeasible(fixing.impossible, "a component is held at an activity of zero or less")
        good = np.flatnonzero(self._status == 0)
        self._groups: list[tuple[NDArray[np.int64], Pattern, Kernel]] = []
        for group in book.group(good, sources, None if fixing is None else fixing.alive[good]):
            if group.pattern is not None and group.pattern.kernel is not None:
                self._groups.append((group.points, group.pattern, group.pattern.kernel))
            else:
                self._mark_infeasible(group.points, group.reason)
        self._lost = np.flatnonzero(self._status)

    def __repr__(self) -> str:
        """Return sizes, not arrays."""
        return f"<Batch: {self.n_points} points in {len(self._groups)} patterns>"

    def tiled(self, n_lanes: int) -> Batch:
        """Return a batch of the same points so many times over, which costs less than to prepare them."""
        other = copy(self)
        steps = self.n_points * np.arange(n_lanes)[:, np.newaxis]
        vars(other).update(
            _sources=np.tile(self._sources, (n_lanes, 1)),
            _fixing=None if self._fixing is None else self._fixing.tiled(n_lanes),
            _tally=Tally(),
            _status=np.tile(self._status, n_lanes),
            _reason=np.tile(self._reason, n_lanes),
            _reasons=list(self._reasons),
            _groups=[((steps + points).ravel(), pattern, kernel) for points, pattern, kernel in self._groups],
            _lost=(steps + self._lost).ravel(),
        )
        return other

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self._sources)

    def solve(
        self, ln_weight: NDArray[np.float64] | None = None, start: Solution | NDArray[np.float64] | None = None
    ) -> Solution:
        """Return the equilibria for one set of weights, or one set per point.

        Parameters
        ----------
        ln_weight : ndarray, shape (n_weights,) or (n_points, n_weights), optional
            ln of the weights of species and host terms; by default the problem's own.
        start : Solution or ndarray, shape (n_points, n_components), optional
            Where to start from: an earlier solution of this batch, or ln activities; entries that are not finite are
            not used.
        """
        return self.solve_along(NO_DIRECTIONS, ln_weight, start)[0]

    def solve_along(
        self,
        directions: Directions,
        ln_weight: NDArray[np.float64] | None = None,
        start: Solution | NDArray[np.float64] | None = None,
    ) -> tuple[Solution, NDArray[np.float64]]:
        """Return the equilibria and, in the same pass over the points, their derivatives along directions.

        Parameters
        ----------
        directions : Directions
            Changes of weights and of sources (totals of components that are not held, then of hosts).
        ln_weight, start
            As in `solve`.

        Returns
        -------
        Solution
        ndarray, shape (n_points, n_weights, n_directions)
            Change of ln concentration of species, then of the count of each host term, along each direction; 0 where a
            point has none.
        """
        weights, first = self._read_weights(ln_weight), self._read_start(start)
        results, reason = self._make_room(len(directions.by_weight)), self._reason.copy()
        groups, lost = self._groups, self._lost
        if not math.isfinite(weights.sum()):
            groups, lost = self._drop_unweighted(weights, results.status)
        queue = list(groups)
        rescued: list[NDArray[np.int64]] = []
        while queue:
            points, pattern, kernel = queue.pop()
            work = Work(points, self._sources, weights, first)
            if self._run(kernel, work, results, directions):
                is_sure = (results.status[points] == Status.SOLVED) & (results.error[points] <= REFINED_ERROR)
                rescued.append(points[~is_sure])
                rescue(pattern, kernel, self._book.layout, work, results)
                queue += self._sort_out(pattern, points, results, reason)
        if len(lost):
            results.outputs[lost] = results.error[lost] = np.nan
            results.slopes[lost] = 0.0
        solution = self._wrap(results, reason, weights)
        if len(directions.by_weight):
            for points in rescued:
                self._differentiate(solution, points, directions, results.slopes)
        return solution, results.slopes

    def derivatives(self, solution: Solution, weight_matrix: NDArray[np.float64]) -> Derivatives:
        """Return the derivatives of a solution of this batch; 0 where a point has none.

        Parameters
        ----------
        solution : Solution
            Returned by `solve`.
        weight_matrix : ndarray, shape (n_weights, n_theta)
            ``d ln_weight / d theta``.
        """
        n_theta, n_sources = weight_matrix.shape[1], self._sources.shape[1]
        held = np.zeros((0, len(weight_matrix))) if self._fixing is None else self._fixing.nu.T
        n_held = len(held)
        by_weight = np.zeros((n_theta + n_sources + n_held, len(weight_matrix)))
        by_weight[:n_theta] = weight_matrix.T
        by_weight[n_theta + n_sources :] = held
        by_source = np.zeros((len(by_weight), n_sources))
        by_source[n_theta : n_theta + n_sources] = np.eye(n_sources)
        slopes = np.empty((len(self._sources), len(weight_matrix), len(by_weight)))
        self._differentiate(solution, np.arange(len(slopes)), Directions(by_weight, by_source), slopes)
        return self._split_slopes(slopes, n_theta)

    def _differentiate(
        self, solution: Solution, points: NDArray[np.int64], directions: Directions, slopes: NDArray[np.float64]
    ) -> None:
        """Write the derivatives at some points of a solution, 0 where there are none."""
        is_usable = np.zeros(len(slopes), dtype=bool)
        is_usable[points] = np.isin(solution.status[points], (Status.SOLVED, Status.INACCURATE))
        slopes[points[~is_usable[points]]] = 0.0
        error = np.empty(len(slopes))
        for here, pattern, kernel in self._groups:
            usable = here[is_usable[here]]
            work = Work(usable, self._sources, solution.ln_weight, solution.outputs)
            writing = kernel.follow(directions)
            self._share(work, partial(kernel.differentiate, writing=writing, slopes=slopes, error=error))
            unsure = usable[~(error[usable] <= REFINED_ERROR)]
            if len(unsure):
                found = rebase(pattern, self._book.layout, solution.outputs[unsure], self._sources[unsure])
                for part, better in found:
                    there = work._replace(points=unsure[part])
                    better.differentiate(there, better.follow(directions), slopes, error)

    def _make_room(self, n_directions: int) -> Results:
        n_points = len(self._sources)
        return Results(
            outputs=np.empty((n_points, self._book.n_outputs)),
            status=self._status.copy(),
            error=np.zeros(n_points),
            n_passes=np.zeros(n_points, dtype=np.int32),
            slopes=np.empty((n_points, self._book.n_weights, n_directions)),
        )

    def _sort_out(
        self, pattern: Pattern, points: NDArray[np.int64], results: Results, reason: NDArray[np.int16]
    ) -> list[tuple[NDArray[np.int64], Pattern, Kernel]]:
        """Return points that belong to other patterns, and explain those that nothing solves."""
        moved = self._regroup(pattern, points[results.status[points] != Status.SOLVED])
        unsolved = points[results.status[points] == Status.UNSOLVED]
        for elsewhere, _, _ in moved:
            unsolved = unsolved[~np.isin(unsolved, elsewhere)]
        self._explain(pattern, unsolved, results, reason)
        return moved

    def _drop_unweighted(
        self, weights: NDArray[np.float64], status: NDArray[np.int8]
    ) -> tuple[list[tuple[NDArray[np.int64], Pattern, Kernel]], NDArray[np.int64]]:
        """Return the groups without points whose weights are not numbers, and all points that are not solved."""
        is_bad = np.broadcast_to(~np.isfinite(weights).all(axis=1), status.shape)
        status[is_bad & (status == Status.SOLVED)] = Status.NOT_A_NUMBER
        kept = [(points[~is_bad[points]], pattern, kernel) for points, pattern, kernel in self._groups]
        return kept, np.flatnonzero(status)

    def _run(self, kernel: Kernel, work: Work, results: Results, directions: Directions) -> int:
        """Take fast steps; return how many points are unsure."""
        self._tally.n_points += len(work.points)
        is_compiled = self._tally.n_points >= POINTS_WORTH_COMPILING and kernel.compiled is not None
        solve = partial(kernel.solve, results=results, writing=kernel.follow(directions), is_compiled=is_compiled)
        return sum(self._share(work, solve))

    def _share(self, work: Work, call: Callable[[Work], _T]) -> list[_T]:
        """Call with parts of the points, on as many threads as their number is worth."""
        n_parts = min(self._n_threads, len(work.points) // _POINTS_PER_THREAD)
        if n_parts < 2:  # noqa: PLR2004 - one part needs no pool
            return [call(work)]
        parts = [work._replace(points=part) for part in np.array_split(work.points, n_parts)]
        with ThreadPoolExecutor(n_parts) as pool:
            return list(pool.map(call, parts))

    def _regroup(self, pattern: Pattern, hard: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], Pattern, Kernel]]:
        """Move hard points whose totals leave no room for some species to the pattern without them, for good."""
        found = self._book.look_closer(pattern, hard, self._sources) if len(hard) else []
        moved = [
            (group.points, group.pattern, group.pattern.kernel)
            for group in found
            if group.pattern is not None and group.pattern.kernel is not None
        ]
        for points, _, _ in moved:
            self._groups = [
                (here[~np.isin(here, points)] if which is pattern else here, which, kernel)
                for here, which, kernel in self._groups
            ]
        self._groups += moved
        return moved

    def _explain(
        self, pattern: Pattern, points: NDArray[np.int64], results: Results, reason: NDArray[np.int16]
    ) -> None:
        """Find out which unsolved points cannot be solved, and clear what the attempts left behind."""
        rest = points
        for _ in range(_MOST_EXPLAINED):
            if not len(rest):
                break
            contradiction = find_contradiction(pattern.structure, self._sources[rest[0]])
            is_bad = np.zeros(len(rest), dtype=bool)
            if contradiction is not None:
                is_bad = self._sources[rest] @ contradiction.sources < 0.0
                text = f"{self._book.describe(contradiction.sources)} must not be negative"
                results.status[rest[is_bad]] = Status.INFEASIBLE
                reason[rest[is_bad]] = self._number(text)
            is_bad[0] = True
            rest = rest[~is_bad]
        results.outputs[points] = np.nan
        results.error[points] = np.nan

    def _mark_infeasible(self, points: NDArray[np.int64], reason: str) -> None:
        self._status[points] = Status.INFEASIBLE
        self._reason[points] = self._number(reason)

    def _number(self, reason: str) -> int:
        """Return the number of a reason, a new one if need be."""
        if reason not in self._reasons:
            self._reasons.append(reason)
        return self._reasons.index(reason)

    def _read_weights(self, ln_weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
        given = self._book.problem.ln_weight if ln_weight is None else ln_weight
        weights = np.ascontiguousarray(given, dtype=float)
        if weights.ndim == 1:
            weights = weights[np.newaxis]
        if weights.shape[1:] != (self._book.n_weights,) or len(weights) not in {1, self.n_points}:
            raise DataError(
                "ln_weight",
                found=f"an array of shape {np.shape(given)}",
                allowed=f"({self._book.n_weights},) or ({self.n_points}, {self._book.n_weights})",
                advice="give one ln weight for each species and host term, for all points or for each",
            )
        if self._fixing is not None:
            weights = weights + self._fixing.ln_weight
        return weights

    def _read_start(self, start: Solution | NDArray[np.float64] | None) -> NDArray[np.float64]:
        """Return earlier outputs, padded with NaN where only activities are given."""
        if start is None:
            return _NOWHERE
        if isinstance(start, Solution):
            return start.outputs
        outputs = np.full((self.n_points, self._book.n_outputs), np.nan)
        outputs[:, : self._book.n_components] = start if self._fixing is None else start[:, ~self._fixing.is_fixed]
        return outputs

    def _wrap(self, results: Results, reason: NDArray[np.int16], weights: NDArray[np.float64]) -> Solution:
        n_x = self._book.n_components
        n_c = n_x + self._book.n_species
        x = results.outputs[:, :n_x]
        if self._fixing is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                held = np.log(self._fixing.activity)
            free, x = x, np.empty((self.n_points, len(self._fixing.is_fixed)))
            x[:, ~self._fixing.is_fixed] = free
            x[:, self._fixing.is_fixed] = held
        return Solution(
            x=x,
            ln_c=results.outputs[:, n_x:n_c],
            occupancy=results.outputs[:, n_c : n_x + self._book.n_weights],
            status=results.status,
            error=results.error,
            n_passes=results.n_passes,
            reason=reason,
            reasons=tuple(self._reasons),
            outputs=results.outputs,
            ln_weight=weights,
        )

    def _split_slopes(self, slopes: NDArray[np.float64], n_theta: int) -> Derivatives:
        """Name the parts of the derivatives; those by held activities go to the places of their components."""
        n_c = self._book.n_species
        n_totals = n_theta + self._book.n_components
        totals, hosts = slopes[:, :, n_theta:n_totals], slopes[:, :, n_totals : n_theta + self._sources.shape[1]]
        if self._fixing is not None:
            is_fixed, free = self._fixing.is_fixed, totals
            totals = np.empty((*slopes.shape[:2], len(is_fixed)))
            totals[:, :, ~is_fixed] = free
            activity = np.where(self._fixing.activity > 0.0, self._fixing.activity, np.inf)
            totals[:, :, is_fixed] = slopes[:, :, n_theta + self._sources.shape[1] :] / activity[:, np.newaxis]
        return Derivatives(
            ln_c_theta=slopes[:, :n_c, :n_theta],
            ln_c_totals=totals[:, :n_c],
            ln_c_hosts=hosts[:, :n_c],
            occupancy_theta=slopes[:, n_c:, :n_theta],
            occupancy_totals=totals[:, n_c:],
            occupancy_hosts=hosts[:, n_c:],
        )

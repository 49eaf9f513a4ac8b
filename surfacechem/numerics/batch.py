"""Points bound to a network: prepared once, solved again and again with other constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import DataError
from surfacechem.numerics.newton import Results
from surfacechem.numerics.patterns import PatternBook
from surfacechem.numerics.solution import Derivatives, Solution
from surfacechem.numerics.status import Status

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from surfacechem.numerics.problem import Problem

__all__ = ["Batch", "prepare", "solve"]

_NOWHERE = np.zeros((0, 0))


class Batch:
    """Points of one network; made by `prepare`.

    Parameters
    ----------
    book : PatternBook
        The network.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    """

    def __init__(self, book: PatternBook, sources: NDArray[np.float64]) -> None:
        self._book = book
        self._sources = sources
        n_points = len(sources)
        is_finite = np.isfinite(sources).all(axis=1)
        finite = np.flatnonzero(is_finite)
        groups = book.group(sources[finite])
        self._groups = [(finite[group.points], group.pattern.kernel) for group in groups if group.pattern is not None]
        self._status = np.where(is_finite, 0, Status.NOT_A_NUMBER).astype(np.int8)
        self._reason = np.zeros(n_points, dtype=np.int16)
        reasons = [""]
        for group in groups:
            if group.pattern is None:
                self._status[finite[group.points]] = Status.INFEASIBLE
                self._reason[finite[group.points]] = len(reasons)
                reasons.append(group.reason)
        self._reasons = tuple(reasons)
        self._lost = np.flatnonzero(self._status)

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self._sources)

    def solve(self, ln_weight: ArrayLike | None = None, start: Solution | None = None) -> Solution:
        """Return the equilibria for one set of weights, or one set per point.

        Parameters
        ----------
        ln_weight : array_like, shape (n_weights,) or (n_points, n_weights), optional
            ln of the weights of species and host terms; by default the problem's own.
        start : Solution, optional
            An earlier solution of this batch to start from.
        """
        book = self._book
        weights = self._read_weights(ln_weight)
        n_points = len(self._sources)
        out = np.empty((n_points, book.n_outputs))
        out[self._lost] = np.nan
        status = self._status.copy()
        error = np.full(n_points, np.nan)
        n_passes = np.zeros(n_points, dtype=np.int32)
        first = _NOWHERE if start is None else start.outputs
        results = Results(outputs=out, status=status, error=error, n_passes=n_passes)
        for points, kernel in self._groups:
            kernel.solve(points, self._sources, weights, start=first, is_damped=False, results=results)
            unsolved = points[status[points] == Status.UNSOLVED]
            if len(unsolved):
                kernel.solve(unsolved, self._sources, weights, start=_NOWHERE, is_damped=True, results=results)
        n_x, n_c = book.n_components, book.n_components + book.n_species
        return Solution(
            x=out[:, :n_x],
            ln_c=out[:, n_x:n_c],
            occupancy=out[:, n_c : n_x + book.n_weights],
            status=status,
            error=error,
            n_passes=n_passes,
            reason=self._reason,
            reasons=self._reasons,
            outputs=out,
            ln_weight=weights,
        )

    def derivatives(self, solution: Solution, weight_matrix: ArrayLike) -> Derivatives:
        """Return the derivatives of a solution of this batch.

        Parameters
        ----------
        solution : Solution
            Returned by `solve`.
        weight_matrix : array_like, shape (n_weights, n_theta)
            ``d ln_weight / d theta``.
        """
        book = self._book
        matrix = np.asarray(weight_matrix, dtype=float)
        n_theta, n_sources = matrix.shape[1], self._sources.shape[1]
        by_weight = np.vstack((matrix.T, np.zeros((n_sources, book.n_weights))))
        by_source = np.vstack((np.zeros((n_theta, n_sources)), np.eye(n_sources)))
        slopes = np.zeros((len(self._sources), book.n_weights, n_theta + n_sources))
        for points, kernel in self._groups:
            solved = points[solution.status[points] != Status.UNSOLVED]
            kernel.differentiate(
                solved,
                self._sources,
                solution.ln_weight,
                outputs=solution.outputs,
                by_weight=by_weight,
                by_source=by_source,
                slopes=slopes,
            )
        n_c, n_t = book.n_species, n_theta + book.n_components
        return Derivatives(
            ln_c_theta=slopes[:, :n_c, :n_theta],
            ln_c_totals=slopes[:, :n_c, n_theta:n_t],
            ln_c_hosts=slopes[:, :n_c, n_t:],
            occupancy_theta=slopes[:, n_c:, :n_theta],
            occupancy_totals=slopes[:, n_c:, n_theta:n_t],
            occupancy_hosts=slopes[:, n_c:, n_t:],
        )

    def _read_weights(self, ln_weight: ArrayLike | None) -> NDArray[np.float64]:
        given = self._book.problem.ln_weight if ln_weight is None else ln_weight
        weights = np.ascontiguousarray(given, dtype=float)
        if weights.ndim == 1:
            weights = weights[np.newaxis]
        if weights.shape[1:] != (self._book.n_weights,) or len(weights) not in {1, len(self._sources)}:
            raise DataError(
                "ln_weight",
                found=f"an array of shape {np.shape(given)}",
                allowed=f"({self._book.n_weights},) or ({len(self._sources)}, {self._book.n_weights})",
                advice="give one ln weight for each species and host term, for all points or for each",
            )
        return weights


def prepare(problem: Problem, totals: ArrayLike, host_totals: ArrayLike | None = None) -> Batch:
    """Return points ready to be solved: what is absent is taken out, points of one pattern are put together.

    Parameters
    ----------
    problem : Problem
        The network.
    totals : array_like, shape (n_points, n_components)
        Total of each component [mol/L].
    host_totals : array_like, shape (n_points, n_hosts), optional
        Total of each host [mol/L]; may be left out where there are none.

    Raises
    ------
    DataError
        When the shapes do not fit.
    """
    n_components, n_hosts = problem.nu.shape[1], len(problem.hosts)
    table = np.asarray(totals, dtype=float)
    particles = np.zeros((len(table), 0)) if host_totals is None else np.asarray(host_totals, dtype=float)
    if table.shape != (len(table), n_components) or particles.shape != (len(table), n_hosts):
        raise DataError(
            "totals and host totals",
            found=f"arrays of shapes {table.shape} and {particles.shape}",
            allowed=f"(n_points, {n_components}) and (n_points, {n_hosts})",
            advice="give one column for each component and for each host",
        )
    return Batch(PatternBook(problem), np.hstack((table, particles)))


def solve(
    problem: Problem,
    totals: ArrayLike,
    host_totals: ArrayLike | None = None,
    *,
    ln_weight: ArrayLike | None = None,
    start: Solution | None = None,
) -> Solution:
    """Return the equilibria of points: `prepare`, then `Batch.solve`."""
    return prepare(problem, totals, host_totals).solve(ln_weight, start)

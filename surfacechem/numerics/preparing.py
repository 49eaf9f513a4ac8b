"""The solver's front door: arrays are checked, what is absent is taken out, points of one pattern are put together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from surfacechem.errors import DataError
from surfacechem.numerics.batch import Batch, Tally
from surfacechem.numerics.fixing import fix, without
from surfacechem.numerics.patterns import PatternBook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from surfacechem.numerics.problem import Problem
    from surfacechem.numerics.solution import Solution

__all__ = ["prepare", "solve", "stream"]

_N_CORES = os.cpu_count() or 1
_BOOKS: WeakKeyDictionary[Problem, dict[bytes, PatternBook]] = WeakKeyDictionary()


def prepare(
    problem: Problem,
    totals: ArrayLike,
    host_totals: ArrayLike | None = None,
    *,
    is_fixed: ArrayLike | None = None,
    n_threads: int | None = None,
) -> Batch:
    """Return points ready to be solved.

    Parameters
    ----------
    problem : Problem
        The network.
    totals : array_like, shape (n_points, n_components)
        Total of each component [mol/L]; where it is fixed, its activity.
    host_totals : array_like, shape (n_points, n_hosts), optional
        Total of each host [mol/L]; may be left out where there are none.
    is_fixed : array_like of bool, shape (n_components,), optional
        Components held at a given activity: a buffered pH, a ligand in large excess.
    n_threads : int, optional
        Threads that share a large batch; by default as many as there are processors.

    Raises
    ------
    DataError
        When the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from surfacechem.numerics import Problem, prepare
    >>> nu = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # H, G, HG
    >>> problem = Problem(nu=nu, ln_weight=np.log([1.0, 1.0, 1e3]))
    >>> solution = prepare(problem, [[2e-3, 1e-3]]).solve()
    >>> np.exp(solution.ln_c).round(6).tolist()
    [[0.001414, 0.000414, 0.000586]]
    """
    held = _read_fixed(problem, is_fixed)
    return _bind(problem, totals, host_totals, held, n_threads=n_threads, tally=Tally())


def solve(
    problem: Problem,
    totals: ArrayLike,
    host_totals: ArrayLike | None = None,
    *,
    ln_weight: NDArray[np.float64] | None = None,
    start: Solution | NDArray[np.float64] | None = None,
    is_fixed: ArrayLike | None = None,
) -> Solution:
    """Return the equilibria of points once: `prepare`, then `Batch.solve`."""
    return prepare(problem, totals, host_totals, is_fixed=is_fixed).solve(ln_weight, start)


def stream(
    problem: Problem,
    blocks: Iterable[tuple[ArrayLike, ArrayLike | None]],
    *,
    ln_weight: NDArray[np.float64] | None = None,
    is_fixed: ArrayLike | None = None,
) -> Iterator[Solution]:
    """Yield the equilibria of block after block of points, in memory that does not grow with their number.

    Parameters
    ----------
    problem : Problem
        The network.
    blocks : iterable of (totals, host_totals)
        As `prepare` takes them; a few thousand points each are best.
    ln_weight : ndarray, shape (n_weights,), optional
        Weights; by default the problem's own.
    is_fixed : array_like of bool, shape (n_components,), optional
        Components held at a given activity.
    """
    held = _read_fixed(problem, is_fixed)
    tally = Tally()
    for totals, host_totals in blocks:
        yield _bind(problem, totals, host_totals, held, n_threads=None, tally=tally).solve(ln_weight)


def _read_fixed(problem: Problem, is_fixed: ArrayLike | None) -> NDArray[np.bool_]:
    n_components = problem.nu.shape[1]
    held = np.zeros(n_components, dtype=bool) if is_fixed is None else np.asarray(is_fixed, dtype=bool)
    if held.shape != (n_components,):
        raise DataError(
            "is_fixed",
            found=f"an array of shape {held.shape}",
            allowed=f"({n_components},)",
            advice="give True or False for each component",
        )
    return held


def _open_book(problem: Problem, held: NDArray[np.bool_]) -> PatternBook:
    """Return the patterns of a network without the components that are held: those met before, as long as it lives."""
    shelf = _BOOKS.setdefault(problem, {})
    key = held.tobytes()
    if key not in shelf:
        # The book must not hold the problem itself, which would then live for ever.
        shelf[key] = PatternBook(without(problem, held))
    return shelf[key]


def _bind(
    problem: Problem,
    totals: ArrayLike,
    host_totals: ArrayLike | None,
    held: NDArray[np.bool_],
    *,
    n_threads: int | None,
    tally: Tally,
) -> Batch:
    table, particles = _read_totals(problem, totals, host_totals)
    is_any_held = bool(held.any())
    return Batch(
        _open_book(problem, held),
        np.concatenate((table[:, ~held] if is_any_held else table, particles), axis=1),
        fixing=fix(problem, held, table) if is_any_held else None,
        n_threads=n_threads or _N_CORES,
        tally=tally,
    )


def _read_totals(
    problem: Problem, totals: ArrayLike, host_totals: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n_components, n_hosts = problem.nu.shape[1], len(problem.hosts)
    table = np.atleast_2d(np.asarray(totals, dtype=float))
    if host_totals is None:
        particles = np.zeros((len(table), 0))
    else:
        particles = np.atleast_2d(np.asarray(host_totals, dtype=float))
    if table.shape != (len(table), n_components) or particles.shape != (len(table), n_hosts):
        raise DataError(
            "totals and host totals",
            found=f"arrays of shapes {table.shape} and {particles.shape}",
            allowed=f"(n_points, {n_components}) and (n_points, {n_hosts})",
            advice="give one column for each component and one for each host",
        )
    return table, particles

"""Variable projection, compiled: the best amplitudes of many small linear models, and how what they leave moves.

All arrays are contiguous: every other layout would be compiled anew, for some seconds.

Of the weighted free columns B an orthonormal basis Q and ``B^+ = inverse @ Q^T`` are found; a target T then leaves
``R = T - Q Q^T T``. The formula of the derivatives and its source stand in `fitting.separable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

__all__ = ["SUMS", "Eliminated", "copy", "differentiate_residual", "eliminate"]

SUMS: Final[dict[str, Any]] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc"},  # plain sums of products, in any order
}
RANK_RTOL: Final = 1e-11
"""A normalised column of which less than this share stands apart from the others depends on them."""


class Eliminated(NamedTuple):
    """What is left after the amplitudes are eliminated."""

    residual: Floats  # (n_lanes, n_rows, n_channels), weighted, measured minus fitted
    amplitudes: Floats  # (n_lanes, n_columns, n_channels), the known ones in their places
    basis: Floats  # (n_lanes, n_free, n_rows), orthonormal rows; zero where a column depends on others
    inverse: Floats  # (n_lanes, n_free, n_free); inverse @ basis is the pseudo-inverse of the columns
    rank: Indices  # (n_lanes,)


@njit(**SUMS)
def eliminate(  # noqa: PLR0917 - numba has no keyword-only arguments
    weight: Floats, values: Floats, free: Indices, known: Indices, known_amplitudes: Floats, columns: Floats
) -> Eliminated:
    """Find the best amplitudes of every lane.

    Parameters
    ----------
    weight : ndarray, shape (n_lanes or 1, n_rows)
        Of each row; 0 leaves it out.
    values : ndarray, shape (n_lanes or 1, n_rows, n_channels)
        Weighted measured values.
    free, known : ndarray of int
        Columns with free and with known amplitudes.
    known_amplitudes : ndarray, shape (n_lanes or 1, n_known, n_channels)
        Amplitudes of the known columns.
    columns : ndarray, shape (n_lanes, n_rows, n_columns)
        Unweighted columns.
    """
    n_lanes, n_rows, n_columns = columns.shape
    n_free, n_channels = len(free), values.shape[2]
    residual = np.empty((n_lanes, n_rows, n_channels))
    amplitudes = np.zeros((n_lanes, n_columns, n_channels))
    basis = np.empty((n_lanes, n_free, n_rows))
    inverse = np.zeros((n_lanes, n_free, n_free))
    rank = np.zeros(n_lanes, np.intp)
    for lane in range(n_lanes):
        row_weight = weight[min(lane, len(weight) - 1)]
        target, best = residual[lane], amplitudes[lane]
        _weigh(row_weight, columns[lane], free, basis[lane])
        rank[lane] = _orthonormalise(basis[lane], inverse[lane])
        copy(values[min(lane, len(values) - 1)], target)
        fixed = known_amplitudes[min(lane, len(known_amplitudes) - 1)]
        for number in range(len(known)):
            _add(best[known[number]], 1.0, fixed[number])
            for row in range(n_rows):
                _add(target[row], -row_weight[row] * columns[lane, row, known[number]], fixed[number])
        _project(basis[lane], inverse[lane], free, target, best)
    return Eliminated(residual, amplitudes, basis, inverse, rank)


@njit(**SUMS)
def differentiate_residual(  # noqa: PLR0917 - numba has no keyword-only arguments
    weight: Floats,
    free: Indices,
    residual: Floats,
    amplitudes: Floats,
    basis: Floats,
    inverse: Floats,
    d_columns: Floats,
) -> tuple[Floats, Floats]:
    """Return the two parts of the derivative of every residual: outside the space of the columns, and inside.

    Parameters
    ----------
    weight, free
        What `eliminate` was given.
    residual, amplitudes, basis, inverse
        What it returned.
    d_columns : ndarray, shape (n_lanes, n_rows, n_columns, n_parameters)
        Derivatives of the unweighted columns.

    Returns
    -------
    tuple of ndarray, shape (n_lanes, n_parameters, n_rows, n_channels)
    """
    n_lanes, n_rows, n_columns, n_parameters = d_columns.shape
    n_channels = residual.shape[2]
    outside = np.zeros((n_lanes, n_parameters, n_rows, n_channels))
    inside = np.zeros((n_lanes, n_parameters, n_rows, n_channels))
    for lane in range(n_lanes):
        row_weight = weight[min(lane, len(weight) - 1)]
        for k in range(n_parameters):
            slope = outside[lane, k]
            pulled = np.zeros((len(free), n_channels))
            for row in range(n_rows):
                for column in range(n_columns):
                    change = row_weight[row] * d_columns[lane, row, column, k]
                    _add(slope[row], -change, amplitudes[lane, column])
                for number in range(len(free)):
                    change = row_weight[row] * d_columns[lane, row, free[number], k]
                    _add(pulled[number], change, residual[lane, row])
            _reject(basis[lane], slope)
            _pull(basis[lane], inverse[lane], pulled, inside[lane, k])
    return outside, inside


@njit(**SUMS)
def _weigh(row_weight: Floats, columns: Floats, free: Indices, rows: Floats) -> None:
    """Write the weighted free columns as rows."""
    for number in range(len(free)):
        for row in range(len(row_weight)):
            rows[number, row] = row_weight[row] * columns[row, free[number]]


@njit(**SUMS)
def _orthonormalise(basis: Floats, inverse: Floats) -> int:
    """Turn rows into orthonormal directions of what they span, and return how many there are.

    Gram-Schmidt, the longest rest first, each direction cleaned twice (Daniel, Gragg, Kaufman & Stewart, Math. Comp.
    30, 772 (1976), 10.1090/S0025-5718-1976-0431641-8). Rows are normalised before: a trace species is not a dependent
    one.

    Parameters
    ----------
    basis : ndarray, shape (n, n_rows)
        Rows on entry, directions on return; zero where nothing stood apart.
    inverse : ndarray, shape (n, n)
        Receives the way back, ``pinv(rows.T) = inverse @ directions``; zeros on entry.
    """
    n = len(basis)
    order, norm, triangle = np.empty(n, np.intp), np.empty(n), np.zeros((n, n))
    for number in range(n):
        order[number] = number
        length = np.sqrt(_dot(basis[number], basis[number]))
        norm[number] = length if length > 0.0 else 1.0
        _scale(basis[number], 1.0 / norm[number])
    rank = 0
    while rank < n:
        _bring_longest(basis, triangle, order, rank)
        for before in range(rank):
            share = _dot(basis[before], basis[rank])
            triangle[before, rank] += share
            _add(basis[rank], -share, basis[before])
        length = np.sqrt(_dot(basis[rank], basis[rank]))
        if not length > RANK_RTOL:  # NaN is not above it either
            break
        triangle[rank, rank] = length
        _scale(basis[rank], 1.0 / length)
        for number in range(rank + 1, n):
            triangle[rank, number] = _dot(basis[rank], basis[number])
            _add(basis[number], -triangle[rank, number], basis[rank])
        rank += 1
    for number in range(rank, n):
        for row in range(basis.shape[1]):
            basis[number, row] = 0.0
    _invert(triangle, order, norm, rank, inverse)
    return rank


@njit(**SUMS)
def _bring_longest(basis: Floats, triangle: Floats, order: Indices, rank: int) -> None:
    """Swap the longest of the rows from `rank` on to its place."""
    best, longest = rank, -1.0
    for number in range(rank, len(basis)):
        length = _dot(basis[number], basis[number])
        if length > longest:
            best, longest = number, length
    for row in range(basis.shape[1]):
        basis[rank, row], basis[best, row] = basis[best, row], basis[rank, row]
    for row in range(rank):
        triangle[row, rank], triangle[row, best] = triangle[row, best], triangle[row, rank]
    order[rank], order[best] = order[best], order[rank]


@njit(**SUMS)
def _invert(triangle: Floats, order: Indices, norm: Floats, rank: int, inverse: Floats) -> None:
    """Write the inverse of the leading triangle, its rows in the order and scale that the columns came in."""
    for column in range(rank):
        for row in range(column, -1, -1):
            total = 1.0 if row == column else 0.0
            for k in range(row + 1, column + 1):
                total -= triangle[row, k] * inverse[order[k], column]
            inverse[order[row], column] = total / triangle[row, row]
    for row in range(len(norm)):
        _scale(inverse[order[row]], 1.0 / norm[order[row]])


@njit(**SUMS)
def _project(basis: Floats, inverse: Floats, free: Indices, target: Floats, amplitudes: Floats) -> None:
    """Take out of the target what the basis holds of it, and write the amplitudes that do so."""
    coefficient = np.zeros(target.shape[1])
    for number in range(len(basis)):
        _combine(basis[number], target, coefficient)
        for row in range(len(target)):
            _add(target[row], -basis[number, row], coefficient)
        for column in range(len(free)):
            _add(amplitudes[free[column]], inverse[column, number], coefficient)


@njit(**SUMS)
def _reject(basis: Floats, table: Floats) -> None:
    """Take out of a table what the basis holds of it."""
    coefficient = np.zeros(table.shape[1])
    for number in range(len(basis)):
        _combine(basis[number], table, coefficient)
        for row in range(len(table)):
            _add(table[row], -basis[number, row], coefficient)


@njit(**SUMS)
def _pull(basis: Floats, inverse: Floats, pulled: Floats, table: Floats) -> None:
    """Write ``-(inverse @ basis)^T pulled``."""
    coefficient = np.zeros(table.shape[1])
    for number in range(len(basis)):
        _combine(inverse[:, number], pulled, coefficient)
        for row in range(len(table)):
            _add(table[row], -basis[number, row], coefficient)


@njit(**SUMS)
def _combine(factors: Floats, table: Floats, total: Floats) -> None:
    """Write ``factors @ table``."""
    for k in range(len(total)):
        total[k] = 0.0
    for row in range(len(table)):
        _add(total, factors[row], table[row])


@njit(**SUMS)
def _add(target: Floats, factor: float, what: Floats) -> None:
    """Add ``factor * what``."""
    for k in range(len(target)):
        target[k] += factor * what[k]


@njit(**SUMS)
def _scale(target: Floats, factor: float) -> None:
    """Multiply by a factor."""
    for k in range(len(target)):
        target[k] *= factor


@njit(**SUMS)
def copy(source: Floats, target: Floats) -> None:
    """Copy a table."""
    for row in range(len(source)):
        for k in range(source.shape[1]):
            target[row, k] = source[row, k]


@njit(**SUMS)
def _dot(first: Floats, second: Floats) -> float:
    total = 0.0
    for k in range(len(first)):
        total += first[k] * second[k]
    return total

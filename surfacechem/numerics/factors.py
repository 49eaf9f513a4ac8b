"""Orthogonal factors of small tables, compiled, and the loops they are made of.

All arrays are contiguous: every other layout would be compiled anew, for some seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

__all__ = [
    "SUMS",
    "add",
    "combine",
    "copy",
    "dot",
    "finite",
    "orthonormalise",
    "reduce",
    "take_triangle",
    "triangulate",
]

SUMS: Final[dict[str, Any]] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc"},  # plain sums of products, in any order
}
RANK_RTOL: Final = 1e-11
"""A normalised column of which less than this share stands apart from the others depends on them."""


@njit(**SUMS)
def triangulate(tables: Floats) -> Floats:
    """Return the triangular factors of tables, shape (n_lanes, n_columns, n_columns).

    Parameters
    ----------
    tables : ndarray, shape (n_lanes, n_rows, n_columns)
        What is not finite counts as zero.
    """
    n_lanes, n_rows, n_columns = tables.shape
    triangle = np.zeros((n_lanes, n_columns, n_columns))
    turned = np.empty((n_columns, n_rows))
    for lane in range(n_lanes):
        for column in range(n_columns):
            for row in range(n_rows):
                turned[column, row] = finite(tables[lane, row, column])
        take_triangle(turned, triangle[lane])
    return triangle


@njit(**SUMS)
def take_triangle(table: Floats, triangle: Floats) -> None:
    """Reduce the transpose of a matrix, and write its triangular factor; zeros on entry."""
    n_columns, n_rows = table.shape
    reduce(table)
    for column in range(n_columns):
        for row in range(min(column + 1, n_rows)):
            triangle[row, column] = table[column, row]


@njit(**SUMS)
def reduce(table: Floats) -> None:
    """Turn the transpose of a matrix, shape (n_columns, n_rows), into that of its triangular factor (Householder).

    Rows below the diagonal keep the reflections.
    """
    n_columns, n_rows = table.shape
    for pivot in range(min(n_columns, n_rows)):
        column = table[pivot, pivot:]
        length = 0.0
        for row in range(len(column)):
            length += column[row] * column[row]
        if length == 0.0:
            continue
        diagonal = -np.sqrt(length) if column[0] > 0.0 else np.sqrt(length)
        column[0] -= diagonal
        size = length - diagonal * (column[0] + diagonal)  # half the square of the reflected vector
        for other in range(pivot + 1, n_columns):
            rest = table[other, pivot:]
            share = 0.0
            for row in range(len(column)):
                share += column[row] * rest[row]
            for row in range(len(column)):
                rest[row] -= share / size * column[row]
        column[0] = diagonal


@njit(**SUMS)
def orthonormalise(basis: Floats, inverse: Floats) -> int:
    """Turn rows into orthonormal directions of what they span, and return how many there are.

    Gram-Schmidt, the longest rest first, each direction cleaned twice (Daniel, Gragg, Kaufman & Stewart, Math. Comp.
    30, 772 (1976), 10.1090/S0025-5718-1976-0431641-8). Rows are normalised before: a trace species is not a dependent
    one.

    Parameters
    ----------
    basis : ndarray, shape (n, n_rows)
        Rows on entry, directions on return; zero where nothing stood apart.
    inverse : ndarray, shape (n, n)
        Receives the way back, ``pinv(rows.T) = inverse @ directions``.
    """
    n = len(basis)
    inverse[:] = 0.0
    order, norm, triangle = np.empty(n, np.intp), np.empty(n), np.zeros((n, n))
    for number in range(n):
        order[number] = number
        length = np.sqrt(dot(basis[number], basis[number]))
        norm[number] = length if length > 0.0 else 1.0
        scale(basis[number], 1.0 / norm[number])
    rank = 0
    while rank < n:
        _bring_longest(basis, triangle, order, rank)
        for before in range(rank):
            share = dot(basis[before], basis[rank])
            triangle[before, rank] += share
            add(basis[rank], -share, basis[before])
        length = np.sqrt(dot(basis[rank], basis[rank]))
        if not length > RANK_RTOL:  # NaN is not above it either
            break
        triangle[rank, rank] = length
        scale(basis[rank], 1.0 / length)
        for number in range(rank + 1, n):
            triangle[rank, number] = dot(basis[rank], basis[number])
            add(basis[number], -triangle[rank, number], basis[rank])
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
        length = dot(basis[number], basis[number])
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
        scale(inverse[order[row]], 1.0 / norm[order[row]])


@njit(**SUMS)
def combine(factors: Floats, table: Floats, total: Floats) -> None:
    """Write ``factors @ table``."""
    for k in range(len(total)):
        total[k] = 0.0
    for row in range(len(table)):
        add(total, factors[row], table[row])


@njit(**SUMS)
def add(target: Floats, factor: float, what: Floats) -> None:
    """Add ``factor * what``."""
    for k in range(len(target)):
        target[k] += factor * what[k]


@njit(**SUMS)
def scale(target: Floats, factor: float) -> None:
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
def dot(first: Floats, second: Floats) -> float:
    """Return the inner product."""
    total = 0.0
    for k in range(len(first)):
        total += first[k] * second[k]
    return total


@njit(**SUMS)
def finite(value: float) -> float:
    """Return a number, 0 for what is none."""
    return value if abs(value) < np.inf else 0.0

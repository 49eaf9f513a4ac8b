"""Variable projection, compiled: the best amplitudes of many small linear models, and how what they leave moves.

All arrays are contiguous: every other layout would be compiled anew, for some seconds.

Of the weighted free columns B an orthonormal basis Q and ``B^+ = inverse @ Q^T`` are found; a target T then leaves
``R = T - Q Q^T T``. The formula of the derivatives and its source stand in `fitting.separable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from surfacechem.numerics.factors import SUMS, add, combine, copy, dot, finite, orthonormalise, take_triangle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.intp]

__all__ = ["Eliminated", "eliminate"]


class Eliminated(NamedTuple):
    """What is left after the amplitudes are eliminated, lane by lane, and how it moves."""

    residual: Floats  # (n_lanes, n_rows, n_channels), weighted, measured minus fitted
    amplitudes: Floats  # (n_lanes, n_columns, n_channels), the known ones in their places
    basis: Floats  # (n_lanes, n_free, n_rows), orthonormal rows; zero where a column depends on others
    inverse: Floats  # (n_lanes, n_free, n_free); inverse @ basis is the pseudo-inverse of the columns
    rank: Indices  # (n_lanes,)
    triangle: Floats  # (n_lanes, n_parameters + 1, n_parameters + 1)


@njit(**SUMS)
def eliminate(  # noqa: PLR0917 - numba has no keyword-only arguments
    weight: Floats,
    values: Floats,
    free: Indices,
    known: Indices,
    known_amplitudes: Floats,
    columns: Floats,
    d_columns: Floats,
    n_kept: int,
) -> tuple[Floats, Floats, Floats, Floats, Indices, Floats]:
    """Find the best amplitudes of every lane, what they leave, and the triangular factor of ``[J r]``.

    r is the residual, J its derivative by the parameters less the part inside the space of the columns. Without
    parameters the factor is the root of the sum of squares.

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
    d_columns : ndarray, shape (n_lanes, n_rows, n_columns, n_parameters)
        Their derivatives; what is not finite counts as zero.
    n_kept : int
        Lanes whose residuals, amplitudes, basis and inverse are wanted: all, or 1, which has those of the last one.

    Returns
    -------
    tuple
        The fields of `Eliminated`, which numba would put together more slowly.
    """
    n_lanes, n_rows, n_columns, n_parameters = d_columns.shape
    residual, amplitudes = np.empty((n_kept, n_rows, values.shape[2])), np.empty((n_kept, n_columns, values.shape[2]))
    basis, inverse = np.empty((n_kept, len(free), n_rows)), np.empty((n_kept, len(free), len(free)))
    rank, triangle = np.empty(n_lanes, np.intp), np.zeros((n_lanes, n_parameters + 1, n_parameters + 1))
    change, along = np.empty((n_columns, n_rows)), np.empty((n_columns, n_columns))
    table = np.empty((n_parameters + 1, n_rows * n_columns + 1))
    for lane in range(n_lanes):
        place, row_weight = min(lane, n_kept - 1), weight[min(lane, len(weight) - 1)]
        target, best = residual[place], amplitudes[place]
        _weigh(row_weight, columns[lane], free, basis[place])
        rank[lane] = orthonormalise(basis[place], inverse[place])
        copy(values[min(lane, len(values) - 1)], target)
        best[:] = 0.0
        fixed = known_amplitudes[min(lane, len(known_amplitudes) - 1)]
        for number in range(len(known)):
            add(best[known[number]], 1.0, fixed[number])
            for row in range(n_rows):
                add(target[row], -row_weight[row] * columns[lane, row, known[number]], fixed[number])
        _project(basis[place], inverse[place], free, target, best)
        if n_parameters == 0:
            triangle[lane, 0, 0] = np.sqrt(_sum_squares(target))
            continue
        _rotate(target, best, along, table[n_parameters])
        for k in range(n_parameters):
            _change_columns(row_weight, d_columns[lane], k, basis[place], change)
            for direction in range(n_columns):
                combine(along[direction], change, table[k, direction * n_rows : (direction + 1) * n_rows])
            table[k, n_rows * n_columns] = 0.0
        take_triangle(table, triangle[lane])
    return residual, amplitudes, basis, inverse, rank, triangle


@njit(**SUMS)
def _weigh(row_weight: Floats, columns: Floats, free: Indices, rows: Floats) -> None:
    """Write the weighted free columns as rows."""
    for number in range(len(free)):
        for row in range(len(row_weight)):
            rows[number, row] = row_weight[row] * columns[row, free[number]]


@njit(**SUMS)
def _project(basis: Floats, inverse: Floats, free: Indices, target: Floats, amplitudes: Floats) -> None:
    """Take out of the target what the basis holds of it, and write the amplitudes that do so."""
    coefficient = np.zeros(target.shape[1])
    for number in range(len(basis)):
        combine(basis[number], target, coefficient)
        for row in range(len(target)):
            add(target[row], -basis[number, row], coefficient)
        for column in range(len(free)):
            add(amplitudes[free[column]], inverse[column, number], coefficient)


@njit(**SUMS)
def _rotate(residual: Floats, amplitudes: Floats, along: Floats, rotated: Floats) -> None:
    """Turn the channels so that the amplitudes lie along as few of them as there are columns.

    The others move with no parameter, and all that is kept of them is the root of their sum of squares.

    Parameters
    ----------
    residual : ndarray, shape (n_rows, n_channels)
        Residual.
    amplitudes : ndarray, shape (n_columns, n_channels)
        Amplitudes.
    along : ndarray, shape (n_columns, n_columns)
        Receives, for each new channel, the amplitude of each column with the other sign.
    rotated : ndarray, shape (n_columns * n_rows + 1,)
        Receives the residual, new channel by new channel, and what is kept of the others.
    """
    n_rows, n_columns = len(residual), len(amplitudes)
    directions = amplitudes.copy()
    orthonormalise(directions, np.empty((n_columns, n_columns)))
    left = _sum_squares(residual)
    for direction in range(n_columns):
        for column in range(n_columns):
            along[direction, column] = -dot(amplitudes[column], directions[direction])
        for row in range(n_rows):
            share = dot(residual[row], directions[direction])
            rotated[direction * n_rows + row] = share
            left -= share * share
    rotated[n_columns * n_rows] = np.sqrt(max(left, 0.0))


@njit(**SUMS)
def _change_columns(row_weight: Floats, d_columns: Floats, k: int, basis: Floats, change: Floats) -> None:
    """Write how the weighted columns change with a parameter, as rows, without what the basis holds of it."""
    for column in range(len(change)):
        for row in range(len(row_weight)):
            change[column, row] = finite(row_weight[row] * d_columns[row, column, k])
        for number in range(len(basis)):
            add(change[column], -dot(basis[number], change[column]), basis[number])


@njit(**SUMS)
def _sum_squares(table: Floats) -> float:
    total = 0.0
    for row in range(len(table)):
        total += dot(table[row], table[row])
    return total

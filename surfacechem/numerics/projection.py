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

__all__ = ["Eliminated", "eliminate", "triangulate_rest"]


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
    found: Eliminated = _make_room(len(columns), columns, len(free), values.shape[2])
    for lane in range(len(columns)):
        _eliminate_lane(weight, values, free, known, known_amplitudes, columns, lane, found, lane)
    return found


@njit(**SUMS)
def triangulate_rest(  # noqa: PLR0917 - numba has no keyword-only arguments
    weight: Floats,
    values: Floats,
    free: Indices,
    known: Indices,
    known_amplitudes: Floats,
    columns: Floats,
    d_columns: Floats,
) -> tuple[Floats, Indices]:
    """Return the triangular factor of ``[J r]`` of every lane, and the rank of its free columns.

    r is the residual that `eliminate` leaves, J its derivative less the part inside the space of the columns. Without
    parameters the factor is the root of the sum of squares.

    Parameters
    ----------
    weight, values, free, known, known_amplitudes, columns
        What `eliminate` is given.
    d_columns : ndarray, shape (n_lanes, n_rows, n_columns, n_parameters)
        Derivatives of the unweighted columns; what is not finite counts as zero.

    Returns
    -------
    tuple of ndarray, shapes (n_lanes, n_parameters + 1, n_parameters + 1) and (n_lanes,)
    """
    n_lanes, n_rows, n_columns, n_parameters = d_columns.shape
    found = _make_room(1, columns, len(free), values.shape[2])
    residual, amplitudes, basis, rank = (
        found.residual[0],
        found.amplitudes[0],
        found.basis[0],
        np.empty(n_lanes, np.intp),
    )
    triangle, along = np.zeros((n_lanes, n_parameters + 1, n_parameters + 1)), np.empty((n_columns, n_columns))
    change, table = np.empty((n_columns, n_rows)), np.empty((n_parameters + 1, n_rows * n_columns + 1))
    for lane in range(n_lanes):
        _eliminate_lane(weight, values, free, known, known_amplitudes, columns, lane, found, 0)
        rank[lane] = found.rank[0]
        if n_parameters == 0:
            triangle[lane, 0, 0] = np.sqrt(_sum_squares(residual))
            continue
        _rotate(residual, amplitudes, along, table[n_parameters])
        for k in range(n_parameters):
            _change_columns(weight[min(lane, len(weight) - 1)], d_columns[lane], k, basis, change)
            for direction in range(n_columns):
                place = table[k, direction * n_rows : (direction + 1) * n_rows]
                combine(along[direction], change, place)
            table[k, n_rows * n_columns] = 0.0
        take_triangle(table, triangle[lane])
    return triangle, rank


@njit(**SUMS)
def _make_room(n_lanes: int, columns: Floats, n_free: int, n_channels: int) -> Eliminated:
    n_rows, n_columns = columns.shape[1:]
    return Eliminated(
        np.empty((n_lanes, n_rows, n_channels)),
        np.empty((n_lanes, n_columns, n_channels)),
        np.empty((n_lanes, n_free, n_rows)),
        np.empty((n_lanes, n_free, n_free)),
        np.empty(n_lanes, np.intp),
    )


@njit(**SUMS)
def _eliminate_lane(  # noqa: PLR0917 - numba has no keyword-only arguments
    weight: Floats,
    values: Floats,
    free: Indices,
    known: Indices,
    known_amplitudes: Floats,
    columns: Floats,
    lane: int,
    found: Eliminated,
    place: int,
) -> None:
    """Write what is found for one lane to its place."""
    row_weight = weight[min(lane, len(weight) - 1)]
    target, best = found.residual[place], found.amplitudes[place]
    basis, inverse = found.basis[place], found.inverse[place]
    for number in range(len(free)):
        for row in range(len(row_weight)):
            basis[number, row] = row_weight[row] * columns[lane, row, free[number]]
    found.rank[place] = orthonormalise(basis, inverse)
    copy(values[min(lane, len(values) - 1)], target)
    best[:] = 0.0
    fixed = known_amplitudes[min(lane, len(known_amplitudes) - 1)]
    for number in range(len(known)):
        add(best[known[number]], 1.0, fixed[number])
        for row in range(len(row_weight)):
            add(target[row], -row_weight[row] * columns[lane, row, known[number]], fixed[number])
    _project(basis, inverse, free, target, best)


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

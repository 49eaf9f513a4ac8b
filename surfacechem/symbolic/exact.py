"""Exact linear algebra on sparse rational rows: elimination, null space, non-negative conservation laws.

Stoichiometry is a matter of yes and no (conserved or not, dependent or not), so it is never decided in floats.
Rows are dictionaries ``column -> Fraction`` without zeros; a reaction has three or four entries however large the
network is. Nothing here imports sympy, so that a fit starts in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Echelon", "Row", "dot", "nonnegative_rays", "nullspace", "row_reduce", "smallest_integers"]

Row = dict[int, Fraction]

MOST_RAYS = 1000
"""Rays kept while eliminating; beyond it the non-negative form is given up for a signed one."""
MOST_SUMS = 20_000
"""The same for all sums formed on the way: a second or two of work."""


@dataclass(frozen=True, kw_only=True)
class Echelon:
    """Reduced rows of a matrix and how they came about.

    Attributes
    ----------
    rows : tuple of Row
        Fully reduced rows, each 1 at its pivot.
    pivots : tuple of int
        Pivot column of each row.
    combinations : tuple of Row
        ``rows[k]`` is the sum of the given rows times ``combinations[k]``.
    cycles : tuple of Row
        Combinations of the given rows that vanish, one for each dependent row.
    """

    rows: tuple[Row, ...]
    pivots: tuple[int, ...]
    combinations: tuple[Row, ...]
    cycles: tuple[Row, ...]


def row_reduce(rows: Iterable[Mapping[int, Fraction]], *, rank_of: Callable[[int], int] = int) -> Echelon:
    """Reduce rows completely, taking as pivot the column of lowest ``rank_of``.

    The pivots found are the best independent set of columns in the sense of `rank_of` whatever the order of the
    rows: a row's pivot never ranks above its other entries, and later eliminations keep that true.
    """
    reduced: dict[int, tuple[Row, Row]] = {}
    cycles = []
    for index, given in enumerate(rows):
        row, combination = dict(given), {index: Fraction(1)}
        for column in [column for column in row if column in reduced]:
            factor = row[column]
            _subtract(row, reduced[column][0], factor)
            _subtract(combination, reduced[column][1], factor)
        if not row:
            cycles.append(combination)
            continue
        pivot = min(row, key=rank_of)
        scale = 1 / row[pivot]
        row = {column: value * scale for column, value in row.items()}
        combination = {column: value * scale for column, value in combination.items()}
        for other, its_combination in reduced.values():
            if pivot in other:
                factor = other[pivot]
                _subtract(other, row, factor)
                _subtract(its_combination, combination, factor)
        reduced[pivot] = (row, combination)
    return Echelon(
        rows=tuple(row for row, _ in reduced.values()),
        pivots=tuple(reduced),
        combinations=tuple(combination for _, combination in reduced.values()),
        cycles=tuple(cycles),
    )


def nullspace(echelon: Echelon, columns: Iterable[int]) -> tuple[Row, ...]:
    """Return one vector per column without pivot: 1 there, 0 at the other columns without pivot."""
    pivots = set(echelon.pivots)
    vectors = []
    for free in columns:
        if free in pivots:
            continue
        vector = {free: Fraction(1)}
        for row, pivot in zip(echelon.rows, echelon.pivots, strict=True):
            if free in row:
                vector[pivot] = -row[free]
        vectors.append(vector)
    return tuple(vectors)


def nonnegative_rays(rows: Sequence[Mapping[int, Fraction]], n_columns: int) -> tuple[Row, ...] | None:
    """Return the vectors of least support among ``v >= 0`` with ``rows @ v = 0``, in smallest integers.

    Farkas' elimination: one row after the other is made to vanish by adding every vector above it to every vector
    below it; what is not of minimal support is dropped on the way. None when there are too many to list.
    """
    integral = [smallest_integers(row) for row in rows]
    rays = [
        ({column: 1}, {index: row[column] for index, row in enumerate(integral) if column in row})
        for column in range(n_columns)
    ]
    n_sums = 0
    while n_pairs := _count_pairs(rays):
        index = min(n_pairs, key=lambda candidate: (n_pairs[candidate], candidate))
        n_sums += n_pairs[index]
        if n_sums > MOST_SUMS or len(rays) > MOST_RAYS:
            return None
        rays = _eliminate(rays, index)
    return tuple({column: Fraction(value) for column, value in sorted(ray.items())} for ray, _ in rays)


def smallest_integers(row: Mapping[int, Fraction]) -> dict[int, int]:
    """Return the row scaled to coprime integers, signs kept."""
    scale = lcm(*(value.denominator for value in row.values()))
    return _coprime({column: int(value * scale) for column, value in row.items()})


def dot(left: Mapping[int, Fraction], right: Mapping[int, Fraction]) -> Fraction:
    """Return the sum of products over common columns."""
    return sum((value * right[column] for column, value in left.items() if column in right), Fraction(0))


_Ray = tuple[dict[int, int], dict[int, int]]


def _subtract(row: Row, other: Mapping[int, Fraction], factor: Fraction) -> None:
    """Subtract ``factor * other`` from ``row`` in place, dropping zeros."""
    for column, value in other.items():
        rest = row.get(column, Fraction(0)) - factor * value
        if rest:
            row[column] = rest
        else:
            row.pop(column, None)


def _coprime(row: dict[int, int]) -> dict[int, int]:
    divisor = gcd(*row.values()) or 1
    return {column: value // divisor for column, value in row.items()}


def _count_pairs(rays: list[_Ray]) -> dict[int, int]:
    """Return for each row not yet satisfied how many sums its elimination would form."""
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    for _, residual in rays:
        for index, value in residual.items():
            side = above if value > 0 else below
            side[index] = side.get(index, 0) + 1
    return {index: above.get(index, 0) * below.get(index, 0) for index in above | below}


def _eliminate(rays: list[_Ray], index: int) -> list[_Ray]:
    """Return the rays that satisfy row ``index`` as well, minimal in support."""
    minimal = {_mask(ray): ray for ray in rays if index not in ray[1]}
    above = [ray for ray in rays if ray[1].get(index, 0) > 0]
    below = [ray for ray in rays if ray[1].get(index, 0) < 0]
    sums = {_mask(ray): ray for ray in (_combine(one, other, index) for one in above for other in below)}
    # Rays that stay are minimal already: a sum within their support would have shown that they were not before.
    for mask in sorted(sums, key=int.bit_count):
        if not any(smaller & mask == smaller for smaller in minimal):
            minimal[mask] = sums[mask]
    return list(minimal.values())


def _mask(ray: _Ray) -> int:
    """Return the support as bits."""
    return sum(1 << column for column in ray[0])


def _combine(one: _Ray, other: _Ray, index: int) -> _Ray:
    """Return the least positive combination of two rays whose residual ``index`` vanishes."""
    up, down = one[1][index], -other[1][index]
    divisor = gcd(up, down)
    weights = down // divisor, up // divisor
    law = {column: _weighted(one[0], other[0], column, weights) for column in one[0] | other[0]}
    common = gcd(*law.values())
    residual = {column: _weighted(one[1], other[1], column, weights) for column in one[1] | other[1]}
    return (
        {column: value // common for column, value in law.items()},
        {column: value // common for column, value in residual.items() if value},
    )


def _weighted(one: dict[int, int], other: dict[int, int], column: int, weights: tuple[int, int]) -> int:
    return weights[0] * one.get(column, 0) + weights[1] * other.get(column, 0)

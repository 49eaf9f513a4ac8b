from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.symbolic.exact import dot, nonnegative_rays, nullspace, row_reduce, smallest_integers

if TYPE_CHECKING:
    import pytest

matrices = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.fractions(-3, 3, max_denominator=4), min_size=width, max_size=width), min_size=1, max_size=5
    )
)


def sparse(matrix: list[list[Fraction]]) -> list[dict[int, Fraction]]:
    """Return the rows without their zeros."""
    return [{column: value for column, value in enumerate(row) if value} for row in matrix]


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_rank_is_that_of_sympy(matrix: list[list[Fraction]]) -> None:
    """Elimination finds as many independent rows as sympy does."""
    expected = sp.Matrix([[sp.Rational(v.numerator, v.denominator) for v in row] for row in matrix]).rank()
    assert len(row_reduce(sparse(matrix)).rows) == expected


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_combinations_rebuild_rows(matrix: list[list[Fraction]]) -> None:
    """Each reduced row is the stated sum of the given rows, and each cycle sums to nothing."""
    rows = sparse(matrix)
    echelon = row_reduce(rows)
    sums = [
        {
            column: dot(combination, {k: row.get(column, Fraction(0)) for k, row in enumerate(rows)})
            for column in range(5)
        }
        for combination in (*echelon.combinations, *echelon.cycles)
    ]
    found = [{column: value for column, value in total.items() if value} for total in sums]
    assert found == [*echelon.rows, *({} for _ in echelon.cycles)]


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_nullspace_is_orthogonal(matrix: list[list[Fraction]]) -> None:
    """Every vector of the null space vanishes on every row, and rank and nullity add up."""
    rows, width = sparse(matrix), len(matrix[0])
    echelon = row_reduce(rows)
    vectors = nullspace(echelon, range(width))
    assert len(vectors) + len(echelon.rows) == width
    assert all(dot(row, vector) == 0 for row in rows for vector in vectors)


def test_pivots_avoid_what_ranks_last() -> None:
    """The dearest columns stay free whatever the order of the rows."""
    rows = sparse([[Fraction(1), Fraction(1), Fraction(0)], [Fraction(0), Fraction(1), Fraction(1)]])
    for order in (rows, rows[::-1]):
        assert set(row_reduce(order, rank_of=lambda column: -column).pivots) == {1, 2}


@settings(max_examples=60, deadline=None)
@given(matrices)
def test_rays_are_conserved_and_minimal(matrix: list[list[Fraction]]) -> None:
    """Rays vanish on every row, are not negative, and none holds the support of another."""
    rows = sparse(matrix)
    rays = nonnegative_rays(rows, len(matrix[0]))
    assert rays is not None
    assert all(dot(row, ray) == 0 and min(ray.values()) > 0 for row in rows for ray in rays)
    supports = [frozenset(ray) for ray in rays]
    assert not any(one < other for one in supports for other in supports)


def test_rays_of_exchange_are_its_moieties() -> None:
    """A B + C = A C + B conserves what A, B and C are, and the sum on each side."""
    row = {0: Fraction(-1), 1: Fraction(-1), 2: Fraction(1), 3: Fraction(1)}
    rays = nonnegative_rays([row], 4)
    assert rays is not None
    assert {frozenset(ray) for ray in rays} == {frozenset(pair) for pair in ((0, 2), (0, 3), (1, 2), (1, 3))}


def test_too_many_rays_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound there is no list, so that a large network cannot hang."""
    monkeypatch.setattr("surfacechem.symbolic.exact.MOST_RAYS", 3)
    assert nonnegative_rays([{0: Fraction(1), 1: Fraction(1), 2: Fraction(-1), 3: Fraction(-1)}], 4) is None


def test_smallest_integers_keep_ratio_and_sign() -> None:
    """Fractions become the smallest integers in the same ratio."""
    assert smallest_integers({0: Fraction(-1, 2), 3: Fraction(3, 4)}) == {0: -2, 3: 3}


def test_sums_of_rays_are_dropped() -> None:
    """A combination that holds the support of two rays is none itself, although elimination meets it."""
    rows = [{0: -1, 2: 1, 3: 1, 4: -1}, {0: 1, 1: 1, 2: -1, 3: 1, 4: -1}]
    rays = nonnegative_rays([{column: Fraction(value) for column, value in row.items()} for row in rows], 5)
    assert rays is not None
    assert {frozenset(ray) for ray in rays} == {frozenset(held) for held in ((0, 2), (3, 4), (1, 2, 4))}

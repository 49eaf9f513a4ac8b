"""Eliminated amplitudes against the pseudo-inverse of the columns."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.numerics.projection import Eliminated, eliminate


@pytest.fixture
def draws() -> np.random.Generator:
    """Return a generator that each test starts anew."""
    return np.random.default_rng(7)


NOTHING = np.zeros(0, dtype=np.intp)


def found_for(columns: np.ndarray, values: np.ndarray) -> Eliminated:
    """Return what is left of values, all columns free and all weights 1."""
    known = np.zeros((1, 0, values.shape[-1]))
    weight, free = np.ones((1, columns.shape[1])), np.arange(columns.shape[2])
    still = np.zeros((*columns.shape, 0))
    return Eliminated(*eliminate(weight, values, free, NOTHING, known, columns, still, len(columns)))


@pytest.mark.parametrize("closeness", [1.0, 1e-4, 1e-9])
def test_directions_are_orthonormal_however_close_the_columns(closeness: float, draws: np.random.Generator) -> None:
    """Cleaning twice keeps the directions perpendicular to rounding, which cleaning once does not."""
    columns = draws.normal(size=(1, 30, 1)) + closeness * draws.normal(size=(1, 30, 4))
    found = found_for(columns, draws.normal(size=(1, 30, 2)))
    assert found.rank.tolist() == [4]
    np.testing.assert_allclose(found.basis[0] @ found.basis[0].T, np.eye(4), atol=1e-14)


def test_way_back_is_the_pseudo_inverse(draws: np.random.Generator) -> None:
    """Amplitudes follow from any data by ``inverse @ basis``, whatever the units of the columns."""
    columns, scale = draws.normal(size=(3, 12, 3)), np.array([1.0, 1e-9, 1e3])
    found = found_for(columns * scale, draws.normal(size=(1, 12, 2)))
    expected = np.linalg.pinv(columns) / scale[:, np.newaxis]
    np.testing.assert_allclose(found.inverse @ found.basis, expected, rtol=1e-10)


def test_more_columns_than_rows_leave_nothing(draws: np.random.Generator) -> None:
    """Two points and three columns: the rank is two and the residual zero."""
    found = found_for(draws.normal(size=(1, 2, 3)), draws.normal(size=(1, 2, 4)))
    assert found.rank.tolist() == [2]
    np.testing.assert_allclose(found.residual, 0.0, atol=1e-14)


def test_columns_that_are_no_numbers_hold_nothing(draws: np.random.Generator) -> None:
    """A lane that could not be solved leaves the data as they are, and its neighbour is not disturbed."""
    columns = np.stack([np.full((9, 2), np.nan), draws.normal(size=(9, 2))])
    values = draws.normal(size=(1, 9, 1))
    found = found_for(columns, values)
    assert found.rank.tolist() == [0, 2]
    np.testing.assert_array_equal(found.residual[0], values[0])
    assert np.isfinite(found.residual).all()


def test_derivative_of_dependent_columns_is_that_of_independent_ones(draws: np.random.Generator) -> None:
    """Where a column only repeats another, leaving it out changes neither the residual nor how it moves."""
    first, d_first = draws.normal(size=(1, 9, 1)), draws.normal(size=(1, 9, 1, 1))
    values, slopes = draws.normal(size=(1, 9, 3)), []
    for columns, d_columns in ((first, d_first), (np.dstack([first, 2 * first]), np.dstack([d_first, 2 * d_first]))):
        free, known = np.arange(columns.shape[2]), np.zeros((1, 0, values.shape[-1]))
        found = Eliminated(*eliminate(np.ones((1, 9)), values, free, NOTHING, known, columns, d_columns, 1))
        assert found.rank.tolist() == [1]
        slopes.append(np.swapaxes(found.triangle, 1, 2) @ found.triangle)
    np.testing.assert_allclose(slopes[1], slopes[0], atol=1e-12)


@pytest.mark.parametrize("n_channels", [1, 3, 40])
def test_triangle_has_the_inner_products_of_the_whole_table(n_channels: int, draws: np.random.Generator) -> None:
    """However few channels are kept, the factor of [J r] is that of residual and derivative written out in full."""
    columns, d_columns = draws.normal(size=(2, 12, 3)), draws.normal(size=(2, 12, 3, 2))
    values, weight = draws.normal(size=(1, 12, n_channels)), draws.uniform(size=(1, 12))
    free, known, fixed = np.array([0, 2]), np.array([1]), draws.normal(size=(1, 1, n_channels))
    found = Eliminated(*eliminate(weight, values, free, known, fixed, columns, d_columns, 2))
    triangle = found.triangle
    for lane in range(2):
        changes = weight[0, :, np.newaxis] * np.moveaxis(d_columns[lane], -1, 0)
        outside = np.eye(12) - found.basis[lane].T @ found.basis[lane]
        rows = [*(-outside @ changes @ found.amplitudes[lane]), found.residual[lane]]
        table = np.stack([row.ravel() for row in rows], axis=1)
        np.testing.assert_allclose(triangle[lane].T @ triangle[lane], table.T @ table, rtol=1e-10, atol=1e-12)

"""Variable projection against plain least squares and central differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from surfacechem.fitting.separable import Separable, compress, hold_at_zero, project, triangulate, write_out
from surfacechem.numerics.projection import eliminate

N_ROWS, N_CHANNELS = 9, 6
TIME = np.linspace(0.0, 3.0, N_ROWS)


def columns_at(rates: np.ndarray) -> np.ndarray:
    """Return three columns per lane, nonlinear in two parameters."""
    first, second = rates[:, :1], rates[:, 1:]
    return np.stack([np.exp(-first * TIME), np.exp(-second * TIME), first * TIME], axis=-1)


def slopes_at(rates: np.ndarray) -> np.ndarray:
    """Return the derivative of `columns_at`, shape (n_lanes, n_rows, 3, 2)."""
    slopes = np.zeros((len(rates), N_ROWS, 3, 2))
    slopes[:, :, 0, 0] = -TIME * np.exp(-rates[:, :1] * TIME)
    slopes[:, :, 1, 1] = -TIME * np.exp(-rates[:, 1:] * TIME)
    slopes[:, :, 2, 0] = TIME
    return slopes


RATES = np.array([[0.4, 2.0], [0.9, 1.5]])


def make_block(**changes: Any) -> Separable:  # noqa: ANN401  (fields)
    """Return a block with one known column, a missing row and two free columns."""
    draws = np.random.default_rng(3)
    weight = draws.uniform(0.5, 1.0, N_ROWS)
    weight[4] = 0.0
    values = draws.normal(size=(1, N_ROWS, N_CHANNELS)) * weight[:, np.newaxis]
    block = Separable(
        weight=weight[np.newaxis],
        values=values,
        free=np.array([0, 2]),
        known=np.array([1]),
        known_amplitudes=draws.normal(size=(1, 1, N_CHANNELS)),
        channels=np.arange(N_CHANNELS),
        factor=np.ones(N_CHANNELS),
    )
    return replace(block, **changes)


def test_amplitudes_are_those_of_plain_least_squares() -> None:
    """Eliminating amplitudes finds what a linear regression finds."""
    block = make_block()
    found = project(block, columns_at(RATES))
    weighted = columns_at(RATES)[1] * block.weight[0, :, np.newaxis]
    target = block.values[0] - weighted[:, [1]] @ block.known_amplitudes[0]
    expected, *_ = np.linalg.lstsq(weighted[:, [0, 2]], target)
    np.testing.assert_allclose(found.amplitudes[1][[0, 2]], expected, rtol=1e-10)
    np.testing.assert_allclose(found.residual[1], target - weighted[:, [0, 2]] @ expected, atol=1e-13)


def test_gradient_agrees_with_central_differences() -> None:
    """The Jacobian without its part inside the columns has the exact gradient of the sum of squares."""
    block, step = make_block(), 1e-6
    triangle, _ = triangulate(block, columns_at(RATES), slopes_at(RATES))
    gradient = 2.0 * np.einsum("lij,li->lj", triangle[..., :-1], triangle[..., -1])
    np.testing.assert_allclose(np.sum(triangle[..., -1] ** 2, axis=1), squares_at(block, RATES), rtol=1e-13)
    for k, shift in enumerate(step * np.eye(2)):
        difference = squares_at(block, RATES + shift) - squares_at(block, RATES - shift)
        np.testing.assert_allclose(gradient[:, k], difference / (2 * step), rtol=1e-6, atol=1e-8)


def squares_at(block: Separable, rates: np.ndarray) -> np.ndarray:
    """Return the sum of squares of each lane."""
    return np.asarray(np.sum(project(block, columns_at(rates)).residual ** 2, axis=(1, 2)))


def test_information_is_that_of_constants_and_amplitudes_together() -> None:
    """Inverting it gives the covariance of the parameters that the joint problem has."""
    block = make_block()
    triangle, _ = triangulate(block, columns_at(RATES), slopes_at(RATES))
    weight, found = block.weight[0, :, np.newaxis], project(block, columns_at(RATES))
    moved = np.moveaxis(slopes_at(RATES)[0], -1, 0) * weight @ found.amplitudes[0]
    by_amplitude = np.kron(columns_at(RATES)[0][:, block.free] * weight, np.eye(N_CHANNELS))
    joint = np.concatenate([moved.reshape(2, -1).T, by_amplitude], axis=1)
    expected = np.linalg.inv(joint.T @ joint)[:2, :2]
    slopes = triangle[0, :, :-1]
    np.testing.assert_allclose(np.linalg.inv(slopes.T @ slopes), expected, rtol=1e-9)


def test_triangle_is_that_of_what_is_written_out() -> None:
    """Residuals and slopes of all values have the inner products that their factor keeps."""
    block = make_block()
    triangle, _ = triangulate(block, columns_at(RATES), slopes_at(RATES))
    residual = project(block, columns_at(RATES)).residual
    slopes = write_out(block, columns_at(RATES), slopes_at(RATES))
    table = np.concatenate([slopes, residual[:, np.newaxis]], axis=1).reshape(2, 3, -1)
    np.testing.assert_allclose(np.swapaxes(triangle, 1, 2) @ triangle, table @ np.swapaxes(table, 1, 2), rtol=1e-10)


def test_compressing_changes_no_sum_of_squares() -> None:
    """Three hundred wavelengths fit exactly like the ten directions they span."""
    draws = np.random.default_rng(4)
    wide = make_block(
        values=draws.normal(size=(1, N_ROWS, 300)),
        known_amplitudes=draws.normal(size=(1, 1, 300)),
        channels=np.arange(300),
    )
    narrow = compress(wide)
    assert narrow.values.shape[-1] == N_ROWS + 1
    sums = []
    for block in (wide, narrow):
        triangle, _ = triangulate(block, columns_at(RATES), slopes_at(RATES))
        sums.append(np.swapaxes(triangle, 1, 2) @ triangle)
    np.testing.assert_allclose(sums[1], sums[0], rtol=1e-10)


def test_trace_species_is_no_dependent_one() -> None:
    """A column of 1e-15 mol/L counts as much as its neighbours."""
    block = make_block(known=np.array([], dtype=int), known_amplitudes=np.zeros((1, 0, N_CHANNELS)))
    block = replace(block, free=np.arange(3))
    columns = columns_at(RATES) * np.array([1.0, 1e-15, 1.0])
    assert project(block, columns).n_amplitudes.tolist() == [3 * N_CHANNELS] * 2


def test_dependent_columns_lower_the_count() -> None:
    """Two proportional columns hold one amplitude, and an empty one none."""
    block = make_block(known=np.array([], dtype=int), known_amplitudes=np.zeros((1, 0, N_CHANNELS)))
    block = replace(block, free=np.arange(3))
    columns = columns_at(RATES)
    columns[..., 1] = 2 * columns[..., 0]
    columns[..., 2] = 0.0
    found = project(block, columns)
    assert found.n_amplitudes.tolist() == [N_CHANNELS] * 2
    assert np.isfinite(found.amplitudes).all()


def test_strided_arrays_are_not_compiled_anew() -> None:
    """Each layout of an argument costs seconds of compilation; all come down to one."""
    block = make_block()
    project(block, columns_at(RATES)), triangulate(block, columns_at(RATES), slopes_at(RATES))
    before = len(eliminate.signatures)
    strided = replace(block, weight=block.weight[:, ::-1], values=np.asfortranarray(block.values))
    columns, slopes = columns_at(RATES)[:, ::-1], slopes_at(RATES)[:, ::-1]
    project(strided, columns), triangulate(strided, columns, slopes)
    assert len(eliminate.signatures) == before


def test_nothing_free_leaves_the_data() -> None:
    """Without free columns the residual is measured minus known."""
    block = hold_at_zero(make_block(), np.array([0, 2]))
    weighted = columns_at(RATES) * block.weight[0, :, np.newaxis]
    expected = block.values - weighted[..., [1]] @ block.known_amplitudes[0, :1]
    np.testing.assert_allclose(project(block, columns_at(RATES)).residual, expected, atol=1e-15)

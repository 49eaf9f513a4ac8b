"""Variable projection against plain least squares and central differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from surfacechem.fitting.separable import Separable, compress, differentiate, hold_at_zero, project
from surfacechem.numerics.projection import differentiate_residual, eliminate

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


def test_exact_jacobian_agrees_with_central_differences() -> None:
    """Both parts of the Golub-Pereyra derivative together are the derivative of the residual."""
    block = make_block()
    slopes = differentiate(block, project(block, columns_at(RATES)), slopes_at(RATES))
    step = 1e-6
    for k, shift in enumerate(step * np.eye(2)):
        above = project(block, columns_at(RATES + shift)).residual
        below = project(block, columns_at(RATES - shift)).residual
        exact = slopes.projected[:, k] + slopes.correction[:, k]
        np.testing.assert_allclose(exact, (above - below) / (2 * step), rtol=1e-6, atol=1e-8)


def test_parts_of_the_jacobian_are_orthogonal() -> None:
    """The projected part lies outside the columns, the correction inside."""
    block = make_block()
    slopes = differentiate(block, project(block, columns_at(RATES)), slopes_at(RATES))
    inner = np.einsum("lpic,lqic->lpq", slopes.projected, slopes.correction)
    np.testing.assert_allclose(inner, 0.0, atol=1e-13)


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
        found = project(block, columns_at(RATES))
        slopes = differentiate(block, found, slopes_at(RATES))
        jacobian = (slopes.projected + slopes.correction).reshape(2, 2, -1)
        sums.append((np.sum(found.residual**2, axis=(1, 2)), jacobian @ np.swapaxes(jacobian, 1, 2)))
    np.testing.assert_allclose(sums[1][0], sums[0][0], rtol=1e-12)
    np.testing.assert_allclose(sums[1][1], sums[0][1], rtol=1e-10)


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
    differentiate(block, project(block, columns_at(RATES)), slopes_at(RATES))
    kernels = (eliminate, differentiate_residual)
    before = [len(kernel.signatures) for kernel in kernels]
    strided = replace(block, weight=block.weight[:, ::-1], values=np.asfortranarray(block.values))
    columns, slopes = columns_at(RATES)[:, ::-1], slopes_at(RATES)[:, ::-1]
    differentiate(strided, project(strided, columns), slopes)
    assert [len(kernel.signatures) for kernel in kernels] == before


def test_nothing_free_leaves_the_data() -> None:
    """Without free columns the residual is measured minus known."""
    block = hold_at_zero(make_block(), np.array([0, 2]))
    weighted = columns_at(RATES) * block.weight[0, :, np.newaxis]
    expected = block.values - weighted[..., [1]] @ block.known_amplitudes[0, :1]
    np.testing.assert_allclose(project(block, columns_at(RATES)).residual, expected, atol=1e-15)

"""Columns of each technique, and their derivatives against central differences."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.fitting.observation import Band, Heat, Integral, ObservationModel, Shift, Spectrum

N_LANES, N_POINTS, N_ENTITIES, N_PARAMETERS = 2, 5, 4, 3
PAIR = np.array([1, 3])

MODELS: dict[str, ObservationModel] = {
    "integral": Integral(counts=np.array([[0.0, 1, 0, 2], [3, 0, 0, 0]])),
    "shift": Shift(labels=("B", "D"), entities=PAIR, counts=np.array([1.0, 2.0])),
    "spectrum": Spectrum(labels=("B", "D"), entities=PAIR, path_length=0.5),
    "spectrum with blanks": Spectrum(
        labels=("B", "D", "baseline", "drift"),
        entities=PAIR,
        blank=np.column_stack([np.ones(N_POINTS), np.linspace(-0.5, 0.5, N_POINTS)]),
    ),
    "heat": Heat(
        labels=("B", "D", "dilution"),
        entities=PAIR,
        cell_volume=1.4e-3,
        kept=np.linspace(1, 0.98, N_POINTS),
        blank=np.ones((N_POINTS, 1)),
    ),
    "band": Band(
        labels=("origin", "B", "B * D"),
        held=np.eye(N_ENTITIES)[PAIR],
        total=np.array([[0.0, 1, 1, 1], [1.0, 0, 0, 0]]),
        terms=((0,), (0, 1)),
    ),
}


def concentrations() -> np.ndarray:
    """Return positive concentrations of two lanes."""
    return np.random.default_rng(1).uniform(0.1, 2.0, (N_LANES, N_POINTS, N_ENTITIES))


@pytest.mark.parametrize("name", MODELS)
def test_derivative_agrees_with_central_differences(name: str) -> None:
    """The derivative of the columns is that of the columns."""
    model = MODELS[name]
    concentration = concentrations()
    direction = np.random.default_rng(2).normal(size=(*concentration.shape, N_PARAMETERS))
    step = 1e-6
    exact = model.derivative(concentration, direction)
    for k in range(N_PARAMETERS):
        above = model.columns(concentration + step * direction[..., k])
        below = model.columns(concentration - step * direction[..., k])
        # Central differences at 1e-6 of numbers near 1 are good to about 1e-9.
        np.testing.assert_allclose(exact[..., k], (above - below) / (2 * step), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_columns_are_named(name: str) -> None:
    """There is one label for every column."""
    columns = MODELS[name].columns(concentrations())
    assert columns.shape[-1] == len(MODELS[name].labels)


def test_shift_fractions_add_up_to_one() -> None:
    """A nucleus is somewhere."""
    np.testing.assert_allclose(MODELS["shift"].columns(concentrations()).sum(axis=-1), 1.0)


def test_shift_counts_every_place() -> None:
    """One H2G with two hosts weighs as much as two free hosts."""
    model = Shift(labels=("H", "H2G"), entities=np.array([0, 1]), counts=np.array([1.0, 2.0]))
    np.testing.assert_allclose(model.columns(np.array([[2.0, 1.0]])), [[0.5, 0.5]])


def test_absent_moiety_has_no_shift() -> None:
    """Where nothing holds the nucleus the columns are zero, not NaN."""
    assert not MODELS["shift"].columns(np.zeros((1, N_ENTITIES))).any()


def test_integrals_stand_below_each_other() -> None:
    """Rows are the points of the first signal, then those of the second, on one scale."""
    concentration = concentrations()
    columns = MODELS["integral"].columns(concentration)[0, :, 0]
    np.testing.assert_allclose(columns[:N_POINTS], concentration[0, :, 1] + 2 * concentration[0, :, 3])
    np.testing.assert_allclose(columns[N_POINTS:], 3 * concentration[0, :, 0])


def test_displaced_volume_gives_no_heat() -> None:
    """Washing out a cell by injections of solvent forms nothing."""
    kept = np.full(N_POINTS, 0.99)
    heat = Heat(
        labels=("B", "dilution"),
        entities=np.array([0], dtype=np.intp),
        cell_volume=1e-3,
        kept=kept,
        blank=np.ones((N_POINTS, 1)),
    )
    washed = np.array(np.cumprod([1.0, *kept[1:]]), dtype=np.float64)[:, np.newaxis]
    np.testing.assert_allclose(heat.columns(washed)[1:, 0], 0.0, atol=1e-18)


def test_first_injection_forms_all_that_is_there() -> None:
    """A table that begins with the first injection counts what that injection formed."""
    heat = MODELS["heat"].columns(concentrations())
    np.testing.assert_allclose(heat[:, 0, :2], 1.4e-3 * concentrations()[:, 0, PAIR])

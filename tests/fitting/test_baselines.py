"""Drift, baseline and offsets of spectra: what was added is taken off, and counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting import fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]

HOST_AND_COMPLEX = ((1000.0, 200.0, 0.0), (0.0, 0.0, 0.0), (500.0, 900.0, 1200.0))
"""A guest without colour: added in equal steps, its spectrum would be the same as a drift."""


def added(data: Titration, spectra: np.ndarray) -> Titration:
    """Return the data with something added to every spectrum."""
    (signal,) = data.signals
    return replace(data, signals=(replace(signal, values=signal.values + spectra),))


def test_drift_is_taken_off(binding: Callable[..., Simulated]) -> None:
    """A drift that bends the constant without the word leaves it as it was with the word."""
    model, data = binding(observe="observe A = spectrum(Host, HG, drift)", spectra=HOST_AND_COMPLEX, noise=1e-5)
    drifting = added(data, np.linspace(0, 0.2, data.n_points)[:, np.newaxis] * [1.0, 0.5, -0.3])
    plain, _ = binding(observe="observe A = spectrum(Host, HG)", spectra=HOST_AND_COMPLEX)
    with_drift, without = fit(model, drifting)["K[11]"].log10_value, fit(plain, drifting)["K[11]"].log10_value
    assert with_drift == pytest.approx(np.log10(3000), abs=2e-3)
    assert abs((without or 0.0) - np.log10(3000)) > 0.03


def test_drift_is_an_amplitude(binding: Callable[..., Simulated]) -> None:
    """The slope of the drift comes out with its size, from the first to the last point."""
    model, data = binding(observe="observe A = spectrum(Host, HG, drift)", spectra=HOST_AND_COMPLEX, noise=1e-6)
    result = fit(model, added(data, np.linspace(0, 0.2, data.n_points)[:, np.newaxis] * np.ones(3)))
    signal = result.datasets[0].signals[0]
    assert signal.components == ("Host", "HG", "drift")
    np.testing.assert_allclose(signal.amplitudes[2], 0.2, rtol=1e-3)
    assert result.n_amplitudes == 9


def test_drift_and_titrant_in_equal_steps_are_one(binding: Callable[..., Simulated]) -> None:
    """A titrant with colour that is added in equal steps cannot be told from a drift, and the fit says so."""
    model, data = binding(observe="observe A = spectrum(Host, Guest, HG, baseline, drift)", noise=1e-5)
    result = fit(model, data)
    assert "cannot be told apart" in result.fact("dependent amplitudes").sentence
    assert result["K[11]"].log10_value == pytest.approx(np.log10(3000), abs=2e-3)


def test_offsets_leave_the_constant_alone(binding: Callable[..., Simulated]) -> None:
    """A constant of its own on every spectrum changes nothing when offsets are taken off."""
    model, data = binding(observe="observe A = spectrum(Host, Guest, HG, offset)")
    jumps = np.random.default_rng(3).normal(0, 0.3, (data.n_points, 1))
    calm, jumping = fit(model, data), fit(model, added(data, jumps))
    assert jumping["K[11]"].log10_value == pytest.approx(calm["K[11]"].log10_value, abs=1e-9)
    assert jumping["K[11]"].log10_stderr == pytest.approx(calm["K[11]"].log10_stderr, rel=1e-6)
    np.testing.assert_allclose(jumping.datasets[0].signals[0].amplitudes.mean(axis=1), 0.0, atol=1e-9)


def test_offsets_count_as_amplitudes(binding: Callable[..., Simulated]) -> None:
    """Each spectrum costs one degree of freedom, and the spectra are free but for their means."""
    model, data = binding(observe="observe A = spectrum(Host, Guest, HG, offset)")
    result = fit(model, data)
    assert result.n_amplitudes == 3 * (3 - 1) + 15
    assert result.dof == pytest.approx(15 * 3 - result.n_amplitudes - 1)


def test_noise_is_right_with_offsets(binding: Callable[..., Simulated]) -> None:
    """The noise is estimated without bias: over forty titrations it averages to what was drawn."""
    found = []
    for seed in range(40):
        model, data = binding(observe="observe A = spectrum(Host, Guest, HG, offset)", seed=seed)
        found.append(fit(model, data).datasets[0].signals[0].noise or 0.0)
    # 20 degrees of freedom each: the mean of the squares scatters by sqrt(2/800) = 5 %.
    assert np.mean(np.square(found)) == pytest.approx(2e-3**2, rel=0.15)


@pytest.mark.parametrize("flags", ["offset, nonnegative"])
def test_offsets_without_a_zero_line_are_refused(binding: Callable[..., Simulated], flags: str) -> None:
    """Spectra that are known up to a constant cannot be told to be positive."""
    model, data = binding(observe=f"observe A = spectrum(Host, Guest, HG, {flags})")
    with pytest.raises(FitError, match="may not be negative"):
        fit(model, data)


def test_offsets_of_gappy_spectra_are_refused(binding: Callable[..., Simulated]) -> None:
    """The mean of a spectrum with a gap is not its offset."""
    model, data = binding(observe="observe A = spectrum(Host, Guest, HG, offset)")
    gap = np.zeros((data.n_points, 3))
    gap[4, 1] = np.nan
    with pytest.raises(FitError, match="gaps"):
        fit(model, added(data, gap))

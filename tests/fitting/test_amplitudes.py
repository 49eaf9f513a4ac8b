"""Amplitudes that may not be negative are those of an active-set solver, beside a drift that may."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import nnls

from surfacechem.fitting import fit
from surfacechem.fitting.blocks import bind_observables
from surfacechem.fitting.techniques import drift_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]

DARK_GUEST = ((1000.0, 200.0, 0.0), (0.0, 0.0, 0.0), (500.0, 900.0, 1200.0))


def test_bounded_amplitudes_are_those_of_nnls(binding: Callable[..., Simulated]) -> None:
    """Trying every subset of columns at zero finds what an active-set solver finds."""
    model, data = binding(spectra=DARK_GUEST, observe="observe A = spectrum(Host, Guest, HG; nonnegative)", noise=0.02)
    result = fit(model, data)
    (block,), _ = bind_observables(model, data, known={})
    columns = block.model.columns(
        model.solve(result.datasets[0].amounts, np.log(10) * np.array(result.minima[0].log10_values)).seen
    )
    expected = np.array([nnls(columns, values)[0] for values in block.measured.T]).T
    signal = result.datasets[0].signals[0]
    assert (expected == 0).any()
    np.testing.assert_allclose(signal.amplitudes, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(np.isnan(signal.amplitude_stderr), signal.amplitudes == 0)


def test_drift_beside_bounded_spectra_may_fall(binding: Callable[..., Simulated]) -> None:
    """A lamp that fades is taken off as well where spectra may not be negative (it used to be held at zero)."""
    model, data = binding(spectra=DARK_GUEST, observe="observe A = spectrum(Host, HG; nonnegative, drift)", noise=1e-5)
    (signal,) = data.signals
    fading = signal.values - 0.2 * drift_order(data.n_points)[:, np.newaxis]
    result = fit(model, replace(data, signals=(replace(signal, values=fading),)))
    np.testing.assert_allclose(result.datasets[0].signals[0].amplitudes[2], -0.2, rtol=2e-3)

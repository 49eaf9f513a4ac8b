"""Fits of absorbances to bands whose shapes the model states: numbers recovered, derivatives right, faults in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting import fit
from surfacechem.fitting.blocks import Block, bind_observables
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions, predict
from surfacechem.records import Signal, Technique, Titration

MODEL = """surfacechem 1
cluster C
site S on C : 20
L S-* + Q <=> S-Q ; K = {K}
observe E1 = {first} of C ; {shape}
observe E2 = 3.6 eV of C ; width = 300 meV, absorptivity = 1.2e5 /(M cm)
observe A = absorbance(E1, E2)
"""
TRUTH = {
    "K": "2e4 /M",
    "first": "3.2 eV - 0.1 eV * coverage(Q)",
    "shape": "width = 120 meV, absorptivity = 9e4 /(M cm), asymmetry = 1.3",
}
SOUGHT = {
    "K": "fit /M",
    "first": "3.17 eV fit - 0.08 eV fit * coverage(Q)",
    "shape": "width = 140 meV fit, absorptivity = 8e4 /(M cm) fit, asymmetry = 1.2 fit",
}
VIBRONIC = "width = 60 meV fit, absorptivity = 9e4 /(M cm) fit, huang_rhys = 1.2 fit, quantum = 40 meV fit"
AXIS = np.linspace(320.0, 440.0, 26)
N_POINTS = 10
CLUSTER = 5e-6


def network(**lines: str) -> Network:
    """Return the model with these lines."""
    return Network(parse(MODEL.format(**{**TRUTH, **lines})))


def flasks(noise: float = 0.0) -> Titration:
    """Return a simulated titration, absorbances of the true model with noise."""
    quencher = np.linspace(0, 40 * CLUSTER, N_POINTS)
    signal = Signal(
        name="A",
        technique=Technique.UV_VIS,
        channels=tuple(f"{each:g} nm" for each in AXIS),
        values=np.zeros((N_POINTS, len(AXIS))),
        unit="1",
        axis=AXIS,
    )
    data = Titration(
        name="run",
        feeds=("C", "Q"),
        amounts=np.column_stack([np.full(N_POINTS, CLUSTER), quencher]),
        signals=(signal,),
        labels=tuple(map(str, range(N_POINTS))),
    )
    (block,), _ = bind_observables(network(), data, known={})
    clean = block.table(block.model.columns(seen(network(), data)))
    draws = np.random.default_rng(0).normal(0, noise, clean.shape) if noise else 0.0
    return replace(data, signals=(replace(signal, values=clean + draws),))


def seen(model: Network, data: Titration, theta: np.ndarray | None = None) -> np.ndarray:
    """Return what is seen of the data's amounts."""
    return np.asarray(model.solve(dict(zip(data.feeds, data.amounts.T, strict=True)), theta).seen)


def test_fitted_absorbances_are_those_that_are_predicted() -> None:
    """The model of a fit and a prediction draw the same spectra."""
    data = flasks()
    window = (f"{AXIS[0]} nm", f"{AXIS[-1]} nm")
    where = conditions(network(), {"C": "5 uM", "Q": f"0..200 uM in {N_POINTS}"})
    curves = predict(network(), where, window=window).of("signal", "A")
    assert curves.axis is not None
    at_measured = np.array([np.interp(AXIS, curves.axis, row) for row in curves.values])
    np.testing.assert_allclose(data.signals[0].values, at_measured, rtol=1e-9)


def test_numbers_of_a_band_are_recovered() -> None:
    """Position, slope, width, absorptivity and asymmetry come out within four standard errors, from rough guesses."""
    result = fit(network(**SOUGHT), flasks(noise=2e-3))
    truth = {"K[L1]": 2e4, "position[E1]": 3.2, "slope[E1, Q]": 0.1, "width[E1]": 0.12, "absorptivity[E1]": 9e4}
    for name, value in {**truth, "asymmetry[E1]": 1.3}.items():
        estimate = result[name]
        assert estimate.log10_value is not None
        assert estimate.log10_stderr is not None
        assert abs(estimate.log10_value - np.log10(value)) < 4 * estimate.log10_stderr < 0.1
    assert result.is_valid
    assert result["width[E1]"].unit == "eV"
    assert not [fact for fact in result.facts if fact.name in {"outlier", "components"}]


@pytest.mark.parametrize("shape", [SOUGHT["shape"], VIBRONIC])
def test_derivatives_are_those_of_central_differences(shape: str) -> None:
    """Every number of a band, and every constant, moves the absorbances as their derivatives say."""
    model, data = network(**{**SOUGHT, "shape": shape}), flasks()
    (block,), _ = bind_observables(model, data, known={})
    theta = np.where(np.isnan(model.ln_constants), np.log(2e4), model.ln_constants)
    state = model.solve(dict(zip(data.feeds, data.amounts.T, strict=True)), theta, derivatives=True)
    assert state.d_seen_constants is not None
    found = block.model.derivative(state.seen, state.d_seen_constants)
    for number, step in enumerate(1e-5 * np.eye(len(theta))):
        above, below = (absorbances(block, model, data, theta + side * step) for side in (1, -1))
        np.testing.assert_allclose(found[..., number], (above - below) / 2e-5, atol=1e-6 * np.abs(found).max())


def absorbances(block: Block, model: Network, data: Titration, theta: np.ndarray) -> np.ndarray:
    """Return the column of a block at other constants."""
    return block.model.columns(seen(model, data, theta))


def test_a_stated_error_is_a_prior() -> None:
    """A width known to 1 % that is wrong by ten errors is pulled, and held widths stay."""
    pulled = fit(network(**{**SOUGHT, "shape": SOUGHT["shape"].replace("140 meV", "140 +/- 0.02 meV")}), flasks(2e-3))
    assert 10 ** (pulled["width[E1]"].log10_value or 0.0) > 0.125
    held = fit(network(**{**SOUGHT, "shape": TRUTH["shape"].replace("120 meV", "120 +/- 5 meV")}), flasks(2e-3))
    assert held["width[E1]"].log10_value == pytest.approx(np.log10(0.12), abs=1e-12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first": "3.2 eV - 5 meV * count(Q)"}, "broadens"),
        ({"first": "E0 - 0.1 eV * coverage(Q)"}, "a name where a number"),
    ],
)
def test_bands_that_cannot_be_fitted_are_refused(change: dict[str, str], said: str) -> None:
    """Counts and names are for predictions and for positions; the message says what to write."""
    with pytest.raises(FitError, match=said):
        fit(network(**{**SOUGHT, **change}), flasks())


def test_absorbances_need_wavelengths() -> None:
    """A column without a wavelength cannot be compared with a band."""
    data = flasks()
    bare = replace(data, signals=(replace(data.signals[0], axis=None),))
    with pytest.raises(FitError, match="without wavelengths"):
        fit(network(**SOUGHT), bare)

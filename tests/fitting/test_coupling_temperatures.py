"""A coupling is an energy: fitted or stated, it is the same at every temperature, and ln W = w/RT."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT
from surfacechem.fitting import FitResult, fit
from surfacechem.fitting.parameters import collect_parameters
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions, predict
from surfacechem.records import Signal, Technique, Titration
from surfacechem.sweep import sweep

MODEL = """surfacechem 1
temperature {reference} K
cluster Q
site S on Q : 12 native A ; mean field
species HA
species HB
X S-A + HB <=> S-B + HA ; K = {K}, w = {w}
observe b = integral(S-B)
observe f = integral(HB)
"""
AMOUNTS = {"Q": np.full(10, 1e-3), "HA": np.full(10, 2e-3), "HB": np.linspace(1e-3, 0.05, 10)}
TRUE = {"K": "0.5, dH = -8 kJ/mol", "w": "4 kJ/mol"}
FREE = {"K": "fit, dH = -8 kJ/mol", "w": "fit"}


def network_of(reference: float = 298.15, **settings: str) -> Network:
    """Return the model at a temperature [K]."""
    return Network(parse(MODEL.format(reference=reference, **settings)))


def measured(temperature: float) -> Titration:
    """Return what the true constants give at a temperature [K], without noise."""
    at = network_of(**TRUE).at(temperature)
    found = at.solve(AMOUNTS)
    signals = tuple(
        Signal(
            name=name, technique=Technique.NMR_INTEGRAL, channels=(name,), unit="mol/L", values=values[:, np.newaxis]
        )
        for name, values in (("b", found.of("S-B")), ("f", found.of("HB")))
    )
    table = np.column_stack([AMOUNTS[feed] for feed in at.feeds])
    labels = tuple(map(str, range(len(table))))
    return Titration(
        name=f"at {temperature:g} K", feeds=at.feeds, amounts=table, signals=signals, labels=labels,
        temperature=temperature,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitted() -> FitResult:
    """Return a fit of two temperatures at once."""
    return fit(network_of(**FREE), [measured(298.15), measured(360.0)])


def test_one_energy_describes_several_temperatures(fitted: FitResult) -> None:
    """Data of two temperatures are fitted exactly by one w: W is not taken as the same at both."""
    energy = fitted["w[X1]"].energy
    assert energy is not None
    assert energy.value == pytest.approx(4.0, abs=1e-4)
    assert fitted["K[X1]"].log10_value == pytest.approx(np.log10(0.5), abs=1e-5)


def test_fitted_energy_holds_at_other_temperatures(fitted: FitResult) -> None:
    """A prediction at 330 K is what the true model gives there, and so is each point of a sweep over temperature."""
    network, true = network_of(**FREE), network_of(**TRUE)
    feed = {"Q": "1 mM", "HA": "2 mM", "HB": "20 mM"}
    there = replace(conditions(network, feed), temperature=330.0)
    expected = true.at(330.0).solve(there.amounts).of("S-B")
    found = predict(network, there, fit=fitted)
    speciation = found.of("speciation")
    np.testing.assert_allclose(speciation.values[:, speciation.labels.index("S-B")], expected, rtol=1e-5)
    assert found.constants["W[X1]"][0] == pytest.approx(4e3 / (GAS_CONSTANT * 330.0), rel=1e-4)
    coupling = found.to_dict()["couplings"]["w[X1]"]
    assert (coupling["value"], coupling["unit"]) == (pytest.approx(4.0, rel=1e-4), "kJ/mol")
    assert "W[X1]" not in str(found.to_dict())
    swept = sweep(network, {"T": "298.15..361.85 K:3"}, feed=feed, fit=fitted, keep=["concentration"])
    middle = swept["concentration"].sel(entity="S-B").to_numpy()[1]
    assert middle == pytest.approx(float(expected[0]), rel=1e-5)


def test_fixed_and_fitted_energies_move_alike() -> None:
    """`Network.at` takes a coupling that the model states to a temperature as a fit takes one that it finds."""
    hot = network_of(**TRUE).at(360.0)
    assert hot.all_ln_constants()["W[X1]"] == pytest.approx(4e3 / (GAS_CONSTANT * 360.0))


def test_bounds_and_prior_of_a_coupling_hold_at_the_temperature_of_the_model() -> None:
    """Bounds and prior written in kJ/mol are these energies in a model that is stated at 360 K, too."""
    network = network_of(360.0, K="fit, dH = -8 kJ/mol", w="2 +/- 0.5 kJ/mol fit -5..9")
    parameters, _ = collect_parameters(network, (measured(360.0),))
    unit = GAS_CONSTANT * 360.0 / 1e3
    ends = (parameters.lower[1], parameters.upper[1], parameters.prior_mean[1], parameters.prior_stderr[1])
    assert np.array(ends) * unit == pytest.approx([-5.0, 9.0, 2.0, 0.5])
    unknown, _ = collect_parameters(network_of(360.0, K="fit", w="fit -5..9 kJ/mol"), (measured(360.0),))
    assert np.array([unknown.lower[1], unknown.upper[1]]) * unit == pytest.approx([-5.0, 9.0])


def test_a_coupling_alone_is_no_constant_without_enthalpy() -> None:
    """Data at another temperature are said to take K without dH as the same; of w nothing of the kind is said."""
    _, notes = collect_parameters(network_of(K="fit", w="fit"), (measured(330.0),))
    assert len(notes) == 1
    assert "K[X1] without dH taken as the same" in notes[0]
    assert "[X1], " not in notes[0]

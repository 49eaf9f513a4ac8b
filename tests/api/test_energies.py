"""Couplings are held, started and predicted as energies."""

from __future__ import annotations

import pytest

from surfacechem.api.asking import Request, restate
from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import SurfaceChemError
from surfacechem.network import Network
from surfacechem.notation import parse, render
from surfacechem.prediction.estimate import known_constants

TEXT = """temperature 350 K
cluster Q
site S on Q : 6 native A ; ring
species HA
species HB
X S-A + HB <=> S-B + HA ; K = 2, w = fit
"""
LN_W = 2e3 / (GAS_CONSTANT * 350)


@pytest.mark.parametrize("name", ["w[X1]", "W[X1]"])
def test_a_held_coupling_is_an_energy_at_the_models_temperature(name: str) -> None:
    """Held at 2 kJ/mol it is fixed, and stands so in the text."""
    system = restate(parse(TEXT), Request(hold={name: "2 kJ/mol"}))
    assert Network(system).all_ln_constants()["W[X1]"] == pytest.approx(LN_W)
    assert "w = 2 kJ/mol fixed" in render(system)


def test_a_started_coupling_is_still_fitted() -> None:
    """The start is the energy; its role stays."""
    system = restate(parse(TEXT), Request(start={"w[X1]": "2 kJ/mol"}))
    assert "w = 2 kJ/mol fit" in render(system)


def test_predictions_take_energies_and_bare_weights() -> None:
    """``w[X1] = 2 kJ/mol`` and ``W[X1] = exp(w/RT)`` mean one thing; another unit means nothing."""
    network = Network(parse(TEXT))
    for value in ("2 kJ/mol", "2000 J/mol"):
        assert known_constants(network, constants={"w[X1]": value}).theta[1] == pytest.approx(LN_W)
    assert known_constants(network, constants={"W[X1]": 1.5}).theta[1] == pytest.approx(0.4054651)
    with pytest.raises(SurfaceChemError, match="molar energy"):
        known_constants(network, constants={"w[X1]": "2 eV"})

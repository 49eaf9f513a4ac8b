"""Simulated sets give back the constants that they were made with, through the calls of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import surfacechem as sc
from surfacechem.chem.constant import EvidenceLevel

if TYPE_CHECKING:
    from surfacechem.io.card import Card

SYSTEMS = ("S2a", "S2b", "S3", "S4", "S5", "S6", "S7", "S9", "S10", "S11")
CARDS = [card for card in sc.list_cards() if card.level is EvidenceLevel.SIMULATED]
ANSWERS = [(card, name) for card in CARDS for name in card.answers]
KNOWN = [(card, name) for card, name in ANSWERS if "log10_constants" in card.answers[name]]


def fit_answer(card: Card, name: str) -> sc.Fit:
    """Fit the model of one answer to its data."""
    return sc.load_model(card.model_path(name)).fit(card.read())


@pytest.mark.parametrize(("card", "name"), KNOWN, ids=[card.id for card, _ in KNOWN])
def test_simulated_constants_come_back(card: Card, name: str) -> None:
    """The fit is to be trusted and each constant lies within the tolerance of the card, four standard errors."""
    fitted = fit_answer(card, name)
    assert fitted.is_valid
    for constant, expected in card.answers[name]["log10_constants"].items():
        assert fitted[constant].log10_value == pytest.approx(expected["value"], abs=expected["tolerance"])


def test_every_simulated_system_of_the_field_is_here() -> None:
    """Each system whose titration an equilibrium describes has a set: S1 to S7 and S9 to S11."""
    remarks = " ".join(card.fields["remarks"] for card in CARDS)
    assert [system for system in SYSTEMS if system not in remarks] == []


def test_irreversible_exchange_is_bounded_only() -> None:
    """Where the ligand is all taken the interval is open above, and its lower end holds."""
    card = sc.find_card("inp-phosphonate-exchange")
    estimate = fit_answer(card, "X exchange")["K[X1]"]
    bound = card.answers["X exchange"]["lower_bounds"]["K[X1]"]
    assert estimate.log10_interval is not None
    lower, upper = estimate.log10_interval
    assert upper is None
    assert lower is not None
    assert bound["above"] < lower < bound["below"]


def test_wrong_count_of_amines_is_not_trusted() -> None:
    """One amine for each displaced unit misses data made with two, and the fit says so."""
    fitted = fit_answer(sc.find_card("inp-amine-displacement"), "q = 1")
    assert not fitted.is_valid
    assert fitted.result.fact("misfit")


def test_enthalpy_comes_back() -> None:
    """The molar heat of the simulated calorimetry is the amplitude of the bound ligand."""
    card = sc.find_card("cdse-amine-calorimetry")
    signal = fit_answer(card, "L binding").result.datasets[0].signals[0]
    expected = card.answers["L binding"]["enthalpy_kJ_per_mol"]
    heats = dict(zip(signal.components, signal.amplitudes[:, 0] / 1e3, strict=True))
    assert expected["value"] == pytest.approx(next(iter(heats.values())), abs=expected["tolerance"])

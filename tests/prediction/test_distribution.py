"""Ligand counts of single particles against binomials and enumeration."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import comb

import numpy as np
import pytest

from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions, distribution, predict

Maker = Callable[[str], Network]
CLASSES = """surfacechem 1
cluster Q
site S.a on Q : 2 native A
site S.b on Q : 3 native A
species HB
species HA
X[a]  S.a-A + HB <=> S.a-B + HA ; K = 0.2
X[b]  S.b-A + HB <=> S.b-B + HA ; K = 5
"""
FORMS = """surfacechem 1
cluster Q
site S on Q : 4
species L
L[a]  S-* + L <=> S-L ; K = 100 /M
L[b]  S-* + L <=> S-L in beta ; K = 5000 /M
conformer beta of Q ; L0 = 0.05
"""


def test_identical_sites_are_binomial(exchange: Maker) -> None:
    """One class of 51 independent sites gives the binomial distribution of its coverage."""
    network = exchange("2.23")
    predicted = predict(network, conditions(network, {"InP37": "1 mM", "HO2CR'": "60 equiv per InP37"}))
    coverage = predicted.of("coverage")
    theta = coverage.values[0, coverage.labels.index("O2CR'")]
    found = next(each for each in predicted.distributions if each.ligand == "O2CR'")
    expected = [comb(51, n) * theta**n * (1 - theta) ** (51 - n) for n in range(52)]
    assert found.probability[0] == pytest.approx(expected, rel=1e-9)


def test_classes_are_convolved() -> None:
    """Two classes of 2 and 3 sites agree with the sum over all 32 states."""
    network = Network(parse(CLASSES))
    predicted = predict(network, conditions(network, {"Q": "1 mM", "HB": "4 equiv per Q"}))
    theta = [predicted.of("coverage", site).values[0, 1] for site in ("S.a", "S.a", "S.b", "S.b", "S.b")]
    expected = np.zeros(6)
    for state in product((0, 1), repeat=5):
        expected[sum(state)] += np.prod([t if bit else 1 - t for t, bit in zip(theta, state, strict=True)])
    found = next(each for each in predicted.distributions if each.ligand == "B")
    assert found.probability[0] == pytest.approx(expected, rel=1e-9)


def test_forms_are_mixed_by_their_weights() -> None:
    """Two forms that bind differently give the weighted sum of their binomials, not the binomial of the mean."""
    network = Network(parse(FORMS))
    predicted = predict(network, conditions(network, {"Q": "0.1 mM", "L": "1 mM"}))
    species = predicted.of("speciation")
    free, alpha, beta = (species.values[0, species.labels.index(name)] for name in ("L", "Q", "Q.beta"))
    expected = np.zeros(5)
    for weight, constant in ((alpha, 100.0), (beta, 5000.0)):
        theta = constant * free / (1 + constant * free)
        expected += (
            weight / (alpha + beta) * np.array([comb(4, n) * theta**n * (1 - theta) ** (4 - n) for n in range(5)])
        )
    (found,) = predicted.distributions
    assert found.probability[0] == pytest.approx(expected, rel=1e-9)


def test_counts_have_the_mean_that_is_reported(exchange: Maker) -> None:
    """Probabilities sum to one and their mean is the number of ligands per particle, at every point."""
    network = exchange("1.3")
    predicted = predict(network, conditions(network, {"InP37": "1 mM", "HO2CR'": "0..200 equiv per InP37 in 21"}))
    ligands = predicted.of("ligands")
    for each in predicted.distributions:
        assert each.probability.sum(axis=1) == pytest.approx(1.0)
        mean = each.probability @ each.counts
        assert mean == pytest.approx(ligands.values[:, ligands.labels.index(each.ligand)])


def test_fractional_sites_have_no_counts() -> None:
    """An average number of sites belongs to no single particle, and the note says so."""
    network = Network(parse(CLASSES.replace(": 2 native", ": 2.5 native")))
    predicted = predict(network, conditions(network, {"Q": "1 mM", "HB": "4 equiv per Q"}))
    assert predicted.distributions == ()
    assert "averages" in predicted.notes[0]


def test_large_predictions_leave_the_counts_out(exchange: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that nobody could read are not made, and the note says so."""
    monkeypatch.setattr(distribution, "LARGEST_TABLE", 100)
    network = exchange("1.3")
    predicted = predict(network, conditions(network, {"InP37": "1 mM", "HO2CR'": "0..200 equiv per InP37"}))
    assert predicted.distributions == ()
    assert "fewer" in predicted.notes[0]


def test_neighbours_are_counted_by_macrostates() -> None:
    """Six sites on a ring that attract each other have the distribution of all 64 fillings."""
    network = Network(
        parse(
            "cluster Q\nsite S on Q : 6 native A ; ring\nspecies HA\nspecies HB\n"
            "X S-A + HB <=> S-B + HA ; K = 0.5, w = 4 kJ/mol"
        )
    )
    amounts = {"Q": "1 mM", "HB": "6 equiv per Q", "HA": "1 mM"}
    predicted = predict(network, conditions(network, amounts))
    speciation = network.solve(predicted.conditions.amounts)
    x = 0.5 * float(speciation.of("HB")[0] / speciation.of("HA")[0])
    coupling = np.exp(4000 / (8.31446261815324 * 298.15))
    expected = np.zeros(7)
    for state in product((0, 1), repeat=6):
        alike = sum(state[k] and state[k - 1] for k in range(6))
        expected[sum(state)] += x ** sum(state) * coupling**alike
    found = next(each for each in predicted.distributions if each.ligand == "B")
    assert found.probability[0] == pytest.approx(expected / expected.sum(), rel=1e-9)

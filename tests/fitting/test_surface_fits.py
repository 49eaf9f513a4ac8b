"""Fits of shells with neighbours, carried units and mean field find what simulated data were made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT
from surfacechem.fitting import FitResult, bootstrap, fit, posterior, refit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NOISE = 1e-5  # mol/L
ARRANGED = """cluster Q
site S on Q : 12 native A ; {arranged}
species HA
species HB
X S-A + HB <=> S-B + HA ; K = fit 1e-3..10, w = fit
observe b = integral(S-B)
observe f = integral(HB)
"""
CARRIED = """cluster InP37 = In37P20(O2CR)51
site Z on InP37 native In(O2CR)3
site A on Z-In(O2CR)3 native O2CR
X A-O2CR + HO2CR' <=> A-O2CR' + HO2CR             ; K = fit
Z Z-In(O2CR)3 + 2 NH2R <=> Z-* + In(O2CR)3(NH2R)2 ; K = fit /M
observe b = integral(A-O2CR')
observe f = integral(In(O2CR)3(NH2R)2)
"""


def simulated(network: Network, ln_constants: list[float], flask: dict[str, ArrayLike]) -> Titration:
    """Return a titration with all observed integrals, model noise `NOISE`, seed 0."""
    n_points = max(np.size(amount) for amount in flask.values())
    amounts = np.zeros((n_points, len(network.feeds)))
    for feed, amount in flask.items():
        amounts[:, network.feeds.index(feed)] = amount
    found = network.solve(amounts, np.array(ln_constants))
    random = np.random.default_rng(0)
    signals = tuple(
        Signal(
            name=each.name,
            technique=Technique.NMR_INTEGRAL,
            channels=(each.name,),
            values=(found.of(each.entities[0]) + NOISE * random.standard_normal(n_points))[:, np.newaxis],
            unit="mol/L",
        )
        for each in network.system.observables
    )
    labels = tuple(str(point) for point in range(n_points))
    return Titration(name="simulated", feeds=network.feeds, amounts=amounts, signals=signals, labels=labels)


@pytest.mark.parametrize(("arranged", "w", "flags"), [("ring", 3.0, []), ("mean field", 14.0, ["branches"])])
def test_coupling_is_found_and_branches_are_flagged(arranged: str, w: float, flags: list[str]) -> None:
    """K and w come back within four standard errors; above 4RT the fit says that there was more than one branch."""
    network = Network(parse(ARRANGED.format(arranged=arranged)))
    true = [np.log(0.05), w * 1e3 / (GAS_CONSTANT * 298.15)]
    result = fit(network, simulated(network, true, {"Q": 1e-3, "HA": 0.03, "HB": np.linspace(0, 0.2, 10)}))
    for estimate, ln_true in zip(result.estimates, true, strict=True):
        assert estimate.log10_value is not None
        assert estimate.log10_stderr is not None
        assert abs(estimate.log10_value - ln_true / np.log(10)) < 4 * estimate.log10_stderr
    assert [fact.name for fact in result.facts if fact.name == "branches"] == flags


def test_carried_units_are_fitted_like_any_model() -> None:
    """Exchange on units and loss of units are told apart by their two signals."""
    network = Network(parse(CARRIED))
    true = [np.log(1.3), np.log(4e-3)]
    flask: dict[str, ArrayLike] = {"InP37": 1e-3, "HO2CR'": 0.03, "NH2R": np.linspace(0, 0.4, 12)}
    result = fit(network, simulated(network, true, flask))
    values = [estimate.log10_value for estimate in result.estimates]
    assert values == pytest.approx(np.array(true) / np.log(10), abs=0.01)


def test_couplings_are_reported_as_energies() -> None:
    """W = RT ln W with its interval in kJ/mol under its own name, in table and record; it survives being saved."""
    text = ARRANGED.format(arranged="ring").replace("w = fit", "w = 0.5 kJ/mol fit -5..5")
    network = Network(parse(text + "couple[AB] S-A with S-B ; w = -1 kJ/mol fixed\n"))
    unit = GAS_CONSTANT * 298.15 / 1e3  # kJ/mol per unit of ln W
    data = simulated(
        network, [np.log(0.3), 2.5 / unit, -1 / unit], {"Q": 1e-3, "HA": 0.01, "HB": np.linspace(0, 0.05, 12)}
    )
    result = fit(network, data)
    found = result["w[X1]"]
    assert found is result["W[X1]"]
    assert found.energy is not None
    assert found.energy.interval is not None
    assert found.energy.value is not None
    assert found.energy.value == pytest.approx(2.5, abs=4 * (found.energy.stderr or 0.0))
    lower, upper = found.energy.interval
    assert lower is not None
    assert upper is not None
    assert lower < found.energy.value < upper
    assert str(found.rounded()).endswith("kJ/mol")
    assert str(result["w[AB]"].rounded()) == "-1 kJ/mol"
    table = result.estimates_table().to_text()
    assert "w[X1]: RT ln W at 298.15 K, kept at other temperatures; gained by neighbours in S-B and S-B" in table
    assert FitResult.from_dict(result.to_dict())["w[X1]"].energy == found.energy


def test_couplings_go_by_one_name_after_the_fit() -> None:
    """Bootstrap, posterior and verdicts say w[X1] in kJ/mol, as the fit does, and w follows log10 W at both ends."""
    network = Network(parse(ARRANGED.format(arranged="ring")))
    unit = GAS_CONSTANT * 298.15 / 1e3  # kJ/mol per unit of ln W
    data = simulated(network, [np.log(0.3), 2.5 / unit], {"Q": 1e-3, "HA": 0.01, "HB": np.linspace(0, 0.05, 12)})
    result = fit(network, data)
    replicas = bootstrap(network, data, result, n_replicas=50)
    drawn = replicas.estimates[1].at(replicas.best[1], log10_interval=replicas.interval("w[X1]"))
    fitted = result["w[X1]"].energy
    assert drawn.energy is not None
    assert fitted is not None
    assert drawn.energy.value == pytest.approx(fitted.value)
    assert drawn.energy.interval == pytest.approx(np.array(replicas.interval("W[X1]")) * np.log(10) * unit)
    walked = posterior(refit(network, data, result), most_steps=2)
    for row in (replicas.to_table().rows[1], walked.to_table().rows[1]):
        assert row[0] == "w[X1]"
        assert str(row[1]).endswith("kJ/mol")
    said = " ".join(fact.sentence for fact in (*result.facts, *walked.facts))
    assert "w[X1]" in said
    assert "W[X1]" not in said

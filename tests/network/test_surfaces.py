from __future__ import annotations

from itertools import product
from math import exp
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.symbolic.oracle import compile_residual

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

CARRIED = """cluster InP37 = In37P20(O2CR)51
site Z  on InP37 native In(O2CR)3
site Ai on Z-In(O2CR)3 native O2CR
site Ac on Z-Cd(O2CR)2 native O2CR
X Ai-O2CR + HO2CR' <=> Ai-O2CR' + HO2CR             ; K = 1.3
X Ac-O2CR + HO2CR' <=> Ac-O2CR' + HO2CR             ; K = K[X1]
Z Z-In(O2CR)3 + Cd(O2CR)2 <=> Z-Cd(O2CR)2 + In(O2CR)3 ; K = 0.3
Z Z-In(O2CR)3 <=> Z-* + In(O2CR)3                   ; K = 1e-4 M
"""
FORMS = """cluster Q
site S on Q : 6 native A ; ring
species HA
species HB
species H2D
conformer beta of Q ; L0 = 0.02
X S-A + HB <=> S-B + HA         ; K = 0.7, w = 2.5 kJ/mol
X S-A + HB <=> S-B + HA in beta ; K = 4
X 2 S-A + H2D <=> (S)2-D + 2 HA ; K = 0.3 M
"""
AVERAGED = """cluster Q
site S on Q : 30 native A ; mean field
species HA
species HB
X S-A + HB <=> S-B + HA ; K = 0.2, w = 6 kJ/mol
"""
FLASKS = {
    CARRIED: {"InP37": 1e-3, "HO2CR'": 0.02, "Cd(O2CR)2": 0.03, "In(O2CR)3": 1e-3},
    FORMS: {"Q": 1e-3, "HA": 2e-3, "HB": 5e-3, "H2D": 2e-3},
    AVERAGED: {"Q": 1e-3, "HA": 0.02, "HB": 0.05},
}
every_text = pytest.mark.parametrize("text", FLASKS, ids=["carried", "forms on a ring", "mean field"])


@every_text
def test_derivatives_are_those_of_central_differences(
    text: str, check_slopes: Callable[[Network, dict[str, float]], None]
) -> None:
    """With respect to every constant and every feed."""
    check_slopes(Network(parse(text)), FLASKS[text])


@pytest.mark.parametrize("text", [CARRIED, AVERAGED], ids=["carried", "mean field"])
def test_written_equations_hold(text: str) -> None:
    """Laws and balances, compiled from symbols, hold at the solution."""
    network, flask = Network(parse(text)), FLASKS[text]
    found = network.solve(flask)
    oracle = compile_residual(network.system)
    known = dict(zip((f"[{name}]" for name in network.entities), found.concentration[0], strict=True))
    known |= {f"[{feed}]0": amount for feed, amount in flask.items()}
    residual = oracle.residual(
        np.array([known[name] for name in oracle.unknowns]),
        constants=network.lowered.all_values(network.ln_constants),
        amounts=np.array([flask.get(feed, 0.0) for feed in network.feeds]),
    )
    # The number of carried sites enters to the third power.
    assert np.abs(residual).max() < 1e-11


def test_audit_bears_units_that_cannot_leave() -> None:
    """Without amine all units stay: their metal has no activity to list states by, and the balances speak."""
    text = "cluster CdS37 = Cd37S20(O2CR)34\nsite Z on CdS37 native Cd(O2CR)2\n"
    network = Network(parse(f"{text}Z Z-Cd(O2CR)2 + 2 NH2R <=> Z-* + Cd(O2CR)2(NH2R)2 ; K = 4e-3 /M"))
    flask: dict[str, ArrayLike] = {"CdS37": 1e-4, "NH2R": np.array([0.0, 0.1])}
    assert network.solve(flask).of("Z-Cd(O2CR)2")[0] == pytest.approx(17e-4)
    assert network.audit(flask).is_consistent


def test_audit_lists_many_macrostates() -> None:
    """652 macrostates of one ring are a plain sum; they used to be listed by as many nested calls."""
    text = "cluster Q\nsite S on Q : 51 native A ; ring\nspecies HA\nspecies HB\n"
    network = Network(parse(text + "X S-A + HB <=> S-B + HA ; K = 0.7, w = 2 kJ/mol"))
    assert network.audit({"Q": 1e-4, "HA": 1e-2, "HB": 2e-2}).is_consistent


def test_forms_on_a_ring_equal_enumeration() -> None:
    """Two forms, coupled neighbours and a ligand on two sites: all fillings of both forms give the same averages."""
    network, flask = Network(parse(FORMS)), FLASKS[FORMS]
    found = network.solve(flask)
    at = {name: float(found.of(name)[0]) for name in network.entities}
    single, double = at["HB"] / at["HA"], 0.3 * at["H2D"] / at["HA"] ** 2
    coupling = exp(2500 / (GAS_CONSTANT * 298.15))
    weights = {"Q": 0.0, "Q.beta": 0.0}
    bound = 0.0
    edges = [(k, (k + 1) % 6) for k in range(6)]
    taken_sets = [
        taken for taken in product((0, 1), repeat=6) if all(not (taken[k] and taken[k - 1]) for k in range(6))
    ]
    for (form, weight, constant), taken in product((("Q", 1.0, 0.7), ("Q.beta", 0.02, 4.0)), taken_sets):
        covered = {site for edge, is_taken in zip(edges, taken, strict=True) if is_taken for site in edge}
        free = [site for site in range(6) if site not in covered]
        for states in product((0, 1), repeat=len(free)):
            state = dict(zip(free, states, strict=True))
            alike = sum(state.get(a, 0) and state.get(b, 0) for a, b in edges)
            term = weight * (constant * single) ** sum(states) * double ** sum(taken) * coupling**alike
            weights[form] += term
            bound += term * sum(states)
    total = sum(weights.values())
    assert at["S-B"] / 1e-3 == pytest.approx(bound / total)
    assert at["Q.beta"] / 1e-3 == pytest.approx(weights["Q.beta"] / total)

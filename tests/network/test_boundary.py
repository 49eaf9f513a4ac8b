"""Flasks on the boundary of what can be: some species have no room at all."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.network import Network
from surfacechem.notation import parse

# All Z units are in place and every donor is in the complex: nothing can leave, though no total is zero.
FULL = """surfacechem 1
cluster CdS20 = Cd20S9(O2CR)22
site Cd on CdS20 : 4 native O2CR
site v on CdS20 : 2
site S on CdS20 : 5 native Cd(O2CR)2
X Cd-O2CR + H2O <=> Cd-OH + HO2CR ; K = 0.04
L v-* + PR'3 <=> v-PR'3 ; K = 1 /M
Z S-Cd(O2CR)2 + 2 NH2R' <=> S-* + Cd(O2CR)2(NH2R')2 ; K = 1 /M
S 2 HO2CR <=> (HO2CR)2 ; K = 1 /M
"""
AMOUNTS = {"PR'3": [1e-3, 2e-3], "Cd(O2CR)2(NH2R')2": [1e-3, 3.7e-4], "CdS20": [1e-3, 7e-4]}


def test_what_only_several_balances_rule_out_is_exactly_zero() -> None:
    """Donor, sites and complex together leave no room for a vacancy; such points used to be called inaccurate."""
    flask = Network(parse(FULL)).solve(AMOUNTS, derivatives=True)
    assert flask.is_solved
    assert np.all(flask.of("S-*") == 0.0)
    assert np.all(flask.of("NH2R'") == 0.0)
    assert flask.of("Cd(O2CR)2(NH2R')2") == pytest.approx(AMOUNTS["Cd(O2CR)2(NH2R')2"], rel=1e-12)
    assert np.isfinite(flask.d_ln_constants).all()


def test_a_trace_beside_the_boundary_is_not_taken_for_zero() -> None:
    """A millionth of free donor makes vacancies, whose mass action holds."""
    amounts = {**AMOUNTS, "NH2R'": [1e-9, 1e-9]}
    flask = Network(parse(FULL)).solve(amounts)
    quotient = flask.of("S-*") * flask.of("Cd(O2CR)2(NH2R')2") / (flask.of("S-Cd(O2CR)2") * flask.of("NH2R'") ** 2)
    assert flask.is_solved
    assert quotient == pytest.approx([1.0, 1.0], rel=1e-9)

"""Each check passes what is right and shows what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surfacechem.errors import DataError
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions
from surfacechem.testing import (
    Flask,
    assert_conserved,
    assert_detailed_balance,
    assert_mass_action,
    assert_monotone_coverage,
    assert_relabel_invariant,
    assert_unit_invariant,
    flasks,
)

if TYPE_CHECKING:
    from surfacechem.chem.system import System

FEW = settings(max_examples=30, deadline=None)
EXCHANGE = """surfacechem 1
cluster InP37 = In37P20(O2CR)51
site In on InP37 : 51 native O2CR
X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1.3
"""
AMOUNTS = {"InP37": np.array([5e-4, 5e-4]), "HO2CR'": np.array([1e-2, 3e-2])}
CYCLE = """surfacechem 1
species A
species B
species C
S[1] A <=> B ; K = 2
S[2] B <=> C ; K = 3
S[3] A <=> C ; K = 6
"""
SWITCH = """surfacechem 1
cluster CdS37
site Cd on CdS37 : 8
conformer beta of CdS37 ; L0 = 1e-3
L Cd-* + MeOH <=> Cd-MeOH ; K = 2 /M
L Cd-* + MeOH <=> Cd-MeOH in beta ; K = 60 /M
"""
CARRIED = """surfacechem 1
cluster Q
site Z on Q : 11 native In(O2CR)3
site A on Z-In(O2CR)3 : 3 native O2CR
X A-O2CR + HO2CR' <=> A-O2CR' + HO2CR ; K = 13
Z Z-In(O2CR)3 + 2 NH2R <=> Z-* + In(O2CR)3(NH2R)2 ; K = 0.13 /M
"""


@pytest.fixture
def exchange() -> Network:
    """Return carboxylate exchange on 51 sites."""
    return Network(parse(EXCHANGE))


def concentrations(network: Network) -> dict[str, np.ndarray]:
    """Return the right answer as a user's own program would give it."""
    solved = network.solve(AMOUNTS)
    return {name: solved.of(name).copy() for name in solved.entities}


@FEW
@given(flasks())
def test_solver_keeps_every_law(flask: Flask) -> None:
    """Whatever is drawn and solved: nothing is lost, every reaction is at equilibrium, names do not matter."""
    network, amounts = flask
    solved = network.solve(amounts)
    assume(solved.is_solved)  # points that the solver flags are its own tests' matter
    assert_conserved(network, amounts, solved)
    assert_mass_action(network, solved)
    assert_detailed_balance(network.system)


@pytest.mark.parametrize("kinds", [("X", "L", "neighbours"), ("X", "neighbours", "conformer"), ("Z", "S", "carried")])
@FEW
@given(st.data())
def test_neighbours_and_carried_ligands_keep_every_law(kinds: tuple[str, ...], data: st.DataObject) -> None:
    """Sums over arrangements and over what units carry lose nothing, and feeds answer each other alike (Maxwell)."""
    network, amounts = data.draw(flasks(kinds=kinds))
    solved = network.solve(amounts, derivatives=True)
    assume(solved.is_solved)
    assert_conserved(network, amounts, solved)
    assert_mass_action(network, solved)
    assert_relabel_invariant(network.system, amounts)
    assert network.audit(amounts).is_consistent
    dissolved = [each.name for each in network.system.species if solved.of(each.name)[0] > 0]
    answers = np.array(
        [solved.sensitivity(one, to=other)[0] / solved.of(one)[0] for one in dissolved for other in dissolved]
    ).reshape(len(dissolved), len(dissolved))
    size = np.sqrt(np.abs(np.outer(answers.diagonal(), answers.diagonal())))
    assert np.all(np.abs(answers - answers.T) <= 1e-5 * np.maximum(size, np.abs(answers)))


@FEW
@given(flasks(kinds=("X", "L", "S")))
def test_names_and_order_do_not_matter(flask: Flask) -> None:
    """Sites, clusters, species renamed and everything in the opposite order: the same concentrations."""
    assert_relabel_invariant(flask.network.system, flask.amounts)


def test_units_that_carry_ligands_meet_every_law() -> None:
    """A reaction that takes a unit takes it in one state of its own sites, and a holder is renamed with its site."""
    network, amounts = Network(parse(CARRIED)), {"Q": 1e-4, "HO2CR'": 2e-3, "NH2R": 0.05}
    solved = network.solve(amounts)
    assert_conserved(network, amounts, solved)
    assert_mass_action(network, solved)
    assert_relabel_invariant(network.system, amounts)
    with pytest.raises(AssertionError, match="mass action of Z1"):
        assert_mass_action(network, solved, ln_constants=network.ln_constants + np.array([0.0, 0.1]))


def test_audit_passes_where_a_donor_is_used_up() -> None:
    """All donor is in the complex, so that no unit can leave; activities then say nothing of the units."""
    network = Network(parse(CARRIED))
    amounts = {"Q": 1e-4, "HO2CR": 0.06, "HO2CR'": 3e-3, "In(O2CR)3(NH2R)2": 6e-3}
    assert network.solve(amounts).of("NH2R") == 0.0
    assert network.audit(amounts).is_consistent


def test_forms_of_a_cluster_are_each_at_equilibrium() -> None:
    """With two forms, mass action holds in each; moved occupancies are seen."""
    network = Network(parse(SWITCH))
    solved = network.solve({"CdS37": 1e-4, "MeOH": 0.5})
    assert_mass_action(network, solved)
    with pytest.raises(AssertionError, match="mass action of L1"):
        assert_mass_action(network, solved, ln_constants=network.ln_constants + np.array([0.1, 0.0, 0.0]))


def test_lost_ligand_is_shown_with_both_sides(exchange: Network) -> None:
    """The message names the balance, the point, what was put in, what was found, and the gap."""
    found = concentrations(exchange)
    found["HO2CR'"][1] *= 0.9
    with pytest.raises(
        AssertionError, match=r"(?s)balance of HO2CR' .*point 1.*put in .*found .*missing 0\.00153 mol/L"
    ):
        assert_conserved(exchange, AMOUNTS, found, rtol=1e-6)


def test_lost_site_is_shown(exchange: Network) -> None:
    """Sites are conserved as well as ligands."""
    found = concentrations(exchange)
    found["In-O2CR"] += 1e-3
    with pytest.raises(AssertionError, match="balance of"):
        assert_conserved(exchange, AMOUNTS, found)


def test_not_a_number_is_no_balance(exchange: Network) -> None:
    """NaN never passes for conserved."""
    found = concentrations(exchange) | {"HO2CR": np.full(2, np.nan)}
    with pytest.raises(AssertionError, match="balance"):
        assert_conserved(exchange, AMOUNTS, found)


def test_wrong_constant_is_shown_with_its_quotient(exchange: Network) -> None:
    """The message gives the constant, the quotient and every concentration in it."""
    found = concentrations(Network(parse(EXCHANGE.replace("1.3", "1.4"))))
    with pytest.raises(AssertionError, match=r"(?s)mass action of X1.*K\[X1\] +1\.3\n.*quotient 1\.4 = \[In-O2CR'\]"):
        assert_mass_action(exchange, found)


def test_missing_entity_is_named(exchange: Network) -> None:
    """A check without numbers is no check."""
    with pytest.raises(DataError, match="nothing of HO2CR', HO2CR"):
        assert_conserved(exchange, AMOUNTS, {"In-O2CR": 1.0, "In-O2CR'": 1.0})


def test_units_do_not_matter_to_us(exchange: Network) -> None:
    """The same flask in mol/L, mM, uM and nM is the same flask."""

    def free(feed: dict[str, str]) -> np.ndarray:
        return exchange.solve(conditions(exchange, feed).amounts).of("HO2CR'")

    assert_unit_invariant(free, {"InP37": "0.5 mM", "HO2CR'": "10 equiv per InP37"})


def test_stripped_unit_is_seen() -> None:
    """The classic: the number is read and the unit dropped."""

    def wrong(feed: dict[str, str]) -> float:
        return float(feed["H"].split()[0])

    with pytest.raises(AssertionError, match=r"(?s)unit of H changes.*2 mM.*mol/L"):
        assert_unit_invariant(wrong, {"H": "2 mM"})


def test_name_that_matters_is_seen(exchange: Network) -> None:
    """A program that looks for its ligand by name is found out."""

    def wrong(system: System, amounts: dict[str, object]) -> dict[str, object]:
        found = Network(system).solve(amounts)  # type: ignore[arg-type]  # arrays by name
        table = dict(zip(found.entities, found.concentration.T.copy(), strict=True))
        return {name: values * (2.0 if name == "HO2CR'" else 1.0) for name, values in table.items()}

    with pytest.raises(AssertionError, match=r"\[HO2CR'\]"):
        assert_relabel_invariant(exchange.system, AMOUNTS, wrong)


def test_falling_coverage_is_shown_with_both_points() -> None:
    """Order of the points does not matter; the fall does."""
    assert_monotone_coverage([2, 0, 1], [0.6, 0.0, 0.4])
    with pytest.raises(AssertionError, match=r"(?s)falls.*1 added: 0\.4.*2 added: 0\.3"):
        assert_monotone_coverage([0, 1, 2], [0.0, 0.4, 0.3])


def test_coverage_beyond_one_is_no_fraction() -> None:
    """A coverage above one, or none, is refused."""
    with pytest.raises(AssertionError, match="fraction is 0 to 1"):
        assert_monotone_coverage([0, 1], [0.0, 1.2])
    with pytest.raises(AssertionError, match="nan at 1 added"):
        assert_monotone_coverage([0, 1], [0.0, np.nan])


def test_cycle_that_does_not_close_is_listed() -> None:
    """Constants around a closed cycle multiply to one; the message shows the cycle."""
    system = parse(CYCLE)
    assert_detailed_balance(system)
    with pytest.raises(AssertionError, match=r"(?s)do not close a cycle.*K\[3\] = 5.*A <=> C.*product .*must be 1"):
        assert_detailed_balance(system, {"K[3]": 5.0})

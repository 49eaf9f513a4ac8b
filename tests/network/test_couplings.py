"""Couplings between unlike neighbours, of single forms, of carrying units, and in several mean fields."""

from __future__ import annotations

from itertools import product
from math import exp, prod
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT
from surfacechem.network import Network
from surfacechem.notation import parse, render
from surfacechem.symbolic.oracle import compile_residual
from surfacechem.symbolic.render import describe
from surfacechem.testing import assert_relabel_invariant

if TYPE_CHECKING:
    from collections.abc import Callable

RT = GAS_CONSTANT * 298.15 / 1e3  # kJ/mol
Pair = tuple[str, str]

HEAD = "cluster Q\nsite S on Q : {n} native A ; {arranged}\nspecies HA\nspecies HB\nspecies HC\n"
EXCHANGES = "X S-A + HB <=> S-B + HA ; K = 0.7\nX S-A + HC <=> S-C + HA ; K = 2\n"
COUPLED = (
    "couple S-B with S-C ; w = -3 kJ/mol\ncouple S-B with S-B ; w = 1.5 kJ/mol\ncouple S-A with S-C ; w = 1 kJ/mol\n"
)
ENERGIES: dict[Pair, float] = {("B", "C"): -3.0, ("B", "B"): 1.5, ("A", "C"): 1.0}
FLASK = {"Q": 1e-3, "HA": 2e-3, "HB": 6e-3, "HC": 4e-3}


def averages(
    edges: tuple[tuple[int, int], ...], n_sites: int, ratios: dict[str, float], energies: dict[Pair, float]
) -> tuple[float, dict[str, float]]:
    """Return the sum over all fillings, all native = 1, and the mean number of each ligand."""
    boltzmann = {frozenset(pair): exp(w / RT) for pair, w in energies.items()}
    native = boltzmann.get(frozenset({"A"}), 1.0) ** len(edges)
    total, means = 0.0, dict.fromkeys(ratios, 0.0)
    for states in product(ratios, repeat=n_sites):
        weight = prod(ratios[state] for state in states) / native
        weight *= prod(boltzmann.get(frozenset({states[a], states[b]}), 1.0) for a, b in edges)
        total += weight
        for state in states:
            means[state] += weight
    return total, {state: mean / total for state, mean in means.items()}


def ratios_at(found: dict[str, float], constants: tuple[float, float] = (0.7, 2.0)) -> dict[str, float]:
    """Return K times the ratio of free acids."""
    return {"A": 1.0, "B": constants[0] * found["HB"] / found["HA"], "C": constants[1] * found["HC"] / found["HA"]}


def solved(network: Network, flask: dict[str, float]) -> dict[str, float]:
    """Return all concentrations by name."""
    return dict(zip(network.entities, network.solve(flask).concentration[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("arranged", "n_sites"), [("ring", 7), ("lattice 3 x 2", 6), ("edges 1-2 2-3 3-1 3-4 4-5", 5), ("pairs", 2)]
)
def test_unlike_neighbours_equal_enumeration(arranged: str, n_sites: int) -> None:
    """Three pair energies among three ligands, the native one included, on ring, cylinder, graph and pair."""
    network = Network(parse(HEAD.format(n=n_sites, arranged=arranged) + EXCHANGES + COUPLED))
    at = solved(network, FLASK)
    arrangement = network.system.sites[0].arrangement
    assert arrangement is not None
    _, expected = averages(arrangement.edges(n_sites), n_sites, ratios_at(at), ENERGIES)
    for ligand, mean in expected.items():
        assert at[f"S-{ligand}"] / 1e-3 == pytest.approx(mean, rel=1e-10)
    assert network.audit(FLASK).is_consistent


def test_a_coupling_of_one_form_equals_enumeration() -> None:
    """In beta B and C attract and natives repel, elsewhere they do not; L0 stays the ratio of fully native forms."""
    lines = "conformer beta of Q ; L0 = 0.3\ncouple S-B with S-C in beta ; w = 2.5 kJ/mol\n"
    lines += "couple S-A with S-A in beta ; w = -1 kJ/mol\n"
    network = Network(parse(HEAD.format(n=5, arranged="ring") + EXCHANGES + lines + COUPLED))
    at = solved(network, FLASK)
    edges = network.system.sites[0].arrangement.edges(5)  # type: ignore[union-attr]  # the site line has one
    plain, mean = averages(edges, 5, ratios_at(at), ENERGIES)
    beta, mean_beta = averages(edges, 5, ratios_at(at), ENERGIES | {("B", "C"): 2.5, ("A", "A"): -1.0})
    share = 0.3 * beta / (plain + 0.3 * beta)
    assert at["Q.beta"] / 1e-3 == pytest.approx(share)
    assert at["S-C"] / 1e-3 == pytest.approx((1 - share) * mean["C"] + share * mean_beta["C"])


def test_a_reaction_of_one_form_may_bring_its_coupling() -> None:
    """W on a reaction 'in beta' is a coupling in beta."""
    text = HEAD.format(n=6, arranged="ring") + "conformer beta of Q ; L0 = 1\n"
    line = "X S-A + HB <=> S-B + HA in beta ; K = 0.7{}\n"
    there = Network(parse(text + EXCHANGES + line.format(", w = 4 kJ/mol")))
    told = Network(parse(text + EXCHANGES + line.format("") + "couple S-B with S-B in beta ; w = 4 kJ/mol"))
    assert solved(there, FLASK) == pytest.approx(solved(told, FLASK), rel=1e-12)
    assert solved(there, FLASK)["Q.beta"] > 0.55e-3


CARRIED = """cluster InP37 = In37P20(O2CR)51
site Z on InP37 : {n_z} native In(O2CR)3 ; {arranged}
site A on Z-In(O2CR)3 native O2CR
X A-O2CR + HO2CR' <=> A-O2CR' + HO2CR             ; K = 1.7
Z Z-In(O2CR)3 + 2 NH2R <=> Z-* + In(O2CR)3(NH2R)2 ; K = 0.3 /M
L Z-* + NH2R <=> Z-NH2R                           ; K = 40 /M
couple Z-In(O2CR)3 with Z-NH2R ; w = -2 kJ/mol
couple Z-NH2R with Z-NH2R ; w = 1 kJ/mol
"""
AMINE = {"InP37": 1e-3, "HO2CR'": 8e-3, "NH2R": 0.08}


@pytest.mark.parametrize(("arranged", "n_z"), [("ring", 5), ("chain", 4), ("pairs", 4)])
def test_units_that_carry_ligands_may_have_neighbours(arranged: str, n_z: int) -> None:
    """Mixed X ligands on arranged Z units: (1 + x)^3 for each unit that is there, all fillings of the units summed."""
    network = Network(parse(CARRIED.format(arranged=arranged, n_z=n_z)))
    at = solved(network, AMINE)
    x = 1.7 * at["HO2CR'"] / at["HO2CR"]
    gap = 0.3 * at["NH2R"] ** 2 / at["In(O2CR)3(NH2R)2"]
    # K of the Z reaction is that of a unit with native ligands only.
    ratios = {"In": (1 + x) ** 3, "*": gap, "N": gap * 40 * at["NH2R"]}
    arrangement = network.system.sites[0].arrangement
    assert arrangement is not None
    _, mean = averages(arrangement.edges(n_z), n_z, ratios, {("In", "N"): -2.0, ("N", "N"): 1.0})
    assert at["Z-NH2R"] / 1e-3 == pytest.approx(mean["N"])
    assert at["Z-In(O2CR)3"] / 1e-3 == pytest.approx(mean["In"])
    assert at["A-O2CR'"] / 1e-3 == pytest.approx(3 * mean["In"] * x / (1 + x))
    assert network.audit(AMINE).is_consistent


TWO_FIELDS = """cluster Q
site S on Q : 20 native A ; mean field
site T on Q : 30 native A ; mean field
species HA
species HB
X S-A + HB <=> S-B + HA ; K = 0.1, w = 6 kJ/mol
X T-A + HB <=> T-B + HA ; K = 0.4, w = -5 kJ/mol
"""
UNLIKE_FIELD = HEAD.format(n=40, arranged="mean field") + EXCHANGES + COUPLED
FIELD_OF_FORMS = UNLIKE_FIELD + "conformer beta of Q ; L0 = 1e-3\ncouple S-B with S-B in beta ; w = 4 kJ/mol\n"
CARRYING_FIELD = CARRIED.format(n_z=17, arranged="mean field")
FIELDS = {
    TWO_FIELDS: {"Q": 1e-3, "HA": 2e-2, "HB": 6e-2},
    UNLIKE_FIELD: {"Q": 1e-3, "HA": 1e-2, "HB": 4e-2, "HC": 1e-2},
    FIELD_OF_FORMS: {"Q": 1e-3, "HA": 1e-2, "HB": 4e-2, "HC": 1e-2},
    CARRYING_FIELD: AMINE,
}
every_field = pytest.mark.parametrize("text", FIELDS, ids=["two fields", "unlike", "forms", "carrying"])


@every_field
def test_mean_fields_obey_the_written_laws(text: str) -> None:
    """Mass action with W to the coverages, and the balances, compiled from symbols, hold at the solution."""
    network, flask = Network(parse(text)), FIELDS[text]
    found = network.solve(flask)
    oracle = compile_residual(network.system)
    known = dict(zip((f"[{name}]" for name in network.entities), found.concentration[0], strict=True))
    lowered, forms = network.lowered, network.lowered.form_names
    for number, form in enumerate(forms):
        for column in range(len(network.system.species), len(network.entities) - len(forms)):
            terms = [
                term for term in range(len(lowered.gather))
                if lowered.form_of_term[term] == number and lowered.gather[term, column - len(network.system.species)]
            ]  # fmt: skip
            known[f"[{network.entities[column]} of {form}]"] = float(found.solution.occupancy[0, terms].sum() * 1e-3)
    known |= {f"[{feed}]0": amount for feed, amount in flask.items()}
    residual = oracle.residual(
        np.array([known[name] for name in oracle.unknowns]),
        constants=lowered.all_values(network.ln_constants),
        amounts=np.array([flask.get(feed, 0.0) for feed in network.feeds]),
    )
    # The native share of 40 sites enters the conformer equilibrium to the 40th power.
    assert np.abs(residual).max() < 1e-8


@every_field
def test_derivatives_of_mean_fields_are_those_of_central_differences(
    text: str, check_slopes: Callable[[Network, dict[str, float]], None]
) -> None:
    """With respect to every constant, couplings included, and every feed."""
    check_slopes(Network(parse(text)), FIELDS[text])


def test_names_and_order_change_nothing() -> None:
    """Couplings go with their states when everything is named otherwise and turned round."""
    assert_relabel_invariant(parse(HEAD.format(n=5, arranged="ring") + EXCHANGES + COUPLED), FLASK)


def test_two_fields_have_nine_answers_where_each_has_three() -> None:
    """In a bath without depletion the classes are independent: all nine pairs of roots, the stable one first."""
    text = TWO_FIELDS.replace("K = 0.1, w = 6", "K = 0.05, w = 15").replace("K = 0.4, w = -5", "K = 0.06, w = 14")
    network, bath = Network(parse(text)), {"Q": 1e-9, "HA": 1.0, "HB": 1.0}
    assert any("several answers" in note for note in network.system.notes)
    branches = network.branches(bath)
    theta, n_sites = branches.coverage[0], np.array([20.0, 30.0])
    for column, (K, w) in enumerate([(0.05, 15.0), (0.06, 14.0)]):
        assert np.log(theta[:, column] / (1 - theta[:, column])) == pytest.approx(
            np.log(K) + w / RT * theta[:, column], abs=1e-6
        )
    assert branches.n_branches[0] >= 7
    found = network.solve(bath)
    assert [found.of("S-B")[0], found.of("T-B")[0]] == pytest.approx(1e-9 * n_sites * theta[0])


def test_unlike_ligands_that_repel_demix_above_two_rt() -> None:
    """On sites full of B and C, w = -2RT between them is the critical coupling of regular solutions."""
    text = "cluster Q\nsite S on Q : 50 native B ; mean field\nspecies HB\nspecies HC\n"
    text += "X S-B + HC <=> S-C + HB ; K = 1\ncouple S-B with S-C ; w = {} kJ/mol"
    for w, n_branches in ((-1.98 * RT, 1), (-2.05 * RT, 3)):
        network = Network(parse(text.format(w)))
        assert network.branches({"Q": 1e-9, "HB": 1.0, "HC": 1.0}).n_branches[0] == n_branches
        assert any("several answers" in note for note in network.system.notes) == (n_branches == 3)


def test_couplings_survive_being_written() -> None:
    """Labels, forms, native partners and values come back as the same system."""
    text = HEAD.format(n=6, arranged="ring") + EXCHANGES.replace("K = 2", "K = 2, w = 1 kJ/mol fit")
    text += "conformer beta of Q ; L0 = 1\ncouple[BC] S-B with S-C ; w = fit\ncouple S-B with S-C in beta ; w = W[BC]\n"
    text += "couple[X1] S-C with S-A ; w = 3 kJ/mol fixed\n"  # the label of a reaction, of another pair
    system = parse(text + "couple S-A with S-B in beta ; w = -2 kJ/mol")
    assert [each.constant.name for each in system.couplings] == ["W[X2]", "W[BC]", "W[1]", "W[X1]", "W[2]"]
    assert parse(render(system)).couplings == system.couplings


def test_shown_models_say_what_neighbours_do() -> None:
    """A mean field stands in the binding polynomial; unlike pairs and open couplings are told in words."""
    field = parse("cluster Q\nsite S on Q : 9 native A ; mean field\nX S-A + HB <=> S-B + HA ; K = 2, w = fit")
    shown = "\n".join(f"{line.label} | {line.text}" for section in describe(field) for line in section.lines)
    assert "(K[X1] W[X1]^theta[S-B] [HB]/[HA] + 1)^9" in shown
    assert "w[X1] is unknown: a fit finds it" in field.notes
    ring = parse(HEAD.format(n=4, arranged="ring") + EXCHANGES + "couple S-B with S-C ; w = -3 kJ/mol")
    shown = "\n".join(f"{line.label} | {line.text}" for section in describe(ring) for line in section.lines)
    assert "w[1] of S-B with S-C | -3 kJ/mol, fixed: each pair of such neighbours gains w" in shown
    assert "stand for 81 fillings" in shown


LONG = """cluster Q
site S on Q : {n} native A ; ring
species HA
species HB
species HC
X S-A + HB <=> S-B + HA ; K = 0.7, w = 2 kJ/mol
X S-A + HC <=> S-C + HA ; K = 2, w = 1 kJ/mol
couple S-B with S-C ; w = -1 kJ/mol
"""
FORMS = """conformer beta of Q ; L0 = 0.3
couple[b] S-A with S-A in beta ; w = -1 kJ/mol
couple[cc] S-C with S-C ; w = W[1]
"""


def test_a_long_ring_with_three_couplings_equals_its_transfer_matrix() -> None:
    """51 sites in three states, once refused as 345 million macrostates, bind as d ln tr T^51 says."""
    network = Network(parse(LONG.format(n=51)))
    at = solved(network, FLASK)
    ratio, step = ratios_at(at), 1e-5
    energies = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, -1.0], [0.0, -1.0, 1.0]])

    def ln_trace(ln_b: float, ln_c: float) -> float:
        root = np.sqrt([1.0, ratio["B"] * exp(ln_b), ratio["C"] * exp(ln_c)])
        return float(np.log(np.trace(np.linalg.matrix_power(np.exp(energies / RT) * np.outer(root, root), 51))))

    bound_b = (ln_trace(step, 0.0) - ln_trace(-step, 0.0)) / (2 * step)
    bound_c = (ln_trace(0.0, step) - ln_trace(0.0, -step)) / (2 * step)
    # The central difference is right to step^2 times the third cumulant.
    assert [at["S-B"] / 1e-3, at["S-C"] / 1e-3] == pytest.approx([bound_b, bound_c], rel=1e-7)
    assert network.audit(FLASK).is_consistent


@pytest.mark.parametrize(
    ("text", "flask"),
    [
        (HEAD.format(n=7, arranged="ring") + EXCHANGES + FORMS + COUPLED, FLASK),
        (CARRIED.format(arranged="ring", n_z=5), AMINE),
        (LONG.format(n=21), FLASK),
    ],
    ids=["forms", "carried", "long"],
)
def test_concentrations_have_the_slopes_of_couplings(text: str, flask: dict[str, float]) -> None:
    """Derivatives by every ln K and ln W, also one theta for each point, are those of differences."""
    network = Network(parse(text))
    theta, bound, step = network.ln_constants, network.bind(flask), 1e-5
    slopes = bound.solve(theta, derivatives=True).d_ln_constants
    assert slopes is not None
    for number in range(len(theta)):
        change = step * np.eye(len(theta))[number]
        difference = bound.solve(theta + change).concentration - bound.solve(theta - change).concentration
        assert slopes[0, :, number] == pytest.approx(difference[0] / (2 * step), abs=1e-9)
    rows = network.bind({name: np.array([amount, amount]) for name, amount in flask.items()})
    both = rows.solve(np.array([theta, theta + 0.1]), derivatives=True)
    assert both.d_ln_constants is not None
    assert both.d_ln_constants[0] == pytest.approx(slopes[0], abs=1e-15)
    assert both.concentration[1] == pytest.approx(bound.solve(theta + 0.1).concentration[0])


def test_couplings_cost_the_solver_no_states() -> None:
    """Twelve sites in three states are 91 macrostates, with three couplings as with none."""
    coupled = Network(parse(HEAD.format(n=12, arranged="ring") + EXCHANGES + COUPLED))
    plain = Network(parse(HEAD.format(n=12, arranged="ring") + EXCHANGES))
    assert len(coupled.problem.ln_weight) == len(plain.problem.ln_weight) == 3 + 1 + 91

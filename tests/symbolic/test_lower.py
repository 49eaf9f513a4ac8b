from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from math import comb, log
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.chem.build import SystemBuilder
from surfacechem.chem.constant import Convention, EquilibriumConstant
from surfacechem.symbolic.closed_forms import exchange_fraction
from surfacechem.symbolic.lower import Lowered, lower
from surfacechem.symbolic.oracle import compile_residual

if TYPE_CHECKING:
    from surfacechem.chem.system import System

EXCHANGE_K = (1.0, 0.83, 2.23)


def populate(
    lowered: Lowered, *, x: np.ndarray, theta: np.ndarray, particles: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return concentrations in the order of the weights, and totals, straight from the definition of Problem."""
    problem = lowered.problem
    ln_weight = lowered.weight_offset + lowered.weight_matrix @ theta
    n_species = len(problem.nu)
    found = list(np.exp(ln_weight[:n_species] + problem.nu @ x))
    totals = np.array(found) @ problem.nu
    place = n_species
    for host, amount in zip(problem.hosts, particles, strict=True):
        shares, rows = [], []
        for term in host.terms:
            ln_z, row = ln_weight[place], [(1.0, term.nu)]
            place += 1
            for factor in term.factors:
                nu = np.array([state.nu for state in factor.terms])
                ln_q = ln_weight[place : place + len(nu)] + nu @ x
                place += len(nu)
                ln_sum = np.logaddexp.reduce(ln_q)
                ln_z += factor.count * ln_sum
                row += [(factor.count * p, n) for p, n in zip(np.exp(ln_q - ln_sum), nu, strict=True)]
            shares.append(ln_z)
            rows.append(row)
        for share, row in zip(np.exp(shares - np.logaddexp.reduce(shares)), rows, strict=True):
            found += [amount * share * count for count, _ in row]
            totals = totals + sum(amount * share * count * nu for count, nu in row)
    return np.array(found), totals


def amounts_for(lowered: Lowered, totals: np.ndarray, particles: np.ndarray) -> np.ndarray:
    """Return some feeds that bring these totals."""
    n_clusters = len(particles)
    rest = totals - particles @ lowered.feed_totals[len(lowered.feeds) - n_clusters :]
    dissolved = lowered.feed_totals[: len(lowered.feeds) - n_clusters]
    return np.concatenate([np.linalg.lstsq(dissolved.T, rest, rcond=None)[0], particles])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_numbers_satisfy_written_equations(system: System, seed: int) -> None:
    """Whatever the activities and constants, the lowered numbers fulfil every law and balance as written."""
    random = np.random.default_rng(seed)
    lowered = lower(system)
    theta = random.uniform(-8, 8, len(lowered.constants))
    particles = 10 ** random.uniform(-6, -2, len(system.clusters))
    x = random.uniform(-12.0, 0.0, size=(lowered.problem.nu.shape[1],))
    found, totals = populate(lowered, x=x, theta=theta, particles=particles)
    residual = compile_residual(system).residual(
        found, constants=lowered.all_values(theta), amounts=amounts_for(lowered, totals, particles)
    )
    # Logarithms up to 100 carry 1e-14 each, and 50 sites of them are summed in L0.
    assert np.abs(residual).max() < 1e-9


@pytest.mark.parametrize("constant", EXCHANGE_K)
@pytest.mark.parametrize("equivalents", [1, 10, 30, 51, 100, 510])
def test_exchange_equals_enumeration_of_52_species(
    models: dict[str, System], constant: float, equivalents: float
) -> None:
    """At the activities of the closed form, the 52 macrospecies built from the weights hold 51 theta ligands."""
    lowered = lower(models["exchange"])
    theta = float(exchange_fraction(sp.Float(constant), sp.Float(equivalents), sp.Integer(51)))
    ln_ratio = log((equivalents - 51 * theta) / (51 * theta))
    ln_weight = lowered.weight_offset + lowered.weight_matrix @ [log(constant)]
    native, exchanged = lowered.problem.hosts[0].terms[0].factors[0].terms
    x = np.array([ln_ratio if name == "HO2CR'" else 0.0 for name in lowered.problem.component_names])
    step = ln_weight[4] + exchanged.nu @ x - ln_weight[3] - native.nu @ x
    weights = np.array([log(comb(51, n)) + n * step for n in range(52)])
    shares = np.exp(weights - np.logaddexp.reduce(weights))
    assert shares @ np.arange(52) == pytest.approx(51 * theta, rel=1e-12)


def test_native_states_and_components_have_weight_one(system: System) -> None:
    """Native states and the species that are components depend on no constant."""
    lowered = lower(system)
    entities = lowered.basis.entities
    free = [moiety.species for moiety in lowered.basis.components if moiety.species is not None]
    free += [states[0] for states in entities.states]
    rows = [index for column in free for index in lowered.entity_weight_index[column]]
    assert not lowered.weight_matrix[rows].any()
    assert not lowered.weight_offset[rows].any()


def test_particle_brings_its_native_ligands(models: dict[str, System]) -> None:
    """One cluster put in the flask brings 51 carboxylates and one particle."""
    lowered = lower(models["exchange"])
    row = lowered.feeds.index("InP37")
    assert dict(zip(lowered.problem.component_names, lowered.feed_totals[row], strict=True)) == {
        "HO2CR'": 0.0,
        "HO2CR": 51.0,
    }
    assert lowered.feed_hosts[row].tolist() == [1.0]


def test_complete_z_loss_frees_17_units(models: dict[str, System]) -> None:
    """Where Z is driven off, 17 units leave a cluster of 17: the phantom's total is all in the complex."""
    lowered = lower(models["displacement"])
    x = np.array([40.0 if name == "L" else 0.0 for name in lowered.problem.component_names])
    found, _ = populate(lowered, x=x, theta=np.zeros(2), particles=np.array([1.0]))
    assert found[lowered.entity_weight_index[lowered.entities.index("Se-Z")][0]] == pytest.approx(0.0, abs=1e-12)
    phantom = next(k for k, moiety in enumerate(lowered.basis.components) if moiety.is_phantom)
    assert lowered.feed_totals[lowered.feeds.index("CdS37"), phantom] == 17.0


def test_particle_constant_is_divided_by_its_sites(models: dict[str, System]) -> None:
    """K of the first step of 51 sites is 51 times the per-site constant that the weights need."""
    written = models["exchange"]
    constant = EquilibriumConstant.of(1.3, name="K[X1]", convention=Convention.PER_SITE)
    for step in (1, 51):
        particle = replace(constant.per_particle(n_sites=51, step=step), name="K[X1]")
        reaction = replace(written.reactions[0], constant=particle)
        lowered = lower(replace(written, reactions=(reaction,)))
        assert lowered.problem.ln_weight[4] == pytest.approx(log(1.3), abs=1e-14)


def test_unknown_constant_leaves_only_its_weights_open() -> None:
    """NaN stands exactly where the unknown constant acts."""
    model = SystemBuilder()
    for name in ("H", "G", "HG", "GG"):
        model.species(name)
    model.reaction(["H", "G"], ["HG"])
    model.reaction(["2 G"], ["GG"], K=10.0)
    lowered = lower(model.system())
    assert np.isnan(lowered.problem.ln_weight).tolist() == [name == "HG" for name in lowered.problem.species_names]


def test_way_to_a_fit_is_free_of_sympy() -> None:
    """Lowering does not import sympy, which alone would cost half a second."""
    code = "import sys, surfacechem.symbolic.lower; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.chem.build import SystemBuilder
from surfacechem.chem.constant import EquilibriumConstant
from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import ConventionError, DataError, ModelError, UnknownNameError
from surfacechem.network import Network
from surfacechem.symbolic.closed_forms import binding_one_to_one, exchange_fraction
from surfacechem.symbolic.oracle import compile_residual

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.chem.system import System


def exchange(*, K: float | None = 1.0) -> System:
    """Return S1 of domain.md: carboxylate exchange on 51 sites."""
    model = SystemBuilder()
    model.cluster("InP37", "In37P20(O2CR)51")
    model.site("In", on="InP37", count=51, native="O2CR")
    model.reaction(["In-O2CR", "HO2CR'"], ["In-O2CR'", "HO2CR"], kind="X", K=K)
    return model.system()


def host_guest() -> System:
    """Return two steps of host and guest."""
    model = SystemBuilder()
    for name in ("TCNB", "Host", "HG", "H2G"):
        model.species(name)
    model.reaction(["Host", "TCNB"], ["HG"], K=250.0, label="11")
    model.reaction(["Host", "HG"], ["H2G"], K=40.0, label="21")
    return model.system()


def displacement() -> System:
    """Return S10: Z units leave with two L each, and L fills the gaps."""
    model = SystemBuilder()
    model.cluster("CdS37")
    model.site("Se", on="CdS37", count=17, native="Z")
    model.species("L")
    model.species("ZL2")
    model.reaction(["Se-Z", "2 L"], ["Se-*", "ZL2"], K=4e-3)
    model.reaction(["Se-*", "L"], ["Se-L"], K=30.0)
    return model.system()


def conformers() -> System:
    """Return S9: two forms that bind methanol differently, next to an exchange."""
    model = SystemBuilder()
    model.cluster("CdS37")
    model.site("Cd", on="CdS37", count=6)
    model.site("S", on="CdS37", count=4, native="A")
    model.conformer("beta", of="CdS37", L0=1e-3)
    for name in ("M", "HA", "HB"):
        model.species(name)
    model.reaction(["Cd-*", "M"], ["Cd-M"], K=2.0)
    model.reaction(["Cd-*", "M"], ["Cd-M"], K=50.0, conformer="beta")
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=3.0)
    return model.system()


def two_clusters() -> System:
    """Return two clusters that compete for one acid, which dimerises."""
    model = SystemBuilder()
    model.cluster("C1")
    model.cluster("C2")
    model.site("In.a", on="C1", count=10, native="A")
    model.site("In.b", on="C1", count=5, native="A")
    model.site("Cd", on="C2", count=7, native="A")
    for name in ("HA", "HB", "D"):
        model.species(name)
    for site, constant in (("In.a", 5.0), ("In.b", 0.2), ("Cd", 1.0)):
        model.reaction([f"{site}-A", "HB"], [f"{site}-B", "HA"], K=constant)
    model.reaction(["2 HB"], ["D"], K=500.0)
    return model.system()


# Every feed is present, so that no concentration of these flasks is 0.
FLASKS = {
    exchange: {"InP37": 5e-4, "HO2CR'": 0.02, "HO2CR": 1e-4},
    host_guest: {"TCNB": 1e-3, "Host": 3e-3, "HG": 0.0, "H2G": 0.0},
    displacement: {"CdS37": 2e-4, "L": 0.05, "ZL2": 1e-4},
    conformers: {"CdS37": 1e-4, "M": 0.3, "HA": 1e-5, "HB": 1e-3},
    two_clusters: {"C1": 1e-4, "C2": 2e-4, "HA": 1e-5, "HB": 4e-3},
}
ALL = pytest.mark.parametrize("model", FLASKS, ids=lambda model: model.__name__)


@ALL
def test_solution_satisfies_written_equations(model: Callable[[], System]) -> None:
    """What the solver returns fulfils the compiled symbolic equations, which share no code with it."""
    network = Network(model())
    speciation = network.solve(FLASKS[model])
    assert speciation.is_solved
    particles = speciation.solution.occupancy[0] * [
        FLASKS[model][network.system.clusters[host].name] for host in network.lowered.host_of_term
    ]
    residual = compile_residual(network.system).residual(
        np.concatenate([np.exp(speciation.solution.ln_c[0]), particles]),
        constants=network.lowered.all_values(network.ln_constants),
        amounts=np.array([FLASKS[model].get(feed, 0.0) for feed in network.feeds]),
    )
    # Steps below 1e-7 converge quadratically; 50 sites multiply rounding of 1e-15 in L0.
    assert np.abs(residual).max() < 1e-11


@pytest.mark.parametrize("constant", [1.0, 0.83, 2.23])
@pytest.mark.parametrize("particles", [1e-7, 5e-4, 0.1])
def test_exchange_is_the_closed_form(constant: float, particles: float) -> None:
    """51 sites at K = 1, 0.83 and 2.23 follow the closed form whatever the cluster concentration."""
    equivalents = np.array([1.0, 10.0, 30.0, 51.0, 100.0, 510.0])
    found = Network(exchange(K=constant)).solve({"InP37": particles, "HO2CR'": particles * equivalents})
    expected = [float(exchange_fraction(sp.Float(constant), sp.Float(e), sp.Integer(51))) for e in equivalents]
    assert found.of("In-O2CR'") / (51 * particles) == pytest.approx(expected, rel=1e-11)


@settings(max_examples=40, deadline=None)
@given(st.floats(-3, 12), st.floats(-9, 0), st.floats(-9, 0))
def test_one_to_one_is_the_closed_form(log10_k: float, log10_host: float, log10_guest: float) -> None:
    """Host-guest binding is the quadratic's root over 15 decades of K."""
    system = host_guest()
    network = Network(replace(system, reactions=system.reactions[:1]))
    host, guest = 10.0**log10_host, 10.0**log10_guest
    found = network.solve({"Host": host, "TCNB": guest}, [log10_k * log(10)]).of("HG")[0]
    expected = binding_one_to_one(sp.Float(10.0**log10_k, 40), sp.Float(host, 40), sp.Float(guest, 40))
    # At equivalence the balance fixes free host only to eps * K * total; bound stays good to rounding.
    assert found == pytest.approx(float(expected), rel=1e-12)


def test_complete_z_loss_gives_17_units() -> None:
    """With enough strong L all 17 units of the cluster are found in the complex."""
    found = Network(displacement()).solve({"CdS37": 1e-4, "L": 1.0}, [log(1e10), log(30.0)])
    assert found.of("ZL2") == pytest.approx([17e-4], rel=1e-9)


def test_dilution_tells_q() -> None:
    """With two L per Z displacement, dilution at constant ratio pushes the equilibrium back."""
    system = displacement()
    network = Network(replace(system, reactions=system.reactions[:1]))
    dilution = np.array([1.0, 0.1, 0.01])
    found = network.solve({"CdS37": 1e-3 * dilution, "L": 0.1 * dilution})
    assert np.all(np.diff(found.of("ZL2") / (17e-3 * dilution)) < 0)


@ALL
@pytest.mark.parametrize("what", ["species", "reactions", "sites"])
def test_order_does_not_matter(model: Callable[[], System], what: str) -> None:
    """Species, reactions or sites declared in another order give the same concentrations."""
    system = model()
    turned = Network(replace(system, **{what: getattr(system, what)[::-1]})).solve(FLASKS[model])
    found = Network(system).solve(FLASKS[model])
    for entity in found.entities:
        assert turned.of(entity) == pytest.approx(found.of(entity), rel=1e-10)


@ALL
def test_direction_does_not_matter(model: Callable[[], System]) -> None:
    """Every reaction reversed with 1/K gives the same concentrations."""
    system = model()
    turned = [
        replace(
            r,
            left=r.right,
            right=r.left,
            constant=replace(
                r.constant, log10_value=-r.constant.known_log10, molar_exponent=-r.constant.molar_exponent
            ),
        )
        for r in system.reactions
    ]
    reverse = Network(replace(system, reactions=tuple(turned))).solve(FLASKS[model])
    found = Network(system).solve(FLASKS[model])
    for entity in found.entities:
        assert reverse.of(entity) == pytest.approx(found.of(entity), rel=1e-10)


def test_redundant_reaction_does_not_matter() -> None:
    """The sum of two reactions, written as a third, changes nothing."""
    model = SystemBuilder()
    for name in ("TCNB", "Host", "HG", "H2G"):
        model.species(name)
    model.reaction(["Host", "TCNB"], ["HG"], K=250.0)
    model.reaction(["2 Host", "TCNB"], ["H2G"], K=10000.0)
    model.reaction(["2 HG"], ["H2G", "TCNB"], K=40.0 / 250.0)
    found = Network(model.system()).solve(FLASKS[host_guest])
    expected = Network(host_guest()).solve(FLASKS[host_guest])
    for entity in expected.entities:
        assert found.of(entity) == pytest.approx(expected.of(entity), rel=1e-10)


@ALL
def test_choice_of_components_does_not_matter(model: Callable[[], System], monkeypatch: pytest.MonkeyPatch) -> None:
    """Components taken from elimination, signs and all, give the same concentrations as moieties do."""
    expected = Network(model()).solve(FLASKS[model])
    monkeypatch.setattr("surfacechem.symbolic.basis.nonnegative_rays", lambda *_: None)
    found = Network(model()).solve(FLASKS[model])
    assert found.concentration == pytest.approx(expected.concentration, rel=1e-9)


def test_components_may_be_fed_as_complexes() -> None:
    """The same atoms put in as complexes come to the same equilibrium."""
    network = Network(host_guest())
    apart = network.solve({"Host": 3e-3, "TCNB": 2e-3})
    together = network.solve({"HG": 1e-3, "H2G": 1e-3})
    assert together.concentration == pytest.approx(apart.concentration, rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.floats(-4, 4))
def test_volume_scales_out(log10_volume: float) -> None:
    """Amounts n times smaller with K^-1 n times larger per dissolved species give the same fractions."""
    factor = 10.0**log10_volume
    network = Network(host_guest())
    amounts = {"Host": 3e-3, "TCNB": 1e-3}
    found = network.solve(amounts)
    scaled = network.solve(
        {feed: amount / factor for feed, amount in amounts.items()}, network.ln_constants + log(factor)
    )
    assert scaled.concentration * factor == pytest.approx(found.concentration, rel=1e-10)


@ALL
def test_derivatives_are_those_of_central_differences(model: Callable[[], System]) -> None:
    """Exact derivatives agree with finite ones, for every entity, constant and feed."""
    network = Network(model())
    amounts = np.array([[FLASKS[model].get(feed, 0.0) + 1e-5 for feed in network.feeds]])
    theta, step = network.ln_constants, 1e-4
    found = network.solve(amounts, derivatives=True)
    assert found.d_ln_constants is not None
    assert found.d_amounts is not None
    for k in range(len(theta)):
        shift = np.eye(len(theta))[k] * step
        up, down = (network.solve(amounts, theta + sign * shift).concentration for sign in (1, -1))
        # Truncation is step^2 of the value, rounding 1e-15/step.
        assert found.d_ln_constants[:, :, k] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-13)
    for f in range(len(network.feeds)):
        shift = np.eye(len(network.feeds))[f] * 1e-4 * amounts[0, f]
        up, down = (network.solve(amounts + sign * shift).concentration for sign in (1, -1))
        assert found.d_amounts[:, :, f] == pytest.approx((up - down) / (2 * shift[f]), rel=1e-6, abs=1e-9)


def test_one_theta_per_point() -> None:
    """A batch of tiled amounts with one theta per row solves many constants at once."""
    network = Network(host_guest())
    thetas = network.ln_constants + np.array([[0.0, 0.0], [1.0, -1.0], [2.0, 0.5]])
    bound = network.bind(np.tile([1e-3, 3e-3, 0.0, 0.0], (3, 1)))
    together = bound.solve(thetas, derivatives=True)
    apart = [network.solve(FLASKS[host_guest], theta, derivatives=True) for theta in thetas]
    assert together.concentration == pytest.approx(np.vstack([each.concentration for each in apart]), rel=1e-12)
    slopes = [each.sensitivity("HG", to="K[21]") for each in apart]
    assert together.sensitivity("HG", to="K[21]") == pytest.approx(np.concatenate(slopes), rel=1e-10)


def test_absent_feeds_give_zeros() -> None:
    """Without incoming acid nothing is exchanged, exactly."""
    found = Network(exchange()).solve({"InP37": 1e-3}, derivatives=True)
    assert found.of("In-O2CR'").tolist() == [0.0]
    assert found.of("In-O2CR") == pytest.approx([51e-3])
    assert found.sensitivity("In-O2CR'", to="K[X1]").tolist() == [0.0]


def test_bystanders_stay_what_they_are() -> None:
    """A species, a site and a cluster without reactions keep what was put in."""
    model = SystemBuilder()
    model.cluster("C")
    model.cluster("D")
    model.site("In.a", on="C", count=30, native="A")
    model.site("In.b", on="C", count=21, native="A")
    for name in ("HA", "HB", "solvent"):
        model.species(name)
    model.reaction(["In.a-A", "HB"], ["In.a-B", "HA"], K=2.0)
    found = Network(model.system()).solve({"C": 1e-4, "D": 2e-4, "HB": 1e-3, "solvent": 9.0}, derivatives=True)
    assert found.is_solved
    assert found.of("In.b-A") == pytest.approx([21e-4], rel=1e-14)
    assert found.of("D") == pytest.approx([2e-4], rel=1e-14)
    assert found.of("solvent") == pytest.approx([9.0], rel=1e-14)
    assert found.sensitivity("In.b-A", to="C") == pytest.approx([21.0], rel=1e-14)


def test_model_without_reactions_is_solved() -> None:
    """Where nothing reacts there is no constant, and what was put in is found."""
    model = SystemBuilder()
    model.species("A")
    assert Network(model.system()).solve({"A": [1e-3, 0.0]}).of("A") == pytest.approx([1e-3, 0.0])


def test_other_temperature_moves_constants() -> None:
    """At another temperature ln K has moved by van 't Hoff, and only there."""
    system = host_guest()
    heated = [replace(r, constant=replace(r.constant, enthalpy=-35e3)) for r in system.reactions]
    network = Network(replace(system, reactions=tuple(heated)))
    shift = network.at(320.0).ln_constants - network.ln_constants
    assert shift == pytest.approx(np.full(2, 35e3 / GAS_CONSTANT * (1 / 320.0 - 1 / 298.15)))


def test_other_temperature_needs_enthalpies() -> None:
    """A constant without enthalpy is not silently taken as constant."""
    with pytest.raises(ConventionError, match="dH"):
        Network(host_guest()).at(320.0)


def test_open_constant_is_named() -> None:
    """A prediction with an unknown constant names it."""
    with pytest.raises(ModelError, match=r"K\[X1\]"):
        Network(exchange(K=None)).solve({"InP37": 1e-3})


def test_theta_of_wrong_length_is_refused() -> None:
    """One ln K for each independent constant, by name."""
    with pytest.raises(ModelError, match=r"2: K\[11\], K\[21\]"):
        Network(host_guest()).solve({"Host": 1e-3}, [1.0])


def test_unknown_feed_offers_the_nearest() -> None:
    """A misspelt feed gets the name that was meant."""
    with pytest.raises(UnknownNameError, match="did you mean 'TCNB'"):
        Network(host_guest()).solve({"TNCB": 1e-3})


def test_series_of_different_length_are_refused() -> None:
    """Feeds have one value per point."""
    with pytest.raises(DataError, match="same length"):
        Network(host_guest()).solve({"Host": [1e-3, 2e-3], "TCNB": [1.0, 2.0, 3.0]})


def test_table_of_wrong_width_is_refused() -> None:
    """A table has one column per feed."""
    with pytest.raises(DataError, match="TCNB, Host, HG, H2G"):
        Network(host_guest()).bind(np.zeros((3, 2)))


def test_composition_counts_moieties() -> None:
    """H2G holds two hosts and one guest."""
    assert Network(host_guest()).composition("H2G") == {"TCNB": 1.0, "Host": 2.0}


def test_bound_state_is_of_its_acid() -> None:
    """A bound carboxylate counts with the acid it came from."""
    assert Network(exchange()).composition("In-O2CR'") == {"HO2CR'": 1.0}


def test_composition_of_a_form_is_empty() -> None:
    """A particle is no component: its ligands are counted at its sites."""
    assert Network(conformers()).composition("CdS37.beta") == {}


def test_forms_add_up_to_the_clusters() -> None:
    """Reference form and conformer are all particles there are."""
    found = Network(conformers()).solve(FLASKS[conformers])
    assert found.of("CdS37") + found.of("CdS37.beta") == pytest.approx([1e-4], rel=1e-12)


def test_conformers_follow_monod_wyman_changeux() -> None:
    """The fraction of beta is L0 (1 + K_b x)^n / [(1 + K_a x)^n + L0 (1 + K_b x)^n]."""
    found = Network(conformers()).solve({"CdS37": 1e-6, "M": [0.01, 0.1, 1.0]})
    free = found.of("M")
    beta = 1e-3 * (1 + 50.0 * free) ** 6
    assert found.of("CdS37.beta") / 1e-6 == pytest.approx(beta / (beta + (1 + 2.0 * free) ** 6), rel=1e-10)


def test_dependent_constants_are_reported_by_name() -> None:
    """Constants that follow from others have values as well."""
    (first,) = exchange().reactions
    again = replace(first, name="X2", left=first.right, right=first.left, constant=EquilibriumConstant(name="K[X2]"))
    network = Network(replace(exchange(), reactions=(first, again)))
    values = network.all_ln_constants([log(2.0)])
    assert values == pytest.approx({"K[X1]": log(2.0), "K[X2]": -log(2.0)})


@ALL
def test_audit_agrees(model: Callable[[], System]) -> None:
    """The independent check finds nothing wrong with what the solver returns."""
    assert Network(model()).audit(FLASKS[model]).is_consistent


def test_reading_a_model_does_not_bring_the_compiler() -> None:
    """A network can be built and shown without numba and sympy; solving brings the first."""
    code = "import sys, surfacechem.network; sys.exit(bool({'numba', 'sympy', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


def test_a_warm_start_ends_at_the_same_place_sooner() -> None:
    """From the solution of nearly the same constants, fewer passes lead to the same concentrations and slopes."""
    network = Network(exchange())
    bound = network.bind(FLASKS[exchange])
    theta = np.array([log(2.0)])
    cold = bound.solve(theta + 0.01, derivatives=True)
    warm = bound.solve(theta + 0.01, derivatives=True, start=bound.solve(theta).solution)
    assert warm.solution.n_passes.sum() < cold.solution.n_passes.sum()
    assert warm.concentration == pytest.approx(cold.concentration, rel=1e-12)
    assert warm.d_ln_constants == pytest.approx(cold.d_ln_constants, rel=1e-9, abs=1e-20)

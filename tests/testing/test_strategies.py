"""What the strategies draw is chemistry, and shrinks to what a reader takes in at a glance."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from surfacechem.chem.formula import Formula
from surfacechem.chem.system import ReactionKind, System
from surfacechem.errors import DataError, SurfaceChemError
from surfacechem.network import Network
from surfacechem.notation import parse, render
from surfacechem.testing import (
    Experiment,
    Particle,
    broken_model_texts,
    clusters,
    experiments,
    feeds,
    formulas,
    ligands,
    model_texts,
    quantities,
    simulate_titration,
    systems,
)
from surfacechem.units import Kind, quantity

FEW = settings(max_examples=25, deadline=None)
SHRUNK = settings(max_examples=400, database=None, deadline=None)


@FEW
@given(formulas())
def test_formulas_have_atoms_and_mass(formula: Formula) -> None:
    """Every formula reads back to the same atoms."""
    assert Formula.parse(str(formula)).atoms == formula.atoms
    assert formula.mass > 0


@FEW
@given(clusters())
def test_clusters_follow_the_template(particle: Particle) -> None:
    """Metal beyond the core carries all native ligands, as in In37P20(O2CR)51."""
    atoms = Formula.parse(particle.formula).composition
    assert atoms[particle.metal] - atoms[particle.anion] == particle.n_z
    assert particle.n_ligands == particle.n_z * particle.n_per_z


@given(ligands(kind="L"))
def test_ligands_of_a_class(ligand: object) -> None:
    """A class that is asked for is kept."""
    assert ligand.kind is ReactionKind.L  # type: ignore[attr-defined]  # drawn as a Ligand


@FEW
@given(quantities("temperature", lowest=1.0))
def test_quantities_are_of_their_kind(text: str) -> None:
    """Every text is understood where such a quantity is asked for."""
    assert quantity(text, Kind.TEMPERATURE) > 0


@FEW
@given(systems())
def test_systems_are_written_and_read(system: System) -> None:
    """A system that was drawn is one that could have been typed."""
    assert render(parse(render(system))) == render(system)


@FEW
@given(st.data())
def test_feeds_name_what_a_flask_takes(data: st.DataObject) -> None:
    """Only feeds of the network are put in, its cluster always."""
    network = Network(data.draw(systems()))
    put_in = data.draw(feeds(network))
    assert set(put_in) <= set(network.feeds)
    assert network.system.clusters[0].name in put_in


@FEW
@given(model_texts())
def test_model_texts_are_read(text: str) -> None:
    """Blanks and comments do not matter."""
    assert parse(text).reactions


@FEW
@given(broken_model_texts())
def test_broken_texts_are_refused_in_words(text: str) -> None:
    """No fault gives a traceback or passes."""
    with pytest.raises(SurfaceChemError, match=r"allowed|instead|found|faults"):
        parse(text)


@settings(max_examples=5, deadline=None)
@given(experiments(noise=0.0))
def test_titrations_come_from_their_model(drawn: Experiment) -> None:
    """Without noise the signal is what the model says."""
    amounts = dict(zip(drawn.data.feeds, drawn.data.amounts.T, strict=True))
    seen = drawn.data.signals[0].values[:, 0]
    assert seen == pytest.approx(drawn.network.solve(amounts).of("In-O2CR'"))


def test_titration_is_named_simulated() -> None:
    """Nobody takes it for data; the seed is given with it."""
    network = find(experiments(), lambda _: True).network
    simulated = simulate_titration(network, {"InP37": np.full(3, 1e-3), "HO2CR'": np.full(3, 1e-2)}, seed=7)
    assert "Simulated" in simulated.notes[0]
    assert "seed 7" in simulated.notes[0]


def test_model_without_integrals_has_no_titration() -> None:
    """What cannot be simulated is refused in words."""
    with pytest.raises(DataError, match="observes no integral"):
        simulate_titration(Network(parse("S  H + G <=> HG ; K = 1 /M")), {"H": np.ones(2)})


def test_systems_shrink_to_one_exchange_on_a_small_cluster() -> None:
    """A failure that needs nothing special is shown on the smallest cluster with a constant of one."""
    text = render(find(systems(), lambda system: bool(system.reactions), settings=SHRUNK))
    assert "In2P(O2CR)3" in text
    assert "site In on InP2 : 1 native O2CR" in text
    assert text.count("<=>") == 1
    assert "K = 1 " in text


def test_shrunk_system_keeps_what_the_failure_needs() -> None:
    """A failure of Z displacement shrinks to one Z unit and nothing else."""

    def has_z(system: System) -> bool:
        return any(reaction.kind is ReactionKind.Z for reaction in system.reactions)

    system = find(systems(), has_z, settings=SHRUNK)
    assert [str(reaction.kind) for reaction in system.reactions] == ["Z"]
    assert system.sites[0].count == 1


def test_hypothesis_knows_our_types() -> None:
    """Through the entry point, `from_type` draws from our strategies."""
    from surfacechem.testing.registration import register

    register()
    assert isinstance(find(st.from_type(System), lambda _: True), System)


def test_missing_hypothesis_is_said_with_the_line_to_type() -> None:
    """Checks work without hypothesis; strategies say how to get it."""
    program = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from surfacechem.testing import assert_conserved\n"
        "try:\n    from surfacechem.testing import systems\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert "pip install 'surfacechem[testing]'" in done.stdout

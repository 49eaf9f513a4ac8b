from __future__ import annotations

import pytest

from surfacechem.chem.arrangement import Arrangement, Pattern
from surfacechem.chem.build import SystemBuilder
from surfacechem.errors import SurfaceChemError

RING = Arrangement(pattern=Pattern.RING)


def arranged(arrangement: Arrangement | None, n_sites: float = 6) -> SystemBuilder:
    """Return an exchange on sites with neighbours, labels only."""
    model = SystemBuilder()
    model.cluster("Q")
    model.site("S", on="Q", count=n_sites, native="A", arrangement=arrangement)
    for name in ("HA", "HB", "HD"):
        model.species(name)
    return model


@pytest.mark.parametrize(
    ("arrangement", "n_sites", "message"),
    [
        (RING, 25.5, "an average has no neighbours"),
        (Arrangement(pattern=Pattern.CHAIN), 201, "at most 200"),
        (Arrangement(pattern=Pattern.LATTICE, size=(2, 3)), 7, "write site S on Q : 6"),
        (Arrangement(pattern=Pattern.EDGES, listed=((1, 7),)), 6, "1-7"),
        (Arrangement(pattern=Pattern.EDGES, listed=((2, 2),)), 6, "two different sites"),
        (Arrangement(pattern=Pattern.EDGES, listed=((0, 2),)), 6, "counted from 1"),
    ],
)
def test_impossible_arrangements_are_refused(arrangement: Arrangement, n_sites: float, message: str) -> None:
    """Each with what is allowed instead."""
    model = arranged(arrangement, n_sites)
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0)
    with pytest.raises(SurfaceChemError, match=message):
        model.system()


def test_a_coupling_needs_neighbours() -> None:
    """On independent sites w means nothing, and the line with neighbours is offered."""
    model = arranged(None)
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0, w=3000.0)
    with pytest.raises(SurfaceChemError, match="native A ; ring"):
        model.system()


def test_a_coupling_speaks_of_one_pair_once() -> None:
    """Two couplings of one pair contradict each other; a reaction that forms the native state cannot bring one."""
    model = arranged(RING)
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0, w=3000.0)
    model.couple("S-B", "S-B", w=2000.0)
    with pytest.raises(SurfaceChemError, match=r"the same two states as w\[X1\]"):
        model.system()
    backwards = arranged(RING)
    backwards.reaction(["S-B", "HA"], ["S-A", "HB"], K=1.0, w=3000.0)
    with pytest.raises(SurfaceChemError, match="stands alone on the right"):
        backwards.system()


@pytest.mark.parametrize(
    ("first", "second", "conformer", "message"),
    [
        ("S-B", "S-D", None, "state 'S-D'"),
        ("S-B", "T-B", None, "two states of one site class"),
        ("S-B", "T-*", None, "two states of one site class"),
        ("S-B", "S-B", "gamma", "gamma"),
        ("T-*", "T-B", None, "a vacant one is what they are counted from"),
        ("T-B", "T-B", None, "T on Q : 4 ; ring"),
    ],
)
def test_states_that_cannot_feel_each_other_are_refused(
    first: str, second: str, conformer: str | None, message: str
) -> None:
    """Each with what to write instead."""
    model = arranged(RING)
    model.site("T", on="Q", count=4)
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0)
    model.reaction(["T-*", "HB"], ["T-B"], K=1.0)
    model.couple(first, second, w=1000.0, conformer=conformer)
    with pytest.raises(SurfaceChemError, match=message):
        model.system()


@pytest.mark.parametrize(
    ("arrangement", "w", "message"),
    [
        (Arrangement(pattern=Pattern.MEAN_FIELD), 9.95e3, "4RT = 9.916 kJ/mol for one ligand"),
        (Arrangement(pattern=Pattern.LATTICE, size=(2, 3)), 4.4e3, "4.37 kJ/mol = 1.763 RT"),
    ],
)
def test_couplings_above_the_critical_one_are_noted(arrangement: Arrangement, w: float, message: str) -> None:
    """Just above it a note says what may happen; just below there is none."""
    for energy, is_noted in ((w, True), (w - 100.0, False)):
        model = arranged(arrangement)
        model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0, w=energy)
        assert any(message in note for note in model.system().notes) == is_noted


def test_a_mean_field_has_no_neighbouring_sites() -> None:
    """A ligand on two sites and a mean field do not go together."""
    model = arranged(Arrangement(pattern=Pattern.MEAN_FIELD))
    model.reaction(["2 S-A", "HD"], ["(S)2-D", "2 HA"], K=1.0)
    with pytest.raises(SurfaceChemError, match="have neighbouring sites"):
        model.system()


@pytest.mark.parametrize("on", ["T-A", "X-A"])
def test_carriers_must_exist_and_end_at_a_cluster(on: str) -> None:
    """A unit on an unknown site, and sites that carry themselves, are named."""
    model = arranged(None)
    model.site("X", on=on, count=2, native="A")
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0)
    with pytest.raises(SurfaceChemError, match="unit that carries site 'X'"):
        model.system()

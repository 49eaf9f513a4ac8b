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


def test_a_coupling_speaks_of_one_state_once() -> None:
    """Two couplings of one state contradict each other, and the native state has none."""
    model = arranged(RING)
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0, w=3000.0)
    model.reaction(["S-A", "HD"], ["S-B", "HA"], K=1.0, w=2000.0)
    with pytest.raises(SurfaceChemError, match="a second time, after X1"):
        model.system()
    backwards = arranged(RING)
    backwards.reaction(["S-B", "HA"], ["S-A", "HB"], K=1.0, w=3000.0)
    with pytest.raises(SurfaceChemError, match="stands alone on the right"):
        backwards.system()


def test_a_coupling_holds_in_every_form() -> None:
    """Written for one conformer it would be read as that of all, so it is refused there."""
    model = arranged(RING)
    model.conformer("beta", of="Q", L0=0.1)
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0)
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=2.0, conformer="beta", w=3000.0)
    with pytest.raises(SurfaceChemError, match="the same in every form"):
        model.system()


def test_a_mean_field_has_no_neighbouring_sites() -> None:
    """A ligand on two sites and a mean field do not go together."""
    model = arranged(Arrangement(pattern=Pattern.MEAN_FIELD))
    model.reaction(["2 S-A", "HD"], ["(S)2-D", "2 HA"], K=1.0)
    with pytest.raises(SurfaceChemError, match="have neighbouring sites"):
        model.system()


def test_units_on_arranged_sites_cannot_carry() -> None:
    """Macrostates do not say which unit is where, so their units carry no sites of their own."""
    model = arranged(RING)
    model.site("X", on="S-A", count=2, native="B")
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0)
    with pytest.raises(SurfaceChemError, match="units on independent sites"):
        model.system()


@pytest.mark.parametrize("on", ["T-A", "X-A"])
def test_carriers_must_exist_and_end_at_a_cluster(on: str) -> None:
    """A unit on an unknown site, and sites that carry themselves, are named."""
    model = arranged(None)
    model.site("X", on=on, count=2, native="A")
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0)
    with pytest.raises(SurfaceChemError, match="unit that carries site 'X'"):
        model.system()

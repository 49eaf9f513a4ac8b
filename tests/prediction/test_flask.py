"""What is in the flask."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from surfacechem.chem.system import Cluster, Site, System
from surfacechem.errors import UnitError, UnknownNameError
from surfacechem.prediction import additions, conditions
from surfacechem.prediction.flask import equivalents_base
from surfacechem.prediction.sites import sites_per_particle

SITES = (
    Site(name="In", cluster="InP37", count=Fraction(51), native="O2CR"),
    Site(name="P", cluster="InP37", count=Fraction(4)),
)
NETWORK = SimpleNamespace(feeds=("HA", "HB", "InP37"), system=System(clusters=(Cluster(name="InP37"),), sites=SITES))


@pytest.mark.parametrize(
    ("per", "factor"),
    [
        ("InP37", 1),
        ("particle", 1),
        ("native ligand", 51),
        ("native O2CR", 51),
        ("site P", 4),
        ("site In of InP37", 51),
    ],
)
def test_equivalents_count_what_they_say(per: str, factor: float) -> None:
    """Two equivalents are twice the concentration of what they are of."""
    flask = conditions(NETWORK, {"HB": f"2 equiv per {per}", "InP37": "0.5 mM"})
    assert flask.amounts[0] == pytest.approx([0, 2 * factor * 0.5e-3, 0.5e-3])


def test_equivalents_may_refer_to_equivalents() -> None:
    """References are resolved in whatever order they are written."""
    flask = conditions(NETWORK, {"HA": "2 equiv per HB", "HB": "3 equiv per InP37", "InP37": "1 mM"})
    assert flask.amounts[0] == pytest.approx([6e-3, 3e-3, 1e-3])


@pytest.mark.parametrize(
    ("feed", "match"),
    [
        ({"HA": "1 equiv per InP37"}, "has no concentration"),
        ({"HA": "1 equiv per HB", "HB": "1 equiv per HA"}, "has no concentration"),
        ({"HA": "1 equiv per dozen", "InP37": "1 mM"}, "equivalents per dozen"),
        ({"HA": "1 equiv per site Cd", "InP37": "1 mM"}, "equivalents per site Cd"),
        ({"HA": "0..1 mM in 3", "HB": "0..1 mM in 4"}, "series of amounts"),
    ],
)
def test_what_cannot_be_resolved_is_refused(feed: dict[str, str], match: str) -> None:
    """A missing, circular or unknown reference and unequal lengths are named."""
    with pytest.raises(UnitError, match=match):
        conditions(NETWORK, feed)


def test_unknown_feed_offers_the_nearest() -> None:
    """A misspelt name is answered with the right one."""
    with pytest.raises(UnknownNameError, match="did you mean InP37"):
        conditions(NETWORK, {"InP73": "1 mM"})


def test_first_series_is_the_axis() -> None:
    """The axis keeps the unit in which the series was written."""
    flask = conditions(NETWORK, {"InP37": "1 mM", "HB": "0..100 equiv per InP37 in 3"})
    assert (flask.axis.label, flask.axis.unit) == ("HB", "equiv per InP37")
    assert flask.axis.values.tolist() == [0, 50, 100]


def test_additions_dilute() -> None:
    """Equal volumes of vessel and titrant halve both; nothing added changes nothing."""
    flask = additions(
        NETWORK, vessel={"InP37": "1 mM"}, volume="0.5 mL", titrant={"HB": "20 mM"}, added=["0 uL", "0.5 mL"]
    )
    assert flask.amounts == pytest.approx(np.array([[0, 0, 1e-3], [0, 10e-3, 0.5e-3]]))
    assert flask.axis.unit == "µL"


def test_sites_of_carried_units_are_counted_on_every_unit() -> None:
    """Three ligands on each of 16 units are 48 per particle."""
    units = Site(name="Z", cluster="C", count=Fraction(16), native="InX3")
    carried = Site(name="X", cluster="C", count=Fraction(3), native="O2CR", holder="Z-InX3")
    system = System(clusters=(Cluster(name="C"),), sites=(units, carried))
    assert sites_per_particle(system, carried) == 48
    assert equivalents_base(system, "native O2CR", feeds=("C",)) == ("C", 48)
    assert equivalents_base(system, "native ligand", feeds=("C",)) == ("C", 48)
    assert equivalents_base(system, "native InX3", feeds=("C",)) == ("C", 16)


def test_negative_volume_is_refused() -> None:
    """Nothing can be taken out by adding."""
    with pytest.raises(UnitError, match="titrant added"):
        additions(NETWORK, vessel={}, volume="1 mL", titrant={}, added=["-1 uL"])


def test_unknown_equivalents_are_told_what_there_is() -> None:
    """Native ligands are named; of surface metal it is said that their number must come from the user."""
    with pytest.raises(UnitError, match=r"native O2CR, site In, site P\n.*site In\.s on InP37 : 16"):
        equivalents_base(NETWORK.system, "surface metal", feeds=NETWORK.feeds)

"""Wanted coverages are found where the closed form has them, and said to be out of reach where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import RangeError, UnknownNameError
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.sweep import elasticities, feasibility, reach, sobol_indices

if TYPE_CHECKING:
    from surfacechem.api import Model

FEED = {"InP37": "0.5 mM"}
STATE = "In-O2CR'"
RANGE = {"HO2CR'": "0..10 equiv per native ligand"}


@pytest.mark.parametrize("wanted", [0.1, 0.5, 0.9])
def test_coverage_is_reached_where_the_closed_form_says(exchange: Model, wanted: float) -> None:
    """With K = 1: e = theta/(1 - theta) equivalents per native ligand."""
    found = reach(exchange, RANGE, {STATE: wanted}, feed=FEED, constants={"K[X1]": 1.0})
    assert found.values == pytest.approx([wanted / (1 - wanted)], rel=1e-9)
    assert found.unit == "equiv per native ligand"


def test_constant_that_a_coverage_needs(exchange: Model) -> None:
    """K = theta^2/((1 - theta)(e - theta)) for e equivalents per native ligand."""
    acid = {**FEED, "HO2CR'": "2 equiv per native ligand"}
    found = reach(exchange, {"K[X1]": "1e-3..1e3"}, {STATE: 0.7}, feed=acid)
    assert found.values == pytest.approx([0.7**2 / (0.3 * 1.3)], rel=1e-9)


def test_what_is_out_of_reach_says_how_near_it_comes(exchange: Model) -> None:
    """Ten equivalents do not give 99 %."""
    found = reach(exchange, RANGE, {STATE: 0.99}, feed=FEED, constants={"K[X1]": 1.0})
    assert found.values == ()
    assert found.highest == pytest.approx(10 / 11)
    assert "not reached" in str(found)


def test_every_crossing_is_found() -> None:
    """Half of the host in the 1:1 complex twice: on the way up, and down again as the 1:2 complex forms."""
    network = Network(
        parse("cluster P\nsite a on P : 1\nL a-* + L <=> a-L ; K = 1e4 /M\nL a-* + 2 L <=> a-LL ; K = 1e7 /M^2")
    )
    found = reach(network, {"L": "1 uM..1 M in 5 log"}, {"a-L": 0.4}, feed={"P": "1 uM"})
    assert len(found.values) == 2
    assert found.values[0] < found.values[1]


def test_unknown_quantity_is_named(exchange: Model) -> None:
    """States and channels may be wanted."""
    with pytest.raises(UnknownNameError, match="In-O2CR, In-O2CR'"):
        reach(exchange, RANGE, {"In-OH": 0.5}, feed=FEED)
    with pytest.raises(RangeError, match="one of each"):
        reach(exchange, {**RANGE, "K[X1]": "1..2"}, {STATE: 0.5}, feed=FEED)


def test_feasible_region_is_where_all_bounds_hold(exchange: Model) -> None:
    """Share of draws where there are draws; it falls from one to zero across the edge."""
    data = exchange.sweep({"HO2CR'": "0..5 equiv per native ligand in 21"}, feed=FEED, n_draws=50)
    share = feasibility(data, {STATE: (0.5, 0.8)})
    assert share.dims == ("HO2CR'",)
    covered = data["coverage"].sel(state=STATE)
    inside = ((covered >= 0.5) & (covered <= 0.8)).mean("draw")
    assert np.array_equal(share, inside)
    assert share.max() == 1.0
    assert share.min() == 0.0


def test_elasticities_are_slopes_in_logarithms(exchange: Model) -> None:
    """Compared with one per mille more of each factor."""
    found = elasticities(exchange, {**FEED, "HO2CR'": "20 mM"})
    step = 1e-4
    for factor, amounts, ln_k in (
        ("K[X1]", (5e-4, 0.02), step),
        ("HO2CR'", (5e-4, 0.02 * np.exp(step)), 0.0),
        ("InP37", (5e-4 * np.exp(step), 0.02), 0.0),
    ):
        ends = [
            exchange.solve({"InP37": a[0], "HO2CR'": a[1]}, exchange.ln_constants + shift).of(STATE)[0]
            for a, shift in (((5e-4, 0.02), 0.0), (amounts, ln_k))
        ]
        slope = np.log(ends[1] / ends[0]) / step
        # One-sided difference: the error is of the order of the step.
        assert float(found.sel(entity=STATE, factor=factor)[0]) == pytest.approx(slope, abs=1e-3)


def test_absent_entity_has_no_elasticity(exchange: Model) -> None:
    """Without acid there is none of its ligand: no logarithm, no slope."""
    found = elasticities(exchange, FEED)
    assert np.isnan(found.sel(entity=STATE)).all()


def test_sobol_indices_of_an_additive_answer_add_up_to_one() -> None:
    """Far from saturation coverage is K c: nearly additive over narrow ranges."""
    network = Network(parse("cluster P\nsite a on P : 1\nL a-* + L <=> a-L ; K = 1 /M"))
    found = sobol_indices(
        network, {"K[L1]": "1..1.2 /M", "L": "1..1.1 mM"}, "a-L", feed={"P": "1 nM"}, n_base=2048, seed=3
    )
    # Uniform in ln K (width 0.18) and in L (width 0.095 relative): variances of a product of both, nearly additive.
    expected = np.array([np.log(1.2) ** 2, (0.1 / 1.05) ** 2])
    assert found["first"].to_numpy() == pytest.approx(expected / expected.sum(), abs=0.02)
    assert found["total"].to_numpy() == pytest.approx(found["first"].to_numpy(), abs=0.02)
    assert (found["first_stderr"] < 0.05).all()


def test_sobol_index_of_what_does_not_matter_is_zero(exchange: Model) -> None:
    """In a fixed ratio to the sites, the concentration of cluster makes no difference to an exchange."""
    found = sobol_indices(
        exchange, {"InP37": "0.1..1 mM", "K[X1]": "0.1..10"}, STATE,
        feed={"HO2CR'": "1 equiv per native ligand"}, n_base=256,
    )  # fmt: skip
    assert found["total"].to_numpy() == pytest.approx([0.0, 1.0], abs=1e-2)


def test_base_points_are_a_power_of_two(exchange: Model) -> None:
    """Other numbers would spoil the balance of the points."""
    with pytest.raises(RangeError, match="power of two"):
        sobol_indices(exchange, RANGE, STATE, feed=FEED, n_base=1000)

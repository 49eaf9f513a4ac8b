"""Walks through measured points."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from surfacechem.prediction import along
from surfacechem.prediction.walk import measured_conditions

Floats = NDArray[np.float64]
NETWORK = SimpleNamespace(feeds=("HA", "HB", "InP37"))
VOLUMES = np.arange(31) * 2e-6  # L, of HA
THEN = np.arange(1, 31) * 2e-6  # L, of HB


def data(amounts: Floats, added: Floats | None = None) -> SimpleNamespace:
    """Return measured points of HA, HB and InP37 [mol/L]."""
    return SimpleNamespace(name="run", feeds=NETWORK.feeds, amounts=amounts, added=added, temperature=None)


def two_titrants() -> tuple[Floats, Floats]:
    """Return 600 uL of 1 mM InP37 with 0 to 60 uL of 20 mM HA, then as much of 20 mM HB, and the volume added."""
    first = np.concatenate([VOLUMES, np.full(30, VOLUMES[-1])])
    second = np.concatenate([np.zeros(31), THEN])
    total = 600e-6 + first + second
    moles = np.column_stack([20e-3 * first, 20e-3 * second, np.full(61, 600e-9)])
    return moles / total[:, np.newaxis], first + second


def stops(walk: Floats, amounts: Floats) -> list[int]:
    """Return at which row of the walk each measured point lies first."""
    return [int(np.flatnonzero(np.isclose(walk, row, rtol=1e-12, atol=0.0).all(axis=1))[0]) for row in amounts]


def test_walk_passes_through_every_point_in_order() -> None:
    """Curves are computed at the measured points too; samples in no order are walked through by their equivalents."""
    measured = data(np.array([[0.0, 2e-3, 1e-3], [0.0, 0.0, 1e-3], [0.0, 1e-3, 0.9e-3]]))
    points, walk = measured_conditions(NETWORK, measured), along(NETWORK, measured, n_points=5)
    assert points.axis.unit == "equiv per InP37"
    assert np.all(np.diff(walk.axis.values) > 0)
    for row, x in zip(points.amounts, points.axis.values, strict=True):
        assert walk.amounts[np.searchsorted(walk.axis.values, x)] == pytest.approx(row)


def test_walk_goes_on_with_the_second_titrant() -> None:
    """0 to 60 uL of one acid, then of another: the walk used to end where the first did."""
    amounts, added = two_titrants()
    walk = along(NETWORK, data(amounts, added))
    assert (walk.axis.label, walk.axis.unit) == ("volume added", "µL")
    assert walk.axis.values[[0, -1]] == pytest.approx([0.0, 120.0])
    assert np.all(np.diff(stops(walk.amounts, amounts)) > 0)


def test_points_are_numbered_where_nothing_else_tells_them_apart() -> None:
    """The same two titrants in a file of concentrations, without volumes."""
    amounts, _ = two_titrants()
    walk = along(NETWORK, data(amounts))
    assert (walk.axis.label, walk.axis.values[-1]) == ("point", 61.0)
    assert np.all(np.diff(stops(walk.amounts, amounts)) > 0)


def test_dilution_is_walked_by_concentration() -> None:
    """All diluted together at 15 equivalents: on an axis of equivalents there used to be one point."""
    dilution = np.geomspace(1.0, 0.01, 9)[:, np.newaxis] * np.array([0.0, 15e-3, 1e-3])
    walk = along(NETWORK, data(dilution))
    assert (walk.axis.label, walk.axis.unit) == ("InP37", "mmol/L")
    assert np.all(np.diff(walk.axis.values) > 0)
    assert walk.amounts[:, 1] == pytest.approx(15 * walk.amounts[:, 2])
    assert np.all(np.diff(stops(walk.amounts, dilution)) < 0)


def test_series_that_follow_each_other_are_not_joined() -> None:
    """Two titrations at different concentrations in one file: the walk is broken where the second begins."""
    equivalents = np.linspace(0.0, 5.0, 6)
    amounts = np.concatenate(
        [c * np.column_stack([0 * equivalents, equivalents, 1 + 0 * equivalents]) for c in (1e-3, 1e-4)]
    )
    walk = along(NETWORK, data(amounts))
    (gap,) = np.flatnonzero(np.isnan(walk.axis.values))
    assert walk.axis.values[[gap - 1, gap + 1]] == pytest.approx([5.0, 0.0])
    assert walk.amounts[:gap, 2] == pytest.approx(1e-3)
    assert walk.amounts[gap + 1 :, 2] == pytest.approx(1e-4)


def test_samples_in_no_order_are_not_joined() -> None:
    """Where samples differ at the same equivalents and were measured in no order, no curve leads through them."""
    rows = [(2, 1e-3), (0, 1e-4), (1, 1e-3), (2, 1e-4), (0, 1e-3), (1, 1e-4)]
    amounts = np.array([[0.0, equivalents * c, c] for equivalents, c in rows])
    walk = along(NETWORK, data(amounts))
    assert np.isnan(walk.axis.values[1::2]).all()
    assert walk.axis.values[::2] == pytest.approx([0, 0, 1, 1, 2, 2])


def test_walk_is_even_as_it_is_drawn() -> None:
    """Points over three decades leave no part of a logarithmic axis without curve."""
    equivalents = np.array([0.0, *np.geomspace(0.1, 100.0, 13)])
    amounts = 1e-3 * np.column_stack([0 * equivalents, equivalents, 1 + 0 * equivalents])
    walk = along(NETWORK, data(amounts)).axis
    steps = np.diff(np.arcsinh(2 * walk.values / walk.linear_to))
    assert steps.max() < 1.5 * steps.mean()


def test_a_solvent_is_plotted_as_a_concentration() -> None:
    """Hundreds of thousands of equivalents of methanol used to be counted."""
    measured = data(np.array([[0.0, 0.0, 1e-5], [0.5, 0.0, 1e-5], [2.0, 0.0, 1e-5]]))
    axis = measured_conditions(NETWORK, measured).axis
    assert (axis.label, axis.unit, axis.values[-1]) == ("HA", "mol/L", 2.0)

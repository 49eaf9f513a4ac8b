"""Series of spectra: where they stand still, and where their maximum is."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.constants import HC
from surfacechem.prediction import isosbestic_points
from surfacechem.prediction.isosbestic import isosbestic_sentence, maxima
from surfacechem.prediction.lineshape import Transition
from surfacechem.prediction.record import Curves
from surfacechem.relations.lineshape import absorption

AXIS = np.linspace(330.0, 480.0, 601)
FIRST, SECOND = Transition(origin=3.0, width=0.2), Transition(origin=3.2, width=0.2)
SHARES = np.linspace(0, 1, 7)[:, np.newaxis]
MIXTURES = SHARES * absorption([FIRST], AXIS) + (1 - SHARES) * absorption([SECOND], AXIS)


def curves(values: np.ndarray) -> Curves:
    """Return a series of spectra on the axis."""
    labels = tuple(f"{value} nm" for value in AXIS)
    return Curves(group="signal", name="A", labels=labels, values=values, unit="1", axis=AXIS)


def test_two_absorbers_stand_still_where_they_absorb_alike() -> None:
    """Mixtures of two equal Gaussians cross half-way between them, in energy."""
    # Straight lines between samples 0.25 nm apart are off by less than 1e-3 nm.
    assert isosbestic_points(AXIS, MIXTURES) == pytest.approx([HC / 3.1], abs=1e-3)
    assert isosbestic_sentence(curves(MIXTURES)) == "Isosbestic point of A: 399.9 nm."


def test_a_third_absorber_ends_the_isosbestic_point() -> None:
    """The first and the last spectrum still cross, those between do not."""
    third = SHARES * (1 - SHARES) * absorption([Transition(origin=3.1, width=0.1)], AXIS)
    assert not isosbestic_points(AXIS, MIXTURES + third).size
    assert "No isosbestic point of A" in isosbestic_sentence(curves(MIXTURES + third))


def test_dilution_ends_the_isosbestic_point() -> None:
    """What all spectra lose in volume, they lose at the crossing too."""
    assert not isosbestic_points(AXIS, MIXTURES * np.linspace(1, 0.8, 7)[:, np.newaxis]).size


def test_crossings_in_the_dark_do_not_count() -> None:
    """Tails cross below anything that could be measured."""
    far = Transition(origin=3.6, width=0.1)
    narrow = Transition(origin=2.8, width=0.1)
    values = SHARES * absorption([far], AXIS) + (1 - SHARES) * absorption([narrow], AXIS)
    assert not isosbestic_points(AXIS, values).size


def test_spectra_that_stay_have_nothing_to_say() -> None:
    """Equal spectra are isosbestic everywhere, which tells nothing; lost points are left out."""
    assert isosbestic_sentence(curves(np.repeat(MIXTURES[:1], 5, axis=0))) == ""
    assert isosbestic_sentence(curves(np.full_like(MIXTURES, np.nan))) == ""
    with_lost = np.vstack([MIXTURES, np.full(len(AXIS), np.nan)])
    assert isosbestic_points(AXIS, with_lost) == pytest.approx([HC / 3.1], abs=1e-3)


def test_maximum_of_a_parabola_is_exact() -> None:
    """Between the samples the top is that of a parabola; at the edge it is the edge, of nothing it is nothing."""
    x = np.linspace(0.0, 10.0, 11)
    rows = np.array([5.0 - (x - 4.3) ** 2, x, np.full(11, np.nan)])
    found = maxima(x, rows)
    assert found[:2] == pytest.approx([4.3, 10.0])
    assert np.isnan(found[2])

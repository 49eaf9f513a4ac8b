"""Amounts as text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.errors import SurfaceChemError, UnitError
from surfacechem.prediction.series import linspace, logspace, series


@pytest.mark.parametrize(
    ("text", "values", "label"),
    [
        ("0.5 mM", [0.5], "mM"),
        ("0..30 mM in 4", [0, 10, 20, 30], "mM"),
        ("0 mM .. 30 mM in 4", [0, 10, 20, 30], "mM"),
        ("500 uM..1 mM in 2", [0.5, 1.0], "mM"),
        ("1..100 mM in 3 log", [1, 10, 100], "mM"),
        ("10 equiv per InP37", [10], "equiv per InP37"),
        ("0..2 eq. per native ligand in 3", [0, 1, 2], "equiv per native ligand"),
        ("1e-3..2e-3 mol/L in 2", [1e-3, 2e-3], "mol/L"),
    ],
)
def test_text_is_read(text: str, values: list[float], label: str) -> None:
    """A number, a range and equivalents are read with their unit."""
    read = series(text, name="HA")
    assert read.values == pytest.approx(values)
    assert read.label == label


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("0.5", "bare number|unit"),
        ("10 equiv", "say of what"),
        ("-1 mM", "zero or more"),
        ("0..30", "bare number|unit"),
        ("0..30 mM in 0", "number of points"),
        ("0..30 mM in 999999999", "number of points"),
        ("0..30 mM in 5 log", "above zero"),
        ("5 K", "K"),
        ("a lot", "amount of HA"),
        ("1 mM" * 100, "400 characters"),
        ("0 equiv per A..5 mM in 3", "one kind of unit"),
    ],
)
def test_bad_text_is_refused(text: str, match: str) -> None:
    """What is no amount is refused with the amount's name or the fault."""
    with pytest.raises(UnitError, match=match):
        series(text, name="HA")


def test_default_number_of_points_is_odd() -> None:
    """A range without a count shows both ends and the middle."""
    assert len(series("0..30 mM", name="HA").values) == 101


def test_list_takes_the_unit_of_its_first_item() -> None:
    """Listed amounts may differ in prefix."""
    read = series(["0 mM", "500 uM"], name="HA")
    assert read.values == pytest.approx([0, 0.5])
    assert read.unit == "mM"


def test_empty_list_is_refused() -> None:
    """No amount at all is no series."""
    with pytest.raises(UnitError, match="an empty list"):
        series([], name="HA")


def test_python_series_equal_the_text_form() -> None:
    """The two ways to write a series agree."""
    assert np.array_equal(linspace("0 mM", "30 mM", 4).values, series("0..30 mM in 4", name="x").values)
    assert logspace("1 uM", "1 mM", 4).values == pytest.approx([1e-3, 1e-2, 1e-1, 1.0])


@given(st.text(alphabet="0123456789.e+-Mmul equivpr/^()in*", max_size=40))
@settings(deadline=None)  # the first example may import, the machine may be busy
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text ends in an error of another kind."""
    try:
        read = series(text, name="HA")
    except SurfaceChemError:
        return
    assert np.all(read.values >= 0)

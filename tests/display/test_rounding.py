"""Rounding of values and errors."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.display import round_estimate, round_number, si_prefix


@pytest.mark.parametrize(
    ("value", "stderr", "shown"),
    [
        (0.827, 0.119, "0.83 ± 0.12"),  # the two examples of the Particle Data Group's own text
        (0.827, 0.367, "0.8 ± 0.4"),
        (0.827, 0.963, "0.8 ± 1.0"),
        (1.2968, 0.0354, "1.297 ± 0.035"),
        (1.2968, 0.0355, "1.30 ± 0.04"),
        (2650.0, 120.0, "2650 ± 120"),
        (129_680.0, 10_420.0, "(1.30 ± 0.10)e5"),
        (-0.001, 0.5, "0.0 ± 0.5"),
        (1.5, 0.0, "1.5"),
        (1.5, math.nan, "1.5"),
        (1.5, math.inf, "not determined"),
    ],
)
def test_error_sets_the_digits(value: float, stderr: float, shown: str) -> None:
    """The three leading digits of the error decide where value and error end."""
    assert str(round_estimate(value, stderr=stderr)) == shown


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        ((1.2, 1.5), "1.30 (+0.20 -0.10)"),
        ((1.2, 1.4), "1.30 ± 0.10"),
        ((1.3, 1.5), "1.30 (+0.20 -0.00)"),
        ((1.19, None), "> 1.1"),
        ((None, 1.41), "< 1.5"),
        ((None, math.inf), "not determined"),
    ],
)
def test_interval_may_be_lopsided_or_open(interval: tuple[float | None, float | None], shown: str) -> None:
    """An interval gives two errors, one bound rounded outward, or nothing."""
    assert str(round_estimate(1.3, interval=interval)) == shown


def test_bound_is_never_tightened() -> None:
    """A lower bound is rounded down and an upper one up, so that the statement stays true."""
    assert str(round_estimate(1e5, interval=(32_999.0, None))) == "> 3.2e4"
    assert str(round_estimate(1e5, interval=(None, 32_001.0))) == "< 3.3e4"


def test_value_outside_its_interval_is_refused() -> None:
    """An interval that does not hold its value is a mistake of the caller."""
    with pytest.raises(ValueError, match="outside its interval"):
        round_estimate(2.0, interval=(0.0, 1.0))


def test_printed_form_has_true_signs() -> None:
    """Typesetting replaces signs and powers of the number and leaves the unit's hyphen alone."""
    rounded = round_estimate(-1.3e-5, stderr=1e-6, unit="a-b")
    assert str(rounded) == "(-1.30 ± 0.10)e-5 a-b"
    assert rounded.typeset() == "(−1.30 ± 0.10) × 10⁻⁵ a-b"
    assert round_estimate(1.3, interval=(1.2, 1.5)).typeset() == "1.30 (+0.20 −0.10)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (2.5e-4, "2.5e-4"), (12.0, "12"), (9999.6, "1e4"), (-math.inf, "-∞"), (math.nan, "not determined")],
)
def test_number_alone_drops_trailing_zeros(value: float, shown: str) -> None:
    """A number without error has four significant digits at most."""
    assert str(round_number(value)) == shown


def test_unit_follows_unless_it_is_one() -> None:
    """Dimensionless numbers carry no unit text."""
    assert str(round_number(2.0, unit="L/mol")) == "2 L/mol"
    assert str(round_number(2.0, unit="1")) == "2"


@given(
    value=st.floats(-1e12, 1e12, allow_subnormal=False),
    stderr=st.floats(1e-12, 1e12, allow_subnormal=False),
)
@settings(max_examples=200, deadline=None)
def test_rounding_stays_within_half_a_digit_of_the_error(value: float, stderr: float) -> None:
    """Rounding moves neither the value nor the error by more than a sixth of the error."""
    rounded = round_estimate(value, stderr=stderr)
    scale = 10.0**rounded.exponent
    # One digit of 3.55 becomes 4: 12.7 %; half a step of one digit of 3.55 is 14.1 %. Floats add their own.
    slack = 0.15 * stderr + 1e-15 * abs(value)
    assert abs(float(rounded.value) * scale - value) <= slack
    assert abs(float(rounded.plus) * scale - stderr) <= slack


@pytest.mark.parametrize(
    ("magnitude", "expected"),
    [
        (0.3, (1e3, "mmol/L")),
        (1.0, (1.0, "mol/L")),
        (1e-3, (1e3, "mmol/L")),
        (0.0, (1.0, "mol/L")),
        (1e-20, (1e15, "fmol/L")),
    ],
)
def test_prefix_keeps_numbers_above_one(magnitude: float, expected: tuple[float, str]) -> None:
    """The largest number shown lies between 1 and 1000 where a prefix exists."""
    assert si_prefix(magnitude, "mol/L") == expected


@pytest.mark.parametrize(
    ("value", "interval", "shown", "typeset"),
    [
        (2900.0, (490.0, 5.9e5), "2900 (490 to 5.9e5) L/mol", "2900 (490 to 5.9 × 10⁵) L/mol"),
        (2.9e-3, (2.949e-7, 0.1001), "0.0029 (2.9e-7 to 0.11) L/mol", "0.0029 (2.9 × 10⁻⁷ to 0.11) L/mol"),
        (290.0, (100.0, 2999.0), "290 (+2710 -190) L/mol", "290 (+2710 −190) L/mol"),
    ],
)
def test_wide_intervals_are_shown_by_their_ends(
    value: float, interval: tuple[float, float], shown: str, typeset: str
) -> None:
    """Beyond a ratio of thirty, errors in common digits say less than the ends, which are rounded outward."""
    rounded = round_estimate(value, interval=interval, unit="L/mol")
    assert (str(rounded), rounded.typeset()) == (shown, typeset)

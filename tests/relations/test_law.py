"""Each published curve, evaluated a second time and pushed to its ends."""

from __future__ import annotations

import contextlib
import math
import pickle
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.chem.convention import EvidenceLevel
from surfacechem.errors import RangeError
from surfacechem.relations import LAWS, ClusterWarning, ExtrapolationWarning, Interval, Law, Quantity, law
from surfacechem.relations.forms import Polynomial
from surfacechem.relations.guard import LARGEST_DIAMETER
from surfacechem.relations.law import RANGE_NOT_READABLE

NAMES = [known.name for known in LAWS]
POLYNOMIALS = [known for known in LAWS if isinstance(known.form, Polynomial)]

# The formulas of the sources once more, in the units of the sources, at 40 digits.
ORACLE = {
    "CdSe diameter, Yu 2003": lambda x: (
        mpmath.mpf("1.6122e-9") * x**4
        - mpmath.mpf("2.6575e-6") * x**3
        + mpmath.mpf("1.6242e-3") * x**2
        - mpmath.mpf("0.4277") * x
        + mpmath.mpf("41.57")
    ),
    "CdSe diameter, Jasieniak 2009": lambda x: (
        mpmath.mpf("59.60816")
        - mpmath.mpf("0.54736") * x
        + mpmath.mpf("1.8873e-3") * x**2
        - mpmath.mpf("2.85743e-6") * x**3
        + mpmath.mpf("1.62974e-9") * x**4
    ),
    "CdS diameter, Yu 2003": lambda x: (
        -mpmath.mpf("6.6521e-8") * x**3
        + mpmath.mpf("1.9557e-4") * x**2
        - mpmath.mpf("9.2352e-2") * x
        + mpmath.mpf("13.29")
    ),
    "CdTe diameter, Yu 2003": lambda x: (
        mpmath.mpf("9.8127e-7") * x**3
        - mpmath.mpf("1.7147e-3") * x**2
        + mpmath.mpf("1.0064") * x
        - mpmath.mpf("194.84")
    ),
    "PbS diameter, Moreels 2009": lambda d: (
        mpmath.mpf("0.41") + 1 / (mpmath.mpf("0.0252") * d**2 + mpmath.mpf("0.283") * d)
    ),
    "PbSe diameter, Moreels 2007": lambda d: (
        mpmath.mpf("0.278") + 1 / (mpmath.mpf("0.016") * d**2 + mpmath.mpf("0.209") * d + mpmath.mpf("0.45"))
    ),
    "InP edge, Almeida 2023": lambda edge: (
        mpmath.mpf("1.33") + mpmath.mpf("9.128") / (10 * edge) ** mpmath.mpf("0.684")
    ),
    "InP volume, Almeida 2023": lambda v: mpmath.mpf("1.33") + mpmath.mpf("1.219") / v ** mpmath.mpf("0.251"),
    "CdSe absorption, Yu 2003": lambda d: 5857 * d ** mpmath.mpf("2.65"),
    "CdS absorption, Yu 2003": lambda d: 21536 * d ** mpmath.mpf("2.3"),
    "CdTe absorption, Yu 2003": lambda d: 10043 * d ** mpmath.mpf("2.12"),
    "CdSe absorption, Jasieniak 2009": lambda e: (
        155507 + mpmath.mpf("6.67054e13") * mpmath.exp(-e / mpmath.mpf("0.10551"))
    ),
    "PbS absorption at 400 nm, Moreels 2009": lambda d: 23300 * d**3,
    "PbSe absorption at 400 nm, Moreels 2007": lambda d: 27700 * d**3,
    "InAs cross section at 2.76 eV, Yu 2005": lambda r: mpmath.mpf("6.2e-16") * r**3,
    "InAs cross section of the first transition, Yu 2005": lambda r: mpmath.mpf("3.15e-16") * r ** mpmath.mpf("1.28"),
}
# Cancellation of the largest polynomial term (180 nm at 500 nm light) against a diameter of 2 nm costs two digits.
ORACLE_RTOL = 1e-12


def in_range(known: Law, fraction: float) -> float:
    """Return an input between the ends of the range, an open end cut where quantum dots end."""
    # Twice a low end covers all visible light for curves of wavelength; 12 covers every size in nm or nm^3.
    open_end = 2.2 * known.meaningful.low if known.meaningful.low else 12.0
    high = open_end if math.isinf(known.meaningful.high) else known.meaningful.high
    low = max(known.meaningful.low, 0.05)
    return low + (high - low) * fraction


@pytest.mark.parametrize("name", NAMES)
@given(fraction=st.floats(0.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_curve_is_the_formula_of_its_source(name: str, fraction: float) -> None:
    """A law gives what its formula gives in 40-digit arithmetic."""
    known = law(name)
    value = in_range(known, fraction)
    with mpmath.workdps(40):
        expected = ORACLE[name](mpmath.mpf(value))
        assert known.evaluate(value) == pytest.approx(float(expected), rel=ORACLE_RTOL)


@pytest.mark.parametrize("name", NAMES)
@given(first=st.floats(0.0, 1.0), second=st.floats(0.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_curve_is_positive_and_monotone_in_its_range(name: str, first: float, second: float) -> None:
    """On its range a law never turns round and never reaches zero."""
    known = law(name)
    low, high = sorted((in_range(known, first), in_range(known, second)))
    results = (known.evaluate(low), known.evaluate(high))
    assert list(results) == sorted(results, reverse=not known.is_rising)
    assert min(results) > 0


def _exact(number: Fraction) -> mpmath.mpf:
    return mpmath.mpf(number.numerator) / number.denominator


@pytest.mark.parametrize("known", POLYNOMIALS, ids=lambda known: known.name)
def test_derived_range_ends_at_a_turning_point_or_root(known: Law) -> None:
    """The derived range of a polynomial is the largest one, to the rounding inwards of its ends."""
    assert isinstance(known.form, Polynomial)
    rising = [Fraction(repr(c)) for c in known.form.coefficients]
    slope = [n * c for n, c in enumerate(rising)][1:]
    ends = [
        float(mpmath.re(root))
        for polynomial in (rising, slope)
        for root in mpmath.polyroots([_exact(c) for c in reversed(polynomial)], maxsteps=300, extraprec=300)
        if abs(mpmath.im(root)) < 1e-12
    ]
    low, high = known.meaningful.low, known.meaningful.high
    assert min(abs(end - low) for end in ends) < 0.05
    assert math.isinf(high) or min(abs(end - high) for end in ends) < 0.5
    # None inside: the curve neither turns nor vanishes between its ends.
    assert all(end <= low or end >= high for end in ends)


@pytest.mark.parametrize("name", NAMES)
@given(fraction=st.floats(0.001, 1.0))
@settings(max_examples=20, deadline=None)
def test_inverse_undoes_the_curve(name: str, fraction: float) -> None:
    """The result at the inverse of a result is that result."""
    known = law(name)
    result = known.evaluate(in_range(known, fraction))
    # A result one rounding away can move x far where the curve is flat, but not the result.
    assert known.evaluate(known.solve(result)) == pytest.approx(result, rel=1e-11)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, 0.0])
def test_what_is_no_positive_number_is_refused(name: str, value: float) -> None:
    """Neither curve nor inverse takes NaN, infinity, zero or less."""
    with pytest.raises(RangeError, match="positive finite numbers"):
        law(name)(value)
    with pytest.raises(RangeError, match="positive finite numbers"):
        law(name).invert(value)


@pytest.mark.parametrize("name", NAMES)
@given(exponent=st.floats(-323.0, 308.0))
@settings(max_examples=30, deadline=None)
def test_absurd_numbers_give_a_number_or_a_refusal(name: str, exponent: float) -> None:
    """Over all floats a law returns a positive finite number or refuses; it never overflows into a traceback."""
    for call in (law(name).evaluate, law(name).solve):
        with contextlib.suppress(RangeError):
            assert 0 < call(10.0**exponent) < math.inf


def test_published_ranges_are_those_of_the_sources() -> None:
    """Only the two ranges that sources state count as published; the rest say that they are derived."""
    jasieniak = law("CdSe diameter, Jasieniak 2009")
    assert jasieniak.published is not None
    assert [jasieniak.evaluate(end) for end in (jasieniak.published.low, jasieniak.published.high)] == pytest.approx(
        [2.0, 8.0]
    )
    assert {known.published for known in LAWS if known.material == "InAs"} == {Interval(low=1.6, high=3.45)}
    published = {known.name for known in LAWS if known.published is not None}
    assert len(published) == 4
    assert {known.range_note for known in LAWS if known.name not in published} == {RANGE_NOT_READABLE}


def test_outside_the_published_range_it_warns() -> None:
    """Extrapolation is computed, and said."""
    with pytest.warns(ExtrapolationWarning, match=r"published for radius 1.6 to 3.45 nm; 4 is outside"):
        law("InAs cross section at 2.76 eV, Yu 2005")(4.0)


def test_outside_the_meaningful_range_it_refuses() -> None:
    """Left of its turning point the curve of CdSe would give larger dots for bluer light."""
    with pytest.raises(RangeError, match=r"allowed: wavelength above 285\.7 nm"):
        law("CdSe diameter, Yu 2003")(280.0)
    with pytest.raises(RangeError, match=r"0\.4 eV"):
        law("PbS diameter, Moreels 2009").invert(0.4)


@pytest.mark.parametrize(("name", "energy"), [("InP edge, Almeida 2023", 3.212), ("InP volume, Almeida 2023", 3.212)])
def test_cluster_energies_always_warn(name: str, energy: float) -> None:
    """The 386 nm band of In37P20 is no band of a small dot, and the warning says what a cluster is."""
    with pytest.warns(ClusterWarning, match="In37P20 with 51 ligands on 1.3 nm"):
        law(name).invert(energy)


@pytest.mark.parametrize("known", LAWS, ids=lambda known: known.name)
def test_law_is_plain_data(known: Law) -> None:
    """A law pickles, states a known evidence level and a source, and its quantities have units."""
    assert pickle.loads(pickle.dumps(known)) == known  # noqa: S301 (our own bytes)
    assert EvidenceLevel(known.level) in {EvidenceLevel.SECONDARY, EvidenceLevel.ABSTRACT}
    assert known.reference
    assert all(quantity.unit for quantity in (known.input, known.result))
    assert known.result is not Quantity.WAVELENGTH


def test_particles_larger_than_any_range_are_a_guess() -> None:
    """CdSe at 1000 nm, redder than its bulk, used to be 193 nm without a word, because no range of Yu was readable."""
    with pytest.warns(ExtrapolationWarning, match=r"192.8 nm is outside"):
        law("CdSe diameter, Yu 2003")(1000.0)


def test_largest_diameter_is_the_end_of_the_widest_published_range() -> None:
    """Ranges in diameter, radius or at the transition of a diameter: none ends beyond 8 nm."""
    jasieniak = law("CdSe diameter, Jasieniak 2009")
    assert jasieniak.published is not None
    assert jasieniak.evaluate(jasieniak.published.high) == pytest.approx(LARGEST_DIAMETER, abs=0.01)
    radii = [each.published.high for each in LAWS if each.published and each.input is Quantity.RADIUS]
    assert max(radii) < LARGEST_DIAMETER / 2

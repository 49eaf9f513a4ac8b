from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.symbolic.closed_forms import (
    binding_one_to_one,
    exchange_fraction,
    hill_fraction,
    isotope_fraction,
    steepness,
)

EQUIVALENTS = (1, 10, 30, 51, 100, 510)
# docs/domain.md section 7, four digits.
COVERAGE = {
    "1": (0.01923, 0.16393, 0.37037, 0.5, 0.66225, 0.90909),
    "0.83": (0.0192, 0.1596, 0.3542, 0.4767, 0.6344, 0.8942),
    "2.23": (0.0194, 0.1787, 0.4366, 0.5989, 0.7738, 0.9548),
}


def test_one_to_one_satisfies_mass_action() -> None:
    """K times free host times free guest is the complex, identically."""
    constant, host, guest = sp.symbols("K h g", positive=True)
    bound = binding_one_to_one(constant, host, guest)
    assert sp.simplify(constant * (host - bound) * (guest - bound) - bound) == 0


@settings(deadline=None)  # mpmath and sympy load with the first example
@given(st.floats(-12, 12), st.floats(-9, 0), st.floats(-9, 0))
def test_one_to_one_does_not_cancel(log10_k: float, log10_host: float, log10_guest: float) -> None:
    """In floats the form is good to rounding over 24 decades of K, where the textbook root loses all digits."""
    values = [10.0**exponent for exponent in (log10_k, log10_host, log10_guest)]
    symbols = sp.symbols("K h g", positive=True)
    with mpmath.workdps(60):
        k, h, g = map(mpmath.mpf, values)
        exact = (h + g + 1 / k - mpmath.sqrt((h + g + 1 / k) ** 2 - 4 * h * g)) / 2
    computed = sp.lambdify(symbols, binding_one_to_one(*symbols))(*values)
    assert computed == pytest.approx(float(exact), rel=2e-15)


def test_exchange_satisfies_mass_action() -> None:
    """Theta^2 = K (1 - theta)(e/N - theta), identically."""
    constant, equivalents, sites = sp.symbols("K e N", positive=True)
    theta = exchange_fraction(constant, equivalents, sites)
    assert sp.simplify(theta**2 - constant * (1 - theta) * (equivalents / sites - theta)) == 0


@pytest.mark.parametrize("constant", COVERAGE)
@pytest.mark.parametrize("position", range(len(EQUIVALENTS)))
def test_exchange_gives_published_coverages(constant: str, position: int) -> None:
    """The coverages tabulated for 51 sites come out."""
    theta = exchange_fraction(sp.Rational(constant), sp.Integer(EQUIVALENTS[position]), sp.Integer(51))
    expected = COVERAGE[constant][position]
    assert float(theta) == pytest.approx(expected, abs=5e-6 if constant == "1" else 5e-5)


@pytest.mark.parametrize("equivalents", EQUIVALENTS)
@pytest.mark.parametrize("sites", [1, 34, 51])
def test_isotope_exchange_is_the_limit_without_preference(equivalents: int, sites: int) -> None:
    """At K = 1, where the textbook root is 0/0, the fraction is exactly e/(N + e)."""
    e, n = sp.Integer(equivalents), sp.Integer(sites)
    assert exchange_fraction(sp.Integer(1), e, n) == isotope_fraction(e, n)


def test_hill_exponent_is_no_number_of_sites() -> None:
    """A Hill curve has its exponent everywhere; four sites that attract each other have less than four at most."""
    x, half, h = sp.symbols("x c h", positive=True)
    assert sp.simplify(steepness(hill_fraction(half, x, h), x) - h) == 0
    coupling = sp.Integer(10)
    # Four sites on a ring: weights 4 x, (4 W + 2) x^2, 4 W^2 x^3, W^4 x^4.
    weights = [1, 4 * x, (4 * coupling + 2) * x**2, 4 * coupling**2 * x**3, coupling**4 * x**4]
    coverage = sum(n * weight for n, weight in enumerate(weights)) / (4 * sum(weights))
    # By symmetry the curve is half full at x = 1/W, where it is steepest.
    middle = steepness(coverage, x).subs(x, 1 / coupling)
    assert coverage.subs(x, 1 / coupling) == sp.Rational(1, 2)
    assert 1 < middle < 4

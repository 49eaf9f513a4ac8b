from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import sympy as sp

from surfacechem.errors import ModelError
from surfacechem.symbolic.mass_action import write_equations
from surfacechem.symbolic.polynomial import (
    ln_constant,
    multiplicity,
    state_ratios,
    stepwise_factor,
    write_polynomials,
)
from surfacechem.symbolic.typeset import text_of

if TYPE_CHECKING:
    from surfacechem.chem.system import System

SITES = 51


def test_weights_sum_to_the_power_of_one_site() -> None:
    """The 52 weights C(51, n) x^n add up to (1 + x)^51, term by term."""
    x = sp.Symbol("x")
    total = sp.Add(*(multiplicity(SITES, n) * x**n for n in range(SITES + 1)))
    assert sp.expand(total - (1 + x) ** SITES) == 0


def test_steps_run_from_51_k_to_k_over_51() -> None:
    """The first stepwise constant is 51 K and the last K/51."""
    assert stepwise_factor(SITES, 1) == SITES
    assert stepwise_factor(SITES, SITES) == Fraction(1, SITES)


@pytest.mark.parametrize("n", [1, 2, 17, 50, 51])
def test_steps_multiply_to_multiplicities(n: int) -> None:
    """The product of the first n stepwise factors counts the ways to exchange n sites."""
    product = Fraction(1)
    for step in range(1, n + 1):
        product *= stepwise_factor(SITES, step)
    assert product == multiplicity(SITES, n)


@pytest.mark.parametrize("n", [0, 52])
def test_step_beyond_the_sites_is_refused(n: int) -> None:
    """There is no step 0 and no step 52 of 51 sites."""
    with pytest.raises(ModelError, match="no such step"):
        stepwise_factor(SITES, n)


def test_polynomial_of_exchange(models: dict[str, System]) -> None:
    """The binding polynomial of S1 is (1 + K r)^51 with r the ratio of free acids."""
    (binding,) = write_polynomials(models["exchange"], write_equations(models["exchange"]))
    assert text_of(binding.polynomial) == "(K[X1] [HO2CR']/[HO2CR] + 1)^51"


def test_polynomial_of_displacement_needs_no_phantom(models: dict[str, System]) -> None:
    """What left with the Z unit is written as what a flask contains: [L]^2/[ZL2]."""
    written = models["displacement"]
    ratios = state_ratios(written, write_equations(written))
    assert {text_of(ratio) for ratio in ratios.values()} == {
        "K[X1] [L]^2/[ZL2]",
        "K[L1] K[X1] [L]^3/[ZL2]",
    }


def test_polynomial_of_conformers_is_that_of_mwc(models: dict[str, System]) -> None:
    """Forms add up with L0 before the product over their site classes."""
    (binding,) = write_polynomials(models["conformers"], write_equations(models["conformers"]))
    names = {symbol.name: symbol for symbol in binding.polynomial.free_symbols}
    exchanged = 1 + names["K[X1]"] * names["[HB]"] / names["[HA]"]
    # The reaction of beta is written in reverse.
    alpha, beta = 1 + names["K[L1]"] * names["[M]"], 1 + names["[M]"] / names["K[L2]"]
    expected = (alpha**6 + names["L0[beta]"] * beta**6) * exchanged**4
    assert sp.expand(binding.polynomial - expected) == 0


def test_van_t_hoff_slope() -> None:
    """D ln K / dT is dH/(R T^2)."""
    temperature, gas_constant, enthalpy = sp.symbols("T R dH")
    assert sp.simplify(sp.diff(ln_constant("K"), temperature) - enthalpy / (gas_constant * temperature**2)) == 0

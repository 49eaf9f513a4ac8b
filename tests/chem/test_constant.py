"""Constants convert by telling what is needed, and refuse to be mixed."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfacechem.chem.constant import (
    Convention,
    EquilibriumConstant,
    GibbsEnergy,
    StandardState,
    constant_name,
    known_as,
)
from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import ConventionError

PER_SITE = EquilibriumConstant.of(2.0, name="K[X1]", convention=Convention.PER_SITE)
BINDING = EquilibriumConstant.of(150.0, name="K[L1]", molar_exponent=-1, temperature=298.15)


def test_first_step_is_fifty_one_fold() -> None:
    """On 51 sites the first stepwise constant is 51 K and the last K/51."""
    assert PER_SITE.per_particle(n_sites=51).value == pytest.approx(51 * 2.0)
    assert PER_SITE.per_particle(n_sites=51, step=51).value == pytest.approx(2.0 / 51)


@given(n_sites=st.integers(1, 60))
def test_product_of_steps_is_the_power(n_sites: int) -> None:
    """All steps together convert N sites: their product is K to the power N, as C(N,N) = 1."""
    total = sum(PER_SITE.per_particle(n_sites=n_sites, step=n).known_log10 for n in range(1, n_sites + 1))
    assert total == pytest.approx(n_sites * PER_SITE.known_log10, abs=1e-9)


@given(n_sites=st.integers(1, 60), data=st.data())
def test_per_site_undoes_per_particle(n_sites: int, data: st.DataObject) -> None:
    """Going to any step and back gives the per-site constant."""
    step = data.draw(st.integers(1, n_sites))
    back = PER_SITE.per_particle(n_sites=n_sites, step=step).per_site(n_sites=n_sites)
    assert back.value == pytest.approx(2.0)
    assert (back.convention, back.step) == (Convention.PER_SITE, 1)


@pytest.mark.parametrize("step", [0, 52])
def test_impossible_step_is_refused(step: int) -> None:
    """There is no step 0 and none beyond the last site."""
    with pytest.raises(ConventionError, match="steps 1 to 51"):
        PER_SITE.per_particle(n_sites=51, step=step)


def test_convention_is_asked_for() -> None:
    """Only a per-site constant becomes stepwise, and only a stepwise one per site."""
    with pytest.raises(ConventionError, match="convention 'per site'"):
        PER_SITE.per_particle(n_sites=51).per_particle(n_sites=51)
    with pytest.raises(ConventionError, match="no site takes part"):
        BINDING.per_site(n_sites=51)


def test_standard_state_moves_free_energy_by_six_kilojoules() -> None:
    """K = 150 /M is -12.4 kJ/mol at 1 mol/L and -18.7 kJ/mol in mole fractions of a 12.5 mol/L solvent."""
    molar = BINDING.gibbs_energy()
    fraction = BINDING.to_mole_fraction(solvent=12.5).gibbs_energy()
    assert molar.value == pytest.approx(-12.42e3, abs=10)
    assert fraction.value - molar.value == pytest.approx(-GAS_CONSTANT * 298.15 * math.log(12.5))
    assert "standard state mole fraction" in str(fraction)


@given(exponent=st.integers(-3, 3), solvent=st.floats(0.1, 60))
def test_mole_fraction_and_back(exponent: int, solvent: float) -> None:
    """Conversion to mole fractions and back is the identity; without dissolved species it changes nothing."""
    constant = EquilibriumConstant.of(7.0, molar_exponent=exponent)
    there = constant.to_mole_fraction(solvent=solvent)
    assert there.to_molar(solvent=solvent).value == pytest.approx(7.0)
    assert exponent != 0 or there.value == pytest.approx(7.0)


def test_standard_state_is_asked_for() -> None:
    """A constant in mole fractions is not converted to them again."""
    with pytest.raises(ConventionError, match="standard state 'mole fraction'"):
        BINDING.to_mole_fraction(solvent=12.5).to_mole_fraction(solvent=12.5)
    with pytest.raises(ConventionError, match="standard state '1 mol/L'"):
        BINDING.to_molar(solvent=12.5)


def test_free_energy_and_back() -> None:
    """K = exp(-dG/RT) holds both ways."""
    assert BINDING.gibbs_energy().constant().value == pytest.approx(150.0)


def test_van_t_hoff_keeps_the_enthalpy() -> None:
    """The slope of ln K against 1/T is -dH/R, and an exothermic binding weakens on heating."""
    constant = EquilibriumConstant(name="K", log10_value=2.0, enthalpy=-35e3, temperature=298.15)
    warm = constant.at(350.0)
    slope = (warm.ln_value - constant.ln_value) / (1 / 350.0 - 1 / 298.15)
    assert slope == pytest.approx(35e3 / GAS_CONSTANT)
    assert warm.value < constant.value


def test_bounds_move_along() -> None:
    """Bounds of a fit are converted with the value."""
    constant = EquilibriumConstant(name="K", convention=Convention.PER_SITE, log10_bounds=(-2.0, 2.0))
    assert constant.per_particle(n_sites=10).log10_bounds == pytest.approx((-1.0, 3.0))


def test_temperature_needs_an_enthalpy() -> None:
    """Without dH a constant stays at its temperature."""
    with pytest.raises(ConventionError, match="add dH"):
        BINDING.at(350.0)


@pytest.mark.parametrize(
    ("other", "match"),
    [
        (PER_SITE.per_particle(n_sites=51), "51 times"),
        (EquilibriumConstant.of(1.0).to_mole_fraction(solvent=12.5), "6 kJ/mol"),
    ],
)
def test_mixing_is_refused_with_the_trap(other: EquilibriumConstant, match: str) -> None:
    """Multiplying or dividing constants of different convention or standard state says which trap lies there."""
    with pytest.raises(ConventionError, match=match):
        _ = PER_SITE * other
    with pytest.raises(ConventionError, match=match):
        _ = PER_SITE / other


def test_temperatures_do_not_mix() -> None:
    """Constants at two temperatures are not multiplied."""
    with pytest.raises(ConventionError, match=r"298\.15 K and 350 K"):
        _ = BINDING * EquilibriumConstant.of(2.0, temperature=350.0)


def test_solution_constants_combine_with_site_constants() -> None:
    """A reaction in solution may be added to one on a site; exponents add, and the site's convention stays."""
    product = PER_SITE * BINDING
    assert product.value == pytest.approx(300.0)
    assert (product.convention, product.molar_exponent) == (Convention.PER_SITE, Fraction(-1))
    assert (PER_SITE / BINDING).molar_exponent == 1


def test_free_energies_subtract_only_alike() -> None:
    """A difference of free energies of different standard state is refused."""
    first = GibbsEnergy(value=-12.4e3, temperature=298.15)
    assert first - GibbsEnergy(value=-2.4e3, temperature=298.15) == pytest.approx(-10e3)
    with pytest.raises(ConventionError, match="standard states"):
        _ = first - GibbsEnergy(value=0.0, temperature=298.15, standard_state=StandardState.MOLE_FRACTION)


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_value_is_positive_and_finite(value: float) -> None:
    """No other number is an equilibrium constant."""
    with pytest.raises(ConventionError, match="positive finite"):
        EquilibriumConstant.of(value)


def test_unknown_constant_says_so() -> None:
    """An unknown constant has no value to compute with, and a constant without temperature no free energy."""
    with pytest.raises(ConventionError, match="no value"):
        _ = EquilibriumConstant(name="K").value
    with pytest.raises(ConventionError, match="no temperature"):
        EquilibriumConstant.of(2.0).gibbs_energy()


def test_constants_travel_between_processes() -> None:
    """A constant survives pickling, as fits in several processes need."""
    assert pickle.loads(pickle.dumps(BINDING)) == BINDING  # noqa: S301 - our own bytes


@pytest.mark.parametrize(("shown", "meant"), [("w[X1]", "W[X1]"), ("K[X1]", "K[X1]"), ("c[wL] of run", "c[wL] of run")])
def test_couplings_alone_have_two_names(shown: str, meant: str) -> None:
    """``w[X1]`` is shown and ``W[X1]`` meant, there and back; every other name is one."""
    assert constant_name(shown) == constant_name(meant) == meant
    assert known_as(meant) == known_as(shown) == shown

"""One place knows how a parameter is shown: constants by value and log10, couplings by their energy."""

from __future__ import annotations

import pytest

from surfacechem.chem.convention import Role
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.fitting.estimate import Energy, Estimate, Scale, find_parameter

CONSTANT = Scale(name="K[11]", unit="L/mol")
COUPLING = Scale(name="w[X1]", unit="kJ/mol", per_decade=5.7)


def test_axes_of_constants_are_logarithms_and_of_couplings_energies() -> None:
    """A place on an axis is log10 of a constant, and per-decade times that of a coupling."""
    assert (CONSTANT.axis, CONSTANT.factor) == ("log₁₀ K[11]", 1.0)
    assert (COUPLING.axis, COUPLING.factor) == ("w[X1] [kJ/mol]", 5.7)


def test_values_are_rounded_with_their_ends() -> None:
    """The ends of an interval are those of the value, of a coupling those of its energy; one open end is a bound."""
    assert str(CONSTANT.rounded(3.0, log10_interval=(2.9, 3.1))) == "1000 (+260 -210) L/mol"
    assert str(COUPLING.rounded(0.51, log10_interval=(0.41, 0.61))) == "2.9 ± 0.6 kJ/mol"
    assert str(COUPLING.rounded(0.5, log10_interval=(0.4, None))) == "> 2.2 kJ/mol"
    assert str(COUPLING.rounded_place(0.5, log10_stderr=0.01)) == "2.85 ± 0.06 kJ/mol"


@pytest.mark.parametrize(
    ("log10_stderr", "constant", "coupling"),
    [
        (0.01, "2.3 %", "0.057 kJ/mol"),
        (1.0, "factor 10", "5.7 kJ/mol"),
        (1e5, "not determined", "not determined"),
        (float("nan"), "not determined", "not determined"),
    ],
)
def test_errors_alone_are_relative_or_energies(log10_stderr: float, constant: str, coupling: str) -> None:
    """Errors of decades are factors; beyond three decades, which used to overflow, nothing is known."""
    assert CONSTANT.error(log10_stderr) == constant
    assert COUPLING.error(log10_stderr) == coupling


def test_estimates_of_couplings_are_shown_at_the_temperature_of_the_model() -> None:
    """RT ln 10 is that of the temperature which the energy carries."""
    energy = Energy(name="w[X1]", meaning="", temperature=350.0)
    coupled = Estimate(name="W[X1]", role=Role.FREE, log10_value=0.0, energy=energy)
    assert coupled.scale.per_decade == pytest.approx(GAS_CONSTANT * 350.0 * LN10 / 1e3)
    assert coupled.title == "w[X1]"
    assert find_parameter(("K[X1]", "W[X1]"), "w[X1]", what="profile of") == 1

"""Bands have the moments that theory says, and shifts stay energies."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pytest

from surfacechem.constants import HC
from surfacechem.errors import RangeError, UnitError
from surfacechem.prediction.lineshape import transition


@pytest.mark.parametrize("temperature", ["1 K", "298.15 K", "600 K"])
def test_moments_are_those_of_a_displaced_oscillator(temperature: str) -> None:
    """Mean and variance of the progression are origin + S h and width^2 + S (2n + 1) h^2."""
    band = transition("3.2 eV", width="60 meV", huang_rhys=1.7, quantum="35 meV", temperature=temperature)
    energy = np.linspace(1.5, 5.5, 40001)
    shape = band.at(energy)
    mean = np.average(energy, weights=shape)
    assert mean == pytest.approx(band.mean, abs=1e-9)
    assert np.average((energy - mean) ** 2, weights=shape) == pytest.approx(band.variance, rel=1e-9)


def test_cold_progression_is_poisson() -> None:
    """At 0 K the lines are exp(-S) S^p / p! high."""
    band = transition("3 eV", width="0.1 meV", huang_rhys=2.0, quantum="50 meV", temperature="1 K")
    lines = band.at(np.linspace(3.0, 3.2, 5))
    assert lines == pytest.approx([exp(-2) * 2**p / factorial(p) for p in range(5)], rel=1e-9)


def test_a_band_with_vibrations_is_asymmetric() -> None:
    """The high-energy side of a progression falls more slowly than the low one."""
    band = transition("3 eV", width="60 meV", huang_rhys=1.5, quantum="40 meV")
    energy = np.linspace(2.0, 4.5, 20001)
    shape = band.at(energy)
    third = np.average((energy - band.mean) ** 3, weights=shape)
    # The third cumulant of a Poisson progression is S h^3, whatever the temperature.
    assert third == pytest.approx(1.5 * 0.04**3, rel=1e-6)


def test_alpha_and_beta_are_140_mev_apart_wherever_they_are() -> None:
    """A shift moves the position in energy: 367 nm + 583 meV is 313 nm, and 140 meV below that is 324 nm."""
    b367 = transition("367 nm", width="100 meV")
    beta = b367.moved("583 meV")
    assert HC / beta.origin == pytest.approx(313.0, abs=0.1)
    assert HC / beta.moved("-140 meV").origin == pytest.approx(324.4, abs=0.1)


@pytest.mark.parametrize("width", ["12 nm", "0.1"])
def test_widths_in_wavelength_are_refused(width: str) -> None:
    """A width in nm is none in energy."""
    with pytest.raises(UnitError):
        transition("386 nm", width=width)


def test_a_huang_rhys_factor_needs_its_quantum() -> None:
    """S without the energy of a quantum is refused with the line to write."""
    with pytest.raises(RangeError, match="quantum='40 meV'"):
        transition("386 nm", width="100 meV", huang_rhys=1.0)

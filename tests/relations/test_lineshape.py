"""Bands have the moments that theory says, and shifts stay energies."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pytest

from surfacechem.constants import HC
from surfacechem.errors import RangeError, UnitError
from surfacechem.prediction.lineshape import transition
from surfacechem.relations.lineshape import Sampled, absorption


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


@pytest.mark.parametrize("asymmetry", [0.5, 0.8, 1.0, 1.25, 2.0])
def test_moments_of_a_skewed_band(asymmetry: float) -> None:
    """Area, mean and variance of the log-normal band are those of its closed form."""
    band = transition("3.2 eV", width="150 meV", strength="5e4 /(M cm)", asymmetry=asymmetry)
    energy = np.linspace(-17.0, 23.0, 400_001)  # the tail of a strong skew is long
    shape = band.at(energy)
    mean = np.average(energy, weights=shape)
    assert np.trapezoid(shape, energy) == pytest.approx(band.area, rel=1e-9)
    assert mean == pytest.approx(band.mean, abs=1e-9)
    assert np.average((energy - mean) ** 2, weights=shape) == pytest.approx(band.variance, rel=1e-8)


@pytest.mark.parametrize("asymmetry", [0.4, 1.0, 1.4])
def test_skewed_band_has_its_height_width_and_asymmetry(asymmetry: float) -> None:
    """The maximum is at the position, and the half widths above and below add up to the width and have its ratio."""
    band = transition("3.2 eV", width="150 meV", strength="5e4 /(M cm)", asymmetry=asymmetry)
    above = 0.150 * asymmetry / (1 + asymmetry)
    at = band.at(np.array([3.2, 3.2 + above, 3.2 + above - 0.150]))
    assert at == pytest.approx([5e4, 2.5e4, 2.5e4], rel=1e-9)
    assert band.at(np.array([3.19, 3.21])).max() < 5e4


def test_a_skewed_band_ends_somewhere() -> None:
    """On its steep side the log-normal band is zero beyond its end, and never NaN."""
    band = transition("3.2 eV", width="150 meV", asymmetry=2.0)
    assert band.at(np.array([0.1, 2.0])).tolist() == [0.0, 0.0]
    assert band.reach()[0] < 3.2 < band.reach()[1]


def test_area_is_kept_in_energy_wherever_the_band_is() -> None:
    """A shift moves area and all; over wavelengths the same area is there once hc/wavelength^2 is counted."""
    band = transition("3.2 eV", width="150 meV", huang_rhys=1.5, quantum="40 meV", strength="5e4 /(M cm)")
    wavelength = np.linspace(200.0, 900.0, 70_001)
    for shifted in (band, band.moved("-300 meV")):
        density = absorption([shifted], wavelength) * HC / wavelength**2
        # The trapezoidal rule over a smooth peak is exact to rounding; the window cuts off less than 1e-12.
        assert np.trapezoid(density, wavelength) == pytest.approx(band.area, rel=1e-9)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"asymmetry": 0.0}, "asymmetry from 0.1 to 10"),
        ({"asymmetry": 40.0}, "asymmetry from 0.1 to 10"),
        ({"asymmetry": 1.4, "huang_rhys": 1.0, "quantum": "40 meV"}, "both are skew"),
        ({"huang_rhys": 1000.0, "quantum": "40 meV"}, "S from 0 to 100"),
        ({"huang_rhys": 1.0, "quantum": "1e-9 meV"}, "vibration"),
        ({"huang_rhys": 1.0, "quantum": "1e-300 meV"}, "vibration"),
    ],
)
def test_impossible_shapes_are_refused(options: dict[str, float | str], match: str) -> None:
    """A skew beyond reason, or a skew beside vibrations, is refused."""
    with pytest.raises(RangeError, match=match):
        transition("386 nm", width="150 meV", **options)


@pytest.mark.parametrize("options", [{}, {"asymmetry": 2.0}, {"huang_rhys": 1.5, "quantum": "40 meV"}])
def test_a_sampled_band_is_the_band(options: dict[str, float | str]) -> None:
    """Looked up on its grid a band is itself to a few millionths of its height, and dark far away."""
    band = transition("3.2 eV", width="150 meV", **options)
    energy = np.random.default_rng(1).uniform(0.0, 9.0, 10_000)
    # Straight lines over a thousandth of the width: (1/8) 8 ln 2 / 1000^2 of the height; skew makes one side sharper.
    assert np.abs(Sampled(band).at(energy) - band.at(energy)).max() < 5e-6

"""What several laws say of one number."""

from __future__ import annotations

import math
import warnings

import mpmath
import pytest

from surfacechem.errors import RangeError, UnknownNameError
from surfacechem.relations import (
    FIRST_TRANSITION,
    ClusterWarning,
    ExtrapolationWarning,
    Quantity,
    absorption_from_diameter,
    absorption_from_wavelength,
    cross_section,
    law,
    molar_absorption,
    particle_concentration,
    sizes,
    tetrahedron_edge,
    tetrahedron_volume,
)


def test_the_two_laws_of_cdse_differ_threefold() -> None:
    """At 480 nm the laws differ 3.4-fold, and the result says what inherits it."""
    spread = absorption_from_wavelength("CdSe", wavelength=480.0)
    assert spread.factor is not None
    assert round(spread.factor, 1) == 3.4
    assert "3.4-fold" in str(spread)
    assert "constants per particle" in str(spread)


def test_absorption_of_cdse_by_hand() -> None:
    """The size law of Yu feeds his absorption law; that of Jasieniak takes the energy itself."""
    with mpmath.workdps(30):
        light = mpmath.mpf(520)
        diameter = mpmath.polyval([1.6122e-9, -2.6575e-6, 1.6242e-3, -0.4277, 41.57], light)
        expected = {
            "CdSe absorption, Yu 2003": 5857 * diameter ** mpmath.mpf("2.65"),
            "CdSe absorption, Jasieniak 2009": 155507
            + mpmath.mpf("6.67054e13") * mpmath.exp(-mpmath.mpf("1239.841984") / light / mpmath.mpf("0.10551")),
        }
    found = dict(absorption_from_wavelength("CdSe", wavelength=520.0).values)
    # hc in the oracle has ten digits, and 23 of them stand in the exponent.
    assert found == {name: pytest.approx(float(value), rel=1e-8) for name, value in expected.items()}


def test_wavelength_and_its_diameter_give_the_same_absorption() -> None:
    """Each law reached through the diameter of its own source gives the value of the wavelength."""
    wavelength = 560.0
    for author in ("Yu 2003", "Jasieniak 2009"):
        diameter = law(f"CdSe diameter, {author}")(wavelength)
        by_size = dict(absorption_from_diameter("CdSe", diameter=diameter).values)
        by_light = dict(absorption_from_wavelength("CdSe", wavelength=wavelength).values)
        name = f"CdSe absorption, {author}"
        assert by_size[name] == pytest.approx(by_light[name], rel=1e-9)


def test_broad_bands_absorb_less_at_their_maximum() -> None:
    """A law normalised to a half width scales as its inverse; the other says that it does not use it."""
    narrow = absorption_from_wavelength("CdSe", wavelength=520.0)
    broad = absorption_from_wavelength("CdSe", wavelength=520.0, half_width=0.12)
    name = "CdSe absorption, Jasieniak 2009"
    assert dict(broad.values)[name] == pytest.approx(dict(narrow.values)[name] / 2)
    assert "'CdSe absorption, Yu 2003' does not use the half width" in broad.notes


def test_particle_concentration_carries_the_spread() -> None:
    """Concentrations differ by the factor of the coefficients, and A = eps c l gives the absorbance back."""
    coefficients = absorption_from_wavelength("CdSe", wavelength=480.0)
    found = particle_concentration(0.42, coefficients=coefficients, path_length=0.5)
    assert found.factor == pytest.approx(coefficients.factor)
    assert found.quantity is Quantity.CONCENTRATION
    products = [c * eps * 0.5 for (_, c), (_, eps) in zip(found.values, coefficients.values, strict=True)]
    assert products == pytest.approx([0.42, 0.42])
    assert found.lowest < found.central < found.highest
    assert found.central == pytest.approx(math.sqrt(found.lowest * found.highest))


def test_one_law_has_no_spread() -> None:
    """A single law tells nothing of its error, and says so instead of claiming a factor of one."""
    spread = absorption_from_wavelength("CdS", wavelength=400.0)
    assert spread.factor is None
    assert "its error is unknown" in spread.notes[-1]


def test_cross_sections_become_molar_coefficients() -> None:
    """Eps = sigma N_A/(1000 ln 10), so a particle of InAs absorbs sigma per particle."""
    radius = 2.0
    expected = 6.2e-16 * radius**3 * 6.02214076e23 / (1000 * math.log(10))
    found = absorption_from_diameter("InAs", diameter=2 * radius, at="2.76 eV")
    assert found.central == pytest.approx(expected)
    assert cross_section(molar_absorption(1e-15)) == pytest.approx(1e-15)


def test_absorption_at_a_fixed_position_still_takes_the_first_transition_for_the_size() -> None:
    """PbS absorbs at 400 nm with the cube of the diameter that its first transition gives."""
    energy = 1239.841984 / 1200.0
    diameter = mpmath.findroot(lambda d: 0.41 + 1 / (0.0252 * d**2 + 0.283 * d) - energy, 4.0)
    found = absorption_from_wavelength("PbS", wavelength=1200.0, at="400 nm")
    assert found.central == pytest.approx(float(2.33e4 * diameter**3), rel=1e-8)


def test_the_two_laws_of_inp_agree_on_the_edge() -> None:
    """By edge and by volume (regular tetrahedron) a dot of 550 nm is the same within a tenth."""
    found = sizes("InP", wavelength=550.0)
    assert found.quantity is Quantity.EDGE
    assert found.factor is not None
    assert 1 < found.factor < 1.1
    assert tetrahedron_edge(tetrahedron_volume(2.5)) == pytest.approx(2.5)


def test_warnings_come_once_each() -> None:
    """At 400 nm both laws of CdSe see a cluster and one extrapolates: one warning of each sort, both in the notes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = sizes("CdSe", wavelength=400.0)
    assert [entry.category for entry in caught] == [ClusterWarning, ExtrapolationWarning]
    assert {entry.filename for entry in caught} == {__file__}
    assert list(found.notes) == [str(entry.message) for entry in caught]


def test_warnings_point_at_the_caller() -> None:
    """A warning names the line of the user's script, however deep it arose."""
    with pytest.warns(ClusterWarning) as light:
        absorption_from_wavelength("CdS", wavelength=350.0)
    with pytest.warns(ClusterWarning) as size:
        absorption_from_diameter("CdS", diameter=1.5)
    assert {entry.filename for entry in (*light, *size)} == {__file__}


def test_the_band_of_the_inp_cluster_has_no_molar_absorption() -> None:
    """No law gives the absorption of InP, so none is guessed for its 386 nm band."""
    with pytest.raises(UnknownNameError, match="published curve of 'InP': found none bundled"):
        absorption_from_wavelength("InP", wavelength=386.0)


def test_missing_ways_are_explained() -> None:
    """No size from light for InAs, no first transition for PbS: the message says what to give instead."""
    with pytest.raises(UnknownNameError, match="absorption_from_diameter"):
        absorption_from_wavelength("InAs", wavelength=900.0)
    with pytest.raises(UnknownNameError, match="'400 nm'"):
        absorption_from_wavelength("PbS", wavelength=1200.0, at=FIRST_TRANSITION)
    with pytest.raises(RangeError, match="half width"):
        absorption_from_wavelength("CdSe", wavelength=520.0, half_width=0.0)
    with pytest.raises(RangeError, match="molar absorption coefficient"):
        particle_concentration(0.1, coefficients=sizes("CdSe", wavelength=520.0))

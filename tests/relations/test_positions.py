"""Photon energy and wavelength."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfacechem.errors import RangeError
from surfacechem.relations import move_wavelength, to_energy, to_wavelength


@given(wavelength=st.floats(100.0, 5000.0))
def test_positions_go_there_and_back(wavelength: float) -> None:
    """Wavelength times energy is hc, 1239.841984 eV nm."""
    assert to_wavelength(to_energy(wavelength)) == pytest.approx(wavelength)
    assert to_energy(wavelength) * wavelength == pytest.approx(1239.841984, rel=1e-9)


def test_bands_of_the_two_forms_of_the_cds_cluster() -> None:
    """From the intermediate at 367 nm, 583 meV up is 313 nm (beta), and 140 meV down from there 324 nm (alpha)."""
    beta = move_wavelength(367.0, by=0.583)
    assert round(beta) == 313
    assert round(move_wavelength(beta, by=-0.140)) == 324


@given(wavelength=st.floats(200.0, 2000.0), shift=st.floats(-0.3, 0.3))
def test_a_shift_is_undone_by_its_opposite(wavelength: float, shift: float) -> None:
    """Shifts add in energy."""
    assert move_wavelength(move_wavelength(wavelength, by=shift), by=-shift) == pytest.approx(wavelength)


def test_a_shift_below_zero_energy_is_refused() -> None:
    """A band cannot move below zero."""
    with pytest.raises(RangeError, match="photon energy"):
        move_wavelength(1000.0, by=-2.0)

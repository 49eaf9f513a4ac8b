"""Positions of light: photon energy and wavelength; positions convert, shifts do not."""

from __future__ import annotations

from surfacechem.constants import HC
from surfacechem.relations.guard import require_positive

__all__ = ["move_wavelength", "to_energy", "to_wavelength"]


def to_energy(wavelength: float) -> float:
    """Return the photon energy [eV] of a wavelength in vacuum [nm].

    Raises
    ------
    RangeError
        If the wavelength is not a positive finite number.

    Examples
    --------
    >>> round(to_energy(386.0), 3)
    3.212
    """
    return HC / require_positive(wavelength, "wavelength", "nm")


def to_wavelength(energy: float) -> float:
    """Return the wavelength in vacuum [nm] of a photon energy [eV].

    Raises
    ------
    RangeError
        If the energy is not a positive finite number.
    """
    return HC / require_positive(energy, "photon energy", "eV")


def move_wavelength(wavelength: float, *, by: float) -> float:
    """Return where a band at `wavelength` [nm] stands after its energy changes by `by` [eV].

    A shift in energy is no fixed number of nanometres, so the position is converted, moved and converted back.

    Raises
    ------
    RangeError
        If no positive energy is left.

    Examples
    --------
    >>> round(move_wavelength(313.0, by=-0.140), 1), round(move_wavelength(700.0, by=-0.140), 1)
    (324.5, 760.1)
    """
    return to_wavelength(to_energy(wavelength) + by)

"""Kinds of numbers, each with its kernel unit and its display unit."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["Kind", "display_unit", "kernel_unit"]


class Kind(StrEnum):
    """What a number measures; its kernel and display units stand in `_UNITS`."""

    CONCENTRATION = "concentration"
    MASS_CONCENTRATION = "mass concentration"
    VOLUME = "volume"
    AMOUNT = "amount"
    MASS = "mass"
    MOLAR_MASS = "molar mass"
    TEMPERATURE = "temperature"
    MOLAR_ENERGY = "molar energy"
    MOLAR_ENTROPY = "molar entropy"
    HEAT = "heat"
    POWER = "power"
    TIME = "time"
    RATE = "rate"
    FREQUENCY = "frequency"
    LENGTH = "length"
    PATH_LENGTH = "path length"
    WAVELENGTH = "wavelength"
    WAVENUMBER = "wavenumber"
    PHOTON_ENERGY = "photon energy"
    ENERGY_SHIFT = "energy shift"
    EXTINCTION = "extinction coefficient"
    DENSITY = "ligand density"
    PER_PARTICLE = "ligands per particle"
    SHIFT = "chemical shift"
    DIMENSIONLESS = "dimensionless number"


_UNITS: Final[dict[Kind, tuple[str, str]]] = {
    Kind.CONCENTRATION: ("mol/L", "mmol/L"),
    Kind.MASS_CONCENTRATION: ("g/L", "mg/mL"),
    Kind.VOLUME: ("L", "mL"),
    Kind.AMOUNT: ("mol", "µmol"),
    Kind.MASS: ("g", "mg"),
    Kind.MOLAR_MASS: ("g/mol", "g/mol"),
    Kind.TEMPERATURE: ("K", "K"),
    Kind.MOLAR_ENERGY: ("J/mol", "kJ/mol"),
    Kind.MOLAR_ENTROPY: ("J/(mol K)", "J/(mol K)"),
    Kind.HEAT: ("J", "µJ"),
    Kind.POWER: ("W", "µW"),
    Kind.TIME: ("s", "s"),
    Kind.RATE: ("1/s", "1/s"),
    Kind.FREQUENCY: ("Hz", "Hz"),
    Kind.LENGTH: ("nm", "nm"),
    Kind.PATH_LENGTH: ("cm", "cm"),
    Kind.WAVELENGTH: ("nm", "nm"),
    Kind.WAVENUMBER: ("1/cm", "1/cm"),
    Kind.PHOTON_ENERGY: ("eV", "eV"),
    Kind.ENERGY_SHIFT: ("eV", "meV"),
    Kind.EXTINCTION: ("L/(mol cm)", "L/(mol cm)"),
    Kind.DENSITY: ("1/nm^2", "1/nm^2"),
    Kind.PER_PARTICLE: ("1", "1"),
    Kind.SHIFT: ("ppm", "ppm"),
    Kind.DIMENSIONLESS: ("1", "1"),
}
"""Kernel unit and display unit of every kind."""


def kernel_unit(kind: Kind) -> str:
    """Return the unit in which kernels hold numbers of this kind."""
    return _UNITS[kind][0]


def display_unit(kind: Kind) -> str:
    """Return the unit in which numbers of this kind are shown."""
    return _UNITS[kind][1]

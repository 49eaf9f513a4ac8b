"""Physical constants (CODATA 2018; the SI of 2019 makes these exact)."""

from __future__ import annotations

from typing import Final

__all__ = [
    "AVOGADRO",
    "BOLTZMANN",
    "COLDEST",
    "CONFIDENCE_LEVEL",
    "ELEMENTARY_CHARGE",
    "GAS_CONSTANT",
    "HC",
    "HOTTEST",
    "LN10",
    "PLANCK",
    "STANDARD_TEMPERATURE",
]

AVOGADRO: Final = 6.02214076e23
"""Avogadro constant [1/mol]."""
BOLTZMANN: Final = 1.380649e-23
"""Boltzmann constant [J/K]."""
PLANCK: Final = 6.62607015e-34
"""Planck constant [J s]."""
ELEMENTARY_CHARGE: Final = 1.602176634e-19
"""Elementary charge [C]."""
GAS_CONSTANT: Final = AVOGADRO * BOLTZMANN
"""Molar gas constant [J/(mol K)]."""
HC: Final = PLANCK * 299792458.0 / ELEMENTARY_CHARGE * 1e9
"""Planck constant times speed of light [eV nm], 1239.841984."""
LN10: Final = 2.302585092994045684
"""Natural logarithm of ten."""
STANDARD_TEMPERATURE: Final = 298.15
"""Temperature taken when a model states none [K]."""
COLDEST: Final = 1.0
HOTTEST: Final = 5000.0
"""Temperatures [K] between which equilibria are computed; no flask is beyond."""
CONFIDENCE_LEVEL: Final = 0.95
"""Level of intervals and bands where a call states none."""

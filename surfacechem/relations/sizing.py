"""Published curves of size against the first transition.

Formulas as transcribed (evidence level `secondary`: the articles themselves were not readable). Ends of `meaningful`
are derived: turning points and roots of the formula, rounded inwards; tests/relations computes them again.
"""

from __future__ import annotations

import math
from typing import Final

from surfacechem.relations.forms import ConfinementGap, Polynomial, ShiftedPower
from surfacechem.relations.law import Interval, Law, Quantity

__all__ = [
    "JASIENIAK_MEANINGFUL",
    "JASIENIAK_PUBLISHED",
    "SIZING_LAWS",
    "sphere_diameter",
    "tetrahedron_edge",
    "tetrahedron_volume",
]

_YU_2003: Final = "Yu 2003, Chem. Mater., transcribed"
_JASIENIAK_2009: Final = "Jasieniak 2009, transcribed"
_ALMEIDA_2023: Final = "Almeida 2023, Nano Lett. (CC-BY 4.0), transcribed"
_JASIENIAK_CDSE: Final = Polynomial(coefficients=(59.60816, -0.54736, 1.8873e-3, -2.85743e-6, 1.62974e-9))
JASIENIAK_MEANINGFUL: Final = Interval(low=334.2)
_JASIENIAK_DIAMETERS: Final = (2.0, 8.0)
"""Range of diameters that the source states [nm]."""

JASIENIAK_PUBLISHED: Final = Interval(
    low=_JASIENIAK_CDSE.inverse(_JASIENIAK_DIAMETERS[0], low=JASIENIAK_MEANINGFUL.low, high=math.inf),
    high=_JASIENIAK_CDSE.inverse(_JASIENIAK_DIAMETERS[1], low=JASIENIAK_MEANINGFUL.low, high=math.inf),
)
"""The published 2 to 8 nm as wavelengths of the first transition [nm], through the law itself."""

SIZING_LAWS: Final[tuple[Law, ...]] = (
    Law(
        name="CdSe diameter, Yu 2003",
        material="CdSe",
        formula="D = 1.6122e-9 l^4 - 2.6575e-6 l^3 + 1.6242e-3 l^2 - 0.4277 l + 41.57 (nm)",
        input=Quantity.WAVELENGTH,
        result=Quantity.DIAMETER,
        form=Polynomial(coefficients=(41.57, -0.4277, 1.6242e-3, -2.6575e-6, 1.6122e-9)),
        is_rising=True,
        meaningful=Interval(low=285.7),
        level="secondary",
        reference=_YU_2003,
        doi="10.1021/cm034081k",
    ),
    Law(
        name="CdSe diameter, Jasieniak 2009",
        material="CdSe",
        formula="D = 59.60816 - 0.54736 l + 1.8873e-3 l^2 - 2.85743e-6 l^3 + 1.62974e-9 l^4 (nm), 2 to 8 nm",
        input=Quantity.WAVELENGTH,
        result=Quantity.DIAMETER,
        form=_JASIENIAK_CDSE,
        is_rising=True,
        meaningful=JASIENIAK_MEANINGFUL,
        published=JASIENIAK_PUBLISHED,
        level="secondary",
        reference=_JASIENIAK_2009,
    ),
    Law(
        name="CdS diameter, Yu 2003",
        material="CdS",
        formula="D = -6.6521e-8 l^3 + 1.9557e-4 l^2 - 9.2352e-2 l + 13.29 (nm)",
        input=Quantity.WAVELENGTH,
        result=Quantity.DIAMETER,
        form=Polynomial(coefficients=(13.29, -9.2352e-2, 1.9557e-4, -6.6521e-8)),
        is_rising=True,
        meaningful=Interval(low=274.6, high=1685.0),
        level="secondary",
        reference=_YU_2003,
        doi="10.1021/cm034081k",
    ),
    Law(
        name="CdTe diameter, Yu 2003",
        material="CdTe",
        formula="D = 9.8127e-7 l^3 - 1.7147e-3 l^2 + 1.0064 l - 194.84 (nm)",
        input=Quantity.WAVELENGTH,
        result=Quantity.DIAMETER,
        form=Polynomial(coefficients=(-194.84, 1.0064, -1.7147e-3, 9.8127e-7)),
        is_rising=True,
        meaningful=Interval(low=446.2),
        level="secondary",
        reference=_YU_2003,
        doi="10.1021/cm034081k",
    ),
    Law(
        name="PbS diameter, Moreels 2009",
        material="PbS",
        formula="E = 0.41 + 1/(0.0252 d^2 + 0.283 d) (eV, nm)",
        input=Quantity.DIAMETER,
        result=Quantity.ENERGY,
        form=ConfinementGap(bulk=0.41, a=0.0252, b=0.283),
        is_rising=False,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference="Moreels 2009, ACS Nano, transcribed",
        doi="10.1021/nn900863a",
    ),
    Law(
        name="PbSe diameter, Moreels 2007",
        material="PbSe",
        formula="E = 0.278 + 1/(0.016 d^2 + 0.209 d + 0.45) (eV, nm)",
        input=Quantity.DIAMETER,
        result=Quantity.ENERGY,
        form=ConfinementGap(bulk=0.278, a=0.016, b=0.209, c=0.45),
        is_rising=False,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference="Moreels 2007, transcribed",
    ),
    Law(
        name="InP edge, Almeida 2023",
        material="InP",
        formula="E = 1.33 + 9.128 (L/angstrom)^-0.684 (eV), L the edge of a tetrahedron",
        input=Quantity.EDGE,
        result=Quantity.ENERGY,
        form=ShiftedPower(offset=1.33, factor=9.128, exponent=-0.684, scale=10.0),
        is_rising=False,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference=_ALMEIDA_2023,
        doi="10.1021/acs.nanolett.3c02630",
    ),
    Law(
        name="InP volume, Almeida 2023",
        material="InP",
        formula="E = 1.33 + 1.219 (V/nm^3)^-0.251 (eV)",
        input=Quantity.VOLUME,
        result=Quantity.ENERGY,
        form=ShiftedPower(offset=1.33, factor=1.219, exponent=-0.251),
        is_rising=False,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference=_ALMEIDA_2023,
        doi="10.1021/acs.nanolett.3c02630",
    ),
)


def tetrahedron_volume(edge: float) -> float:
    """Return the volume [nm^3] of a regular tetrahedron of an edge [nm].

    Examples
    --------
    >>> round(tetrahedron_volume(3.0), 3)
    3.182
    """
    return edge**3 / (6 * math.sqrt(2))


def tetrahedron_edge(volume: float) -> float:
    """Return the edge [nm] of a regular tetrahedron of a volume [nm^3]."""
    return math.cbrt(6 * math.sqrt(2) * volume)


def sphere_diameter(volume: float) -> float:
    """Return the diameter [nm] of the sphere of a volume [nm^3]."""
    return math.cbrt(6 * volume / math.pi)

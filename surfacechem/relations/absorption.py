"""Published absorption of a particle against its size or first transition, per mole of particles.

The two laws of CdSe differ 3.4-fold at 480 nm. A particle concentration, and with it every constant per particle,
inherits that, so the functions of `spread` return all laws of a material together.
"""

from __future__ import annotations

from typing import Final

from surfacechem.constants import AVOGADRO, HC, LN10
from surfacechem.relations.forms import Power, ShiftedExponential
from surfacechem.relations.guard import require_positive
from surfacechem.relations.law import Interval, Law, Quantity
from surfacechem.relations.sizing import JASIENIAK_MEANINGFUL, JASIENIAK_PUBLISHED

__all__ = ["ABSORPTION_LAWS", "cross_section", "molar_absorption"]

_CUBIC_CENTIMETRES_PER_LITRE: Final = 1000.0
_YU_2003: Final = "Yu 2003, Chem. Mater., transcribed"
_YU_2005: Final = "Yu 2005 (InAs), abstract"
_JASIENIAK_HALF_WIDTH: Final = 0.06
"""Half width at half maximum to which the law of Jasieniak 2009 is normalised [eV]."""
_YU_2005_RADII: Final = Interval(low=1.6, high=3.45)

ABSORPTION_LAWS: Final[tuple[Law, ...]] = (
    Law(
        name="CdSe absorption, Yu 2003",
        material="CdSe",
        formula="eps = 5857 D^2.65 (L/(mol cm), nm)",
        input=Quantity.DIAMETER,
        result=Quantity.ABSORPTION,
        form=Power(factor=5857.0, exponent=2.65),
        is_rising=True,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference=_YU_2003,
        doi="10.1021/cm034081k",
        size_law="CdSe diameter, Yu 2003",
    ),
    Law(
        name="CdS absorption, Yu 2003",
        material="CdS",
        formula="eps = 21536 D^2.3 (L/(mol cm), nm)",
        input=Quantity.DIAMETER,
        result=Quantity.ABSORPTION,
        form=Power(factor=21536.0, exponent=2.3),
        is_rising=True,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference=_YU_2003,
        doi="10.1021/cm034081k",
        size_law="CdS diameter, Yu 2003",
    ),
    Law(
        name="CdTe absorption, Yu 2003",
        material="CdTe",
        formula="eps = 10043 D^2.12 (L/(mol cm), nm)",
        input=Quantity.DIAMETER,
        result=Quantity.ABSORPTION,
        form=Power(factor=10043.0, exponent=2.12),
        is_rising=True,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference=_YU_2003,
        doi="10.1021/cm034081k",
        size_law="CdTe diameter, Yu 2003",
    ),
    Law(
        name="CdSe absorption, Jasieniak 2009",
        material="CdSe",
        formula="eps = [155507 + 6.67054e13 exp(-E/0.10551 eV)]/(HWHM/0.06 eV) (L/(mol cm)), 2 to 8 nm",
        input=Quantity.ENERGY,
        result=Quantity.ABSORPTION,
        form=ShiftedExponential(offset=155507.0, factor=6.67054e13, decay=0.10551),
        is_rising=False,
        meaningful=Interval(low=0.0, high=HC / JASIENIAK_MEANINGFUL.low),
        published=Interval(low=HC / JASIENIAK_PUBLISHED.high, high=HC / JASIENIAK_PUBLISHED.low),
        level="secondary",
        reference="Jasieniak 2009, transcribed",
        size_law="CdSe diameter, Jasieniak 2009",
        half_width=_JASIENIAK_HALF_WIDTH,
    ),
    Law(
        name="PbS absorption at 400 nm, Moreels 2009",
        material="PbS",
        formula="eps(400 nm) = 2.33e4 d^3 (L/(mol cm), nm)",
        input=Quantity.DIAMETER,
        result=Quantity.ABSORPTION,
        form=Power(factor=2.33e4, exponent=3.0),
        is_rising=True,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference="Moreels 2009, ACS Nano, transcribed",
        doi="10.1021/nn900863a",
        at="400 nm",
        size_law="PbS diameter, Moreels 2009",
    ),
    Law(
        name="PbSe absorption at 400 nm, Moreels 2007",
        material="PbSe",
        formula="eps(400 nm) = 2.77e4 d^3 (L/(mol cm), nm)",
        input=Quantity.DIAMETER,
        result=Quantity.ABSORPTION,
        form=Power(factor=2.77e4, exponent=3.0),
        is_rising=True,
        meaningful=Interval(low=0.0),
        level="secondary",
        reference="Moreels 2007, transcribed",
        at="400 nm",
        size_law="PbSe diameter, Moreels 2007",
    ),
    Law(
        name="InAs cross section at 2.76 eV, Yu 2005",
        material="InAs",
        formula="sigma(2.76 eV) = 6.2e-16 R^3 (cm^2, nm), R the radius, 1.6 to 3.45 nm",
        input=Quantity.RADIUS,
        result=Quantity.CROSS_SECTION,
        form=Power(factor=6.2e-16, exponent=3.0),
        is_rising=True,
        meaningful=Interval(low=0.0),
        published=_YU_2005_RADII,
        level="abstract",
        reference=_YU_2005,
        at="2.76 eV",
    ),
    Law(
        name="InAs cross section of the first transition, Yu 2005",
        material="InAs",
        formula="sigma(1S) = 3.15e-16 R^1.28 (cm^2, nm), R the radius, 1.6 to 3.45 nm",
        input=Quantity.RADIUS,
        result=Quantity.CROSS_SECTION,
        form=Power(factor=3.15e-16, exponent=1.28),
        is_rising=True,
        meaningful=Interval(low=0.0),
        published=_YU_2005_RADII,
        level="abstract",
        reference=_YU_2005,
    ),
)


def molar_absorption(cross_section: float) -> float:
    """Return the decadic molar absorption coefficient [L/(mol cm)] of a cross section [cm^2]: sigma N_A/(1000 ln 10).

    Raises
    ------
    RangeError
        If the cross section is not a positive finite number.

    Examples
    --------
    >>> f"{molar_absorption(1e-15):.4g}"
    '2.615e+05'
    """
    require_positive(cross_section, "absorption cross section", "cm^2")
    return cross_section * AVOGADRO / (_CUBIC_CENTIMETRES_PER_LITRE * LN10)


def cross_section(molar_absorption: float) -> float:
    """Return the absorption cross section [cm^2] of a decadic molar absorption coefficient [L/(mol cm)].

    Raises
    ------
    RangeError
        If the coefficient is not a positive finite number.
    """
    require_positive(molar_absorption, "molar absorption coefficient", "L/(mol cm)")
    return molar_absorption * _CUBIC_CENTIMETRES_PER_LITRE * LN10 / AVOGADRO

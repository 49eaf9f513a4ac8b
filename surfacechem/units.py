"""Units: text and quantities in, floats in kernel units out, and back; the only home of pint.

Unit text comes from files, so it is screened (length, signs, size of exponents, known words) before anything
computes with it. The units of everyday work stand in one table, checked against pint by the tests, because
importing pint takes longer than most runs; every other product of known words goes to pint.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, SupportsFloat, TypeAlias, TypeVar, runtime_checkable

from surfacechem.constants import HC
from surfacechem.errors import UnitError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "ConstantUnit",
    "Kind",
    "Quantity",
    "constant_unit",
    "display_unit",
    "from_kernel",
    "kernel_unit",
    "quantity",
    "to_kernel",
]

LONGEST_UNIT: Final = 40
LARGEST_EXPONENT: Final = 9
KELVIN_AT_ZERO_CELSIUS: Final = 273.15
NM_PER_CM: Final = 1e7
UNITS_IN_MESSAGE: Final = 6
NEAR_ENOUGH: Final = 0.5

Product: TypeAlias = tuple[tuple[str, Fraction], ...]
"""Words with their exponents, sorted: ``(("L", -1), ("mmol", 1))``."""
_Value = TypeVar("_Value", float, "NDArray[np.float64]")


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

_TABLE: Final = """
mol/L 1, mmol/L 1e-3, M 1, mM 1e-3, uM 1e-6, nM 1e-9, pM 1e-12, umol/L 1e-6, nmol/L 1e-9, mol/l 1, mmol/l 1e-3, \
umol/l 1e-6, mol/dm^3 1, mmol/dm^3 1e-3, mol/m^3 1e-3, umol/mL 1e-3, mmol/mL 1
g/L 1, mg/mL 1, g/mL 1e3, mg/L 1e-3, ug/mL 1e-3
L 1, mL 1e-3, uL 1e-6, nL 1e-9, cL 1e-2, dL 1e-1, l 1, ml 1e-3, ul 1e-6, dm^3 1, cm^3 1e-3, mm^3 1e-6
mol 1, mmol 1e-3, umol 1e-6, nmol 1e-9, pmol 1e-12
g 1, kg 1e3, mg 1e-3, ug 1e-6, ng 1e-9
g/mol 1, kg/mol 1e3
K 1
J/mol 1, kJ/mol 1e3, cal/mol 4.184, kcal/mol 4184
J/(mol K) 1, kJ/(mol K) 1e3, cal/(mol K) 4.184, kcal/(mol K) 4184
J 1, kJ 1e3, mJ 1e-3, uJ 1e-6, nJ 1e-9, cal 4.184, mcal 4.184e-3, ucal 4.184e-6
W 1, mW 1e-3, uW 1e-6, J/s 1, uJ/s 1e-6, cal/s 4.184, ucal/s 4.184e-6
s 1, ms 1e-3, us 1e-6, ns 1e-9, min 60, h 3600, hr 3600, d 86400
1/s 1, Hz 1, kHz 1e3, MHz 1e6
nm 1, pm 1e-3, um 1e3, mm 1e6, cm 1e7, dm 1e8, m 1e9, Å 0.1, angstrom 0.1
1/cm 1, 1/m 1e-2, 1/nm 1e7
eV 1, meV 1e-3
L/(mol cm) 1, 1/(M cm) 1, 1/(mM cm) 1e3, 1/(uM cm) 1e6, L/(mmol cm) 1e3, m^2/mol 10, cm^2/mol 1e-3
1/nm^2 1, 1/um^2 1e-6, 1/cm^2 1e-14
1 1, % 1e-2, percent 1e-2
ppm 1, ppb 1e-3
"""
"""Units that need no pint: a line per dimension, each unit in multiples of the line's first."""

_MORE_WORDS: Final = (
    *("mole", "moles", "molar", "liter", "litre", "liters", "litres", "gram", "kelvin", "joule", "watt", "hertz"),
    *("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "meter", "metre"),
    *("fmol", "fM", "fL", "pL", "pg", "MJ", "kW", "nW", "pJ", "ncal", "keV", "GHz", "fs", "ps"),
)
"""Words of pint that are known beside those of the table."""
_CELSIUS: Final = frozenset({"degC", "°C", "ºC", "celsius", "C"})
_ALIASES: Final = dict.fromkeys(("", "AU", "a.u.", "OD", "ligands/particle", "ligands per particle"), "1")
_SIGNS: Final = str.maketrans(
    {"µ": "u", "μ": "u", "·": "*", "⋅": "*", "×": "*", "−": "-", "–": "-", "\N{ANGSTROM SIGN}": "Å"}
)
_SUPERSCRIPTS: Final = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_POWER: Final = r"[-+]?\d+(?:\.\d+)?"
_ITEM: Final = re.compile(
    rf"\s*(?:([A-Za-zÅ%]+)(?:\s*\^\s*(?:({_POWER})|\(({_POWER})\))|({_POWER}))?|1(?![\d.]))\s*\*?\s*"
)
_NUMBER: Final = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*")
_DECIMAL_COMMA: Final = re.compile(r"\s*[-+]?\d+,\d+")
_EQUIVALENTS: Final = re.compile(r"(?i)(?:equivs?|equivalents?|eqs?)\b")
_POSITIONS: Final = (Kind.WAVELENGTH, Kind.PHOTON_ENERGY, Kind.WAVENUMBER)


@runtime_checkable
class Quantity(Protocol):
    """What is asked of a quantity of pint, whatever registry it is from."""

    def m_as(self, units: str) -> Any:  # noqa: ANN401 - a magnitude may be a float or an array
        """Return the magnitude in `units`."""


@dataclass(frozen=True, kw_only=True)
class ConstantUnit:
    """The unit of an equilibrium constant: ``value * factor`` is in (mol/L)**molar_exponent."""

    factor: float
    molar_exponent: Fraction


def kernel_unit(kind: Kind) -> str:
    """Return the unit in which kernels hold numbers of this kind."""
    return _UNITS[kind][0]


def display_unit(kind: Kind) -> str:
    """Return the unit in which numbers of this kind are shown."""
    return _UNITS[kind][1]


def to_kernel(value: _Value, unit: str, kind: Kind) -> _Value:
    """Convert numbers from `unit` to the kernel unit of `kind`.

    Wavelengths, photon energies and wavenumbers convert into each other as positions (hc/E); a shift does not.

    Raises
    ------
    UnitError
        If the text is no unit, or a unit of something else.

    Examples
    --------
    >>> to_kernel(0.5, "mmol/L", Kind.CONCENTRATION)
    0.0005
    >>> round(to_kernel(386.0, "nm", Kind.PHOTON_ENERGY), 4)
    3.212
    """
    if unit.strip() in _CELSIUS:
        if kind is not Kind.TEMPERATURE:
            raise _wrong_kind(unit, kind)
        return value + KELVIN_AT_ZERO_CELSIUS
    source, factor = _resolve(unit, kind)
    scaled = value if factor == 1.0 else value * factor
    return scaled if source is kind else _move(scaled, source, kind)


def from_kernel(value: _Value, kind: Kind, unit: str | None = None) -> _Value:
    """Convert numbers from the kernel unit of `kind` to `unit`, by default its display unit.

    Examples
    --------
    >>> from_kernel(0.00025, Kind.CONCENTRATION)
    0.25
    """
    target_unit = display_unit(kind) if unit is None else unit
    if target_unit.strip() in _CELSIUS and kind is Kind.TEMPERATURE:
        return value - KELVIN_AT_ZERO_CELSIUS
    target, factor = _resolve(target_unit, kind)
    moved = value if target is kind else _move(value, kind, target)
    return moved if factor == 1.0 else moved / factor


def quantity(value: str | float | Quantity, kind: Kind, *, name: str = "") -> float:
    """Return one quantity as a float in the kernel unit of `kind`.

    Parameters
    ----------
    value : str, Quantity or float
        ``"0.10 mmol/L"`` or a quantity of pint; a bare number only where `kind` has no dimension.
    name : str
        The argument's name, for messages.

    Raises
    ------
    UnitError
        If the number is bare or not finite, or its unit is unknown or of another kind.

    Examples
    --------
    >>> quantity("0.10 mmol/L", Kind.CONCENTRATION)
    0.0001
    """
    what = name or kind.value
    if isinstance(value, str):
        number, unit = _split(value, what, kind)
        result = to_kernel(number, unit, kind)
    elif isinstance(value, Quantity):
        result = _from_pint(value, kind, what)
    else:
        result = _bare(value, kind, what)
    if not math.isfinite(result):
        raise UnitError(what, found=_shown(str(value)), allowed="a finite number", advice=_example(kind))
    return result


def constant_unit(unit: str) -> ConstantUnit:
    """Return factor and power of mol/L of an equilibrium constant's unit; empty text means none.

    Examples
    --------
    >>> constant_unit("/mM")
    ConstantUnit(factor=1000.0, molar_exponent=Fraction(-1, 1))
    """
    factor, amount, volume = 1.0, Fraction(0), Fraction(0)
    concentrations, volumes, amounts = (_family_of(text) for text in ("mol/L", "L", "mol"))
    for word, power in _screen(unit):
        key, cubed = ((word, Fraction(1)),), ((word, Fraction(3)),)
        if key in concentrations:
            factor, amount, volume = factor * concentrations[key] ** power, amount + power, volume - power
        elif key in amounts:
            factor, amount = factor * amounts[key] ** power, amount + power
        elif key in volumes or cubed in volumes:
            litres = power if key in volumes else power / 3
            factor, volume = factor * volumes.get(key, volumes.get(cubed, 1.0)) ** litres, volume + litres
        else:
            raise _no_constant(unit)
    if amount != -volume:
        raise _no_constant(unit)
    return ConstantUnit(factor=float(factor), molar_exponent=amount)


def _no_constant(unit: str) -> UnitError:
    return UnitError(
        f"unit '{_shown(unit)}' of an equilibrium constant",
        allowed="a power of a concentration: /M, L/mol, /mM, M^-2, M, or none",
        advice="write e.g. K = 250 /M, or no unit where as many dissolved species stand left as right",
    )


# --- Text: screened before anything computes with it ----------------------------------------------------


def _screen(unit: str) -> Product:
    """Return the words of a unit with their exponents, or refuse the text."""
    if len(unit) > LONGEST_UNIT:
        raise _refused(unit, f"{len(unit)} characters", f"at most {LONGEST_UNIT} characters")
    plain = unit.strip()
    plain = _ALIASES.get(plain, plain).translate(_SIGNS).translate(_SUPERSCRIPTS).replace("**", "^")
    powers: dict[str, Fraction] = {}
    numerator, *denominators = plain.split("/")
    for sign, part in [(1, numerator or "1"), *((-1, part) for part in denominators)]:
        inner = part.strip()
        is_grouped = inner.startswith("(") and inner.endswith(")")
        items = _items(inner[1:-1] if is_grouped else inner, unit)
        if sign < 0 and len(items) > 1 and not is_grouped:
            raise _refused(unit, f"'/{inner}'", "one unit after each slash", "set brackets: J/(mol K)")
        for word, power in items:
            powers[word] = powers.get(word, Fraction(0)) + sign * power
    return tuple(sorted((word, power) for word, power in powers.items() if power))


def _items(text: str, unit: str) -> list[tuple[str, Fraction]]:
    """Return words and exponents of a product; every other sign is refused."""
    items: list[tuple[str, Fraction]] = []
    position = 0
    while position < len(text) or not items:
        match = _ITEM.match(text, position)
        if match is None:
            raise _refused(unit, f"'{text[position:]}'" if text[position:] else "nothing", _GRAMMAR)
        word, *powers = match.groups()
        power = Fraction(next((found for found in powers if found), "1"))
        if abs(power) > LARGEST_EXPONENT:
            raise _refused(unit, f"the exponent {power}", f"exponents from -{LARGEST_EXPONENT} to {LARGEST_EXPONENT}")
        items.append((_known(word, unit), power) if word else ("", Fraction(0)))
        position = match.end()
    return items


_GRAMMAR: Final = "units joined by '*', '/', a blank, '^' and brackets after '/', as in J/(mol K) or M^-1 cm^-1"


def _known(word: str, unit: str) -> str:
    """Return the word if it is in the closed vocabulary."""
    vocabulary = _vocabulary()
    if word in vocabulary:
        return word
    if _EQUIVALENTS.fullmatch(word):
        raise _refused(unit, "equivalents of nothing", "equivalents of a named thing", "write e.g. 'equiv per InP37'")
    near = sorted(known for known in vocabulary if known.lower() == word.lower())
    near = near or get_close_matches(word, sorted(vocabulary), n=1, cutoff=NEAR_ENOUGH)
    advice = "did you mean '" + "' or '".join(near) + "'?" if near else "write e.g. mmol/L, uL, nm, kJ/mol, degC"
    raise _refused(unit, f"'{word}'", "a known unit; capitals count", advice)


def _refused(unit: str, found: str, allowed: str, advice: str = "write e.g. mmol/L, uL, nm, J/(mol K)") -> UnitError:
    return UnitError(f"unit '{_shown(unit)}'", found=found, allowed=allowed, advice=advice)


def _shown(text: str) -> str:
    """Return text short and printable enough for a message."""
    short = text if len(text) <= LONGEST_UNIT else text[:LONGEST_UNIT] + "..."
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in short)


def _split(text: str, what: str, kind: Kind) -> tuple[float, str]:
    """Split ``"0.10 mmol/L"`` into number and unit."""
    match = _NUMBER.match(text)
    if _DECIMAL_COMMA.match(text):
        number = text.replace(",", ".", 1)
        raise UnitError(what, found=f"'{_shown(text)}'", allowed="a decimal point", advice=f"'{_shown(number)}'")
    if match is None:
        raise UnitError(what, found=f"'{_shown(text)}'", allowed="a number and a unit", advice=_example(kind))
    unit = text[match.end() :]
    if not unit and kernel_unit(kind) != "1":
        raise UnitError(what, found=f"'{_shown(text)}' without unit", allowed=_units_of(kind), advice=_example(kind))
    return float(match[1]), unit


def _bare(value: object, kind: Kind, what: str) -> float:
    """Return a number that needs no unit; refuse any other by the argument's name."""
    if isinstance(value, bool) or not isinstance(value, SupportsFloat) or kernel_unit(kind) != "1":
        found = f"{_shown(repr(value))} without unit" if isinstance(value, SupportsFloat) else _shown(repr(value))
        raise UnitError(what, found=found, allowed="text with a unit, or a quantity of pint", advice=_example(kind))
    return float(value)


def _wrong_kind(unit: str, kind: Kind) -> UnitError:
    allowed = _units_of(kind)
    advice = f"give a {kind.value}"
    if kind is Kind.ENERGY_SHIFT:
        advice = "a shift cannot be converted: convert both positions to eV, then subtract"
    return UnitError(f"unit '{_shown(unit)}'", found=f"no unit of {kind.value}", allowed=allowed, advice=advice)


def _units_of(kind: Kind) -> str:
    """Return some units of a kind, for messages."""
    family = next(family for family in _families() if kernel_unit(kind) in family)
    return ", ".join(list(family)[:UNITS_IN_MESSAGE])


def _example(kind: Kind) -> str:
    return "write a plain number" if kernel_unit(kind) == "1" else f'write e.g. "0.5 {display_unit(kind)}"'


# --- Meaning: the table first, pint for the rest ---------------------------------------------------------


@cache
def _families() -> tuple[dict[str, float], ...]:
    """Return the table, a dictionary from unit to factor per dimension."""
    lines = _TABLE.strip().split("\n")
    entries = [[entry.rsplit(" ", 1) for entry in line.split(", ")] for line in lines]
    return tuple({unit.strip(): float(factor) for unit, factor in line} for line in entries)


@cache
def _index() -> dict[Product, tuple[int, float]]:
    """Return the table by product: number of the family, factor to its first unit."""
    families = enumerate(_families())
    return {_parsed(unit): (number, factor) for number, family in families for unit, factor in family.items()}


@cache
def _vocabulary() -> frozenset[str]:
    words = re.findall(r"[A-Za-zÅ%]+", " ".join(unit for family in _families() for unit in family))
    return frozenset(words).union(_MORE_WORDS)


@cache
def _parsed(unit: str) -> Product:
    """Return the product of one of our own unit texts."""
    return _screen(unit)


@cache
def _family_of(unit: str) -> dict[Product, float]:
    """Return factors of all units of the table with the dimension of `unit`."""
    wanted, _ = _index()[_parsed(unit)]
    return {product: factor for product, (number, factor) in _index().items() if number == wanted}


def _resolve(unit: str, kind: Kind) -> tuple[Kind, float]:
    """Return to which kind a unit belongs (another one only among positions) and its size in kernel units."""
    product = _screen(unit)
    for source in _POSITIONS if kind in _POSITIONS else (kind,):
        factor = _factor(product, source)
        if factor is not None:
            return source, factor
    raise _wrong_kind(unit, kind)


def _factor(product: Product, kind: Kind) -> float | None:
    """Return the size of a unit in kernel units of `kind`; None if it measures something else."""
    kernel_family, kernel_factor = _index()[_parsed(kernel_unit(kind))]
    if product not in _index():
        return _factor_by_pint(product, kind)
    family, factor = _index()[product]
    return factor / kernel_factor if family == kernel_family else None


def _factor_by_pint(product: Product, kind: Kind) -> float | None:
    from pint import DimensionalityError
    from pint import Quantity as PintQuantity  # of the application registry, which pint makes when first used

    text = " * ".join(f"{word} ** {float(power)}" for word, power in product)
    try:
        return float(PintQuantity(1.0, text).m_as(_kernel_for_pint(kind)))
    except DimensionalityError:
        return None


def _kernel_for_pint(kind: Kind) -> str:
    """Return the kernel unit in pint's spelling, where a blank multiplies."""
    kernel = kernel_unit(kind)
    return "dimensionless" if kernel == "1" else kernel.replace(" ", " * ")


def _from_pint(value: Quantity, kind: Kind, what: str) -> float:
    """Return a quantity of pint as a float; its own registry converts it, so registries never mix."""
    from pint import DimensionalityError

    for source in _POSITIONS if kind in _POSITIONS else (kind,):
        try:
            magnitude = value.m_as(_kernel_for_pint(source))
        except DimensionalityError:
            continue
        if not isinstance(magnitude, SupportsFloat) or getattr(magnitude, "shape", ()) != ():
            raise UnitError(what, found="several numbers", allowed="one quantity", advice=_example(kind))
        return float(magnitude) if source is kind else _move(float(magnitude), source, kind)
    raise UnitError(what, found=_shown(str(value)), allowed=_units_of(kind), advice=f"give a {kind.value}")


def _move(value: _Value, source: Kind, target: Kind) -> _Value:
    """Convert a position between nm, eV and 1/cm."""
    if isinstance(value, float) and value == 0.0:
        raise UnitError(source.value, found="0", allowed="a position other than 0", advice=_example(source))
    if {source, target} == {Kind.WAVELENGTH, Kind.PHOTON_ENERGY}:
        return HC / value
    if {source, target} == {Kind.WAVELENGTH, Kind.WAVENUMBER}:
        return NM_PER_CM / value
    return value * (HC / NM_PER_CM) if source is Kind.WAVENUMBER else value * (NM_PER_CM / HC)

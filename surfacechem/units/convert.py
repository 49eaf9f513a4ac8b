"""Conversion of numbers between a user's unit and the kernel unit of their kind; the only home of pint.

Importing pint takes longer than most runs, so the units of the table are converted without it (a test compares
the two); every other product of known words, and every quantity object, goes through pint.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, SupportsFloat, TypeVar, runtime_checkable

from surfacechem.constants import HC
from surfacechem.errors import UnitError
from surfacechem.units.kinds import Kind, display_unit, kernel_unit
from surfacechem.units.text import Product, families, family_of, parsed, screen, shown, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ConstantUnit", "Quantity", "constant_unit", "from_kernel", "kind_of", "quantity", "to_kernel"]

KELVIN_AT_ZERO_CELSIUS: Final = 273.15
NM_PER_CM: Final = 1e7
LARGEST_MOLAR_EXPONENT: Final = 10**9
"""Powers of M follow from the coefficients of a reaction, which have up to nine digits."""
UNITS_IN_MESSAGE: Final = 6
LEAST_KELVIN: Final = 200.0
"""Below, a temperature without unit is probably one in degrees Celsius."""

_Value = TypeVar("_Value", float, "NDArray[np.float64]")
_CELSIUS: Final = frozenset({"degC", "°C", "ºC", "celsius", "C"})
_NUMBER: Final = re.compile(r"\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)\s*")
_DECIMAL_COMMA: Final = re.compile(r"\s*[-+]?[0-9]+,[0-9]+")
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


def to_kernel(value: _Value, unit: str, kind: Kind) -> _Value:
    """Convert numbers from `unit` to the kernel unit of `kind`.

    Wavelengths, photon energies and wavenumbers convert into each other as positions (hc/E); a shift in nm does not.

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
    scaled = _times(value, factor)
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
    return _over(moved, factor)


def kind_of(unit: str, among: Iterable[Kind]) -> Kind | None:
    """Return the first of some kinds that a unit measures; None if it measures none of them.

    Raises
    ------
    UnitError
        If the text is no unit at all.
    """
    product = screen(unit)
    return next((kind for kind in among if _size(product, kind) is not None), None)


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
        try:
            result = to_kernel(number, unit, kind)
        except UnitError as fault:
            if name:
                fault.what = f"{name}, {fault.what}"
            raise
    elif isinstance(value, Quantity):
        result = _from_pint(value, kind, what)
    else:
        result = _bare(value, kind, what)
    if not math.isfinite(result):
        raise UnitError(what, found=shown(str(value)), allowed="a finite number", advice=_example(kind))
    return result


def constant_unit(unit: str) -> ConstantUnit:
    """Return factor and power of mol/L of an equilibrium constant's unit; empty text means none.

    Examples
    --------
    >>> constant_unit("/mM")
    ConstantUnit(factor=1000.0, molar_exponent=Fraction(-1, 1))
    """
    factor, amount, volume = 1.0, Fraction(0), Fraction(0)
    concentrations, volumes, amounts = (family_of(text) for text in ("mol/L", "L", "mol"))
    for word, power in screen(unit, largest_exponent=LARGEST_MOLAR_EXPONENT):
        key, cubed = ((word, Fraction(1)),), ((word, Fraction(3)),)
        if key in concentrations:
            size, exponent, amount, volume = concentrations[key], power, amount + power, volume - power
        elif key in amounts:
            size, exponent, amount = amounts[key], power, amount + power
        elif key in volumes or cubed in volumes:
            exponent = power if key in volumes else power / 3
            size, volume = volumes.get(key, volumes.get(cubed, 1.0)), volume + exponent
        else:
            raise _no_constant(unit)
        factor *= _raised(size, exponent, unit)
    if amount != -volume:
        raise _no_constant(unit)
    return ConstantUnit(factor=factor, molar_exponent=amount)


def _raised(size: float, exponent: Fraction, unit: str) -> float:
    """Return a power of a unit's size, or refuse it where no float holds it."""
    try:
        raised = float(size**exponent)
    except OverflowError:
        raised = math.inf
    if not 0.0 < raised < math.inf:
        raise UnitError(
            f"unit '{shown(unit)}' of an equilibrium constant",
            found=f"{size:g} mol/L to the power of {exponent}",
            allowed="what a number can hold",
            advice="give the constant in powers of M",
        )
    return raised


def _no_constant(unit: str) -> UnitError:
    return UnitError(
        f"unit '{shown(unit)}' of an equilibrium constant",
        allowed="a power of a concentration: /M, L/mol, /mM, M^-2, M, or none",
        advice="write e.g. K = 250 /M, or no unit where as many dissolved species stand left as right",
    )


def _split(text: str, what: str, kind: Kind) -> tuple[float, str]:
    """Split ``"0.10 mmol/L"`` into number and unit."""
    match = _NUMBER.match(text)
    if _DECIMAL_COMMA.match(text):
        number = text.replace(",", ".", 1)
        raise UnitError(what, found=f"'{shown(text)}'", allowed="a decimal point", advice=f"'{shown(number)}'")
    if match is None:
        raise UnitError(what, found=f"'{shown(text)}'", allowed="a number and a unit", advice=_example(kind))
    unit = text[match.end() :]
    if not unit and kernel_unit(kind) != "1":
        found, advice = f"'{shown(text.strip())}' without unit", _example(kind, match[1])
        raise UnitError(what, found=found, allowed=_units_of(kind), advice=advice)
    return float(match[1]), unit


def _bare(value: object, kind: Kind, what: str) -> float:
    """Return a number that needs no unit; refuse any other by the argument's name."""
    if isinstance(value, bool) or not isinstance(value, SupportsFloat) or kernel_unit(kind) != "1":
        found = f"{shown(repr(value))} without unit" if isinstance(value, SupportsFloat) else shown(repr(value))
        raise UnitError(what, found=found, allowed="text with a unit, or a quantity of pint", advice=_example(kind))
    return float(value)


def _wrong_kind(unit: str, kind: Kind) -> UnitError:
    allowed = _units_of(kind)
    advice = f"give a {kind.value}"
    if kind is Kind.ENERGY_SHIFT:
        advice = "a shift cannot be converted: convert both positions to eV, then subtract"
    return UnitError(f"unit '{shown(unit)}'", found=f"no unit of {kind.value}", allowed=allowed, advice=advice)


def _units_of(kind: Kind) -> str:
    """Return some units of a kind, for messages."""
    family = next(family for family in families() if kernel_unit(kind) in family)
    return ", ".join([*list(family)[:UNITS_IN_MESSAGE], *(["degC"] if kind is Kind.TEMPERATURE else [])])


def _example(kind: Kind, number: str = "") -> str:
    if kernel_unit(kind) == "1":
        return "write a plain number"
    is_celsius = kind is Kind.TEMPERATURE and float(number or "25") < LEAST_KELVIN
    default = "25" if kind is Kind.TEMPERATURE else "0.5"
    return f'write e.g. "{number or default} {"degC" if is_celsius else display_unit(kind)}"'


def _resolve(unit: str, kind: Kind) -> tuple[Kind, float]:
    """Return to which kind a unit belongs (another one only among positions) and its size in kernel units."""
    size = _size(screen(unit), kind)
    if size is None:
        raise _wrong_kind(unit, kind)
    return size


def _size(product: Product, kind: Kind) -> tuple[Kind, float] | None:
    for source in _sources(kind):
        factor = _factor(product, source)
        if factor is not None:
            return source, factor
    return None


def _sources(kind: Kind) -> tuple[Kind, ...]:
    """Return the kinds whose units may stand for a kind; 1/cm is proportional to energy, so its shifts are energies."""
    if kind is Kind.ENERGY_SHIFT:
        return kind, Kind.WAVENUMBER
    return _POSITIONS if kind in _POSITIONS else (kind,)


def _factor(product: Product, kind: Kind) -> float | None:
    """Return the size of a unit in kernel units of `kind`; None if it measures something else."""
    kernel_family, kernel_factor = table()[parsed(kernel_unit(kind))]
    if product not in table():
        return _factor_by_pint(product, kind)
    family, factor = table()[product]
    return factor / kernel_factor if family == kernel_family else None


@lru_cache(maxsize=256)
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

    for source in _sources(kind):
        try:
            magnitude = value.m_as(_kernel_for_pint(source))
        except DimensionalityError:
            continue
        if not isinstance(magnitude, SupportsFloat) or getattr(magnitude, "shape", ()) != ():
            raise UnitError(what, found="several numbers", allowed="one quantity", advice=_example(kind))
        return float(magnitude) if source is kind else _move(float(magnitude), source, kind)
    raise UnitError(what, found=shown(str(value)), allowed=_units_of(kind), advice=f"give a {kind.value}")


def _divisor(factor: float) -> int | None:
    """Return n where a factor is 1/n: numbers as written (10 uL) then convert without a rounding error."""
    divisor = round(1.0 / factor)
    return divisor if divisor * factor == 1.0 else None


def _times(value: _Value, factor: float) -> _Value:
    divisor = _divisor(factor)
    return value * factor if divisor is None else value / divisor


def _over(value: _Value, factor: float) -> _Value:
    divisor = _divisor(factor)
    return value / factor if divisor is None else value * divisor


def _move(value: _Value, source: Kind, target: Kind) -> _Value:
    """Convert a position between nm, eV and 1/cm, or a shift between the last two."""
    if isinstance(value, float) and value == 0.0 and Kind.ENERGY_SHIFT not in {source, target}:
        raise UnitError(source.value, found="0", allowed="a position other than 0", advice=_example(source))
    if {source, target} == {Kind.WAVELENGTH, Kind.PHOTON_ENERGY}:
        return HC / value
    if {source, target} == {Kind.WAVELENGTH, Kind.WAVENUMBER}:
        return NM_PER_CM / value
    return value * (HC / NM_PER_CM) if source is Kind.WAVENUMBER else value * (NM_PER_CM / HC)

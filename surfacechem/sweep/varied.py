"""What a sweep varies, read from text.

``"1e-3..1e3 in 61"``, ``"0..5 equiv per native ligand in 51"``, ``"280..350 K:8"``: as `prediction.series` reads
amounts, with ``:8`` for short.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from surfacechem.chem.convention import Convention
from surfacechem.errors import RangeError, UnitError, UnknownNameError
from surfacechem.network.warming import refuse_beyond
from surfacechem.notation.settings import unit_for
from surfacechem.prediction.series import Series, series
from surfacechem.units import Kind, constant_unit, to_kernel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from surfacechem.network import Network

    Floats = NDArray[np.float64]

__all__ = ["Role", "Span", "Varied", "coupling_name", "read_varied"]

DEFAULT_N_VALUES: Final = 51
MOST_VALUES: Final = 100_000_000
LONGEST_TEXT: Final = 200
TEMPERATURE: Final = "T"

_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_COUNT: Final = re.compile(r"(?:\s*:\s*|\s+in\s+)(?P<n>\d{1,12})\s*(?P<space>log|lin)?\s*$")
_RANGE: Final = re.compile(
    rf"\s*(?P<start>{_NUMBER})\s*(?P<start_unit>[^.\d]*?)\s*\.\.\s*(?P<stop>{_NUMBER})\s*(?P<unit>.*?)\s*$", re.DOTALL
)
_COUPLING: Final = re.compile(r"w\[(?P<reaction>.+)\]")
_SITES: Final = re.compile(r"N\[(?P<site>.+)\]")


class Role(StrEnum):
    """What kind of thing is varied."""

    CONSTANT = "constant"
    AMOUNT = "amount"
    TEMPERATURE = "temperature"
    SITES = "number of sites"
    COUPLING = "coupling"


@dataclass(frozen=True, kw_only=True, eq=False)
class Varied:
    """One thing that a sweep varies, and its values.

    Attributes
    ----------
    name : str
        ``"K[X1]"``, a feed, ``"T"``, ``"N[In]"`` or ``"w[X1]"``.
    role : Role
        Which of them it is.
    values : ndarray, shape (n_values,)
        In `unit`.
    unit : str
        As written; ``"1"`` where there is none.
    per : str
        Of what equivalents are; empty otherwise.
    is_log : bool
        Whether values between the ends are drawn evenly in their logarithm.
    """

    name: str
    role: Role
    values: Floats
    unit: str
    per: str = ""
    is_log: bool = False

    @property
    def label(self) -> str:
        """Unit for an axis."""
        return f"{self.unit} per {self.per}" if self.per else self.unit

    @property
    def first(self) -> str | float:
        """First value of a constant as text with its unit; of a coupling, whose energy is no constant, 1."""
        if self.role is Role.COUPLING:
            return 1.0
        return float(self.values[0]) if self.unit == "1" else f"{float(self.values[0])!r} {self.unit}"

    def between(self, share: Floats) -> Floats:
        """Return values at shares from 0 (smallest) to 1 (largest) of the way, for designs that draw."""
        low, high = float(self.values.min()), float(self.values.max())
        if self.role is Role.SITES:
            return np.floor(low + share * (high - low + 1.0)).clip(low, high)
        if self.is_log:
            return np.asarray(low * (high / low) ** share)
        return low + share * (high - low)


Span: TypeAlias = "str | Series | Sequence[str] | Sequence[float] | NDArray[np.float64]"
"""What a caller may write for the values of one thing."""


def read_varied(network: Network, name: str, span: Span) -> Varied:
    """Read what a caller wrote for the thing called `name`.

    Parameters
    ----------
    network : Network
        Its independent constants, feeds and sites may be named; ``T`` is the temperature, ``N[In]`` a number of
        sites, ``w[X1]`` the coupling of neighbours.
    span : str, Series or sequence
        ``"start..stop unit in n"``, ``:n`` for short; ``log`` or ``lin`` after it sets the spacing, which is
        logarithmic for constants and even for all else. Or a list of texts, or of numbers where there is no unit.

    Raises
    ------
    UnknownNameError
        If nothing has this name.
    RangeError
        If the range is empty or crosses zero on a logarithmic axis.
    UnitError
        If the text or its unit cannot be read.
    """
    constants = {
        constant.name: constant.molar_exponent
        for constant in network.constants
        if constant.convention is not Convention.ENTHALPY
    }
    site = _SITES.fullmatch(name)
    if name in constants:
        varied = _numbers(name, Role.CONSTANT, span, space="log")
        _check_constant(varied, constants[name])
    elif name == TEMPERATURE and name not in network.feeds:
        varied = _numbers(name, Role.TEMPERATURE, span, space="lin")
        kelvin = to_kernel(varied.values, varied.unit, Kind.TEMPERATURE)
        refuse_beyond(float(kelvin.min()), float(kelvin.max()))
    elif _COUPLING.fullmatch(name) and coupling_name(name) in constants:
        varied = _numbers(name, Role.COUPLING, span, space="lin")
        to_kernel(varied.values, varied.unit, Kind.MOLAR_ENERGY)  # refuses other units
    elif site and site["site"] in {each.name for each in network.system.sites}:
        varied = _numbers(name, Role.SITES, span, space="lin")
        if varied.unit != "1" or np.any(varied.values != np.round(varied.values)) or varied.values.min() < 1:
            raise RangeError(
                f"number of sites {name}",
                found=_shown(span),
                allowed="whole numbers from 1",
                advice="give as many values as there are numbers: '40..51 in 12'",
            )
    elif name in network.feeds:
        varied = _amounts(network, name, span)
    else:
        raise _unknown(name, network)
    return varied


def coupling_name(name: str) -> str:
    """Return the constant ``W[X1] = exp(w/RT)`` of a coupling ``w[X1]``."""
    return "W" + name[1:]


def _amounts(network: Network, name: str, span: Span) -> Varied:
    if not isinstance(span, str):
        read, is_log = series(span, name=name), False  # type: ignore[arg-type]  # numbers are refused there by name
    else:
        count = _counted(name, span)
        text = span[: count.start()] if count else span
        is_log = bool(count and count["space"] == "log")
        if is_log and _crosses_zero(text):
            raise _zero_on_log(name, span)
        spacing = f" in {count['n']}{' log' if is_log else ''}" if count else ""
        read = series(_spelt_out(network, text.strip()) + spacing, name=name)
    _check_ends(name, read.values, span)
    return Varied(name=name, role=Role.AMOUNT, values=read.values, unit=read.unit, per=read.per, is_log=is_log)


def _spelt_out(network: Network, text: str) -> str:
    """Return ``equiv/O2CR`` as ``equiv per native O2CR``, which `prediction.series` reads."""
    head, slash, base = text.partition("equiv/")
    if not slash:
        return text
    natives = {site.native for site in network.system.sites}
    return f"{head}equiv per {'native ' if base in natives and base not in network.feeds else ''}{base}"


def _numbers(name: str, role: Role, span: Span, *, space: str) -> Varied:
    if isinstance(span, Series):
        values, unit, is_log = span.values, span.unit, space == "log"
    elif isinstance(span, str):
        values, unit, is_log = _range(name, span, space)
    else:
        parts = [_single(name, each) for each in np.ravel(np.asarray(span, dtype=object)).tolist()]
        if len({unit for _, unit in parts}) > 1:
            raise UnitError(f"values of {name}", found=_shown(span), allowed="one unit", advice="use one unit")
        values, unit = np.array([value for value, _ in parts]), parts[0][1] if parts else "1"
        is_log = space == "log"
    _check_ends(name, values, span)
    if is_log and values.min() <= 0:
        raise _zero_on_log(name, span)
    return Varied(name=name, role=role, values=values, unit=unit, is_log=is_log)


def _range(name: str, text: str, space: str) -> tuple[Floats, str, bool]:
    count = _counted(name, text)
    ends = _RANGE.match(text[: count.start()] if count else text)
    if ends is None:
        if count:
            raise _unreadable(name, text)
        value, unit = _single(name, text)
        return np.array([value]), unit, space == "log"
    unit = ends["unit"] or ends["start_unit"] or "1"
    if ends["start_unit"] and ends["start_unit"] != unit:
        raise UnitError(f"values of {name}", found=f"'{text}'", allowed="one unit", advice="give both ends in one unit")
    start, stop = float(ends["start"]), float(ends["stop"])
    n_values = int(count["n"]) if count else DEFAULT_N_VALUES
    is_log = ((count["space"] if count else None) or space) == "log"
    if is_log and not (min(start, stop) > 0):
        raise _zero_on_log(name, text)
    if not (np.isfinite(start) and np.isfinite(stop)):
        raise RangeError(f"values of {name}", found=_shown(text), allowed="finite numbers")
    if n_values < 1 or (start == stop and n_values > 1):
        raise _empty(name, text)
    spread = np.geomspace if is_log else np.linspace
    return np.asarray(spread(start, stop, n_values)), unit, is_log


def _counted(name: str, text: str) -> re.Match[str] | None:
    if len(text) > LONGEST_TEXT:
        raise _unreadable(name, f"{len(text)} characters")
    count = _COUNT.search(text)
    if count and int(count["n"]) > MOST_VALUES:
        raise RangeError(
            f"values of {name}",
            found=f"{int(count['n']):,}",
            allowed=f"at most {MOST_VALUES:,} on one axis",
            advice="use a random or quasi-random design: --design sobol --points N",
        )
    if count and int(count["n"]) == 0:
        raise _empty(name, text)
    return count


def _single(name: str, item: object) -> tuple[float, str]:
    if isinstance(item, int | float) and not isinstance(item, bool):
        return float(item), "1"
    found = re.fullmatch(rf"\s*({_NUMBER})\s*(.*?)\s*", item, re.DOTALL) if isinstance(item, str) else None
    if found is None:
        raise _unreadable(name, str(item))
    return float(found[1]), found[2] or "1"


def _check_constant(varied: Varied, exponent: Fraction) -> None:
    meant = constant_unit("" if varied.unit == "1" else varied.unit)
    if meant.molar_exponent != exponent:
        raise UnitError(
            f"values of {varied.name}",
            found=f"unit '{varied.unit}'",
            allowed=f"a unit like {unit_for(exponent)}" if exponent else "numbers without unit",
            advice=f"write e.g. '1..1e4 {unit_for(exponent)} in 41'" if exponent else "leave the unit out: it cancels",
        )


def _check_ends(name: str, values: Floats, span: Span) -> None:
    if not len(values):
        raise _empty(name, span)
    if not np.isfinite(values).all():
        raise RangeError(f"values of {name}", found=_shown(span), allowed="finite numbers")
    if len(values) > 1 and values.min() == values.max():
        raise _empty(name, span)


def _crosses_zero(text: str) -> bool:
    ends = _RANGE.match(text)
    return ends is not None and min(float(ends["start"]), float(ends["stop"])) <= 0


def _zero_on_log(name: str, span: Span) -> RangeError:
    return RangeError(
        f"values of {name}",
        found=f"{_shown(span)}, which meets zero on a logarithmic axis",
        allowed="values above zero",
        advice="begin above zero, or write 'lin' after the number of values",
    )


def _empty(name: str, span: Span) -> RangeError:
    return RangeError(
        f"values of {name}",
        found=f"{_shown(span)}, an empty range",
        allowed="two different ends and at least one value",
        advice="write e.g. '1e-3..1e3 in 61'",
    )


def _unreadable(name: str, found: str) -> UnitError:
    return UnitError(
        f"values of {name}",
        found=_shown(found),
        allowed="start..stop with a unit and a number of values, or a list",
        advice="write e.g. '1e-3..1e3 in 61', '0..5 equiv per native ligand in 51' or '280..350 K:8'",
    )


def _unknown(name: str, network: Network) -> UnknownNameError:
    heats = [each.name for each in network.constants if each.convention is Convention.ENTHALPY]
    if name in heats:
        return UnknownNameError(
            f"varied '{name}'",
            found="an enthalpy",
            allowed="constants, feeds, sites and T",
            advice=f"sweep once for each value, with --constant '{name}=-30 kJ/mol' (constants={{...}} in Python)",
        )
    known = [each.name for each in network.constants if each.name not in heats] + list(network.feeds) + [TEMPERATURE]
    known += [f"w{constant.name[1:]}" for constant in network.constants if constant.name.startswith("W[")]
    known += [f"N[{site.name}]" for site in network.system.sites]
    near = get_close_matches(name, known, n=1)
    return UnknownNameError(
        f"varied {name[:80]!r}",
        found="neither an independent constant, a feed, a site nor T",
        allowed=", ".join(known),
        advice=f"did you mean {near[0]}?" if near else "use one of these names",
    )


def _shown(span: Span) -> str:
    text = span if isinstance(span, str) else str(span)
    return f"'{text[:80]}'"

"""Amounts as a chemist says them: ``"0.5 mM"``, ``"0..30 mM in 61"``, ``"10 equiv per InP37"``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from surfacechem.errors import UnitError
from surfacechem.units import Kind, Quantity, kernel_unit, quantity, to_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Amount", "Series", "linspace", "logspace", "series", "split_number"]

DEFAULT_N_POINTS: Final = 101
LARGEST_N_POINTS: Final = 1_000_000
LONGEST_TEXT: Final = 120

_NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE: Final = re.compile(
    rf"(?P<start>{_NUMBER})(?P<start_unit>[^.\d]*(?:\^?-?\d)?)\.\.\s*(?P<stop>{_NUMBER})(?P<rest>.*)", re.DOTALL
)
_SPACING: Final = re.compile(r"\s+in\s+(?P<n>\d{1,9})(?P<log>\s+log)?\s*$")
_UNFIT_SPACING = re.compile(r"(?:^|\s)in\b|:")
_EQUIVALENTS: Final = re.compile(
    r"(?:equivalents?|equivs?|eqs?)\b\.?(?:\s+(?:per|of)\s+(?P<of>\S.*))?", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """One amount, or a row of amounts, in one unit.

    Attributes
    ----------
    values : ndarray, shape (n_values,)
        Numbers in `unit`.
    unit : str
        Unit as written; ``"equiv"`` for equivalents.
    per : str
        Of what equivalents are, as written (``"InP37"``, ``"native ligand"``); empty for a unit.
    """

    values: NDArray[np.float64]
    unit: str
    per: str = ""

    @property
    def is_relative(self) -> bool:
        """True for equivalents."""
        return bool(self.per)

    @property
    def label(self) -> str:
        """Unit for an axis: ``"mM"`` or ``"equiv per InP37"``."""
        return f"{self.unit} per {self.per}" if self.per else self.unit


Amount: TypeAlias = str | Quantity | Series | Sequence[str]
"""What a caller may write for one amount."""


def linspace(start: str, stop: str, n_points: int = DEFAULT_N_POINTS, *, kind: Kind = Kind.CONCENTRATION) -> Series:
    """Return evenly spaced amounts from `start` to `stop`, both included, in the unit of `stop`.

    Parameters
    ----------
    start, stop : str
        Concentrations, or equivalents; quantities of another `kind` where that is given.
    n_points : int
        How many.
    kind : Kind
        What is spaced: ``Kind.VOLUME`` for volumes added.

    Examples
    --------
    >>> linspace("0 mM", "30 mM", 4).values.tolist()
    [0.0, 10.0, 20.0, 30.0]
    """
    return _spaced(start, stop, n_points, name="the series", kind=kind, is_log=False)


def logspace(start: str, stop: str, n_points: int = DEFAULT_N_POINTS, *, kind: Kind = Kind.CONCENTRATION) -> Series:
    """Return amounts from `start` to `stop` spaced evenly in their logarithm, in the unit of `stop`.

    Parameters
    ----------
    start, stop : str
        As for `linspace`, above zero.
    n_points : int
        How many.
    kind : Kind
        What is spaced.

    Examples
    --------
    >>> logspace("1 uM", "1 mM", 4).label
    'mM'
    """
    return _spaced(start, stop, n_points, name="the series", kind=kind, is_log=True)


def series(amount: Amount, *, name: str, kind: Kind = Kind.CONCENTRATION) -> Series:
    """Read what a caller wrote for the amount called `name`: a concentration, or another `kind`.

    Raises
    ------
    UnitError
        If the text is no amount, has no unit, is negative, or equivalents do not say of what.
    """
    if isinstance(amount, Series):
        result = amount
    elif isinstance(amount, str):
        result = _from_text(amount, name, kind)
    elif isinstance(amount, Sequence):
        result = _from_list(amount, name, kind)
    else:
        kernel = quantity(amount, kind, name=name)
        result = Series(values=np.array([kernel]), unit=kernel_unit(kind))
    if not np.all(np.isfinite(result.values) & (result.values >= 0)):
        raise UnitError(
            f"amount of {name}", found=f"{result.values.min():g} {result.label}", allowed="zero or more",
            advice="check the sign",
        )  # fmt: skip
    return result


def _from_text(text: str, name: str, kind: Kind) -> Series:
    if len(text) > LONGEST_TEXT:
        raise _unreadable(name, f"{len(text)} characters")
    spacing = _SPACING.search(text)
    ends = _RANGE.match(text[: spacing.start()].strip() if spacing else text.strip())
    if ends is None:
        if spacing:
            raise _unreadable(name, repr(text))
        return _single(text.strip(), name, kind)
    rest = ends["rest"].strip()
    start_unit = ends["start_unit"].strip() or rest
    if spacing is None and _UNFIT_SPACING.search(rest):
        raise _no_number_of_points(name, repr(text))
    n_points = int(spacing["n"]) if spacing else DEFAULT_N_POINTS
    start, stop = f"{ends['start']} {start_unit}".strip(), f"{ends['stop']} {rest}".strip()
    return _spaced(start, stop, n_points, name=name, kind=kind, is_log=bool(spacing and spacing["log"]))


def _spaced(start: str, stop: str, n_points: int, *, name: str, kind: Kind, is_log: bool) -> Series:
    last = _single(stop, name, kind)
    first = float(_in_unit_of(_single(start, name, kind), last, name, kind)[0])
    if not 1 <= n_points <= LARGEST_N_POINTS:
        raise _no_number_of_points(name, str(n_points))
    if is_log and min(first, last.values[0]) <= 0:
        found, advice = f"{start} to {stop} in logarithmic steps", "begin above zero, or leave 'log' out"
        raise UnitError(f"amount of {name}", found=found, allowed="amounts above zero", advice=advice)
    spread = np.geomspace if is_log else np.linspace
    return Series(values=spread(first, last.values[0], n_points), unit=last.unit, per=last.per)


def split_number(text: str) -> tuple[float, str] | None:
    """Return number and unit of ``"250 /M"``, None where the text begins with no number."""
    number = re.match(_NUMBER, text.strip())
    return None if number is None else (float(number.group()), text.strip()[number.end() :].strip())


def _single(text: str, name: str, kind: Kind) -> Series:
    parts = split_number(text)
    if parts is None:
        raise _unreadable(name, repr(text))
    value, rest = np.array([parts[0]]), parts[1]
    equivalents = _EQUIVALENTS.fullmatch(rest)
    if equivalents is None:
        quantity(text, kind, name=f"amount of {name}")  # refuses bare numbers and other kinds
        return Series(values=value, unit=rest)
    if equivalents["of"] is None:
        raise UnitError(
            f"amount of {name}",
            found=repr(text),
            allowed="equivalents that say of what",
            advice=f'write e.g. "{parts[0]:g} equiv per particle" or "{parts[0]:g} equiv per native ligand"',
        )
    return Series(values=value, unit="equiv", per=" ".join(equivalents["of"].split()))


def _from_list(items: Sequence[str], name: str, kind: Kind) -> Series:
    parts = [series(item, name=name, kind=kind) for item in items]
    if not parts:
        raise _unreadable(name, "an empty list")
    values = [_in_unit_of(part, parts[0], name, kind) for part in parts]
    return Series(values=np.concatenate(values), unit=parts[0].unit, per=parts[0].per)


def _in_unit_of(part: Series, other: Series, name: str, kind: Kind) -> NDArray[np.float64]:
    """Return the values of `part` in the unit of `other`."""
    if part.per != other.per:
        raise UnitError(f"amount of {name}", found=f"{part.label} beside {other.label}", allowed="one kind of unit")
    if part.unit == other.unit:
        return part.values
    # A zero or a number near the limits of floats still divides well: units are positive and finite.
    size = to_kernel(1.0, other.unit, kind)
    return np.asarray(to_kernel(part.values, part.unit, kind)) / size


def _no_number_of_points(name: str, found: str) -> UnitError:
    allowed, advice = f"a whole number of points, 1 to {LARGEST_N_POINTS}", 'write e.g. "0..30 mM in 61"'
    return UnitError(f"amount of {name}", found=found, allowed=allowed, advice=advice)


def _unreadable(name: str, found: str) -> UnitError:
    return UnitError(
        f"amount of {name}",
        found=found,
        allowed="a concentration, equivalents of something, or a series of them",
        advice='write e.g. "0.5 mM", "10 equiv per particle" or "0..30 mM in 61"',
    )

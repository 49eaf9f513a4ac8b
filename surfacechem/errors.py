"""The error tree: every fault says which thing, what it was, what is allowed and what to do.

SurfaceChemError
├── Faults(ValueError)             several faults of one file or call, reported together
├── FormulaError(ValueError)       a formula that cannot be read
├── ModelError(ValueError)         a model that contradicts itself
│   ├── BalanceError               a reaction that loses atoms, charge or sites
│   └── NotationError              a line of a model file that cannot be read
├── UnitError(ValueError)          a unit that is unknown, missing or of the wrong kind
├── DataError(ValueError)          a data file that cannot be used
├── RangeError(ValueError)         a number outside the range on which a relation holds
├── UnknownNameError(LookupError)  a name that the model or the data do not have
├── ConventionError(ValueError)    constants of different convention or standard state mixed
├── FitError(ValueError)           a fit that cannot be set up
├── SolveError(ArithmeticError)    equilibria left unsolved where the caller did not ask for flags
└── MissingExtraError(ImportError) an optional package that is not installed
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any, Self

__all__ = [
    "BalanceError",
    "ConventionError",
    "DataError",
    "Faults",
    "FitError",
    "FormulaError",
    "Location",
    "MissingExtraError",
    "ModelError",
    "NotationError",
    "RangeError",
    "SolveError",
    "SurfaceChemError",
    "SurfaceChemWarning",
    "UnitError",
    "UnknownNameError",
    "raise_all",
]

LONGEST_SHOWN_LINE = 160


class SurfaceChemWarning(UserWarning):
    """Base of every warning of this package."""


@dataclass(frozen=True, kw_only=True)
class Location:
    """A place in a text file; ``line`` and ``column`` count from 1."""

    file: str = "<text>"
    line: int | None = None
    column: int | None = None
    text: str | None = None

    def __str__(self) -> str:
        """Return ``file:line:column``."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def rewritten(self, old: str, new: str) -> str:
        """Return the line with `old`, which stands at the column, replaced; empty where it does not stand there."""
        start = (self.column or 1) - 1
        if self.text is None or not self.text.startswith(old, start):
            return ""
        line = self.text[:start] + new + self.text[start + len(old) :]
        return line.split("#")[0].strip()

    def excerpt(self) -> str:
        """Return the line of text with a caret under the column, or an empty string."""
        if self.text is None:
            return ""
        shown = self.text[:LONGEST_SHOWN_LINE].replace("\t", " ")
        shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in shown)
        if self.column is None or self.column > LONGEST_SHOWN_LINE:
            return f"  | {shown}"
        return f"  | {shown}\n  | {' ' * (self.column - 1)}^"


class SurfaceChemError(Exception):
    """Base of every error of this package.

    Parameters
    ----------
    what : str
        The thing at fault, e.g. ``"unit 'mmol/K' of column 'bound'"``.
    found : str
        What it was.
    allowed : str
        What is allowed there.
    advice : str
        What to do or to write instead.
    where : Location, optional
        The place in the user's file.
    """

    def __init__(
        self,
        what: str,
        *,
        found: str = "",
        allowed: str = "",
        advice: str = "",
        where: Location | None = None,
    ) -> None:
        self.what = what
        self.found = found
        self.allowed = allowed
        self.advice = advice
        self.where = where
        super().__init__(what)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by facts, so that workers of a pool can raise."""
        facts = {"found": self.found, "allowed": self.allowed, "advice": self.advice, "where": self.where}
        return (_rebuild, (type(self), self.what, facts))

    def at(self, where: Location) -> Self:
        """Return the same error with its place, for faults found below the level that knows the file."""
        placed = copy(self)
        placed.where = where
        return placed

    def __str__(self) -> str:
        """Return the message built from the facts."""
        head = self.what if self.where is None else f"{self.where}: {self.what}"
        if self.found:
            head += f": found {self.found}"
        lines = [head]
        if self.where is not None and self.where.excerpt():
            lines.append(self.where.excerpt())
        if self.allowed:
            lines.append(f"  allowed: {self.allowed}")
        if self.advice:
            lines.append(f"  instead: {self.advice}")
        return "\n".join(lines)


def _rebuild(kind: type[SurfaceChemError], what: str, facts: dict[str, Any]) -> SurfaceChemError:
    return kind(what, **facts)


class Faults(SurfaceChemError, ValueError):  # noqa: N818 (several faults, not one)
    """Several faults found in one file or call, reported together."""

    def __init__(self, faults: tuple[SurfaceChemError, ...]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} faults")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the faults."""
        return (Faults, (self.faults,))

    def __str__(self) -> str:
        """Return all messages, in order."""
        return "\n".join(str(fault) for fault in self.faults)


class FormulaError(SurfaceChemError, ValueError):
    """A formula that cannot be read."""


class ModelError(SurfaceChemError, ValueError):
    """A model that contradicts itself."""


class BalanceError(ModelError):
    """A reaction that loses atoms, charge or sites."""


class NotationError(ModelError):
    """A line of a model file that cannot be read."""


class UnitError(SurfaceChemError, ValueError):
    """A unit that is unknown, missing or of the wrong kind."""


class DataError(SurfaceChemError, ValueError):
    """A data file that cannot be used."""


class RangeError(SurfaceChemError, ValueError):
    """A number outside the range on which a relation holds."""


class UnknownNameError(SurfaceChemError, LookupError):
    """A name that the model or the data do not have."""


class ConventionError(SurfaceChemError, ValueError):
    """Constants of different convention or standard state mixed."""


class FitError(SurfaceChemError, ValueError):
    """A fit that cannot be set up from this model and these data."""


class SolveError(SurfaceChemError, ArithmeticError):
    """Equilibria left unsolved where the caller did not ask for flags."""


class MissingExtraError(SurfaceChemError, ImportError):
    """An optional package that is not installed; ``advice`` is the install line."""


def raise_all(faults: list[SurfaceChemError]) -> None:
    """Raise the collected faults, if any: one as itself, several as `Faults`."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Faults(tuple(faults))

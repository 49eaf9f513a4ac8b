"""Take the fields of one entry of a library file, with every fault collected and placed."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from surfacechem.chem.convention import EvidenceLevel, Source
from surfacechem.chem.formula import Formula
from surfacechem.errors import DataError, FormulaError, Location, SurfaceChemError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

__all__ = ["Fields"]

_DOI: Final = re.compile(r"10\.\d{4,9}/\S+")
# A user is no source of nature, and a simulation has no place among literature values.
_LEVELS: Final = frozenset(EvidenceLevel) - {EvidenceLevel.USER, EvidenceLevel.SIMULATED}

_Choice = TypeVar("_Choice", bound="StrEnum")


class Fields:
    """The fields of one entry; each is taken once, `finish` names those that nobody asked for."""

    def __init__(
        self, table: Mapping[str, Any], *, owner: str, where: Location, faults: list[SurfaceChemError]
    ) -> None:
        self._rest = dict(table)
        self._owner = owner
        self._where = where
        self._asked: list[str] = []
        self.faults = faults

    def fault(self, what: str, *, found: str = "", allowed: str = "", advice: str = "") -> None:
        """Collect a fault of this entry."""
        self.faults.append(
            DataError(f"{what} of {self._owner}", found=found, allowed=allowed, advice=advice, where=self._where)
        )

    def text(self, key: str, *, default: str | None = None) -> str:
        """Take a text; without `default` it must be there."""
        value = self._take(key, required=default is None)
        if value is None:
            return default or ""
        if isinstance(value, str) and value.strip():
            return value
        self.fault(f"field '{key}'", found=repr(value), allowed="a text")
        return default or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts; none where it is missing."""
        value = self._take(key)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return tuple(value)
        self.fault(f"field '{key}'", found=repr(value), allowed='a list of texts, e.g. ["X", "L"]')
        return ()

    def number(self, key: str, *, required: bool = True) -> float | None:
        """Take a finite number."""
        value = self._take(key, required=required)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        self.fault(f"field '{key}'", found=repr(value), allowed="a finite number")
        return None

    def positive(self, key: str, *, required: bool = True) -> float | None:
        """Take a number above zero."""
        value = self.number(key, required=required)
        if value is None or value > 0:
            return value
        self.fault(f"field '{key}'", found=f"{value:g}", allowed="a number above 0")
        return None

    def flag(self, key: str) -> bool:
        """Take true or false; false where it is missing."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.fault(f"field '{key}'", found=repr(value), allowed="true or false")
        return False

    def whole_numbers(self, key: str) -> dict[str, int]:
        """Take a table of whole numbers; empty where it is missing."""
        return self._table(key, int, "whole numbers, e.g. { C8H19N = 0 }")

    def groups(self) -> tuple[tuple[str, str], ...]:
        """Take the table of placeholders."""
        return tuple(self._table("groups", str, 'formulas, e.g. { R = "C17H33" }').items())

    def choice(self, key: str, choices: type[_Choice]) -> _Choice | None:
        """Take one of the values of an enumeration."""
        text = self.text(key)
        return self.chosen(key, text, choices) if text else None

    def chosen(self, key: str, text: str, choices: type[_Choice]) -> _Choice | None:
        """Return the member of an enumeration that `text` names."""
        try:
            return choices(text)
        except ValueError:
            self.fault(f"field '{key}'", found=f"'{text}'", allowed=", ".join(f"'{choice}'" for choice in choices))
            return None

    def formula(self, text: str, groups: tuple[tuple[str, str], ...] = ()) -> Formula | None:
        """Return the formula of a text, its groups read first."""
        try:
            return Formula.parse(text, {name: Formula.parse(inner) for name, inner in groups})
        except FormulaError as error:
            self.fault(f"formula '{text}'", found=error.found, allowed=error.allowed, advice=error.advice)
            return None

    def source(self) -> Source:
        """Take the source."""
        value = self._take("source", required=True)
        if value is not None and not isinstance(value, dict):
            self.fault(
                "field 'source'", found=repr(value), allowed='a table, e.g. { level = "abstract", doi = "10..." }'
            )
        if not isinstance(value, dict):
            return Source(level=EvidenceLevel.USER)
        inner = Fields(value, owner=f"the source of {self._owner}", where=self._where, faults=self.faults)
        level = inner.choice("level", EvidenceLevel)
        source = Source(
            level=level or EvidenceLevel.USER,
            reference=inner.text("reference", default=""),
            doi=inner.text("doi", default=""),
        )
        if level is not None and level not in _LEVELS:
            inner.fault(
                "field 'level'", found=f"'{level}'", allowed=", ".join(f"'{known}'" for known in sorted(_LEVELS))
            )
        if not source.reference and not source.doi:
            inner.fault("reference", found="neither reference nor doi", allowed="at least one of them")
        if source.doi and not _DOI.fullmatch(source.doi):
            inner.fault("field 'doi'", found=f"'{source.doi}'", allowed="a DOI without address, e.g. 10.1021/cm034081k")
        if level is EvidenceLevel.DERIVED and not source.reference:
            inner.fault("reference", found="none", allowed="the arithmetic, as the level is 'derived'")
        inner.finish()
        return source

    def entries(self, key: str) -> tuple[Fields, ...]:
        """Take a list of tables, each with fields of its own."""
        value = self._take(key)
        if value is None:
            return ()
        if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
            self.fault(f"field '{key}'", found=repr(value), allowed="a list of tables")
            return ()
        return tuple(
            Fields(item, owner=f"{key}[{number}] of {self._owner}", where=self._where, faults=self.faults)
            for number, item in enumerate(value)
        )

    def finish(self) -> None:
        """Name the fields that do not belong here."""
        for key in self._rest:
            near = difflib.get_close_matches(key, self._asked, n=1)
            advice = f"write {near[0]}" if near else ""
            self.fault(f"field '{key}'", found="a field of no meaning", allowed=", ".join(self._asked), advice=advice)

    def _take(self, key: str, *, required: bool = False) -> Any:  # noqa: ANN401 (what a file holds is not known yet)
        self._asked.append(key)
        value = self._rest.pop(key, None)
        if value is None and required:
            self.fault(f"field '{key}'", found="none", allowed="one is needed")
        return value

    def _table(self, key: str, kind: type[Any], allowed: str) -> dict[str, Any]:
        value = self._take(key)
        if value is None:
            return {}
        if isinstance(value, dict) and all(type(item) is kind for item in value.values()):
            return dict(value)
        self.fault(f"field '{key}'", found=repr(value), allowed=f"a table of {allowed}")
        return {}

"""What every check needs: the system, its formulas, and where things stand in the file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from surfacechem.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from surfacechem.chem.naming import Vocabulary
    from surfacechem.chem.system import System
    from surfacechem.errors import Location

__all__ = ["Context"]

MOST_NAMES_SHOWN: Final = 8


@dataclass(frozen=True, kw_only=True)
class Context:
    """A system under check, and where its statements stand in a file."""

    system: System
    places: Mapping[str, Location]
    vocabulary: Vocabulary

    def place(self, statement: str, word: str = "") -> Location | None:
        """Return where a statement stands, with the column of `word` in it."""
        location = self.places.get(statement)
        column = _column(location.text, word) if location is not None and location.text and word else 0
        return replace(location, column=column) if location is not None and column else location

    def unknown(self, what: str, found: str, known: Collection[str], where: Location | None) -> UnknownNameError:
        """Return the fault of a name that nobody declared, with the nearest known one."""
        near = get_close_matches(found, known, n=1, cutoff=0.5)
        return UnknownNameError(
            what,
            found=f"'{found}'",
            allowed=", ".join(list(known)[:MOST_NAMES_SHOWN]) or "none is declared",
            advice=f"write {_line(where, found, near[0])}" if near else "declare it, or correct the name",
            where=where,
        )


def _line(where: Location | None, old: str, new: str) -> str:
    """Return the whole line with a word replaced, where it is known, else the word."""
    return (where.rewritten(old, new) if where is not None else "") or new


def _column(text: str, word: str) -> int:
    """Return the column of a whole word in a line, counted from 1, or 0."""
    start = text.find(word)
    while start >= 0:
        around = text[start - 1 : start] + text[start + len(word) : start + len(word) + 1]
        if not any(character.isalnum() or character in "'_" for character in around):
            return start + 1
        start = text.find(word, start + 1)
    return 0

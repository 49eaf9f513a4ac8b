"""What a chemist may have meant by a line that cannot be read: the line to write, or a hint."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

__all__ = ["corrected", "hint", "statement_meant"]

_ARROWS: Final = r"<->|-->|->|=>|<=(?!>)|⇄|↔|→"
# Slips in the order in which they are looked for: pattern, advice.
_HINTS: Final = (
    (re.compile(r"\d,\d"), "write a decimal point: 1.3, not 1,3"),
    (re.compile(_ARROWS), "write the arrow as <=>"),
    (
        re.compile(r"[\"`\\]|(?<![\w)])'|__|lambda|import|eval"),
        "leave quotes and code out; quotes stand only after 'named'",
    ),
    (re.compile(r"-(?=\w)"), "write names without hyphens, n_BuNH2; a hyphen joins a site and what it holds: In-O2CR"),
    (re.compile(r"\s-\s|-\s"), "write site and ligand as one word with a hyphen: In-O2CR"),
)
_WORDS: Final = (
    "at", "chain", "class", "count", "coverage", "edges", "fit", "fixed", "in", "lattice", "named", "native", "of",
    "on", "pairs", "per particle", "per site", "reference", "ring", "where", "with",
)  # fmt: skip
_OTHER_WORDS: Final = {"at": ("on",), "for": ("of",), "from": ("of",), "in": ("on",), "with": ("where", "named")}
_OTHER_STATEMENTS: Final = {"measure": "observe", "t": "temperature", "temp": "temperature"}
_NEAR_WORD: Final = 0.6
_NEAR_STATEMENT: Final = 0.7


def statement_meant(word: str, statements: Collection[str]) -> str:
    """Return the statement that a first word nearly is, else an empty string."""
    if word in statements:
        return ""
    near = get_close_matches(word.lower(), statements, n=1, cutoff=_NEAR_STATEMENT)
    return near[0] if near else _OTHER_STATEMENTS.get(word.lower(), "")


def corrected(body: str, column: int, statements: Collection[str], is_readable: Callable[[str], bool]) -> str:
    """Return the line with one slip put right, if that makes it readable.

    Parameters
    ----------
    body : str
        The line without comment.
    column : int
        Where the parser stumbled, from 1.
    statements : collection of str
        First words of statements.
    is_readable : callable
        Whether the grammar reads a line.
    """
    attempts = (*_beginnings(body, statements), *_reactions(body), *_words(body, column), f"{body})")
    return next((attempt for attempt in attempts if attempt != body and is_readable(attempt)), "")


def _beginnings(body: str, statements: Collection[str]) -> Iterator[str]:
    """Yield the line with another first word, or a class of reactions in capitals."""
    word = (body.split(maxsplit=1) or [""])[0]
    meant = statement_meant(word, statements)
    if meant:
        rest = body[body.index(word) + len(word) :]
        yield meant + re.sub(r"^\s*=\s*", " ", rest)
    yield re.sub(r"^(\s*)([xlzs])(?=[\s\[])", lambda found: found[1] + found[2].upper(), body)


def _reactions(body: str) -> Iterator[str]:
    """Yield the line with another arrow, decimal point, spread or hyphen."""
    if " = " in body and "<=>" not in body.split(";", maxsplit=1)[0]:
        yield body.replace(" = ", " <=> ", 1)
    yield re.sub(_ARROWS, "<=>", body, count=1)
    yield re.sub(r"(<=>\s*)+", "<=> ", body)
    yield re.sub(r"(\d),(\d)", r"\1.\2", body)
    yield re.sub(r"\+-|\+\s*/\s*-|\+\s-(?=\s*\d)", "+/-", body)
    yield body.replace(" - ", "-")


def _words(body: str, column: int) -> Iterator[str]:
    """Yield the line with the word at the column replaced by words that it nearly is."""
    found = re.compile(r"[A-Za-z]+").match(body, column - 1)
    if found is None:
        return
    word = found[0].lower()
    near = get_close_matches(word, [each for each in _WORDS if each != word], n=3, cutoff=_NEAR_WORD)
    for each in (*near, *_OTHER_WORDS.get(word, ())):
        yield body[: found.start()] + each + body[found.end() :]


def hint(body: str, column: int) -> str:
    """Return what is probably wrong near the column, or an empty string."""
    if re.match(r"\s*[A-Za-z](\[[^\]]*\])?\s+\S+-\S", body) and not re.match(r"\s*[XLZS]\b", body):
        return "write X, L, Z or S before a reaction, or no letter"
    rest = body[max(column - 3, 0) :]
    for pattern, advice in _HINTS:
        found = pattern.search(rest)
        if found is not None and found.start() <= len("abcd"):
            return advice
    return ""

"""One line through the grammar; what the parser stumbles over becomes a fault with the line to write instead."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from surfacechem.errors import NotationError
from surfacechem.notation.slips import corrected, hint, statement_meant

if TYPE_CHECKING:
    from lark import Lark, UnexpectedInput

    from surfacechem.errors import Location
    from surfacechem.notation.nodes import Node

__all__ = ["EXAMPLES", "read_line"]

EXAMPLES: Final = {
    "surfacechem": "surfacechem 1",
    "temperature": "temperature 298.15 K",
    "where": "where R = C13H27",
    "cluster": "cluster InP37 = In37P20(O2CR)51 where R = C13H27",
    "site": "site In on InP37 : 51 native O2CR",
    "species": 'species HO2CR\' = C18H34O2 named "oleic acid"',
    "ligand": "ligand NH2R'' = C18H39N class L",
    "solvent": "solvent toluene 9.4 M",
    "conformer": "conformer beta of CdS37 ; L0 = 1e-3 fit",
    "couple": "couple In-O2CR' with In-SR' ; w = 2 kJ/mol",
    "observe": "observe bound = integral(In-O2CR')",
}
"""One right line for each statement that begins with a word; any other line is a reaction."""
BAND_EXAMPLE: Final = "observe E1 = 2.95 eV + dE * coverage(O2CR')"
REACTION_EXAMPLE: Final = "X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1.3 fit"

_EXPECTED: Final = {
    "ARROW": "<=>",
    "PLUS": "+",
    "SEMICOLON": ";",
    "COLON": ":",
    "EQUAL": "=",
    "COMMA": ",",
    "RPAR": ")",
    "LPAR": "(",
    "VACANT": "*",
    "IN": "in <conformer>",
    "NAME": "a name",
    "SITE_STATE": "a site and what it holds",
    "SITE_NAME": "a site",
    "SIGNAL": "a name",
    "GROUP": "a placeholder",
    "FORMULA": "a formula",
    "STRING": 'text in "quotes"',
    "NUMBER": "a number",
    "AMOUNT": "a number",
    "INTEGER": "a whole number",
    "UNIT": "a unit",
    "K": "K =",
    "L0": "L0 =",
    "Q": "q =",
    "RATE": "k =",
    "DH": "dH =",
    "DS": "dS =",
    "DG": "dG =",
    "W": "w =",
    "MOLE_FRACTIONS": "mole fractions",
    "SIMPLE": "ring, chain, pairs or mean field",
    "SIZE": "4 x 12",
    "EDGE": "1-2",
    "COUNT": "count(...)",
    "MINUS": "-",
    "FUNCTION": "integral(...), shift(...), spectrum(...) or calorimetry(...)",
    "WORD": "a word",
    "CONSTANT": "K[X1]",
    "LETTER": "X, L or Z",
    "KIND": "X, L, Z or S",
    "__ANON_0": "+/-",
    "__ANON_1": "±",
    "__ANON_2": "..",
    "$END": "the end of the line",
}
"""How the grammar's terminals are called in messages; words of the language speak for themselves."""

MOST_EXPECTED: Final = 8


@cache
def _grammar() -> Lark:
    """Return the parser of the grammar shipped with the package."""
    from lark import Lark

    text = files("surfacechem.notation").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", maybe_placeholders=True)


def read_line(text: str, at: Location) -> Node:
    """Return the tree of one statement.

    Raises
    ------
    NotationError
        If the line cannot be read; its `where` points at the first character that does not fit.
    """
    from lark import UnexpectedInput

    try:
        return _grammar().parse(text)
    except UnexpectedInput as stumble:
        raise _fault(text, at, stumble) from None


def _fault(text: str, at: Location, stumble: UnexpectedInput) -> NotationError:
    body = _without_comment(text)
    column = min(max(stumble.column, 1), len(body) + 1) if isinstance(stumble.column, int) else len(body) + 1
    is_at_end = column > len(body) or getattr(getattr(stumble, "token", None), "type", "") == "$END"
    column = len(body) + 1 if is_at_end else column
    advice, word = _advice(body, column), _first_word(body)
    meant = statement_meant(word, EXAMPLES)
    if meant and advice.startswith(f"write {meant}"):  # the parser stumbles behind the word that is wrong
        column, is_at_end, allowed = body.index(word) + 1, False, "a reaction, " + ", ".join(EXAMPLES)
    else:
        allowed = _expected(stumble)
    return NotationError(
        _described(body),
        found="the end of the line" if is_at_end else f"'{_word_at(body, column)}'",
        allowed=allowed,
        advice=advice,
        where=replace(at, column=column),
    )


def _without_comment(text: str) -> str:
    """Return the statement without what follows a # outside quotes."""
    return re.sub(r'("[^"]*")|#.*', lambda found: found[1] or "", text).rstrip()


def _first_word(body: str) -> str:
    return body.split(maxsplit=1)[0] if body.split() else ""


def _described(body: str) -> str:
    word = _first_word(body)
    return f"{word} line" if word in EXAMPLES else "line of the model"


def _word_at(body: str, column: int) -> str:
    """Return what stands at a column, up to the next blank."""
    return body[column - 1 :].split(maxsplit=1)[0][:40]


def _expected(stumble: UnexpectedInput) -> str:
    """Return what the grammar allows at this place, in words."""
    names = getattr(stumble, "accepts", None) or getattr(stumble, "expected", None) or getattr(stumble, "allowed", ())
    shown = sorted({_EXPECTED.get(name, name.lower()) for name in names or ()})
    return ", ".join(shown[:MOST_EXPECTED]) + (" ..." if len(shown) > MOST_EXPECTED else "")


def _advice(body: str, column: int) -> str:
    """Return what to write instead: the corrected line where the slip is plain, else an example."""
    line = corrected(body, column, EXAMPLES, _is_readable)
    if line:
        return f"write {line}"
    word = _first_word(body)
    example = BAND_EXAMPLE if word == "observe" and "(" not in body.partition("+")[0] else EXAMPLES.get(word)
    return hint(body, column) or f"write e.g. {example or REACTION_EXAMPLE}"


def _is_readable(text: str) -> bool:
    from lark import UnexpectedInput

    try:
        _grammar().parse(text)
    except UnexpectedInput:
        return False
    return True

"""Names and expressions of a system as plain text and as LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sympy as sp

if TYPE_CHECKING:
    from fractions import Fraction

    from surfacechem.chem.system import Reaction

__all__ = ["latex_of", "latex_reaction", "text_of"]

LATEX_SPECIAL = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "#": r"\#",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "^": r"\hat{\ }",
    "~": r"\sim ",
    "_": r"\_",
    "*": r"{\ast}",
    " ": r"\ ",
}
SUBSCRIPT = re.compile(r"(?<=[A-Za-z)\]])(\d+(?:\.\d+)?)")
INDEXED = re.compile(r"(K|L0|W)\[(.*)\]")
LN_AT = re.compile(r"ln (.*)\((T0?)\)")


def text_of(expression: sp.Basic) -> str:
    """Return an expression as plain text: ``K[X1] [HO2CR'] / [HO2CR]``.

    Symbols are printed under stand-ins, because names may hold ``*`` (a vacant site) themselves.
    """
    symbols = sorted(expression.free_symbols, key=str)
    stand_ins = {symbol: sp.Symbol(f"§{number:04d}", positive=True) for number, symbol in enumerate(symbols)}
    if isinstance(expression, sp.Eq):
        text = " = ".join(sp.sstr(side.xreplace(stand_ins)) for side in expression.args)
    else:
        text = sp.sstr(expression.xreplace(stand_ins))
    text = text.replace("**", "^").replace("*", " ")
    for symbol, stand_in in stand_ins.items():
        text = text.replace(stand_in.name, symbol.name)
    return text


def latex_of(expression: sp.Basic) -> str:
    """Return an expression as LaTeX (math mode, without delimiters)."""
    names = {symbol: _latex_symbol(symbol.name) for symbol in expression.free_symbols if "[" in symbol.name}
    return str(sp.latex(expression, symbol_names=names))


def latex_reaction(reaction: Reaction) -> str:
    """Return a reaction as LaTeX."""
    sides = [
        " + ".join(f"{_latex_count(term.coefficient)}{_latex_name(term.name)}" for term in terms) or r"\varnothing"
        for terms in (reaction.left, reaction.right)
    ]
    return r" \rightleftharpoons ".join(sides)


def _latex_count(count: Fraction) -> str:
    if count == 1:
        return ""
    if count.denominator == 1:
        return rf"{count.numerator}\,"
    return rf"\tfrac{{{count.numerator}}}{{{count.denominator}}}\,"


def _latex_symbol(name: str) -> str:
    """Return the LaTeX of a constant ``K[X1]``, a total ``[A]0`` or a concentration ``[A]``."""
    ln_at = LN_AT.fullmatch(name)
    if ln_at is not None:
        return rf"\ln {_latex_symbol(ln_at[1])}({ln_at[2].replace('T0', 'T_{0}')})"
    indexed = INDEXED.fullmatch(name)
    if indexed is not None:
        stem = {"K": "K_{", "L0": "L_{0,", "W": "W_{"}[indexed[1]]
        return rf"{stem}\mathrm{{{_escaped(indexed[2])}}}}}"
    if name.startswith("theta["):
        return rf"\theta_{{{_latex_name(name[6:-1])}}}"
    if name.startswith("[") and name.endswith("]0"):
        return rf"[{_latex_name(name[1:-2])}]_{{0}}"
    if name.startswith("[") and name.endswith("]"):
        return f"[{_latex_name(name[1:-1])}]"
    return _latex_name(name)


def _latex_name(name: str) -> str:
    """Return a chemical name upright, counts as subscripts, every character of another meaning escaped."""
    pieces = SUBSCRIPT.split(name)
    # Odd pieces are the counts that the pattern captured.
    shown = [f"_{{{piece}}}" if number % 2 else _escaped(piece) for number, piece in enumerate(pieces)]
    return rf"\mathrm{{{''.join(shown)}}}"


def _escaped(text: str) -> str:
    return "".join(LATEX_SPECIAL.get(character, character) for character in text)

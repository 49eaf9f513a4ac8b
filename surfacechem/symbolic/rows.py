"""Rows for readers: a label, and the same content as plain text and as LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surfacechem.display import Table
from surfacechem.symbolic.typeset import latex_of, text_of

if TYPE_CHECKING:
    import sympy as sp

__all__ = ["Line", "Section", "formula_line", "plain_text", "words_line"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row: what it is about, and the same content as plain text and as LaTeX (math mode)."""

    label: str
    text: str
    latex: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows under one heading."""

    title: str
    lines: tuple[Line, ...]

    def to_table(self) -> Table:
        """Return the rows for text and HTML."""
        return Table(columns=(self.title, ""), rows=tuple((line.label, line.text) for line in self.lines))

    def to_latex(self) -> str:
        """Return the rows as a LaTeX align* block."""
        body = " \\\\\n".join(rf"  &\text{{{plain_text(line.label)}}} && {line.latex}" for line in self.lines)
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def plain_text(label: str) -> str:
    """Return a label that LaTeX's text mode takes literally."""
    special = {character: rf"\{character}" for character in "#$%&_{}"}
    special |= {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
    return "".join(special.get(character, character) for character in label)


def words_line(label: str, text: str) -> Line:
    """Return a row of words."""
    return Line(label=label, text=text, latex=rf"\text{{{plain_text(text)}}}")


def formula_line(label: str, expression: sp.Basic) -> Line:
    """Return a row with an expression."""
    return Line(label=label, text=text_of(expression), latex=latex_of(expression))

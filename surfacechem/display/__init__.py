"""How results look: rounding, tables and facts in text, terminal and HTML form, from one set of rows."""

from surfacechem.display.chemical import chemical, superscript
from surfacechem.display.escaping import escape, printable
from surfacechem.display.facts import Fact, Tone, facts_html, facts_text
from surfacechem.display.illustration import Illustration
from surfacechem.display.rounding import Rounded, round_estimate, round_number, si_prefix
from surfacechem.display.table import Cell, Table

__all__ = [
    "Cell",
    "Fact",
    "Illustration",
    "Rounded",
    "Table",
    "Tone",
    "chemical",
    "escape",
    "facts_html",
    "facts_text",
    "printable",
    "round_estimate",
    "round_number",
    "si_prefix",
    "superscript",
]

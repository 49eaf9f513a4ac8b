"""One set of rows, shown as plain text, as a terminal table, as HTML or as JSON values."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from surfacechem.display.escaping import escape, printable, text_width
from surfacechem.display.rounding import Rounded

if TYPE_CHECKING:
    from rich.table import Table as RichTable

__all__ = ["Cell", "Table"]

Cell = str | Rounded
GAP = "  "
LEAST_TEXT = 20
"""Letters that a line of a stacked table holds at least, however narrow the terminal is."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text and rounded numbers under column names.

    Attributes
    ----------
    columns : tuple of str
        Column names.
    rows : tuple of tuple of str or Rounded
        Cells; ``rows[i][j]`` stands in row ``i`` under ``columns[j]``.
    title : str
        Caption.
    notes : tuple of str
        Sentences below the table.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells, the table has {len(self.columns)} columns")

    def __str__(self) -> str:
        """Return the plain text form."""
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_text(self) -> str:
        """Return the table as plain text of aligned columns."""
        lines = [tuple(_line(name) for name in self.columns), *(_texts(row) for row in self.rows)]
        widths = [max(text_width(line[j]) for line in lines) for j in range(len(self.columns))]
        shown = [_aligned(line, widths) for line in lines]
        shown.insert(1, GAP.join("─" * width for width in widths))
        head = [printable(self.title)] if self.title else []
        return "\n".join([*head, *shown, *(printable(note) for note in self.notes)])

    def to_stack(self, width: int) -> str:
        """Return a block of lines for each row, for terminals that are narrower than the table.

        Parameters
        ----------
        width : int
            Columns of the terminal.
        """
        indent = 4 + max((text_width(_line(name)) for name in self.columns[1:]), default=0)
        blocks = [_block(_texts(row), self.columns, indent=indent, width=width) for row in self.rows]
        notes = [line for note in self.notes for line in textwrap.wrap(printable(note), width)]
        return "\n".join([*([printable(self.title), ""] if self.title else []), *blocks, *notes])

    def to_rich(self) -> RichTable:
        """Return the table for a rich console; markup in the cells is shown, not obeyed."""
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(
            title=Text(printable(self.title)) if self.title else None,
            caption=Text("\n".join(printable(note) for note in self.notes)) if self.notes else None,
            box=box.SIMPLE_HEAD,
            title_justify="left",
            caption_justify="left",
        )
        for name in self.columns:
            table.add_column(Text(_line(name)), overflow="fold")
        for row in self.rows:
            table.add_row(*(Text(text) for text in _texts(row)))
        return table

    def to_html(self) -> str:
        """Return an HTML table; numbers are typeset, text is escaped."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        body = "".join(f"<tr>{''.join(_html_cell(cell) for cell in row)}</tr>\n" for row in self.rows)
        caption = f"<caption>{escape(self.title)}</caption>\n" if self.title else ""
        notes = "".join(f'<p class="note">{escape(note)}</p>\n' for note in self.notes)
        filled = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>"
        return f'<table class="surfacechem">\n{caption}{filled}\n</table>\n{notes}'

    def to_records(self) -> list[dict[str, str]]:
        """Return one mapping per row, column name to plain text, for JSON."""
        return [dict(zip(self.columns, map(str, row), strict=True)) for row in self.rows]


def _line(text: str) -> str:
    return printable(" ".join(text.split())) if text else ""


def _texts(row: tuple[Cell, ...]) -> tuple[str, ...]:
    return tuple(_line(str(cell)) for cell in row)


def _block(texts: tuple[str, ...], columns: tuple[str, ...], *, indent: int, width: int) -> str:
    """Return the first cell alone and each other one that says something behind its column's name."""
    lines = [texts[0]]
    for name, text in zip(columns[1:], texts[1:], strict=True):
        label = "  " + _line(name)
        begin = label + " " * (indent - text_width(label))
        wrapped = textwrap.wrap(text, max(width - indent, LEAST_TEXT), break_on_hyphens=False)
        lines += [f"{begin if number == 0 else ' ' * indent}{line}" for number, line in enumerate(wrapped)]
    return "\n".join([*lines, ""])


def _aligned(texts: tuple[str, ...], widths: list[int]) -> str:
    padded = (text + " " * (width - text_width(text)) for text, width in zip(texts, widths, strict=True))
    return GAP.join(padded).rstrip()


def _html_cell(cell: Cell) -> str:
    if isinstance(cell, Rounded):
        return f'<td class="number">{escape(cell.typeset())}</td>'
    return f"<td>{escape(cell)}</td>"

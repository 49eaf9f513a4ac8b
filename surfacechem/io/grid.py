"""Text cut into cells, each of which knows its place in the file."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from surfacechem.errors import DataError, Location

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.io.source import Source

__all__ = ["Floats", "Grid", "Row", "cut", "is_number", "refuse_long_cells"]

Floats: TypeAlias = "NDArray[np.float64]"

MOST_COLUMNS: Final = 3_000
MOST_CELLS: Final = 500_000
LONGEST_CELL: Final = 2_000
"""Characters; what names and numbers mean is then found in no time, whatever is made to harm."""
MOST_FAULTS_OF_A_COLUMN: Final = 10
SAMPLE_LINES: Final = 60
SAMPLE_CHARACTERS: Final = 2_000
DELIMITERS: Final = (";", "\t", ",", "|")

# No two parts of these may take the same digits: trying every share of them would take the square of their number.
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_NUMBER_OR_NOTHING: Final = re.compile(f"(?:{_NUMBER.pattern})?")
_COMMA_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_COMMA_NUMBER_OR_NOTHING: Final = re.compile(r"(?:[-+]?(?:[0-9]+(?:,[0-9]*)?|,[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)?")
_EXCEL_HINT: Final = re.compile(r'"?sep=.?"?')
"""First line by which Excel tells itself the delimiter."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line: its number in the file, its text as written and its cells, stripped."""

    number: int
    text: str
    cells: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(self.cells)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The cells of a file, row by row, and the lines that start with ``#``.

    Attributes
    ----------
    file : str
        Name for messages.
    rows : tuple of Row
        Lines that are neither empty nor remarks.
    remarks : tuple of Row
        Lines that start with ``#``, each as one cell without the sign.
    delimiter : str
        What stood between cells; empty for a spreadsheet.
    is_comma_decimal : bool
        Whether numbers are written with a decimal comma.
    notes : tuple of str
        What was assumed, one sentence each.
    sheet : str
        Sheet of a workbook; empty for text.
    """

    file: str
    rows: tuple[Row, ...]
    remarks: tuple[Row, ...] = ()
    delimiter: str = ","
    is_comma_decimal: bool = False
    notes: tuple[str, ...] = field(default=())
    sheet: str = ""

    def where(self, row: Row, column: int | None = None) -> Location:
        """Return the place of a row, or of the cell ``column`` (from 0) of it."""
        start = None if column is None else _start(row, self.delimiter, column) + 1
        return Location(file=self.file, line=row.number, column=start, text=row.text)

    def number(self, row: Row, column: int, *, what: str) -> float | DataError:
        """Return the number in a cell, NaN where it is empty, or the fault."""
        cell = row.cells[column] if column < len(row.cells) else ""
        if not cell:
            return float("nan")
        plain = cell.replace(",", ".") if self.is_comma_decimal and _COMMA_NUMBER.fullmatch(cell) else cell
        is_mixed = self.is_comma_decimal and "." in cell
        value = float(plain) if is_number(plain) and not is_mixed else float("inf")
        if abs(value) != float("inf"):
            return value
        return DataError(
            what,
            found=f"'{cell[:40]}'",
            allowed="a number; an empty cell where nothing was measured",
            advice=_instead(cell, is_comma_decimal=self.is_comma_decimal),
            where=self.where(row, column),
        )

    def numbers(self, rows: tuple[Row, ...], column: int, *, what: str) -> tuple[Floats, list[DataError]]:
        """Return a column of numbers, NaN where empty or faulty, and the faults.

        Returns
        -------
        numbers : ndarray, shape (n_rows,)
            Entry ``[p]`` is the number in row ``p``, as written.
        faults : list of DataError
            Cells that hold something else.
        """
        cells = [row.cells[column] if column < len(row.cells) else "" for row in rows]
        fits = _COMMA_NUMBER_OR_NOTHING.fullmatch if self.is_comma_decimal else _NUMBER_OR_NOTHING.fullmatch
        if all(map(fits, cells)):
            values = np.array([float(cell.replace(",", ".")) if cell else np.nan for cell in cells])
            if not np.isinf(values).any():
                return values, []
        found = np.full(len(rows), np.nan)
        faults: list[DataError] = []
        for index, row in enumerate(rows):
            value = self.number(row, column, what=what)
            if not isinstance(value, DataError):
                found[index] = value
            elif len(faults) < MOST_FAULTS_OF_A_COLUMN:
                faults.append(value)
            else:  # a column of one repeated fault is known well enough
                advice, where = "correct the cells above first", self.where(row, column)
                faults.append(
                    DataError(what, found="further such cells", allowed="numbers", advice=advice, where=where)
                )
                break
        return found, faults


def is_number(cell: str) -> bool:
    """Return whether a cell holds a number with a decimal point."""
    return _NUMBER.fullmatch(cell) is not None


def _instead(cell: str, *, is_comma_decimal: bool) -> str:
    if is_comma_decimal and is_number(cell):
        return f"write '{cell.replace('.', ',')}': this file's other numbers have decimal commas"
    if _COMMA_NUMBER.fullmatch(cell):
        return f"write '{cell.replace(',', '.')}': this file's other numbers have decimal points"
    if "," in cell and "." in cell:
        return "write no sign between thousands"
    if cell == "?":
        return "write '?' in every row of a concentration to have it fitted; leave other cells empty"
    if cell.lower().strip("-+#") in {"nan", "n/a", "na", "inf", "infinity", "none", "null", "-", "div/0!"}:
        return "leave the cell empty"
    return "write the number alone, with its unit in the header"


def _start(row: Row, delimiter: str, column: int) -> int:
    """Return where in the line a cell begins, quoted cells minded."""
    if not delimiter:
        return sum(len(cell) + 3 for cell in row.cells[:column])
    starts = _starts(row.text, delimiter)
    position = starts[min(column, len(starts) - 1)]
    while position < len(row.text) - 1 and row.text[position] == " ":
        position += 1
    return position


@lru_cache(maxsize=4)
def _starts(text: str, delimiter: str) -> tuple[int, ...]:
    """Return where each cell of a line begins; kept, because all headers of a wide table ask in turn."""
    starts, is_quoted = [0], False
    for position, sign in enumerate(text):
        is_quoted ^= sign == '"'
        if sign == delimiter and not is_quoted:
            starts.append(position + 1)
    return tuple(starts)


def cut(source: Source, lines: list[str], *, notes: tuple[str, ...] = ()) -> Grid:
    """Cut lines into cells after finding delimiter and decimal sign.

    Raises
    ------
    DataError
        If the table has more columns or cells than any titration.
    """
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" \t,;|")]
    if numbered and _EXCEL_HINT.fullmatch(numbered[0][1].strip()):
        del numbered[0]
    marked = [(number, line.lstrip().lstrip('"').strip()) for number, line in numbered if _is_remark(line)]
    body = [(number, line) for number, line in numbered if not _is_remark(line)]
    delimiter = _delimiter([line for _, line in body[:SAMPLE_LINES]])
    widest = max((line.count(delimiter) + 1 for _, line in body), default=0)
    cells = sum(line.count(delimiter) + 1 for _, line in body)
    if widest > MOST_COLUMNS or cells > MOST_CELLS:
        found, allowed = f"{widest} columns, {cells} cells", f"at most {MOST_COLUMNS} columns and {MOST_CELLS} cells"
        raise source.refusal(found, allowed, "give one point per line; keep fewer wavelengths")
    rows = tuple(Row(number=number, text=line, cells=_cells(line, delimiter)) for number, line in body)
    remarks = tuple(Row(number=number, text=lines[number - 1], cells=(_remark(text),)) for number, text in marked)
    refuse_long_cells(source, (*rows, *remarks))
    is_comma = _has_comma_decimals(rows)
    if is_comma:
        notes = (*notes, "numbers read with decimal commas")
    return Grid(
        file=source.file, rows=rows, remarks=remarks, delimiter=delimiter, is_comma_decimal=is_comma, notes=notes
    )


def refuse_long_cells(source: Source, rows: tuple[Row, ...]) -> None:
    """Refuse a cell or a remark that no table has.

    Raises
    ------
    DataError
        With the line of the first one.
    """
    for row in rows:
        longest = max(map(len, row.cells)) if len(row.text) > LONGEST_CELL else 0
        if longest > LONGEST_CELL:
            found, allowed = f"a cell of {longest} characters", f"at most {LONGEST_CELL} characters"
            where, advice = Location(file=source.file, line=row.number), "keep names, numbers and remarks short"
            raise DataError(source.what, found=found, allowed=allowed, advice=advice, where=where)


def _is_remark(line: str) -> bool:
    return line.lstrip(' \t"').startswith("#")


def _remark(text: str) -> str:
    """Return a ``#`` line without its sign and without the delimiters and quotes that spreadsheets add."""
    return text.lstrip("#").rstrip(" \t,;").rstrip('"').strip()


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    if '"' not in line:
        return tuple([cell.strip() for cell in line.split(delimiter)])
    return tuple([cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))])


def _delimiter(sample: list[str]) -> str:
    """Return the sign between cells: one that cuts every line alike, else what clevercsv finds."""
    counts = {sign: [line.count(sign) for line in sample] for sign in DELIMITERS}
    present = [sign for sign in DELIMITERS if sample and min(counts[sign]) > 0]
    even = [sign for sign in present if min(counts[sign]) == max(counts[sign])]
    if even or present:
        return (even or present)[0]
    seen = [sign for sign in DELIMITERS if sum(counts[sign])]
    return seen[0] if len(seen) == 1 else _sniffed("\n".join(sample), seen)


def _sniffed(sample: str, seen: list[str]) -> str:
    """Ask clevercsv, which weighs how much of the cells looks like data under each dialect."""
    if not seen:
        return ","
    from clevercsv import Detector
    from clevercsv.exceptions import NoDetectionResult

    try:
        found = Detector().detect(sample[:SAMPLE_CHARACTERS], delimiters=seen)
    except NoDetectionResult:
        return seen[0]
    return found.delimiter if found is not None and found.delimiter in seen else seen[0]


def _has_comma_decimals(rows: tuple[Row, ...]) -> bool:
    """Return whether decimal commas outnumber decimal points."""
    commas = sum(1 for row in rows for cell in row.cells if "," in cell and _COMMA_NUMBER.fullmatch(cell))
    if not commas:
        return False
    return commas > sum(1 for row in rows for cell in row.cells if "." in cell and is_number(cell))

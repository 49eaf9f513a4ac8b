"""Excel workbooks: unpacked within bounds, then read by python-calamine."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from surfacechem.errors import DataError
from surfacechem.io.grid import MOST_COLUMNS, Grid, Row, refuse_long_cells

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

    from surfacechem.io.source import Source

__all__ = ["is_workbook", "read_workbook"]

MOST_CELLS: Final = 200_000
MOST_UNPACKED: Final = 16_000_000
MOST_MEMBERS: Final = 500
MOST_STRING_BYTES: Final = 50_000_000

_REFERENCE: Final = re.compile(
    rb"""\b(?:r|ref)\s*=\s*["'](?:[A-Za-z0-9$]{1,12}:)?\$?([A-Za-z]{0,3})\$?([0-9]{1,9})["']"""
)
_CELL: Final = re.compile(rb"<(?:[A-Za-z]+:)?c\b")
_SHARED: Final = re.compile(rb"""\bt\s*=\s*["']s["']""")
_FORBIDDEN: Final = re.compile(rb"""<!(?:DOCTYPE|ENTITY)|\0|\br\s*=\s*["'][^"'<>]{0,40}&""")


def is_workbook(source: Source) -> bool:
    """Return whether the file is a zip archive with an Excel workbook; another archive is refused."""
    if not source.data.startswith(b"PK\x03\x04"):
        return False
    if b"xl/workbook.xml" in source.data:
        return True
    advice = "unpack it and give the file inside; save a spreadsheet as .xlsx or CSV"
    raise source.refusal("a zip archive without an Excel workbook", "text (CSV) or .xlsx", advice)


def read_workbook(source: Source, sheet: str | None) -> Grid:
    """Return the cells of one sheet: the one named, else the first that holds a table.

    Raises
    ------
    DataError
        If the archive is damaged, unpacks to more than any titration needs, or has no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_repacked(source)))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except CalamineError as error:
        raise _damaged(source, str(error)) from error
    filled = [found for found in sheets if found.height > 1 and found.width > 1]
    names = [found.name for found in sheets]
    chosen = [found for found in sheets if found.name == sheet] if sheet is not None else filled
    if not chosen:
        found_text = "no sheet with a table" if sheet is None else f"no sheet '{sheet[:40]}'"
        raise source.refusal(found_text, "one of: " + ", ".join(names)[:200], "name a sheet that holds the table")
    others = [found.name for found in filled if found is not chosen[0]]
    notes = [f"sheet '{chosen[0].name}' read"]
    if others and sheet is None:
        notes.append("other sheets left out: " + ", ".join(others)[:200])
    return _grid(source, chosen[0], tuple(notes))


def _damaged(source: Source, reason: str) -> DataError:
    return source.refusal(f"a damaged workbook ({reason[:80]})", "an .xlsx file", "open it in Excel and save it again")


def _repacked(source: Source) -> bytes:
    """Return the workbook as an archive whose unpacked size is known, whatever the original claims."""
    members = _members(source)
    _check(source, members)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as copy:
        for name, content in members.items():
            copy.writestr(name, content)
    return packed.getvalue()


def _members(source: Source) -> dict[str, bytes]:
    """Return the unpacked members, or refuse the archive before it has filled the memory."""
    members: dict[str, bytes] = {}
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            for info in archive.infolist()[: MOST_MEMBERS + 1]:
                with archive.open(info) as stream:
                    members[info.filename] = stream.read(left + 1)
                left -= len(members[info.filename])
                if left < 0 or len(members) > MOST_MEMBERS:
                    raise _too_large(source, f"more than {MOST_UNPACKED // 10**6} MB or {MOST_MEMBERS} members")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise _damaged(source, str(error)) from error
    return members


def _check(source: Source, members: dict[str, bytes]) -> None:
    """Refuse what a small archive can use to make a large table: far corners, long shared strings, entities."""
    uses, longest = 0, 0
    for name, content in members.items():
        if not name.endswith((".xml", ".rels")):
            continue
        if _FORBIDDEN.search(content):
            raise _damaged(source, "it defines XML entities, or is no plain XML")
        corners = [(match[1], match[2]) for match in _REFERENCE.finditer(content)]
        height = max((int(row) for _, row in corners), default=0)
        width = max((_column_number(letters) for letters, _ in corners), default=0)
        cells = len(_CELL.findall(content))
        if width > MOST_COLUMNS or height * width > MOST_CELLS or cells > MOST_CELLS:
            raise _too_large(source, f"a sheet of {height} rows and {width} columns")
        uses += len(_SHARED.findall(content))
        longest = max(longest, *map(len, content.split(b"<si")[1:]), 0)
    if uses * longest > MOST_STRING_BYTES:
        raise _too_large(source, f"{uses} cells of up to {longest} characters")


def _too_large(source: Source, found: str) -> DataError:
    allowed = f"{MOST_UNPACKED // 10**6} MB, {MOST_COLUMNS} columns, {MOST_CELLS} cells"
    return source.refusal(found, "at most " + allowed, "keep one titration per workbook")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _grid(source: Source, sheet: CalamineSheet, notes: tuple[str, ...]) -> Grid:
    rows, remarks = [], []
    for number, values in enumerate(sheet.to_python(skip_empty_area=False), 1):
        cells = tuple([_text(value) for value in values])
        row = Row(number=number, text=" | ".join(cells).rstrip(" |"), cells=cells)
        if cells and cells[0].startswith("#"):
            remarks.append(Row(number=number, text=row.text, cells=(cells[0].lstrip("# ").strip(),)))
        elif not row.is_empty:
            rows.append(row)
    refuse_long_cells(source, (*rows, *remarks))
    if not rows:
        raise source.refusal("an empty sheet", "a table", "name the sheet that holds the table")
    return Grid(file=source.file, rows=tuple(rows), remarks=tuple(remarks), delimiter="", notes=notes, sheet=sheet.name)


def _text(value: object) -> str:
    """Return a cell as text; numbers in full so that nothing is lost."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()

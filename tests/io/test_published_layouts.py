"""Files as other programs write them, and the real ones where they lie."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import openpyxl  # type: ignore[import-untyped]  # ships no types
import pytest

from surfacechem.errors import DataError
from surfacechem.io import read, read_all
from surfacechem.records import Technique

if TYPE_CHECKING:
    from pathlib import Path

MUSKETEER = """\
\ufeffAddition title,400,399,,Stock 1 volume (uL),Stock 2 volume (uL),,,Stock 1,Stock 2
first,0.5,0.6,,2000,0,,[Host] (mM),0.05,0.05
second,0.4,0.7,,2000,2000,,[Guest] (mM),0,?
"""


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    """Write sheets of cells to an .xlsx file."""
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


TABLE: list[list[object]] = [
    ["Host / mM", "Guest concentration", "Proton 1", "Proton 2"],
    [2, 0, 8.1, 7.5],
    [2, 0.01, 8.2, 7.6],
]


def test_bindfit_csv(tmp_path: Path) -> None:
    """Unlabelled concentrations are mol/L and the file's notes say so."""
    (tmp_path / "a.csv").write_text("Host,Guest,Proton 1\n0.001,0,8.1\n0.001,0.002,8.2\n")
    data = read(tmp_path / "a.csv")
    assert data.feeds == ("Host", "Guest")
    np.testing.assert_array_equal(data.amounts, [[1e-3, 0], [1e-3, 2e-3]])
    assert any("'Guest'" in note and "mol/L" in note for note in data.notes)
    assert any("technique not given" in note for note in data.notes)


def test_rename_gives_the_models_names(tmp_path: Path) -> None:
    """A header renamed to a bare name names the feed."""
    (tmp_path / "a.csv").write_text("H,G,d\n0.001,0,8.1\n0.001,0.002,8.2\n")
    assert read(tmp_path / "a.csv", rename={"H": "TCNB", "delta": "shift"}).feeds == ("TCNB", "G")
    assert read(tmp_path / "a.csv", rename={"delta": "shift"}).signals[0].name == "shift"


def test_wavelength_headers_mean_spectra(tmp_path: Path) -> None:
    """Numbers as headers are wavelengths, unless the technique says otherwise."""
    (tmp_path / "a.csv").write_text("Host,Guest,400,410\n0.001,0,0.5,0.6\n")
    (signal,) = read(tmp_path / "a.csv").signals
    assert (signal.name, signal.technique) == ("A", Technique.UV_VIS)
    (signal,) = read(tmp_path / "a.csv", technique="fluorescence").signals
    assert (signal.name, signal.technique) == ("F", Technique.FLUORESCENCE)


def test_bindfit_workbook(tmp_path: Path) -> None:
    """The first sheet with a table is read, the others are named in the notes."""
    path = workbook(tmp_path / "a.xlsx", [["only a title"]], TABLE, [["a", "b"], [1, 2]])
    data = read(path)
    np.testing.assert_allclose(data.amounts, [[2e-3, 0], [2e-3, 0.01]])
    assert data.signals[0].channels == ("Proton 1", "Proton 2")
    assert any("other sheets left out: Sheet2" in note for note in data.notes)


def test_own_layout_in_a_workbook(tmp_path: Path) -> None:
    """Our '#' lines and headers work in a spreadsheet as well."""
    rows: list[list[object]] = [
        ["# titrant: A 50 mM"],
        ["# cell: P 1 mM"],
        ["# volume: 1 mL"],
        ["added [uL]", "bound [mM]"],
    ]
    data = read(workbook(tmp_path / "a.xlsx", [*rows, [0, 0], [1000, 3]]))
    np.testing.assert_allclose(data.amounts, [[1e-3, 0], [5e-4, 25e-3]])


def test_sheet_may_be_named(tmp_path: Path) -> None:
    """A sheet is read by name; an unknown one is refused with those there are."""
    path = workbook(tmp_path / "a.xlsx", [["x", "y"], [1, 2]], TABLE)
    assert read(path, sheet="Sheet1").n_points == 2
    with pytest.raises(DataError, match="one of: Sheet, Sheet1"):
        read(path, sheet="Data")


def test_fault_in_a_workbook_has_a_caret(tmp_path: Path) -> None:
    """A faulty cell is shown with its row and a caret below it."""
    path = workbook(tmp_path / "a.xlsx", [*TABLE, [2, "much", 8.2, 7.6]])
    with pytest.raises(DataError, match=r"a.xlsx:4:5: column 'Guest concentration': found 'much'\n.*2 \| much"):
        read(path)


def test_musketeer_csv(tmp_path: Path) -> None:
    """Stocks, volumes and spectra are joined; '?' is an unknown concentration."""
    (tmp_path / "a.csv").write_text(MUSKETEER, encoding="utf-8")
    data = read(tmp_path / "a.csv")
    assert data.feeds == ("Host", "Guest")
    np.testing.assert_allclose(data.amounts[:, 0], [5e-5, 5e-5])
    assert np.isnan(data.amounts[:, 1]).all()
    assert data.labels == ("first", "second")
    assert data.signals[0].axis is not None
    np.testing.assert_array_equal(data.signals[0].axis, [400, 399])


def test_musketeer_without_stocks_is_refused(tmp_path: Path) -> None:
    """A file without the table of stocks is incomplete."""
    (tmp_path / "a.csv").write_text("Addition title,400\nfirst,0.5\n")
    with pytest.raises(DataError, match="a part missing"):
        read(tmp_path / "a.csv")


def archive(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as stream:
        for name, content in members.items():
            stream.writestr(name, content)
    return path


def with_sheet(path: Path, xml: bytes, *, strings: bytes | None = None) -> Path:
    """Return a workbook whose sheet is replaced."""
    stream = io.BytesIO()
    workbook(path, TABLE)
    stream.write(path.read_bytes())
    with zipfile.ZipFile(stream) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members["xl/worksheets/sheet1.xml"] = xml
    if strings is not None:
        members["xl/sharedStrings.xml"] = strings
    return archive(path, members)


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
STRINGS = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%s</t></si></sst>'


def test_far_corner_is_refused(tmp_path: Path) -> None:
    """Two cells in opposite corners of a sheet do not make a table of ten billion cells."""
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(DataError, match="1048576 rows and 16384 columns"):
        read(with_sheet(tmp_path / "a.xlsx", SHEET % cells))


def test_long_shared_string_is_refused(tmp_path: Path) -> None:
    """One long text used in many cells does not fill the memory."""
    cells = b'<row r="1">' + b'<c t="s"><v>0</v></c>' * 9000 + b"</row>"
    path = with_sheet(tmp_path / "a.xlsx", SHEET % cells, strings=STRINGS % (b"x" * 1_000_000))
    with pytest.raises(DataError, match="9000 cells of up to"):
        read(path)


def test_bomb_is_refused(tmp_path: Path) -> None:
    """A member that unpacks to a gigabyte is refused while it is unpacked."""
    path = with_sheet(tmp_path / "a.xlsx", SHEET % (b" " * 100_000_000))
    with pytest.raises(DataError, match="more than 16 MB"):
        read(path)


def test_entities_are_refused(tmp_path: Path) -> None:
    """XML that defines entities is no workbook of a spreadsheet program."""
    with pytest.raises(DataError, match="XML entities"):
        read(with_sheet(tmp_path / "a.xlsx", b'<!DOCTYPE a [<!ENTITY b "c">]>' + SHEET % b""))


@pytest.mark.parametrize("cut", [10, 200, 2000, 4000])
def test_damaged_workbook(tmp_path: Path, cut: int) -> None:
    """A workbook cut short is refused as damaged."""
    path = workbook(tmp_path / "a.xlsx", TABLE)
    path.write_bytes(b"PK\x03\x04xl/workbook.xml" + path.read_bytes()[cut:-cut])
    with pytest.raises(DataError, match="damaged"):
        read(path)


def test_sheet_of_a_workbook_beside_text(tmp_path: Path) -> None:
    """A sheet belongs to the workbooks among the files; it used to be refused where one was text."""
    rows: list[list[object]] = [["total P [mM]", "x [mM]"], [1, 2], [1, 3]]
    book = workbook(tmp_path / "a.xlsx", [["a", "b"], [1, 2]], rows)
    (tmp_path / "b.csv").write_text("total P [mM], x [mM]\n1, 2\n")
    both = read_all([book, tmp_path / "b.csv"], sheet="Sheet1")
    assert [data.n_points for data in both] == [2, 1]
    assert [data.meta["reading"].get("sheet") for data in both] == ["Sheet1", None]

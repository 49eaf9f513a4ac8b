"""Files of instruments: Cary spectra, Origin heats, and texts that hold no titration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import DataError, SurfaceChemError
from surfacechem.io import read
from surfacechem.records import Technique

if TYPE_CHECKING:
    from pathlib import Path

# Synthetic files in the layouts of the instruments.
CARY = """\
blank,,5 uL,,10 uL,,
Wavelength (nm),Abs,Wavelength (nm),Abs,Wavelength (nm),Abs,
420.0,0.10,420.0,0.20,420.0,0.30,
410.0,0.11,410.0,0.21,410.0,0.31,

blank
Collection Time: 01/02/2026 10:00:00
Scan Rate (nm/min): 600
"""
JOINED = """\
# cell: P 1 mmol/L
# titrant: A 10 mmol/L
# volume: 1 mL
# spectra: cary.csv
# path: 0.5 cm
sample, added [uL]
10 uL, 1000
5 uL, 1000
"""
HEATS = "10\r\n0,2,0,0,0\r\n25.0,0.1,1,1.0,0\r\n0\r\n0\r\n1,0.5\r\n99,-40.0\r\n"


def test_cary_spectra(tmp_path: Path) -> None:
    """Pairs of columns become spectra on a descending axis; the notes say that concentrations are missing."""
    (tmp_path / "cary.csv").write_text(CARY)
    data = read(tmp_path / "cary.csv")
    (signal,) = data.signals
    assert (data.labels, data.feeds) == (("blank", "5 uL", "10 uL"), ())
    assert signal.axis is not None
    np.testing.assert_array_equal(signal.axis, [420, 410])
    np.testing.assert_array_equal(signal.values[1], [0.20, 0.21])
    assert any("# spectra: cary.csv" in note for note in data.notes)


def test_cary_with_decimal_commas(tmp_path: Path) -> None:
    """The same file of a German machine reads the same."""
    (tmp_path / "a.csv").write_text(CARY.replace(",", ";").replace(".", ","), encoding="cp1252")
    np.testing.assert_array_equal(read(tmp_path / "a.csv").signals[0].values[:, 0], [0.1, 0.2, 0.3])


def test_spectra_join_a_table_by_name(tmp_path: Path) -> None:
    """A table of volumes takes its spectra from the file beside it, by sample name."""
    (tmp_path / "cary.csv").write_text(CARY)
    (tmp_path / "a.csv").write_text(JOINED)
    data = read(tmp_path / "a.csv")
    np.testing.assert_array_equal(data.signals[0].values[:, 0], [0.3, 0.2])
    np.testing.assert_allclose(data.amounts, [[5e-4, 5e-3]] * 2)
    assert data.signals[0].path_length == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("10 uL, 1000", "11 uL, 1000"), "'11 uL', which is no spectrum"),
        (("sample", "text [1]"), "no column of names|says nothing"),
        (("cary.csv", "other.csv"), "other.csv"),
        (("cary.csv", "../cary.csv"), "a file in the same folder"),
        (("cary.csv", "a.csv"), "another layout"),
    ],
)
def test_spectra_that_do_not_join(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """A missing spectrum, file or column of names is refused."""
    (tmp_path / "cary.csv").write_text(CARY)
    (tmp_path / "a.csv").write_text(JOINED.replace(*change))
    with pytest.raises(SurfaceChemError, match=message):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("410.0,0.21", "411.0,0.21"), "spectrum '5 uL': found other wavelengths"),
        (("Abs", "%T"), "'%T'"),
        (("0.31", "over"), "absorbance of '10 uL': found 'over'"),
    ],
)
def test_cary_faults(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """Other axes, transmission and text among the numbers are refused with their place."""
    (tmp_path / "a.csv").write_text(CARY.replace(*change))
    with pytest.raises(SurfaceChemError, match=message):
        read(tmp_path / "a.csv")


def test_origin_heats(tmp_path: Path) -> None:
    """Injections displace the cell's content; heats are in joule, with the names that the caller gives."""
    (tmp_path / "a.DH").write_bytes(HEATS.encode())
    data = read(tmp_path / "a.DH", rename={"cell": "P", "syringe": "A"})
    assert data.feeds == ("P", "A")
    kept = 0.999 * 0.901
    np.testing.assert_allclose(data.amounts[1], [1e-4 * kept, 1e-3 * (1 - kept)], rtol=1e-13)
    np.testing.assert_allclose(data.signals[0].values[:, 0], [0.5 * 4.184e-6, -40 * 4.184e-6])
    assert (data.signals[0].technique, data.temperature) == (Technique.ITC, 298.15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("25.0,0.1", "25.0,-1"), "concentration in the cell"),
        (("99,", "-99,"), "injected volume"),
        (("99,", "1000,"), "less than the cell"),
    ],
)
def test_origin_faults(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """Settings and injections must be above zero."""
    (tmp_path / "a.DH").write_text(HEATS.replace(*change))
    with pytest.raises(DataError, match=message):
        read(tmp_path / "a.DH")


def worksheet(heats: list[float], volumes: list[float]) -> str:
    """Return Origin's worksheet of heats: 1 mmol/L into 0.1 mmol/L in 1.434 mL, digits cut as Origin does."""
    half = np.concatenate([[0.0], np.cumsum(volumes)]) / (2 * 1434.0)
    syringe, cell = 2 * half / (1 + half), 0.1 * (1 - half) / (1 + half)
    rows = [
        f"{heat}\t{v}\t{syringe[i]:.5f}\t{cell[i]:.5f}\t0.1\t{1e3 * heat / v:.5f}"
        for i, (heat, v) in enumerate(zip(heats, volumes, strict=True))
    ]
    last = f"\t--\t{syringe[-1]:.5f}\t{cell[-1]:.5f}\t--\t"
    return "\n".join(["DH\tINJV\tXt\tMt\tXMt\tNDH", *rows, last, ""])


def test_origin_worksheet(tmp_path: Path) -> None:
    """Syringe and cell are found back from the worksheet's own columns, to the digits it has."""
    heats = [-5.0, -29.0, -28.9, -9.1, -1.6]
    (tmp_path / "a.DAT").write_text(worksheet(heats, [2.0, 40.0, 40.0, 40.0, 40.0]))
    data = read(tmp_path / "a.DAT", rename={"cell": "P", "syringe": "A"})
    assert data.feeds == ("P", "A")
    assert data.initial_volume == pytest.approx(1.434e-3, rel=1e-3)
    np.testing.assert_allclose(data.signals[0].values[:, 0], np.array(heats) * 4.184e-6)
    kept = np.cumprod(1 - np.array([2.0, 40.0, 40.0, 40.0, 40.0]) / 1434.0)
    np.testing.assert_allclose(data.amounts[:, 1], 1e-3 * (1 - kept), rtol=2e-3)
    assert any("1 mmol/L in the syringe" in note for note in data.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [(("\t--\t", "\t--\tx\tx"), "column 'Mt'"), (("-29.0\t40.0", "-29.0\t-40.0"), "injected volume")],
)
def test_origin_worksheet_faults(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """A lost last row and a negative injection are refused."""
    (tmp_path / "a.DAT").write_text(worksheet([-5.0, -29.0, -9.0], [2.0, 40.0, 40.0]).replace(*change))
    with pytest.raises(DataError, match=message):
        read(tmp_path / "a.DAT")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$ITC\n$ 20\n$NOT\n0.5,1.2,25.0\n", "temperature"),
        ("##TITLE= x\n##JCAMP-DX= 5.00\n", "JCAMP-DX"),
        ("DH\tINJV\tXt\tMt\tXMt\tNDH\n-2.1\t2\t0\t0\t0\t0\n--\t\t0\t0\t--\t\n", "not in the worksheet"),
        ("Wavelength,S1,S2\n400,0.1,0.2\n", "the concentration 400"),
    ],
)
def test_texts_that_are_no_titration(tmp_path: Path, text: str, message: str) -> None:
    """Other files of instruments are recognised, not misread as concentrations."""
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(SurfaceChemError, match=message) as caught:
        read(tmp_path / "a.txt")
    assert "instead:" in str(caught.value)

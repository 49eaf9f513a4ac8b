"""JCAMP-DX spectra: plain and squeezed numbers, wavenumbers, several in a file, damage, the missing extra."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import MissingExtraError, SurfaceChemError
from surfacechem.io import read

if TYPE_CHECKING:
    from pathlib import Path

# Synthetic files after the published standard (JCAMP-DX 4.24).
PLAIN = """\
##TITLE= blank
##JCAMP-DX= 4.24
##DATA TYPE= UV/VIS SPECTRUM
##XUNITS= NANOMETERS
##YUNITS= ABSORBANCE
##XFACTOR= 1
##YFACTOR= 0.001
##FIRSTX= 400
##LASTX= 405
##NPOINTS= 6
##XYDATA= (X++(Y..Y))
400 100 110 120
403 130 140 150
##END=
"""
SQUEEZED = PLAIN.replace("400 100 110 120\n403 130 140 150\n", "400A00A10A20A30A40A50\n").replace("blank", "5 uL")
LINK = "##TITLE= series\n##DATA TYPE= LINK\n##BLOCKS= 2\n" + PLAIN + SQUEEZED + "##END=\n"
ABSORBANCE = np.array([0.10, 0.11, 0.12, 0.13, 0.14, 0.15])


@pytest.mark.parametrize("text", [PLAIN, SQUEEZED], ids=["plain", "squeezed"])
def test_one_spectrum(tmp_path: Path, text: str) -> None:
    """Absorbances and wavelengths come out scaled; the notes say that concentrations are missing."""
    (tmp_path / "a.jdx").write_text(text)
    data = read(tmp_path / "a.jdx")
    (signal,) = data.signals
    np.testing.assert_allclose(signal.values, [ABSORBANCE])
    assert signal.axis is not None
    np.testing.assert_allclose(signal.axis, np.arange(400.0, 406.0))
    assert any("# spectra: a.jdx" in note for note in data.notes)


def test_wavenumbers_are_positions(tmp_path: Path) -> None:
    """25000 per cm are 400 nm."""
    text = (
        PLAIN.replace("NANOMETERS", "1/CM")
        .replace("FIRSTX= 400", "FIRSTX= 25000")
        .replace("LASTX= 405", "LASTX= 20000")
    )
    (tmp_path / "a.jdx").write_text(text.replace("400 ", "25000 ").replace("403 ", "22000 "))
    axis = read(tmp_path / "a.jdx").signals[0].axis
    assert axis is not None
    np.testing.assert_allclose(axis, 1e7 / np.linspace(25000, 20000, 6), rtol=1e-8)


def test_linked_spectra_join_a_table(tmp_path: Path) -> None:
    """A file of several spectra gives each row of a table its own, by title."""
    (tmp_path / "s.jdx").write_text(LINK)
    table = "# cell: P 1 mmol/L\n# titrant: A 10 mmol/L\n# volume: 1 mL\n# spectra: s.jdx\nsample, added [uL]\n"
    (tmp_path / "a.csv").write_text(table + "blank, 0\n5 uL, 5\n")
    data = read(tmp_path / "a.csv")
    np.testing.assert_allclose(data.signals[0].values, [ABSORBANCE] * 2)
    assert data.feeds == ("P", "A")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("ABSORBANCE", "TRANSMITTANCE"), "TRANSMITTANCE against NANOMETERS"),
        (("UNITS= NANOMETERS", "UNITS= HZ"), "against HZ"),
        (("130 140", "130 ; 140"), r"damaged JCAMP-DX \(Exception: Unknown character"),
        (("##NPOINTS= 6\n", ""), "damaged JCAMP-DX"),
        (("##END=\n", "##END=\n#\n"), "damaged JCAMP-DX"),
        (("130 140 150", "130 140"), "damaged JCAMP-DX"),
        (("NPOINTS= 6", "NPOINTS= 7"), "damaged JCAMP-DX"),
        (("NPOINTS= 6", "NPOINTS= 1"), "damaged JCAMP-DX"),
        (("NPOINTS= 6", "NPOINTS= 900000000"), "at most 100000"),
        (("NPOINTS= 6", "NPOINTS= 1e999"), "at most 100000"),
        (("##NPOINTS= 6", "### npoints = ９００００００００"), "at most 100000"),
        (("FIRSTX= 400", "FIRSTX= many"), "damaged JCAMP-DX"),
        (("YFACTOR= 0.001", "YFACTOR= 1e999"), "not finite"),
        (("##XYDATA", "##NOTHING"), "damaged JCAMP-DX"),
        (("400 100", "400 " + "9" + "Z" * 1500), "damaged JCAMP-DX|more"),
        (("400 100 110 120\n", ("A" * 60 + "Z" * 1900 + "\n") * 20), "values that unfold"),
    ],
)
def test_damage_is_refused_soon(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """Wrong units, lost points and numbers made to fill the memory are refused within a second."""
    (tmp_path / "a.jdx").write_text(PLAIN.replace(*change))
    start = time.process_time()
    with pytest.raises(SurfaceChemError, match=message):
        read(tmp_path / "a.jdx")
    assert time.process_time() - start < 1.0


def test_wavelength_of_zero_is_refused(tmp_path: Path) -> None:
    """It used to become an infinite energy, with a warning of numpy's; found by the fuzz."""
    (tmp_path / "a.jdx").write_text(SQUEEZED.replace("FIRSTX= 400", "FIRSTX= 0"))
    with pytest.raises(SurfaceChemError, match="a wavelength that is not positive"):
        read(tmp_path / "a.jdx")


def test_missing_extra_names_the_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the error is the line that installs it."""
    monkeypatch.setitem(sys.modules, "jcamp", None)
    (tmp_path / "a.jdx").write_text(PLAIN)
    with pytest.raises(MissingExtraError, match=r'pip install "surfacechem\[spectra\]"'):
        read(tmp_path / "a.jdx")

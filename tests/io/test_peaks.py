"""Peak lists and integrals of MestReNova, alone and joined to a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import read
from surfacechem.records import Technique

if TYPE_CHECKING:
    from pathlib import Path

# Synthetic files in the two layouts of the program.
GROUP = "ppm,Intensity,Width,Area,Type,Flags,Impurity/Compound,Annotation"
GROUPS = f""",{GROUP},,{GROUP}
1,7.30,0.1,3.46,10.0,Compound,None,,,3,5.30,0,2.13,4.0,Compound,None,,
2,7.20,0.1,3.46,30.0,Compound,None,,,,,,,,,,,
"""
BARE = "\n7.40\t4414.9\t0.79\t20.0\tArtifact\tWeak\t\t\n5.30\t5484.4\t4.07\t5.0\tCompound\tNone\t\t\n"
TABLE = """\
# cell: P 1 mmol/L
# titrant: A 10 mmol/L
# volume: 1 mL
# shift: Ha = 7.1..7.5 ppm
# integral: bound = 5.6..5.2
sample, added [uL]
groups.csv, 0
bare.txt, 10
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a table and the peak lists that it names."""
    (tmp_path / "groups.csv").write_text(GROUPS)
    (tmp_path / "bare.txt").write_text(BARE)
    (tmp_path / "a.csv").write_text(TABLE)
    return tmp_path


def test_peak_list_alone(folder: Path) -> None:
    """One list is one spectrum: areas by position, and the advice how to join a series."""
    data = read(folder / "groups.csv")
    (signal,) = data.signals
    assert (data.n_points, signal.technique) == (1, Technique.NMR_INTEGRAL)
    assert signal.channels == ("7.3 ppm", "7.2 ppm", "5.3 ppm")
    np.testing.assert_array_equal(signal.values, [[10.0, 30.0, 4.0]])
    assert any("# integral:" in note for note in data.notes)


def test_series_joined_by_ranges(folder: Path) -> None:
    """Shifts are means weighted by area, integrals are sums, whichever layout a list has."""
    data = read(folder / "a.csv")
    by_name = {signal.name: signal for signal in data.signals}
    np.testing.assert_allclose(by_name["delta"].values[:, 0], [(7.3 * 10 + 7.2 * 30) / 40, 7.4])
    np.testing.assert_array_equal(by_name["bound"].values[:, 0], [4.0, 5.0])
    assert by_name["bound"].technique is Technique.NMR_INTEGRAL
    assert sum("areas" in note or "weighted" in note for note in data.notes) == 2


def test_standard_turns_areas_into_concentrations(folder: Path) -> None:
    """The standard's own range makes absolute integrals of the areas, by the lines that any table uses."""
    lines = "# standard: 2 mmol/L, 9 H\n# protons: bound = 2\n# integral: standard = 7.1..7.5, bound = 5.2..5.6\n"
    text = TABLE.replace("# shift: Ha = 7.1..7.5 ppm\n# integral: bound = 5.6..5.2\n", lines)
    (folder / "a.csv").write_text(text)
    (signal,) = read(folder / "a.csv").signals
    np.testing.assert_allclose(signal.values[:, 0], [2e-3 * 9 / 2 * 4 / 40, 2e-3 / 1.01 * 9 / 2 * 5 / 20])
    assert signal.unit == "mol/L"


def test_no_peak_is_not_measured(folder: Path) -> None:
    """A range without a peak leaves an empty cell, not a zero."""
    (folder / "a.csv").write_text(TABLE.replace("5.6..5.2", "1..2"))
    by_name = {signal.name: signal for signal in read(folder / "a.csv").signals}
    assert np.isnan(by_name["bound"].values).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("bare.txt", "gone.txt"), "gone.txt"),
        (("bare.txt", "../bare.txt"), "a file in the same folder"),
        (("bare.txt", "a.csv"), "another layout"),
        (("sample", "of"), "a column 'sample'"),
        (("7.1..7.5", "7.1"), "two shifts in ppm"),
    ],
)
def test_series_that_does_not_join(folder: Path, change: tuple[str, str], message: str) -> None:
    """Missing lists, lists elsewhere, other files and half ranges are refused."""
    (folder / "a.csv").write_text(TABLE.replace(*change))
    with pytest.raises(SurfaceChemError, match=message):
        read(folder / "a.csv")


@pytest.mark.parametrize(
    "header",
    ["Time (s),Power,T", "Wavelength,S1,S2", "ppm,real,imag", "2theta,I,bkg", "Temp.,A,B", "energy eV,a,b"],
)
def test_foreign_table_is_not_taken_for_a_titration(tmp_path: Path, header: str) -> None:
    """Three columns of small numbers are no host, guest and signal if their names say something else."""
    (tmp_path / "a.csv").write_text(header + "\n0.001,0.5,1\n0.002,0.6,2\n")
    with pytest.raises(SurfaceChemError, match="a name of something else"):
        read(tmp_path / "a.csv")


def test_noise_is_not_taken_for_a_concentration(tmp_path: Path) -> None:
    """What rises and falls has not been added step by step; a full header lets it pass."""
    text = "a,b,c\n0.01,0.02,8.1\n0.02,0.01,8.2\n0.03,0.02,8.3\n"
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(
        SurfaceChemError, match=r"column 'b': found values that rise and fall(.|\n)*'total b \[mmol/L\]'"
    ):
        read(tmp_path / "a.csv")
    named = read(tmp_path / "a.csv", rename={"a": "total a [M]", "b": "total b [M]", "c": "delta c [ppm]"})
    np.testing.assert_array_equal(named.amounts[:, 1], [0.02, 0.01, 0.02])


# Synthetic, in the layout of the program's data analysis.
INTEGRALS = """\
,,,,,,
#,X(I),Y(X),Y'(X),,,
Model,ARR_DATA(I),"Integral(5.700,5.450)","Integral(0.150,0.050)",,,
1,0.000,0.10,1.00,,,
2,225.000,4.20,1.00,,,
3,484.000,6.80,0.50,,,
"""
JOINT = """\
# cell: P 1 mmol/L
# titrant: A 10 mmol/L
# volume: 1 mL
# standard: 2 mmol/L, 9 H
# protons: bound = 2
# series: series.csv
# integral: standard = 0..0.2, bound = 5.4..5.8
sample, added [uL]
1, 0
3, 10
"""


def test_integral_series_alone(tmp_path: Path) -> None:
    """A row is a spectrum, a column an integral, and the way to the concentrations is said."""
    (tmp_path / "series.csv").write_text(INTEGRALS)
    data = read(tmp_path / "series.csv")
    (signal,) = data.signals
    assert (data.labels, signal.channels) == (("1", "2", "3"), ("5.7..5.45 ppm", "0.15..0.05 ppm"))
    np.testing.assert_array_equal(signal.values, [[0.1, 1.0], [4.2, 1.0], [6.8, 0.5]])
    assert any("# series: series.csv" in note for note in data.notes)


def test_integral_series_joined_by_number(tmp_path: Path) -> None:
    """Rows name spectra by their number; the standard of the same spectrum makes concentrations."""
    (tmp_path / "series.csv").write_text(INTEGRALS)
    (tmp_path / "a.csv").write_text(JOINT)
    (signal,) = read(tmp_path / "a.csv").signals
    np.testing.assert_allclose(signal.values[:, 0], [2e-3 * 9 / 2 * 0.1, 2e-3 / 1.01 * 9 / 2 * 6.8 / 0.5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("3, 10", "7, 10"), r"a.csv:10:1: sample: found '7', which is no spectrum"),
        (("5.4..5.8", "4..5"), r"a.csv:7:13: integral of 'bound': found no integral of the series in 4..5 ppm"),
        (("# integral: standard = 0..0.2, bound = 5.4..5.8\n", ""), "no ranges to take from it"),
        (("# protons", "# shift: Ha = 5..6\n# protons"), "found a table of integrals"),
        (("series.csv", "missing.csv"), "no such file"),
        (("series.csv", "a.csv"), "another layout"),
        (("series.csv", "../series.csv"), "a file in the same folder"),
    ],
)
def test_faults_of_a_joined_series(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """A number, range or file that is not there is named once, with its place."""
    (tmp_path / "series.csv").write_text(INTEGRALS)
    (tmp_path / "a.csv").write_text(JOINT.replace(*change))
    with pytest.raises(SurfaceChemError, match=message):
        read(tmp_path / "a.csv")

"""Reading titrations: every layout, every fault with its place."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfacechem.errors import DataError, Faults, SurfaceChemError, UnknownNameError
from surfacechem.io import read
from surfacechem.io.mixing import displace
from surfacechem.records import Technique, Titration

HEAD = """\
# technique: nmr-integral
# cell: InP37 0.5 mmol/L, HO2CR 0.1 mmol/L
# titrant: HO2CR' 50 mmol/L
# volume: 0.60 mL
# temperature: 25 degC
"""
BODY = "point, added [uL], bound [mmol/L], sigma bound [mmol/L], free [uM]\na, 0, , 0.1, 0\nb, 600, 0.5, 0.2, 100\n"


def read_text(folder: Path, content: str | bytes, name: str = "data.csv") -> Titration:
    """Read content through a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path)


def refusal(folder: Path, content: str | bytes, name: str = "data.csv") -> str:
    """Return the message with which content is refused."""
    with pytest.raises(SurfaceChemError, match=r"\w") as caught:
        read_text(folder, content, name)
    return str(caught.value)


# --- Our own CSV -----------------------------------------------------------------------------------------


def test_volumes_give_diluted_concentrations(tmp_path: Path) -> None:
    """Adding the vessel's own volume halves what was in it and the titrant."""
    data = read_text(tmp_path, HEAD + BODY)
    assert data.feeds == ("InP37", "HO2CR", "HO2CR'")
    np.testing.assert_allclose(data.amounts, [[5e-4, 1e-4, 0], [2.5e-4, 0.5e-4, 25e-3]], rtol=1e-15)
    assert data.temperature == 298.15
    assert data.initial_volume == 6e-4
    assert data.labels == ("a", "b")
    assert data.added is not None
    np.testing.assert_allclose(data.added, [0, 6e-4])


def test_signals_sigma_and_holes(tmp_path: Path) -> None:
    """Columns become signals in kernel units; an empty cell is NaN; sigma stays with its signal."""
    bound, free = read_text(tmp_path, HEAD + BODY).signals
    assert (bound.name, bound.technique, bound.unit) == ("bound", Technique.NMR_INTEGRAL, "mol/L")
    assert np.isnan(bound.values[0, 0])
    assert bound.sigma is not None
    np.testing.assert_allclose(bound.sigma[:, 0], [1e-4, 2e-4])
    assert free.sigma is None
    np.testing.assert_allclose(free.values[:, 0], [0, 1e-4])


def test_assumptions_are_listed(tmp_path: Path) -> None:
    """What was assumed stands in the notes."""
    notes = read_text(tmp_path, HEAD.replace("# temperature: 25 degC\n", "") + BODY).notes
    assert any("dilution" in note for note in notes)
    assert "temperature not given" in notes


def test_injections_add_up(tmp_path: Path) -> None:
    """Single injections are summed to what was added so far."""
    body = "injected [uL], bound [mM]\n0, 0\n10, 1\n10, 2\n"
    data = read_text(tmp_path, HEAD + body)
    assert data.added is not None
    np.testing.assert_allclose(data.added, [0, 1e-5, 2e-5], rtol=1e-15)


def test_several_titrants(tmp_path: Path) -> None:
    """Each titrant has its own line and its own column."""
    head = HEAD.replace("# titrant:", "# titrant acid:") + "# titrant base: NH2R 0.1 mol/L\n"
    data = read_text(tmp_path, head + "added acid [uL], added base [uL], bound [mM]\n0, 0, 0\n200, 400, 1\n")
    assert data.feeds[-1] == "NH2R"
    np.testing.assert_allclose(data.amounts[1, 2:], [50e-3 / 6, 0.1 / 3], rtol=1e-14)


def test_solid_titrant(tmp_path: Path) -> None:
    """A solid added by mass changes no volume, and the file says so."""
    head = HEAD.replace("HO2CR' 50 mmol/L", "HO2CR' solid 282.46 g/mol")
    data = read_text(tmp_path, head + "added [mg], bound [mM]\n0, 0\n1.6947600, 1\n")
    np.testing.assert_allclose(data.amounts[:, 2], [0, 1e-2], rtol=1e-14)
    assert any("no volume" in note for note in data.notes)


def test_totals_and_equivalents(tmp_path: Path) -> None:
    """Totals are taken as they are, equivalents times what they are of."""
    data = read_text(tmp_path, "total P [mM], total A [equiv per P], delta Ha [ppm], delta Hb [ppm]\n2, 3, 1, 2\n")
    np.testing.assert_allclose(data.amounts, [[2e-3, 6e-3]])
    assert data.signals[0].channels == ("Ha", "Hb")


def test_question_mark_is_to_be_fitted(tmp_path: Path) -> None:
    """A question mark for a concentration makes its column unknown."""
    by_volume = read_text(tmp_path, HEAD.replace("InP37 0.5 mmol/L", "InP37 ?") + BODY)
    by_total = read_text(tmp_path, "total P [mM], total A [mM], delta [ppm]\n?, 3, 1\n?, 4, 1\n")
    assert np.isnan(by_volume.amounts[:, 0]).all()
    assert np.isnan(by_total.amounts[:, 0]).all()
    np.testing.assert_allclose(by_total.amounts[:, 1], [3e-3, 4e-3])


def test_spectra_have_an_axis(tmp_path: Path) -> None:
    """One column per wavelength makes one signal with an axis in nm."""
    text = "# path: 0.5 cm\ntotal P [mM], total A [mM], A 386 nm, A 420.5 nm\n1, 2, 0.5, 0.25\n"
    (signal,) = read_text(tmp_path, text).signals
    assert (signal.name, signal.technique, signal.path_length) == ("A", Technique.UV_VIS, 0.5)
    assert signal.axis is not None
    np.testing.assert_array_equal(signal.axis, [386.0, 420.5])


def test_standard_turns_integrals_into_concentrations(tmp_path: Path) -> None:
    """An integral per proton over the standard's, times its diluted concentration, is a concentration."""
    head = HEAD + "# standard: 2.0 mmol/L, 9 H\n# protons: bound = 3\n"
    body = "added [uL], standard [integral], bound [integral]\n0, 9, 3\n600, 18, 3\n"
    (bound,) = read_text(tmp_path, head + body).signals
    assert bound.unit == "mol/L"
    np.testing.assert_allclose(bound.values[:, 0], [2e-3, 0.5e-3], rtol=1e-14)


def test_positions_become_energies(tmp_path: Path) -> None:
    """A band position in nm is held in eV."""
    (signal,) = read_text(tmp_path, "total P [mM], total A [mM], E1 [nm]\n1, 2, 386\n").signals
    assert (signal.technique, signal.unit) == (Technique.BAND_POSITION, "eV")
    assert signal.values[0, 0] == pytest.approx(3.21202, abs=1e-5)


def test_calorimeter_cell_stays_full(tmp_path: Path) -> None:
    """Each injection pushes out its share of the cell."""
    head = HEAD.replace("nmr-integral", "itc").replace("0.60 mL", "1 mL")
    data = read_text(tmp_path, head + "injected [uL], heat [uJ]\n100, -5\n100, -4\n")
    np.testing.assert_allclose(data.amounts[:, 0], [0.9 * 5e-4, 0.81 * 5e-4], rtol=1e-14)
    np.testing.assert_allclose(data.amounts[:, 2], [0.1 * 50e-3, 0.19 * 50e-3], rtol=1e-14)
    assert data.signals[0].unit == "J"


def test_injection_larger_than_the_cell(tmp_path: Path) -> None:
    """What would leave less than nothing in the cell is a wrong unit, and refused at its cell."""
    head = HEAD.replace("nmr-integral", "itc").replace("0.60 mL", "1 mL")
    text = refusal(tmp_path, head + "injected [mL], heat [uJ]\n0.1, -5\n1.0, -4\n")
    assert "the injection 1.0" in text
    assert "less than the cell's volume" in text


def test_displacement_is_stepwise() -> None:
    """The closed product equals mixing one injection after the other."""
    injected = np.array([1e-6, 5e-6, 5e-6])
    closed = displace(injected, initial=np.array([1e-3, 0.0]), stock=np.array([0.0, 1e-2]), volume=2e-4)
    cell = np.array([1e-3, 0.0])
    for volume in injected:
        cell = cell * (1 - volume / 2e-4) + np.array([0.0, 1e-2]) * volume / 2e-4
    np.testing.assert_allclose(closed[-1], cell, rtol=1e-14)


def test_headers_may_be_mapped(tmp_path: Path) -> None:
    """A '# columns:' line, or rename, says what a header means."""
    line = "# columns: H = total Host [mol/L], G = total G [mM], delta = delta [Hz]\n"
    data = read_text(tmp_path, line + "H,G,delta\n0.1,2,3\n")
    (tmp_path / "plain.csv").write_text("H,G,delta\n0.1,2,3\n")
    same = read(tmp_path / "plain.csv", rename={"H": "total Host [mol/L]", "G": "total G [mM]", "delta": "delta [Hz]"})
    assert data.feeds == same.feeds == ("Host", "G")
    np.testing.assert_array_equal(data.amounts, same.amounts)
    assert same.signals[0].unit == "Hz"


# --- Encodings and dialects ------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """The micro sign arrives in every encoding of the day."""
    text = HEAD + "point, added [µL], bound [mM]\n1, 0, 0\n2, 600, 1\n"
    data = read_text(tmp_path, text.encode(encoding))
    assert data.amounts[1, 0] == pytest.approx(2.5e-4)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_dialects(tmp_path: Path, newline: str, delimiter: str) -> None:
    """Delimiters and line ends do not matter."""
    data = read_text(tmp_path, HEAD.replace("\n", newline) + BODY.replace(", ", delimiter).replace("\n", newline))
    assert data.amounts.shape == (2, 3)


def test_decimal_comma_of_excel(tmp_path: Path) -> None:
    """A German Excel's CSV reads with decimal commas, padded '#' lines and quotes, and says so."""
    head = "".join(f'"{line}";;\r\n' for line in HEAD.splitlines())
    data = read_text(
        tmp_path, f"sep=;\r\n{head}point;added [µL];bound [mM]\r\n1;0;0,5\r\n2;1,5;0,7\r\n".encode("cp1252")
    )
    assert data.added is not None
    np.testing.assert_allclose(data.added, [0, 1.5e-6], rtol=1e-15)
    assert "numbers read with decimal commas" in data.notes


# --- Faults ----------------------------------------------------------------------------------------------

FAULTY = {
    "sigma of one signal twice": (HEAD + "# sigma: bound = 0.02 mM, bound = 0.2 mM\n" + BODY, "a name twice"),
    "unknown unit": (HEAD + "added [uL], bound [mmoll]\n0, 0\n", r":6:13: unit 'mmoll' of column 'bound'"),
    "no unit": (HEAD + "added, bound [mM]\n0, 0\n", r":6:1: column 'added': found no unit"),
    "bare titrant": (HEAD.replace("50 mmol/L", "50") + BODY, r":3:12: contents of the titrant, 'HO2CR''"),
    "comma among points": (HEAD + "added [uL]; bound [mM]\n0; 0.5\n1; 0.6\n2; 0,7\n", r":9:4: (.|\n)*write '0.7'"),
    "point among commas": (HEAD + "added [uL]; bound [mM]\n0; 0,5\n1; 0,6\n2; 0.7\n", r"write '0,7'"),
    "commas as delimiter": (HEAD + "added [uL], bound [mM]\n0,5,1,2\n", "if these are decimal commas"),
    "no composition": (HEAD + "point, bound [mM]\n1, 0\n", "what is in the vessel"),
    "only a header": (HEAD + "added [uL], bound [mM]\n", "no row of data"),
    "only remarks": (HEAD, "no row of data"),
    "empty": ("", "an empty file"),
    "blank": (" \n\t\n", "an empty file"),
    "only a mark": ("\ufeff\n", "no row of data"),
    "NaN": (HEAD + "added [uL], bound [mM]\n0, NaN\n", r":7:4: column 'bound': found 'NaN'(.|\n)*leave the cell empty"),
    "infinite": (HEAD + "added [uL], bound [mM]\n1e999, 1\n", r":7:1: column 'added': found '1e999'"),
    "negative": (HEAD.replace("InP37 0.5", "InP37 -0.5") + BODY, r":2:9: .*negative concentration -0.5"),
    "negative total": ("total P [mM], total A [mM], delta [ppm]\n1, -2, 3\n", r":2:4: .*negative concentration -2"),
    "empty total": ("total P [mM], total A [mM], delta [ppm]\n1, , 3\n", "an empty cell"),
    "no titrant": (HEAD.replace("# titrant: HO2CR' 50 mmol/L\n", "") + BODY, "'# titrant:': found no such line"),
    "no volume": (HEAD.replace("# volume: 0.60 mL\n", "") + BODY, "'# volume:': found no such line"),
    "typing error": (HEAD.replace("volume:", "volumne:") + BODY, r":4:12: (.|\n)*did you mean '# volume:'"),
    "two volumes": (HEAD + "# volume: 1 mL\n" + BODY, "a second one"),
    "zero volume": (HEAD.replace("0.60 mL", "0 mL") + BODY, "more than 0"),
    "technique": (HEAD.replace("nmr-integral", "nmr-integrals") + BODY, "did you mean 'nmr-integral'"),
    "power tower": (HEAD + "added [9**9**9 m], bound [mM]\n0, 0\n", r"unit '9\*\*9\*\*9 m'"),
    "equivalents": ("total P [mM], total A [equiv], delta [ppm]\n1, 2, 3\n", r"\[equiv per P\]"),
    "twice": (HEAD + "added [uL], bound [mM], bound [mM]\n0, 0, 0\n", "found it twice"),
    "falling": (HEAD + "added [uL], bound [mM]\n5, 0\n3, 0\n", "less than before"),
    "sigma of nothing": (HEAD + "added [uL], bound [mM], sigma bond [mM]\n0, 0, 1\n", "no column 'bond'"),
    "sigma of zero": (HEAD + "added [uL], bound [mM], sigma bound [mM]\n0, 0, 0\n", "more than 0"),
    "no signal": (HEAD + "added [uL], point\n0, 1\n", "no measured column"),
    "volumes and totals": (HEAD + "added [uL], total A [mM], bound [mM]\n0, 1, 1\n", "both volumes added and totals"),
    "no technique": ("total P [mM], total A [mM], x [1]\n1, 2, 3\n", "says nothing of what was measured"),
    "band at zero": ("total P [mM], total A [mM], E1 [nm]\n1, 2, 0\n", r":2:7: .*the number 0(.|\n)*finite in eV"),
    "beyond floats": ("total P [mM], total A [mM], delta [kHz]\n1, 2, 1e308\n", "finite in Hz"),
    "prose": ("hello world\nthis is prose\n", "no known layout"),
    "decimal comma above": (HEAD.replace("0.5 mmol", "0,5 mmol") + BODY, "write 'InP37 0.5 mmol/L"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTY)
def test_faults_say_where_and_what_instead(tmp_path: Path, name: str) -> None:
    """Each fault names file, place, what it found and what to write instead."""
    content, message = FAULTY[name]
    with pytest.raises(SurfaceChemError, match=message) as caught:
        read_text(tmp_path, content)
    assert "data.csv" in str(caught.value)
    assert "instead:" in str(caught.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    """One reading reports every fault of a file, in the file's order."""
    text = HEAD.replace("50 mmol/L", "50") + "added [uL], bound [mmoll]\n0, 0\nx, y\n"
    with pytest.raises(Faults, match=r"50(.|\n)*mmoll(.|\n)*'x'(.|\n)*'y'") as caught:
        read_text(tmp_path, text)
    assert [fault.where.line for fault in caught.value.faults if fault.where] == [3, 6, 8, 8]


def test_many_faults_are_cut(tmp_path: Path) -> None:
    """A column full of one fault does not fill the screen."""
    header = "total P [mM], total A [mM], delta Ha [ppm], delta Hb [ppm]\n"
    with pytest.raises(Faults, match="or more further faults"):
        read_text(tmp_path, header + "x, x, x, x\n1, 2, 3, 4\n" * 100)
    with pytest.raises(Faults, match="found further such cells"):
        read_text(tmp_path, header + "x, 1, 2, 3\n1, 2, 3, 4\n" * 100)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.opj", b"CPYA 4.3 ", "Origin project"),
        ("a.nitc", b"something", "NanoAnalyze"),
        ("a.mnova", b"\0\1", "MestReNova"),
        ("a.csv", b"\x89PNG\r\n", "an image"),
        ("a.csv", b"PK\x03\x04 nothing", "zip archive without"),
        ("a.csv", b"%PDF-1.4", "PDF"),
        ("a.csv", b"\x1f\x8b\x08", "gzip"),
        ("a.csv", b"a,b,c\n1,\0\0\0,2\n1,2,3\n", "a binary file"),
        ("a.csv", bytes(range(256)) * 4, "a binary file"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE document"),
    ],
)
def test_binary_files_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """A binary file is recognised and refused with the way to export."""
    text = refusal(tmp_path, content, name)
    assert message in text
    assert "instead:" in text


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A file that is not there, or a folder, is an error about data."""
    for path in (tmp_path / "nothing.csv", tmp_path, Path("a\0b")):
        with pytest.raises(DataError, match="data file"):
            read(path)


def test_unknown_technique_argument(tmp_path: Path) -> None:
    """An unknown technique is refused by name."""
    with pytest.raises(UnknownNameError, match="nmr-shift"):
        read(tmp_path / "any.csv", technique="nmr")


HUGE = {
    "one long line": "1," * 15_000_000,
    "a million columns": ",".join(["A"] * 10**6) + "\n" + ",".join(["1"] * 10**6),
    "many rows": "total P [mM], total A [mM], delta [ppm]\n" + "1,2,3\n" * 200_000,
    "many bad cells": "total P [mM], total A [mM], delta [ppm]\n" + "1,x,3\n" * 100_000,
    "a comma for each point": "total P [mM];total A [mM];"
    + ";".join(f"A {i} nm" for i in range(995))
    + "\n0,1;x" * 9_000,
    "bad units": ",".join(f"A{i} [xyz{i}]" for i in range(2900)) + "\n" + ",".join(["1"] * 2900),
    "one header": ",".join(["A [mM]"] * 2900) + "\n" + ",".join(["1"] * 2900),
    "all bad": "total P [mM], total A [mM],"
    + ",".join(f"A {i} nm" for i in range(995))
    + ("\n" + ",".join("x" * 997)) * 400,
    "wrong keys": "# cel: y\n" * 90_000 + BODY,
    "brackets": "[" * 100_000,
    "quotes": '"' * 100_001 + "\n" + '",' * 10_000,
    "a long number": "total P [mM], total A [mM], delta [ppm]\n1," + "9" * 300_000 + ",3\n",
    "a long unit": "total P [" + "m" * 300_000 + "], total A [mM], delta [ppm]\n1,2,3\n",
    "long header lines": "# cell: " + "a 1 mM," * 50_000 + "\n" + BODY,
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_files_are_refused_soon(tmp_path: Path, name: str) -> None:
    """What is beyond any titration is refused within two seconds and a gigabyte."""
    start = time.process_time()
    refusal(tmp_path, HUGE[name])
    assert time.process_time() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1e6  # kB


@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """No bytes end in anything but a titration or an error of ours."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    with pytest.raises(SurfaceChemError, match=r"\w"):
        read(path)

"""Known spectra from a file: brought to the wavelengths of the data, kept, and asked for again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.cli import main
from surfacechem.errors import DataError, SurfaceChemError
from surfacechem.io.components import read_components

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG ; K = {K}\nobserve A = spectrum(H, HG)\n"
KNOWN = "wavelength [nm], H [L/(mol cm)]\n440, 400\n380, 1000\n410, 2300\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a simulated titration (K = 3000 /M, seed 2), its model and a known spectrum."""
    monkeypatch.chdir(tmp_path)
    guest = np.linspace(0, 2e-3, 12)
    flask = sc.Model(MODEL.format(K="3000 /M")).solve({"H": np.full(12, 2e-4), "G": guest})
    spectra = np.array([[1000.0, 2300.0, 400.0], [300.0, 1500.0, 2500.0]])
    values = np.column_stack([flask.of("H"), flask.of("HG")]) @ spectra
    values += np.random.default_rng(2).normal(0, 1e-3, values.shape)
    rows = [f"0.2, {g * 1e3:.6f}, " + ", ".join(f"{v:.6f}" for v in row) for g, row in zip(guest, values, strict=True)]
    head = "total H [mmol/L], total G [mmol/L], A 380 nm, A 410 nm, A 440 nm"
    (tmp_path / "data.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    (tmp_path / "model.scx").write_text(MODEL.format(K="fit /M"), encoding="utf-8")
    (tmp_path / "known.csv").write_text(KNOWN, encoding="utf-8")
    return tmp_path


def test_known_spectrum_is_not_fitted(folder: Path) -> None:
    """A file is as good as the numbers in it, and better than nothing."""
    model = sc.load_model(folder / "model.scx")
    free, by_file = model.fit("data.csv"), model.fit("data.csv", known={"A": "known.csv"})
    by_hand = model.fit("data.csv", known={"A": {"H": [1000.0, 2300.0, 400.0]}})
    assert by_file["K[11]"].log10_value == by_hand["K[11]"].log10_value
    assert (by_file["K[11]"].log10_stderr or 1.0) < (free["K[11]"].log10_stderr or 0.0)
    assert by_file.result.n_amplitudes == 3


def test_command_repeats_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The option gives the same constants, and the fit says how it was asked for."""
    assert main(["fit", "model.scx", "data.csv", "--known", "A=known.csv", "--json"]) == 0
    (folder / "fit.json").write_text(capsys.readouterr().out, encoding="utf-8")
    fitted = sc.load_fit(folder / "fit.json")
    assert fitted.as_command() == "surfacechem fit model.scx data.csv --known A=known.csv"
    assert "known={'A': 'known.csv'}" in fitted.as_python()
    assert main(shlex.split(fitted.as_command())[1:]) == 0
    assert fitted.result.estimates_table().to_text() in capsys.readouterr().out


def test_units_and_order_are_read(folder: Path) -> None:
    """Rows come by growing wavelength, values in L/(mol cm)."""
    (folder / "other.csv").write_text("wavelength [nm];HG [L/(mmol cm)]\n500;2\n400;3\n", encoding="utf-8")
    spectra = read_components("other.csv")
    assert spectra.names == ("HG",)
    np.testing.assert_allclose(spectra.axis, [400, 500])
    np.testing.assert_allclose(spectra.values, [[3000, 2000]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wavelength [nm], H\n380, 1\n450, 2\n", "no unit"),
        ("wavelength [nm], H [L/(mol cm)]\n380, \n450, 2\n", "an empty cell"),
        ("wavelength [nm], H [L/(mol cm)]\n380, 1\n400, 2\n", "380 to 440 nm"),
        ("wavelength [nm]\n380\n400\n", "1 columns"),
        ("wavelength [nm], H [L/(mol cm)]\n380, x\n450, 2\n", "column 'H"),
    ],
)
def test_other_tables_are_refused(folder: Path, text: str, said: str) -> None:
    """What cannot be used is named with what to write."""
    (folder / "known.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SurfaceChemError, match=said):
        sc.load_model("model.scx").fit("data.csv", known={"A": "known.csv"})


def test_missing_file_is_refused(folder: Path) -> None:
    """A path that leads nowhere is named."""
    with pytest.raises(DataError, match=r"nowhere\.csv"):
        sc.load_model(folder / "model.scx").fit("data.csv", known={"A": "nowhere.csv"})

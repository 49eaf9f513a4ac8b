"""The command ``predict`` as a user types it: spectra, titrants, bands, files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.cli import main

if TYPE_CHECKING:
    from pathlib import Path

FORMS = """surfacechem 1
cluster CdS37
site    Cd on CdS37 : 8
conformer beta of CdS37 ; L0 = 1e-3 +/- 2e-4
L       Cd-* + CH3OH <=> Cd-CH3OH         ; K = 1 /M
L       Cd-* + CH3OH <=> Cd-CH3OH in beta ; K = 5 /M
observe alpha = 3.827 eV + 20 meV * coverage(CH3OH) of CdS37 ; width = 150 meV, absorptivity = 2e5 /(M cm)
observe beta  = 313 nm of CdS37.beta ; width = 150 meV, absorptivity = 2e5 /(M cm)
"""
FLASK = ("--feed", "CdS37=5 uM", "--feed", "CH3OH=0..2 M in 5")


@pytest.fixture
def model(tmp_path: Path) -> str:
    """Return a model file whose two forms state their bands."""
    path = tmp_path / "forms.scx"
    path.write_text(FORMS, encoding="utf-8")
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run ``predict`` in process; return exit code, output and errors."""
    code = main(["predict", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_spectra_of_a_model_come_as_table_files_and_figures(
    capsys: pytest.CaptureFixture[str], model: str, tmp_path: Path
) -> None:
    """The summary says where the maximum is and whether spectra cross; files hold them whole, with bands."""
    folder = tmp_path / "out"
    code, out, _ = run(capsys, model, *FLASK, "--output", str(folder), "--netcdf", "--figures", "svg")
    assert code == 0
    assert "maximum of absorbance [nm]" in out
    assert "sosbestic point" in out
    table = np.genfromtxt(folder / "absorbance.csv", delimiter=",", names=True)
    assert len(table) == 401
    assert len(table.dtype.names) == 1 + 3 * 5
    document = json.loads((folder / "prediction.json").read_text(encoding="utf-8"))
    (curves,) = (each for each in document["curves"] if each["name"] == "absorbance")
    assert np.shape(curves["upper"]) == (5, 401)
    names = {path.name for path in folder.iterdir()}
    assert {"absorbance.svg", "alpha.svg", "alpha-by-coverage.svg", "prediction.nc", "coverage.svg"} <= names
    assert "beta.svg" not in names  # a position that nothing moves


def test_one_flask_has_a_spectrum_too(capsys: pytest.CaptureFixture[str], model: str, tmp_path: Path) -> None:
    """At one point there are no curves to draw but the spectrum; the window is the one that was asked for."""
    folder = tmp_path / "out"
    options = ("--feed", "CdS37=5 uM", "--window", "300..340 nm", "--path-length", "2 mm")
    assert run(capsys, model, *options, "--output", str(folder), "--figures", "svg")[0] == 0
    assert {path.name for path in folder.iterdir()} == {
        "prediction.csv", "absorbance.csv", "prediction.json", "absorbance.svg"
    }  # fmt: skip
    table = np.genfromtxt(folder / "absorbance.csv", delimiter=",", skip_header=1)
    assert table[[0, -1], 0].tolist() == [300.0, 340.0]
    assert table[:, 1].max() == pytest.approx(5e-6 * 2e5 * 0.2, rel=2e-3)


def test_volumes_of_a_titrant_are_diluted(capsys: pytest.CaptureFixture[str], model: str) -> None:
    """Equal volumes of vessel and titrant halve both; the axis is the volume added."""
    titrant = ("--titrant", "CH3OH=2 M", "--volume", "1 mL", "--added", "0..1 mL in 2")
    code, out, _ = run(capsys, model, "--feed", "CdS37=5 uM", *titrant, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["axis"]["label"] == "volume added"
    assert document["amounts"]["values"][1] == pytest.approx([1.0, 2.5e-6])


def test_bands_come_from_where_they_are_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Normal draws, replicas of the fit, and draws from a file each give bands, and the output says which."""
    card = sc.find_card("inp-carboxylate-exchange")
    saved = tmp_path / "fit.json"
    fit = sc.load_model(card.model_path("X exchange")).fit(card.read())
    fit.save(saved)
    flask = ("--feed", "InP37=0.5 mM", "--feed", "HO2CR'=51 equiv per InP37")
    kept = tmp_path / "draws.json"
    kept.write_text(json.dumps(fit.bootstrap(n_replicas=50).draws.to_dict()), encoding="utf-8")
    for bands, said in {"draws": "draws", "bootstrap": "residual bootstrap", str(kept): "residual bootstrap"}.items():
        code, out, _ = run(capsys, str(saved), *flask, "--bands", bands)
        assert (code, f"({said})" in out) == (0, True)
    run(capsys, str(saved), *flask, "--level", "0.5", "--json")
    code, out, _ = run(capsys, str(saved), *flask, "--level", "0.5")
    assert "50 %" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--window", "300 nm"), "300..500 nm"),
        (("--window", "300..340 mM"), "wavelength"),
        (("--window", "300..300 nm"), "two different wavelengths"),
        (("--path-length", "1 s"), "path length"),
        (("--bands", "bootstrap"), "with a model"),
        (("--titrant", "CH3OH=2 M"), "no --volume, --added"),
        (("--titrant", "CH3OH=2 M", "--volume", "1 mL", "--added", "0..1 mM"), "of volume"),
        (("--level", "95"), "write 0.95"),
    ],
)
def test_unusable_options_are_refused_in_words(
    capsys: pytest.CaptureFixture[str], model: str, options: tuple[str, ...], said: str
) -> None:
    """Each wrong option ends with exit code 2 and what to write instead."""
    code, _, err = run(capsys, model, "--feed", "CdS37=5 uM", *options)
    assert code == 2
    assert said in err


def test_a_source_of_bands_that_is_no_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A misspelt source of bands is named beside those there are."""
    card = sc.find_card("inp-carboxylate-exchange")
    sc.load_model(card.model_path("X exchange")).fit(card.read()).save(tmp_path / "fit.json")
    code, _, err = run(capsys, str(tmp_path / "fit.json"), "--feed", "InP37=1 mM", "--bands", "bootstrp")
    assert code == 2
    assert "derivatives, draws, bootstrap, or a file of draws" in err

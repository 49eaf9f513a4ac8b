"""Commands that ask more of a saved fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.cli import main
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

CARD = Path(__file__).parents[2] / "datasets" / "nmr-tcnb-syn3"
RENAMED = ["--rename", "H=Host", "--rename", "G=TCNB"]
PICTURE = ["--figures", "svg"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a maker of saved fits of the published titration by one of its models."""
    folder = tmp_path_factory.mktemp("fits")

    def made(name: str) -> Path:
        path = folder / f"{name}.json"
        if not path.exists():
            data = sc.read(CARD / "data.csv", rename={"H": "Host", "G": "TCNB"})
            sc.load_model(CARD / f"{name}.scx").fit(data).save(path)
        return path

    return made


def test_contour_is_written_and_said(
    saved: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A closed region ends well, with its lines as JSON and a picture; a name that was not fitted is refused."""
    fit = str(saved("model-11-21"))
    assert main(["contour", fit, "K[11]", "K[21]", "-o", str(tmp_path), *PICTURE]) == 0
    assert "region of K[11] and K[21] is closed" in capsys.readouterr().out
    lines = json.loads((tmp_path / "contour.json").read_text())["regions"][1]["lines"]
    assert lines[0][0] == lines[0][-1]
    assert (tmp_path / "contour.svg").exists()
    assert main(["contour", fit, "K[11]", "K[12]"]) == 2
    assert "K[12]" in capsys.readouterr().err


def test_help_of_contour_says_what_its_names_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Both parameters are explained, each with an example."""
    assert main(["contour", "--help"]) == 0
    shown = capsys.readouterr().out
    assert 'One fitted parameter: "K[11]".' in shown
    assert 'Another one: "K[21]".' in shown


def test_bootstrap_draws_can_be_loaded(saved: Callable[[str], Path], tmp_path: Path) -> None:
    """What the command writes are the draws of the same call from Python."""
    path = saved("model-11-21")
    assert main(["bootstrap", str(path), "--replicas", "50", "--seed", "7", "-o", str(tmp_path), *PICTURE]) == 0
    draws = sc.load_draws(tmp_path / "bootstrap.json")
    expected = sc.load_fit(path).bootstrap(n_replicas=50, seed=7).draws
    np.testing.assert_array_equal(draws.ln_values, expected.ln_values)
    draws.refuse_other(sc.load_fit(path).result)


def test_posterior_goes_on_from_its_chains(
    saved: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that was stopped early ends with 1, goes on where it was, and takes no chains of another seed."""
    fit = str(saved("model-11-21"))
    command = ["posterior", fit, "-o", str(tmp_path), *PICTURE]
    assert main([*command, "--steps", "2"]) == 1
    assert "not to be trusted" in capsys.readouterr().out
    first = sc.load_draws(tmp_path / "posterior.json")
    assert main([*command, "--steps", "2"]) == 2
    assert main([*command, "--steps", "2", "--overwrite"]) == 1
    np.testing.assert_array_equal(sc.load_draws(tmp_path / "posterior.json").ln_values, first.ln_values)
    assert main([*command, "--overwrite", "--seed", "5"]) == 2
    assert "chains of another fit or another seed" in capsys.readouterr().err
    (tmp_path / "posterior-chains.npz").write_bytes(b"PK\x03\x04 torn")
    assert main([*command, "--overwrite"]) == 2
    assert "no chains" in capsys.readouterr().err


def test_posterior_takes_no_chains_of_other_bounds(tmp_path: Path) -> None:
    """Wider bounds are another prior though the best fit stays where it is; walkers used to go on all the same."""
    data, text = sc.read(CARD / "data.csv", rename={"H": "Host", "G": "TCNB"}), (CARD / "model-11.scx").read_text()
    narrow, wide = (sc.Model(text.replace("K = fit", f"K = fit {ends}")).fit(data) for ends in ("1..1e5", "1e-3..1e8"))
    assert narrow["K[11]"].log10_value == pytest.approx(wide["K[11]"].log10_value, abs=1e-6)
    narrow.posterior(most_steps=2, chains=tmp_path / "chains.npz")
    with pytest.raises(DataError, match="chains of another fit"):
        wide.posterior(most_steps=2, chains=tmp_path / "chains.npz")


def test_comparison_leaves_out_points(saved: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The right model predicts left-out points better, and the table has a column for it."""
    fits = [str(saved(name)) for name in ("model-11", "model-11-21")]
    assert main(["compare", *fits, "--folds", "4"]) == 0
    said = capsys.readouterr().out
    assert "Δ ln score" in said
    assert f"Cross-validation by points: '{fits[1]}' predicts better than '{fits[0]}'" in said
    assert f"Residuals of '{fits[0]}' follow a pattern" in said


HOPELESS = """total H [mmol/L],total G [mmol/L],delta [ppm]
1,0,5.01
1,1,4.98
1,2,5.02
1,4,4.99
1,6,5.00
1,8,5.03
1,9,4.97
1,10,5.01
"""
TWO = """surfacechem 1
species H
species G
S[11] H + G <=> HG ; K = fit 1..10 /M
S[12] HG + G <=> HG2 ; K = fit /M
observe delta = shift(H, HG, HG2)
"""


@pytest.fixture(scope="module")
def hopeless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a saved fit of two constants to a signal of noise alone."""
    folder = tmp_path_factory.mktemp("hopeless")
    (folder / "model.scx").write_text(TWO)
    (folder / "data.csv").write_text(HOPELESS)
    assert main(["fit", str(folder / "model.scx"), str(folder / "data.csv"), "-o", str(folder / "fit")]) == 1
    return str(folder / "fit" / "fit.json")


@pytest.mark.parametrize(
    "command",
    [
        ["contour", "K[11]", "K[12]"],
        ["bootstrap", "--replicas", "20"],
        ["bootstrap", "--replicas", "20", "--draw", "parametric"],
        ["posterior", "--steps", "2"],
        ["plan", "--feed", "H=1 mM", "--feed", "G=0..10 mM in 5"],
        ["predict", "--feed", "H=1 mM", "--feed", "G=0..10 mM in 5"],
        ["sweep", "--feed", "H=1 mM", "--vary", "G=0..10 mM:3"],
    ],
)
def test_what_follows_from_a_bad_fit_says_so(
    hopeless: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No command after a fit that failed falls over, or gives numbers as if it had not: each says so, ending with 1."""
    name, *options = command
    arguments = [name, hopeless, *options]
    assert main(arguments) == 1
    assert "not to be trusted" in capsys.readouterr().out


def test_every_interval_takes_a_level(saved: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Contour and bootstrap state the level that was asked for; per cent are refused in words."""
    fit = str(saved("model-11-21"))
    assert main(["contour", fit, "K[11]", "K[21]", "--level", "0.8", "--json"]) == 0
    (region,) = json.loads(capsys.readouterr().out)["regions"]
    assert region["level"] == 0.8
    assert main(["bootstrap", fit, "--replicas", "20", "--level", "0.8"]) == 0
    assert "80 %" in capsys.readouterr().out
    assert main(["bootstrap", fit, "--level", "80"]) == 2
    assert "0.95 for 95 %" in capsys.readouterr().err

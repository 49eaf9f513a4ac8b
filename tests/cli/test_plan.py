"""The command ``plan`` through its words, as a user types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import surfacechem as sc
from surfacechem.cli import main

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG\nobserve delta = shift(G, HG)\n"
DATA = "datasets/nmr-tcnb-syn1/data.csv"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return the file of a fit of published data."""
    return sc.Model(MODEL).fit(DATA).save(tmp_path / "fit.json")


def test_plan_says_what_to_measure(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table holds a row per point, and the sentence says what they bring."""
    code = main(["plan", str(saved), "--feed", "G=1 mM", "--feed", "H=1..400 mM in 41", "--points", "3"])
    printed = capsys.readouterr().out
    assert code == 0
    assert "3 further points bring the standard error of K[11] from" in printed


def test_plan_is_also_json(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors fall from point to point."""
    main(["plan", str(saved), "--feed", "G=1 mM", "--feed", "H=1..400 mM in 41", "--for", "K[11]", "--json"])
    found = json.loads(capsys.readouterr().out)
    errors = [row[0] for row in found["log10_stderr"]]
    assert errors == sorted(errors, reverse=True)
    assert found["feeds"] == ["H", "G", "HG"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "option --feed"),
        (["--feed", "G=1 mM", "--points", "0"], "option --points"),
        (["--feed", "G=1 mM", "--for", "K[9]"], "criterion 'K[9]'"),
    ],
)
def test_bad_words_are_refused(saved: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """Every bad option is named, with exit code 2."""
    assert main(["plan", str(saved), *words]) == 2
    assert said in capsys.readouterr().err

"""Commands about data as a user types them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SYN1 = sc.find_card("nmr-tcnb-syn1")


@pytest.mark.parametrize("technique", [str(technique) for technique in sc.Technique])
def test_new_file_is_readable(technique: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What ``data new`` writes is a data file of its technique, and what it prints is the same text."""
    place = tmp_path / "a.csv"
    assert main(["data", "new", technique, "--output", str(place)]) == 0
    assert technique in {str(signal.technique) for signal in sc.read(place).signals}
    capsys.readouterr()
    assert main(["data", "new", technique]) == 0
    assert capsys.readouterr().out == place.read_text(encoding="utf-8")


def test_nothing_is_overwritten_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there stays, unless asked."""
    place = tmp_path / "a.csv"
    place.write_text("mine")
    assert main(["data", "new", "itc", "-o", str(place)]) == 2
    assert "a file of this name" in capsys.readouterr().err
    assert place.read_text() == "mine"
    assert main(["data", "new", "itc", "-o", str(place), "--overwrite"]) == 0


def test_convert_keeps_every_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A BindFit file converted with the model's names reads back to the same numbers, and says what was assumed."""
    place = tmp_path / "own.csv"
    names = ["--rename", "H=total Host [mol/L]", "--rename", "G=total TCNB [mol/L]", "--rename", "delta=delta [Hz]"]
    assert main(["data", "convert", str(SYN1.data_path), *names, "--output", str(place)]) == 0
    assert "temperature not given" in capsys.readouterr().out
    original, again = SYN1.read(), sc.read(place)
    assert again.feeds == original.feeds
    np.testing.assert_array_equal(again.amounts, original.amounts)
    np.testing.assert_array_equal(again.signals[0].values, original.signals[0].values)


def test_check_of_spectra_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without concentrations has no table of them, and says what is missing."""
    (tmp_path / "a.csv").write_text("blank,\nWavelength (nm),Abs\n420,0.1\n410,0.2\n")
    assert main(["data", "check", str(tmp_path / "a.csv")]) == 0
    out = capsys.readouterr().out
    assert "a.csv: 1 point\n" in out
    assert "In the vessel" not in out
    assert "no concentrations in this file" in out


def test_check_speaks_as_a_chemist_does(capsys: pytest.CaptureFixture[str]) -> None:
    """Signals have a prefix that suits them, and the last point says how many equivalents were reached."""
    main(["data", "check", str(sc.find_card("inp-carboxylate-exchange").data_path)])
    out = capsys.readouterr().out
    assert "last per InP37" in out
    assert re.search(r"HO2CR' +0 mol/L +100 mmol/L +100 mmol/L +250\n", out)
    assert "0.138 .. 16.72 mmol/L" in out

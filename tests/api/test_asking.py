"""What a fit is asked for beside model and data: it acts, it is kept, and it can be asked again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

import surfacechem as sc
from surfacechem.cli import main
from surfacechem.cli.corrections import read_corrections
from surfacechem.errors import DataError, ModelError, UnknownNameError
from surfacechem.fitting import Correction

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG\nS[21] H + HG <=> H2G\nobserve d = shift(G, HG, H2G)\n"
DATA = "datasets/nmr-tcnb-syn1/data.csv"


def test_held_constant_is_not_fitted() -> None:
    """A constant that is held has the value said, no interval, and the rest is fitted around it."""
    fitted = sc.Model(MODEL).fit(DATA, hold={"K[21]": "0.02 /mM"})
    assert fitted.result.parameter_names == ("K[11]",)
    assert 10.0 ** (fitted["K[21]"].log10_value or 0.0) == pytest.approx(20.0)
    assert fitted["K[21]"].log10_interval is None


def test_start_does_not_change_the_answer() -> None:
    """A start far away ends where the search ends."""
    plain, started = (sc.Model(MODEL).fit(DATA, start=start) for start in (None, {"K[11]": "1e6 /M"}))
    assert started["K[11]"].log10_value == pytest.approx(plain["K[11]"].log10_value, abs=1e-4)


def test_request_survives_a_file(tmp_path: Path) -> None:
    """A saved fit remembers what was held and how outliers were treated."""
    path = sc.Model(MODEL).fit(DATA, hold={"K[21]": "20 /M"}, loss="robust").save(tmp_path / "fit.json")
    again = sc.load_fit(path)
    assert again.request.options() == {"loss": "robust", "hold": {"K[21]": "20 /M"}}
    assert again.model.constants[1].role == "fixed"


def test_printed_command_repeats_the_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command of a fit with options and corrections gives the same table."""
    (tmp_path / "m.scx").write_text(MODEL, encoding="utf-8")
    corrections = [Correction(feed="G", value=0.98, stderr=0.01), Correction(feed="G", carrier="H", value=0.01)]
    model = sc.load_model(tmp_path / "m.scx")
    fitted = model.fit(DATA, loss="robust", hold={"K[21]": "20 /M"}, corrections=corrections)
    command = shlex.split(fitted.as_command())
    command[3] = DATA
    assert main(command[1:]) == fitted.result.exit_code
    assert fitted.result.estimates_table().to_text() in capsys.readouterr().out


def test_start_of_a_fixed_constant_is_refused() -> None:
    """A start would free what the model fixes."""
    fixed = sc.Model(MODEL.replace("<=> H2G", "<=> H2G ; K = 20 /M"))
    with pytest.raises(ModelError, match=r"start of K\[21\]"):
        fixed.fit(DATA, start={"K[21]": "30 /M"})


def test_unknown_constant_is_refused() -> None:
    """Holding what the model lacks names what it has."""
    with pytest.raises(UnknownNameError, match=r"K\[11\], K\[21\]"):
        sc.Model(MODEL).fit(DATA, hold={"K[12]": "30 /M"})


def test_corrections_are_read() -> None:
    """Shares and impurities, with a prior or without, for all data or some."""
    assert read_corrections(["Host of run=0.97 ± 0.02"], ["HO2CR in InP37=fit"]) == (
        Correction(feed="Host", value=0.97, stderr=0.02, datasets=("run",)),
        Correction(feed="HO2CR", carrier="InP37", value=0.1),
    )


@pytest.mark.parametrize("text", ["Host=-1", "Host=0.9 +/-", "Acid in Host=0.5"])
def test_other_corrections_are_refused(text: str) -> None:
    """What cannot be read is shown with the line to write."""
    with pytest.raises(DataError, match="--active"):
        read_corrections([text], [])


def test_allowed_facts_are_asked_for_again() -> None:
    """What was said to be right is kept, and stands in the command and the Python that repeat the fit."""
    fitted = sc.Model(MODEL).fit(DATA, allow=["scale"])
    assert fitted.request.options() == {"allow": ["scale"]}
    assert "--allow scale" in fitted.as_command()
    assert "allow=['scale']" in fitted.as_python()

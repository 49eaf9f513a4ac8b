"""`Fit`: model, data and result together."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.api.folder import file_names
from surfacechem.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def fit() -> sc.Fit:
    """Return the published titration fitted with its right model."""
    card = sc.find_card("nmr-tcnb-syn3")
    return sc.load_model(card.model_path("HG + H2G")).fit(card.read())


def test_saved_fit_reloads_to_the_same_numbers(fit: sc.Fit, tmp_path: Path) -> None:
    """Model, data and every number of the result survive the file."""
    fit.save(tmp_path / "fit.json")
    again = sc.load_fit(tmp_path / "fit.json")
    assert again.to_dict() == fit.to_dict()
    assert np.array_equal(again.result.covariance, fit.result.covariance)


def test_reloaded_fit_refits_to_the_same_constants(fit: sc.Fit, tmp_path: Path) -> None:
    """What is saved is enough to fit again, without the data file."""
    fit.save(tmp_path / "fit.json")
    again = sc.load_fit(tmp_path / "fit.json")
    refitted = again.model.fit(*again.data)
    assert refitted["K[11]"].log10_value == fit["K[11]"].log10_value


def test_nothing_is_overwritten_unasked(fit: sc.Fit, tmp_path: Path) -> None:
    """A second run into the same folder is refused before anything is touched."""
    written = fit.write(tmp_path / "results")
    before = {path: path.read_bytes() for path in written}
    with pytest.raises(sc.SurfaceChemError, match="overwrite"):
        fit.write(tmp_path / "results")
    assert {path: path.read_bytes() for path in written} == before


def test_written_folder_is_the_same_on_every_run(fit: sc.Fit, tmp_path: Path) -> None:
    """Report, figures and numbers carry no date and no randomness."""
    first = {path.name: path.read_bytes() for path in fit.write(tmp_path / "a")}
    second = {path.name: path.read_bytes() for path in fit.write(tmp_path / "b")}
    assert first == second
    assert {"fit.json", "report.html"} < set(first)


def test_report_says_how_to_repeat_the_fit(fit: sc.Fit, tmp_path: Path) -> None:
    """The page holds constants, verdict, figure, command, Python and citation."""
    page = fit.report(tmp_path / "r.html").read_text(encoding="utf-8")
    assert all(part in page for part in ("K[11]", "<svg", "surfacechem fit ", "sc.load_model(", "BEAST"))
    assert not any(sign in page for sign in ("src=", "<script", "<link", "@import"))


def test_lines_that_repeat_the_fit_repeat_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The Python lines and the command line of the report give the same tables, renamed columns included."""
    card = sc.find_card("nmr-tcnb-syn3")
    fit = sc.load_model(card.model_path("HG + H2G")).fit(sc.read(card.data_path, rename=card.columns))
    exec(compile(fit.as_python(), "report", "exec"), {})  # noqa: S102 (our own lines)
    assert capsys.readouterr().out.strip() == str(fit).strip()
    assert main(shlex.split(fit.as_command())[1:]) == 0
    assert str(fit.result.estimates_table()) in capsys.readouterr().out


def test_profile_is_lowest_at_the_best_value(fit: sc.Fit) -> None:
    """The profile of a constant has its minimum at the estimate."""
    profile = fit.profile("K[11]")
    best = profile.log10_values[np.argmin(profile.rise)]
    assert best == pytest.approx(fit["K[11]"].log10_value, abs=0.02)


def test_plot_of_an_unknown_signal_names_the_known(fit: sc.Fit) -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(sc.SurfaceChemError, match="delta"):
        fit.plot("nope")


@pytest.mark.parametrize("text", ["{}", "[1]", '{"layout": "surfacechem fit document 1", "model": 3}', "{", "\x00"])
def test_file_that_is_no_fit_is_refused_in_words(text: str, tmp_path: Path) -> None:
    """Any other file gives an error of ours, not a traceback."""
    path = tmp_path / "fit.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sc.SurfaceChemError, match=r"saved fit|JSON|empty|text"):
        sc.load_fit(path)


def test_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    """Two data sets called alike are fitted, named and written side by side."""
    card = sc.find_card("inp-carboxylate-exchange")
    data = sc.read(card.data_path)
    other = replace(data, amounts=1.001 * data.amounts)  # a measurement is refused the second time
    fit = sc.load_model(card.model_path("X exchange")).fit(data, other)
    assert [each.name for each in fit.result.datasets] == ["data", "data (2)"]
    assert len({path.name for path in fit.write(tmp_path)}) == 2 + 2 + 4


def test_file_names_stay_apart_in_any_script() -> None:
    """Names keep their letters, and names that would fall together are numbered."""
    names = ["\N{CJK UNIFIED IDEOGRAPH-6C34}", "a b", "a_b", "A_b", "..", "?"]
    assert file_names(names) == ["\N{CJK UNIFIED IDEOGRAPH-6C34}", "a_b", "a_b-2", "A_b-3", "unnamed", "unnamed-2"]


@pytest.mark.parametrize(
    ("part", "torn"), [("weights", [1.0]), ("stated", []), ("amounts", [[10**400]]), ("labels", ["one"])]
)
def test_data_of_a_document_that_were_torn_are_refused(part: str, torn: object, fit: sc.Fit) -> None:
    """Arrays of another length, and numbers no float holds, are found when the file is read, not in a prediction."""
    plain = fit.to_dict()
    plain["result"]["datasets"][0][part] = torn
    with pytest.raises(sc.SurfaceChemError, match="changed or cut"):
        sc.Fit.from_dict(plain)


@pytest.mark.parametrize(("part", "torn"), [("minima", []), ("covariance", [[1.0]]), ("parameter_names", ["K[11]"])])
def test_document_that_was_torn_is_refused(part: str, torn: object, fit: sc.Fit) -> None:
    """Parts that are well formed but do not belong together give an error of ours."""
    plain = fit.to_dict()
    plain["result"][part] = torn
    with pytest.raises(sc.SurfaceChemError, match="do not belong together"):
        sc.Fit.from_dict(plain)

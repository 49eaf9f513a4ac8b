"""The command line as a user types it: output, files, exit codes, messages."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

import surfacechem as sc
from surfacechem.cli import main
from surfacechem.cli.commands import COMMANDS
from surfacechem.io import TEMPLATES

EXCHANGE = sc.find_card("inp-carboxylate-exchange")
MODEL = str(EXCHANGE.model_path("X exchange"))
DATA = str(EXCHANGE.data_path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in process; return exit code, output and errors."""
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command explains itself by an example that begins with its own name."""
    code, out, _ = run(capsys, *command.split(), "--help")
    assert code == 0
    assert f"Example:  surfacechem {command}" in out
    assert '[default: ""]' not in out


def test_fit_prints_constant_interval_and_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """A fit shows the constant, says that it is to be trusted and exits with 0."""
    code, out, _ = run(capsys, "fit", MODEL, DATA)
    assert code == 0
    assert "K[X1]" in out
    assert "✓" in out


def test_fit_as_json_reloads(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What ``--json`` prints is a saved fit."""
    _, out, _ = run(capsys, "fit", MODEL, DATA, "--json")
    (tmp_path / "fit.json").write_text(out, encoding="utf-8")
    assert sc.load_fit(tmp_path / "fit.json")["K[X1]"].log10_value == pytest.approx(-0.085, abs=0.01)


def test_fit_report_predict_and_compare_follow_each_other(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The results of a fit feed the commands after it."""
    folder = tmp_path / "results"
    assert run(capsys, "fit", MODEL, DATA, "--output", str(folder))[0] == 0
    saved = str(folder / "fit.json")
    assert run(capsys, "report", saved, "--output", str(tmp_path / "again.html"))[0] == 0
    assert (tmp_path / "again.html").read_bytes() == (folder / "report.html").read_bytes()
    code, out, _ = run(capsys, "predict", saved, "--feed", "InP37=0.5 mM", "--feed", "HO2CR'=51 equiv per InP37")
    assert (code, "±" in out) == (0, True)
    code, out, _ = run(capsys, "compare", saved, _copy(saved, tmp_path / "copy.json"))
    assert (code, "ΔAICc" in out) == (0, True)


def _copy(path: str, target: Path) -> str:
    target.write_bytes(Path(path).read_bytes())
    return str(target)


def test_repeated_fit_leaves_results_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without ``--overwrite`` an earlier result stays and the exit code is 2."""
    (tmp_path / "fit.json").write_text("precious", encoding="utf-8")
    code, _, err = run(capsys, "fit", MODEL, DATA, "--output", str(tmp_path))
    assert code == 2
    assert "overwrite" in err
    assert [path.name for path in tmp_path.iterdir()] == ["fit.json"]
    assert (tmp_path / "fit.json").read_text(encoding="utf-8") == "precious"


def test_rename_maps_the_names_of_a_published_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns named otherwise than the model's species are mapped on the command line."""
    card = sc.find_card("nmr-tcnb-syn3")
    renames = ["H=total Host [mol/L]", "G=total TCNB [mol/L]", "delta=delta [Hz]"]
    options = [part for text in renames for part in ("--rename", text)]
    code, out, _ = run(capsys, "fit", str(card.model_path("HG + H2G")), str(card.data_path), *options, "--json")
    assert code == 0
    estimates = {each["name"]: each["log10_value"] for each in json.loads(out)["result"]["estimates"]}
    assert estimates["K[11]"] == pytest.approx(3.42481, abs=0.005)


def test_wrong_model_of_real_data_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A fit that is computed but not to be trusted says so in its exit code."""
    card = sc.find_card("nmr-tcnb-syn1")
    renames = ["H=total Host [mol/L]", "G=total TCNB [mol/L]", "delta=delta [Hz]"]
    options = [part for text in renames for part in ("--rename", text)]
    code, out, _ = run(capsys, "fit", str(card.model_path("HG + H2G")), str(card.data_path), *options)
    assert code == 1
    assert "✗" in out


def test_model_check_lists_what_it_took_for_granted(capsys: pytest.CaptureFixture[str]) -> None:
    """A good model is confirmed with its names and the defaults taken."""
    code, out, _ = run(capsys, "model", "check", MODEL)
    assert code == 0
    assert {"· temperature 298.15 K", "· K[X1] is unknown: a fit finds it"} <= set(out.splitlines())


def test_model_check_solves_and_audits_a_flask(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With ``--solve`` the answer is checked by code the solver does not share."""
    path = tmp_path / "m.scx"
    path.write_text(Path(MODEL).read_text(encoding="utf-8").replace("K = fit", "K = 0.83"), encoding="utf-8")
    code, out, _ = run(
        capsys, "model", "check", str(path), "--solve", "InP37=0.5 mM", "--solve", "HO2CR'=9 mM", "--json"
    )
    assert code == 0
    audit = json.loads(out)["audit"]
    assert audit["passed"]
    assert audit["macrospecies listed"] == 52


def test_model_check_says_what_flasks_cannot_tell(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Before any data: one flask of a two-form cluster leaves K and L0 undetermined, a titration does not."""
    path = tmp_path / "m.scx"
    path.write_text(
        "cluster C\nsite Cd on C : 8\nconformer b of C ; L0 = fit\nL Cd-* + M <=> Cd-M ; K = fit /M\n"
        "L Cd-* + M <=> Cd-M in b ; K = fit /M\nobserve beta = integral(C.b)\n", encoding="utf-8",
    )  # fmt: skip
    code, out, _ = run(capsys, "model", "check", str(path), "--solve", "C=0.1 mM", "--solve", "M=1 M")
    assert code == 0
    assert "are not all determined" in out
    code, out, _ = run(capsys, "model", "check", str(path), "--solve", "C=0.1 mM", "--solve", "M=0..2 M in 21")
    assert "each constant that a fit is to find leaves a trace" in out


@pytest.mark.parametrize(("form", "sign"), [("text", "Reactions"), ("latex", r"\begin{align*}"), ("html", "<table")])
def test_model_show_has_three_forms(form: str, sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Text for the terminal, LaTeX for the paper, HTML for the page."""
    code, out, _ = run(capsys, "model", "show", MODEL, "--as", form)
    assert code == 0
    assert sign in out


@pytest.mark.parametrize("kind", TEMPLATES)
def test_new_models_are_good_models(kind: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Every template passes the check."""
    path = tmp_path / "new.scx"
    assert run(capsys, "model", "new", kind, "--output", str(path))[0] == 0
    assert run(capsys, "model", "check", str(path))[0] == 0
    assert run(capsys, "model", "new", kind, "--output", str(path))[0] == 2
    path.write_text("mine", encoding="utf-8")
    assert run(capsys, "model", "new", kind, "--output", str(path), "--overwrite")[0] == 0
    assert run(capsys, "model", "check", str(path))[0] == 0


def test_data_check_says_what_was_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    """Reading a file reports feeds, signals and assumptions."""
    code, out, _ = run(capsys, "data", "check", DATA, MODEL)
    assert code == 0
    assert "additive" in out


ABOUT = [["data", "list"], ["library", "list"], ["library", "show", "ODPA"], ["library", "laws"], ["cite"], ["doctor"]]


@pytest.mark.parametrize("command", ABOUT)
def test_commands_about_the_program_speak_text_and_json(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What ships with the program can be listed, cited and tried."""
    assert run(capsys, *command)[0] == 0
    code, out, _ = run(capsys, *command, "--json")
    assert code == 0
    assert json.loads(out)


BAD = {
    "no such model": (["fit", "nowhere.scx", DATA], "no such file"),
    "no such data": (["fit", MODEL, "nowhere.csv"], "no such file"),
    "no data": (["fit", MODEL], "no DATA"),
    "bare number": (["predict", MODEL, "--feed", "InP37=0.5"], "without unit"),
    "unknown unit": (["predict", MODEL, "--feed", "InP37=0.5 mmol/K"], "mmol/K"),
    "tower of powers": (["predict", MODEL, "--feed", "InP37=1 9**9**9 m"], "9**9**9"),
    "unknown feed": (["predict", MODEL, "--feed", "InP38=0.5 mM"], "InP37"),
    "feed without value": (["predict", MODEL, "--feed", "InP37"], "NAME=VALUE"),
    "equivalents of nothing": (["predict", MODEL, "--feed", "InP37=1 mM", "--feed", "HO2CR'=5 equiv"], "of"),
    "constant unknown": (["predict", MODEL, "--feed", "InP37=1 mM"], "K[X1]"),
    "not a fit": (["report", DATA, "--output", "x.html"], "found a data file (.csv)"),
    "unknown command": (["fti"], "fti"),
    "unknown entry": (["library", "show", "oleic acd"], "oleic acid"),
    "unknown option": (["fit", MODEL, DATA, "--turbo"], "turbo"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_with_a_message_and_exit_code_2(
    case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every mistake is answered in words; nothing is written and nothing is traced back."""
    monkeypatch.chdir(tmp_path)
    arguments, sign = BAD[case]
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert sign in out + err
    assert "Traceback" not in out + err
    assert not list(tmp_path.iterdir())


def test_errors_are_json_when_json_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads JSON gets the facts of an error as JSON."""
    code, out, _ = run(capsys, "fit", "nowhere.scx", DATA, "--json")
    assert code == 2
    assert json.loads(out)["errors"][0]["kind"] == "DataError"


def test_demo_writes_reports_and_shows_both_stories(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The demo fits published data, says that the cluster is simulated, and leaves reports behind."""
    code, out, _ = run(capsys, "demo", "--output", str(tmp_path / "demo"))
    assert code == 0
    assert "SIMULATED" in out
    assert len(list((tmp_path / "demo").rglob("report.html"))) == 2


def test_folder_that_is_taken_is_said_before_the_fit(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is fitted in vain, and with ``--json`` the refusal is the only document on the output."""
    monkeypatch.setattr(sc.Model, "fit", lambda *_, **__: pytest.fail("fitted before the folder was looked at"))
    (tmp_path / "report.html").write_text("mine", encoding="utf-8")
    code, out, _ = run(capsys, "fit", MODEL, DATA, "--output", str(tmp_path), "--json")
    assert code == 2
    assert "report.html" in json.loads(out)["errors"][0]["found"]


def test_usage_errors_are_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option is told as JSON where JSON is asked for."""
    code, out, _ = run(capsys, "fit", MODEL, DATA, "--level", "x", "--json")
    assert code == 2
    assert "level" in json.loads(out)["errors"][0]["what"].lower()


ASCII = {**os.environ, "PYTHONIOENCODING": "ascii"}
PROCESS = [sys.executable, "-c", "import sys; from surfacechem.cli import main; sys.exit(main())"]


def test_output_without_unicode_is_no_fault() -> None:
    """A pipe that knows only ASCII gets question marks instead of a traceback."""
    done = subprocess.run([*PROCESS, "fit", MODEL, DATA], capture_output=True, env=ASCII, check=False)  # noqa: S603
    assert done.returncode == 0
    assert b"Error" not in done.stderr


def test_remarks_of_the_library_reach_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    """What the library logs, such as that the solver is being compiled, stands on standard error."""
    run(capsys, "cite")
    logging.getLogger("surfacechem.numerics").info("Compiling the solver.")
    assert capsys.readouterr().err == "Compiling the solver.\n"


def test_full_disk_is_said_in_words() -> None:
    """Output that cannot be written ends with a message and exit code 2."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([*PROCESS, "cite"], stdout=full, stderr=subprocess.PIPE, check=False)  # noqa: S603
    assert done.returncode == 2
    assert b"no space" in done.stderr
    assert b"Traceback" not in done.stderr


def test_interrupted_fit_says_so_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while results are written ends with 130 and an empty folder, so that the command can be repeated."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("surfacechem.plotting.export.save", interrupted)
    code, _, err = run(capsys, "fit", MODEL, DATA, "--output", str(tmp_path / "out"))
    assert (code, "stopped" in err) == (130, True)
    assert list((tmp_path / "out").iterdir()) == []

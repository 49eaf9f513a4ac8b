"""A careless chemist at the command line: each slip is answered by what was found and what to write instead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from surfacechem.cli import main
from surfacechem.io import data_template, model_template

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = data_template("x-exchange")
MODEL = model_template("x-exchange")
FLASK = ["--feed", "InP37=0.5 mM", "--feed", "HO2CR'=0..10 mM in 5"]
PLAN = ["plan", "g.scx", "--guess", "K[11]=1e3 /M", "--feed", "H=1 mM"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder with a model, data and a saved fit, and with files that are none; work there."""
    folder = tmp_path_factory.mktemp("desk")
    before = Path.cwd()
    os.chdir(folder)
    for name, text in {"m.scx": MODEL, "d.csv": DATA, "g.scx": model_template("host-guest")}.items():
        Path(name).write_text(text, encoding="utf-8")
    for ending in ("csv", "scx", "json"):
        Path(f"empty.{ending}").touch()
        Path(f"binary.{ending}").write_bytes(bytes(range(256)))
    known = MODEL.replace("K = fit", "K = 0.8")
    Path("k.scx").write_text(known, encoding="utf-8")
    assert main(["fit", "m.scx", "d.csv", "--output", "results", "--json"]) == 0
    yield folder
    os.chdir(before)


FILES = {
    "missing": ("missing.{}", "no such file"),
    "misspelt": ("mm.{}", "did you mean"),
    "folder": ("results", "found a folder"),
    "empty": ("empty.{}", "an empty file"),
    "binary": ("binary.{}", "a binary file"),
}
READERS = {
    "fit data": (["fit", "m.scx", "{}"], "csv"),
    "fit model": (["fit", "{}", "d.csv"], "scx"),
    "data check": (["data", "check", "{}"], "csv"),
    "data convert": (["data", "convert", "{}"], "csv"),
    "model check": (["model", "check", "{}"], "scx"),
    "model show": (["model", "show", "{}"], "scx"),
    "predict": (["predict", "{}", *FLASK], "scx"),
    "plan": (["plan", "{}", *FLASK], "json"),
    "sweep": (["sweep", "{}", "--vary", "K[X1]=1..2:2"], "scx"),
    "report": (["report", "{}", "--output", "x.html"], "json"),
    "contour": (["contour", "{}", "K[X1]", "a"], "json"),
    "bootstrap": (["bootstrap", "{}"], "json"),
    "compare": (["compare", "{}", "results/fit.json"], "json"),
}


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the message of a command that ends with exit code 2 and writes nothing to standard output."""
    capsys.readouterr()
    before = sorted(Path.cwd().rglob("*"))
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert sorted(Path.cwd().rglob("*")) == before
    return captured.err


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("file", FILES)
def test_every_command_names_a_file_it_cannot_read(reader: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is missing, misspelt, a folder, empty or binary is told by name."""
    words, ending = READERS[reader]
    name, said = FILES[file]
    name = name.format(ending)
    if file == "misspelt":
        name = {"csv": "dd.csv", "scx": "mm.scx", "json": "results/fitt.json"}[ending]
    message = refused([word.format(name) if word == "{}" else word for word in words], capsys)
    assert Path(name).name in message
    assert said in message


ARGUMENTS = {
    "data before model": (["fit", "d.csv", "m.scx"], "models stand before data"),
    "model as data": (["data", "check", "m.scx"], "found a model file"),
    "data as saved fit": (["report", "d.csv", "-o", "x.html"], "found a data file"),
    "saved fit as model": (["fit", "results/fit.json", "d.csv"], "found a saved fit"),
    "same data twice": (["fit", "m.scx", "d.csv", "d.csv"], "the same measurements"),
    "one fit twice": (["compare", *["results/fit.json"] * 2], "one fit twice"),
    "no data": (["fit", "m.scx"], "no DATA"),
    "empty argument": (["model", "new", "--output", ""], "an empty text"),
    "unknown command": (["fti"], "did you mean surfacechem fit?"),
    "unknown option": (["fit", "m.scx", "d.csv", "--lvel", "0.9"], "did you mean --level?"),
    "too many": (["schema", "m.scx"], "more than it takes: m.scx"),
    "share with percent": (["fit", "m.scx", "d.csv", "--level", "95%"], "a number"),
    "share above 1": (["fit", "m.scx", "d.csv", "--level", "95"], "write 0.95"),
    "near kind": (["model", "new", "nmr"], "did you mean nmr-integral or nmr-shift?"),
    "other word for a kind": (["data", "new", "PL"], "did you mean quenching?"),
    "folder as output": (["model", "new", "-o", "results"], "write --output results.scx"),
    "wrong ending": (["data", "new", "-o", "x.xlsx"], "write --output x.csv"),
    "file as folder": (["predict", "results/fit.json", *FLASK, "-o", "d.csv"], "output folder 'd.csv': found a file"),
    "taken": (["fit", "m.scx", "d.csv", "-o", "results"], "--overwrite"),
    "no value": (["predict", "m.scx", *FLASK], "--constant"),
    "negative": (["predict", "k.scx", "--feed", "InP37=-1 mM"], "check the sign"),
    "not a number": (["predict", "k.scx", "--feed", "InP37=nan mM"], "amount of InP37"),
    "tower of powers": (["predict", "k.scx", "--feed", "InP37=1 9**9**9 m"], "amount of InP37, unit"),
    "decimal comma": (["predict", "k.scx", "--feed", "InP37=0,5 mM"], "0.5 mM"),
    "denser than lead": (["predict", "k.scx", "--feed", "InP37=1 M"], "1.6e4 g/L"),
    "no points": (["predict", "k.scx", "--feed", "InP37=0..1 mM in 0"], "a whole number of points"),
    "minus three points": (["predict", "k.scx", "--feed", "InP37=0..1 mM in -3"], "a whole number of points"),
    "too many points": (["predict", "k.scx", "--feed", "InP37=0..1 mM in 99999999999"], "a whole number of points"),
    "range without unit": (
        ["predict", "k.scx", "--feed", "InP37=0..1 in 5"],
        "InP37: found '1' without unit",
    ),
    "unit of a constant": (["predict", "k.scx", *FLASK, "--constant", "K[X1]=1 /M"], "leave the unit out"),
    "constant without value": (["predict", "k.scx", *FLASK, "--constant", "K[X1]"], '--constant "K[L1]=250 /M"'),
    "window without spectra": (["predict", "k.scx", *FLASK, "--window", "300..500 nm"], "no spectra"),
    "path without spectra": (["predict", "k.scx", *FLASK, "--path-length", "1"], "no spectra"),
    "half a titration": (["predict", "k.scx", *FLASK[:2], "--titrant", "HO2CR'=1 M"], "no --volume, --added"),
    "falling volumes": (
        ["predict", "k.scx", *FLASK[:2], "--titrant", "HO2CR'=1 M", "--volume", "1 mL", "--added", "1..0 mL in 4"],
        "volumes that fall",
    ),
    "fit as draws": (["predict", "results/fit.json", *FLASK, "--bands", "results/fit.json"], "fit.json: draws"),
    "bands": (["predict", "results/fit.json", *FLASK, "--bands", "bootstrp"], "write --bands bootstrap"),
    "design": (["sweep", "k.scx", "--vary", "K[X1]=1..2:2", "--design", "gird"], "did you mean grid?"),
    "negative seed": (["sweep", "k.scx", "--vary", "K[X1]=1..2:2", "--seed", "-1"], "a whole number from 0"),
    "half a seed": (["bootstrap", "results/fit.json", "--seed", "1.5"], "a whole number from 0"),
    "a million workers": (["sweep", "k.scx", "--vary", "K[X1]=1..2:2", "--workers", "1000000"], "from 0 to 256"),
    "no chunk": (["sweep", "k.scx", "--vary", "K[X1]=1..2:2", "--chunk", "0"], "a whole number from 1"),
    "resume nothing": (["sweep", "k.scx", "--vary", "K[X1]=1..2:2", "--resume"], "--store FOLDER --resume"),
    "guess of a fit": (["plan", "results/fit.json", *FLASK, "--guess", "K[X1]=1"], "it with a saved fit"),
    "one flask": (PLAN, "several to choose from"),
}


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("case", ARGUMENTS)
def test_wrong_arguments_are_answered(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong words in a command end with exit code 2 and what to write; nothing is computed or guessed."""
    words, said = ARGUMENTS[case]
    message = refused(words, capsys)
    assert said in message
    assert "\n  instead: " in message


@pytest.mark.usefixtures("desk")
def test_forgotten_cluster_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A flask without the cluster is solved, but said to be one; a long table says what it leaves out."""
    assert main(["predict", "k.scx", "--feed", "HO2CR'=0..9 mM in 51"]) == 0
    said = capsys.readouterr().out
    assert "There is no InP37 in the flask." in said
    assert "11 of 51 points are shown." in said


def test_what_takes_part_in_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A species or site that no reaction names is as a rule misspelt."""
    model = MODEL.replace("51 native", "40 native") + "site In.b on InP37 : 11 native O2CR\nspecies Q\n"
    (tmp_path / "m.scx").write_text(model, encoding="utf-8")
    assert main(["model", "check", str(tmp_path / "m.scx")]) == 0
    said = capsys.readouterr().out
    assert "Q takes part in no reaction" in said
    assert "site In.b takes part in no reaction: it keeps O2CR" in said


@pytest.mark.parametrize(
    ("kind", "said"), [("host-guest", "HG [ppm]"), ("calorimetry", "PA [kJ/mol]"), ("uv-vis", "HG [L/(mol cm)]")]
)
def test_fit_prints_what_belongs_to_each_species(
    kind: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Limiting shifts, molar heats and spectra are half of the answer; they used to stand in the report only."""
    (tmp_path / "m.scx").write_text(model_template(kind), encoding="utf-8")
    (tmp_path / "d.csv").write_text(data_template(kind), encoding="utf-8")
    assert main(["fit", str(tmp_path / "m.scx"), str(tmp_path / "d.csv")]) == 0
    assert said in capsys.readouterr().out


CELLS = {
    "wrong unit": ("0.5 mmol/L", "0.5 mmol/K", "d.csv:3:9:"),
    "unit that hangs": ("[uL]", "[9**9**9 m]", "d.csv:10:7:"),
    "negative": ("0.5 mmol/L", "-0.5 mmol/L", "check the sign"),
    "no number": (",0.249", ",n/a", "d.csv:12:12:"),
    "not a number": (",0.249", ",NaN", "leave the cell empty"),
    "thousands": ("4,100", "4,1.000", "growing values"),
    "decimal comma": ("0.249", "0,249", "';' between columns"),
    "column of no line": ("free [integral]", "fre [integral]", "fre"),
    "cluster of another name": ("InP37", "InP38", "InP37"),
    "no titrant": ("# titrant: HO2CR' 50 mmol/L\n", "", "# titrant:"),
    "misspelt line": ("# volume:", "# volum:", "did you mean '# volume:'?"),
    "temperature without unit": ("25 degC", "25", '"25 degC"'),
    "only one row": (DATA[DATA.index("2,30") :], "", "point"),
}


@pytest.mark.parametrize("case", CELLS)
def test_wrong_data_are_answered(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong cells and lines of a data file are told with their place; no constant comes of them."""
    monkeypatch.chdir(tmp_path)
    old, new, said = CELLS[case]
    assert old in DATA
    Path("m.scx").write_text(MODEL, encoding="utf-8")
    Path("d.csv").write_text(DATA.replace(old, new, 1), encoding="utf-8")
    assert said in refused(["fit", "m.scx", "d.csv"], capsys)


HEAD, BODY = DATA[: DATA.index("point,")], DATA[DATA.index("point,") :]
ENCODED = {
    "crlf": DATA.replace("\n", "\r\n").encode(),
    "cr": DATA.replace("\n", "\r").encode(),
    "bom": DATA.encode("utf-8-sig"),
    "utf-16": DATA.encode("utf-16"),
    "cp1252": DATA.replace("uL", "µL").encode("cp1252"),
    "semicolons": (HEAD + BODY.replace(",", ";")).encode(),
    "german": (HEAD + BODY.replace(",", ";").replace(".", ",")).encode(),
    "tabs": (HEAD + BODY.replace(",", "\t")).encode(),
}


@pytest.mark.parametrize("kind", ENCODED)
def test_honest_files_of_other_programs_are_read(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Line ends, byte-order marks, code pages, semicolons and decimal commas change no constant."""
    (tmp_path / "m.scx").write_text(MODEL, encoding="utf-8")
    (tmp_path / "d.csv").write_bytes(ENCODED[kind])
    assert main(["fit", str(tmp_path / "m.scx"), str(tmp_path / "d.csv")]) == 0
    assert "0.800 ± 0.005" in capsys.readouterr().out


PROCESS = [sys.executable, "-c", "import sys; from surfacechem.cli import main; sys.exit(main())"]


@pytest.mark.parametrize("words", [["--help"], ["schema"], ["library", "list"]])
def test_reader_that_goes_away_is_no_fault(words: list[str]) -> None:
    """``| head -1`` ends a command with 0 and without a word; help used to end with 1."""
    shell = subprocess.Popen([*PROCESS, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    assert shell.stdout is not None
    assert shell.stderr is not None
    shell.stdout.close()
    assert (shell.wait(timeout=60), shell.stderr.read()) == (0, b"")
    shell.stderr.close()


@pytest.mark.usefixtures("desk")
def test_interrupted_sweep_keeps_what_is_done(tmp_path: Path) -> None:
    """Ctrl-C ends a long sweep with 130 and says how it goes on; the store is there."""
    store = tmp_path / "store"
    words = ["sweep", "k.scx", "--feed", "InP37=1 mM", "--vary", "HO2CR'=0..9 mM:20000", "--vary", "K[X1]=1..2:3000"]
    process = subprocess.Popen([*PROCESS, *words, "--store", str(store)], stderr=subprocess.PIPE, text=True)  # noqa: S603
    deadline = time.monotonic() + 60
    while not (store / "done.bin").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "--resume goes on" in said
    assert (store / "sweep.json").exists()

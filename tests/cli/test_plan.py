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
        (["--feed", "G=1 mM", "--points", "0"], "a whole number from 1"),
        (["--feed", "G=1 mM", "--guess", "K[11]=1 /M"], "option --guess: found it with a saved fit"),
        (["--feed", "G=1 mM", "--for", "K[9]"], "criterion 'K[9]'"),
    ],
)
def test_bad_words_are_refused(saved: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """Every bad option is named, with exit code 2."""
    assert main(["plan", str(saved), *words]) == 2
    assert said in capsys.readouterr().err


BINDING = """surfacechem 1
species P
species A
S[11] P + A <=> PA ; K = fit /M, dH = -30 kJ/mol
observe delta = shift(P, PA)
observe heat = calorimetry(PA)
"""
TITRATION = ("--cell", "P=20..200 uM in 2 log", "--titrant", "A=2 mM", "--volume", "1.4 mL", "--add", "20 x 10 uL")


@pytest.fixture
def binding(tmp_path: Path) -> Path:
    """Return a model of which nothing has been measured."""
    path = tmp_path / "binding.scx"
    path.write_text(BINDING, encoding="utf-8")
    return path


def test_techniques_are_compared_before_measuring(
    binding: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A titration planned from the model alone ranks concentrations and techniques, alone and together."""
    folder = tmp_path / "plan"
    code = main(["plan", str(binding), "--guess", "K[11]=1e4..1e6 /M", *TITRATION, "--output", str(folder)])
    printed = capsys.readouterr().out
    assert code == 0
    assert "P 200 µmol/L, A 2 mmol/L, 20 x 10 µL" in printed
    assert "by heat" in printed
    assert "Best pair: " in printed
    assert "Techniques together" in printed
    assert "noise assumed, 1e-06 J" in printed
    assert {path.name for path in folder.iterdir()} == {"plan.json", "best-run.csv", "plan.svg", "plan.png"}


def test_additions_of_a_plan_are_those_that_were_asked_for(binding: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A shift is read before the first addition and after each of 5 x 20 uL into 0.5 mL; a heat belongs to each."""
    words = ("--cell", "P=1 mM", "--titrant", "A=20 mM", "--volume", "0.5 mL", "--add", "5 x 20 uL", "--json")
    for technique, after in (("nmr-shift", [0, 20, 40, 60, 80, 100]), ("itc", [20, 40, 60, 80, 100])):
        assert main(["plan", str(binding), "--guess", "K[11]=1e3 /M", *words, "--technique", technique]) == 0
        run = json.loads(capsys.readouterr().out)["options"][0]["run"]
        assert [1e6 * added for added in run["added"]] == pytest.approx(after)
    # of 0.5 mL with five times 20 uL, each displacing its volume
    assert run["amounts"][-1][0] == pytest.approx(1e-3 * (1 - 0.02 / 0.5) ** 5)


def test_cell_of_the_model_is_the_volume_of_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A calorimeter's cell that the model states need not be given again, and another one is refused.

    Others start from the same volume (they used to refuse the whole plan), or from the one given.
    """
    path = tmp_path / "binding.scx"
    path.write_text(BINDING.replace("calorimetry(PA)", "calorimetry(PA, cell = 1.4103 mL)"), encoding="utf-8")
    words = ["plan", str(path), "--guess", "K[11]=1e4 /M", *TITRATION[:4], *TITRATION[6:]]
    assert main([*words, "--technique", "itc", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["options"][0]["run"]["initial_volume"] == pytest.approx(1.4103e-3)
    for extra, volume in (((), 1.4103e-3), (("--volume", "0.6 mL"), 0.6e-3)):
        assert main([*words, *extra, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        volumes = {option["observed"][0]: option["run"]["initial_volume"] for option in found["options"]}
        assert volumes == pytest.approx({"delta": volume, "heat": 1.4103e-3})
        assert any("volume assumed" in note for note in found["notes"]) == (not extra)
    assert main([*words, "--technique", "itc", "--volume", "1.4 mL"]) == 2
    said = capsys.readouterr().err
    assert '--volume "1.4103 mL"' in said
    assert "planned run" not in said


def test_flasks_are_planned_before_measuring(binding: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Flasks are chosen for what is expected of the signal; nothing that was given is assumed."""
    feeds = ("--feed", "P=0.2 mM", "--feed", "A=0..20 equiv per P in 21")
    expected = ("--amplitude", "delta[PA]=0.4 ppm", "--amplitude", "delta[P]=0 ppm", "--noise", "delta=0.002 ppm")
    assert main(["plan", str(binding), "--guess", "K[11]=1e4 /M", *feeds, *expected, "--points", "8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["options"][0]["run"]["amounts"]) == 8
    assert not any("assumed" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--feed", "P=1 mM"], "no value to plan with"),
        (["--guess", "K[11]=1e4 /M"], "neither flasks nor a titration"),
        (["--guess", "K[11]=1e4 /M", *TITRATION, "--technique", "epr"], "nmr-shift"),
        (["--guess", "K[11]=1e4 /M", *TITRATION, "--technique", "uv-vis"], "found uv-vis"),
        (["--guess", "K[11]=1e4", *TITRATION], "value of K[11]"),
        (["--guess", "K[12]=1e4 /M", *TITRATION], "guess of K[12]"),
        (["--guess", "K[11]=1e4 /M", *TITRATION, "--noise", "gamma=1 ppm"], "noise of gamma"),
        (["--guess", "K[11]=1e4 /M", *TITRATION, "--for", "K[9]"], "criterion 'K[9]'"),
        (["--guess", "K[11]=1e4 /M", *TITRATION[:-1], "ten drops"], "additions"),
        (["--guess", "K[11]=1e4 /M", "--feed", "P=1 mM", "--technique", "itc"], "technique of the plan"),
    ],
)
def test_bad_words_about_a_first_run_are_refused(
    binding: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """Every option that cannot be used is named, with exit code 2 and what to write."""
    assert main(["plan", str(binding), *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--noise", "heat=0 uJ"], "noise of heat"),
        (["--amplitude", "heat[A]=-3 kJ/mol"], "amplitude of A"),
        (["--volume", "5 uL"], "smaller than the volume"),
        (["--guess", "K[11]=1e1..1e20 /M"], "12 decades"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    binding: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """Noise of nothing, heats of what forms nothing, drops larger than the vessel, guesses of everything."""
    given = {"--guess": "K[11]=1e4 /M", **dict(zip(TITRATION[::2], TITRATION[1::2], strict=True))}
    given[words[0]] = words[1]
    assert main(["plan", str(binding), *(word for pair in given.items() for word in pair)]) == 2
    assert said in capsys.readouterr().err


def test_what_is_too_dark_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Absorbances above 2 rule a technique out, not the plan."""
    path = tmp_path / "binding.scx"
    path.write_text(BINDING.replace("observe heat = calorimetry(PA)", "observe A = spectrum(P, PA)"), encoding="utf-8")
    feeds = ("--feed", "P=1 mM", "--feed", "A=1..5 mM in 15")
    assert main(["plan", str(path), "--guess", "K[11]=1e4 /M", *feeds]) == 0
    assert "by A" not in capsys.readouterr().out


def _table(text: str) -> list[str]:
    """Return the rows of numbers of a data file."""
    return [line for line in text.splitlines() if line[0].isdigit()]


@pytest.mark.parametrize("technique", ["nmr-shift", "itc"])
def test_the_best_run_can_be_evaluated_before_it_is_made(binding: Path, tmp_path: Path, technique: str) -> None:
    """Its data are labelled simulated, the same for the same seed, and a fit finds the guess within its error."""
    words = ["--guess", "K[11]=1e5 /M", "--cell", "P=100 uM", "--titrant", "A=1.5 mM", "--volume", "1.4 mL"]
    words += ["--add", "25 x 10 uL", "--technique", technique, "--json"]
    for folder, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert main(["plan", str(binding), *words, "--seed", seed, "--output", str(tmp_path / folder)]) == 0
    first, again, other = ((tmp_path / folder / "best-run.csv").read_text() for folder in "abc")
    assert "simulated" in first
    assert first == again
    assert all(mine != theirs for mine, theirs in zip(_table(first), _table(other), strict=True))
    found = sc.load_model(binding).fit(tmp_path / "a" / "best-run.csv").result["K[11]"]
    planned = json.loads((tmp_path / "a" / "plan.json").read_text())["options"][0]["log10_stderr"][0][0]
    assert found.log10_value == pytest.approx(5.0, abs=4 * planned)
    assert found.log10_stderr == pytest.approx(planned, rel=0.5)


def test_energies_are_guessed_below_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A coupling may repel: its guess takes a sign, that of a constant does not."""
    model = tmp_path / "w.scx"
    model.write_text(
        "cluster Q\nsite S on Q : 8 native A ; ring\nX S-A + HB <=> S-B + HA ; K = fit, w = fit\n"
        "observe bound = integral(S-B)\n"
    )
    words = ["plan", str(model), "--feed", "Q=1 mM", "--feed", "HB=0..40 mM in 21", "--guess"]
    assert main([*words, "w[X1]=-2..3 kJ/mol", "--guess", "K[X1]=1"]) == 0
    assert "w[X1]" in capsys.readouterr().out
    assert main([*words, "w[X1]=-2 kJ/mol", "--guess", "K[X1]=-1"]) == 2
    assert "above zero" in capsys.readouterr().err

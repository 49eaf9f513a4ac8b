"""The command ``plan``: further points of a saved fit, or a whole run before anything is measured."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.options import (
    DEFAULT_FILES,
    AsJson,
    Files,
    Folder,
    Level,
    Many,
    Seed,
    Source,
    TechniqueName,
    Text,
    pairs,
    whole,
)
from surfacechem.cli.output import print_facts, print_json, print_lines, print_table
from surfacechem.cli.working import working
from surfacechem.constants import CONFIDENCE_LEVEL
from surfacechem.errors import DataError
from surfacechem.plain import to_plain

if TYPE_CHECKING:
    from surfacechem.fitting.outlook import Forecast
    from surfacechem.fitting.planning import Plan
    from surfacechem.plotting import Pictures

__all__ = ["plan"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1
DOCUMENT = "plan.json"
FURTHER_POINTS = 5
FIRST_POINTS = 12
FLASKS = 'surfacechem plan {source} --feed "Host=1 mM" --feed "Guest=0..20 mM in 101"'
TITRATION = '--cell "P=5..500 uM" --titrant "A=0.1..5 mM" --volume "1.4 mL" --add "25 x 10 uL"'


def plan(
    source: Source,
    /,
    *,
    feed: Many = (),
    points: Annotated[int | None, whole(1)] = None,
    criterion: Annotated[str, Parameter(name=("--criterion", "--for"))] = "D",
    guess: Many = (),
    technique: TechniqueName | None = None,
    cell: Many = (),
    titrant: Many = (),
    volume: Text = "",
    add: Many = (),
    amplitude: Many = (),
    noise: Many = (),
    level: Level = None,
    seed: Seed = 0,
    output: Folder = None,
    files: Files = DEFAULT_FILES,
    json: AsJson = False,
) -> int:
    """Say what to measure: further points of a saved fit, or, from a model alone, a first run.

    Parameters
    ----------
    feed
        Flasks that can be made, once per feed: "Host=1 mM", "Guest=0..20 mM in 101".
    points
        How many points to choose: by default 5 further ones, or 12 of a first run.
    criterion
        D (all constants together), A (mean of their variances) or the name of one constant: --for "K[21]".
    guess
        What a constant may be, where the model does not say: "K[11]=1e3..1e6 /M".
    technique
        One technique; by default those of the model are compared, alone and together.
    cell
        Titration: what is in the vessel, with practical limits: "P=5..500 uM".
    titrant
        Titration: what is added: "A=0.1..5 mM in 5 log".
    volume
        Titration: volume before the first addition: "1.4 mL"; by default the cell that a calorimetry line states.
    add
        Titration: number and volume of additions, repeated to compare: "25 x 10 uL".
    amplitude
        What a signal is expected to be: "delta[HG]=0.4 ppm", "heat[HG]=-30 kJ/mol", "A[HG]=8000 L/(mol cm)".
    noise
        Standard deviation of a value: "delta=0.002 ppm", "heat=0.5 uJ".
    output
        Folder for plan.json, and of a first run best-run.csv (noise drawn) and figures; made if it is not there.
    """
    flasks = pairs(feed, option="--feed")
    if source.suffix == ".json":
        _refuse_of_fit(guess=guess, technique=technique, cell=cell, titrant=titrant, volume=volume, add=add)
        _refuse_of_fit(amplitude=amplitude, noise=noise, level=level)
        further = _further(source, flasks, points=points or FURTHER_POINTS, criterion=criterion)
        _tell_further(further, output, overwrite=files.overwrite, json=json)
        return EXIT_GOOD if further.is_valid else EXIT_NOT_TRUSTED
    vessel, added = pairs(cell, option="--cell"), pairs(titrant, option="--titrant")
    if not flasks and not (vessel and added and add):
        advice = f"{FLASKS.format(source=source)}, or {TITRATION}"
        raise DataError(
            "what can be made", found="neither flasks nor a titration", allowed="one of them", advice=advice
        )
    pictures = files.pictures
    model = sc.load_model(source)
    with working("planning"):
        found = model.plan(
            flasks,
            cell=vessel,
            titrant=added,
            volume=volume,
            additions=add,
            n_points=points or FIRST_POINTS,
            criterion=criterion,
            guess=pairs(guess, option="--guess"),
            technique=technique or "",
            amplitudes=pairs(amplitude, option="--amplitude"),
            noise=pairs(noise, option="--noise"),
            level=CONFIDENCE_LEVEL if level is None else level,
        )
    written = [] if output is None else _write(found, output, seed, overwrite=files.overwrite, pictures=pictures)
    if json:
        print_json(to_plain(found))
        return EXIT_GOOD
    for table in found.tables:
        print_table(table)
        print_lines([""])
    print_facts(found.facts)
    print_lines(f"· {note}" for note in found.notes)
    print_lines(f"wrote {path}" for path in written)
    return EXIT_GOOD


def _refuse_of_fit(**options: object) -> None:
    """Refuse what describes a run of which nothing is known: a fit knows its constants, signals and noise."""
    for name, value in options.items():
        if value:
            advice = "leave it out, or plan from the model"
            raise DataError(f"option --{name}", found="it with a saved fit", allowed="a model", advice=advice)


def _further(source: Path, flasks: dict[str, str], *, points: int, criterion: str) -> Plan:
    """Return further points of a saved fit."""
    if not flasks:
        advice = FLASKS.format(source=source)
        raise DataError("option --feed", found="none", allowed="the flasks that can be made", advice=advice)
    with working("planning"):
        return sc.load_fit(source).plan(flasks, n_points=points, criterion=criterion)


def _tell_further(found: Plan, folder: Path | None, *, overwrite: bool, json: bool) -> None:
    from surfacechem.io import staged_folder, write_json

    if folder is not None:
        with staged_folder(folder, [DOCUMENT], overwrite=overwrite) as stage:
            write_json(stage / DOCUMENT, to_plain(found))
    if json:
        print_json(to_plain(found))
        return
    print_table(found.to_table())
    print_facts(found.facts)
    if folder is not None:
        print_lines([f"wrote {folder / DOCUMENT}"])


def _write(found: Forecast, folder: Path, seed: int, *, overwrite: bool, pictures: Pictures) -> list[Path]:
    from surfacechem.io import staged_folder, to_csv, write_json, write_text
    from surfacechem.plotting import forecast_figure

    names = [DOCUMENT, "best-run.csv", *pictures.names("plan")]
    with staged_folder(folder, names, overwrite=overwrite) as stage:
        write_json(stage / DOCUMENT, to_plain(found))
        write_text(stage / "best-run.csv", to_csv(found.simulated(seed=seed)))
        pictures.write(forecast_figure(found), stage, "plan")
    return [folder / name for name in names]

"""Commands about fits: ``fit``, ``report``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import Annotated, Literal

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.corrections import read_corrections
from surfacechem.cli.options import (
    DEFAULT_FILES,
    AsJson,
    DataTechnique,
    Files,
    Folder,
    Level,
    Many,
    ModelFile,
    Overwrite,
    Rename,
    SavedFit,
    Sheet,
    pairs,
    told,
)
from surfacechem.cli.output import print_facts, print_json, print_lines, print_table, with_ending
from surfacechem.cli.working import working
from surfacechem.constants import CONFIDENCE_LEVEL

__all__ = ["fit", "print_fit", "report", "schema"]

Loss = Literal["squares", "robust"]
Active = Annotated[
    tuple[str, ...],
    told(
        'Fit which share of something takes part, with what is known of it: --active "Host=0.97 +/- 0.02", or '
        '--active "Host of run=fit" in one data set alone.'
    ),
]
Known = Annotated[
    tuple[str, ...],
    told(
        'Molar spectra that are not fitted: --known "A=spectra.csv", a table with the columns wavelength [nm], '
        "Host [L/(mol cm)], ..."
    ),
]


def fit(
    model: ModelFile,
    /,
    *data: Annotated[Path, Parameter(required=True)],
    output: Folder = None,
    level: Level = None,
    rename: Rename = (),
    technique: DataTechnique = None,
    sheet: Sheet = None,
    hold: Many = (),
    start: Many = (),
    loss: Loss = "squares",
    active: Active = (),
    impurity: Many = (),
    known: Known = (),
    allow: Many = (),
    files: Files = DEFAULT_FILES,
    json: AsJson = False,
) -> int:
    """Fit the constants of a model to one titration or several; no starting values are asked for.

    Parameters
    ----------
    data
        Data files, one or more; they are fitted together.
    output
        Folder for fit.json, report.html, curves and figures; made if it is not there.
    hold
        Hold a constant at a value, whatever the model says: --hold "K[11]=2500 /M".
    start
        Begin one more descent at a value; the whole range is searched all the same: --start "K[21]=40 /M".
    loss
        squares, or robust: outliers are set aside and named.
    impurity
        Fit how much of one thing another brings along, in mol/mol: --impurity "HO2CR in InP37=0.5 +/- 0.2".
    allow
        Say that what is unusual is right: --allow scale, for amounts and amplitudes that look like a wrong unit.
    """
    from surfacechem.io import read_all

    renamed = pairs(rename, option="--rename")
    titrations = read_all(data, rename=renamed, technique=technique, sheet=sheet)
    loaded = sc.load_model(model)
    pictures = files.pictures
    if output is not None:
        _refuse_taken(output, overwrite=files.overwrite)
    with working("binding data and model"):
        fitted = loaded.fit(
            *titrations,
            level=CONFIDENCE_LEVEL if level is None else level,
            loss=loss,
            hold=pairs(hold, option="--hold"),
            start=pairs(start, option="--start"),
            known=pairs(known, option="--known"),
            corrections=read_corrections(active, impurity),
            allow=allow,
        )
    written: tuple[Path, ...] = ()
    if output is not None:
        with working("drawing figures"):
            written = fitted.write(output, overwrite=files.overwrite, pictures=pictures)
    if json:
        print_json(fitted.to_dict())
    else:
        print_fit(fitted)
        print_lines(f"wrote {path}" for path in written)
    return fitted.result.exit_code


def _refuse_taken(folder: Path, *, overwrite: bool) -> None:
    """Say before a fit, not after it, that its results would have no place."""
    from surfacechem.api.folder import FIRST_FILES
    from surfacechem.io import refuse_taken

    refuse_taken(folder, FIRST_FILES, overwrite=overwrite)


def print_fit(fitted: sc.Fit) -> None:
    """Print constants, amplitudes where they are few, signals, verdicts and what was assumed."""
    result = fitted.result
    for table in (result.estimates_table(), *result.amplitude_tables(), result.signals_table()):
        print_table(table)
        print_lines([""])
    print_facts(result.facts)
    print_lines(f"· {note}" for note in (*result.notes, *_notes_of(fitted)))


def _notes_of(fitted: sc.Fit) -> list[str]:
    """Return what was assumed of the data, each sentence once, with the data sets it holds for."""
    names: dict[str, list[str]] = {}
    for data in fitted.data:
        for note in data.notes:
            names.setdefault(note, []).append(data.name)
    return [f"{', '.join(held)}: {note}" for note, held in names.items()]


def report(
    fit: SavedFit,
    /,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))],
    overwrite: Overwrite = False,
    json: AsJson = False,
) -> int:
    """Write the HTML report of a saved fit: one file that needs no network; the exit code is that of the fit.

    Parameters
    ----------
    output
        HTML file to write.
    """
    path = with_ending(output, ".html", ".htm")
    with working("drawing figures"):
        fitted = sc.load_fit(fit)
        written = str(fitted.report(path, overwrite=overwrite))
    if json:
        print_json({"wrote": written})
    else:
        print_lines([f"wrote {written}"])
    return fitted.result.exit_code


def schema() -> None:
    """Print the JSON schema of fit.json."""
    from surfacechem.api.schema import fit_schema

    print_json(fit_schema())

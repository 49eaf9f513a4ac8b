"""Commands about fits: ``fit``, ``report``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import Annotated, Literal

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.corrections import read_corrections
from surfacechem.cli.output import (
    DEFAULT_FILES,
    Files,
    Flag,
    Folder,
    Many,
    TechniqueName,
    pairs,
    print_facts,
    print_json,
    print_lines,
    print_table,
)
from surfacechem.cli.working import working
from surfacechem.constants import CONFIDENCE_LEVEL
from surfacechem.errors import DataError

__all__ = ["fit", "print_fit", "report"]

Loss = Literal["squares", "robust"]


def fit(
    model: Path | None = None,
    /,
    *data: Path,
    output: Folder = None,
    level: float = CONFIDENCE_LEVEL,
    rename: Many = (),
    technique: TechniqueName | None = None,
    sheet: str | None = None,
    hold: Many = (),
    start: Many = (),
    loss: Loss = "squares",
    active: Many = (),
    impurity: Many = (),
    known: Many = (),
    files: Files = DEFAULT_FILES,
    json: Flag = False,
    schema: Flag = False,
) -> int:
    """Fit the constants of a model to one titration or several; no starting values are asked for.

    Parameters
    ----------
    model
        Model file (.scx).
    data
        Data files, fitted together.
    output
        Folder for fit.json, report.html, curves and figures; made if it is not there.
    level
        Confidence level of the intervals.
    rename
        What a name in the data is to mean: --rename "H=Host" --rename "delta=delta [Hz]".
    technique
        What was measured, where the data do not say.
    sheet
        Sheet of a workbook; by default the first with a table.
    hold
        Hold a constant at a value, whatever the model says: --hold "K[11]=2500 /M".
    start
        Begin one more descent at a value; the whole range is searched all the same: --start "K[21]=40 /M".
    loss
        squares, or robust: outliers are set aside and named.
    active
        Fit which share of something takes part, with what is known of it: --active "Host=0.97 +/- 0.02", or
        --active "Host of run=fit" in one data set alone.
    impurity
        Fit how much of one thing another brings along, in mol/mol: --impurity "HO2CR in InP37=0.5 +/- 0.2".
    known
        Molar spectra that are not fitted: --known "A=spectra.csv", a table with the columns wavelength [nm],
        Host [L/(mol cm)], ...
    json
        Print the result as JSON.
    schema
        Print the JSON schema of fit.json, and fit nothing.
    """
    if schema:
        from surfacechem.api.schema import fit_schema

        print_json(fit_schema())
        return 0
    if model is None or not data:
        advice = "surfacechem fit MODEL.scx DATA.csv"
        raise DataError("data of the fit", found="no file", allowed="one data file or more", advice=advice)
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
            level=level,
            loss=loss,
            hold=pairs(hold, option="--hold"),
            start=pairs(start, option="--start"),
            known=pairs(known, option="--known"),
            corrections=read_corrections(active, impurity),
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
    """Print constants, signals, verdicts and what was assumed."""
    for table in (fitted.result.estimates_table(), fitted.result.signals_table()):
        print_table(table)
        print_lines([""])
    print_facts(fitted.result.facts)
    assumed = [*fitted.result.notes, *(f"{data.name}: {note}" for data in fitted.data for note in data.notes)]
    print_lines(f"· {note}" for note in assumed)


def report(
    fit: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))],
    overwrite: Flag = False,
) -> None:
    """Write the HTML report of a saved fit: one file that needs no network.

    Parameters
    ----------
    fit
        File fit.json of a fit.
    output
        HTML file to write.
    overwrite
        Replace a file of this name.
    """
    with working("drawing figures"):
        written = sc.load_fit(fit).report(output, overwrite=overwrite)
    print_lines([f"wrote {written}"])

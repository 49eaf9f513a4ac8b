"""The command ``predict``."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.options import (
    DEFAULT_FILES,
    AsJson,
    Constants,
    Files,
    Flag,
    Folder,
    Level,
    Many,
    Source,
    Text,
    pairs,
)
from surfacechem.cli.output import print_json, print_lines, print_table
from surfacechem.cli.working import working
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.api.predicting import PredictionOptions
    from surfacechem.plotting import Pictures
    from surfacechem.prediction import Curves

__all__ = ["predict"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1
PICTURES = ("coverage", "forms", "ligands", "speciation")
BANDS = ("derivatives", "draws", "bootstrap")
N_DRAWS = 1000
Bands = Annotated[
    Literal["derivatives", "draws", "bootstrap"] | Path,
    Parameter(
        help="Where bands come from: the errors of the fit by derivatives; 1000 draws of the constants, taken as "
        "normal; 1000 bootstrap replicas of the fit; or the file that 'surfacechem bootstrap' or 'surfacechem "
        "posterior' wrote."
    ),
]
SIGNAL = "signal"
ENERGY = "eV"


def predict(
    source: Source,
    /,
    *,
    feed: Many = (),
    titrant: Many = (),
    volume: Text = "",
    added: Text = "",
    temperature: Text = "",
    constant: Constants = (),
    bands: Bands = "derivatives",
    level: Level = None,
    window: Text = "",
    path_length: Text = "",
    output: Folder = None,
    netcdf: Flag = False,
    files: Files = DEFAULT_FILES,
    json: AsJson = False,
) -> int:
    """Predict coverage, ligand counts, speciation, signals and spectra from a model or a saved fit.

    Parameters
    ----------
    feed
        What is put into the flask, once per feed: "InP37=0.5 mM", "HO2CR'=0..30 mM in 61",
        "HO2CR'=5 equiv per native ligand"; with --titrant: what is in the vessel.
    titrant
        What is added, once per feed: "HO2CR'=0.25 M".
    volume
        Volume in the vessel before the first addition: "0.60 mL".
    added
        Volumes added so far: "0..120 uL in 25".
    temperature
        Another temperature than that of the model, "50 degC"; every constant then needs its dH.
    window
        Wavelengths of spectra that the model states, "300..500 nm"; by default where its bands are.
    path_length
        Optical path of these spectra: "2 mm"; by default 1 cm.
    output
        Folder for prediction.csv, prediction.json, a CSV of each series of spectra, and figures; made if not there.
    netcdf
        Write prediction.nc as well.
    """
    if not feed:
        example = 'surfacechem predict exchange.scx --feed "InP37=0.5 mM"'
        raise DataError("option --feed", found="none", allowed="what is put into the flask", advice=example)
    pictures = files.pictures
    amounts, constants = pairs(feed, option="--feed"), pairs(constant, option="--constant")
    start = sc.load_fit(source) if source.suffix == ".json" else sc.load_model(source)
    options: PredictionOptions = {"constants": constants}
    if path_length:
        options["path_length"] = path_length
    if titrant or volume or added:
        _refuse_part({"--titrant": titrant, "--volume": volume, "--added": added})
        options |= {"titrant": pairs(titrant, option="--titrant"), "volume": volume, "added": added}
    if temperature:
        options["temperature"] = temperature
    if level is not None:
        options["level"] = level
    if window:
        options["window"] = _ends(window)
    with working("predicting"):
        options |= _bands(bands, start)
        predicted = start.predict(amounts, **options)
    if window or path_length:
        _refuse_without_spectra(predicted, "--window" if window else "--path-length")
    written = []
    if output is not None:
        written = _write(predicted, output, overwrite=files.overwrite, pictures=pictures, netcdf=netcdf)
    if json:
        print_json(predicted.to_dict())
    else:
        print_table(predicted.to_table())
        print_lines(f"wrote {path}" for path in written)
    return EXIT_GOOD if predicted.is_valid else EXIT_NOT_TRUSTED


def _refuse_part(given: dict[str, object]) -> None:
    """Refuse a titration of which only a part is told."""
    missing = [option for option, value in given.items() if not value]
    if missing:
        advice = """--titrant "HO2CR'=0.25 M" --volume "0.60 mL" --added "0..120 uL in 25\""""
        raise DataError(
            "titration", found=f"no {', '.join(missing)}", allowed="all three or none of them", advice=advice
        )


def _refuse_without_spectra(predicted: sc.Prediction, option: str) -> None:
    if all(each.axis is None for each in predicted.curves):
        advice = "leave it out, or state what a band looks like: observe E1 = ... ; width = 150 meV, absorptivity = ..."
        raise DataError(f"option {option}", found="no spectra in the model", allowed="spectra", advice=advice)


def _bands(source: str | Path, start: sc.Model | sc.Fit) -> PredictionOptions:
    """Return the options that take the bands from where they are asked for."""
    if source == "derivatives":
        return {}
    if source == "draws":
        return {"n_draws": N_DRAWS}
    if not isinstance(start, sc.Fit):
        raise DataError(
            "option --bands", found=f"'{str(source)[:80]}' with a model", allowed="derivatives, draws",
            advice="give the fit.json of a fit for anything else",
        )  # fmt: skip
    if source == "bootstrap":
        return {"draws": start.bootstrap(n_replicas=N_DRAWS).draws}
    if not Path(source).exists():
        near = get_close_matches(str(source), BANDS, n=1)
        raise DataError(
            "option --bands",
            found=f"'{str(source)[:80]}'",
            allowed=f"{', '.join(BANDS)}, or a file of draws",
            advice=f"write --bands {near[0] if near else BANDS[0]}",
        )
    return {"draws": sc.load_draws(source)}


def _ends(window: str) -> tuple[str, str]:
    """Return both ends of ``300..500 nm`` with their unit."""
    found = re.fullmatch(r"\s*([\d.]*\d)\s*\.\.\s*([\d.]*\d)\s*([A-Za-z/]\S*)\s*", window)
    if found is None:
        raise DataError("option --window", found=f"'{window[:40]}'", allowed="two positions", advice="300..500 nm")
    return f"{found[1]} {found[3]}", f"{found[2]} {found[3]}"


def _write(predicted: sc.Prediction, folder: Path, *, overwrite: bool, pictures: Pictures, netcdf: bool) -> list[Path]:
    from surfacechem.io import staged_folder, write_json, write_text
    from surfacechem.sweep import write_dataset

    titles = _titles(predicted)
    panels = _panels(predicted, titles)
    tables = {f"{title}.csv": each.name for title, each in titles.items() if each.axis is not None}
    names = ["prediction.csv", *tables, "prediction.json", *(["prediction.nc"] if netcdf else [])]
    names += [name for panel in panels for name in pictures.names(panel)]
    with staged_folder(folder, names, overwrite=overwrite) as stage:
        write_text(stage / "prediction.csv", predicted.to_csv())
        for table, name in tables.items():
            write_text(stage / table, predicted.spectra_csv(name))
        write_json(stage / "prediction.json", predicted.to_dict())
        if netcdf:
            write_dataset(predicted.to_dataset(), stage / "prediction.nc")
        for panel, draw in panels.items():
            pictures.write(draw().figure, stage, panel)
    return [folder / name for name in names]


def _titles(predicted: sc.Prediction) -> dict[str, Curves]:
    """Return the signals by names that files may have."""
    from surfacechem.api.folder import file_names

    signals = [each for each in predicted.curves if each.group == SIGNAL]
    titles = file_names([*PICTURES, *(each.name for each in signals)])[len(PICTURES) :]
    return dict(zip(titles, signals, strict=True))


def _panels(predicted: sc.Prediction, titles: dict[str, Curves]) -> dict[str, Callable[[], Any]]:
    """Return what draws each figure: of one point there are spectra only."""
    from surfacechem import plotting

    groups = {each.group for each in predicted.curves}
    is_curve = predicted.conditions.n_points > 1
    panels: dict[str, Callable[[], Any]] = {
        name: partial(getattr(plotting, name), predicted) for name in PICTURES if name in groups and is_curve
    }
    for title, each in titles.items():
        if is_curve or each.axis is not None:
            panels[title] = partial(plotting.signal, predicted, each.name)
        if is_curve and each.unit == ENERGY and "coverage" in groups:
            panels[f"{title}-by-coverage"] = partial(plotting.position, predicted, each.name)
    return panels

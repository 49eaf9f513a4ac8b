"""The command ``predict``."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.output import (
    DEFAULT_FILES,
    Files,
    Flag,
    Folder,
    Many,
    Text,
    pairs,
    print_json,
    print_lines,
    print_table,
)
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
PICTURES = ("coverage", "ligands", "speciation")
BANDS = ("derivatives", "draws", "bootstrap")
N_DRAWS = 1000
SIGNAL = "signal"
ENERGY = "eV"


def predict(
    source: Path,
    /,
    *,
    feed: Many = (),
    titrant: Many = (),
    volume: Text = "",
    added: Text = "",
    temperature: Text = "",
    constant: Many = (),
    bands: str = BANDS[0],
    level: float | None = None,
    window: Text = "",
    path_length: str = "1 cm",
    output: Folder = None,
    netcdf: Flag = False,
    files: Files = DEFAULT_FILES,
    json: Flag = False,
) -> int:
    """Predict coverage, ligand counts, speciation, signals and spectra from a model or a saved fit.

    Parameters
    ----------
    source
        Model file (.scx), or fit.json of a fit, whose errors give the bands.
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
    constant
        A value that replaces the model's or the fit's: "K[L1]=250 /M", "active[InP37]=1".
    bands
        Where uncertainty bands come from: derivatives; draws (1000 sets of constants, drawn as normal); bootstrap
        (1000 replicas of the fit); or the file that 'surfacechem bootstrap' or 'surfacechem posterior' wrote.
    level
        Probability of the bands; by default 0.95, or that of the fit.
    window
        Wavelengths of spectra that the model states, "300..500 nm"; by default where its bands are.
    path_length
        Optical path of these spectra.
    output
        Folder for prediction.csv, prediction.json, a CSV of each series of spectra, and figures; made if not there.
    netcdf
        Write prediction.nc as well.
    json
        Print the prediction as JSON.
    """
    if not feed:
        example = 'surfacechem predict exchange.scx --feed "InP37=0.5 mM"'
        raise DataError("option --feed", found="none", allowed="what is put into the flask", advice=example)
    pictures = files.pictures
    amounts, constants = pairs(feed, option="--feed"), pairs(constant, option="--constant")
    start = sc.load_fit(source) if source.suffix == ".json" else sc.load_model(source)
    options: PredictionOptions = {"constants": constants, "path_length": path_length}
    if titrant or volume or added:
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
    written = []
    if output is not None:
        written = _write(predicted, output, overwrite=files.overwrite, pictures=pictures, netcdf=netcdf)
    if json:
        print_json(predicted.to_dict())
    else:
        print_table(predicted.to_table())
        print_lines(f"wrote {path}" for path in written)
    return EXIT_GOOD if predicted.is_valid else EXIT_NOT_TRUSTED


def _bands(source: str, start: sc.Model | sc.Fit) -> PredictionOptions:
    """Return the options that take the bands from where they are asked for."""
    if source == "derivatives":
        return {}
    if source == "draws":
        return {"n_draws": N_DRAWS}
    if not isinstance(start, sc.Fit):
        raise DataError(
            "option --bands", found=f"'{source[:40]}' with a model", allowed="derivatives, draws",
            advice="give the fit.json of a fit for anything else",
        )  # fmt: skip
    if source == "bootstrap":
        return {"draws": start.bootstrap(n_replicas=N_DRAWS).draws}
    if not Path(source).exists():
        raise DataError(
            "option --bands",
            found=f"'{source[:40]}'",
            allowed=f"{', '.join(BANDS)}, or a file of draws",
            advice="write e.g. --bands bootstrap",
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

"""The command ``predict``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import TYPE_CHECKING

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.output import Flag, Folder, Many, as_pictures, pairs, print_json, print_lines, print_table
from surfacechem.cli.working import working
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from surfacechem.plotting import Pictures

__all__ = ["predict"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1
PICTURES = ("coverage", "ligands", "speciation")


def predict(
    source: Path,
    /,
    *,
    feed: Many = (),
    constant: Many = (),
    output: Folder = None,
    overwrite: Flag = False,
    figures: Many = (),
    width: str = "",
    json: Flag = False,
) -> int:
    """Predict coverage, ligand counts, speciation and signals from a model or a saved fit.

    Parameters
    ----------
    source
        Model file (.scx), or fit.json of a fit, whose errors give the bands.
    feed
        What is put into the flask, once per feed: "InP37=0.5 mM", "HO2CR'=0..30 mM in 61",
        "HO2CR'=5 equiv per native ligand".
    constant
        A value that replaces the model's or the fit's: "K[L1]=250 /M".
    output
        Folder for prediction.csv, prediction.json and figures; made if it is not there.
    overwrite
        Replace the files of an earlier run in that folder.
    figures
        Kinds of the figures, once per kind: --figures pdf; svg, png, pdf, by default svg and png.
    width
        Width of the figures: --width "85 mm" for a column of most journals; by default 132 mm.
    json
        Print the prediction as JSON.
    """
    if not feed:
        example = 'surfacechem predict exchange.scx --feed "InP37=0.5 mM"'
        raise DataError("option --feed", found="none", allowed="what is put into the flask", advice=example)
    pictures = as_pictures(figures, width)
    amounts, constants = pairs(feed, option="--feed"), pairs(constant, option="--constant")
    start = sc.load_fit(source) if source.suffix == ".json" else sc.load_model(source)
    with working("predicting"):
        predicted = start.predict(amounts, constants=constants)
    written = [] if output is None else _write(predicted, output, overwrite=overwrite, pictures=pictures)
    if json:
        print_json(predicted.to_dict())
    else:
        print_table(predicted.to_table())
        print_lines(f"wrote {path}" for path in written)
    return EXIT_GOOD if predicted.is_valid else EXIT_NOT_TRUSTED


def _write(predicted: sc.Prediction, folder: Path, *, overwrite: bool, pictures: Pictures) -> list[Path]:
    from surfacechem import plotting
    from surfacechem.io import staged_folder, write_json, write_text

    groups = {each.group for each in predicted.curves}
    is_curve = predicted.conditions.n_points > 1
    drawn = [name for name in PICTURES if name in groups and is_curve]
    names = ["prediction.csv", "prediction.json", *(name for panel in drawn for name in pictures.names(panel))]
    with staged_folder(folder, names, overwrite=overwrite) as stage:
        write_text(stage / "prediction.csv", predicted.to_csv())
        write_json(stage / "prediction.json", predicted.to_dict())
        for panel in drawn:
            pictures.write(getattr(plotting, panel)(predicted).figure, stage, panel)
    return [folder / name for name in names]

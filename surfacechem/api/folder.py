"""Everything there is of a fit as files in one folder: complete, or not there at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike
    from pathlib import Path

    from surfacechem.api.fit import Fit
    from surfacechem.plotting import Pictures
    from surfacechem.prediction import Prediction

__all__ = ["FIRST_FILES", "file_names", "fill_folder"]

FIRST_FILES = ("fit.json", "report.html")
"""Written by every fit, so their names tell before a fit whether a folder is taken."""


def fill_folder(fit: Fit, folder: str | PathLike[str], *, overwrite: bool, pictures: Pictures) -> tuple[Path, ...]:
    """Write document, report, curves and figures of a fit; see `Fit.write`."""
    from surfacechem.io import staged_folder, write_text
    from surfacechem.plotting import fitted_figure
    from surfacechem.prediction import fitted_signals

    tables = _tables(fit.predictions())
    signals = fitted_signals(fit.model, fit.result)
    titles = file_names(f"{each.dataset}-{each.curves.name}" for each in signals)
    names = [*FIRST_FILES, *tables, *(name for title in titles for name in pictures.names(title))]
    with staged_folder(folder, names, overwrite=overwrite) as stage:
        fit.save(stage / "fit.json")
        write_text(stage / "report.html", fit.to_html())
        for name, text in tables.items():
            write_text(stage / name, text)
        for title, signal in zip(titles, signals, strict=True):
            pictures.write(fitted_figure(signal), stage, title)
        place = stage.parent
    return tuple(place / name for name in names)


def _tables(predictions: Mapping[str, Prediction]) -> dict[str, str]:
    """Return the text of every CSV: the curves of each data set, then its spectra, which are long the other way."""
    named = list(zip(file_names(predictions), predictions.items(), strict=True))
    texts = {f"{title}-curves.csv": each.to_csv() for title, (_, each) in named}
    for title, (name, each) in named:
        own = [curves.name for curves in each.curves if curves.axis is not None]
        own = own if len(predictions) == 1 else [signal for signal in own if signal.startswith(f"{name}: ")]
        for part, signal in zip(file_names(own), own, strict=True):
            texts[f"{title}-{part}-spectra.csv"] = each.spectra_csv(signal)
    return texts


def file_names(titles: Iterable[str]) -> list[str]:
    """Return titles as names that every file system takes, each another one even where case is not told apart."""
    found: list[str] = []
    for title in titles:
        plain = re.sub(r"[^\w.+-]+", "_", title).strip("._")[:60] or "unnamed"
        taken = {name.lower() for name in found}
        numbered = (plain if number == 1 else f"{plain}-{number}" for number in range(1, len(found) + 2))
        found.append(next(name for name in numbered if name.lower() not in taken))
    return found

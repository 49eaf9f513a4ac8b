"""Everything there is of a fit as files in one folder: complete, or not there at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from pathlib import Path

    from surfacechem.api.fit import Fit
    from surfacechem.plotting import Pictures

__all__ = ["FIRST_FILES", "fill_folder"]

FIRST_FILES = ("fit.json", "report.html")
"""Written by every fit, so their names tell before a fit whether a folder is taken."""


def fill_folder(fit: Fit, folder: str | PathLike[str], *, overwrite: bool, pictures: Pictures) -> tuple[Path, ...]:
    """Write document, report, curves and figures of a fit; see `Fit.write`."""
    from surfacechem.io import staged_folder, write_text
    from surfacechem.plotting import fitted_figure
    from surfacechem.prediction import fitted_signals

    curves = fit.predictions()
    signals = fitted_signals(fit.model, fit.result)
    tables = _file_names(curves)
    titles = _file_names(f"{each.dataset}-{each.curves.name}" for each in signals)
    names = [*FIRST_FILES, *(f"{name}-curves.csv" for name in tables)]
    names += [name for title in titles for name in pictures.names(title)]
    with staged_folder(folder, names, overwrite=overwrite) as stage:
        fit.save(stage / "fit.json")
        write_text(stage / "report.html", fit.to_html())
        for name, curve in zip(tables, curves.values(), strict=True):
            write_text(stage / f"{name}-curves.csv", curve.to_csv())
        for title, signal in zip(titles, signals, strict=True):
            pictures.write(fitted_figure(signal), stage, title)
        place = stage.parent
    return tuple(place / name for name in names)


def _file_names(titles: Iterable[str]) -> list[str]:
    """Return titles as names that every file system takes, each another one even where case is not told apart."""
    found: list[str] = []
    for title in titles:
        plain = re.sub(r"[^\w.+-]+", "_", title).strip("._")[:60] or "unnamed"
        taken = {name.lower() for name in found}
        numbered = (plain if number == 1 else f"{plain}-{number}" for number in range(1, len(found) + 2))
        found.append(next(name for name in numbered if name.lower() not in taken))
    return found

"""What was written to files, held again: models, fits and draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from surfacechem.api.fit import Fit
from surfacechem.api.model import Model
from surfacechem.fitting import Draws

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["load_draws", "load_fit", "load_model"]


def load_model(path: str | PathLike[str]) -> Model:
    """Read a model file.

    Raises
    ------
    DataError
        If the file cannot be read as text.
    SurfaceChemError
        Every fault of the text at once.
    """
    from surfacechem.io import read_text

    return Model(read_text(path, what="model file"), file=str(Path(path)))


def load_fit(path: str | PathLike[str]) -> Fit:
    """Read a fit that `Fit.save` wrote; every number is the same.

    Raises
    ------
    DataError
        If the file is not a saved fit.
    """
    from surfacechem.io import naming, read_json

    plain = read_json(path)
    with naming(path):
        return Fit.from_dict(plain)


def load_draws(path: str | PathLike[str]) -> Draws:
    """Read draws that 'surfacechem bootstrap' or 'surfacechem posterior' wrote.

    Raises
    ------
    DataError
        If the file holds none.
    """
    from surfacechem.io import naming, read_json

    plain = read_json(path, what="file of draws")
    with naming(path):
        return Draws.from_dict(plain)

"""Agilent Cary UV-vis CSV: a wavelength and an absorbance column per spectrum, remarks of the instrument below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError
from surfacechem.io.grid import is_number
from surfacechem.io.spectra import Spectra

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats, Grid, Row
    from surfacechem.io.source import Source
    from surfacechem.records import Technique, Titration

__all__ = ["is_cary", "read_cary", "read_spectra"]

_WAVELENGTH: Final = "wavelength"
_ABSORBANCE: Final = ("abs", "a", "absorbance")
N_HEADERS: Final = 2


def is_cary(grid: Grid) -> bool:
    """Return whether the second line names pairs of wavelength and signal."""
    if len(grid.rows) <= N_HEADERS:
        return False
    kinds = [cell.lower() for cell in grid.rows[1].cells]
    return len(kinds) >= N_HEADERS and kinds[0].startswith(_WAVELENGTH) and not kinds[1].startswith(_WAVELENGTH)


def read_cary(source: Source, grid: Grid, faults: list[SurfaceChemError], _technique: Technique | None) -> Titration:
    """Return the spectra as a titration without composition, which this layout does not hold."""
    return read_spectra(grid, faults).titration(source, layout="Cary", notes=grid.notes)


def read_spectra(grid: Grid, faults: list[SurfaceChemError]) -> Spectra:
    """Return the spectra of a file; what is wrong is added to the faults."""
    names, kinds = grid.rows[0], grid.rows[1]
    rows = _table(grid.rows[N_HEADERS:])
    pairs = [
        index
        for index in range(0, len(kinds.cells) - 1, 2)
        if kinds.cells[index].lower().startswith(_WAVELENGTH) and _is_absorbance(grid, kinds, index + 1, faults)
    ]
    axes: list[Floats] = []
    values: list[Floats] = []
    labels: list[str] = []
    for index in pairs:
        label = names.cells[index] if index < len(names.cells) and names.cells[index] else f"spectrum {index // 2 + 1}"
        for target, column, what in ((axes, index, "wavelength"), (values, index + 1, "absorbance")):
            numbers, wrong = grid.numbers(rows, column, what=f"{what} of '{label[:40]}'")
            faults.extend(wrong)
            target.append(numbers)
        labels.append(label)
        if not np.array_equal(axes[-1], axes[0], equal_nan=True):
            faults.append(_other_axis(grid, kinds, index, label))
    if not rows or not pairs:
        where = grid.where(kinds)
        advice = "save the spectra again with their data"
        faults.append(
            DataError("Cary file", found="no spectrum", allowed="pairs of columns", advice=advice, where=where)
        )
        return Spectra(names=(), axis=np.zeros(0), values=np.zeros((0, 0)))
    return Spectra(names=tuple(labels), axis=axes[0], values=np.array(values))


def _table(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the rows before the instrument's remarks."""
    end = next((i for i, row in enumerate(rows) if not is_number(row.cells[0].replace(",", ".", 1))), len(rows))
    return rows[:end]


def _is_absorbance(grid: Grid, kinds: Row, index: int, faults: list[SurfaceChemError]) -> bool:
    kind = kinds.cells[index]
    if kind.lower() in _ABSORBANCE:
        return True
    advice = "set the instrument's Y mode to Abs and save again"
    where = grid.where(kinds, index)
    faults.append(DataError("Cary file", found=f"'{kind[:40]}'", allowed="Abs", advice=advice, where=where))
    return False


def _other_axis(grid: Grid, kinds: Row, index: int, label: str) -> DataError:
    return DataError(
        f"spectrum '{label[:40]}'",
        found="other wavelengths than those of the first spectrum",
        allowed="one range and interval for all spectra of a titration",
        advice="save spectra of one range in one file; leave baselines of another range out",
        where=grid.where(kinds, index),
    )

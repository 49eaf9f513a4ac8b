"""MestReNova's text: its peak lists, one spectrum a file, and its table of integrals, one spectrum a row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.io.grid import is_number
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats, Grid, Row
    from surfacechem.io.head import Range
    from surfacechem.io.source import Source

__all__ = [
    "NOTHING",
    "Peaks",
    "integrals_by_number",
    "is_integral_series",
    "is_peak_list",
    "peaks_of",
    "read_integral_series",
    "read_peak_list",
]

# The table in groups side by side under headers, or one group of eight columns without any: both are exports of
# MestReNova, see the files and the reader of the R package nmrrr (github.com/kaizadp/nmrrr).
_HEADERS: Final = ("ppm", "Intensity", "Width", "Area", "Type", "Flags")
_AREA: Final = _HEADERS.index("Area")
_TYPE: Final = _HEADERS.index("Type")
# The export of the program's data analysis: "#,X(I),Y(X),Y'(X)", then a row 'Model' that says what the columns are,
# then a row per spectrum; as in the public notebook "Processing kinetic NMR integration data".
_MODEL: Final = "Model"
_SHIFT: Final = r"\s*(-?[0-9]{1,4}(?:\.[0-9]{1,9})?)\s*"
_REGION: Final = re.compile(rf"Integral\({_SHIFT},{_SHIFT}\)")


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """Shift [ppm] and area of each peak, or the middle of each integral and its area."""

    shift: Floats
    area: Floats

    def within(self, range_: Range) -> Peaks:
        """Return the peaks in a range of shifts."""
        is_in = (self.shift >= range_.lower) & (self.shift <= range_.upper)
        return Peaks(shift=self.shift[is_in], area=self.area[is_in])

    def integral(self) -> str:
        """Return the sum of the areas as a cell, empty where there is no peak."""
        return repr(float(self.area.sum())) if len(self.area) else ""

    def centre(self) -> str:
        """Return the mean shift weighted by area as a cell, empty where there is no area."""
        return repr(float(self.shift @ self.area / self.area.sum())) if self.area.sum() > 0 else ""


NOTHING: Final = Peaks(shift=np.zeros(0), area=np.zeros(0))


def is_peak_list(grid: Grid) -> bool:
    """Return whether a grid holds peaks with position, intensity, width, area and type."""
    return bool(_groups(grid.rows[0])) or _is_bare(grid)


def _groups(header: Row) -> list[int]:
    """Return in which columns the groups begin."""
    size = len(_HEADERS)
    return [index for index in range(len(header.cells)) if header.cells[index : index + size] == _HEADERS]


def _is_bare(grid: Grid) -> bool:
    first = [row.cells for row in grid.rows[:5]]
    return all(
        len(cells) >= len(_HEADERS)
        and all(is_number(cell.replace(",", ".", 1)) for cell in cells[:_TYPE])
        and cells[_TYPE].isalpha()
        for cells in first
    )


def read_peak_list(
    source: Source, grid: Grid, faults: list[SurfaceChemError], _technique: Technique | None
) -> Titration:
    """Return the areas of one spectrum as a titration of one point without composition."""
    peaks = peaks_of(grid, faults)
    signal = Signal(
        name="integral",
        technique=Technique.NMR_INTEGRAL,
        channels=tuple(f"{shift:g} ppm" for shift in peaks.shift),
        values=peaks.area[np.newaxis, :],
        unit="1",
    )
    advice = "'# integral: bound = 5.2..5.5' or '# shift: Ha = 7.1..7.4' and a column 'sample' with a file in each row"
    return Titration(
        name=source.stem,
        feeds=(),
        amounts=np.zeros((1, 0)),
        signals=(signal,),
        labels=(source.file,),
        source=source.file,
        sha256=source.sha256,
        notes=(*grid.notes, f"one spectrum without concentrations: write a CSV with the line {advice}"),
        meta={"layout": "MestReNova peaks"},
    )


def peaks_of(grid: Grid, faults: list[SurfaceChemError]) -> Peaks:
    """Return the peaks of a list; cells that are no numbers are added to `faults`."""
    groups = _groups(grid.rows[0])
    rows = grid.rows[1:] if groups else grid.rows
    shifts: list[Floats] = []
    areas: list[Floats] = []
    for begin in groups or [0]:
        for target, column, what in ((shifts, begin, "ppm"), (areas, begin + _AREA, "Area")):
            numbers, wrong = grid.numbers(rows, column, what=f"column '{what}'")
            faults.extend(wrong)
            target.append(numbers)
    shift, area = np.concatenate(shifts), np.concatenate(areas)
    is_there = np.isfinite(shift) & np.isfinite(area)  # groups end in empty cells
    return Peaks(shift=shift[is_there], area=area[is_there])


def is_integral_series(grid: Grid) -> bool:
    """Return whether a grid begins with the row that says which columns are integrals."""
    return bool(_regions(grid))


def _regions(grid: Grid) -> dict[int, tuple[float, float]]:
    """Return both ends [ppm] of the integral in each column that holds one."""
    header = grid.rows[0].cells
    matches = {index: _REGION.fullmatch(cell) for index, cell in enumerate(header) if header[0] == _MODEL}
    return {index: (float(match[1]), float(match[2])) for index, match in matches.items() if match}


def read_integral_series(
    source: Source, grid: Grid, faults: list[SurfaceChemError], _technique: Technique | None
) -> Titration:
    """Return the integrals of each spectrum as a titration without composition."""
    labels, areas = _areas(grid, faults)
    signal = Signal(
        name="integral",
        technique=Technique.NMR_INTEGRAL,
        channels=tuple(f"{one:g}..{other:g} ppm" for one, other in _regions(grid).values()),
        values=areas,
        unit="1",
    )
    advice = f"'# series: {source.file}', '# integral: bound = 5.2..5.5' and a column 'sample' with the numbers here"
    return Titration(
        name=source.stem,
        feeds=(),
        amounts=np.zeros((len(labels), 0)),
        signals=(signal,),
        labels=labels,
        source=source.file,
        sha256=source.sha256,
        notes=(*grid.notes, f"a series without concentrations: write a CSV with the lines {advice}"),
        meta={"layout": "MestReNova integrals"},
    )


def _areas(grid: Grid, faults: list[SurfaceChemError]) -> tuple[tuple[str, ...], Floats]:
    """Return the numbers of the spectra and their integrals, shape (n_spectra, n_integrals)."""
    rows, columns = grid.rows[1:], []
    for index, (one, other) in _regions(grid).items():
        numbers, wrong = grid.numbers(rows, index, what=f"column 'Integral({one:g},{other:g})'")
        faults.extend(wrong)
        columns.append(numbers)
    return tuple(row.cells[0] for row in rows), np.column_stack(columns)


def integrals_by_number(grid: Grid, faults: list[SurfaceChemError]) -> dict[str, Peaks]:
    """Return the integrals of each spectrum of a series under its number, each as a peak at the middle of its range."""
    middles = np.array([(one + other) / 2 for one, other in _regions(grid).values()])
    labels, areas = _areas(grid, faults)
    return {label: Peaks(shift=middles, area=area) for label, area in zip(labels, areas, strict=True)}

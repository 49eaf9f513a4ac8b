"""Peak lists of MestReNova: one spectrum a file; a table of ours joins a series of them by ranges of shift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError
from surfacechem.io.grid import cut, is_number
from surfacechem.io.source import decode, load
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats, Grid, Row
    from surfacechem.io.head import Head, Range
    from surfacechem.io.source import Source

__all__ = ["is_peak_list", "join_peaks", "read_peak_list"]

MOST_FILES: Final = 500
# The table in groups side by side under headers, or one group of eight columns without any: both are exports of
# MestReNova, see the files and the reader of the R package nmrrr (github.com/kaizadp/nmrrr).
_HEADERS: Final = ("ppm", "Intensity", "Width", "Area", "Type", "Flags")
_AREA: Final = _HEADERS.index("Area")
_TYPE: Final = _HEADERS.index("Type")


@dataclass(frozen=True, kw_only=True)
class _Peaks:
    """Shift [ppm] and area of each peak."""

    shift: Floats
    area: Floats

    def within(self, range_: Range) -> _Peaks:
        """Return the peaks in a range of shifts."""
        is_in = (self.shift >= range_.lower) & (self.shift <= range_.upper)
        return _Peaks(shift=self.shift[is_in], area=self.area[is_in])

    def integral(self) -> str:
        """Return the sum of the areas as a cell, empty where there is no peak."""
        return repr(float(self.area.sum())) if len(self.area) else ""

    def centre(self) -> str:
        """Return the mean shift weighted by area as a cell, empty where there is no area."""
        return repr(float(self.shift @ self.area / self.area.sum())) if self.area.sum() > 0 else ""


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
    peaks = _peaks(grid, faults)
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


def _peaks(grid: Grid, faults: list[SurfaceChemError]) -> _Peaks:
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
    return _Peaks(shift=shift[is_there], area=area[is_there])


def join_peaks(
    source: Source, grid: Grid, head: Head, labels: Mapping[str, int], faults: list[SurfaceChemError]
) -> tuple[Grid, tuple[str, ...]]:
    """Return the grid with a column for each range that '# shift:' and '# integral:' name, and what was assumed.

    Parameters
    ----------
    labels : mapping
        Headers of columns that may name files -> their index.
    """
    ranges = {f"delta {name} [ppm]": range_ for name, range_ in head.shifts.items()}
    ranges |= {f"{name} [integral]": range_ for name, range_ in head.integrals.items()}
    if not ranges:
        return grid, ()
    if not labels or len(grid.rows) > MOST_FILES:
        allowed = f"a column 'sample' that names a peak list in each of at most {MOST_FILES} rows"
        where = grid.where(grid.rows[0])
        advice = "write the file names below a header 'sample'"
        faults.append(DataError("peaks", found="no such column", allowed=allowed, advice=advice, where=where))
        return grid, ()
    column = min(labels.values())
    rows = [_extended(grid.rows[0], len(grid.rows[0].cells), tuple(ranges))]
    for row in grid.rows[1:]:
        peaks = _beside(source, grid, row, column, faults)
        parts = [(header.endswith("[ppm]"), peaks.within(range_)) for header, range_ in ranges.items()]
        cells = tuple(part.centre() if is_shift else part.integral() for is_shift, part in parts)
        rows.append(_extended(row, len(grid.rows[0].cells), cells))
    notes = (
        "integrals: areas of all peaks in the range, whatever type MestReNova gave them; no peak: not measured",
        "shifts: mean of the peaks in the range, weighted by area",
    )
    return replace(grid, rows=tuple(rows)), notes[not head.integrals : 1 + bool(head.shifts)]


def _extended(row: Row, width: int, cells: tuple[str, ...]) -> Row:
    """Return a row with cells after those of the header; one that is too long or short stays so, to be refused."""
    begin = row.cells if any(row.cells[width:]) else row.cells[:width]
    return replace(row, cells=(*begin, *cells))


def _beside(source: Source, grid: Grid, row: Row, column: int, faults: list[SurfaceChemError]) -> _Peaks:
    """Return the peaks of the file that a row names; none after noting why."""
    name = row.cells[column] if column < len(row.cells) else ""
    if not name or "/" in name or "\\" in name or name.startswith("."):
        where, advice = grid.where(row, column), "put it beside this file and give its name alone"
        allowed = "a file in the same folder"
        faults.append(DataError("peak list", found=f"'{name[:60]}'", allowed=allowed, advice=advice, where=where))
        return _Peaks(shift=np.zeros(0), area=np.zeros(0))
    try:
        other = load(source.path.parent / name)
        peaks = cut(other, decode(other)[0])
        if peaks.rows and is_peak_list(peaks):
            return _peaks(peaks, faults)
        raise other.refusal("another layout", "MestReNova's peaks as text", "save the peaks table as text")
    except DataError as fault:
        faults.append(fault)
        return _Peaks(shift=np.zeros(0), area=np.zeros(0))

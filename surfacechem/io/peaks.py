"""A table of ours joined to MestReNova's peaks or integrals by ranges of shift."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from surfacechem.errors import DataError
from surfacechem.io.grid import cut
from surfacechem.io.head import is_beside
from surfacechem.io.mestrenova import (
    NOTHING,
    Peaks,
    integrals_by_number,
    is_integral_series,
    is_peak_list,
    peaks_of,
)
from surfacechem.io.source import decode, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Grid, Row
    from surfacechem.io.head import Head, Range
    from surfacechem.io.source import Source

__all__ = ["join_peaks"]

MOST_FILES: Final = 500


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
    if not ranges and not head.series:
        return grid, ()
    try:
        _check_joint(grid, head, labels)
        return _with_ranges(grid, ranges, min(labels.values()), _lookup(source, head, faults), faults), _notes(head)
    except DataError as fault:
        faults.append(fault)
        return grid, ()


def _check_joint(grid: Grid, head: Head, labels: Mapping[str, int]) -> None:
    """Refuse a table that does not say which spectra it means, or of them what."""
    if not labels or len(grid.rows) > MOST_FILES:
        allowed = f"a column 'sample' that names a spectrum in each of at most {MOST_FILES} rows"
        where = grid.where(grid.rows[0])
        advice = "write file names of peak lists, or numbers of a '# series:', below a header 'sample'"
        raise DataError("peaks", found="no such column", allowed=allowed, advice=advice, where=where)
    if head.series and not head.integrals:
        found, where = "no ranges to take from it", head.places["series"]
        advice = "write e.g. '# integral: bound = 5.20..5.50' above the table"
        raise DataError("series file", found=found, allowed="a line '# integral:'", advice=advice, where=where)
    if head.series and head.shifts:
        advice = "name peak lists in the column 'sample', or delete the line '# shift:'"
        found, where = "a table of integrals", head.places["series"]
        raise DataError("shift", found=found, allowed="peak lists", advice=advice, where=where)


def _notes(head: Head) -> tuple[str, ...]:
    if head.series:
        return ("integrals: those of the series whose middle lies in the range, as MestReNova gave them",)
    notes = (
        "integrals: areas of all peaks in the range, whatever type MestReNova gave them; no peak: not measured",
        "shifts: mean of the peaks in the range, weighted by area",
    )
    return notes[not head.integrals : 1 + bool(head.shifts)]


def _with_ranges(
    grid: Grid,
    ranges: Mapping[str, Range],
    column: int,
    peaks_of_name: Callable[[str], Peaks],
    faults: list[SurfaceChemError],
) -> Grid:
    """Return the grid with a column for each range, filled from the spectrum that each row names."""
    width = len(grid.rows[0].cells)
    rows = [_extended(grid.rows[0], width, tuple(ranges))]
    for row in grid.rows[1:]:
        peaks = NOTHING
        try:
            peaks = peaks_of_name(row.cells[column] if column < len(row.cells) else "")
        except DataError as fault:
            faults.append(fault if fault.where else fault.at(grid.where(row, column)))
        parts = [(header.endswith("[ppm]"), peaks.within(range_)) for header, range_ in ranges.items()]
        cells = tuple(part.centre() if is_shift else part.integral() for is_shift, part in parts)
        rows.append(_extended(row, width, cells))
    return replace(grid, rows=tuple(rows))


def _extended(row: Row, width: int, cells: tuple[str, ...]) -> Row:
    """Return a row with cells after those of the header; one that is too long or short stays so, to be refused."""
    begin = row.cells if any(row.cells[width:]) else row.cells[:width]
    return replace(row, cells=(*begin, *cells))


def _lookup(source: Source, head: Head, faults: list[SurfaceChemError]) -> Callable[[str], Peaks]:
    """Return how the peaks of a spectrum are found by its name: in a file of its own, or in that of '# series:'."""
    if not head.series:
        return lambda name: _listed(source, name, faults)
    other = load(source.path.parent / head.series)
    grid = cut(other, decode(other)[0])
    if not grid.rows or not is_integral_series(grid):
        advice = "save the table of MestReNova's data analysis as text"
        raise other.refusal("another layout", "MestReNova's integrals of a series", advice)
    series = integrals_by_number(grid, faults)
    _check_ranges(head, series)
    return lambda name: _numbered(series, name)


def _check_ranges(head: Head, series: Mapping[str, Peaks]) -> None:
    """Refuse a range in which no integral lies: unlike a peak, one is there in each spectrum or in none."""
    first = next(iter(series.values()), NOTHING)
    for name, range_ in head.integrals.items():
        if not len(first.within(range_).area):
            found, allowed = f"{range_.lower:g}..{range_.upper:g} ppm", "a range around one of the middles "
            middles = ", ".join(f"{shift:g}" for shift in first.shift[:12])
            raise DataError(
                f"integral of '{name}'",
                found=f"no integral of the series in {found}",
                allowed=f"{allowed}{middles} ppm",
                advice="correct the range",
                where=head.places["integral"],
            )


def _numbered(series: Mapping[str, Peaks], name: str) -> Peaks:
    if name not in series:
        found, allowed = f"'{name[:60]}', which is no spectrum of the series", ", ".join(series)[:200]
        raise DataError("sample", found=found, allowed=allowed, advice="write a number of the series' first column")
    return series[name]


def _listed(source: Source, name: str, faults: list[SurfaceChemError]) -> Peaks:
    if not name or not is_beside(name):
        allowed, advice = "a file in the same folder", "put it beside this file and give its name alone"
        raise DataError("peak list", found=f"'{name[:60]}'", allowed=allowed, advice=advice)
    other = load(source.path.parent / name)
    peaks = cut(other, decode(other)[0])
    if not peaks.rows or not is_peak_list(peaks):
        raise other.refusal("another layout", "MestReNova's peaks as text", "save the peaks table as text")
    return peaks_of(peaks, faults)

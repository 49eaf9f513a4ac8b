"""Musketeer's CSV: spectra with titles, volumes of stocks beside them, a table of the stocks at the right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError, UnitError
from surfacechem.io.grid import is_number
from surfacechem.io.head import UNKNOWN
from surfacechem.io.mixing import dilute, mix
from surfacechem.records import Signal, Technique, Titration
from surfacechem.units import Kind, to_kernel

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats, Grid, Row
    from surfacechem.io.source import Source

__all__ = ["is_musketeer", "read_musketeer"]

TITLE: Final = "Addition title"
_VOLUME: Final = re.compile(r"(?P<stock>.+?) volume \((?P<unit>[^()]+)\)")
_CONTENT: Final = re.compile(r"\[(?P<name>[^\[\]]+)\] \((?P<unit>[^()]+)\)")


def is_musketeer(grid: Grid) -> bool:
    """Return whether a grid starts as Musketeer's files do."""
    return bool(grid.rows) and grid.rows[0].cells[0] == TITLE


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Which column holds what: signals, volumes by stock, and where the table of stocks begins."""

    signals: tuple[int, ...]
    volumes: dict[str, tuple[int, str]]
    contents: int | None
    stocks: dict[str, int]


def read_musketeer(
    source: Source, grid: Grid, faults: list[SurfaceChemError], technique: Technique | None
) -> Titration:
    """Return the titration; all that is wrong is added to `faults`, and the caller raises."""
    layout = _layout(grid.rows[0])
    rows = tuple(row for row in grid.rows[1:] if row.cells[0])
    notes = (*grid.notes, "volumes taken as additive; concentrations include the dilution")
    added = _volumes(grid, rows, layout, faults)
    feeds, stocks = _stocks(grid, layout, faults)
    if not layout.signals or not rows or added.shape[1] != len(stocks) or not feeds:
        faults.append(_incomplete(grid))
    for row, total in zip(rows, added.sum(axis=1), strict=True):
        if layout.volumes and not total > 0:
            where, allowed = grid.where(row), "more than 0 in each sample"
            advice = "fill in the volumes of the stocks"
            faults.append(DataError("volume of all stocks", found="0", allowed=allowed, advice=advice, where=where))
    if faults:
        return Titration(name=source.stem, feeds=(), amounts=np.zeros((0, 0)), signals=(), labels=())
    signal = _signal(grid, rows, layout, technique, faults)
    amounts, unknowns = mix(
        lambda contents: dilute(added, initial=np.zeros(contents.shape[1]), stocks=contents, volume=0.0),
        stocks,
        feeds=feeds,
        solutions=tuple(layout.volumes),
    )
    amounts = np.where(np.isnan(stocks).any(axis=0), np.nan, amounts)
    return Titration(
        name=source.stem,
        feeds=feeds,
        amounts=amounts,
        unknowns=unknowns,
        signals=(signal,),
        labels=tuple(row.cells[0] for row in rows),
        added=added.sum(axis=1) - added.sum(axis=1)[0],
        initial_volume=float(added[0].sum()),
        source=source.file,
        sha256=source.sha256,
        notes=(*notes, *_notes(signal, technique)),
        meta={"layout": "Musketeer"},
    )


def _incomplete(grid: Grid) -> DataError:
    return DataError(
        "Musketeer file",
        found="a part missing",
        allowed="signals, 'STOCK volume (uL)' columns and a table of stocks with '[NAME] (mM)' rows",
        advice="fill in stocks and volumes in Musketeer and save again, or write the table as our own CSV",
        where=grid.where(grid.rows[0]),
    )


def _layout(header: Row) -> _Layout:
    names = header.cells
    volumes = {}
    for index, name in enumerate(names):
        match = _VOLUME.fullmatch(name)
        if match:
            volumes[match["stock"]] = (index, match["unit"])
    end = next((index for index, name in enumerate(names) if index and not name), len(names))
    signals = tuple(range(1, min(end, *(index for index, _ in volumes.values()), len(names))))
    after = max((index for index, _ in volumes.values()), default=len(names)) + 1
    stocks = {name: index for index, name in enumerate(names) if index >= after and name in volumes}
    contents = min(stocks.values()) - 1 if stocks else None
    return _Layout(signals=signals, volumes=volumes, contents=contents, stocks=stocks)


def _volumes(grid: Grid, rows: tuple[Row, ...], layout: _Layout, faults: list[SurfaceChemError]) -> Floats:
    """Return the volume of each stock in each sample [L]."""
    columns = []
    for stock, (index, unit) in layout.volumes.items():
        values, wrong = grid.numbers(rows, index, what=f"volume of {stock}")
        faults.extend(wrong)
        for row, value in zip(rows, values, strict=True):
            if value < 0 or not (index < len(row.cells) and row.cells[index]):
                where = grid.where(row, index)
                found = f"'{row.cells[index] if index < len(row.cells) else ''}'"
                faults.append(DataError(f"volume of {stock}", found=found, allowed="0 or more", where=where))
        try:
            columns.append(to_kernel(values, unit, Kind.VOLUME))
        except UnitError as fault:
            faults.append(fault.at(grid.where(grid.rows[0], index)))
    return np.column_stack([np.zeros((len(rows), 0)), *columns])


def _stocks(grid: Grid, layout: _Layout, faults: list[SurfaceChemError]) -> tuple[tuple[str, ...], Floats]:
    """Return names and concentrations of what the stocks hold [mol/L]; ``?`` is NaN."""
    contents: dict[str, list[float]] = {}
    for row in grid.rows[1:]:
        label = "" if layout.contents is None or layout.contents >= len(row.cells) else row.cells[layout.contents]
        match = _CONTENT.fullmatch(label)
        if match:
            indices = (layout.stocks.get(stock) for stock in layout.volumes)
            contents[match["name"]] = [_content(grid, row, index, match["unit"], faults) for index in indices]
    table = np.array(list(contents.values()), dtype=np.float64).reshape(len(contents), len(layout.volumes))
    return tuple(contents), table.T


def _content(grid: Grid, row: Row, index: int | None, unit: str, faults: list[SurfaceChemError]) -> float:
    cell = row.cells[index] if index is not None and index < len(row.cells) else ""
    if index is None or cell in {UNKNOWN, ""}:
        return float("nan") if cell == UNKNOWN else 0.0
    value = grid.number(row, index, what="concentration of a stock")
    if isinstance(value, DataError) or value < 0:
        found = f"the negative concentration {cell}"
        negative = DataError("stock", found=found, allowed="0 or more", where=grid.where(row, index))
        faults.append(value if isinstance(value, DataError) else negative)
        return 0.0
    try:
        return to_kernel(value, unit, Kind.CONCENTRATION)
    except UnitError as fault:
        faults.append(fault.at(grid.where(row, index)))
        return 0.0


def _signal(
    grid: Grid, rows: tuple[Row, ...], layout: _Layout, technique: Technique | None, faults: list[SurfaceChemError]
) -> Signal:
    header = grid.rows[0].cells
    channels = tuple(header[index] for index in layout.signals)
    is_spectrum = all(is_number(channel) for channel in channels)
    values = []
    for index in layout.signals:
        column, wrong = grid.numbers(rows, index, what=f"signal '{header[index]}'")
        faults.extend(wrong)
        values.append(column)
    taken = technique or (Technique.UV_VIS if is_spectrum else Technique.NMR_SHIFT)
    is_shift = taken is Technique.NMR_SHIFT
    return Signal(
        name="delta" if is_shift else "F" if taken is Technique.FLUORESCENCE else "A",
        technique=taken,
        channels=channels,
        values=np.column_stack(values),
        unit="ppm" if is_shift else "1",
        axis=np.array([float(channel) for channel in channels]) if is_spectrum else None,
    )


def _notes(signal: Signal, technique: Technique | None) -> tuple[str, ...]:
    """Return what was assumed of the signals."""
    if technique is not None:
        return ("temperature not given",)
    what = "absorbances at wavelengths in nm, 1 cm path" if signal.axis is not None else "NMR shifts in ppm"
    return (f"signals taken as {what}", "temperature not given")

"""Origin's ITC heats (.DH): injection volumes and heats below five lines of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError
from surfacechem.io.grid import is_number
from surfacechem.io.mixing import displace
from surfacechem.records import Signal, Technique, Titration
from surfacechem.units import Kind, to_kernel

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Grid
    from surfacechem.io.source import Source

__all__ = ["is_origin_heats", "read_origin_heats"]

N_SETTINGS: Final = 5
FEEDS: Final = ("cell", "syringe")
# Line 3; the same order and units as pytc reads (Harms lab, github.com/harmslab/pytc).
_SETTINGS: Final = (
    ("temperature", "degC", Kind.TEMPERATURE),
    ("concentration in the cell", "mmol/L", Kind.CONCENTRATION),
    ("concentration in the syringe", "mmol/L", Kind.CONCENTRATION),
    ("volume of the cell", "mL", Kind.VOLUME),
)


def is_origin_heats(grid: Grid) -> bool:
    """Return whether a grid has the five numeric settings lines and pairs of numbers below."""
    rows = grid.rows
    if len(rows) <= N_SETTINGS or grid.remarks:
        return False
    widths = [len([cell for cell in row.cells if cell]) for row in rows[: N_SETTINGS + 1]]
    is_numeric = all(is_number(cell) for row in rows[: N_SETTINGS + 1] for cell in row.cells if cell)
    return is_numeric and widths[0] == 1 and widths[2] > len(FEEDS) + 1 and widths[3] == widths[4] == 1


def read_origin_heats(
    source: Source, grid: Grid, faults: list[SurfaceChemError], _technique: Technique | None
) -> Titration:
    """Return the titration; all that is wrong is added to `faults`, and the caller raises."""
    settings = _settings(grid, faults)
    rows = grid.rows[N_SETTINGS:]
    injected, wrong = grid.numbers(rows, 0, what="injected volume")
    heats, wrong_heats = grid.numbers(rows, 1, what="heat")
    faults.extend([*wrong, *wrong_heats])
    for row, volume in zip(rows, injected, strict=True):
        if not volume > 0 and row.cells[0]:
            where = grid.where(row, 0)
            faults.append(DataError("injected volume", found=row.cells[0][:40], allowed="more than 0", where=where))
    temperature, in_cell, in_syringe, volume = settings
    injected = np.asarray(to_kernel(injected, "uL", Kind.VOLUME))
    amounts = displace(injected, initial=np.array([in_cell, 0.0]), stock=np.array([0.0, in_syringe]), volume=volume)
    signal = Signal(
        name="heat",
        technique=Technique.ITC,
        channels=("heat",),
        values=to_kernel(heats[:, np.newaxis], "ucal", Kind.HEAT),
        unit="J",
    )
    return Titration(
        name=source.stem,
        feeds=FEEDS,
        amounts=amounts,
        signals=(signal,),
        labels=tuple(str(number) for number in range(1, len(rows) + 1)),
        added=np.cumsum(injected),
        initial_volume=volume,
        temperature=temperature,
        source=source.file,
        sha256=source.sha256,
        notes=(
            *grid.notes,
            "Origin .DH: temperature in degC, concentrations in mmol/L, cell in mL, injections in uL, heats in ucal",
            "names not in the file: the feeds are called 'cell' and 'syringe'; rename them to the model's",
            "calorimeter cell taken as full: each injection v pushes out the fraction v/V of what is in it",
        ),
        meta={"layout": "Origin .DH"},
    )


def _settings(grid: Grid, faults: list[SurfaceChemError]) -> list[float]:
    """Return temperature [K], both concentrations [mol/L] and the cell's volume [L]."""
    row = grid.rows[2]
    values = []
    for index, (what, unit, kind) in enumerate(_SETTINGS):
        number = grid.number(row, index, what=what)
        is_bad = isinstance(number, DataError) or not number > 0
        if is_bad:
            fault = DataError(
                what, found=f"'{row.cells[index][:40]}'", allowed="more than 0", where=grid.where(row, index)
            )
            faults.append(number if isinstance(number, DataError) else fault)
        values.append(1.0 if isinstance(number, DataError) or is_bad else to_kernel(number, unit, kind))
    return values

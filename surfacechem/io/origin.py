"""Origin's ITC heats: .DH, volumes and heats below five lines of settings, and .DAT, the worksheet of a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError
from surfacechem.io.calorimetry import LARGEST_SETTING, Cell, titration_of_heats
from surfacechem.io.grid import is_number
from surfacechem.units import Kind, to_kernel

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats, Grid
    from surfacechem.io.source import Source
    from surfacechem.records import Technique, Titration

__all__ = ["is_origin_heats", "is_origin_worksheet", "read_origin_heats", "read_origin_worksheet"]

N_SETTINGS: Final = 5
# Line 3; the same order and units as pytc reads (Harms lab, github.com/harmslab/pytc).
_SETTINGS: Final = (
    ("temperature", "degC", Kind.TEMPERATURE),
    ("concentration in the cell", "mmol/L", Kind.CONCENTRATION),
    ("concentration in the syringe", "mmol/L", Kind.CONCENTRATION),
    ("volume of the cell", "mL", Kind.VOLUME),
)
_COLUMNS: Final = ("DH", "INJV", "Xt", "Mt", "NDH")


def is_origin_heats(grid: Grid) -> bool:
    """Return whether a grid has the five numeric settings lines and pairs of numbers below."""
    rows = grid.rows
    if len(rows) <= N_SETTINGS or grid.remarks:
        return False
    widths = [len([cell for cell in row.cells if cell]) for row in rows[: N_SETTINGS + 1]]
    is_numeric = all(is_number(cell) for row in rows[: N_SETTINGS + 1] for cell in row.cells if cell)
    return is_numeric and widths[0] == 1 and widths[2] >= len(_SETTINGS) and widths[3] == widths[4] == 1


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
    cell = Cell(in_cell=in_cell, in_syringe=in_syringe, volume=volume, temperature=temperature)
    units = "Origin .DH: temperature in degC, concentrations in mmol/L, cell in mL, injections in uL, heats in ucal"
    notes = (*grid.notes, units)
    return titration_of_heats(source, cell, injected, heats, layout="Origin .DH", notes=notes, faults=faults)


def _settings(grid: Grid, faults: list[SurfaceChemError]) -> list[float]:
    """Return temperature [K], both concentrations [mol/L] and the cell's volume [L]."""
    row = grid.rows[2]
    values = []
    for index, (what, unit, kind) in enumerate(_SETTINGS):
        number = grid.number(row, index, what=what)
        is_bad = isinstance(number, DataError) or not LARGEST_SETTING > number > 0
        if is_bad:
            fault = DataError(
                what, found=f"'{row.cells[index][:40]}'", allowed="more than 0", where=grid.where(row, index)
            )
            faults.append(number if isinstance(number, DataError) else fault)
        values.append(1.0 if isinstance(number, DataError) or is_bad else to_kernel(number, unit, kind))
    return values


def is_origin_worksheet(grid: Grid) -> bool:
    """Return whether the first row names the columns of Origin's worksheet of heats."""
    return bool(grid.rows) and set(_COLUMNS) <= set(grid.rows[0].cells)


def read_origin_worksheet(
    source: Source, grid: Grid, faults: list[SurfaceChemError], _technique: Technique | None
) -> Titration:
    """Return the titration of a .DAT worksheet, whose cell and syringe are found back from its columns.

    ``Xt`` and ``Mt`` are syringe's and cell's total before the injection of their row [mmol/L], ``NDH`` is the heat
    ``DH`` [ucal] per mole injected [cal/mol]: one row more than there are injections.
    """
    header = grid.rows[0].cells
    rows = grid.rows[1:-1]
    read = {name: grid.numbers(rows, header.index(name), what=f"column '{name}'") for name in _COLUMNS}
    faults.extend(fault for _, found in read.values() for fault in found)
    injected, heats = read["INJV"][0], read["DH"][0]
    syringe = _syringe(heats, injected, read["NDH"][0])
    before = np.append(read["Mt"][0], _after(grid, header.index("Mt"), faults))
    volume = _cell_volume(before, injected)
    if not faults and not (injected > 0).all():
        faults.append(_missing(grid, "injected volume", "more than 0 in each row"))
    if not faults and not (syringe > 0 and volume > 0):
        faults.append(_missing(grid, "concentrations", "Xt, Mt and NDH as Origin fills them in"))
    cell = Cell(
        in_cell=to_kernel(before[0], "mmol/L", Kind.CONCENTRATION),
        in_syringe=to_kernel(syringe, "mmol/L", Kind.CONCENTRATION),
        volume=to_kernel(volume, "uL", Kind.VOLUME),
        temperature=None,
    )
    notes = (
        *grid.notes,
        "Origin .DAT: concentrations in mmol/L, injections in uL, heats in ucal",
        f"found back from the columns: {syringe:.4g} mmol/L in the syringe (NDH), a cell of {volume / 1e3:.4g} mL (Mt)",
        "temperature not given",
    )
    return titration_of_heats(source, cell, injected, heats, layout="Origin .DAT", notes=notes, faults=faults)


def _after(grid: Grid, column: int, faults: list[SurfaceChemError]) -> float:
    """Return Mt after the last injection, which stands in a row of its own."""
    number = grid.number(grid.rows[-1], column, what="column 'Mt'")
    if isinstance(number, DataError):
        faults.append(number)
        return float("nan")
    return number


def _syringe(heats: Floats, injected: Floats, per_mole: Floats) -> float:
    """Return the concentration in the syringe [mmol/L] that the heats per mole were divided by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1e3 * heats / (injected * per_mole)
    return float(np.median(found[np.isfinite(found)])) if np.isfinite(found).any() else float("nan")


def _cell_volume(before: Floats, injected: Floats) -> float:
    """Return the volume of the cell [uL] that the fall of Mt tells: Mt/M0 = (1 - x)/(1 + x), x = injected/(2 V).

    The relation is Origin's own (MicroCal, ITC Data Analysis in Origin, section on the displaced volume).
    """
    total = np.cumsum(injected)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = before[1:] / before[0]
        halves = (1.0 - kept) / (1.0 + kept)
        return float(0.5 * (total @ total) / (total @ halves)) if len(total) else float("nan")


def _missing(grid: Grid, what: str, allowed: str) -> DataError:
    advice = "save the .DH file in Origin, or write our CSV: 'injected [uL], heat [ucal]' with cell and titrant lines"
    where = grid.where(grid.rows[0])
    return DataError(what, found="not in the worksheet", allowed=allowed, advice=advice, where=where)

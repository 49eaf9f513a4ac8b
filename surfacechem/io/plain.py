"""Tables without units as BindFit takes them: concentration of host, of guest, then the signals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError, UnitError
from surfacechem.io.columns import as_table
from surfacechem.io.grid import is_number
from surfacechem.records import Signal, Technique, Titration
from surfacechem.units import Kind, kernel_unit, kind_of

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.columns import Column, Table
    from surfacechem.io.grid import Floats, Grid
    from surfacechem.io.source import Source

__all__ = ["is_plain", "read_plain"]

N_FEEDS: Final = 2
LARGEST_SHIFT: Final = 500.0
"""No chemical shift of a usual nucleus is beyond this many ppm: larger numbers are Hz."""
_HEADER: Final = re.compile(
    r"(?P<name>.*?)\s*(?:\b(?:concentration|conc\.?))?\s*(?:/\s*(?P<slash>[^\s/()]+)|\((?P<round>[^()]+)\))?"
)
_WAVELENGTH: Final = re.compile(r"(?P<number>[1-9][0-9]{2,3}(?:\.[0-9]+)?)\s*(?:nm)?")
_NO_FEED: Final = re.compile(
    r"(?i)(?:^|[\s_(/])(?:time|minutes?|seconds?|wave ?lengths?|wave ?numbers?|lambda|nm|cm-?1|energy|ev|ppm|shift"
    r"|delta|2 ?theta|angle|temp(?:erature)?|power|heat|intensity|counts|index|pixel|scan|frequency|hz|abs(?:orbance)?"
    r"|area|injections?)(?:$|[\s_)/.:])"
)
"""Words in the header of what is no concentration: such a table is another program's, not BindFit's."""
_SIGNALS: Final = {
    Technique.NMR_SHIFT: "delta",
    Technique.NMR_INTEGRAL: "integral",
    Technique.UV_VIS: "A",
    Technique.FLUORESCENCE: "F",
    Technique.BAND_POSITION: "E1",
    Technique.LIGAND_COUNT: "n",
}


def is_plain(grid: Grid) -> bool:
    """Return whether a grid is a header over at least three columns of numbers."""
    if len(grid.rows) < N_FEEDS:
        return False
    header, first = grid.rows[0], grid.rows[1]
    filled = [cell for cell in first.cells if cell]
    numeric = [cell for cell in filled if is_number(cell.replace(",", ".", 1))]
    named = [cell for cell in header.cells if cell]
    return min(len(named), len(numeric)) > N_FEEDS and len(numeric) == len(filled)


def read_plain(source: Source, grid: Grid, faults: list[SurfaceChemError], technique: Technique | None) -> Titration:
    """Return the titration; all that is wrong is added to `faults`, and the caller raises."""
    table = as_table(grid, faults)
    notes = list(grid.notes)
    feeds, amounts = [], []
    for column in table.columns[:N_FEEDS]:
        name, unit = _split(column)
        unit = _concentration_unit(column, name, unit, notes)
        values = table.quantities(column, Kind.CONCENTRATION, unit=unit)
        table.check_concentration(column, values)
        _check_feed(table, column, values)
        feeds.append(name)
        amounts.append(values)
    measured = table.columns[N_FEEDS:]
    signal = _signal(table, measured, technique, notes)
    return Titration(
        name=source.stem,
        feeds=tuple(feeds),
        amounts=np.column_stack(amounts),
        signals=(signal,),
        labels=tuple(str(number) for number in range(1, len(table.rows) + 1)),
        source=source.file,
        sha256=source.sha256,
        notes=(*notes, "temperature not given"),
        meta={"layout": "BindFit"},
    )


def _check_feed(table: Table, column: Column, values: Floats) -> None:
    """Add a fault where a column is not what host and guest of a titration are: named so, and steadily changed."""
    steps = np.diff(values[np.isfinite(values)])
    is_steady = bool((steps >= 0).all() or (steps <= 0).all())
    if is_steady and not _NO_FEED.search(column.name):
        return
    found = "values that rise and fall" if not is_steady else "a name of something else"
    fault = DataError(
        column.what,
        found=found,
        allowed="in a table without units, concentrations of host and guest in the first two columns",
        advice=f"if it is one, rename it: 'total {column.name.split()[0][:30] if column.name else 'A'} [mmol/L]'",
    )
    table.faults.append(fault.at(column.where))


def _split(column: Column) -> tuple[str, str | None]:
    match = _HEADER.fullmatch(column.name)
    if match is None:
        return column.name, None
    return match["name"] or column.name, match["slash"] or match["round"]


def _concentration_unit(column: Column, name: str, unit: str | None, notes: list[str]) -> str:
    """Return the unit of a concentration, mol/L where none is given."""
    if unit is None:
        notes.append(f"column '{column.name}': taken as the total concentration of {name} in mol/L, as in BindFit")
        return "mol/L"
    notes.append(f"column '{column.name}': taken as the total concentration of {name} in {unit}")
    return unit


def _signal(table: Table, columns: tuple[Column, ...], technique: Technique | None, notes: list[str]) -> Signal:
    axis = [_wavelength(column) for column in columns]
    wavelengths = [wavelength for wavelength in axis if wavelength is not None]
    is_spectrum = len(wavelengths) == len(columns)
    if technique is None:
        technique = Technique.UV_VIS if is_spectrum else Technique.NMR_SHIFT
        what = "absorbances at wavelengths in nm" if is_spectrum else "NMR shifts in fast exchange"
        notes.append(f"technique not given: signals taken as {what}")
    values = np.column_stack([table.numbers(column) for column in columns])
    name = _SIGNALS.get(technique, columns[0].name)
    kind = _kind(table, columns, technique, values, notes)
    return Signal(
        name=name,
        technique=technique,
        channels=tuple(_split(column)[0] for column in columns),
        values=values,
        unit=kernel_unit(kind),
        axis=np.array(wavelengths) if is_spectrum else None,
    )


def _wavelength(column: Column) -> float | None:
    match = _WAVELENGTH.fullmatch(column.name)
    return float(match["number"]) if match else None


def _kind(table: Table, columns: tuple[Column, ...], technique: Technique, values: Floats, notes: list[str]) -> Kind:
    """Return what the signals measure, from the header of the first or as the technique has it."""
    if technique is not Technique.NMR_SHIFT:
        notes.append(f"signals taken as {technique.value} without unit")
        return Kind.DIMENSIONLESS
    _, unit = _split(columns[0])
    if unit is not None:
        try:
            kind = kind_of(unit, (Kind.SHIFT, Kind.FREQUENCY))
        except UnitError:
            kind = None
        if kind is not None:
            return kind
        fault = DataError(columns[0].what, found=f"unit '{unit[:40]}'", allowed="ppm or Hz", advice="correct the unit")
        table.faults.append(fault.at(columns[0].where))
    is_frequency = bool(np.nanmax(np.abs(values), initial=0.0) > LARGEST_SHIFT)
    reason = f", as they exceed {LARGEST_SHIFT:.0f}" if is_frequency else ""
    notes.append(f"unit of the signals not given: taken as {'Hz' if is_frequency else 'ppm'}{reason}")
    return Kind.FREQUENCY if is_frequency else Kind.SHIFT

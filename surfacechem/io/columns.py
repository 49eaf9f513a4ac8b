"""Columns of a table: what each header says it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from surfacechem.errors import DataError, Location, SurfaceChemError, UnitError
from surfacechem.io.grid import MOST_FAULTS_OF_A_COLUMN
from surfacechem.units import Kind, display_unit, kernel_unit, to_kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.io.grid import Floats, Grid, Row

__all__ = ["Column", "Table", "as_table", "split_unit"]

MOST_FAULTS: Final = 30
"""Faults that are shown; past them a file is not searched for more of the same."""
MOST_CONCENTRATED: Final = 100.0
"""No liquid holds more of anything [mol/L]; water itself is 55.5."""
Mask: TypeAlias = "NDArray[np.bool_]"

_WAVELENGTH: Final = re.compile(r"(?P<signal>\S+)\s+(?P<wavelength>[0-9]+(?:\.[0-9]+)?)\s*nm")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its header without the unit, the unit (None: not given), its index and place."""

    name: str
    unit: str | None
    index: int
    where: Location

    @property
    def what(self) -> str:
        """Name for messages."""
        return f"column '{self.name[:60]}'"

    @property
    def wavelength(self) -> float | None:
        """Wavelength [nm] in a header such as ``A 386 nm``; None elsewhere."""
        match = _WAVELENGTH.fullmatch(self.name)
        return float(match["wavelength"]) if match else None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A header and the rows below it.

    Reading a column adds its faults to `faults`, so that all faults of a file are known before it is refused.
    """

    grid: Grid
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    faults: list[SurfaceChemError]

    @property
    def is_hopeless(self) -> bool:
        """Whether more faults are known than are shown, so that reading on is of no use."""
        return len(self.faults) > MOST_FAULTS

    def text(self, column: Column) -> tuple[str, ...]:
        """Return the cells of a column as written."""
        return tuple(row.cells[column.index] for row in self.rows)

    def numbers(self, column: Column) -> Floats:
        """Return the numbers of a column as written, NaN where empty."""
        values, faults = self.grid.numbers(self.rows, column.index, what=column.what)
        self.faults.extend(faults)
        return values

    def quantities(self, column: Column, kind: Kind, *, unit: str | None = None) -> Floats:
        """Return a column in the kernel unit of `kind`, NaN where empty.

        Parameters
        ----------
        unit : str, optional
            Unit to take in place of the header's.
        """
        given = column.unit if unit is None else unit
        values = self.numbers(column)
        if given is None:
            self.faults.append(self.no_unit(column, kind))
            return values
        try:
            with np.errstate(divide="ignore", over="ignore"):
                converted = to_kernel(values, given, kind)
        except UnitError as fault:
            self.faults.append(self.placed(fault, column))
            return values
        allowed, advice = f"a {kind.value} that is finite in {kernel_unit(kind)}", "correct the number"
        self.check(column, np.isinf(converted), found="the number", allowed=allowed, advice=advice)
        return converted

    def check(self, column: Column, is_wrong: Mask, *, found: str, allowed: str, advice: str) -> None:
        """Add one fault for each row where a value is wrong."""
        for index in np.flatnonzero(is_wrong)[:MOST_FAULTS_OF_A_COLUMN]:
            row = self.rows[index]
            shown = f"{found} {row.cells[column.index][:40]}".rstrip()
            where = self.grid.where(row, column.index)
            self.faults.append(DataError(column.what, found=shown, allowed=allowed, advice=advice, where=where))

    def check_filled(self, column: Column, *, advice: str) -> None:
        """Add a fault for each empty cell."""
        is_empty = np.array([not cell for cell in self.text(column)], dtype=bool)
        self.check(column, is_empty, found="an empty cell", allowed="a number in each row", advice=advice)

    def check_concentration(self, column: Column, values: Floats) -> None:
        """Add a fault for each negative and each missing concentration."""
        advice = "check the sign; 0 where nothing was there"
        self.check(column, values < 0, found="the negative concentration", allowed="0 or more", advice=advice)
        allowed, advice = f"at most {MOST_CONCENTRATED:.0f} mol/L", "correct the unit; is this a concentration at all?"
        self.check(column, values > MOST_CONCENTRATED, found="the concentration", allowed=allowed, advice=advice)
        self.check_filled(column, advice="fill it in, or write '?' in the whole column to have it fitted")

    def no_unit(self, column: Column, kind: Kind) -> DataError:
        """Return the fault of a bare header where a unit is due."""
        return DataError(
            column.what,
            found="no unit",
            allowed=f"a unit of {kind.value} in square brackets",
            advice=f"write '{column.name[:60]} [{display_unit(kind)}]'",
            where=column.where,
        )

    def placed(self, fault: UnitError, column: Column) -> SurfaceChemError:
        """Return a fault of a unit with column and place."""
        return UnitError(
            f"{fault.what} of {column.what}",
            found=fault.found,
            allowed=fault.allowed,
            advice=fault.advice,
            where=column.where,
        )


def split_unit(header: str) -> tuple[str, str | None]:
    """Return name and unit of a header ``name [unit]``; None where it has no brackets."""
    text = header.strip()
    name, bracket, rest = text.partition("[")
    unit = rest.removesuffix("]")
    is_bracketed = bracket and unit != rest and not {"[", "]"} & {*name, *unit}
    return (name.rstrip(), unit.strip()) if is_bracketed else (text, None)


def as_table(grid: Grid, faults: list[SurfaceChemError]) -> Table:
    """Return the first row as header and the others as its rows; uneven rows are faults."""
    header, *rows = grid.rows
    width = max((index for index, cell in enumerate(header.cells, 1) if cell), default=0)
    columns: list[Column] = []
    names: set[str] = set()
    for index, cell in enumerate(header.cells[:width]):
        name, unit = split_unit(cell)
        where = grid.where(header, index)
        if name in names and len(faults) < MOST_FAULTS:
            advice = "give each column a name of its own"
            faults.append(
                DataError(f"column '{name[:60]}'", found="it twice", allowed="once", advice=advice, where=where)
            )
        names.add(name)
        columns.append(Column(name=name, unit=unit, index=index, where=where))
    uneven = [row for row in rows if _is_uneven(row, width)]
    faults.extend(_uneven(grid, row, width) for row in uneven[:MOST_FAULTS_OF_A_COLUMN])
    even = tuple(row for row in rows if not _is_uneven(row, width))
    return Table(grid=grid, columns=tuple(columns), rows=even, faults=faults)


def _is_uneven(row: Row, width: int) -> bool:
    return len(row.cells) < width or any(row.cells[width:])


def _uneven(grid: Grid, row: Row, width: int) -> DataError:
    advice = "give each row as many cells as the header; an empty cell where nothing was measured"
    if grid.delimiter == "," and len(row.cells) > width:
        advice = "if these are decimal commas, save the file with ';' between columns"
    where = grid.where(row)
    return DataError("row", found=f"{len(row.cells)} cells", allowed=f"{width} cells", advice=advice, where=where)

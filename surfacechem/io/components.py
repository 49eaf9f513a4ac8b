"""Molar spectra of single species from a table: wavelengths in the first column, a species in each other one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import DataError, SurfaceChemError, raise_all
from surfacechem.io.columns import split_unit
from surfacechem.io.grid import cut
from surfacechem.io.source import decode, load
from surfacechem.io.spectra import Spectra
from surfacechem.units import Kind, to_kernel

if TYPE_CHECKING:
    from os import PathLike

    from surfacechem.io.grid import Floats

__all__ = ["read_components"]


def read_components(path: str | PathLike[str]) -> Spectra:
    """Read molar spectra: ``wavelength [nm], Host [L/(mol cm)], HG [L/(mol cm)]``.

    Parameters
    ----------
    path : path
        CSV file.

    Returns
    -------
    Spectra
        Values in L/(mol cm), by growing wavelength; names are those of the species.

    Raises
    ------
    DataError
        If the file is no such table; every faulty cell at once.
    UnitError
        If a unit is missing or of another kind.
    """
    source = load(path, what="file of molar spectra")
    grid = cut(source, decode(source)[0])
    header, rows = grid.rows[0].cells, grid.rows[1:]
    if len(header) < 2 or len(rows) < 2:  # noqa: PLR2004  (an axis and a spectrum of two points)
        raise DataError(
            f"molar spectra in '{source.file}'",
            found=f"{len(header)} columns, {len(rows)} rows",
            allowed="wavelengths and one species or more, at two wavelengths or more",
            advice="write a header such as: wavelength [nm], Host [L/(mol cm)]",
        )
    faults: list[SurfaceChemError] = []
    columns = []
    for place, cell in enumerate(header):
        numbers, wrong = grid.numbers(rows, place, what=f"column '{cell}'")
        faults += wrong
        columns.append(numbers)
    raise_all(faults)
    axis, *spectra = (
        _converted(cell, each, is_axis=not place)
        for place, (cell, each) in enumerate(zip(header, columns, strict=True))
    )
    order = np.argsort(axis, kind="stable")
    return Spectra(
        names=tuple(split_unit(cell)[0] for cell in header[1:]),
        axis=axis[order],
        values=np.array(spectra)[:, order],
    )


def _converted(cell: str, numbers: Floats, *, is_axis: bool) -> Floats:
    name, unit = split_unit(cell)
    kind = Kind.WAVELENGTH if is_axis else Kind.EXTINCTION
    if unit is None or np.isnan(numbers).any():
        raise DataError(
            f"column '{name}'",
            found="no unit" if unit is None else "an empty cell",
            allowed=f"numbers with a unit of {kind.value}",
            advice=f"write {name} [{'nm' if is_axis else 'L/(mol cm)'}], and a number in each row",
        )
    return np.asarray(to_kernel(numbers, unit, kind), dtype=float)

"""The project's own CSV: ``# key: value`` lines, headers ``name [unit]``, one point per row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError, Location
from surfacechem.io.cary import is_cary, read_spectra
from surfacechem.io.columns import as_table, split_unit
from surfacechem.io.composition import is_composition, read_composition
from surfacechem.io.grid import cut
from surfacechem.io.head import read_head
from surfacechem.io.jcampdx import START as JCAMPDX
from surfacechem.io.jcampdx import read_jcampdx_spectra
from surfacechem.io.naming import check_meanings, name_headers, refuse_strangers
from surfacechem.io.peaks import join_peaks
from surfacechem.io.signals import read_signals
from surfacechem.io.source import decode, load
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.columns import Column, Table
    from surfacechem.io.composition import Composition
    from surfacechem.io.grid import Floats, Grid
    from surfacechem.io.head import Head
    from surfacechem.io.source import Source
    from surfacechem.io.spectra import Spectra

__all__ = ["is_own", "read_own"]

LABELS: Final = frozenset({"point", "label", "sample", "title", "name", "no", "#"})
_LEADING_KEYS: Final = ("technique", "cell", "titrant", "volume", "columns", "standard", "spectra", "shift", "integral")


def is_own(grid: Grid) -> bool:
    """Return whether a grid has header lines of ours or units in square brackets."""
    has_key = any(row.cells[0].lower().startswith(_LEADING_KEYS) for row in grid.remarks)
    return has_key or any(split_unit(cell)[1] is not None for cell in (grid.rows[0].cells if grid.rows else ()))


def read_own(source: Source, grid: Grid, faults: list[SurfaceChemError], technique: Technique | None) -> Titration:
    """Return the titration; all that is wrong is added to `faults`, and the caller raises."""
    head = read_head(grid, faults)
    head.technique = technique or head.technique
    grid, joined = _joined(source, _headed(grid, head, faults), head, faults)
    table = as_table(grid, faults)
    if not table.rows:
        advice = "write one row per point below the header"
        where = Location(file=grid.file, line=grid.rows[0].number)
        faults.append(
            DataError("table", found="no row of data", allowed="one row per point", advice=advice, where=where)
        )
    composition = read_composition(table, head)
    labels = next((column for column in table.columns if column.name.lower() in LABELS), None)
    measured = [column for column in table.columns if column is not labels and not is_composition(column)]
    measured = _named(table, measured)
    signals = read_signals(table, measured, head, _standard(table, head, composition))
    if head.spectra:
        signals = (*signals, *_spectra(source, table, head, labels))
    elif not measured:
        _no_signal(table)
    notes = (*grid.notes, *joined, *composition.notes, *_notes(head, measured), *_negative(signals), *_spread(signals))
    return Titration(
        name=head.name or source.stem,
        feeds=composition.feeds,
        amounts=composition.amounts,
        signals=signals,
        labels=table.text(labels) if labels else tuple(str(number) for number in range(1, len(table.rows) + 1)),
        added=composition.added,
        unknowns=composition.unknowns,
        initial_volume=head.volume,
        temperature=head.temperature,
        source=source.file,
        sha256=source.sha256,
        notes=notes,
        meta={"layout": "surfacechem CSV", **head.meta},
    )


def _headed(grid: Grid, head: Head, faults: list[SurfaceChemError]) -> Grid:
    """Return the grid with headers as the line '# columns:' means them."""
    headers = grid.rows[0].cells
    try:
        check_meanings(head.columns, what="columns")
        strangers = head.columns.keys() - set(headers)
        refuse_strangers(strangers, known=headers, what="columns", where=head.places.get("columns", Location()))
    except DataError as fault:
        faults.append(fault if fault.where else fault.at(head.places["columns"]))
    return name_headers(grid, head.columns)


def _joined(source: Source, grid: Grid, head: Head, faults: list[SurfaceChemError]) -> tuple[Grid, tuple[str, ...]]:
    """Return the grid with what '# shift:' and '# integral:' take from peak lists, and what was assumed."""
    labels = {cell: index for index, cell in enumerate(grid.rows[0].cells) if cell.lower() in LABELS}
    return join_peaks(source, grid, head, labels, faults)


def _named(table: Table, columns: list[Column]) -> list[Column]:
    """Return the columns that have a name; one without is refused if it holds anything."""
    for column in columns:
        if not column.name and any(table.text(column)):
            advice = "give it a header, or delete it"
            fault = DataError("column", found="no name in the header", allowed="a name", advice=advice)
            table.faults.append(fault.at(column.where))
    return [column for column in columns if column.name]


def _no_signal(table: Table) -> None:
    header = table.grid.rows[0]
    advice = "add a column such as 'bound [mmol/L]', 'delta [ppm]' or 'A 386 nm'"
    where = table.grid.where(header)
    fault = DataError("table", found="no measured column", allowed="at least one", advice=advice, where=where)
    table.faults.append(fault)


def _spectra(source: Source, table: Table, head: Head, labels: Column | None) -> tuple[Signal, ...]:
    """Return the spectra of the file that '# spectra:' names, one for each row, joined by name."""
    where = head.places["spectra"]
    try:
        spectra = _beside(source, head.spectra, table.faults)
    except DataError as fault:
        table.faults.append(fault)
        return ()
    if spectra is None:
        advice = "save the spectra as CSV in the Cary program, or as JCAMP-DX"
        allowed = "Cary CSV or JCAMP-DX"
        table.faults.append(
            DataError("spectra file", found="another layout", allowed=allowed, advice=advice, where=where)
        )
        return ()
    wanted = table.text(labels) if labels else ()
    missing = [name for name in wanted if name not in spectra.names]
    if labels is None or missing:
        found = f"'{missing[0][:40]}', which is no spectrum" if missing else "no column of names"
        allowed = ", ".join(spectra.names)[:200]
        advice = "add a column 'sample' that names the spectrum of each row"
        table.faults.append(DataError("spectra", found=found, allowed=allowed, advice=advice, where=where))
        return ()
    order = [spectra.names.index(name) for name in wanted]
    signal = replace(spectra, names=wanted, values=spectra.values[order]).signal()
    return (replace(signal, path_length=head.path_length or signal.path_length),)


def _beside(source: Source, name: str, faults: list[SurfaceChemError]) -> Spectra | None:
    """Return the spectra of a file in the same folder, or None where it holds something else."""
    beside = load(source.path.parent / name)
    lines, _ = decode(beside)
    if lines and lines[0].startswith(JCAMPDX):
        return read_jcampdx_spectra(beside, lines, faults)
    grid = cut(beside, lines)
    return read_spectra(grid, faults) if is_cary(grid) else None


def _standard(table: Table, head: Head, composition: Composition) -> Floats | None:
    """Return the standard's concentration times its protons at each point [mol/L], diluted as the vessel is."""
    if head.standard is None:
        return None
    start = np.full(len(table.rows), head.standard.concentration * head.standard.protons)
    if composition.added is None or head.volume is None:
        return start
    return start * head.volume / (head.volume + composition.added)


def _notes(head: Head, measured: list[Column]) -> tuple[str, ...]:
    notes = []
    if head.temperature is None:
        notes.append("temperature not given")
    if head.standard is not None and not any(column.name.lower() == "standard" for column in measured):
        notes.append("integrals taken relative to the standard's, which counts as 1")
    if any(column.wavelength for column in measured) and head.path_length is None:
        notes.append("optical path not given: taken as 1 cm")
    return tuple(notes)


def _negative(signals: tuple[Signal, ...]) -> list[str]:
    """Return a note on measured concentrations below zero: noise that the fit must see, so they are kept."""
    counts = {signal.name: int((signal.values < 0).sum()) for signal in signals if signal.unit == "mol/L"}
    return [
        f"{count} negative value{'s' * (count > 1)} of '{name}' kept as noise"
        for name, count in counts.items()
        if count
    ]


def _spread(signals: tuple[Signal, ...]) -> list[str]:
    """Return a note where only some signals have standard deviations: a fit cannot weigh these against the others."""
    without = [signal.name for signal in signals if signal.sigma is None]
    if not without or len(without) == len(signals):
        return []
    return [f"no sigma of {', '.join(without[:6])}: a fit that joins signals with and without estimates the noise"]

"""What was in the vessel at each point, from volumes added or from concentrations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError, Location
from surfacechem.io.head import UNKNOWN
from surfacechem.io.mixing import dilute, displace, mix
from surfacechem.records import Technique, Unknown
from surfacechem.units import Kind

if TYPE_CHECKING:
    from surfacechem.io.columns import Column, Table
    from surfacechem.io.grid import Floats
    from surfacechem.io.head import Head, Titrant

__all__ = ["Composition", "is_composition", "read_composition"]

_ADDED: Final = re.compile(r"(?i)(?P<mode>added|injected)(?:\s+(?P<label>\S+))?")
_TOTAL: Final = re.compile(r"(?i)total\s+(?P<feed>\S+)")
_EQUIVALENTS: Final = re.compile(r"(?i)(?:equiv|equivalents?|eq)\.?(?:\s+per\s+(?P<of>\S.*?))?\s*")
_SITES: Final = re.compile(r"(?i:native ligands?|sites?)(?:\s+(?i:of)\s+(?P<particle>\S+))?")


@dataclass(frozen=True, kw_only=True)
class Composition:
    """Names and concentrations [mol/L] of what was put in, point by point, and how they were found."""

    feeds: tuple[str, ...]
    amounts: Floats
    added: Floats | None = None
    unknowns: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = field(default=())


def is_composition(column: Column) -> bool:
    """Return whether a column tells what is in the vessel."""
    return bool(_ADDED.fullmatch(column.name) or _TOTAL.fullmatch(column.name))


def read_composition(table: Table, head: Head) -> Composition:
    """Return what was in the vessel; faults go to the table."""
    added = [column for column in table.columns if _ADDED.fullmatch(column.name)]
    totals = [column for column in table.columns if _TOTAL.fullmatch(column.name)]
    if added and totals:
        advice = "delete one kind of column"
        table.faults.append(
            DataError(
                "composition",
                found="both volumes added and totals",
                allowed="'added [uL]' columns or 'total NAME [mmol/L]' columns",
                advice=advice,
                where=totals[0].where,
            )
        )
    if added:
        return _from_additions(table, head, added)
    if totals:
        return _from_totals(table, head, totals)
    table.faults.append(
        DataError(
            "composition",
            found="no column that says what is in the vessel",
            allowed="'added [uL]' with '# cell:', '# titrant:' and '# volume:' lines, or 'total NAME [mmol/L]' columns",
            advice="write what was added: '# titrant: HO2CR' 50 mmol/L' on top, and a column 'added [uL]'",
            where=Location(file=table.grid.file, line=table.grid.rows[0].number, text=table.grid.rows[0].text),
        )
    )
    return Composition(feeds=(), amounts=np.zeros((len(table.rows), 0)))


# --- Volumes ---------------------------------------------------------------------------------------------


def _from_additions(table: Table, head: Head, columns: list[Column]) -> Composition:
    _require_lines(table, head, columns[0])
    titrants = [_titrant_of(table, head, column) for column in columns]
    _check_pairs(table, head, columns, titrants)
    so_far = [_cumulative(table, column, titrant) for column, titrant in zip(columns, titrants, strict=True)]
    known = [(titrant, values) for titrant, values in zip(titrants, so_far, strict=True) if titrant is not None]
    cell = head.cell or {}
    feeds = tuple(
        dict.fromkeys([*cell, *(feed for titrant, _ in known for feed in titrant.contents or [titrant.solid])])
    )
    if not known or head.volume is None:
        return Composition(feeds=feeds, amounts=np.zeros((len(table.rows), len(feeds))))
    if head.technique is Technique.ITC and len(known) == 1 and not known[0][0].solid:
        return _displaced(table, head, columns[0], feeds=feeds, known=known)
    return _diluted(table, head, feeds=feeds, known=known)


def _displaced(
    table: Table, head: Head, column: Column, *, feeds: tuple[str, ...], known: list[tuple[Titrant, Floats]]
) -> Composition:
    """Return what is in a calorimeter's cell, which stays full."""
    volume, (_, so_far) = head.volume or 0.0, known[0]
    injected = np.diff(so_far, prepend=0.0)
    allowed, advice = "less than the cell's volume", "correct the unit, or the line '# volume:'"
    is_large = injected >= volume
    table.check(column, is_large, found="the injection", allowed=allowed, advice=advice)
    if is_large.any():
        return Composition(feeds=feeds, amounts=np.zeros((len(table.rows), len(feeds))))
    contents, solutions = _contents(head, known, feeds)
    amounts, unknowns = mix(
        lambda each: displace(injected, initial=each[0], stock=each[1], volume=volume),
        contents,
        feeds=feeds,
        solutions=solutions,
    )
    note = "calorimeter cell taken as full: each injection v pushes out the fraction v/V of what is in it"
    return _composed(feeds, amounts, so_far, unknowns=unknowns, notes=(note,))


def _diluted(table: Table, head: Head, *, feeds: tuple[str, ...], known: list[tuple[Titrant, Floats]]) -> Composition:
    """Return what is in a vessel that keeps all that is put in."""
    volume = head.volume or 0.0
    solutions = [(titrant, values) for titrant, values in known if not titrant.solid]
    added = np.column_stack([np.zeros((len(table.rows), 0)), *(values for _, values in solutions)])
    total = volume + added.sum(axis=1)
    weighed = np.zeros((len(table.rows), len(feeds)))
    notes = ["volumes taken as additive; concentrations include the dilution"] if solutions else []
    for titrant, values in known:
        if titrant.solid:
            weighed[:, feeds.index(titrant.solid)] += values / titrant.molar_mass / total
            notes.append(f"solid {titrant.solid} taken to change no volume")
    contents, names = _contents(head, solutions, feeds)
    amounts, unknowns = mix(
        lambda each: dilute(added, initial=each[0], stocks=each[1:], volume=volume),
        contents,
        feeds=feeds,
        solutions=names,
    )
    unknowns = tuple(replace(each, known=each.known + weighed[:, feeds.index(each.feed)]) for each in unknowns)
    return _composed(feeds, amounts + weighed, added.sum(axis=1), unknowns=unknowns, notes=tuple(notes))


def _contents(
    head: Head, solutions: list[tuple[Titrant, Floats]], feeds: tuple[str, ...]
) -> tuple[Floats, tuple[str, ...]]:
    """Return the concentrations in cell and titrants, shape (n_solutions, n_feeds) [mol/L], and their names."""
    rows = [head.cell or {}, *(titrant.contents for titrant, _ in solutions)]
    names = ("cell", *(f"titrant {titrant.label}".rstrip() for titrant, _ in solutions))
    return np.array([[row.get(feed, 0.0) for feed in feeds] for row in rows]), names


def _composed(
    feeds: tuple[str, ...], amounts: Floats, added: Floats, *, unknowns: tuple[Unknown, ...], notes: tuple[str, ...]
) -> Composition:
    amounts = amounts.copy()
    amounts[:, [feeds.index(each.feed) for each in unknowns]] = np.nan
    return Composition(feeds=feeds, amounts=amounts, added=added, unknowns=unknowns, notes=notes)


def _require_lines(table: Table, head: Head, column: Column) -> None:
    """Add a fault for each header line that volumes need and the file lacks."""
    lines = {
        "cell": (head.cell, "# cell: InP37 0.5 mmol/L"),
        "titrant": (head.titrants or None, "# titrant: HO2CR' 50 mmol/L"),
        "volume": (head.volume, "# volume: 0.60 mL"),
    }
    for key, (value, example) in lines.items():
        if value is None and key not in head.places:
            fault = DataError(
                f"line '# {key}:'",
                found="no such line",
                allowed=f"one, because {column.what} holds what was added",
                advice=f"write e.g. '{example}' above the table",
                where=Location(file=table.grid.file, line=1),
            )
            table.faults.append(fault)


def _check_pairs(table: Table, head: Head, columns: list[Column], titrants: list[Titrant | None]) -> None:
    """Add a fault for each titrant with more than one column, or none."""
    advice = "keep one column: 'added' counts from the start, 'injected' holds single additions"
    for index, (column, titrant) in enumerate(zip(columns, titrants, strict=True)):
        if titrant is not None and titrant in titrants[:index]:
            first = columns[titrants.index(titrant)]
            found = f"the same titrant as in {first.what}"
            fault = DataError(column.what, found=found, allowed="one column per titrant", advice=advice)
            table.faults.append(fault.at(column.where))
    for titrant in head.titrants:
        if titrant not in titrants:
            key, name = f"titrant {titrant.label}".rstrip(), f"added {titrant.label}".rstrip()
            fault = DataError(
                f"line '# {key}:'",
                found="no column of what was added of it",
                allowed=f"a column '{name} [{'mg' if titrant.solid else 'uL'}]'",
                advice="add the column, or delete the line",
            )
            table.faults.append(fault.at(head.places[key]))


def _titrant_of(table: Table, head: Head, column: Column) -> Titrant | None:
    match = _ADDED.fullmatch(column.name)
    label = (match["label"] or "").lower() if match else ""
    named = {titrant.label: titrant for titrant in head.titrants}
    if not label and len(named) == 1:
        return next(iter(named.values()))
    if label in named:
        return named[label]
    if named:
        allowed = ", ".join(f"'added {name}'" for name in named)
        advice = f"name the column after its line, e.g. '# titrant {label or 'a'}: HO2CR' 50 mmol/L'"
        fault = DataError(column.what, found="no titrant line of this name", allowed=allowed, advice=advice)
        table.faults.append(fault.at(column.where))
    return None


def _cumulative(table: Table, column: Column, titrant: Titrant | None) -> Floats:
    """Return what was added so far [L, or g of a solid]: as written, or summed where single injections are given."""
    kind = Kind.MASS if titrant is not None and titrant.solid else Kind.VOLUME
    values = table.quantities(column, kind)
    table.check_filled(column, advice="fill in what was added; 0 at the first point")
    table.check(column, values < 0, found="the negative addition", allowed="0 or more", advice="check the sign")
    if column.name.lower().startswith("injected"):
        return np.cumsum(values)
    fell = np.diff(values, prepend=0.0) < 0
    advice = "'added' counts from the start; name the column 'injected' if it holds single additions"
    table.check(column, fell & (values >= 0), found="less than before:", allowed="growing values", advice=advice)
    return values


# --- Concentrations --------------------------------------------------------------------------------------


def _from_totals(table: Table, head: Head, columns: list[Column]) -> Composition:
    _check_pairs(table, head, [], [])
    amounts: dict[str, Floats] = {}
    equivalents: list[tuple[Column, str]] = []
    for column in columns:
        if table.is_hopeless:
            return Composition(feeds=(), amounts=np.zeros((len(table.rows), 0)))
        feed = _feed(column)
        match = _EQUIVALENTS.fullmatch(column.unit or "")
        if all(cell == UNKNOWN for cell in table.text(column)):
            amounts[feed] = np.full(len(table.rows), np.nan)
        elif match:
            equivalents.append((column, match["of"] or ""))
            amounts[feed] = table.numbers(column)
        else:
            amounts[feed] = table.quantities(column, Kind.CONCENTRATION)
            table.check_concentration(column, amounts[feed])
    notes = []
    for feed, concentration in (head.cell or {}).items():
        if feed not in amounts:
            amounts[feed] = np.full(len(table.rows), concentration)
            notes.append(f"{feed} taken as constant, as the line '# cell:' gives it")
    notes += _multiply_out(table, head, equivalents, amounts)
    stacked = np.column_stack(list(amounts.values()))
    return Composition(feeds=tuple(amounts), amounts=stacked, notes=tuple(notes))


def _multiply_out(
    table: Table, head: Head, equivalents: list[tuple[Column, str]], amounts: dict[str, Floats]
) -> list[str]:
    """Turn equivalents into concentrations, each after what it refers to, and return what was counted.

    What refers to itself stays over and becomes a fault.
    """
    notes = []
    waiting = {_feed(column): (column, *_base(of, head)) for column, of in equivalents}
    known = tuple(feed for feed in amounts if feed not in waiting and not np.isnan(amounts[feed]).all())
    while ready := [feed for feed, (_, of, _) in waiting.items() if of in amounts and of not in waiting]:
        for feed in ready:
            column, of, count = waiting.pop(feed)
            is_open = bool(np.isnan(amounts[of]).all())
            if is_open and len(amounts[of]):
                table.faults.append(_equivalents_of_what(column, head, known, found=f"equivalents of unknown {of}"))
            amounts[feed] = amounts[feed] * count * amounts[of]
            if not is_open:
                table.check_concentration(column, amounts[feed])
            if count > 1:
                notes.append(f"[{column.unit}] of {feed}: {count:g} per {of}, as the line '# sites:' says")
    for column, of, _ in waiting.values():
        found = f"[{column.unit}], which leads back to itself" if of in amounts else f"[{column.unit}]"
        table.faults.append(_equivalents_of_what(column, head, known, found=found))
    return notes


def _base(of: str, head: Head) -> tuple[str, float]:
    """Return of which feed, and of how many per feed, equivalents are; sites count as the line '# sites:' says."""
    match = _SITES.fullmatch(of)
    if match is None:
        return of, 1.0
    particle = match["particle"] or (next(iter(head.sites)) if len(head.sites) == 1 else "")
    return (particle, head.sites[particle]) if particle in head.sites else (of, 1.0)


def _feed(column: Column) -> str:
    match = _TOTAL.fullmatch(column.name)
    return match["feed"] if match else column.name


def _equivalents_of_what(column: Column, head: Head, feeds: tuple[str, ...], *, found: str) -> DataError:
    others = [feed for feed in feeds if feed != _feed(column)] or ["InP37"]
    allowed = [f"[equiv per {feed}]" for feed in others]
    allowed += [f"[equiv per native ligand of {feed}]" for feed in head.sites]
    advice = "equivalents per native ligand or site need their number: '# sites: InP37 = 51' above the table"
    if head.sites:
        advice = "name what stands in the file, or give mmol/L"
    return DataError(
        f"{column.what}, equivalents",
        found=found,
        allowed=f"equivalents per another thing of known concentration: {', '.join(allowed)}",
        advice=advice,
        where=column.where,
    )

"""Finding out which layout a file has, and reading it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from surfacechem.errors import DataError, Faults, Location, SurfaceChemError, UnknownNameError, raise_all
from surfacechem.io.cary import is_cary, read_cary
from surfacechem.io.columns import MOST_FAULTS
from surfacechem.io.grid import Grid, cut
from surfacechem.io.jcampdx import START as JCAMPDX
from surfacechem.io.jcampdx import read_jcampdx
from surfacechem.io.mestrenova import is_integral_series, is_peak_list, read_integral_series, read_peak_list
from surfacechem.io.microcal import START as MICROCAL
from surfacechem.io.microcal import read_microcal
from surfacechem.io.musketeer import is_musketeer, read_musketeer
from surfacechem.io.naming import check_meanings, name_headers, name_parts, part_names, refuse_strangers
from surfacechem.io.origin import is_origin_heats, is_origin_worksheet, read_origin_heats, read_origin_worksheet
from surfacechem.io.own import is_own, read_own
from surfacechem.io.plain import is_plain, read_plain
from surfacechem.io.source import Source, decode, load
from surfacechem.io.workbook import is_workbook, read_workbook
from surfacechem.records import Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    TextReader = Callable[[Source, list[str], list[SurfaceChemError]], Titration]
    TableReader = Callable[[Source, Grid, list[SurfaceChemError], Technique | None], Titration]

__all__ = ["read", "read_all"]

_TEXTS: Final[tuple[tuple[str, TextReader], ...]] = ((MICROCAL, read_microcal), (JCAMPDX, read_jcampdx))
"""Layouts that are no tables, known by how their first line begins."""
_TABLES: Final[tuple[tuple[Callable[[Grid], bool], TableReader], ...]] = (
    (is_musketeer, read_musketeer),
    (is_cary, read_cary),
    (is_origin_heats, read_origin_heats),
    (is_origin_worksheet, read_origin_worksheet),
    (is_own, read_own),
    (is_peak_list, read_peak_list),
    (is_integral_series, read_integral_series),
    (is_plain, read_plain),
)


def read(
    path: str | os.PathLike[str],
    *,
    rename: Mapping[str, str] | None = None,
    technique: Technique | str | None = None,
    sheet: str | None = None,
) -> Titration:
    """Read a titration from a file, whatever layout it has.

    A file of the Cary spectrometer holds no concentrations: its `Titration` has no feeds, and a CSV with a line
    ``# spectra:`` joins the two.

    Parameters
    ----------
    path : path
        A CSV, text or .xlsx file; `docs/data-files.md` lists the layouts.
    rename : mapping, optional
        Headers of the file and what they are to mean: ``{"H": "Host"}`` gives a feed the model's name,
        ``{"H": "total Host [mol/L]"}`` says all of it.
    technique : Technique, optional
        What was measured, where the file does not say.
    sheet : str, optional
        Sheet of a workbook; else the first that holds a table. Text files beside a workbook have none.

    Returns
    -------
    Titration
        Floats in kernel units; all that was assumed stands in its `notes`, the options of this call in
        ``meta["reading"]``.

    Raises
    ------
    DataError, UnitError, Faults
        Everything that is wrong with the file, at once, each with its place and what to write instead.

    Examples
    --------
    >>> from surfacechem.io import find_card
    >>> read(find_card("nmr-tcnb-syn1").data_path, rename={"H": "Host", "G": "TCNB"}).feeds
    ('Host', 'TCNB')
    """
    return read_all((path,), rename=rename, technique=technique, sheet=sheet)[0]


def read_all(
    paths: Sequence[str | os.PathLike[str]],
    *,
    rename: Mapping[str, str] | None = None,
    technique: Technique | str | None = None,
    sheet: str | None = None,
) -> list[Titration]:
    """Read several titrations; each renamed thing must be in one of them at least. See `read`."""
    meanings, known = dict(rename or {}), _technique(technique)
    check_meanings(meanings, what="rename")
    sources = [load(path) for path in paths]
    _refuse_twice(sources)
    if sheet is not None and not any(map(is_workbook, sources)):
        found, allowed = f"a sheet '{sheet[:40]}' asked of a text file", "a sheet of an .xlsx file"
        raise sources[0].refusal(found, allowed, "leave out the sheet, or give the workbook")
    options = {
        "rename": {old: new for old, new in meanings.items() if old != new},
        "technique": technique and str(technique),
    }
    read_ones = [_read(source, meanings, known, sheet, options) for source in sources]
    names = list(dict.fromkeys(name for _, present in read_ones for name in present))
    where = Location(file=", ".join(Path(path).name for path in paths))
    refuse_strangers(meanings.keys() - set(names), known=names, what="rename", where=where)
    return [titration for titration, _ in read_ones]


def _refuse_twice(sources: Sequence[Source]) -> None:
    """Refuse files of the same bytes: fitted together, they would make every interval too narrow."""
    seen: dict[str, Source] = {}
    for source in sources:
        twin = seen.setdefault(source.sha256, source)
        if twin is not source:
            found = f"the same measurements as in '{twin.path}'"
            raise source.refusal(found, "each file once", "leave one out, or give the file of the repeated run")


def _read(
    source: Source,
    meanings: Mapping[str, str],
    technique: Technique | None,
    sheet: str | None,
    options: Mapping[str, Any],
) -> tuple[Titration, list[str]]:
    """Return a titration, named as the caller wants it, and the names of the file: headers, feeds, signals."""
    faults: list[SurfaceChemError] = []
    read_sheet = ""
    if is_workbook(source):
        grid = read_workbook(source, sheet)
        read_sheet = grid.sheet
        titration, headers = _from_table(source, grid, meanings, faults, technique)
    else:
        titration, headers = _from_text(source, meanings, faults, technique)
    _raise(source, faults)
    names = [*headers, *part_names(titration)]
    others = {old: new for old, new in meanings.items() if old not in headers}
    reading = {name: option for name, option in {**options, "sheet": read_sheet}.items() if option}
    meta = {**titration.meta, "reading": reading}
    return replace(name_parts(titration, others), source=os.fspath(source.path), meta=meta), names


def _technique(technique: Technique | str | None) -> Technique | None:
    if technique is None:
        return None
    known = {member.value: member for member in Technique}
    if technique not in known:
        raise UnknownNameError("technique", found=f"'{str(technique)[:40]}'", allowed=", ".join(known))
    return known[technique]


def _from_text(
    source: Source, rename: Mapping[str, str], faults: list[SurfaceChemError], technique: Technique | None
) -> tuple[Titration, tuple[str, ...]]:
    """Return the titration of a text file, and its headers."""
    lines, encoding = decode(source)
    reader = next((reader for start, reader in _TEXTS if lines and lines[0].startswith(start)), None)
    if reader is not None:
        return reader(source, lines, faults), ()
    is_usual = encoding.startswith("utf-8")
    grid = cut(source, lines, notes=() if is_usual else (f"text decoded as {encoding}",))
    return _from_table(source, grid, rename, faults, technique)


def _from_table(
    source: Source,
    grid: Grid,
    rename: Mapping[str, str],
    faults: list[SurfaceChemError],
    technique: Technique | None,
) -> tuple[Titration, tuple[str, ...]]:
    """Return the titration of a table, and its headers."""
    headers = grid.rows[0].cells if grid.rows else ()
    grid = name_headers(grid, rename)
    reader = next((reader for is_layout, reader in _TABLES if grid.rows and is_layout(grid)), None)
    if reader is None:
        raise _unknown(source, grid)
    return reader(source, grid, faults, technique), headers


def _unknown(source: Source, grid: Grid) -> DataError:
    if len(grid.rows) <= 1:
        return source.refusal("no row of data", "a header and one row per point", "give the file with the table")
    return DataError(
        "data file",
        found=f"no known layout; the first line has {len(grid.rows[0].cells)} cells",
        allowed="our own CSV, BindFit CSV or XLSX, Musketeer, Cary, JCAMP-DX, MestReNova, Origin heats, .itc, .ta",
        advice="write units into the headers: 'added [uL], bound [mmol/L]'; see docs/data-files.md",
        where=grid.where(grid.rows[0]),
    )


def _place(fault: SurfaceChemError) -> tuple[int, int]:
    where = fault.where
    return (where.line or 0, where.column or 0) if where else (0, 0)


def _raise(source: Source, faults: list[SurfaceChemError]) -> None:
    """Raise the first faults together, in the file's order; one repeated fault must not fill the screen."""
    faults.sort(key=_place)
    if len(faults) > MOST_FAULTS:
        more = source.refusal(f"{len(faults) - MOST_FAULTS} or more further faults", "none", "correct these first")
        raise Faults((*faults[:MOST_FAULTS], more))
    raise_all(faults)

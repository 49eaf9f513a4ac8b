"""Names that a caller or a '# columns:' line gives to headers, feeds and signals."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from surfacechem.errors import DataError, Location, UnitError
from surfacechem.io.columns import split_unit
from surfacechem.units import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from surfacechem.io.grid import Grid
    from surfacechem.records import Titration

__all__ = ["check_meanings", "name_headers", "name_parts", "part_names", "refuse_strangers"]

_LOOSE_UNIT: Final = re.compile(r".*?(?P<suffix>\s*(?:/\s*(?P<slash>[^\s/()]+)|\((?P<round>[^()]+)\)))")
_KINDS: Final = (Kind.CONCENTRATION, Kind.SHIFT, Kind.FREQUENCY, Kind.VOLUME, Kind.MASS, Kind.HEAT, Kind.PHOTON_ENERGY)


def check_meanings(meanings: Mapping[str, str], *, what: str) -> None:
    """Refuse empty names, and one name for two things.

    Raises
    ------
    DataError
        With `what` as the thing at fault.
    """
    if not all(name.strip() for pair in meanings.items() for name in pair):
        raise DataError(what, found="an empty name", allowed="names on both sides", advice="write e.g. 'H = Host'")
    _refuse_twice(what, [split_unit(new)[0] for new in meanings.values()])


def name_headers(grid: Grid, meanings: Mapping[str, str]) -> Grid:
    """Return the grid with headers replaced by what they mean; a meaning without a unit keeps the header's."""
    if not grid.rows or not meanings:
        return grid
    cells = tuple(_meaning(cell, meanings[cell]) if cell in meanings else cell for cell in grid.rows[0].cells)
    return replace(grid, rows=(replace(grid.rows[0], cells=cells), *grid.rows[1:]))


def _meaning(header: str, new: str) -> str:
    _, unit = split_unit(header)
    if _suffix(new) or split_unit(new)[1] is not None:
        return new
    return f"{new}{_suffix(header)}" if unit is None else f"{new} [{unit}]"


def _suffix(header: str) -> str:
    """Return the unit with its sign of ``Host / mM`` or ``delta (ppm)``, as other programs write it."""
    match = _LOOSE_UNIT.fullmatch(header)
    if match is None:
        return ""
    try:
        kind = kind_of(match["slash"] or match["round"], _KINDS)
    except UnitError:
        return ""
    return "" if kind is None else match["suffix"]


def name_parts(titration: Titration, meanings: Mapping[str, str]) -> Titration:
    """Return the titration with the caller's names for feeds and signals.

    Raises
    ------
    DataError
        If two feeds or two signals end with one name.
    """
    feeds = tuple(meanings.get(feed, feed) for feed in titration.feeds)
    signals = tuple(replace(each, name=meanings.get(each.name, each.name)) for each in titration.signals)
    if meanings:
        _refuse_twice("rename", feeds)
        _refuse_twice("rename", [signal.name for signal in signals])
    unknowns = tuple(replace(each, feed=meanings.get(each.feed, each.feed)) for each in titration.unknowns)
    return replace(titration, feeds=feeds, signals=signals, unknowns=unknowns)


def part_names(titration: Titration) -> set[str]:
    """Return the names of feeds and signals."""
    return {*titration.feeds, *(signal.name for signal in titration.signals)}


def refuse_strangers(names: Collection[str], *, known: Collection[str], what: str, where: Location) -> None:
    """Refuse names that the file does not have.

    Raises
    ------
    DataError
        If there are any.
    """
    if names:
        found = ", ".join(f"'{name[:40]}'" for name in sorted(names)[:6])
        allowed = ", ".join(f"'{name}'" for name in known if name)[:300]
        advice = "write the header with its unit, exactly as in the file"
        raise DataError(
            what, found=f"{found}, which the file does not have", allowed=allowed, advice=advice, where=where
        )


def _refuse_twice(what: str, names: Collection[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        advice = "give each thing a name of its own"
        raise DataError(what, found=f"'{twice[0][:40]}' for two things", allowed="each name once", advice=advice)

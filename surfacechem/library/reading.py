"""Read library files: every entry checked, all faults of all files at once.

A formula must parse and be neutral, an X ligand must differ from its bound forms by protons, a metal carboxylate must
carry the valence of its metal, and each value must say where it comes from.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from surfacechem.errors import DataError, Location, SurfaceChemError, raise_all
from surfacechem.library.entries import ClusterEntry
from surfacechem.library.fields import Fields
from surfacechem.library.parsing import READERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from surfacechem.library.entries import Entry

__all__ = ["read_entries"]

_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def read_entries(texts: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the entries of library files, in order.

    Parameters
    ----------
    texts : mapping of str to str
        Name of each file to its text (TOML).

    Raises
    ------
    DataError, Faults
        If anything in any file is wrong; all faults at once.
    """
    faults: list[SurfaceChemError] = []
    entries = [entry for file, text in texts.items() for entry in _read_file(text, file, faults)]
    _check_names(entries, faults)
    raise_all(faults)
    return tuple(entries)


def _read_file(text: str, file: str, faults: list[SurfaceChemError]) -> Iterator[Entry]:
    """Yield the entries of one file that could be read."""
    import tomllib

    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        shown = text.splitlines()[line - 1 : line] if line else []
        where = Location(file=file, line=line, column=column, text=shown[0] if shown else None)
        found = _TOML_PLACE.sub("", str(error)).strip()
        faults.append(DataError("library file", found=found, allowed="TOML", where=where))
        return
    for section, tables in content.items():
        read = READERS.get(section)
        if read is None or not isinstance(tables, dict):
            allowed = ", ".join(f"[{known}.<name>]" for known in READERS)
            faults.append(DataError(f"section [{section}]", allowed=allowed, where=Location(file=file)))
            continue
        for name, table in tables.items():
            where = _place(text, file, section, name)
            if not isinstance(table, dict):
                faults.append(DataError(f"[{section}.{name}]", found=repr(table), allowed="a table", where=where))
                continue
            fields = Fields(table, owner=f"'{name}'", where=where, faults=faults)
            entry = read(name, fields)
            fields.finish()
            if entry is not None:
                yield entry


def _place(text: str, file: str, section: str, name: str) -> Location:
    """Return where the table of an entry begins."""
    headers = {f"[{section}.{name}]", f'[{section}."{name}"]', f"[{section}.'{name}']"}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() in headers:
            return Location(file=file, line=number)
    return Location(file=file)


def _check_names(entries: Iterable[Entry], faults: list[SurfaceChemError]) -> None:
    """Collect names and aliases that two entries share, and alternatives to clusters that do not exist."""
    owners: dict[str, str] = {}
    entries = tuple(entries)
    for entry in entries:
        for name in {known.casefold(): known for known in (entry.name, *entry.aliases)}.values():
            other = owners.setdefault(name.casefold(), entry.name)
            if other != entry.name:
                faults.append(
                    DataError(f"name '{name}' of '{entry.name}'", found=f"also of '{other}'", allowed="one owner")
                )
    names = {entry.name for entry in entries}
    faults.extend(
        DataError(f"alternative_to of '{entry.name}'", found=f"'{entry.alternative_to}'", allowed="a known name")
        for entry in entries
        if isinstance(entry, ClusterEntry) and entry.alternative_to not in {"", *names}
    )

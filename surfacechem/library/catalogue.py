"""The bundled library: read once, when first asked for, then found by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from surfacechem.errors import UnknownNameError
from surfacechem.library.entries import ClusterEntry, ConstantEntry, Entry, FactEntry, LigandEntry
from surfacechem.library.reading import read_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Library", "bundled", "clusters", "constants", "facts", "find", "ligands"]

FILES: Final = ("clusters.toml", "ligands.toml", "constants.toml", "facts.toml")
N_SUGGESTIONS: Final = 3

_Kind = TypeVar("_Kind", bound=Entry)


@dataclass(frozen=True, kw_only=True)
class Library:
    """Entries of every kind, in the order of their files."""

    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Library:
        """Return the library of some files, given as name and text (TOML).

        Raises
        ------
        DataError, Faults
            If anything in any file is wrong; all faults at once.
        """
        return cls(entries=read_entries(texts))

    def of_kind(self, kind: type[_Kind]) -> Mapping[str, _Kind]:
        """Return the entries of one kind by name."""
        return MappingProxyType({entry.name: entry for entry in self.entries if isinstance(entry, kind)})

    def find(self, name: str) -> Entry:
        """Return the entry of a name or alias; case and repeated blanks do not matter.

        Raises
        ------
        UnknownNameError
            If there is none; the message names the nearest.
        """
        import difflib

        known = {_key(each): entry for entry in self.entries for each in (entry.name, *entry.aliases)}
        found = known.get(_key(name))
        if found is not None:
            return found
        contained = [key for key in known if _key(name) and _key(name) in key]
        near = contained or difflib.get_close_matches(_key(name), known, n=N_SUGGESTIONS, cutoff=0.4)
        nearest = list(dict.fromkeys(known[key].name for key in near))[:N_SUGGESTIONS]
        raise UnknownNameError(
            f"library entry '{name}'",
            found="no entry of that name",
            allowed="the names that `surfacechem library list` prints",
            advice=f"did you mean {' or '.join(repr(each) for each in nearest)}?" if nearest else "",
        )


@cache
def bundled() -> Library:
    """Return the library that comes with the package."""
    from importlib.resources import files

    folder = files("surfacechem.library") / "data"
    return Library.read({file: (folder / file).read_text(encoding="utf-8") for file in FILES})


def clusters() -> Mapping[str, ClusterEntry]:
    """Return the bundled clusters by name.

    Examples
    --------
    >>> entry = clusters()["In37P20-myristate"]
    >>> str(entry.template.n_z), round(entry.formula.mass)
    ('17', 16463)
    """
    return bundled().of_kind(ClusterEntry)


def ligands() -> Mapping[str, LigandEntry]:
    """Return the bundled ligands by name."""
    return bundled().of_kind(LigandEntry)


def constants() -> Mapping[str, ConstantEntry]:
    """Return the bundled literature constants by name."""
    return bundled().of_kind(ConstantEntry)


def facts() -> Mapping[str, FactEntry]:
    """Return other measured facts by name: extents, counts, times, energies."""
    return bundled().of_kind(FactEntry)


def find(name: str) -> Entry:
    """Return the bundled entry of a name or alias; case does not matter.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> find("odpa").name
    'octadecylphosphonic acid'
    """
    return bundled().find(name)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())

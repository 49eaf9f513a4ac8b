"""Entries as lines of a model file, ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import format_count, hill
from surfacechem.library.entries import ClusterEntry, ConstantEntry, LigandEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from surfacechem.library.entries import Entry

__all__ = ["model_lines", "unit_lines"]

FIRST_OF_NAME: Final = ("-", ",")
"""What ends the part of a cluster's name that a model file can use as it is."""


def model_lines(entry: Entry) -> tuple[str, ...]:
    r"""Return the lines that say an entry in the model language; none for what it cannot say.

    Examples
    --------
    >>> from surfacechem import library
    >>> print(*library.model_lines(library.find("InP37-oleate")), sep="\n")
    cluster In37P20 = In37P20(O2CR)51 where R = C17H33
    site In on In37P20 : 51 native O2CR
    """
    match entry:
        case ClusterEntry(formula=formula) if formula is not None:
            return tuple(_lines_of_cluster(entry))
        case LigandEntry():
            composition = hill(entry.formula.composition)
            return (f'species {entry.formula} = {composition} named "{entry.name}"',)
        case ConstantEntry():
            return tuple(_lines_of_constant(entry))
    return ()


def unit_lines(entry: Entry) -> tuple[str, ...]:
    """Return the site lines of a cluster whose ligands sit on Z-type units that leave with them; none for others.

    Examples
    --------
    >>> from surfacechem import library
    >>> unit_lines(library.find("Cd37S20"))
    ('site Z on Cd37S20 native Cd(O2CR)2', 'site A on Z-Cd(O2CR)2 native O2CR')
    """
    template = entry.template if isinstance(entry, ClusterEntry) else None
    if template is None or len(template.ligands) != 1:
        return ()
    ((ligand, count),) = template.ligands
    if count != template.n_z * template.n_per_z:
        return ()
    unit = f"{template.metal}({ligand}){format_count(template.n_per_z)}"
    return f"site Z on {_short_name(entry)} native {unit}", f"site A on Z-{unit} native {ligand}"


def _short_name(entry: Entry) -> str:
    name = entry.name
    for end in FIRST_OF_NAME:
        name = name.partition(end)[0]
    return name.replace(" ", "_")


def _lines_of_cluster(entry: ClusterEntry) -> Iterator[str]:
    name = _short_name(entry)
    where = f" where {_groups(entry.groups)}" if entry.groups else ""
    yield f"cluster {name} = {entry.formula}{where}"
    if entry.template is not None and len(entry.template.ligands) == 1:
        ((ligand, count),) = entry.template.ligands
        yield f"site {entry.template.metal} on {name} : {format_count(count)} native {ligand}"


def _lines_of_constant(entry: ConstantEntry) -> Iterator[str]:
    if entry.groups:
        yield f"where {_groups(entry.groups)}"
    exponent = entry.constant.molar_exponent
    unit = "" if not exponent else " /M" if exponent == -1 else f" M^{format_count(exponent)}"
    error = "" if entry.stderr is None else f" +/- {entry.stderr:.6g}"
    yield f"{entry.reaction} ; K = {entry.constant.value:.6g}{error}{unit}"


def _groups(groups: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {group}" for name, group in groups)

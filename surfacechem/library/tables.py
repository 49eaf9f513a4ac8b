"""The library as tables: one per kind, and one card per entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import format_count, hill
from surfacechem.constants import HC
from surfacechem.display import Table
from surfacechem.library.catalogue import clusters, constants, facts, find, ligands
from surfacechem.library.entries import ClusterEntry, ConstantEntry, FactEntry, LigandEntry
from surfacechem.library.lines import model_lines, unit_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.convention import Source
    from surfacechem.chem.formula import Formula
    from surfacechem.library.entries import Entry

__all__ = ["card", "table_of_clusters", "table_of_constants", "table_of_facts", "table_of_ligands", "tables"]

NOT_KNOWN: Final = "not known"
ABOUT: Final = "about "
LEVELS_NOTE: Final = (
    "level: article, abstract, secondary (somebody else's transcription), derived (arithmetic in the source), "
    "mathematics"
)


def tables() -> tuple[Table, ...]:
    """Return the tables of all kinds."""
    return (table_of_clusters(), table_of_ligands(), table_of_constants(), table_of_facts())


def table_of_clusters() -> Table:
    """Return one row per bundled cluster."""
    return Table(
        title="Clusters",
        columns=("name", "formula", "Z equivalents", "molar mass", "bands", "level"),
        rows=tuple(
            (
                entry.name,
                _written(entry),
                "" if entry.template is None else format_count(entry.template.n_z),
                _mass(entry.formula),
                ", ".join(f"{band.wavelength:g} nm" for band in entry.bands),
                entry.source.level,
            )
            for entry in clusters().values()
        ),
        notes=(LEVELS_NOTE,),
    )


def table_of_ligands() -> Table:
    """Return one row per bundled ligand."""
    return Table(
        title="Ligands",
        columns=("name", "formula", "molar mass", "binds as", "bound as X", "level"),
        rows=tuple(
            (
                entry.name,
                str(entry.formula),
                _mass(entry.formula),
                ", ".join(entry.classes),
                ", ".join(str(form) for form in entry.bound),
                entry.source.level,
            )
            for entry in ligands().values()
        ),
        notes=("Formulas follow from the names; masses are computed from standard atomic weights.",),
    )


def table_of_constants() -> Table:
    """Return one row per bundled literature constant."""
    return Table(
        title="Literature constants",
        columns=("name", "reaction", "K", "convention", "level", "source"),
        rows=tuple(
            (
                entry.name,
                entry.reaction,
                _value_of_constant(entry),
                str(entry.constant.convention),
                entry.source.level,
                _cited(entry.source),
            )
            for entry in constants().values()
        ),
        notes=(
            "Solvent and temperature were not readable. Show an entry for what is assumed of it, e.g. the direction.",
            LEVELS_NOTE,
        ),
    )


def table_of_facts() -> Table:
    """Return one row per bundled fact."""
    return Table(
        title="Measured facts",
        columns=("name", "what", "value", "level", "source"),
        rows=tuple(
            (entry.name, entry.title, _value_of_fact(entry), entry.source.level, _cited(entry.source))
            for entry in facts().values()
        ),
        notes=(LEVELS_NOTE,),
    )


def card(name: str) -> Table:
    """Return everything that the library says of one entry.

    Raises
    ------
    UnknownNameError
        If there is no entry of that name or alias; the message names the nearest.
    """
    entry = find(name)
    rows: list[tuple[str, str]] = [("what", entry.title)] if entry.title != entry.name else []
    rows += _rows(entry)
    rows += (("in a model file", line) for line in model_lines(entry))
    rows += (("or, where units leave", line) for line in unit_lines(entry))
    if entry.aliases:
        rows.append(("also called", ", ".join(entry.aliases)))
    rows += [("level", entry.source.level), ("source", _cited(entry.source))]
    return Table(title=entry.name, columns=("field", "value"), rows=tuple(rows), notes=entry.notes)


def _rows(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the rows that the kind of an entry has."""
    match entry:
        case ClusterEntry():
            yield from _rows_of_cluster(entry)
        case LigandEntry():
            yield from _rows_of_formula(entry.formula)
            yield "binds as", ", ".join(entry.classes)
            if entry.bound:
                yield "bound as X", ", ".join(str(form) for form in entry.bound)
        case ConstantEntry():
            yield from _rows_of_constant(entry)
        case FactEntry():
            yield "value", _value_of_fact(entry)


def _rows_of_cluster(entry: ClusterEntry) -> Iterator[tuple[str, str]]:
    if entry.alternative_to:
        yield "alternative to", entry.alternative_to
    if entry.formula is None:
        yield "formula", NOT_KNOWN
    else:
        yield from _rows_of_formula(entry.formula)
    yield from entry.groups
    if entry.template is not None:
        yield "template", str(entry.template)
        yield "Z equivalents", format_count(entry.template.n_z)
    for band in entry.bands:
        yield f"band ({band.what})", f"{band.wavelength:g} nm, {HC / band.wavelength:.3f} eV"
        yield "level and source of this band", f"{band.source.level}: {_cited(band.source)}"


def _rows_of_formula(formula: Formula) -> Iterator[tuple[str, str]]:
    yield "formula", str(formula)
    yield "composition", hill(formula.composition)
    if not formula.placeholders:
        yield "molar mass", _mass(formula)


def _rows_of_constant(entry: ConstantEntry) -> Iterator[tuple[str, str]]:
    yield "reaction", entry.reaction
    yield from entry.groups
    yield "K", _value_of_constant(entry)
    yield "convention", str(entry.constant.convention)
    yield "standard state", str(entry.constant.standard_state)
    temperature = entry.constant.temperature
    yield "temperature", NOT_KNOWN if temperature is None else f"{temperature:g} K"
    for sentence in entry.assumed:
        yield "assumed", sentence


def _written(entry: ClusterEntry) -> str:
    """Return the formula and what its placeholders stand for."""
    if entry.formula is None:
        return NOT_KNOWN
    return ", ".join((str(entry.formula), *(f"{name} = {group}" for name, group in entry.groups)))


def _mass(formula: Formula | None) -> str:
    return "" if formula is None or formula.placeholders else f"{formula.mass:.6g} g/mol"


# Values are shown as their sources print them, not rounded by their errors: they are quoted, not estimated here.
def _value_of_constant(entry: ConstantEntry) -> str:
    exponent = entry.constant.molar_exponent
    unit = {0: "", -1: " L/mol"}.get(int(exponent), f" (mol/L)^{format_count(exponent)}")
    error = "" if entry.stderr is None else f" ± {entry.stderr:.6g}"
    return f"{ABOUT if entry.is_approximate else ''}{entry.constant.value:.6g}{error}{unit}"


def _value_of_fact(entry: FactEntry) -> str:
    if entry.statement:
        return entry.statement
    unit = "" if entry.unit == "1" else f" {entry.unit}"
    return f"{ABOUT if entry.is_approximate else ''}{' to '.join(f'{value:g}' for value in entry.values)}{unit}"


def _cited(source: Source) -> str:
    return ", ".join(part for part in (source.reference, source.doi and f"doi:{source.doi}") if part)

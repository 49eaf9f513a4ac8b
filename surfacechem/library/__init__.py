"""Bundled clusters, ligands, literature constants and facts, each value with its source and evidence level.

Nothing is imported or read before it is asked for; ``docs/library.md`` says what is bundled and what is not known.

>>> from surfacechem import library
>>> library.constants()["CdSe undecenoic acid"].constant.value
0.83
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from surfacechem.library.catalogue import Library, clusters, constants, facts, find, ligands
    from surfacechem.library.entries import Band, ClusterEntry, ConstantEntry, Entry, FactEntry, LigandEntry
    from surfacechem.library.lines import model_lines, unit_lines
    from surfacechem.library.tables import (
        card,
        table_of_clusters,
        table_of_constants,
        table_of_facts,
        table_of_ligands,
        tables,
    )

_HOMES = {
    "catalogue": ["Library", "clusters", "constants", "facts", "find", "ligands"],
    "entries": ["Band", "ClusterEntry", "ConstantEntry", "Entry", "FactEntry", "LigandEntry"],
    "lines": ["model_lines", "unit_lines"],
    "tables": ["card", "table_of_clusters", "table_of_constants", "table_of_facts", "table_of_ligands", "tables"],
}
__getattr__, __dir__, _ = lazy_loader.attach(__name__, submod_attrs=_HOMES)

__all__ = [
    "Band",
    "ClusterEntry",
    "ConstantEntry",
    "Entry",
    "FactEntry",
    "Library",
    "LigandEntry",
    "card",
    "clusters",
    "constants",
    "facts",
    "find",
    "ligands",
    "model_lines",
    "table_of_clusters",
    "table_of_constants",
    "table_of_facts",
    "table_of_ligands",
    "tables",
    "unit_lines",
]

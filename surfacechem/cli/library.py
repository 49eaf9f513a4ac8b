"""Commands about the bundled library: ``library list``, ``library show``, ``library laws``."""

from __future__ import annotations

from surfacechem.cli.options import AsJson  # noqa: TC001  (cyclopts reads the annotations)
from surfacechem.cli.output import print_json, print_lines, print_table

__all__ = ["laws", "list_entries", "show"]


def list_entries(*, json: AsJson = False) -> None:
    """List bundled clusters, ligands, constants and facts with their evidence levels."""
    from surfacechem import library

    tables = library.tables()
    if json:
        print_json({table.title: table.to_records() for table in tables})
        return
    for table in tables:
        print_table(table)
        print_lines([""])


def show(name: str, /, *, json: AsJson = False) -> None:
    """Show everything known of one entry, and its lines for a model file.

    Parameters
    ----------
    name
        Name or alias, e.g. "oleic acid", ODPA, InP37-oleate.
    """
    from surfacechem import library

    card = library.card(name)
    if json:
        print_json({"name": card.title, "rows": card.to_records(), "notes": card.notes})
    else:
        print_table(card)


def laws(*, json: AsJson = False) -> None:
    """List the published sizing and absorption laws with formula, range, level and source."""
    from surfacechem import relations

    table = relations.table()
    if json:
        print_json(table.to_records())
    else:
        print_table(table)

"""Find laws by name and material, and show them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from surfacechem.display import Table
from surfacechem.errors import UnknownNameError
from surfacechem.relations.absorption import ABSORPTION_LAWS
from surfacechem.relations.sizing import SIZING_LAWS

if TYPE_CHECKING:
    from surfacechem.relations.law import Law

__all__ = ["LAWS", "law", "laws_of", "table"]

LAWS: Final[tuple[Law, ...]] = (*SIZING_LAWS, *ABSORPTION_LAWS)
"""All laws, those of size first."""


def law(name: str) -> Law:
    """Return the law of a name, e.g. ``"PbS diameter, Moreels 2009"``; case does not matter.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest.
    """
    by_name = {known.name.casefold(): known for known in LAWS}
    found = by_name.get(name.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(name.casefold(), by_name, n=3, cutoff=0.3)
        raise UnknownNameError(
            f"law '{name}'",
            allowed="the laws that relations.table() lists",
            advice=" or ".join(f"'{by_name[key].name}'" for key in near),
        )
    return found


def laws_of(material: str, laws: tuple[Law, ...] = LAWS) -> tuple[Law, ...]:
    """Return the laws of a material, e.g. ``"InAs"``, out of `laws`.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the materials there are.
    """
    found = tuple(known for known in laws if known.material == material)
    if not found:
        materials = sorted({known.material for known in laws})
        raise UnknownNameError(
            f"published curve of '{material}'",
            found="none bundled",
            allowed=", ".join(materials),
            advice="measure it: concentration of metal by elemental analysis over metal per particle, for instance",
        )
    return found


def table() -> Table:
    """Return all laws with formula, range, evidence level and source."""
    return Table(
        title="Published curves",
        columns=("law", "formula", "holds for", "range", "level", "source"),
        rows=tuple(
            (
                known.name,
                known.formula,
                f"{known.input} {known.published or known.meaningful} {known.input.unit}",
                "derived" if known.published is None else "published",
                known.level,
                known.doi or known.reference,
            )
            for known in LAWS
        ),
        notes=(
            "Range 'derived': the article's own range was not readable; the formula is positive and monotone there.",
            "None of these curves holds for clusters; relations warns at cluster energies and sizes.",
        ),
    )

"""What the site lines of a model leave open: numbers that follow from formulas, clusters, neighbours."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.arrangement import Arrangement, Pattern
from surfacechem.chem.formula import format_count
from surfacechem.chem.system import VACANT
from surfacechem.chem.template import count_available

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.chem.naming import Vocabulary
    from surfacechem.chem.system import Cluster, Reaction, Site

__all__ = ["UNCOUNTED", "settle_sites"]

UNCOUNTED: Final = Fraction(-1)
"""Stands for "as many as the formula has" until the formula is known."""


def settle_sites(
    sites: Sequence[Site], clusters: Sequence[Cluster], reactions: Sequence[Reaction], vocabulary: Vocabulary
) -> tuple[tuple[Site, ...], list[str]]:
    """Return the sites with everything told, and a sentence for each number or arrangement that was not.

    Parameters
    ----------
    sites, clusters, reactions : sequence
        As the statements give them.
    vocabulary : Vocabulary
        Formulas of ligands and units.
    """
    formulas = {cluster.name: cluster.formula for cluster in clusters}
    bridged = {term.site for reaction in reactions for term in reaction.terms if term.span > 1}
    settled: list[Site] = []
    notes = []
    for site in sites:
        told = site
        if site.holder is not None:
            carrier = next((s for s in (*settled, *sites) if site.holder.startswith(f"{s.name}-")), None)
            told = replace(told, cluster=carrier.cluster if carrier else "")
        if told.count == UNCOUNTED and told.native != VACANT:
            holder = site.holder or site.cluster
            formula = formulas.get(holder) or vocabulary.formula(holder.partition("-")[2])
            if formula is not None:
                told = replace(told, count=count_available(formula, site.native, vocabulary.formula(site.native)))
                notes.append(f"site {site.name}: {format_count(told.count)} {site.native} on {holder} by its formula")
        if site.name in bridged and site.arrangement is None:
            told = replace(told, arrangement=Arrangement(pattern=Pattern.PAIRS))
            notes.append(
                f"site {site.name}: a ligand takes two sites and no neighbours are known, so sites are taken in pairs "
                "(right in charge; the entropy of finding a free pair is not claimed)"
            )
        settled.append(told)
    return tuple(settled), notes

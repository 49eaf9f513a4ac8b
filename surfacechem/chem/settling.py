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
    from collections.abc import Iterator, Sequence

    from surfacechem.chem.naming import Vocabulary
    from surfacechem.chem.system import Cluster, Reaction, Site, System

__all__ = ["UNCOUNTED", "doubts", "settle_sites"]

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


def doubts(system: System, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield what may be meant, but should be known, of the numbers of sites."""
    for site in system.sites:
        is_paired = site.arrangement is not None and site.arrangement.pattern is Pattern.PAIRS
        if is_paired and (site.count / 2).denominator != 1:
            yield (
                f"site {site.name}: {format_count(site.count)} sites make {format_count(site.count / 2)} pairs, an "
                "average of particles; write ; ring or edges for sites of which one stays alone"
            )
    for cluster in system.clusters:
        yield from _counted_twice(system, cluster, vocabulary)


def _counted_twice(system: System, cluster: Cluster, vocabulary: Vocabulary) -> Iterator[str]:
    """Find native ligands that a cluster has once and its sites and units hold twice."""
    if cluster.formula is None:
        return
    held = [
        (site, formula)
        for site in system.sites
        if site.cluster == cluster.name and site.holder is None
        if (formula := vocabulary.formula(site.native)) is not None
    ]
    needed: dict[str, Fraction] = {}
    for site, formula in held:
        for symbol, count in formula.composition.items():
            needed[symbol] = needed.get(symbol, Fraction(0)) + site.count * count
    available = cluster.formula.composition
    short = [symbol for symbol, count in needed.items() if count > available.get(symbol, Fraction(0))]
    if not short:
        return
    sites = [site for site, formula in held if short[0] in formula.composition]
    unit, ligand = (choose(sites, key=lambda site: len(site.native)) for choose in (max, min))
    yield (
        f"sites {' and '.join(site.name for site in sites)}: together they natively hold more {', '.join(short)} than "
        f"the formula of {cluster.name} has, ligands of units are counted again; write site {ligand.name} on "
        f"{unit.name}-{unit.native} native {ligand.native}"
    )

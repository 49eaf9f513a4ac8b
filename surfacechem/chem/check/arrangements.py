"""Neighbours: whole numbers of sites, edges that exist, couplings that have neighbours to couple."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from surfacechem.chem.arrangement import Pattern
from surfacechem.chem.formula import format_count
from surfacechem.chem.system import VACANT
from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.system import Coupling, Site
    from surfacechem.errors import Location, SurfaceChemError

__all__ = ["arrangements", "couplings"]

LARGEST_ARRANGED: Final = 200
"""Sites whose neighbours are counted exactly."""


def arrangements(context: Context, site: Site) -> Iterator[SurfaceChemError]:
    """Find an arrangement that its sites cannot take."""
    pattern = None if site.arrangement is None else site.arrangement.pattern
    if site.arrangement is None or pattern in {Pattern.MEAN_FIELD, Pattern.PAIRS}:
        return
    where = context.place(f"site {site.name}", site.arrangement.pattern.value)
    if site.count.denominator != 1 or site.count > LARGEST_ARRANGED:
        yield ModelError(
            f"site '{site.name}' as {site.arrangement.pattern}",
            found=f"{format_count(site.count)} sites",
            allowed=f"a whole number, at most {LARGEST_ARRANGED}: an average has no neighbours",
            advice="give the number of one particle, or write ; mean field",
            where=where,
        )
        return
    n_sites = int(site.count)
    size, wrong = site.arrangement.size, [e for e in site.arrangement.listed if max(e) > n_sites or e[0] == e[1]]
    if pattern is Pattern.LATTICE and size[0] * size[1] != n_sites:
        yield ModelError(
            f"site '{site.name}' as lattice {size[0]} x {size[1]}",
            found=f"{n_sites} sites",
            allowed=f"{size[0] * size[1]} sites: around times along",
            advice=f"write site {site.name} on {site.holder or site.cluster} : {size[0] * size[1]}",
            where=where,
        )
    if wrong or min((e[0] for e in site.arrangement.listed), default=1) < 1:
        yield ModelError(
            f"neighbours of site '{site.name}'",
            found=", ".join(f"{first}-{second}" for first, second in wrong) or "a site 0",
            allowed=f"two different sites, counted from 1 to {n_sites}",
            advice="correct the edge, or the number of sites",
            where=where,
        )


def couplings(context: Context) -> Iterator[SurfaceChemError]:
    """Find couplings without neighbours, of states that are none, and ligands on two sites in a mean field."""
    sites = {site.name: site for site in context.system.sites}
    known: dict[tuple[frozenset[str], str | None], Coupling] = {}
    for coupling in context.system.couplings:
        faults = list(_coupling(context, coupling, sites, known))
        yield from faults
        if not faults:
            known.setdefault((coupling.states, coupling.conformer), coupling)
    for reaction in context.system.reactions:
        for term in reaction.terms:
            site = sites.get(term.site or "")
            if term.span > 1 and site is not None and site.arrangement and site.arrangement.is_mean_field:
                yield ModelError(
                    f"'{term.name}' of reaction {reaction.name}",
                    found="a ligand on two sites in a mean field",
                    allowed="ring, chain, lattice, edges or pairs, which have neighbouring sites",
                    advice=f"write site {site.name} on {site.cluster} : {format_count(site.count)} ; ring",
                    where=context.place(f"reaction {reaction.name}", term.name),
                )


def _coupling(
    context: Context,
    coupling: Coupling,
    sites: dict[str, Site],
    known: dict[tuple[frozenset[str], str | None], Coupling],
) -> Iterator[SurfaceChemError]:
    """Find what is wrong with one coupling."""
    name = coupling.constant.name
    statement, shown = f"couple {name}", f"{coupling.title} ({coupling})"
    states = {term.name for reaction in context.system.reactions for term in reaction.terms if term.site in sites}
    states |= {f"{site.name}-{site.native}" for site in sites.values()}
    unknown = [term for term in (coupling.first, coupling.second) if term.name not in states]
    for term in dict.fromkeys(unknown):
        yield context.unknown(f"state '{term.name}' of {shown}", term.name, states, context.place(statement, term.name))
    conformers = context.system.form_names
    if coupling.conformer is not None and coupling.conformer not in conformers:
        where = context.place(statement, coupling.conformer)
        yield context.unknown(f"conformer of {shown}", coupling.conformer, conformers, where)
    if not unknown:
        yield from _unsuited(coupling, shown, sites, where=context.place(statement))
    earlier = known.get((coupling.states, coupling.conformer))
    if earlier is not None:
        yield ModelError(
            shown,
            found=f"the same two states as {earlier.title}",
            allowed="one coupling for each pair of states of a form",
            advice="leave one of them out",
            where=context.place(statement),
        )


def _unsuited(
    coupling: Coupling, shown: str, sites: dict[str, Site], *, where: Location | None
) -> Iterator[SurfaceChemError]:
    """Find states that cannot feel each other: on different or vacant sites, on two at once, or without neighbours."""
    site = sites[coupling.first.site or ""]
    if coupling.first.site != coupling.second.site:
        yield ModelError(
            shown, found=f"sites {coupling.first.site} and {coupling.second.site}", where=where,
            allowed="two states of one site class",
            advice="declare the sites as one class, with an edge between each two that are neighbours",
        )  # fmt: skip
    elif (
        VACANT in {coupling.first.entity, coupling.second.entity} or max(coupling.first.span, coupling.second.span) > 1
    ):
        yield ModelError(
            shown, found="a vacant site, or a ligand on two sites", where=where,
            allowed="states of one site each that hold something",
            advice="couple the ligands that the neighbours hold; a vacant one is what they are counted from",
        )  # fmt: skip
    elif site.arrangement is None:
        line = f"site {site.name} on {site.holder or site.cluster} : {format_count(site.count)}"
        yield ModelError(
            shown,
            found=f"no neighbours of site {site.name}",
            allowed="sites arranged as ring, chain, lattice, edges, pairs or mean field",
            advice=f"write {line}{'' if site.native == VACANT else f' native {site.native}'} ; ring",
            where=where,
        )

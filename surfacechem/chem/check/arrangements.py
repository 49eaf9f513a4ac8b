"""Neighbours: whole numbers of sites, edges that exist, couplings that have neighbours to couple."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from surfacechem.chem.arrangement import Pattern
from surfacechem.chem.formula import format_count
from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.system import Reaction, Site
    from surfacechem.errors import SurfaceChemError

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
    """Find couplings without neighbours, ligands on two sites that are not, and what no arrangement can hold."""
    sites = {site.name: site for site in context.system.sites}
    coupled: dict[str, str] = {}
    for reaction in context.system.reactions:
        if reaction.coupling is not None:
            yield from _coupling(context, reaction, sites, coupled)
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
    carried = [site for site in context.system.sites if site.holder is not None]
    for site in carried:
        holder = context.system.holder_of(site)
        if holder is not None and holder.arrangement is not None:
            yield ModelError(
                f"site '{site.name}' on {site.holder}",
                found=f"a unit whose own sites are arranged as {holder.arrangement}",
                allowed="units on independent sites",
                advice=f"leave the arrangement of site {holder.name} out",
                where=context.place(f"site {site.name}"),
            )
    averaged = [site for site in context.system.sites if site.arrangement and site.arrangement.is_mean_field]
    if len(averaged) > 1:
        yield ModelError(
            f"sites {', '.join(site.name for site in averaged)}",
            found="several mean fields",
            allowed="one in a model",
            advice="keep the one whose ligands interact, and leave the others independent",
            where=context.place(f"site {averaged[-1].name}"),
        )


def _coupling(
    context: Context, reaction: Reaction, sites: dict[str, Site], coupled: dict[str, str]
) -> Iterator[SurfaceChemError]:
    where = context.place(f"reaction {reaction.name}")
    state = reaction.coupled
    site = sites.get(state.site or "") if state is not None else None
    if state is None or site is None or state.span > 1 or state.entity == site.native or state.name in coupled:
        taken = (
            f"w a second time, after {coupled[state.name]}" if state and state.name in coupled else reaction.equation
        )
        yield ModelError(
            f"w of reaction {reaction.name}",
            found=taken,
            allowed="w once for each bound state that is not the native one, on a reaction that forms it alone",
            advice="write the reaction from left to right so that the interacting state stands alone on the right",
            where=where,
        )
    elif reaction.conformer is not None:
        yield ModelError(
            f"w of reaction {reaction.name}",
            found=f"a coupling of conformer {reaction.conformer} alone",
            allowed="one coupling of a state, the same in every form",
            advice="write w on the reaction without 'in'",
            where=where,
        )
    elif site.arrangement is None:
        shown = f"site {site.name} on {site.holder or site.cluster} : {format_count(site.count)}"
        yield ModelError(
            f"w of reaction {reaction.name}",
            found=f"no neighbours of site {site.name}",
            allowed="sites arranged as ring, chain, lattice, edges, pairs or mean field",
            advice=f"write {shown}{'' if site.native == '*' else f' native {site.native}'} ; ring",
            where=where,
        )
    else:
        coupled[state.name] = reaction.name

"""Sites: on known clusters, in possible number, no more native ligands than the cluster has."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.check.arrangements import arrangements
from surfacechem.chem.formula import format_count
from surfacechem.chem.settling import UNCOUNTED
from surfacechem.chem.system import VACANT
from surfacechem.chem.template import count_available
from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.formula import Formula
    from surfacechem.chem.system import Site
    from surfacechem.errors import SurfaceChemError

__all__ = ["sites"]

LARGEST_SITE_COUNT: Final = 100_000


def sites(context: Context) -> Iterator[SurfaceChemError]:
    """Find sites of unknown clusters, in impossible number, or with more native ligands than the cluster has."""
    clusters = {cluster.name: cluster for cluster in context.system.clusters}
    for site in context.system.sites:
        where = context.place(f"site {site.name}", site.cluster)
        if site.holder is not None and (context.system.holder_of(site) is None or not site.cluster):
            yield from _unknown_holder(context, site)
        elif site.cluster not in clusters:
            yield context.unknown(f"cluster of site '{site.name}'", site.cluster, clusters, where)
        yield from _number(context, site)
        yield from arrangements(context, site)
    for holder, native in dict.fromkeys((s.holder or s.cluster, s.native) for s in context.system.sites):
        formula = clusters[holder].formula if holder in clusters else _unit(context, holder)
        if native != VACANT and formula is not None:
            sites = [s for s in context.system.sites if (s.holder or s.cluster, s.native) == (holder, native)]
            available = count_available(formula, native, context.vocabulary.formula(native))
            yield from _overflow(context, holder, native, sites, available)


def _unit(context: Context, holder: str) -> Formula | None:
    """Return the formula of the unit that carries sites, ``In(O2CR)3`` of ``Z-In(O2CR)3``."""
    return context.vocabulary.formula(holder.partition("-")[2])


def _unknown_holder(context: Context, site: Site) -> Iterator[SurfaceChemError]:
    sites = [each for each in context.system.sites if each.holder is None]
    yield context.unknown(
        f"unit that carries site '{site.name}'", site.holder or "", [f"{each.name}-{each.native}" for each in sites],
        context.place(f"site {site.name}", site.holder or ""),
    )  # fmt: skip


def _number(context: Context, site: Site) -> Iterator[SurfaceChemError]:
    """Find numbers of sites that cannot be, or that no formula tells."""
    if 0 < site.count <= LARGEST_SITE_COUNT:
        return
    holder, is_told = site.holder or site.cluster, site.count != UNCOUNTED
    yield ModelError(
        f"site '{site.name}'",
        found=f"{format_count(site.count)} sites" if is_told else f"no number, and no {site.native} in {holder}",
        allowed=f"more than 0, at most {LARGEST_SITE_COUNT}",
        advice=f"write site {site.name} on {holder} : 51",
        where=context.place(f"site {site.name}"),
    )


def _overflow(
    context: Context, cluster: str, native: str, sites: list[Site], available: Fraction
) -> Iterator[SurfaceChemError]:
    """Find more sites filled with a native ligand than the cluster's formula has of it."""
    needed = sum((site.count for site in sites), Fraction(0))
    if needed <= available:
        return
    last = sites[-1]
    left = available - (needed - last.count)
    correct = f"write site {last.name} on {cluster} : {format_count(left)} native {native}"
    other = f"write the ligand as a group of the cluster's formula, ({native})51, or correct its name"
    yield ModelError(
        f"site{'s' if len(sites) > 1 else ''} {' and '.join(site.name for site in sites)} on '{cluster}'",
        found=f"{format_count(needed)} sites natively filled with {native}, the formula has {format_count(available)}",
        allowed=f"at most {format_count(available)}",
        advice=correct if left > 0 and "/" not in format_count(left) else other,
        where=context.place(f"site {last.name}"),
    )

"""Sites: on known clusters, in possible number, no more native ligands than the cluster has."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import format_count
from surfacechem.chem.system import VACANT
from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.system import Site
    from surfacechem.errors import SurfaceChemError

__all__ = ["sites"]

LARGEST_SITE_COUNT: Final = 100_000


def sites(context: Context) -> Iterator[SurfaceChemError]:
    """Find sites of unknown clusters, in impossible number, or with more native ligands than the cluster has."""
    clusters = {cluster.name: cluster for cluster in context.system.clusters}
    for site in context.system.sites:
        where = context.place(f"site {site.name}", site.cluster)
        if site.cluster not in clusters:
            yield context.unknown(f"cluster of site '{site.name}'", site.cluster, clusters, where)
        if not 0 < site.count <= LARGEST_SITE_COUNT:
            yield ModelError(
                f"site '{site.name}'",
                found=f"{format_count(site.count)} sites",
                allowed=f"more than 0, at most {LARGEST_SITE_COUNT}",
                advice=f"write site {site.name} on {site.cluster} : 51",
                where=context.place(f"site {site.name}"),
            )
    natives = dict.fromkeys((site.cluster, site.native) for site in context.system.sites if site.native != VACANT)
    for cluster, native in natives:
        sites = [site for site in context.system.sites if (site.cluster, site.native) == (cluster, native)]
        formula = clusters[cluster].formula if cluster in clusters else None
        if formula is not None:
            yield from _overflow(context, cluster, native, sites, Fraction(
                sum(part.count for part in formula.parts if part.name == native)))  # fmt: skip


def _overflow(
    context: Context, cluster: str, native: str, sites: list[Site], available: Fraction
) -> Iterator[SurfaceChemError]:
    """Find more sites filled with a native ligand than the cluster's formula has of it."""
    needed = sum((site.count for site in sites), Fraction(0))
    if needed <= available:
        return
    names = " and ".join(site.name for site in sites)
    has = f"{format_count(available)} ({native})" if available else f"no group ({native})"
    yield ModelError(
        f"site{'s' if len(sites) > 1 else ''} {names} on '{cluster}'",
        found=f"{format_count(needed)} sites natively filled with {native}, the formula has {has}",
        allowed=f"at most {format_count(available)}",
        advice=f"write site {sites[-1].name} on {cluster} : "
        f"{format_count(available - needed + sites[-1].count)} native {native}"
        if available > needed - sites[-1].count
        else f"write the ligand as a group of the formula, or call it native as the formula does, not {native}",
        where=context.place(f"site {sites[-1].name}"),
    )

"""Sites: on known clusters, in possible number, no more native ligands than the cluster has."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import format_count
from surfacechem.chem.system import VACANT
from surfacechem.chem.template import decompose
from surfacechem.errors import FormulaError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.formula import Formula
    from surfacechem.chem.system import Site
    from surfacechem.chem.template import ClusterTemplate
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
            available = _available(formula, native, context.vocabulary.formula(native))
            yield from _overflow(context, cluster, native, sites, available)


def _available(cluster: Formula, native: str, ligand: Formula | None) -> Fraction:
    """Return how many of a native ligand or Z-type unit a cluster has at most."""
    as_written = sum((part.count for part in cluster.parts if part.name == native), Fraction(0))
    if as_written or ligand is None:
        return as_written
    template = _template(cluster)
    if template is not None and template.metal in ligand.composition:
        return template.n_z / ligand.composition[template.metal]
    return min(cluster.composition.get(symbol, Fraction(0)) / count for symbol, count in ligand.atoms)


def _template(cluster: Formula) -> ClusterTemplate | None:
    try:
        return decompose(cluster)
    except FormulaError:
        return None


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
        advice=correct if left > 0 else other,
        where=context.place(f"site {last.name}"),
    )

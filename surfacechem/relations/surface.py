"""Ligands per particle and per area of a sphere; per area means something on dots, not on clusters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from surfacechem.relations.guard import cluster_caution, require_positive, warn_once_each

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemWarning

__all__ = ["ligand_density", "sites_per_particle"]


def sites_per_particle(density: float, *, diameter: float) -> float:
    """Return the number of sites on a sphere, N = density pi d^2.

    Parameters
    ----------
    density : float
        Ligands per area [1/nm^2].
    diameter : float
        Diameter of the inorganic core [nm].

    Raises
    ------
    RangeError
        If density or diameter are not positive finite numbers.

    Warns
    -----
    ClusterWarning
        If the particle is as small as a cluster, which has a count of ligands and no area.

    Examples
    --------
    >>> round(sites_per_particle(3.0, diameter=4.0))
    151
    """
    require_positive(density, "ligand density", "1/nm^2")
    require_positive(diameter, "diameter", "nm")
    warn_once_each(_cautions(diameter), stacklevel=2)
    return density * math.pi * diameter**2


def ligand_density(n_sites: float, *, diameter: float) -> float:
    """Return ligands per area of a sphere [1/nm^2], N/(pi d^2).

    Parameters
    ----------
    n_sites : float
        Ligands per particle.
    diameter : float
        Diameter of the inorganic core [nm].

    Raises
    ------
    RangeError
        If number or diameter are not positive finite numbers.

    Warns
    -----
    ClusterWarning
        If the particle is as small as a cluster: 51 ligands on 1.3 nm would be 9.6 per nm^2, which means nothing.
    """
    require_positive(n_sites, "ligands per particle", "1")
    require_positive(diameter, "diameter", "nm")
    warn_once_each(_cautions(diameter), stacklevel=2)
    return n_sites / (math.pi * diameter**2)


def _cautions(diameter: float) -> tuple[SurfaceChemWarning, ...]:
    caution = cluster_caution("semiconductor", diameter=diameter)
    return () if caution is None else (caution,)

"""What curves of nanocrystals must not be used for: clusters, extrapolation, numbers that are none."""

from __future__ import annotations

import math
import warnings
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from surfacechem.constants import HC
from surfacechem.errors import RangeError, SurfaceChemWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "CLUSTER_BANDS",
    "CLUSTER_DIAMETER",
    "LARGEST_DIAMETER",
    "ClusterWarning",
    "ExtrapolationWarning",
    "cluster_caution",
    "require_positive",
    "warn_once_each",
]

CLUSTER_BANDS: Final[Mapping[str, tuple[float, str]]] = MappingProxyType(
    {
        "InP": (408.0, "F408-InP:Zn, Kwon 2020"),
        "CdS": (367.0, "intermediate b367 of Cd37S20, 2024"),
        "InAs": (460.0, "Xie and Peng"),
    }
)
"""Reddest band of a cluster known to the library of this package [nm], by material (tests/library compares)."""
CLUSTER_DIAMETER: Final = 2.0
"""Below this diameter [nm] a particle is treated as a cluster: no curve here states a range that begins lower."""
LARGEST_DIAMETER: Final = 8.0
"""No curve here states a range that reaches beyond this diameter [nm] (tests/relations compares)."""
WHAT_A_CLUSTER_IS: Final = (
    "a cluster is a molecule of exact formula, e.g. In37P20 with 51 ligands on 1.3 nm; curves of nanocrystals do not "
    "apply to it: take its formula, and ligands per cluster instead of per nm2"
)


class ClusterWarning(SurfaceChemWarning):
    """A relation of nanocrystals is used where particles are clusters."""


class ExtrapolationWarning(SurfaceChemWarning):
    """A relation is used outside the range stated for it."""


def require_positive(value: float, what: str, unit: str) -> float:
    """Return `value` if it is a positive finite number.

    Raises
    ------
    RangeError
        If it is not.
    """
    if not (math.isfinite(value) and value > 0):
        raise RangeError(what, found=f"{value!r}", allowed=f"positive finite numbers [{unit}]")
    return value


def cluster_caution(
    material: str, *, wavelength: float | None = None, diameter: float | None = None
) -> ClusterWarning | None:
    """Return the warning due where a first transition [nm] or a diameter [nm] is that of a cluster, else None."""
    band, name = CLUSTER_BANDS.get(material, (0.0, ""))
    if wavelength is not None and wavelength <= band:
        reason = (
            f"a first transition at {wavelength:.4g} nm ({HC / wavelength:.3g} eV) is at cluster energies of "
            f"{material} (clusters are known up to {band:g} nm: {name})"
        )
    elif diameter is not None and diameter < CLUSTER_DIAMETER:
        reason = f"a {material} particle of {diameter:.3g} nm is as small as a cluster (below {CLUSTER_DIAMETER:g} nm)"
    else:
        return None
    return ClusterWarning(f"{reason}; {WHAT_A_CLUSTER_IS}")


def warn_once_each(cautions: Iterable[SurfaceChemWarning], *, stacklevel: int) -> tuple[str, ...]:
    """Issue each different warning once, that of clusters once in all, and return their texts.

    `stacklevel` counts from the caller of this function.
    """
    different: dict[str, SurfaceChemWarning] = {}
    for caution in cautions:
        different.setdefault("cluster" if isinstance(caution, ClusterWarning) else str(caution), caution)
    for caution in different.values():
        warnings.warn(caution, stacklevel=stacklevel + 1)
    return tuple(str(caution) for caution in different.values())

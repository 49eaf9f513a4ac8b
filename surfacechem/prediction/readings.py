"""What is read off the concentrations: coverage, ligands per particle, speciation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.system import VACANT
from surfacechem.prediction.bands import Scale
from surfacechem.prediction.record import COVERAGE, LIGANDS, SPECIATION
from surfacechem.prediction.sites import sites_per_particle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.network import Network

    Floats = NDArray[np.float64]

__all__ = ["Reading", "occupants", "readings"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """Curves that are sums of concentrations over a reference that no constant changes: a `Quantity`.

    Attributes
    ----------
    group, name : str
        As in `Curves`.
    labels : tuple of str
        One per curve.
    summed : ndarray, shape (n_entities, n_labels)
        ``values = concentration @ summed / reference``.
    reference : ndarray, shape (n_points,)
        Concentration of sites or particles [mol/L], or ones.
    unit : str
        Unit of the values.
    scale : Scale
        Where their error is taken as normal.
    """

    group: str
    name: str
    labels: tuple[str, ...]
    summed: Floats
    reference: Floats
    unit: str
    scale: Scale

    axis = None

    def values(self, concentration: Floats) -> Floats:
        """Return the values, shape (..., n_points, n_labels), NaN where there is nothing to refer to."""
        return self._divided(concentration @ self.summed, self.reference[:, np.newaxis])

    def variance(self, concentration: Floats, d_concentration: Floats, covariance: Floats) -> Floats:  # noqa: ARG002  (linear)
        """Return the variance of the values, shape (n_points, n_labels)."""
        slopes = self._divided(self.summed.T @ d_concentration, self.reference[:, np.newaxis, np.newaxis])
        return np.asarray(np.einsum("plk,km,plm->pl", slopes, covariance, slopes, optimize=True))

    @staticmethod
    def _divided(numbers: Floats, reference: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(reference > 0, numbers / reference, np.nan)


def readings(network: Network, amounts: Floats) -> list[Reading]:
    """Return coverage per site class, ligands per cluster and the concentrations of all entities.

    Parameters
    ----------
    network : Network
        Its sites and entities.
    amounts : ndarray, shape (n_points, n_feeds)
        What is in the flask [mol/L].
    """
    n_entities, ones = len(network.entities), np.ones(len(amounts))
    spans = network.lowered.basis.entities.spans
    found = []
    for number, site in enumerate(network.system.sites):
        columns = network.lowered.basis.entities.states[number]
        particles = amounts[:, network.feeds.index(site.cluster)]
        found.append(
            Reading(
                group=COVERAGE,
                name=site.name,
                labels=tuple(occupants(network)[column] for column in columns),
                summed=np.eye(n_entities)[:, list(columns)] * [spans.get(column, 1) for column in columns],
                reference=particles * sites_per_particle(network.system, site),
                unit="1",
                scale=Scale.LOGIT,
            )
        )
    for cluster in network.system.clusters:
        labels, summed = _ligands_on(network, cluster.name)
        if labels:
            particles = amounts[:, network.feeds.index(cluster.name)]
            found.append(
                Reading(
                    group=LIGANDS,
                    name=cluster.name,
                    labels=labels,
                    summed=summed,
                    reference=particles,
                    unit="1",
                    scale=Scale.LOG,
                )
            )
    found.append(
        Reading(
            group=SPECIATION,
            name="concentration",
            labels=network.entities,
            summed=np.eye(n_entities),
            reference=ones,
            unit="mol/L",
            scale=Scale.LOG,
        )
    )
    return found


def occupants(network: Network) -> dict[int, str]:
    """Return what each site state's entity holds: column to ligand name."""
    entities = network.lowered.basis.entities
    return {
        column: entities.names[column].removeprefix(f"({site.name})2-").removeprefix(f"{site.name}-")
        for site, columns in zip(network.system.sites, entities.states, strict=True)
        for column in columns
    }


def _ligands_on(network: Network, cluster: str) -> tuple[tuple[str, ...], Floats]:
    """Return the ligands that a cluster can hold, and which entities count for each."""
    held = occupants(network)
    sites = zip(network.system.sites, network.lowered.basis.entities.states, strict=True)
    columns = [column for site, states in sites if site.cluster == cluster for column in states]
    names = tuple(dict.fromkeys(held[column] for column in columns if held[column] != VACANT))
    summed = np.zeros((len(network.entities), len(names)))
    for column in columns:
        if held[column] != VACANT:
            summed[column, names.index(held[column])] = 1.0
    return names, summed

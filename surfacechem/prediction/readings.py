"""What is read off the concentrations: coverage, ligands per particle, speciation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.system import VACANT
from surfacechem.prediction.bands import Scale
from surfacechem.prediction.record import COVERAGE, FORMS, LIGANDS, SPECIATION
from surfacechem.prediction.sites import sites_per_particle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from surfacechem.network import Network
    from surfacechem.prediction.state import MovingState, State

    Floats = NDArray[np.float64]

__all__ = ["Reading", "occupants", "readings"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """Curves that are sums of concentrations, some of them per site or particle put in: a `Quantity`.

    Attributes
    ----------
    group, name : str
        As in `Curves`.
    labels : tuple of str
        One per curve.
    summed : ndarray, shape (n_seen, n_labels)
        ``values = concentration @ summed / (per * amounts[feed])``.
    unit : str
        Unit of the values.
    scale : Scale
        Where their error is taken as normal.
    feed : int, optional
        Column of the particles that the sums are divided by; None: by nothing.
    per : float
        How many times these particles.
    whole : ndarray, shape (n_seen,), optional
        Concentrations that add up to what the sums are divided by, where no amount tells it: sites of a number that a
        fit finds.
    """

    group: str
    name: str
    labels: tuple[str, ...]
    summed: Floats
    unit: str
    scale: Scale
    feed: int | None = None
    per: float = 1.0
    whole: Floats | None = None

    axis = None

    def values(self, state: State) -> Floats:
        """Return the values, shape (..., n_points, n_labels), NaN where there is nothing to refer to."""
        return self._divided(state.concentration @ self.summed, self._divisor(state)[..., np.newaxis])

    def variance(self, state: MovingState, covariance: Floats) -> Floats:
        """Return the variance of the values, shape (n_points, n_labels)."""
        reference = self._divisor(state)[:, np.newaxis, np.newaxis]
        slopes = self._divided(self.summed.T @ state.d_concentration, reference)
        if self.whole is not None:
            moved = (self.whole @ state.d_concentration)[:, np.newaxis]
            slopes -= self._divided(self.values(state)[..., np.newaxis] * moved, reference)
        elif self.feed is not None and state.d_amounts.any():
            moved = self.per * state.d_amounts[:, np.newaxis, self.feed]
            slopes -= self._divided(self.values(state)[..., np.newaxis] * moved, reference)
        return np.asarray(np.einsum("plk,km,plm->pl", slopes, covariance, slopes, optimize=True))

    def reference(self, amounts: Floats) -> Floats:
        """Return what the sums are divided by, shape (..., n_points), for amounts [mol/L]."""
        return np.ones(amounts.shape[-2]) if self.feed is None else self.per * amounts[..., self.feed]

    def _divisor(self, state: State) -> Floats:
        return self.reference(state.amounts) if self.whole is None else np.asarray(state.concentration @ self.whole)

    @staticmethod
    def _divided(numbers: Floats, reference: Floats) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(reference > 0, numbers / reference, np.nan)


def readings(network: Network) -> list[Reading]:
    """Return coverage per site class, ligands per cluster and the concentrations of all entities.

    Parameters
    ----------
    network : Network
        Its sites and entities.
    """
    every = np.eye(network.n_seen, len(network.entities))
    spans = network.lowered.basis.entities.spans
    found = []
    for number, site in enumerate(network.system.sites):
        columns = network.lowered.basis.entities.states[number]
        summed = every[:, list(columns)] * [spans.get(column, 1) for column in columns]
        found.append(
            Reading(
                group=COVERAGE,
                name=site.name,
                labels=tuple(occupants(network)[column] for column in columns),
                summed=summed,
                whole=None if site.number is None else summed.sum(axis=1),
                feed=network.feeds.index(site.cluster),
                per=sites_per_particle(network.system, site),
                unit="1",
                scale=Scale.LOGIT,
            )
        )
    found += _forms(network, every)
    for cluster in network.system.clusters:
        labels, summed = _ligands_on(network, cluster.name)
        if labels:
            feed = network.feeds.index(cluster.name)
            found.append(
                Reading(
                    group=LIGANDS,
                    name=cluster.name,
                    labels=labels,
                    summed=summed,
                    feed=feed,
                    unit="1",
                    scale=Scale.LOG,
                )
            )
    found.append(
        Reading(
            group=SPECIATION,
            name="concentration",
            labels=network.entities,
            summed=every,
            unit="mol/L",
            scale=Scale.LOG,
        )
    )
    return found


def _forms(network: Network, every: Floats) -> Iterator[Reading]:
    """Yield the shares of the forms of each cluster that has several."""
    for cluster in network.system.clusters:
        others = [each.name for each in network.system.conformers if each.cluster == cluster.name]
        if others:
            entities = [cluster.name, *(f"{cluster.name}.{name}" for name in others)]
            yield Reading(
                group=FORMS,
                name=cluster.name,
                labels=(cluster.form or "reference form", *others),
                summed=every[:, [network.entities.index(entity) for entity in entities]],
                feed=network.feeds.index(cluster.name),
                unit="1",
                scale=Scale.LOGIT,
            )


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
    summed = np.zeros((network.n_seen, len(names)))
    for column in columns:
        if held[column] != VACANT:
            summed[column, names.index(held[column])] = 1.0
    return names, summed

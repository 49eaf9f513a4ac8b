"""From concentrations to the columns that measured values are linear in: one small class per technique.

Every technique here is linear once the concentrations are known: ``values = columns @ amplitudes``. Only the columns
are nonlinear in the constants, so that limiting shifts, molar spectra, heats and scale factors never become
parameters (`separable`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Additive", "Band", "Heat", "Integral", "Ligands", "ObservationModel", "Shift", "Spectrum"]

Floats = NDArray[np.float64]


class ObservationModel(Protocol):
    """What one technique sees of the concentrations.

    Leading axes ("lanes") of the arrays are starts or replicas that are solved together.
    """

    @property
    def labels(self) -> tuple[str, ...]:
        """Return one name per column: the entity, or what else the column stands for."""
        ...

    def columns(self, concentration: Floats) -> Floats:
        """Return the columns, shape (..., n_rows, n_columns).

        Parameters
        ----------
        concentration : ndarray, shape (..., n_points, n_entities)
            Entity ``e`` at point ``p`` [mol/L].
        """
        ...

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of the columns, shape (..., n_rows, n_columns, n_parameters).

        Parameters
        ----------
        concentration : ndarray, shape (..., n_points, n_entities)
            Entity ``e`` at point ``p`` [mol/L].
        d_concentration : ndarray, shape (..., n_points, n_entities, n_parameters)
            Its derivative with respect to parameter ``k`` [mol/L].
        """
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Integral:
    """Integrals of slow exchange: each signal counts nuclei, all on one scale (the internal standard).

    Attributes
    ----------
    counts : ndarray, shape (n_signals, n_entities)
        ``counts[s, e]``: how often entity ``e`` counts in signal ``s``. Rows of the columns are the points of
        signal 0, then those of signal 1, and so on.
    """

    counts: Floats

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the name of the one shared amplitude."""
        return ("scale",)

    def columns(self, concentration: Floats) -> Floats:
        """Return what each signal counts [mol/L], signals below each other."""
        counted = np.moveaxis(concentration @ self.counts.T, -1, -2)
        return counted.reshape(*counted.shape[:-2], -1, 1)

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:  # noqa: ARG002  (linear)
        """Return the derivative of `columns`."""
        counted = np.moveaxis(self.counts @ d_concentration, -2, -3)
        return counted.reshape(*counted.shape[:-3], -1, 1, counted.shape[-1])


@dataclass(frozen=True, kw_only=True, eq=False)
class Shift:
    """Shift of fast exchange: mean over all places of the observed nucleus, weighted by how often it is there.

    Attributes
    ----------
    labels : tuple of str
        The entities that hold the observed nucleus.
    entities : ndarray of int, shape (n_columns,)
        Their indices.
    counts : ndarray, shape (n_columns,)
        How often each holds the observed moiety.
    """

    labels: tuple[str, ...]
    entities: NDArray[np.intp]
    counts: Floats

    def _held(self, concentration: Floats) -> tuple[Floats, Floats]:
        held = concentration.take(self.entities, axis=-1) * self.counts
        total = held.sum(axis=-1, keepdims=True)
        # Where the observed moiety is absent there is no signal either; 0 keeps the rest of the batch finite.
        return held, np.where(total > 0, total, 1.0)

    def columns(self, concentration: Floats) -> Floats:
        """Return the fraction of the observed moiety in each entity."""
        held, total = self._held(concentration)
        return held / total

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of `columns`: d held / total less its fraction of their sum."""
        held, total = self._held(concentration)
        d_fraction = d_concentration.take(self.entities, axis=-2) * (self.counts / total)[..., np.newaxis]
        fraction = (held / total)[..., np.newaxis]
        slopes: Floats = d_fraction - fraction * d_fraction.sum(axis=-2, keepdims=True)
        return slopes


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrum:
    """Absorbance (or intensity) that is linear in the concentrations; amplitudes are molar spectra.

    Attributes
    ----------
    labels : tuple of str
        The entities that absorb, then one per column of `blank`: ``"baseline"``, ``"drift"``.
    entities : ndarray of int, shape (n_absorbing,)
        Their indices.
    path_length : float
        Optical path [cm].
    blank : ndarray, shape (n_points or 1, n_blanks)
        Columns of what is there without any absorber: 1 for a baseline, the order of the points for a drift.
    """

    labels: tuple[str, ...]
    entities: NDArray[np.intp]
    path_length: float = 1.0
    blank: Floats = field(default_factory=lambda: np.zeros((1, 0)))

    def elsewhere(self) -> Spectrum:
        """Return the same for points that were not measured, which have no place in the order of those that were."""
        return replace(self, blank=self.blank.mean(axis=0, keepdims=True))

    def columns(self, concentration: Floats) -> Floats:
        """Return concentration times path [cm mol/L] of each entity, then the blanks."""
        seen = concentration[..., self.entities] * self.path_length
        if not self.blank.size:
            return seen
        blank = np.broadcast_to(self.blank, (*seen.shape[:-1], self.blank.shape[1]))
        return np.concatenate([seen, blank], axis=-1)

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:  # noqa: ARG002  (linear)
        """Return the derivative of `columns`."""
        seen = d_concentration[..., self.entities, :] * self.path_length
        if not self.blank.size:
            return seen
        still = np.zeros((*seen.shape[:-2], self.blank.shape[1], seen.shape[-1]))
        return np.concatenate([seen, still], axis=-2)


@dataclass(frozen=True, kw_only=True, eq=False)
class Additive:
    """Amplitudes of complexes that are sums of those of their parts: every guest adds the same.

    Attributes
    ----------
    labels : tuple of str
        The parts, then what stands beside the complexes (``"baseline"``).
    whole : Shift or Spectrum
        Gives the columns of the complexes.
    parts : ndarray, shape (n_columns, n_parts)
        How much of each part a column of `whole` has.
    """

    labels: tuple[str, ...]
    whole: Shift | Spectrum
    parts: Floats

    def elsewhere(self) -> Additive:
        """Return the same for points that were not measured (`Spectrum.elsewhere`)."""
        return replace(self, whole=self.whole.elsewhere()) if isinstance(self.whole, Spectrum) else self

    def columns(self, concentration: Floats) -> Floats:
        """Return one column per part."""
        return np.asarray(self.whole.columns(concentration) @ self.parts)

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of `columns`."""
        return np.asarray(self.parts.T @ self.whole.derivative(concentration, d_concentration))


@dataclass(frozen=True, kw_only=True, eq=False)
class Heat:
    """Heat of each injection into a full cell, from which every injection displaces its own volume.

    The cell holds ``V c_i`` of an entity after injection ``i`` and held ``V c_(i-1) (1 - v_i/V)`` of it when the
    injection began to mix; the heat is the enthalpy of formation times the difference. The first row starts from a
    cell in which nothing has formed yet, whether it is the first injection or the state before it (then without heat).

    Attributes
    ----------
    labels : tuple of str
        The entities whose formation gives heat, then one per column of `blank`.
    entities : ndarray of int, shape (n_forming,)
        Their indices.
    cell_volume : float
        Volume of the cell [L].
    kept : ndarray, shape (n_points,)
        ``1 - v_i/V``: share of the cell that injection ``i`` leaves in it.
    blank : ndarray, shape (n_points, n_blanks)
        Columns of the heats that come without any reaction, such as that of dilution.
    """

    labels: tuple[str, ...]
    entities: NDArray[np.intp]
    cell_volume: float
    kept: Floats
    blank: Floats

    def columns(self, concentration: Floats) -> Floats:
        """Return the amount formed by each injection [mol], then the blanks."""
        amount = self.cell_volume * concentration[..., self.entities]
        formed = amount.copy()
        formed[..., 1:, :] -= amount[..., :-1, :] * self.kept[1:, np.newaxis]
        blank = np.broadcast_to(self.blank, (*formed.shape[:-2], *self.blank.shape))
        return np.concatenate([formed, blank], axis=-1)

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:  # noqa: ARG002  (linear)
        """Return the derivative of `columns`."""
        amount = self.cell_volume * d_concentration[..., self.entities, :]
        formed = amount.copy()
        formed[..., 1:, :, :] -= amount[..., :-1, :, :] * self.kept[1:, np.newaxis, np.newaxis]
        still = np.zeros((*formed.shape[:-2], self.blank.shape[1], formed.shape[-1]))
        return np.concatenate([formed, still], axis=-2)


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """Position of a band that moves with coverages and counts: an origin, and a slope per term.

    Attributes
    ----------
    labels : tuple of str
        ``"origin"``, then one label per term, ``"O2CR'"``, ``"O2CR' * SR"`` or ``"count O2CR'"``.
    held : ndarray, shape (n_factors, n_entities)
        ``held[k, e]`` is how much entity ``e`` counts for coverage or count ``k``.
    total : ndarray, shape (n_factors, n_entities)
        What that is divided by: all sites for a coverage, all particles for a count.
    terms : tuple of tuple of int
        Coverages or counts that are multiplied in each term.
    origin : tuple of int
        What the origin is multiplied with: nothing, or its own value where that is a constant of the model.
    """

    labels: tuple[str, ...]
    held: Floats
    total: Floats
    terms: tuple[tuple[int, ...], ...]
    origin: tuple[int, ...] = ()

    def _factors(self, concentration: Floats) -> tuple[Floats, Floats]:
        total = concentration @ self.total.T
        total = np.where(total > 0, total, 1.0)
        return concentration @ self.held.T / total, total

    def columns(self, concentration: Floats) -> Floats:
        """Return the ones of the origin, then the factors or products of them."""
        factors, _ = self._factors(concentration)
        return np.stack([factors[..., list(term)].prod(axis=-1) for term in (self.origin, *self.terms)], axis=-1)

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of `columns`; sites on units that leave, and particles that are fitted, move too."""
        factors, total = self._factors(concentration)
        moved = self.held @ d_concentration - factors[..., np.newaxis] * (self.total @ d_concentration)
        slope = moved / total[..., np.newaxis]
        columns = []
        for term in (self.origin, *self.terms):
            others = [np.prod(factors[..., [k for k in term if k != own]], axis=-1) for own in term]
            moving = (slope[..., own, :] * other[..., np.newaxis] for own, other in zip(term, others, strict=True))
            columns.append(sum(moving, np.zeros((*slope.shape[:-2], slope.shape[-1]))))
        return np.stack(columns, axis=-2)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ligands:
    """Ligands per particle, or per area of it: what is held over the particles that there are.

    Attributes
    ----------
    counts : ndarray, shape (n_entities,)
        How many ligands of the kind each entity stands for.
    particles : ndarray, shape (n_entities,)
        1 for every form of the particle.
    area : float
        Surface of a particle [nm^2]; 1 where ligands are counted per particle.
    """

    counts: Floats
    particles: Floats
    area: float

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the name of the one column."""
        return ("scale",)

    def columns(self, concentration: Floats) -> Floats:
        """Return the ligands per particle or per area; 0 where there are no particles."""
        return np.asarray((concentration @ self.counts / self._total(concentration))[..., np.newaxis])

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of `columns`; the particles move where their amount is fitted."""
        moved = np.einsum("e,...ek->...k", self.counts, d_concentration)
        fed = np.einsum("e,...ek->...k", self.particles, d_concentration) * self.area
        column = self.columns(concentration)
        return np.asarray((moved - column * fed) / self._total(concentration)[..., np.newaxis])[..., np.newaxis, :]

    def _total(self, concentration: Floats) -> Floats:
        total = concentration @ self.particles
        return np.where(total > 0, total, 1.0) * self.area

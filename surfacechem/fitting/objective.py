"""The weighted residuals of all data sets and their exact Jacobian, for many lanes of parameters at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.separable import Projection, Separable, Slopes, differentiate, project
from surfacechem.fitting.weighting import weighted_channels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.experiment import Experiment, MovingState
    from surfacechem.fitting.parameters import Parameters

    Floats = NDArray[np.float64]
    Lanes = NDArray[np.intp] | None

__all__ = ["Costs", "Objective", "Replicas"]


LEAST_NOISE = 1e-10
"""Noise is at least this share of the values."""


class Costs(NamedTuple):
    """What is left of each block once its amplitudes are at their best, lane by lane."""

    squares: Floats  # (n_lanes, n_blocks), sums of squared residuals over sigma, or in squared units
    n_amplitudes: NDArray[np.intp]  # (n_lanes, n_blocks), amplitudes that the data determine
    is_solved: NDArray[np.bool_]  # (n_lanes,)


class Joint(NamedTuple):
    """What one lane leaves, and how it moves with the amplitudes following."""

    slopes: list[Floats]  # per block (n_values, n_parameters)
    costs: Costs
    tables: list[tuple[Floats, Floats]]  # residuals (n_rows, n_channels), slopes (n_parameters, n_rows, n_channels)


class Replicas(NamedTuple):
    """Data that differ from lane to lane: drawn again, weighted otherwise, or with points left out."""

    channels: tuple[tuple[Separable, ...], ...]  # of each block
    n_values: Floats  # (n_lanes or 1, n_blocks), values counted by their weights
    prior_moves: Floats  # (n_lanes or 1, n_priors), by which the prior means are drawn again


@dataclass(frozen=True, kw_only=True, eq=False)
class Objective:
    """All residuals of a fit: every data set, every block, then the priors.

    Attributes
    ----------
    parameters : Parameters
        What moves.
    experiments : tuple of Experiment
        The data sets.
    replicas : Replicas, optional
        What stands in the place of the measured values, lane by lane.
    """

    parameters: Parameters
    experiments: tuple[Experiment, ...]
    replicas: Replicas | None = None

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, data set by data set."""
        return tuple(block for experiment in self.experiments for block in experiment.blocks)

    @cached_property
    def channels(self) -> tuple[tuple[Separable, ...], ...]:
        """Weighted channels of each block."""
        if self.replicas is not None:
            return self.replicas.channels
        return tuple(groups for experiment in self.experiments for groups in experiment.channels)

    @cached_property
    def n_values(self) -> Floats:
        """Measured values of each block, shape (n_blocks,), or (n_lanes or 1, n_blocks) where replicas differ."""
        if self.replicas is not None:
            return self.replicas.n_values
        return np.array([float(block.n_values) for block in self.blocks])

    @cached_property
    def n_free_amplitudes(self) -> NDArray[np.intp]:
        """Amplitudes of each block that are not known, whether or not the data determine them all."""
        # A channel without any value has the factor 0 and no amplitudes to be found.
        return np.array([sum(_n_free(each) for each in groups) for groups in self.channels])

    @cached_property
    def is_noise_given(self) -> NDArray[np.bool_]:
        """Mask of the blocks whose sigmas are given."""
        return np.array([block.sigma is not None for block in self.blocks])

    @cached_property
    def weighs_noise(self) -> bool:
        """Whether estimated noise weighs blocks, or data and priors, against each other."""
        n_weighed = len(self.blocks) + int(self.parameters.has_prior.sum())
        return not self.is_noise_given.all() and n_weighed > 1

    @cached_property
    def noise_floor(self) -> Floats:
        """Least noise of each block: no instrument beats it, and it is far above rounding errors."""
        n_values = [max(np.isfinite(block.measured).sum(), 1) for block in self.blocks]
        size = [np.sqrt(np.nansum(block.measured**2) / n) for block, n in zip(self.blocks, n_values, strict=True)]
        return np.maximum(LEAST_NOISE * np.array(size), np.finfo(float).tiny)

    def evaluate(
        self, parameters: Floats, noise: Floats, lanes: Lanes = None
    ) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return residuals, their exact Jacobian and which lanes were solved.

        Parameters
        ----------
        parameters : ndarray, shape (n_lanes, n_parameters)
            One row per lane.
        noise : ndarray, shape (n_lanes, n_blocks)
            Noise of each block; 1 where sigmas are given.
        lanes : ndarray of int, shape (n_lanes,), optional
            Which replicas the lanes belong to; by default all of them in order.
        """
        n_lanes, n_parameters = parameters.shape
        residuals, slopes, is_solved = [], [], np.ones(n_lanes, dtype=bool)
        for number, state, projection, parts in self._moving_projections(parameters, lanes):
            scale = 1.0 / noise[:, number, np.newaxis]
            residuals.append(projection.residual.reshape(n_lanes, -1) * scale)
            moved = np.add(*parts, out=parts.projected).reshape(n_lanes, n_parameters, -1)
            slopes.append(np.multiply(moved, scale[..., np.newaxis], out=moved))
            is_solved &= state.is_solved.all(axis=1)
        if len(self.prior_slope):
            residuals.append(self._prior(parameters, lanes))
            slopes.append(np.broadcast_to(self.prior_slope.T, (n_lanes, *self.prior_slope.T.shape)))
        return _join(residuals), np.swapaxes(_join(slopes), 1, 2), is_solved

    def block_costs(self, parameters: Floats) -> Costs:
        """Return what each block leaves, lane by lane; noise is not divided out."""
        shape = (len(parameters), len(self.blocks))
        squares, n_amplitudes = np.zeros(shape), np.zeros(shape, dtype=np.intp)
        is_solved = np.ones(len(parameters), dtype=bool)
        channels = iter(self.channels)
        number = 0
        for experiment in self.experiments:
            state = experiment.solve(parameters)
            is_solved &= state.is_solved.all(axis=1)
            for block in experiment.blocks:
                columns = block.model.columns(state.concentration)
                for group in next(channels):
                    projection = project(group, columns)
                    squares[:, number] += np.einsum("lij,lij->l", projection.residual, projection.residual)
                    n_amplitudes[:, number] += projection.n_amplitudes
                number += 1
        return Costs(squares, n_amplitudes, is_solved)

    def joint(self, parameters: Floats) -> Joint:
        """Return what each block leaves and the Jacobian of the joint problem with the amplitudes eliminated.

        The Jacobian is the projected part alone: its information matrix is that of all parameters, amplitudes included,
        from which the covariance of the parameters follows (Schur complement).

        Parameters
        ----------
        parameters : ndarray, shape (n_parameters,)
            One lane.
        """
        parts: list[list[tuple[Floats, Floats]]] = [[] for _ in self.blocks]
        shape = (1, len(self.blocks))
        squares, n_amplitudes = np.zeros(shape), np.zeros(shape, dtype=np.intp)
        is_solved = np.ones(1, dtype=bool)
        for number, state, projection, slope in self._moving_projections(parameters[np.newaxis]):
            parts[number].append((projection.residual[0], slope.projected[0]))
            squares[:, number] += np.einsum("lij,lij->l", projection.residual, projection.residual)
            n_amplitudes[:, number] += projection.n_amplitudes
            is_solved &= state.is_solved.all(axis=1)
        tables = [(_join([one for one, _ in each]), _join([other for _, other in each])) for each in parts]
        slopes = [moved.reshape(len(parameters), -1).T for _, moved in tables]
        return Joint(slopes, Costs(squares, n_amplitudes, is_solved), tables)

    def lane_slopes(self, parameters: Floats, lanes: NDArray[np.intp]) -> Iterator[tuple[int, Floats]]:
        """Yield, per group of channels, its block and its joint Jacobian (n_lanes, n_values, n_parameters)."""
        for number, _, _, slopes in self._moving_projections(parameters, lanes):
            yield number, _flat_slopes(slopes.projected)

    def fitted_tables(self, parameters: Floats) -> list[Floats]:
        """Return what the model gives for each block at one parameter vector, shape (n_points, n_channels)."""
        tables = []
        for experiment in self.experiments:
            state = experiment.solve(parameters[np.newaxis])
            for block in experiment.blocks:
                columns = block.model.columns(state.concentration)
                rows = np.empty_like(block.rows(block.measured))
                for group in weighted_channels(block):
                    rows[:, group.channels] = columns[0] @ (project(group, columns).amplitudes[0] / group.factor)
                tables.append(block.table(rows))
        return tables

    def prior_cost(self, parameters: Floats) -> Floats:
        """Return the sum of squares of the priors, lane by lane."""
        if not len(self.prior_slope):
            return np.zeros(len(parameters))
        cost: Floats = np.sum(self._prior(parameters) ** 2, axis=1)
        return cost

    def _moving_projections(
        self, parameters: Floats, lanes: Lanes = None
    ) -> Iterator[tuple[int, MovingState, Projection, Slopes]]:
        channels = iter(self.channels)
        number = 0
        for experiment in self.experiments:
            state = experiment.differentiate(parameters)
            for block in experiment.blocks:
                columns = block.model.columns(state.concentration)
                d_columns = block.model.derivative(state.concentration, state.derivative)
                for shared in next(channels):
                    group = shared if lanes is None or self.replicas is None else shared.at(lanes)
                    projection = project(group, columns)
                    yield number, state, projection, differentiate(group, projection, d_columns)
                number += 1

    @cached_property
    def prior_slope(self) -> Floats:
        """Jacobian of the priors' residuals, shape (n_priors, n_parameters)."""
        has_prior = self.parameters.has_prior
        return np.diag(1.0 / np.where(has_prior, self.parameters.prior_stderr, 1.0))[has_prior]

    def _prior(self, parameters: Floats, lanes: Lanes = None) -> Floats:
        has_prior = self.parameters.has_prior
        away = parameters[:, has_prior] - self.parameters.prior_mean[has_prior]
        if self.replicas is not None:
            moves = self.replicas.prior_moves
            away = away - (moves if lanes is None or len(moves) == 1 else moves[lanes])
        return away / self.parameters.prior_stderr[has_prior]


def _n_free(group: Separable) -> int:
    n_offsets = int(group.n_offsets.max())
    return len(group.free) * (int(np.count_nonzero(group.factor)) - (n_offsets > 0)) + n_offsets


def _join(parts: list[Floats]) -> Floats:
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)


def _flat_slopes(slopes: Floats) -> Floats:
    return np.swapaxes(slopes.reshape(*slopes.shape[:2], -1), 1, 2)

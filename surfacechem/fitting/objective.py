"""What the data sets of a fit leave unexplained, and how it moves, for many lanes of parameters at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.experiment import FAR_AWAY
from surfacechem.fitting.separable import Separable, join_triangles, project, triangulate, write_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.experiment import Experiment, State
    from surfacechem.fitting.parameters import Parameters

    Floats = NDArray[np.float64]
    Lanes = NDArray[np.intp] | None

__all__ = ["Costs", "Look", "Objective", "Replicas"]

LEAST_NOISE = 1e-10
"""Noise is at least this share of the values."""


class Costs(NamedTuple):
    """What is left of each block once its amplitudes are at their best, lane by lane."""

    squares: Floats  # (n_lanes, n_blocks), sums of squared residuals over sigma, or in squared units
    n_amplitudes: NDArray[np.intp]  # (n_lanes, n_blocks), amplitudes that the data determine
    is_solved: NDArray[np.bool_]  # (n_lanes,)


class Look(NamedTuple):
    """What is left of each block and how it moves with the parameters, the amplitudes following.

    Of the residual r of a block and its Jacobian J the triangular factor of ``[J r]`` is kept, noise not divided out.
    """

    triangles: Floats  # (n_lanes, n_blocks, n_parameters + 1, n_parameters + 1)
    n_amplitudes: NDArray[np.intp]  # (n_lanes, n_blocks), amplitudes that the data determine
    is_solved: NDArray[np.bool_]  # (n_lanes,)

    @property
    def costs(self) -> Costs:
        """What is left of each block."""
        rest = self.triangles[..., -1]
        return Costs(np.einsum("lbi,lbi->lb", rest, rest), self.n_amplitudes, self.is_solved)

    @property
    def slopes(self) -> Floats:
        """Triangular factors of the Jacobians, shape (n_lanes, n_blocks, n_parameters, n_parameters)."""
        return self.triangles[:, :, :-1, :-1]

    @property
    def information(self) -> Floats:
        """What each block tells of the parameters, for noise 1; shape as of `slopes`.

        It is that of all parameters, amplitudes included, after these are eliminated (Schur complement).
        """
        return np.swapaxes(self.slopes, -1, -2) @ self.slopes


class Tables(NamedTuple):
    """One block at one parameter vector; channels of residuals and slopes may be rotated (`separable.compress`)."""

    residuals: Floats  # (n_rows, n_channels), weighted
    slopes: Callable[[], Floats]  # (n_parameters, n_rows, n_channels), which are dear and not always asked for
    fitted: Floats  # (n_points, n_channels), what the model gives


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
    def _seen(self) -> dict[str, tuple[bytes, Look]]:
        """The last place that was looked at alone."""
        return {}

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
        """Return residuals (n_lanes, n), their Jacobian (n_lanes, n, n_parameters) and which lanes were solved.

        The residuals of a block are turned so that no more than one for each parameter and one are left: all inner
        products are what they were.

        Parameters
        ----------
        parameters : ndarray, shape (n_lanes, n_parameters)
            One row per lane.
        noise : ndarray, shape (n_lanes, n_blocks)
            Noise of each block; 1 where sigmas are given.
        lanes : ndarray of int, shape (n_lanes,), optional
            Which replicas the lanes belong to; by default all of them in order.
        """
        look = self.look(parameters, lanes)
        n_lanes, n_parameters = parameters.shape
        rows = (look.triangles / noise[..., np.newaxis, np.newaxis]).reshape(n_lanes, -1, n_parameters + 1)
        if len(self.prior_slope):
            slope = np.broadcast_to(self.prior_slope, (n_lanes, *self.prior_slope.shape))
            prior = np.concatenate([slope, self._prior(parameters, lanes)[..., np.newaxis]], axis=2)
            rows = np.concatenate([rows, prior], axis=1)
        return rows[..., -1], rows[..., :-1], look.is_solved

    def look(self, parameters: Floats, lanes: Lanes = None) -> Look:
        """Return what each block leaves, lane by lane, and how that moves; `lanes` as for `evaluate`."""
        if len(parameters) > 1 or self.replicas is not None:
            return self._look([experiment.differentiate(parameters) for experiment in self.experiments], lanes)
        # A minimum is looked at again for its cost, its noise and its covariance.
        key, seen = parameters.tobytes(), self._seen.get("last")
        if seen is None or seen[0] != key:
            seen = key, self._look([experiment.differentiate(parameters) for experiment in self.experiments])
            self._seen["last"] = seen
        return seen[1]

    def block_costs(self, parameters: Floats) -> Costs:
        """Return what each block leaves, lane by lane; noise is not divided out."""
        if len(parameters) == 1 and self.replicas is None:
            return self.look(parameters).costs
        return self._look([experiment.solve(parameters) for experiment in self.experiments]).costs

    def fitted_tables(self, parameters: Floats) -> list[Floats]:
        """Return what the model gives for each block at one parameter vector, shape (n_points, n_channels)."""
        return [
            _fitted(block, groups, block.model.columns(state.concentration))
            for experiment in self.experiments
            for state in [experiment.solve(parameters[np.newaxis])]
            for block, groups in zip(experiment.blocks, experiment.whole_channels, strict=True)
        ]

    def tables(self, parameters: Floats) -> list[Tables]:
        """Return residuals and slopes of each block written out, and what the model gives, at one parameter vector."""
        channels, found = iter(self.channels), []
        for experiment in self.experiments:
            state = experiment.differentiate(parameters[np.newaxis])
            for block, groups in zip(experiment.blocks, experiment.whole_channels, strict=True):
                columns, kept = block.model.columns(state.concentration), next(channels)
                residuals = np.concatenate([project(group, columns).residual for group in kept], axis=-1)[0]
                slopes = partial(_slopes, block, state, kept)
                found.append(Tables(residuals, slopes, _fitted(block, groups, columns)))
        return found

    def prior_cost(self, parameters: Floats) -> Floats:
        """Return the sum of squares of the priors, lane by lane."""
        if not len(self.prior_slope):
            return np.zeros(len(parameters))
        cost: Floats = np.sum(self._prior(parameters) ** 2, axis=1)
        return cost

    def _look(self, states: Sequence[State], lanes: Lanes = None) -> Look:
        picked = None if self.replicas is None else lanes
        (n_lanes, _), n_moving = states[0].is_solved.shape, states[0].derivative.shape[-1] + 1
        triangles = np.empty((n_lanes, len(self.blocks), n_moving, n_moving))
        counts, is_solved = np.empty((n_lanes, len(self.blocks)), dtype=np.intp), np.ones(n_lanes, dtype=bool)
        number = 0
        for experiment, state in zip(self.experiments, states, strict=True):
            is_solved &= state.is_solved.all(axis=1)
            for block in experiment.blocks:
                tables = _tables(block, state)
                groups = (group if picked is None else group.at(picked) for group in self.channels[number])
                parts = [triangulate(group, *tables) for group in groups]
                triangles[:, number] = join_triangles([triangle for triangle, _ in parts])
                counts[:, number] = sum(count for _, count in parts)
                number += 1
        return Look(triangles, counts, is_solved)

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


def _fitted(block: Block, groups: Sequence[Separable], columns: Floats) -> Floats:
    """Return what the model gives of a block (n_points, n_channels), its columns those of one lane."""
    rows = np.empty_like(block.rows(block.measured))
    for group in groups:
        rows[:, group.channels] = columns[0] @ (project(group, columns).amplitudes[0] / group.factor)
    return block.table(rows)


def _slopes(block: Block, state: State, groups: Sequence[Separable]) -> Floats:
    """Return the Jacobian of a block written out, shape (n_parameters, n_rows, n_channels)."""
    tables = _tables(block, state)
    slopes: Floats = np.concatenate([write_out(group, *tables) for group in groups], axis=-1)[0]
    return slopes


@FAR_AWAY
def _tables(block: Block, state: State) -> tuple[Floats, Floats]:
    """Return the columns of a block and their derivatives by what the state moves with."""
    columns = block.model.columns(state.concentration)
    if not state.derivative.shape[-1]:
        return columns, np.zeros((*columns.shape, 0))
    return columns, block.model.derivative(state.concentration, state.derivative)

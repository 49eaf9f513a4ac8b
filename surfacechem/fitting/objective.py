"""The weighted residuals of all data sets and their exact Jacobian, for many lanes of parameters at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.separable import Projection, Separable, Slopes, compress, differentiate, project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.parameters import Parameters
    from surfacechem.network import Bound, Network, Speciation

    Floats = NDArray[np.float64]

__all__ = ["Costs", "Experiment", "MovingState", "Objective", "State", "weighted_channels"]


LEAST_NOISE = 1e-10
"""Noise is at least this share of the values."""


class State(NamedTuple):
    """Concentrations of one data set, lane by lane."""

    concentration: Floats  # (n_lanes, n_points, n_entities) [mol/L]
    is_solved: NDArray[np.bool_]  # (n_lanes, n_points)


class MovingState(NamedTuple):
    """Concentrations of one data set and how they move with the parameters, lane by lane."""

    concentration: Floats  # (n_lanes, n_points, n_entities) [mol/L]
    is_solved: NDArray[np.bool_]  # (n_lanes, n_points)
    derivative: Floats  # (n_lanes, n_points, n_entities, n_parameters)


class Costs(NamedTuple):
    """What is left of each block once its amplitudes are at their best, lane by lane."""

    squares: Floats  # (n_lanes, n_blocks), sums of squared residuals over sigma, or in squared units
    n_amplitudes: NDArray[np.intp]  # (n_lanes, n_blocks), amplitudes that the data determine
    is_solved: NDArray[np.bool_]  # (n_lanes,)


class Experiment:
    """One data set bound to the network: amounts, blocks and their weighted channels.

    Parameters
    ----------
    network : Network
        Solves the equilibria.
    number : int
        Which data set this is.
    amounts : ndarray, shape (n_points, n_feeds)
        What was put in, in the order of the network's feeds [mol/L]; NaN where it is fitted.
    blocks : sequence of Block
        What was measured.
    parameters : Parameters
        What the fit moves.
    """

    def __init__(
        self, network: Network, number: int, *, amounts: Floats, blocks: Sequence[Block], parameters: Parameters
    ) -> None:
        self.network = network
        self.amounts = amounts
        self.blocks = tuple(blocks)
        self.channels = tuple(tuple(compress(group) for group in weighted_channels(block)) for block in blocks)
        self._matrix = parameters.theta_matrix
        self._offset = parameters.theta_offset[number]
        self._feedings = [each for each in parameters.feedings if each.dataset == number]
        self._bound: dict[int, Bound] = {}

    def solve(self, parameters: Floats) -> State:
        """Return the concentrations at every point of every lane, shape of parameters (n_lanes, n_parameters)."""
        n_lanes = len(parameters)
        speciation = self._speciation(parameters, self._fed(parameters)[0], derivatives=False)
        return State(self._by_lane(speciation.concentration, n_lanes), self._is_solved(speciation, n_lanes))

    def differentiate(self, parameters: Floats) -> MovingState:
        """Return the concentrations and their derivatives at every point of every lane."""
        n_lanes, (amounts, slopes) = len(parameters), self._fed(parameters)
        speciation = self._speciation(parameters, amounts, derivatives=True)
        derivative = self._by_lane(speciation.d_ln_constants, n_lanes) @ self._matrix
        if self._feedings:
            derivative += self._by_lane(speciation.d_amounts, n_lanes) @ slopes
        concentration = self._by_lane(speciation.concentration, n_lanes)
        return MovingState(concentration, self._is_solved(speciation, n_lanes), derivative)

    def _speciation(self, parameters: Floats, amounts: Floats, *, derivatives: bool) -> Speciation:
        n_lanes = len(parameters)
        theta = self._offset + parameters @ self._matrix.T
        # Lanes drop out one by one; padding to a power of two keeps the number of prepared batches small.
        n_solved = n_lanes if self._feedings else 1 << (n_lanes - 1).bit_length()
        theta = np.concatenate([theta, np.repeat(theta[-1:], n_solved - n_lanes, axis=0)])
        per_point = theta[0] if n_solved == 1 else np.repeat(theta, len(self.amounts), axis=0)
        return self._prepared(n_solved, amounts).solve(per_point, derivatives=derivatives)

    def _by_lane(self, array: Floats | None, n_lanes: int) -> Floats:
        if array is None:
            raise TypeError("the solver returned no derivatives although they were asked for")
        return array.reshape(-1, len(self.amounts), *array.shape[1:])[:n_lanes]

    def _is_solved(self, speciation: Speciation, n_lanes: int) -> NDArray[np.bool_]:
        is_solved: NDArray[np.bool_] = (speciation.status == 0).reshape(-1, len(self.amounts))
        return is_solved[:n_lanes]

    def _fed(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return the amounts with what is fitted of them, and their derivatives; one lane where nothing is."""
        n_lanes, n_parameters = parameters.shape
        if not self._feedings:
            return self.amounts[np.newaxis], np.zeros((1, *self.amounts.shape, n_parameters))
        amounts = np.repeat(self.amounts[np.newaxis], n_lanes, axis=0)
        slopes = np.zeros((*amounts.shape, n_parameters))
        for feeding in self._feedings:
            feeding.apply(amounts, slopes, np.exp(parameters[:, feeding.parameter, np.newaxis]))
        return amounts, slopes

    def amounts_at(self, parameters: Floats) -> Floats:
        """Return the amounts of one parameter vector, shape (n_points, n_feeds) [mol/L]."""
        amounts: Floats = self._fed(parameters[np.newaxis])[0][0]
        return amounts

    def _prepared(self, n_lanes: int, amounts: Floats) -> Bound:
        if self._feedings:
            return self.network.bind(amounts.reshape(-1, amounts.shape[-1]))
        if n_lanes not in self._bound:
            self._bound[n_lanes] = self.network.bind(np.tile(self.amounts, (n_lanes, 1)))
        return self._bound[n_lanes]


def weighted_channels(block: Block) -> tuple[Separable, ...]:
    """Return the channels of a block, those of equal weights together."""
    values = block.rows(block.measured)
    is_measured = np.isfinite(values)
    sigma = np.ones_like(values) if block.sigma is None else block.rows(block.sigma)
    weight = np.where(is_measured, 1.0 / np.where(is_measured, sigma, 1.0), 0.0)
    factor = weight.max(axis=0)
    pattern = weight / np.where(factor > 0, factor, 1.0)
    known = sorted(block.known_amplitudes)
    free = [column for column in range(len(block.model.labels)) if column not in known]
    amplitudes = np.array([np.broadcast_to(block.known_amplitudes[column], values.shape[1:]) for column in known])
    amplitudes = amplitudes.reshape(len(known), values.shape[1])
    _, group = np.unique(pattern, axis=1, return_inverse=True)
    chosen = [np.flatnonzero(group.ravel() == number) for number in range(group.max(initial=-1) + 1)]
    weighted = np.where(is_measured, values, 0.0) * weight
    return tuple(
        Separable(
            weight=pattern[:, index[0]],
            values=weighted[np.newaxis, :, index],
            free=np.array(free, dtype=np.intp),
            known=np.array(known, dtype=np.intp),
            known_amplitudes=amplitudes[:, index] * factor[index],
            channels=index,
            factor=factor[index],
            is_nonnegative=block.is_nonnegative,
        )
        for index in chosen
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Objective:
    """All residuals of a fit: every data set, every block, then the priors.

    Attributes
    ----------
    parameters : Parameters
        What moves.
    experiments : tuple of Experiment
        The data sets.
    """

    parameters: Parameters
    experiments: tuple[Experiment, ...]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks, data set by data set."""
        return tuple(block for experiment in self.experiments for block in experiment.blocks)

    @cached_property
    def n_values(self) -> NDArray[np.intp]:
        """Measured values of each block."""
        return np.array([block.n_values for block in self.blocks])

    @cached_property
    def n_free_amplitudes(self) -> NDArray[np.intp]:
        """Amplitudes of each block that are not known, whether or not the data determine them all."""
        groups = [channels for experiment in self.experiments for channels in experiment.channels]
        return np.array([sum(len(group.free) * len(group.channels) for group in each) for each in groups])

    @cached_property
    def is_noise_given(self) -> NDArray[np.bool_]:
        """Mask of the blocks whose sigmas are given."""
        return np.array([block.sigma is not None for block in self.blocks])

    @cached_property
    def noise_floor(self) -> Floats:
        """Least noise of each block: no instrument beats it, and it is far above rounding errors."""
        size = [np.sqrt(np.nanmean(block.measured**2)) for block in self.blocks]
        return np.maximum(LEAST_NOISE * np.array(size), np.finfo(float).tiny)

    def evaluate(self, parameters: Floats, noise: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return residuals, their exact Jacobian and which lanes were solved.

        Parameters
        ----------
        parameters : ndarray, shape (n_lanes, n_parameters)
            One row per lane.
        noise : ndarray, shape (n_lanes, n_blocks)
            Noise of each block; 1 where sigmas are given.
        """
        residuals, jacobians = [], []
        is_solved = np.ones(len(parameters), dtype=bool)
        for number, state, projection, slopes in self._moving_projections(parameters):
            scale = 1.0 / noise[:, number, np.newaxis]
            residuals.append(projection.residual.reshape(len(parameters), -1) * scale)
            jacobians.append(_flat_slopes(slopes.projected + slopes.correction) * scale[..., np.newaxis])
            is_solved &= state.is_solved.all(axis=1)
        residuals.append(self._prior(parameters))
        jacobians.append(np.broadcast_to(self.prior_slope, (len(parameters), *self.prior_slope.shape)))
        return np.concatenate(residuals, axis=1), np.concatenate(jacobians, axis=1), is_solved

    def block_costs(self, parameters: Floats) -> Costs:
        """Return what each block leaves, lane by lane; noise is not divided out."""
        shape = (len(parameters), len(self.blocks))
        squares, n_amplitudes = np.zeros(shape), np.zeros(shape, dtype=np.intp)
        is_solved = np.ones(len(parameters), dtype=bool)
        number = 0
        for experiment in self.experiments:
            state = experiment.solve(parameters)
            is_solved &= state.is_solved.all(axis=1)
            for block, groups in zip(experiment.blocks, experiment.channels, strict=True):
                columns = block.model.columns(state.concentration)
                for group in groups:
                    projection = project(group, columns)
                    squares[:, number] += np.einsum("lij,lij->l", projection.residual, projection.residual)
                    n_amplitudes[:, number] += projection.n_amplitudes
                number += 1
        return Costs(squares, n_amplitudes, is_solved)

    def joint_slopes(self, parameters: Floats) -> list[Floats]:
        """Return, per block, the Jacobian of the joint problem with the amplitudes eliminated.

        It is the projected part alone: its information matrix is that of all parameters, amplitudes included, from
        which the covariance of the parameters follows (Schur complement).

        Parameters
        ----------
        parameters : ndarray, shape (n_parameters,)
            One lane.
        """
        slopes: list[list[Floats]] = [[] for _ in self.blocks]
        for number, _, _, slope in self._moving_projections(parameters[np.newaxis]):
            slopes[number].append(_flat_slopes(slope.projected)[0])
        return [np.concatenate(each) for each in slopes]

    def prior_cost(self, parameters: Floats) -> Floats:
        """Return the sum of squares of the priors, lane by lane."""
        cost: Floats = np.sum(self._prior(parameters) ** 2, axis=1)
        return cost

    def _moving_projections(self, parameters: Floats) -> Iterator[tuple[int, MovingState, Projection, Slopes]]:
        number = 0
        for experiment in self.experiments:
            state = experiment.differentiate(parameters)
            for block, groups in zip(experiment.blocks, experiment.channels, strict=True):
                columns = block.model.columns(state.concentration)
                d_columns = block.model.derivative(state.concentration, state.derivative)
                for group in groups:
                    projection = project(group, columns)
                    yield number, state, projection, differentiate(group, columns, projection, d_columns)
                number += 1

    @cached_property
    def prior_slope(self) -> Floats:
        """Jacobian of the priors' residuals, shape (n_priors, n_parameters)."""
        has_prior = self.parameters.has_prior
        return np.diag(1.0 / np.where(has_prior, self.parameters.prior_stderr, 1.0))[has_prior]

    def _prior(self, parameters: Floats) -> Floats:
        has_prior = self.parameters.has_prior
        away = parameters[:, has_prior] - self.parameters.prior_mean[has_prior]
        return away / self.parameters.prior_stderr[has_prior]


def _flat_slopes(slopes: Floats) -> Floats:
    return np.swapaxes(slopes.reshape(*slopes.shape[:2], -1), 1, 2)

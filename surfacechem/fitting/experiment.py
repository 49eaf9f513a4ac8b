"""One data set bound to the network: from parameters to concentrations and their derivatives, lane by lane."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.feeding import feed_in
from surfacechem.fitting.separable import compress
from surfacechem.fitting.weighting import weighted_channels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.parameters import Parameters
    from surfacechem.fitting.separable import Separable
    from surfacechem.network import Bound, BoundShells, Network, Speciation

    Floats = NDArray[np.float64]
    Groups = tuple[tuple[Separable, ...], ...]

__all__ = ["FAR_AWAY", "Experiment", "State"]

FAR_AWAY = np.errstate(over="ignore", invalid="ignore")
"""What a search tries far from any answer may overflow, as the light of 51 ligands that each
make it a million times as bright. Such lanes are infinitely bad, and left."""


class State(NamedTuple):
    """Concentrations of one data set and how they move with the parameters, lane by lane."""

    concentration: Floats  # (n_lanes, n_points, n_entities) [mol/L]
    is_solved: NDArray[np.bool_]  # (n_lanes, n_points)
    derivative: Floats  # (n_lanes, n_points, n_entities, n_parameters); without parameters where nobody asked for it

    def repeated(self, n_lanes: int) -> State:
        """Return the one lane there is as many lanes."""
        if n_lanes == 1:
            return self
        return State(
            np.repeat(self.concentration, n_lanes, axis=0),
            np.repeat(self.is_solved, n_lanes, axis=0),
            np.repeat(self.derivative, n_lanes, axis=0),
        )


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
        self.number = number
        self.parameters = parameters
        self.amounts = amounts
        self.blocks = tuple(blocks)
        self.whole_channels, self.channels = _channels(self.blocks)
        self._matrix = parameters.theta_warming[number] @ parameters.theta_matrix
        self._offset = parameters.theta_offset[number]
        self.feedings = tuple(each for each in parameters.feedings if each.dataset == number)
        self._bound: dict[int, Bound | BoundShells] = {}
        self._seen: tuple[bytes, State] | None = None

    def weighed(self, weights: Floats) -> Experiment:
        """Return the experiment with points that count as much as their weights, shape (n_points,)."""
        other = copy(self)
        other.blocks = tuple(replace(block, case_weight=weights) for block in self.blocks)
        other.whole_channels, other.channels = _channels(other.blocks)
        return other

    def at(self, amounts: Floats) -> Experiment:
        """Return the experiment at other points (n_points, n_feeds) [mol/L], whose concentrations are all stated."""
        stated = replace(
            self.parameters, feedings=tuple(each for each in self.parameters.feedings if each.carrier is not None)
        )
        return Experiment(self.network, self.number, amounts=amounts, blocks=self.blocks, parameters=stated)

    @FAR_AWAY
    def solve(self, parameters: Floats) -> State:
        """Return the concentrations at every point of every lane, shape of parameters (n_lanes, n_parameters)."""
        n_lanes = len(parameters)
        if _is_one_place(parameters):
            concentration, is_solved, _ = self.differentiate(parameters)
        else:
            speciation = self._speciation(parameters, self._fed(parameters)[0], derivatives=False)
            concentration, is_solved = self._by_lane(speciation.seen, n_lanes), self._is_solved(speciation, n_lanes)
        return State(concentration, is_solved, np.zeros((*concentration.shape, 0)))

    def differentiate(self, parameters: Floats) -> State:
        """Return the concentrations and their derivatives at every point of every lane."""
        if not _is_one_place(parameters):
            return self._differentiate(parameters)
        # A minimum is looked at again and again: for its cost, its covariance, as the start of all replicas.
        key, seen = parameters[0].tobytes(), self._seen
        if seen is None or seen[0] != key:
            self._seen = seen = key, self._differentiate(parameters[:1])
        return seen[1].repeated(len(parameters))

    @FAR_AWAY
    def _differentiate(self, parameters: Floats) -> State:
        n_lanes, (amounts, slopes) = len(parameters), self._fed(parameters)
        speciation = self._speciation(parameters, amounts, derivatives=True)
        derivative = self._by_lane(speciation.d_seen_constants, n_lanes) @ self._matrix
        if self.feedings:
            derivative += self._by_lane(speciation.d_seen_amounts, n_lanes) @ slopes
        concentration = self._by_lane(speciation.seen, n_lanes)
        return State(concentration, self._is_solved(speciation, n_lanes), derivative)

    def _speciation(self, parameters: Floats, amounts: Floats, *, derivatives: bool) -> Speciation:
        n_lanes = len(parameters)
        theta = self._offset + parameters @ self._matrix.T
        # Lanes drop out one by one; padding to a power of two keeps the number of prepared batches small.
        n_solved = n_lanes if self.feedings else 1 << (n_lanes - 1).bit_length()
        if n_solved == 1:
            return self._prepared(1, amounts).solve(theta[0], derivatives=derivatives)
        theta = np.concatenate([theta, np.repeat(theta[-1:], n_solved - n_lanes, axis=0)])
        per_point = np.repeat(theta, len(self.amounts), axis=0)
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
        if not self.feedings:
            return self.amounts[np.newaxis], np.zeros((1, *self.amounts.shape, parameters.shape[1]))
        return feed_in(self.feedings, self.amounts, parameters)

    def amounts_at(self, parameters: Floats) -> Floats:
        """Return the amounts of one parameter vector, shape (n_points, n_feeds) [mol/L]."""
        amounts: Floats = self._fed(parameters[np.newaxis])[0][0]
        return amounts

    def _prepared(self, n_lanes: int, amounts: Floats) -> Bound | BoundShells:
        if self.feedings:
            return self.network.bind(amounts.reshape(-1, amounts.shape[-1]))
        if n_lanes not in self._bound:
            one = self.network.bind(self.amounts) if n_lanes == 1 else self._prepared(1, amounts)
            self._bound[n_lanes] = one if n_lanes == 1 else one.tiled(n_lanes)
        return self._bound[n_lanes]


def _is_one_place(parameters: Floats) -> bool:
    return len(parameters) == 1 or bool((parameters == parameters[0]).all())


def _channels(blocks: tuple[Block, ...]) -> tuple[Groups, Groups]:
    """Return the weighted channels of each block as measured, and compressed."""
    whole = tuple(weighted_channels(block) for block in blocks)
    return whole, tuple(tuple(compress(group) for group in groups) for groups in whole)

"""Equilibria of a flask for one set of parameters or many, solved together, and how they move."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.network.warming import warming

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.network import Bound, BoundShells, Network, Speciation
    from surfacechem.prediction.estimate import Knowledge
    from surfacechem.prediction.feeds import Feeds

    Floats = NDArray[np.float64]

__all__ = ["Flask", "MovingState", "State"]

DIFFERENCE: Final = 1e-4
"""Step of a central difference in a natural logarithm: its error and that of the solver are both below 1e-8."""


@dataclass(frozen=True, kw_only=True, eq=False)
class State:
    """Equilibria; leading axes ("lanes") are sets of parameters. NaN where not solved.

    Attributes
    ----------
    concentration : ndarray, shape (..., n_points, n_seen)
        Concentration of each entity, then the readouts of the network [mol/L].
    amounts : ndarray, shape (..., n_points, n_feeds)
        What is in the flask [mol/L].
    occupancy : ndarray, shape (..., n_points, n_terms)
        Mean count of each host term on one particle.
    """

    concentration: Floats
    amounts: Floats
    occupancy: Floats

    @property
    def n_points(self) -> int:
        """Number of points."""
        return int(self.concentration.shape[-2])

    def at(self, points: slice) -> State:
        """Return the state of some of the points."""
        return State(
            concentration=self.concentration[..., points, :],
            amounts=self.amounts[..., points, :],
            occupancy=self.occupancy[..., points, :],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class MovingState(State):
    """Equilibria for one set of parameters, and how they move with them (natural logarithms).

    Attributes
    ----------
    d_concentration : ndarray, shape (n_points, n_seen, n_parameters)
        ``d concentration / d parameter`` [mol/L].
    d_amounts : ndarray, shape (n_points, n_feeds, n_parameters)
        ``d amount / d parameter`` [mol/L].
    flask : Flask
        Where they were solved.
    step : ndarray, shape (n_parameters,)
        Where the parameters are.
    """

    d_concentration: Floats
    d_amounts: Floats
    flask: Flask
    step: Floats

    @cached_property
    def apart(self) -> State:
        """The states to either side, lanes (2, n_parameters): for what is not linear in concentrations."""
        sides = self.step + DIFFERENCE * np.array([1.0, -1.0])[:, np.newaxis, np.newaxis] * np.eye(len(self.step))
        solved = self.flask.solve(sides.reshape(-1, len(self.step)))
        shape = (2, len(self.step))
        return State(
            concentration=solved.concentration.reshape(*shape, *solved.concentration.shape[1:]),
            amounts=solved.amounts.reshape(*(shape if len(solved.amounts) > 1 else (1, 1)), *solved.amounts.shape[1:]),
            occupancy=solved.occupancy.reshape(*shape, *solved.occupancy.shape[1:]),
        )

    @staticmethod
    def slope(values: Floats) -> Floats:
        """Return the derivative of what was read off `apart`: (n_parameters, ...) from (2, n_parameters, ...)."""
        return np.asarray((values[0] - values[1]) / (2 * DIFFERENCE))


class Flask:
    """A network with what is in the flask, ready to be solved wherever the parameters are.

    Parameters
    ----------
    network : Network
        Solves the equilibria.
    feeds : Feeds
        What is in the flask.
    knowledge : Knowledge
        The best parameters.
    temperature : float, optional
        Temperature in the flask [K]; None: that of the model.
    """

    def __init__(
        self, network: Network, feeds: Feeds, knowledge: Knowledge, *, temperature: float | None = None
    ) -> None:
        self.network = network
        self.feeds = feeds
        self.knowledge = knowledge
        self.warming = warming(network, temperature)
        self._kept: tuple[int, Bound | BoundShells] | None = None

    def speciation(self, *, derivatives: bool = False) -> Speciation:
        """Return the equilibria for the best parameters, by name."""
        still = np.zeros((1, len(self.knowledge.names)))
        amounts, _ = self.feeds.at(still, self.knowledge)
        return self._bind(1, amounts).solve(self._theta(still[0]), derivatives=derivatives)

    def solve(self, steps: Floats) -> State:
        """Return the equilibria for many sets of parameters as one batch, steps of shape (n_lanes, n_parameters)."""
        amounts, _ = self.feeds.at(steps, self.knowledge)
        theta = np.repeat(self._theta(steps), amounts.shape[-2], axis=0)
        speciation = self._bind(len(steps), amounts).solve(theta)
        is_lost = (speciation.status != 0)[:, np.newaxis]
        tables = (speciation.seen, speciation.solution.occupancy)
        shape = (len(steps), self.feeds.n_points)
        concentration, occupancy = (
            np.where(is_lost, np.nan, table).reshape(*shape, table.shape[1]) for table in tables
        )
        return State(concentration=concentration, amounts=amounts, occupancy=occupancy)

    def differentiate(self, step: Floats) -> MovingState:
        """Return the equilibria `step` from the best parameters, and their derivatives there."""
        amounts, slopes = (table[0] for table in self.feeds.at(step[np.newaxis], self.knowledge))
        speciation = self._bind(1, amounts[np.newaxis]).solve(self._theta(step), derivatives=True)
        if speciation.d_seen_constants is None or speciation.d_seen_amounts is None:
            raise TypeError("the solver returned no derivatives although they were asked for")
        moved = speciation.d_seen_constants @ (self.warming.matrix @ self.knowledge.to_theta)
        if self.feeds.feedings:
            moved += speciation.d_seen_amounts @ slopes
        is_lost = (speciation.status != 0)[:, np.newaxis]
        return MovingState(
            concentration=np.where(is_lost, np.nan, speciation.seen),
            amounts=amounts,
            occupancy=np.where(is_lost, np.nan, speciation.solution.occupancy),
            d_concentration=moved,
            d_amounts=slopes,
            flask=self,
            step=step,
        )

    def _theta(self, steps: Floats) -> Floats:
        return self.warming.of(self.knowledge.at(steps))

    def _bind(self, n_lanes: int, amounts: Floats) -> Bound | BoundShells:
        """Return the network bound to the points of all lanes; kept where all lanes have the same amounts."""
        if self._kept is not None and self._kept[0] == n_lanes and not self.feeds.feedings:
            return self._kept[1]
        every = np.broadcast_to(amounts, (n_lanes, *amounts.shape[1:])).reshape(-1, amounts.shape[-1])
        bound = self.network.bind(every)
        self._kept = (n_lanes, bound)
        return bound

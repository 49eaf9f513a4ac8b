"""One data set, solved lane by lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.driver import prepare_objective

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.fitting.experiment import Experiment
    from surfacechem.network import Network
    from surfacechem.records import Titration


def experiment_of(made: tuple[Network, Titration]) -> Experiment:
    """Bind a model to its data."""
    objective, _ = prepare_objective(made[0], (made[1],), known={})
    return objective.experiments[0]


def test_lanes_at_one_place_are_the_lane_that_is_solved(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """Lanes that begin together are solved once, to the bits that they have among others, looked at before or not."""
    place, other = np.array([8.0]), np.array([5.0])
    apart = experiment_of(binding()).differentiate(np.array([place, other, place]))
    experiment = experiment_of(binding())
    for parameters in (np.array([place, place]), np.array([other]), np.array([place])):
        together = experiment.differentiate(parameters)
        expected = [table[np.where(parameters == place, 0, 1)[:, 0]] for table in apart]
        for found, table in zip(together, expected, strict=True):
            np.testing.assert_array_equal(found, table)
    np.testing.assert_array_equal(experiment.solve(np.array([place, place])).concentration, apart.concentration[[0, 2]])

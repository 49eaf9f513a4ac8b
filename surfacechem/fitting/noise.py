"""The noise of each block: given, or estimated from its residuals with everything that was fitted counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Costs, Objective

    Floats = NDArray[np.float64]

__all__ = ["degrees_of_freedom", "deviance", "estimate_noise"]


def degrees_of_freedom(objective: Objective, costs: Costs) -> Floats:
    """Return the degrees of freedom of each block (n_lanes, n_blocks), at least 0.

    They are its values less its amplitudes, less its share of the parameters, which all blocks bear in proportion.
    A prior brings a value of its own and bears its parameter.
    """
    left = np.maximum(objective.n_values - costs.n_amplitudes, 0)
    n_borne = len(objective.parameters.names) - int(objective.parameters.has_prior.sum())
    total = np.maximum(left.sum(axis=1, keepdims=True), 1)
    free: Floats = left * np.maximum(1.0 - n_borne / total, 0.0)
    return free


def estimate_noise(objective: Objective, costs: Costs) -> Floats:
    """Return the noise of each block (n_lanes, n_blocks): from its residuals, or 1 where sigmas are given."""
    free = degrees_of_freedom(objective, costs)
    # Without freedom any number will do: there is nothing to judge by (`facts`).
    noise = np.sqrt(costs.squares / np.where(free > 0, free, 1.0))
    return np.where(objective.is_noise_given, 1.0, np.maximum(noise, objective.noise_floor))


def deviance(objective: Objective, parameters: Floats, costs: Costs) -> Floats:
    """Return -2 ln L of each lane up to a constant, infinite where unsolved; noise not given is at its best."""
    floor = np.maximum(objective.n_values * objective.noise_floor**2, np.finfo(float).tiny)
    estimated = objective.n_values * np.log(np.maximum(costs.squares, floor))
    per_block = np.where(objective.is_noise_given, costs.squares, estimated)
    total = per_block.sum(axis=1) + objective.prior_cost(parameters)
    return np.where(costs.is_solved & np.isfinite(total), total, np.inf)

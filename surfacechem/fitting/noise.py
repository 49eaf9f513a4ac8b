"""The noise of each block: given, or estimated from its residuals with everything that was fitted counted.

Restricted maximum likelihood (Patterson & Thompson, Biometrika 58, 545 (1971), 10.1093/biomet/58.3.545): a block of m
values beyond its amplitudes has the variance SSR / (m - p), where p is how many of the shared parameters this block
bears, the trace of its share of the information, tr(I^-1 I_block). The shares depend on the noise; a fixed point is
found. Where there is one block alone it bears all parameters and the formula is the usual one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Costs, Objective

    Floats = NDArray[np.float64]

__all__ = ["DEPENDENT_RTOL", "Noise", "deviance", "estimate_noise", "measure_information"]

MAX_ROUNDS = 50
SETTLED_RTOL = 1e-7
DEPENDENT_RTOL = 1e-12
NO_FREEDOM = 1e-9
"""Share of the values below which what is left is the rounding of a difference."""


class Noise(NamedTuple):
    """Noise of each block and what is left to tell it by, lane by lane."""

    sigma: Floats  # (n_lanes, n_blocks), 1 where sigmas are given
    freedom: Floats  # (n_lanes, n_blocks), values less amplitudes less the block's share of the parameters


def measure_information(objective: Objective, parameters: Floats) -> Floats:
    """Return what each block tells of the parameters, for noise 1: (n_lanes, n_blocks, n_parameters, n_parameters)."""
    return objective.look(parameters).information


def estimate_noise(objective: Objective, costs: Costs, information: Floats) -> Noise:
    """Return the noise of each block: from its residuals, or 1 where sigmas are given.

    Parameters
    ----------
    objective : Objective
        What was fitted.
    costs : Costs
        What is left of each block.
    information : ndarray, shape (n_lanes, n_blocks, n_parameters, n_parameters)
        What each block tells, for noise 1.
    """
    left = np.maximum(objective.n_values - costs.n_amplitudes, 0.0)
    information = np.where(np.isfinite(information), information, 0.0)
    freedom = np.broadcast_to(left, costs.squares.shape)
    sigma = _scatter(objective, costs, freedom)
    for _ in range(MAX_ROUNDS):
        held = sigma
        freedom = left - _borne(objective, information / held[..., np.newaxis, np.newaxis] ** 2)
        freedom = np.where(freedom > NO_FREEDOM * np.maximum(left, 1.0), freedom, 0.0)
        sigma = _scatter(objective, costs, freedom)
        # Of one block alone the share of the parameters does not depend on its noise.
        if not objective.weighs_noise or np.allclose(sigma, held, rtol=SETTLED_RTOL, atol=0.0):
            break
    return Noise(sigma, freedom)


def _scatter(objective: Objective, costs: Costs, freedom: Floats) -> Floats:
    # Without freedom any number will do: there is nothing to judge by (`facts`).
    sigma = np.sqrt(costs.squares / np.where(freedom > 0, freedom, 1.0))
    return np.where(objective.is_noise_given, 1.0, np.maximum(sigma, objective.noise_floor))


def _borne(objective: Objective, weighted: Floats) -> Floats:
    """Return how many parameters each block bears; what priors bear is left out."""
    total = weighted.sum(axis=1) + objective.prior_slope.T @ objective.prior_slope
    scale = np.sqrt(np.einsum("lii->li", total))
    scale = np.where(scale > 0, scale, 1.0)
    square = scale[:, :, np.newaxis] * scale[:, np.newaxis]
    values, vectors = np.linalg.eigh(total / square)
    is_kept = values > DEPENDENT_RTOL * values[:, -1:]
    shrunk = vectors / np.where(is_kept, values, np.inf)[:, np.newaxis]
    inverse = shrunk @ np.swapaxes(vectors, 1, 2) / square
    return np.asarray(np.einsum("lij,lbji->lb", inverse, weighted))


def deviance(objective: Objective, parameters: Floats, costs: Costs) -> Floats:
    """Return -2 ln L of each lane up to a constant, infinite where unsolved; noise not given is at its best."""
    floor = np.maximum(objective.n_values * objective.noise_floor**2, np.finfo(float).tiny)
    estimated = objective.n_values * np.log(np.maximum(costs.squares, floor))
    per_block = np.where(objective.is_noise_given, costs.squares, estimated)
    total = per_block.sum(axis=1) + objective.prior_cost(parameters)
    return np.where(costs.is_solved & np.isfinite(total), total, np.inf)

"""What comes back from the solver: plain arrays, one row per point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Derivatives", "Solution"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """Equilibria of a batch.

    Attributes
    ----------
    x : ndarray, shape (n_points, n_components)
        ln activity of each component; -inf where absent, NaN where nothing was found.
    ln_c : ndarray, shape (n_points, n_species)
        ln concentration [mol/L] of each solution species; -inf where absent.
    occupancy : ndarray, shape (n_points, n_terms)
        Mean count of each host term per particle, terms in the order of the weights; 0 for absent hosts.
    status : ndarray of int8, shape (n_points,)
        `Status` of each point, 0 where solved.
    error : ndarray, shape (n_points,)
        Estimated largest ``|d ln c|`` by rounding, over all species.
    n_passes : ndarray of int32, shape (n_points,)
        Evaluations of the network that each point took.
    reason : ndarray of int16, shape (n_points,)
        Index into `reasons`; 0 for points without any.
    reasons : tuple of str
        Why points cannot be solved, in words; ``reasons[0]`` is empty.
    outputs : ndarray, shape (n_points, n_outputs)
        The memory behind `x`, `ln_c` and `occupancy`, with what a warm start needs besides.
    ln_weight : ndarray, shape (1 or n_points, n_weights)
        The weights it was solved with.
    """

    x: Floats
    ln_c: Floats
    occupancy: Floats
    status: NDArray[np.int8]
    error: Floats
    n_passes: NDArray[np.int32]
    reason: NDArray[np.int16]
    reasons: tuple[str, ...]
    outputs: Floats
    ln_weight: Floats

    @property
    def is_solved(self) -> bool:
        """Whether every point is solved."""
        return not self.status.any()


@dataclass(frozen=True, kw_only=True, eq=False)
class Derivatives:
    """Derivatives of a solution; rows of what is absent are 0.

    Attributes
    ----------
    ln_c_theta, occupancy_theta : ndarray, shapes (n_points, n_species, n_theta) and (n_points, n_terms, n_theta)
        With respect to theta, on which ln weights depend linearly.
    ln_c_totals, occupancy_totals : ndarray, last axis n_components
        With respect to the components' totals [L/mol].
    ln_c_hosts, occupancy_hosts : ndarray, last axis n_hosts
        With respect to the hosts' totals [L/mol].
    """

    ln_c_theta: Floats
    ln_c_totals: Floats
    ln_c_hosts: Floats
    occupancy_theta: Floats
    occupancy_totals: Floats
    occupancy_hosts: Floats

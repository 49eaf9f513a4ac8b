"""The repeated call of a fit: what is in the flask is fixed, the constants change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.network.speciation import Speciation
from surfacechem.numerics.batch import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.audit import Audit
    from surfacechem.numerics.solution import Derivatives, Solution
    from surfacechem.symbolic.lower import Lowered

__all__ = ["Bound"]


class Bound:
    """A network with the contents of the flask fixed; made by `Network.bind`.

    Totals, the absent and the host of every term are settled here once, so that `solve` costs little.
    """

    def __init__(self, lowered: Lowered, amounts: NDArray[np.float64]) -> None:
        self._lowered = lowered
        self._totals = amounts @ lowered.feed_totals
        self._host_totals = amounts @ lowered.feed_hosts
        self._batch = prepare(lowered.problem, self._totals, self._host_totals)
        self._particles = self._host_totals[:, lowered.host_of_term]  # (n_points, n_terms)
        self._n_species = len(lowered.problem.nu)

    def solve(self, theta: NDArray[np.float64], *, derivatives: bool = False) -> Speciation:
        """Return the equilibria for one set of constants, or one set per point.

        Parameters
        ----------
        theta : ndarray, shape (n_constants,) or (n_points, n_constants)
            ln K in mol/L based units, in the order of `Network.constants`.
        derivatives : bool
            Whether to add the derivatives.

        Returns
        -------
        Speciation
            With a status per point; a hard point raises nothing.
        """
        lowered = self._lowered
        ln_weight = theta @ lowered.weight_matrix.T + lowered.weight_offset
        solution = self._batch.solve(ln_weight)
        concentration = np.empty((len(self._totals), len(lowered.entities)))
        np.exp(solution.ln_c, out=concentration[:, : self._n_species])
        np.matmul(self._particles * solution.occupancy, lowered.gather, out=concentration[:, self._n_species :])
        slopes = (None, None)
        if derivatives:
            slopes = self._differentiate(
                solution, concentration, self._batch.derivatives(solution, lowered.weight_matrix)
            )
        return Speciation(
            entities=lowered.entities,
            feeds=lowered.feeds,
            constants=lowered.constants,
            concentration=concentration,
            status=solution.status,
            d_ln_constants=slopes[0],
            d_amounts=slopes[1],
            solution=solution,
        )

    def audit(self, speciation: Speciation) -> Audit:
        """Check a speciation of these points against mass action and balances (see `numerics.audit`)."""
        from surfacechem.numerics.audit import audit

        return audit(
            self._lowered.problem,
            self._totals,
            self._host_totals,
            speciation.solution,
            ln_weight=speciation.solution.ln_weight,
        )

    def _differentiate(
        self, solution: Solution, concentration: NDArray[np.float64], slopes: Derivatives
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return derivatives of concentrations with respect to ln K and amounts, in the names' order."""
        lowered, n_species = self._lowered, self._n_species
        dissolved = concentration[:, :n_species, np.newaxis]
        particles = self._particles[:, :, np.newaxis]
        shape = concentration.shape
        by_constant = np.empty((*shape, len(lowered.constants)))
        by_constant[:, :n_species] = dissolved * slopes.ln_c_theta
        by_constant[:, n_species:] = lowered.gather.T @ (particles * slopes.occupancy_theta)
        by_amount = np.empty((*shape, len(lowered.feeds)))
        by_amount[:, :n_species] = dissolved * (
            slopes.ln_c_totals @ lowered.feed_totals.T + slopes.ln_c_hosts @ lowered.feed_hosts.T
        )
        moved = particles * (
            slopes.occupancy_totals @ lowered.feed_totals.T + slopes.occupancy_hosts @ lowered.feed_hosts.T
        )
        moved += solution.occupancy[:, :, np.newaxis] * lowered.feed_hosts[:, lowered.host_of_term].T
        by_amount[:, n_species:] = lowered.gather.T @ moved
        return by_constant, by_amount

"""The repeated call of a fit: what is in the flask is fixed, the constants change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.network.speciation import Speciation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics import Audit, Solution
    from surfacechem.symbolic.lower import Lowered

__all__ = ["Bound"]


class Bound:
    """A network with the contents of the flask fixed; made by `Network.bind`.

    Totals, the absent and the host of every term are settled here once, so that `solve` costs little.
    """

    def __init__(self, lowered: Lowered, amounts: NDArray[np.float64]) -> None:
        from surfacechem.numerics import prepare  # brings the compiler, which reading a model does without

        self._lowered = lowered
        self._totals = amounts @ lowered.feed_totals
        self._host_totals = amounts @ lowered.feed_hosts
        self._batch = prepare(lowered.problem, self._totals, self._host_totals)
        self._particles = self._host_totals[:, lowered.host_of_term]  # (n_points, n_terms)
        self._particles_fed = lowered.feed_hosts.T[lowered.host_of_term]  # (n_terms, n_feeds)
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
        if lowered.host_of_term.size:
            np.matmul(self._particles * solution.occupancy, lowered.gather, out=concentration[:, self._n_species :])
        by_constant, by_amount = self._differentiate(solution, concentration) if derivatives else (None, None)
        return Speciation(
            entities=lowered.entities,
            feeds=lowered.feeds,
            constants=lowered.constants,
            concentration=concentration,
            status=solution.status,
            d_ln_constants=by_constant,
            d_amounts=by_amount,
            solution=solution,
        )

    def audit(self, speciation: Speciation) -> Audit:
        """Check a speciation of these points against mass action and balances (see `numerics.audit`)."""
        from surfacechem.numerics import audit

        return audit(
            self._lowered.problem,
            self._totals,
            self._host_totals,
            speciation.solution,
            ln_weight=speciation.solution.ln_weight,
        )

    def _differentiate(
        self, solution: Solution, concentration: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return derivatives of concentrations with respect to ln K and amounts, in the names' order."""
        lowered, n_species = self._lowered, self._n_species
        slopes = self._batch.derivatives(solution, lowered.weight_matrix)
        by_constant = np.empty((*concentration.shape, len(lowered.constants)))
        by_amount = np.empty((*concentration.shape, len(lowered.feeds)))
        dissolved = concentration[:, :n_species, np.newaxis]
        np.multiply(dissolved, slopes.ln_c_theta, out=by_constant[:, :n_species])
        moved = _mix(slopes.ln_c_totals, lowered.feed_totals) + _mix(slopes.ln_c_hosts, lowered.feed_hosts)
        np.multiply(dissolved, moved, out=by_amount[:, :n_species])
        if lowered.host_of_term.size:
            particles = self._particles[:, :, np.newaxis]
            by_constant[:, n_species:] = lowered.gather.T @ (particles * slopes.occupancy_theta)
            moved = _mix(slopes.occupancy_totals, lowered.feed_totals)
            moved += _mix(slopes.occupancy_hosts, lowered.feed_hosts)
            moved *= particles
            moved += solution.occupancy[:, :, np.newaxis] * self._particles_fed
            by_amount[:, n_species:] = lowered.gather.T @ moved
        return by_constant, by_amount


def _mix(slopes: NDArray[np.float64], brought: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return derivatives by feed from those by total: one product, not one per point.

    Parameters
    ----------
    slopes : ndarray, shape (n_points, n_rows, n_totals)
        Derivatives with respect to totals.
    brought : ndarray, shape (n_feeds, n_totals)
        What one of each feed brings.
    """
    n_points, n_rows, n_totals = slopes.shape
    return (slopes.reshape(n_points * n_rows, n_totals) @ brought.T).reshape(n_points, n_rows, len(brought))

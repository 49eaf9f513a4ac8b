"""The repeated call of a fit: what is in the flask is fixed, the constants change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import ModelError
from surfacechem.network.mean_field import Branches, MeanFieldFlask
from surfacechem.network.speciation import Speciation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.network.mean_field import Roots
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
        field = lowered.mean_field
        self._sites = np.zeros(len(amounts)) if field is None else field.n_sites * amounts[:, field.feed]
        self._flask = (
            None
            if field is None
            else MeanFieldFlask(lowered, field, totals=self._totals, host_totals=self._host_totals, sites=self._sites)
        )

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
        n_branches, coverage = None, np.zeros(0)
        if self._flask is not None:
            roots = self._roots(self._flask, theta)
            n_branches = np.bincount(roots.point, minlength=len(self._totals))
            coverage = np.zeros(len(self._totals))
            # Roots stand in order of their free energy: the stable one is written last.
            coverage[roots.point[::-1]] = roots.coverage[::-1]
            ln_weight = self._flask.raised(ln_weight, coverage * self._ln_coupling(theta))
        solution = self._batch.solve(ln_weight)
        concentration = np.empty((len(self._totals), len(lowered.entities)))
        np.exp(solution.ln_c, out=concentration[:, : self._n_species])
        if lowered.host_of_term.size:
            np.matmul(self._particles * solution.occupancy, lowered.gather, out=concentration[:, self._n_species :])
        by_constant, by_amount = None, None
        if derivatives and lowered.mean_field is None:
            by_constant, by_amount = self._differentiate(solution, concentration, lowered.weight_matrix)
        elif derivatives:
            by_constant, by_amount = self._differentiate_field(solution, concentration, coverage, theta)
        return Speciation(
            entities=lowered.entities,
            feeds=lowered.feeds,
            constants=lowered.constants,
            concentration=concentration,
            status=solution.status,
            d_ln_constants=by_constant,
            d_amounts=by_amount,
            n_branches=n_branches,
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

    def branches(self, theta: NDArray[np.float64]) -> Branches:
        """Return all branches of a model with a mean field, the stable one first.

        Raises
        ------
        ModelError
            When the model has no mean field.
        """
        field = self._lowered.mean_field
        if field is None or self._flask is None:
            raise ModelError(
                "branches",
                found="a model without mean field",
                allowed="sites in a mean field with a coupling w: every other model has exactly one answer",
                advice="write site In on InP37 : 51 native O2CR ; mean field, and w = 15 kJ/mol on the reaction",
            )
        roots = self._roots(self._flask, theta)
        n_branches = np.bincount(roots.point, minlength=len(self._totals))
        place = np.arange(len(roots.point)) - np.concatenate([[0], np.cumsum(n_branches)])[roots.point]
        coverage = np.full((len(self._totals), max(1, int(n_branches.max(initial=1)))), np.nan)
        energy = coverage.copy()
        coverage[roots.point, place] = roots.coverage
        energy[roots.point, place] = roots.free_energy / self._sites[roots.point]
        return Branches(
            state=self._lowered.entities[field.entity],
            coverage=coverage,
            free_energy=energy - energy[:, :1],
            n_branches=n_branches,
        )

    def _roots(self, flask: MeanFieldFlask, theta: NDArray[np.float64]) -> Roots:
        ln_weight = np.atleast_2d(theta @ self._lowered.weight_matrix.T + self._lowered.weight_offset)
        n_points = len(self._totals)
        weights = np.broadcast_to(ln_weight, (n_points, ln_weight.shape[1]))
        return flask.roots(weights, np.broadcast_to(self._ln_coupling(theta), n_points))

    def _ln_coupling(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ln W, shape () or (n_points,)."""
        field = self._lowered.mean_field
        number = 0 if field is None else field.coupling
        return np.asarray(theta @ self._lowered.constant_matrix[number] + self._lowered.constant_offset[number])

    def _differentiate_field(
        self,
        solution: Solution,
        concentration: NDArray[np.float64],
        coverage: NDArray[np.float64],
        theta: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return derivatives at the root of theta(s) = s.

        The weight of the coupled state is ``k + s ln W``, so ``dc = c_k (s dln W + ln W ds) + ...``; ds follows
        from ``s P N = [state]``.
        """
        lowered, field = self._lowered, self._lowered.mean_field
        if field is None:
            return np.zeros(0), np.zeros(0)
        raising = np.zeros((len(lowered.weight_offset), 1))
        raising[list(field.weights)] = 1.0
        by_all, by_amount = self._differentiate(solution, concentration, np.hstack([lowered.weight_matrix, raising]))
        by_constant, by_weight = by_all[..., :-1], by_all[..., -1:]
        by_constant = (
            by_constant + coverage[:, np.newaxis, np.newaxis] * by_weight * lowered.constant_matrix[field.coupling]
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            sites = np.where(self._sites > 0, self._sites, np.inf)[:, np.newaxis]
            by_coverage = by_weight * np.broadcast_to(self._ln_coupling(theta), len(sites))[:, np.newaxis, np.newaxis]
            stiffness = 1.0 - by_coverage[:, field.entity] / sites
            s_constant = by_constant[:, field.entity] / sites / stiffness
            drawn = by_amount[:, field.entity].copy()
            drawn[:, field.feed] -= coverage * field.n_sites
            s_amount = drawn / sites / stiffness
        return by_constant + by_coverage * s_constant[:, np.newaxis], by_amount + by_coverage * s_amount[:, np.newaxis]

    def _differentiate(
        self, solution: Solution, concentration: NDArray[np.float64], weight_matrix: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return derivatives of concentrations with respect to ln K and amounts, in the names' order."""
        lowered, n_species = self._lowered, self._n_species
        slopes = self._batch.derivatives(solution, weight_matrix)
        by_constant = np.empty((*concentration.shape, weight_matrix.shape[1]))
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

"""The repeated call of a fit: what is in the flask is fixed, the constants change."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import ModelError
from surfacechem.network.mean_field import Branches, MeanFieldFlask
from surfacechem.network.speciation import Speciation
from surfacechem.numerics.slopes import NO_DIRECTIONS, Directions
from surfacechem.numerics.status import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.network.fields import Fields
    from surfacechem.network.readouts import Readout
    from surfacechem.numerics import Audit, Solution
    from surfacechem.symbolic.lower import Lowered

__all__ = ["Bound"]

NO_VALUES = np.zeros(0, dtype=np.intp)


class Bound:
    """A network with the contents of the flask fixed; made by `Network.bind`.

    Totals, the absent and the host of every term are settled here once, so that `solve` costs little.
    """

    def __init__(
        self,
        lowered: Lowered,
        amounts: NDArray[np.float64],
        *,
        readouts: tuple[Readout, ...] = (),
        parts: NDArray[np.float64] | None = None,
        values: NDArray[np.intp] = NO_VALUES,
    ) -> None:
        from surfacechem.numerics import prepare  # brings the compiler, which reading a model does without
        from surfacechem.numerics.response import Response

        self._lowered = lowered
        self._readouts = readouts
        self._parts = np.zeros((len(lowered.host_of_term), 0)) if parts is None else parts
        self._values = values
        self._n_entities = len(lowered.entities)
        self._totals = amounts @ lowered.feed_totals
        self._host_totals = amounts @ lowered.feed_hosts
        self._batch = prepare(lowered.problem, self._totals, self._host_totals)
        self._particles = self._host_totals[:, lowered.host_of_term]  # (n_points, n_terms)
        self._particles_fed = lowered.feed_hosts.T[lowered.host_of_term]  # (n_terms, n_feeds)
        self._n_species = len(lowered.problem.nu)
        self._flask = (
            MeanFieldFlask(lowered, totals=self._totals, host_totals=self._host_totals) if lowered.mean_fields else None
        )
        n_weights = len(lowered.weight_offset)
        raising = np.zeros((n_weights, 0)) if self._flask is None else self._flask.fields.raising
        self._directions = _list_directions(lowered, raising)
        self._response = Response(lowered.problem) if lowered.neighbourhoods else None

    def tiled(self, n_lanes: int) -> Bound:
        """Return the same flasks bound so many times over, one set after the other; little is settled again."""
        tables = self._totals, self._host_totals, self._particles
        totals, host_totals, particles = (np.tile(each, (n_lanes, 1)) for each in tables)
        is_field = self._flask is not None
        other = copy(self)
        vars(other).update(
            _totals=totals,
            _host_totals=host_totals,
            _particles=particles,
            _batch=self._batch.tiled(n_lanes),
            _flask=MeanFieldFlask(self._lowered, totals=totals, host_totals=host_totals) if is_field else None,
        )
        return other

    def solve(
        self, theta: NDArray[np.float64], *, derivatives: bool = False, start: Solution | None = None
    ) -> Speciation:
        """Return the equilibria for one set of constants, or one set per point.

        Parameters
        ----------
        theta : ndarray, shape (n_constants,) or (n_points, n_constants)
            ln K in mol/L based units, in the order of `Network.constants`.
        derivatives : bool
            Whether to add the derivatives.
        start : Solution, optional
            Of these points with other constants, `Speciation.solution`: the iteration starts there and takes about half
            the passes where constants have moved little.

        Returns
        -------
        Speciation
            With a status per point; a hard point raises nothing.
        """
        lowered = self._lowered
        ln_weight = self._weigh(theta)
        roots, coverage = None, np.zeros((0, 0))
        if self._flask is not None:
            roots = self._flask.stable(*self._by_point(theta, ln_weight))
            coverage = roots.coverage[:, 0]
            ln_weight = self._raised(self._flask.fields, theta, ln_weight, coverage)
        solution, slopes = self._batch.solve_along(self._directions if derivatives else NO_DIRECTIONS, ln_weight, start)
        status = solution.status
        if roots is not None:
            is_lost = ~roots.is_sure & np.isfinite(theta).all(axis=-1)
            status = np.where(is_lost, Status.UNSOLVED, status).astype(np.int8)
        n_read = self._n_entities + len(self._readouts)
        n_seen = n_read + self._parts.shape[1]
        seen = np.empty((len(self._totals), n_seen + len(self._values)))
        np.exp(solution.ln_c, out=seen[:, : self._n_species])
        if lowered.host_of_term.size:
            held = seen[:, self._n_species : self._n_entities]
            np.matmul(self._particles * solution.occupancy, lowered.gather, out=held)
        for column, readout in enumerate(self._readouts, start=self._n_entities):
            seen[:, column] = self._host_totals[:, readout.host] * readout.mean(solution.occupancy, theta)
        if n_seen > n_read:
            np.matmul(self._particles * solution.occupancy, self._parts, out=seen[:, n_read:n_seen])
        if len(self._values):
            seen[:, n_seen:] = np.exp(theta[..., self._values])
        by_constant, by_amount = None, None
        if derivatives:
            slopes = self._differentiate_gains(solution, slopes, theta)
            moved = self._chain(solution, seen, slopes, theta)
            if roots is not None:
                moved = self._differentiate_fields(solution, slopes, moved, coverage, theta)
            by_constant, _, by_amount = self._split(moved)
        return Speciation(
            entities=lowered.entities,
            feeds=lowered.feeds,
            constants=lowered.constants,
            seen=seen,
            status=status,
            d_seen_constants=by_constant,
            d_seen_amounts=by_amount,
            n_branches=None if roots is None else roots.n_branches,
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
        if self._flask is None:
            raise ModelError(
                "branches",
                found="a model without mean field",
                allowed="sites in a mean field with a coupling w: every other model has exactly one answer",
                advice="write site In on InP37 : 51 native O2CR ; mean field, and w = 15 kJ/mol on the reaction",
            )
        ln_weight = self._weigh(theta)
        roots = self._flask.all(*self._by_point(theta, ln_weight))
        return Branches(
            states=self._flask.fields.names,
            coverage=roots.coverage,
            free_energy=roots.free_energy - roots.free_energy[:, :1],
            n_branches=roots.n_branches,
        )

    def _weigh(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ln of all weights without mean fields, for one theta or one at each point."""
        lowered = self._lowered
        ln_weight = theta @ lowered.weight_matrix.T + lowered.weight_offset
        return ln_weight + lowered.gains(theta) if lowered.neighbourhoods else ln_weight

    def _differentiate_gains(
        self, solution: Solution, slopes: NDArray[np.float64], theta: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return slopes along constants, raises and feeds, with what constants do to the weights of neighbours.

        Weights move counts at fixed activities; what the balances then lack moves the activities as totals do.
        """
        if self._response is None:
            return slopes
        lowered, n_feeds = self._lowered, len(self._lowered.feeds)
        last = slopes.shape[2] - n_feeds
        by_total = slopes[:, :, last - lowered.feed_totals.shape[1] : last]
        kept = np.delete(slopes, np.arange(last - by_total.shape[2], last), axis=2)
        constants = np.flatnonzero(
            lowered.constant_matrix[sorted({c for each in lowered.neighbourhoods for c in each.couplings})].any(axis=0)
        )
        change = lowered.gain_slopes(theta)[..., self._n_species :, constants]
        change = np.broadcast_to(change, (len(slopes), *change.shape[-2:]))
        moved = self._response.follow(solution.occupancy, change)
        held = np.einsum("pt,ptd,ti->pid", self._particles, moved, self._response.content)
        kept[:, :, constants] -= by_total @ held
        kept[:, self._n_species :, constants] += moved
        return kept

    def _by_point(self, *rows: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return one row for each point of what may be given once for all."""
        n_points = len(self._totals)
        return [np.broadcast_to(np.atleast_2d(row), (n_points, np.shape(row)[-1])) for row in rows]

    def _raised(
        self, fields: Fields, theta: NDArray[np.float64], ln_weight: NDArray[np.float64], coverage: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the ln weights at held coverages."""
        theta, ln_weight = self._by_point(theta, ln_weight)
        return np.asarray(ln_weight + fields.raises(fields.couplings(theta), coverage) @ fields.raising.T)

    def _differentiate_fields(
        self,
        solution: Solution,
        slopes: NDArray[np.float64],
        by_direction: NDArray[np.float64],
        coverage: NDArray[np.float64],
        theta: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return derivatives at the root of F(coverage) = coverage, by the implicit function theorem.

        All that constants and amounts do at held coverages moves the coverages by ``(1 - dF)^-1`` of what it does to
        F, and they move the weights.
        """
        if self._flask is None:
            return by_direction
        fields, (theta,) = self._flask.fields, self._by_point(theta)
        explicit = fields.raise_slopes_theta(coverage)
        feedback = fields.raise_slopes(fields.couplings(theta), coverage)
        covered = fields.coverage_slopes(solution, slopes[:, self._n_species :])
        by_constant, by_raise, by_amount = self._split(by_direction)
        covered_constant, covered_raise, covered_amount = self._split(covered)
        stiffness = np.eye(len(fields.names)) - covered_raise @ feedback
        stiffness[np.isnan(stiffness).any(axis=(1, 2))] = 0.0  # points without an answer
        is_regular = np.abs(np.linalg.det(stiffness)) > np.finfo(float).tiny
        stiffness[~is_regular] = np.nan  # at a spinodal nothing has a slope
        driven = np.concatenate([covered_constant + covered_raise @ explicit, covered_amount], axis=2)
        at_held = np.concatenate([by_constant + by_raise @ explicit, by_amount], axis=2)
        return np.asarray(at_held + by_raise @ feedback @ np.linalg.solve(stiffness, driven))

    def _split(self, by_direction: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return what belongs to constants, to raised weights and to feeds."""
        first, last = len(self._lowered.constants), by_direction.shape[2] - len(self._lowered.feeds)
        return [by_direction[..., :first], by_direction[..., first:last], by_direction[..., last:]]

    def _chain(
        self,
        solution: Solution,
        seen: NDArray[np.float64],
        slopes: NDArray[np.float64],
        theta: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return derivatives of what is seen along all directions, in the names' order."""
        lowered, n_species = self._lowered, self._n_species
        by_direction = np.empty((*seen.shape, slopes.shape[2]))
        dissolved = seen[:, :n_species, np.newaxis]
        np.multiply(dissolved, slopes[:, :n_species], out=by_direction[:, :n_species])
        if lowered.host_of_term.size:
            moved = self._particles[:, :, np.newaxis] * slopes[:, n_species:]
            moved[..., -len(lowered.feeds) :] += solution.occupancy[:, :, np.newaxis] * self._particles_fed
            np.matmul(lowered.gather.T, moved, out=by_direction[:, n_species : self._n_entities])
            if self._parts.shape[1]:
                first = self._n_entities + len(self._readouts)
                by_direction[:, first : first + self._parts.shape[1]] = self._parts.T @ moved
        for column, readout in enumerate(self._readouts, start=self._n_entities):
            mean, along, by_constant = readout.differentiate(solution.occupancy, slopes[:, n_species:], theta)
            for constant, moved in by_constant.items():
                along[:, constant] += moved
            along *= self._host_totals[:, readout.host, np.newaxis]
            along[:, -len(lowered.feeds) :] += np.outer(mean, lowered.feed_hosts[:, readout.host])
            by_direction[:, column] = along
        if len(self._values):
            places = np.arange(seen.shape[1] - len(self._values), seen.shape[1])
            by_direction[:, places] = 0.0
            by_direction[:, places, self._values] = seen[:, places]
        return by_direction


def _list_directions(lowered: Lowered, raising: NDArray[np.float64]) -> Directions:
    """Return the changes of weights by each constant and by each raise, and those of totals by each feed.

    Where weights depend on couplings of neighbours, each total comes as well, before the feeds.
    """
    n_components, n_hosts = lowered.feed_totals.shape[1], lowered.feed_hosts.shape[1]
    totals = np.eye(n_components) if lowered.neighbourhoods else np.zeros((0, n_components))
    n_constants, n_raised = lowered.weight_matrix.shape[1], raising.shape[1]
    n_weighted, n_fed = n_constants + n_raised, len(lowered.feeds)
    by_weight = np.zeros((n_weighted + len(totals) + n_fed, len(raising)))
    by_weight[:n_constants], by_weight[n_constants:n_weighted] = lowered.weight_matrix.T, raising.T
    by_source = np.zeros((len(by_weight), n_components + n_hosts))
    by_source[n_weighted:-n_fed, :n_components] = totals
    by_source[-n_fed:, :n_components], by_source[-n_fed:, n_components:] = lowered.feed_totals, lowered.feed_hosts
    return Directions(by_weight, by_source)

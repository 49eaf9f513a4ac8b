"""Sites that feel the average of all others: every root, ordered by free energy.

In a mean field (Fowler, Frumkin) the constant of a state is K W^theta, with its own coverage theta. For a coverage s
that is held, everything else is an ordinary convex equilibrium and gives back a coverage theta(s); an answer is a root
of theta(s) - s. Above w = 4RT there may be three. All are found on a grid and refined; the free energy

    A(s) = max_x [T x - sum c - sum P ln Z] + P N ln W s^2 / 2     (in units of RT per litre)

is stationary at each of them, because dA/ds = P N ln W (s - theta(s)), and smallest at the stable one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from surfacechem.numerics import Batch, Solution, Term
    from surfacechem.symbolic.lower import Lowered, MeanField

    Floats = NDArray[np.float64]

__all__ = ["Branches", "MeanFieldFlask", "Roots"]

LEAST_GRID: Final = 65
GRID_PER_LN_W: Final = 8
"""Points of the grid per unit of ln W: within one cell the map theta(s) bends too little for two more roots."""
MOST_GRID: Final = 1025
CRITICAL_LN_W: Final = 4.0
"""ln W up to which independent sites in a mean field have one root: theta (1 - theta) is at most 1/4."""
COVERAGE_ATOL: Final = 1e-12
"""Error of a root, and of the coverage that comes back from it; the solver's own is about 1e-13."""
MOST_BATCHES: Final = 8
"""Bound sets of points that are kept for the next constants of a fit."""
MOST_REFINEMENTS: Final = 100
HALVING: Final = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Roots:
    """All self-consistent coverages.

    Attributes
    ----------
    point : ndarray of int, shape (n_roots,)
        Point that each root belongs to; stable ones come first within a point.
    coverage : ndarray, shape (n_roots,)
        Share of the sites in the coupled state.
    free_energy : ndarray, shape (n_roots,)
        A above, in RT mol/L.
    """

    point: NDArray[np.intp]
    coverage: Floats
    free_energy: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Branches:
    """Coverages of a mean field, one row per point, the stable one first.

    Attributes
    ----------
    state : str
        The coupled state.
    coverage : ndarray, shape (n_points, n_most)
        Self-consistent coverages, NaN where a point has fewer.
    free_energy : ndarray, shape (n_points, n_most)
        Free energy per site over that of the stable branch, in RT.
    n_branches : ndarray of int, shape (n_points,)
        How many roots each point has.
    """

    state: str
    coverage: Floats
    free_energy: Floats
    n_branches: NDArray[np.intp]

    @property
    def is_unique(self) -> bool:
        """Whether no point has more than one branch."""
        return bool((self.n_branches <= 1).all())

    def __str__(self) -> str:
        """Say in words how many branches there are."""
        several = int((self.n_branches > 1).sum())
        if not several:
            return f"one branch of {self.state} at each of {len(self.n_branches)} points"
        return (
            f"more than one branch of {self.state} at {several} of {len(self.n_branches)} points: the first column is "
            "the stable one, the last the barrier between them; a real flask may stay on either outer one"
        )


class MeanFieldFlask:
    """Finds the roots for one set of amounts.

    Parameters
    ----------
    lowered : Lowered
        A system with a mean field.
    mean_field : MeanField
        Its coupled state.
    totals, host_totals : ndarray, shapes (n_points, n_components) and (n_points, n_hosts)
        What is in the flask at each point [mol/L].
    sites : ndarray, shape (n_points,)
        Sites in the mean field [mol/L].
    """

    def __init__(
        self, lowered: Lowered, mean_field: MeanField, *, totals: Floats, host_totals: Floats, sites: Floats
    ) -> None:
        self._lowered, self._n_sites, self._sites = lowered, mean_field.n_sites, sites
        self._totals, self._host_totals = totals, host_totals
        self._weights = list(mean_field.weights)
        self._terms = [weight - len(lowered.problem.nu) for weight in mean_field.weights]
        self._is_plain = mean_field.is_plain
        self._batches: dict[bytes, Batch] = {}

    def raised(self, ln_weight: Floats, shift: Floats) -> Floats:
        """Return ln weights, shape (n, n_weights), with those of the coupled state raised by `shift`."""
        weights = np.array(np.broadcast_to(ln_weight, (len(shift), ln_weight.shape[-1])))
        weights[:, self._weights] += shift[:, np.newaxis]
        return weights

    def coverage_of(self, solution: Solution) -> Floats:
        """Return the share of sites in the coupled state."""
        return np.asarray(solution.occupancy[:, self._terms].sum(axis=1) / self._n_sites)

    def roots(self, ln_weight: Floats, ln_coupling: Floats) -> Roots:
        """Return all roots.

        Parameters
        ----------
        ln_weight : ndarray, shape (n_points, n_weights)
            ln weights without coupling.
        ln_coupling : ndarray, shape (n_points,)
            ln W.
        """
        present = np.flatnonzero(self._sites > 0)
        grid = self._grid(float(ln_coupling[present].max(initial=0.0)))
        is_above = np.zeros((len(present), len(grid)), dtype=bool)
        if len(grid) > len("ab"):
            tiled = np.repeat(present, len(grid))
            excess = self._map(tiled, ln_weight, ln_coupling)
            is_above = excess(np.tile(grid, len(present))).reshape(-1, len(grid)) > 0
        # theta(0) >= 0 and theta(1) <= 1, so the ends bracket at least one root.
        is_above[:, 0], is_above[:, -1] = True, False
        row, cell = np.nonzero(is_above[:, 1:] != is_above[:, :-1])
        point = present[row]
        sign = np.where(is_above[row, cell], 1.0, -1.0)
        refined = self._map(point, ln_weight, ln_coupling)
        coverage = _refine(lambda s: sign * refined(s), grid[cell], grid[cell + 1])
        energy = self._free_energy(point, coverage, ln_weight, ln_coupling)
        order = np.lexsort((energy, point))
        return Roots(point=point[order], coverage=coverage[order], free_energy=energy[order])

    def _grid(self, ln_coupling: float) -> Floats:
        """Return coverages that separate the roots: the ends alone where the slope of theta(s) stays below 1."""
        if self._is_plain and ln_coupling <= CRITICAL_LN_W:
            return np.array([0.0, 1.0])
        return np.linspace(0.0, 1.0, int(min(max(LEAST_GRID, GRID_PER_LN_W * ln_coupling), MOST_GRID)))

    def _map(self, point: NDArray[np.intp], ln_weight: Floats, ln_coupling: Floats) -> Callable[[Floats], Floats]:
        """Return the function s -> theta(s) - s of some points."""
        batch = self._bind(point)
        weights, slope = ln_weight[point], ln_coupling[point]

        def excess(coverage: Floats) -> Floats:
            return self.coverage_of(batch.solve(self.raised(weights, coverage * slope))) - coverage

        return excess

    def _bind(self, point: NDArray[np.intp]) -> Batch:
        """Return some points bound to the solver, from the last calls where they were the same."""
        from surfacechem.numerics import prepare  # brings the compiler

        key = point.tobytes()
        if key not in self._batches:
            if len(self._batches) >= MOST_BATCHES:
                self._batches.clear()
            self._batches[key] = prepare(self._lowered.problem, self._totals[point], self._host_totals[point])
        return self._batches[key]

    def _free_energy(self, point: NDArray[np.intp], coverage: Floats, ln_weight: Floats, ln_coupling: Floats) -> Floats:
        totals, particles = self._totals[point], self._host_totals[point]
        weights = self.raised(ln_weight[point], coverage * ln_coupling[point])
        solution = self._bind(point).solve(weights)
        is_there = totals != 0
        energy = np.where(is_there, totals * np.where(is_there, solution.x, 0.0), 0.0).sum(axis=1)
        energy -= np.exp(solution.ln_c).sum(axis=1)
        number = len(self._lowered.problem.nu)
        for host, total in zip(self._lowered.problem.hosts, particles.T, strict=True):
            ln_z, number = _ln_sum(host.terms, solution.x, weights, number)
            energy -= np.where(total > 0, total * ln_z, 0.0)
        return np.asarray(energy + 0.5 * self._sites[point] * ln_coupling[point] * coverage**2)


def _refine(excess: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return the root of a falling function in each bracket: false position (Illinois), every fourth step halves."""
    at_low, at_high, side = excess(low), excess(high), np.zeros(len(low))
    for turn in range(MOST_REFINEMENTS):
        with np.errstate(invalid="ignore", divide="ignore"):
            secant = high - at_high * (high - low) / (at_high - at_low)
        is_inside = (secant > low) & (secant < high) & bool((turn + 1) % HALVING)
        tried = np.where(is_inside, secant, 0.5 * (low + high))
        value = excess(tried)
        is_left = value > 0
        low, high = np.where(is_left, tried, low), np.where(is_left, high, tried)
        at_low = np.where(is_left, value, np.where(side < 0, 0.5 * at_low, at_low))
        at_high = np.where(is_left, np.where(side > 0, 0.5 * at_high, at_high), value)
        side = np.where(is_left, 1.0, -1.0)
        if np.all((high - low <= COVERAGE_ATOL) | (np.abs(value) <= COVERAGE_ATOL)):
            return np.asarray(tried)
    return 0.5 * (low + high)


def _ln_sum(terms: tuple[Term, ...], x: Floats, ln_weight: Floats, number: int) -> tuple[Floats, int]:
    """Return ln of a sum over states at each point, and the number of the next weight."""
    total = np.full(len(x), -np.inf)
    for term in terms:
        held = term.nu != 0
        value = ln_weight[:, number] + x[:, held] @ term.nu[held]
        number += 1
        for factor in term.factors:
            inner, number = _ln_sum(factor.terms, x, ln_weight, number)
            value = value + factor.count * inner
        total = np.logaddexp(total, value)
    return total, number

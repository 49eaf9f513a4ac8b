"""Sites that feel the average of all others: every answer, ordered by free energy.

For coverages theta that are held, everything else is an ordinary convex equilibrium and gives back coverages F(theta)
(`fields`); an answer is a root of F(theta) - theta. The free energy

    A(theta) = max_x [T x - sum c - sum P ln Z(x, theta)]     (in units of RT per litre)

is stationary at each of them, because dA/dtheta = P N L (theta - F(theta)), and smallest at the stable one. Where the
couplings are below the critical one there is one root. Elsewhere Newton's method starts from every corner and between.
The degree of the map counts what is found: theta - F(theta) maps the coverages into themselves, so the signs of
det(1 - dF/dtheta) over all roots add up to 1 (Brouwer); roots with sign -1 are barriers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.network.fields import MANY_NODES, NODES, Fields
from surfacechem.network.lanes import Lanes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics import Batch, Solution, Term
    from surfacechem.symbolic.lower import Lowered

    Floats = NDArray[np.float64]
    Points = NDArray[np.intp]

__all__ = ["Branches", "MeanFieldFlask", "Roots"]

MOST_LANES: Final = 65_536
"""Lanes of one block of points."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Roots:
    """Self-consistent coverages, one row per point, by free energy; NaN where a point has fewer.

    Attributes
    ----------
    coverage : ndarray, shape (n_points, n_most, n_states)
        Shares of the sites of their class in the coupled states.
    free_energy : ndarray, shape (n_points, n_most)
        A above, in RT mol/L.
    n_branches : ndarray of int, shape (n_points,)
        How many there are, barriers that were not looked for included.
    is_sure : ndarray of bool, shape (n_points,)
        Whether their signs are those of a complete list, so that the stable one is among them.
    """

    coverage: Floats
    free_energy: Floats
    n_branches: NDArray[np.intp]
    is_sure: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Branches:
    """Coverages of mean fields, the stable ones first.

    Attributes
    ----------
    states : tuple of str
        The coupled states, ``"S-B"`` or ``"S-B of Q.beta"``.
    coverage : ndarray, shape (n_points, n_most, n_states)
        Self-consistent coverages, NaN where a point has fewer.
    free_energy : ndarray, shape (n_points, n_most)
        Free energy over that of the stable branch [RT mol/L].
    n_branches : ndarray of int, shape (n_points,)
        How many answers each point has.
    """

    states: tuple[str, ...]
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
        named = ", ".join(self.states)
        if not several:
            return f"one branch of {named} at each of {len(self.n_branches)} points"
        return (
            f"more than one branch of {named} at {several} of {len(self.n_branches)} points, by free energy: the first "
            "is the stable one, the last a barrier; a real flask may stay on any other"
        )


class MeanFieldFlask:
    """Finds the roots for one set of amounts.

    Parameters
    ----------
    lowered : Lowered
        A system with mean fields.
    totals, host_totals : ndarray, shapes (n_points, n_components) and (n_points, n_hosts)
        What is in the flask at each point [mol/L].
    """

    def __init__(self, lowered: Lowered, *, totals: Floats, host_totals: Floats) -> None:
        self._lowered, self._totals, self._host_totals = lowered, totals, host_totals
        self.fields = Fields(lowered)
        self._batches: dict[int, tuple[Points, Batch]] = {}

    def stable(self, theta: Floats, ln_weight: Floats) -> Roots:
        """Return the roots that matter for the stable one: barriers may be missing.

        Parameters
        ----------
        theta, ln_weight : ndarray, shapes (n_points, n_constants) and (n_points, n_weights)
            ln of the constants, and the weights without coupling.
        """
        # Point by point, so that no answer depends on what else is asked at once.
        n_states = len(self.fields.names)
        single = np.flatnonzero(self.fields.is_single_rooted(self.fields.couplings(theta)))
        roots = self._from(np.full((1, n_states), 1.0 / (1 + n_states)), theta, ln_weight, single)
        is_open = np.ones(len(theta), dtype=bool)
        for points, part in roots:
            is_open[points] = ~part.is_sure
        roots += self._from(self.fields.starts(NODES), theta, ln_weight, np.flatnonzero(is_open))
        return _gathered(roots, len(theta), n_states)

    def all(self, theta: Floats, ln_weight: Floats) -> Roots:
        """Return all roots, barriers included (as `stable`)."""
        everywhere = np.arange(len(theta))
        roots = self._from(self.fields.starts(MANY_NODES), theta, ln_weight, everywhere, with_barriers=True)
        return _gathered(roots, len(theta), len(self.fields.names))

    def _from(
        self, starts: Floats, theta: Floats, ln_weight: Floats, points: Points, *, with_barriers: bool = False
    ) -> list[tuple[Points, Roots]]:
        """Return the roots of some points found from some starts, block by block."""
        found = []
        n_block = max(1, MOST_LANES // len(starts))
        for first in range(0, len(points), n_block):
            block = points[first : first + n_block]
            tiled = np.tile(starts, (len(block), 1, 1))
            lanes = self._run(block, theta, ln_weight, tiled, 0 if with_barriers else None)
            between = lanes.between_attractors() if with_barriers else tiled[:, :0]
            if between.shape[1]:
                tiled = np.concatenate([tiled, between], axis=1)
                lanes = self._run(block, theta, ln_weight, tiled, between.shape[1])
            found.append((block, self._collect(lanes, block)))
        return found

    def _run(self, block: Points, theta: Floats, ln_weight: Floats, starts: Floats, n_free: int | None) -> Lanes:
        return Lanes(
            self._tiled(block, starts.shape[1]), self.fields, couplings=self.fields.couplings(theta[block]),
            ln_weight=ln_weight[block], starts=starts, n_free=n_free,
        )  # fmt: skip

    def _collect(self, lanes: Lanes, block: Points) -> Roots:
        """Return the different roots of the lanes of each point, the stable one first."""
        is_new = lanes.is_new()
        sign = np.where(is_new, lanes.sign, 0).sum(axis=1)
        n_found = is_new.sum(axis=1)
        energy = np.where(is_new, 0.0, np.inf)
        if (n_found > 1).any():
            energy[is_new] = self._free_energy(lanes.solution(), block, np.flatnonzero(is_new))
        # Of two answers with the same free energy no barrier comes first.
        order = np.lexsort((-lanes.sign, energy), axis=1)[:, : max(1, int(n_found.max(initial=1)))]
        rows = np.arange(len(order))[:, np.newaxis]
        is_root = is_new[rows, order]
        return Roots(
            coverage=np.where(is_root[..., np.newaxis], lanes.coverage[rows, order], np.nan),
            free_energy=np.where(is_root, energy[rows, order], np.nan),
            n_branches=n_found + np.maximum(sign - 1, 0),
            is_sure=sign >= 1,
        )

    def _tiled(self, block: Points, n_lanes: int) -> Batch:
        """Return a block of points bound to the solver, `n_lanes` times each."""
        from surfacechem.numerics import prepare  # brings the compiler

        held = self._batches.get(n_lanes)
        if held is None or not np.array_equal(held[0], block):
            amounts = (np.repeat(each[block], n_lanes, axis=0) for each in (self._totals, self._host_totals))
            held = block, prepare(self._lowered.problem, *amounts)
            self._batches[n_lanes] = held
        return held[1]

    def _free_energy(self, solution: Solution, block: Points, lanes: Points) -> Floats:
        """Return A of some lanes of a block, shape (n_lanes,)."""
        points = block[lanes // (len(solution.x) // len(block))]
        totals, particles = self._totals[points], self._host_totals[points]
        # What is not in the flask has x = -inf; the states that would need it are empty.
        x = np.where(np.isfinite(solution.x[lanes]), solution.x[lanes], 0.0)
        n_species = len(self._lowered.problem.nu)
        is_empty = np.pad(solution.occupancy[lanes] == 0, ((0, 0), (n_species, 0)))
        ln_weight = np.where(is_empty, -np.inf, solution.ln_weight[lanes])
        energy = (totals * x).sum(axis=1) - np.exp(solution.ln_c[lanes]).sum(axis=1)
        number = n_species
        for host, total in zip(self._lowered.problem.hosts, particles.T, strict=True):
            ln_z, number = _ln_sum(host.terms, x, ln_weight, number)
            energy -= total * np.where(total > 0, ln_z, 0.0)
        return np.asarray(energy)


def _gathered(parts: list[tuple[Points, Roots]], n_points: int, n_states: int) -> Roots:
    """Return the roots of all points; what comes later is of more starts and counts."""
    n_most = max((part.coverage.shape[1] for _, part in parts), default=1)
    coverage = np.full((n_points, n_most, n_states), np.nan)
    free_energy = np.full((n_points, n_most), np.nan)
    n_branches, is_sure = np.zeros(n_points, dtype=np.intp), np.zeros(n_points, dtype=bool)
    for points, part in parts:
        width = part.coverage.shape[1]
        coverage[points], free_energy[points] = np.nan, np.nan
        coverage[points, :width], free_energy[points, :width] = part.coverage, part.free_energy
        n_branches[points], is_sure[points] = part.n_branches, part.is_sure
    return Roots(coverage=coverage, free_energy=free_energy, n_branches=n_branches, is_sure=is_sure)


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

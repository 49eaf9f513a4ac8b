"""Newton's method for self-consistent coverages, from many starts at many points at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.numerics.slopes import NO_DIRECTIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.network.fields import Fields
    from surfacechem.numerics import Batch, Solution
    from surfacechem.numerics.slopes import Directions

    Floats = NDArray[np.float64]

__all__ = ["Lanes"]

STEP_ATOL: Final = 1e-7
"""A Newton step of the coverages below which the next one is rounding: convergence is quadratic."""
SAME_ROOT: Final = 1e-6
MOST_STEPS: Final = 60
ENOUGH_STEPS: Final = 8
"""Steps after which a point with an answer no longer waits for lanes that creep past a spinodal: if a root is there, it
is about to vanish, and another one is stable."""
STRIDE: Final = 2.0
"""Steps towards the coverages that come back, which lower A, in multiples of the whole way."""
N_HALVINGS: Final = 40


class Lanes:
    """Newton's method for F(theta) - theta from several starts at each point, all lanes at once.

    Parameters
    ----------
    batch : Batch
        The points, each as often as it has lanes.
    fields : Fields
        What coverages do to weights.
    couplings, ln_weight : ndarray, shapes (n_points, n_states, n_states) and (n_points, n_weights)
        ln W, and the weights without it.
    starts : ndarray, shape (n_points, n_lanes, n_states)
        Coverages to start from.
    n_free : int, optional
        Lanes of each point, the last ones, that may end on a barrier. None: none may, and a point that has an answer
        does not wait long for its other lanes.

    Attributes
    ----------
    coverage : ndarray, shape (n_points, n_lanes, n_states)
        Where the lanes have got to.
    sign : ndarray of int, shape (n_points, n_lanes)
        Sign of det(1 - dF/dtheta) there.
    is_root : ndarray of bool, shape (n_points, n_lanes)
        Whether that is a root.
    """

    def __init__(
        self,
        batch: Batch,
        fields: Fields,
        *,
        couplings: Floats,
        ln_weight: Floats,
        starts: Floats,
        n_free: int | None = None,
    ) -> None:
        self._batch, self._fields, self._shape = batch, fields, starts.shape
        self._n_lanes = starts.shape[1]
        self._couplings = np.repeat(couplings, self._n_lanes, axis=0)
        self._ln_weight = np.repeat(ln_weight, self._n_lanes, axis=0)
        self._last: Solution | None = None
        self._is_hasty = n_free is None
        self._is_free = np.tile(np.arange(self._n_lanes) >= self._n_lanes - (n_free or 0), starts.shape[0])
        found, is_root, sign = self._iterate(starts.reshape(-1, starts.shape[2]).copy())
        self.coverage = found.reshape(self._shape)
        self.is_root = is_root.reshape(self._shape[:2])
        self.sign = sign.reshape(self._shape[:2])

    def _solve(self, coverage: Floats, directions: Directions = NO_DIRECTIONS) -> tuple[Floats, Solution, Floats]:
        """Return the coverages that come back, the equilibria they are of, and the slopes of those."""
        raises = self._fields.raises(self._couplings, coverage)
        ln_weight = self._ln_weight + raises @ self._fields.raising.T
        solution, slopes = self._batch.solve_along(directions, ln_weight, self._last)
        self._last = solution
        return self._fields.coverage(solution, coverage), solution, slopes

    def _jacobian(self, coverage: Floats, solution: Solution, slopes: Floats) -> Floats:
        """Return 1 - dF/dtheta, shape (n_lanes, n_states, n_states)."""
        n_species = slopes.shape[1] - solution.occupancy.shape[1]
        by_raise = self._fields.coverage_slopes(solution, slopes[:, n_species:])
        by_coverage = by_raise @ self._fields.raise_slopes(self._couplings, coverage)
        return np.asarray(np.eye(coverage.shape[1]) - by_coverage)

    def _iterate(self, coverage: Floats) -> tuple[Floats, NDArray[np.bool_], NDArray[np.intp]]:
        """Take steps until the next one is rounding; a Newton step that leads further away is halved."""
        n_lanes = len(coverage)
        base, step, share = coverage.copy(), np.zeros_like(coverage), np.ones(n_lanes)
        worst, sign = np.full(n_lanes, np.inf), np.zeros(n_lanes, dtype=np.intp)
        is_root, is_lost = np.zeros(n_lanes, dtype=bool), np.isnan(self._ln_weight).any(axis=1)
        is_lost |= np.isnan(self._couplings).any(axis=(1, 2))
        for turn in range(MOST_STEPS):
            returned, solution, slopes = self._solve(coverage, self._fields.directions)
            excess = returned - coverage
            miss = np.abs(excess).max(axis=1)
            is_lost |= ~np.isfinite(miss)
            is_nearer = ~is_root & ~(miss > worst)
            newton, its_sign = _newton(self._jacobian(coverage, solution, slopes), excess)
            is_last = is_nearer & (np.abs(newton).max(axis=1) <= STEP_ATOL)
            # Where Newton's step leads back to a barrier, or to where two roots have just vanished, follow what A does.
            is_led_away = ~self._is_free & ((its_sign < 0) | ((newton * excess).sum(axis=1) < 0)) & ~is_last
            ahead = coverage + np.where(is_led_away[:, np.newaxis], STRIDE * excess, newton)
            base = np.where(is_nearer[:, np.newaxis], coverage, base)
            step = np.where(is_nearer[:, np.newaxis], np.clip(ahead, 0.0, 1.0) - coverage, step)
            sign = np.where(is_nearer, its_sign, sign)
            share = np.where(is_nearer, 1.0, 0.5 * share)
            worst = np.where(is_nearer, np.where(is_led_away, np.inf, miss), worst)
            coverage = np.where(is_root[:, np.newaxis], coverage, base + share[:, np.newaxis] * step)
            is_root |= is_last & ~is_lost
            if self._is_hasty and turn >= ENOUGH_STEPS:
                is_answered = is_root.reshape(self._shape[:2]).any(axis=1)
                is_lost |= np.repeat(is_answered, self._n_lanes) & ~is_root
            if (is_root | is_lost).all():
                break
        return coverage, is_root, sign

    def is_new(self) -> NDArray[np.bool_]:
        """Tell which lanes found a root that no earlier lane of their point found."""
        gaps = np.abs(self.coverage[:, :, np.newaxis] - self.coverage[:, np.newaxis]).max(axis=-1)
        is_same = (gaps < SAME_ROOT) & self.is_root[:, np.newaxis, :]
        is_earlier = np.tril(np.ones((self._n_lanes, self._n_lanes), dtype=bool), -1)
        return np.asarray(self.is_root & ~(is_same & is_earlier).any(axis=2))

    def solution(self) -> Solution:
        """Return the equilibria where the lanes have got to."""
        return self._solve(self.coverage.reshape(-1, self._shape[2]))[1]

    def between_attractors(self) -> Floats:
        """Return where F points neither way between attractors that follow each other, shape as the starts.

        On the way from one to the next the coverages that come back first point back, then forward: halving finds
        where they turn, near a barrier.
        """
        is_kept = self.is_new() & (self.sign > 0)
        n_most = int(is_kept.sum(axis=1).max(initial=0))
        if n_most < len("ab"):
            return np.zeros((self._shape[0], 0, self._shape[2]))
        order = np.lexsort((self.coverage.sum(axis=2), ~is_kept), axis=1)[:, :n_most]
        rows = np.arange(self._shape[0])[:, np.newaxis]
        kept = np.where(is_kept[rows, order][..., np.newaxis], self.coverage[rows, order], np.nan)
        # A point with fewer attractors looks from its last one to itself.
        for place in range(1, n_most):
            kept[:, place] = np.where(np.isnan(kept[:, place]), kept[:, place - 1], kept[:, place])
        first = np.nan_to_num(kept[:, :-1])
        way = np.nan_to_num(kept[:, 1:]) - first
        return np.asarray(first + self._narrowed(first, way)[..., np.newaxis] * way)

    def _narrowed(self, first: Floats, way: Floats) -> Floats:
        """Return the share of each way at which F turns, shape (n_points, n_ways)."""
        low, high = np.zeros(way.shape[:2]), np.ones(way.shape[:2])
        for _ in range(N_HALVINGS):
            middle = 0.5 * (low + high)
            tried = self.coverage.copy()
            tried[:, : way.shape[1]] = first + middle[..., np.newaxis] * way
            flat = tried.reshape(-1, self._shape[2])
            excess = (self._solve(flat)[0] - flat).reshape(self._shape)[:, : way.shape[1]]
            is_back = (excess * way).sum(axis=2) < 0
            low, high = np.where(is_back, middle, low), np.where(is_back, high, middle)
        return 0.5 * (low + high)


def _newton(matrix: Floats, excess: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return Newton's step of each lane, the excess itself where there is none, and the sign of the determinant."""
    is_single = matrix.shape[1] == 1
    determinant = matrix[:, 0, 0] if is_single else np.linalg.det(matrix)
    is_regular = np.isfinite(determinant) & (np.abs(determinant) > np.finfo(float).tiny)
    step = excess.copy()
    if is_single:
        step[is_regular] /= matrix[is_regular, 0]
    else:
        step[is_regular] = np.linalg.solve(matrix[is_regular], excess[is_regular][..., np.newaxis])[..., 0]
    return step, np.where(is_regular, np.sign(determinant), 0).astype(np.intp)

"""What couplings do to the weights of ligand counts: sums over all fillings with the same counts.

The solver sees one state for each way to count ligands on the neighbouring sites of a class: 91 for three states on
twelve sites, however many couplings there are. Its weight is the sum over all fillings with these counts,

    ln g(L) = ln sum_fillings exp(sum_j p_j L_j),        d ln g / d L_j = <p_j>,

with ``p_j`` the neighbours in coupled pair ``j`` and ``L_j = ln W_j = w_j/RT``. Where the macrostates of counts and
pairs together are few they are summed; else sites are filled one after another (`counting.Walk`) with polynomials
whose coefficients are numbers. Each coefficient carries a scale of its own, so that no coupling overflows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.errors import ModelError
from surfacechem.symbolic.counting import Fill, Macrostate, Walk, count_macrostates

if TYPE_CHECKING:
    from surfacechem.symbolic.counting import Edges, Pairs, Pattern

__all__ = ["Neighbourhood", "Weighed", "gain", "gain_slopes", "resolve", "weigh"]

Floats = NDArray[np.float64]

MOST_RESOLVED: Final = 100_000
"""Macrostates of counts and pairs that are summed one by one."""
MOST_PRODUCTS: Final = 1_000_000_000
"""Multiplications of one sum over fillings: some seconds."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Weighed:
    """Sums over the fillings of each macrostate of counts.

    Attributes
    ----------
    ln_sum : ndarray, shape (n_macrostates,)
        ``ln g``.
    pairs : ndarray, shape (n_macrostates, n_coupled)
        Mean number of neighbours in each coupled pair.
    """

    ln_sum: Floats
    pairs: Floats


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """One sum over the fillings of arranged sites whose states are coupled, as it stands in a host.

    Attributes
    ----------
    weights : tuple of int
        Weights of its macrostates, in the order of ``count_macrostates(n_sites, edges, spans)``.
    couplings : tuple of int
        Position of the W of each coupled pair in `Lowered.all_constants`.
    n_sites, edges, spans, coupled
        The arrangement, as for `count_macrostates`.
    """

    weights: tuple[int, ...]
    couplings: tuple[int, ...]
    n_sites: int
    edges: Edges
    spans: tuple[int, ...]
    coupled: Pairs

    def weigh(self, ln_w: Floats) -> Weighed:
        """Return what couplings add to the ln weights, 0 where all W are 1, and how that depends on them.

        Pairs are counted beyond those of the filling with all sites native, whose weight is 1.

        Parameters
        ----------
        ln_w : ndarray, shape (n_coupled,)
            w/RT of each pair; where one is unknown (NaN), so is what depends on it.
        """
        is_known = np.isfinite(ln_w)
        strength = np.where(is_known, ln_w, 0.0)
        found = weigh(self.n_sites, self.edges, self.spans, self.coupled, tuple(strength.tolist()))
        ways = count_macrostates(self.n_sites, self.edges, self.spans)
        native = np.array([float(len(set(self.edges))) if pair == (0, 0) else 0.0 for pair in self.coupled])
        pairs = found.pairs - native
        gained = found.ln_sum - native @ strength - np.log([float(each.multiplicity) for each in ways])
        is_lost = (pairs[:, ~is_known] != 0.0).any(axis=1)
        return Weighed(ln_sum=np.where(is_lost, np.nan, gained), pairs=pairs)


def gain(neighbourhoods: tuple[Neighbourhood, ...], ln_constants: Floats, n_weights: int) -> Floats:
    """Return what couplings add to ln weights, shape (n_weights,), where all W are known.

    Parameters
    ----------
    neighbourhoods : tuple of Neighbourhood
        The sums whose weights depend on couplings.
    ln_constants : ndarray, shape (n_all,)
        ln of all constants of the system.
    n_weights : int
        Number of weights.
    """
    gained = np.zeros(n_weights)
    for each in neighbourhoods:
        gained[list(each.weights)] = each.weigh(ln_constants[list(each.couplings)]).ln_sum
    return gained


def gain_slopes(neighbourhoods: tuple[Neighbourhood, ...], ln_constants: Floats, n_weights: int) -> Floats:
    """Return the derivatives of `gain` with respect to ln of all constants, shape (n_weights, n_all)."""
    slopes = np.zeros((n_weights, len(ln_constants)))
    for each in neighbourhoods:
        pairs = each.weigh(ln_constants[list(each.couplings)]).pairs
        slopes[np.ix_(each.weights, each.couplings)] = pairs
    return slopes


@lru_cache(maxsize=32)
def resolve(n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Pairs) -> tuple[Macrostate, ...] | None:
    """Return the macrostates of counts and pairs, None where they are too many to sum one by one."""
    try:
        return count_macrostates(n_sites, edges, spans, coupled, most=MOST_RESOLVED)
    except ModelError:
        return None


@lru_cache(maxsize=256)
def weigh(n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Pairs, ln_w: tuple[float, ...]) -> Weighed:
    """Return ``ln g`` and the mean pairs of every macrostate of counts.

    Parameters
    ----------
    n_sites, edges, spans, coupled
        As for `count_macrostates`.
    ln_w : tuple of float
        w/RT of each coupled pair.

    Raises
    ------
    ModelError
        When the sums would take too long.
    """
    strength = np.array(ln_w)
    listed = _list(n_sites, edges, spans, coupled)
    if listed is not None:
        return listed.weigh(strength)
    n_products = n_sites * len(spans) * (1 + len(coupled)) * prod(n_sites // span + 1 for span in spans[1:])
    walk = Walk(n_sites, edges, spans, most_patterns=MOST_PRODUCTS // n_products)
    numbers = _Numbers(walk, coupled, strength)
    total = walk.total(numbers)
    counted = count_macrostates(n_sites, edges, spans)
    place = tuple(np.array([each.counts[1:] for each in counted]).T)
    value = total[(0, *place)]
    return Weighed(
        ln_sum=np.log(value) + numbers.scale[place],
        pairs=np.array([slope[place] / value for slope in total[1:]]).reshape(len(coupled), -1).T,
    )


@lru_cache(maxsize=32)
def _list(n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Pairs) -> _Listed | None:
    resolved = resolve(n_sites, edges, spans, coupled)
    return None if resolved is None else _Listed(resolved)


class _Listed:
    """Macrostates of counts and pairs, sorted by counts."""

    def __init__(self, resolved: tuple[Macrostate, ...]) -> None:
        # In the order of `count_macrostates` without pairs: the last count varies slowest.
        ordered = sorted(resolved, key=lambda each: each.counts[:0:-1])
        self._pairs = np.array([each.pairs for each in ordered], dtype=float)
        self._ln_ways = np.log([float(each.multiplicity) for each in ordered])
        is_first = [True, *(a.counts != b.counts for a, b in pairwise(ordered))]
        self._first = np.flatnonzero(is_first)
        self._group = np.cumsum(is_first) - 1

    def weigh(self, ln_w: Floats) -> Weighed:
        """Return the sums."""
        exponent = self._ln_ways + self._pairs @ ln_w
        top = np.maximum.reduceat(exponent, self._first)
        part = np.exp(exponent - top[self._group])
        total = np.add.reduceat(part, self._first)
        mean = np.add.reduceat(part[:, np.newaxis] * self._pairs, self._first) / total[:, np.newaxis]
        return Weighed(ln_sum=top + np.log(total), pairs=mean)


class _Numbers:
    """Polynomials in arrays, shape (1 + n_coupled, *extents): coefficients, then their slopes by each ln W.

    Axes count each state but the first. A coefficient is a number times ``exp(scale)``, one scale for all patterns.
    """

    def __init__(self, walk: Walk, coupled: Pairs, ln_w: Floats) -> None:
        self._extents = tuple(walk.n_sites // span + 1 for span in walk.spans[1:])
        self._n_states, self._ln_w = len(walk.spans), ln_w
        self._pair_of = {pair: number for number, pair in enumerate(coupled)}
        self.scale = np.full(self._extents, -np.inf)
        self.scale[(0,) * len(self._extents)] = 0.0
        self._shrink: list[Floats] = []

    def begin(self) -> Floats:
        """Return the polynomial 1."""
        one = np.zeros((1 + len(self._ln_w), *self._extents))
        one[(0,) * one.ndim] = 1.0
        return one

    def advance(self) -> None:
        """Take the scale that any state of the next site leads to."""
        moved = [self._moved(self.scale, state, -np.inf) for state in range(self._n_states)]
        self.scale = np.maximum.reduce(moved)
        is_there = np.isfinite(self.scale)
        self._shrink = [
            np.exp(np.subtract(each, self.scale, out=np.full_like(each, -np.inf), where=is_there)) for each in moved
        ]

    def fill(self, value: Floats, fill: Fill) -> Floats:
        """Multiply by what one more site weighs, and differentiate."""
        if fill.state < 0:
            return value * self._shrink[0]
        met = [self._pair_of.get((min(other, fill.state), max(other, fill.state)), -1) for other in fill.met]
        gained = [number for number in met if number >= 0]
        grown = self._moved(value, fill.state, 0.0) * self._shrink[fill.state]
        grown *= np.exp(self._ln_w[gained].sum())
        for number in gained:
            grown[1 + number] += grown[0]
        return grown

    def add(self, first: Floats, second: Floats) -> Floats:
        """Return the sum."""
        return first + second

    def settle(self, patterns: dict[Pattern, Floats]) -> dict[Pattern, Floats]:
        """Bring the largest coefficient of each place to 1."""
        top = np.maximum.reduce([each[0] for each in patterns.values()])
        is_there = top > 0.0
        top = np.where(is_there, top, 1.0)
        self.scale = np.where(is_there, self.scale + np.log(top), -np.inf)
        return {pattern: value / top for pattern, value in patterns.items()}

    def _moved(self, value: Floats, state: int, empty: float) -> Floats:
        """Return an array moved by one along the axis of a state; the last axes count."""
        if state == 0:
            return value.copy()
        axis = value.ndim - len(self._extents) + state - 1
        moved = np.full_like(value, empty)
        np.moveaxis(moved, axis, 0)[1:] = np.moveaxis(value, axis, 0)[:-1]
        return moved

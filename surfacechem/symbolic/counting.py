"""How many ways there are to fill neighbouring sites: exact integers, by a transfer matrix over the sites.

Sites are filled one after another. What is remembered of those already filled is only the state of the ones that
still have unfilled neighbours: two of a ring, one row of a cylinder, however many sites there are. For each
remembered pattern a polynomial counts the fillings by how many sites are in each state and how many neighbours are a
coupled pair. A polynomial is one Python integer (Kronecker substitution): its coefficients lie side by side in slots
of bits, so that adding a ligand is a shift and adding polynomials is an addition. Of a small graph all fillings are
listed instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_MACROSTATES", "Macrostate", "count_macrostates"]

MOST_MACROSTATES: Final = 20_000
"""Macrostates of one arranged site class that a solver is asked to sum."""
LARGEST_BOX: Final = 4_000_000
"""Coefficients of the counting polynomial, zeros included."""
MOST_PATTERNS: Final = 20_000
"""Patterns of sites with open neighbours remembered at once."""
MOST_LISTED: Final = 1_000_000
"""Fillings that are listed one by one."""
BYTE: Final = 8

Edges = tuple[tuple[int, int], ...]
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Macrostate:
    """All fillings of the sites that hold as much of everything and have as many neighbours that are coupled pairs.

    Attributes
    ----------
    counts : tuple of int
        How many of each state there are; a state on two sites counts once.
    pairs : tuple of int
        Neighbours that are in the two states of each coupled pair, in either order.
    multiplicity : int
        Number of fillings.
    """

    counts: tuple[int, ...]
    pairs: tuple[int, ...]
    multiplicity: int


@lru_cache(maxsize=64)
def count_macrostates(
    n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Pairs = ()
) -> tuple[Macrostate, ...]:
    """Return the macrostates of sites with neighbours.

    Parameters
    ----------
    n_sites : int
        Number of sites.
    edges : tuple of (int, int)
        Neighbours, counted from 0.
    spans : tuple of int
        Sites that each state takes, 1 or 2; the first state takes 1.
    coupled : tuple of (int, int)
        Pairs of states whose neighbours are counted, the lower one first; a state may be its own partner.

    Raises
    ------
    ModelError
        When there are too many to sum.

    Examples
    --------
    >>> [m.multiplicity for m in count_macrostates(3, ((0, 1), (1, 2)), (1, 2))]
    [1, 2]
    """
    if set(spans) == {1} and len(spans) ** n_sites <= MOST_LISTED:
        return _list_all(n_sites, edges, len(spans), coupled)
    return tuple(_Counter(n_sites, edges, spans, coupled).macrostates())


def _list_all(n_sites: int, edges: Edges, n_states: int, coupled: Pairs) -> tuple[Macrostate, ...]:
    """Return the macrostates of sites that are filled one by one, from the list of all fillings."""
    held = np.indices((n_states,) * n_sites, dtype=np.int8).reshape(n_sites, -1)
    counted = [(held == state).sum(axis=0, dtype=np.int16) for state in range(n_states)]
    for first, second in coupled:
        pairs = np.zeros(held.shape[1], dtype=np.int16)
        for a, b in set(edges):
            pairs += ((held[a] == first) & (held[b] == second)) | ((held[a] == second) & (held[b] == first))
        counted.append(pairs)
    if not counted or not n_sites:
        return ()
    # One number for each macrostate: what is counted, digit by digit.
    bases = [n_sites + 1] * n_states + [len(set(edges)) + 1] * len(coupled)
    code = np.zeros(held.shape[1], dtype=np.int64)
    for digit, base in zip(reversed(counted), reversed(bases), strict=True):
        code = code * base + digit
    found, first_of, n_ways = np.unique(code, return_index=True, return_counts=True)
    if len(found) > MOST_MACROSTATES:
        raise _too_many(n_sites, f"{len(found)}")
    numbers = np.array(counted)[:, first_of].T.tolist()
    return tuple(
        Macrostate(counts=tuple(row[:n_states]), pairs=tuple(row[n_states:]), multiplicity=ways)
        for row, ways in zip(numbers, n_ways.tolist(), strict=True)
    )


class _Counter:
    """Counts fillings of one arrangement."""

    def __init__(self, n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Pairs) -> None:
        self.n_sites, self.spans = n_sites, spans
        self.earlier: list[list[int]] = [[] for _ in range(n_sites)]
        self.last = list(range(n_sites))  # latest neighbour of each site
        for first, second in set(edges):
            self.earlier[second].append(first)
            self.last[first] = max(self.last[first], second)
            self.last[second] = max(self.last[second], first)
        # Exponents: how many of each state but the first, which follows; then neighbours that are coupled pairs.
        self.extents = [n_sites // span + 1 for span in spans[1:]] + [len(set(edges)) + 1] * len(coupled)
        strides, size = [], 1
        for extent in self.extents:
            strides.append(size)
            size *= extent
        if size > LARGEST_BOX:
            raise _too_many(n_sites, f"up to {size}")
        self.size = size
        # No coefficient exceeds the number of ways to fill the sites one after another.
        n_single, n_double = spans.count(1), len(spans) - spans.count(1)
        n_ways = prod(n_single + n_double * (1 + len(earlier)) for earlier in self.earlier)
        self.slot = BYTE * (n_ways.bit_length() // BYTE + 1)
        self.shift = [0] + [self.slot * stride for stride in strides[: len(spans) - 1]]
        self.paired = {}
        for (first, second), stride in zip(coupled, strides[len(spans) - 1 :], strict=True):
            self.paired[first, second] = self.paired[second, first] = self.slot * stride

    def macrostates(self) -> Iterator[Macrostate]:
        """Read the macrostates off the polynomial of all sites."""
        width = self.slot // BYTE
        coefficients = self._polynomial().to_bytes(width * self.size, "little")
        n_found = 0
        for place in range(self.size):
            multiplicity = int.from_bytes(coefficients[place * width : (place + 1) * width], "little")
            if multiplicity:
                n_found += 1
                if n_found > MOST_MACROSTATES:
                    raise _too_many(self.n_sites, f"more than {MOST_MACROSTATES}")
                yield self._macrostate(place, multiplicity)

    def _macrostate(self, place: int, multiplicity: int) -> Macrostate:
        exponents = []
        for extent in self.extents:
            place, exponent = divmod(place, extent)
            exponents.append(exponent)
        others = exponents[: len(self.spans) - 1]
        first = self.n_sites - sum(span * count for span, count in zip(self.spans[1:], others, strict=True))
        return Macrostate(
            counts=(first, *others), pairs=tuple(exponents[len(self.spans) - 1 :]), multiplicity=multiplicity
        )

    def _polynomial(self) -> int:
        """Return the polynomial of all sites; labels of open sites are (state, whether it still seeks its second)."""
        patterns: dict[tuple[tuple[int, int, bool], ...], int] = {(): 1}
        for site in range(self.n_sites):
            grown: dict[tuple[tuple[int, int, bool], ...], int] = {}
            for pattern, polynomial in patterns.items():
                for filled, shift in self._fill(site, pattern):
                    if any(self.last[place] <= site and seeks for place, _, seeks in filled):
                        continue  # a ligand on two sites that found no second one
                    kept = tuple(label for label in filled if self.last[label[0]] > site)
                    grown[kept] = grown.get(kept, 0) + (polynomial << shift)
            if len(grown) > MOST_PATTERNS:
                raise _too_many(self.n_sites, f"{len(grown)} patterns of open sites")
            patterns = grown
        return sum(patterns.values())

    def _fill(
        self, site: int, pattern: tuple[tuple[int, int, bool], ...]
    ) -> Iterator[tuple[tuple[tuple[int, int, bool], ...], int]]:
        """Yield each way to fill one more site, with the shift of the polynomial."""
        neighbours = [label for label in pattern if label[0] in self.earlier[site]]
        for state, span in enumerate(self.spans):
            if span == 1:
                paired = sum(self.paired.get((label[1], state), 0) for label in neighbours)
                yield (*pattern, (site, state, False)), self.shift[state] + paired
                continue
            if self.last[site] > site:
                yield (*pattern, (site, state, True)), 0
            for label in neighbours:
                if label[1] == state and label[2]:
                    closed = tuple((*each[:2], False) if each == label else each for each in pattern)
                    yield (*closed, (site, state, False)), self.shift[state]


def _too_many(n_sites: int, found: str) -> ModelError:
    return ModelError(
        f"arrangement of {n_sites} sites",
        found=f"{found} macrostates",
        allowed=f"at most {MOST_MACROSTATES}",
        advice="take fewer sites or fewer kinds of ligands, or the mean field",
    )

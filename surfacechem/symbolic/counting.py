"""How many ways there are to fill neighbouring sites: exact integers, by a transfer matrix over the sites.

Sites are filled one after another. What is remembered of those already filled is only the state of the ones that
still have unfilled neighbours: two of a ring, one row of a cylinder, however many sites there are. For each
remembered pattern a polynomial counts the fillings by how many sites are in each state and how many neighbours are a
coupled pair. A polynomial is one Python integer (Kronecker substitution): its coefficients lie side by side in slots
of bits, so that adding a ligand is a shift and adding polynomials is an addition. Of a small graph all fillings are
listed instead. `weighing` walks over the same sites with another arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeVar

import numpy as np

from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_MACROSTATES", "Fill", "Macrostate", "Walk", "count_macrostates", "too_many"]

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
Pattern = tuple[tuple[int, int, bool], ...]
"""Open sites: place, state, and whether it still seeks the second site of its ligand."""
_T = TypeVar("_T")


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
    n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Pairs = (), *, most: int = MOST_MACROSTATES
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
    most : int
        Largest number of macrostates.

    Raises
    ------
    ModelError
        When there are more.

    Examples
    --------
    >>> [m.multiplicity for m in count_macrostates(3, ((0, 1), (1, 2)), (1, 2))]
    [1, 2]
    """
    if set(spans) == {1} and len(spans) ** n_sites <= MOST_LISTED:
        found = _list_all(n_sites, edges, len(spans), coupled)
    else:
        found = _count(n_sites, edges, spans, coupled, most)
    if len(found) > most:
        raise too_many(n_sites, f"more than {most} macrostates", most)
    return found


def too_many(n_sites: int, found: str, most: int) -> ModelError:
    """Return the fault of an arrangement that is too large."""
    return ModelError(
        f"arrangement of {n_sites} sites",
        found=found,
        allowed=f"at most {most}",
        advice="take fewer sites or fewer kinds of ligands, or the mean field",
    )


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
    _, first_of, n_ways = np.unique(code, return_index=True, return_counts=True)
    numbers = np.array(counted)[:, first_of].T.tolist()
    return tuple(
        Macrostate(counts=tuple(row[:n_states]), pairs=tuple(row[n_states:]), multiplicity=ways)
        for row, ways in zip(numbers, n_ways.tolist(), strict=True)
    )


class Fill(NamedTuple):
    """One way to fill one more site.

    Attributes
    ----------
    state : int
        What it holds; -1 for the first site of a ligand on two, which counts when it finds its second.
    met : tuple of int
        States of the neighbours it meets, where it takes one site.
    """

    state: int
    met: tuple[int, ...] = ()


class Arithmetic(Protocol[_T]):
    """What a walk calculates with."""

    def begin(self) -> _T:
        """Return the value of no site filled."""

    def advance(self) -> None:
        """Prepare for the next site."""

    def fill(self, value: _T, fill: Fill) -> _T:
        """Return the value with one site more."""

    def add(self, first: _T, second: _T) -> _T:
        """Return the sum of two values."""

    def settle(self, patterns: dict[Pattern, _T]) -> dict[Pattern, _T]:
        """Return the values of all patterns after a site."""


class Walk:
    """Fills the sites of one arrangement one after another.

    Parameters
    ----------
    n_sites, edges, spans
        As for `count_macrostates`.
    most_patterns : int
        Patterns of open sites remembered at once.
    """

    def __init__(self, n_sites: int, edges: Edges, spans: tuple[int, ...], most_patterns: int = MOST_PATTERNS) -> None:
        self.n_sites, self.spans, self.most_patterns = n_sites, spans, most_patterns
        self.earlier: list[list[int]] = [[] for _ in range(n_sites)]
        self.last = list(range(n_sites))  # latest neighbour of each site
        for first, second in set(edges):
            self.earlier[second].append(first)
            self.last[first] = max(self.last[first], second)
            self.last[second] = max(self.last[second], first)

    def total(self, arithmetic: Arithmetic[_T]) -> _T:
        """Return the sum over all fillings.

        Raises
        ------
        ModelError
            When there are too many patterns.
        """
        patterns: dict[Pattern, _T] = {(): arithmetic.begin()}
        for site in range(self.n_sites):
            arithmetic.advance()
            grown: dict[Pattern, _T] = {}
            for pattern, value in patterns.items():
                for filled, fill in self._fill(site, pattern):
                    if any(self.last[place] <= site and seeks for place, _, seeks in filled):
                        continue  # a ligand on two sites that found no second one
                    kept = tuple(label for label in filled if self.last[label[0]] > site)
                    more = arithmetic.fill(value, fill)
                    grown[kept] = arithmetic.add(grown[kept], more) if kept in grown else more
            if len(grown) > self.most_patterns:
                raise too_many(self.n_sites, f"{len(grown)} patterns of open sites", self.most_patterns)
            patterns = arithmetic.settle(grown)
        (total,) = patterns.values()  # no site is open any more
        return total

    def _fill(self, site: int, pattern: Pattern) -> Iterator[tuple[Pattern, Fill]]:
        """Yield each way to fill one more site."""
        neighbours = [label for label in pattern if label[0] in self.earlier[site]]
        for state, span in enumerate(self.spans):
            if span == 1:
                yield (*pattern, (site, state, False)), Fill(state, tuple(label[1] for label in neighbours))
                continue
            if self.last[site] > site:
                yield (*pattern, (site, state, True)), Fill(-1)
            for label in neighbours:
                if label[1] == state and label[2]:
                    closed = tuple((*each[:2], False) if each == label else each for each in pattern)
                    yield (*closed, (site, state, False)), Fill(state)


class _Integers:
    """Polynomials in one long integer each.

    Exponents are how many of each state but the first, which follows; then neighbours that are coupled pairs.
    """

    def __init__(self, walk: Walk, edges: Edges, coupled: Pairs) -> None:
        n_sites, spans = walk.n_sites, walk.spans
        self.extents = [n_sites // span + 1 for span in spans[1:]] + [len(set(edges)) + 1] * len(coupled)
        strides, self.size = [], 1
        for extent in self.extents:
            strides.append(self.size)
            self.size *= extent
        # No coefficient exceeds the number of ways to fill the sites one after another.
        n_single, n_double = spans.count(1), len(spans) - spans.count(1)
        n_ways = prod(n_single + n_double * (1 + len(earlier)) for earlier in walk.earlier)
        self.slot = BYTE * (n_ways.bit_length() // BYTE + 1)
        self._shift = [0] + [self.slot * stride for stride in strides[: len(spans) - 1]]
        self._paired = {}
        for (first, second), stride in zip(coupled, strides[len(spans) - 1 :], strict=True):
            self._paired[first, second] = self._paired[second, first] = self.slot * stride

    def begin(self) -> int:
        """Return the polynomial 1."""
        return 1

    def advance(self) -> None:
        """Do nothing: integers need no scale."""

    def fill(self, value: int, fill: Fill) -> int:
        """Shift by what one more site adds to the exponents."""
        if fill.state < 0:
            return value
        return value << (self._shift[fill.state] + sum(self._paired.get((met, fill.state), 0) for met in fill.met))

    def add(self, first: int, second: int) -> int:
        """Return the sum."""
        return first + second

    def settle(self, patterns: dict[Pattern, int]) -> dict[Pattern, int]:
        """Return them as they are."""
        return patterns


def _count(n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Pairs, most: int) -> tuple[Macrostate, ...]:
    """Read the macrostates off the polynomial of all sites, one more than `most` at the most."""
    walk = Walk(n_sites, edges, spans)
    integers = _Integers(walk, edges, coupled)
    if integers.size > LARGEST_BOX:
        raise too_many(n_sites, f"up to {integers.size} macrostates", most)
    width = integers.slot // BYTE
    coefficients = walk.total(integers).to_bytes(width * integers.size, "little")
    found: list[Macrostate] = []
    for place in range(integers.size):
        multiplicity = int.from_bytes(coefficients[place * width : (place + 1) * width], "little")
        if multiplicity:
            found.append(_macrostate(place, multiplicity, n_sites, spans, integers.extents))
        if len(found) > most:
            break
    return tuple(found)


def _macrostate(place: int, multiplicity: int, n_sites: int, spans: tuple[int, ...], extents: list[int]) -> Macrostate:
    """Return the macrostate of one coefficient."""
    exponents = []
    for extent in extents:
        place, exponent = divmod(place, extent)
        exponents.append(exponent)
    others = exponents[: len(spans) - 1]
    first = n_sites - sum(span * count for span, count in zip(spans[1:], others, strict=True))
    return Macrostate(counts=(first, *others), pairs=tuple(exponents[len(spans) - 1 :]), multiplicity=multiplicity)

"""Which sites of a class are neighbours of each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Arrangement", "Pattern"]


class Pattern(StrEnum):
    """How the sites of one class lie."""

    PAIRS = "pairs"  # each site has one neighbour
    CHAIN = "chain"
    RING = "ring"
    LATTICE = "lattice"  # square lattice on a cylinder: closed around, open along
    EDGES = "edges"  # neighbours listed one by one
    MEAN_FIELD = "mean field"  # every site sees the average of all others


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Neighbours among the sites of one class.

    Attributes
    ----------
    pattern : Pattern
        How the sites lie.
    size : tuple of int
        Sites around and along the cylinder (LATTICE only).
    listed : tuple of (int, int)
        Pairs of neighbours, sites counted from 1 (EDGES only).

    Examples
    --------
    >>> Arrangement(pattern=Pattern.RING).edges(3)
    ((0, 1), (1, 2), (0, 2))
    """

    pattern: Pattern
    size: tuple[int, ...] = ()
    listed: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        """Return it as it is written in a model."""
        words = [self.pattern.value]
        if self.size:
            words.append(" x ".join(map(str, self.size)))
        words += [f"{first}-{second}" for first, second in self.listed]
        return " ".join(words)

    @property
    def is_mean_field(self) -> bool:
        """Whether sites feel an average instead of their neighbours."""
        return self.pattern is Pattern.MEAN_FIELD

    def edges(self, n_sites: int) -> tuple[tuple[int, int], ...]:
        """Return all pairs of neighbours among `n_sites` sites, counted from 0, the lower one first."""
        match self.pattern:
            case Pattern.PAIRS:
                return tuple((first, first + 1) for first in range(0, n_sites - 1, 2))
            case Pattern.CHAIN:
                return tuple((first, first + 1) for first in range(n_sites - 1))
            case Pattern.RING:
                closing = ((0, n_sites - 1),) if n_sites > len("ab") else ()
                return tuple((first, first + 1) for first in range(n_sites - 1)) + closing
            case Pattern.LATTICE:
                return _cylinder(*self.size)
            case Pattern.EDGES:
                return tuple((min(pair) - 1, max(pair) - 1) for pair in self.listed)
            case _:
                return ()


def _cylinder(around: int, along: int) -> tuple[tuple[int, int], ...]:
    """Return the edges of a square lattice, row by row; rows are rings."""
    edges = []
    for row in range(along):
        first = row * around
        ring = Arrangement(pattern=Pattern.RING).edges(around)
        edges += [(first + a, first + b) for a, b in ring]
        if row:
            edges += [(first - around + place, first + place) for place in range(around)]
    return tuple(edges)

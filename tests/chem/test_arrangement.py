from __future__ import annotations

from collections import Counter

import pytest

from surfacechem.chem.arrangement import Arrangement, Pattern


@pytest.mark.parametrize(
    ("pattern", "n_sites", "n_edges"),
    [
        (Pattern.PAIRS, 7, 3),
        (Pattern.CHAIN, 7, 6),
        (Pattern.RING, 7, 7),
        (Pattern.RING, 2, 1),
        (Pattern.RING, 1, 0),
        (Pattern.MEAN_FIELD, 7, 0),
    ],
)
def test_number_of_neighbours(pattern: Pattern, n_sites: int, n_edges: int) -> None:
    """Each pattern has the edges of its name, the smallest sizes included."""
    edges = Arrangement(pattern=pattern).edges(n_sites)
    assert len(set(edges)) == len(edges) == n_edges


def test_sites_inside_a_cylinder_have_four_neighbours() -> None:
    """On a lattice of 5 x 4, sites of inner rows have four neighbours and those of the rims three."""
    edges = Arrangement(pattern=Pattern.LATTICE, size=(5, 4)).edges(20)
    degree = Counter(site for edge in edges for site in edge)
    assert [degree[site] for site in range(20)] == [3] * 5 + [4] * 10 + [3] * 5


def test_arrangement_is_written_as_it_is_read() -> None:
    """The text is that of a model line."""
    assert str(Arrangement(pattern=Pattern.LATTICE, size=(4, 12))) == "lattice 4 x 12"
    assert str(Arrangement(pattern=Pattern.EDGES, listed=((1, 2), (2, 3)))) == "edges 1-2 2-3"
    assert str(Arrangement(pattern=Pattern.MEAN_FIELD)) == "mean field"

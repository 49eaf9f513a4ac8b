from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.chem.arrangement import Arrangement, Pattern
from surfacechem.errors import ModelError
from surfacechem.symbolic.counting import count_macrostates

if TYPE_CHECKING:
    from collections.abc import Iterator

Edges = tuple[tuple[int, int], ...]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Edges]:
    """Draw up to six sites and some of the edges between them."""
    n_sites = draw(st.integers(1, 6))
    pairs = [(a, b) for a in range(n_sites) for b in range(a + 1, n_sites)]
    return n_sites, tuple(pair for pair in pairs if draw(st.booleans()))


def matchings(edges: Edges, used: frozenset[int] = frozenset()) -> Iterator[Edges]:
    """Yield every set of edges that share no site."""
    yield ()
    for number, edge in enumerate(edges):
        if used.isdisjoint(edge):
            for rest in matchings(edges[number + 1 :], used | set(edge)):
                yield (edge, *rest)


def enumerated(n_sites: int, edges: Edges, n_singles: int) -> Counter[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Count all fillings one by one: singles of some kinds, kind 1 coupled, and one ligand on two sites."""
    found: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    for taken in matchings(edges):
        free = [site for site in range(n_sites) if not any(site in edge for edge in taken)]
        for states in product(range(n_singles), repeat=len(free)):
            state = dict(zip(free, states, strict=True))
            alike = sum(state.get(a) == 1 and state.get(b) == 1 for a, b in edges)
            counts = tuple(states.count(kind) for kind in range(n_singles))
            found[(*counts, len(taken)), (alike,)] += 1
    return found


@given(graphs())
@settings(max_examples=40, deadline=None)
def test_macrostates_are_those_of_enumeration(graph: tuple[int, Edges]) -> None:
    """On any small graph, ligands on one and on two sites with coupled neighbours are counted one for one."""
    n_sites, edges = graph
    counted = count_macrostates(n_sites, edges, (1, 1, 1, 2), ((1, 1),))
    assert {(m.counts, m.pairs): m.multiplicity for m in counted} == enumerated(n_sites, edges, 3)


def test_domino_tilings_of_a_board_are_known() -> None:
    """A ring of 2n sites is tiled by dimers in two ways; a chain in one."""
    for pattern, n_ways in ((Pattern.RING, 2), (Pattern.CHAIN, 1)):
        full = [m for m in count_macrostates(20, Arrangement(pattern=pattern).edges(20), (1, 2)) if m.counts == (0, 10)]
        assert [m.multiplicity for m in full] == [n_ways]


@pytest.mark.parametrize(("pattern", "size", "n_sites"), [(Pattern.RING, (), 51), (Pattern.LATTICE, (6, 8), 48)])
def test_all_fillings_are_counted(pattern: Pattern, size: tuple[int, ...], n_sites: int) -> None:
    """The multiplicities of two states on N sites add up to 2^N, exactly."""
    edges = Arrangement(pattern=pattern, size=size).edges(n_sites)
    assert sum(m.multiplicity for m in count_macrostates(n_sites, edges, (1, 1), ((1, 1),))) == 2**n_sites


def test_matchings_of_a_dense_graph_do_not_overflow() -> None:
    """The perfect matchings of 10 sites that are all neighbours are 9!! = 945, and all matchings 9496."""
    edges = tuple((a, b) for a in range(10) for b in range(a + 1, 10))
    found = {m.counts: m.multiplicity for m in count_macrostates(10, edges, (1, 2))}
    assert found[0, 5] == 945
    assert sum(found.values()) == 9496


def test_impossible_work_is_refused() -> None:
    """Five kinds on fifty sites are more macrostates than can be summed, and that is said before any work."""
    with pytest.raises(ModelError, match="mean field"):
        count_macrostates(50, Arrangement(pattern=Pattern.RING).edges(50), (1, 1, 1, 1, 1, 1), ((1, 1),))

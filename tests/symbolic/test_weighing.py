"""Sums over fillings with the same ligand counts, listed and by a walk over the sites with numbers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from surfacechem.chem.arrangement import Arrangement, Pattern
from surfacechem.errors import ModelError
from surfacechem.symbolic import weighing
from surfacechem.symbolic.counting import count_macrostates
from surfacechem.symbolic.weighing import Neighbourhood, resolve, weigh

Edges = tuple[tuple[int, int], ...]

RING = Arrangement(pattern=Pattern.RING).edges(51)
PAIRS = ((1, 1), (1, 2), (2, 2))
LN_W = (0.8, -1.2, 0.4)


def by_numbers(
    monkeypatch: pytest.MonkeyPatch, n_sites: int, edges: Edges, spans: tuple[int, ...], coupled: Edges
) -> weighing.Weighed:
    """Return the sums by the walk, which lists of this size would not need."""
    with monkeypatch.context() as patched:
        patched.setattr(weighing, "_list", lambda *_: None)
        return weigh.__wrapped__(n_sites, edges, spans, coupled, LN_W[: len(coupled)])


@pytest.mark.parametrize(
    ("edges", "spans", "coupled"),
    [
        (Arrangement(pattern=Pattern.RING).edges(8), (1, 1, 1), PAIRS),
        (Arrangement(pattern=Pattern.LATTICE, size=(3, 3)).edges(9), (1, 1, 1), PAIRS),
        (((0, 1), (0, 4), (1, 3), (2, 4), (3, 4)), (1, 1, 2), ((0, 1), (1, 1))),
    ],
)
def test_listed_and_walked_sums_agree(
    monkeypatch: pytest.MonkeyPatch, edges: Edges, spans: tuple[int, ...], coupled: Edges
) -> None:
    """Ring, cylinder and a graph with a ligand on two sites: two ways to sum, one answer."""
    n_sites = 1 + max(map(max, edges))
    listed = weigh(n_sites, edges, spans, coupled, LN_W[: len(coupled)])
    walked = by_numbers(monkeypatch, n_sites, edges, spans, coupled)
    assert walked.ln_sum == pytest.approx(listed.ln_sum, abs=1e-13)
    assert walked.pairs == pytest.approx(listed.pairs, abs=1e-13)


def test_sums_are_those_of_all_fillings() -> None:
    """Six sites on a ring in three states: weights and mean pairs of 729 fillings, by their counts."""
    edges = Arrangement(pattern=Pattern.RING).edges(6)
    found = weigh(6, edges, (1, 1, 1), PAIRS, LN_W)
    for number, macrostate in enumerate(count_macrostates(6, edges, (1, 1, 1))):
        weights, pairs = [], []
        for states in product(range(3), repeat=6):
            if tuple(map(states.count, range(3))) == macrostate.counts:
                met = [tuple(sorted((states[a], states[b]))) for a, b in edges]
                pairs.append([met.count(pair) for pair in PAIRS])
                weights.append(np.exp(np.dot(pairs[-1], LN_W)))
        assert found.ln_sum[number] == pytest.approx(np.log(sum(weights)), abs=1e-13)
        assert found.pairs[number] == pytest.approx(np.average(pairs, axis=0, weights=weights), abs=1e-13)


def test_a_long_ring_is_the_trace_of_its_transfer_matrix() -> None:
    """51 sites, three states, three couplings: 345 million macrostates of pairs, 1378 sums that add up to tr T^51."""
    assert resolve(51, RING, (1, 1, 1), PAIRS) is None
    activity = np.array([1.0, 0.7, 0.3])
    counts = np.array([each.counts for each in count_macrostates(51, RING, (1, 1, 1))])
    total = np.logaddexp.reduce(weigh(51, RING, (1, 1, 1), PAIRS, LN_W).ln_sum + counts @ np.log(activity))
    boltzmann = np.exp([[0.0, 0.0, 0.0], [0.0, 0.8, -1.2], [0.0, -1.2, 0.4]])
    transfer = boltzmann * np.sqrt(np.outer(activity, activity))
    assert total == pytest.approx(np.log(np.trace(np.linalg.matrix_power(transfer, 51))), rel=1e-13)


def test_strong_couplings_do_not_overflow() -> None:
    """Couplings of 100 kJ/mol: of 51 alternating neighbours exp(2000) alone would be infinite."""
    found = weigh(51, RING, (1, 1, 1), PAIRS, (40.0, -45.0, 38.0))
    assert np.isfinite(found.ln_sum).all()
    full = [each.counts for each in count_macrostates(51, RING, (1, 1, 1))].index((0, 51, 0))
    assert found.ln_sum[full] == pytest.approx(51 * 40.0)
    assert found.pairs[full] == pytest.approx([51.0, 0.0, 0.0])


def test_an_unknown_coupling_spoils_only_what_depends_on_it() -> None:
    """With w of unlike neighbours unknown, fillings without unlike neighbours keep their weight."""
    edges = Arrangement(pattern=Pattern.RING).edges(4)
    sites = Neighbourhood(weights=(), couplings=(), n_sites=4, edges=edges, spans=(1, 1, 1), coupled=((1, 2), (1, 1)))
    gained = sites.weigh(np.array([np.nan, 0.5])).ln_sum
    for macrostate, gain in zip(count_macrostates(4, edges, (1, 1, 1)), gained, strict=True):
        assert np.isnan(gain) == (macrostate.counts[1] > 0 < macrostate.counts[2])


def test_what_would_take_minutes_is_refused() -> None:
    """A cylinder six around and thirty long in three states has 2187 patterns of 131 thousand numbers."""
    edges = Arrangement(pattern=Pattern.LATTICE, size=(6, 30)).edges(180)
    with pytest.raises(ModelError, match="patterns of open sites"):
        weigh(180, edges, (1, 1, 1), PAIRS, LN_W)

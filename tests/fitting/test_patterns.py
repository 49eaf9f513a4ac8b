"""Runs of residuals: their exact distribution, and what they find."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from surfacechem.fitting.patterns import count_runs


@pytest.mark.parametrize(("n_above", "n_below"), [(1, 1), (2, 3), (4, 3), (5, 2)])
def test_chance_of_runs_is_that_of_all_orders(n_above: int, n_below: int) -> None:
    """The chance of at most so many runs is counted over all orders of the signs."""
    signs = [1.0] * n_above + [-1.0] * n_below
    orders = sorted(set(permutations(signs)))
    counts = np.array([1 + np.count_nonzero(np.diff(order)) for order in orders])
    for order, count in zip(orders, counts, strict=True):
        runs = count_runs(np.array(order)[:, np.newaxis])
        assert runs.n_runs == count
        assert runs.chance == pytest.approx(np.mean(counts <= count))
        assert runs.expected == pytest.approx(counts.mean())


def test_wave_common_to_channels_has_few_runs() -> None:
    """A slow wave below the noise of each of many channels shows in their strongest pattern."""
    noise = np.random.default_rng(1).normal(size=(30, 100))
    assert count_runs(noise).chance > 0.05
    wave = np.sin(np.linspace(0, 6, 30))[:, np.newaxis]
    assert count_runs(noise + 0.7 * wave).chance < 1e-3


def test_one_sign_alone_tells_nothing() -> None:
    """Residuals of one sign, or none at all, are no pattern of signs."""
    assert count_runs(np.ones((5, 1))).chance == 1.0
    assert count_runs(np.zeros((5, 1))).chance == 1.0

"""Figures of draws, of regions of two parameters and of singular values."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.errors import DataError
from surfacechem.fitting import Contour, Draws, Region, find_rank
from surfacechem.plotting import contour, draws_figure, singular_values


def drawn(n_parameters: int) -> Draws:
    """Return normal draws of so many parameters."""
    values = np.random.default_rng(0).normal(size=(200, n_parameters))
    return Draws(
        kind="posterior", parameter_names=tuple(f"K[{k}]" for k in range(n_parameters)), ln_values=values, seed=0
    )


def test_every_pair_has_a_panel() -> None:
    """Below the diagonal each pair, on it each parameter, above it nothing."""
    figure = draws_figure(drawn(3))
    assert [ax.axison for ax in figure.axes] == [True, False, False, True, True, False, True, True, True]
    assert [ax.get_xlabel() for ax in figure.axes[-3:]] == ["log₁₀ K[0]", "log₁₀ K[1]", "log₁₀ K[2]"]
    with pytest.raises(DataError, match="9 parameters"):
        draws_figure(drawn(9))


def test_closed_regions_are_filled_and_open_ones_are_not() -> None:
    """Each region gives its lines and one name; only a closed one has an inside."""
    angle = np.linspace(0.0, 2 * np.pi, 50)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    regions = (
        Region(level=0.68, critical=2.3, lines=(circle,), open_to=(), ends=np.array([[-1.0, 1.0]] * 2)),
        Region(
            level=0.95,
            critical=6.0,
            lines=(2 * circle[:20], 2 * circle[25:45]),
            open_to=("large K[1]",),
            ends=np.array([[-2.0, np.nan], [-2.0, 2.0]]),
        ),
    )
    ax = contour(Contour(names=("K[1]", "K[2]"), best=(0.0, 0.0), regions=regions, facts=()))
    assert ax.get_legend_handles_labels()[1] == ["95 %", "68 %", "best fit"]
    assert len(ax.lines) == 4
    assert len(ax.patches) == 1


def test_components_are_told_from_noise() -> None:
    """Filled symbols are as many as there are components."""
    table = np.outer(np.arange(1.0, 21.0), np.ones(8)) + 0.01 * np.random.default_rng(1).normal(size=(20, 8))
    rank = find_rank(table)
    assert rank is not None
    ax = singular_values(rank)
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [1, 7]

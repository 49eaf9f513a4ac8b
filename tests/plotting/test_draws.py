"""Figures of draws, of regions of two parameters and of singular values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surfacechem.errors import DataError
from surfacechem.fitting import Contour, Draws, Region, find_rank
from surfacechem.fitting.estimate import Scale
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
    energies = tuple(Scale(name=f"w[{k}]", unit="kJ/mol", per_decade=5.7) for k in range(2))
    shown = draws_figure(replace(drawn(2), scales=energies)).axes[-2]
    assert shown.get_xlabel() == "w[0] [kJ/mol]"
    assert shown.get_xlim()[1] == pytest.approx(5.7 * np.quantile(drawn(2).log10_values[:, 0], 0.999))
    with pytest.raises(DataError, match="9 parameters"):
        draws_figure(drawn(9))


def test_draws_that_are_all_equal_have_a_figure() -> None:
    """At a bound every replica may end at one value; its axis still has a length."""
    still = replace(drawn(2), ln_values=np.ones((50, 2)))
    low, high = draws_figure(still).axes[0].get_xlim()
    assert low < 1.0 / np.log(10) < high


def test_regions_are_filled_and_open_ones_run_out_of_the_frame() -> None:
    """Each region gives its lines, its areas and one name; the frame ends where an open side is cut off."""
    angle = np.linspace(0.0, 2 * np.pi, 50)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    regions = (
        Region(
            level=0.68, critical=2.3, lines=(circle,), areas=(circle,), open_to=(), ends=np.array([[-1.0, 1.0]] * 2)
        ),
        Region(
            level=0.95,
            critical=6.0,
            lines=(2 * circle[:20], 2 * circle[25:45]),
            areas=(2 * circle[:45],),
            open_to=("large K[1]",),
            ends=np.array([[-2.0, np.nan], [-2.0, 2.0]]),
        ),
    )
    scales = Scale(name="K[1]"), Scale(name="w[1]", unit="kJ/mol", per_decade=5.7)
    ax = contour(Contour(scales=scales, best=(0.0, 0.0), regions=regions, facts=()))
    assert ax.get_legend_handles_labels()[1] == ["95 %, open", "68 %", "best fit"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("log₁₀ K[1]", "w[1] [kJ/mol]")
    assert len(ax.lines) == 4
    assert len(ax.patches) == 2
    assert ax.get_xlim()[1] == pytest.approx(2.0)
    assert ax.get_ylim()[1] > 2.0


def test_components_are_told_from_noise() -> None:
    """Filled symbols are as many as there are components."""
    table = np.outer(np.arange(1.0, 21.0), np.ones(8)) + 0.01 * np.random.default_rng(1).normal(size=(20, 8))
    rank = find_rank(table)
    assert rank is not None
    ax = singular_values(rank)
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [1, 7]

"""Draws of several parameters: how each is distributed, and every pair against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import numpy as np

from surfacechem.errors import DataError
from surfacechem.plotting.style import BAND_ALPHA, colour, dress, literal, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surfacechem.fitting import Draws

__all__ = ["draws_figure"]

PANEL: Final = 1.9  # inches
MOST_PARAMETERS: Final = 8
MOST_BINS, FEWEST_BINS = 40, 10
DOT_SIZE: Final = 1.2
MOST_TICKS: Final = 3
REACH: Final = (0.001, 0.999)
"""Quantiles that the axes show."""
LEAST_REACH: Final = 0.1


def draws_figure(draws: Draws) -> Figure:
    """Return a figure of draws: on the diagonal each parameter, below it each pair.

    Raises
    ------
    DataError
        If there are too many parameters for one figure.
    """
    scales = draws.shown_on
    if len(scales) > MOST_PARAMETERS:
        raise DataError("figure of draws", found=f"{len(scales)} parameters", allowed=f"{MOST_PARAMETERS} at most")
    names = [literal(scale.axis) for scale in scales]
    values = draws.log10_values * [scale.factor for scale in scales]
    side = PANEL * len(names) + 0.8
    figure = new_figure(size=(side, side))
    panels = figure.subplots(len(names), len(names), squeeze=False, sharex="col")
    limits = [_apart(float(low), float(high)) for low, high in np.quantile(values, REACH, axis=0).T]
    n_bins = int(np.clip(np.sqrt(len(values)), FEWEST_BINS, MOST_BINS))
    for row, column in np.ndindex(panels.shape):
        panel = cast("Axes", panels[row, column])
        if column > row:
            panel.set_axis_off()
            continue
        dress(panel)
        panel.locator_params(axis="x", nbins=MOST_TICKS)
        panel.set_xlim(*limits[column])
        if row == column:
            panel.hist(values[:, row], bins=n_bins, range=limits[row], color=colour(0), alpha=2 * BAND_ALPHA)
            panel.set_yticks([])
        else:
            panel.plot(values[:, column], values[:, row], ".", color=colour(0), markersize=DOT_SIZE, alpha=BAND_ALPHA)
            panel.set_ylim(*limits[row])
        if row == len(names) - 1:
            panel.set_xlabel(names[column])
        else:
            panel.tick_params(labelbottom=False)
        if column == 0 and row:
            panel.set_ylabel(names[row])
        elif column != row:
            panel.tick_params(labelleft=False)
    return figure


def _apart(low: float, high: float) -> tuple[float, float]:
    """Return limits that are apart; all draws may be equal, at a bound."""
    return (low, high) if high > low else (low - LEAST_REACH, high + LEAST_REACH)

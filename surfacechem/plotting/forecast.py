"""Figure of a plan: errors to be expected against the number of points, and what each point is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.fitting.uncertainty import quantile
from surfacechem.plotting.style import (
    FRAME_WIDTH,
    INK,
    LINE_WIDTH,
    MARKERS,
    add_legend,
    colour,
    count_on,
    dress,
    label_decades,
    literal,
    new_figure,
    per_cent,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from surfacechem.fitting.outlook import Forecast

    Floats = NDArray[np.float64]

__all__ = ["forecast_figure"]

SIZE: Final = (5.2, 5.0)
MARKER_SIZE: Final = 5.0
BAR_WIDTH: Final = 0.8
DECADE: Final = 10.0  # spread of errors above which their axis is logarithmic
HIGHEST_BAR: Final = 100.0  # per cent; a point whose loss costs more is drawn to the top


def forecast_figure(found: Forecast) -> Figure:
    """Return a figure of two panels.

    Above, by how much a constant may be off (upper half of the interval, at the worst of the guesses) against the
    number of points over the same range, a coupling in kJ/mol; the run planned is marked. Below, by how much each
    standard error grows without each of its points: points near zero carry no information.
    """
    figure = new_figure(size=SIZE)
    upper, lower = figure.subplots(2, 1)
    for ax in (upper, lower):
        dress(ax)
    _draw_errors(upper, found)
    planned = int(np.searchsorted(found.n_points, len(found.best.run.amounts)))
    upper.axvline(found.n_points[min(planned, len(found.n_points) - 1)], color=INK, linewidth=FRAME_WIDTH, alpha=0.5)
    upper.set_xlabel("number of points")
    shares = np.clip(100.0 * np.nan_to_num(found.widened, posinf=HIGHEST_BAR), 0.0, HIGHEST_BAR)
    width = BAR_WIDTH / max(len(found.parameter_names), 1)
    for number, _ in enumerate(found.parameter_names):
        places = np.arange(1, len(shares) + 1) + (number - 0.5 * (len(found.parameter_names) - 1)) * width
        lower.bar(places, shares[:, number], width=width, color=colour(number))
    count_on(lower.xaxis)
    lower.set_xlabel("point")
    lower.set_ylabel("error grows without it by [%]")
    return figure


def _draw_errors(upper: Axes, found: Forecast) -> None:
    """Draw the errors of constants in per cent, and those of couplings on an axis in kJ/mol."""
    reach = quantile(found.fit.level, np.inf)
    axes: dict[str, Axes] = {}
    for number, scale in enumerate(found.scales):
        off = reach * found.log10_stderr[:, number]
        unit, errors = "%", 100.0 * (10.0**off - 1.0)
        if scale.per_decade is not None:
            unit, errors = scale.unit, scale.per_decade * off
        if unit not in axes:
            axes[unit] = upper.twinx() if axes else upper
        marker = MARKERS[number % len(MARKERS)]
        (line,) = axes[unit].plot(
            found.n_points, errors, color=colour(number), marker=marker, markersize=MARKER_SIZE, linewidth=LINE_WIDTH
        )
        (named,) = upper.plot([], [])
        named.update_from(line)
        named.set_label(literal(scale.name))
    for unit, ax in axes.items():
        ax.set_ylabel(f"expected error, {per_cent(found.fit.level)} [{unit}]")
        _stretch(ax)
    for ax in list(axes.values())[1:]:
        dress(ax)
        ax.grid(visible=False)
        ax.spines["right"].set_visible(True)
    add_legend(upper)


def _stretch(ax: Axes) -> None:
    """Let errors begin at zero, or stand by their decades where they are decades apart."""
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in ax.get_lines()])
    known = drawn[np.isfinite(drawn)]
    if known.size and known.max() > DECADE * known.min():
        ax.set_yscale("log")
        label_decades(ax.yaxis)
    else:
        ax.set_ylim(bottom=0.0)

"""Figure of a plan: errors to be expected against the number of points, and what each point is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

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
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from surfacechem.fitting.outlook import Forecast

    Floats = NDArray[np.float64]

__all__ = ["forecast_figure"]

SIZE: Final = (5.2, 5.0)
MARKER_SIZE: Final = 5.0
BAR_WIDTH: Final = 0.8
INTERVAL_Z: Final = 1.959963984540054
"""Half of a 95 % interval of the normal distribution, in standard errors."""
DECADE: Final = 10.0  # spread of errors above which their axis is logarithmic
HIGHEST_BAR: Final = 100.0  # per cent; a point whose loss costs more is drawn to the top


def forecast_figure(found: Forecast) -> Figure:
    """Return a figure of two panels.

    Above, by how much a constant may be off (upper half of the 95 % interval, at the worst of the guesses) against the
    number of points over the same range; the run planned is marked. Below, by how much each standard error grows
    without each of its points: points near zero carry no information.
    """
    figure = new_figure(size=SIZE)
    upper, lower = figure.subplots(2, 1)
    for ax in (upper, lower):
        dress(ax)
    errors = 100.0 * (10.0 ** (INTERVAL_Z * found.log10_stderr) - 1.0)
    planned = int(np.searchsorted(found.n_points, len(found.best.run.amounts)))
    for number, name in enumerate(found.parameter_names):
        line = {"color": colour(number), "marker": MARKERS[number % len(MARKERS)], "markersize": MARKER_SIZE}
        upper.plot(found.n_points, errors[:, number], label=literal(name), linewidth=LINE_WIDTH, **line)
    upper.axvline(found.n_points[min(planned, len(found.n_points) - 1)], color=INK, linewidth=FRAME_WIDTH, alpha=0.5)
    known = errors[np.isfinite(errors)]
    if known.size and known.max() > DECADE * known.min():
        upper.set_yscale("log")
        label_decades(upper.yaxis)
    else:
        upper.set_ylim(bottom=0.0)
    upper.set_xlabel("number of points")
    upper.set_ylabel("expected error, 95 % [%]")
    add_legend(upper)
    shares = np.clip(100.0 * np.nan_to_num(found.widened, posinf=HIGHEST_BAR), 0.0, HIGHEST_BAR)
    width = BAR_WIDTH / max(len(found.parameter_names), 1)
    for number, _ in enumerate(found.parameter_names):
        places = np.arange(1, len(shares) + 1) + (number - 0.5 * (len(found.parameter_names) - 1)) * width
        lower.bar(places, shares[:, number], width=width, color=colour(number))
    count_on(lower.xaxis)
    lower.set_xlabel("point")
    lower.set_ylabel("error grows without it by [%]")
    return figure

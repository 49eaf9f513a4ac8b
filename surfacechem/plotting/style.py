"""How figures look: one palette, one set of sizes, set on the artists so that no global state changes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.display import chemical, printable, round_number, superscript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.figure import Figure

__all__ = [
    "INK",
    "LINE_STYLES",
    "MARKERS",
    "PALETTE",
    "add_legend",
    "axis_label",
    "axis_text",
    "colour",
    "count_on",
    "dress",
    "few_ticks",
    "label_decades",
    "literal",
    "named",
    "new_axes",
    "new_figure",
    "per_cent",
    "progress_colours",
    "stretch_x",
    "stretch_y",
]

INK: Final = "#1b1f24"
"""Colour of text and axes; in an HTML page it becomes the page's own text colour."""

PALETTE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Told apart by colour-blind readers: M. Okabe and K. Ito, "Color Universal Design" (2008), values as printed by
B. Wong, Nature Methods 8, 441 (2011), 10.1038/nmeth.1618. Black is left to the text, yellow is too pale on white.
"""
MARKERS: Final = ("o", "s", "^", "D", "v", "P")
LINE_STYLES: Final = ("-", "--", "-.", ":")

FIGURE_SIZE: Final = (5.2, 3.4)  # inches: one column of a paper at 1.5 times its width
FONT_SIZE: Final = 9.0
SMALL_FONT_SIZE: Final = 8.0
LINE_WIDTH: Final = 1.6
FRAME_WIDTH: Final = 0.8
GRID_ALPHA: Final = 0.12
BAND_ALPHA: Final = 0.22
MOST_LEGEND_ROWS: Final = 4
MOST_LONG_TICKS: Final = 6  # room for them in a column of a paper
PLAIN_DECADES: Final = (1e-3, 1e4)  # a logarithmic axis that reaches beyond has powers of ten only


def new_figure(
    n_rows: int = 1, *, ratios: tuple[float, ...] | None = None, size: tuple[float, float] = FIGURE_SIZE
) -> Figure:
    """Return an empty figure that belongs to no window and no global list."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    if n_rows > 1:
        figure.subplots(n_rows, 1, sharex=True, height_ratios=ratios)
        for ax in figure.axes:
            dress(ax)
    return figure


def new_axes(ax: Axes | None = None, *, size: tuple[float, float] = FIGURE_SIZE) -> Axes:
    """Return the caller's axes untouched, or dressed axes of a new figure."""
    if ax is not None:
        return ax
    made = new_figure(size=size).add_subplot()
    dress(made)
    return made


def dress(ax: Axes) -> None:
    """Set sizes and colours of frame, ticks and grid."""
    ax.set_facecolor("none")
    for side, spine in ax.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_linewidth(FRAME_WIDTH)
        spine.set_color(INK)
    ax.tick_params(
        which="both", direction="out", width=FRAME_WIDTH, color=INK, labelcolor=INK, labelsize=SMALL_FONT_SIZE, length=3
    )
    ax.grid(visible=True, color=INK, alpha=GRID_ALPHA, linewidth=FRAME_WIDTH)
    ax.set_axisbelow(True)
    for label in (ax.xaxis.label, ax.yaxis.label, ax.title):
        label.set_color(INK)
        label.set_fontsize(FONT_SIZE)


def colour(index: int) -> str:
    """Return the colour of curve `index`; colours repeat and line styles then change."""
    return PALETTE[index % len(PALETTE)]


def progress_colours(n_colours: int) -> list[str]:
    """Return colours from first to last that stay apart on white and on black and in grey."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    shades = (colormaps["viridis"](0.12 + 0.7 * k / max(1, n_colours - 1)) for k in range(n_colours))
    return [to_hex(shade) for shade in shades]


def literal(text: str) -> str:
    """Return text of the user's as matplotlib shows it unchanged: dollar signs begin no formula."""
    return printable(text).replace("$", r"\$")


def named(text: str) -> str:
    """Return the name of a species, a ligand or a cluster as it is printed; a site without ligand is vacant."""
    return "vacant" if text == "*" else literal(chemical(text))


def per_cent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.3g} %"


def axis_label(name: str, unit: str) -> str:
    """Return the label of an axis along which a flask changes, what is put in printed as chemistry."""
    return axis_text(chemical(name), chemical(unit))


def axis_text(name: str, unit: str) -> str:
    """Return the label of an axis, unit in brackets."""
    return f"{literal(name)} [{literal(unit)}]" if unit not in {"", "1"} else literal(name)


def stretch_x(ax: Axes, linear_to: float | None) -> None:
    """Make the x axis logarithmic beyond `linear_to` and linear around zero; leave it linear for None."""
    if linear_to is not None:
        ax.set_xscale("asinh", linear_width=linear_to / 2)
        label_decades(ax.xaxis)


def stretch_y(ax: Axes, lowest: float) -> None:
    """Make the y axis logarithmic from `lowest` upward; where a curve is zero it has no place there."""
    ax.set_yscale("log", nonpositive="mask")
    ax.set_ylim(bottom=lowest)
    label_decades(ax.yaxis)


def few_ticks(axis: XAxis | YAxis) -> None:
    """Put few ticks on an axis whose labels are long: decimals of a logarithm that is known well."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=MOST_LONG_TICKS, steps=[1, 2, 5, 10]))


def count_on(axis: XAxis | YAxis) -> None:
    """Put the ticks of an axis of counts at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True))


def label_decades(axis: XAxis | YAxis) -> None:
    """Write the ticks of a logarithmic axis as on a linear one; the default would be formulas in another typeface."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    def number(value: float, _: int | None) -> str:
        ends = np.abs(axis.get_view_interval())
        power = math.log10(value) if value > 0 else math.nan
        if (ends.min() < PLAIN_DECADES[0] or ends.max() > PLAIN_DECADES[1]) and power.is_integer():
            return f"10{superscript(str(int(power)))}"
        return round_number(value, n_digits=3).typeset()

    axis.set_major_formatter(FuncFormatter(number))
    axis.set_minor_formatter(NullFormatter())


def add_legend(ax: Axes, *, title: str = "", handles: Sequence[Artist] = ()) -> None:
    """Add a legend where curves have names: inside if short, else beside the panel; `handles` stand for the curves."""
    drawn, labels = ax.get_legend_handles_labels()
    if not labels:
        return
    handles = handles or drawn
    is_long = len(labels) > MOST_LEGEND_ROWS
    place = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)} if is_long else {"loc": "best"}
    legend = ax.legend(
        handles, labels, frameon=False, fontsize=SMALL_FONT_SIZE, labelcolor=INK, title=title or None, **place
    )
    legend.get_title().set_fontsize(SMALL_FONT_SIZE)
    legend.get_title().set_color(INK)

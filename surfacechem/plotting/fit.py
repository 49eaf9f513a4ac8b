"""Panels of fits: measured points on fitted curves, residuals, component spectra, profiles, correlation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surfacechem.display import chemical
from surfacechem.plotting.curves import draw_curves, point_text
from surfacechem.plotting.style import (
    BAND_ALPHA,
    FIGURE_SIZE,
    FRAME_WIDTH,
    INK,
    LINE_STYLES,
    LINE_WIDTH,
    MARKERS,
    SMALL_FONT_SIZE,
    add_legend,
    axis_label,
    axis_text,
    colour,
    few_ticks,
    literal,
    named,
    new_axes,
    new_figure,
    per_cent,
    progress_colours,
    stretch_x,
    stretch_y,
)
from surfacechem.prediction.record import evenly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray

    from surfacechem.fitting import Contour, Profile, Rank
    from surfacechem.prediction import Curves
    from surfacechem.prediction.fitted import ComponentSpectra, FittedSignal

    Floats = NDArray[np.float64]

__all__ = [
    "component_spectra",
    "contour",
    "correlation",
    "fitted_figure",
    "isotherm",
    "profile",
    "residuals",
    "singular_values",
    "spectra",
]

MOST_CHANNELS: Final = 6
MOST_SPECTRA: Final = 8
STILL_SHARE: Final = 0.1  # of the largest movement; channels that move less tell nothing
MOST_DOTS: Final = 60
MARKER_SIZE: Final = 4.5
DOT_SIZE: Final = 3.5
CLOUD_ALPHA: Final = 0.15
FIT_SIZE: Final = (5.2, 4.4)
PANEL_RATIOS: Final = (2.6, 1.0)
RESIDUAL_MARGIN: Final = 0.12  # so that no marker at two standard deviations is cut
ZERO_LINE: Final[dict[str, Any]] = {"color": INK, "linewidth": FRAME_WIDTH, "alpha": 0.5}
LARGEST_READABLE: Final = 6  # constants whose correlations are printed as numbers
DARK_CELL: Final = 0.6
LEAST_SHOWN: Final = 1e-12  # of the largest singular value
MOST_SINGULAR: Final = 15
HIGHEST_RISE: Final = 2.5  # of the critical rise; beyond, the shape is of no use


def isotherm(fitted: FittedSignal, *, ax: Axes | None = None) -> Axes:
    """Draw measured points on the fitted curves and their bands; of a spectrum, the channels that move most."""
    drawn = new_axes(ax)
    chosen = _telling_channels(fitted)
    fitted = fitted.shown()
    curves = fitted.curves
    # Wavelengths are many and seldom on each other; signals of one unit may well be.
    styles = LINE_STYLES if curves.axis is None else LINE_STYLES[:1]
    draw_curves(drawn, fitted.walk, _named(curves), chosen=chosen, styles=styles)
    for number, j in enumerate(chosen):
        _points(drawn, fitted.points.values, fitted.measured[:, j], fitted.sigma[:, j], number)
    drawn.set_xlabel(axis_label(fitted.points.label, fitted.points.unit))
    drawn.set_ylabel(axis_text(curves.name, chemical(curves.unit)))
    drawn.margins(x=0.02)
    stretch_x(drawn, fitted.points.linear_to)
    if len(chosen) > 1:
        add_legend(drawn, handles=_with_markers(drawn))
    return drawn


def residuals(fitted: FittedSignal, *, ax: Axes | None = None) -> Axes:
    """Draw residuals in standard deviations, lines at two; of a spectrum, the reach of all others in grey."""
    drawn = new_axes(ax)
    chosen = _telling_channels(fitted)
    scaled = fitted.residual / fitted.sigma
    drawn.axhline(0.0, **ZERO_LINE)
    for edge in (-2.0, 2.0):
        drawn.axhline(edge, **{**ZERO_LINE, "linestyle": ":"})
    others = np.delete(scaled, chosen, axis=1)
    if others.size:
        # Thousands of points would make a slow, large picture; what matters is how far they reach.
        order = np.argsort(fitted.points.values)
        ends = np.nanmin(others, axis=1)[order], np.nanmax(others, axis=1)[order]
        drawn.fill_between(fitted.points.values[order], *ends, color=INK, alpha=CLOUD_ALPHA, linewidth=0)
    for number, j in enumerate(chosen):
        _points(drawn, fitted.points.values, scaled[:, j], None, number)
    drawn.set_xlabel(axis_label(fitted.points.label, fitted.points.unit))
    drawn.set_ylabel("residual / σ")
    drawn.margins(y=RESIDUAL_MARGIN)
    stretch_x(drawn, fitted.points.linear_to)
    return drawn


def fitted_figure(fitted: FittedSignal) -> Figure:
    """Return a figure of the isotherm with its residuals below."""
    figure = new_figure(2, ratios=PANEL_RATIOS, size=FIT_SIZE)
    upper, lower = figure.axes
    isotherm(fitted, ax=upper)
    residuals(fitted, ax=lower)
    upper.set_xlabel("")
    upper.tick_params(axis="x", length=0)
    figure.align_ylabels()
    return figure


def spectra(fitted: FittedSignal, *, ax: Axes | None = None) -> Axes:
    """Draw measured spectra as points and fitted ones as lines, from the first (dark) to the last (bright)."""
    drawn = new_axes(ax)
    wavelength = fitted.curves.axis
    if wavelength is None:
        wavelength = np.arange(1.0, len(fitted.curves.labels) + 1)
    n_points = len(fitted.measured)
    chosen = evenly(n_points, MOST_SPECTRA)
    for point, shade in zip(chosen, progress_colours(len(chosen)), strict=True):
        every = slice(None, None, max(1, len(wavelength) // MOST_DOTS))
        drawn.plot(wavelength[every], fitted.measured[point][every], ".", color=shade, markersize=DOT_SIZE)
        label = point_text(fitted.points, int(point))
        drawn.plot(wavelength, fitted.fitted[point], color=shade, linewidth=LINE_WIDTH * 0.7, label=label)
    drawn.set_xlabel("wavelength [nm]" if fitted.curves.axis is not None else "channel")
    drawn.set_ylabel(axis_text(fitted.curves.name, fitted.curves.unit))
    add_legend(drawn, title=axis_label(fitted.points.label, fitted.points.unit))
    return drawn


def component_spectra(components: ComponentSpectra, *, ax: Axes | None = None) -> Axes:
    """Draw the molar spectra of all entities with their standard errors; given ones are dashed."""
    drawn = new_axes(ax)
    for number, label in enumerate(components.labels):
        values, stderr = components.values[number], components.stderr[number]
        style = "--" if components.is_known[number] else "-"
        name = f"{named(label)} (given)" if components.is_known[number] else named(label)
        drawn.plot(components.axis, values, color=colour(number), linestyle=style, linewidth=LINE_WIDTH, label=name)
        drawn.fill_between(
            components.axis, values - stderr, values + stderr, color=colour(number), alpha=BAND_ALPHA, linewidth=0
        )
    drawn.axhline(0.0, **ZERO_LINE)
    drawn.set_xlabel("wavelength [nm]")
    drawn.set_ylabel(axis_text("molar spectrum", components.unit))
    add_legend(drawn)
    return drawn


def profile(curve: Profile, *, ax: Axes | None = None) -> Axes:
    """Draw a profile likelihood curve: how much worse the best fit gets when one constant is held elsewhere."""
    drawn = new_axes(ax)
    x, rise, critical = curve.log10_values * curve.scale.factor, curve.rise, curve.critical
    drawn.plot(x, rise, color=colour(0), linewidth=LINE_WIDTH)
    drawn.axhline(critical, **{**ZERO_LINE, "linestyle": "--"})
    below = np.minimum(rise, critical)
    drawn.fill_between(x, below, critical, where=rise <= critical, color=colour(0), alpha=BAND_ALPHA, linewidth=0)
    drawn.plot(
        [curve.best * curve.scale.factor], [0.0], MARKERS[0], color=colour(0), markersize=MARKER_SIZE, clip_on=False
    )
    drawn.annotate(
        per_cent(curve.level),
        (1.0, critical),
        xycoords=("axes fraction", "data"),
        ha="right",
        va="bottom",
        fontsize=SMALL_FONT_SIZE,
        color=INK,
    )
    drawn.set_ylim(0.0, HIGHEST_RISE * critical)
    drawn.set_xlabel(literal(curve.scale.axis))
    drawn.set_ylabel("rise of χ²")
    few_ticks(drawn.xaxis)
    return drawn


def contour(found: Contour, *, ax: Axes | None = None) -> Axes:
    """Draw the confidence regions of two parameters, and their best values; lines that do not close are open there."""
    drawn = new_axes(ax)
    for number, region in enumerate(reversed(found.regions)):
        style = LINE_STYLES[number % len(LINE_STYLES)]
        label = per_cent(region.level) + ("" if region.is_closed else ", open")
        for line in region.lines:
            drawn.plot(line[:, 0], line[:, 1], style, color=colour(0), linewidth=LINE_WIDTH, label=label)
            label = ""
        for area in region.areas:
            drawn.fill(area[:, 0], area[:, 1], color=colour(0), alpha=BAND_ALPHA, linewidth=0, label=label)
            label = ""
    drawn.plot(*found.best, MARKERS[0], color=colour(1), markersize=MARKER_SIZE, label="best fit")
    _end_at_open_sides(drawn, found)
    drawn.set_xlabel(literal(found.scales[0].axis))
    drawn.set_ylabel(literal(found.scales[1].axis))
    few_ticks(drawn.xaxis)
    add_legend(drawn)
    return drawn


def singular_values(rank: Rank, *, ax: Axes | None = None) -> Axes:
    """Draw the singular values of a table of signals on what noise alone stays below: filled ones stand above."""
    drawn = new_axes(ax)
    places = np.arange(1, len(rank.singular_values) + 1)
    is_shown = rank.singular_values > LEAST_SHOWN * rank.singular_values[0]
    for is_held, face, label in ((True, colour(0), "components"), (False, "none", "noise")):
        chosen = is_shown & ((places <= rank.n_components) == is_held)
        drawn.plot(
            places[chosen],
            rank.singular_values[chosen],
            MARKERS[0],
            color=colour(0),
            markerfacecolor=face,
            markersize=MARKER_SIZE,
            label=label,
        )
    drawn.plot(places, rank.limits, LINE_STYLES[1], color=INK, linewidth=LINE_WIDTH * 0.7, label="reach of noise")
    drawn.set_xlim(0.0, min(len(places), MOST_SINGULAR) + 1.0)
    drawn.set_xlabel("number of the component")
    drawn.set_ylabel("singular value")
    shown = rank.singular_values[is_shown][:MOST_SINGULAR]
    stretch_y(drawn, 0.5 * float(shown.min()))
    add_legend(drawn)
    return drawn


def correlation(names: Sequence[str], matrix: Floats, *, ax: Axes | None = None) -> Axes:
    """Draw a correlation matrix, numbers written in where they can be read."""
    side = 0.6 * len(names) + 1.4
    drawn = new_axes(ax, size=(max(FIGURE_SIZE[0], side + 1.0), max(FIGURE_SIZE[1], side)))
    image = drawn.imshow(np.ma.masked_invalid(matrix), cmap="PuOr", vmin=-1.0, vmax=1.0)
    drawn.grid(visible=False)
    ticks = range(len(names))
    drawn.set_xticks(ticks, [literal(name) for name in names], rotation=45, ha="right")
    drawn.set_yticks(ticks, [literal(name) for name in names])
    for row, column in np.ndindex(matrix.shape):
        if len(names) <= LARGEST_READABLE and np.isfinite(matrix[row, column]):
            ink = "white" if abs(matrix[row, column]) > DARK_CELL else "black"
            text = f"{matrix[row, column]:.2f}".replace("-", "\N{MINUS SIGN}")
            drawn.text(column, row, text, ha="center", va="center", color=ink, fontsize=SMALL_FONT_SIZE)
    bar = drawn.figure.colorbar(image, ax=drawn, shrink=0.8)
    bar.ax.tick_params(labelsize=SMALL_FONT_SIZE, color=INK, labelcolor=INK)
    bar.outline.set_visible(False)
    return drawn


def _named(curves: Curves) -> Curves:
    """Return the curves with wavelengths as labels, where they have some."""
    if curves.axis is None:
        return curves
    return replace(curves, labels=tuple(f"{wavelength:g} nm" for wavelength in curves.axis))


def _end_at_open_sides(ax: Axes, found: Contour) -> None:
    """Let the picture end where an open region is no longer looked at, so that it runs out of the frame."""
    drawn = [each for region in found.regions for each in (*region.areas, *region.lines)]
    is_open = np.any([np.isnan(region.ends) for region in found.regions], axis=0)
    if not drawn:
        return
    places = np.concatenate(drawn)
    lowest, highest = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    low = [end if is_cut else None for end, is_cut in zip(lowest, is_open[:, 0], strict=True)]
    high = [end if is_cut else None for end, is_cut in zip(highest, is_open[:, 1], strict=True)]
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])


def _telling_channels(fitted: FittedSignal) -> list[int]:
    """Return the channels to draw: all of a few, else those that move most, well apart, in their own order."""
    n_channels = fitted.measured.shape[1]
    if n_channels <= MOST_CHANNELS:
        return list(range(n_channels))
    movement = np.ptp(np.nan_to_num(fitted.fitted), axis=0)
    apart = max(1, n_channels // (2 * MOST_CHANNELS))
    chosen: list[int] = []
    for channel in np.argsort(-movement):
        if movement[channel] < STILL_SHARE * movement.max():
            break
        if all(abs(int(channel) - other) >= apart for other in chosen):
            chosen.append(int(channel))
        if len(chosen) == MOST_CHANNELS:
            break
    return sorted(chosen)


def _with_markers(ax: Axes) -> list[Line2D]:
    """Return the curves of a panel as a legend shows them, each with the symbol of its points."""
    from matplotlib.lines import Line2D

    lines, _ = ax.get_legend_handles_labels()
    handles = [Line2D([], []) for _ in lines]
    for number, (handle, line) in enumerate(zip(handles, lines, strict=True)):
        handle.update_from(line)
        handle.set(marker=MARKERS[number % len(MARKERS)], markersize=MARKER_SIZE, markerfacecolor="none")
    return handles


def _points(ax: Axes, x: Floats, y: Floats, sigma: Floats | None, number: int) -> None:
    ax.errorbar(
        x,
        y,
        yerr=sigma,
        fmt=MARKERS[number % len(MARKERS)],
        color=colour(number),
        markersize=MARKER_SIZE,
        markerfacecolor="none",
        markeredgewidth=1.0,
        elinewidth=0.8,
    )

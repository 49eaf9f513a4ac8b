"""Panels of predictions: curves with bands, coverage, speciation, spectra, ligand counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surfacechem.display import round_number
from surfacechem.errors import UnknownNameError
from surfacechem.plotting.style import (
    BAND_ALPHA,
    FRAME_WIDTH,
    INK,
    LINE_STYLES,
    LINE_WIDTH,
    SMALL_FONT_SIZE,
    add_legend,
    axis_label,
    axis_text,
    colour,
    count_on,
    named,
    new_axes,
    progress_colours,
    stretch_x,
    stretch_y,
)
from surfacechem.prediction.record import evenly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from surfacechem.prediction.flask import Axis
    from surfacechem.prediction.record import Curves, Distribution, Prediction

    Floats = NDArray[np.float64]

__all__ = ["coverage", "distribution", "draw_curves", "forms", "ligands", "position", "signal", "speciation"]

MOST_BARS: Final = 4
MOST_SPECTRA: Final = 9
SPECTRUM_ALPHA: Final = 0.12  # bands of neighbouring spectra lie on each other
RING_SIZE: Final = 7.0
TRACE_SHARE: Final = 1e-3  # what never exceeds this share of the largest would lie on the axis
SURE: Final = 0.999  # where all particles are alike, one bar would dwarf the distributions
PRESSED: Final = 30.0  # largest over smallest curve above which a linear axis would hide the smallest
LOWEST_SHARE: Final = 1e-2  # of the smallest curve's maximum, where a logarithmic axis ends
COUNT_SHARE: Final = 1e-4
FREE_RTOL: Final = 0.01  # how little of a feed may be bound for it to count as free


def signal(prediction: Prediction, name: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw a predicted signal with its band, or predicted spectra where the signal has wavelengths.

    Spectra are coloured along the axis, from the first (dark) to the last (bright); circles mark isosbestic points.

    Parameters
    ----------
    prediction : Prediction
        Holds the curves.
    name : str, optional
        The observable; by default the first.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    """
    curves = prediction.of("signal", name)
    if curves.axis is None:
        return _panel(prediction, curves, ylabel=axis_text(curves.name, curves.shown().unit), ax=ax)
    return _spectra(prediction, curves, new_axes(ax))


def position(prediction: Prediction, name: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the position of a band, with its uncertainty, against the coverage that changes most.

    Parameters
    ----------
    prediction : Prediction
        Holds a position and a coverage.
    name : str, optional
        The observable; by default the first position.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Raises
    ------
    UnknownNameError
        If there is no such position, or no coverage.
    """
    positions = {each.name: each for each in prediction.curves if each.unit == "eV"}
    if (name is not None and name not in positions) or not positions:
        allowed = ", ".join(positions) or "none"
        raise UnknownNameError(f"position {name or ''}".rstrip(), found="not in the prediction", allowed=allowed)
    prediction.of("coverage")  # says what there is where there is none
    coverages = [(each, j) for each in prediction.curves if each.group == "coverage" for j in range(len(each.labels))]
    chosen, column = max(coverages, key=lambda pair: _travel(pair[0].values[:, pair[1]]))
    drawn, curves = new_axes(ax), positions[name or next(iter(positions))]
    order = np.argsort(chosen.values[:, column], kind="stable")
    x = chosen.values[order, column]
    drawn.plot(x, curves.values[order, 0], color=colour(0), linewidth=LINE_WIDTH)
    if curves.lower is not None and curves.upper is not None:
        ends = curves.lower[order, 0], curves.upper[order, 0]
        drawn.fill_between(x, *ends, color=colour(0), alpha=BAND_ALPHA, linewidth=0)
    drawn.set_xlabel(f"fraction of {named(chosen.name)} sites {_with(chosen.labels[column])}")
    drawn.set_ylabel(axis_text(curves.name, curves.unit))
    return drawn


def coverage(prediction: Prediction, site: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the fraction of a site class that each ligand holds."""
    curves = prediction.of("coverage", site)
    drawn = _panel(prediction, curves, ylabel=f"fraction of {named(curves.name)} sites", ax=ax)
    drawn.set_ylim(-0.02, 1.02)
    return drawn


def forms(prediction: Prediction, cluster: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the fraction of a cluster that is in each of its forms."""
    curves = prediction.of("forms", cluster)
    drawn = _panel(prediction, curves, ylabel=f"fraction of {named(curves.name)}", ax=ax)
    drawn.set_ylim(-0.02, 1.02)
    return drawn


def ligands(prediction: Prediction, cluster: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the mean number of ligands of each kind on one particle."""
    curves = prediction.of("ligands", cluster)
    return _panel(prediction, curves, ylabel=f"ligands per {named(curves.name)}", ax=ax)


def speciation(prediction: Prediction, *, entities: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the concentrations of `entities`, by default of all that are more than a trace."""
    curves = prediction.of("speciation")
    missing = [name for name in entities if name not in curves.labels]
    if missing:
        raise UnknownNameError(
            f"entity {', '.join(missing)}", found="not in the prediction", allowed=", ".join(curves.labels)
        )
    # The unit suits what is drawn, not a solvent beside it.
    curves = curves.only(entities or _moving(curves.only(_telling(prediction, curves)))).shown()
    drawn = _panel(prediction, curves, ylabel=axis_text("concentration", curves.unit), ax=ax)
    largest = np.nan_to_num(curves.values).max(axis=0)
    if largest.min() > 0 and largest.max() > PRESSED * largest.min():
        stretch_y(drawn, largest.min() * LOWEST_SHARE)
    return drawn


def distribution(prediction: Prediction, ligand: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw how many ligands single particles carry, at a few points of the prediction."""
    found = [each for each in prediction.distributions if ligand in {None, each.ligand}]
    if not found:
        allowed = ", ".join(each.ligand for each in prediction.distributions)
        raise UnknownNameError(f"ligand counts {ligand or ''}", found="not in the prediction", allowed=allowed)
    shown, axis = found[-1], prediction.conditions.axis
    drawn = new_axes(ax)
    spread = np.flatnonzero(np.nan_to_num(shown.probability).max(axis=1) < SURE)
    points = spread if len(spread) else np.arange(len(shown.probability))
    chosen = points[evenly(len(points), MOST_BARS)]
    for number, point in enumerate(chosen):
        label = point_text(axis, point)
        edges = np.append(shown.counts, shown.counts[-1] + 1) - 0.5
        bars = shown.probability[point]
        drawn.stairs(bars, edges, fill=True, color=colour(number), alpha=BAND_ALPHA)
        style = LINE_STYLES[number % len(LINE_STYLES)]
        drawn.stairs(bars, edges, color=colour(number), linestyle=style, linewidth=LINE_WIDTH, label=label)
    drawn.set_xlim(*_occupied(shown, chosen))
    count_on(drawn.xaxis)
    drawn.set_xlabel(f"number of {named(shown.ligand)} on one {named(shown.cluster)}")
    drawn.set_ylabel("fraction of particles")
    add_legend(drawn, title=axis_label(axis.label, axis.unit))
    return drawn


def draw_curves(
    ax: Axes, axis: Axis, curves: Curves, *, chosen: Sequence[int], styles: Sequence[str] = LINE_STYLES
) -> None:
    """Draw the columns `chosen` of curves, and their bands; by their styles, curves on each other are both seen."""
    for number, j in enumerate(chosen):
        line = styles[number % len(styles)]
        style: dict[str, Any] = {"color": colour(number), "linestyle": line, "linewidth": LINE_WIDTH}
        ax.plot(axis.values, curves.values[:, j], label=named(curves.labels[j]), **style)
        if curves.lower is not None and curves.upper is not None:
            ends = curves.lower[:, j], curves.upper[:, j]
            ax.fill_between(axis.values, *ends, color=colour(number), alpha=BAND_ALPHA, linewidth=0)


def point_text(axis: Axis, point: int) -> str:
    """Return where on the axis a point is, for legends."""
    return round_number(float(axis.values[point]), n_digits=3).typeset()


def _panel(prediction: Prediction, curves: Curves, *, ylabel: str, ax: Axes | None) -> Axes:
    drawn = new_axes(ax)
    axis = prediction.conditions.axis
    draw_curves(drawn, axis, curves.shown(), chosen=range(len(curves.labels)))
    drawn.set_xlabel(axis_label(axis.label, axis.unit))
    drawn.set_ylabel(ylabel)
    drawn.margins(x=0.02)
    stretch_x(drawn, axis.linear_to)
    add_legend(drawn)
    return drawn


def _travel(values: Floats) -> tuple[float, bool]:
    """Return how far a curve goes, and whether upwards: what comes tells more than what goes."""
    known = values[np.isfinite(values)]
    return round(float(np.ptp(known)), 6), bool(known[-1] > known[0])


def _spectra(prediction: Prediction, curves: Curves, drawn: Axes) -> Axes:
    """Draw some spectra of a series with their bands, and mark where all of them cross."""
    axis, wavelength = prediction.conditions.axis, np.asarray(curves.axis)
    placed = np.flatnonzero(np.isfinite(axis.values))
    chosen = placed[evenly(len(placed), MOST_SPECTRA)]
    for point, shade in zip(chosen, progress_colours(len(chosen)), strict=True):
        drawn.plot(
            wavelength, curves.values[point], color=shade, linewidth=LINE_WIDTH, label=point_text(axis, int(point))
        )
        if curves.lower is not None and curves.upper is not None:
            ends = curves.lower[point], curves.upper[point]
            drawn.fill_between(wavelength, *ends, color=shade, alpha=SPECTRUM_ALPHA, linewidth=0)
    points = prediction.isosbestic_points(curves.name)
    if len(points) and len(chosen) > 1:
        levels = np.interp(points, wavelength, curves.values[chosen[0]])
        top = drawn.get_xaxis_transform()  # wavelengths across, fractions of the panel upwards
        drawn.plot(points, levels, "o", markersize=RING_SIZE, markerfacecolor="none", markeredgecolor=INK)
        for point in points:
            drawn.axvline(point, color=INK, linestyle=":", linewidth=FRAME_WIDTH)
            text = f"{round_number(float(point), n_digits=4).typeset()} nm"
            at = (float(point), 1.0)
            drawn.text(*at, text, transform=top, ha="center", va="bottom", fontsize=SMALL_FONT_SIZE, color=INK)
    drawn.set_xlabel("wavelength [nm]")
    drawn.set_ylabel(axis_text(curves.name, curves.unit))
    add_legend(drawn, title=axis_label(axis.label, axis.unit))
    return drawn


def _telling(prediction: Prediction, curves: Curves) -> list[str]:
    """Return the labels of what says more than what was put in; all where nothing does.

    A feed that stays free as a whole is the axis once more, or constant; so is a cluster that has one form.
    """
    flask = prediction.conditions
    clusters = {each.name for each in prediction.curves if each.group == "ligands"}
    lone = {name for name in clusters if not any(label.startswith(f"{name}.") for label in curves.labels)}
    free = {
        label
        for label, values in zip(curves.labels, curves.values.T, strict=True)
        if label in flask.feeds
        and np.allclose(values, flask.amounts[:, flask.feeds.index(label)], rtol=FREE_RTOL, atol=0.0, equal_nan=True)
    }
    return [label for label in curves.labels if label not in lone | free] or list(curves.labels)


def _moving(curves: Curves) -> list[str]:
    """Return the labels of all curves that are more than a trace and not constant; all where nothing moves."""
    values = np.nan_to_num(curves.values)
    largest = values.max(axis=0)
    is_trace = largest <= TRACE_SHARE * largest.max()
    if 0 < is_trace.sum() == len(largest) - 1:
        # One thing in great excess must not hide the others; they are measured by the largest of them.
        is_trace = largest <= TRACE_SHARE * np.sort(largest)[-2]
    is_shown = ~is_trace & (np.ptp(values, axis=0) > TRACE_SHARE * largest)
    kept = [label for label, shown in zip(curves.labels, is_shown, strict=True) if shown]
    return kept or list(curves.labels)


def _with(ligand: str) -> str:
    return "that are vacant" if ligand == "*" else f"with {named(ligand)}"


def _occupied(shown: Distribution, points: NDArray[np.intp]) -> tuple[float, float]:
    """Return the range of counts that particles have at `points`."""
    is_seen = np.nan_to_num(shown.probability[points]).max(axis=0) > COUNT_SHARE
    seen = shown.counts[is_seen] if is_seen.any() else shown.counts
    return float(seen[0]) - 1.0, float(seen[-1]) + 1.0

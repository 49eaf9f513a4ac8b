"""Panels of sweeps: a map over two axes, and families of curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surfacechem.display import round_number
from surfacechem.errors import DataError, UnknownNameError
from surfacechem.plotting.style import (
    LINE_WIDTH,
    add_legend,
    axis_label,
    dress,
    label_decades,
    named,
    new_axes,
    progress_colours,
)
from surfacechem.prediction.record import evenly

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["coverage_map", "curve_family"]

MOST_CURVES: Final = 7
LEVELS: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
LEVEL_INKS: Final = ("white", "white", "white", "black", "black")  # the map is bright above
EVEN: Final = 1e-3  # relative spread of ratios up to which values count as evenly spaced in their logarithm


def coverage_map(data: xr.Dataset, state: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw how much of its sites a state holds over the two dimensions of a sweep.

    Parameters
    ----------
    data : Dataset
        A sweep on a grid; of more than two dimensions, choose values first: ``data.sel({"T": 298.15})``.
    state : str, optional
        ``"In-O2CR'"``; by default the last one.
    ax : Axes, optional
        Where to draw; by default on a new figure.

    Raises
    ------
    DataError
        If the sweep has not two dimensions.
    UnknownNameError
        If no state has this name.
    """
    values = _coverage(data, state)
    dims = [str(name) for name in values.dims]
    if len(dims) != 2:  # noqa: PLR2004 - a map has two axes
        raise DataError(
            "map of a sweep",
            found=f"{len(dims)} dimensions: {', '.join(dims)}",
            allowed="two",
            advice="choose values of the others first: data.sel({'T': 298.15}, method='nearest')",
        )
    drawn = new_axes(ax)
    down, across = dims
    x, y = values[across].to_numpy(), values[down].to_numpy()
    shown = np.ma.masked_invalid(values.to_numpy())
    mesh = drawn.pcolormesh(x, y, shown, cmap="viridis", vmin=0.0, vmax=1.0, shading="nearest", rasterized=True)
    if min(shown.shape) > 1:
        lines = drawn.contour(x, y, shown, levels=LEVELS, colors=LEVEL_INKS, linewidths=0.6)
        drawn.clabel(lines, fmt="%g", fontsize=7)
    for axis, name, numbers in (("x", across, x), ("y", down, y)):
        if _is_logarithmic(numbers):
            drawn.set(**{f"{axis}scale": "log"})
            label_decades(drawn.xaxis if axis == "x" else drawn.yaxis)
        drawn.set(**{f"{axis}label": axis_label(name, values[name].attrs.get("units", ""))})
    drawn.grid(visible=False)
    figure = drawn.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(mesh, ax=drawn)
        dress(bar.ax)
        bar.set_label(f"coverage, {named(str(values.attrs['state']))}", fontsize=9)
        bar.ax.grid(visible=False)
    return drawn


def curve_family(
    data: xr.Dataset, state: str | None = None, *, along: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw coverage along one dimension of a sweep, a curve for some values of the other.

    Parameters
    ----------
    data : Dataset
        A sweep on a grid of one or two dimensions.
    state : str, optional
        ``"In-O2CR'"``; by default the last one.
    along : str, optional
        The dimension along which curves run; by default the last.
    ax : Axes, optional
        Where to draw; by default on a new figure.
    """
    values = _coverage(data, state)
    dims = [str(name) for name in values.dims]
    if len(dims) not in {1, 2} or (along is not None and along not in dims):
        raise DataError(
            "curves of a sweep",
            found=f"dimensions {', '.join(dims)}",
            allowed="one or two, among them the one to run along",
            advice="choose values of the others first: data.sel({'T': 298.15}, method='nearest')",
        )
    across = along or dims[-1]
    drawn = new_axes(ax)
    x = values[across].to_numpy()
    others = [name for name in dims if name != across]
    if not others:
        drawn.plot(x, values.to_numpy(), color=progress_colours(1)[0], linewidth=LINE_WIDTH)
    else:
        kept = evenly(values.sizes[others[0]], MOST_CURVES)
        for number, shade in zip(kept, progress_colours(len(kept)), strict=True):
            one = values.isel({others[0]: int(number)})
            label = round_number(float(one[others[0]]), n_digits=3).typeset()
            drawn.plot(x, one.to_numpy(), color=shade, linewidth=LINE_WIDTH, label=label)
        add_legend(drawn, title=axis_label(others[0], values[others[0]].attrs.get("units", "")))
    if _is_logarithmic(x):
        drawn.set_xscale("log")
        label_decades(drawn.xaxis)
    drawn.set_xlabel(axis_label(across, values[across].attrs.get("units", "")))
    drawn.set_ylabel(f"coverage, {named(str(values.attrs['state']))}")
    drawn.set_ylim(-0.02, 1.02)
    return drawn


def _coverage(data: xr.Dataset, state: str | None) -> Any:  # noqa: ANN401  (a DataArray, whose package is imported late)
    if "coverage" not in data:
        raise DataError("sweep", found="no coverage", allowed="a sweep that keeps it", advice="keep=['coverage']")
    states = [str(each) for each in data["state"].to_numpy()]
    chosen = states[-1] if state is None else state
    if chosen not in states:
        raise UnknownNameError(f"state {chosen!r}", found="not in the sweep", allowed=", ".join(states))
    return data["coverage"].sel(state=chosen).squeeze(drop=True).assign_attrs(state=chosen)


def _is_logarithmic(values: Any) -> bool:  # noqa: ANN401  (an array)
    """Return whether values are spaced evenly in their logarithm and not otherwise."""
    if len(values) < 3 or np.min(values) <= 0:  # noqa: PLR2004 - two values have no spacing
        return False
    ratios = values[1:] / values[:-1]
    steps = np.diff(values)
    return bool(np.ptp(ratios) < EVEN * abs(ratios[0]) and np.ptp(steps) > EVEN * abs(steps[0]))

"""Inverse design: which conditions give a wanted coverage or signal, and in which region they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import RangeError, UnknownNameError
from surfacechem.prediction.series import Series
from surfacechem.sweep.study import sweep
from surfacechem.sweep.varied import read_varied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from surfacechem.fitting import FitResult
    from surfacechem.network import Network
    from surfacechem.prediction.series import Amount
    from surfacechem.sweep.varied import Span

    Floats = NDArray[np.float64]

__all__ = ["Reached", "feasibility", "quantity_of", "reach"]

N_FIRST: Final = 257
N_ZOOM: Final = 33
N_ROUNDS: Final = 8
"""Of zooming: each round divides a bracket by 32, eight rounds end at the last digits."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reached:
    """Where a quantity takes a wanted value.

    Attributes
    ----------
    name, unit : str
        What was varied, and the unit of `values`.
    values : tuple of float
        Every crossing between the ends, in order; empty where there is none.
    wanted : float
        The value asked for.
    lowest, highest : float
        What the quantity reaches between the ends.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    wanted: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        """Return the crossings, or how near one comes."""
        if self.values:
            return f"{self.name} = " + ", ".join(f"{value:.6g}" for value in self.values) + f" {self.unit}"
        return f"{self.wanted:g} is not reached: {self.name} gives {self.lowest:.4g} to {self.highest:.4g}"


def reach(
    network: Network,
    vary: Mapping[str, Span],
    wanted: Mapping[str, float],
    *,
    feed: Mapping[str, Amount],
    constants: Mapping[str, str | float] | None = None,
    fit: FitResult | None = None,
) -> Reached:
    """Return every condition along one range at which a quantity takes a wanted value.

    The range is solved at many points at once, each bracket is then divided again and again: no start is asked for,
    no crossing between the ends is missed that spans more than a 256th of the range, and nothing diverges.

    Parameters
    ----------
    network : Network
        The model.
    vary : mapping
        One name and its range: ``{"HO2CR'": "0..10 equiv per native ligand"}``.
    wanted : mapping of str to float
        One quantity and its value: a state and its coverage ``{"In-O2CR'": 0.5}``, or, with a fit, a channel and its
        signal ``{"delta": 7.2}`` in the unit of the data.
    feed, constants, fit
        As in `sweep`.

    Raises
    ------
    RangeError
        If not exactly one thing is varied and one wanted.
    UnknownNameError
        If the quantity is not in the model.
    """
    if len(vary) != 1 or len(wanted) != 1:
        raise RangeError("inverse design", found=f"{len(vary)} varied, {len(wanted)} wanted", allowed="one of each")
    (name, span), (of, value) = next(iter(vary.items())), next(iter(wanted.items()))
    varied = read_varied(network, name, span)

    def solved(points: Floats) -> Floats:
        series = Series(values=points, unit=varied.unit, per=varied.per)
        data = sweep(network, {name: series}, feed=feed, constants=constants, fit=fit, design="zipped")
        return quantity_of(data, of) - value

    points = varied.between(np.linspace(0.0, 1.0, N_FIRST))
    gaps = solved(points)
    exact = points[gaps == 0.0].tolist()
    inside = np.flatnonzero(gaps[:-1] * gaps[1:] < 0.0)
    crossings = [_zoom(solved, points[k : k + 2]) for k in inside]
    return Reached(
        name=name,
        unit=varied.label,
        values=tuple(sorted({*exact, *crossings})),
        wanted=value,
        lowest=float(np.nanmin(gaps)) + value,
        highest=float(np.nanmax(gaps)) + value,
    )


def feasibility(data: xr.Dataset, wanted: Mapping[str, tuple[float, float]]) -> xr.DataArray:
    """Return where in a sweep all quantities lie between their bounds: 0 or 1, or a share of the draws.

    Parameters
    ----------
    data : Dataset
        Of `sweep`; with draws, the answer is the probability by the errors of the constants.
    wanted : mapping of str to (float, float)
        Lower and upper bound of states (coverage) or channels (signal).
    """
    import xarray as xr

    good = data["status"] == 0
    for of, (low, high) in wanted.items():
        values = quantity_of(data, of)
        good = good & xr.DataArray((values >= low) & (values <= high), dims=data["status"].dims)
    share = good.astype(float)
    share = share.mean("draw") if "draw" in share.dims else share
    bounds = ", ".join(f"{low:g} <= {of} <= {high:g}" for of, (low, high) in wanted.items())
    return share.rename("feasible").assign_attrs(units="1", wanted=bounds)


def quantity_of(data: xr.Dataset, of: str) -> Floats:
    """Return coverage of a state, or signal of a channel, at every point of a sweep.

    Raises
    ------
    UnknownNameError
        If the sweep has no such quantity.
    """
    names: list[str] = []
    for variable in data.data_vars:
        if variable == "coverage" or str(variable).startswith("signal "):
            labels = [str(each) for each in data[str(data[variable].dims[-1])].to_numpy()]
            names += labels
            if of in labels:
                return np.asarray(data[variable].to_numpy()[..., labels.index(of)], dtype=float)
    raise UnknownNameError(
        f"quantity {of!r}", found="not in the sweep", allowed=", ".join(names), advice="name a state, or fit a signal"
    )


def _zoom(solved: Callable[[Floats], Floats], bracket: Floats) -> float:
    for _ in range(N_ROUNDS):
        points = np.linspace(bracket[0], bracket[1], N_ZOOM)
        gaps = solved(points)
        crossing = np.flatnonzero(gaps[:-1] * gaps[1:] <= 0.0)
        if not len(crossing) or bracket[1] - bracket[0] <= np.spacing(abs(bracket).max()) * N_ZOOM:
            break
        bracket = points[crossing[0] : crossing[0] + 2]
    return float(bracket.mean())

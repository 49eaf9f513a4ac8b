"""A fine walk through measured points, on the axis on which a chemist would plot them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from surfacechem.display import si_prefix
from surfacechem.prediction.flask import Axis, Conditions, Mixture, known_feed, spread_axis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from surfacechem.network import Network

    Floats = NDArray[np.float64]
    Points = NDArray[np.intp]

__all__ = ["along", "measured_conditions"]

FINE_POINTS: Final = 201
SAME: Final = 1e-6
"""Of the largest: steps below are rounding."""
HIDDEN_SHARE: Final = 0.2
"""An axis on which more of the steps from point to point do not show does not tell the points apart."""
SHORTEST_SERIES: Final = 3
"""Fewer points between two falls of the axis are no series but samples in no order."""
MOST_EQUIVALENTS: Final = 1e4
"""More of them make a solvent, of which a concentration is plotted."""


class Measured(Protocol):
    """What is put in at each point: a `Titration`, or its `DatasetFit`, where fitted concentrations are filled in."""

    @property
    def name(self) -> str:
        """Name of the data."""
        ...

    @property
    def feeds(self) -> tuple[str, ...]:
        """Names of the feeds."""
        ...

    @property
    def amounts(self) -> Floats:
        """Concentrations [mol/L], shape (n_points, n_feeds)."""
        ...

    @property
    def added(self) -> Floats | None:
        """Volume added so far [L], shape (n_points,)."""
        ...

    @property
    def temperature(self) -> float | None:
        """Temperature [K]."""
        ...


def measured_conditions(network: Network, data: Measured) -> Conditions:
    """Return the conditions of the measured points, on the axis on which a chemist would plot them.

    The axis is what was titrated, in equivalents of what it meets; a concentration where it meets nothing, is there in
    the excess of a solvent, or where all is diluted together; the volume added, or the number of the point, where the
    contents change in more ways.
    """
    amounts = np.zeros((len(data.amounts), len(network.feeds)))
    for column, name in enumerate(data.feeds):
        amounts[:, network.feeds.index(known_feed(name, network.feeds))] = data.amounts[:, column]
    axis = _telling_axis(network.feeds, amounts, data.added)
    return Conditions(
        feeds=network.feeds,
        amounts=amounts,
        axis=axis,
        temperature=data.temperature,
        dataset=data.name,
        mixture=Mixture(np.arange(len(amounts)), np.arange(len(amounts)), np.zeros(len(amounts))),
    )


def along(network: Network, data: Measured, *, n_points: int = FINE_POINTS) -> Conditions:
    """Return a fine walk through the points of measured data, for curves between them.

    Contents of a vessel that is titrated lie on a straight line between two measured points, so the walk is exact
    for titrations; for separately made samples it is the shortest way from one to the next. Between two series it is
    broken by a point whose place on the axis is NaN.

    Parameters
    ----------
    network : Network
        Its feeds order the amounts.
    data : Titration or DatasetFit
        Measured points; every feed must be known.
    n_points : int
        Number of points of the walk, about, beside the measured ones.
    """
    measured = measured_conditions(network, data)
    axis, amounts = measured.axis, measured.amounts
    width = None if axis.linear_to is None else axis.linear_to / 2
    places: list[Floats] = []
    parts: list[tuple[Points, Points, Floats]] = []
    series = _series(axis.values, amounts)
    for points in series:
        values = axis.values[points]
        at = _fine(values, n_points=n_points // len(series), width=width)
        knots = np.arange(len(points))
        places += [np.interp(at, knots, values), np.array([np.nan])]
        left = np.append(np.floor(at).astype(np.intp), len(points) - 1)
        right = np.minimum(left + 1, len(points) - 1)
        parts.append((points[left], points[right], np.append(at, len(points) - 1.0) - left))
    mixture = Mixture(*(np.concatenate(each)[:-1] for each in zip(*parts, strict=True)))
    walked = replace(axis, values=np.concatenate(places)[:-1])
    return replace(measured, amounts=mixture.of(amounts[np.newaxis])[0], axis=walked, mixture=mixture)


def _fine(values: Floats, *, n_points: int, width: float | None) -> Floats:
    """Return where to walk, as numbers of points with fractions, evenly spread on the axis as it is drawn.

    Parameters
    ----------
    values : ndarray, shape (n_points,)
        Places of the points on the axis.
    n_points : int
        How many to put between them.
    width : float, optional
        The axis is drawn as arcsinh(value / width); None: as it is.
    """
    drawn = values if width is None else np.arcsinh(values / width)
    total = np.abs(np.diff(drawn)).sum()
    found = []
    for number, (start, stop) in enumerate(pairwise(drawn)):
        n_steps = max(1, round(n_points * abs(stop - start) / total)) if total > 0 else 1
        between = np.arange(n_steps) / n_steps
        if width is not None and start != stop:
            place = np.sinh(start + between * (stop - start)) * width
            between = (place - values[number]) / (values[number + 1] - values[number])
        found.append(number + between)
    return np.concatenate([*found, [len(values) - 1.0]])


def _series(values: Floats, amounts: Floats) -> Sequence[Points]:
    """Return the points in the order to walk through them, in pieces that are not joined.

    Points as measured where the axis rises, or rises again and again; else in the order of the axis, and where
    samples in no order differ at the same place of the axis, there is no way from one to the next.
    """
    tolerance = SAME * np.abs(values).max(initial=0.0)
    falls = np.diff(values) < -tolerance
    pieces = np.split(np.arange(len(values)), np.flatnonzero(falls) + 1)
    if not falls.any() or min(len(piece) for piece in pieces) >= SHORTEST_SERIES:
        return pieces
    order = np.argsort(values, kind="stable")
    is_ambiguous = _moves(amounts[order]) & (np.diff(values[order]) <= tolerance)
    return np.split(order, len(order)) if is_ambiguous.any() else [order]


def _moves(table: Floats) -> NDArray[np.bool_]:
    """Return whether anything changes from each row to the next."""
    changed = np.abs(np.diff(table, axis=0)) > SAME * np.abs(table).max(axis=0, initial=0.0)
    return np.asarray(changed.any(axis=1))


def _telling_axis(feeds: tuple[str, ...], amounts: Floats, added: Floats | None) -> Axis:
    """Return the first axis on which the steps from point to point show."""
    moves = _moves(amounts)
    for axis in _axes(feeds, amounts, added):
        is_hidden = moves & ~_moves(axis.values[:, np.newaxis])
        if is_hidden.sum() <= HIDDEN_SHARE * moves.sum():
            return axis
    return Axis(label="point", unit="", values=np.arange(1.0, len(amounts) + 1))


def _axes(feeds: tuple[str, ...], amounts: Floats, added: Floats | None) -> Iterator[Axis]:
    """Yield the axes on which to try to plot, most usual first."""
    largest = amounts.max(axis=0, initial=0.0)
    present = [column for column in range(len(feeds)) if largest[column] > 0]
    if not present:
        return
    shares = amounts[:, present] / largest[present]
    travelled = dict(zip(present, np.ptp(shares, axis=0), strict=True))
    titrant = max(present, key=lambda column: travelled[column])
    met = [column for column in present if column != titrant and amounts[:, column].min() > 0]
    if met:
        base = min(met, key=lambda column: travelled[column])
        ratios = amounts[:, titrant] / amounts[:, base]
        if ratios.max() > MOST_EQUIVALENTS:
            met = []
        else:
            yield spread_axis(feeds[titrant], f"equiv per {feeds[base]}", ratios)
    if not met or np.ptp(shares, axis=1).max() <= SAME:
        scarcest = min(present, key=lambda column: largest[column]) if met else titrant
        factor, unit = si_prefix(largest[scarcest], "mol/L")
        yield spread_axis(feeds[scarcest], unit, amounts[:, scarcest] * factor)
    if added is not None:
        factor, unit = si_prefix(added.max(), "L")
        yield Axis(label="volume added", unit=unit, values=added * factor)

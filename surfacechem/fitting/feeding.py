"""What was really put in: concentrations that are fitted, active shares, impurities that one feed brings along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.errors import FitError
from surfacechem.fitting.techniques import option, titrants
from surfacechem.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.network import Network
    from surfacechem.records import Titration

__all__ = ["Correction", "Feeding", "Fitted", "collect_feedings", "feed_in", "unknown_feeds"]

Floats = NDArray[np.float64]

UNKNOWN_FEED_DECADES = 2.0
WALL_DECADES = 6.0
CORRECTION_DECADES = 0.3
"""Corrections without a prior are searched this far to either side of the stated value; their walls are 2 decades."""
CORRECTION_WALL = 2.0
LN10 = float(np.log(10.0))


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A share of what was put in, to be fitted: an active fraction, a purity, an impurity.

    Attributes
    ----------
    feed : str
        What there is more or less of.
    carrier : str
        Feed that brings it along, `value` moles with each mole; empty: `feed` itself, of which `value` is active.
    value : float
        What is expected [mol/mol], above 0.
    stderr : float, optional
        How well that is known (a Gaussian prior on its logarithm); None: the data alone decide.
    datasets : tuple of str
        Names of the data sets that share this one correction; none named: all.

    Examples
    --------
    >>> Correction(feed="Host", value=0.97, stderr=0.02).name
    'active[Host]'
    >>> Correction(feed="HO2CR", carrier="InP37", value=0.5).name
    'impurity[HO2CR in InP37]'
    """

    feed: str
    carrier: str = ""
    value: float = 1.0
    stderr: float | None = None
    datasets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the parameter."""
        kind = f"impurity[{self.feed} in {self.carrier}]" if self.carrier else f"active[{self.feed}]"
        return f"{kind} of {', '.join(self.datasets)}" if self.datasets else kind


class Feeding(NamedTuple):
    """One step from the stated amounts to the real ones: ``amounts[feed] = kept + factor * source``.

    `source` is the share of a solution of unknown concentration, or the amount of the carrier, and
    ``factor = exp(parameter)``; `known` starts an unknown feed, further solutions add to it. What is shared by all data
    sets belongs to the material, so that it holds for the next flask too.
    """

    dataset: int
    feed: int  # column of the network's feeds
    parameter: int
    carrier: int | None  # column of the feed that brings it along; None: `profile`
    profile: Floats  # shape (n_points,) [1]
    known: Floats | None = None  # shape (n_points,) [mol/L]
    is_shared: bool = False

    def apply(self, amounts: Floats, slopes: Floats, factor: Floats) -> None:
        """Change amounts (n_lanes, n_points, n_feeds) and their slopes by the parameters in place.

        Parameters
        ----------
        amounts, slopes : ndarray
            ``slopes`` has a last axis of parameters more.
        factor : ndarray, shape (n_lanes, 1)
            exp of the parameter of each lane.
        """
        if self.carrier is None:
            poured = factor * self.profile
            amounts[..., self.feed] = poured + (amounts[..., self.feed] if self.known is None else self.known)
            slopes[..., self.feed, self.parameter] = poured
            return
        brought, carried = factor * amounts[..., self.carrier], factor[..., np.newaxis] * slopes[..., self.carrier, :]
        if self.carrier == self.feed:
            amounts[..., self.feed], slopes[..., self.feed, :] = brought, carried
        else:
            amounts[..., self.feed] += brought
            slopes[..., self.feed, :] += carried
        slopes[..., self.feed, self.parameter] += brought


def feed_in(feedings: Sequence[Feeding], stated: Floats, parameters: Floats) -> tuple[Floats, Floats]:
    """Return the real amounts, shape (n_lanes, n_points, n_feeds) [mol/L], and their derivatives by the parameters.

    Parameters
    ----------
    feedings : sequence of Feeding
        Steps to take, in this order.
    stated : ndarray, shape (n_points, n_feeds)
        What the data say [mol/L]; NaN where a concentration is fitted.
    parameters : ndarray, shape (n_lanes, n_parameters)
        Natural logarithms.
    """
    n_lanes, n_parameters = parameters.shape
    amounts = np.repeat(stated[np.newaxis], n_lanes, axis=0)
    slopes = np.zeros((*amounts.shape, n_parameters))
    for feeding in feedings:
        feeding.apply(amounts, slopes, np.exp(parameters[:, feeding.parameter, np.newaxis]))
    return amounts, slopes


class Fitted(NamedTuple):
    """A fitted amount: its name, unit, and row of walls, window and prior in natural logarithms."""

    name: str
    unit: str
    row: tuple[float, float, float, float, float, float, float]


def collect_feedings(
    network: Network,
    datasets: Sequence[Titration],
    corrections: Sequence[Correction],
    *,
    typical: float,
    n_before: int,
) -> tuple[list[Fitted], list[Feeding]]:
    """Return what is fitted of the amounts, and how it acts on them: unknown columns, active shares, impurities.

    Raises
    ------
    FitError
        If a concentration is known at some points only, or a correction names what is not there.
    """
    fitted: list[Fitted] = []
    steps: list[Feeding] = []
    for number, data in enumerate(datasets):
        for unknown in unknown_feeds(data):
            column = network.feeds.index(unknown.feed)
            for index, profile in enumerate(unknown.shares.T):
                known = None if index else unknown.known
                steps.append(Feeding(number, column, n_before + len(fitted), None, profile, known))
                source = f" in {unknown.solutions[index]}" if unknown.solutions else ""
                row = _unknown_row(typical, profile)
                fitted.append(Fitted(f"c[{unknown.feed}{source}] of {data.name}", "mol/L", row))
    stated = [*corrections, *(each for data in datasets for each in _active_in_cell(network, data))]
    # A share of a feed is known before what the feed brings along is counted.
    for correction in sorted(stated, key=lambda each: bool(each.carrier)):
        _refuse_strangers(correction, network, datasets)
        names = (correction.feed, correction.carrier or correction.feed)
        target, carrier = (network.feeds.index(name) for name in names)
        for number, data in enumerate(datasets):
            if not correction.datasets or data.name in correction.datasets:
                profile = np.ones(data.n_points)
                step = Feeding(number, target, n_before + len(fitted), carrier, profile)
                steps.append(step._replace(is_shared=not correction.datasets))
        fitted.append(Fitted(correction.name, "", _correction_row(correction)))
    return fitted, steps


def _correction_row(correction: Correction) -> tuple[float, float, float, float, float, float, float]:
    middle = float(np.log(correction.value))
    wall, search = CORRECTION_WALL * LN10, CORRECTION_DECADES * LN10
    prior = (np.nan, np.nan)
    if correction.stderr is not None:
        spread = correction.stderr / correction.value
        prior, search = (middle, spread), min(search, 2.0 * spread)
    return (middle - wall, middle + wall, 0.0, middle - search, middle + search, *prior)


def _unknown_row(typical: float, profile: Floats) -> tuple[float, float, float, float, float, float, float]:
    """Return walls and window around the concentration that gives a typical one where the solution counts."""
    counted = profile[profile > 0]
    middle = float(np.log(typical) - (np.log(counted).mean() if counted.size else 0.0))
    wall, search = WALL_DECADES * LN10, UNKNOWN_FEED_DECADES * LN10
    return (middle - wall, middle + wall, 0.0, middle - search, middle + search, np.nan, np.nan)


def unknown_feeds(data: Titration) -> tuple[Unknown, ...]:
    """Return the feeds without a value; where the data do not say from which solution, it was in the vessel.

    Raises
    ------
    FitError
        If a concentration is known at some points only.
    """
    stated = {each.feed: each for each in data.unknowns}
    found = []
    for feed, amounts in zip(data.feeds, data.amounts.T, strict=True):
        is_missing = np.isnan(amounts)
        if is_missing.any() and not is_missing.all():
            row = int(np.flatnonzero(is_missing)[0])
            raise FitError(
                f"concentration of '{feed}' in data '{data.name}'",
                found=f"no value at point {data.labels[row]}",
                allowed="a value at every point, or none at all to have it fitted",
                advice="fill the cell, or leave the row out",
            )
        if is_missing.all():
            found.append(stated.get(feed) or _in_vessel(data, feed))
    return tuple(found)


def _in_vessel(data: Titration, feed: str) -> Unknown:
    shares = np.ones(data.n_points)
    if data.added is not None and data.initial_volume is not None:
        shares = data.initial_volume / (data.initial_volume + data.added)
    return Unknown(feed=feed, solutions=(), known=np.zeros(data.n_points), shares=shares[:, np.newaxis])


def _active_in_cell(network: Network, data: Titration) -> list[Correction]:
    """Return the active share of what is in a calorimeter's cell, where the model asks for it."""
    is_asked = any(each.kind == "calorimetry" and option(each, "active") for each in network.system.observables)
    if not is_asked:
        return []
    # A share of what is unknown could not be told from its concentration.
    is_known = ~np.isnan(data.amounts).any(axis=0)
    in_cell = [feed for feed, is_fixed in zip(data.feeds, is_known & ~titrants(data), strict=True) if is_fixed]
    return [Correction(feed=feed, datasets=(data.name,)) for feed in in_cell]


def _refuse_strangers(correction: Correction, network: Network, datasets: Sequence[Titration]) -> None:
    unknown = [feed for feed in (correction.feed, correction.carrier) if feed and feed not in network.feeds]
    unknown += [name for name in correction.datasets if name not in {data.name for data in datasets}]
    if unknown or not correction.value > 0 or not (correction.stderr is None or correction.stderr > 0):
        raise FitError(
            f"correction {correction.name}",
            found=", ".join(unknown) or f"value {correction.value}, standard error {correction.stderr}",
            allowed=f"feeds {', '.join(network.feeds)}; values and errors above 0",
            advice="name feeds of the model and data sets of the fit",
        )

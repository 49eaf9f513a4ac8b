"""A flask with what is known of it: everything that can be read off its equilibria, with bands."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from surfacechem.chem.system import ABSORBANCE
from surfacechem.prediction.bands import band_of_draws, delta_band
from surfacechem.prediction.feeds import Feeds
from surfacechem.prediction.optics import spread_window, stated_optics
from surfacechem.prediction.readings import readings
from surfacechem.prediction.record import Curves
from surfacechem.prediction.signals import Bench
from surfacechem.prediction.spectra import Absorbance, Position, stated_shifts, wavelengths
from surfacechem.prediction.state import Flask, State
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting import FitResult
    from surfacechem.network import Network, Speciation
    from surfacechem.prediction.bands import Scale
    from surfacechem.prediction.estimate import Knowledge
    from surfacechem.prediction.flask import Conditions
    from surfacechem.prediction.optics import Optic
    from surfacechem.prediction.readings import Reading
    from surfacechem.prediction.signals import Calibration
    from surfacechem.prediction.state import MovingState

    Floats = NDArray[np.float64]

__all__ = ["Quantity", "Setting"]

ALL_BANDS: Final = "absorbance"
MOST_LANES: Final = 20_000
"""Points of all draws that are solved together."""
MOST_NUMBERS: Final = 1_000_000
"""Numbers of all draws that are read off together."""


class Quantity(Protocol):
    """What can be read off equilibria: a `Reading`, a `Calibration`, a `LimitingShift`, a `Position` ...."""

    @property
    def group(self) -> str:
        """Group of the curves."""
        ...

    @property
    def name(self) -> str:
        """Name within the group."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """One per curve."""
        ...

    @property
    def unit(self) -> str:
        """Unit of the values."""
        ...

    @property
    def axis(self) -> Floats | None:
        """Wavelength of each curve [nm]."""
        ...

    @property
    def scale(self) -> Scale:
        """Where the error is taken as normal."""
        ...

    def values(self, state: State) -> Floats:
        """Return the values, shape (..., n_points, n_labels)."""
        ...

    def variance(self, state: MovingState, covariance: Floats) -> Floats:
        """Return their variance, shape (n_points, n_labels)."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """A model, conditions, and what is known of the constants.

    Attributes
    ----------
    network : Network
        The model.
    conditions : Conditions
        What is in the flask.
    knowledge : Knowledge
        Constants and errors.
    fit : FitResult, optional
        Calibrates the signals.
    window : tuple of str, optional
        First and last wavelength of spectra; None: where the bands are.
    path_length : str
        Optical path of spectra.
    """

    network: Network
    conditions: Conditions
    knowledge: Knowledge
    fit: FitResult | None = None
    window: tuple[str, str] | None = None
    path_length: str = "1 cm"

    @cached_property
    def flask(self) -> Flask:
        """The network bound to what is in the flask."""
        feeds = Feeds.of(self.conditions, self.fit)
        return Flask(self.network, feeds, self.knowledge, temperature=self.conditions.temperature)

    @cached_property
    def best(self) -> Speciation:
        """The equilibria for the best constants."""
        return self.flask.speciation()

    @property
    def has_errors(self) -> bool:
        """Whether there is anything to make bands of."""
        return self.knowledge.has_errors or self.fit is not None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed of bands and amounts."""
        said = [f"{name} has no value for its position yet: fit it, or write the numbers." for name in self._optics[1]]
        said += self._local_notes()
        shared = [self.knowledge.names[number] for number in sorted(self.flask.feeds.parameters)]
        if shared and self.flask.feeds.mixture is None:
            said.append(
                f"Amounts are as weighed, as in the data of the fit; {', '.join(shared)} of the fit hold here too."
            )
        return tuple(said)

    def _local_notes(self) -> list[str]:
        """Say of which data set the position is that a band is drawn at, where each has one of its own."""
        datasets = self.fit.datasets if self.fit else ()
        measured = {each.name: [data.name for data in datasets for s in data.signals if s.name == each.name]
                    for each in self._optics[0]}  # fmt: skip
        drawn = [each for each in self._optics[0] if each.shape is not None and np.isnan(each.coefficients).any()]
        return [
            f"'{each.name}' is drawn where '{measured[each.name][0]}' has it; {', '.join(measured[each.name][1:])} "
            "have positions of their own."
            for each in drawn
            if len(measured[each.name]) > 1
        ]

    @property
    def _no_step(self) -> Floats:
        return np.zeros(len(self.knowledge.names))

    @cached_property
    def _readings(self) -> list[Reading]:
        return readings(self.network)

    @cached_property
    def _benches(self) -> list[Bench]:
        if self.fit is None:
            return []
        return [Bench(self.network, self.fit, data, self.knowledge) for data in self.fit.datasets]

    @cached_property
    def _optics(self) -> tuple[list[Optic], list[str]]:
        """Bands of the model, and the names of those whose position neither model nor fit give."""
        temperature = self.conditions.temperature or self.network.system.temperature
        optics, open_ones = stated_optics(self.network, len(self.knowledge.names), temperature=temperature)
        fitted = {signal.name for data in (self.fit.datasets if self.fit else ()) for signal in data.signals}
        return optics, [name for name in open_ones if name not in fitted]

    @cached_property
    def _wavelengths(self) -> Floats:
        if self.window is not None:
            return wavelengths(self.window)
        optics = self._located([each for bench in self._benches for each in bench.calibrate(self._no_step)])
        low, high = spread_window(self.network, [each.at(self.best.seen) for each in optics])
        return wavelengths((f"{low} nm", f"{high} nm"))

    def _located(self, signals: Sequence[Calibration]) -> list[Optic]:
        """Return the bands whose position is known; a fit of measured positions has the better numbers."""
        # Each data set has amplitudes of its own; the first one's stand for all.
        measured = {each.signal.name: each for each in reversed(signals) if each.unit == Position.unit}
        optics, open_ones = self._optics
        return [_fitted_optic(each, measured.get(each.name)) for each in optics if each.name not in open_ones]

    def quantities(self, signals: Sequence[Calibration]) -> list[Quantity]:
        """Return everything that can be read: coverage and the like, signals, positions and spectra of bands."""
        optics = self._located(signals)
        seen = {each.signal.name for each in signals}
        positions = [Position(optic=each) for each in optics if each.name not in seen and each.model.terms]
        shifts = [each for each in stated_shifts(self.network) if each.name not in seen]
        found: list[Quantity] = [*self._readings, *signals, *shifts, *positions]
        return [*found, *(each for each in self._absorbances(optics) if each.name not in seen)]

    def _absorbances(self, optics: Sequence[Optic]) -> Iterator[Absorbance]:
        """Yield the sums of bands that the model observes, else that of all bands."""
        shaped = {each.name: each for each in optics if each.shape is not None}
        lines = [each for each in self.network.system.observables if each.kind == ABSORBANCE]
        sums = {each.name: each.entities for each in lines} or ({ALL_BANDS: tuple(shaped)} if shaped else {})
        for name, members in sums.items():
            if set(members) <= shaped.keys():
                bands = tuple(shaped[member] for member in members)
                path = quantity(self.path_length, Kind.PATH_LENGTH, name="path length")
                yield Absorbance(
                    name=name, network=self.network, optics=bands, axis=self._wavelengths, path_length=path
                )

    def _calibrated(self, step: Floats) -> list[Quantity]:
        return self.quantities([each for bench in self._benches for each in bench.calibrate(step)])

    def bare_curves(self) -> list[Curves]:
        """Return curves without bands."""
        state = self.flask.solve(self._no_step[np.newaxis])
        return [_curves(each, each.values(state)[0], None) for each in self._calibrated(self._no_step)]

    def curves(self, *, level: float) -> list[Curves]:
        """Return curves with bands by derivatives, widened to both ends of constants that are open."""
        reach = self.knowledge.reach(level)
        found: list[Curves] = []
        for step in (self._no_step, *self.knowledge.scenarios()):
            state = self.flask.differentiate(step)
            here = [_banded(each, state, self.knowledge.covariance, reach) for each in self._calibrated(step)]
            found = [_widened(*pair) for pair in zip(found, here, strict=True)] if found else here
        return found

    def drawn_curves(self, steps: Floats, *, level: float, seed: int) -> list[Curves]:
        """Return the best curves with bands from draws of the parameters, steps of shape (n_draws, n_parameters)."""
        best = self.flask.solve(self._no_step[np.newaxis])
        random = np.random.default_rng([seed, 1])
        signals = [each for bench in self._benches for each in bench.draw(steps, random)]
        state = _solve_many(self.flask, steps)
        return [
            _curves(each, each.values(best)[0], _drawn_band(drawn, state, level=level))
            for each, drawn in zip(self._calibrated(self._no_step), self.quantities(signals), strict=True)
        ]


def _fitted_optic(optic: Optic, signal: Calibration | None) -> Optic:
    """Return a band with the position that a fit found, and how sure that is."""
    if signal is None:
        return optic
    found = signal.amplitudes[..., 0]
    if not signal.slopes.size:
        return replace(optic, coefficients=found)
    return replace(optic, coefficients=found, slopes=signal.slopes[:, :, 0].T, spread=signal.spread[0])


def _solve_many(flask: Flask, steps: Floats) -> State:
    """Return the equilibria for many sets of parameters, some thousand points at a time."""
    size = max(1, MOST_LANES // flask.feeds.n_points)
    parts = [flask.solve(steps[first : first + size]) for first in range(0, len(steps), size)]
    amounts = [part.amounts for part in parts]
    return State(
        concentration=np.concatenate([part.concentration for part in parts]),
        amounts=np.concatenate(amounts) if flask.feeds.feedings else amounts[0],
        occupancy=np.concatenate([part.occupancy for part in parts]),
    )


def _drawn_band(drawn: Quantity, state: State, *, level: float) -> tuple[Floats, Floats]:
    """Return the central quantiles of a quantity over all draws, some points at a time."""
    n_draws, n_points = state.concentration.shape[:2]
    size = max(1, MOST_NUMBERS // (n_draws * len(drawn.labels)))

    def band(first: int) -> tuple[Floats, Floats]:
        return band_of_draws(drawn.values(state.at(slice(first, first + size))), level=level)

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # numpy sorts without holding the interpreter
        bands = list(pool.map(band, range(0, n_points, size)))
    lower, upper = (np.concatenate(ends) for ends in zip(*bands, strict=True))
    return lower, upper


def _banded(each: Quantity, state: MovingState, covariance: Floats, reach: float) -> Curves:
    values = each.values(state)
    stderr = np.sqrt(np.maximum(each.variance(state, covariance), 0.0))
    return _curves(each, values, delta_band(values, stderr, reach=reach, scale=each.scale))


def _curves(each: Quantity, values: Floats, band: tuple[Floats, Floats] | None) -> Curves:
    return Curves(
        group=each.group,
        name=each.name,
        labels=each.labels,
        values=values,
        unit=each.unit,
        lower=band and band[0],
        upper=band and band[1],
        axis=each.axis,
    )


def _widened(best: Curves, other: Curves) -> Curves:
    """Return the best curves with a band that covers that of the other scenario as well."""
    if best.lower is None or best.upper is None or other.lower is None or other.upper is None:
        return best
    return replace(best, lower=np.fmin(best.lower, other.lower), upper=np.fmax(best.upper, other.upper))

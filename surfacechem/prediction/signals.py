"""Signals under new conditions: what a fit learned of limiting shifts, molar spectra and scales, with its errors.

The amplitudes A of a signal were eliminated by linear least squares, so they move with the parameters p of the fit:
dA/dp = -B^+ (dB/dp) A, with the weighted columns B at the measured points. Given p, their covariance is
(B^T B)^-1. Both together are the joint covariance of the fit, and a predicted signal b A has the variance

    g C g^T + b (B^T B)^-1 b^T,      g = (db/dp) A + b dA/dp .
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surfacechem.fitting.blocks import bind_observables
from surfacechem.prediction.bands import Scale
from surfacechem.prediction.feeds import Feeds
from surfacechem.prediction.record import SIGNAL
from surfacechem.prediction.state import Flask
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting import DatasetFit, FitResult, SignalFit
    from surfacechem.fitting.blocks import Block
    from surfacechem.network import Network
    from surfacechem.prediction.estimate import Knowledge
    from surfacechem.prediction.state import MovingState, State

    Floats = NDArray[np.float64]

__all__ = ["Bench", "Calibration", "signal_name"]

FEWEST_WAVELENGTHS: Final = 3
"""Of spectra: they have a shape and a maximum; one or two wavelengths are curves over the points."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """A fitted signal, ready to be predicted elsewhere: a `Quantity`.

    Attributes
    ----------
    name : str
        The observable; with the data set's name where several were fitted.
    signal : SignalFit
        What was fitted.
    block : Block
        Its observation model.
    amplitudes : ndarray, shape (..., n_components, n_channels)
        Best amplitudes at the constants taken; leading axes as in a `State`, where they were drawn.
    slopes : ndarray, shape (n_parameters, n_components, n_channels)
        dA/dp.
    spread : ndarray, shape (n_channels, n_components, n_components)
        Covariance of the amplitudes given p.
    """

    name: str
    signal: SignalFit
    block: Block
    amplitudes: Floats
    slopes: Floats
    spread: Floats

    group = SIGNAL
    scale = Scale.LINEAR

    @property
    def labels(self) -> tuple[str, ...]:
        """Channels; of one or two wavelengths, these."""
        few = self.signal.axis if self.axis is None else None
        return self.signal.channels if few is None else tuple(f"{wavelength:g} nm" for wavelength in few)

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return self.signal.unit

    @property
    def axis(self) -> Floats | None:
        """Wavelength of each channel [nm]; None of too few to be spectra."""
        axis = self.signal.axis
        return axis if axis is not None and len(axis) >= FEWEST_WAVELENGTHS else None

    def values(self, state: State) -> Floats:
        """Return the signal, shape (..., n_points, n_channels)."""
        return self.signal_of(state.concentration)

    def signal_of(self, concentration: Floats) -> Floats:
        """Return the signal of concentrations [mol/L], shape (..., n_points, n_channels)."""
        columns = self.block.model.columns(concentration)
        table = self.block.table(columns @ self.amplitudes)
        if self.block.technique is not Technique.NMR_SHIFT:
            return table
        # A nucleus that is not there has no shift.
        return np.where(columns.any(axis=-1, keepdims=True), table, np.nan)

    def variance(self, state: MovingState, covariance: Floats) -> Floats:
        """Return the variance of the signal, shape (n_points, n_channels)."""
        model = self.block.model
        columns = model.columns(state.concentration)
        change = model.derivative(state.concentration, state.d_concentration)
        slope = np.moveaxis(change, -1, 0) @ self.amplitudes + columns @ self.slopes
        by_parameters = np.einsum("krc,kl,lrc->rc", slope, covariance, slope, optimize=True)
        by_amplitudes = np.einsum("ra,cab,rb->rc", columns, self.spread, columns, optimize=True)
        return self.block.table(by_parameters + by_amplitudes)


class Bench:
    """A fitted data set, from which its signals are calibrated for ever new constants.

    Parameters
    ----------
    network : Network
        The model that was fitted.
    fit : FitResult
        What was found.
    data : DatasetFit
        One of its data sets.
    knowledge : Knowledge
        The constants and their parameters (`known_constants` of the same fit).
    """

    def __init__(self, network: Network, fit: FitResult, data: DatasetFit, knowledge: Knowledge) -> None:
        # Heats of injections belong to their own experiment and are not predicted elsewhere.
        signals = [signal for signal in data.signals if signal.technique is not Technique.ITC]
        self._pairs = [(_block_of(network, data, signal), signal) for signal in signals]
        self._names = [signal_name(signal, data, fit) for signal in signals]
        stated = data.amounts if data.stated is None else data.stated
        feeds = Feeds(stated=stated, feedings=data.feedings)
        self._flask = Flask(network, feeds, knowledge, temperature=data.temperature)

    def calibrate(self, step: Floats) -> list[Calibration]:
        """Return the signals with the amplitudes that are best `step` from the best parameters, and how they move."""
        state = self._flask.differentiate(step)
        found = []
        for name, (block, signal) in zip(self._names, self._pairs, strict=True):
            columns = block.model.columns(state.concentration)
            change = np.moveaxis(block.model.derivative(state.concentration, state.d_concentration), -1, 0)
            eliminated = _eliminated(block, signal, columns)
            best = eliminated.amplitudes
            slopes, spread = np.zeros((len(change), *best.shape)), np.zeros((best.shape[1], len(best), len(best)))
            for part in eliminated.parts:
                moved = part.inverse @ ((change * part.weight) @ best[:, part.channels])
                slopes[np.ix_(np.arange(len(change)), part.free, part.channels)] = -moved
                spread[np.ix_(part.channels, part.free, part.free)] = part.inverse @ part.inverse.T
            found.append(
                Calibration(
                    name=name, signal=signal, block=block.elsewhere(), amplitudes=best, slopes=slopes, spread=spread
                )
            )
        return found

    def draw(self, steps: Floats, random: np.random.Generator) -> list[Calibration]:
        """Return the signals for many sets of parameters, with amplitudes drawn from what the data leave open.

        Given the parameters, amplitudes are normal about their best values: exact for a posterior with flat priors on
        them, and what a bootstrap of linear amplitudes comes to.
        """
        state = self._flask.solve(steps)
        found = []
        for name, (block, signal) in zip(self._names, self._pairs, strict=True):
            eliminated = _eliminated(block, signal, block.model.columns(np.nan_to_num(state.concentration)))
            drawn = eliminated.amplitudes
            for part in eliminated.parts:
                noise = random.standard_normal((len(steps), len(part.free), len(part.channels)))
                drawn[np.ix_(np.arange(len(steps)), part.free, part.channels)] += _root(part.inverse) @ noise
            drawn[np.isnan(state.concentration).any(axis=(1, 2))] = np.nan  # data that cannot be explained so
            nothing = np.zeros((0, 0, 0))
            found.append(
                Calibration(
                    name=name, signal=signal, block=block.elsewhere(), amplitudes=drawn, slopes=nothing, spread=nothing
                )
            )
        return found


def signal_name(signal: SignalFit, data: DatasetFit, fit: FitResult) -> str:
    """Return the signal's name, with that of its data set where several were fitted."""
    return signal.name if len(fit.datasets) == 1 else f"{data.name}: {signal.name}"


def _block_of(network: Network, data: DatasetFit, signal: SignalFit) -> Block:
    """Return a signal that a fit remembers, bound to the model alone: each is one block, whatever the others' names."""
    measured = Signal(
        name=signal.name,
        technique=signal.technique,
        channels=signal.channels,
        values=signal.measured,
        unit=signal.unit,
        sigma=signal.sigma,
        axis=signal.axis,
        path_length=signal.path_length,
    )
    alone = Titration(name=data.name, feeds=data.feeds, amounts=data.amounts, signals=(measured,), labels=data.labels)
    ((block,), _) = bind_observables(network, alone, known={}, is_raw=False)
    return replace(block, case_weight=data.weights)


class Part(NamedTuple):
    """Channels of a signal whose amplitudes are found alike."""

    channels: NDArray[np.intp]
    free: NDArray[np.intp]  # components that are found
    weight: Floats  # (n_rows, 1), 1/sigma
    inverse: Floats  # (..., n_free, n_rows), pseudoinverse of the weighted columns


class Eliminated(NamedTuple):
    """Best amplitudes, and how they came about."""

    amplitudes: Floats  # (..., n_components, n_channels)
    parts: list[Part]


def _eliminated(block: Block, signal: SignalFit, columns: Floats) -> Eliminated:
    """Return the amplitudes that are best for columns of shape (..., n_rows, n_components)."""
    amplitudes = np.broadcast_to(signal.amplitudes, (*columns.shape[:-2], *signal.amplitudes.shape)).copy()
    weights, measured = _weights(block, signal), np.nan_to_num(block.rows(signal.measured))
    # Amplitudes that are known, or rest at zero because they may not be negative, do not move.
    is_free = signal.amplitude_stderr > 0
    _, group = np.unique(np.concatenate([weights, is_free]), axis=1, return_inverse=True)
    parts = []
    for number in range(group.max() + 1):
        channels = np.flatnonzero(group.ravel() == number)
        free, fixed = np.flatnonzero(is_free[:, channels[0]]), np.flatnonzero(~is_free[:, channels[0]])
        weight = weights[:, channels[0], np.newaxis]
        inverse = np.asarray(np.linalg.pinv(columns[..., free] * weight), dtype=np.float64)
        rest = measured[:, channels] - columns[..., fixed] @ signal.amplitudes[np.ix_(fixed, channels)]
        amplitudes[..., free[:, np.newaxis], channels] = inverse @ (weight * rest)
        parts.append(Part(channels, free, weight, inverse))
    return Eliminated(amplitudes, parts)


def _root(inverse: Floats) -> Floats:
    """Return R with R R^T = inverse inverse^T, shape (..., n_free, n_free)."""
    eigenvalues, vectors = np.linalg.eigh(inverse @ np.swapaxes(inverse, -1, -2))
    return np.asarray(vectors * np.sqrt(np.maximum(eigenvalues, 0.0))[..., np.newaxis, :])


def _weights(block: Block, signal: SignalFit) -> Floats:
    """Return 1/sigma of each value in the rows that the model fits, 0 where nothing was measured, less for outliers."""
    noise = 0.0 if signal.noise is None else signal.noise
    sigma = np.full_like(signal.measured, noise) if signal.sigma is None else signal.sigma
    is_measured = np.isfinite(signal.measured) & (sigma > 0)
    root = 1.0 if block.case_weight is None else np.sqrt(block.case_weight)[:, np.newaxis]
    return block.rows(np.where(is_measured, root / np.where(is_measured, sigma, 1.0), 0.0))

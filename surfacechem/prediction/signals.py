"""Signals under new conditions: what a fit learned of limiting shifts, molar spectra and scales, with its errors.

The amplitudes A of a signal were eliminated by linear least squares, so they move with the parameters p of the fit:
dA/dp = -B^+ (dB/dp) A, with the weighted columns B at the measured points. Given p, their covariance is
(B^T B)^-1. Both together are the joint covariance of the fit, and a predicted signal b A has the variance

    g C g^T + b (B^T B)^-1 b^T,      g = (db/dp) A + b dA/dp .
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.blocks import bind_observables
from surfacechem.fitting.parameters import temperature_step
from surfacechem.prediction.bands import Scale
from surfacechem.prediction.record import SIGNAL
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting import DatasetFit, FitResult, SignalFit
    from surfacechem.fitting.blocks import Block
    from surfacechem.network import Network, Speciation
    from surfacechem.prediction.estimate import Knowledge

    Floats = NDArray[np.float64]

__all__ = ["Bench", "Calibration", "parameter_slopes", "signal_name"]


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
    amplitudes : ndarray, shape (n_components, n_channels)
        Best amplitudes at the constants taken.
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
        """Channels."""
        return self.signal.channels

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return self.signal.unit

    @property
    def axis(self) -> Floats | None:
        """Wavelength of each channel [nm]."""
        return self.signal.axis

    def values(self, concentration: Floats) -> Floats:
        """Return the signal, shape (..., n_points, n_channels)."""
        return self.block.table(self.block.model.columns(concentration) @ self.amplitudes)

    def variance(self, concentration: Floats, d_concentration: Floats, covariance: Floats) -> Floats:
        """Return the variance of the signal, shape (n_points, n_channels)."""
        model = self.block.model
        columns = model.columns(concentration)
        moved = np.moveaxis(model.derivative(concentration, d_concentration), -1, 0) @ self.amplitudes
        slope = moved + columns @ self.slopes
        by_parameters = np.einsum("krc,kl,lrc->rc", slope, covariance, slope, optimize=True)
        by_amplitudes = np.einsum("ra,cab,rb->rc", columns, self.spread, columns, optimize=True)
        return self.block.table(by_parameters + by_amplitudes)

    def drawn(self, random: np.random.Generator) -> Calibration:
        """Return the same signal with amplitudes drawn from their covariance."""
        eigenvalues, vectors = np.linalg.eigh(self.spread)
        root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))[:, np.newaxis, :]
        step = np.einsum("cab,cb->ac", root, random.standard_normal(eigenvalues.shape))
        return replace(self, amplitudes=self.amplitudes + step)


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
        self._network = network
        self._data = data
        self._knowledge = knowledge
        self._warming = temperature_step(network, data.temperature)
        self._bound = network.bind(data.amounts)
        self._fitted_feeds = _fitted_feeds(data.feeds, data.name, knowledge)

    def calibrate(self, step: Floats) -> list[Calibration]:
        """Return the signals with the amplitudes that are best `step` from the best parameters."""
        data, bound = self._data, self._bound
        if self._fitted_feeds and step.any():
            amounts = data.amounts.copy()
            for column, parameter in self._fitted_feeds:
                amounts[:, column] *= np.exp(step[parameter])
            bound = self._network.bind(amounts)
        speciation = bound.solve(self._knowledge.at(step) + self._warming, derivatives=True)
        slopes = parameter_slopes(speciation, self._knowledge, dataset=data.name, amounts=data.amounts)
        found = []
        for name, (block, signal) in zip(self._names, self._pairs, strict=True):
            columns = block.model.columns(speciation.concentration)
            change = np.moveaxis(block.model.derivative(speciation.concentration, slopes), -1, 0)
            best, moved, spread = _eliminated(block, signal, columns, change)
            found.append(
                Calibration(name=name, signal=signal, block=block, amplitudes=best, slopes=moved, spread=spread)
            )
        return found


def signal_name(signal: SignalFit, data: DatasetFit, fit: FitResult) -> str:
    """Return the signal's name, with that of its data set where several were fitted."""
    return signal.name if len(fit.datasets) == 1 else f"{data.name}: {signal.name}"


def parameter_slopes(
    speciation: Speciation, knowledge: Knowledge, *, amounts: Floats, dataset: str | None = None
) -> Floats:
    """Return d concentration / d parameter [mol/L], shape (n_points, n_entities, n_parameters).

    Parameters
    ----------
    speciation : Speciation
        Solved with derivatives.
    knowledge : Knowledge
        The parameters.
    amounts : ndarray, shape (n_points, n_feeds)
        What was solved for [mol/L].
    dataset : str, optional
        The data set whose conditions these are: its fitted concentrations move with their parameters.
    """
    if speciation.d_ln_constants is None or speciation.d_amounts is None:
        raise ValueError("the speciation was solved without derivatives")
    slopes: Floats = speciation.d_ln_constants @ knowledge.to_theta
    for column, parameter in _fitted_feeds(speciation.feeds, dataset, knowledge):
        slopes[..., parameter] += speciation.d_amounts[..., column] * amounts[:, column, np.newaxis]
    return slopes


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
    ((block,), _) = bind_observables(network, alone, known={})
    return block


def _eliminated(block: Block, signal: SignalFit, columns: Floats, change: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the amplitudes A, dA/dp and the covariance of A given p, channel by channel."""
    amplitudes = signal.amplitudes.copy()
    n_components, n_channels = amplitudes.shape
    slopes = np.zeros((len(change), n_components, n_channels))
    spread = np.zeros((n_channels, n_components, n_components))
    weights, measured = _weights(block, signal), np.nan_to_num(block.rows(signal.measured))
    # Amplitudes that are known, or rest at zero because they may not be negative, do not move.
    is_free = signal.amplitude_stderr > 0
    _, group = np.unique(np.concatenate([weights, is_free]), axis=1, return_inverse=True)
    for number in range(group.max() + 1):
        channels = np.flatnonzero(group.ravel() == number)
        free, fixed = np.flatnonzero(is_free[:, channels[0]]), np.flatnonzero(~is_free[:, channels[0]])
        weight = weights[:, channels[0], np.newaxis]
        inverse = np.linalg.pinv(columns[:, free] * weight)
        rest = measured[:, channels] - columns[:, fixed] @ amplitudes[np.ix_(fixed, channels)]
        amplitudes[np.ix_(free, channels)] = inverse @ (weight * rest)
        moved = inverse @ ((change * weight) @ amplitudes[:, channels])
        slopes[np.ix_(np.arange(len(change)), free, channels)] = -moved
        spread[np.ix_(channels, free, free)] = inverse @ inverse.T
    return amplitudes, slopes, spread


def _fitted_feeds(feeds: tuple[str, ...], dataset: str | None, knowledge: Knowledge) -> list[tuple[int, int]]:
    """Return column and parameter of the concentrations that were fitted in a data set."""
    names = [f"c[{feed}] of {dataset}" for feed in feeds]
    return [(column, knowledge.names.index(name)) for column, name in enumerate(names) if name in knowledge.names]


def _weights(block: Block, signal: SignalFit) -> Floats:
    """Return 1/sigma of each value in the rows that the model fits, 0 where nothing was measured."""
    noise = 0.0 if signal.noise is None else signal.noise
    sigma = np.full_like(signal.measured, noise) if signal.sigma is None else signal.sigma
    is_measured = np.isfinite(signal.measured) & (sigma > 0)
    return block.rows(np.where(is_measured, 1.0 / np.where(is_measured, sigma, 1.0), 0.0))

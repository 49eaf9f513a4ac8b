"""What was measured beside what the fitted model says: the record that figures and tables of a fit are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.banded import SCALE
from surfacechem.fitting.techniques import BASELINE, DRIFT, drift_order
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.record import SIGNAL, Curves
from surfacechem.prediction.setting import Setting
from surfacechem.prediction.signals import signal_name
from surfacechem.prediction.walk import along, measured_conditions
from surfacechem.records import Technique
from surfacechem.units import Kind, kernel_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting import DatasetFit, FitResult, SignalFit
    from surfacechem.network import Network
    from surfacechem.prediction.flask import Axis

    Floats = NDArray[np.float64]

__all__ = ["ComponentSpectra", "FittedSignal", "component_spectra", "fitted_signals"]


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedSignal:
    """One measured signal of one data set, its fit, and the fitted curve between the points.

    Attributes
    ----------
    dataset : str
        Name of the data set.
    points : Axis
        Where it was measured.
    measured, fitted : ndarray, shape (n_points, n_channels)
        In the unit of `curves`, less a drift that was fitted; NaN where nothing was measured.
    sigma : ndarray, shape (n_points, n_channels)
        Standard deviation of the measured values, as given or as estimated by the fit.
    walk : Axis
        Where the curves run, through all points.
    curves : Curves
        Fitted curves with their band; names, labels, unit and wavelengths of the channels.
    """

    dataset: str
    points: Axis
    measured: Floats
    fitted: Floats
    sigma: Floats
    walk: Axis
    curves: Curves

    @property
    def residual(self) -> Floats:
        """Measured minus fitted, shape (n_points, n_channels)."""
        return self.measured - self.fitted

    def shown(self) -> FittedSignal:
        """Return the same signal in a unit whose prefix suits the largest value."""
        factor, _ = self.curves.shown_unit()
        return replace(
            self,
            measured=self.measured * factor,
            fitted=self.fitted * factor,
            sigma=self.sigma * factor,
            curves=self.curves.shown(),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class ComponentSpectra:
    """What one mole of each entity shows at each wavelength.

    Attributes
    ----------
    name : str
        The observable.
    labels : tuple of str
        Entities.
    axis : ndarray, shape (n_channels,)
        Wavelength [nm].
    values, stderr : ndarray, shape (n_labels, n_channels)
        Molar spectra and their standard errors in `unit`.
    unit : str
        ``"L/(mol cm)"``.
    is_known : tuple of bool
        Whether each was given rather than fitted.
    """

    name: str
    labels: tuple[str, ...]
    axis: Floats
    values: Floats
    stderr: Floats
    unit: str
    is_known: tuple[bool, ...]


def fitted_signals(network: Network, fit: FitResult) -> tuple[FittedSignal, ...]:
    """Return every signal of every data set of a fit, with curves through the points and their bands.

    Parameters
    ----------
    network : Network
        The model that was fitted.
    fit : FitResult
        What was found.
    """
    knowledge = known_constants(network, fit=fit)
    found = []
    for data in fit.datasets:
        points, walk = measured_conditions(network, data), along(network, data)
        setting = Setting(network=network, conditions=walk, knowledge=knowledge, fit=fit)
        curves = {each.name: each for each in setting.curves(level=fit.level) if each.group == SIGNAL}
        for signal in data.signals:
            name = signal_name(signal, data, fit)
            is_walked = name in curves
            fitted = FittedSignal(
                dataset=data.name,
                points=points.axis,
                measured=signal.measured - _drift(signal),
                fitted=signal.fitted - _drift(signal),
                sigma=_sigma(signal),
                walk=walk.axis if is_walked else points.axis,
                curves=replace(curves[name], name=signal.name) if is_walked else _at_points(signal),
            )
            found.append(_per_mole(fitted, data) if signal.technique is Technique.ITC else fitted)
    return tuple(found)


def component_spectra(fit: FitResult) -> tuple[ComponentSpectra, ...]:
    """Return the molar spectra of every series of spectra of a fit."""
    found = []
    for data in fit.datasets:
        for signal in data.signals:
            if signal.technique is not Technique.UV_VIS or signal.axis is None or SCALE in signal.components:
                continue
            kept = [row for row, name in enumerate(signal.components) if name not in {BASELINE, DRIFT}]
            found.append(
                ComponentSpectra(
                    name=signal_name(signal, data, fit),
                    labels=tuple(signal.components[row] for row in kept),
                    axis=signal.axis,
                    values=signal.amplitudes[kept],
                    stderr=np.nan_to_num(signal.amplitude_stderr[kept]),
                    unit=kernel_unit(Kind.EXTINCTION),
                    is_known=tuple(not signal.amplitude_stderr[row].any() for row in kept),
                )
            )
    return tuple(found)


def _per_mole(fitted: FittedSignal, data: DatasetFit) -> FittedSignal:
    """Return heats per mole of what was injected, as calorimetrists draw them, where one thing was injected."""
    moved = data.amounts[-1] - data.amounts[0]
    titrants, diluted = np.flatnonzero(moved > 0), np.flatnonzero(moved < 0)
    if data.added is None or len(titrants) != 1 or not len(diluted):
        return fitted
    injected = _injected(data.amounts[:, titrants[0]], data.amounts[:, diluted[0]], data.added)[:, np.newaxis]
    if (injected < 0).any():
        return fitted
    factor = 1e-3 / np.where(injected > 0, injected, np.nan)
    values = {name: getattr(fitted, name) * factor for name in ("measured", "fitted", "sigma")}
    unit = f"kJ/mol {data.feeds[titrants[0]]}"
    return replace(fitted, **values, curves=replace(fitted.curves, values=values["fitted"], unit=unit))


def _injected(titrant: Floats, diluted: Floats, added: Floats) -> Floats:
    """Return the amount in each injection into a full cell [mol].

    Each injection of ``v`` leaves the share ``1 - v/V`` of what was in the cell, which what is only diluted shows;
    what the cell then holds more of the titrant was injected.

    Parameters
    ----------
    titrant, diluted : ndarray, shape (n_points,)
        Totals after each injection [mol/L].
    added : ndarray, shape (n_points,)
        Volume injected so far [L].
    """
    kept = np.append(1.0, diluted[1:] / diluted[:-1])
    cell = (added[-1] - added[0]) / (1.0 - kept).sum()
    before = np.append(0.0, titrant[:-1])
    return np.asarray(cell * (titrant - kept * before))


def _drift(signal: SignalFit) -> Floats | float:
    """Return what a fitted drift adds to each value; curves between the points have none."""
    if DRIFT not in signal.components:
        return 0.0
    return np.outer(drift_order(len(signal.measured)), signal.amplitudes[signal.components.index(DRIFT)])


def _sigma(signal: SignalFit) -> Floats:
    if signal.sigma is not None:
        return signal.sigma
    # Without degrees of freedom there is no estimate of the noise; what is left over sets the scale.
    return np.full_like(signal.measured, signal.noise or signal.rmse or 1.0)


def _at_points(signal: SignalFit) -> Curves:
    return Curves(
        group=SIGNAL,
        name=signal.name,
        labels=signal.channels,
        values=signal.fitted,
        unit=signal.unit,
        axis=signal.axis,
    )

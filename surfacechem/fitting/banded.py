"""Spectra as sums of bands whose position and shape the model states: what a fit of a band's own numbers sees.

A band of an entity of concentration c absorbs ``l c a f(E - E0)`` over the path l, with its molar absorptivity a and
its line shape f (`relations.lineshape`); its position E0 may move with coverages. All numbers that are fitted, or have
an error, are constants of the model, which stand among what is seen. So there is no free amplitude, and a band has one
absorptivity for all wavelengths and all data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.constants import HC
from surfacechem.errors import FitError
from surfacechem.fitting.bands import COUNT, absorber_of, moving_band, shape_numbers, stated_shape
from surfacechem.fitting.observation import Band  # noqa: TC001  (a field)
from surfacechem.relations.lineshape import Lineshape  # noqa: TC001  (a field)

if TYPE_CHECKING:
    from surfacechem.chem.system import Observable
    from surfacechem.network import Network
    from surfacechem.records import Signal

__all__ = ["SCALE", "BandedSpectrum", "ShapedBand", "banded_spectrum"]

Floats = NDArray[np.float64]

SCALE: Final = "scale"
"""Name of the one amplitude, as of integrals."""
STEP: Final = 1e-5
"""Of a central difference, as a share of the width or of the number: its error and that of rounding are below 1e-9."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ShapedBand:
    """One band of one absorber.

    Attributes
    ----------
    absorber : int
        Where the entity that absorbs is seen.
    position : Band
        Columns of its position.
    coefficients : ndarray, shape (n_columns,)
        Their amplitudes [eV]; 1 where the value of a constant stands in the column.
    shape : Lineshape
        The band at origin 0.
    numbers : tuple of (str, int)
        Attributes of the shape that are constants of the model, and where these are seen.
    """

    absorber: int
    position: Band
    coefficients: Floats
    shape: Lineshape
    numbers: tuple[tuple[str, int], ...]

    def shaped(self, concentration: Floats) -> Lineshape:
        """Return the shape that the constants give it, for what is seen at one point, shape (n_seen,)."""
        return replace(self.shape, **{name: float(concentration[seen]) for name, seen in self.numbers})


@dataclass(frozen=True, kw_only=True, eq=False)
class BandedSpectrum:
    """Absorbance as a sum of bands; an `ObservationModel` of one column, whose amplitude is 1.

    Attributes
    ----------
    bands : tuple of ShapedBand
        What absorbs.
    energy : ndarray, shape (n_channels,)
        Of each wavelength [eV]. Rows of the column are the points of wavelength 0, then those of wavelength 1 ...
    path_length : float
        Optical path [cm].
    """

    bands: tuple[ShapedBand, ...]
    energy: Floats
    path_length: float

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the name of the one amplitude."""
        return (SCALE,)

    def columns(self, concentration: Floats) -> Floats:
        """Return the absorbance, shape (..., n_channels * n_points, 1)."""
        found = [self._absorbance(lane) for lane in self._lanes(concentration)]
        return np.array(found).reshape(*concentration.shape[:-2], -1, 1)

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of `columns`, exact but for central differences along the line shape."""
        lanes = zip(self._lanes(concentration), self._lanes(d_concentration, n_axes=3), strict=True)
        found = [self._slope(lane, moved) for lane, moved in lanes]
        return np.array(found).reshape(*concentration.shape[:-2], -1, 1, d_concentration.shape[-1])

    @staticmethod
    def _lanes(array: Floats, n_axes: int = 2) -> Floats:
        return array.reshape(-1, *array.shape[-n_axes:])

    def _absorbance(self, seen: Floats) -> Floats:
        """Return the absorbance of one lane, shape (n_channels, n_points)."""
        total = np.zeros((len(self.energy), len(seen)))
        for band in self.bands:
            away = self.energy[:, np.newaxis] - band.position.columns(seen) @ band.coefficients
            total += self.path_length * seen[:, band.absorber] * band.shaped(seen[0]).at(away)
        return total

    def _slope(self, seen: Floats, d_seen: Floats) -> Floats:
        """Return its derivative, shape (n_channels, n_points, n_parameters)."""
        total = np.zeros((len(self.energy), *d_seen.shape[::2]))
        for band in self.bands:
            shape, amount = band.shaped(seen[0]), self.path_length * seen[:, band.absorber]
            away = self.energy[:, np.newaxis] - band.position.columns(seen) @ band.coefficients
            d_position = np.einsum("pck,c->pk", band.position.derivative(seen, d_seen), band.coefficients)
            steep = (shape.at(away + STEP * shape.width) - shape.at(away - STEP * shape.width)) / (
                2 * STEP * shape.width
            )
            total += shape.at(away)[..., np.newaxis] * (self.path_length * d_seen[:, band.absorber])
            total -= (amount * steep)[..., np.newaxis] * d_position
            for name, number in band.numbers:
                value = float(seen[0, number])
                above, below = (replace(shape, **{name: value * factor}).at(away) for factor in (1 + STEP, 1 - STEP))
                bent = amount * (above - below) / (2 * STEP * value)
                total += bent[..., np.newaxis] * d_seen[:, number]
        return total


def banded_spectrum(
    network: Network, observable: Observable, *, signal: Signal, columns: list[int], temperature: float | None
) -> BandedSpectrum:
    """Return the bands of a line ``absorbance(E1, E2)`` at the wavelengths of a signal.

    Parameters
    ----------
    network : Network
        The model.
    observable : Observable
        Names bands of the model.
    signal : Signal
        What was measured.
    columns : list of int
        Its channels that are meant.
    temperature : float, optional
        Of the data [K]; None: that of the model.

    Raises
    ------
    FitError
        If the signal has no wavelengths, or a band no number where one is needed.
    """
    if signal.axis is None:
        raise FitError(
            f"absorbance '{observable.name}'",
            found=f"'{signal.name}' without wavelengths",
            allowed="columns such as 'A 400 nm'",
            advice="name the wavelength of each column",
        )
    known = {each.name: each for each in network.system.observables}
    bands = tuple(
        _shaped(network, known[name], temperature=temperature or network.system.temperature)
        for name in observable.entities
    )
    return BandedSpectrum(bands=bands, energy=HC / signal.axis[columns], path_length=signal.path_length)


def _shaped(network: Network, observable: Observable, *, temperature: float) -> ShapedBand:
    from surfacechem.fitting.techniques import stated_amplitudes

    model, shape = moving_band(network, observable), stated_shape(observable, temperature=temperature)
    stated, absorber = stated_amplitudes(model, observable), absorber_of(network, observable)
    counts = [label for label in model.labels if label.startswith(COUNT.rstrip(":"))]
    fault = (
        "no width" if shape is None
        else f"{counts[0]}, which broadens it" if counts
        else "a name where a number is to be" if len(stated) < len(model.labels)
        else ""
    )  # fmt: skip
    if fault or shape is None:
        raise FitError(
            f"band '{observable.name}' in a fit of absorbances",
            found=fault,
            allowed="a position in numbers and coverages, with width and absorptivity",
            advice=f"write e.g. observe {observable.name} = 3.2 eV fit - 0.1 eV fit * coverage(SR') of InP37 ; "
            "width = 150 meV fit, absorptivity = 5e4 /(M cm) fit",
        )
    return ShapedBand(
        absorber=network.entities.index(absorber),
        position=model,
        coefficients=np.array([stated[column][0] for column in range(len(model.labels))]),
        shape=shape,
        numbers=shape_numbers(network, observable),
    )

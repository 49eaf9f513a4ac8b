"""Bands of clusters: one electronic transition, its lattice vibrations, and its width, in energy.

A cluster has one size, so its band is not broadened by a distribution of sizes; its asymmetry comes from the vibrations
that an excitation starts. For one mode of quantum h and Huang-Rhys factor S that is displaced but not stiffened, a
line stands at ``origin + p h`` with p quanta more than before, of weight (K. Huang, A. Rhys, Proc. R. Soc. A 204, 406,
1950; textbook)

    P(p) = sum_k Poisson(p + k; S (n + 1)) Poisson(k; S n),      n = 1/(exp(h/kT) - 1),

quanta taken up less quanta given off. The mean is ``origin + S h`` and the variance ``S (2n + 1) h^2`` whatever T is.
Positions are energies; wavelengths are converted as positions, shifts never.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, exp, lgamma, log, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.constants import BOLTZMANN, ELEMENTARY_CHARGE, HC, STANDARD_TEMPERATURE
from surfacechem.errors import RangeError
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Transition", "absorption", "isosbestic_points", "transition"]

FWHM_PER_SIGMA: Final = 2.0 * sqrt(2.0 * log(2.0))
REACH: Final = 12.0
"""Standard deviations of a Poisson distribution that are summed; what is left out is below 1e-15."""
LARGEST_HUANG_RHYS: Final = 100.0


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One transition of one absorber.

    Attributes
    ----------
    origin : float
        Energy without quanta of vibration (0-0 line) [eV].
    width : float
        Standard deviation of each line, Gaussian [eV].
    strength : float
        Molar absorption coefficient at the top of a band that had one line only [L/(mol cm)].
    huang_rhys : float
        Mean number of quanta that the excitation starts at 0 K, S.
    quantum : float
        Energy of one quantum [eV].
    temperature : float
        Temperature of the vibrations [K].
    """

    origin: float
    width: float
    strength: float = 1.0
    huang_rhys: float = 0.0
    quantum: float = 0.0
    temperature: float = STANDARD_TEMPERATURE

    @property
    def mean(self) -> float:
        """First moment of the band [eV]."""
        return self.origin + self.huang_rhys * self.quantum

    @property
    def variance(self) -> float:
        """Second central moment of the band [eV^2]."""
        return self.width**2 + self.huang_rhys * (2 * self._n_thermal + 1) * self.quantum**2

    def moved(self, by: str | float) -> Transition:
        """Return the same band elsewhere: ``moved("140 meV")``; a shift has no value in nm.

        Raises
        ------
        UnitError
            When the shift is no energy.
        """
        shift = by if isinstance(by, float) else quantity(by, Kind.ENERGY_SHIFT, name="shift")
        return replace(self, origin=self.origin + shift)

    def at(self, energy: Floats) -> Floats:
        """Return the molar absorption coefficient at energies [eV], in L/(mol cm)."""
        lines, weights = self._progression()
        distance = (energy[..., np.newaxis] - lines) / self.width
        return np.asarray(self.strength * (np.exp(-0.5 * distance**2) @ weights))

    @property
    def _n_thermal(self) -> float:
        """Quanta already there, of one mode in equilibrium."""
        if not self.quantum:
            return 0.0
        ratio = self.quantum * ELEMENTARY_CHARGE / (BOLTZMANN * self.temperature)
        return 1.0 / (exp(ratio) - 1.0) if ratio < -log(np.finfo(float).tiny) else 0.0

    def _progression(self) -> tuple[Floats, Floats]:
        """Return the lines [eV] and their weights, which add up to 1."""
        if not (self.huang_rhys and self.quantum):
            return np.array([self.origin]), np.ones(1)
        taken = _poisson(self.huang_rhys * (self._n_thermal + 1))
        given = _poisson(self.huang_rhys * self._n_thermal)
        weights: Floats = np.convolve(taken, given[::-1]).astype(np.float64)
        quanta = np.arange(len(weights)) - (len(given) - 1)
        return np.asarray(self.origin + quanta * self.quantum, dtype=np.float64), weights


def transition(
    position: str,
    *,
    width: str,
    strength: str | None = None,
    huang_rhys: float = 0.0,
    quantum: str | None = None,
    temperature: str = "298.15 K",
) -> Transition:
    """Return a transition from quantities as a chemist writes them.

    Parameters
    ----------
    position : str
        Maximum of the band, where it has no vibrations, else its 0-0 line: ``"386 nm"``, ``"3.21 eV"``.
    width : str
        Full width of each line at half maximum, as an energy: ``"150 meV"``.
    strength : str, optional
        Molar absorption coefficient at the top of one line: ``"2.1e5 /(M cm)"``; by default 1.
    huang_rhys : float
        S, from 0.
    quantum : str, optional
        Energy of one quantum, needed with S.
    temperature : str
        Temperature.

    Raises
    ------
    UnitError
        When a unit is missing or of the wrong kind; a width in nm is refused, because it is none in energy.
    RangeError
        When the width is not positive, or S and the quantum do not belong together.

    Examples
    --------
    >>> band = transition("386 nm", width="150 meV", huang_rhys=1.5, quantum="40 meV")
    >>> round(band.origin, 3), round(band.mean, 3)
    (3.212, 3.272)
    """
    found = Transition(
        origin=quantity(position, Kind.PHOTON_ENERGY, name="position"),
        width=quantity(width, Kind.ENERGY_SHIFT, name="width") / FWHM_PER_SIGMA,
        strength=1.0 if strength is None else quantity(strength, Kind.EXTINCTION, name="strength"),
        huang_rhys=huang_rhys,
        quantum=0.0 if quantum is None else quantity(quantum, Kind.ENERGY_SHIFT, name="quantum"),
        temperature=quantity(temperature, Kind.TEMPERATURE, name="temperature"),
    )
    if not (found.width > 0 and 0 <= huang_rhys <= LARGEST_HUANG_RHYS and found.quantum >= 0 and found.temperature > 0):
        raise RangeError(
            "transition",
            found=f"width {width}, S = {huang_rhys:g}, quantum {quantum}, {temperature}",
            allowed=f"positive width and temperature, S from 0 to {LARGEST_HUANG_RHYS:g}",
            advice="write e.g. transition('386 nm', width='150 meV', huang_rhys=1.5, quantum='40 meV')",
        )
    if huang_rhys and not found.quantum:
        raise RangeError(
            "transition", found="S without a quantum", allowed="both or none", advice="add quantum='40 meV'"
        )
    return found


def absorption(transitions: Sequence[Transition], wavelength: Floats) -> Floats:
    """Return the sum of transitions at wavelengths [nm], in L/(mol cm).

    Absorbance is no density: it is read at the energy of each wavelength, without the factor of a change of variable.
    """
    energy = HC / np.asarray(wavelength, dtype=float)
    return np.asarray(sum((each.at(energy) for each in transitions), np.zeros(np.shape(energy))))


def isosbestic_points(wavelength: Floats, first: Floats, second: Floats) -> Floats:
    """Return where two spectra cross [nm], between the samples by straight lines.

    Parameters
    ----------
    wavelength : ndarray, shape (n_channels,)
        Where both are given [nm].
    first, second : ndarray, shape (n_channels,)
        Molar absorption coefficients.
    """
    gap = np.asarray(first) - np.asarray(second)
    left = np.flatnonzero(np.sign(gap[1:]) * np.sign(gap[:-1]) < 0)
    share = gap[left] / (gap[left] - gap[left + 1])
    exact = np.flatnonzero((gap == 0) & (np.asarray(first) > 0))
    crossing = wavelength[left] + share * (wavelength[left + 1] - wavelength[left])
    return np.sort(np.concatenate([crossing, np.asarray(wavelength)[exact]]))


def _poisson(mean: float) -> Floats:
    """Return the probabilities of 0, 1, 2 ... of a Poisson distribution."""
    most = ceil(mean + REACH * sqrt(mean) + REACH)
    if not mean:
        return np.ones(1)
    counts = np.arange(most + 1)
    ln_factorial = np.array([lgamma(count + 1.0) for count in counts])
    return np.asarray(np.exp(counts * log(mean) - mean - ln_factorial))

"""Bands of clusters: one electronic transition, its lattice vibrations, and its width, in energy.

A cluster has one size, so its band is not broadened by a distribution of sizes; its asymmetry comes from the vibrations
that an excitation starts. For one mode of quantum h and Huang-Rhys factor S that is displaced but not stiffened, a
line stands at ``origin + p h`` with p quanta more than before, of weight (K. Huang, A. Rhys, Proc. R. Soc. A 204, 406,
1950; textbook)

    P(p) = sum_k Poisson(p + k; S (n + 1)) Poisson(k; S n),      n = 1/(exp(h/kT) - 1),

quanta taken up less quanta given off. The mean is ``origin + S h`` and the variance ``S (2n + 1) h^2`` whatever T is.

A band without resolved vibrations may be skewed instead: the log-normal function of R. D. B. Fraser and E. Suzuki and
of D. B. Siano and D. E. Metzler (both 1969; see D. B. Siano, "The log-normal distribution function", J. Chem. Educ.),

    h exp(-ln 2 (ln(1 + x)/b)^2),    x = 2 sinh(b) (E - origin)/width > -1,    b = ln(asymmetry),

is h high at its origin and `width` wide at half of that, where its half widths above and below the maximum are as
`asymmetry` to one; a Gaussian as that goes to 1.

Positions are energies; wavelengths are converted as positions, shifts never.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, exp, expm1, lgamma, log, pi, sinh, sqrt
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from surfacechem.constants import BOLTZMANN, ELEMENTARY_CHARGE, HC, STANDARD_TEMPERATURE
from surfacechem.errors import RangeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Lineshape", "Sampled", "absorption", "refuse_impossible"]

FWHM_PER_SIGMA: Final = 2.0 * sqrt(2.0 * log(2.0))
REACH: Final = 12.0
"""Standard deviations of a Poisson distribution that are summed; what is left out is below 1e-15."""
LEFT_OUT: Final = 1e-16
"""Weight of lines that no sum of doubles shows."""
SAMPLED: Final = 1e-9
CELLS_PER_WIDTH: Final = 1000
MOST_CELLS: Final = 1_000_000
LARGEST_HUANG_RHYS: Final = 100.0
MOST_QUANTA: Final = 1e4
"""Quanta taken up and given off on average; where there are more, the quantum is too small to be one."""
LARGEST_ASYMMETRY: Final = 10.0
REACHED: Final = 1e-3
LN2: Final = log(2.0)


@dataclass(frozen=True, kw_only=True)
class Lineshape:
    """One transition of one absorber.

    Attributes
    ----------
    origin : float
        Energy without quanta of vibration (0-0 line) [eV].
    width : float
        Full width of each line at half maximum [eV].
    strength : float
        Molar absorption coefficient at the top of a band that had one line only [L/(mol cm)].
    huang_rhys : float
        Mean number of quanta that the excitation starts at 0 K, S.
    quantum : float
        Energy of one quantum [eV].
    temperature : float
        Temperature of the vibrations [K].
    asymmetry : float
        Half width above over half width below the maximum of a skewed band; 1: Gaussian.
    """

    origin: float
    width: float
    strength: float = 1.0
    huang_rhys: float = 0.0
    quantum: float = 0.0
    temperature: float = STANDARD_TEMPERATURE
    asymmetry: float = 1.0

    @property
    def area(self) -> float:
        """Integral over energy [L eV/(mol cm)], which no vibration and no shift changes."""
        return 0.5 * self.width * self.strength * sqrt(pi / LN2) / self._stretch * exp(0.25 * self._skew**2 / LN2)

    @property
    def mean(self) -> float:
        """First moment of the band [eV]."""
        skewed = 0.5 * self.width / self._stretch * self._over_skew(expm1(0.75 * self._skew**2 / LN2))
        return self.origin + self.huang_rhys * self.quantum + skewed

    @property
    def variance(self) -> float:
        """Second central moment of the band [eV^2]."""
        own = (self.width / FWHM_PER_SIGMA) ** 2
        if self._skew:
            scale = 0.5 * self.width / self._stretch / self._skew
            own = scale**2 * exp(1.5 * self._skew**2 / LN2) * expm1(0.5 * self._skew**2 / LN2)
        return own + self.huang_rhys * (2 * self.n_thermal + 1) * self.quantum**2

    def moved(self, by: float) -> Self:
        """Return the same band elsewhere, `by` [eV] from here."""
        return replace(self, origin=self.origin + by)

    def at(self, energy: Floats) -> Floats:
        """Return the molar absorption coefficient at energies [eV], in L/(mol cm)."""
        if self._skew:
            return self.strength * self._skewed(np.asarray(energy) - self.origin)
        total = np.zeros(np.shape(energy))
        for line, weight in zip(*self._progression(), strict=True):
            total += weight * np.exp(-4 * LN2 * ((energy - line) / self.width) ** 2)
        return self.strength * total

    def reach(self, share: float = REACHED) -> tuple[float, float]:
        """Return the energies between which the band is more than a share of its highest line [eV]."""
        half = sqrt(-log(share) / LN2)
        if self._skew:
            edges = [
                0.5 * self.width / self._stretch / self._skew * expm1(sign * half * self._skew) for sign in (-1, 1)
            ]
            return self.origin + min(edges), self.origin + max(edges)
        lines, weights = self._progression()
        kept = lines[weights > share * weights.max()]
        return float(kept.min()) - 0.5 * self.width * half, float(kept.max()) + 0.5 * self.width * half

    @property
    def _skew(self) -> float:
        """The b of the log-normal function."""
        return log(self.asymmetry)

    @property
    def _stretch(self) -> float:
        """sinh(b)/b: by how much a parameter of width falls short of the width at half maximum."""
        return sinh(self._skew) / self._skew if self._skew else 1.0

    def _over_skew(self, number: float) -> float:
        return number / self._skew if self._skew else 0.0

    def _skewed(self, distance: Floats) -> Floats:
        relative = 2 * sinh(self._skew) / self.width * distance
        inside = relative > -1
        place = np.log1p(np.where(inside, relative, 0.0)) / self._skew
        return np.where(inside, np.exp(-LN2 * place**2), 0.0)

    @property
    def n_thermal(self) -> float:
        """Quanta already there, of one mode in equilibrium."""
        if not self.quantum:
            return 0.0
        ratio = self.quantum * ELEMENTARY_CHARGE / (BOLTZMANN * self.temperature)
        return 1.0 / expm1(ratio) if ratio < -log(np.finfo(float).tiny) else 0.0

    def _progression(self) -> tuple[Floats, Floats]:
        """Return the lines [eV] and their weights, which add up to 1."""
        if not (self.huang_rhys and self.quantum):
            return np.array([self.origin]), np.ones(1)
        taken = _poisson(self.huang_rhys * (self.n_thermal + 1))
        given = _poisson(self.huang_rhys * self.n_thermal)
        weights: Floats = np.convolve(taken, given[::-1]).astype(np.float64)
        quanta = np.flatnonzero(weights > LEFT_OUT) - (len(given) - 1)
        return np.asarray(self.origin + quanta * self.quantum, dtype=np.float64), weights[weights > LEFT_OUT]


def refuse_impossible(band: Lineshape) -> None:
    """Refuse a band whose numbers make none.

    Raises
    ------
    RangeError
        When the width is not positive, vibrations are not all there, or the skew is too large or beside vibrations.
    """
    is_possible = band.width > 0 and 0 <= band.huang_rhys <= LARGEST_HUANG_RHYS
    is_possible &= band.quantum >= 0 and band.temperature > 0
    is_possible &= 1 / LARGEST_ASYMMETRY <= band.asymmetry <= LARGEST_ASYMMETRY
    if not is_possible:
        raise RangeError(
            "transition",
            found=f"width {band.width:g} eV, S = {band.huang_rhys:g}, quantum {band.quantum:g} eV, "
            f"{band.temperature:g} K, asymmetry {band.asymmetry:g}",
            allowed=f"positive width and temperature, S from 0 to {LARGEST_HUANG_RHYS:g}, "
            f"asymmetry from {1 / LARGEST_ASYMMETRY:g} to {LARGEST_ASYMMETRY:g}",
            advice="write e.g. transition('386 nm', width='150 meV', huang_rhys=1.5, quantum='40 meV')",
        )
    if band.huang_rhys and not band.quantum:
        raise RangeError(
            "transition", found="S without a quantum", allowed="both or none", advice="add quantum='40 meV'"
        )
    if band.huang_rhys and band.huang_rhys * (2 * band.n_thermal + 1) > MOST_QUANTA:
        raise RangeError(
            "transition",
            found=f"a quantum of {band.quantum:g} eV, {band.n_thermal:.2g} there at {band.temperature:g} K already",
            allowed=f"quanta of which S and warmth move {MOST_QUANTA:g} at most",
            advice="write the quantum of a vibration, quantum = 40 meV, or leave vibrations out",
        )
    if band.huang_rhys and band.asymmetry != 1:
        raise RangeError(
            "transition", found="S and asymmetry", allowed="one of them", advice="leave one out: both are skew"
        )


class Sampled:
    """A band on a fine grid with straight lines between: right to a few millionths of its height, for many energies.

    Parameters
    ----------
    band : Transition
        Looked up instead of computed; zero where it is below 1e-9 of its highest line.
    """

    def __init__(self, band: Lineshape) -> None:
        self._low, high = band.reach(SAMPLED)
        n_cells = min(ceil((high - self._low) / band.width * CELLS_PER_WIDTH), MOST_CELLS)
        self._per_energy = n_cells / (high - self._low)
        self._values = np.zeros(n_cells + 3)  # a dark cell to either side
        self._values[1:-1] = band.at(np.linspace(self._low, high, n_cells + 1))
        self._rise = np.diff(self._values)

    def at(self, energy: Floats) -> Floats:
        """Return the molar absorption coefficient at energies [eV], in L/(mol cm)."""
        place = np.clip((energy - self._low) * self._per_energy + 1, 0.0, len(self._rise) - 0.5)
        cell = place.astype(np.intp)
        return np.asarray(self._values[cell] + (place - cell) * self._rise[cell])


def absorption(transitions: Sequence[Lineshape], wavelength: Floats) -> Floats:
    """Return the sum of transitions at wavelengths [nm], in L/(mol cm).

    Absorbance is no density: it is read at the energy of each wavelength, without the factor of a change of variable.
    """
    energy = HC / np.asarray(wavelength, dtype=float)
    return np.asarray(sum((each.at(energy) for each in transitions), np.zeros(np.shape(energy))))


def _poisson(mean: float) -> Floats:
    """Return the probabilities of 0, 1, 2 ... of a Poisson distribution."""
    most = ceil(mean + REACH * sqrt(mean) + REACH)
    if not mean:
        return np.ones(1)
    counts = np.arange(most + 1)
    ln_factorial = np.array([lgamma(count + 1.0) for count in counts])
    return np.asarray(np.exp(counts * log(mean) - mean - ln_factorial))

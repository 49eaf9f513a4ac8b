"""Light that the sample swallows, by absorptivities that are fitted: the inner filter as a part of the model.

Seen at a right angle, light comes from the middle of a cell of path l: what excites has passed half of it (primary
filter), and what is emitted passes the other half (secondary filter), so that absorbances A1 and A2 per cm weaken the
signal by ``10^(-l (A1 + A2)/2)``, exactly for a narrow beam. Each absorbance is a line ``absorbance(...)`` of the
model, whose numbers may be fitted to these data, to absorbances of other flasks, or to both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.build import factor_name
from surfacechem.errors import FitError
from surfacechem.fitting.banded import SCALE, banded_spectrum
from surfacechem.fitting.observation import ObservationModel, Spectrum  # noqa: TC001  (fields)
from surfacechem.records import Signal, Technique

if TYPE_CHECKING:
    from surfacechem.chem.system import Observable
    from surfacechem.network import Network

__all__ = ["FILTERS", "FilteredLight", "StatedAbsorbance", "filtered", "stated_absorbance"]

Floats = NDArray[np.float64]

FILTERS: Final = ("primary", "secondary")
ABSORPTIVITY: Final = "absorptivity:"
HALF: Final = 0.5 * np.log(10.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class StatedAbsorbance:
    """Absorbance at one wavelength of entities whose molar absorptivities are stated; one column of amplitude 1.

    Attributes
    ----------
    entities : ndarray of int, shape (n_absorbing,)
        Where they are seen.
    absorptivity : ndarray, shape (n_absorbing,)
        Exact ones [L/(mol cm)]; 1 where a constant of the model gives it.
    numbers : ndarray of int, shape (n_absorbing,)
        Where that constant is seen; -1 for exact ones.
    path_length : float
        Optical path [cm].
    """

    entities: NDArray[np.intp]
    absorptivity: Floats
    numbers: NDArray[np.intp]
    path_length: float

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the name of the one amplitude."""
        return (SCALE,)

    def _molar(self, seen: Floats) -> Floats:
        return self.path_length * np.where(self.numbers < 0, self.absorptivity, seen[..., self.numbers])

    def columns(self, concentration: Floats) -> Floats:
        """Return the absorbance, shape (..., n_points, 1)."""
        absorbed = concentration[..., self.entities] * self._molar(concentration)
        return np.asarray(absorbed.sum(axis=-1, keepdims=True))

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of `columns`."""
        moved = d_concentration[..., self.entities, :] * self._molar(concentration)[..., np.newaxis]
        is_number = (self.numbers >= 0)[:, np.newaxis]
        d_molar = self.path_length * np.where(is_number, d_concentration[..., self.numbers, :], 0.0)
        moved = moved + concentration[..., self.entities, np.newaxis] * d_molar
        return np.asarray(moved.sum(axis=-2, keepdims=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class FilteredLight:
    """Light that absorbances weaken; what is there without any light (a baseline) is not weakened.

    Attributes
    ----------
    light : Spectrum
        Columns of the light as it would be in a clear sample.
    filters : tuple of ObservationModel
        Absorbances over the path of the cell, one column each.
    """

    light: Spectrum
    filters: tuple[ObservationModel, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return those of the light."""
        return self.light.labels

    def elsewhere(self) -> FilteredLight:
        """Return the same for points that were not measured."""
        return FilteredLight(light=self.light.elsewhere(), filters=self.filters)

    def _passed(self, concentration: Floats) -> Floats:
        """Return the share of light that comes through, shape (..., n_points, 1)."""
        absorbed = sum((each.columns(concentration) for each in self.filters), np.zeros(1))
        return np.asarray(np.exp(-HALF * absorbed))

    def columns(self, concentration: Floats) -> Floats:
        """Return the columns of the light that comes through, then the blanks."""
        columns = self.light.columns(concentration).copy()
        columns[..., : len(self.light.entities)] *= self._passed(concentration)
        return columns

    def derivative(self, concentration: Floats, d_concentration: Floats) -> Floats:
        """Return the derivative of `columns`."""
        n_shining, passed = len(self.light.entities), self._passed(concentration)
        slopes = self.light.derivative(concentration, d_concentration).copy()
        light = self.light.columns(concentration)[..., :n_shining]
        darker = sum((each.derivative(concentration, d_concentration) for each in self.filters), np.zeros(1))
        slopes[..., :n_shining, :] -= light[..., np.newaxis] * (HALF * darker)
        slopes[..., :n_shining, :] *= passed[..., np.newaxis]
        return slopes


def stated_absorbance(network: Network, observable: Observable, *, path_length: float) -> StatedAbsorbance:
    """Return a line ``absorbance(Host at 5000 /(M cm) fit, HG at 8000 /(M cm))`` over a path [cm]."""
    options, names = dict(observable.options), {factor.name for factor in observable.factors}
    factors = [factor_name(f"{ABSORPTIVITY}{entity}", observable.name) for entity in observable.entities]
    return StatedAbsorbance(
        entities=np.array([network.entities.index(name) for name in observable.entities], dtype=np.intp),
        absorptivity=np.array([float(options[f"at:{name}"]) for name in observable.entities]),
        numbers=np.array([network.value_column(name) if name in names else -1 for name in factors], dtype=np.intp),
        path_length=path_length,
    )


def filtered(light: Spectrum, network: Network, observable: Observable, signal: Signal) -> Spectrum | FilteredLight:
    """Return light with the filters that its line names.

    Raises
    ------
    FitError
        If the wavelength is missing at which bands absorb, or there are several.
    """
    options = dict(observable.options)
    known = {each.name: each for each in network.system.observables}
    at = options.get("at")
    seen = signal.axis if at is None else np.array([float(at)])
    excitation = options.get("excitation")
    wavelengths = {"primary": None if excitation is None else np.array([float(excitation)]), "secondary": seen}
    filters = tuple(
        _filter(network, known[str(options[word])], wavelengths[word], signal) for word in FILTERS if word in options
    )
    return FilteredLight(light=light, filters=filters) if filters else light


def _filter(network: Network, line: Observable, wavelength: Floats | None, signal: Signal) -> ObservationModel:
    if any(key.startswith("at:") for key, _ in line.options):
        return stated_absorbance(network, line, path_length=signal.path_length)
    if wavelength is None or len(wavelength) != 1:
        raise FitError(
            f"inner filter by '{line.name}'",
            found="no wavelength" if wavelength is None else f"{len(wavelength)} wavelengths",
            allowed="one wavelength of the excitation and one of the light, where bands absorb",
            advice="write excitation = 400 nm, at = 520 nm in the line of the light",
        )
    probe = Signal(
        name=line.name, technique=Technique.UV_VIS, channels=("A",), values=np.zeros((1, 1)), unit="1", axis=wavelength,
        path_length=signal.path_length,
    )  # fmt: skip
    return banded_spectrum(network, line, signal=probe, columns=[0], temperature=None)

"""Spectra, band positions and shifts of a model that states them, with the errors of its constants.

Each absorber (a dissolved species, a cluster or a form of it) has its transitions. Ligands may move the bands of their
cluster by so much for each one bound; then the spectrum is the sum over the distribution of ligand counts, not the
spectrum at the mean count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.chem.system import VACANT
from surfacechem.constants import HC
from surfacechem.errors import RangeError, UnknownNameError
from surfacechem.fitting.observation import Band
from surfacechem.fitting.techniques import LIMIT, option, shift_model, stated_amplitudes
from surfacechem.prediction.bands import Scale
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.feeds import Feeds
from surfacechem.prediction.lineshape import Transition
from surfacechem.prediction.optics import COUNT, Optic
from surfacechem.prediction.readings import occupants
from surfacechem.prediction.record import SIGNAL, Curves
from surfacechem.prediction.state import DIFFERENCE, Flask, State
from surfacechem.relations.lineshape import Sampled
from surfacechem.units import Kind, kernel_unit, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.observation import Shift
    from surfacechem.network import Network
    from surfacechem.prediction.flask import Conditions
    from surfacechem.prediction.state import MovingState

    Floats = NDArray[np.float64]
    Bands = Mapping[str, Transition | Sequence[Transition]]

__all__ = ["Absorbance", "LimitingShift", "Position", "spectra", "stated_shifts", "wavelengths"]

WINDOW: Final = ("300 nm", "500 nm")
N_CHANNELS: Final = 401
MANY_NUMBERS: Final = 500_000
"""Numbers above which a moving band is looked up: those of draws, whose percentiles are no better."""
SHARE_OF_SIGMA: Final = 1e-2
"""Step of a central difference by a coefficient, in its standard errors: they are small against any width."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Position:
    """Position of a band: a `Quantity`."""

    optic: Optic

    group = SIGNAL
    labels = ("position",)
    unit = kernel_unit(Kind.PHOTON_ENERGY)
    axis = None
    scale = Scale.LINEAR

    @property
    def name(self) -> str:
        """The observable."""
        return self.optic.name

    def values(self, state: State) -> Floats:
        """Return the position [eV], shape (..., n_points, 1)."""
        return self.optic.position(state)[..., np.newaxis]

    def variance(self, state: MovingState, covariance: Floats) -> Floats:
        """Return its variance [eV^2], shape (n_points, 1)."""
        columns = self.optic.model.columns(state.concentration)
        moved = self.optic.model.derivative(state.concentration, state.d_concentration)
        coefficients = self.optic.coefficients_in(state.concentration)
        slope = np.einsum("pck,c->pk", moved, coefficients) + columns @ self.optic.slopes_in(state)
        by_parameters = np.einsum("pk,kl,pl->p", slope, covariance, slope)
        return np.asarray(by_parameters + np.einsum("pa,ab,pb->p", columns, self.optic.spread, columns))[:, np.newaxis]


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitingShift:
    """Shift of fast exchange whose limiting values the model states: a `Quantity`.

    Attributes
    ----------
    name : str
        The observable.
    model : Shift
        Fractions of the nucleus in each place.
    limits : ndarray, shape (n_columns,)
        Limiting shifts [ppm].
    """

    name: str
    model: Shift
    limits: Floats

    group = SIGNAL
    labels = ("shift",)
    unit = kernel_unit(Kind.SHIFT)
    axis = None
    scale = Scale.LINEAR

    def values(self, state: State) -> Floats:
        """Return the shift [ppm], shape (..., n_points, 1); NaN where the nucleus is not there."""
        columns = self.model.columns(state.concentration)
        return np.where(columns.any(axis=-1), columns @ self.limits, np.nan)[..., np.newaxis]

    def variance(self, state: MovingState, covariance: Floats) -> Floats:
        """Return its variance [ppm^2], shape (n_points, 1)."""
        moved = self.model.derivative(state.concentration, state.d_concentration)
        slope = np.einsum("pck,c->pk", moved, self.limits)
        return np.asarray(np.einsum("pk,kl,pl->p", slope, covariance, slope))[:, np.newaxis]


def stated_shifts(network: Network) -> list[LimitingShift]:
    """Return the shifts of a model all of whose limiting values are stated."""
    found = []
    for observable in network.system.observables:
        if (
            observable.kind == "shift"
            and not option(observable, "additive")
            and any(key.startswith(LIMIT) for key, _ in observable.options)
        ):
            model = shift_model(network, observable)
            stated = stated_amplitudes(model, observable)
            if len(stated) == len(model.labels):
                limits = np.array([stated[column][0] for column in range(len(stated))])
                found.append(LimitingShift(name=observable.name, model=model, limits=limits))
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Absorbance:
    """Sum of all bands over wavelengths: a `Quantity`.

    Attributes
    ----------
    name : str
        The observable, or ``"absorbance"`` of all bands.
    network : Network
        Counts the ligands.
    optics : tuple of Optic
        Bands with a shape.
    axis : ndarray, shape (n_channels,)
        Wavelength [nm].
    path_length : float
        Optical path [cm].
    """

    name: str = "absorbance"
    network: Network
    optics: tuple[Optic, ...]
    axis: Floats
    path_length: float

    group = SIGNAL
    unit = "1"
    scale = Scale.LOG

    @property
    def labels(self) -> tuple[str, ...]:
        """Wavelengths."""
        return tuple(f"{value:.6g} nm" for value in self.axis)

    def values(self, state: State) -> Floats:
        """Return the absorbance, shape (..., n_points, n_channels)."""
        bands = (self._band(optic, state) if optic.is_certain else self._lanes(optic, state) for optic in self.optics)
        return np.asarray(self.path_length * sum(bands, np.zeros((*state.concentration.shape[:-1], len(self.axis)))))

    def _lanes(self, optic: Optic, state: State) -> Floats:
        """Return the absorbance per cm of a band whose numbers differ from lane to lane."""
        lanes = state.concentration.shape[:-2]
        total = np.zeros((*state.concentration.shape[:-1], len(self.axis)))
        for lane in np.ndindex(lanes):
            concentration = state.concentration[lane]
            alone = State(concentration=concentration, amounts=state.amounts, occupancy=state.occupancy[lane])
            total[lane] = self._band(optic.at(concentration, lane), alone)
        return total

    def _band(self, optic: Optic, state: State) -> Floats:
        """Return the absorbance of one band per cm."""
        if optic.shape is None:
            return np.zeros(len(self.axis))
        energy = HC / self.axis
        added, shares = optic.cases(self.network, state)
        absorbing = state.concentration[..., self.network.entities.index(optic.absorber), np.newaxis] * shares
        if optic.is_still:
            return np.asarray(absorbing @ optic.shape.at(energy - (optic.coefficients[0] + added)[:, np.newaxis]))
        base = optic.base(state)[..., np.newaxis]
        total = np.zeros((*absorbing.shape[:-1], len(energy)))
        shape = Sampled(optic.shape) if total.size > MANY_NUMBERS else optic.shape
        for case in range(absorbing.shape[-1]):
            place = base + added[..., np.newaxis, case, np.newaxis]
            total += absorbing[..., case, np.newaxis] * shape.at(energy - place)
        return total

    def variance(self, state: MovingState, covariance: Floats) -> Floats:
        """Return the variance of the absorbance, shape (n_points, n_channels), by central differences."""
        # Parameters move the equilibria and, where a fit gave the position of a band, its coefficients too.
        sides = DIFFERENCE * np.array([1.0, -1.0])[:, np.newaxis, np.newaxis]
        moved = tuple(each.moved(sides * each.slopes.T) if each.slopes.any() else each for each in self.optics)
        slope = state.slope(replace(self, optics=moved).values(state.apart))
        total = np.einsum("kpc,kl,lpc->pc", slope, covariance, slope, optimize=True)
        for number, optic in enumerate(self.optics):
            for direction in _deviations(optic.spread):
                ends = []
                for sign in (SHARE_OF_SIGMA, -SHARE_OF_SIGMA):
                    others = (*self.optics[:number], optic.moved(sign * direction), *self.optics[number + 1 :])
                    ends.append(replace(self, optics=others).values(state))
                total += ((ends[0] - ends[1]) / (2 * SHARE_OF_SIGMA)) ** 2
        return np.asarray(total)


def _deviations(covariance: Floats) -> Floats:
    """Return independent deviations whose squares add up to a covariance, shape (n_deviations, n)."""
    eigenvalues, vectors = np.linalg.eigh(covariance)
    kept = eigenvalues > 0
    return np.asarray(np.sqrt(eigenvalues[kept, np.newaxis]) * vectors[:, kept].T)


def wavelengths(window: tuple[str, str], n_channels: int = N_CHANNELS) -> Floats:
    """Return evenly spaced wavelengths [nm] over a window of wavelengths or energies.

    Raises
    ------
    RangeError
        If the window has no width, or is none of wavelengths above zero.
    """
    first, last = sorted(quantity(end, Kind.WAVELENGTH, name="window") for end in window)
    if not 0 < first < last:
        raise RangeError(
            "window of wavelengths",
            found=f"{window[0]} to {window[1]}",
            allowed="two different wavelengths above zero",
            advice="write e.g. 300 nm and 500 nm",
        )
    return np.linspace(first, last, n_channels)


def spectra(
    network: Network,
    conditions: Conditions,
    bands: Bands,
    *,
    shifts: Mapping[str, str] | None = None,
    window: tuple[str, str] = WINDOW,
    n_channels: int = N_CHANNELS,
    path_length: str = "1 cm",
) -> Curves:
    """Return the absorbance at each point of the conditions, for bands that are given with the call.

    Bands that the model states, and errors of its constants, go into `predict`.

    Parameters
    ----------
    network : Network
        A model whose constants are known.
    conditions : Conditions
        What is in the flask at each point.
    bands : mapping
        Transitions of each absorber: species, ``"InP37"``, ``"CdS37.beta"``; strengths are molar absorption
        coefficients.
    shifts : mapping, optional
        Energy by which each bound ligand of a kind moves the bands of its cluster: ``{"SR'": "-8 meV"}``.
    window : tuple of str
        First and last wavelength; energies are converted as positions.
    n_channels : int
        Wavelengths, evenly spaced.
    path_length : str
        Optical path.

    Raises
    ------
    UnknownNameError
        When the model has no such absorber or ligand.
    ModelError
        When ligands shift a cluster on which they cannot be counted.
    """
    moved = {ligand: quantity(shift, Kind.ENERGY_SHIFT, name=ligand) for ligand, shift in (shifts or {}).items()}
    held = tuple(sorted(set(occupants(network).values()) - {VACANT}))
    unknown = [("absorber", name, network.entities) for name in bands if name not in network.entities]
    unknown += [("ligand", name, held) for name in moved if name not in held]
    for kind, name, known in unknown:
        raise UnknownNameError(
            f"{kind} '{name}'", found="not in the model", allowed=", ".join(known), advice="use one of these names"
        )
    knowledge = known_constants(network)
    state = Flask(network, Feeds.of(conditions, None), knowledge).solve(np.zeros((1, len(knowledge.names))))
    seen = Absorbance(
        network=network,
        optics=tuple(
            _optic(network, name, each, moved)
            for name, given in bands.items()
            for each in ((given,) if isinstance(given, Transition) else given)
        ),
        axis=wavelengths(window, n_channels),
        path_length=quantity(path_length, Kind.PATH_LENGTH, name="path length"),
    )
    return Curves(
        group=SIGNAL, name=seen.name, labels=seen.labels, values=seen.values(state)[0], unit=seen.unit, axis=seen.axis
    )


def _optic(network: Network, absorber: str, band: Transition, moved: Mapping[str, float]) -> Optic:
    """Return a transition of an absorber; ligands move those of clusters only."""
    clusters = {cluster.name for cluster in network.system.clusters}
    counted = moved if absorber.partition(".")[0] in clusters else {}
    labels = ("origin", *(f"{COUNT}{ligand}" for ligand in counted))
    still = np.zeros((0, network.n_seen))
    return Optic(
        name=absorber,
        model=Band(labels=labels, held=still, total=still, terms=()),
        coefficients=np.array([band.origin, *counted.values()]),
        slopes=np.zeros((len(labels), 0)),
        spread=np.zeros((len(labels), len(labels))),
        absorber=absorber,
        shape=replace(band, origin=0.0),
    )

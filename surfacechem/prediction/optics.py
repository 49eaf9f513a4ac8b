"""What absorbs, where and how: the bands that a model states, completed by what a fit found of their positions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surfacechem.constants import HC
from surfacechem.fitting.bands import absorber_of, band_model, band_numbers, shape_numbers, stated_shape
from surfacechem.fitting.techniques import stated_amplitudes
from surfacechem.prediction.distribution import count_on_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.observation import Band
    from surfacechem.network import Network
    from surfacechem.prediction.state import MovingState, State
    from surfacechem.relations.lineshape import Lineshape

    Floats = NDArray[np.float64]

__all__ = ["Optic", "spread_window", "stated_optics"]

COUNT: Final = "count "
NEGLIGIBLE: Final = 1e-12
"""Share of particles that no spectrum shows."""
ROUND_NM: Final = 10.0
SHORTEST_NM: Final = 100.0
LONGEST_NM: Final = 4000.0


class Number(NamedTuple):
    """A coefficient of a position that is a constant of the model: fitted, or with an error."""

    column: int
    seen: int  # where its size is among what is seen
    sign: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Optic:
    """One band of one absorber.

    Attributes
    ----------
    name : str
        The observable.
    model : Band
        Columns of its position.
    coefficients : ndarray, shape (..., n_columns)
        Origin and slopes [eV]; leading axes as in a `State`, where they were drawn.
    slopes : ndarray, shape (n_columns, n_parameters)
        d coefficient / d parameter; zero where they are stated.
    spread : ndarray, shape (n_columns, n_columns)
        Covariance of the coefficients given the parameters.
    absorber : str
        Entity that absorbs; empty where only the position is known.
    shape : Lineshape, optional
        The band at origin 0; None where only the position is known.
    numbers : tuple of Number
        Coefficients that are constants of the model, in place of those above.
    shaping : tuple of (str, int)
        Attributes of the shape that are constants of the model, and where they are among what is seen.
    """

    name: str
    model: Band
    coefficients: Floats
    slopes: Floats
    spread: Floats
    absorber: str = ""
    shape: Lineshape | None = None
    numbers: tuple[Number, ...] = ()
    shaping: tuple[tuple[str, int], ...] = ()

    def at(self, concentration: Floats, lane: tuple[int, ...] = ()) -> Optic:
        """Return the band with the values that its constants have among what is seen, shape (n_points, n_seen).

        `lane` says which of the coefficients, where they were drawn.
        """
        coefficients = self.coefficients[lane] if self.coefficients.ndim > 1 else self.coefficients.copy()
        for number in self.numbers:
            coefficients[number.column] = number.sign * _value(concentration, number.seen)
        shape = {name: float(_value(concentration, seen)) for name, seen in self.shaping}
        found = replace(self, coefficients=coefficients, numbers=(), shaping=())
        return found if self.shape is None else replace(found, shape=replace(self.shape, **shape))

    @property
    def is_certain(self) -> bool:
        """Whether no constant of the model is among its numbers."""
        return not (self.numbers or self.shaping)

    @property
    def ligands(self) -> tuple[str, ...]:
        """Ligands whose counts move the band."""
        return tuple(label.removeprefix(COUNT) for label in self._counted)

    @property
    def is_still(self) -> bool:
        """Whether the band stands where it stands but for counts, in all lanes."""
        return self.coefficients.ndim == 1 and len(self._counted) + 1 == len(self.model.labels)

    @property
    def _counted(self) -> list[str]:
        return [label for label in self.model.labels if label.startswith(COUNT)]

    def coefficients_in(self, concentration: Floats) -> Floats:
        """Return origin and slopes [eV] where constants of the model are among them, shape (..., n_columns)."""
        if not self.numbers:
            return self.coefficients
        found = np.broadcast_to(self.coefficients, (*concentration.shape[:-2], self.coefficients.shape[-1])).copy()
        for number in self.numbers:
            found[..., number.column] = number.sign * _value(concentration, number.seen)
        return found

    def slopes_in(self, state: MovingState) -> Floats:
        """Return how origin and slopes move with the parameters, shape (n_columns, n_parameters)."""
        slopes = self.slopes.copy()
        for number in self.numbers:
            slopes[number.column] = number.sign * state.d_concentration[0, number.seen]
        return slopes

    def position(self, state: State) -> Floats:
        """Return the mean position [eV], shape (..., n_points); NaN where there is nothing whose band it is."""
        coefficients = self.coefficients_in(state.concentration)
        found = np.einsum("...pc,...c->...p", self.model.columns(state.concentration), coefficients)
        return np.where((state.concentration @ self.model.total.T > 0).all(axis=-1), found, np.nan)

    def base(self, state: State) -> Floats:
        """Return the position without what counts add [eV], shape (..., n_points)."""
        kept = [column for column, label in enumerate(self.model.labels) if not label.startswith(COUNT)]
        columns = self.model.columns(state.concentration)[..., kept]
        return np.asarray(np.einsum("...pc,...c->...p", columns, self.coefficients[..., kept]))

    def cases(self, network: Network, state: State) -> tuple[Floats, Floats]:
        """Return what counts of ligands add, and the shares of particles that have them.

        Returns
        -------
        added : ndarray, shape (..., n_cases)
            Shift of the band [eV].
        shares : ndarray, shape (..., n_points, n_cases)
            Fraction of the particles of this form.
        """
        if not self.ligands:
            return np.zeros(1), np.ones((*state.concentration.shape[:-1], 1))
        counts, shares = count_on_form(network, state.occupancy, form=self.absorber, ligands=self.ligands)
        is_seen = np.nan_to_num(shares).reshape(-1, shares.shape[-1]).max(axis=0) > NEGLIGIBLE
        counted = [self.model.labels.index(label) for label in self._counted]
        return self.coefficients[..., counted] @ counts[is_seen].T, shares[..., is_seen]

    def moved(self, by: Floats) -> Optic:
        """Return the band with other coefficients, `by` [eV] from these."""
        return replace(self, coefficients=self.coefficients + by)


def stated_optics(network: Network, n_parameters: int, *, temperature: float) -> tuple[list[Optic], list[str]]:
    """Return the bands of a model, and the names of those of whose position a number is left to a fit (NaN).

    Parameters
    ----------
    network : Network
        Its system states the bands.
    n_parameters : int
        How many parameters there are that may move them.
    temperature : float
        Temperature of the vibrations [K].

    Raises
    ------
    RangeError
        If a shape is none.
    """
    found, open_ones = [], []
    for observable in network.system.observables:
        if observable.kind != "band":
            continue
        model = band_model(network, observable)
        stated = stated_amplitudes(model, observable)
        n_columns = len(model.labels)
        optic = Optic(
            name=observable.name,
            model=model,
            coefficients=np.array([stated[k][0] if k in stated else np.nan for k in range(n_columns)]),
            slopes=np.zeros((n_columns, n_parameters)),
            spread=np.zeros((n_columns, n_columns)),
            absorber=absorber_of(network, observable),
            shape=stated_shape(observable, temperature=temperature),
            numbers=tuple(Number(column, *told) for column, told in band_numbers(network, observable).items()),
            shaping=shape_numbers(network, observable),
        )
        found.append(optic)
        open_ones += [] if len(stated) == n_columns else [observable.name]
    return found, open_ones


def _value(concentration: Floats, seen: int) -> Floats:
    """Return the value of a constant in each lane: that of any point, but NaN where one was not solved."""
    return np.asarray(np.fmax.reduce(concentration[..., seen], axis=-1))


def spread_window(network: Network, optics: Sequence[Optic]) -> tuple[float, float]:
    """Return wavelengths [nm] between which all bands lie wherever their ligands move them, rounded to the outside."""
    low, high = np.inf, 0.0
    for optic in optics:
        if optic.shape is None:
            continue
        origin, *slopes = optic.coefficients
        labels = optic.model.labels[1:]
        most = [_most(network, optic) if label.startswith(COUNT) else 1.0 for label in labels]
        travels = [slope * reach for slope, reach in zip(slopes, most, strict=True)]
        below, above = optic.shape.reach()
        low = min(low, origin + below + sum(min(travel, 0.0) for travel in travels))
        high = max(high, origin + above + sum(max(travel, 0.0) for travel in travels))
    longest = HC / max(low, HC / LONGEST_NM)
    shortest = max(HC / high, SHORTEST_NM)
    return float(np.floor(shortest / ROUND_NM) * ROUND_NM), float(np.ceil(longest / ROUND_NM) * ROUND_NM)


def _most(network: Network, optic: Optic) -> float:
    """Return how many ligands the absorber can hold at most: all its sites."""
    cluster = optic.absorber.partition(".")[0]
    return float(sum(network.system.capacity(site) for site in network.system.sites if site.cluster == cluster))

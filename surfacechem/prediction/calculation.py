"""Predict: solve under the given conditions, read off everything of interest, and say how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from surfacechem.prediction.bands import band_of_draws, delta_band
from surfacechem.prediction.distribution import count_ligands
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.readings import readings
from surfacechem.prediction.record import Curves, Prediction
from surfacechem.prediction.signals import Bench, Calibration, parameter_slopes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from surfacechem.fitting import FitResult
    from surfacechem.network import Bound, Network
    from surfacechem.prediction.bands import Scale
    from surfacechem.prediction.conditions import Conditions
    from surfacechem.prediction.estimate import Knowledge
    from surfacechem.prediction.readings import Reading

    Floats = NDArray[np.float64]

__all__ = ["Quantity", "Setting", "predict"]

DEFAULT_LEVEL: Final = 0.95


class Quantity(Protocol):
    """What can be read off concentrations: a `Reading` or a `Calibration`."""

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

    def values(self, concentration: Floats) -> Floats:
        """Return the values, shape (n_points, n_labels)."""
        ...

    def variance(self, concentration: Floats, d_concentration: Floats, covariance: Floats) -> Floats:
        """Return their variance, shape (n_points, n_labels)."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """A model, conditions, and what is known of the constants.

    Attributes
    ----------
    network : Network
        The model.
    amounts : ndarray, shape (n_points, n_feeds)
        What is in the flask [mol/L].
    knowledge : Knowledge
        Constants and errors.
    fit : FitResult, optional
        Calibrates the signals.
    dataset : str, optional
        The fitted data set whose conditions these are.
    """

    network: Network
    amounts: Floats
    knowledge: Knowledge
    fit: FitResult | None = None
    dataset: str | None = None

    def quantities(self, step: Floats) -> list[Quantity]:
        """Return everything that can be read, signals as calibrated `step` from the best parameters."""
        return [*self._readings, *(each for bench in self._benches for each in bench.calibrate(step))]

    @cached_property
    def bound(self) -> Bound:
        """The conditions, prepared for any constants."""
        return self.network.bind(self.amounts)

    @cached_property
    def _readings(self) -> list[Reading]:
        return readings(self.network, self.amounts)

    @cached_property
    def _benches(self) -> list[Bench]:
        if self.fit is None:
            return []
        return [Bench(self.network, self.fit, data, self.knowledge) for data in self.fit.datasets]

    def concentrations(self, step: Floats) -> Floats:
        """Return the concentrations `step` from the best parameters, NaN where unsolved."""
        speciation = self.bound.solve(self.knowledge.at(step))
        return _masked(speciation.concentration, speciation.status)

    def curves(self, *, level: float) -> list[Curves]:
        """Return curves with bands by derivatives, widened to both ends of constants that are open."""
        reach = self.knowledge.reach(level)
        found: list[Curves] = []
        for step in self.knowledge.scenarios():
            speciation = self.bound.solve(self.knowledge.at(step), derivatives=True)
            slopes = parameter_slopes(speciation, self.knowledge, amounts=self.amounts, dataset=self.dataset)
            concentration = _masked(speciation.concentration, speciation.status)
            here = [_banded(each, concentration, slopes, self.knowledge, reach) for each in self.quantities(step)]
            found = [_widened(*pair) for pair in zip(found, here, strict=True)] if found else here
        return found

    def drawn_curves(self, n_draws: int, *, level: float, seed: int) -> list[Curves]:
        """Return the best curves with bands from drawn constants and amplitudes."""
        best = self.concentrations(np.zeros(len(self.knowledge.names)))
        quantities = self.quantities(np.zeros(len(self.knowledge.names)))
        random = np.random.default_rng([seed, 1])
        draws: list[list[Floats]] = [[] for _ in quantities]
        for step in self.knowledge.draw(n_draws, seed=seed):
            concentration = self.concentrations(step)
            for kept, each in zip(draws, self.quantities(step), strict=True):
                sampled = each.drawn(random) if isinstance(each, Calibration) else each
                kept.append(sampled.values(concentration))
        return [
            _curves(each, each.values(best), band_of_draws(np.array(kept), level=level))
            for each, kept in zip(quantities, draws, strict=True)
        ]


def predict(
    network: Network,
    conditions: Conditions,
    *,
    fit: FitResult | None = None,
    constants: Mapping[str, str | float] | None = None,
    level: float = DEFAULT_LEVEL,
    n_draws: int = 0,
    seed: int = 0,
) -> Prediction:
    """Return coverage, ligand counts, speciation and signals under the given conditions.

    Parameters
    ----------
    network : Network
        The model.
    conditions : Conditions
        What is in the flask at each point.
    fit : FitResult, optional
        Constants, their errors and the calibration of the signals; without it the model's own constants are taken.
    constants : mapping, optional
        Values that replace single constants, ``{"K[L1]": "250 /M"}``.
    level : float
        Probability of the bands.
    n_draws : int
        0: bands by derivatives. Otherwise the number of sets of constants that are drawn and solved, which is right
        for large errors as well.
    seed : int
        Seed of the draws.

    Raises
    ------
    ModelError
        If a constant has no value.
    """
    knowledge = known_constants(network, fit=fit, constants=constants)
    setting = Setting(network=network, amounts=conditions.amounts, knowledge=knowledge, fit=fit)
    best = network.solve(conditions.amounts, knowledge.theta)
    distributions, notes = count_ligands(network, best)
    if not knowledge.has_errors and fit is None:
        concentration = _masked(best.concentration, best.status)
        band = "none"
        curves = [_curves(each, each.values(concentration), None) for each in setting.quantities(np.zeros(0))]
    elif n_draws:
        band = "draws"
        curves = setting.drawn_curves(n_draws, level=level, seed=seed)
    else:
        band = "derivatives"
        curves = setting.curves(level=level)
    return Prediction(
        conditions=conditions,
        curves=tuple(curves),
        distributions=distributions,
        status=best.status,
        constants=_used(network, knowledge),
        level=level,
        band=band,
        notes=(*knowledge.notes, *notes),
    )


def _masked(concentration: Floats, status: NDArray[np.int8]) -> Floats:
    return np.where((status == 0)[:, np.newaxis], concentration, np.nan)


def _banded(quantity: Quantity, concentration: Floats, slopes: Floats, knowledge: Knowledge, reach: float) -> Curves:
    values = quantity.values(concentration)
    variance = quantity.variance(concentration, slopes, knowledge.covariance)
    stderr = np.sqrt(np.maximum(variance, 0.0))
    return _curves(quantity, values, delta_band(values, stderr, reach=reach, scale=quantity.scale))


def _curves(quantity: Quantity, values: Floats, band: tuple[Floats, Floats] | None) -> Curves:
    return Curves(
        group=quantity.group,
        name=quantity.name,
        labels=quantity.labels,
        values=values,
        unit=quantity.unit,
        lower=band and band[0],
        upper=band and band[1],
        axis=quantity.axis,
    )


def _widened(best: Curves, other: Curves) -> Curves:
    """Return the best curves with a band that covers that of the other scenario as well."""
    if best.lower is None or best.upper is None or other.lower is None or other.upper is None:
        return best
    return replace(best, lower=np.fmin(best.lower, other.lower), upper=np.fmax(best.upper, other.upper))


def _used(network: Network, knowledge: Knowledge) -> dict[str, tuple[float, float]]:
    stderr = np.sqrt(np.diag(knowledge.to_theta @ knowledge.covariance @ knowledge.to_theta.T))
    names = [constant.name for constant in network.constants]
    return {
        name: (float(value), float(error)) for name, value, error in zip(names, knowledge.theta, stderr, strict=True)
    }

"""Predict: solve under the given conditions, read off everything of interest, and say how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from surfacechem.constants import CONFIDENCE_LEVEL
from surfacechem.display import Tone
from surfacechem.errors import RangeError
from surfacechem.fitting.parameters import temperature_step
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
    from surfacechem.network import Bound, Network, Speciation
    from surfacechem.prediction.bands import Scale
    from surfacechem.prediction.estimate import Knowledge
    from surfacechem.prediction.flask import Conditions
    from surfacechem.prediction.readings import Reading

    Floats = NDArray[np.float64]

__all__ = ["Quantity", "Setting", "predict"]


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
    temperature : float, optional
        Temperature in the flask [K]; None: that of the model, to which `knowledge` refers.
    """

    network: Network
    amounts: Floats
    knowledge: Knowledge
    fit: FitResult | None = None
    dataset: str | None = None
    temperature: float | None = None

    def quantities(self, step: Floats) -> list[Quantity]:
        """Return everything that can be read, signals as calibrated `step` from the best parameters."""
        return [*self._readings, *(each for bench in self._benches for each in bench.calibrate(step))]

    @cached_property
    def best(self) -> Speciation:
        """The equilibria for the best constants, with derivatives where they are of use."""
        return self._bound.solve(self._theta(self._no_step), derivatives=self.has_errors)

    @property
    def has_errors(self) -> bool:
        """Whether there is anything to make bands of."""
        return self.knowledge.has_errors or self.fit is not None

    @cached_property
    def warming(self) -> Floats:
        """What the temperature adds to ln of each constant, shape (n_constants,)."""
        return temperature_step(self.network, self.temperature)

    def _theta(self, step: Floats) -> Floats:
        return self.knowledge.at(step) + self.warming

    @cached_property
    def _bound(self) -> Bound:
        return self.network.bind(self.amounts)

    @property
    def _no_step(self) -> Floats:
        return np.zeros(len(self.knowledge.names))

    @cached_property
    def _readings(self) -> list[Reading]:
        return readings(self.network, self.amounts)

    @cached_property
    def _benches(self) -> list[Bench]:
        if self.fit is None:
            return []
        return [Bench(self.network, self.fit, data, self.knowledge) for data in self.fit.datasets]

    def bare_curves(self) -> list[Curves]:
        """Return curves without bands."""
        concentration = _masked(self.best)
        return [_curves(each, each.values(concentration), None) for each in self.quantities(self._no_step)]

    def curves(self, *, level: float) -> list[Curves]:
        """Return curves with bands by derivatives, widened to both ends of constants that are open."""
        reach = self.knowledge.reach(level)
        found: list[Curves] = []
        for step in (self._no_step, *self.knowledge.scenarios()):
            speciation = self._bound.solve(self._theta(step), derivatives=True) if found else self.best
            slopes = parameter_slopes(speciation, self.knowledge, amounts=self.amounts, dataset=self.dataset)
            concentration = _masked(speciation)
            here = [_banded(each, concentration, slopes, self.knowledge, reach) for each in self.quantities(step)]
            found = [_widened(*pair) for pair in zip(found, here, strict=True)] if found else here
        return found

    def drawn_curves(self, n_draws: int, *, level: float, seed: int) -> list[Curves]:
        """Return the best curves with bands from drawn constants and amplitudes."""
        best = _masked(self.best)
        quantities = self.quantities(self._no_step)
        random = np.random.default_rng([seed, 1])
        draws: list[list[Floats]] = [[] for _ in quantities]
        for step in self.knowledge.draw(n_draws, seed=seed):
            concentration = _masked(self._bound.solve(self._theta(step)))
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
    level: float = CONFIDENCE_LEVEL,
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
    RangeError
        If `level` is no probability between 0 and 1, or `n_draws` is negative.
    """
    _refuse_unusable(level, n_draws)
    knowledge = known_constants(network, fit=fit, constants=constants)
    setting = Setting(
        network=network, amounts=conditions.amounts, knowledge=knowledge, fit=fit, temperature=conditions.temperature
    )
    distributions, notes = count_ligands(network, setting.best)
    if not setting.has_errors:
        band, curves = "none", setting.bare_curves()
    elif n_draws:
        band, curves = "draws", setting.drawn_curves(n_draws, level=level, seed=seed)
    else:
        band, curves = "derivatives", setting.curves(level=level)
    return Prediction(
        conditions=conditions,
        curves=tuple(curves),
        distributions=distributions,
        status=setting.best.status,
        constants=_used(network, knowledge, setting.warming),
        level=level,
        band=band,
        notes=(*_fit_notes(fit), *knowledge.notes, *_temperature_notes(setting), *notes, *_branch_notes(setting.best)),
        is_fit_valid=fit is None or fit.is_valid,
    )


def _refuse_unusable(level: float, n_draws: int) -> None:
    if not 0.0 < level < 1.0:
        raise RangeError(
            "level of a prediction", found=f"{level:g}", allowed="a probability between 0 and 1", advice="write 0.95"
        )
    if n_draws < 0:
        raise RangeError(
            "n_draws of a prediction",
            found=str(n_draws),
            allowed="0 or more",
            advice="write 0 for bands by derivatives, or e.g. 400 sets of constants",
        )


def _fit_notes(fit: FitResult | None) -> tuple[str, ...]:
    """Say what is wrong with the fit, so that no prediction looks better than what it follows from."""
    if fit is None or fit.is_valid:
        return ()
    faults = " ".join(fact.sentence for fact in fit.facts if fact.tone is Tone.BAD)
    return (f"The fit that this follows from is not to be trusted: {faults}",)


def _temperature_notes(setting: Setting) -> tuple[str, ...]:
    if not setting.warming.any():
        return ()
    stated = setting.network.system.temperature
    return (f"At {setting.temperature:g} K; constants were moved there from {stated:g} K by their dH.",)


def _branch_notes(speciation: Speciation) -> tuple[str, ...]:
    """Say at how many points a mean field has more than one answer."""
    n_several = 0 if speciation.n_branches is None else int((speciation.n_branches > 1).sum())
    if not n_several:
        return ()
    where = f"{n_several} of {len(speciation.status)} points"
    return (f"More than one branch at {where} (w is above 4RT): the stable one is shown; network.branches lists all.",)


def _masked(speciation: Speciation) -> Floats:
    """Return the concentrations, NaN where the equilibrium was not solved."""
    return np.where((speciation.status == 0)[:, np.newaxis], speciation.concentration, np.nan)


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


def _used(network: Network, knowledge: Knowledge, warming: Floats) -> dict[str, tuple[float, float]]:
    stderr = np.sqrt(np.diag(knowledge.to_theta @ knowledge.covariance @ knowledge.to_theta.T))
    names = [constant.name for constant in network.constants]
    return {
        name: (float(value), float(error))
        for name, value, error in zip(names, knowledge.theta + warming, stderr, strict=True)
    }

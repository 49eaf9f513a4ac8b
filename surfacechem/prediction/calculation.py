"""Predict: solve under the given conditions, read off everything of interest, and say how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.constant import known_as
from surfacechem.chem.convention import Convention
from surfacechem.constants import CONFIDENCE_LEVEL, GAS_CONSTANT
from surfacechem.errors import RangeError
from surfacechem.prediction.distribution import count_ligands
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.isosbestic import isosbestic_sentence
from surfacechem.prediction.record import Prediction
from surfacechem.prediction.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from surfacechem.fitting import Draws, FitResult
    from surfacechem.network import Network, Speciation
    from surfacechem.network.warming import Warming
    from surfacechem.prediction.estimate import Knowledge
    from surfacechem.prediction.flask import Conditions

    Floats = NDArray[np.float64]

__all__ = ["predict"]


def predict(
    network: Network,
    conditions: Conditions,
    *,
    fit: FitResult | None = None,
    constants: Mapping[str, str | float] | None = None,
    level: float = CONFIDENCE_LEVEL,
    n_draws: int = 0,
    seed: int = 0,
    draws: Draws | None = None,
    window: tuple[str, str] | None = None,
    path_length: str = "1 cm",
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
    draws : Draws, optional
        Bootstrap replicas or a posterior sample of the fit, from which the bands are taken instead.
    window : tuple of str, optional
        First and last wavelength of the spectra, ``("300 nm", "500 nm")`` or energies; by default where the bands are.
    path_length : str
        Optical path of the spectra.

    Raises
    ------
    ModelError
        If a constant has no value.
    FitError
        If the draws are of another fit.
    RangeError
        If `level` is no probability between 0 and 1, or `n_draws` is negative.
    """
    _refuse_unusable(level, n_draws)
    knowledge = known_constants(network, fit=fit, constants=constants)
    setting = Setting(
        network=network, conditions=conditions, knowledge=knowledge, fit=fit, window=window, path_length=path_length
    )
    distributions, notes = count_ligands(network, setting.best)
    if draws is not None:
        steps = _steps_of(draws, knowledge, fit)
        band, curves = draws.kind, setting.drawn_curves(steps, level=level, seed=draws.seed)
    elif not setting.has_errors:
        band, curves = "none", setting.bare_curves()
    elif n_draws:
        steps = knowledge.draw(n_draws, seed=seed)
        band, curves = "draws", setting.drawn_curves(steps, level=level, seed=seed)
    else:
        band, curves = "derivatives", setting.curves(level=level)
    used = _used(network, knowledge, setting.flask.warming)
    return Prediction(
        conditions=conditions,
        curves=tuple(curves),
        distributions=distributions,
        status=setting.best.status,
        constants=used,
        energies=_energies(network, used, conditions.temperature or network.system.temperature),
        level=level,
        band=band,
        notes=(
            *_fit_notes(fit),
            *knowledge.notes,
            *setting.notes,
            *_temperature_notes(setting),
            *notes,
            *_branch_notes(setting.best),
            *filter(None, (isosbestic_sentence(each) for each in curves)),
        ),
        is_fit_valid=fit is None or fit.is_valid,
    )


def _steps_of(draws: Draws, knowledge: Knowledge, fit: FitResult | None) -> Floats:
    if fit is None:
        raise RangeError(
            "draws of a prediction", found="no fit", allowed="the fit that they were made from", advice="give fit=..."
        )
    draws.refuse_other(fit)
    return knowledge.steps_of(draws)


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
    return () if fit is None or fit.is_valid else (fit.distrust,)


def _temperature_notes(setting: Setting) -> tuple[str, ...]:
    if not setting.flask.warming.is_any:
        return ()
    network, stated = setting.network, setting.network.system.temperature
    is_coupled = any(each.convention is Convention.NEIGHBOURS for each in network.constants)
    kept = ", couplings kept as energies" if is_coupled else ""
    there = f"{setting.conditions.temperature:g} K"
    return (f"At {there}; constants were moved there from {stated:g} K by their dH{kept}.",)


def _branch_notes(speciation: Speciation) -> tuple[str, ...]:
    """Say at how many points a mean field has more than one answer."""
    n_several = 0 if speciation.n_branches is None else int((speciation.n_branches > 1).sum())
    if not n_several:
        return ()
    where = f"{n_several} of {len(speciation.status)} points"
    return (f"More than one branch at {where} (w is above 4RT): the stable one is shown; network.branches lists all.",)


def _energies(
    network: Network, used: Mapping[str, tuple[float, float]], temperature: float
) -> dict[str, tuple[float, float]]:
    """Return the couplings among the constants as RT ln W with its error [kJ/mol]."""
    unit = GAS_CONSTANT * temperature / 1e3
    couplings = [each.name for each in network.constants if each.convention is Convention.NEIGHBOURS]
    return {known_as(name): (unit * used[name][0], unit * used[name][1]) for name in couplings}


def _used(network: Network, knowledge: Knowledge, warming: Warming) -> dict[str, tuple[float, float]]:
    by_parameter = warming.matrix @ knowledge.to_theta
    stderr = np.sqrt(np.diag(by_parameter @ knowledge.covariance @ by_parameter.T))
    names = [constant.name for constant in network.constants]
    return {
        name: (float(value), float(error))
        for name, value, error in zip(names, warming.of(knowledge.theta), stderr, strict=True)
    }

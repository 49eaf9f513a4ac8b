"""Leave out every point of a fit once, all such fits as lanes of one batch."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.constants import LN10
from surfacechem.fitting.influence import Influence
from surfacechem.fitting.lanes import minimise
from surfacechem.fitting.replicas import weigh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.uncertainty import Covariance
    from surfacechem.records import Titration

    Floats = NDArray[np.float64]

__all__ = ["measure_influence", "outlier_chance", "row_freedom"]

_LOGGER = logging.getLogger(__name__)

LEAST_FREEDOM = 2
LARGEST_CONDITION = 1e14


def measure_influence(
    objective: Objective, best: Floats, covariance: Covariance, datasets: Sequence[Titration]
) -> Influence:
    """Leave out each point in turn and fit the others.

    The chance is that of the mean-shift outlier test (Cook & Weisberg, Residuals and Influence in Regression, 1982,
    section 2.2.2), corrected for the number of points (Bonferroni). Channels of one point count as one value, because
    an error of its amounts moves them all together.

    Parameters
    ----------
    objective : Objective
        What was fitted.
    best : ndarray, shape (n_parameters,)
        The minimum.
    covariance : Covariance
        Gives the noise, which is held.
    datasets : sequence of Titration
        Give the names.
    """
    sizes = [len(experiment.amounts) for experiment in objective.experiments]
    n_points = sum(sizes)
    _LOGGER.debug("leaving out each of %d points", n_points)
    kept = np.split(1.0 - np.eye(n_points), np.cumsum(sizes)[:-1], axis=1)
    without = weigh(objective, kept)
    noise = covariance.noise
    minima = minimise(
        lambda trial, lanes: without.evaluate(trial, np.broadcast_to(noise, (len(lanes), len(noise))), lanes),
        np.tile(best, (n_points, 1)),
        lower=objective.parameters.lower,
        upper=objective.parameters.upper,
    )
    costs = objective.block_costs(best[np.newaxis])
    whole = (costs.squares[0] / noise**2).sum() + objective.prior_cost(best[np.newaxis])[0]
    moves = minima.parameters - best
    freedom = row_freedom(objective) - 1.0
    return Influence(
        points=tuple((data.name, label) for data in datasets for label in data.labels),
        parameter_names=objective.parameters.names,
        log10_moves=moves / LN10,
        stderr_moves=moves / np.sqrt(np.diag(covariance.matrix)),
        relieved=np.clip((whole - minima.cost) / max(whole, np.finfo(float).tiny), 0.0, 1.0),
        chance=outlier_chance(whole, minima.cost, freedom) * n_points,
        widened=_widened(objective, without, best, covariance),
    )


def _widened(objective: Objective, without: Objective, best: Floats, covariance: Covariance) -> Floats:
    """Return by which share each standard error grows without each point, the noise held."""
    told = without.look(np.tile(best, (len(without.n_values), 1))).information
    information = np.einsum("lbij,b->lij", told, covariance.noise**-2.0)
    information += objective.prior_slope.T @ objective.prior_slope
    is_solvable = np.linalg.cond(information) < LARGEST_CONDITION
    safe = np.where(is_solvable[:, np.newaxis, np.newaxis], information, np.eye(len(best)))
    variance = np.diagonal(np.linalg.inv(safe), axis1=1, axis2=2)
    growth: Floats = np.sqrt(variance / np.diag(covariance.matrix)) * covariance.stretch - 1.0
    return np.where(is_solvable[:, np.newaxis], growth, np.inf)


def row_freedom(objective: Objective) -> float:
    """Return the degrees of freedom where all channels of a point count as one value."""
    n_rows = sum(int(np.isfinite(block.measured).any(axis=1).sum()) for block in objective.blocks)
    n_columns = sum(len(groups[0].free) for groups in objective.channels if groups)
    n_borne = len(objective.parameters.names) - int(objective.parameters.has_prior.sum())
    return float(n_rows - n_columns - n_borne)


def outlier_chance(whole: float, left: Floats, freedom: float) -> Floats:
    """Return the probability of so large a fall of the cost for one point; 1 where there is nothing to judge by."""
    if freedom < LEAST_FREEDOM:
        return np.ones_like(left)
    from scipy.special import fdtrc

    with np.errstate(over="ignore"):  # nothing at all is left without the point
        ratio = np.maximum(whole - left, 0.0) / np.maximum(left / freedom, np.finfo(float).tiny)
    chance: Floats = fdtrc(1.0, freedom, ratio)
    return chance

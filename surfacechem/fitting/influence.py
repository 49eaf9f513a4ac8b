"""What single points do to a fit: every point is left out once, all such fits as lanes of one batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.constants import LN10
from surfacechem.display import Table, round_number
from surfacechem.fitting.lanes import minimise
from surfacechem.fitting.replicas import weigh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.uncertainty import Covariance
    from surfacechem.records import Titration

    Floats = NDArray[np.float64]

__all__ = ["Influence", "measure_influence"]

IMPROBABLE = 1e-3
"""Chance, among all points together, below which a point is called an outlier."""
LEAST_FREEDOM = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Influence:
    """What leaving out each point does.

    Attributes
    ----------
    points : tuple of (str, str)
        Data set and label of each point.
    parameter_names : tuple of str
        What was fitted.
    log10_moves : ndarray, shape (n_points, n_parameters)
        How far log10 of each parameter goes when the point is left out.
    stderr_moves : ndarray, shape (n_points, n_parameters)
        The same in standard errors of the whole fit.
    relieved : ndarray, shape (n_points,)
        Share of the weighted sum of squares that goes with the point.
    chance : ndarray, shape (n_points,)
        Probability that the largest of so many points is as far off, if all are alike.
    """

    points: tuple[tuple[str, str], ...]
    parameter_names: tuple[str, ...]
    log10_moves: Floats
    stderr_moves: Floats
    relieved: Floats
    chance: Floats

    @property
    def outliers(self) -> tuple[int, ...]:
        """Points that do not belong to the others, worst first."""
        order = np.argsort(self.chance, kind="stable")
        return tuple(int(point) for point in order if self.chance[point] < IMPROBABLE)

    def to_table(self) -> Table:
        """Return a row per point: how far each parameter moves without it."""
        rows = tuple(
            (
                data,
                label,
                *(f"{move:+.2f}" for move in moves),
                f"{100 * share:.1f} %",
                str(round_number(min(chance, 1.0))),
            )
            for (data, label), moves, share, chance in zip(
                self.points, self.stderr_moves, self.relieved, self.chance, strict=True
            )
        )
        columns = ("data", "point", *(f"Δ {name} / s.e." for name in self.parameter_names), "of misfit", "chance")
        return Table(columns=columns, rows=rows, title="Influence: each point left out")


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
    freedom = _row_freedom(objective) - 1.0
    return Influence(
        points=tuple((data.name, label) for data in datasets for label in data.labels),
        parameter_names=objective.parameters.names,
        log10_moves=moves / LN10,
        stderr_moves=moves / np.sqrt(np.diag(covariance.matrix)),
        relieved=np.clip(1.0 - minima.cost / whole, 0.0, 1.0),
        chance=_chance(whole, minima.cost, freedom) * n_points,
    )


def _row_freedom(objective: Objective) -> float:
    """Return the degrees of freedom where all channels of a row count as one value."""
    n_rows = sum(int(np.isfinite(block.rows(block.measured)).any(axis=1).sum()) for block in objective.blocks)
    n_columns = sum(len(groups[0].free) for groups in objective.channels if groups)
    n_borne = len(objective.parameters.names) - int(objective.parameters.has_prior.sum())
    return float(n_rows - n_columns - n_borne)


def _chance(whole: float, left: Floats, freedom: float) -> Floats:
    """Return the probability of so large a fall of the cost for one point; 1 where there is nothing to judge by."""
    if freedom < LEAST_FREEDOM:
        return np.ones_like(left)
    from scipy.special import fdtrc

    ratio = np.maximum(whole - left, 0.0) / np.maximum(left / freedom, np.finfo(float).tiny)
    chance: Floats = fdtrc(1.0, freedom, np.where(np.isfinite(ratio), ratio, 0.0))
    return chance

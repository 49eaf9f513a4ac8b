"""An objective with other data in its lanes: drawn again, weighted otherwise, or with points left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.objective import Replicas
from surfacechem.fitting.separable import compress
from surfacechem.fitting.weighting import by_row, weighted_channels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.separable import Separable

    Floats = NDArray[np.float64]

__all__ = ["replicate", "weigh"]


def replicate(objective: Objective, values: Sequence[Floats], prior_moves: Floats) -> Objective:
    """Return the objective with other values in each lane.

    Parameters
    ----------
    objective : Objective
        What was fitted.
    values : sequence of ndarray
        Per block, shape (n_lanes, n_points, n_channels); where nothing was measured they are not looked at.
    prior_moves : ndarray, shape (n_lanes, n_priors)
        By which the prior means are drawn again, natural logarithms.
    """
    channels = tuple(
        tuple(compress(group) for group in weighted_channels(block, values=table))
        for block, table in zip(objective.blocks, values, strict=True)
    )
    return replace(objective, replicas=Replicas(channels, objective.n_values[np.newaxis], prior_moves))


def weigh(objective: Objective, case_weights: Sequence[Floats]) -> Objective:
    """Return the objective with points that count more or less in each lane.

    Parameters
    ----------
    objective : Objective
        What was fitted.
    case_weights : sequence of ndarray
        Per data set, shape (n_lanes, n_points): how often each point counts, beside the weight that a robust fit gave
        it; 0: left out.
    """
    channels, n_values = [], []
    groups = iter(objective.channels)
    for experiment, weights in zip(objective.experiments, case_weights, strict=True):
        for block in experiment.blocks:
            root = np.sqrt(by_row(block, weights))
            channels.append(tuple(_weighed(group, root) for group in next(groups)))
            own = 1.0 if block.case_weight is None else block.case_weight
            n_values.append((weights * own) @ np.isfinite(block.measured).sum(axis=1))
    moves = np.zeros((1, int(objective.parameters.has_prior.sum())))
    return replace(objective, replicas=Replicas(tuple(channels), np.stack(n_values, axis=1), moves))


def _weighed(group: Separable, root: Floats) -> Separable:
    # An offset is an amplitude of its row, and comes and goes with it.
    n_kept = np.sum(root**2 * (group.weight > 0), axis=1)
    return replace(
        group,
        weight=group.weight * root,
        values=group.values * root[..., np.newaxis],
        n_offsets=np.rint(n_kept * group.n_offsets.any()).astype(np.intp),
    )

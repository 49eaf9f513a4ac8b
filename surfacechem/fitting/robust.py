"""Weights that take outliers out of a fit: Huber's first, then Tukey's, in turn with the fit until both rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.search import refine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.objective import Objective

    Floats = NDArray[np.float64]

__all__ = ["find_weights", "with_weights"]

HUBER = 1.345
TUKEY = 4.685
"""Distances, in standard deviations, of 95 % efficiency on normal errors (Holland & Welsch 1977,
10.1080/03610927708827533)."""
N_HUBER = 10
MAX_ROUNDS = 50
WEIGHT_ATOL = 1e-4


def find_weights(objective: Objective, parameters: Floats, *, kept: Sequence[Floats] | None = None) -> list[Floats]:
    """Return how much each point counts, per data set, shape (n_points,).

    Parameters
    ----------
    objective : Objective
        What is fitted.
    parameters : ndarray, shape (n_parameters,)
        The best fit by least squares.
    kept : sequence of ndarray, optional
        Per data set, shape (n_points,): 0 for points that are left out and must not be looked at; by default none is.
    """
    if kept is None:
        kept = [np.ones(len(experiment.amounts)) for experiment in objective.experiments]
    weights = list(kept)
    for number in range(MAX_ROUNDS):
        weighted = with_weights(objective, weights)
        parameters = refine(weighted, parameters[np.newaxis]).parameters[0]
        distances, weigh = _distances(weighted, parameters, kept), _huber if number < N_HUBER else _tukey
        previous, weights = weights, [mask * weigh(each) for mask, each in zip(kept, distances, strict=True)]
        moved = max(float(np.abs(new - old).max()) for new, old in zip(weights, previous, strict=True))
        if number > N_HUBER and moved < WEIGHT_ATOL:
            break
    return weights


def with_weights(objective: Objective, weights: Sequence[Floats | None]) -> Objective:
    """Return the objective with points that count as much as their weights, per data set."""
    return replace(
        objective,
        experiments=tuple(
            experiment if each is None else experiment.weighed(each)
            for experiment, each in zip(objective.experiments, weights, strict=True)
        ),
    )


def _huber(distance: Floats) -> Floats:
    return HUBER / np.maximum(distance, HUBER)


def _tukey(distance: Floats) -> Floats:
    return np.maximum(1.0 - (distance / TUKEY) ** 2, 0.0) ** 2


def _distances(objective: Objective, parameters: Floats, kept: Sequence[Floats]) -> list[Floats]:
    """Return, per data set, the largest distance of each point in standard deviations, shape (n_points,)."""
    tables = iter(objective.fitted_tables(parameters))
    return [
        np.max([_block_distance(block, next(tables), mask) for block in experiment.blocks], axis=0)
        for experiment, mask in zip(objective.experiments, kept, strict=True)
    ]


def _block_distance(block: Block, fitted: Floats, kept: Floats) -> Floats:
    """Return the root mean square of each point's residuals over its median, scaled to normal errors."""
    from scipy.special import chdtri

    reduced = np.where(kept[:, np.newaxis] > 0, block.measured - fitted, np.nan)
    if block.sigma is not None:
        reduced = reduced / block.sigma
    n_channels = np.isfinite(reduced).sum(axis=1)
    size = np.sqrt(np.nansum(reduced**2, axis=1) / np.maximum(n_channels, 1))
    typical = int(np.median(n_channels[n_channels > 0]))
    # Columns fit some of the scatter away; their number is the least of what does.
    lost = np.sqrt(max(1.0 - len(block.model.labels) / max(int((n_channels > 0).sum()), 1), 0.1))
    scale = np.median(size[n_channels > 0]) / np.sqrt(chdtri(typical, 0.5) / typical) / lost
    floor = np.finfo(float).eps * np.nanmax(np.abs(block.measured))
    distance: Floats = size / max(scale, floor)
    return distance

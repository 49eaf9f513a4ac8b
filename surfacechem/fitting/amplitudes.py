"""Amplitudes at the minimum, channel by channel, with errors that include those of the constants."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.separable import Separable, hold_at_zero, project
from surfacechem.fitting.techniques import BASELINE, DRIFT
from surfacechem.fitting.weighting import weighted_channels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.experiment import State

    Floats = NDArray[np.float64]

__all__ = ["Amplitudes", "find_amplitudes"]


class Amplitudes(NamedTuple):
    """Best amplitudes of a block, their errors, and the values they give."""

    values: Floats  # (n_components, n_channels)
    stderr: Floats  # same; 0 where known, NaN where not determined
    fitted: Floats  # (n_points, n_channels of the table)


def find_amplitudes(block: Block, state: State, *, noise: float, covariance: Floats) -> Amplitudes:
    """Return the amplitudes of one block.

    Parameters
    ----------
    block : Block
        Data and model.
    state : State
        Concentrations at the minimum, one lane.
    noise : float
        Standard deviation of the values; 1 where sigmas are given.
    covariance : ndarray, shape (n_parameters, n_parameters)
        Of the fitted parameters, natural logarithms.
    """
    columns = block.model.columns(state.concentration)
    slopes = block.model.derivative(state.concentration, state.derivative)
    n_channels = block.rows(block.measured).shape[1]
    values = np.full((columns.shape[-1], n_channels), np.nan)
    stderr = values.copy()
    for group in weighted_channels(block):
        found = project(group, columns).amplitudes[0]
        error = _errors(group, columns, slopes, noise=noise, covariance=covariance)
        if block.is_nonnegative:
            found = _bounded(group, columns, found, bounded=_bounded_columns(block))
            # What the bound moved is known as well as without it, but for what rests on the bound.
            error[group.free] = np.where(found[group.free] == 0, np.nan, error[group.free])
        values[:, group.channels] = found / group.factor
        stderr[:, group.channels] = error / group.factor
    return Amplitudes(values, stderr, block.table(columns[0] @ values))


def _bounded_columns(block: Block) -> NDArray[np.intp]:
    """Return the free columns whose amplitudes may not be negative: a drift may fall."""
    free = [column for column in range(len(block.model.labels)) if column not in block.known_amplitudes]
    return np.array([column for column in free if block.model.labels[column] not in {BASELINE, DRIFT}], dtype=np.intp)


def _bounded(group: Separable, columns: Floats, free: Floats, *, bounded: NDArray[np.intp]) -> Floats:
    """Return the best amplitudes (n_columns, n_channels) that are not negative where they may not be.

    With the few columns of a titration every subset of them is tried at zero; the best one that leaves the others
    positive is the answer.
    """
    best, least = free, np.where((free[bounded] >= 0).all(axis=0), 0.0, np.inf)
    if np.isfinite(least).all():
        return best
    subsets = [subset for size in range(1, len(bounded) + 1) for subset in combinations(bounded, size)]
    for subset in subsets:
        trial = project(hold_at_zero(group, np.array(subset)), columns)
        amplitudes, cost = trial.amplitudes[0], np.sum(trial.residual[0] ** 2, axis=0)
        is_better = (amplitudes[bounded] >= 0).all(axis=0) & (cost < least)
        best, least = np.where(is_better, amplitudes, best), np.where(is_better, cost, least)
    return best


def _errors(block: Separable, columns: Floats, slopes: Floats, *, noise: float, covariance: Floats) -> Floats:
    """Return standard errors (n_columns, n_channels): conditional variance plus that carried over by the constants."""
    projection = project(block, columns)
    weight = block.weight[0, :, np.newaxis]
    weighted = columns[0] * weight
    inverse = np.linalg.pinv(weighted[:, block.free])
    moved = np.moveaxis(slopes[0], -1, 0) * weight @ projection.amplitudes[0]
    gradient = -inverse @ moved
    conditional = noise**2 * np.sum(inverse**2, axis=1)[:, np.newaxis]
    carried = np.einsum("iac,ij,jac->ac", gradient, covariance, gradient)
    errors = np.zeros(projection.amplitudes.shape[1:])
    errors[block.free] = np.sqrt(conditional + carried)
    return errors

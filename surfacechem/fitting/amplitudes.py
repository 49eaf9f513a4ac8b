"""Amplitudes at the minimum, channel by channel, with errors that include those of the constants."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.separable import Separable, hold_at_zero, project
from surfacechem.fitting.weighting import weighted_channels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.experiment import MovingState

    Floats = NDArray[np.float64]

__all__ = ["Amplitudes", "find_amplitudes"]


class Amplitudes(NamedTuple):
    """Best amplitudes of a block, their errors, and the values they give."""

    values: Floats  # (n_components, n_channels)
    stderr: Floats  # same; 0 where known, NaN where not determined
    fitted: Floats  # (n_points, n_channels of the table)


def find_amplitudes(block: Block, state: MovingState, *, noise: float, covariance: Floats) -> Amplitudes:
    """Return the amplitudes of one block.

    Parameters
    ----------
    block : Block
        Data and model.
    state : MovingState
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
        values[:, group.channels] = found / group.factor
        is_zero = found[group.free] == 0 if group.is_nonnegative else np.zeros((len(group.free), found.shape[1]), bool)
        for pattern in np.unique(is_zero, axis=1).T:
            same = np.flatnonzero((is_zero == pattern[:, np.newaxis]).all(axis=0))
            part = hold_at_zero(group, group.free[pattern]) if pattern.any() else group
            error = _errors(part, columns, slopes, noise=noise, covariance=covariance)[:, same]
            error[group.free[pattern]] = np.nan
            stderr[:, group.channels[same]] = error / group.factor[same]
    return Amplitudes(values, stderr, block.table(columns[0] @ values))


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

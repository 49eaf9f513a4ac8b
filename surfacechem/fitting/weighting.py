"""Blocks as weighted channels: those of equal weights together, the same for measured values and for replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.separable import Separable, without_offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block

    Floats = NDArray[np.float64]

__all__ = ["by_row", "equal_columns", "weighted_channels"]


def weighted_channels(block: Block, *, values: Floats | None = None) -> tuple[Separable, ...]:
    """Return the channels of a block, those of equal weights together.

    Parameters
    ----------
    block : Block
        What was measured.
    values : ndarray, shape (n_lanes, n_points, n_channels), optional
        What stands in the place of the measured values.
    """
    measured = block.rows(block.measured)
    is_measured = np.isfinite(measured)
    sigma = np.ones_like(measured) if block.sigma is None else block.rows(block.sigma)
    weight = np.where(is_measured, 1.0 / np.where(is_measured, sigma, 1.0), 0.0)
    factor = weight.max(axis=0)
    case = np.ones(1) if block.case_weight is None else np.sqrt(by_row(block, block.case_weight[np.newaxis])[0])
    weight = weight * case[:, np.newaxis]
    pattern = weight / np.where(factor > 0, factor, 1.0)
    rows = measured[np.newaxis] if values is None else block.rows(values)
    if block.n_offsets:
        rows = without_offsets(rows)
    weighted = np.where(is_measured, rows, 0.0) * weight
    known = sorted(block.known_amplitudes)
    free = [column for column in range(len(block.model.labels)) if column not in known]
    amplitudes = np.array([np.broadcast_to(block.known_amplitudes[column], measured.shape[1:]) for column in known])
    amplitudes = amplitudes.reshape(1, len(known), measured.shape[1])
    return tuple(
        Separable(
            weight=pattern[:, index[0]].copy()[np.newaxis],
            values=np.ascontiguousarray(weighted[..., index]),
            free=np.array(free, dtype=np.intp),
            known=np.array(known, dtype=np.intp),
            known_amplitudes=amplitudes[..., index] * factor[index],
            channels=index,
            factor=factor[index],
            n_offsets=np.array([block.n_offsets]),
        )
        for index in equal_columns(pattern)
    )


def equal_columns(table: Floats | NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Return the columns of a table in groups of equal ones."""
    if (table == table[:, :1]).all():
        return [np.arange(table.shape[1])]
    _, group = np.unique(table, axis=1, return_inverse=True)
    return [np.flatnonzero(group.ravel() == number) for number in range(group.max() + 1)]


def by_row(block: Block, by_point: Floats) -> Floats:
    """Return what belongs to points (n_lanes, n_points) as it belongs to the rows of a block."""
    table = np.repeat(by_point[..., np.newaxis], len(block.channels), axis=-1)
    return block.rows(table)[..., 0]

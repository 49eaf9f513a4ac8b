"""The memory of one chunk: every quantity of the iteration as one row of lanes, a lane being a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import LANE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form

__all__ = ["Lanes", "allocate"]


class Lanes(NamedTuple):
    """One chunk of points; the last axis of every array counts lanes.

    `ln_value` is ln of what `value` is: concentration of a species; of a state first its share in its node, after
    `evaluate` its concentration. `left`, `right` are the positive sides of the balances, `negative` the part of
    the Hessian's diagonal that rows on the right side make.
    """

    point: NDArray[np.int64]
    n_passes: NDArray[np.int64]
    is_done: NDArray[np.bool_]
    weight: NDArray[np.float64]
    ln_value: NDArray[np.float64]
    value: NDArray[np.float64]
    z: NDArray[np.float64]
    total: NDArray[np.float64]
    amount: NDArray[np.float64]
    root: NDArray[np.float64]
    ln_sum: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    negative: NDArray[np.float64]
    hessian: NDArray[np.float64]
    scale: NDArray[np.float64]
    step: NDArray[np.float64]
    spare: NDArray[np.float64]


@njit(**LANE)
def allocate(form: Form, n_lanes: int) -> Lanes:
    """Return zeroed memory for a chunk."""
    n_rows, n_unknowns = form.nu.shape
    n_nodes = len(form.node_parent)
    return Lanes(
        np.zeros(n_lanes, np.int64),
        np.zeros(n_lanes, np.int64),
        np.zeros(n_lanes, np.bool_),
        np.zeros((n_rows, n_lanes)),
        np.zeros((n_rows, n_lanes)),
        np.zeros((n_rows, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((n_nodes, n_lanes)),
        np.zeros((n_nodes, n_lanes)),
        np.zeros((n_nodes, n_lanes)),
        np.zeros((n_nodes * n_unknowns, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((n_unknowns * (n_unknowns + 1) // 2, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((n_unknowns, n_lanes)),
        np.zeros((4, n_lanes)),
    )

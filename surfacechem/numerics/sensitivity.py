"""Derivatives of solved points from the Hessian that solved them (implicit function theorem)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from surfacechem.numerics.arithmetic import LANE
from surfacechem.numerics.newton import SKEW, load, load_weights, pad, warm_up
from surfacechem.numerics.player import play

if TYPE_CHECKING:
    from surfacechem.numerics.newton import Loading

__all__ = ["Sloping", "differentiate_points"]


class Sloping(NamedTuple):
    """The program of derivatives, and where its registers go (see `passes.Programs`).

    `rows` gives for each row where its derivative goes, `hosts` which host input its count is divided by, -1 for
    species.
    """

    code: NDArray[np.uint32]
    factor: NDArray[np.float64]
    n_registers: int
    split: int
    direction: int
    register: NDArray[np.int64]
    hosts: NDArray[np.int64]
    n_components: int


@njit(**LANE)
def differentiate_points(
    loading: Loading,
    sloping: Sloping,
    points: NDArray[np.int64],
    sources: NDArray[np.float64],
    ln_weight: NDArray[np.float64],
    outputs: NDArray[np.float64],
    by_weight: NDArray[np.float64],
    by_source: NDArray[np.float64],
    n_lanes: int,
    slopes: NDArray[np.float64],
) -> None:
    """Write the derivatives of the points listed.

    Parameters
    ----------
    loading, sloping : Loading, Sloping
        The network.
    points : ndarray of int
        Solved points; rows of the other arrays.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    ln_weight : ndarray, shape (1 or n_points, n_weights)
        Weights the points were solved with.
    outputs : ndarray, shape (n_points, n_outputs)
        Their solution.
    by_weight, by_source : ndarray, shapes (n_directions, n_weights) and (n_directions, n_sources)
        Change of weights and sources along each direction.
    n_lanes : int
        Length of a chunk.
    slopes : ndarray, shape (n_points, n_weights, n_directions)
        Receives the change of ln concentrations of species and of counts of host terms.
    """
    n_lanes = max(1, min(n_lanes, pad(len(points))))
    memory = np.ones((sloping.n_registers, n_lanes + SKEW))
    for begin in range(0, len(points), n_lanes):
        n = min(n_lanes, len(points) - begin)
        lane_point = points[begin : begin + n]
        load(loading, memory, lane_point, sources)
        load_weights(loading, memory, lane_point, ln_weight)
        warm_up(loading, memory, lane_point, outputs, True)
        play(sloping.code, sloping.factor, memory, 0, sloping.split, pad(n))
        for k in range(len(by_weight)):
            _point_along(loading, sloping, memory, n, by_weight[k], by_source[k])
            play(sloping.code, sloping.factor, memory, sloping.split, len(sloping.code), pad(n))
            for row in range(len(loading.weight)):
                change, weight, host = memory[sloping.register[row]], loading.weight[row], sloping.hosts[row]
                if host < 0:
                    for lane in range(n):
                        slopes[lane_point[lane], weight, k] = change[lane]
                else:
                    for lane in range(n):
                        point = lane_point[lane]
                        count = outputs[point, sloping.n_components + weight]
                        dilution = by_source[k, host] / sources[point, host]
                        slopes[point, weight, k] = count * (change[lane] - dilution)


@njit(**LANE)
def _point_along(
    loading: Loading,
    sloping: Sloping,
    memory: NDArray[np.float64],
    n: int,
    by_weight: NDArray[np.float64],
    by_source: NDArray[np.float64],
) -> None:
    """Fill the inputs of a direction: changes of row weights, totals of balances, ln totals of roots."""
    n_unknowns = len(loading.forth)
    k = sloping.direction
    for weight in loading.weight:
        memory[k, :n] = by_weight[weight]
        k += 1
    for number in range(len(loading.pointer) - 1):
        gain = 0.0
        for entry in range(loading.pointer[number], loading.pointer[number + 1]):
            gain += loading.share[entry] * by_source[loading.source[entry]]
        # Balances take the change of their total, roots that of its logarithm.
        for lane in range(n):
            memory[k, lane] = gain if number < n_unknowns else gain / memory[n_unknowns + 1 + number, lane]
        k += 1

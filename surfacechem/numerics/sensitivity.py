"""Derivatives of solved points from the Hessian that solved them (implicit function theorem)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from surfacechem.numerics.arithmetic import LANE
from surfacechem.numerics.newton import load
from surfacechem.numerics.player import play

if TYPE_CHECKING:
    from surfacechem.numerics.newton import Loading

__all__ = ["Sloping", "differentiate_points"]


class Sloping(NamedTuple):
    """The program of derivatives, and where its registers go (see `passes.Programs`).

    `rows` gives for each row where its derivative goes, `hosts` which host input its count is divided by, -1 for
    species.
    """

    code: NDArray[np.int32]
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
    n_lanes = max(1, min(n_lanes, (len(points) + 7) // 8 * 8))
    memory = np.ones((sloping.n_registers, n_lanes))
    for begin in range(0, len(points), n_lanes):
        n = min(n_lanes, len(points) - begin)
        for lane in range(n):
            point = points[begin + lane]
            load(loading, memory, lane, sources[point], ln_weight[min(point, len(ln_weight) - 1)])
            for r in range(loading.source_map.shape[1]):
                z = 0.0
                for column in range(len(loading.column_output)):
                    if loading.forth[r, column] != 0.0:
                        z += loading.forth[r, column] * outputs[point, loading.column_output[column]]
                memory[r, lane] = z
        play(sloping.code, sloping.factor, memory, 0, sloping.split, n)
        for k in range(len(by_weight)):
            _point_along(loading, sloping, memory, n, by_weight[k], by_source[k])
            play(sloping.code, sloping.factor, memory, sloping.split, len(sloping.code), n)
            for lane in range(n):
                point = points[begin + lane]
                for row in range(len(loading.weight)):
                    change = memory[sloping.register[row], lane]
                    host = sloping.hosts[row]
                    if host >= 0:
                        particles = sources[point, host]
                        count = outputs[point, sloping.n_components + loading.weight[row]]
                        change = count * (change - by_source[k, host] / particles)
                    slopes[point, loading.weight[row], k] = change


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
    m, n_roots = loading.source_map.shape[1], loading.root_map.shape[1]
    k = sloping.direction
    for weight in loading.weight:
        memory[k, :n] = by_weight[weight]
        k += 1
    for r in range(m):
        gain = 0.0
        for source in range(len(by_source)):
            gain += loading.source_map[source, r] * by_source[source]
        memory[k, :n] = gain
        k += 1
    for root in range(n_roots):
        gain = 0.0
        for source in range(len(by_source)):
            gain += loading.root_map[source, root] * by_source[source]
        for lane in range(n):
            memory[k, lane] = gain / memory[2 * m + root, lane]
        k += 1

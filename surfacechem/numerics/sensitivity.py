"""Derivatives of solved points from the Hessian that solved them (implicit function theorem)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import LANE
from surfacechem.numerics.loading import Loading, load, load_weights, warm_up
from surfacechem.numerics.newton import SKEW, Work, pad
from surfacechem.numerics.player import Interpreted, advance

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Directions", "Sloping", "differentiate_points"]


class Sloping(NamedTuple):
    """The programs of derivatives, and where their registers go (see `programs.Programs`).

    `once` is played for each chunk, `each` for each direction. `host` is for each row the source that its count is
    divided by, -1 for species; counts are outputs from number `n_components` on.
    """

    once: Interpreted
    each: Interpreted
    n_registers: int
    direction: int
    register: NDArray[np.int64]
    host: NDArray[np.int64]
    n_components: int
    n_lanes: int


class Directions(NamedTuple):
    """Change of weights and sources along each direction, shapes (n_directions, n_weights) and (.., n_sources)."""

    by_weight: NDArray[np.float64]
    by_source: NDArray[np.float64]


@njit(**LANE)
def differentiate_points(
    loading: Loading, sloping: Sloping, work: Work, directions: Directions, slopes: NDArray[np.float64]
) -> None:
    """Write the derivatives of solved points.

    Parameters
    ----------
    loading, sloping : Loading, Sloping
        The network.
    work : Work
        Solved points; `start` is their solution.
    directions : Directions
        What to differentiate by.
    slopes : ndarray, shape (n_points, n_weights, n_directions)
        Receives the change of ln concentrations of species and of counts of host terms.
    """
    n_lanes = max(1, min(sloping.n_lanes, pad(len(work.points))))
    memory = np.ones((sloping.n_registers, n_lanes + SKEW))
    for begin in range(0, len(work.points), n_lanes):
        points = work.points[begin : begin + n_lanes]
        load(loading, memory, points, work.sources)
        load_weights(loading, memory, points, work.ln_weight)
        warm_up(loading, memory, points, work.start)
        advance(sloping.once, memory, pad(len(points)))
        for k in range(len(directions.by_weight)):
            _point_along(loading, memory[sloping.direction :], memory, directions.by_weight[k], directions.by_source[k])
            advance(sloping.each, memory, pad(len(points)))
            for row in range(len(loading.weight)):
                change, weight = memory[sloping.register[row]], loading.weight[row]
                host = sloping.host[row]
                if host < 0:
                    for lane in range(len(points)):
                        slopes[points[lane], weight, k] = change[lane]
                else:
                    for lane in range(len(points)):
                        count = work.start[points[lane], sloping.n_components + weight]
                        dilution = directions.by_source[k, host] / work.sources[points[lane], host]
                        slopes[points[lane], weight, k] = count * (change[lane] - dilution)


@njit(**LANE)
def _point_along(
    loading: Loading,
    inputs: NDArray[np.float64],
    memory: NDArray[np.float64],
    by_weight: NDArray[np.float64],
    by_source: NDArray[np.float64],
) -> None:
    """Fill the inputs of a direction: changes of row weights, totals of balances, ln totals of roots."""
    n_unknowns = len(loading.forth)
    k = 0
    for weight in loading.weight:
        inputs[k] = by_weight[weight]
        k += 1
    for number in range(len(loading.pointer) - 1):
        gain = 0.0
        for entry in range(loading.pointer[number], loading.pointer[number + 1]):
            gain += loading.share[entry] * by_source[loading.source[entry]]
        # Balances take the change of their total, roots that of its logarithm.
        for lane in range(memory.shape[1]):
            inputs[k, lane] = gain if number < n_unknowns else gain / memory[n_unknowns + 1 + number, lane]
        k += 1

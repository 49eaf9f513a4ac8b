"""The loop that drives the programs over a batch.

Points are worked on in chunks, one point a lane. A lane whose point is done is refilled from the queue as soon as
enough of them are, so that the vector loops stay busy until the queue is empty.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from surfacechem.numerics.arithmetic import EXACT, LANE, fma
from surfacechem.numerics.player import play

if TYPE_CHECKING:
    from surfacechem.numerics.form import Form
    from surfacechem.numerics.passes import Programs
    from surfacechem.numerics.tape import Program

__all__ = ["Loading", "Results", "Stepping", "Writing", "combine", "load", "solve_points", "warm_up"]

STEP_TOLERANCE = 1e-7  # quadratic convergence: the error left after such a step is its square
_REFILL = 0.3  # share of lanes done before they are refilled
HOPELESS = 1e300  # no step is as long; NaN is not below it either
_EPSILON = 2.220446049250313e-16
_NOT_CONVERGED = 1


class Loading(NamedTuple):
    """How points get into lanes.

    Attributes
    ----------
    pointer, source, share : ndarray
        Totals of balances, then of roots, as sparse combinations of sources: input ``n_unknowns + k`` is the sum of
        ``share[e] * sources[source[e]]`` over ``pointer[k] <= e < pointer[k + 1]``.
    host : ndarray of int
        Sources copied to the inputs after these.
    weight : ndarray of int
        Weights copied to the inputs after these.
    forth, column_output : ndarray
        ``z = forth @ x`` for a warm start, `x` from the outputs `column_output`.
    """

    pointer: NDArray[np.int64]
    source: NDArray[np.int64]
    share: NDArray[np.float64]
    host: NDArray[np.int64]
    weight: NDArray[np.int64]
    forth: NDArray[np.float64]
    column_output: NDArray[np.int64]


class Stepping(NamedTuple):
    """The program of starting values and that of one step, and the passes it may take."""

    start_code: NDArray[np.uint32]
    start_factor: NDArray[np.float64]
    code: NDArray[np.uint32]
    factor: NDArray[np.float64]
    n_registers: int
    distance: int
    n_most: int


class Writing(NamedTuple):
    """The final program, where its registers go, and the outputs that do not depend on the point."""

    code: NDArray[np.uint32]
    factor: NDArray[np.float64]
    n_registers: int
    register: NDArray[np.int64]
    output: NDArray[np.int64]
    error: int
    fixed_output: NDArray[np.int64]
    fixed_value: NDArray[np.float64]


class Results(NamedTuple):
    """Arrays that receive what became of each point."""

    outputs: NDArray[np.float64]
    status: NDArray[np.int8]
    error: NDArray[np.float64]
    n_passes: NDArray[np.int32]


@njit(**LANE)
def solve_points(
    loading: Loading,
    stepping: Stepping,
    writing: Writing,
    points: NDArray[np.int64],
    sources: NDArray[np.float64],
    ln_weight: NDArray[np.float64],
    start: NDArray[np.float64],
    n_lanes: int,
    results: Results,
) -> None:
    """Solve the points listed and write their rows of the results.

    Parameters
    ----------
    loading, stepping, writing : Loading, Stepping, Writing
        The network.
    points : ndarray of int
        Which rows of all the other arrays to work on.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    ln_weight : ndarray, shape (1 or n_points, n_weights)
        Weights, one row for all points or one for each.
    start : ndarray, shape (0 or n_points, n_outputs)
        Earlier results; entries that are not finite are not used.
    n_lanes : int
        Length of a chunk.
    results : Results
        Receives the rows of the points.
    """
    n_lanes = min(n_lanes, (len(points) + 7) // 8 * 8)
    memory = np.ones((stepping.n_registers, n_lanes))
    finished = np.ones((writing.n_registers, n_lanes))
    lane_point = np.zeros(n_lanes, np.int64)
    finished_point = np.zeros(n_lanes, np.int64)
    is_done = np.zeros(n_lanes, np.bool_)
    n_unknowns = len(loading.forth)
    passed = n_unknowns + len(loading.pointer) - 1 + len(loading.host) + len(loading.weight)
    n_active, n_taken = 0, 0
    while True:
        n_new = min(n_lanes - n_active, len(points) - n_taken)
        for lane in range(n_active, n_active + n_new):
            lane_point[lane] = points[n_taken]
            n_taken += 1
            memory[passed, lane] = 0.0
        if n_new > 0:
            load(loading, memory, lane_point, n_active, n_active + n_new, sources, ln_weight)
            play(
                stepping.start_code,
                stepping.start_factor,
                memory,
                0,
                len(stepping.start_code),
                n_active,
                n_active + n_new,
            )
            if len(start) > 0:
                warm_up(loading, memory, lane_point, n_active, n_active + n_new, start, False)
            n_active += n_new
        if n_active == 0:
            return
        play(stepping.code, stepping.factor, memory, 0, len(stepping.code), 0, n_active)
        n_done = 0
        for lane in range(n_active):
            memory[passed, lane] += 1.0
            distance = memory[stepping.distance, lane]
            is_done[lane] = (
                (distance < STEP_TOLERANCE) | ~(distance < HOPELESS) | (memory[passed, lane] >= stepping.n_most)
            )
            n_done += is_done[lane]
        if n_done >= _REFILL * n_active:
            n_finished, n_kept = 0, 0
            for lane in range(n_active):
                if is_done[lane]:
                    finished_point[n_finished] = lane_point[lane]
                    for k in range(passed + 1):
                        finished[k, n_finished] = memory[k, lane]
                    n_finished += 1
                else:
                    lane_point[n_kept] = lane_point[lane]
                    for k in range(passed + 1):
                        memory[k, n_kept] = memory[k, lane]
                    n_kept += 1
            n_active = n_kept
            play(writing.code, writing.factor, finished, 0, len(writing.code), 0, n_finished)
            _write(writing, finished, finished_point, n_finished, passed, stepping.n_most, results)


@njit(**LANE)
def load(
    loading: Loading,
    memory: NDArray[np.float64],
    lane_point: NDArray[np.int64],
    begin: int,
    end: int,
    sources: NDArray[np.float64],
    ln_weight: NDArray[np.float64],
) -> None:
    """Put totals and weights of points into lanes `begin` to `end`."""
    k = len(loading.forth)
    for number in range(len(loading.pointer) - 1):
        first, last = loading.pointer[number], loading.pointer[number + 1]
        if last == first + 1:
            share, source = loading.share[first], loading.source[first]
            for lane in range(begin, end):
                memory[k, lane] = share * sources[lane_point[lane], source]
        else:
            for lane in range(begin, end):
                memory[k, lane] = combine(
                    loading.share[first:last], loading.source[first:last], sources[lane_point[lane]]
                )
        k += 1
    for host in loading.host:
        for lane in range(begin, end):
            memory[k, lane] = sources[lane_point[lane], host]
        k += 1
    n_apart = len(ln_weight) > 1
    for weight in loading.weight:
        for lane in range(begin, end):
            memory[k, lane] = ln_weight[lane_point[lane] * n_apart, weight]
        k += 1


@njit(**EXACT)
def combine(shares: NDArray[np.float64], numbers: NDArray[np.int64], sources: NDArray[np.float64]) -> float:
    """Return ``shares @ sources[numbers]`` as if in twice the precision; 0 where it vanishes within rounding.

    Tight complexes at equivalence live on the difference of totals, so that its rounding would be their error.
    """
    total, lost, size = 0.0, 0.0, 0.0
    for k in range(len(numbers)):
        source = sources[numbers[k]]
        product = shares[k] * source
        lost += fma(shares[k], source, -product)
        grown = total + product
        part = grown - total
        lost += (total - (grown - part)) + (product - part)
        total = grown
        size += abs(product)
    total += lost
    return 0.0 if abs(total) <= _EPSILON * size else total


@njit(**LANE)
def warm_up(
    loading: Loading,
    memory: NDArray[np.float64],
    lane_point: NDArray[np.int64],
    begin: int,
    end: int,
    start: NDArray[np.float64],
    is_sure: bool,
) -> None:
    """Put unknowns from earlier outputs into lanes; those that are not finite only if `is_sure`."""
    for r in range(len(loading.forth)):
        for lane in range(begin, end):
            z = 0.0
            for column in range(len(loading.column_output)):
                if loading.forth[r, column] != 0.0:
                    z += loading.forth[r, column] * start[lane_point[lane], loading.column_output[column]]
            if is_sure or math.isfinite(z):
                memory[r, lane] = z


@njit(**LANE)
def _write(
    writing: Writing,
    memory: NDArray[np.float64],
    lane_point: NDArray[np.int64],
    n: int,
    passed: int,
    n_most: int,
    results: Results,
) -> None:
    """Write the results of finished lanes."""
    for lane in range(n):
        point, error = lane_point[lane], memory[writing.error, lane]
        results.n_passes[point] += int(memory[passed, lane])
        results.error[point] = error
        is_good = (memory[passed, lane] < n_most) & (error < HOPELESS)
        results.status[point] = 0 if is_good else _NOT_CONVERGED
    for k in range(len(writing.fixed_output)):
        for lane in range(n):
            results.outputs[lane_point[lane], writing.fixed_output[k]] = writing.fixed_value[k]
    for k in range(len(writing.output)):
        register, output = writing.register[k], writing.output[k]
        for lane in range(n):
            results.outputs[lane_point[lane], output] = memory[register, lane]

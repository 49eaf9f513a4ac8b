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

__all__ = [
    "Loading",
    "Results",
    "Stepping",
    "Writing",
    "combine",
    "load",
    "load_weights",
    "pad",
    "solve_points",
    "warm_up",
]

STEP_TOLERANCE = 1e-7  # quadratic convergence: the error left after such a step is its square
REFINED_ERROR = 1e-10  # estimated |d ln c| above which a point is solved again in other coordinates
SKEW = 8  # lanes added to rows, lest rows a power of two apart compete for the same lines of the cache
_REFILL = 0.3  # share of lanes done before they are refilled
HOPELESS = 1e300  # no step is as long; NaN is not below it either
_EPSILON = 2.220446049250313e-16
_NOT_CONVERGED = 1


class Loading(NamedTuple):
    """How points get into lanes.

    Attributes
    ----------
    pointer, source, share : ndarray
        Totals of balances, then of roots, as sparse combinations of sources: input ``n_unknowns + 1 + k`` is the sum
        of ``share[e] * sources[source[e]]`` over ``pointer[k] <= e < pointer[k + 1]``.
    host : ndarray of int
        Sources copied to the inputs after these: totals of hosts.
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
    n_start_registers: int
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
) -> int:
    """Solve the points listed, write their rows of the results, and return how many are not solved to `REFINED_ERROR`.

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
    n_lanes = min(n_lanes, pad(len(points)))
    memory = np.ones((stepping.n_registers, n_lanes + SKEW))
    aside = np.ones((max(writing.n_registers, stepping.n_start_registers), n_lanes + SKEW))
    lane_point, aside_point = np.zeros(n_lanes, np.int64), np.zeros(n_lanes, np.int64)
    slot = np.arange(n_lanes)  # lanes that are free to take a point
    is_done = np.zeros(n_lanes, np.bool_)
    passed = len(loading.forth)
    n_carried = passed + len(loading.pointer) + len(loading.host)
    load_weights(loading, memory, points, ln_weight)
    load_weights(loading, aside, points, ln_weight)
    if len(ln_weight) > 1:
        n_carried += len(loading.weight)
    n_active, n_taken, n_unsure, n_free = 0, 0, 0, n_lanes
    while True:
        n_new = min(n_free, len(points) - n_taken)
        if n_new > 0:
            new = points[n_taken : n_taken + n_new]
            n_taken += n_new
            load(loading, aside, new, sources)
            if len(ln_weight) > 1:
                load_weights(loading, aside, new, ln_weight)
            play(stepping.start_code, stepping.start_factor, aside, 0, len(stepping.start_code), pad(n_new))
            if len(start) > 0:
                warm_up(loading, aside, new, start, False)
            for k in range(n_carried):
                for number in range(n_new):
                    memory[k, slot[number]] = aside[k, number]
            for number in range(n_new):
                lane_point[slot[number]] = new[number]
                is_done[slot[number]] = False
            n_active = max(n_active, slot[n_new - 1] + 1)
        # The queue is empty: the last lanes that still work move into the slots that are left.
        for number in range(n_new, n_free):
            while n_active > 0 and is_done[n_active - 1]:
                n_active -= 1
            if slot[number] < n_active:
                n_active -= 1
                for k in range(n_carried):
                    memory[k, slot[number]] = memory[k, n_active]
                lane_point[slot[number]] = lane_point[n_active]
                is_done[slot[number]] = False
        if n_active == 0:
            return n_unsure
        n_free = 0
        while n_free < _REFILL * n_active:
            play(stepping.code, stepping.factor, memory, 0, len(stepping.code), pad(n_active))
            for lane in range(n_active):
                memory[passed, lane] += 1.0
                distance = memory[stepping.distance, lane]
                is_over = (distance < STEP_TOLERANCE) | ~(distance < HOPELESS)
                is_over |= memory[passed, lane] >= stepping.n_most
                # Set aside at once: a lane that went on while others are not done would depend on its neighbours.
                if is_over and not is_done[lane]:
                    is_done[lane] = True
                    aside_point[n_free] = lane_point[lane]
                    slot[n_free] = lane
                    for k in range(n_carried):
                        aside[k, n_free] = memory[k, lane]
                    n_free += 1
        play(writing.code, writing.factor, aside, 0, len(writing.code), pad(n_free))
        n_unsure += _write(writing, aside, aside_point[:n_free], passed, stepping.n_most, results)


@njit(**LANE)
def pad(n: int) -> int:
    """Return the number of lanes to play for `n` points: full vectors only, so that every lane rounds alike."""
    return (n + 31) // 32 * 32


@njit(**LANE)
def load(
    loading: Loading, memory: NDArray[np.float64], points: NDArray[np.int64], sources: NDArray[np.float64]
) -> None:
    """Put totals of points into the first lanes, and zero passes."""
    k = len(loading.forth)
    for lane in range(len(points)):
        memory[k, lane] = 0.0
    for number in range(len(loading.pointer) - 1):
        k += 1
        first, last = loading.pointer[number], loading.pointer[number + 1]
        if last == first + 1:
            share, source = loading.share[first], loading.source[first]
            for lane in range(len(points)):
                memory[k, lane] = share * sources[points[lane], source]
        else:
            for lane in range(len(points)):
                memory[k, lane] = combine(loading.share[first:last], loading.source[first:last], sources[points[lane]])
    for host in loading.host:
        k += 1
        for lane in range(len(points)):
            memory[k, lane] = sources[points[lane], host]


@njit(**LANE)
def load_weights(
    loading: Loading, memory: NDArray[np.float64], points: NDArray[np.int64], ln_weight: NDArray[np.float64]
) -> None:
    """Put weights into lanes: those of the points, or into all lanes those that all points share."""
    k = len(loading.forth) + len(loading.pointer) + len(loading.host)
    for weight in loading.weight:
        if len(ln_weight) == 1:
            memory[k] = ln_weight[0, weight]
        else:
            for lane in range(min(len(points), memory.shape[1])):
                memory[k, lane] = ln_weight[points[lane], weight]
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
    points: NDArray[np.int64],
    start: NDArray[np.float64],
    is_sure: bool,
) -> None:
    """Put unknowns from earlier outputs into the first lanes; those that are not finite only if `is_sure`."""
    for r in range(len(loading.forth)):
        for lane in range(len(points)):
            z = 0.0
            for column in range(len(loading.column_output)):
                if loading.forth[r, column] != 0.0:
                    z += loading.forth[r, column] * start[points[lane], loading.column_output[column]]
            if is_sure or math.isfinite(z):
                memory[r, lane] = z


@njit(**LANE)
def _write(
    writing: Writing,
    memory: NDArray[np.float64],
    points: NDArray[np.int64],
    passed: int,
    n_most: int,
    results: Results,
) -> int:
    """Write the results of finished lanes and return how many are not solved to `REFINED_ERROR`."""
    n_unsure = 0
    for lane in range(len(points)):
        point, error = points[lane], memory[writing.error, lane]
        results.n_passes[point] += int(memory[passed, lane])
        is_good = (memory[passed, lane] < n_most) & (error < HOPELESS)
        results.error[point] = error if is_good else math.inf
        n_unsure += not (is_good and error <= REFINED_ERROR)
        results.status[point] = 0 if is_good else _NOT_CONVERGED
    for k in range(len(writing.fixed_output)):
        for lane in range(len(points)):
            results.outputs[points[lane], writing.fixed_output[k]] = writing.fixed_value[k]
    for k in range(len(writing.output)):
        register, output = writing.register[k], writing.output[k]
        for lane in range(len(points)):
            results.outputs[points[lane], output] = memory[register, lane]
    return n_unsure

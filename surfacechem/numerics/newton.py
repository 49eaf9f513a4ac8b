"""The loop that drives the programs over a batch.

Points are worked on in chunks, one point a lane. A lane whose point is done is refilled from the queue as soon as
enough of them are, so that the vector loops stay busy until the queue is empty.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import LANE
from surfacechem.numerics.loading import Loading, load, load_weights, warm_up
from surfacechem.numerics.player import Compiled, Interpreted, advance

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["REFINED_ERROR", "SKEW", "Results", "Stepping", "Work", "Writing", "pad", "solve_points"]

STEP_TOLERANCE = 1e-7  # quadratic convergence: the error left after such a step is its square
REFINED_ERROR = 1e-10  # estimated |d ln c| above which a point is solved again in other coordinates
SKEW = 8  # lanes added to rows, lest rows a power of two apart compete for the same lines of the cache
_REFILL = 0.3  # share of lanes done before they are refilled
_HOPELESS = 1e300  # no step is as long; NaN is not below it either
_NOT_CONVERGED = 1


class Stepping(NamedTuple):
    """Programs of starting values and of one step; `distance` is the register of the distance moved."""

    start: Interpreted | Compiled
    step: Interpreted | Compiled
    n_registers: int
    distance: int
    n_most: int
    n_lanes: int


class Writing(NamedTuple):
    """The program of results, where its registers go, and the outputs that do not depend on the point."""

    final: Interpreted | Compiled
    n_registers: int
    register: NDArray[np.int64]
    output: NDArray[np.int64]
    error: int
    fixed_output: NDArray[np.int64]
    fixed_value: NDArray[np.float64]


class Work(NamedTuple):
    """What to solve.

    Attributes
    ----------
    points : ndarray of int
        Which rows of all the other arrays to work on.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    ln_weight : ndarray, shape (1 or n_points, n_weights)
        Weights, one row for all points or one for each.
    start : ndarray, shape (0 or n_points, n_outputs)
        Earlier results; entries that are not finite are not used.
    """

    points: NDArray[np.int64]
    sources: NDArray[np.float64]
    ln_weight: NDArray[np.float64]
    start: NDArray[np.float64]


class Results(NamedTuple):
    """Arrays that receive what became of each point."""

    outputs: NDArray[np.float64]
    status: NDArray[np.int8]
    error: NDArray[np.float64]
    n_passes: NDArray[np.int32]


class _Lanes(NamedTuple):
    """The chunk: registers of lanes at work, inputs set aside, and which point and slot each belongs to."""

    memory: NDArray[np.float64]
    aside: NDArray[np.float64]
    point: NDArray[np.int64]
    aside_point: NDArray[np.int64]
    slot: NDArray[np.int64]
    is_done: NDArray[np.bool_]
    is_over: NDArray[np.bool_]


@njit(**LANE)
def solve_points(loading: Loading, stepping: Stepping, writing: Writing, work: Work, results: Results) -> int:
    """Solve points, write their rows of the results, and return how many are not solved to `REFINED_ERROR`."""
    n_lanes = min(stepping.n_lanes, pad(len(work.points)))  # all of them where programs are compiled
    lanes = _Lanes(
        np.ones((stepping.n_registers, n_lanes + SKEW)),
        np.ones((max(stepping.n_registers, writing.n_registers), n_lanes + SKEW)),
        np.zeros(n_lanes, np.int64),
        np.zeros(n_lanes, np.int64),
        np.arange(n_lanes),
        np.zeros(n_lanes, np.bool_),
        np.zeros(n_lanes, np.bool_),
    )
    passed = len(loading.forth)
    n_carried = passed + len(loading.pointer) + len(loading.host)
    load_weights(loading, lanes.memory, work.points, work.ln_weight)
    load_weights(loading, lanes.aside, work.points, work.ln_weight)
    if len(work.ln_weight) > 1:
        n_carried += len(loading.weight)
    n_active, n_taken, n_unsure, n_free = 0, 0, 0, n_lanes
    while True:
        new = work.points[n_taken : n_taken + n_free]
        n_taken += len(new)
        if len(new) > 0:
            load(loading, lanes.aside, new, work.sources)
            if len(work.ln_weight) > 1:
                load_weights(loading, lanes.aside, new, work.ln_weight)
            # Called from here only: each function that plays costs a second of compilation.
            advance(stepping.start, lanes.aside, pad(len(new)))
            if len(work.start) > 0:
                warm_up(loading, lanes.aside, new, work.start)
            n_active = max(n_active, _refill(lanes, new, n_carried))
        n_active = _close_gaps(lanes, n_active, len(new), n_free, n_carried)
        if n_active == 0:
            return n_unsure
        n_free = 0
        while n_free < _REFILL * n_active:
            advance(stepping.step, lanes.memory, pad(n_active))
            n_free = _set_aside(stepping, lanes, n_active, n_free, passed, n_carried)
        advance(writing.final, lanes.aside, pad(n_free))
        n_unsure += _write(writing, lanes, n_free, passed, stepping.n_most, results)


@njit(**LANE)
def pad(n: int) -> int:
    """Return the number of lanes to play for `n` points: full vectors only, so that every lane rounds alike."""
    return (n + 31) // 32 * 32


@njit(**LANE)
def _refill(lanes: _Lanes, new: NDArray[np.int64], n_carried: int) -> int:
    """Move new points from aside into free slots; return the end of the lanes in use."""
    for k in range(n_carried):
        for number in range(len(new)):
            lanes.memory[k, lanes.slot[number]] = lanes.aside[k, number]
    end = 0
    for number in range(len(new)):
        slot = lanes.slot[number]
        lanes.point[slot] = new[number]
        lanes.is_done[slot] = False
        end = max(end, slot + 1)
    return end


@njit(**LANE)
def _close_gaps(lanes: _Lanes, n_active: int, n_new: int, n_free: int, n_carried: int) -> int:
    """Move the last lanes at work into slots that no new point took; return how many lanes are left."""
    for number in range(n_new, n_free):
        while n_active > 0 and lanes.is_done[n_active - 1]:
            n_active -= 1
        slot = lanes.slot[number]
        if slot < n_active:
            n_active -= 1
            for k in range(n_carried):
                lanes.memory[k, slot] = lanes.memory[k, n_active]
            lanes.point[slot] = lanes.point[n_active]
            lanes.is_done[slot] = False
    return n_active


@njit(**LANE)
def _set_aside(  # noqa: PLR0917 - numba has no keyword-only arguments
    stepping: Stepping, lanes: _Lanes, n_active: int, n_free: int, passed: int, n_carried: int
) -> int:
    """Count a pass and set points aside that are done with it; return how many are set aside.

    At once: a lane that went on until others are done would depend on its neighbours.
    """
    count, distance, is_done, is_over = (
        lanes.memory[passed],
        lanes.memory[stepping.distance],
        lanes.is_done,
        lanes.is_over,
    )
    n_most = float(stepping.n_most)
    for lane in range(n_active):
        count[lane] += 1.0
        is_stuck = ~(distance[lane] < _HOPELESS) | (count[lane] >= n_most)
        is_over[lane] = ((distance[lane] < STEP_TOLERANCE) | is_stuck) & ~is_done[lane]
    for lane in range(n_active):
        if is_over[lane]:
            is_done[lane] = True
            lanes.aside_point[n_free] = lanes.point[lane]
            lanes.slot[n_free] = lane
            for k in range(n_carried):
                lanes.aside[k, n_free] = lanes.memory[k, lane]
            n_free += 1
    return n_free


@njit(**LANE)
def _write(  # noqa: PLR0917 - numba has no keyword-only arguments
    writing: Writing, lanes: _Lanes, n: int, passed: int, n_most: int, results: Results
) -> int:
    """Write the results of lanes set aside and return how many are not solved to `REFINED_ERROR`."""
    n_unsure = 0
    for lane in range(n):
        point, error, count = lanes.aside_point[lane], lanes.aside[writing.error, lane], lanes.aside[passed, lane]
        is_good = (count < n_most) & (error < _HOPELESS)
        results.n_passes[point] += np.int32(count)
        results.error[point] = error if is_good else math.inf
        results.status[point] = 0 if is_good else _NOT_CONVERGED
        n_unsure += not (is_good and error <= REFINED_ERROR)
        outputs = results.outputs[point]
        for k in range(len(writing.fixed_output)):
            outputs[writing.fixed_output[k]] = writing.fixed_value[k]
        for k in range(len(writing.output)):
            outputs[writing.output[k]] = lanes.aside[writing.register[k], lane]
    return n_unsure

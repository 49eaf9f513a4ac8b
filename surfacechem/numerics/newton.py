"""The loop that drives the programs over a batch.

Points are worked on in chunks, one point a lane. A lane whose point is done is refilled from the queue as soon as
enough of them are, so that the vector loops stay busy until the queue is empty.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import INNER, LANE
from surfacechem.numerics.loading import Loading, load, load_weights, warm_up
from surfacechem.numerics.player import Player, advance
from surfacechem.numerics.sensitivity import play_part, write_slopes
from surfacechem.numerics.work import SKEW, Results, Work, Writing, pad

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["REFINED_ERROR", "Stepping", "run", "solve_points"]

STEP_TOLERANCE = 1e-7  # quadratic convergence: the error left after such a step is its square
REFINED_ERROR = 1e-11  # estimated |d ln c| above which a point is solved again in other coordinates
_REFILL = 0.3  # share of lanes done before they are refilled
_HOPELESS = 1e300  # no step is as long; NaN is not below it either
_NOT_CONVERGED = 1


class Stepping(NamedTuple):
    """Programs of starting values and of one step; `distance` is the register of the distance moved."""

    start: Player
    step: Player
    n_registers: int
    distance: int
    n_most: int
    n_lanes: int


class _Lanes(NamedTuple):
    """The chunk: registers of lanes at work, inputs set aside, and which point and slot each belongs to.

    Indices are unsigned: those that may be negative would be checked at every use.
    """

    memory: NDArray[np.float64]
    aside: NDArray[np.float64]
    point: NDArray[np.uintp]
    aside_point: NDArray[np.uintp]
    slot: NDArray[np.uintp]
    is_done: NDArray[np.bool_]
    is_over: NDArray[np.bool_]


def solve_points(loading: Loading, stepping: Stepping, writing: Writing, work: Work, results: Results) -> int:
    """Solve points, write their rows of the results, and return how many are not solved to `REFINED_ERROR`."""
    # Numba takes plain tuples apart three times as fast as named ones, and a fit calls this for every step.
    steps = (tuple(stepping.start), tuple(stepping.step), *stepping[2:])
    n_unsure: int = run(tuple(loading), steps, (tuple(writing.player), *writing[1:]), tuple(work), tuple(results))
    return n_unsure


@njit(**LANE)
def run(
    plain_loading: tuple[Any, ...],
    plain_stepping: tuple[Any, ...],
    plain_writing: tuple[Any, ...],
    plain_work: tuple[Any, ...],
    plain_results: tuple[Any, ...],
) -> int:
    """Do what `solve_points` is asked to; named tuples as plain ones, those nested in them too."""
    loading, work, results = Loading(*plain_loading), Work(*plain_work), Results(*plain_results)
    stepping = Stepping(Player(*plain_stepping[0]), Player(*plain_stepping[1]), *plain_stepping[2:])
    writing = Writing(Player(*plain_writing[0]), *plain_writing[1:])
    points = work.points.view(np.uintp)
    n_lanes = min(stepping.n_lanes, pad(len(points)))  # all of them where programs are compiled
    lanes = _Lanes(
        np.ones((stepping.n_registers, n_lanes + SKEW)),
        np.ones((max(stepping.n_registers, writing.n_registers), n_lanes + SKEW)),
        np.zeros(n_lanes, np.uintp),
        np.zeros(n_lanes, np.uintp),
        np.arange(n_lanes + 1).view(np.uintp),
        np.zeros(n_lanes, np.bool_),
        np.zeros(n_lanes, np.bool_),
    )
    passed = len(loading.warm_pointer) - 1
    n_carried = passed + len(loading.pointer) + len(loading.host)
    load_weights(loading, lanes.memory, points, work.ln_weight)
    load_weights(loading, lanes.aside, points, work.ln_weight)
    if len(work.ln_weight) > 1:
        n_carried += len(loading.weight)
    n_active, n_taken, n_unsure, n_free = 0, 0, 0, n_lanes
    while True:
        new = points[n_taken : n_taken + n_free]
        n_taken += len(new)
        if len(new) > 0:
            load(loading, lanes.aside, new, work.sources)
            if len(work.ln_weight) > 1:
                load_weights(loading, lanes.aside, new, work.ln_weight)
            advance(stepping.start, lanes.aside, pad(len(new)))
            if len(work.start) > 0:
                warm_up(loading, lanes.aside, new, work.start)
            n_active = max(n_active, _refill(lanes, new, n_carried))
        n_active = _close_gaps(lanes, n_active, len(new), n_free, n_carried)
        if n_active == 0:
            return n_unsure
        n_free = int(np.intp(0))  # numba would compile what it is handed to once more for a literal
        while n_free < _REFILL * n_active:
            advance(stepping.step, lanes.memory, pad(n_active))
            n_free = _set_aside(stepping, lanes, n_active, n_free, passed, n_carried)
        for part in range(len(writing.stops) - 1):
            play_part(writing, part, lanes.aside, pad(n_free))
            if part == 0:
                n_unsure += _write(writing, lanes, n_free, passed, stepping.n_most, results)
            else:
                write_slopes(writing, part - 1, lanes.aside, lanes.aside_point[:n_free], results.slopes)


@njit(**INNER)
def _refill(lanes: _Lanes, new: NDArray[np.uintp], n_carried: int) -> int:
    """Move new points from aside into free slots; return the end of the lanes in use."""
    slot = lanes.slot
    for k in range(n_carried):
        row, aside = lanes.memory[k], lanes.aside[k]
        for number in range(len(new)):
            row[slot[number]] = aside[number]
    end = 0
    for number in range(len(new)):
        lanes.point[slot[number]] = new[number]
        lanes.is_done[slot[number]] = False
        end = max(end, int(np.intp(slot[number])) + 1)
    return end


@njit(**INNER)
def _close_gaps(lanes: _Lanes, n_active: int, n_new: int, n_free: int, n_carried: int) -> int:
    """Move the last lanes at work into slots that no new point took; return how many lanes are left."""
    for number in range(n_new, n_free):
        while n_active > 0 and lanes.is_done[n_active - 1]:
            n_active -= 1
        slot = int(np.intp(lanes.slot[number]))
        if slot < n_active:
            n_active -= 1
            for k in range(n_carried):
                lanes.memory[k, slot] = lanes.memory[k, n_active]
            lanes.point[slot] = lanes.point[n_active]
            lanes.is_done[slot] = False
    return n_active


@njit(**INNER)
def _set_aside(  # noqa: PLR0917 - numba has no keyword-only arguments
    stepping: Stepping, lanes: _Lanes, n_active: int, n_free: int, passed: int, n_carried: int
) -> int:
    """Count a pass and set points aside that are done with it; return how many are set aside.

    At once: a lane that went on until others are done would depend on its neighbours.
    """
    count, distance = lanes.memory[passed], lanes.memory[stepping.distance]
    is_done, is_over, slot = lanes.is_done, lanes.is_over, lanes.slot
    n_most = float(stepping.n_most)
    for lane in range(n_active):
        count[lane] += 1.0
        is_stuck = ~(distance[lane] < _HOPELESS) | (count[lane] >= n_most)
        is_over[lane] = ((distance[lane] < STEP_TOLERANCE) | is_stuck) & ~is_done[lane]
    # Every lane is written down and only some are counted: a branch would be guessed wrong at every third.
    place = np.uintp(n_free)
    for lane in range(n_active):
        slot[place] = lane
        place += np.uintp(is_over[lane])
    end = int(np.intp(place))  # numba keeps the sign of what int() takes
    for number in range(n_free, end):
        is_done[slot[number]] = True
        lanes.aside_point[number] = lanes.point[slot[number]]
    for k in range(n_carried):
        row, aside = lanes.memory[k], lanes.aside[k]
        for number in range(n_free, end):
            aside[number] = row[slot[number]]
    return end


@njit(**INNER)
def _write(  # noqa: PLR0917 - numba has no keyword-only arguments
    writing: Writing, lanes: _Lanes, n: int, passed: int, n_most: int, results: Results
) -> int:
    """Write the results of lanes set aside and return how many are not solved to `REFINED_ERROR`."""
    n_unsure = 0
    points, errors, counts = lanes.aside_point, lanes.aside[writing.error], lanes.aside[passed]
    for lane in range(n):
        error, count = errors[lane], counts[lane]
        is_good = (count < n_most) & (error < _HOPELESS)
        results.n_passes[points[lane]] += np.int32(count)
        results.error[points[lane]] = error if is_good else math.inf
        results.status[points[lane]] = 0 if is_good else _NOT_CONVERGED
        n_unsure += not (is_good and error <= REFINED_ERROR)
    for k in range(len(writing.fixed_output)):
        output, value = writing.fixed_output[k], writing.fixed_value[k]
        for lane in range(n):
            results.outputs[points[lane], output] = value
    for k in range(len(writing.output)):
        output, row = writing.output[k], lanes.aside[writing.register[k]]
        for lane in range(n):
            results.outputs[points[lane], output] = row[lane]
    return n_unsure

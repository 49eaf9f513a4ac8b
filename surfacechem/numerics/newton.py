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

__all__ = ["Loading", "Results", "Stepping", "Writing", "solve_points"]

STEP_TOLERANCE = 1e-7  # quadratic convergence: the error left after such a step is its square
_REFILL = 0.3  # share of lanes done before they are refilled
_HOPELESS = 1e300  # no step is as long; NaN is not below it either
_SMALLEST_GUESS = 1e-7  # mol/L, where a total may have either sign
_EPSILON = 2.220446049250313e-16
_NOT_CONVERGED = 1
_NOT_A_NUMBER = 3


class Loading(NamedTuple):
    """How a point gets into a lane; see `Form` for the arrays. `guess` is 0: at 1 mol/L, 1: total, 2: total or 1e-7."""

    source_map: NDArray[np.float64]
    root_map: NDArray[np.float64]
    host: NDArray[np.int64]
    weight: NDArray[np.int64]
    forth: NDArray[np.float64]
    column_output: NDArray[np.int64]
    guess: NDArray[np.int64]


class Stepping(NamedTuple):
    """A program of one step, and the passes it may take."""

    code: NDArray[np.int32]
    factor: NDArray[np.float64]
    n_registers: int
    distance: int
    n_most: int


class Writing(NamedTuple):
    """The final program, and where its registers go."""

    code: NDArray[np.int32]
    factor: NDArray[np.float64]
    n_registers: int
    register: NDArray[np.int64]
    output: NDArray[np.int64]
    error: int
    template: NDArray[np.float64]


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
    carried = np.zeros((2, n_lanes), np.int64)
    n_inputs, passed = _count_inputs(loading)
    n_active, n_taken = 0, 0
    while True:
        while n_active < n_lanes and n_taken < len(points):
            point = points[n_taken]
            n_taken += 1
            if load(loading, memory, n_active, sources[point], ln_weight[min(point, len(ln_weight) - 1)]):
                _guess(loading, memory, n_active, start[min(point, len(start) - 1)])
                memory[passed, n_active] = 0.0
                carried[0, n_active] = point
                n_active += 1
            else:
                results.status[point] = _NOT_A_NUMBER
        if n_active == 0:
            return
        play(stepping.code, stepping.factor, memory, 0, len(stepping.code), n_active)
        n_done = 0
        for lane in range(n_active):
            memory[passed, lane] += 1.0
            distance = memory[stepping.distance, lane]
            is_done = distance < STEP_TOLERANCE or not distance < _HOPELESS
            is_done |= memory[passed, lane] >= stepping.n_most
            carried[1, lane] = is_done
            n_done += is_done
        if n_done >= _REFILL * n_active:
            n_finished, n_kept = 0, 0
            for lane in range(n_active):
                if carried[1, lane]:
                    for k in range(n_inputs):
                        finished[k, n_finished] = memory[k, lane]
                    carried[1, n_finished] = carried[0, lane]
                    n_finished += 1
                else:
                    for k in range(n_inputs):
                        memory[k, n_kept] = memory[k, lane]
                    carried[0, n_kept] = carried[0, lane]
                    n_kept += 1
            n_active = n_kept
            play(writing.code, writing.factor, finished, 0, len(writing.code), n_finished)
            for lane in range(n_finished):
                _write(writing, finished, lane, carried[1, lane], finished[passed, lane], stepping.n_most, results)


@njit(**LANE)
def _count_inputs(loading: Loading) -> tuple[int, int]:
    """Return the number of input registers, and which of them counts passes."""
    passed = 2 * loading.source_map.shape[1] + loading.root_map.shape[1] + len(loading.host) + len(loading.weight)
    return passed + 1, passed


@njit(**LANE)
def load(
    loading: Loading,
    memory: NDArray[np.float64],
    lane: int,
    sources: NDArray[np.float64],
    ln_weight: NDArray[np.float64],
) -> bool:
    """Put totals and weights of a point into a lane; return whether all are finite."""
    m = loading.source_map.shape[1]
    is_finite = True
    for r in range(m):
        total = _combine(loading.source_map[:, r], sources)
        memory[m + r, lane] = total
        is_finite &= math.isfinite(total)
    k = 2 * m
    for root in range(loading.root_map.shape[1]):
        memory[k, lane] = _combine(loading.root_map[:, root], sources)
        k += 1
    for host in loading.host:
        memory[k, lane] = sources[host]
        k += 1
    for weight in loading.weight:
        memory[k, lane] = ln_weight[weight]
        is_finite &= math.isfinite(ln_weight[weight])
        k += 1
    return is_finite


@njit(**EXACT)
def _combine(shares: NDArray[np.float64], sources: NDArray[np.float64]) -> float:
    """Return ``shares @ sources`` as if computed in twice the precision; 0 where it vanishes within rounding.

    Tight complexes at equivalence live on the difference of totals, so that its rounding would be their error.
    """
    total, lost, size = 0.0, 0.0, 0.0
    for k in range(len(sources)):
        product = shares[k] * sources[k]
        lost += fma(shares[k], sources[k], -product)
        grown = total + product
        part = grown - total
        lost += (total - (grown - part)) + (product - part)
        total = grown
        size += abs(product)
    total += lost
    return 0.0 if abs(total) <= _EPSILON * size else total


@njit(**LANE)
def _guess(loading: Loading, memory: NDArray[np.float64], lane: int, start: NDArray[np.float64]) -> None:
    """Put starting values into a lane: an earlier result, else the total, else 1 mol/L."""
    m = loading.source_map.shape[1]
    for r in range(m):
        guess = math.nan
        if len(start) > 0:
            guess = 0.0
            for column in range(len(loading.column_output)):
                if loading.forth[r, column] != 0.0:
                    guess += loading.forth[r, column] * start[loading.column_output[column]]
        if not math.isfinite(guess):
            guess = 0.0
            if loading.guess[r] > 0:
                total = memory[m + r, lane]
                guess = math.log(max(total, _SMALLEST_GUESS) if loading.guess[r] > 1 else total)
        memory[r, lane] = guess


@njit(**LANE)
def _write(
    writing: Writing,
    memory: NDArray[np.float64],
    lane: int,
    point: int,
    n_passes: float,
    n_most: int,
    results: Results,
) -> None:
    """Write one point's results."""
    error = memory[writing.error, lane]
    results.n_passes[point] += int(n_passes)
    results.error[point] = error
    results.status[point] = _NOT_CONVERGED if n_passes >= n_most or not error < _HOPELESS else 0
    outputs = results.outputs[point]
    for k in range(len(outputs)):
        outputs[k] = writing.template[k]
    for k in range(len(writing.output)):
        outputs[writing.output[k]] = memory[writing.register[k], lane]

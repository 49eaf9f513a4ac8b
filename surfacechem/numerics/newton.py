"""Newton's method on a batch: fast steps on logarithms, or damped convex steps where these fail.

Both work in chunks of lanes. A lane whose point is done is refilled from the queue as soon as enough of them are,
so that the vector loops stay busy until the queue is empty.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from surfacechem.numerics.arithmetic import EXACT, LANE, fma, ln
from surfacechem.numerics.evaluate import evaluate
from surfacechem.numerics.factor import factorise, substitute
from surfacechem.numerics.lanes import allocate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form
    from surfacechem.numerics.lanes import Lanes

__all__ = ["load", "solve_points"]

STEP_TOLERANCE = 1e-7  # quadratic convergence: the error left after such a step is its square
MOST_FAST_PASSES = 60
MOST_DAMPED_PASSES = 600
LONGEST_STEP = 20.0  # in ln activity
_REFILL = 0.3  # share of lanes done before they are refilled
_ROUNDING = 4.0 * 2.220446049250313e-16
_SMALLEST_GUESS = 1e-7  # mol/L, where a total may have either sign
_HOPELESS = 1e300  # no step is as long; NaN is not below it either
_NOT_CONVERGED = 1
_NOT_A_NUMBER = 3


@njit(**LANE)
def solve_points(
    form: Form,
    template: NDArray[np.float64],
    points: NDArray[np.int64],
    sources: NDArray[np.float64],
    ln_weight: NDArray[np.float64],
    start: NDArray[np.float64],
    is_damped: bool,
    n_lanes: int,
    out: NDArray[np.float64],
    status: NDArray[np.int8],
    error: NDArray[np.float64],
    n_passes: NDArray[np.int32],
) -> None:
    """Solve the points listed and write their rows of the results.

    Parameters
    ----------
    form : Form
        The network.
    template : ndarray, shape (n_outputs,)
        Results that do not depend on the point.
    points : ndarray of int
        Which rows of all the other arrays to work on.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    ln_weight : ndarray, shape (1 or n_points, n_weights)
        Weights, one row for all points or one for each.
    start : ndarray, shape (0 or n_points, n_outputs)
        Earlier results; entries that are not finite are not used.
    is_damped : bool
        Whether to take damped convex steps, slower and sure, in place of steps on logarithms.
    n_lanes : int
        Length of a chunk.
    out : ndarray, shape (n_points, n_outputs)
        Receives activities, ln concentrations and occupancies.
    status, error, n_passes : ndarray, shape (n_points,)
        Receive what became of each point, its estimated error, the passes it took.
    """
    n_lanes = max(1, min(n_lanes, len(points)))
    lanes = allocate(form, n_lanes)
    finished = allocate(form, n_lanes)
    if len(ln_weight) == 1:
        for row in range(len(form.weight)):
            lanes.weight[row, :] = ln_weight[0, form.weight[row]]
            finished.weight[row, :] = ln_weight[0, form.weight[row]]
    most = MOST_DAMPED_PASSES if is_damped else MOST_FAST_PASSES
    n_active, n_taken = 0, 0
    while n_active < n_lanes and n_taken < len(points):
        if load(form, lanes, n_active, points[n_taken], sources, ln_weight, start, status):
            n_active += 1
        n_taken += 1
    while n_active > 0:
        evaluate(form, lanes, n_active)
        if is_damped:
            _step_damped(form, lanes, n_active)
        else:
            _step_fast(form, lanes, n_active)
        n_done = 0
        for lane in range(n_active):
            lanes.n_passes[lane] += 1
            if lanes.n_passes[lane] >= most:
                lanes.is_done[lane] = True
            n_done += lanes.is_done[lane]
        if n_done >= _REFILL * n_active:
            _finish(form, template, lanes, finished, n_active, sources, most, out, status, error, n_passes)
            kept = 0
            for lane in range(n_active):
                if not lanes.is_done[lane]:
                    _move(lanes, lane, kept)
                    kept += 1
            n_active = kept
            while n_active < n_lanes and n_taken < len(points):
                if load(form, lanes, n_active, points[n_taken], sources, ln_weight, start, status):
                    n_active += 1
                n_taken += 1


@njit(**LANE)
def load(
    form: Form,
    lanes: Lanes,
    lane: int,
    point: int,
    sources: NDArray[np.float64],
    ln_weight: NDArray[np.float64],
    start: NDArray[np.float64],
    status: NDArray[np.int8],
) -> bool:
    """Put a point into a lane; return False, and mark the point, if its numbers are not finite."""
    n_sources, n_unknowns = form.source_map.shape
    is_finite = True
    if len(ln_weight) > 1:
        for row in range(len(form.weight)):
            weight = ln_weight[point, form.weight[row]]
            lanes.weight[row, lane] = weight
            is_finite &= math.isfinite(weight)
    for r in range(n_unknowns):
        total = _combine(form.source_map[:, r], sources[point])
        lanes.total[r, lane] = total
        is_finite &= math.isfinite(total)
        lanes.z[r, lane] = _guess(form, r, point, total, start)
    for node in range(len(form.node_parent)):
        if form.node_parent[node] < 0:
            total = 0.0
            for k in range(n_sources):
                total += form.node_map[k, node] * sources[point, k]
            lanes.root[node, lane] = total
            is_finite &= math.isfinite(total)
    lanes.point[lane] = point
    lanes.n_passes[lane] = 0
    lanes.is_done[lane] = False
    if not is_finite:
        status[point] = _NOT_A_NUMBER
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
    return 0.0 if abs(total) <= 2.220446049250313e-16 * size else total


@njit(**LANE)
def _guess(form: Form, r: int, point: int, total: float, start: NDArray[np.float64]) -> float:
    """Return the starting value of an unknown: an earlier result, else its total, else 1 mol/L."""
    if len(start) > 0:
        guess = 0.0
        for column in range(len(form.column_output)):
            if form.forth[r, column] != 0.0:
                guess += form.forth[r, column] * start[point, form.column_output[column]]
        if math.isfinite(guess):
            return guess
    if not form.has_species[r]:
        return 0.0
    if form.is_mixed[r]:
        total = max(total, _SMALLEST_GUESS)
    return math.log(total)


@njit(**LANE)
def _move(lanes: Lanes, source: int, target: int) -> None:
    """Copy what a lane carries from pass to pass."""
    lanes.point[target] = lanes.point[source]
    lanes.n_passes[target] = lanes.n_passes[source]
    lanes.is_done[target] = lanes.is_done[source]
    for row in range(len(lanes.weight)):
        lanes.weight[row, target] = lanes.weight[row, source]
    for r in range(len(lanes.z)):
        lanes.z[r, target] = lanes.z[r, source]
        lanes.total[r, target] = lanes.total[r, source]
    for node in range(len(lanes.root)):
        lanes.root[node, target] = lanes.root[node, source]


@njit(**LANE)
def _step_fast(form: Form, lanes: Lanes, n: int) -> None:
    """Take a Newton step on ``ln(left/right)`` with damping that vanishes near the solution."""
    m = len(form.reach)
    worst, damping = lanes.spare[0], lanes.spare[1]
    for lane in range(n):
        worst[lane] = 0.0
    for r in range(m):
        left, right, negative = lanes.left[r], lanes.right[r], lanes.negative[r]
        step, scale, diagonal = lanes.step[r], lanes.scale[r], lanes.hessian[r * (r + 1) // 2 + r]
        for lane in range(n):
            gap = ln(left[lane] / right[lane])
            slope = (diagonal[lane] - negative[lane]) / left[lane] + negative[lane] / right[lane]
            scale[lane] = diagonal[lane] / slope
            step[lane] = -scale[lane] * gap
            worst[lane] = max(worst[lane], abs(gap))
    for lane in range(n):
        k = 0.1 * lanes.n_passes[lane]
        damping[lane] = 0.05 * (1.0 + k * k) * max(min(worst[lane], 10.0) - 0.5, 0.0)
    for r in range(m):
        scale, diagonal = lanes.scale[r], lanes.hessian[r * (r + 1) // 2 + r]
        for lane in range(n):
            diagonal[lane] += damping[lane] * scale[lane]
    factorise(lanes.hessian, lanes.scale, m, n)
    substitute(lanes.hessian, lanes.step, m, n)
    longest, distance = lanes.spare[2], lanes.spare[3]
    for lane in range(n):
        longest[lane] = LONGEST_STEP
        distance[lane] = 0.0
    for r in range(m):
        step, reach = lanes.step[r], form.reach[r]
        for lane in range(n):
            longest[lane] = max(longest[lane], abs(step[lane]))
            distance[lane] += reach * abs(step[lane])
    for r in range(m):
        step, z = lanes.step[r], lanes.z[r]
        for lane in range(n):
            z[lane] += step[lane] * (LONGEST_STEP / longest[lane])
    for lane in range(n):
        is_small = (distance[lane] < STEP_TOLERANCE) & (damping[lane] == 0.0)
        lanes.is_done[lane] = is_small | ~(distance[lane] < _HOPELESS)


@njit(**LANE)
def _step_damped(form: Form, lanes: Lanes, n: int) -> None:
    """Take a Newton step on the convex function itself, shortened so that it surely falls."""
    m = len(form.reach)
    for r in range(m):
        left, right, step = lanes.left[r], lanes.right[r], lanes.step[r]
        for lane in range(n):
            step[lane] = right[lane] - left[lane]
    factorise(lanes.hessian, lanes.scale, m, n)
    substitute(lanes.hessian, lanes.step, m, n)
    distance, share = lanes.spare[0], lanes.spare[1]
    for lane in range(n):
        distance[lane] = 0.0
    for r in range(m):
        step, reach = lanes.step[r], form.reach[r]
        for lane in range(n):
            distance[lane] += reach * abs(step[lane])
    for lane in range(n):
        # ln(1 + d)/d is 1 - d/2 to the order that matters where the logarithm would cancel.
        small = 1.0 - 0.5 * distance[lane]
        share[lane] = small if distance[lane] < 1e-5 else ln(1.0 + distance[lane]) / distance[lane]
    for r in range(m):
        step, z = lanes.step[r], lanes.z[r]
        for lane in range(n):
            z[lane] += step[lane] * share[lane]
    for lane in range(n):
        lanes.is_done[lane] = (distance[lane] < STEP_TOLERANCE) | ~(distance[lane] < _HOPELESS)


@njit(**LANE)
def _finish(
    form: Form,
    template: NDArray[np.float64],
    lanes: Lanes,
    finished: Lanes,
    n_active: int,
    sources: NDArray[np.float64],
    most: int,
    out: NDArray[np.float64],
    status: NDArray[np.int8],
    error: NDArray[np.float64],
    n_passes: NDArray[np.int32],
) -> None:
    """Evaluate the lanes that are done once more, at their solution, and write them out."""
    n = 0
    for lane in range(n_active):
        if lanes.is_done[lane]:
            finished.point[n] = lanes.point[lane]
            finished.n_passes[n] = lanes.n_passes[lane]
            for row in range(len(lanes.weight)):
                finished.weight[row, n] = lanes.weight[row, lane]
            for r in range(len(lanes.z)):
                finished.z[r, n] = lanes.z[r, lane]
                finished.total[r, n] = lanes.total[r, lane]
            for node in range(len(lanes.root)):
                finished.root[node, n] = lanes.root[node, lane]
            n += 1
    evaluate(form, finished, n)
    estimate = finished.spare[0]
    _estimate_error(form, finished, n)
    for lane in range(n):
        point = finished.point[lane]
        n_passes[point] += finished.n_passes[lane]
        error[point] = estimate[lane]
        status[point] = _NOT_CONVERGED if finished.n_passes[lane] >= most or not estimate[lane] < _HOPELESS else 0
        out[point] = template
        _write(form, finished, lane, sources[point], out[point])


@njit(**LANE)
def _estimate_error(form: Form, lanes: Lanes, n: int) -> None:
    """Fill ``spare[0]`` with a bound on the change of ln concentrations by rounding in balances and exponents."""
    m = len(form.reach)
    estimate = lanes.spare[0]
    for lane in range(n):
        estimate[lane] = _ROUNDING
    factorise(lanes.hessian, lanes.scale, m, n)
    for r in range(m):
        for q in range(m):
            step = lanes.step[q]
            for lane in range(n):
                step[lane] = 0.0
        one = lanes.step[r]
        left = lanes.left[r]
        for lane in range(n):
            one[lane] = left[lane]
        substitute(lanes.hessian, lanes.step, m, n)
        for q in range(m):
            step, reach = lanes.step[q], form.reach[q]
            for lane in range(n):
                estimate[lane] += _ROUNDING * reach * abs(step[lane])


@njit(**LANE)
def _write(form: Form, lanes: Lanes, lane: int, sources: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Write one point's activities, ln concentrations and occupancies."""
    for column in range(len(form.column_output)):
        x, is_known = 0.0, False
        for r in range(len(form.reach)):
            if form.back[column, r] != 0.0:
                x += form.back[column, r] * lanes.z[r, lane]
                is_known = True
        if is_known:
            out[form.column_output[column]] = x
    for row in range(form.n_free):
        if form.host[row] < 0:
            out[form.output[row]] = lanes.ln_value[row, lane]
        else:
            out[form.output[row]] = lanes.value[row, lane] / sources[form.host[row]]
    for node in range(len(form.node_parent)):
        if form.node_parent[node] >= 0:
            ln_unit = 0.0
        else:
            ln_unit = math.log(lanes.root[node, lane]) - lanes.ln_sum[node, lane]
            if form.node_output[node] >= 0:
                out[form.node_output[node]] = ln_unit
        for row in range(form.node_pointer[node], form.node_pointer[node + 1]):
            if form.host[row] < 0:
                out[form.output[row]] = ln_unit + lanes.ln_value[row, lane]
            else:
                out[form.output[row]] = lanes.value[row, lane] / sources[form.host[row]]

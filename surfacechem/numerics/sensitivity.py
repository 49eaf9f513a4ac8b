"""Derivatives of solved points from the Hessian that solved them (implicit function theorem)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import LANE
from surfacechem.numerics.evaluate import evaluate
from surfacechem.numerics.factor import factorise, substitute
from surfacechem.numerics.lanes import allocate
from surfacechem.numerics.newton import load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form
    from surfacechem.numerics.lanes import Lanes

__all__ = ["differentiate_points"]


@njit(**LANE)
def differentiate_points(
    form: Form,
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
    form : Form
        The network.
    points : ndarray of int
        Solved points; rows of the other arrays.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    ln_weight : ndarray, shape (1 or n_points, n_weights)
        Weights the points were solved with.
    outputs : ndarray, shape (n_points, n_outputs)
        Their solution.
    by_weight, by_source : ndarray, shapes (n_weights, n_directions) and (n_sources, n_directions)
        Change of weights and sources along each direction.
    n_lanes : int
        Length of a chunk.
    slopes : ndarray, shape (n_points, n_weights, n_directions)
        Receives the change of ln concentrations of species and of counts of host terms.
    """
    m, n_nodes = len(form.reach), len(form.node_parent)
    n_lanes = max(1, min(n_lanes, len(points)))
    lanes = allocate(form, n_lanes)
    change = np.zeros((len(form.weight), n_lanes))
    lift = np.zeros((n_nodes, n_lanes))
    growth = np.zeros((n_nodes, n_lanes))
    status = np.zeros(len(sources), np.int8)
    if len(ln_weight) == 1:
        for row in range(len(form.weight)):
            lanes.weight[row, :] = ln_weight[0, form.weight[row]]
    for begin in range(0, len(points), n_lanes):
        n = min(n_lanes, len(points) - begin)
        for lane in range(n):
            load(form, lanes, lane, points[begin + lane], sources, ln_weight, outputs, status)
        evaluate(form, lanes, n)
        factorise(lanes.hessian, lanes.scale, m, n)
        for k in range(by_weight.shape[1]):
            for r in range(m):
                lanes.step[r, :n] = 0.0
            _propagate(form, lanes, by_weight[:, k], by_source[:, k], change, lift, growth, n)
            for r in range(m):
                _lack(form, lanes, r, by_source[:, k], change, n)
            substitute(lanes.hessian, lanes.step, m, n)
            _propagate(form, lanes, by_weight[:, k], by_source[:, k], change, lift, growth, n)
            for lane in range(n):
                _write(form, lanes, lane, by_source[:, k], change, sources, slopes[:, :, k])


@njit(**LANE)
def _propagate(
    form: Form,
    lanes: Lanes,
    by_weight: NDArray[np.float64],
    by_source: NDArray[np.float64],
    change: NDArray[np.float64],
    lift: NDArray[np.float64],
    growth: NDArray[np.float64],
    n: int,
) -> None:
    """Fill the change of ln value of every row for given changes of weights, sources and unknowns (`step`)."""
    for row in range(form.n_free):
        _sum_up(form, lanes, row, by_weight[form.weight[row]], change, lift, n)
    for node in range(len(form.node_parent)):
        up, amount = lift[node], lanes.amount[node]
        for lane in range(n):
            up[lane] = 0.0
        for row in range(form.node_pointer[node], form.node_pointer[node + 1]):
            _sum_up(form, lanes, row, by_weight[form.weight[row]], change, lift, n)
            part, value = change[row], lanes.value[row]
            for lane in range(n):
                up[lane] += value[lane] / max(amount[lane], 1e-300) * part[lane]
    for node in range(len(form.node_parent) - 1, -1, -1):
        up, more, parent = lift[node], growth[node], form.node_parent[node]
        if parent < 0:
            gain = 0.0
            for source in range(len(by_source)):
                gain += form.node_map[source, node] * by_source[source]
            root = lanes.root[node]
            for lane in range(n):
                more[lane] = gain / root[lane]
        else:
            for lane in range(n):
                more[lane] = change[parent, lane]
        for row in range(form.node_pointer[node], form.node_pointer[node + 1]):
            part = change[row]
            for lane in range(n):
                part[lane] += more[lane] - up[lane]


@njit(**LANE)
def _sum_up(
    form: Form,
    lanes: Lanes,
    row: int,
    own: float,
    change: NDArray[np.float64],
    lift: NDArray[np.float64],
    n: int,
) -> None:
    part = change[row]
    for lane in range(n):
        part[lane] = own
    for entry in range(form.pointer[row], form.pointer[row + 1]):
        power, step = form.power[entry], lanes.step[form.column[entry]]
        for lane in range(n):
            part[lane] += power * step[lane]
    for entry in range(form.child_pointer[row], form.child_pointer[row + 1]):
        count, inner = form.node_count[form.child[entry]], lift[form.child[entry]]
        for lane in range(n):
            part[lane] += count * inner[lane]


@njit(**LANE)
def _lack(
    form: Form, lanes: Lanes, r: int, by_source: NDArray[np.float64], change: NDArray[np.float64], n: int
) -> None:
    """Fill what a balance lacks after the change at fixed unknowns."""
    gain = 0.0
    for source in range(len(by_source)):
        gain += form.source_map[source, r] * by_source[source]
    lack = lanes.step[r]
    for lane in range(n):
        lack[lane] = gain
    for row in range(len(form.weight)):
        delta = form.delta[row, r]
        if delta != 0.0:
            value, part = lanes.value[row], change[row]
            for lane in range(n):
                lack[lane] -= delta * value[lane] * part[lane]


@njit(**LANE)
def _write(
    form: Form,
    lanes: Lanes,
    lane: int,
    by_source: NDArray[np.float64],
    change: NDArray[np.float64],
    sources: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> None:
    point = lanes.point[lane]
    for row in range(len(form.weight)):
        host = form.host[row]
        if host < 0:
            slopes[point, form.weight[row]] = change[row, lane]
        else:
            particles = sources[point, host]
            count = lanes.value[row, lane] / particles
            slopes[point, form.weight[row]] = count * (change[row, lane] - by_source[host] / particles)

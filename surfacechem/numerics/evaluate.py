"""One pass over a chunk: values of all rows, both sides of the balances, the Hessian.

Every inner loop runs over lanes and holds no branch, so that it becomes vector code; which rows and unknowns there are is
decided outside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from surfacechem.numerics.arithmetic import LANE, exp, ln

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form
    from surfacechem.numerics.lanes import Lanes

__all__ = ["evaluate"]


@njit(**LANE)
def evaluate(form: Form, lanes: Lanes, n: int) -> None:
    """Fill values, balances and Hessian of the first `n` lanes at their `z`."""
    n_unknowns = len(form.reach)
    for r in range(n_unknowns):
        total, left, right, negative = lanes.total[r], lanes.left[r], lanes.right[r], lanes.negative[r]
        for lane in range(n):
            left[lane] = max(-total[lane], 0.0)
            right[lane] = max(total[lane], 0.0)
            negative[lane] = 0.0
    for pair in range(len(lanes.hessian)):
        entry = lanes.hessian[pair]
        for lane in range(n):
            entry[lane] = 0.0
    for row in range(form.n_free):
        _sum_up(form, lanes, row, n)
        ln_value, value = lanes.ln_value[row], lanes.value[row]
        for lane in range(n):
            value[lane] = exp(ln_value[lane])
        _balance(form, lanes, row, n)
        _bend(form, lanes, row, n)
    n_nodes = len(form.node_parent)
    for node in range(n_nodes):
        _share(form, lanes, node, n)
        _average(form, lanes, node, n)
    for node in range(n_nodes - 1, -1, -1):
        _distribute(form, lanes, node, n)


@njit(**LANE)
def _sum_up(form: Form, lanes: Lanes, row: int, n: int) -> None:
    """Fill ln value of a row: its weight, its components, what is nested in it."""
    ln_value, weight = lanes.ln_value[row], lanes.weight[row]
    for lane in range(n):
        ln_value[lane] = weight[lane]
    for entry in range(form.pointer[row], form.pointer[row + 1]):
        power, z = form.power[entry], lanes.z[form.column[entry]]
        for lane in range(n):
            ln_value[lane] += power * z[lane]
    for entry in range(form.child_pointer[row], form.child_pointer[row + 1]):
        node = form.child[entry]
        count, ln_sum = form.node_count[node], lanes.ln_sum[node]
        for lane in range(n):
            ln_value[lane] += count * ln_sum[lane]


@njit(**LANE)
def _balance(form: Form, lanes: Lanes, row: int, n: int) -> None:
    """Add a row to the sides of the balances it enters."""
    value = lanes.value[row]
    for r in range(len(form.reach)):
        delta = form.delta[row, r]
        if delta > 0.0:
            _add(lanes.left[r], delta, value, n)
        elif delta < 0.0:
            _add(lanes.right[r], -delta, value, n)


@njit(**LANE)
def _add(side: NDArray[np.float64], factor: float, value: NDArray[np.float64], n: int) -> None:
    for lane in range(n):
        side[lane] += factor * value[lane]


@njit(**LANE)
def _bend(form: Form, lanes: Lanes, row: int, n: int) -> None:
    """Add ``nu nu^T c`` of a solution species to the Hessian."""
    value = lanes.value[row]
    first, last = form.pointer[row], form.pointer[row + 1]
    for i in range(first, last):
        r, power = form.column[i], form.power[i]
        for j in range(first, i + 1):
            _add(lanes.hessian[r * (r + 1) // 2 + form.column[j]], power * form.power[j], value, n)
        if power < 0.0:
            _add(lanes.negative[r], power * power, value, n)


@njit(**LANE)
def _share(form: Form, lanes: Lanes, node: int, n: int) -> None:
    """Fill the shares of a node's states and ln of their sum, scaled so that nothing overflows."""
    first, last = form.node_pointer[node], form.node_pointer[node + 1]
    top, total = lanes.spare[0], lanes.spare[1]
    for row in range(first, last):
        _sum_up(form, lanes, row, n)
        ln_value = lanes.ln_value[row]
        if row == first:
            for lane in range(n):
                top[lane] = ln_value[lane]
                total[lane] = 0.0
        else:
            for lane in range(n):
                top[lane] = max(top[lane], ln_value[lane])
    for row in range(first, last):
        ln_value, value = lanes.ln_value[row], lanes.value[row]
        for lane in range(n):
            part = exp(ln_value[lane] - top[lane])
            value[lane] = part
            total[lane] += part
    ln_sum = lanes.ln_sum[node]
    for lane in range(n):
        ln_sum[lane] = top[lane] + ln(total[lane])
        total[lane] = 1.0 / total[lane]
    for row in range(first, last):
        value = lanes.value[row]
        for lane in range(n):
            value[lane] *= total[lane]


@njit(**LANE)
def _average(form: Form, lanes: Lanes, node: int, n: int) -> None:
    """Fill what a node holds on average of each unknown."""
    n_unknowns = len(form.reach)
    for entry in range(form.support_pointer[node], form.support_pointer[node + 1]):
        r = form.support[entry]
        mean = lanes.mean[node * n_unknowns + r]
        for lane in range(n):
            mean[lane] = 0.0
        for row in range(form.node_pointer[node], form.node_pointer[node + 1]):
            value = lanes.value[row]
            if form.nu[row, r] != 0.0:
                _add(mean, form.nu[row, r], value, n)
            for k in range(form.child_pointer[row], form.child_pointer[row + 1]):
                inner = form.child[k]
                count, inner_mean = form.node_count[inner], lanes.mean[inner * n_unknowns + r]
                for lane in range(n):
                    mean[lane] += count * value[lane] * inner_mean[lane]


@njit(**LANE)
def _distribute(form: Form, lanes: Lanes, node: int, n: int) -> None:
    """Turn shares into concentrations, top down, and add the node's covariance to the Hessian.

    By the law of total covariance each node adds ``amount * sum_t share_t d_t d_t^T`` with ``d_t`` the deviation of what
    state ``t`` holds, on average of all nested in it, from the node's mean: squares only, hence no cancellation.
    """
    n_unknowns = len(form.reach)
    amount = lanes.amount[node]
    if form.node_parent[node] < 0:
        root = lanes.root[node]
        for lane in range(n):
            amount[lane] = root[lane]
    else:
        count, parent = form.node_count[node], lanes.value[form.node_parent[node]]
        for lane in range(n):
            amount[lane] = count * parent[lane]
    for row in range(form.node_pointer[node], form.node_pointer[node + 1]):
        value = lanes.value[row]
        for lane in range(n):
            value[lane] *= amount[lane]
        _balance(form, lanes, row, n)
        first, last = form.support_pointer[node], form.support_pointer[node + 1]
        for i in range(first, last):
            r = form.support[i]
            deviation, mean, nu = lanes.deviation[r], lanes.mean[node * n_unknowns + r], form.nu[row, r]
            for lane in range(n):
                deviation[lane] = nu - mean[lane]
            for k in range(form.child_pointer[row], form.child_pointer[row + 1]):
                inner = form.child[k]
                _add(deviation, form.node_count[inner], lanes.mean[inner * n_unknowns + r], n)
            for j in range(first, i + 1):
                q = form.support[j]
                other, entry = lanes.deviation[q], lanes.hessian[r * (r + 1) // 2 + q]
                for lane in range(n):
                    entry[lane] += value[lane] * deviation[lane] * other[lane]
            if form.delta[row, r] < 0.0:
                negative = lanes.negative[r]
                for lane in range(n):
                    negative[lane] += value[lane] * deviation[lane] * deviation[lane]

"""The mathematics of one pass, recorded on a tape: values, balances, Hessian (docs/design.md sections 4 and 5)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.numerics.tape import Op, Tape

if TYPE_CHECKING:
    from surfacechem.numerics.form import Form, Node

Floats = NDArray[np.float64]

__all__ = ["Pass"]

_PIVOT_FLOOR = 1e-15  # of the diagonal entry: what is smaller is rounding, and must not turn a step around


class Pass:
    """Values, balances and Hessian of a form on a tape."""

    def __init__(self, form: Form) -> None:
        self.form = form
        m, n_roots, n_hosts, n_rows = form.n_unknowns, len(form.roots), len(form.hosts), len(form.rows)
        ends = np.cumsum([0, m, 1, m, n_roots, n_hosts, n_rows]).tolist()
        self.z, (self.passed,), self.total, self.root, self.host, self.weight = (
            list(range(begin, end)) for begin, end in pairwise(ends)
        )
        self.tape = Tape(ends[-1])
        self.ln_value: list[int] = [-1] * n_rows
        self.value: list[int] = [-1] * n_rows
        self.share: list[int] = [-1] * n_rows
        self.ln_sum: list[int] = [-1] * len(form.nodes)
        self.mean: list[dict[int, int]] = [{} for _ in form.nodes]
        self.left: dict[int, int] = {}
        self.right: dict[int, int] = {}
        self.hessian: dict[tuple[int, int], int] = {}
        self.negative: dict[int, int] = {}

    def evaluate(self, *, is_full: bool) -> None:
        """Record values, balances and Hessian; `is_full`: also ln of the sums of roots, which no step needs."""
        for row in range(self.form.n_free):
            self.ln_value[row] = self._sum_up(row)
            self.value[row] = self.tape.record(Op.EXP_ONE, self.ln_value[row])
            self._balance(row)
            self._bend(self.value[row], self.form.rows[row].nu, self.form.rows[row].nu)
        for number, node in enumerate(self.form.nodes):
            for row in node.rows:
                self.ln_value[row] = self._sum_up(row)
            self._share(number, node, with_ln_sum=is_full or node.parent >= 0)
            self.mean[number] = self._average(node)
        for number in reversed(range(len(self.form.nodes))):
            self._distribute(number, self.form.nodes[number])
        self._close_balances()

    def _sum_up(self, row: int) -> int:
        """Record ln value of a row: its weight, its components, what is nested in it."""
        value = self.weight[row]
        nu = self.form.rows[row].nu
        for r in np.flatnonzero(nu).tolist():
            value = self.tape.add(value, self.z[r], float(nu[r]))
        for child in self.form.rows[row].children:
            value = self.tape.add(value, self.ln_sum[child], self.form.nodes[child].count)
        return value

    def _share(self, number: int, node: Node, *, with_ln_sum: bool) -> None:
        """Record the shares of a node's states, scaled so that nothing overflows."""
        tape, rows = self.tape, list(node.rows)
        if len(rows) == 2:  # noqa: PLR2004 - one exponential serves two states
            ratio = tape.record(Op.EXP, self.ln_value[rows[0]], self.ln_value[rows[1]])
            self.share[rows[1]] = tape.record(Op.LOGISTIC, ratio)
            self.share[rows[0]] = tape.fuse(None, ratio, self.share[rows[1]])
            if with_ln_sum:
                top = tape.record(Op.LARGER, self.ln_value[rows[0]], self.ln_value[rows[1]])
                larger = tape.record(Op.LARGER, self.share[rows[0]], self.share[rows[1]])
                self.ln_sum[number] = tape.add(top, tape.record(Op.LN, larger), -1.0)
            return
        top = self.ln_value[rows[0]]
        for row in rows[1:]:
            top = tape.record(Op.LARGER, top, self.ln_value[row])
        parts = [tape.record(Op.EXP, self.ln_value[row], top) for row in rows]
        total = parts[0]
        for part in parts[1:]:
            total = tape.add(total, part)
        for row, part in zip(rows, parts, strict=True):
            self.share[row] = tape.record(Op.DIVIDE, part, total)
        if with_ln_sum:
            self.ln_sum[number] = tape.add(top, tape.record(Op.LN, total))

    def _average(self, node: Node) -> dict[int, int]:
        """Record what a node holds on average of each unknown."""
        found: dict[int, int] = {}
        for row in node.rows:
            nu = self.form.rows[row].nu
            for r in np.flatnonzero(nu).tolist():
                found[r] = self.tape.add(found.get(r), self.share[row], float(nu[r]))
            for child in self.form.rows[row].children:
                for r, mean in self.mean[child].items():
                    found[r] = self.tape.fuse(found.get(r), self.share[row], mean, self.form.nodes[child].count)
        return found

    def _distribute(self, number: int, node: Node) -> None:
        """Record concentrations, top down, and the node's covariance."""
        amount, factor = self._find_amount(number, node)
        for row in node.rows:
            self.value[row] = self.tape.fuse(None, self.share[row], amount, factor)
            self._balance(row)
        rows = [self.form.rows[row] for row in node.rows]
        if len(rows) == 2 and not any(row.children for row in rows):  # noqa: PLR2004
            # amount p (1 - p) d d^T: the covariance of two states is one product.
            product = self.tape.fuse(None, self.value[node.rows[0]], self.share[node.rows[1]])
            self._bend(product, rows[1].nu - rows[0].nu, rows[0].delta + rows[1].delta)
            return
        for row, each in zip(node.rows, rows, strict=True):
            deviations = {r: self._deviate(row, r, mean) for r, mean in sorted(self.mean[number].items())}
            self._add_square(self.value[row], deviations, each.delta)

    def _find_amount(self, number: int, node: Node) -> tuple[int, float]:
        """Return the register and factor of a node's amount."""
        if node.parent < 0:
            return self.root[self.form.roots.index(number)], 1.0
        return self.value[node.parent], node.count

    def _deviate(self, row: int, r: int, mean: int) -> int:
        """Record how far what a state holds, on average of all nested in it, is from the node's mean."""
        nested: int | None = None
        for child in self.form.rows[row].children:
            if r in self.mean[child]:
                nested = self.tape.add(nested, self.mean[child][r], self.form.nodes[child].count)
        short = mean if nested is None else self.tape.add(mean, nested, -1.0)
        return self.tape.record(Op.OFFSET, short, f=float(self.form.rows[row].nu[r]))

    def _add_square(self, value: int, deviations: dict[int, int], delta: Floats) -> None:
        """Record ``value d d^T`` in the Hessian."""
        for r, deviation in deviations.items():
            scaled = self.tape.fuse(None, value, deviation)
            for q, other in deviations.items():
                if q <= r:
                    self.hessian[r, q] = self.tape.fuse(self.hessian.get((r, q)), scaled, other)
            if delta[r] < 0.0:
                self.negative[r] = self.tape.fuse(self.negative.get(r), scaled, deviation)

    def _bend(self, value: int, held: Floats, signs: Floats) -> None:
        """Record ``value held held^T`` in the Hessian."""
        columns = np.flatnonzero(held).tolist()
        for i, r in enumerate(columns):
            for q in columns[: i + 1]:
                self.hessian[r, q] = self.tape.add(self.hessian.get((r, q)), value, held[r] * held[q])
            if signs[r] < 0.0:
                self.negative[r] = self.tape.add(self.negative.get(r), value, held[r] ** 2)

    def _balance(self, row: int) -> None:
        """Record a row on the sides of the balances it enters."""
        delta = self.form.rows[row].delta
        for r in np.flatnonzero(delta).tolist():
            side = self.left if delta[r] > 0.0 else self.right
            side[r] = self.tape.add(side.get(r), self.value[row], abs(delta[r]))

    def _close_balances(self) -> None:
        """Record the totals on the side where they are positive."""
        for r in range(self.form.n_unknowns):
            if self.form.is_mixed[r]:
                self.left[r] = self.tape.add(self.left.get(r), self.tape.record(Op.POSITIVE, self.total[r], f=-1.0))
                self.right[r] = self.tape.add(self.right.get(r), self.tape.record(Op.POSITIVE, self.total[r], f=1.0))
            else:
                self.right[r] = self.total[r]

    def factorise(self) -> None:
        """Replace the Hessian by ``L`` below and ``1/D`` on the diagonal, ``H = L D L^T``; what is zero stays out."""
        tape, matrix, m = self.tape, self.hessian, self.form.n_unknowns
        diagonal = [matrix[j, j] for j in range(m)]
        for j in range(m):
            matrix[j, j] = tape.record(Op.PIVOT, matrix[j, j], diagonal[j], f=_PIVOT_FLOOR)
            below = {i: matrix[i, j] for i in range(j + 1, m) if (i, j) in matrix}
            for i, entry in below.items():
                matrix[i, j] = tape.fuse(None, entry, matrix[j, j])
                for k, other in below.items():
                    if k <= i:
                        matrix[i, k] = tape.fuse(matrix.get((i, k)), matrix[i, j], other, -1.0)

    def substitute(self, vector: dict[int, int]) -> dict[int, int]:
        """Record the solution of ``H p = vector``; entries left out are zero."""
        tape, matrix, m = self.tape, self.hessian, self.form.n_unknowns
        found = dict(vector)
        for i in range(m):
            for j in range(i):
                if (i, j) in matrix and j in found:
                    found[i] = tape.fuse(found.get(i), matrix[i, j], found[j], -1.0)
        for i in reversed(range(m)):
            if i in found:
                found[i] = tape.fuse(None, found[i], matrix[i, i])
            for j in range(i + 1, m):
                if (j, i) in matrix and j in found:
                    found[i] = tape.fuse(found.get(i), matrix[j, i], found[j], -1.0)
        return found

    def measure(self, step: dict[int, int]) -> int:
        """Record a bound on the change of every ln concentration by a step."""
        distance: int | None = None
        for r, each in sorted(step.items()):
            start = self.tape.record(Op.CONSTANT, f=0.0) if distance is None else distance
            distance = self.tape.record(Op.ADD_SIZE, start, each, f=float(self.form.reach[r]))
        return self.tape.record(Op.CONSTANT, f=0.0) if distance is None else distance

    def move(self, step: dict[int, int], share: int) -> None:
        """Record the unknowns after `share` of a step."""
        for r, each in step.items():
            self.tape.store(self.tape.fuse(self.z[r], share, each), self.z[r])

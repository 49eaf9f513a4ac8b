"""The programs of a form: starting values, steps of both methods, results, derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.passes import Pass
from surfacechem.numerics.tape import Op

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form
    from surfacechem.numerics.tape import Program

__all__ = ["Programs", "record_programs"]

LONGEST_STEP = 20.0  # in ln activity
UNFINISHED = 1e30  # added to the distance while damping is on
_SMALLEST_START = 1e-7  # mol/L
_SMALLEST_GAP = 1e-13  # of ln(left/right): rounding of the exponents; what steps do below it is noise
_ROUNDING = 4.0 * 2.220446049250313e-16


@dataclass(frozen=True, kw_only=True, eq=False)
class Programs:
    """The programs of a form.

    Their first registers are the inputs: unknowns, the number of the pass, totals of balances, of roots and of hosts,
    weights of rows.

    Attributes
    ----------
    n_inputs : int
        Number of these registers.
    start : Program
        Puts starting values in place.
    fast, damped : Program
        One step of either method; leaves the new unknowns in place and the distance moved in `fast_distance` or
        `damped_distance`.
    final : Program
        Results at the solution: register ``result_register[k]`` goes to output ``result_output[k]``; the estimated
        error is in `error_register`.
    slopes : Program
        Derivatives: further inputs, from register `direction` on, are the changes of row weights, balances' totals,
        ln totals of roots and of hosts; the change of row ``r`` is in ``slope_register[r]``.
    """

    n_inputs: int
    start: Program
    fast: Program
    fast_distance: int
    damped: Program
    damped_distance: int
    final: Program
    result_register: NDArray[np.int64]
    result_output: NDArray[np.int64]
    error_register: int
    slopes: Program
    direction: int
    slope_register: NDArray[np.int64]


def record_programs(form: Form) -> Programs:
    """Return the programs of a form."""
    fast, fast_distance = _record_fast(form)
    damped, damped_distance = _record_damped(form)
    final, registers, outputs = _record_final(form)
    slopes, direction, slope_registers = _record_slopes(form)
    return Programs(
        n_inputs=Pass(form).tape.n_inputs,
        start=_record_start(form),
        fast=fast,
        fast_distance=int(fast_distance[0]),
        damped=damped,
        damped_distance=int(damped_distance[0]),
        final=final,
        result_register=registers[:-1],
        result_output=np.array(outputs, dtype=np.int64),
        error_register=int(registers[-1]),
        slopes=slopes,
        direction=direction,
        slope_register=slope_registers,
    )


def _record_start(form: Form) -> Program:
    """Record starting values: totals of components that are species, at least 1e-7 where either sign may occur."""
    here = Pass(form)
    for r in range(form.n_unknowns):
        value = here.tape.record(Op.CONSTANT, f=0.0)
        if form.has_species[r]:
            total = here.total[r]
            if form.is_mixed[r]:
                total = here.tape.record(Op.LARGER, total, here.tape.record(Op.CONSTANT, f=_SMALLEST_START))
            value = here.tape.record(Op.LN, total)
        here.tape.store(value, here.z[r])
    return here.tape.freeze([])[0]


def _record_fast(form: Form) -> tuple[Program, NDArray[np.int64]]:
    """Record a Newton step on ``ln(left/right)`` with damping that vanishes near the solution."""
    here = Pass(form)
    here.evaluate(is_full=False)
    tape, right_hand_side, scales = here.tape, {}, {}
    worst = tape.record(Op.CONSTANT, f=0.0)
    for r in range(form.n_unknowns):
        gap = tape.record(Op.LN, tape.record(Op.DIVIDE, here.left[r], here.right[r]))
        scales[r] = here.left[r]
        if r in here.negative:
            # W = H / J with J the slope of ln(left/right): H+/left + H-/right.
            positive = tape.add(here.hessian[r, r], here.negative[r], -1.0)
            slope = tape.add(
                tape.record(Op.DIVIDE, positive, here.left[r]),
                tape.record(Op.DIVIDE, here.negative[r], here.right[r]),
            )
            scales[r] = tape.record(Op.DIVIDE, here.hessian[r, r], slope)
        right_hand_side[r] = tape.fuse(None, scales[r], gap, -1.0)
        worst = tape.record(Op.LARGER_SIZE, worst, gap)
    damping = tape.record(Op.DAMPING, worst, here.passed)
    for r, scale in scales.items():
        here.hessian[r, r] = tape.fuse(here.hessian[r, r], damping, scale)
    here.factorise()
    step = here.substitute(right_hand_side)
    longest = tape.record(Op.CONSTANT, f=0.0)
    for each in step.values():
        longest = tape.record(Op.LARGER_SIZE, longest, each)
    here.move(step, tape.record(Op.LIMIT, longest, f=LONGEST_STEP))
    distance = tape.record(Op.UNLESS, here.measure(step), worst, f=_SMALLEST_GAP)
    return tape.freeze([tape.add(distance, damping, UNFINISHED)])


def _record_damped(form: Form) -> tuple[Program, NDArray[np.int64]]:
    """Record a Newton step on the convex function itself, shortened so that the function surely falls."""
    here = Pass(form)
    here.evaluate(is_full=False)
    tape, lack = here.tape, {}
    worst = tape.record(Op.CONSTANT, f=0.0)
    for r in range(form.n_unknowns):
        lack[r] = tape.add(here.right[r], here.left[r], -1.0)
        worst = tape.record(Op.LARGER_SIZE, worst, tape.record(Op.DIVIDE, lack[r], here.right[r]))
    here.factorise()
    step = here.substitute(lack)
    distance = here.measure(step)
    here.move(step, tape.record(Op.SHORTEN, distance))
    return tape.freeze([tape.record(Op.UNLESS, distance, worst, f=_SMALLEST_GAP)])


def _record_final(form: Form) -> tuple[Program, NDArray[np.int64], list[int]]:
    """Record results at the solution, and the error that rounding in the balances leaves in them."""
    here = Pass(form)
    here.evaluate(is_full=True)
    tape = here.tape
    results: dict[int, int] = {}
    for column, output in enumerate(form.column_output.tolist()):
        activity: int | None = None
        for r in np.flatnonzero(form.back[column]).tolist():
            activity = tape.add(activity, here.z[r], float(form.back[column, r]))
        if activity is not None:
            results[output] = activity
    ln_unit: dict[int, int] = {}
    for number in form.roots:
        total = tape.record(Op.LN, here.root[form.roots.index(number)])
        ln_unit[number] = tape.add(total, here.ln_sum[number], -1.0)
        if form.nodes[number].output >= 0:
            results[form.nodes[number].output] = ln_unit[number]
    node_of = {row: number for number, node in enumerate(form.nodes) for row in node.rows}
    for number, row in enumerate(form.rows):
        if row.host >= 0:
            particles = here.host[form.hosts.index(row.host)]
            results[row.output] = tape.record(Op.DIVIDE, here.value[number], particles)
        elif number < form.n_free:
            results[row.output] = here.ln_value[number]
        else:
            results[row.output] = tape.add(here.ln_value[number], ln_unit[node_of[number]])
    estimate = _estimate_error(here)
    program, registers = tape.freeze([*results.values(), estimate])
    return program, registers, list(results)


def _estimate_error(here: Pass) -> int:
    """Record ``eps (1 + |reach| |H^-1| left)``: the change of ln concentrations by rounding of the balances."""
    here.factorise()
    estimate = here.tape.record(Op.CONSTANT, f=_ROUNDING)
    for r in range(here.form.n_unknowns):
        moved = here.substitute({r: here.left[r]})
        for q, each in moved.items():
            estimate = here.tape.record(Op.ADD_SIZE, estimate, each, f=_ROUNDING * float(here.form.reach[q]))
    return estimate


def _record_slopes(form: Form) -> tuple[Program, int, NDArray[np.int64]]:
    """Record the change of every ln value along a direction.

    First at fixed unknowns; what the balances then lack gives the change of the unknowns, and that the whole change.
    """
    n_rows, m, n_roots = len(form.rows), form.n_unknowns, len(form.roots)
    here = Pass(form, n_more=n_rows + m + n_roots)
    own, totals, roots = here.more[:n_rows], here.more[n_rows : n_rows + m], here.more[n_rows + m :]
    here.evaluate(is_full=False)
    here.factorise()
    here.tape.begin_directions()
    change = _propagate(here, own, roots)
    lack = dict(enumerate(totals))
    for number, row in enumerate(form.rows):
        for r in np.flatnonzero(row.delta).tolist():
            lack[r] = here.tape.fuse(lack[r], here.value[number], change[number], -float(row.delta[r]))
    step = here.substitute(lack)
    moved = []
    for number, row in enumerate(form.rows):
        value = own[number]
        for r in np.flatnonzero(row.nu).tolist():
            value = here.tape.add(value, step[r], float(row.nu[r]))
        moved.append(value)
    program, registers = here.tape.freeze(_propagate(here, moved, roots))
    return program, here.more[0] if here.more else 0, registers


def _propagate(here: Pass, own: list[int], roots: list[int]) -> list[int]:
    """Record the change of ln value of every row from the changes of its own weight and of the totals of roots."""
    form, tape = here.form, here.tape
    change = list(own)
    lift: list[int] = [-1] * len(form.nodes)
    for number, node in enumerate(form.nodes):
        mean: int | None = None
        for row in node.rows:
            for child in form.rows[row].children:
                change[row] = tape.add(change[row], lift[child], form.nodes[child].count)
            mean = tape.fuse(mean, here.share[row], change[row])
        lift[number] = -1 if mean is None else mean
    for number in reversed(range(len(form.nodes))):
        node = form.nodes[number]
        grown = roots[form.roots.index(number)] if node.parent < 0 else change[node.parent]
        net = tape.add(grown, lift[number], -1.0)
        for row in node.rows:
            change[row] = tape.add(change[row], net)
    return change

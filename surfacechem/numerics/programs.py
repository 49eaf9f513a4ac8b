"""The programs of a form: starting values, steps of both methods, results and derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.passes import Pass
from surfacechem.numerics.slopes import Follower
from surfacechem.numerics.tape import Op

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form
    from surfacechem.numerics.slopes import Directions
    from surfacechem.numerics.tape import Program

__all__ = ["Ending", "Programs", "record_damped", "record_ending", "record_programs"]

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
    fast : Program
        One step of the fast method; leaves the new unknowns in place and the distance moved in `fast_distance`.
    """

    n_inputs: int
    start: Program
    fast: Program
    fast_distance: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Ending:
    """The program of results and derivatives.

    Attributes
    ----------
    program : Program
        Inputs as in `Programs`.
    stops : ndarray of int, shape (n_directions + 2,)
        Where its parts begin and end, in operations: results first, then one part for each direction.
    register, output : ndarray of int, shape (n_results,)
        Register ``register[k]`` goes to output ``output[k]``.
    error : int
        Register of the estimated error.
    change : ndarray of int, shape (n_directions, n_weights)
        Register of the change of each weight's row along each direction, -1 where it does not change.
    """

    program: Program
    stops: NDArray[np.int64]
    register: NDArray[np.int64]
    output: NDArray[np.int64]
    error: int
    change: NDArray[np.int64]


def record_programs(form: Form) -> Programs:
    """Return the programs of a form that every point needs."""
    fast, fast_distance = _record_fast(form)
    return Programs(
        n_inputs=Pass(form).tape.n_inputs,
        start=_record_start(form),
        fast=fast,
        fast_distance=int(fast_distance[0]),
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


def record_damped(form: Form) -> tuple[Program, int]:
    """Return a Newton step on the convex function itself, shortened so that the function surely falls.

    It leaves the new unknowns in place; second comes the register of the distance moved.
    """
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
    program, registers = tape.freeze([tape.record(Op.UNLESS, distance, worst, f=_SMALLEST_GAP)])
    return program, int(registers[0])


def record_ending(form: Form, directions: Directions) -> Ending:
    """Return the program of results at the solution, of their error, and of derivatives along directions."""
    here = Pass(form)
    here.evaluate(is_full=True)
    results = _collect_results(here)
    here.factorise()
    here.tape.read([_estimate_error(here), *results.values()])
    rows, follower = [], Follower(here)
    for by_weight, by_source in zip(*directions, strict=True):
        found = follower.follow(by_weight, by_source)
        here.tape.read(list(found.values()))
        rows.append(list(found))
    program, ((first, registers), *moves, _) = here.tape.freeze_parts([])
    change = np.full(directions.by_weight.shape, -1, dtype=np.int64)
    for number, (weights, (_, found_in)) in enumerate(zip(rows, moves, strict=True)):
        change[number, weights] = found_in
    return Ending(
        program=program,
        stops=np.array([0, first, *(stop for stop, _ in moves)], dtype=np.int64),
        register=registers[1:],
        output=np.array(list(results), dtype=np.int64),
        error=int(registers[0]),
        change=change,
    )


def _collect_results(here: Pass) -> dict[int, int]:
    """Record the results and return the register of each output."""
    form, tape = here.form, here.tape
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
    return results


def _estimate_error(here: Pass) -> int:
    """Record ``eps (1 + |reach| |H^-1| left)``: the change of ln concentrations by rounding of the balances."""
    estimate = here.tape.record(Op.CONSTANT, f=_ROUNDING)
    for r in range(here.form.n_unknowns):
        moved = here.substitute({r: here.left[r]})
        for q, each in moved.items():
            estimate = here.tape.record(Op.ADD_SIZE, estimate, each, f=_ROUNDING * float(here.form.reach[q]))
    return estimate

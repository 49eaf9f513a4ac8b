"""A form bound to its programs: what the batch calls."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.announcing import announce
from surfacechem.numerics.generated import compile_programs, write_source
from surfacechem.numerics.loading import Loading
from surfacechem.numerics.newton import SKEW, Results, Stepping, Work, Writing, solve_points
from surfacechem.numerics.player import Interpreted, interpret
from surfacechem.numerics.programs import record_programs
from surfacechem.numerics.sensitivity import Directions, Sloping, differentiate_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form

__all__ = ["Kernel"]

MOST_FAST_PASSES = 60
MOST_DAMPED_PASSES = 600
POINTS_WORTH_COMPILING = 10_000_000
_FEWEST_COMPILED = 4096  # below it the call of a compiled program costs more than it saves
_LONGEST_COMPILED = 600  # operations
_CHUNK = 48 * 1024  # bytes that the lanes of a step may fill
_MOST_LANES = 256
_FEWEST_LANES = 64


class Kernel:
    """Solves and differentiates points of one form.

    Parameters
    ----------
    form : Form
        The network.
    template : ndarray, shape (n_outputs,)
        Results that do not depend on the point; NaN for those that do.
    n_components : int
        Outputs before those of weights.
    """

    def __init__(self, form: Form, template: NDArray[np.float64], n_components: int) -> None:
        self.programs = programs = record_programs(form)
        self._loading = _build_loading(form)
        self._n_solved = 0
        self._is_compiled = False
        self._compiled: tuple[Stepping, Writing] | None = None
        n_lanes = _CHUNK // (8 * programs.fast.n_registers) // 32 * 32
        n_lanes = max(_FEWEST_LANES, min(n_lanes, _MOST_LANES))
        start = interpret(programs.start)
        self._fast = Stepping(
            start=start,
            step=interpret(programs.fast),
            n_registers=max(programs.start.n_registers, programs.fast.n_registers),
            distance=programs.fast_distance,
            n_most=MOST_FAST_PASSES,
            n_lanes=n_lanes,
        )
        self._damped = self._fast._replace(
            step=interpret(programs.damped),
            n_registers=max(programs.start.n_registers, programs.damped.n_registers),
            distance=programs.damped_distance,
            n_most=MOST_DAMPED_PASSES,
        )
        is_fixed = ~np.isnan(template)
        self._writing = Writing(
            final=interpret(programs.final),
            n_registers=programs.final.n_registers,
            register=programs.result_register,
            output=programs.result_output,
            error=programs.error_register,
            fixed_output=np.flatnonzero(is_fixed),
            fixed_value=template[is_fixed],
        )
        code, factor, _, split = slopes = programs.slopes
        self._sloping = Sloping(
            once=Interpreted(code[:split], factor[:split]),
            each=Interpreted(code[split:], factor[split:]),
            n_registers=slopes.n_registers,
            direction=programs.direction,
            register=programs.slope_register,
            host=np.array([row.host for row in form.rows], dtype=np.int64),
            n_components=n_components,
            n_lanes=n_lanes,
        )

    def solve(self, work: Work, results: Results, *, is_damped: bool) -> int:
        """Solve points; return how many are not solved well (see `newton.solve_points`)."""
        self._n_solved += len(work.points)
        if not self._is_compiled and self._n_solved >= POINTS_WORTH_COMPILING:
            self.compile()
        stepping, writing = self._damped if is_damped else self._fast, self._writing
        if self._compiled is not None and not is_damped and len(work.points) >= _FEWEST_COMPILED:
            stepping, writing = self._compiled
        with nullcontext() if solve_points.overloads else announce():
            n_unsure: int = solve_points(self._loading, stepping, writing, work, results)
        return n_unsure

    def compile(self) -> bool:
        """Compile the fast step for this network, as happens by itself after 1e7 points; return whether that succeeded.

        Large networks stay with the interpreter: their straight lines compile slowly and gain little.
        """
        self._is_compiled = True
        programs = self.programs
        if len(programs.fast.code) + len(programs.final.code) > _LONGEST_COMPILED:
            return False
        outputs = [*programs.result_register.tolist(), programs.error_register]
        source = write_source(
            {
                "start": (programs.start, []),
                "step": (programs.fast, [programs.fast_distance]),
                "final": (programs.final, outputs),
            },
            n_inputs=programs.n_inputs,
            row=_MOST_LANES + SKEW,
        )
        players = compile_programs(source, ("start", "step", "final"))
        if players is None:
            return False
        start, step, final = players
        self._compiled = (
            self._fast._replace(start=start, step=step, n_lanes=_MOST_LANES),
            self._writing._replace(final=final),
        )
        return True

    def differentiate(self, work: Work, directions: Directions, slopes: NDArray[np.float64]) -> None:
        """Differentiate solved points (see `sensitivity.differentiate_points`)."""
        differentiate_points(self._loading, self._sloping, work, directions, slopes)


def _build_loading(form: Form) -> Loading:
    combinations = [*form.source_map.T, *(form.nodes[root].total for root in form.roots)]
    used = [np.flatnonzero(shares) for shares in combinations]
    nothing = np.zeros(0)
    return Loading(
        pointer=np.concatenate(([0], np.cumsum([len(each) for each in used]))).astype(np.int64),
        source=np.concatenate((*used, nothing)).astype(np.int64),
        share=np.concatenate((*(each[k] for each, k in zip(combinations, used, strict=True)), nothing)),
        host=np.array(form.hosts, dtype=np.int64),
        weight=np.array([row.weight for row in form.rows], dtype=np.int64),
        forth=np.ascontiguousarray(form.forth),
        column_output=form.column_output,
    )

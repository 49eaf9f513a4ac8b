"""A form bound to its programs: what the batch calls."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.announcing import announce
from surfacechem.numerics.generated import compile_programs, write_source
from surfacechem.numerics.loading import Loading
from surfacechem.numerics.newton import Stepping, run, solve_points
from surfacechem.numerics.player import interpret
from surfacechem.numerics.programs import record_damped, record_ending, record_programs
from surfacechem.numerics.sensitivity import differentiate_points
from surfacechem.numerics.slopes import NO_DIRECTIONS, Directions
from surfacechem.numerics.work import SKEW, Results, Work, Writing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form

__all__ = ["Kernel"]

MOST_FAST_PASSES = 60
MOST_DAMPED_PASSES = 600
_FEWEST_COMPILED = 4096  # below it the call of a compiled program costs more than it saves
_LONGEST_COMPILED = 600  # operations
_CHUNK = 48 * 1024  # bytes that the lanes of a step may fill
_MOST_LANES = 256
_FEWEST_LANES = 64
_MOST_DIRECTIONS = 8  # sets of directions whose programs are kept


class Kernel:
    """Solves and differentiates points of one form; what it remembers never changes a result.

    Parameters
    ----------
    form : Form
        The network.
    template : ndarray, shape (n_outputs,)
        Results that do not depend on the point; NaN for those that do.
    """

    def __init__(self, form: Form, template: NDArray[np.float64]) -> None:
        self.programs = programs = record_programs(form)
        self._form = form
        self._loading = _build_loading(form)
        self._template = template
        self._writing: dict[tuple[bytes, bytes], Writing] = {}
        self._fast = Stepping(
            start=interpret(programs.start),
            step=interpret(programs.fast),
            n_registers=max(programs.start.n_registers, programs.fast.n_registers),
            distance=programs.fast_distance,
            n_most=MOST_FAST_PASSES,
            n_lanes=_count_lanes(programs.fast.n_registers),
        )

    def solve(self, work: Work, results: Results, writing: Writing, *, is_compiled: bool = False) -> int:
        """Solve points by fast steps; return how many are not solved well (see `newton.solve_points`).

        `writing` is made by `follow`; compiled programs are for many points only.
        """
        stepping = self._fast
        if is_compiled and len(work.points) >= _FEWEST_COMPILED and self.compiled is not None:
            stepping, alone = self.compiled
            writing = writing if len(writing.change) else alone
        with nullcontext() if run.overloads else announce():
            return solve_points(self._loading, stepping, writing, work, results)

    def solve_damped(self, work: Work, results: Results, writing: Writing) -> int:
        """Solve points by steps that surely lead there; return how many are not solved well."""
        return solve_points(self._loading, self._damped, writing, work, results)

    def differentiate(
        self, work: Work, writing: Writing, slopes: NDArray[np.float64], error: NDArray[np.float64]
    ) -> None:
        """Differentiate solved points (see `sensitivity.differentiate_points`)."""
        n_lanes = _count_lanes(writing.n_registers)
        differentiate_points(self._loading, writing, n_lanes, work, slopes, error)

    def follow(self, directions: Directions) -> Writing:
        """Return the program of results and of derivatives along directions; those asked for last are kept."""
        key = (directions.by_weight.tobytes(), directions.by_source.tobytes())
        writing = self._writing.get(key)
        if writing is None:
            if len(self._writing) >= _MOST_DIRECTIONS:
                self._writing.clear()
            self._writing[key] = writing = self._record_writing(directions)
        return writing

    def _record_writing(self, directions: Directions) -> Writing:
        ending = record_ending(self._form, directions)
        is_fixed = ~np.isnan(self._template)
        is_fixed[ending.output] = False
        return Writing(
            player=interpret(ending.program),
            stops=ending.stops,
            n_registers=ending.program.n_registers,
            register=ending.register,
            output=ending.output,
            error=ending.error,
            fixed_output=np.flatnonzero(is_fixed),
            fixed_value=self._template[is_fixed],
            change=ending.change,
        )

    @cached_property
    def _damped(self) -> Stepping:
        program, distance = record_damped(self._form)
        return self._fast._replace(
            step=interpret(program),
            n_registers=max(self.programs.start.n_registers, program.n_registers),
            distance=distance,
            n_most=MOST_DAMPED_PASSES,
        )

    @cached_property
    def compiled(self) -> tuple[Stepping, Writing] | None:
        """Steps and results compiled for this network; None where it is too large or nothing can be written.

        Large networks stay with the interpreter: their straight lines compile slowly and gain little.
        """
        programs, ending = self.programs, record_ending(self._form, NO_DIRECTIONS)
        if len(programs.fast.code) + len(ending.program.code) > _LONGEST_COMPILED:
            return None
        source = write_source(
            {
                "start": (programs.start, []),
                "step": (programs.fast, [programs.fast_distance]),
                "final": (ending.program, [*ending.register.tolist(), ending.error]),
            },
            n_inputs=programs.n_inputs,
            row=_MOST_LANES + SKEW,
        )
        players = compile_programs(source, ("start", "step", "final"))
        if players is None:
            return None
        start, step, final = players
        stepping = self._fast._replace(start=start, step=step, n_lanes=_MOST_LANES)
        return stepping, self._record_writing(NO_DIRECTIONS)._replace(player=final)


def _count_lanes(n_registers: int) -> int:
    """Return how many lanes of so many registers fit into the first cache."""
    return max(_FEWEST_LANES, min(_CHUNK // (8 * n_registers) // 32 * 32, _MOST_LANES))


def _build_loading(form: Form) -> Loading:
    totals = _sparse([*form.source_map.T, *(form.nodes[root].total for root in form.roots)])
    warm_pointer, column, warm_share = _sparse(list(form.forth))
    return Loading(
        *totals,
        host=np.array(form.hosts, dtype=np.int64),
        weight=np.array([row.weight for row in form.rows], dtype=np.int64),
        warm_pointer=warm_pointer,
        warm_output=form.column_output[column],
        warm_share=warm_share,
    )


def _sparse(
    combinations: list[NDArray[np.float64]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return where each combination begins, and the places and shares of all entries that are not zero."""
    used = [np.flatnonzero(shares) for shares in combinations]
    pointer = np.cumsum([0, *(len(each) for each in used)], dtype=np.int64)
    shares = [each[k] for each, k in zip(combinations, used, strict=True)]
    nothing = np.zeros(0)
    return pointer, np.concatenate((*used, nothing)).astype(np.int64), np.concatenate((*shares, nothing))

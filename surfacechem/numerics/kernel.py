"""A form bound to its programs: what the batch calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.newton import Loading, Results, Stepping, Writing, solve_points
from surfacechem.numerics.passes import record_programs
from surfacechem.numerics.sensitivity import Sloping, differentiate_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.form import Form

__all__ = ["Kernel"]

MOST_FAST_PASSES = 60
MOST_DAMPED_PASSES = 600
_CHUNK = 48 * 1024  # bytes that a chunk may fill
_MOST_LANES = 256
_FEWEST_LANES = 64


class Kernel:
    """Solves and differentiates points of one form.

    Parameters
    ----------
    form : Form
        The network.
    template : ndarray, shape (n_outputs,)
        Results that do not depend on the point.
    n_components : int
        Outputs before those of weights.
    """

    def __init__(self, form: Form, template: NDArray[np.float64], n_components: int) -> None:
        programs = record_programs(form)
        combinations = [*form.source_map.T, *(form.nodes[root].total for root in form.roots)]
        used = [np.flatnonzero(shares) for shares in combinations]
        self._loading = Loading(
            pointer=np.concatenate(([0], np.cumsum([len(each) for each in used]))).astype(np.int64),
            source=np.concatenate([*used, np.zeros(0)]).astype(np.int64),
            share=np.concatenate([*(each[k] for each, k in zip(combinations, used, strict=True)), np.zeros(0)]),
            host=np.array(form.hosts, dtype=np.int64),
            weight=np.array([row.weight for row in form.rows], dtype=np.int64),
            forth=np.ascontiguousarray(form.forth),
            column_output=form.column_output,
        )
        fast, damped, final, slopes = programs.fast, programs.damped, programs.final, programs.slopes
        self._fast = Stepping(
            *programs.start[:3], fast.code, fast.factor, fast.n_registers, programs.fast_distance, MOST_FAST_PASSES
        )
        self._damped = Stepping(
            *programs.start[:3],
            damped.code,
            damped.factor,
            damped.n_registers,
            programs.damped_distance,
            MOST_DAMPED_PASSES,
        )
        self._writing = Writing(
            final.code,
            final.factor,
            final.n_registers,
            programs.result_register,
            programs.result_output,
            programs.error_register,
            np.flatnonzero(~np.isnan(template)),
            template[~np.isnan(template)],
        )
        self._sloping = Sloping(
            slopes.code,
            slopes.factor,
            slopes.n_registers,
            slopes.split,
            programs.direction,
            programs.slope_register,
            np.array([row.host for row in form.rows], dtype=np.int64),
            n_components,
        )
        self._n_lanes = int(np.clip(_CHUNK // (8 * fast.n_registers) // 32 * 32, _FEWEST_LANES, _MOST_LANES))

    def solve(
        self,
        points: NDArray[np.int64],
        sources: NDArray[np.float64],
        ln_weight: NDArray[np.float64],
        *,
        start: NDArray[np.float64],
        is_damped: bool,
        results: Results,
    ) -> int:
        """Solve points; see `newton.solve_points`."""
        stepping = self._damped if is_damped else self._fast
        return solve_points(
            self._loading, stepping, self._writing, points, sources, ln_weight, start, self._n_lanes, results
        )

    def differentiate(
        self,
        points: NDArray[np.int64],
        sources: NDArray[np.float64],
        ln_weight: NDArray[np.float64],
        *,
        outputs: NDArray[np.float64],
        by_weight: NDArray[np.float64],
        by_source: NDArray[np.float64],
        slopes: NDArray[np.float64],
    ) -> None:
        """Differentiate solved points; see `sensitivity.differentiate_points`."""
        differentiate_points(
            self._loading,
            self._sloping,
            points,
            sources,
            ln_weight,
            outputs,
            by_weight,
            by_source,
            self._n_lanes,
            slopes,
        )

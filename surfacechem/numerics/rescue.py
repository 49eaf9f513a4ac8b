"""Points that the fast steps leave unsolved or too uncertain (fallbacks of docs/design.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.newton import REFINED_ERROR
from surfacechem.numerics.rebase import rebase
from surfacechem.numerics.slopes import NO_DIRECTIONS
from surfacechem.numerics.status import Status
from surfacechem.numerics.work import Results, Work

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.build import Layout
    from surfacechem.numerics.kernel import Kernel
    from surfacechem.numerics.patterns import Pattern

__all__ = ["TRUSTED_ERROR", "rescue"]

TRUSTED_ERROR = 1e-8  # estimated |d ln c| above which a point is called inaccurate
_MOST_ROUNDS = 5  # changes of coordinates of an unsolved point
_NOWHERE = np.zeros((0, 0))


def rescue(pattern: Pattern, kernel: Kernel, layout: Layout, work: Work, results: Results) -> None:
    """Solve again what is unsolved or too uncertain, and judge what is left.

    Unsolved points change to the coordinates of what is most abundant where they have got to, some times over; if
    that does not help, damped steps bring them nearer first.
    """

    def unsolved() -> NDArray[np.int64]:
        here: NDArray[np.int64] = work.points[results.status[work.points] == Status.UNSOLVED]
        return here

    writing = kernel.follow(NO_DIRECTIONS)
    for is_damped in (False, True):
        if is_damped and len(unsolved()):
            kernel.solve_damped(work._replace(points=unsolved(), start=_NOWHERE), results, writing)
        for _ in range(_MOST_ROUNDS):
            if len(unsolved()):
                _refine(pattern, layout, work._replace(points=unsolved()), results)
    is_solved = results.status[work.points] == Status.SOLVED
    unsure = work.points[is_solved & ~(results.error[work.points] <= REFINED_ERROR)]
    if len(unsure):
        _refine(pattern, layout, work._replace(points=unsure), results)
    is_doubtful = (results.status[unsure] == Status.SOLVED) & ~(results.error[unsure] <= TRUSTED_ERROR)
    results.status[unsure[is_doubtful]] = Status.INACCURATE


def _refine(pattern: Pattern, layout: Layout, work: Work, results: Results) -> None:
    """Solve points in the coordinates of their most abundant species; keep what has become more certain."""
    n_points = len(work.points)
    before = results.outputs[work.points]
    again = Results(
        outputs=before.copy(),
        status=np.full(n_points, Status.UNSOLVED, dtype=np.int8),
        error=np.full(n_points, np.inf),
        n_passes=np.zeros(n_points, dtype=np.int32),
        slopes=np.empty((0, 0, 0)),
    )
    here = Work(
        points=np.arange(n_points),
        sources=work.sources[work.points],
        ln_weight=work.ln_weight if len(work.ln_weight) == 1 else work.ln_weight[work.points],
        start=before,
    )
    for part, kernel in rebase(pattern, layout, before, here.sources):
        kernel.solve(here._replace(points=part), again, kernel.follow(NO_DIRECTIONS))
    # An unsolved point moves on in any case: what is abundant where it stands now may be another set.
    is_unsolved = results.status[work.points] == Status.UNSOLVED
    is_better = is_unsolved | (again.error < results.error[work.points])
    better = work.points[is_better]
    results.outputs[better] = again.outputs[is_better]
    results.error[better] = again.error[is_better]
    results.status[better] = again.status[is_better]
    results.n_passes[work.points] += again.n_passes

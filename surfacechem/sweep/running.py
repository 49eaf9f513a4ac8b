"""Run a plan: block by block here, or chunk by chunk on the workers of an executor."""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from surfacechem.errors import SolveError
from surfacechem.sweep.blocks import solve_blocks
from surfacechem.sweep.design import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from surfacechem.sweep.plan import Plan
    from surfacechem.sweep.target import Target

__all__ = ["Progress", "run"]

DEFAULT_CHUNK: Final = 4 * BLOCK
N_AHEAD: Final = 8
"""Chunks that are out at workers at a time; bounds the memory here."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    n_done, n_points : int
        Points that are there, and all.
    n_new : int
        Points made in this run.
    seconds : float
        Since this run began.
    """

    n_done: int
    n_points: int
    n_new: int
    seconds: float

    @property
    def rate(self) -> float:
        """Points per second."""
        return self.n_new / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Estimate of the time still needed [s]."""
        return (self.n_points - self.n_done) / self.rate if self.rate > 0 else float("inf")


def run(
    plan: Plan,
    target: Target,
    *,
    executor: Executor | None,
    chunk: int | None,
    progress: Callable[[Progress], None] | None,
) -> None:
    """Make everything that the target has not yet.

    Parameters
    ----------
    plan : Plan
        The sweep.
    target : Target
        Where numbers go.
    executor : Executor, optional
        Threads, processes or ``dask.distributed.Client().get_executor()``; by default no workers.
    chunk : int, optional
        Points that go to a worker at a time, rounded up to whole blocks.
    progress : callable, optional
        Told after each chunk.

    Raises
    ------
    SolveError
        If the workers died; what is in a store stays.
    """
    missing = target.missing()
    n_points, n_blocks, began = plan.design.n_points, plan.design.n_blocks, time.perf_counter()
    before = n_points - sum(_n_points(plan, first, first + 1) for first in missing)
    n_new = 0
    parts = _chunks(missing, max(1, -(-(chunk or DEFAULT_CHUNK) // BLOCK)), is_single=executor is None)
    for first, last, table in _here(plan, parts) if executor is None else _there(plan, parts, executor):
        target.put(first, min(last, n_blocks), table)
        n_new += _n_points(plan, first, last)
        if progress is not None:
            seconds = time.perf_counter() - began
            progress(Progress(n_done=before + n_new, n_points=n_points, n_new=n_new, seconds=seconds))


def _here(plan: Plan, parts: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int, Any]]:
    key = plan.key
    for first, last in parts:
        yield first, last, solve_blocks(plan, key, first, last)


def _there(plan: Plan, parts: Iterator[tuple[int, int]], executor: Executor) -> Iterator[tuple[int, int, Any]]:
    """Keep a few chunks ahead of the workers and yield them as they come."""
    key = plan.key
    out: dict[Future[Any], tuple[int, int]] = {}
    try:
        while True:
            while len(out) < N_AHEAD and (part := next(parts, None)) is not None:
                out[executor.submit(solve_blocks, plan, key, *part)] = part
            if not out:
                return
            for future in wait(out, return_when=FIRST_COMPLETED).done:
                first, last = out.pop(future)
                yield first, last, future.result()
    except BrokenExecutor as error:
        raise SolveError(
            "workers of the sweep",
            found="a worker that died (out of memory, or killed)",
            allowed="workers that stay",
            advice="what is in the store is kept: run again with resume; take smaller chunks or fewer workers",
        ) from error
    finally:
        for future in out:
            future.cancel()


def _chunks(missing: list[int], n_blocks: int, *, is_single: bool) -> Iterator[tuple[int, int]]:
    """Yield runs of consecutive missing blocks, `n_blocks` at most; single blocks where nothing is shipped."""
    most = 1 if is_single else n_blocks
    start = 0
    while start < len(missing):
        stop = start + 1
        while stop < len(missing) and stop - start < most and missing[stop] == missing[stop - 1] + 1:
            stop += 1
        yield missing[start], missing[stop - 1] + 1
        start = stop


def _n_points(plan: Plan, first: int, last: int) -> int:
    return min(last * BLOCK, plan.design.n_points) - first * BLOCK

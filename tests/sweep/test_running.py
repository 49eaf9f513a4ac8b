"""The numbers do not know how many workers made them, nor in which chunks."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import SolveError
from surfacechem.sweep.design import BLOCK

if TYPE_CHECKING:
    from pathlib import Path

    from surfacechem.api import Model
    from surfacechem.sweep import Progress

N_ROWS = 6 * BLOCK // 1000
VARY = {"K[X1]": "1e-2..1e2:1000", "HO2CR'": f"0..90 mM:{N_ROWS}"}
FEED = {"InP37": "0.5 mM"}


@pytest.fixture(scope="module")
def alone(exchange: Model) -> np.ndarray:
    """Return the coverage made without workers."""
    return exchange.sweep(VARY, feed=FEED, keep=["coverage"])["coverage"].to_numpy()


@pytest.mark.parametrize("chunk", [1, 2 * BLOCK, 100 * BLOCK])
def test_threads_in_any_chunks_give_the_same_bits(exchange: Model, alone: np.ndarray, chunk: int) -> None:
    """One block at a time, two, or all at once."""
    with ThreadPoolExecutor(3) as executor:
        data = exchange.sweep(VARY, feed=FEED, keep=["coverage"], executor=executor, chunk=chunk)
    assert np.array_equal(data["coverage"], alone)


def test_processes_give_the_same_bits(exchange: Model, alone: np.ndarray) -> None:
    """Started fresh, so that nothing is inherited."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        data = exchange.sweep(VARY, feed=FEED, keep=["coverage"], executor=executor, chunk=BLOCK)
    assert np.array_equal(data["coverage"], alone)


def test_worker_that_dies_leaves_a_store_to_go_on_with(exchange: Model, alone: np.ndarray, tmp_path: Path) -> None:
    """A pool breaks when a worker is killed: said in words; what is done stays and the rest follows."""

    def run(executor: Executor | None, *, resume: bool, kill: bool = False) -> np.ndarray:
        def told(_: Progress) -> None:
            if kill:
                os.kill(next(iter(executor._processes)), signal.SIGKILL)  # type: ignore[union-attr]

        data = exchange.sweep(
            VARY, feed=FEED, keep=["coverage"], executor=executor, chunk=BLOCK, store=tmp_path / "store",
            resume=resume, progress=told,
        )  # fmt: skip
        return np.asarray(data["coverage"])

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor, pytest.raises(SolveError, match="resume"):
        run(executor, resume=False, kill=True)
    assert np.array_equal(run(None, resume=True), alone)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning")
def test_dask_cluster_survives_the_loss_of_a_worker(exchange: Model, alone: np.ndarray, tmp_path: Path) -> None:
    """A real local cluster of two processes; one is killed half-way; the result is complete and the same."""
    from dask.distributed import Client, LocalCluster

    killed: list[int] = []
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())

        def told(progress: Progress) -> None:
            if not killed and progress.n_done * 2 >= progress.n_points:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        data = exchange.sweep(
            VARY, feed=FEED, keep=["coverage"], executor=client.get_executor(), chunk=BLOCK,
            store=tmp_path / "store", progress=told,
        )  # fmt: skip
        assert np.array_equal(data["coverage"], alone)
    assert killed

"""Sweeps: a million states to a dataset, the price of labels, memory of a store, scaling over workers, and a peer.

Run: ``python benchmarks/sweep.py [--quick]``. All ratios are of one run. On one core: ``taskset -c 0 python ...``.
The peers are loops that people write, one flask after the other: eqtk, where it is installed, and
`scipy.optimize.brentq` on the mass balance of this one exchange, which knows the answer is a root of one variable.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

import surfacechem as sc
from surfacechem.sweep.design import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = """surfacechem 1
cluster InP37 = In37P20(O2CR)51
site In on InP37 : 51 native O2CR
X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1.3
"""
FEED = {"InP37": "0.5 mM"}
VARY = {"K[X1]": "1e-2..1e2:1000", "HO2CR'": "1..90 mM:1000"}
WITH_ZERO = {"K[X1]": "1e-2..1e2:1000", "HO2CR'": "0..90 mM:1000"}
N_STREAMED = 100_000_000


def best_of(work: Callable[[], object], n_times: int = 5) -> tuple[float, float]:
    """Return the shortest of some times [s]: by the clock, and of all processors together."""
    times = []
    for _ in range(n_times):
        began = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - began[0], time.process_time() - began[1]))
    return min(each[0] for each in times), min(each[1] for each in times)


def bare(model: sc.Model) -> Callable[[], object]:
    """Return the same million points for the bare kernel: arrays in, all concentrations out, in the same blocks."""
    constant, acid = np.meshgrid(np.geomspace(1e-2, 1e2, 1000), np.linspace(1e-3, 9e-2, 1000), indexing="ij")
    theta = np.log(constant.ravel())[:, np.newaxis]
    amounts = np.zeros((theta.size, len(model.feeds)))
    amounts[:, model.feeds.index("InP37")] = 5e-4
    amounts[:, model.feeds.index("HO2CR'")] = acid.ravel()

    def work() -> list[np.ndarray]:
        parts = range(0, len(theta), BLOCK)
        return [model.bind(amounts[k : k + BLOCK]).solve(theta[k : k + BLOCK]).concentration for k in parts]

    return work


def peer(n_points: int) -> float:
    """Return seconds per point of a loop over brentq."""
    constants, acids = np.geomspace(1e-2, 1e2, n_points), np.linspace(1e-3, 9e-2, n_points)
    sites = 51 * 5e-4
    began = time.perf_counter()
    for k, acid in zip(constants.tolist(), acids.tolist(), strict=True):
        brentq(lambda y, k=k, acid=acid: y * y - k * (sites - y) * (acid - y), 0.0, min(sites, acid), xtol=1e-16)
    return (time.perf_counter() - began) / n_points


def eqtk_loop(n_points: int) -> float | None:
    """Return seconds per point of a loop over eqtk, None where it is not installed."""
    try:
        import eqtk
    except ImportError:
        return None
    eqtk.solve(np.array([1.0, 1.0, 0.0, 0.0]), N=np.array([[-1.0, -1.0, 1.0, 1.0]]), K=np.array([1.0]))  # compiles
    began = time.perf_counter()
    for k, acid in zip(np.geomspace(1e-2, 1e2, n_points), np.linspace(1e-3, 9e-2, n_points), strict=True):
        eqtk.solve(np.array([51 * 5e-4, acid, 0.0, 0.0]), N=np.array([[-1.0, -1.0, 1.0, 1.0]]), K=np.array([k]))
    return (time.perf_counter() - began) / n_points


def streamed(n_points: int) -> tuple[float, float, float]:
    """Return seconds, peak resident memory and that before [MB] of a sweep to a store, in its own process."""
    program = f"""
import resource, sys, time
import surfacechem as sc
model = sc.Model({MODEL!r})
model.sweep({{"HO2CR'": "1..90 mM:1000"}}, feed={FEED!r})
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = peak(), time.perf_counter()
vary = {{"K[X1]": "1e-2..1e2:{n_points // 1000}", "HO2CR'": "1..90 mM:1000"}}
model.sweep(vary, feed={FEED!r}, store=sys.argv[1], keep=["coverage"])
print(time.perf_counter() - began, peak(), before)
"""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", program, str(Path(folder) / "store")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak, before = map(float, done.stdout.split())
    return seconds, peak, before


def scaled(model: sc.Model, n_workers: int) -> float:
    """Return seconds of four million states on some processes, started before."""
    vary = {"K[X1]": "1e-2..1e2:4000", "HO2CR'": "1..90 mM:1000"}
    with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as executor:
        options = {"feed": FEED, "keep": ["coverage"], "executor": executor, "chunk": BLOCK}
        model.sweep(VARY, **options)
        return best_of(lambda: model.sweep(vary, **options), 1)[0]


def main() -> None:
    """Print the table."""
    quick = "--quick" in sys.argv
    model = sc.Model(MODEL)
    model.sweep(VARY, feed=FEED)
    (labelled, busy), (kernel, busy_kernel) = best_of(lambda: model.sweep(VARY, feed=FEED)), best_of(bare(model))
    zero, busy_zero = best_of(lambda: model.sweep(WITH_ZERO, feed=FEED), 1)
    print(f"cores {len(os.sched_getaffinity(0))}; times by the clock, and of all processors")
    print(f"1e6 states to a dataset       {labelled:8.3f} s {busy:8.3f} s   (budget 1 s)")
    print(f"  with a row of zero acid     {zero:8.3f} s {busy_zero:8.3f} s")
    print(f"bare kernel, same blocks      {kernel:8.3f} s {busy_kernel:8.3f} s")
    overheads = f"{100 * (labelled / kernel - 1):8.0f} % {100 * (busy / busy_kernel - 1):8.0f} %"
    print(f"overhead of labels            {overheads}   (budget 50 %)")
    loop = peer(2000)
    print(f"loop over brentq              {1e6 * loop:8.1f} us/point, {loop * 1e6 / labelled:.0f} times (budget 50)")
    by_eqtk = eqtk_loop(200)
    print(
        "loop over eqtk                "
        + (
            "not installed"
            if by_eqtk is None
            else f"{1e6 * by_eqtk:8.1f} us/point, {by_eqtk * 1e6 / labelled:.0f} times"
        )
    )
    n_points = N_STREAMED // 100 if quick else N_STREAMED
    seconds, peak, before = streamed(n_points)
    print(f"{n_points:.0e} states to a store      {seconds:8.1f} s, {n_points / seconds / 1e6:.2f} million/s")
    print(f"  peak resident memory        {peak:8.0f} MB ({before:.0f} MB before)")
    if not quick and len(os.sched_getaffinity(0)) > 1:
        alone = scaled(model, 1)
        for n_workers in (2,):
            print(f"4e6 states, {n_workers} processes over 1  {alone / scaled(model, n_workers):8.2f} times")
    print(f"largest memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

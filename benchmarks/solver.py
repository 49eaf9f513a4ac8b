"""Speed, failures and memory of the solver; ratios to public solvers where they are asked for.

Run: ``python benchmarks/solver.py`` for the solver alone; ``--peers FOLDER`` (made by ``benchmarks/peers.py``) compares
on the same points in the same run; ``--points N`` sets the random points per family.
Times are processor times of one thread unless said otherwise; random points have a seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tracemalloc
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from peers import add_option, ask
from solver_families import Family, list_families

from surfacechem.numerics import Directions, prepare, stream
from surfacechem.numerics.arithmetic import LANE, exp, ln
from surfacechem.numerics.programs import record_ending
from surfacechem.numerics.slopes import NO_DIRECTIONS
from surfacechem.numerics.tape import Op
from surfacechem.numerics.work import Results, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.numerics import Batch
    from surfacechem.numerics.tape import Program

BLOCK = 50_000
N_REPEATS = 5
UNCACHED = {**LANE, "cache": False}


def best(call: Callable[[], object]) -> float:
    """Return the least processor time of some repeats [s]."""
    times = []
    for _ in range(N_REPEATS):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def time_kernel(batch: Batch, *, is_compiled: bool) -> float:
    """Return seconds per point of the kernel of a batch's largest group, results written into warm memory."""
    points, _, kernel = max(batch._groups, key=lambda group: len(group[0]))  # noqa: SLF001 - measures the inside
    if is_compiled and kernel.compiled is None:
        return float("nan")
    n_all, n_outputs = batch.n_points, batch._book.n_outputs  # noqa: SLF001
    results = Results(
        np.zeros((n_all, n_outputs)),
        np.zeros(n_all, np.int8),
        np.zeros(n_all),
        np.zeros(n_all, np.int32),
        np.zeros((0, 0, 0)),
    )
    weights = batch._book.problem.ln_weight[np.newaxis]  # noqa: SLF001
    work = Work(points, batch._sources, weights, np.zeros((0, 0)))  # noqa: SLF001
    writing = kernel.follow(NO_DIRECTIONS)
    kernel.solve(work, results, writing, is_compiled=is_compiled)
    return best(lambda: kernel.solve(work, results, writing, is_compiled=is_compiled)) / len(points)


@njit(**UNCACHED)
def _exps(x: np.ndarray, y: np.ndarray, n: int) -> None:
    for _ in range(n):
        for k in range(len(x)):
            y[k] = exp(x[k])
        x[0] = y[-1]  # what goes round cannot be left out


@njit(**UNCACHED)
def _lns(x: np.ndarray, y: np.ndarray, n: int) -> None:
    for _ in range(n):
        for k in range(len(x)):
            y[k] = ln(x[k])
        x[0] = 1.0 + y[-1]


@njit(**UNCACHED)
def _divisions(x: np.ndarray, y: np.ndarray, n: int) -> None:
    for _ in range(n):
        for k in range(len(x)):
            y[k] = 1.0 / x[k]
        x[0] = y[-1]


@njit(**UNCACHED)
def _flops(x: np.ndarray, y: np.ndarray, n: int) -> None:
    for _ in range(n):
        for k in range(len(x)):
            a = x[k]
            # Sixteen fused multiply-adds that depend on nothing but registers.
            b = a * a + a
            c = b * a + a
            d = c * b + a
            e = d * c + b
            f = e * d + c
            g = f * e + d
            h = g * f + e
            y[k] = (h * g + f) * (b * c + d) + (e * f + g) * (a * h + c) + (b * g + e) * (d * h + a)
        x[0] = 1.0 / y[-1]


def measure_rates() -> dict[str, float]:
    """Return nanoseconds per exp, ln, division and multiply-add in vector code on this machine, now."""
    rates = {}
    for name, call, n in (("exp", _exps, 1), ("ln", _lns, 1), ("division", _divisions, 1), ("flop", _flops, 16)):
        x, y = np.linspace(1.0, 1.5, 256), np.empty(256)
        call(x, y, 1)
        rates[name] = best(partial(call, x, y, 5000)) / (5000 * 256 * n) * 1e9
    return rates


def count(program: Program, rates: dict[str, float]) -> float:
    """Return the time of a program's arithmetic at the rates measured [ns per point]."""
    kinds = {
        **dict.fromkeys((Op.EXP, Op.EXP_ONE), "exp"),
        Op.LN: "ln",
        **dict.fromkeys((Op.DIVIDE, Op.LOGISTIC, Op.PIVOT, Op.LIMIT), "division"),
    }
    free = {Op.CONSTANT, Op.COPY}
    operations = [Op(number) for number in program.code[:, 0]]
    return sum(rates[kinds.get(op, "flop")] for op in operations if op not in free)


def show_speed(families: list[Family]) -> None:
    """Print time per point against the floor of the arithmetic alone."""
    rates = measure_rates()
    # Rates include loading and storing each operand, which compiled kernels mostly save: they may beat this floor.
    print("\nRates now: " + ", ".join(f"{name} {value:.2f} ns" for name, value in rates.items()))
    print("\nNanoseconds per point, one core")
    print(f"{'family':24}{'interpreted':>13}{'compiled':>11}{'floor':>9}{'passes':>8}{'M/s':>7}")
    for family in families:
        batch = prepare(family.problem, family.totals[:BLOCK], _cut(family.host_totals), n_threads=1)
        passes = batch.solve().n_passes.mean()
        interpreted = time_kernel(batch, is_compiled=False) * 1e9
        compiled = time_kernel(batch, is_compiled=True) * 1e9
        kernel = max(batch._groups, key=lambda group: len(group[0]))[2]  # noqa: SLF001
        once = count(kernel.programs.start, rates) + count(record_ending(kernel._form, NO_DIRECTIONS).program, rates)  # noqa: SLF001
        floor = passes * count(kernel.programs.fast, rates) + once
        fastest = np.nanmin([interpreted, compiled])
        print(f"{family.name:24}{interpreted:13.0f}{compiled:11.0f}{floor:9.0f}{passes:8.2f}{1e3 / fastest:7.1f}")


def show_failures(families: list[Family]) -> None:
    """Print how many of all points are not solved, and the wall time of `Batch.solve` with threads and rescues."""
    print(f"\n{'family':24}{'points':>10}{'unsolved':>10}{'doubtful':>10}{'worst error':>13}{'wall s':>9}")
    for family in families:
        batch = prepare(family.problem, family.totals, family.host_totals)
        start = time.perf_counter()
        found = batch.solve()
        seconds = time.perf_counter() - start
        unsolved, doubtful = int((found.status % 4 != 0).sum()), int((found.status == 4).sum())
        print(
            f"{family.name:24}{len(found.status):>10}{unsolved:>10}{doubtful:>10}"
            f"{np.nanmax(found.error):13.1e}{seconds:9.2f}"
        )


def show_derivatives(family: Family) -> None:
    """Print what derivatives by the last ln K and by all totals add to a solve."""
    n_weights, n_totals = len(family.problem.ln_weight), family.totals.shape[1]
    matrix = np.eye(n_weights)[:, -1:]
    batch = prepare(family.problem, family.totals[:BLOCK], n_threads=1)
    directions = Directions(np.vstack((matrix.T, np.zeros((n_totals, n_weights)))), np.eye(n_totals + 1, n_totals, -1))
    solution, _ = batch.solve_along(directions)
    alone, along = best(batch.solve), best(lambda: batch.solve_along(directions))
    later = best(lambda: batch.derivatives(solution, matrix))
    print(
        f"{family.name}: derivatives along {n_totals + 1} directions add {100 * (along / alone - 1):.0f} % to a solve, "
        f"{100 * later / alone:.0f} % when asked for later"
    )


def show_threads(family: Family) -> None:
    """Print wall times on one thread and two, and what processor times say that an idle machine would give."""
    walls, ideal = [], []
    for n_threads in (1, 2):
        shared = prepare(family.problem, family.totals, n_threads=n_threads)
        times = []
        for _ in range(N_REPEATS):
            wall, total, here = time.perf_counter(), time.process_time(), time.thread_time()
            shared.solve()
            here = time.thread_time() - here
            elsewhere = time.process_time() - total - here  # the workers', where there are any
            times.append((time.perf_counter() - wall, here + elsewhere / n_threads))
        walls.append(min(wall for wall, _ in times))
        ideal.append(min(alone for _, alone in times))
    print(
        f"two threads against one              {walls[0] / walls[1]:8.2f} x wall time now, "
        f"{ideal[0] / ideal[1]:.2f} x by processor time on the longest path"
    )


def show_extras(families: list[Family]) -> None:
    """Print small calls, derivatives, threads and memory."""
    family, n_calls = families[0], 500
    weights = family.problem.ln_weight
    totals = np.column_stack((np.full(25, 1e-3), np.geomspace(1e-5, 1e-2, 25)))
    # ln K and both totals.
    directions = Directions(np.array([[0, 0, 1.0], [0, 0, 0], [0, 0, 0]]), np.array([[0, 0], [1.0, 0], [0, 1.0]]))
    small = prepare(family.problem, totals)
    near = small.solve(weights + 0.1)
    for name, call in (
        ("prepare, again", lambda: prepare(family.problem, totals)),
        ("solve", lambda: small.solve(weights)),
        ("solve, warm", lambda: small.solve(weights, near)),
        ("solve and derivatives", lambda: small.solve_along(directions, weights)),
    ):
        call()
        seconds = best(lambda call=call: [call() for _ in range(n_calls)]) / n_calls
        print(f"25 points, {name:26}{seconds * 1e6:8.1f} us")
    for each in families[:2]:
        show_derivatives(each)
    show_threads(families[0])
    for n_blocks in (2, 20):
        tracemalloc.start()
        blocks = ((family.totals[:10_000], None) for _ in range(n_blocks))
        for _ in stream(family.problem, blocks):
            pass
        print(
            f"peak memory, {n_blocks * 10_000:>7} points streamed  {tracemalloc.get_traced_memory()[1] / 1e6:8.1f} MB"
        )
        tracemalloc.stop()


def show_peers(families: list[Family], folder: Path) -> None:
    """Print times per point and ratios on the same points, and how many of them are right in every species."""
    columns = ("us/point", 10), ("interpreted", 13), ("compiled", 10), ("failed", 9), ("right to 1e-6", 15)
    print(f"\n{'family':24}{'solver':28}" + "".join(f"{name:>{width}}" for name, width in columns))
    # Peers take no negative coefficients, no hosts and no component that is no species.
    for family in (families[0], families[1], families[3]):
        ours = prepare(family.problem, family.totals[:BLOCK], n_threads=1)
        found = ours.solve()
        interpreted, compiled = (1e6 * time_kernel(ours, is_compiled=flag) for flag in (False, True))
        print(f"{family.name:24}{'this package':28}{np.nanmin([interpreted, compiled]):10.3f}")
        for record in _time_peers(family, folder):
            if "error" in record:
                print(f"{'':24}{record['name']:28}{record['error'][:80]}")
                continue
            theirs, each = record["found"], 1e6 * record["seconds"] / record["n_points"]
            failed = 100.0 * np.isnan(theirs).any(axis=1).mean()
            with np.errstate(divide="ignore", invalid="ignore"):
                right = 100.0 * np.mean(np.abs(np.log(theirs) - found.ln_c[: len(theirs)]).max(axis=1) <= 1e-6)
            print(
                f"{'':24}{record['name'] + ' ' + record['version']:28}{each:10.3g}{each / interpreted:11.0f} x"
                f"{each / compiled:8.0f} x{failed:7.1f} %{right:13.1f} %"
            )


def _time_peers(family: Family, folder: Path) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "points.npz"
        np.savez(path, nu=family.problem.nu, ln_beta=family.problem.ln_weight, totals=family.totals[:BLOCK])
        records = ask(folder, "solvers", "solver_peers.py", path)
        return [record | ({"found": np.load(record["path"])} if "path" in record else {}) for record in records]


def _cut(host_totals: np.ndarray | None) -> np.ndarray | None:
    return None if host_totals is None else host_totals[:BLOCK]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    add_option(parser)
    arguments = parser.parse_args()
    families = list_families(arguments.points)
    print(f"python {sys.version.split()[0]}, numpy {np.__version__}, {arguments.points} points per family")
    show_speed(families)
    show_failures(families)
    show_extras(families)
    if arguments.peers is not None:
        show_peers(families, arguments.peers)


if __name__ == "__main__":
    main()

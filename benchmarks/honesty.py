"""Do intervals mean what they say? Simulated titrations, fitted, and how often the truth lies in the interval.

Each titration has its own noise and is fitted by the public call, from no starting value, at 68 and 95 %. Peers:
`curve_fit` of scipy with every amplitude a parameter, started at the truth, for every design (concentrations by our
solver); and, where a program knows the model, what it calls 68 and 95 %, in an environment of its own.

Run: ``python benchmarks/honesty.py fits`` (ours and `curve_fit`, one titration after the other), ``peers --peers
FOLDER`` (other programs) or ``lanes`` (tens of thousands of titrations at once); ``--write docs/honesty.md`` puts the
table into the page. All data are simulated; seeds are the numbers of the titrations.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from honesty_designs import CELL, CELL_TOTAL, N_SHOTS, SHOT, SYRINGE_TOTAL, designs, draw, prepare, simulate
from peers import add_option, ask
from scipy.optimize import curve_fit
from scipy.special import stdtrit

from surfacechem.constants import LN10
from surfacechem.errors import SurfaceChemError
from surfacechem.fitting import FitResult, fit
from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.lanes import minimise
from surfacechem.fitting.noise import estimate_noise, measure_information
from surfacechem.fitting.replicas import replicate
from surfacechem.fitting.search import refine
from surfacechem.fitting.uncertainty import quantile, widen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.fitting.objective import Objective

LEVELS = (0.68, 0.95)
N_TITRATIONS = 500
N_CURVE_FIT = 200
N_BATCHES, N_LANES = 20, 1000
FIRST_BATCH = 10**6
"""Seed of the first batch: other titrations than those fitted one by one."""
PEERS = {
    0: (("fitters", ("lmfit conf_interval", "bindfit", "bindfit, not normalised")), ("musketeer", ("musketeer",))),
    1: (("fitters", ("lmfit conf_interval", "bindfit", "bindfit, not normalised")), ("musketeer", ("musketeer",))),
    5: (("pytc", ("pytc",)),),
}
"""Design -> environments and their programs; for the other designs none of them has a model."""


HEAD = (
    *("design", "constant", "by", "runs", "in 68 %", "in 95 %"),
    *("bias", "spread", "stated s.e.", "one-sided", "failed", "ms"),
)
HEAD_OF_LANES = ("design", "constant", "runs", "in 68 %", "in 95 %")


class Outcome(NamedTuple):
    """What one titration gave, per constant."""

    is_covered: np.ndarray  # (n_levels, n_constants)
    deviation: np.ndarray  # (n_constants,) of log10 K
    stderr: np.ndarray  # (n_constants,)
    is_one_sided: np.ndarray  # (n_constants,)


def try_fit(number: int, seed: int) -> Outcome | None:
    """Fit one titration at both levels; None where the fit says that it failed."""
    made = prepare(designs()[number])
    data = simulate(number, seed)
    try:
        results = [fit(made.network, data, level=level) for level in LEVELS]
    except SurfaceChemError:
        return None
    best = results[0]
    if best.fact("converged").tone.value == "bad":
        return None
    covered = [
        [is_inside(each, name, value) for name, value in zip(made.names, made.log10_truth, strict=True)]
        for each in results
    ]
    values = np.array([best[name].log10_value for name in made.names], dtype=float)
    one_sided = np.array([results[-1][name].is_bound_only for name in made.names])
    return Outcome(np.array(covered), values - made.log10_truth, np.sqrt(np.diag(best.covariance)), one_sided)


def is_inside(result: FitResult, name: str, truth: float) -> bool:
    """Tell whether the interval of a constant holds the truth; an open end holds everything beyond."""
    lower, upper = result[name].log10_interval or (None, None)
    return (lower is None or lower <= truth) and (upper is None or truth <= upper)


def try_curve_fit(number: int, seed: int) -> Outcome | None:
    """Fit one titration by `curve_fit`, amplitudes as parameters, sigmas true up to a factor, from the truth."""
    made, parts = prepare(designs()[number]), designs()[number].parts
    objective, _ = prepare_objective(made.network, (simulate(number, seed),), known={})
    (experiment,) = objective.experiments
    measured = [block.rows(block.measured).ravel() for block in experiment.blocks]
    sigma = [np.full(len(rows), part.noise) for rows, part in zip(measured, parts, strict=True)]
    sizes = np.cumsum([len(made.theta), *(part.amplitudes.size for part in parts)])

    def model(_: np.ndarray, *parameters: float) -> np.ndarray:
        constants, *amplitudes = np.split(np.array(parameters), sizes[:-1])
        concentration = experiment.solve(constants[np.newaxis]).concentration
        rows = zip(experiment.blocks, parts, amplitudes, strict=True)
        return np.concatenate(
            [(block.model.columns(concentration)[0] @ a.reshape(p.amplitudes.shape)).ravel() for block, p, a in rows]
        )

    start = np.concatenate([made.theta, *(part.amplitudes.ravel() for part in parts)])
    values = np.concatenate(measured)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found, covariance = curve_fit(model, np.zeros(len(values)), values, p0=start, sigma=np.concatenate(sigma))
    except (RuntimeError, ValueError, Warning):
        return None
    n_constants = len(made.theta)
    stderr, deviation = np.sqrt(np.diag(covariance))[:n_constants], found[:n_constants] - made.theta
    reach = [stdtrit(len(values) - len(found), 0.5 * (1 + level)) for level in LEVELS]
    covered = np.array([np.abs(deviation) <= each * stderr for each in reach])
    return Outcome(covered, deviation / LN10, stderr / LN10, np.zeros(n_constants, dtype=bool))


def rows_of(number: int, outcomes: list[Outcome | None], who: str, seconds: float) -> Iterator[str]:
    """Yield a table row per constant, with the seconds of one titration; what a program does not state is a dash."""
    good = [each for each in outcomes if each is not None]
    covered, deviation, stderr, one_sided = (np.array(each, dtype=float) for each in zip(*good, strict=True))
    for index, name in enumerate(prepare(designs()[number]).names):
        stated = (*100 * covered[:, :, index].mean(axis=0), np.median(stderr[:, index]))
        low, high, error = (f"{x:.{n}f}" if np.isfinite(x) else "—" for x, n in zip(stated, (1, 1, 4), strict=True))
        bias, spread = deviation[:, index].mean(), deviation[:, index].std()
        cells = (
            designs()[number].name,
            name,
            who,
            str(len(outcomes)),
            low,
            high,
            f"{bias:+.4f}",
            f"{spread:.4f}",
            error,
        )
        counts = (f"{one_sided[:, index].sum():.0f}", str(len(outcomes) - len(good)), f"{1e3 * seconds:.1f}")
        yield "| " + " | ".join(cells + counts) + " |"


def peer_rows(number: int, n_titrations: int, folder: Path | None) -> Iterator[str]:
    """Yield a row per constant of every public program that knows the model."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "data.npz"
        np.savez(path, **task(number, n_titrations))
        for environment, programs in PEERS[number]:
            for record in ask(folder, environment, "fit_peers.py", path, *programs):
                if "error" in record:
                    yield f"| {designs()[number].name} | | {record['name']}: {record['error']} |" + " |" * 9
                    continue
                with np.load(record["path"]) as answers:
                    outcomes = list(judge(prepare(designs()[number]).log10_truth, answers["log10_k"], answers["ends"]))
                yield from rows_of(number, outcomes, f"{record['name']} {record['version']}", record["seconds"])


def judge(truth: np.ndarray, log10_k: np.ndarray, ends: np.ndarray) -> Iterator[Outcome | None]:
    """Yield what each fit of a peer is worth; coverage and error are NaN where it states none."""
    for values, intervals in zip(log10_k, ends, strict=True):
        low, high = intervals[..., 0].T, intervals[..., 1].T
        covered = np.where(np.isnan(high), np.nan, (low <= truth) & (truth <= high))
        stderr = (high - low)[0] / 2 / quantile(LEVELS[0], np.inf)
        known = Outcome(covered, values - truth, stderr, np.zeros(len(truth), dtype=bool))
        yield known if np.isfinite(values).all() else None


def task(number: int, n_titrations: int) -> dict[str, object]:
    """Return what `fit_peers.py` reads: the same titrations as `simulate` gives, and a start near the truth."""
    values = np.concatenate([draw(number, 1, seed=seed)[0] for seed in range(n_titrations)])
    amounts = designs()[number].amounts
    if number == 5:
        return {
            "model": "itc", "kind": "itc", "host": np.array([CELL_TOTAL]), "guest": np.array([SYRINGE_TOTAL]),
            "values": values, "start": np.array([5.0]), "cell": CELL, "shots": np.full(N_SHOTS, SHOT),
            "sigma": designs()[number].parts[0].noise,
        }  # fmt: skip
    if number == 0:
        return {
            "model": "1:1", "kind": "nmr", "host": amounts["G"], "guest": amounts["H"], "values": values,
            "start": np.array([3.0]),
        }  # fmt: skip
    return {
        "model": "1:2", "kind": "uv", "host": amounts["H"], "guest": amounts["G"], "values": values,
        "start": np.array([4.0, 3.0]),
    }  # fmt: skip


def cover_by_lanes(number: int) -> list[str]:
    """Return a row per constant: how often the profile at the truth stays below its critical value.

    That is what a profile interval says, asked at the truth alone, of very many titrations; refined from the truth.
    """
    made = prepare(designs()[number])
    objective, _ = prepare_objective(made.network, (simulate(number, 0),), known={})
    inside = []
    for batch in range(N_BATCHES):
        values = draw(number, N_LANES, seed=FIRST_BATCH + batch)
        replicas = replicate(objective, values, np.zeros((N_LANES, 0)))
        best = refine(replicas, np.tile(made.theta, (N_LANES, 1))).parameters
        costs, information = replicas.block_costs(best), measure_information(replicas, best)
        noise = estimate_noise(replicas, costs, information)
        weighted = information / noise.sigma[..., np.newaxis, np.newaxis] ** 2
        known = np.linalg.inv(weighted.sum(axis=1))
        widened = [widen(*each) for each in zip(known, weighted, noise.freedom, strict=True)]
        stretch = np.sqrt([np.diag(each[0]) / np.diag(k) for each, k in zip(widened, known, strict=True)])
        rise = (
            rise_at_truth(replicas, best, made.theta, noise.sigma)
            - (costs.squares / noise.sigma**2).sum(axis=1)[:, np.newaxis]
        )
        quantiles = [[[quantile(level, dof) for dof in each[1]] for each in widened] for level in LEVELS]
        inside.append(np.sqrt(np.maximum(rise, 0.0)) <= stretch * np.array(quantiles))
    shares = 100 * np.concatenate(inside, axis=1).mean(axis=1)
    return [
        f"| {designs()[number].name} | {name} | {N_BATCHES * N_LANES} | {low:.1f} | {high:.1f} |"
        for name, low, high in zip(made.names, *shares, strict=True)
    ]


def rise_at_truth(replicas: Objective, best: np.ndarray, theta: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Return the cost with each constant held at its truth, the others at their best: (n_lanes, n_constants)."""
    costs = []
    for index in range(len(theta)):
        start = best.copy()
        start[:, index] = theta[index]
        minima = minimise(
            lambda trial, lanes: replicas.evaluate(trial, sigma[lanes], lanes),
            start,
            lower=replicas.parameters.lower,
            upper=replicas.parameters.upper,
            is_fixed=np.arange(len(theta)) == np.full((len(start), 1), index),
        )
        costs.append(minima.cost)
    return np.stack(costs, axis=1)


def study_fits(numbers: list[int], n_titrations: int, n_workers: int) -> Iterator[str]:
    """Yield the rows of our fits and of `curve_fit`."""
    with ProcessPoolExecutor(n_workers) as pool:
        for number in numbers:
            for who, attempt, n_tries in (
                ("surfacechem", try_fit, n_titrations),
                ("scipy curve_fit", try_curve_fit, min(n_titrations, N_CURVE_FIT)),
            ):
                begun = time.perf_counter()
                outcomes = list(pool.map(partial(attempt, number), range(n_tries), chunksize=10))
                yield from rows_of(number, outcomes, who, (time.perf_counter() - begun) / n_tries)


def main() -> None:
    """Run one of the studies; write its table into a page, between its markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", choices=["fits", "peers", "lanes"])
    parser.add_argument("--designs", nargs="*", type=int, default=list(range(len(designs()))), help="numbers, from 0")
    parser.add_argument("--titrations", type=int, default=N_TITRATIONS)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    add_option(parser)
    options = parser.parse_args()
    rows = {
        "fits": lambda: study_fits(options.designs, options.titrations, options.workers),
        "peers": lambda: chain.from_iterable(
            peer_rows(number, options.titrations, options.peers) for number in options.designs if number in PEERS
        ),
        "lanes": lambda: chain.from_iterable(cover_by_lanes(number) for number in options.designs),
    }[options.study]
    head = HEAD_OF_LANES if options.study == "lanes" else HEAD
    lines = []
    for line in chain(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)], rows()):
        print(line, flush=True)
        lines.append(line)
    if options.write is not None:
        text = options.write.read_text(encoding="utf-8")
        before, mark, rest = text.partition(f"<!-- {options.study} -->\n")
        after = rest.partition("<!-- end -->")[2]
        options.write.write_text(before + mark + "\n".join(lines) + f"\n<!-- end -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

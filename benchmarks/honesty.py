"""Do intervals mean what they say? Simulated titrations, fitted, and how often the truth lies in the interval.

Six designs; each titration has its own noise and is fitted by the public call, from no starting value, at 68 and 95 %.
The peer is plain scipy as a careful user writes it: `curve_fit` with every amplitude a parameter, started at the truth,
intervals from its covariance and Student's t.

Run: ``python benchmarks/honesty.py [n_titrations] [--write docs/honesty.md]``. All data are simulated; seeds are the
numbers of the titrations.
"""

from __future__ import annotations

import argparse
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import curve_fit
from scipy.special import stdtrit

from surfacechem.constants import LN10
from surfacechem.errors import SurfaceChemError
from surfacechem.fitting import FitResult, fit
from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.noise import degrees_of_freedom, estimate_noise
from surfacechem.fitting.replicas import replicate
from surfacechem.fitting.search import refine
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = (0.68, 0.95)
N_TITRATIONS = 500
N_WORKERS = 2
N_BATCHES, N_LANES = 8, 1000
ONE_BLOCK = (0, 2, 3, 5)
"""Designs with few values a point, which lanes hold by the thousand."""
N_PEER = 200
"""The peer is slow; fewer titrations tell its coverage well enough."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """One kind of titration.

    Attributes
    ----------
    name : str
        Shown in the table.
    text : str
        Model; ``{...}`` stand for the constants.
    truth : dict of str to str
        Constants that the simulation uses.
    amounts : dict of str to ndarray
        Feeds [mol/L].
    technique : Technique
        How it is measured.
    amplitudes : ndarray, shape (n_columns, n_channels)
        True shifts, spectra, heats.
    noise : float
        Standard deviation, in units of the signal.
    unit : str
        Unit of the signal.
    added : ndarray, shape (n_points,), optional
        Volume injected so far [L], with `cell` the volume [L].
    """

    name: str
    text: str
    truth: dict[str, str]
    amounts: dict[str, np.ndarray]
    technique: Technique
    amplitudes: np.ndarray
    noise: float
    unit: str
    added: np.ndarray | None = None
    cell: float | None = None


def designs() -> tuple[Design, ...]:
    """Return the six designs."""
    host = "surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG {K11}\n"
    core = "surfacechem 1\ncluster InP37 = In37P20(O2CR)51 where R = C13H27\nsite In on InP37 : 51 native O2CR\n"
    acid = "species HO2CR' = C18H34O2 where R' = C17H33\nX In-O2CR + HO2CR' <=> In-O2CR' + HO2CR {KX1}\n"
    zinc = "surfacechem 1\ncluster QD\nsite Z on QD : 30 native M\nL[1] Z-M + 2 A <=> Z-* + MA2 {KZ}\n"
    forms = "surfacechem 1\ncluster CdS37\nsite Cd on CdS37 : 6 native *\nconformer beta of CdS37 ; L0 = 50 fixed\n"
    bind = "L[a] Cd-* + B <=> Cd-B {Ka}\nL[b] Cd-* + B <=> Cd-B in beta {Kb}\n"
    wave = np.linspace(0.0, 1.0, 40)
    spectra = np.array([900 * np.exp(-(((wave - peak) / 0.2) ** 2)) for peak in (0.2, 0.5, 0.8)])
    injected = np.arange(1, 26) * 10e-6
    left = np.cumprod(np.full(25, 1 - 10e-6 / 1.4e-3))
    return (
        Design(
            name="1:1, NMR shifts", text=host + "observe d = shift(G, HG)", truth={"K11": "; K = 1500 /M"},
            amounts={"H": np.linspace(0, 4e-3, 16), "G": np.full(16, 1e-3)}, technique=Technique.NMR_SHIFT,
            amplitudes=np.array([[7.0, 8.1], [7.6, 7.9]]), noise=5e-3, unit="ppm",
        ),
        Design(
            name="1:2, UV-vis", text=host + "S[12] HG + G <=> HG2 {K12}\nobserve A = spectrum(H, HG, HG2)",
            truth={"K11": "; K = 2e4 /M", "K12": "; K = 3e3 /M"},
            amounts={"H": np.full(20, 1e-4), "G": np.linspace(0, 2e-3, 20)}, technique=Technique.UV_VIS,
            amplitudes=10 * spectra, noise=3e-3, unit="1",
        ),
        Design(
            name="X exchange, 51 sites",
            text=core + acid + "observe bound = integral(In-O2CR')\nobserve free = integral(HO2CR')",
            truth={"KX1": "; K = 1.3"},
            amounts={"InP37": np.full(12, 5e-4), "HO2CR'": np.linspace(5, 150, 12) * 5e-4},
            technique=Technique.NMR_INTEGRAL, amplitudes=np.array([[120.0]]), noise=0.03, unit="1",
        ),
        Design(
            name="Z displacement, q = 2", text=zinc + "observe bound = integral(Z-M)\nobserve freed = integral(MA2)",
            truth={"KZ": "; K = 0.05 /M"},
            amounts={"QD": np.full(14, 5e-5), "A": np.geomspace(3e-3, 0.6, 14)},
            technique=Technique.NMR_INTEGRAL, amplitudes=np.array([[1000.0]]), noise=0.03, unit="1",
        ),
        Design(
            name="conformers, L0 = 50 (MWC)", text=forms + bind + "observe A = spectrum(CdS37, CdS37.beta)",
            truth={"Ka": "; K = 2000 /M", "Kb": "; K = 150 /M"},
            amounts={"CdS37": np.full(24, 2e-5), "B": np.geomspace(2e-5, 2e-2, 24)}, technique=Technique.UV_VIS,
            amplitudes=100 * spectra[:2], noise=2e-3, unit="1",
        ),
        Design(
            name="ITC, 25 injections", text=host + "observe q = calorimetry(HG, cell = 1.4 mL)",
            truth={"K11": "; K = 2e5 /M"},
            amounts={"H": 1e-4 * left, "G": 1.2e-3 * (1 - left)}, technique=Technique.ITC,
            amplitudes=np.array([[-4e4], [2e-6]]), noise=3e-6, unit="J", added=injected, cell=1.4e-3,
        ),
    )  # fmt: skip


@cache
def prepared(number: int) -> tuple[Network, Network, np.ndarray]:
    """Return the model to fit, the true one, and the exact signal (n_points, n_channels)."""
    design = designs()[number]
    unknown = dict.fromkeys(design.truth, "")
    network, true = (Network(parse(design.text.format(**values))) for values in (unknown, design.truth))
    blank = [np.zeros((len(next(iter(design.amounts.values()))), n)) for n in n_channels(design)]
    objective, _ = prepare_objective(network, (titration(design, network, blank, placeholder=True),), known={})
    (experiment,) = objective.experiments
    state = experiment.solve(true.ln_constants[free_indices(network, true)][np.newaxis])
    (block,) = experiment.blocks
    return network, true, block.table(block.model.columns(state.concentration)[0] @ design.amplitudes)


def n_channels(design: Design) -> list[int]:
    """Return the number of channels of each signal."""
    if design.technique is Technique.NMR_INTEGRAL:
        return [1] * design.text.count("observe ")
    return [design.amplitudes.shape[1]]


def free_indices(network: Network, true: Network) -> list[int]:
    """Return where the fitted constants stand among the true ones."""
    names = [constant.name for constant in true.constants]
    return [names.index(each.name) for each in network.constants if each.role.value == "fit"]


def titration(design: Design, network: Network, tables: list[np.ndarray], *, placeholder: bool = False) -> Titration:
    """Return a titration with these signals."""
    names = [observable.name for observable in network.system.observables]
    signals = tuple(
        Signal(
            name=name, technique=design.technique, channels=tuple(f"{name}{c}" for c in range(table.shape[1])),
            values=table + (np.arange(len(table))[:, np.newaxis] if placeholder else 0.0), unit=design.unit,
        )
        for name, table in zip(names, tables, strict=True)
    )  # fmt: skip
    amounts = np.column_stack(list(design.amounts.values()))
    labels = tuple(str(point) for point in range(1, len(amounts) + 1))
    return Titration(
        name="simulated", feeds=tuple(design.amounts), amounts=amounts, signals=signals, labels=labels,
        added=design.added, initial_volume=design.cell,
    )  # fmt: skip


def simulate(number: int, seed: int) -> Titration:
    """Return one simulated titration."""
    design = designs()[number]
    network, _, exact = prepared(number)
    values = exact + np.random.default_rng([number, seed]).normal(0.0, design.noise, exact.shape)
    tables = list(np.split(values, np.cumsum(n_channels(design))[:-1], axis=1))
    return titration(design, network, tables)


class Outcome(NamedTuple):
    """What one titration gave, per constant."""

    is_covered: np.ndarray  # (n_levels, n_constants)
    deviation: np.ndarray  # (n_constants,) of log10 K
    stderr: np.ndarray  # (n_constants,)
    is_one_sided: np.ndarray  # (n_constants,)


def try_fit(number: int, seed: int) -> Outcome | None:
    """Fit one titration at both levels; None where the fit says that it failed."""
    network, true, _ = prepared(number)
    log10_truth = true.ln_constants[free_indices(network, true)] / LN10
    data = simulate(number, seed)
    try:
        results = [fit(network, data, level=level) for level in LEVELS]
    except SurfaceChemError:
        return None
    best = results[0]
    if best.fact("converged").tone.value == "bad":
        return None
    covered = np.array(
        [
            [is_inside(each, name, value) for name, value in zip(each.parameter_names, log10_truth, strict=True)]
            for each in results
        ]
    )
    values = np.array([best[name].log10_value for name in best.parameter_names], dtype=float)
    one_sided = np.array([results[-1][name].is_bound_only for name in best.parameter_names])
    return Outcome(covered, values - log10_truth, np.sqrt(np.diag(best.covariance)), one_sided)


def is_inside(result: FitResult, name: str, truth: float) -> bool:
    """Tell whether the interval of a constant holds the truth; an open end holds everything beyond."""
    lower, upper = result[name].log10_interval or (None, None)
    return (lower is None or lower <= truth) and (upper is None or truth <= upper)


def try_peer(number: int, seed: int) -> Outcome | None:
    """Fit one titration by `curve_fit`, amplitudes as parameters, started at the truth."""
    design = designs()[number]
    network, true, _ = prepared(number)
    theta = true.ln_constants[free_indices(network, true)]
    data = simulate(number, seed)
    objective, _ = prepare_objective(network, (data,), known={})
    (experiment,) = objective.experiments
    (block,) = experiment.blocks
    measured = block.rows(block.measured)

    def model(_: np.ndarray, *parameters: float) -> np.ndarray:
        constants, amplitudes = np.array(parameters[: len(theta)]), np.array(parameters[len(theta) :])
        columns = block.model.columns(experiment.solve(constants[np.newaxis]).concentration)[0]
        return (columns @ amplitudes.reshape(design.amplitudes.shape)).ravel()

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            start = np.concatenate([theta, design.amplitudes.ravel()])
            found, covariance = curve_fit(model, np.zeros(measured.size), measured.ravel(), p0=start)
    except (RuntimeError, ValueError, Warning):
        return None
    stderr = np.sqrt(np.diag(covariance))[: len(theta)]
    deviation = found[: len(theta)] - theta
    reach = [stdtrit(measured.size - len(found), 0.5 * (1 + level)) for level in LEVELS]
    covered = np.array([np.abs(deviation) <= each * stderr for each in reach])
    return Outcome(covered, deviation / LN10, stderr / LN10, np.zeros(len(theta), dtype=bool))


def rows_of(number: int, outcomes: list[Outcome | None], who: str, seconds: float) -> Iterator[str]:
    """Yield a table row per constant."""
    network, _, _ = prepared(number)
    names = [each.name for each in network.constants if each.role.value == "fit"]
    good = [each for each in outcomes if each is not None]
    n_failed = len(outcomes) - len(good)
    for index, name in enumerate(names):
        low, high = (100 * np.mean([each.is_covered[level, index] for each in good]) for level in range(2))
        bias = np.mean([each.deviation[index] for each in good])
        spread = np.std([each.deviation[index] for each in good])
        stated = np.median([each.stderr[index] for each in good])
        one_sided = sum(bool(each.is_one_sided[index]) for each in good)
        each_took = 1e3 * seconds / len(outcomes)
        yield (
            f"| {designs()[number].name} | {name} | {who} | {len(outcomes)} | {low:.1f} | {high:.1f} | "
            f"{bias:+.4f} | {spread:.4f} | {stated:.4f} | {one_sided} | {n_failed} | {each_took:.0f} |"
        )


def cover_by_lanes(number: int) -> str:
    """Return a table row of the coverage of ``value +/- t s.e.`` in thousands of titrations, fitted as lanes.

    The standard errors are those of the fits; profile intervals of so many would take an hour.
    """
    design = designs()[number]
    network, true, exact = prepared(number)
    theta = true.ln_constants[free_indices(network, true)]
    objective, _ = prepare_objective(network, (simulate(number, 0),), known={})
    is_inside: list[np.ndarray] = []
    for seed in range(N_BATCHES):
        draws = np.random.default_rng([N_BATCHES, number, seed])
        values = exact + draws.normal(0.0, design.noise, (N_LANES, *exact.shape))
        replicas = replicate(objective, [values], np.zeros((N_LANES, 0)))
        found = refine(replicas, np.tile(theta, (N_LANES, 1)))
        costs = replicas.block_costs(found.parameters)
        dof = degrees_of_freedom(replicas, costs)[0, 0]
        information = sum(
            np.swapaxes(slopes, 1, 2) @ slopes
            for _, slopes in replicas.lane_slopes(found.parameters, np.arange(N_LANES))
        )
        stderr = np.sqrt(np.diagonal(np.linalg.inv(information), axis1=1, axis2=2)) * estimate_noise(replicas, costs)
        deviation = np.abs(found.parameters - theta) / stderr
        is_inside.append(np.stack([deviation < stdtrit(dof, 0.5 * (1 + level)) for level in LEVELS]))
    low, high = 100 * np.concatenate(is_inside, axis=1).mean(axis=(1, 2))
    return f"| {design.name} | {N_BATCHES * N_LANES} | {low:.1f} | {high:.1f} |"


def study(n_titrations: int) -> list[str]:
    """Return the lines of the table."""
    lines = [
        "| design | constant | by | runs | in 68 % | in 95 % | bias | spread | stated s.e. | one-sided | failed | ms |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    with ProcessPoolExecutor(N_WORKERS) as pool:
        for number in range(len(designs())):
            for who, attempt, n_tries in (
                ("surfacechem", try_fit, n_titrations),
                ("scipy", try_peer, min(n_titrations, N_PEER)),
            ):
                begun = time.perf_counter()
                outcomes = list(pool.map(partial(attempt, number), range(n_tries), chunksize=10))
                for line in rows_of(number, outcomes, who, time.perf_counter() - begun):
                    print(line, flush=True)
                    lines.append(line)
    return lines


def main() -> None:
    """Run the study; write its table into a page, between its markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_titrations", nargs="?", type=int, default=N_TITRATIONS)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--lanes", action="store_true", help="only thousands of titrations fitted as lanes")
    options = parser.parse_args()
    if options.lanes:
        for number in ONE_BLOCK:
            print(cover_by_lanes(number), flush=True)
        return
    lines = study(options.n_titrations)
    if options.write is not None:
        text = options.write.read_text(encoding="utf-8")
        before, after = text.split("<!-- table -->")[0], text.split("<!-- end -->")[1]
        options.write.write_text(f"{before}<!-- table -->\n" + "\n".join(lines) + f"\n<!-- end -->{after}", "utf-8")


if __name__ == "__main__":
    main()

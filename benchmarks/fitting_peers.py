"""Time of one fit with covariance against public programs, and whether they find the same constants.

Every program begins at the same constants and fits the same simulated titration; ours also as users call it, with its
search from no start and its profile intervals, and with model and data bound to each other before, as in refits of a
bootstrap or from other starts. The plain scipy fit has its own solver for the concentrations, all
points at once, and eliminates the amplitudes: what a careful user would write. Times are the least processor times of
some runs on one core.

Run: ``python benchmarks/fitting_peers.py --peers FOLDER`` (made by ``benchmarks/peers.py``).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from honesty_designs import Design, Part, measure, prepare
from peers import add_option, ask, keep_to_one_core

from surfacechem.constants import LN10
from surfacechem.fitting import fit
from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.search import refine
from surfacechem.fitting.uncertainty import estimate_covariance
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.fitting.objective import Objective

SEED = 20
N_REPEATS = 100
SAME = 0.1
"""Constants this share of a standard error apart are the same."""
PEERS = (
    ("fitters", ("scipy", "lmfit"), N_REPEATS),
    ("fitters", ("bindfit", "bindfit, not normalised"), 3),
    ("musketeer", ("musketeer",), 5),
)
"""Environment, its programs, and how often they fit: the slow ones less often."""
KINDS = {Technique.NMR_SHIFT: "nmr", Technique.UV_VIS: "uv"}


def cases() -> tuple[Design, ...]:
    """Return the titrations: 1 mmol/L host, up to 6 equivalents of guest."""
    one = "surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG {K11}\n"
    two = one + "S[12] HG + G <=> HG2 {K12}\n"
    single, double = {"K11": "; K = 2000 /M"}, {"K11": "; K = 2000 /M", "K12": "; K = 300 /M"}
    return (
        _case("NMR 1:1, 20 points x 2 shifts", one + "observe s = shift(H, HG)", single, 20, _shifts(2, 2)),
        _case("NMR 1:2, 25 points x 4 shifts", two + "observe s = shift(H, HG, HG2)", double, 25, _shifts(3, 4)),
        _case("NMR 1:2, 100 points x 4 shifts", two + "observe s = shift(H, HG, HG2)", double, 100, _shifts(3, 4)),
        _case("UV-vis 1:1, 20 x 200", one + "observe s = spectrum(H, HG)", single, 20, _spectra(2)),
        _case("UV-vis 1:2, 60 x 200", two + "observe s = spectrum(H, HG, HG2)", double, 60, _spectra(3)),
    )


def _case(name: str, text: str, truth: dict[str, str], n_points: int, part: Part) -> Design:
    amounts = {"H": np.full(n_points, 1e-3), "G": np.linspace(0.0, 6e-3, n_points)}
    return Design(name=name, text=text, truth=truth, amounts=amounts, parts=(part,))


def _shifts(n_columns: int, n_channels: int) -> Part:
    shifts = np.random.default_rng(SEED).uniform(6.0, 9.0, (n_columns, n_channels))
    return Part(technique=Technique.NMR_SHIFT, amplitudes=shifts, noise=2e-3, unit="ppm")


def _spectra(n_columns: int) -> Part:
    wavelength = np.linspace(250.0, 550.0, 200)
    bands = np.array([900 * np.exp(-(((wavelength - peak) / 40) ** 2)) for peak in (310.0, 350.0, 420.0)])
    return Part(technique=Technique.UV_VIS, amplitudes=bands[:n_columns], noise=1e-3, unit="1")


def once(objective: Objective, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log10 K and standard errors of one fit from one start."""
    found = refine(objective, start[np.newaxis]).parameters[0]
    return found / LN10, np.sqrt(np.diag(estimate_covariance(objective, found).matrix)) / LN10


def best(call: Callable[[], object]) -> float:
    """Return the least processor time of some runs [s], the first one (compilation, caches) left out."""
    call()
    times = []
    for _ in range(N_REPEATS):
        begun = time.process_time()
        call()
        times.append(time.process_time() - begun)
    return min(times)


def compare(design: Design, folder: Path | None) -> None:
    """Print the lines of one titration."""
    made, (part,) = prepare(design), design.parts
    values = made.exact[0] + np.random.default_rng(SEED).normal(0.0, part.noise, made.exact[0].shape)
    data = measure(design, [values])
    start = np.log10([1000.0, 600.0])[: len(made.theta)]
    objective, _ = prepare_objective(made.network, (data,), known={})

    def ours() -> tuple[np.ndarray, np.ndarray]:
        return once(prepare_objective(made.network, (data,), known={})[0], start * LN10)

    log10_k, stderr = once(objective, start * LN10)
    whole, single, again = (
        best(lambda: fit(made.network, data)),
        best(ours),
        best(lambda: once(objective, start * LN10)),
    )
    print(f"| {design.name} | this package, one start | {1e3 * single:.2f} | | 0 |")
    print(f"| | this package, one start, model and data bound before | {1e3 * again:.2f} | | 0 |")
    print(f"| | this package, search and profile intervals | {1e3 * whole:.1f} | | 0 |")
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "data.npz"
        host, guest = design.amounts["H"], design.amounts["G"]
        model = "1:1" if len(start) == 1 else "1:2"
        kind = KINDS[part.technique]
        for environment, programs, n_repeats in PEERS:
            repeated = np.repeat(values[np.newaxis], n_repeats, axis=0)
            np.savez(path, model=model, kind=kind, host=host, guest=guest, values=repeated, start=start)
            for record in ask(folder, environment, "fit_peers.py", path, *programs):
                if "error" in record:
                    print(f"| | {record['name']}: {record['error']} | | | |")
                    continue
                with np.load(record["path"]) as answers:
                    apart = np.max(np.abs(answers["log10_k"][0] - log10_k) / stderr)
                seconds = record["fastest"]
                wrong = "" if apart < SAME else ", another answer"
                print(
                    f"| | {record['name']} {record['version']} | {1e3 * seconds:.1f} | {seconds / single:.1f} x | "
                    f"{apart:.2g}{wrong} |"
                )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_option(parser)
    folder = parser.parse_args().peers
    print("| titration | program | ms | against one start | apart / s.e. |\n|---|---|---|---|---|")
    for design in cases():
        compare(design, folder)


if __name__ == "__main__":
    keep_to_one_core()
    main()

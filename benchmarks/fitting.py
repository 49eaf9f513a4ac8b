"""Time of a fit: whole (search, covariance, profile intervals), refined from one start, and by plain scipy.

The peer is what a careful user would write: `scipy.optimize.least_squares` on the constants alone, amplitudes
eliminated by `lstsq`, Jacobian by differences, the same solver for the concentrations, started near the answer.

Run: ``python benchmarks/fitting.py``. Data are simulated (model, noise and seed below).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import least_squares

from surfacechem.fitting import bootstrap, fit
from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.search import refine
from surfacechem.fitting.uncertainty import estimate_covariance
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = """surfacechem 1
species H
species G
S[11]  H + G  <=> HG  {first}
S[21]  H + HG <=> H2G {second}
observe seen = {observe}
"""
TRUTH = {"first": "; K = 2000 /M", "second": "; K = 300 /M"}
ENTITIES = ("H", "HG", "H2G")
START = np.log([1000.0, 600.0])
SEED = 20
BUDGETS = {"NMR, 25 points x 4 signals": 0.5, "UV-vis, 30 points x 300 wavelengths": 1.0}


def nmr() -> tuple[Network, Titration]:
    """Simulate 25 points of four shifts, noise 0.002 ppm."""
    draws = np.random.default_rng(SEED)
    limits = draws.uniform(6.0, 9.0, (3, 4))
    return simulate("shift(H, HG, H2G)", Technique.NMR_SHIFT, 25, limits, noise=2e-3, weights=(1.0, 1.0, 2.0))


def uv_vis() -> tuple[Network, Titration]:
    """Simulate 30 spectra of 300 wavelengths, noise 0.001."""
    wavelength = np.linspace(250.0, 550.0, 300)
    spectra = np.array([900 * np.exp(-(((wavelength - peak) / 40) ** 2)) for peak in (310.0, 350.0, 420.0)])
    return simulate("spectrum(H, HG, H2G)", Technique.UV_VIS, 30, spectra, noise=1e-3)


def simulate(
    observe: str,
    technique: Technique,
    n_points: int,
    amplitudes: np.ndarray,
    *,
    noise: float,
    weights: tuple[float, ...] | None = None,
) -> tuple[Network, Titration]:
    """Return a model and its titration of 1 mmol/L host."""
    amounts = np.column_stack([np.full(n_points, 1e-3), np.linspace(0, 5e-3, n_points)])
    seen = Network(parse(MODEL.format(observe=observe, **TRUTH))).solve({"H": amounts[:, 0], "G": amounts[:, 1]})
    columns = np.column_stack([seen.of(entity) for entity in ENTITIES])
    if weights is not None:
        columns = columns * weights / (columns @ weights)[:, np.newaxis]
    values = columns @ amplitudes
    values += np.random.default_rng(SEED).normal(0, noise, values.shape)
    signal = Signal(
        name="seen",
        technique=technique,
        channels=tuple(str(channel) for channel in range(values.shape[1])),
        values=values,
        unit="ppm" if weights else "1",
    )
    labels = tuple(str(point) for point in range(n_points))
    data = Titration(name="simulated", feeds=("H", "G"), amounts=amounts, signals=(signal,), labels=labels)
    return Network(parse(MODEL.format(observe=observe, first="", second=""))), data


def refine_once(network: Network, data: Titration) -> np.ndarray:
    """Fit from one start, with covariance."""
    objective, _ = prepare_objective(network, (data,), known={})
    found = refine(objective, START[np.newaxis])
    estimate_covariance(objective, found.parameters[0])
    return found.parameters[0]


def plain_scipy(network: Network, data: Titration) -> np.ndarray:
    """Fit from the same start with least_squares, amplitudes eliminated at every call; covariance from its Jacobian."""
    bound = network.bind({"H": data.amounts[:, 0], "G": data.amounts[:, 1]})
    picked = [network.entities.index(entity) for entity in ENTITIES]
    is_shift = data.signals[0].technique is Technique.NMR_SHIFT
    values = data.signals[0].values

    def residual(theta: np.ndarray) -> np.ndarray:
        columns = bound.solve(theta).concentration[:, picked]
        if is_shift:
            columns = columns * [1.0, 1.0, 2.0]
            columns /= columns.sum(axis=1, keepdims=True)
        return (values - columns @ np.linalg.lstsq(columns, values)[0]).ravel()

    found = least_squares(residual, START, xtol=1e-10, ftol=1e-12)
    np.linalg.inv(found.jac.T @ found.jac)
    return found.x


def best_of(call: Callable[[], object], seconds: float = 1.0) -> float:
    """Return the shortest time of the runs of some seconds [s], the first run (compilation, caches) left out.

    What else the machine does makes runs longer, never shorter.
    """
    call()
    times, begun = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() < begun + seconds:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print the table."""
    print(f"{'case':38}{'whole fit':>12}{'budget':>9}{'one start':>12}{'scipy':>10}{'ratio':>8}{'|d ln K|':>11}")
    for (name, budget), make in zip(BUDGETS.items(), (nmr, uv_vis), strict=True):
        network, data = make()
        whole = best_of(lambda: fit(network, data))  # noqa: B023  (called here)
        once = best_of(lambda: refine_once(network, data))  # noqa: B023
        peer = best_of(lambda: plain_scipy(network, data))  # noqa: B023
        apart = np.abs(refine_once(network, data) - plain_scipy(network, data)).max()
        print(
            f"{name:38}{whole * 1e3:9.1f} ms{budget * 1e3:6.0f} ms{once * 1e3:9.2f} ms{peer * 1e3:7.1f} ms"
            f"{peer / once:8.1f}{apart:11.1e}"
        )
    network, data = nmr()
    result = fit(network, data)
    replicas = best_of(lambda: bootstrap(network, data, result))
    starts = np.log(10.0) * np.stack(np.meshgrid(*[np.linspace(0.0, 6.0, 8)] * 2), axis=-1).reshape(-1, 2)
    objective, _ = prepare_objective(network, (data,), known={})
    searched = best_of(lambda: refine(objective, starts))
    print(f"1000 refits of the NMR titration {replicas:.2f} s (budget 1 s); 64 starts {searched * 1e3:.0f} ms (50 ms)")


if __name__ == "__main__":
    main()

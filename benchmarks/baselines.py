"""Intervals of spectra with everything switched on that takes off what is not chemistry: how often they hold the truth.

Simulated series of spectra and of light (seeds are their numbers): dilution by the titrant, a baseline, a drift, a
known spectrum, offsets of single spectra, spectra that touch zero and may not be negative; quenched light behind inner
filters whose absorptivities are fitted. Each is fitted by the public call, from no starting value, at 68 and 95 %.

Run: ``python benchmarks/baselines.py`` (three minutes on one core); ``--runs 100`` for fewer,
``--write docs/fitting.md`` puts the table into the page.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import surfacechem as sc
from surfacechem.fitting import fit

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = (0.6827, 0.95)
N_RUNS = 300
N_POINTS = 21
NOISE = 0.002
WAVELENGTHS = np.linspace(350.0, 450.0, 41)
ORDER = np.linspace(-0.5, 0.5, N_POINTS)
BINDING = """surfacechem 1
species Host
species Guest
S[11] Host + Guest <=> HG ; K = {K} /M
observe A = spectrum(Host, Guest, HG{words})
"""
LIGHT = """surfacechem 1
cluster C
site S on C : 51
L[1] S-* + Q <=> S-Q ; K = {K} /M
observe A400 = absorbance(C at {a}, Q at {b})
observe A520 = absorbance(C at 4e4 /(M cm))
observe F = emission(C, S-Q, q = {q}, primary = A400, secondary = A520)
"""
HEAD, TAIL = "<!-- baselines -->", "<!-- end of baselines -->"


class Series(NamedTuple):
    """A simulated series, its model and the truth of what is judged."""

    name: str
    model: sc.Model
    truth: dict[str, float]
    draw: Callable[[int], sc.Titration]
    known: dict[str, dict[str, np.ndarray]]


def bell(center: float, width: float, height: float) -> np.ndarray:
    """Return a spectrum that touches zero on its flanks [L/(mol cm)]."""
    return np.clip(height * np.exp(-(((WAVELENGTHS - center) / width) ** 2)) - 200.0, 0.0, None)


SPECTRA = {"Host": bell(370.0, 12.0, 1e4), "Guest": bell(360.0, 15.0, 3.2e3), "HG": bell(410.0, 15.0, 1.2e4)}


def table(name: str, technique: sc.Technique, values: np.ndarray, path: float = 1.0) -> sc.Signal:
    """Return a signal, with the wavelengths of the series where it has as many channels."""
    axis = WAVELENGTHS if values.shape[1] == len(WAVELENGTHS) else None
    channels = (name,) if axis is None else tuple(f"{each:g} nm" for each in axis)
    return sc.Signal(
        name=name, technique=technique, channels=channels, values=values, unit="1", axis=axis, path_length=path
    )


def spectra(name: str, words: str, technique: sc.Technique = sc.Technique.UV_VIS) -> Series:
    """Return a 1:1 titration, 2 mL of 0.1 mM host with up to 0.5 mL of 3 mM guest, with all that the words take off."""
    added = np.linspace(0.0, 5e-4, N_POINTS)
    share = added / (2e-3 + added)
    amounts = np.column_stack([1e-4 * (1.0 - share), 3e-3 * share])
    seen = sc.Model(BINDING.format(K=5000, words="")).solve({"Host": amounts[:, 0], "Guest": amounts[:, 1]})
    clean = np.sum([np.outer(seen.of(each), spectrum) for each, spectrum in SPECTRA.items()], axis=0)
    if "baseline" in words:
        clean = clean + 0.02 + 0.01 * np.sin(WAVELENGTHS / 20.0)
    if "drift" in words:
        clean = clean - 0.015 * ORDER[:, np.newaxis]

    def draw(seed: int) -> sc.Titration:
        random = np.random.default_rng(seed)
        askew = random.normal(scale=0.05, size=(N_POINTS, 1)) * ("offset" in words)
        values = clean + askew + random.normal(scale=NOISE, size=clean.shape)
        return titration(amounts, ("Host", "Guest"), (table("A", technique, values),))

    model = sc.Model(BINDING.format(K="fit", words=f", {words}" if words else ""))
    return Series(name, model, {"K[11]": 5000.0}, draw, {"A": {"Guest": SPECTRA["Guest"]}})


def titration(amounts: np.ndarray, feeds: tuple[str, ...], signals: tuple[sc.Signal, ...]) -> sc.Titration:
    """Return a data set of simulated signals."""
    labels = tuple(map(str, range(len(amounts))))
    return sc.Titration(name="simulated", feeds=feeds, amounts=amounts, signals=signals, labels=labels)


def light() -> Series:
    """Return light of particles of 51 sites behind both inner filters, in a cell of 4 mm, and their absorbances."""
    truth = sc.Model(LIGHT.format(K="2e4", a="2e5 /(M cm)", b="300 /(M cm)", q="0.95"))
    amounts = np.column_stack([np.full(N_POINTS, 2e-6), np.linspace(0.0, 1.2e-3, N_POINTS)])
    seen = truth.solve({"C": amounts[:, 0], "Q": amounts[:, 1]})
    absorbance = 2e5 * 2e-6 + 300.0 * seen.of("Q")
    bright = (1.0 - 0.05 * seen.of("S-Q") / (51 * 2e-6)) ** 51 * 10 ** (-0.4 * (absorbance + 4e4 * 2e-6) / 2.0)

    def draw(seed: int) -> sc.Titration:
        random = np.random.default_rng(seed)
        noisy = [values + random.normal(scale=NOISE, size=N_POINTS) for values in (absorbance, bright)]
        kinds = (("A400", sc.Technique.UV_VIS, 1.0), ("F", sc.Technique.FLUORESCENCE, 0.4))
        signals = tuple(
            table(name, technique, values[:, np.newaxis], path)
            for (name, technique, path), values in zip(kinds, noisy, strict=True)
        )
        return titration(amounts, ("C", "Q"), signals)

    model = sc.Model(LIGHT.format(K="fit", a="1.5e5 /(M cm) fit", b="200 /(M cm) fit", q="0.9 fit"))
    known = {"K[1]": 2e4, "q[F]": 0.95, "absorptivity[A400, C]": 2e5, "absorptivity[A400, Q]": 300.0}
    return Series("quenched light, both filters fitted", model, known, draw, {})


def series() -> tuple[Series, ...]:
    """Return what is simulated."""
    everything = "nonnegative, baseline, drift"
    return (
        spectra("UV-vis, dilution and a known spectrum", ""),
        spectra("the same, non-negative", "nonnegative"),
        spectra("the same, baseline and drift too", everything),
        spectra("baseline, drift, an offset each", "baseline, drift, offset"),
        spectra("fluorescence, non-negative, baseline, drift", everything, sc.Technique.FLUORESCENCE),
        light(),
    )


def judge(each: Series, n_runs: int) -> list[str]:
    """Return a row of the table for each constant of a series."""
    hits = {(name, level): 0 for name in each.truth for level in LEVELS}
    away: dict[str, list[float]] = {name: [] for name in each.truth}
    for seed in range(n_runs):
        data = each.draw(seed)
        for level in LEVELS:
            result = fit(each.model, data, level=level, known=each.known)
            for name, value in each.truth.items():
                lower, upper = result[name].log10_interval or (None, None)
                true = float(np.log10(value))
                hits[name, level] += (lower is None or lower <= true) and (upper is None or true <= upper)
        for name, value in each.truth.items():
            estimate = result[name]
            away[name].append(((estimate.log10_value or 0.0) - np.log10(value)) / (estimate.log10_stderr or np.nan))
    return [
        f"| {each.name} | {name} | {n_runs} | {100 * hits[name, LEVELS[0]] / n_runs:.1f} "
        f"| {100 * hits[name, LEVELS[1]] / n_runs:.1f} | {np.mean(away[name]):+.2f} | {np.std(away[name]):.2f} |"
        for name in each.truth
    ]


def main() -> None:
    """Print the table, or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=N_RUNS)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    rows = ["| series | constant | runs | in 68 % | in 95 % | mean of z | s.d. of z |", "|---|---|---|---|---|---|---|"]
    for each in series():
        rows += judge(each, options.runs)
        print(rows[-1], flush=True)
    if options.write is not None:
        before, _, rest = options.write.read_text(encoding="utf-8").partition(HEAD)
        _, _, after = rest.partition(TAIL)
        page = f"{before}{HEAD}\n" + "\n".join(rows) + f"\n{TAIL}{after}"
        options.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()

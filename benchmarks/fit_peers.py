"""Fit titrations from a file with public programs. Runs in the peers' own environments; imports nothing of surfacechem.

Usage: ``python fit_peers.py data.npz peer ...``; prints one JSON object per peer and writes a file of its answers.

``data.npz`` holds `model` (1:1, 1:2 or itc), `kind` (nmr or uv), the totals `host` (whose signals are seen) and `guest`
[mol/L] at each point, `values` (n_titrations, n_points, n_channels) and `start`, log10 of the stepwise constants that
every peer begins with; for itc also `cell` and `shots` [L], `sigma` [J], and as totals those of cell and syringe.
Answers are `log10_k` (n_titrations, n_constants) and `ends` (n_titrations, n_constants, 2 levels, 2), NaN where a fit
failed or the program states no interval.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = np.ndarray
LEVELS = (0.68, 0.95)
LN10 = np.log(10.0)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What all titrations share."""

    model: str
    kind: str
    host: Floats
    guest: Floats
    start: Floats
    extra: dict[str, float | Floats]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Constants and, where the program states them, the ends of their intervals."""

    log10_k: Floats
    ends: Floats | None = None


def bind(task: Task, k: Floats) -> Floats:
    """Return host, complex and, for 1:2, the second complex at each point, by Newton on the free guest, bracketed."""
    host, guest = task.host, task.guest
    if task.model == "1:1":
        total = host + guest + 1.0 / k[0]
        bound = 2.0 * host * guest / (total + np.sqrt(total * total - 4.0 * host * guest))
        return np.column_stack((host - bound, bound))
    low, high, free = np.zeros_like(guest), guest.copy(), guest.copy()
    for _ in range(100):
        one, two = k[0] * free, k[0] * k[1] * free * free
        whole = 1.0 + one + two
        off = free + host * (one + 2.0 * two) / whole - guest
        low, high = np.where(off < 0, free, low), np.where(off < 0, high, free)
        spread = (one + 4.0 * two) / whole - ((one + 2.0 * two) / whole) ** 2
        slope = 1.0 + host * spread / np.maximum(free, 1e-300)
        step = free - off / slope
        moved = np.where((step > low) & (step < high), step, 0.5 * (low + high))
        if np.all(np.abs(moved - free) <= 1e-13 * guest):
            break
        free = moved
    return host[:, np.newaxis] * np.column_stack((np.ones_like(free), one, two)) / whole[:, np.newaxis]


def residuals(ln_k: Floats, task: Task, values: Floats) -> Floats:
    """Return what is left once the best amplitudes of this constant are taken off."""
    columns = bind(task, np.exp(ln_k))
    if task.kind == "nmr":
        columns = columns / task.host[:, np.newaxis]
    return (values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]).ravel()


def fit_scipy(task: Task, values: Floats) -> Answer:
    """Fit with `least_squares`, amplitudes eliminated and counted, Student's t on ln K."""
    from scipy.optimize import least_squares
    from scipy.special import stdtrit

    found = least_squares(residuals, task.start * LN10, args=(task, values), xtol=1e-10, ftol=1e-12)
    n_constants = len(found.x)
    freedom = values.size - n_constants - (n_constants + 1) * values.shape[1]
    # The derivative of the projected residuals is a little larger than that of the joint problem; nearly the same.
    covariance = np.linalg.inv(found.jac.T @ found.jac) * 2.0 * found.cost / freedom
    reach = np.sqrt(np.diag(covariance))[:, np.newaxis] * [stdtrit(freedom, 0.5 + 0.5 * level) for level in LEVELS]
    ends = np.stack((found.x[:, np.newaxis] - reach, found.x[:, np.newaxis] + reach), axis=-1)
    return Answer(log10_k=found.x / LN10, ends=ends / LN10)


def fit_lmfit(task: Task, values: Floats, *, with_intervals: bool) -> Answer:
    """Fit the same residuals with lmfit; its `conf_interval` walks the profile, knowing of no amplitudes.

    For one constant it offers no walk: the normal quantile times its standard error then.
    """
    import lmfit
    from scipy.special import ndtri

    names = [f"k{i}" for i in range(len(task.start))]
    parameters = lmfit.Parameters()
    for name, value in zip(names, task.start * LN10, strict=True):
        parameters.add(name, value=value)

    def left(current: Any) -> Floats:  # noqa: ANN401  (lmfit is not here when types are checked)
        return residuals(np.array([current[name].value for name in names]), task, values)

    minimiser = lmfit.Minimizer(left, parameters)
    result = minimiser.minimize(method="leastsq")
    best = np.array([result.params[name].value for name in names])
    if not with_intervals:
        return Answer(log10_k=best / LN10)
    if len(names) == 1:
        reach = result.params[names[0]].stderr * np.array([[ndtri(0.5 + 0.5 * level) for level in LEVELS]])
        return Answer(log10_k=best / LN10, ends=np.stack((best - reach, best + reach), axis=-1) / LN10)
    walked = lmfit.conf_interval(minimiser, result, sigmas=LEVELS)
    ends = [[(walked[n][1 - i][1], walked[n][3 + i][1]) for i in range(2)] for n in names]
    return Answer(log10_k=best / LN10, ends=np.array(ends) / LN10)


def fit_bindfit(task: Task, values: Floats, *, normalise: bool) -> Answer:
    """Fit with bindfit; its interval is symmetric in K, in per cent, at 95 %; that at 68 % has the same spread."""
    import pandas as pd
    from bindfit import fitter, functions
    from scipy.special import stdtrit

    index = pd.MultiIndex.from_arrays([task.host, task.guest])
    function = functions.construct(task.kind + task.model.replace(":", "to"), normalise=normalise)
    names = ["k"] if task.model == "1:1" else ["k11", "k12"]
    bounds = {"min": 0.0, "max": None}
    guesses = {name: {"init": value, "bounds": bounds} for name, value in zip(names, 10**task.start, strict=True)}
    run = fitter.Fitter(pd.DataFrame(values, index=index), function, normalise=normalise)
    run.run_scipy(guesses)
    best = np.array([run.params[name]["value"] for name in names])
    reach = np.array([run.params[name]["stderr"] for name in names]) / 100.0 * best
    freedom = values.size - len(names) - np.size(run.coeffs_raw)
    narrower = [stdtrit(freedom, 0.5 + 0.5 * level) / stdtrit(freedom, 0.975) for level in LEVELS]
    return _symmetric(best, reach[:, np.newaxis] * narrower)


def fit_musketeer(task: Task, values: Floats) -> Answer:
    """Fit with the parts of Musketeer that compute; it states no intervals, and its second constant is cumulative."""
    _stand_in_for_windows()
    from musketeer import (
        contributingSpecies,
        contributors,
        equilibriumConstants,
        fitSignals,
        knownSignals,
        proportionality,
        speciation,
        titration,
    )

    totals = np.column_stack((task.host, task.guest))
    no_guesses = {"variableInitialGuesses": np.array([]), "variableCount": 0}
    names = np.array(["Host", "Guest"])

    class Guessed(equilibriumConstants.GetKsAll):  # type: ignore[misc]  # not here when types are checked
        initialKs = np.ma.array(10 ** np.cumsum(task.start))  # noqa: N815  (its name in Musketeer)

    made = titration.Titration()
    made.rawData = values
    made.totalConcentrations = SimpleNamespace(freeNames=names, run=lambda _: totals, **no_guesses)
    made.speciation = (speciation.SpeciationHG if task.model == "1:1" else speciation.SpeciationHG2)(made)
    made.equilibriumConstants = Guessed(made)
    made.contributingSpecies = contributingSpecies.GetContributingSpeciesHost(made)
    made.contributors = contributors.ContributorConcsAll(made)
    made.proportionality = (proportionality.GetFraction if task.kind == "nmr" else proportionality.GetConcs)(made)
    made.knownSignals = knownSignals.GetAllSpectra(made)
    made.fitSignals = fitSignals.FitSignalsUnconstrained(made)
    made.fitData()
    return Answer(log10_k=np.diff(np.log10(made.fitResult), prepend=0.0))


def _stand_in_for_windows() -> None:
    """Let Musketeer's modules be imported without tkinter: their windows are empty classes, never opened."""
    import importlib.abc
    import importlib.machinery

    class Empty(ModuleType):
        def __getattr__(self, name: str) -> type:
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {})

    class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
            is_window = name.partition(".")[0] in {"tkinter", "tksheet", "ttkwidgets", "ttkbootstrap"}
            return importlib.machinery.ModuleSpec(name, self, is_package=True) if is_window else None

        def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
            return Empty(spec.name)

        def exec_module(self, module: ModuleType) -> None:
            pass

    if "tkinter" not in sys.modules:
        sys.meta_path.insert(0, Finder())


def fit_pytc(task: Task, values: Floats) -> Answer:
    """Fit one site with pytc, told the true noise of the heats; energies are microjoule, the blank heat is free."""
    import inspect

    # Gone since Python 3.11; pytc asks for it.
    inspect.getargspec = inspect.getfullargspec  # type: ignore[attr-defined]
    import pytc
    from scipy.special import stdtrit

    extra = task.extra
    micro = 1e6
    head = f"0\n0\n298.15,{task.host[0] * 1e3:.17g},{task.guest[0] * 1e3:.17g},{extra['cell'] * 1e3:.17g}\n0\n0\n"
    pairs = zip(extra["shots"], values[:, 0], strict=True)
    rows = "".join(f"{micro * shot:.17g},{micro * heat:.17g}\n" for shot, heat in pairs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "run.DH")
        path.write_text(head + rows, encoding="ascii")
        one = pytc.ITCExperiment(
            str(path),
            pytc.indiv_models.SingleSite,
            shot_start=0,
            units="J/mol",
            uncertainty=float(micro * extra["sigma"]),
        )
    whole = pytc.GlobalFit()
    whole.add_experiment(one)
    whole.update_fixed("fx_competent", 1.0, one)
    whole.update_fixed("dilution_heat", 0.0, one)
    whole.update_guess("K", float(10 ** task.start[0]), one)
    whole.update_guess("dH", -3e4, one)
    whole.update_bounds("K", [1.0, 1e12], one)
    whole.fit()
    (best,), (stdev,) = ([local["K"] for local in each[1]] for each in (whole.fit_param, whole.fit_stdev))
    freedom = len(values) - 3 - 1
    return _symmetric(np.array([best]), np.array([[stdev * stdtrit(freedom, 0.5 + 0.5 * level) for level in LEVELS]]))


def _symmetric(best: Floats, reach: Floats) -> Answer:
    """Return intervals that are symmetric in K itself; a negative lower end is minus infinity."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.log10(np.maximum(np.stack((best[:, np.newaxis] - reach, best[:, np.newaxis] + reach), axis=-1), 0.0))
    return Answer(log10_k=np.log10(best), ends=ends)


PEERS: dict[str, tuple[str, Callable[[Task, Floats], Answer]]] = {
    "scipy": ("scipy", fit_scipy),
    "lmfit": ("lmfit", partial(fit_lmfit, with_intervals=False)),
    "lmfit conf_interval": ("lmfit", partial(fit_lmfit, with_intervals=True)),
    "bindfit": ("bindfit", partial(fit_bindfit, normalise=True)),
    "bindfit, not normalised": ("bindfit", partial(fit_bindfit, normalise=False)),
    "musketeer": ("musketeer", fit_musketeer),
    "pytc": ("pytc-fitter", fit_pytc),
}
"""Name -> package, and how it fits one titration."""


def fit_all(name: str, task: Task, values: Floats, path: str) -> dict[str, object]:
    """Fit all titrations with one peer; the first one, fitted once before, pays for imports."""
    package, fit = PEERS[name]
    fit(task, values[0])
    n_constants = 1 if task.model == "itc" else len(task.start)
    log10_k, ends = np.full((len(values), n_constants), np.nan), np.full((len(values), n_constants, 2, 2), np.nan)
    failures: dict[str, int] = {}
    seconds = []
    for number, table in enumerate(values):
        begun = time.process_time()
        try:
            answer = fit(task, table)
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way; the table says so
            said = f"{type(error).__name__}: {error}".splitlines()[0]
            failures[said] = failures.get(said, 0) + 1
            continue
        seconds.append(time.process_time() - begun)
        log10_k[number] = answer.log10_k
        if answer.ends is not None:
            ends[number] = answer.ends
    written = f"{path}.{name.replace(' ', '-')}.npz"
    np.savez(written, log10_k=log10_k, ends=ends)
    times = {"seconds": float(np.median(seconds)), "fastest": min(seconds)}
    return {"name": name, "version": version(package), "failures": failures, "path": written} | times


def main() -> None:
    """Fit with every peer that can be imported."""
    data = np.load(sys.argv[1])
    shared = {"model", "kind", "host", "guest", "values", "start"}
    task = Task(
        model=str(data["model"]),
        kind=str(data["kind"]),
        host=data["host"],
        guest=data["guest"],
        start=data["start"],
        extra={key: data[key] for key in data.files if key not in shared},
    )
    for name in sys.argv[2:]:
        try:
            answer = fit_all(name, task, data["values"], sys.argv[1])
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way; the table says so
            answer = {"name": name, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer))


if __name__ == "__main__":
    main()

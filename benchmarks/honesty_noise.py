"""Simulated data with noise that is not independent or not even: are intervals and choices of models still right.

Simulated titrations with noise that wavelengths share, errors of amounts, uneven noise, stocks that are known by a
prior only, weak data, and three techniques of very unequal numbers of values. Each is fitted by the public call, from
no starting value, at 68 and 95 %.

Run: ``python benchmarks/honesty_noise.py noise`` (coverage), ``choice`` (how often 1:2 is preferred where 1:1 is
true) or ``ranks`` (how often the number of species is found); ``--write docs/honesty.md`` puts the table into the page.
All data are simulated; seeds are the numbers of the titrations.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.constants import LN10
from surfacechem.errors import SurfaceChemError
from surfacechem.fitting import Correction, FitResult, compare, cross_validate, find_rank, fit, refit
from surfacechem.fitting.criteria import weigh_up
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Floats = np.ndarray
    Noise = Callable[[np.random.Generator, Floats], Floats]

LEVELS = (0.68, 0.95)
N_TITRATIONS = 500
N_CROSSED = 200
"""Titrations that are cross-validated too."""
FAVOURED = 4.0
SIMPLE = "S[11] H + G <=> HG"
DOUBLE = SIMPLE + "\nS[12] HG + G <=> HG2"
CELL, SHOT, N_SHOTS = 1.4e-3, 10e-6, 25
WAVE = np.linspace(0.0, 1.0, 200)


def bands(*peaks: float, n_channels: int = 40) -> Floats:
    """Return molar spectra with a band at each place."""
    wave = np.linspace(0.0, 1.0, n_channels)
    return np.array([9000 * np.exp(-(((wave - peak) / 0.2) ** 2)) for peak in peaks])


def white(size: float) -> Noise:
    """Return independent noise of one size."""
    return lambda draws, exact: draws.normal(0.0, size, exact.shape)


def smooth(size: float, length: float, *, offset: float = 0.0) -> Noise:
    """Return noise whose correlation falls by e over so many channels, with a share of its variance in common."""

    def noise(draws: np.random.Generator, exact: Floats) -> Floats:
        root = _root(exact.shape[1], length)
        common = draws.normal(0.0, size * np.sqrt(offset), (len(exact), 1))
        return np.sqrt(1 - offset) * draws.normal(0.0, size, exact.shape) @ root.T + common

    return noise


@cache
def _root(n_channels: int, length: float) -> Floats:
    apart = np.abs(np.subtract.outer(np.arange(n_channels), np.arange(n_channels)))
    return np.linalg.cholesky(np.exp(-apart / length))


def uneven(size: float, share: float) -> Noise:
    """Return noise of one size and, beside it, in proportion to the signal."""
    return lambda draws, exact: draws.normal(0.0, np.hypot(size, share * np.abs(exact)))


def blue(size: float) -> Noise:
    """Return noise that grows sixfold towards one end of the spectrum."""
    return lambda draws, exact: draws.normal(0.0, size * np.linspace(6.0, 1.0, exact.shape[1]), exact.shape)


@dataclass(frozen=True, kw_only=True)
class Series:
    """One data set.

    Attributes
    ----------
    observed : str
        Name of the observable.
    technique : Technique
        How it is measured.
    host, guest : ndarray
        What is put in [mol/L].
    amplitudes : ndarray, shape (n_species, n_channels)
        Of H, G, HG and, in double models, HG2.
    noise : callable
        Noise of a table.
    unit : str
        Of the values.
    pipette : float
        Relative error of the added guest, flask by flask.
    """

    observed: str
    technique: Technique
    host: Floats
    guest: Floats
    amplitudes: Floats
    noise: Noise
    unit: str = "1"
    pipette: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """One kind of experiment.

    Attributes
    ----------
    name : str
        Shown in the table.
    text : str
        Reactions and observables.
    truth : dict of str to float
        log10 of the constants.
    series : tuple of Series
        What is measured.
    stock : float, optional
        Relative error of the guest's stock, known by a prior of this width; None: stated exactly.
    active : float, optional
        True active share of the host, fitted without a prior.
    """

    name: str
    text: str
    truth: dict[str, float]
    series: tuple[Series, ...]
    stock: float | None = None
    active: float | None = None
    names: tuple[str, ...] = field(default=("K[11]",))


def spectra(
    noise: Noise, *, n_points: int = 20, n_channels: int = 40, pipette: float = 0.0, double: bool = False
) -> Series:
    """Return a UV-vis titration of a host by a silent guest."""
    peaks = (0.2, 0.5, 0.8) if double else (0.2, 0.5)
    rows = bands(*peaks, n_channels=n_channels)
    amplitudes = np.insert(rows, 1, 0.0, axis=0)
    return Series(
        observed="A", technique=Technique.UV_VIS, host=np.full(n_points, 1e-4), guest=np.linspace(0, 1e-3, n_points),
        amplitudes=amplitudes, noise=noise, pipette=pipette,
    )  # fmt: skip


def shifts(noise: Noise, *, n_points: int = 12, most: float = 4e-3) -> Series:
    """Return an NMR titration in fast exchange: two protons of the guest-free host."""
    amplitudes = np.array([[7.0, 8.1], [0.0, 0.0], [7.6, 7.9]])
    return Series(
        observed="d", technique=Technique.NMR_SHIFT, host=np.full(n_points, 1e-3), guest=np.linspace(0, most, n_points),
        amplitudes=amplitudes, noise=noise, unit="ppm",
    )  # fmt: skip


def heats(noise: Noise) -> Series:
    """Return a calorimetric titration."""
    left = np.cumprod(np.full(N_SHOTS, 1 - SHOT / CELL))
    return Series(
        observed="q", technique=Technique.ITC, host=1e-4 * left, guest=1.2e-3 * (1 - left),
        amplitudes=np.array([[0.0], [0.0], [-4e4]]), noise=noise, unit="J",
    )  # fmt: skip


OBSERVE = {
    "A": "observe A = spectrum(H, HG)",
    "d": "observe d = shift(H, HG)",
    "q": "observe q = calorimetry(HG, cell = 1.4 mL)",
}
ABSORB, MOVE = f"{SIMPLE}\n{OBSERVE['A']}", f"{SIMPLE}\n{OBSERVE['d']}"
ALL = "\n".join([SIMPLE, *OBSERVE.values()])


@cache
def cases() -> tuple[Case, ...]:
    """Return the experiments whose intervals are looked at."""
    one, weak = {"K[11]": 4.3}, {"K[11]": 1.3}
    both = DOUBLE + "\nobserve A = spectrum(H, HG, HG2)"
    three = (shifts(white(5e-3)), spectra(white(3e-3), n_points=30, n_channels=200), heats(white(3e-6)))
    tied = (three[0], spectra(smooth(3e-3, 10.0), n_points=30, n_channels=200), three[2])
    return (
        Case(name="UV-vis 20 x 40, white noise", text=ABSORB, truth=one, series=(spectra(white(5e-3)),)),
        Case(name="the same, noise shared over 3 channels", text=ABSORB, truth=one, series=(spectra(smooth(5e-3, 3)),)),
        Case(name="over 10 channels", text=ABSORB, truth=one, series=(spectra(smooth(5e-3, 10.0)),)),
        Case(
            name="half of the noise an offset of each spectrum", text=ABSORB, truth=one,
            series=(spectra(smooth(5e-3, 0.1, offset=0.5)),),
        ),
        Case(name="8 x 40, over 10 channels", text=ABSORB, truth=one, series=(spectra(smooth(5e-3, 10), n_points=8),)),
        Case(
            name="1:2, 20 x 40, over 10 channels", text=both, truth={"K[11]": 4.3, "K[12]": 3.5},
            series=(spectra(smooth(3e-3, 10.0), double=True),), names=("K[11]", "K[12]"),
        ),
        Case(name="20 x 40, noise grows to one end", text=ABSORB, truth=one, series=(spectra(blue(2e-3)),)),
        Case(name="20 x 40, 1 % of the absorbance", text=ABSORB, truth=one, series=(spectra(uneven(1e-3, 0.01)),)),
        Case(
            name="20 x 40, each addition 1 % off", text=ABSORB, truth=one,
            series=(spectra(white(1e-3), pipette=0.01),),
        ),
        Case(name="NMR 12 + UV-vis 30 x 200 + ITC 25", text=ALL, truth=one, series=three),
        Case(name="the same, UV-vis noise shared over 10 channels", text=ALL, truth=one, series=tied),
        Case(
            name="NMR 12, stock known to 5 % (prior)", text=MOVE, truth={"K[11]": 3.3}, series=(shifts(white(5e-3)),),
            stock=0.05,
        ),
        Case(
            name="NMR 20, active share of the host fitted", text=MOVE, truth={"K[11]": 4.3},
            series=(shifts(white(2e-3), n_points=20),), active=0.9,
        ),
        Case(
            name="UV-vis 20 x 40, spectra not negative", text=f"{SIMPLE}\nobserve A = spectrum(H, HG; nonnegative)",
            truth=one, series=(spectra(white(2e-2)),),
        ),
        Case(name="NMR 12, hardly bound", text=MOVE, truth=weak, series=(shifts(white(5e-3)),)),
    )  # fmt: skip


@cache
def network_of(text: str) -> Network:
    """Return the model with all constants to be fitted."""
    return Network(parse(f"surfacechem 1\nspecies H\nspecies G\n{text}"))


def measure(case: Case, seed: int) -> tuple[tuple[Titration, ...], tuple[Correction, ...]]:
    """Return simulated data, and what is fitted of the amounts."""
    draws = np.random.default_rng([sum(map(ord, case.name)), seed])
    stock = 1.0 if case.stock is None else float(np.exp(draws.normal(0.0, case.stock)))
    active = 1.0 if case.active is None else case.active
    data = tuple(_measure(case, number, draws, stock=stock, active=active) for number in range(len(case.series)))
    priors = () if case.stock is None else (Correction(feed="G", stderr=case.stock),)
    return data, (*priors, *(() if case.active is None else (Correction(feed="H"),)))


def _measure(case: Case, number: int, draws: np.random.Generator, *, stock: float, active: float) -> Titration:
    series, network = case.series[number], network_of(case.text)
    guest = series.guest * stock * (1.0 + draws.normal(0.0, series.pipette, len(series.guest)))
    theta = LN10 * np.array([case.truth[each.name] for each in network.constants])
    seen = network.solve({"H": active * series.host, "G": guest}, theta)
    species = [name for name in ("H", "G", "HG", "HG2") if name in network.entities][: len(series.amplitudes)]
    amounts = np.column_stack([seen.of(name) for name in species])
    exact = amounts @ series.amplitudes
    if series.technique is Technique.NMR_SHIFT:
        exact = exact / (active * series.host[:, np.newaxis])
    if series.technique is Technique.ITC:
        formed = seen.of("HG")
        before = np.concatenate([[0.0], formed[:-1]])
        exact = ((formed - before * (1 - SHOT / CELL)) * CELL * series.amplitudes[2, 0])[:, np.newaxis]
    n_points, n_channels = exact.shape
    signal = Signal(
        name=series.observed, technique=series.technique, values=exact + series.noise(draws, exact), unit=series.unit,
        channels=tuple(f"{series.observed}{channel}" for channel in range(n_channels)),
    )  # fmt: skip
    is_heat = series.technique is Technique.ITC
    return Titration(
        name=f"run {number}", feeds=("H", "G"), amounts=np.column_stack([series.host, series.guest]), signals=(signal,),
        labels=tuple(map(str, range(1, n_points + 1))), initial_volume=CELL if is_heat else None,
        added=np.arange(1, N_SHOTS + 1) * SHOT if is_heat else None,
    )  # fmt: skip


class Outcome(NamedTuple):
    """What one experiment gave, per constant."""

    is_covered: Floats  # (n_levels, n_constants)
    deviation: Floats  # of log10 K
    stderr: Floats
    is_one_sided: Floats
    has_said: bool  # that noise is shared


def try_fit(number: int, seed: int) -> Outcome | None:
    """Fit one experiment at both levels; None where it fails."""
    case = cases()[number]
    data, corrections = measure(case, seed)
    try:
        results = [fit(network_of(case.text), data, level=level, corrections=corrections) for level in LEVELS]
    except SurfaceChemError:
        return None
    truth = [case.truth[name] for name in case.names]
    covered = [
        [is_inside(each, name, value) for name, value in zip(case.names, truth, strict=True)] for each in results
    ]
    best = results[-1]
    picked = [best.parameter_names.index(name) for name in case.names]
    values = np.array([best[name].log10_value for name in case.names], dtype=float)
    one_sided = np.array([best[name].is_bound_only for name in case.names])
    stderr = np.sqrt(np.diag(best.covariance))[picked]
    has_said = any(signal.n_independent is not None for signal in best.signals)
    return Outcome(np.array(covered), values - truth, stderr, one_sided, has_said)


def is_inside(result: FitResult, name: str, truth: float) -> bool:
    """Tell whether the interval of a constant holds the truth; an open end holds everything beyond."""
    lower, upper = result[name].log10_interval or (None, None)
    return (lower is None or lower <= truth) and (upper is None or truth <= upper)


def rows_of(number: int, outcomes: list[Outcome | None]) -> Iterator[str]:
    """Yield a table row per constant."""
    good = [each for each in outcomes if each is not None]
    covered, deviation, stderr, one_sided, has_said = (np.array(each, dtype=float) for each in zip(*good, strict=True))
    for index, name in enumerate(cases()[number].names):
        is_bound = one_sided[:, index] > 0
        kept = covered[is_bound, 1, index]
        spread = (np.median(deviation[:, index]), deviation[:, index].std(), np.nanmedian(stderr[:, index]))
        cells = (
            cases()[number].name,
            name,
            str(len(outcomes)),
            *(f"{100 * each:.1f}" for each in covered[:, :, index].mean(axis=0)),
            *("—" if is_bound.any() else f"{each:.4f}" for each in spread),
            f"{100 * has_said.mean():.0f} %",
            f"{is_bound.sum()}, {100 * kept.mean():.1f} % hold" if is_bound.any() else "0",
        )
        yield "| " + " | ".join(cells) + " |"


HEAD = (
    "experiment", "constant", "runs", "in 68 %", "in 95 %", "median off", "spread", "stated s.e.", "said to share",
    "one-sided",
)  # fmt: skip


@cache
def choices() -> tuple[Case, ...]:
    """Return experiments in which 1:1 is true."""
    truth = {"K[11]": 4.3}
    made = [
        ("UV-vis 20 x 40, white noise", spectra(white(3e-3))),
        ("shared over 3 channels", spectra(smooth(3e-3, 3.0))),
        ("over 10 channels", spectra(smooth(3e-3, 10.0))),
        ("half an offset of each spectrum", spectra(smooth(3e-3, 0.1, offset=0.5))),
        ("each addition 1 % off", spectra(white(1e-3), pipette=0.01)),
    ]
    found = [Case(name=name, text=ABSORB, truth=truth, series=(series,)) for name, series in made]
    moved = Case(
        name="NMR 16 x 2, white noise", text=MOVE, truth={"K[11]": 3.3}, series=(shifts(white(5e-3), n_points=16),)
    )
    return (*found, moved)


@cache
def ranked() -> tuple[Case, ...]:
    """Return spectra of two and three species."""
    both = DOUBLE + "\nobserve A = spectrum(H, HG, HG2)"
    noises = {
        "white noise": white(3e-3),
        "noise shared over 3 channels": smooth(3e-3, 3),
        "over 10 channels": smooth(3e-3, 10),
        "half an offset of each spectrum": smooth(3e-3, 0.1, offset=0.5),
        "noise grows to one end": blue(1e-3),
    }
    return tuple(
        Case(
            name=f"{n_points} x 40, {name}", text=both if double else ABSORB, truth={"K[11]": 4.3, "K[12]": 3.5},
            series=(spectra(noise, n_points=n_points, double=double),),
        )
        for n_points in (10, 20, 30) for name, noise in noises.items() for double in (False, True)
    )  # fmt: skip


HEAD_OF_RANKS = ("spectra", "species", "runs", "right number", "too few", "right, were noise taken as independent")


def row_of_ranks(number: int, n_tables: int) -> str:
    """Return in how many tables the number of species is found."""
    case = ranked()[number]
    n_species = len(case.series[0].amplitudes) - 1
    found = []
    for seed in range(n_tables):
        ((data,), _) = measure(case, seed)
        rank = find_rank(data.signals[0].values, amounts=data.amounts)
        found.append((rank.n_components, rank.n_components + rank.n_rough) if rank else (0, 0))
    now, before = np.array(found).T
    shares = (100 * np.mean(each) for each in (now == n_species, now < n_species, before == n_species))
    cells = (case.name, str(n_species), str(n_tables), *(f"{share:.1f} %" for share in shares))
    return "| " + " | ".join(cells) + " |"


class Choice(NamedTuple):
    """Which verdicts one comparison gave for the model that is not true."""

    is_favoured: bool
    is_decided: bool
    earns_place: bool
    is_favoured_by_all: bool  # if all channels counted as independent
    predicts_better: float


def try_choice(number: int, seed: int) -> Choice | None:
    """Compare 1:1 with 1:2 where 1:1 is true."""
    case = choices()[number]
    data, _ = measure(case, seed)
    double = network_of(case.text.replace(SIMPLE, DOUBLE).replace("HG)", "HG, HG2)"))
    networks = {"1:1": network_of(case.text), "1:2": double}
    try:
        fits = {name: fit(each, data) for name, each in networks.items()}
        crossed = {} if seed >= N_CROSSED else {
            name: cross_validate(refit(networks[name], data, each)) for name, each in fits.items()
        }  # fmt: skip
    except SurfaceChemError:
        return None
    sentences = {each.name: each.sentence for each in compare(fits, validations=crossed).facts}
    decision, plain = sentences["decision"], [weigh_up(each.signals, each.n_parameters) for each in fits.values()]
    lead = min(plain[0].aicc - plain[1].aicc, plain[0].bic - plain[1].bic)
    better = (
        sentences.get("cross-validation", "").endswith(")") and "'1:2' predicts better" in sentences["cross-validation"]
    )
    return Choice(
        is_favoured=decision.startswith("Favoured, not decided: '1:2'"),
        is_decided="prefer '1:2'" in decision,
        earns_place="does not earn" not in sentences.get("f-test", "does not earn"),
        is_favoured_by_all=lead >= FAVOURED,
        predicts_better=float(better) if crossed else np.nan,
    )


HEAD_OF_CHOICES = (
    "experiment, 1:1 true", "runs", "1:2 favoured", "1:2 decided", "F-test at 5 %", "1:2 predicts better",
    "favoured or decided if channels counted as independent",
)  # fmt: skip


def row_of_choices(number: int, outcomes: list[Choice | None]) -> str:
    """Return a table row."""
    favoured, decided, earned, plain, better = np.array([each for each in outcomes if each is not None], dtype=float).T
    shares = (favoured.mean(), decided.mean(), earned.mean(), np.nanmean(better), plain.mean())
    cells = (choices()[number].name, str(len(outcomes)), *(f"{100 * each:.1f} %" for each in shares))
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Run one of the studies; write its table into a page, between its markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", choices=["noise", "choice", "ranks"])
    parser.add_argument("--only", nargs="*", type=int, help="numbers of experiments, from 0")
    parser.add_argument("--titrations", type=int, default=N_TITRATIONS)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    made, head = {
        "noise": (cases, HEAD),
        "choice": (choices, HEAD_OF_CHOICES),
        "ranks": (ranked, HEAD_OF_RANKS),
    }[options.study]
    numbers = options.only or range(len(made()))
    lines, seeds = [], range(options.titrations)
    with ProcessPoolExecutor(options.workers) as pool:

        def rows() -> Iterator[str]:
            for number in numbers:
                if options.study == "ranks":
                    yield row_of_ranks(number, options.titrations)
                elif options.study == "noise":
                    yield from rows_of(number, list(pool.map(partial(try_fit, number), seeds, chunksize=10)))
                else:
                    yield row_of_choices(number, list(pool.map(partial(try_choice, number), seeds, chunksize=10)))

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

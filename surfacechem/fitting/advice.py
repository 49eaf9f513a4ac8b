"""What a fit says beyond its verdicts: how well constants are known, which points to look at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.convention import Role
from surfacechem.constants import LN10
from surfacechem.display import Fact, Tone, round_number
from surfacechem.fitting.estimate import Scale
from surfacechem.fitting.facts import as_factor
from surfacechem.fitting.plausibility import components, exchanges, negatives, scales, slips
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.estimate import Estimate
    from surfacechem.fitting.facts import Evidence

    Floats = NDArray[np.float64]

__all__ = ["advise"]

LARGEST_PERCENT = 100.0
"""Beyond, a relative interval is said as a factor."""
LARGE_FACTOR = 10.0
MOST_NAMED = 3
UNEQUAL = 5.0
"""Ratio of the errors of two combinations of constants that is worth a word."""
VISIBLE_SHARE = 0.15
NO_INFORMATION = 1e-3
"""A point without which no standard error grows by this share says nothing."""
FEWEST_IDLE = 3
IDLE_SHARE = 1 / 3
"""From so many such points on they are worth a word: nearly every titration has one or two."""
STEEP = 1000.0
"""c-value above which a titration is a step at the equivalence point (Wiseman et al., Anal. Biochem. 179, 131 (1989),
10.1016/0003-2697(89)90213-3)."""
LOW_WEIGHT = 0.5
MODEL_FAULTS = ("misfit", "pattern", "scale")
"""Verdicts that the model, or the data as read, are wrong."""


def advise(evidence: Evidence, verdicts: Sequence[Fact] = ()) -> tuple[Fact, ...]:
    """Return what is worth saying beyond the verdicts; of a model that they reject, what it would make known."""
    checks = (
        _determined,
        scales,
        slips,
        exchanges,
        components,
        negatives,
        _outliers,
        _weights,
        _unobserved,
        _combinations,
        _steep,
        _idle_points,
    )
    facts = tuple(fact for check in checks for fact in check(evidence))
    if any(each.tone is Tone.BAD and each.name in MODEL_FAULTS for each in (*verdicts, *facts)):
        return tuple(_supposing(each) for each in facts)
    return facts


def _supposing(fact: Fact) -> Fact:
    if fact.name != "determined" or fact.tone is not Tone.GOOD:
        return fact
    return replace(
        fact, tone=Tone.NOTE, sentence=f"If the model held, {fact.sentence.replace(' is ', ' would be ', 1)}"
    )


def _determined(evidence: Evidence) -> Iterator[Fact]:
    """Say how far the interval of each fitted value reaches to either side."""
    for estimate in evidence.estimates:
        value, interval = estimate.log10_value, estimate.log10_interval
        if estimate.role is not Role.FREE or value is None or interval is None:
            continue
        if interval[0] is None or interval[1] is None:
            continue
        below, above = 10.0 ** (interval[0] - value), 10.0 ** (interval[1] - value)
        level = f"{100 * evidence.level:.4g} %"
        if estimate.energy is not None:
            sentence = f"{estimate.title} is known to {estimate.rounded()} ({level})."
        elif 100 * (above - 1.0) <= LARGEST_PERCENT:
            reach = f"{100 * (below - 1.0):.2g} % / +{100 * (above - 1.0):.2g} %"
            sentence = f"{estimate.name} is known to {reach} ({level})."
        else:
            sentence = f"{estimate.name} is known to a factor of {1 / below:.2g} below and {above:.2g} above ({level})."
        is_vague = above / below > LARGE_FACTOR
        yield Fact(
            name="determined",
            tone=Tone.WARNING if is_vague else Tone.GOOD,
            sentence=sentence,
            advice=_plan_advice(evidence, "which further points would help most") if is_vague else "",
        )


def _outliers(evidence: Evidence) -> Iterator[Fact]:
    """Name the points that do not belong to the others."""
    influence = evidence.influence
    if influence is None or any(data.weights is not None for data in evidence.datasets):
        return
    scales = {estimate.name: estimate.scale for estimate in evidence.estimates}
    for point in influence.outliers[:MOST_NAMED]:
        data, label = influence.points[point]
        moves = ", ".join(
            f"{scales[name].name} changes by {scales[name].change(float(move))}"
            for name, move in zip(influence.parameter_names, influence.log10_moves[point], strict=True)
        )
        yield Fact(
            name="outlier",
            tone=Tone.WARNING,
            sentence=f"Point {label} of {data} does not fit the others: it alone makes "
            f"{100 * influence.relieved[point]:.3g} % of the misfit; without it {moves}.",
            advice="Look for a typing error in its amounts and values; fit again without it, or with the robust loss.",
        )


def _weights(evidence: Evidence) -> Iterator[Fact]:
    """Name the points that a robust fit has set aside."""
    for data in evidence.datasets:
        if data.weights is None:
            continue
        low = [label for label, weight in zip(data.labels, data.weights, strict=True) if weight < LOW_WEIGHT]
        if low:
            sentence = f"The robust fit sets aside point {', '.join(low)} of {data.name}: they do not fit the others."
        else:
            sentence = f"The robust fit found no outlier in {data.name}."
        yield Fact(name="robust", tone=Tone.WARNING if low else Tone.NOTE, sentence=sentence)


def _unobserved(evidence: Evidence) -> Iterator[Fact]:
    for data, name in evidence.unobserved:
        yield Fact(
            name="left out",
            tone=Tone.WARNING,
            sentence=f"{name} of {data} was measured but not fitted: no 'observe' line of the model takes it.",
            advice="Add an 'observe' line with its name, or take its column out of the data.",
        )


def _combinations(evidence: Evidence) -> Iterator[Fact]:
    """Say which combination of the parameters is determined best, and which worst."""
    covariance, names = evidence.covariance, evidence.objective.parameters.names
    fitted = {each.name: each for each in evidence.estimates}
    if len(names) == 1 or not covariance.is_full_rank or not np.isfinite(covariance.matrix).all():
        return
    variance, direction = np.linalg.eigh(covariance.matrix)
    # An error of a product of powers is that of its logarithm with the largest power set to 1.
    scale = np.abs(direction).max(axis=0)
    stderr = np.sqrt(np.maximum(variance, 0.0)) / scale
    if stderr[-1] > UNEQUAL * stderr[0] > 0:
        yield Fact(
            name="combinations",
            tone=Tone.NOTE,
            sentence=f"Known best is {_product([fitted[name] for name in names], direction[:, 0], stderr[0])}, "
            f"worst is {_product([fitted[name] for name in names], direction[:, -1], stderr[-1])}.",
        )


def _product(estimates: Sequence[Estimate], direction: Floats, stderr: float) -> str:
    """Return a direction of logarithms as a product of powers with its error, ``K[11] x K[21]^0.4 (s.e. 2 %)``."""
    names = [each.name for each in estimates]
    powers = direction / direction[np.argmax(np.abs(direction))]
    order = [index for index in np.argsort(-np.abs(powers)) if abs(powers[index]) > VISIBLE_SHARE]
    if len(order) == 1:
        alone = estimates[order[0]]
        return f"{alone.title} (s.e. {alone.scale.error(stderr / LN10)})"
    words = as_factor(names[order[0]])
    for index in order[1:]:
        size = round(abs(float(powers[index])), 1)
        words += f" {'x' if powers[index] > 0 else '/'} {as_factor(names[index])}" + ("" if size == 1 else f"^{size:g}")
    return f"{words} (s.e. {Scale(name=words).error(stderr / LN10)})"


def _steep(evidence: Evidence) -> Iterator[Fact]:
    """Warn where nearly everything added binds until nothing is left: the constant then acts on a few points only."""
    fitted = [each for each in evidence.estimates if each.name in evidence.objective.parameters.names]
    known = (each for each in fitted if each.log10_interval != (None, None))
    for estimate in (each for each in known if each.unit == "L/mol" and each.log10_value is not None):
        for data in evidence.datasets:
            # Of what is held and what is added, the lower of the two highest concentrations limits the complex.
            _, limiting = np.sort(data.amounts.max(axis=0))[:-3:-1] if data.amounts.shape[1] > 1 else (0.0, 0.0)
            steepness = 10.0 ** (estimate.log10_value or 0.0) * limiting
            if steepness > STEEP:
                yield Fact(
                    name="titrant-limited",
                    tone=Tone.NOTE,
                    sentence=f"{data.name}: {estimate.name} times the concentration is "
                    f"{round_number(steepness, n_digits=2)}. Nearly all that is added binds up to the equivalence "
                    "point; only points near it tell the constant.",
                    advice=f"Work at {STEEP / steepness:.1g} of the concentration, or add a known competitor.",
                )


def _idle_points(evidence: Evidence) -> Iterator[Fact]:
    """Name the points that could have been saved, where they are a large part of the work."""
    if evidence.influence is None:
        return
    is_idle: Iterator[bool] = iter(np.all(evidence.influence.widened < NO_INFORMATION, axis=1).tolist())
    n_idle, n_points, places = 0, 0, []
    for data in evidence.datasets:
        is_seen = np.any([np.isfinite(signal.measured).any(axis=1) for signal in data.signals], axis=0)
        idle = [idle and bool(seen) for idle, seen in zip([next(is_idle) for _ in data.labels], is_seen, strict=True)]
        n_idle, n_points = n_idle + sum(idle), n_points + int(is_seen.sum())
        if any(idle):
            places.append(f"{_runs(data.labels, idle)} of {data.name}")
    if n_idle >= max(FEWEST_IDLE, IDLE_SHARE * n_points):
        yield Fact(
            name="idle points",
            tone=Tone.NOTE,
            sentence=f"{n_idle} of {n_points} points tell next to nothing of the constants ({'; '.join(places)}): any "
            "one of them could be missing.",
            advice=_plan_advice(evidence, "where points would tell more"),
        )


def _plan_advice(evidence: Evidence, answer: str) -> str:
    """Return what the command for further points would say; nothing of injections, which it does not plan."""
    is_refused = any(signal.technique is Technique.ITC for signal in evidence.datasets[0].signals)
    return "" if is_refused else f"'surfacechem plan' says {answer}."


def _runs(labels: Sequence[str], is_named: Sequence[bool]) -> str:
    """Return the named labels, runs of them as ``3 to 7``."""
    runs: list[list[str]] = []
    for number, label in enumerate(labels):
        if is_named[number] and number and is_named[number - 1]:
            runs[-1].append(label)
        elif is_named[number]:
            runs.append([label])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)

"""Verdicts on a fit: what was found out about it, in a sentence each, and what to do about bad news."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.constant import known_as
from surfacechem.chem.convention import Role
from surfacechem.constants import LN10
from surfacechem.display import Fact, Tone, round_number
from surfacechem.errors import FitError
from surfacechem.fitting.criteria import channel_share
from surfacechem.fitting.patterns import successive_differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.estimate import Estimate
    from surfacechem.fitting.influence import Influence
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.result import DatasetFit, SignalFit
    from surfacechem.fitting.search import Found
    from surfacechem.fitting.uncertainty import Covariance

    Floats = NDArray[np.float64]

__all__ = ["Evidence", "allowed", "as_factor", "is_flat", "judge", "refuse_strangers"]

STRONG_CORRELATION = 0.95
FEW_DOF = 3
RIVAL_RISE = 10.0
"""A minimum whose -2 ln L is less than this higher is worth naming."""
CLEAR_PATTERN = 3.0
"""Standard deviations of the von Neumann ratio from what random residuals give."""
MOSTLY_PATTERN = 1.0
"""Below this von Neumann ratio more than half of the residual variance is pattern, not scatter."""
IMPROBABLE = 1e-3
ALLOWABLE = ("scale",)
"""Facts that are rules of thumb, which a measurement may break."""
VISIBLY_FEWER = 0.9
FROM_BELOW = "It may be complete at these concentrations: dilute, or let a competitor of known constant take part."
FROM_ABOVE = "Hardly any of it may form at these concentrations: go to higher ones."
FLAT_RTOL = 1e-9
AT_BOUND_ATOL = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What the verdicts are drawn from."""

    objective: Objective
    found: Found
    covariance: Covariance
    estimates: tuple[Estimate, ...]
    signals: tuple[SignalFit, ...]
    n_unsolved: int
    n_branched: int
    level: float
    influence: Influence | None
    unobserved: tuple[tuple[str, str], ...]
    datasets: tuple[DatasetFit, ...]


def judge(evidence: Evidence) -> tuple[Fact, ...]:
    """Return the facts worth saying, in the order to read them."""
    checks = (
        _convergence,
        _solved,
        _branches,
        _freedom,
        _flatness,
        _rank,
        _bounds,
        _openness,
        _independence,
        _rivals,
        _scatter,
        _patterns,
        _shared_noise,
        _correlations,
    )
    return tuple(fact for check in checks for fact in check(evidence))


def refuse_strangers(names: Sequence[str]) -> None:
    """Refuse to allow facts that are no matter of what is usual.

    Raises
    ------
    FitError
        If a name is none of `ALLOWABLE`.
    """
    strange = [name for name in names if name not in ALLOWABLE]
    if strange:
        raise FitError(
            f"facts to allow: {', '.join(strange)}",
            found="no rule of thumb that may be overridden",
            allowed=", ".join(ALLOWABLE),
            advice="mend what the other facts say",
        )


def allowed(fact: Fact, names: Sequence[str]) -> Fact:
    """Return a fact, as a note where the user said that it is right."""
    if fact.name not in names:
        return fact
    return replace(fact, tone=Tone.NOTE, sentence=f"{fact.sentence} Allowed, as stated.", advice="")


def _convergence(evidence: Evidence) -> Iterator[Fact]:
    if not _can_judge(evidence):
        return
    if evidence.found.is_converged[0]:
        n_minima = len(evidence.found.deviance)
        others = "every start that converged ends there" if n_minima == 1 else "the best of several minima"
        yield Fact(name="converged", tone=Tone.GOOD, sentence=f"The fit converged; {others}.")
    else:
        yield Fact(
            name="converged",
            tone=Tone.BAD,
            sentence="The fit did not come to rest.",
            advice="Bound the constants (K = fit 1..1e6) or fix one of them.",
        )


def _can_judge(evidence: Evidence) -> bool:
    """Tell whether there is any noise to judge by; without, every further verdict is idle."""
    return evidence.covariance.noise_dof >= 1


def _solved(evidence: Evidence) -> Iterator[Fact]:
    if evidence.n_unsolved:
        yield Fact(
            name="unsolved",
            tone=Tone.BAD,
            sentence=f"The equilibrium could not be solved at {evidence.n_unsolved} points.",
            advice="Check the amounts of these points; run 'data check'.",
        )


def _branches(evidence: Evidence) -> Iterator[Fact]:
    if evidence.n_branched:
        yield Fact(
            name="branches",
            tone=Tone.WARNING,
            sentence=f"At {evidence.n_branched} points the mean field has more than one answer (w is above 4RT); the "
            "stable one was fitted.",
            advice="A flask may stay on another branch: titrate in both directions, and look at network.branches(...).",
        )


def _freedom(evidence: Evidence) -> Iterator[Fact]:
    dof, n_parameters = evidence.covariance.dof, len(evidence.objective.parameters.names)
    n_values, n_amplitudes = evidence.objective.n_values.sum(), evidence.covariance.n_amplitudes.sum()
    counted = f"{n_values:.0f} values, {n_amplitudes} amplitudes and {n_parameters} parameters"
    if not _can_judge(evidence) or n_values < n_amplitudes + n_parameters:
        yield Fact(
            name="freedom",
            tone=Tone.BAD,
            sentence=f"Too few data: {counted} leave nothing to judge the fit by.",
            advice="Measure more points, or fix constants or amplitudes that are known.",
        )
    elif dof < FEW_DOF:
        yield Fact(
            name="freedom",
            tone=Tone.WARNING,
            sentence=f"Few data: {counted} leave {dof:.0f} degrees of freedom, so that the noise is hardly known.",
            advice="Measure more points.",
        )


def _flatness(evidence: Evidence) -> Iterator[Fact]:
    for signal in evidence.signals:
        if is_flat(signal.measured):
            yield Fact(
                name="flat",
                tone=Tone.BAD,
                sentence=f"The values of '{signal.name}' are all the same: they say nothing of an equilibrium.",
                advice="Check the column; vary the amounts more, or observe another signal.",
            )


def is_flat(measured: Floats) -> bool:
    """Tell whether no channel of (n_points, n_channels) changes from point to point; empty channels do not."""
    measured = measured[:, np.isfinite(measured).any(axis=0)]
    spread = np.nanmax(measured, axis=0) - np.nanmin(measured, axis=0)
    return bool((spread <= FLAT_RTOL * np.nanmax(np.abs(measured), axis=0)).all())


def _rank(evidence: Evidence) -> Iterator[Fact]:
    if evidence.covariance.is_full_rank or not _can_judge(evidence):
        return
    names, weakest = evidence.objective.parameters.names, evidence.covariance.weakest
    yield Fact(
        name="rank",
        tone=Tone.BAD,
        sentence=f"The data do not determine all parameters: {_direction(names, weakest)}.",
        advice="Fix one of them, add a prior, or measure where they act differently.",
    )


def _direction(names: Sequence[str], weakest: Floats) -> str:
    """Say in words what moving along a direction that leaves the fit unchanged means."""
    involved = [index for index in np.argsort(-np.abs(weakest)) if abs(weakest[index]) > 0.1]  # noqa: PLR2004  (visible share)
    if len(involved) == 1:
        return f"{known_as(names[involved[0]])} can be moved without changing the fit"
    if len(involved) == 2:  # noqa: PLR2004  (a pair)
        first, second = involved
        power = round(float(-weakest[first] / weakest[second]), 1) or 1.0
        same = weakest[first] * weakest[second] > 0
        sign = "/" if same else " x "
        return (
            f"only {as_factor(names[first])}{sign}{as_factor(names[second])}"
            + ("" if abs(power) == 1 else f"^{abs(power):g}")
            + " is"
        )
    return ", ".join(known_as(names[index]) for index in involved) + " can be moved together without changing the fit"


def as_factor(name: str) -> str:
    """Return how a parameter stands in a product: a constant by its name, an energy as ``exp(w[X1]/RT)``."""
    known = known_as(name)
    return f"exp({known}/RT)" if known.startswith(("w[", "dH[")) else name


def _bounds(evidence: Evidence) -> Iterator[Fact]:
    for estimate in evidence.estimates:
        if _is_at_bound(evidence, estimate):
            bound = estimate.scale.rounded(estimate.log10_value or 0.0)
            yield Fact(
                name="at bound",
                tone=Tone.BAD,
                sentence=f"{estimate.title} ends at its bound {bound}: the data want it beyond.",
                advice="Widen the bound if it is not a fact; otherwise the model does not suit the data.",
            )


def _is_at_bound(evidence: Evidence, estimate: Estimate) -> bool:
    box, best = evidence.objective.parameters, evidence.found.parameters[0]
    if estimate.name not in box.names:
        return False
    index = box.names.index(estimate.name)
    distance = min(best[index] - box.lower[index], box.upper[index] - best[index])
    return bool(box.is_bounded[index] and distance < AT_BOUND_ATOL)


def _openness(evidence: Evidence) -> Iterator[Fact]:
    if not _can_judge(evidence):
        return
    percent = f"{100 * evidence.level:.4g} %"
    for estimate in evidence.estimates:
        if estimate.role is not Role.FREE or not estimate.is_bound_only or _is_at_bound(evidence, estimate):
            continue
        if estimate.log10_interval == (None, None):
            yield Fact(
                name="undetermined",
                tone=Tone.BAD,
                sentence=f"{estimate.title} is not determined: any value fits about as well.",
                advice="Check that it acts on a signal: amounts, observed species, range of the titration.",
            )
            continue
        lower, _ = estimate.log10_interval or (None, None)
        from_below = lower is not None
        yield Fact(
            name="one-sided",
            tone=Tone.BAD,
            sentence=f"The data only bound {estimate.title} from {'below' if from_below else 'above'}: "
            f"{estimate.rounded()} ({percent}).",
            advice=FROM_BELOW if from_below else FROM_ABOVE,
        )


def _independence(evidence: Evidence) -> Iterator[Fact]:
    found, free = evidence.covariance.n_amplitudes, evidence.objective.n_free_amplitudes
    for block, n_found, n_free in zip(evidence.objective.blocks, found, free, strict=True):
        if n_found < n_free:
            yield Fact(
                name="dependent amplitudes",
                tone=Tone.BAD,
                sentence=f"'{block.name}' has {n_free} amplitudes ({', '.join(block.model.labels)}) of which the data "
                f"determine {n_found}: some of its species cannot be told apart.",
                advice="Observe fewer species together, give a known spectrum, or vary their ratio.",
            )


def _rivals(evidence: Evidence) -> Iterator[Fact]:
    if not _can_judge(evidence):
        return
    found, names = evidence.found, evidence.objective.parameters.names
    fitted = {estimate.name: estimate for estimate in evidence.estimates}
    rise = found.deviance - found.deviance[0]
    for lane in np.flatnonzero(rise < RIVAL_RISE)[1:]:
        there = zip((fitted[name].scale for name in names), found.parameters[lane] / LN10, strict=True)
        where = ", ".join(f"{scale.name} = {scale.rounded(float(value))}" for scale, value in there)
        as_good = rise[lane] < 4.0  # noqa: PLR2004  (two standard deviations)
        yield Fact(
            name="rival minimum",
            tone=Tone.BAD if as_good else Tone.WARNING,
            sentence=f"Another minimum fits {'as well' if as_good else 'nearly as well'}: {where}.",
            advice="Decide by another signal, or by what else is known of the constants.",
        )


def _scatter(evidence: Evidence) -> Iterator[Fact]:
    from scipy.special import chdtr, chdtrc

    for signal, freedom in zip(evidence.signals, evidence.covariance.freedom, strict=True):
        if signal.sigma is None or evidence.covariance.dof < 1:
            continue
        reduced = (signal.residuals / signal.sigma)[np.isfinite(signal.measured)]
        cost, dof = float(np.sum(reduced**2)), max(float(freedom), 1.0)
        ratio, share = np.sqrt(cost / dof), channel_share(signal)
        times = round_number(ratio, n_digits=2)
        if chdtrc(share * dof, share * cost) < IMPROBABLE:
            yield Fact(
                name="misfit",
                tone=Tone.BAD,
                sentence=f"The residuals of '{signal.name}' are {times} times the stated sigma.",
                advice="The model misses something, or sigma is too small; intervals are too narrow as they stand.",
            )
        elif chdtr(share * dof, share * cost) < IMPROBABLE:
            yield Fact(
                name="scatter",
                tone=Tone.NOTE,
                sentence=f"The residuals of '{signal.name}' are only {times} of the stated sigma.",
                advice="Sigma is too large; intervals are wider than they need be.",
            )


def _patterns(evidence: Evidence) -> Iterator[Fact]:
    floors = evidence.objective.noise_floor
    for number, (signal, floor) in enumerate(zip(evidence.signals, floors, strict=True)):
        if signal.rmse <= floor:
            continue  # rounding has patterns too
        ratio, strength = successive_differences(signal.residuals)
        if strength > CLEAR_PATTERN:
            times = round_number(np.sqrt(2.0 / max(ratio, np.finfo(float).tiny)), n_digits=2)
            yield Fact(
                name="pattern",
                tone=Tone.BAD if ratio < MOSTLY_PATTERN else Tone.WARNING,
                sentence=f"The residuals of {_of_data(evidence, number)} follow a pattern: they are {times} times what "
                "the scatter from point to point explains.",
                advice="The model misses something, or the signal drifts: look at the residuals and compare models.",
            )


def _of_data(evidence: Evidence, block: int) -> str:
    """Return the name of a block, with its data set where there are several."""
    names = [data.name for data in evidence.datasets for _ in data.signals]
    of = f" of {names[block]}" if len(evidence.datasets) > 1 else ""
    return f"'{evidence.objective.blocks[block].name}'{of}"


def _shared_noise(evidence: Evidence) -> Iterator[Fact]:
    """Say where the noise of channels is not independent, and that errors count it."""
    for each in evidence.covariance.sharing:
        if each.n_effective > VISIBLY_FEWER * each.n_channels:
            continue
        name = _of_data(evidence, each.block)
        yield Fact(
            name="shared noise",
            tone=Tone.NOTE,
            sentence=f"The channels of {name} share noise: {each.n_channels} say as much as "
            f"{each.n_effective:.2g} independent ones. Errors and intervals count it.",
            advice="More points tell more, not more channels; look for drift, bubbles, and errors of the amounts.",
        )


def _correlations(evidence: Evidence) -> Iterator[Fact]:
    """Name the strongest correlation, if it is one to know of."""
    stderr = np.sqrt(np.diag(evidence.covariance.matrix))
    names = evidence.objective.parameters.names
    correlation = np.triu(evidence.covariance.matrix / np.outer(stderr, stderr), 1)
    strength = np.nan_to_num(np.abs(correlation))
    first, second = np.unravel_index(np.argmax(strength), strength.shape)
    if strength[first, second] > STRONG_CORRELATION:
        value = correlation[first, second]
        better = f"{as_factor(names[first])}{' x ' if value < 0 else '/'}{as_factor(names[second])}"
        yield Fact(
            name="correlation",
            tone=Tone.WARNING,
            sentence=f"{known_as(names[first])} and {known_as(names[second])} are strongly correlated ({value:.3f}): "
            f"{better} is known much better than either.",
            advice="Judge them together; measure where only one of them acts.",
        )

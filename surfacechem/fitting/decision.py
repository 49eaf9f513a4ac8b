"""What a comparison of models decides, in words: criteria, F-test, residuals, cross-validation, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.display import Fact, Tone
from surfacechem.fitting.patterns import count_runs, successive_differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from surfacechem.fitting.comparison import Candidate
    from surfacechem.fitting.crossvalidation import CrossValidation
    from surfacechem.fitting.result import FitResult, SignalFit

__all__ = ["decide"]

DECIDED = 10.0
FAVOURED = 4.0
"""Differences of an information criterion that leave no, and little, support (Burnham & Anderson 2002, section 2.6)."""
SIGNIFICANT = 0.05
CLEAR = 0.01
"""Chance of so few runs, below which residuals are called a pattern; at 0.05 one fit in twenty would be."""
CLEAR_STRENGTH = 3.0
VISIBLY_FEWER = 0.9
"""Share of the channels below which it is said that they count as fewer."""
CLEAR_DIFFERENCE = 2.0
"""Standard errors by which one model must predict better, or its lead in evidence be beyond a limit."""
STRONG_EVIDENCE = 5.0
POSITIVE_EVIDENCE = 1.0
"""Differences of ln evidence: "very strong", and "not worth more than a bare mention" (Kass & Raftery 1995,
10.1080/01621459.1995.10476572)."""


def decide(
    candidates: tuple[Candidate, ...],
    fits: Mapping[str, FitResult],
    validations: Mapping[str, CrossValidation],
    shares: Sequence[float],
) -> tuple[Fact, ...]:
    """Return what is decided and what is not, most important first.

    Parameters
    ----------
    candidates : tuple of Candidate
        Best first.
    fits : mapping of str to FitResult
        Their fits.
    validations : mapping of str to CrossValidation
        Of those that were cross-validated.
    shares : sequence of float
        By which the channels of each signal count.
    """
    return (
        *_verdict(candidates),
        *_f_test(candidates, fits, shares),
        *_shared_noise(fits, shares),
        *_predictions(candidates, validations),
        *_evidences(candidates, shares),
        *_residuals(candidates, fits),
    )


def _verdict(candidates: tuple[Candidate, ...]) -> Iterator[Fact]:
    best, *others = candidates
    # Of three models the criteria may disagree about the third.
    lead, second = min(((_lead(best, each), each) for each in others), key=lambda each: each[0])
    if lead < 0:
        sentence = f"Not decided: AICc prefers '{best.name}', BIC prefers '{second.name}'."
    elif lead >= DECIDED:
        sentence = (
            f"Decided: the data prefer '{best.name}' to '{second.name}' by far (both criteria by {int(lead)} or more)."
        )
    elif lead >= FAVOURED:
        sentence = f"Favoured, not decided: '{best.name}' before '{second.name}' (both criteria by {lead:.1f} or more)."
    else:
        sentence = f"Not decided: '{best.name}' and '{second.name}' describe the data about equally well."
    yield Fact(name="decision", tone=Tone.GOOD if lead >= FAVOURED else Tone.WARNING, sentence=sentence)
    undetermined = [each.name for each in candidates if not each.is_valid]
    if undetermined:
        yield Fact(
            name="not to be trusted",
            tone=Tone.BAD if best.name in undetermined else Tone.NOTE,
            sentence=f"Not to be trusted by themselves: {', '.join(undetermined)}.",
            advice="A better criterion does not make constants known: read the facts of that fit."
            if best.name in undetermined
            else "",
        )


def _shared_noise(fits: Mapping[str, FitResult], shares: Sequence[float]) -> Iterator[Fact]:
    """Say whose channels count as fewer."""
    signals = next(iter(fits.values())).signals
    fewer = [
        f"the {signal.measured.shape[1]} channels of '{signal.name}' count as {share * signal.measured.shape[1]:.2g}"
        for signal, share in zip(signals, shares, strict=True)
        if share < VISIBLY_FEWER
    ]
    if fewer:
        yield Fact(name="shared noise", tone=Tone.NOTE, sentence=f"Noise is shared: {', '.join(fewer)}.")


def _lead(best: Candidate, other: Candidate) -> float:
    """Return by how much both criteria prefer the best model at least; negative where BIC prefers the other."""
    lead = other.bic - best.bic
    return lead if best.aicc is None or other.aicc is None else min(lead, other.aicc - best.aicc)


def _f_test(
    candidates: tuple[Candidate, ...], fits: Mapping[str, FitResult], shares: Sequence[float]
) -> Iterator[Fact]:
    """Say what an F-test says where the constants of one of the two best models contain those of the other.

    Residuals count in units of sigma, or of the noise that the larger model leaves; channels by their shares.
    """
    smaller, larger = sorted((candidates[0], candidates[1]), key=lambda each: each.n_fitted)
    small, large = fits[smaller.name], fits[larger.name]
    is_nested = set(small.parameter_names) < set(large.parameter_names)
    trios = list(zip(small.signals, large.signals, shares, strict=True))
    extra = small.dof - large.dof - sum((1 - s) * (more.n_amplitudes - less.n_amplitudes) for less, more, s in trios)
    left = large.dof - sum((1 - s) * (more.n_values - more.n_amplitudes) for _, more, s in trios)
    if not is_nested or left < 1 or extra <= 0:
        return
    from scipy.special import chdtrc, fdtrc

    noises = [_noise(signal) for signal in large.signals]
    squares = [
        sum(
            share * float(np.nansum((signal.residuals / noise) ** 2))
            for signal, noise, share in zip(fit.signals, noises, shares, strict=True)
        )
        for fit in (small, large)
    ]
    fall = max(squares[0] - squares[1], 0.0)
    if all(signal.sigma is not None for signal in large.signals):
        chance, measured = float(chdtrc(extra, fall)), f"χ² falls by {fall:.3g} for {extra:.3g} degrees of freedom"
        name = "χ² test"
    else:
        ratio = fall / extra / (squares[1] / left)
        chance = float(fdtrc(extra, left, ratio))
        measured, name = f"F = {ratio:.3g} on {extra:.3g} and {left:.0f} degrees of freedom", "F-test"
    verdict = "earns" if chance < SIGNIFICANT else "does not earn"
    yield Fact(
        name="f-test",
        tone=Tone.NOTE,
        sentence=f"{name}: what '{larger.name}' has more than '{smaller.name}' {verdict} its place "
        f"({measured}, p = {chance:.2g}).",
    )


def _noise(signal: SignalFit) -> np.ndarray | float:
    if signal.sigma is not None:
        return signal.sigma
    return signal.rmse if signal.noise is None else signal.noise


def _predictions(candidates: tuple[Candidate, ...], validations: Mapping[str, CrossValidation]) -> Iterator[Fact]:
    """Say which model predicts what was left out best, against the scatter of the folds."""
    known = [each for each in candidates if each.name in validations]
    if len(known) < 2:  # noqa: PLR2004  (a comparison)
        return
    first, second = sorted(known, key=lambda each: -validations[each.name].score)[:2]
    difference = validations[first.name].scores - validations[second.name].scores
    total, stderr = float(difference.sum()), float(np.sqrt(len(difference)) * difference.std(ddof=1))
    part = validations[first.name].part
    how = f"by {total:.1f} ± {stderr:.1f} in ln score"
    if not np.isfinite(total):
        sentence, tone = f"Cross-validation by {part}: some folds have no score.", Tone.WARNING
    elif total > CLEAR_DIFFERENCE * stderr:
        tone = Tone.GOOD
        sentence = f"Cross-validation by {part}: '{first.name}' predicts better than '{second.name}' ({how})."
    else:
        tone = Tone.WARNING
        sentence = f"Cross-validation by {part}: '{first.name}' and '{second.name}' predict about equally well ({how})."
    yield Fact(name="cross-validation", tone=tone, sentence=sentence)


def _evidences(candidates: tuple[Candidate, ...], shares: Sequence[float]) -> Iterator[Fact]:
    known = [
        (each.ln_evidence, each.evidence_stderr or 0.0, each.name)
        for each in candidates
        if each.ln_evidence is not None
    ]
    if len(known) < 2:  # noqa: PLR2004  (a comparison)
        return
    first, second = sorted(known, reverse=True)[:2]
    lead, stderr = first[0] - second[0], float(np.hypot(first[1], second[1]))
    how, sure = f"ln of the ratio {lead:.1f} ± {stderr:.1f}", lead - CLEAR_DIFFERENCE * stderr
    if sure > STRONG_EVIDENCE:
        sentence = f"Evidence: far more for '{first[2]}' than for '{second[2]}' ({how})."
    elif sure > POSITIVE_EVIDENCE:
        sentence = f"Evidence: more for '{first[2]}' than for '{second[2]}' ({how})."
    else:
        sentence = f"Evidence: about as much for '{first[2]}' as for '{second[2]}' ({how})."
    is_shared = min(shares) < VISIBLY_FEWER
    yield Fact(
        name="evidence",
        tone=Tone.GOOD if sure > STRONG_EVIDENCE and not is_shared else Tone.NOTE,
        sentence=sentence + (" It takes channels as independent, which these are not." if is_shared else ""),
        advice="It depends on how wide the priors are: state bounds (K = fit 1..1e6) where you know some.",
    )


def _residuals(candidates: tuple[Candidate, ...], fits: Mapping[str, FitResult]) -> Iterator[Fact]:
    """Say of each model whether its residuals are random."""
    for each in candidates:
        worst = min(fits[each.name].signals, key=lambda signal: count_runs(signal.residuals).chance)
        runs = count_runs(worst.residuals)
        ratio, strength = successive_differences(worst.residuals)
        is_pattern = each.runs_chance < CLEAR or strength > CLEAR_STRENGTH
        said = (
            f"{runs.n_runs} runs of one sign where {runs.expected:.1f} are expected (p = {each.runs_chance:.2g}), "
            f"neighbours correlate by {1.0 - 0.5 * ratio:.2f}"
        )
        yield Fact(
            name="residuals",
            tone=Tone.WARNING if is_pattern else Tone.NOTE,
            sentence=f"Residuals of '{each.name}' {'follow a pattern' if is_pattern else 'look random'}: {said}.",
            advice="It misses something, or the signal drifts." if is_pattern else "",
        )

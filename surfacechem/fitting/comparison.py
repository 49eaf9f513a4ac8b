"""Which of several models do the data support, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.display import Fact, Table, Tone, facts_html, facts_text, round_number
from surfacechem.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.fitting.result import FitResult

__all__ = ["Candidate", "Comparison", "compare"]

DECIDED = 10.0
FAVOURED = 4.0
"""Differences of an information criterion that leave no, and little, support (Burnham & Anderson 2002, section 2.6)."""
SIGNIFICANT = 0.05
MEASURED_RTOL = 1e-12


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One model of a comparison.

    Attributes
    ----------
    name : str
        As given.
    n_fitted : int
        Parameters, amplitudes and estimated noise together.
    rmse : float
        Root of the mean squared residual.
    aicc, bic : float, optional
        Information criteria; None where the data are too few.
    delta_aicc, delta_bic : float, optional
        Above the best of the comparison.
    weight : float
        Akaike weight: share of the support.
    is_valid : bool
        Whether the fit itself is to be trusted.
    """

    name: str
    n_fitted: int
    rmse: float
    aicc: float | None
    bic: float
    delta_aicc: float | None
    delta_bic: float
    weight: float
    is_valid: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Models fitted to the same data, best first.

    Attributes
    ----------
    candidates : tuple of Candidate
        Ordered by AICc.
    facts : tuple of Fact
        What is decided and what is not.
    """

    candidates: tuple[Candidate, ...]
    facts: tuple[Fact, ...]

    @property
    def best(self) -> str:
        """Name of the model with the lowest AICc."""
        return self.candidates[0].name

    def to_table(self) -> Table:
        """Return the criteria, a row per model."""
        rows = tuple(
            (
                each.name,
                str(each.n_fitted),
                round_number(each.rmse),
                "too few data" if each.delta_aicc is None else f"{each.delta_aicc:.1f}",
                f"{each.delta_bic:.1f}",
                f"{each.weight:.3f}",
                "yes" if each.is_valid else "no",
            )
            for each in self.candidates
        )
        columns = ("model", "fitted", "rmse", "ΔAICc", "ΔBIC", "weight", "determined")
        return Table(columns=columns, rows=rows, title="Models compared")

    def __str__(self) -> str:
        """Return table and facts as text."""
        return f"{self.to_table().to_text()}\n\n{facts_text(self.facts)}"

    def _repr_html_(self) -> str:
        return self.to_table().to_html() + facts_html(self.facts)


def compare(fits: Mapping[str, FitResult]) -> Comparison:
    """Compare models fitted to the same data.

    Parameters
    ----------
    fits : mapping of str to FitResult
        At least two fits, by the name to show.

    Raises
    ------
    FitError
        If there are fewer than two, or they were not fitted to the same values.
    """
    if len(fits) < 2:  # noqa: PLR2004  (a comparison)
        raise FitError("fits to compare", found=str(len(fits)), allowed="two or more", advice="fit another model")
    _refuse_different_data(fits)
    aicc = {name: np.inf if each.aicc is None else each.aicc for name, each in fits.items()}
    best_aicc, best_bic = min(aicc.values()), min(each.bic for each in fits.values())
    # Where no model leaves enough data for AICc, BIC alone ranks.
    support = {name: _support(aicc[name], best_aicc) for name in fits}
    total = sum(support.values())
    candidates = [
        Candidate(
            name=name,
            n_fitted=round((each.bic - each.deviance) / np.log(each.n_values)),
            rmse=each.rmse,
            aicc=each.aicc,
            bic=each.bic,
            delta_aicc=None if each.aicc is None else each.aicc - best_aicc,
            delta_bic=each.bic - best_bic,
            weight=support[name] / total if total else 0.0,
            is_valid=each.is_valid,
        )
        for name, each in fits.items()
    ]
    candidates.sort(key=lambda each: (aicc[each.name], each.bic))
    ordered = tuple(candidates)
    return Comparison(candidates=ordered, facts=(*_verdict(ordered), *_f_test(ordered, fits)))


def _support(aicc: float, best: float) -> float:
    return float(np.exp(-0.5 * (aicc - best))) if np.isfinite(aicc) else 0.0


def _refuse_different_data(fits: Mapping[str, FitResult]) -> None:
    tables = {
        name: [signal.measured for data in each.datasets for signal in data.signals] for name, each in fits.items()
    }
    (first, reference), *others = tables.items()
    for name, table in others:
        is_same = len(table) == len(reference) and all(
            one.shape == other.shape and np.allclose(one, other, rtol=MEASURED_RTOL, atol=0.0, equal_nan=True)
            for one, other in zip(table, reference, strict=True)
        )
        if not is_same:
            raise FitError(
                f"fits '{first}' and '{name}'",
                found="different measured values",
                allowed="fits of the same signals of the same data",
                advice="fit both models to the same files, with the same 'observe' lines",
            )


def _verdict(candidates: tuple[Candidate, ...]) -> tuple[Fact, ...]:
    best, second = candidates[:2]
    lead = second.bic - best.bic
    if best.aicc is not None and second.aicc is not None:
        lead = min(lead, second.aicc - best.aicc)
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
    facts = [Fact(name="decision", tone=Tone.GOOD if lead >= FAVOURED else Tone.WARNING, sentence=sentence)]
    undetermined = [each.name for each in candidates if not each.is_valid]
    if undetermined:
        facts.append(
            Fact(
                name="not to be trusted",
                tone=Tone.BAD if best.name in undetermined else Tone.NOTE,
                sentence=f"Not to be trusted by themselves: {', '.join(undetermined)}.",
                advice="A better criterion does not make constants known: read the facts of that fit."
                if best.name in undetermined
                else "",
            )
        )
    return tuple(facts)


def _f_test(candidates: tuple[Candidate, ...], fits: Mapping[str, FitResult]) -> tuple[Fact, ...]:
    """Say what an F-test says where the constants of one of the two best models contain those of the other."""
    smaller, larger = sorted((candidates[0], candidates[1]), key=lambda each: each.n_fitted)
    small, large = fits[smaller.name], fits[larger.name]
    is_nested = set(small.parameter_names) < set(large.parameter_names)
    one_noise = sum(len(data.signals) for data in large.datasets) == 1
    if not (is_nested and one_noise) or large.dof < 1 or small.dof <= large.dof:
        return ()
    from scipy.special import fdtrc

    extra = small.dof - large.dof
    ratio = max((small.ssr - large.ssr) / extra / (large.ssr / large.dof), 0.0)
    chance = float(fdtrc(extra, large.dof, ratio))
    verdict = "earns" if chance < SIGNIFICANT else "does not earn"
    return (
        Fact(
            name="f-test",
            tone=Tone.NOTE,
            sentence=f"F-test: what '{larger.name}' has more than '{smaller.name}' {verdict} its place "
            f"(F = {ratio:.3g} on {extra:.0f} and {large.dof:.0f} degrees of freedom, p = {chance:.2g}).",
        ),
    )

"""Which of several models do the data support, and how firmly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.display import Fact, Table, facts_html, facts_text, round_number
from surfacechem.errors import FitError
from surfacechem.fitting.criteria import channel_share, weigh_up
from surfacechem.fitting.decision import decide
from surfacechem.fitting.patterns import count_runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.fitting.crossvalidation import CrossValidation
    from surfacechem.fitting.evidence import LogEvidence
    from surfacechem.fitting.result import FitResult

__all__ = ["Candidate", "Comparison", "compare"]

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
        Information criteria, channels that share noise counted as fewer; None where the data are too few.
    delta_aicc, delta_bic : float, optional
        Above the best of the comparison.
    weight : float
        Akaike weight: share of the support.
    is_valid : bool
        Whether the fit itself is to be trusted.
    runs_chance : float
        Least chance, over the signals, of so few runs of residuals of one sign.
    score : float, optional
        ln of the probability of what was left out, up to a constant of the data; None where nothing was.
    ln_evidence, evidence_stderr : float, optional
        ln of the probability of the data, averaged over the priors, up to a constant of the data.
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
    runs_chance: float = 1.0
    score: float | None = None
    ln_evidence: float | None = None
    evidence_stderr: float | None = None


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
        rows = [
            [
                each.name,
                str(each.n_fitted),
                str(round_number(each.rmse)),
                "too few data" if each.delta_aicc is None else f"{each.delta_aicc:.1f}",
                f"{each.delta_bic:.1f}",
                f"{each.weight:.3f}",
                f"{each.runs_chance:.2g}",
                "yes" if each.is_valid else "no",
            ]
            for each in self.candidates
        ]
        columns = ["model", "fitted", "rmse", "ΔAICc", "ΔBIC", "weight", "runs p", "determined"]
        for heading, values in (
            ("Δ ln score", [each.score for each in self.candidates]),
            ("Δ ln evidence", [each.ln_evidence for each in self.candidates]),
        ):
            known = [value for value in values if value is not None]
            if known:
                columns.append(heading)
                for row, value in zip(rows, values, strict=True):
                    row.append("" if value is None else f"{value - max(known):.1f}")
        return Table(columns=tuple(columns), rows=tuple(map(tuple, rows)), title="Models compared")

    def __str__(self) -> str:
        """Return table and facts as text."""
        return f"{self.to_table().to_text()}\n\n{facts_text(self.facts)}"

    def _repr_html_(self) -> str:
        return self.to_table().to_html() + facts_html(self.facts)


def compare(
    fits: Mapping[str, FitResult],
    *,
    validations: Mapping[str, CrossValidation] | None = None,
    evidences: Mapping[str, LogEvidence] | None = None,
) -> Comparison:
    """Compare models fitted to the same data.

    Parameters
    ----------
    fits : mapping of str to FitResult
        At least two fits, by the name to show.
    validations : mapping of str to CrossValidation, optional
        How well each predicts what was left out (`cross_validate`).
    evidences : mapping of str to LogEvidence, optional
        How probable each makes the data (`evidence`).

    Raises
    ------
    FitError
        If there are fewer than two, they were not fitted to the same values, one is robust, or folds differ.
    """
    if len(fits) < 2:  # noqa: PLR2004  (a comparison)
        raise FitError("fits to compare", found=str(len(fits)), allowed="two or more", advice="fit another model")
    _refuse_different_data(fits)
    validations, evidences = validations or {}, evidences or {}
    _refuse_different_folds(validations)
    shares = _common_shares(fits)
    validations = {name: replace(each, shares=np.array(shares)) for name, each in validations.items()}
    found = {name: weigh_up(each.signals, each.n_parameters, shares) for name, each in fits.items()}
    aicc = {name: np.inf if each.aicc is None else each.aicc for name, each in found.items()}
    best_aicc, best_bic = min(aicc.values()), min(each.bic for each in found.values())
    # Where no model leaves enough data for AICc, BIC alone ranks.
    support = {name: _support(aicc[name], best_aicc) for name in fits}
    total = sum(support.values())
    candidates = [
        Candidate(
            name=name,
            n_fitted=each.n_fitted,
            rmse=each.rmse,
            aicc=found[name].aicc,
            bic=found[name].bic,
            delta_aicc=aicc[name] - best_aicc if np.isfinite(aicc[name]) else None,
            delta_bic=found[name].bic - best_bic,
            weight=support[name] / total if total else 0.0,
            is_valid=each.is_valid,
            runs_chance=_least_chance(each),
            score=validations[name].score if name in validations else None,
            ln_evidence=evidences[name].value if name in evidences else None,
            evidence_stderr=evidences[name].stderr if name in evidences else None,
        )
        for name, each in fits.items()
    ]
    candidates.sort(key=lambda each: (aicc[each.name], each.bic))
    ordered = tuple(candidates)
    return Comparison(candidates=ordered, facts=decide(ordered, fits, validations, shares))


def _common_shares(fits: Mapping[str, FitResult]) -> list[float]:
    """Return by which share the channels of each signal count: that of the residuals of the most flexible model."""
    largest = max(fits.values(), key=lambda each: each.n_fitted)
    return [channel_share(signal) for signal in largest.signals]


def _support(aicc: float, best: float) -> float:
    return float(np.exp(-0.5 * (aicc - best))) if np.isfinite(aicc) else 0.0


def _least_chance(result: FitResult) -> float:
    # Of several signals the least chance is expected to be lower (Bonferroni).
    least = min(count_runs(signal.residuals).chance for signal in result.signals)
    return min(1.0, len(result.signals) * least)


def _refuse_different_folds(validations: Mapping[str, CrossValidation]) -> None:
    folds = {name: (each.part, each.folds) for name, each in validations.items()}
    if len(set(folds.values())) > 1:
        raise FitError(
            f"cross-validations of {', '.join(folds)}",
            found=", ".join(f"{len(names)} folds of {part}" for part, names in folds.values()),
            allowed="the same parts left out of each",
            advice="cross-validate all models with one 'part' and 'n_folds'",
        )


def _refuse_different_data(fits: Mapping[str, FitResult]) -> None:
    tables = {name: [signal.measured for signal in each.signals] for name, each in fits.items()}
    robust = [name for name, each in fits.items() if any(data.weights is not None for data in each.datasets)]
    if robust:
        raise FitError(
            f"robust fits {', '.join(robust)}",
            found="points that count by how well this one model fits them",
            allowed="fits in which all points count alike",
            advice="fit with loss='squares'; leave out points that are known to be wrong",
        )
    (first, reference), *others = tables.items()
    for name, table in others:
        is_same = len(table) == len(reference) and all(
            one.shape == other.shape and np.allclose(one, other, rtol=MEASURED_RTOL, atol=0.0, equal_nan=True)
            for one, other in zip(table, reference, strict=True)
        )
        if not is_same:
            counts = [sum(int(np.isfinite(each).sum()) for each in side) for side in (reference, table)]
            found = f"{counts[0]} and {counts[1]} values" if counts[0] != counts[1] else "different measured values"
            raise FitError(
                f"fits '{first}' and '{name}'",
                found=found,
                allowed="fits of the same signals of the same data",
                advice="fit both models to the same files, with the same 'observe' lines",
            )

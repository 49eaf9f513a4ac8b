"""Models compared on the same data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting import Correction, CrossValidation, LogEvidence, compare, cross_validate, fit, refit
from surfacechem.fitting.comparison import Candidate
from surfacechem.fitting.crossvalidation import Part
from surfacechem.fitting.decision import decide
from surfacechem.network import Network
from surfacechem.records import Titration

Maker = Callable[..., tuple[Network, Titration]]
OBSERVED = {
    "absorbs": "observe A = spectrum(Host, Guest, HG)",
    "silent": "observe A = spectrum(Host, HG)",
}


def test_silent_guest_is_told_from_one_that_absorbs(binding: Maker) -> None:
    """Leaving out an absorbing guest is decided against, by both criteria and in words."""
    right, data = binding()
    wrong, _ = binding(observe="observe A = spectrum(Host, HG)")
    comparison = compare({"silent": fit(wrong, data), "absorbs": fit(right, data)})
    assert comparison.best == "absorbs"
    assert comparison.facts[0].sentence.startswith("Decided: the data prefer 'absorbs' to 'silent'")
    assert sum(candidate.weight for candidate in comparison.candidates) == pytest.approx(1.0)
    assert "absorbs" in str(comparison)
    assert "absorbs" in comparison._repr_html_()


def test_idle_refinement_is_not_decided(binding: Maker) -> None:
    """Non-negative spectra that are positive anyway change nothing, and nothing is decided."""
    free, data = binding()
    bounded, _ = binding(observe="observe A = spectrum(Host, Guest, HG; nonnegative)")
    comparison = compare({"free": fit(free, data), "bounded": fit(bounded, data)})
    assert comparison.facts[0].sentence.startswith("Not decided")


def test_criteria_are_the_textbook_ones(binding: Maker) -> None:
    """Deviance n (ln 2 pi s^2 + 1); AICc and BIC count amplitudes, constant and noise."""
    result = fit(*binding())
    n, k = 45, 9 + 1 + 1
    deviance = n * (np.log(2 * np.pi * result.ssr / n) + 1)
    assert result.deviance == pytest.approx(deviance)
    assert result.aicc == pytest.approx(deviance + 2 * k + 2 * k * (k + 1) / (n - k - 1))
    assert result.bic == pytest.approx(deviance + k * np.log(n))
    assert compare({"one": result, "again": result}).candidates[0].n_fitted == k


def test_different_data_cannot_be_compared(binding: Maker) -> None:
    """Criteria of different values say nothing about each other."""
    one, two = fit(*binding(seed=1)), fit(*binding(seed=2))
    with pytest.raises(FitError, match="different measured values"):
        compare({"one": one, "two": two})


def test_robust_fits_cannot_be_compared(binding: Maker) -> None:
    """Each model sets other points aside, so that their criteria are those of different data."""
    model, data = binding()
    with pytest.raises(FitError, match="robust fits robust"):
        compare({"robust": fit(model, data, loss="robust"), "squares": fit(model, data)})


def test_different_numbers_of_points_are_named(binding: Maker) -> None:
    """Fits of 14 and 15 points are refused with the counts of their values."""
    one, two = fit(*binding()), fit(*binding(n_points=14))
    with pytest.raises(FitError, match="45 and 42 values"):
        compare({"one": one, "two": two})


@pytest.mark.parametrize(("sigma", "name"), [(2e-3, "χ² test"), (None, "F-test")])
def test_nested_models_are_tested(binding: Maker, sigma: float | None, name: str) -> None:
    """A share that is not needed does not earn its place: chi squared where sigma is given, F where it is not."""
    model, data = binding(sigma=sigma)
    small, large = fit(model, data), fit(model, data, corrections=[Correction(feed="Host")])
    fact = next(fact for fact in compare({"plain": small, "share": large}).facts if fact.name == "f-test")
    assert fact.sentence.startswith(f"{name}: what 'share' has more than 'plain' does not earn its place")
    fall = small.ssr - large.ssr
    measured = f"F = {fall / (large.ssr / large.dof):.3g} on 1" if sigma is None else f"χ² falls by {fall:.3g} for 1"
    assert measured in fact.sentence


def test_several_signals_are_tested_together(exchange: Maker) -> None:
    """Signals with a noise of their own count by it, so that F exists for them too."""
    model, data = exchange(truth=1.3, unit="1")
    shared = fit(model, data, corrections=[Correction(feed="InP37")])
    facts = compare({"plain": fit(model, data), "share": shared}).facts
    assert any(fact.name == "f-test" for fact in facts)


def test_predictions_and_evidence_are_weighed(binding: Maker) -> None:
    """Scores that differ by less than their scatter decide nothing; a large ratio of evidence does."""
    fits = {name: fit(*binding(observe=observe)) for name, observe in OBSERVED.items()}
    scores = {"absorbs": np.array([1.0, 2.0, 3.0]), "silent": np.array([1.1, 1.8, 2.9])}
    validations = {
        name: CrossValidation(
            part=Part.POINTS,
            folds=("1", "2", "3"),
            signal_scores=each[:, np.newaxis],
            signals=("A",),
            shares=np.ones(1),
            rms_errors=np.ones(1),
        )
        for name, each in scores.items()
    }
    evidences = {
        name: LogEvidence(value=value, stderr=0.1, n_calls=1, seed=0, priors=())
        for name, value in (("absorbs", 0.0), ("silent", -20.0))
    }
    compared = compare(fits, validations=validations, evidences=evidences)
    sentences = {fact.name: fact.sentence for fact in compared.facts}
    assert sentences["cross-validation"].endswith("predict about equally well (by 0.2 ± 0.3 in ln score).")
    assert sentences["evidence"] == "Evidence: far more for 'absorbs' than for 'silent' (ln of the ratio 20.0 ± 0.1)."
    assert compared.to_table().columns[-2:] == ("Δ ln score", "Δ ln evidence")


def test_a_lead_within_the_error_of_the_evidence_decides_nothing(binding: Maker) -> None:
    """Six, known to one, may be four."""
    fits = {name: fit(*binding(observe=observe)) for name, observe in OBSERVED.items()}
    evidences = {
        name: LogEvidence(value=value, stderr=1.0, n_calls=1, seed=0, priors=())
        for name, value in (("absorbs", 0.0), ("silent", -6.0))
    }
    sentences = {fact.name: fact.sentence for fact in compare(fits, evidences=evidences).facts}
    assert sentences["evidence"].startswith("Evidence: more for")


def test_other_folds_cannot_be_compared(binding: Maker) -> None:
    """Scores of 12 points and of 3 folds are no differences of anything."""
    model, data = binding(n_points=12)
    result = fit(model, data)
    fitted = refit(model, data, result)
    validations = {"all": cross_validate(fitted), "few": cross_validate(fitted, n_folds=3)}
    with pytest.raises(FitError, match="12 folds of points, 3 folds of points"):
        compare({"all": result, "few": result}, validations=validations)


def test_third_model_that_bic_prefers_is_not_overlooked(binding: Maker) -> None:
    """The best by AICc is not decided for while BIC prefers, by far, one that AICc puts third."""
    result = fit(*binding())

    def candidate(name: str, aicc: float, bic: float) -> Candidate:
        return Candidate(
            name=name,
            n_fitted=3,
            rmse=1.0,
            aicc=aicc,
            bic=bic,
            delta_aicc=None,
            delta_bic=0.0,
            weight=0.3,
            is_valid=True,
        )

    candidates = (candidate("a", 0.0, 50.0), candidate("b", 12.0, 65.0), candidate("c", 14.0, 30.0))
    first, *_ = decide(candidates, dict.fromkeys("abc", result), {}, [1.0])
    assert first.sentence == "Not decided: AICc prefers 'a', BIC prefers 'c'."


def test_one_model_is_no_comparison(binding: Maker) -> None:
    """It takes two."""
    with pytest.raises(FitError, match="two or more"):
        compare({"one": fit(*binding())})


def test_copies_of_channels_change_no_comparison(binding: Maker) -> None:
    """Each channel measured thrice with the same error is one channel: criteria and F-test stay about as they were."""
    found = []
    for n_copies in (1, 3):
        fits = {}
        for name, observe in OBSERVED.items():
            model, data = binding(observe=observe, noise=2e-3)
            (signal,) = data.signals
            copied = replace(
                signal,
                values=np.repeat(signal.values, n_copies, axis=1),
                axis=None,
                channels=tuple(f"{each}.{copy}" for each in signal.channels for copy in range(n_copies)),
            )
            fits[name] = fit(model, replace(data, signals=(copied,)))
        found.append(compare(fits))
    one, three = (max(each.delta_bic for each in compared.candidates) for compared in found)
    # As how many channels they count is estimated from the scatter of few points.
    assert three == pytest.approx(one, rel=0.5)


def test_the_criteria_of_a_result_are_those_of_its_signals(exchange: Maker) -> None:
    """The deviances of the signals add up to that of the fit; all that was fitted is counted once."""
    result = fit(*exchange(truth=1.3))
    signals = result.signals
    assert result.deviance == pytest.approx(sum(signal.deviance for signal in signals))
    assert result.n_amplitudes == sum(signal.n_amplitudes for signal in signals)
    assert result.bic == pytest.approx(result.deviance + result.n_fitted * np.log(result.n_values))

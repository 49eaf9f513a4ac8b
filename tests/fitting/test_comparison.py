"""Models compared on the same data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting import compare, fit
from surfacechem.network import Network
from surfacechem.records import Titration

Maker = Callable[..., tuple[Network, Titration]]


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


def test_different_data_cannot_be_compared(binding: Maker) -> None:
    """Criteria of different values say nothing about each other."""
    one, two = fit(*binding(seed=1)), fit(*binding(seed=2))
    with pytest.raises(FitError, match="different measured values"):
        compare({"one": one, "two": two})


def test_one_model_is_no_comparison(binding: Maker) -> None:
    """It takes two."""
    with pytest.raises(FitError, match="two or more"):
        compare({"one": fit(*binding())})

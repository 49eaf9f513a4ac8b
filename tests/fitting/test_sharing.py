"""Noise that channels share: found in the residuals, and counted in errors."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.fitting import FitResult, fit, plan, refit
from surfacechem.fitting.marginal import Marginal
from surfacechem.fitting.sharing import effective_channels, neighbour_strength
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

TRUTH = 3.0
N_CHANNELS = 30
MODEL = Network(parse("surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG\nobserve A = spectrum(H, HG)"))
WAVE = np.linspace(0.0, 1.0, N_CHANNELS)
SPECTRA = 500.0 * np.stack([np.exp(-(((WAVE - peak) / 0.3) ** 2)) for peak in (0.3, 0.7)])


def mixing(length: float) -> np.ndarray:
    """Return a square root of the covariance of channels whose correlation falls by e over so many of them."""
    apart = np.abs(np.subtract.outer(np.arange(N_CHANNELS), np.arange(N_CHANNELS)))
    return np.linalg.cholesky(np.exp(-apart / length)) if length else np.eye(N_CHANNELS)


def titration(seed: int, *, length: float, n_points: int = 16, sigma: float | None = None) -> Titration:
    """Return spectra of a 1:1 titration whose noise neighbouring channels share."""
    host, guest = np.full(n_points, 1e-3), np.linspace(0.0, 4e-3, n_points)
    bound = MODEL.solve({"H": host, "G": guest}, np.array([np.log(10.0**TRUTH)])).of("HG")
    noise = np.random.default_rng(seed).normal(0.0, 5e-3, (n_points, N_CHANNELS)) @ mixing(length).T
    values = np.column_stack([host - bound, bound]) @ SPECTRA + noise
    signal = Signal(
        name="A",
        technique=Technique.UV_VIS,
        channels=tuple(map(str, range(N_CHANNELS))),
        values=values,
        sigma=None if sigma is None else np.full_like(values, sigma),
        unit="1",
    )
    labels = tuple(map(str, range(n_points)))
    return Titration(
        name="run", feeds=("H", "G"), amounts=np.column_stack([host, guest]), signals=(signal,), labels=labels
    )


def holds_truth(result: FitResult) -> bool:
    """Tell whether the interval holds the constant of the simulation."""
    lower, upper = result["K[11]"].log10_interval or (None, None)
    return (lower or -np.inf) <= TRUTH <= (upper or np.inf)


def test_intervals_hold_the_truth_where_wavelengths_share_noise() -> None:
    """95 % intervals hold the truth in 95 of 100; with channels taken as independent it was in 57 of 100."""
    hits = [holds_truth(fit(MODEL, titration(seed, length=5.0))) for seed in range(100)]
    # four standard deviations of so many draws
    assert np.mean(hits) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 100))


def test_independent_channels_keep_their_errors() -> None:
    """Where no noise is shared nothing is said, and t has values less amplitudes less constants."""
    result = fit(MODEL, titration(1, length=0.0))
    assert "shared noise" not in {fact.name for fact in result.facts}
    assert result.datasets[0].signals[0].n_independent is None
    assert result.student_dof[0] == pytest.approx(16 * 30 - 60 - 1)


@pytest.mark.parametrize("sigma", [None, 5e-3])
def test_shared_noise_is_said_and_widens_errors(sigma: float | None) -> None:
    """Thirty channels that share noise say as much as some six, sigma stated or not."""
    result = fit(MODEL, titration(3, length=5.0, sigma=sigma))
    assert "30 say as much as" in result.fact("shared noise").sentence
    assert 3.0 < (result.datasets[0].signals[0].n_independent or 0.0) < 10.0
    independent = fit(MODEL, titration(3, length=0.0, sigma=sigma))
    assert (result["K[11]"].log10_stderr or 0.0) > 1.5 * (independent["K[11]"].log10_stderr or 0.0)


def test_stated_sigma_sets_the_size_and_residuals_the_correlation() -> None:
    """Twice the sigma on the same values gives twice the error."""
    one, two = (fit(MODEL, titration(3, length=5.0, sigma=sigma)) for sigma in (5e-3, 1e-2))
    assert two["K[11]"].log10_stderr == pytest.approx(2.0 * (one["K[11]"].log10_stderr or 0.0), rel=1e-6)


@pytest.mark.parametrize("n_points", [8, 40])
def test_channels_in_equal_groups_count_as_groups(n_points: int) -> None:
    """Forty channels that err in four groups count as four, on the average over draws."""
    counts = []
    for seed in range(100):
        groups = np.random.default_rng(seed).normal(size=(n_points, 4))
        n_effective, strength = effective_channels(np.repeat(groups, 10, axis=1), left=n_points, n_channels=40)
        counts.append(n_effective)
        assert strength > 3.0
    assert 1.0 / np.mean(1.0 / np.array(counts)) == pytest.approx(4.0, rel=0.05)


def test_noise_alone_is_rarely_called_shared() -> None:
    """Of independent channels each test calls 1 in 20 shared."""
    draws = np.random.default_rng(0).normal(size=(1000, 15, 12))
    flat = np.mean([effective_channels(each, left=15.0, n_channels=12)[1] > 1.645 for each in draws])
    near = np.mean([neighbour_strength(each, left=15.0) > 1.645 for each in draws])
    # three standard deviations of so many draws, and what the normal law misses of few points
    assert flat == pytest.approx(0.05, abs=0.03)
    assert near == pytest.approx(0.05, abs=0.025)


def test_posterior_is_as_wide_as_the_interval_where_noise_is_shared() -> None:
    """The curvature of ln of the density is that of the widened error, not of thirty independent channels."""
    data = titration(3, length=5.0, sigma=5e-3)
    fitted = refit(MODEL, data, fit(MODEL, data))
    stderr = np.sqrt(fitted.covariance.matrix[0, 0])
    places = fitted.best + stderr * np.array([[-1.0], [0.0], [1.0]])
    density = Marginal.around(fitted.objective, fitted.best, fitted.covariance.sharing)
    assert np.diff(density.ln_likelihood(places), 2)[0] == pytest.approx(-1.0, rel=0.02)
    assert np.diff(Marginal.around(fitted.objective, fitted.best).ln_likelihood(places), 2)[0] < -2.0


@pytest.mark.parametrize("sigma", [None, 5e-3])
def test_plan_begins_with_the_errors_of_the_fit(sigma: float | None) -> None:
    """A plan used to take channels that share noise as independent, and to promise half the error of the fit."""
    data = titration(7, length=8.0, sigma=sigma)
    result = fit(MODEL, data)
    found = plan(MODEL, data, result, np.array([[1e-3, 1e-3, 0.0]]), n_points=1)
    assert found.log10_stderr[0, 0] == pytest.approx(result["K[11]"].log10_stderr, rel=0.02)
    assert found.log10_stderr[1, 0] < found.log10_stderr[0, 0]

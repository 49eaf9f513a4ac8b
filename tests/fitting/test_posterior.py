"""Posteriors: the textbook integrals, the quadrature in one dimension, and runs that can be interrupted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.integrate import quad

from surfacechem.constants import LN10
from surfacechem.errors import FitError, MissingExtraError, UnknownNameError
from surfacechem.fitting import evidence, fit, posterior, refit
from surfacechem.fitting.evidence import integrate
from surfacechem.fitting.marginal import Marginal

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.fitting import Refit
    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]

LOW_NOISE = 1e-4


def bound(made: Simulated) -> tuple[Refit, Marginal, np.ndarray, np.ndarray]:
    """Return a fit bound again, its density, the measured table and an orthonormal basis of its columns."""
    model, data = made
    fitted = refit(model, data, fit(model, data))
    state = fitted.objective.experiments[0].solve(fitted.best[np.newaxis])
    columns = fitted.objective.blocks[0].model.columns(state.concentration)[0]
    return fitted, Marginal.around(fitted.objective, fitted.best), data.signals[0].values, np.linalg.qr(columns)[0]


def ln_normal(table: np.ndarray, basis: np.ndarray, *, sigma: float, tau: float) -> float:
    """Return ln of the density of the channels, amplitudes integrated out: normal with covariance s^2 + tau^2 P."""
    size = basis.T @ table
    left = np.sum((table - basis @ size) ** 2)
    n_points, n_columns = basis.shape
    n_channels = table.shape[1]
    inside = n_channels * n_columns * np.log(2 * np.pi * (sigma**2 + tau**2)) + np.sum(size**2) / (sigma**2 + tau**2)
    outside = n_channels * (n_points - n_columns) * np.log(2 * np.pi * sigma**2) + left / sigma**2
    return float(-0.5 * (inside + outside))


def test_amplitudes_are_integrated_exactly(binding: Callable[..., Simulated]) -> None:
    """With given noise the density is that of a normal vector with noise and signal as its covariance."""
    fitted, density, table, basis = bound(binding(sigma=2e-3))
    scaled = table / 2e-3
    tau = np.sqrt(np.sum(scaled**2) / table.shape[1])
    expected = ln_normal(scaled, basis, sigma=1.0, tau=tau)
    assert density.ln_likelihood(fitted.best[np.newaxis])[0] == pytest.approx(expected, abs=1e-6)


def test_noise_is_integrated_too(binding: Callable[..., Simulated]) -> None:
    """With noise unknown it is the same density averaged over 1/s, but for a constant (ln 2)."""
    fitted, density, table, basis = bound(binding(noise=LOW_NOISE))
    tau = np.sqrt(np.sum(table**2) / table.shape[1])
    peak = ln_normal(table, basis, sigma=LOW_NOISE, tau=tau)

    def averaged(ln_sigma: float) -> float:
        return float(np.exp(ln_normal(table, basis, sigma=np.exp(ln_sigma), tau=tau) - peak))

    integral, _ = quad(averaged, np.log(LOW_NOISE) - 1, np.log(LOW_NOISE) + 1, epsabs=0.0, epsrel=1e-8)
    # the signal is some 1e4 times the noise, which the formula takes for infinite
    expected = peak + np.log(integral) + np.log(2.0)
    assert density.ln_likelihood(fitted.best[np.newaxis])[0] == pytest.approx(expected, abs=1e-4)


def test_prior_is_a_density(binding: Callable[..., Simulated]) -> None:
    """Flat and Gaussian priors integrate to 1, and a uniform share is carried to their quantiles."""
    for stated in ("fit 1e2..1e5 /M", "3000 +/- 300 /M fit"):
        _, density, *_ = bound(binding(K=stated))
        grid = np.linspace(density.lower[0], density.upper[0], 200_001)[:, np.newaxis]
        share = np.exp(density.ln_prior(grid))
        assert np.trapezoid(share, grid[:, 0]) == pytest.approx(1.0, rel=1e-4)
        middle = density.from_unit(np.array([0.3]))[0]
        below = grid[:, 0] <= middle
        assert np.trapezoid(share[below], grid[below, 0]) == pytest.approx(0.3, abs=1e-3)


def test_constant_that_acts_on_nothing_keeps_its_prior(binding: Callable[..., Simulated]) -> None:
    """A complex that looks like its parts tells nothing of K, not where it vanishes either: no value stands out."""
    spectra = ((1000.0, 200.0, 0.0), (100.0, 300.0, 500.0), (1100.0, 500.0, 500.0))
    _, density, *_ = bound(binding(spectra=spectra))
    grid = np.linspace(density.lower[0], density.upper[0], 200)[:, np.newaxis]
    ln_density = density.ln_posterior(grid)
    # noise fits one direction or another by chance; a column that counts or not made steps of 50 here
    assert np.ptp(ln_density) < 10


def test_prior_that_ends_the_posterior_is_named(binding: Callable[..., Simulated]) -> None:
    """A constant too large to be told is bounded by the prior from above, and is not to be trusted."""
    model, data = binding(truth=1e8, noise=1e-2)
    found = posterior(refit(model, data, fit(model, data)), most_steps=2)
    assert any("reaches the high end of its prior" in fact.sentence for fact in found.facts)
    assert not found.is_valid
    assert " to " in str(found.to_table().rows[0][1])


def test_draws_follow_the_density(binding: Callable[..., Simulated]) -> None:
    """Median and interval of one constant are those of its density on a grid; going on gives the same numbers."""
    model, data = binding()
    result = fit(model, data)
    kept: list[np.ndarray] = []
    found = posterior(refit(model, data, result), seed=2, keep=kept.append)
    assert found.is_valid
    fitted = refit(model, data, result)
    grid = fitted.best + np.linspace(-0.5, 0.5, 4001)[:, np.newaxis]
    ln_density = Marginal.around(fitted.objective, fitted.best).ln_posterior(grid)
    share = np.cumsum(np.exp(ln_density - ln_density.max()))
    expected = np.interp([0.025, 0.5, 0.975], share / share[-1], grid[:, 0]) / LN10
    drawn = [found.log10_interval[0, 0], found.log10_median[0], found.log10_interval[0, 1]]
    # about 2000 independent draws tell an end of the interval to 0.06 standard deviations
    np.testing.assert_allclose(drawn, expected, atol=0.2 * found.log10_stderr[0])
    again = posterior(refit(model, data, result), seed=2, chains=kept[0])
    np.testing.assert_array_equal(again.draws.ln_values, found.draws.ln_values)
    assert found.draws.notes[0].startswith("K[11]: flat in log10 from")
    assert "R-hat" in str(found)
    with pytest.raises(UnknownNameError):
        found.interval("K[12]")


def test_interrupted_run_says_so(binding: Callable[..., Simulated]) -> None:
    """Walkers that were stopped too early are not to be trusted; chains of another fit are refused."""
    model, data = binding()
    result = fit(model, data)
    found = posterior(refit(model, data, result), most_steps=2, seed=1)
    assert (found.is_valid, found.n_steps) == (False, 250)
    assert "not to be trusted" in found.facts[0].sentence
    with pytest.raises(FitError, match="shape"):
        posterior(refit(model, data, result), chains=np.zeros((2, 250, 32, 2)))


def test_evidence_of_a_gaussian_is_known() -> None:
    """A normal likelihood well inside a flat prior has the evidence 1/volume."""
    width, side = 0.1, 10.0

    def ln_likelihood(parameters: np.ndarray) -> float:
        return float(-0.5 * np.sum(parameters**2) / width**2 - len(parameters) * np.log(np.sqrt(2 * np.pi) * width))

    value, stderr, n_calls = integrate(ln_likelihood, lambda share: side * (share - 0.5), 2, seed=3)
    assert value == pytest.approx(-2 * np.log(side), abs=4 * stderr)
    assert n_calls > 500


@pytest.mark.parametrize(
    ("package", "ask"), [("emcee", posterior), ("arviz_stats.base", posterior), ("dynesty", evidence)]
)
def test_missing_extra_says_how_to_install_it(
    binding: Callable[..., Simulated], monkeypatch: pytest.MonkeyPatch, package: str, ask: Callable[..., object]
) -> None:
    """Without the packages of the extra the install line is given."""
    model, data = binding()
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"surfacechem\[bayes\]"):
        ask(refit(model, data, fit(model, data)))


def test_known_spectra_leave_the_density_of_the_residuals(binding: Callable[..., Simulated]) -> None:
    """Where all amplitudes are known nothing is integrated: ln of the density is -SSR/2 of the noise given."""
    model, data = binding(sigma=2e-3)
    spectra = fit(model, data).signals[0].amplitudes
    known = {"A": {name: np.array(row) for name, row in zip(("Host", "Guest", "HG"), spectra, strict=True)}}
    fitted = refit(model, data, fit(model, data, known=known), known=known)
    places = fitted.best + np.array([[-0.5], [0.0], [0.5]])
    densities = Marginal.around(fitted.objective, fitted.best).ln_likelihood(places)
    squares = fitted.objective.block_costs(places).squares[:, 0]
    np.testing.assert_allclose(np.diff(densities), -0.5 * np.diff(squares), rtol=1e-9)

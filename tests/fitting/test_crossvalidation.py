"""Cross-validation: exact for linear models, and a judge of models that predict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import norm, t

from surfacechem.constants import LN10
from surfacechem.errors import FitError
from surfacechem.fitting import cross_validate, fit, refit
from surfacechem.fitting.robust import find_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]


def basis_of(model: Network, data: Titration) -> np.ndarray:
    """Return an orthonormal basis of the concentrations at the constant that the model states."""
    seen = model.solve(dict(zip(data.feeds, data.amounts.T, strict=True)))
    return np.linalg.qr(np.column_stack([seen.of(entity) for entity in ("Host", "Guest", "HG")]))[0]


def test_left_out_points_are_off_by_the_deletion_formula(binding: Callable[..., Simulated]) -> None:
    """With its constant held by a prior the model is linear; errors of prediction are residual / (1 - leverage)."""
    model, data = binding(K="3000 +/- 1e-6 /M fit")
    result = fit(model, data)
    basis = basis_of(model, data)
    leverage = np.sum(basis**2, axis=1, keepdims=True)
    errors = (data.signals[0].values - basis @ (basis.T @ data.signals[0].values)) / (1.0 - leverage)
    found = cross_validate(refit(model, data, result))
    assert found.rms_errors[0] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-6)
    # Noise of the rest: what the exact deletion leaves, over its degrees of freedom.
    rest = np.sum((data.signals[0].values - basis @ (basis.T @ data.signals[0].values)) ** 2)
    left = rest - np.sum(errors**2, axis=1) * (1.0 - leverage[:, 0])
    # A prediction has the variance of the noise of the rest, over 1 - leverage; 42 values less 9 amplitudes tell it.
    spread = np.sqrt(left / 33 / (1.0 - leverage[:, 0]))[:, np.newaxis]
    np.testing.assert_allclose(found.scores, t(33, scale=spread).logpdf(errors).sum(axis=1), rtol=1e-6)


def test_uncertain_constant_widens_predictions(binding: Callable[..., Simulated]) -> None:
    """At small noise scores are those of the model linearised in constant and amplitudes, point by point."""
    noise = 1e-5
    model, data = binding(noise=noise, sigma=noise, n_points=8)
    result = fit(model, data)
    amounts = dict(zip(data.feeds, data.amounts.T, strict=True))
    ln_constant = LN10 * (result["K[11]"].log10_value or 0.0)

    def columns(shift: float) -> np.ndarray:
        seen = model.solve(amounts, np.array([ln_constant + shift]))
        return np.column_stack([seen.of(entity) for entity in ("Host", "Guest", "HG")])

    slope = (columns(1e-4) - columns(-1e-4)) / 2e-4
    signal = result.datasets[0].signals[0]
    moved = slope @ signal.amplitudes
    design = np.zeros((8, 3, 10))
    for channel in range(3):
        design[:, channel, 3 * channel : 3 * channel + 3] = columns(0.0)
    design[:, :, 9] = moved
    scores = []
    for point in range(8):
        rest = np.delete(design, point, axis=0).reshape(-1, 10)
        left = np.delete(signal.residuals, point, axis=0).ravel()
        scale = np.linalg.norm(rest, axis=0)
        inverse = np.linalg.pinv(rest / scale) / scale[:, np.newaxis]
        error = signal.residuals[point] - design[point] @ inverse @ left
        spread = noise * np.sqrt(1.0 + np.sum((design[point] @ inverse) ** 2, axis=1))
        scores.append(norm(scale=spread).logpdf(error).sum())
    found = cross_validate(refit(model, data, result))
    # values are in units of sigma there
    np.testing.assert_allclose(found.scores + 3 * np.log(1 / noise), scores, rtol=1e-3)


def test_compressed_spectra_are_scored_channel_by_channel(binding: Callable[..., Simulated]) -> None:
    """Seven copies of each channel, of seven times the variance, score as one but for 18 more normalisations."""
    model, data = binding(K="3000 +/- 1e-6 /M fit", sigma=2e-3, n_points=8)
    (signal,) = data.signals
    copies = replace(
        signal,
        channels=tuple(map(str, range(21))),
        values=np.tile(signal.values, 7),
        sigma=np.full((8, 21), 2e-3 * np.sqrt(7)),
        axis=np.arange(21.0),
    )
    wide = replace(data, signals=(copies,))
    one, seven = (cross_validate(refit(model, each, fit(model, each))) for each in (data, wide))
    basis = basis_of(model, data)
    variance = 1.0 / (1.0 - np.sum(basis**2, axis=1))
    lost = -9 * np.log(2 * np.pi * variance)
    np.testing.assert_allclose((seven.signal_scores - one.signal_scores)[:, 0], lost, rtol=1e-6)
    # Copies share their noise: all together count as few.
    assert seven.shares[0] < 1 / 6


def test_right_model_predicts_better(binding: Callable[..., Simulated]) -> None:
    """A model without the guest that absorbs predicts left-out points worse, point by point and in folds."""
    right, data = binding()
    wrong, _ = binding(observe="observe A = spectrum(Host, HG)")
    for n_folds in (None, 5):
        good, bad = (cross_validate(refit(each, data, fit(each, data)), n_folds=n_folds) for each in (right, wrong))
        assert good.score > bad.score + 20
        assert good.rms_errors[0] < bad.rms_errors[0]
        assert len(good.folds) == (n_folds or 15)


def test_titration_of_another_constant_is_predicted_badly(binding: Callable[..., Simulated]) -> None:
    """Of titrations of one constant each is predicted by the others; one of another constant stands out."""
    made = [binding(truth=truth, seed=seed, name=f"run {seed}") for seed, truth in enumerate((3e3, 3e3, 3e3, 9e3))]
    model, runs = made[0][0], [data for _, data in made]
    found = cross_validate(refit(model, runs, fit(model, runs)), part="titrations")
    assert found.folds == ("run 0", "run 1", "run 2", "run 3")
    assert np.argmin(found.scores) == 3
    assert "run 3" in str(found)


def test_concentration_of_its_own_is_not_predicted_by_itself(binding: Callable[..., Simulated]) -> None:
    """A titration whose concentration is fitted has no score: only itself tells it, and it was left out."""
    made = [binding(seed=seed, name=f"run {seed}") for seed in range(3)]
    model, runs = made[0][0], [data for _, data in made]
    runs[1] = replace(runs[1], amounts=np.where([True, False], np.nan, runs[1].amounts))
    result = fit(model, runs)
    assert result.parameter_names == ("K[11]", "c[Host] of run 1")
    found = cross_validate(refit(model, runs, result), part="titrations")
    np.testing.assert_array_equal(np.isfinite(found.scores), [True, False, True])
    assert "does not tell all parameters" in str(found)
    assert np.isfinite(cross_validate(refit(model, runs, result), n_folds=5).scores).all()


def test_nearly_all_is_predicted_alike_in_folds(binding: Callable[..., Simulated]) -> None:
    """Folds are named by what they leave out, and their number is checked."""
    model, data = binding()
    result = fit(model, data)
    assert cross_validate(refit(model, data, result), n_folds=3).folds[1] == "1, 4 ..."
    for n_folds in (1, 16):
        with pytest.raises(FitError, match=f"{n_folds} folds of 15 points"):
            cross_validate(refit(model, data, result), n_folds=n_folds)
    with pytest.raises(FitError, match="1 folds of 1 titrations"):
        cross_validate(refit(model, data, result), part="titrations")


def test_robust_weights_do_not_see_what_is_left_out(binding: Callable[..., Simulated]) -> None:
    """What the fold of a robust fit predicts does not depend on the values that it left out."""
    model, data = binding(noise=1e-3, n_points=12)
    result = fit(model, data, loss="robust")
    moved = data.signals[0].values.copy()
    moved[4] += 3e-3
    other = replace(data, signals=(replace(data.signals[0], values=moved),))
    bound = [replace(refit(model, each, result), result=result) for each in (data, other)]
    weights = [find_weights(each.objective, each.best, kept=[1.0 - np.eye(12)[4]])[0] for each in bound]
    np.testing.assert_array_equal(*weights)
    assert weights[0][4] == 0.0
    assert np.isfinite(cross_validate(bound[0]).score)

"""Bootstrap: the same numbers everywhere, and the spread that theory says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import norm

from surfacechem.display import Tone
from surfacechem.errors import FitError, UnknownNameError
from surfacechem.fitting import bootstrap, fit
from surfacechem.fitting.estimate import Scale
from surfacechem.fitting.scatter import Bootstrap, Draw, judge_replicas, refuse_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]


@pytest.mark.parametrize("draw", ["residual", "parametric"])
@pytest.mark.parametrize("sigma", [None, 2e-3])
def test_spread_is_the_standard_error(binding: Callable[..., Simulated], draw: str, sigma: float | None) -> None:
    """At small noise replicas scatter by the standard error from the curvature."""
    model, data = binding(sigma=sigma, n_points=25)
    result = fit(model, data)
    replicas = bootstrap(model, data, result, draw=draw)
    noise = 1.0 if sigma is None or draw == "parametric" else np.sqrt(result.ssr / result.dof)
    assert replicas.n_failed == 0
    # 1000 replicas tell their spread to 2 %; 25 residuals that of the noise to 14 %.
    rtol = 0.08 if draw == "parametric" else 0.3
    assert replicas.covariance[0, 0] ** 0.5 == pytest.approx(noise * result.covariance[0, 0] ** 0.5, rel=rtol)


def test_replicas_scatter_about_the_best_fit(exchange: Callable[..., Simulated]) -> None:
    """Residuals that no amplitude brings to a mean of zero used to move all replicas to one side."""
    model, data = exchange(truth=1.3)
    moved = tuple(replace(each, values=each.values + by) for each, by in zip(data.signals, (1e-4, -1e-4), strict=True))
    shifted = replace(data, signals=moved)
    result = fit(model, shifted)
    replicas = bootstrap(model, shifted, result)
    away = replicas.log10_values.mean(axis=0) - replicas.best
    assert abs(away[0]) < 0.1 * np.sqrt(replicas.covariance[0, 0])


def test_numbers_do_not_depend_on_the_workers(binding: Callable[..., Simulated]) -> None:
    """One, two or no workers give the same replicas to the last bit; another seed gives others."""
    model, data = binding()
    result = fit(model, data)
    here = bootstrap(model, data, result, n_replicas=600, seed=4)
    for n_workers in (1, 2):
        with ThreadPoolExecutor(n_workers) as pool:
            there = bootstrap(model, data, result, n_replicas=600, seed=4, executor=pool)
        np.testing.assert_array_equal(there.log10_values, here.log10_values)
    assert not np.array_equal(bootstrap(model, data, result, n_replicas=600, seed=5).log10_values, here.log10_values)


def test_whole_titrations_are_drawn(binding: Callable[..., Simulated]) -> None:
    """Among titrations that differ more than their noise says, drawing them shows the true spread."""
    truths = (2700.0, 3000.0, 3300.0, 3100.0, 2900.0)
    made = [binding(truth=truth, seed=seed, name=f"run {seed}") for seed, truth in enumerate(truths)]
    model, runs = made[0][0], [data for _, data in made]
    result = fit(model, runs)
    drawn = bootstrap(model, runs, result, draw="titration", n_replicas=300)
    between = np.std(np.log10(truths)) / np.sqrt(len(truths))
    assert drawn.covariance[0, 0] ** 0.5 == pytest.approx(between, rel=0.3)


def test_interval_is_of_a_fitted_name(binding: Callable[..., Simulated]) -> None:
    """The percentile interval encloses the best value; a stranger is refused."""
    model, data = binding()
    replicas = bootstrap(model, data, fit(model, data), n_replicas=200)
    lower, upper = replicas.interval("K[11]")
    assert lower < replicas.best[0] < upper
    assert "residual bootstrap, 200 of 200 replicas" in str(replicas)
    with pytest.raises(UnknownNameError, match=r"K\[12\]"):
        replicas.interval("K[12]")


def test_few_replicas_enclose_the_fitted_value(binding: Callable[..., Simulated]) -> None:
    """Two replicas may both lie on one side of it; the table used to fail on that."""
    model, data = binding()
    result = fit(model, data)
    for seed in range(8):
        replicas = bootstrap(model, data, result, n_replicas=2, seed=seed)
        lower, upper = replicas.interval("K[11]")
        assert lower <= replicas.best[0] <= upper
        assert "2 of 2 replicas" in str(replicas)


def test_two_titrations_are_too_few_to_draw(binding: Callable[..., Simulated]) -> None:
    """Drawing among one or two data sets says nothing of the spread."""
    model, data = binding()
    with pytest.raises(FitError, match="3 or more"):
        bootstrap(model, data, fit(model, data), draw="titration")


def test_few_points_expand_the_percentiles() -> None:
    """Normal replicas of a fit with four degrees of freedom reach as far as Student's t, not as 1.96 errors."""
    normal = norm.ppf((np.arange(100_000) + 0.5) / 100_000)[:, np.newaxis]
    few = Bootstrap(
        draw=Draw.PARAMETRIC, parameter_names=("K",), estimates=(), best=np.zeros(1), log10_values=normal, level=0.95,
        seed=0, student_dof=(4.0,), inputs=(), walls=np.array([[-12.0], [12.0]]), facts=(),
    )  # fmt: skip
    assert few.interval("K") == pytest.approx((-2.776, 2.776), abs=2e-3)
    assert replace(few, student_dof=(None,)).interval("K") == pytest.approx((-1.960, 1.960), abs=2e-3)


def test_intervals_take_a_level_of_their_own(binding: Callable[..., Simulated]) -> None:
    """The same replicas give a narrower interval at a lower level, which table and document state."""
    model, data = binding()
    result = fit(model, data)
    wide, narrow = (bootstrap(model, data, result, n_replicas=100, level=level) for level in (None, 0.5))
    np.testing.assert_array_equal(wide.log10_values, narrow.log10_values)
    assert np.diff(narrow.interval("K[11]")) < np.diff(wide.interval("K[11]"))
    assert "50 %" in str(narrow)
    document = narrow.to_dict()
    (shown,) = document["intervals"]
    assert (document["level"], shown["shown"]) == (0.5, "log₁₀ K[11]")
    assert (shown["lower"], shown["upper"]) == pytest.approx(narrow.interval("K[11]"))
    assert wide.is_valid
    with pytest.raises(FitError, match=r"0\.95 for 95"):
        bootstrap(model, data, result, level=95)


def test_replicas_at_a_wall_leave_an_interval_open(binding: Callable[..., Simulated]) -> None:
    """Where nothing holds K, replicas end at the end of what is searched; a number there is no end of an interval."""
    model, data = binding(truth=1e-3, noise=2.0, n_points=6)
    result = fit(model, data)
    replicas = bootstrap(model, data, result, n_replicas=100)
    facts = {fact.name for fact in replicas.facts}
    assert {"fit", "open"} <= facts
    assert not replicas.is_valid
    (drawn,) = replicas.drawn()
    assert drawn.log10_interval is not None
    assert None in drawn.log10_interval


def test_failed_replicas_are_named_or_refused() -> None:
    """A few failures are a caution, many are bad news, and without two good replicas there is no spread to speak of."""
    good = np.zeros((200, 1))
    lost = np.full((1, 1), np.nan)
    walls, scales = np.array([[-12.0], [12.0]]), (Scale(name="K"),)
    (few,) = judge_replicas(np.concatenate([good, lost]), walls, scales, 0.95)
    (many,) = judge_replicas(np.concatenate([good[:5], lost]), walls, scales, 0.95)
    assert (few.tone, many.tone) == (Tone.WARNING, Tone.BAD)
    with pytest.raises(FitError, match="1 of 2 replicas"):
        refuse_failed(np.concatenate([good[:1], lost]))

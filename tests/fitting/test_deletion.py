"""Points left out, typing errors found, robust fits: against refits one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.constants import LN10
from surfacechem.fitting import FitResult, fit
from surfacechem.testing import simulate_titration

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.fitting.influence import Influence
    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]

SITES = "cluster InP37 = In37P20(O2CR)51\nsite In on InP37 : 51 native O2CR"


def without(data: Titration, point: int) -> Titration:
    """Return the data without one point."""
    kept = [number for number in range(data.n_points) if number != point]
    signals = tuple(replace(signal, values=signal.values[kept]) for signal in data.signals)
    labels = tuple(data.labels[number] for number in kept)
    return replace(data, amounts=data.amounts[kept], signals=signals, labels=labels)


def with_amount(data: Titration, point: int, factor: float) -> Titration:
    """Return the data with a wrong amount of guest at one point."""
    amounts = data.amounts.copy()
    amounts[point, 1] *= factor
    return replace(data, amounts=amounts)


def with_value(data: Titration, point: int, factor: float) -> Titration:
    """Return the data with one wrong cell."""
    values = data.signals[0].values.copy()
    values[point, 1] *= factor
    return replace(data, signals=(replace(data.signals[0], values=values),))


def influence_of(result: FitResult) -> Influence:
    """Return the influence, which must have been measured."""
    assert result.influence is not None
    return result.influence


@pytest.mark.parametrize("point", [1, 7, 14])
def test_left_out_point_is_a_fit_without_it(binding: Callable[..., Simulated], point: int) -> None:
    """Lanes in which a point weighs nothing find what a fit of the other points finds."""
    model, data = binding()
    whole, part = fit(model, data), fit(model, without(data, point))
    moved = (part["K[11]"].log10_value or 0.0) - (whole["K[11]"].log10_value or 0.0)
    influence = influence_of(whole)
    assert influence.log10_moves[point, 0] == pytest.approx(moved, abs=1e-6)
    ratio = np.sqrt(part.covariance[0, 0] / whole.covariance[0, 0])
    noise = np.sqrt((part.ssr / part.dof) / (whole.ssr / whole.dof))
    assert influence.widened[point, 0] + 1 == pytest.approx(ratio / noise, rel=0.02)


def test_data_without_noise_have_no_outlier() -> None:
    """Of a perfect fit no point takes any misfit away; this used to divide zero by zero, in the bootstrap as well."""
    model = sc.Model(
        "X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1.5 fit\nobserve bound = integral(In-O2CR')\n" + SITES
    )
    amounts = {"InP37": np.full(8, 5e-4), "HO2CR'": np.linspace(2e-3, 6e-2, 8)}
    result = model.fit(simulate_titration(model, amounts, noise=0.0))
    assert result.result.ssr == 0.0
    influence = influence_of(result.result)
    assert not influence.relieved.any()
    assert influence.outliers == ()
    assert "20 of 20 replicas" in str(result.bootstrap(n_replicas=20))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: with_amount(data, 6, 1.99),
        lambda data: with_amount(data, 6, 1e3),
        lambda data: with_value(data, 6, 1e3),
        lambda data: with_value(data, 6, 1e-3),
    ],
    ids=["199 for 100", "amount x 1000", "value x 1000", "value / 1000"],
)
def test_typing_error_is_named(binding: Callable[..., Simulated], spoil: Callable[[Titration], Titration]) -> None:
    """The first outlier is the spoilt row, and the fact says its label."""
    model, data = binding()
    spoilt = fit(model, spoil(data))
    assert influence_of(spoilt).outliers[0] == 6
    assert "Point 6 of run" in spoilt.fact("outlier").sentence


def test_clean_data_have_no_outlier(binding: Callable[..., Simulated]) -> None:
    """Of a hundred clean titrations none or one is blamed for an outlier, at a stated chance of one in a thousand."""
    blamed = 0
    for seed in range(100):
        model, data = binding(seed=seed, n_points=12)
        blamed += bool(influence_of(fit(model, data)).outliers)
    assert blamed <= 1


def test_robust_fit_sets_the_outlier_aside(binding: Callable[..., Simulated]) -> None:
    """With a spoilt row the robust fit finds what the clean data give, and names the row."""
    model, data = binding(n_points=20)
    clean = fit(model, data)["K[11]"]
    spoilt = with_amount(with_value(data, 9, 3.0), 15, 1.5)
    plain, robust = fit(model, spoilt)["K[11]"], fit(model, spoilt, loss="robust")
    error = clean.log10_stderr or 0.0
    assert abs((robust["K[11]"].log10_value or 0.0) - (clean.log10_value or 0.0)) < 1.5 * error
    assert abs((plain.log10_value or 0.0) - (clean.log10_value or 0.0)) > 10 * error
    assert "point 9, 15 of run" in robust.fact("robust").sentence


def test_robust_fit_of_clean_data_is_the_plain_one(binding: Callable[..., Simulated]) -> None:
    """Without outliers the robust fit is as good as least squares: within half a standard error."""
    model, data = binding(n_points=20, seed=3)
    plain, robust = fit(model, data), fit(model, data, loss="robust")
    apart = (robust["K[11]"].log10_value or 0.0) - (plain["K[11]"].log10_value or 0.0)
    assert abs(apart) < 0.5 * (plain["K[11]"].log10_stderr or 0.0)
    assert robust.fact("robust").sentence == "The robust fit found no outlier in run."


def test_influence_survives_the_file(binding: Callable[..., Simulated]) -> None:
    """A reloaded fit knows the same influences, and weights where there are some."""
    model, data = binding()
    result = fit(model, data, loss="robust")
    again = FitResult.from_dict(result.to_dict())
    np.testing.assert_array_equal(influence_of(again).chance, influence_of(result).chance)
    np.testing.assert_array_equal(again.datasets[0].weights, result.datasets[0].weights)
    assert again.covariance[0, 0] * LN10 == pytest.approx(result.covariance[0, 0] * LN10)


def test_idle_points_are_named_where_they_are_many(binding: Callable[..., Simulated]) -> None:
    """Points far beyond saturation are told of once, in one line for all data sets."""
    model, data = binding(n_points=8)
    last = replace(data, name="again", amounts=np.repeat(data.amounts[-1:], len(data.amounts), axis=0))
    (signal,) = data.signals
    last = replace(last, signals=(replace(signal, values=np.repeat(signal.values[-1:], 8, axis=0)),))
    fact = fit(model, (data, last)).fact("idle points")
    assert "of 16 points tell next to nothing" in fact.sentence
    assert "of again" in fact.sentence
    assert "surfacechem plan" in fact.advice


@pytest.mark.parametrize("name", ["inp-carboxylate-exchange", "cdse-amine-calorimetry"])
def test_few_idle_points_are_not_worth_a_word(name: str) -> None:
    """Nearly every titration has a point or two that tell nothing; naming them used to end nearly every fit."""
    card = sc.find_card(name)
    (model,) = {str(answer["model"]) for answer in card.answers.values()}
    result = sc.load_model(card.folder / model).fit(card.read()).result
    assert all(fact.name != "idle points" for fact in result.facts)

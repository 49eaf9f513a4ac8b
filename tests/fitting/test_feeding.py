"""Active shares and impurities: exact derivatives, recovered truths, refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting import Correction, fit
from surfacechem.fitting.driver import prepare_objective
from surfacechem.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]


def weighed(data: Titration, feed: str, factor: float) -> Titration:
    """Return the data as they look when `factor` times more of a feed was written down than was there."""
    amounts = data.amounts.copy()
    amounts[:, data.feeds.index(feed)] *= factor
    return replace(data, amounts=amounts)


def test_active_share_is_found(binding: Callable[..., Simulated]) -> None:
    """A host of which only 80 % takes part is recognised by a sharp end point."""
    model, data = binding(truth=1e6, noise=1e-5, n_points=30)
    found = fit(model, weighed(data, "Host", 1 / 0.8), corrections=[Correction(feed="Host")])
    assert 10.0 ** (found["active[Host]"].log10_value or 0.0) == pytest.approx(0.8, rel=1e-3)
    assert found["K[11]"].log10_value == pytest.approx(6.0, abs=0.1)


def test_prior_holds_a_share_that_the_data_cannot_tell(binding: Callable[..., Simulated]) -> None:
    """At weak binding the share keeps its prior, and its doubt widens the error of the constant."""
    model, data = binding(truth=100.0, noise=1e-5)
    known = fit(model, data)
    doubted = fit(model, data, corrections=[Correction(feed="Guest", stderr=0.05)])
    assert doubted["active[Guest]"].log10_value == pytest.approx(0.0, abs=0.05)
    assert (doubted["K[11]"].log10_stderr or 0.0) > 3 * (known["K[11]"].log10_stderr or 1.0)


def test_impurity_is_found(binding: Callable[..., Simulated]) -> None:
    """Guest that the host brought along is found with its ratio."""
    model, data = binding(truth=1e5, noise=1e-5, n_points=30)
    amounts = data.amounts.copy()
    amounts[:, 1] -= 0.1 * amounts[:, 0]
    signal = replace(data.signals[0], values=data.signals[0].values[2:])
    kept = replace(data, amounts=np.maximum(amounts, 0.0)[2:], labels=data.labels[2:], signals=(signal,))
    impurity = Correction(feed="Guest", carrier="Host", value=0.05)
    found = fit(model, kept, corrections=[impurity])
    assert 10.0 ** (found["impurity[Guest in Host]"].log10_value or 0.0) == pytest.approx(0.1, rel=0.02)


def test_derivatives_of_corrections_are_exact(binding: Callable[..., Simulated]) -> None:
    """The cost by central differences agrees with the gradient where a share and an impurity act together."""
    model, data = binding()
    both = [Correction(feed="Guest", carrier="Host", value=0.1), Correction(feed="Host", value=0.9)]
    objective, _ = prepare_objective(model, (data,), known={}, corrections=both)
    assert objective.parameters.names == ("K[11]", "active[Host]", "impurity[Guest in Host]")
    place, step = np.array([[8.0, -0.1, -2.0]]), 1e-5
    noise = np.ones((1, 1))
    (residual,), (jacobian,), _ = objective.evaluate(place, noise)
    gradient = 2.0 * jacobian.T @ residual
    for number in range(3):
        move = step * np.eye(3)[number]
        above, below = (objective.block_costs(place + side * move).squares.sum() for side in (1, -1))
        assert gradient[number] == pytest.approx((above - below) / (2 * step), rel=1e-6)


def test_shared_correction_is_one_parameter(binding: Callable[..., Simulated]) -> None:
    """Two data sets from one stock share its share; named data sets keep theirs."""
    model, first = binding()
    _, second = binding(seed=5, name="other")
    shared, _ = prepare_objective(model, (first, second), known={}, corrections=[Correction(feed="Host")])
    assert shared.parameters.names == ("K[11]", "active[Host]")
    own = [Correction(feed="Host", datasets=(name,)) for name in ("run", "other")]
    local, _ = prepare_objective(model, (first, second), known={}, corrections=own)
    assert local.parameters.names == ("K[11]", "active[Host] of run", "active[Host] of other")


def test_correction_of_a_stranger_is_refused(binding: Callable[..., Simulated]) -> None:
    """A feed that the model lacks is named with those it has."""
    model, data = binding()
    with pytest.raises(FitError, match=r"(?s)Gest.*Host, Guest"):
        fit(model, data, corrections=[Correction(feed="Gest")])


def test_impossible_correction_is_refused(binding: Callable[..., Simulated]) -> None:
    """A share of nothing has no logarithm."""
    model, data = binding()
    with pytest.raises(FitError, match="above 0"):
        fit(model, data, corrections=[Correction(feed="Host", value=0.0)])


def test_unknown_titrant_is_fitted(binding: Callable[..., Simulated]) -> None:
    """The stock of a titrant is found, beside what of it was known; the cell's unknown has a name of its own."""
    network, data = binding(noise=1e-4)
    shares = data.amounts[:, 1] / 0.05
    unknown = Unknown(
        feed="Guest", solutions=("titrant",), known=0.2 * data.amounts[:, 1], shares=0.8 * shares[:, np.newaxis]
    )
    amounts = data.amounts.copy()
    amounts[:, 1] = np.nan
    result = fit(network, replace(data, amounts=amounts, unknowns=(unknown,)))
    assert 10.0 ** (result["c[Guest in titrant] of run"].log10_value or 0.0) == pytest.approx(0.05, rel=0.01)
    np.testing.assert_allclose(result.datasets[0].amounts[:, 1], data.amounts[:, 1], rtol=0.01)

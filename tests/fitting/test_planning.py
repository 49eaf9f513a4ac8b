"""Plans: what they promise is what a fit with the further points gets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import FitError, UnknownNameError
from surfacechem.fitting import fit, plan
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]

SIGMA = 2e-3


def grid(network: Network, host: float, highest: float, n_points: int = 40) -> np.ndarray:
    """Return candidates of one host concentration."""
    table = np.zeros((n_points, len(network.feeds)))
    table[:, 0], table[:, 1] = host, np.linspace(0.0, highest, n_points)
    return table


def test_promise_is_kept(binding: Callable[..., Simulated]) -> None:
    """A titration that holds the planned points has the standard error that the plan said."""
    model, data = binding(sigma=SIGMA, noise=1e-7)
    result = fit(model, data)
    found = plan(model, data, result, grid(model, 1e-3, 2e-2), n_points=4)
    more = np.concatenate([data.amounts, found.amounts[:, :2]])
    seen = model.solve({"Host": more[:, 0], "Guest": more[:, 1]}, [np.log(3000.0)]).concentration
    spectra = result.datasets[0].signals[0].amplitudes
    signal = replace(data.signals[0], values=seen[:, :3] @ spectra, sigma=np.full((len(more), 3), SIGMA))
    longer = replace(data, amounts=more, labels=tuple(map(str, range(len(more)))), signals=(signal,))
    kept = fit(model, longer)["K[11]"].log10_stderr
    assert found.log10_stderr[0, 0] == pytest.approx(result["K[11]"].log10_stderr, rel=1e-3)
    assert found.log10_stderr[-1, 0] == pytest.approx(kept, rel=1e-2)


def test_no_other_point_is_better(binding: Callable[..., Simulated]) -> None:
    """The first point chosen lowers the error more than any other candidate alone."""
    model, data = binding()
    result, candidates = fit(model, data), grid(model, 1e-3, 2e-2)
    best = plan(model, data, result, candidates, n_points=1).log10_stderr[-1, 0]
    alone = [plan(model, data, result, row[np.newaxis], n_points=1).log10_stderr[-1, 0] for row in candidates]
    assert best == pytest.approx(min(alone))
    assert max(alone) > 1.02 * best


def test_integrals_of_the_exchange_are_planned(exchange: Callable[..., Simulated]) -> None:
    """Signals that share a scale count together at each new point; every further point helps."""
    model, data = exchange(truth=1.3, unit="1", scale=100.0, noise=0.02)
    result = fit(model, data)
    candidates = np.zeros((20, len(model.feeds)))
    candidates[:, model.feeds.index("InP37")] = 5e-4
    candidates[:, model.feeds.index("HO2CR'")] = np.linspace(1, 200, 20) * 5e-4
    found = plan(model, data, result, candidates, criterion="K[X1]")
    assert (np.diff(found.log10_stderr[:, 0]) < 0).all()
    assert "5 further points bring the standard error of K[X1] from" in str(found)


def test_strange_criterion_is_refused(binding: Callable[..., Simulated]) -> None:
    """Only D, A and fitted names are criteria."""
    model, data = binding()
    with pytest.raises(UnknownNameError, match=r"D, A, K\[11\]"):
        plan(model, data, fit(model, data), grid(model, 1e-3, 1e-2), criterion="E")


def test_injections_are_not_planned_one_by_one(binding: Callable[..., Simulated]) -> None:
    """Heats belong to pairs of states, so that a point alone means nothing."""
    model, data = binding(observe="observe heat = calorimetry(HG, cell = 1 mL)")
    heats = replace(data.signals[0], name="heat", technique=Technique.ITC, unit="J")
    run = replace(data, signals=(heats,), added=np.linspace(0, 1e-4, data.n_points), initial_volume=1e-3)
    with pytest.raises(FitError, match="build on each other"):
        plan(model, run, fit(model, run), grid(model, 1e-3, 1e-2))

"""Fitted numbers of sites: truth recovered, priors kept, the same as an active share where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.fitting import Correction, fit
from surfacechem.network import Network
from surfacechem.notation import parse, render
from surfacechem.prediction import along, predict
from surfacechem.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]


def counted(network: Network, number: str) -> Network:
    """Return the model with another number of sites."""
    return Network(parse(render(network.system).replace(": 51 native", f": {number} native")))


def test_number_of_sites_is_found(exchange: Callable[..., Simulated]) -> None:
    """Of a shell taken for 40 sites, the 51 that there are come out, and the constant with them."""
    network, data = exchange(truth=1.3, noise=2e-5)
    result = fit(counted(network, "40 fit"), data)
    assert result.parameter_names == ("K[X1]", "N[In]")
    assert 10.0 ** (result["N[In]"].log10_value or 0.0) == pytest.approx(51, rel=0.01)
    assert 10.0 ** (result["K[X1]"].log10_value or 0.0) == pytest.approx(1.3, rel=0.05)
    assert result["N[In]"].convention == "sites per particle"


def test_number_is_an_active_share(exchange: Callable[..., Simulated]) -> None:
    """With one class of sites, N found from 40 is 40 times the share that is found of the cluster."""
    network, data = exchange(truth=1.3)
    by_number = fit(counted(network, "40 fit"), data)["N[In]"]
    by_share = fit(counted(network, "40"), data, corrections=[Correction(feed="InP37")])["active[InP37]"]
    assert by_number.log10_value == pytest.approx(np.log10(40) + (by_share.log10_value or 0.0), abs=1e-6)
    assert by_number.log10_stderr == pytest.approx(by_share.log10_stderr, rel=1e-3)


def test_prior_holds_the_number(exchange: Callable[..., Simulated]) -> None:
    """A narrow prior keeps the number where scales leave it open."""
    network, data = exchange(truth=1.3, unit="1", scale=50.0, noise=1e-3)
    held = fit(counted(network, "51 +/- 0.5 fit"), data)
    assert 10.0 ** (held["N[In]"].log10_value or 0.0) == pytest.approx(51, abs=2)
    assert (held["N[In]"].log10_stderr or 1.0) < 0.5 / 51


def test_coverage_refers_to_the_number_found(exchange: Callable[..., Simulated]) -> None:
    """Predicted coverages add up to 1, whatever number was found."""
    network, data = exchange(truth=1.3)
    model = counted(network, "40 fit")
    result = fit(model, data)
    predicted = predict(model, along(model, result.datasets[0]), fit=result)
    np.testing.assert_allclose(predicted.of("coverage", "In").values.sum(axis=1), 1.0, rtol=1e-9)
    assert not predicted.distributions


def test_sweep_over_a_free_number_is_that_over_a_stated_one(exchange: Callable[..., Simulated]) -> None:
    """Coverages of swept numbers of sites refer to these numbers, whether the model lets them free or not."""
    network, _ = exchange(truth=1.3)
    feed, vary = {"InP37": "0.5 mM", "HO2CR'": "10 mM"}, {"N[In]": ["40", "50", "60"]}
    free, stated = (
        sweep(counted(network, number), vary, feed=feed, constants={"K[X1]": "1.3"}) for number in ("51 fit", "51")
    )
    np.testing.assert_allclose(free["coverage"].to_numpy(), stated["coverage"].to_numpy(), rtol=1e-9)

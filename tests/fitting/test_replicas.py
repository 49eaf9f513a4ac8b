"""Points that count more or less."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.fitting import fit, refit
from surfacechem.fitting.replicas import weigh

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration


def test_values_count_by_their_robust_weights(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """Left out or drawn again, points that a robust fit set aside count no more values than they did in the fit."""
    model, data = binding()
    values = data.signals[0].values.copy()
    values[4] += 0.3
    data = replace(data, signals=(replace(data.signals[0], values=values),))
    objective = refit(model, data, fit(model, data, loss="robust")).objective
    (block,) = objective.blocks
    assert block.case_weight is not None
    assert block.case_weight[4] == pytest.approx(0.0, abs=1e-3)
    whole, without = weigh(objective, [1.0 - np.zeros((1, 15))]), weigh(objective, [1.0 - np.eye(1, 15)])
    np.testing.assert_allclose(whole.n_values[0], objective.n_values)
    np.testing.assert_allclose(without.n_values[0], objective.n_values - 3 * block.case_weight[0])


def test_offset_goes_with_its_spectrum(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """Of 15 spectra of three wavelengths less three, 12 have 36 values, 12 offsets, and 6 amplitudes but for those."""
    model, data = binding(observe="observe A = spectrum(Host, Guest, HG; offset)")
    fitted = refit(model, data, fit(model, data))
    kept = np.where(np.arange(15) % 5 == 0, 0.0, 1.0)[np.newaxis]
    rest = weigh(fitted.objective, [kept])
    costs = rest.block_costs(fitted.best[np.newaxis])
    assert rest.n_values - costs.n_amplitudes == 36 - 12 - 6
    assert fitted.covariance.dof == pytest.approx(45 - 15 - 6 - 1)

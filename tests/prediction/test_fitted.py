"""Curves of a fit through its measured points."""

from __future__ import annotations

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.prediction import fitted_signals


def test_heats_are_drawn_per_mole_injected() -> None:
    """Whatever the volume of an injection, the heat is that of a mole from the syringe (6 mmol/L here)."""
    card = sc.find_card("cdse-amine-calorimetry")
    fit = sc.load_model(card.model_path("L binding")).fit(card.read())
    (heat,) = fitted_signals(fit.model, fit.result)
    data = fit.result.datasets[0]
    volumes = np.diff(data.added, prepend=0.0)
    assert heat.curves.unit == "kJ/mol NH2R"
    assert heat.measured[:, 0] * volumes * 6e-3 == pytest.approx(data.signals[0].measured[:, 0] / 1e3, rel=1e-9)

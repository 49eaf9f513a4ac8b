"""Hand-built records to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.fitting import Profile
from surfacechem.fitting.estimate import Scale
from surfacechem.prediction import Axis, ComponentSpectra, Conditions, Curves, Distribution, FittedSignal, Prediction

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.linspace(0, 10, 21)


@pytest.fixture
def curves() -> Callable[..., Curves]:
    """Return a maker of three curves with a band; the first two lie on each other."""

    def made(group: str, labels: tuple[str, ...] = ("A", "B", "C"), *, unit: str = "1") -> Curves:
        values = np.column_stack([X / 10, X / 10, 1 - X / 10])
        return Curves(
            group=group, name="Q", labels=labels, values=values, unit=unit, lower=values - 0.05, upper=values + 0.05
        )

    return made


@pytest.fixture
def prediction(curves: Callable[..., Curves]) -> Prediction:
    """Return a prediction with all groups of curves and a distribution."""
    counts = np.arange(5)
    probability = np.zeros((len(X), 5))
    probability[0, 0] = 1.0
    probability[1:] = 0.2
    spectrum = Curves(
        group="signal",
        name="A",
        labels=tuple(f"{w}" for w in range(300, 360)),
        values=np.outer(X, np.exp(-((np.arange(60) - 30) ** 2) / 100)),
        unit="1",
        axis=np.arange(300.0, 360.0),
    )
    return Prediction(
        conditions=Conditions(
            feeds=("Q",), amounts=np.ones((len(X), 1)), axis=Axis(label="HA", unit="equiv per Q", values=X)
        ),
        curves=(curves("coverage"), curves("ligands"), curves("speciation", unit="mol/L"), curves("signal"), spectrum),
        distributions=(Distribution(cluster="Q", ligand="A", counts=counts, probability=probability),),
        status=np.zeros(len(X), dtype=np.int8),
        constants={},
        level=0.95,
        band="derivatives",
    )


@pytest.fixture
def fitted() -> Callable[[int], FittedSignal]:
    """Return a maker of a fitted signal with so many channels, of which channel 3 moves most."""

    def made(n_channels: int) -> FittedSignal:
        size = 0.1 + np.arange(n_channels) % 7 / 10
        size[min(3, n_channels - 1)] = 5.0
        values = np.outer(X, size)
        axis = Axis(label="HA", unit="equiv per Q", values=X)
        return FittedSignal(
            dataset="run",
            points=axis,
            measured=values + 0.01,
            fitted=values,
            sigma=np.full_like(values, 0.01),
            walk=axis,
            curves=Curves(
                group="signal",
                name="A",
                labels=tuple(map(str, range(n_channels))),
                values=values,
                unit="1",
                lower=values - 0.1,
                upper=values + 0.1,
                axis=300.0 + np.arange(n_channels) if n_channels > 6 else None,
            ),
        )

    return made


@pytest.fixture
def components() -> ComponentSpectra:
    """Return two molar spectra, one of them given."""
    axis = np.arange(300.0, 400.0)
    values = np.array([np.exp(-((axis - c) ** 2) / 200) for c in (330, 360)])
    return ComponentSpectra(
        name="A",
        labels=("H", "HG"),
        axis=axis,
        values=values,
        stderr=values / 10,
        unit="L/(mol cm)",
        is_known=(False, True),
    )


@pytest.fixture
def profiled() -> Profile:
    """Return a parabolic profile."""
    x = np.linspace(2, 4, 41)
    return Profile(
        scale=Scale(name="K[11]"), log10_values=x, rise=(x - 3) ** 2 * 20, critical=3.84, level=0.95, best=3.0
    )

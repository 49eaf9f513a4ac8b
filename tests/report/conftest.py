"""A real fit to report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.fitting import fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from surfacechem.fitting import FitResult

MODEL = """surfacechem 1
species H
species G
S[11]  H + G <=> HG ; K = fit /M
observe delta = shift(G, HG)
"""
HOSTILE = "<script>alert('x')</script>\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}"


@pytest.fixture(scope="session")
def network() -> Network:
    """Return 1:1 binding."""
    return Network(parse(MODEL))


@pytest.fixture(scope="session")
def data(network: Network) -> Titration:
    """Return a simulated shift titration (K = 2000 /M, noise 2 ppb, seed 1) from a file with a hostile name."""
    flask = conditions(network, {"G": "1 mM", "H": "0..5 equiv per G in 12"})
    bound = network.solve(flask.amounts, [np.log(2000.0)]).of("HG") / 1e-3
    values = 8.0 - bound + np.random.default_rng(1).normal(0, 0.002, len(bound))
    signal = Signal(
        name="delta", technique=Technique.NMR_SHIFT, channels=("delta",), values=values[:, np.newaxis], unit="ppm"
    )
    return Titration(
        name=f"run {HOSTILE}",
        feeds=flask.feeds,
        amounts=flask.amounts,
        signals=(signal,),
        labels=tuple(str(row) for row in range(len(bound))),
        source=f"{HOSTILE}.csv",
        sha256="ab" * 32,
        notes=(f"assumed {HOSTILE}",),
    )


@pytest.fixture(scope="session")
def result(network: Network, data: Titration) -> FitResult:
    """Return its fit."""
    return fit(network, data)

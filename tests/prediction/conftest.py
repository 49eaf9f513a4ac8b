"""Models that the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXCHANGE = """surfacechem 1
cluster InP37 = In37P20(O2CR)51 where R = C13H27
site    In on InP37 : 51 native O2CR
species HO2CR' = C18H34O2 where R' = C17H33
X   In-O2CR + HO2CR' <=> In-O2CR' + HO2CR   ; K = {constant}
observe bound = integral(In-O2CR')
observe free  = integral(HO2CR')
"""
HOST_GUEST = """surfacechem 1
species H
species G
S[11]  H + G <=> HG ; K = {constant}
observe delta = shift(G, HG)
"""

Maker = Callable[[str], Network]


@pytest.fixture
def exchange() -> Maker:
    """Return a maker of the 51-site exchange for a constant as text."""
    return lambda constant: Network(parse(EXCHANGE.format(constant=constant)))


@pytest.fixture
def host_guest() -> Maker:
    """Return a maker of 1:1 binding for a constant as text."""
    return lambda constant: Network(parse(HOST_GUEST.format(constant=constant)))


@pytest.fixture
def titrate() -> Callable[[Network, float | NDArray[np.float64]], Titration]:
    """Return a simulator of shift titrations of G by H: limiting shifts 8.0 and 7.0 ppm, normal noise of 2 ppb."""

    def simulated(network: Network, ln_constants: float | NDArray[np.float64]) -> Titration:
        flask = conditions(network, {"G": "1 mM", "H": "0..5 equiv per G in 16"})
        solved = network.solve(flask.amounts, np.atleast_1d(ln_constants))
        bound = solved.of("HG") / flask.amounts[:, flask.feeds.index("G")]
        values = 8.0 - bound + np.random.default_rng(1).normal(0, 0.002, len(bound))
        signal = Signal(
            name="delta", technique=Technique.NMR_SHIFT, channels=("delta",), values=values[:, np.newaxis], unit="ppm"
        )
        labels = tuple(str(row) for row in range(len(bound)))
        return Titration(name="run", feeds=flask.feeds, amounts=flask.amounts, signals=(signal,), labels=labels)

    return simulated

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.fitting import fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

TEXT = """cluster P
site S on P : 51 native A ; mean field
X S-A + HB <=> S-B + HA ; {}
observe bound = integral(S-B)
"""


def test_an_unbounded_coupling_is_found() -> None:
    """A mean field whose coupling has no bounds is found again from its own numbers."""
    model = Network(parse(TEXT.format("K = 0.8, w = 3 kJ/mol")))
    amounts = np.column_stack([np.full(12, 5e-4), np.linspace(0.0, 4e-2, 12)])
    values = model.solve({"P": amounts[:, 0], "HB": amounts[:, 1]}).of("S-B")[:, np.newaxis]
    values = values + 2e-5 * np.random.default_rng(5).normal(size=values.shape)
    signal = Signal(name="bound", technique=Technique.NMR_INTEGRAL, channels=("bound",), values=values, unit="mol/L")
    labels = tuple(str(row) for row in range(12))
    data = Titration(name="run", feeds=("P", "HB"), amounts=amounts, signals=(signal,), labels=labels)
    found = fit(Network(parse(TEXT.format("K = fit, w = 1 kJ/mol fit"))), data)
    assert found["w[X1]"].log10_value * np.log(10) * 8.314462618 * 298.15 == pytest.approx(3e3, abs=600)

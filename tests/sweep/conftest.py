"""A 51-site exchange, and a switch of two forms, for sweeps."""

from __future__ import annotations

import pytest

from surfacechem.api import Model

EXCHANGE = """surfacechem 1
cluster InP37 = In37P20(O2CR)51
site In on InP37 : 51 native O2CR
X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1.3 +/- 0.1, dH = -5 kJ/mol
"""


@pytest.fixture(scope="session")
def exchange() -> Model:
    """Return carboxylate exchange on 51 sites, with an error and an enthalpy."""
    return Model(EXCHANGE)

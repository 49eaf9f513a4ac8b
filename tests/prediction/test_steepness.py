"""Hill exponents of predicted curves, against laws that do not use them."""

from __future__ import annotations

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import DataError, UnknownNameError
from surfacechem.prediction import hill_exponents

EXCHANGE = "cluster Q\nsite S on Q : 51 native A{}\nX S-A + HB <=> S-B + HA ; K = 0.3{}\n"
FEED = {"Q": "1e-6 mM", "HA": "10 mM", "HB": "0.1..300 mM in 201 log"}


def test_a_mean_field_has_the_exponent_of_its_isotherm() -> None:
    """Frumkin's isotherm gives 1/(1 - w theta (1 - theta)/RT), above 1 where neighbours attract, below where not."""
    for w in (6.0, -6.0):
        found = sc.Model(EXCHANGE.format(" ; mean field", f", w = {w} kJ/mol")).predict(FEED)
        theta = found.of("coverage").only(["B"]).values[:, 0]
        expected = 1 / (1 - w * 1e3 / (GAS_CONSTANT * 298.15) * theta * (1 - theta))
        assert hill_exponents(found, "S-B", free="HB/HA")[5:-5] == pytest.approx(expected[5:-5], rel=5e-3)


def test_conformers_that_switch_are_steep() -> None:
    """Where binding turns the whole cluster over, the exponent exceeds 1 and stays below their number."""
    text = "cluster Q\nsite S on Q : 8\nconformer b of Q ; L0 = 1e-4\n"
    text += "L S-* + B <=> S-B ; K = 2 /M\nL S-* + B <=> S-B in b ; K = 60 /M\n"
    switch = sc.Model(text).predict({"Q": "1e-6 mM", "B": "1..3000 mM in 201 log"})
    assert 2.0 < np.nanmax(hill_exponents(switch, "S-B", free="B")) < 8.0


def test_ends_and_wrong_names_are_answered() -> None:
    """Empty and full sites have no exponent; unknown states, species and single points are refused."""
    model = sc.Model(EXCHANGE.format("", ""))
    found = model.predict({**FEED, "HB": "0..300 mM in 31"})
    exponents = hill_exponents(found, "S-B", free="HB/HA")
    assert np.isnan(exponents[0])
    assert exponents[5:-1] == pytest.approx(1.0, rel=1e-4)
    with pytest.raises(UnknownNameError, match="S-B"):
        hill_exponents(found, "S-C", free="HB")
    with pytest.raises(UnknownNameError, match="HB"):
        hill_exponents(found, "S-B", free="HX")
    with pytest.raises(DataError, match="three or more"):
        hill_exponents(model.predict({**FEED, "HB": "1 mM"}), "S-B", free="HB")

"""Names of chemistry as a journal prints them."""

from __future__ import annotations

import pytest

from surfacechem.display import chemical


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("(In)2-O3PR'", "(In)₂-O₃PR′"),
        ("(In2(O3PR')3)0.5", "(In₂(O₃PR′)₃)₀.₅"),
        ("CdSe[Br]0.44", "CdSe[Br]₀.₄₄"),
        ("Cd^2+", "Cd²⁺"),
        ("HO2CR''", "HO₂CR′′"),
    ],
)
def test_formulas_are_typeset(written: str, printed: str) -> None:
    """Counts, fractional ones too, are lowered, charges raised, primes are primes."""
    assert chemical(written) == printed


@pytest.mark.parametrize(
    "name", ["K[X1]", "L0[b]", "active[InP37]", "Cd.a-*", "InP386", "S.100-B", "volume added", "298.15 K"]
)
def test_what_is_no_formula_stays(name: str) -> None:
    """Parameters, site classes, words and numbers are printed as they are written."""
    assert chemical(name) == name


def test_names_of_forms_stay() -> None:
    """What follows a dot names a form of the cluster."""
    assert chemical("CdS37.b340") == "CdS₃₇.b340"

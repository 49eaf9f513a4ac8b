"""Unbalanced reactions are told what is missing, and what to write."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfacechem.chem.balance import imbalance, propose
from surfacechem.chem.constant import EquilibriumConstant
from surfacechem.chem.naming import Vocabulary
from surfacechem.chem.system import Reaction, ReactionKind
from surfacechem.chem.terms import read_term

FORMULA = Vocabulary().formula
SPECIES = ("HO2CR", "HO2CR'", "NH2R''", "Cd(O2CR)2")


def reaction(line: str) -> Reaction:
    """Return a reaction from ``left <=> right``."""
    left, right = ([read_term(term) for term in side.split(" + ")] for side in line.split(" <=> "))
    return Reaction(
        name="X1", kind=ReactionKind.X, left=tuple(left), right=tuple(right), constant=EquilibriumConstant(name="K")
    )


@pytest.mark.parametrize(
    "line",
    [
        "In-O2CR + HO2CR' <=> In-O2CR' + HO2CR",
        "Se-Cd(O2CR)2 + 2 NH2R'' <=> Se-* + Cd(O2CR)2(NH2R'')2",
        "In-* + Cl^- <=> In-Cl^-",
        "2 In-O2CR + H2O3PR' <=> 2 In-(O3PR')0.5 + 2 HO2CR",
        "In37P20(O2CR)51 <=> 20 InP + 17 In(O2CR)3",
        "Cd37S20(O2CR)34 <=> 20 CdS + 17 Cd(O2CR)2",
        "2 In37P20(O2CR)51 + 17 In2(O3PR')3 <=> 2 In37P20(O3PR')25.5 + 34 In(O2CR)3",
    ],
)
def test_reactions_of_the_field_balance(line: str) -> None:
    """The systems of the field balance in atoms, charge and sites."""
    assert imbalance(reaction(line), FORMULA).is_balanced


@pytest.mark.parametrize(
    ("line", "missing", "proposed"),
    [
        ("2 HO2CR <=> HO2CR", "the right side lacks CH", ""),
        ("H2 + O2 <=> H2O", "the right side lacks O", "2 H2 + O2 <=> 2 H2O"),
        ("In-O2CR + HO2CR' <=> In-O2CR'", "right side lacks CHO2R", "In-O2CR + HO2CR' <=> In-O2CR' + HO2CR"),
        ("In-O2CR + OH^- <=> In-OH", "lacks CO2R; the right side is +1 in charge", ""),
        ("In-O2CR <=> In-O2CR + In-*", "the left side lacks 1 site In", ""),
        ("In-O2CR + HO2CR' <=> HO2CR + O2CR'", "lacks 1 site In", "In-O2CR + HO2CR' <=> HO2CR + O2CR' + In-*"),
        ("Se-Cd(O2CR)2 <=> Se-*", "lacks C2CdO4R2", "Se-Cd(O2CR)2 <=> Se-* + Cd(O2CR)2"),
        ("In-O2CR + H2O <=> In-OH", "lacks CHO2R", "In-O2CR + H2O <=> In-OH + HO2CR"),
        ("CH4 + O2 <=> H2O", "the right side lacks CH2O", "CH4 + O2 <=> H2O + CH2O"),
    ],
)
def test_missing_side_and_line_are_named(line: str, missing: str, proposed: str) -> None:
    """The fault says what is lacking where; the line proposed balances."""
    wrong = reaction(line)
    if proposed:
        assert imbalance(reaction(proposed), FORMULA).is_balanced
    assert propose(wrong, FORMULA, SPECIES) == proposed
    assert missing in str(imbalance(wrong, FORMULA))


def test_labels_hide_atoms_but_not_sites() -> None:
    """Where a label takes part, atoms are not checked and sites still are."""
    assert imbalance(reaction("Host + G <=> HG"), FORMULA).labels == ("Host", "G", "HG")
    wrong = reaction("In-Old + New <=> New")
    assert imbalance(wrong, FORMULA).sites == {"In": -1}
    assert propose(wrong, FORMULA, ()) == "In-Old + New <=> New + In-*"


@pytest.mark.parametrize(
    ("line", "missing", "proposed"),
    [
        ("Cd-* + 2 Amine <=> Cd-Amine", "right side lacks 1 Amine", "Cd-* + Amine <=> Cd-Amine"),
        ("Cd-Old + 2 TMEDA <=> Cd-TMEDA + Old", "right side lacks 1 TMEDA", "Cd-Old + TMEDA <=> Cd-TMEDA + Old"),
        ("2 Host <=> Host", "right side lacks 1 Host", ""),
    ],
)
def test_a_label_that_is_lost_is_missed(line: str, missing: str, proposed: str) -> None:
    """Two amines used to become one unnoticed, because the atoms of a label are not known."""
    wrong = reaction(line)
    assert missing in str(imbalance(wrong, FORMULA))
    assert propose(wrong, FORMULA, ()) == proposed


@given(coefficients=st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_wrong_coefficients_are_put_right(coefficients: list[int]) -> None:
    """Whatever coefficients were written, the proposed ones are the balanced ones."""
    terms = [f"{count} {name}" for count, name in zip(coefficients, ("C3H8", "O2", "CO2", "H2O"), strict=True)]
    wrong = reaction(f"{terms[0]} + {terms[1]} <=> {terms[2]} + {terms[3]}")
    assert propose(wrong, FORMULA, ()) == "C3H8 + 5 O2 <=> 3 CO2 + 4 H2O"


def test_fractional_coefficients_are_exact() -> None:
    """Thirds balance exactly, where floats would not."""
    assert imbalance(reaction("1/3 C3H6 <=> CH2"), FORMULA).is_balanced
    assert read_term("1/3 C3H6").coefficient == Fraction(1, 3)

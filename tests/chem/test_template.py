"""The template (ME)a(MXn)b falls out of the formula."""

from __future__ import annotations

from fractions import Fraction

import pytest

from surfacechem.chem.formula import Formula
from surfacechem.chem.template import decompose
from surfacechem.errors import FormulaError


@pytest.mark.parametrize(
    ("text", "n_per_z", "shown"),
    [("In37P20(O2CR)51", 3, "(InP)20(In(O2CR)3)17"), ("Cd37S20(O2CR)34", 2, "(CdS)20(Cd(O2CR)2)17")],
)
def test_complete_z_loss_is_seventeen(text: str, n_per_z: int, shown: str) -> None:
    """Both founding clusters free 17 Z-type equivalents, which nobody typed in."""
    template = decompose(Formula.parse(text))
    assert [template.n_core, template.n_z, template.n_per_z, template.charge] == [*map(Fraction, (20, 17, n_per_z, 0))]
    assert str(template) == shown
    assert template.n_z * template.n_per_z == template.n_ligands


def test_template_gives_the_formula_back() -> None:
    """Core and shell of the template hold just the atoms of the formula."""
    formula = Formula.parse("In37P20(O2CH)51")
    assert Formula.parse("(InP)20·(In(O2CH)3)17").atoms == formula.atoms


def test_mixed_shell_is_neutral_together() -> None:
    """Halides and groups of declared charge share the metal's valence."""
    template = decompose(Formula.parse("In37P20(O2CR)47Cl2(O3PR')"), charges={"O3PR'": -2})
    assert template.charge == 0
    assert dict(template.ligands) == {"O2CR": Fraction(47), "Cl": Fraction(2), "O3PR'": Fraction(1)}


def test_measured_average_is_within_tolerance() -> None:
    """The CdSe belt formula misses neutrality by 0.03 per CdSe, which is measured, not mistyped."""
    template = decompose(Formula.parse("CdSe[Br]0.44[C8H20N^+]0.41"))
    assert template.charge == Fraction(-3, 100)
    with pytest.raises(FormulaError, match=r"net charge of -0\.03"):
        decompose(Formula.parse("CdSe[Br]0.44[C8H20N^+]0.41"), tolerance=Fraction(1, 50))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("In37P20(O2CR)50", r"net charge of \+1"),
        ("(InP)20(O2CR)51", "none as metal"),
        ("InCdP2(O2CR)3", "In, Cd as metal"),
        ("In20P37(O2CR)3", "20 In"),
        ("Cd3P2(O2CR)2", "valence"),
    ],
)
def test_other_formulas_are_refused(text: str, match: str) -> None:
    """Whole counts must be neutral, and metal and anion one each, of one valence."""
    with pytest.raises(FormulaError, match=match):
        decompose(Formula.parse(text))


def test_charge_written_on_the_cluster_counts() -> None:
    """The bare core [In21P20]3+ is as charged as it says."""
    assert decompose(Formula.parse("In21P20^3+")).charge == 3

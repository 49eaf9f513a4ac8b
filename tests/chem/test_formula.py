"""Formulas are read to their last character or refused; masses are those of the standard atomic weights."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.chem.formula import ELEMENTS, Formula, format_count, hill
from surfacechem.errors import FormulaError

R = Formula.parse("C13H27")


@pytest.mark.parametrize(
    ("text", "rest", "composition", "mass"),
    [
        # Masses of domain.md section 1, there from standard atomic weights to five digits.
        ("In37P20(O2CR)51", "C13H27", "C714H1377In37O102P20", 16463.5),
        ("In37P20(O2CR)51", "C7H7", "C408H357In37O102P20", 11760.0),
        ("In37P20(O2CR)51", "C17H33", "C918H1683In37O102P20", 19222.2),
        ("Cd37S20(O2CR)34", "C17H33", "C612H1122Cd37O68S20", 14370.2),
    ],
)
def test_founding_clusters_have_their_mass(text: str, rest: str, composition: str, mass: float) -> None:
    """The clusters of the field have the composition and mass derived for them elsewhere."""
    formula = Formula.parse(text, {"R": Formula.parse(rest)})
    assert hill(formula.composition) == composition
    assert formula.mass == pytest.approx(mass, rel=1e-4)


def test_elements_are_those_of_the_mass_table() -> None:
    """Every symbol that is read has a mass, and none with a mass is missing."""
    from molmass import ELEMENTS as KNOWN

    assert {element.symbol for element in KNOWN} == ELEMENTS


@pytest.mark.parametrize(
    ("text", "composition", "charge"),
    [
        ("Cd^2+", "Cd", 2),
        ("OH^-", "HO", -1),
        ("CdSe[Br]0.44[C8H20N^+]0.41", "C3.28H8.2Br0.44CdN0.41Se", Fraction(41, 100)),
        ("CuSO4·5H2O", "H10CuO9S", 0),
        ("(InP)20·[In(O2CH)3]17", "C51H51In37O102P20", 0),
        ("(In(O2CH)3)2", "C6H6In2O12", 0),
        ("C₂H₆O", "C2H6O", 0),
        ("[13C]H3OD", "H3DO[13C]", 0),
        ("NH2R''", "H2NR''", 0),
    ],
)
def test_forms_are_read(text: str, composition: str, charge: Fraction | int) -> None:
    """Charges, averages, hydrates, nested groups, subscripts, isotopes and placeholders count exactly."""
    formula = Formula.parse(text)
    assert hill(formula.composition) == composition
    assert formula.charge == charge


def test_declared_group_wins_over_elements() -> None:
    """``OA`` is the declared group, while ``OAg`` is oxygen and silver, and a prime makes another group."""
    groups = {"OA": Formula.parse("C18H33O2"), "R": R}
    assert hill(Formula.parse("Cd(OA)2", groups).composition) == "C36H66CdO4"
    assert hill(Formula.parse("OAg", groups).composition) == "AgO"
    assert hill(Formula.parse("RbOR'", groups).composition) == "OR'Rb"


@pytest.mark.parametrize(
    ("text", "column", "found"),
    [
        ("In37Q20", 5, "'Q'"),
        ("In37P20(O2CR", 8, "not closed"),
        ("In37P20)", 8, "'\\)'"),
        ("cd", 1, "'c'"),
        ("C0", 2, "count 0"),
        ("C1234567890", 2, "very long"),
        ("Cd^x", 3, "charge"),
        ("CuSO4.5H2O", 6, "point"),
        ("()", 2, "no element"),
        ("((((((((((C))))))))))", 9, "one more bracket"),
        ("__import__('os')", 1, "'_'"),
    ],
)
def test_fault_points_at_the_character(text: str, column: int, found: str) -> None:
    """What cannot be read is refused, with the column where reading stopped."""
    with pytest.raises(FormulaError, match=found) as caught:
        Formula.parse(text)
    assert caught.value.where is not None
    assert caught.value.where.column == column


@pytest.mark.parametrize("text", ["", "C" * 201])
def test_length_is_bounded(text: str) -> None:
    """Nothing and very much are no formulas."""
    with pytest.raises(FormulaError, match="1 to 200"):
        Formula.parse(text)


@pytest.mark.parametrize(("text", "match"), [("NH2R", "where R = "), ("[99C]H4", "isotope")])
def test_mass_needs_known_atoms(text: str, match: str) -> None:
    """A placeholder or an isotope that does not exist has no mass."""
    with pytest.raises(FormulaError, match=match):
        _ = Formula.parse(text).mass


def test_charge_takes_electrons_from_the_mass() -> None:
    """A cation is lighter than the atom by its electrons (CODATA electron mass 5.4858e-4 g/mol)."""
    assert Formula.parse("H").mass - Formula.parse("H^+").mass == pytest.approx(5.4858e-4, rel=1e-4)


@given(
    counts=st.dictionaries(st.sampled_from(sorted(ELEMENTS)), st.integers(1, 999), min_size=1, max_size=8),
    times=st.integers(2, 99),
)
@settings(max_examples=60, deadline=None)
def test_group_multiplies_its_content(counts: dict[str, int], times: int) -> None:
    """A bracketed group counts as often as its number says, whatever stands in it."""
    text = "".join(f"{symbol}{count}" for symbol, count in counts.items())
    once, often = Formula.parse(text), Formula.parse(f"({text}){times}")
    assert often.composition == {symbol: count * times for symbol, count in once.composition.items()}


@given(st.text(alphabet="InPOCRH()[]{}0123456789.'^+-·_ \t√", max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text whatever makes the reader fail in another way than by its own error."""
    with suppress(FormulaError):
        assert all(count > 0 for count in Formula.parse(text).composition.values())


@pytest.mark.parametrize(
    ("count", "text"),
    [(Fraction(51, 2), "25.5"), (Fraction(1, 3), "1/3"), (Fraction(-1, 4), "-0.25"), (Fraction(7), "7")],
)
def test_counts_are_written_as_people_write_them(count: Fraction, text: str) -> None:
    """Counts are whole or decimal where they can be, and fractions where they cannot."""
    assert format_count(count) == text

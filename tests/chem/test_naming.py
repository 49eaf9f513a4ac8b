"""Names are formulas where they can be, labels where they are declared to be, and never both."""

from __future__ import annotations

import pytest

from surfacechem.chem.formula import hill
from surfacechem.chem.naming import Declaration, Vocabulary, read_vocabulary
from surfacechem.errors import Location, SurfaceChemError


def vocabulary(groups: dict[str, str], species: dict[str, str | None]) -> tuple[Vocabulary, list[SurfaceChemError]]:
    """Return what declarations mean, and their faults."""
    faults: list[SurfaceChemError] = []
    known = read_vocabulary(
        [Declaration(name=name, formula=text) for name, text in groups.items()],
        [Declaration(name=name, formula=text) for name, text in species.items()],
        faults,
    )
    return known, faults


def spelled(known: Vocabulary, name: str) -> str | None:
    """Return the composition of a name."""
    formula = known.formula(name)
    return None if formula is None else hill(formula.composition)


def test_declared_species_may_stand_in_brackets() -> None:
    """A complex is made of its ligands; it used to be a label whose atoms nobody checked."""
    known, faults = vocabulary({"R": "C17H33"}, {"TMEDA": "C6H16N2", "Amide": None})
    assert not faults
    assert spelled(known, "Cd(O2CR)2(TMEDA)") == "C42H82CdN2O4"
    assert spelled(known, "Cd(O2CR)2(Amide)") is None


def test_names_are_tried_as_formulas() -> None:
    """A name of elements and declared groups has their composition; another one is a label; a vacancy is nothing."""
    known, faults = vocabulary({"R": "C13H27"}, {})
    assert not faults
    assert [spelled(known, name) for name in ("HO2CR", "HG", "*")] == ["C14H28O2", None, ""]


def test_declared_label_hides_its_spelling() -> None:
    """A declared name without formula is a label, even where it could be read as elements."""
    known, _ = vocabulary({}, {"P": None, "AB": "C6H6"})
    assert [spelled(known, name) for name in ("P", "AB")] == [None, "C6H6"]


def test_placeholder_is_learned_from_a_species() -> None:
    """``HO2CR' = C18H34O2`` tells that R' is C17H33."""
    known, faults = vocabulary({}, {"HO2CR'": "C18H34O2"})
    assert not faults
    assert (spelled(known, "R'"), spelled(known, "O2CR'")) == ("C17H33", "C18H33O2")


@pytest.mark.parametrize("formula", ["CHO", "C1.5H3O2", "C17H33R''"])
def test_placeholder_is_not_guessed(formula: str) -> None:
    """Nothing is learned from a formula that cannot hold the rest of the name in whole atoms."""
    known, _ = vocabulary({}, {"HO2CR'": formula})
    assert "R'" not in known.groups


def test_name_and_formula_must_agree() -> None:
    """A name that spells another formula by its placeholder is a fault, not a label."""
    _, faults = vocabulary({"R": "C13H27"}, {"NH2R": "C18H39N"})
    assert [type(fault).__name__ for fault in faults] == ["FormulaError"]
    assert "C13H29N" in str(faults[0])


def test_placeholder_has_one_meaning() -> None:
    """Declaring R twice is allowed only alike."""
    faults: list[SurfaceChemError] = []
    groups = [Declaration(name="R", formula=text) for text in ("C13H27", "(CH2)13H", "C7H7")]
    read_vocabulary(groups, [], faults)
    assert [fault.found for fault in faults] == ["C13H27 and C7H7"]


def test_number_of_placeholders_is_bounded() -> None:
    """A model with very many placeholders is refused, not read for minutes."""
    _, faults = vocabulary({f"R{chr(65 + n % 26)}{chr(65 + n // 26)}": "CH3" for n in range(60)}, {})
    assert "at most 50" in str(faults[0])


def test_fault_points_into_the_line() -> None:
    """The caret of a formula stands in the line that declares it."""
    faults: list[SurfaceChemError] = []
    at = Location(file="m.scx", line=3, column=1, text="species A = C6Q5")
    read_vocabulary([], [Declaration(name="A", formula="C6Q5", at=at)], faults)
    assert faults[0].where == Location(file="m.scx", line=3, column=15, text="species A = C6Q5")

from __future__ import annotations

from typing import TYPE_CHECKING

from surfacechem.symbolic.mass_action import write_equations
from surfacechem.symbolic.typeset import text_of

if TYPE_CHECKING:
    from surfacechem.chem.system import System


def texts(system: System) -> dict[str, str]:
    """Return laws and balances as plain text by name."""
    equations = write_equations(system)
    return {statement.name: text_of(statement.equation) for statement in (*equations.laws, *equations.balances)}


def test_exchange_reads_as_in_a_textbook(models: dict[str, System]) -> None:
    """The law of X exchange is the quotient of bound and free, and 51 sites are in the balance."""
    found = texts(models["exchange"])
    assert found["X1"] == "K[X1] = [HO2CR] [In-O2CR']/([HO2CR'] [In-O2CR])"
    assert found["HO2CR"] == "[HO2CR]0 + 51 [InP37]0 = [HO2CR] + [In-O2CR]"
    assert found["In sites of InP37"] == "51 [InP37]0 = [In-O2CR'] + [In-O2CR]"


def test_each_form_has_its_law(models: dict[str, System]) -> None:
    """Every conformer has laws of its own, and L0 compares the forms with all sites native."""
    equations = write_equations(models["conformers"])
    names = [law.name for law in equations.laws]
    assert names == ["L1", "L2", "X1", "X1", "CdS37.beta"]
    assert texts(models["conformers"])["CdS37"] == "[CdS37]0 = [CdS37.beta] + [CdS37]"


def test_unknowns_follow_the_weights(models: dict[str, System]) -> None:
    """Symbols come in the order of the solver's weights: species, then a form before its states."""
    names = [symbol.name for symbol in write_equations(models["conformers"]).unknowns]
    assert names[3:5] == ["[CdS37]", "[Cd-* of CdS37]"]
    assert names[8:10] == ["[CdS37.beta]", "[Cd-* of CdS37.beta]"]

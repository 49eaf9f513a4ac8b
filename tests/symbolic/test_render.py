from __future__ import annotations

from dataclasses import replace
from math import log10
from typing import TYPE_CHECKING

import pytest

from surfacechem.chem.constant import Convention, EquilibriumConstant, Role
from surfacechem.notation import parse
from surfacechem.symbolic.render import describe

if TYPE_CHECKING:
    from surfacechem.chem.system import System


def lines(system: System) -> dict[str, str]:
    """Return all rows as label -> text."""
    return {line.label: line.text for section in describe(system) for line in section.lines}


def test_exchange_shows_its_statistical_factors(models: dict[str, System]) -> None:
    """51 K first, K/51 last, and the sum of all weights."""
    found = lines(models["exchange"])
    assert found["In of InP37: weights on 51 sites"] == "C(51, n) x^n, sum (x + 1)^51"
    assert found["In of InP37: steps 1 to 51"] == "51 x first, (51 - n + 1)/n x for step n, x/51 last"
    assert found["K[X1] per particle, first step"] == "51 K[X1]"
    assert found["K[X1] per particle, last step"] == "K[X1]/51"


def test_competing_states_share_the_sites(models: dict[str, System]) -> None:
    """Two states besides the native one have multinomial weights, and one sum for both."""
    found = lines(models["displacement"])
    assert found["Se of CdS37: weights on 17 sites"] == "17!/(n0! n1! n2!) x1^n1 x2^n2, sum (x1 + x2 + 1)^17"
    assert found["Se-L of CdS37: ratio to native"] == "x2 = K[L1] K[X1] [L]^3/[ZL2]"


def test_component_is_what_it_counts(models: dict[str, System]) -> None:
    """Counts other than 1 stand before the entities that hold them."""
    assert lines(models["host_guest"])["component Host"] == "[Host] + [HG] + 2 [H2G]"


def test_constant_shows_value_convention_and_energy(models: dict[str, System]) -> None:
    """A free energy always carries its standard state and temperature."""
    assert lines(models["host_guest"])["K[11]"] == ("250 /M, solution, fixed, dG = -13.69 kJ/mol (1 mol/L, 298.15 K)")


def test_enthalpy_shows_how_the_constant_moves(models: dict[str, System]) -> None:
    """With dH the row of van 't Hoff is there."""
    written = models["host_guest"]
    heated = replace(written.reactions[0], constant=replace(written.reactions[0].constant, enthalpy=-35e3))
    found = lines(replace(written, reactions=(heated, *written.reactions[1:])))
    assert found["K[11], dH = -35 kJ/mol"] == "ln K[11](T) = ln K[11](T0) - dH (-1/T0 + 1/T)/R"


def test_rank_and_phantom_are_shown(models: dict[str, System]) -> None:
    """The reader sees how many exchanges are independent and what is conserved."""
    found = lines(models["displacement"])
    assert found["rank"] == "2 independent exchanges in 2 reactions"
    assert found["phantom component moiety of ZL2, Se-Z"] == "[ZL2] + [Se-Z]"


def test_dependent_constant_is_shown(models: dict[str, System]) -> None:
    """What follows from the other constants is written down."""
    written = models["exchange"]
    (first,) = written.reactions
    free = replace(first.constant, name="K[X2]", role=Role.FREE, log10_value=None)
    again = replace(first, name="X2", left=first.right, right=first.left, constant=free)
    assert lines(replace(written, reactions=(first, again)))["K[X2] follows"] == "ln K[X2] = -1 ln K[X1]"


def test_every_form_of_output_has_every_row(system: System) -> None:
    """Text, HTML and LaTeX come from the same rows."""
    for section in describe(system):
        table = section.to_table()
        assert len(table.rows) == len(section.lines)
        assert section.to_latex().count("&&") == len(section.lines)
        assert table.to_html().count("<tr") >= len(section.lines)


@pytest.mark.parametrize("opening", ["{", "["])
def test_latex_is_balanced(system: System, opening: str) -> None:
    """Braces and brackets of every row close."""
    closing = {"{": "}", "[": "]"}[opening]
    for section in describe(system):
        text = section.to_latex().replace("\\" + opening, "").replace("\\" + closing, "")
        assert text.count(opening) == text.count(closing)


def test_constants_of_no_reaction_are_shown_too(models: dict[str, System]) -> None:
    """A number of sites to be found stands among the constants, with where it begins."""
    system = models["exchange"]
    number = EquilibriumConstant(name="N[In]", log10_value=log10(51), convention=Convention.SITES)
    free = replace(system, sites=tuple(replace(site, number=number) for site in system.sites))
    assert lines(free)["N[In]"] == "51, sites per particle, fit"


DIMER = """cluster InP37 = In37P20(O2CR)51
site In on InP37 native O2CR
conformer beta of InP37 ; L0 = 1e-3
X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1
S 2 HO2CR' <=> (HO2CR')2 ; K = 500 /M
S HO2CR + H2O <=> (HO2CR)(H2O) ; K = 3 /M
"""


def test_weights_speak_of_the_acids_not_of_their_dimers() -> None:
    """A binding polynomial used to be written in square roots of the dimer where the acid dimerises."""
    found = lines(parse(DIMER))
    assert found["In-O2CR' of InP37: ratio to native"] == "x = K[X1] [HO2CR']/[HO2CR]"


def test_ratio_of_forms_is_no_constant_in_solution() -> None:
    """L0 has no standard state, and ln 1 = 0 makes no minus."""
    found = lines(parse(DIMER))
    assert found["L0[beta]"] == "0.001, between forms, fixed, dG = 17.12 kJ/mol (298.15 K)"
    assert found["K[X1]"] == "1, per site, fixed, dG = 0 kJ/mol (1 mol/L, 298.15 K)"


def test_units_of_constants_are_written_as_chemists_do() -> None:
    """M and M^(1/2), not M^1 and M^1/2; of units that carry ligands it is said which have these weights."""
    text = (
        "cluster InP37 = In37P20(O2CR)51\nsite Z on InP37 native In(O2CR)3\nsite A on Z-In(O2CR)3 native O2CR\n"
        "X A-O2CR + HO2CR' <=> A-O2CR' + HO2CR ; K = 2\nZ Z-In(O2CR)3 <=> Z-* + In(O2CR)3 ; K = 2 M\n"
        "Z Z-* + 1/2 In2(O3PR')3 <=> Z-In(O3PR')1.5 ; K = 5 M^-0.5\n"
    )
    found = lines(parse(text))
    assert found["K[Z1]"].startswith("2 M, ")
    assert found["Z2"] == "pushes it back (K in M^(-1/2))"
    assert "Z of InP37 (ligands on units native): weights on 17 sites" in found


def test_molar_masses_are_shown() -> None:
    """What is weighed in: the cluster has 16463.5 g/mol, and a name that is its formula tells atoms."""
    text = "cluster InP37 = In37P20(O2CR)51 where R = C13H27\nsite In on InP37 native O2CR\n"
    system = parse(text + "species HO2CR' = C18H34O2 named \"oleic acid\"\nX In-O2CR + HO2CR' <=> In-O2CR' + HO2CR")
    (section,) = [each for each in describe(system) if each.title == "Formulas"]
    shown = {line.label: line.text for line in section.lines}
    assert float(shown["InP37"].split(", ")[1].split()[0]) == pytest.approx(16463.5, abs=0.5)
    assert shown["HO2CR'"] == "C18H34O2, 282.462 g/mol, oleic acid"
    assert shown["HO2CR"] == "C14H28O2, 228.372 g/mol"

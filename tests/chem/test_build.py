"""A system built in Python, one call a line."""

from __future__ import annotations

from fractions import Fraction

import pytest

from surfacechem.chem.build import SystemBuilder
from surfacechem.chem.constant import Convention, EquilibriumConstant, Role
from surfacechem.chem.system import ReactionKind, Term
from surfacechem.chem.terms import read_term
from surfacechem.errors import ModelError, SurfaceChemError


def exchange() -> SystemBuilder:
    """Return the 51-site exchange."""
    model = SystemBuilder()
    model.group("R", "C13H27")
    model.cluster("InP37", "In37P20(O2CR)51")
    model.site("In", on="InP37", count=51, native="O2CR")
    model.species("HO2CR'", "C18H34O2", title="oleic acid")
    model.reaction(["In-O2CR", "HO2CR'"], ["In-O2CR'", "HO2CR"], K=1.3)
    return model


def test_exchange_is_complete() -> None:
    """Class, names, convention and formulas that nobody wrote are found."""
    system = exchange().system()
    (reaction,) = system.reactions
    assert (reaction.name, reaction.kind) == ("X1", ReactionKind.X)
    assert reaction.constant.name == "K[X1]"
    assert reaction.constant.convention is Convention.PER_SITE
    assert reaction.constant.value == pytest.approx(1.3)
    assert [species.name for species in system.species] == ["HO2CR'", "HO2CR"]
    assert [str(formula) for _, formula in system.groups] == ["C13H27", "C17H33"]


def test_reactions_are_numbered_within_their_class() -> None:
    """Unlabelled reactions count up in their class; labelled ones do not count."""
    model = SystemBuilder()
    for label in ("", "oleate", ""):
        model.reaction(["A", "B"], ["AB"], label=label, K=2.0 + len(label))
    model.reaction(["In-*", "A"], ["In-A"])
    assert [reaction.name for reaction in model.system().reactions] == ["S1", "oleate", "S2", "L1"]


def test_least_model_gets_a_particle() -> None:
    """One reaction is a model: a particle with one site is taken, and said."""
    model = SystemBuilder()
    model.reaction(["In-O2CR", "HO2CR'"], ["In-O2CR'", "HO2CR"])
    system = model.system()
    assert [(site.name, site.count, site.native) for site in system.sites] == [("In", Fraction(1), "O2CR")]
    assert any("no cluster declared" in note for note in system.notes)
    assert any("K[X1] is unknown" in note for note in system.notes)


@pytest.mark.parametrize(
    ("left", "constant", "advice"),
    [
        (["In-*", (2, "NH2R")], 1.0, "2 NH2R"),
        ("In-* + NH2R", 1.0, "list of texts"),
        (["In-*", "NH2R"], "250 /M", "K=250.0 for 250 /M"),
    ],
)
def test_what_is_no_term_or_number_is_refused_in_words(left: list[str], constant: float, advice: str) -> None:
    """Natural slips of a script used to end in an AttributeError or TypeError from inside."""
    with pytest.raises(SurfaceChemError, match=advice):
        SystemBuilder().reaction(left, ["In-NH2R"], K=constant)


def test_given_constant_is_taken_as_it_is() -> None:
    """An EquilibriumConstant keeps role, bounds and source; a conformer's is named L0."""
    model = exchange()
    model.conformer("beta", of="InP37", L0=EquilibriumConstant(name="x", log10_value=-3.0, role=Role.FREE))
    (conformer,) = model.system().conformers
    assert (conformer.constant.name, conformer.constant.log10_value) == ("L0[beta]", -3.0)


def test_all_faults_come_at_once() -> None:
    """Faults of different lines are reported together."""
    model = exchange()
    model.site("P", on="InP38", count=3)
    model.reaction(["In-O2CR", "HO2CR'"], ["In-O2CR'"])
    model.observe("bound", "integral", "In-O2CR''")
    with pytest.raises(ValueError, match="InP37") as caught:
        model.system()
    assert all(part in str(caught.value) for part in ("write InP37", "lacks C14H28O2", "write In-O2CR'"))


def test_typographic_primes_are_primes() -> None:
    """Names pasted from a manuscript are the names typed on a keyboard."""
    model = SystemBuilder()
    model.species("HO2CR’", "C18H34O2")
    assert model.system().species[0].name == "HO2CR'"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("2 HO2CR", Term(coefficient=Fraction(2), entity="HO2CR")),
        ("In.a-O2CR'", Term(coefficient=Fraction(1), entity="O2CR'", site="In.a")),
        ("0.5 In-*", Term(coefficient=Fraction(1, 2), entity="*", site="In")),
    ],
)
def test_terms_are_read(text: str, term: Term) -> None:
    """A term is a coefficient and a species, or a site and what it holds."""
    assert read_term(text) == term
    assert read_term(str(term)) == term


@pytest.mark.parametrize("text", ["", "0 A", "1/0 A", "A B", "2 3"])
def test_other_terms_are_refused(text: str) -> None:
    """Nothing, two names and zero are no terms."""
    with pytest.raises(ModelError, match="term"):
        read_term(text)


def test_group_name_can_stand_in_a_formula() -> None:
    """A group whose name a formula could not hold is refused at once."""
    with pytest.raises(ModelError, match="capital"):
        SystemBuilder().group("r2", "C13H27")

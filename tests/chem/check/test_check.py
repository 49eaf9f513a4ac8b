"""Each fault of a system is found, with the thing and the cure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from surfacechem.chem.check import check, find_faults
from surfacechem.chem.constant import Convention, EquilibriumConstant, Role
from surfacechem.chem.formula import Formula
from surfacechem.chem.system import (
    Cluster,
    Conformer,
    Observable,
    Reaction,
    ReactionKind,
    Site,
    Species,
    System,
    Term,
)
from surfacechem.errors import Location, SurfaceChemError

ONE = Fraction(1)
EXCHANGE = Reaction(
    name="X1",
    kind=ReactionKind.X,
    left=(Term(coefficient=ONE, entity="O2CR", site="In"), Term(coefficient=ONE, entity="HO2CR'")),
    right=(Term(coefficient=ONE, entity="O2CR'", site="In"), Term(coefficient=ONE, entity="HO2CR")),
    constant=EquilibriumConstant(name="K[X1]", log10_value=0.1, convention=Convention.PER_SITE, role=Role.FIXED),
)
CLUSTER = Cluster(name="InP37", formula=Formula.parse("In37P20(O2CR)51"))
SITE = Site(name="In", cluster="InP37", count=Fraction(51), native="O2CR")
SYSTEM = System(
    clusters=(CLUSTER,),
    sites=(SITE,),
    species=tuple(Species(name=name, formula=Formula.parse(name)) for name in ("HO2CR", "HO2CR'")),
    reactions=(EXCHANGE,),
)


def with_constant(**changes: object) -> System:
    """Return the system with a changed constant."""
    return replace(SYSTEM, reactions=(replace(EXCHANGE, constant=replace(EXCHANGE.constant, **changes)),))  # type: ignore[arg-type]  # fields by name


def with_sites(*sites: Site) -> System:
    """Return the system with other sites."""
    return replace(SYSTEM, sites=sites)


def observing(entity: str, **changes: object) -> System:
    """Return the system with an observable."""
    observable = Observable(name="b", kind="integral", entities=(entity,))
    return replace(SYSTEM, observables=(replace(observable, **changes),))  # type: ignore[arg-type]  # fields by name


def test_good_system_has_no_fault() -> None:
    """The 51-site exchange passes."""
    check(SYSTEM)


@pytest.mark.parametrize(
    ("system", "match"),
    [
        (replace(SYSTEM, sites=(SITE, SITE)), "site 'In': found 2 of that name"),
        (replace(SYSTEM, species=(*SYSTEM.species, Species(name="InP37"))), "a cluster and a dissolved species"),
        (replace(SYSTEM, temperature=0.0), "temperature: found 0 K"),
        (with_sites(replace(SITE, cluster="InP38")), "found 'InP38'"),
        (with_sites(replace(SITE, count=Fraction(0))), "found 0 sites"),
        (with_sites(replace(SITE, count=Fraction(52))), "52 sites .* the formula has 51"),
        (with_sites(replace(SITE, native="O2CR'")), "the formula has 0"),
        (replace(SYSTEM, sites=()), "site of 'In-O2CR'"),
        (replace(SYSTEM, reactions=(replace(EXCHANGE, right=EXCHANGE.right[:1]),)), "right side lacks CHO2R"),
        (replace(SYSTEM, reactions=(replace(EXCHANGE, right=EXCHANGE.left),)), "nothing that changes"),
        (replace(SYSTEM, reactions=(replace(EXCHANGE, kind=ReactionKind.L),)), "write X instead of L"),
        (replace(SYSTEM, reactions=(replace(EXCHANGE, conformer="beta"),)), "conformer of reaction X1: found 'beta'"),
        (with_constant(convention=Convention.SOLUTION), "convention 'solution'"),
        (with_constant(step=2), "step 2"),
        (with_constant(molar_exponent=Fraction(-1)), r"\(mol/L\)\^-1"),
        (with_constant(log10_value=400.0), "1e400"),
        (with_constant(log10_bounds=(2.0, 1.0)), "lower bound below the upper"),
        (with_constant(standard_state="mole fraction"), "standard state"),
        (with_constant(temperature=350.0), "add dH"),
        (with_constant(role=Role.TIED, tied_to="K[X9]"), "found 'K\\[X9\\]'"),
        (with_constant(role=Role.TIED, tied_to="K[X1]"), "circle of ties: K\\[X1\\] = K\\[X1\\]"),
        (observing("In-O2CR''"), "write In-O2CR'"),
        (observing("O2CR'"), "found 'O2CR'"),
        (observing("HO2CR", weights=(Fraction(0),)), "weight 0"),
    ],
)
def test_fault_is_found(system: System, match: str) -> None:
    """What is wrong is refused by name."""
    with pytest.raises(SurfaceChemError, match=match):
        check(system)


def test_ligand_class_contradicts_its_reaction() -> None:
    """Ligands declared as L do not take part in an X exchange by themselves."""
    species = tuple(replace(item, kind=ReactionKind.L) for item in SYSTEM.species)
    with pytest.raises(SurfaceChemError, match="found X, while HO2CR is L"):
        check(replace(SYSTEM, species=species))


@pytest.mark.parametrize(("counts", "is_good"), [((30, 21), True), ((30, 22), False)])
def test_site_classes_share_the_native_ligands(counts: tuple[int, int], is_good: bool) -> None:  # noqa: FBT001 - a case
    """Classes of one cluster together hold no more than the formula has, and are told what is left."""
    classes = [replace(SITE, name=name, count=Fraction(n)) for name, n in zip(("In", "In.b"), counts, strict=True)]
    faults = find_faults(with_sites(*classes))
    assert (not faults) is is_good
    assert is_good or "write site In.b on InP37 : 21 native O2CR" in str(faults[0])


@pytest.mark.parametrize(("count", "is_good"), [(17, True), (18, False)])
def test_z_sites_follow_from_the_template(count: int, is_good: bool) -> None:  # noqa: FBT001 - a case
    """No more Z-type units are native than the formula leaves beyond the core."""
    site = Site(name="P", cluster="InP37", count=Fraction(count), native="In(O2CR)3")
    assert (not find_faults(with_sites(SITE, site))) is is_good


def test_conformer_of_unknown_cluster() -> None:
    """A conformer belongs to a cluster of the system."""
    conformer = Conformer(name="beta", cluster="CdS37", constant=EquilibriumConstant(name="L0[beta]"))
    with pytest.raises(LookupError, match="CdS37"):
        check(replace(SYSTEM, conformers=(conformer,)))


def test_ties_of_other_dimension() -> None:
    """A per-site exchange constant is not tied to a dimer's."""
    dimer = Reaction(
        name="S1",
        kind=ReactionKind.S,
        left=(Term(coefficient=Fraction(2), entity="HO2CR"),),
        right=(Term(coefficient=ONE, entity="(HO2CR)2"),),
        constant=EquilibriumConstant(name="K[S1]", molar_exponent=Fraction(-1), role=Role.TIED, tied_to="K[X1]"),
    )
    with pytest.raises(ValueError, match="one dimension and convention"):
        check(replace(SYSTEM, reactions=(EXCHANGE, dimer)))


def test_occupant_alone_is_observed_by_bands_only() -> None:
    """``coverage(O2CR')`` means all sites; an integral needs the site."""
    assert not find_faults(observing("O2CR'", kind="band"))


def test_forms_of_a_cluster_are_observed() -> None:
    """A spectrum may be that of the cluster, or of one of its forms, by the names that the network gives them."""
    conformer = Conformer(name="beta", cluster="InP37", constant=EquilibriumConstant(name="L0[beta]", log10_value=0.0))
    system = replace(observing("InP37.beta"), conformers=(conformer,))
    assert not find_faults(system)
    assert find_faults(observing("InP37.beta"))


def test_places_are_in_the_fault() -> None:
    """A known place gets the column of the word at fault, and the advice is the whole line."""
    place = Location(file="m.scx", line=7, column=1, text="site In on InP38 : 51  # shell")
    (fault, *_) = find_faults(with_sites(replace(SITE, cluster="InP38")), {"site In": place})
    assert fault.where == replace(place, column=12)
    assert fault.advice == "write site In on InP37 : 51"

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from surfacechem.chem.build import SystemBuilder
from surfacechem.errors import ModelError
from surfacechem.symbolic.basis import build_basis
from surfacechem.symbolic.exact import dot, row_reduce

if TYPE_CHECKING:
    from surfacechem.chem.system import System, Term
    from surfacechem.symbolic.basis import Basis


def held(basis: Basis) -> dict[str, dict[str, int]]:
    """Return what each component's law counts, by name."""
    names = basis.entities.names
    return {m.name: {names[column]: int(count) for column, count in m.law.items()} for m in basis.components}


def test_components_are_conserved(system: System) -> None:
    """No reaction changes the total of any component."""
    basis = build_basis(system)
    assert all(dot(row, moiety.law) == 0 for row in basis.stoichiometry for moiety in basis.components)


def test_components_and_sites_span_all_laws(system: System) -> None:
    """Entities minus rank is components plus site classes, and none of them depends on the others."""
    basis = build_basis(system)
    sites = [dict.fromkeys(columns, Fraction(1)) for columns in basis.entities.states]
    laws = [*sites, *(moiety.law for moiety in basis.components)]
    assert len(laws) == len(basis.entities.names) - basis.rank == len(row_reduce(laws).rows)


def test_exchange_has_both_acids(models: dict[str, System]) -> None:
    """The components of X exchange are the two acids, each with what is bound of it."""
    assert held(build_basis(models["exchange"])) == {
        "HO2CR'": {"HO2CR'": 1, "In-O2CR'": 1},
        "HO2CR": {"HO2CR": 1, "In-O2CR": 1},
    }


def test_host_guest_counts_hosts(models: dict[str, System]) -> None:
    """H2G holds two hosts and one guest."""
    found = held(build_basis(models["host_guest"]))
    assert found == {"TCNB": {"TCNB": 1, "HG": 1, "H2G": 1}, "Host": {"Host": 1, "HG": 1, "H2G": 2}}


def test_z_unit_is_phantom(models: dict[str, System]) -> None:
    """A Z unit that is free only as a complex is a component without species of its own."""
    phantoms = [moiety for moiety in build_basis(models["displacement"]).components if moiety.is_phantom]
    assert [moiety.name for moiety in phantoms] == ["moiety of ZL2, Se-Z"]


def test_holes_are_no_moiety(models: dict[str, System]) -> None:
    """Vacant sites carry nothing, although holes and ligands together are conserved as well."""
    basis = build_basis(models["displacement"])
    assert all(basis.entities.index["Se-*"] not in moiety.law for moiety in basis.components)


def test_signed_law_only_where_needed() -> None:
    """H + OH = nothing else conserves their difference, which no count without sign can say."""
    model = SystemBuilder()
    model.species("H")
    model.species("OH")
    model.reaction(["H", "OH"], ["W"], K=1.0)
    written = model.system()
    water = replace(written.reactions[0], right=())
    basis = build_basis(replace(written, reactions=(water,), species=written.species[:2]))
    assert [moiety.is_signed for moiety in basis.components] == [True]
    assert sorted(basis.components[0].law.values()) == [-1, 1]


@pytest.mark.parametrize("times", [Fraction(-1), Fraction(2), Fraction(1, 3)])
def test_direction_and_multiples_do_not_matter(system: System, times: Fraction) -> None:
    """Reversed or multiplied reactions conserve the same moieties."""

    def scaled(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return tuple(replace(term, coefficient=abs(times) * term.coefficient) for term in terms)

    turned = [
        replace(r, left=scaled(r.right if times < 0 else r.left), right=scaled(r.left if times < 0 else r.right))
        for r in system.reactions
    ]
    assert held(build_basis(replace(system, reactions=tuple(turned)))) == held(build_basis(system))


def test_state_out_of_reach_is_refused(models: dict[str, System]) -> None:
    """A state that no reaction connects with the native one is named."""
    written = models["exchange"]
    site = replace(written.sites[0], native="Cl")
    with pytest.raises(ModelError, match=r"In-O2CR.*no reaction that leads to it"):
        build_basis(replace(written, sites=(site,)))


def test_undeclared_name_is_refused(models: dict[str, System]) -> None:
    """A reaction that names what the system lacks is refused by name."""
    with pytest.raises(ModelError, match="TCNB"):
        build_basis(replace(models["host_guest"], species=models["host_guest"].species[1:]))


def test_site_declared_twice_is_refused(models: dict[str, System]) -> None:
    """Site names are those of the whole model, because terms name sites without their cluster."""
    written = models["exchange"]
    with pytest.raises(ModelError, match="more than once"):
        build_basis(replace(written, sites=written.sites * 2))


def test_large_tableau_is_quick() -> None:
    """Twelve components and 200 species need no exponential search."""
    model = SystemBuilder()
    for number in range(12):
        model.species(f"M{number}")
    for number in range(188):
        one, other = number % 12, (5 * number + 3) % 12
        model.reaction([f"{1 + number % 4} M{one}", f"M{other}"], [f"P{number}"], K=1.0)
    basis = build_basis(model.system())
    assert [moiety.name for moiety in basis.components] == [f"M{number}" for number in range(12)]

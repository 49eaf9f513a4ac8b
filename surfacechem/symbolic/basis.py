"""Conserved moieties: what a network of reactions can never make or destroy, found exactly.

Entities are the dissolved species followed by the states of every site (``In-O2CR``, ``In-*``). A conservation law
gives each entity a count that no reaction changes in sum. The laws of least support without negative counts are the
moieties a chemist would name. Each site class conserves its own number of sites; that law is the structure of a host,
not a component. Components are independent moieties beside those laws; signed laws only complete them (H+ and OH- in
water). A moiety that is no species by itself (a Z unit that only leaves as a complex) is a phantom component.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from surfacechem.chem.system import VACANT
from surfacechem.errors import ModelError
from surfacechem.symbolic.exact import nonnegative_rays, nullspace, row_reduce, smallest_integers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from surfacechem.chem.system import Reaction, Site, System, Term
    from surfacechem.symbolic.exact import Row

__all__ = ["Basis", "Entities", "Moiety", "build_basis"]

LONGEST_NAME = 3
"""Entities listed in the name of a phantom component."""


@dataclass(frozen=True, kw_only=True)
class Entities:
    """Dissolved species, then site states; positions in `names` are the columns of every exact matrix.

    Attributes
    ----------
    names : tuple of str
        ``"HO2CR"``, ``"In-O2CR"``.
    n_species : int
        How many of them are dissolved.
    states : tuple of tuple of int
        Columns of each site's states, the native one first.
    """

    names: tuple[str, ...]
    n_species: int
    sites: tuple[Site, ...]
    states: tuple[tuple[int, ...], ...]
    spans: dict[int, int] = field(default_factory=dict)  # sites that a state takes, where it is more than one

    @cached_property
    def carried(self) -> dict[int, tuple[int, ...]]:
        """Site classes that the occupant of each state's column carries."""
        carried: dict[int, tuple[int, ...]] = {}
        for number, site in enumerate(self.sites):
            if site.holder in self.index:
                carried[self.index[site.holder]] = (*carried.get(self.index[site.holder], ()), number)
        return carried

    @cached_property
    def site_laws(self) -> tuple[Row, ...]:
        """For each site class the sum over its states that is conserved: 0 on carried sites, whose unit may leave."""
        laws = []
        for site, columns in zip(self.sites, self.states, strict=True):
            law = {column: Fraction(self.spans.get(column, 1)) for column in columns}
            if site.holder is not None:
                law[self.index[site.holder]] = -site.count
            laws.append(law)
        return tuple(laws)

    @cached_property
    def index(self) -> dict[str, int]:
        """Column of each name."""
        return {name: column for column, name in enumerate(self.names)}

    @cached_property
    def site_of(self) -> dict[int, int]:
        """Site that each state's column belongs to."""
        return {column: site for site, columns in enumerate(self.states) for column in columns}

    def stoichiometry(self, reaction: Reaction) -> Row:
        """Return what one turn of the reaction adds to each entity; what it takes is negative."""
        row: Row = {}
        for sign, terms in ((-1, reaction.left), (1, reaction.right)):
            for term in terms:
                self._add(row, self.index[term.name], sign * term.coefficient)
        return {column: value for column, value in row.items() if value}

    def _add(self, row: Row, column: int, amount: Fraction) -> None:
        """Add a state with all that it natively carries."""
        row[column] = row.get(column, Fraction(0)) + amount
        for site in self.carried.get(column, ()):
            self._add(row, self.states[site][0], amount * self.sites[site].count)


@dataclass(frozen=True, kw_only=True)
class Moiety:
    """A conserved count.

    Attributes
    ----------
    name : str
        Name of the species that is this moiety alone, or of the entities that hold it.
    law : Row
        Count held by each entity.
    species : int, optional
        Column of the species that holds one of it and nothing else; None: a phantom.
    """

    name: str
    law: Row
    species: int | None = None

    @property
    def is_phantom(self) -> bool:
        """Whether no species is this moiety alone."""
        return self.species is None

    @property
    def is_signed(self) -> bool:
        """Whether some entity holds a negative count."""
        return any(count < 0 for count in self.law.values())


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Exact structure of a network.

    Attributes
    ----------
    entities : Entities
        The columns.
    stoichiometry : tuple of Row
        One row per reaction, products positive.
    rank : int
        Number of independent reactions.
    components : tuple of Moiety
        Independent moieties; site classes come on top of them.
    """

    entities: Entities
    stoichiometry: tuple[Row, ...]
    rank: int
    components: tuple[Moiety, ...]


def build_basis(system: System) -> Basis:
    """Return the exact structure of a system's reactions.

    Raises
    ------
    ModelError
        When a reaction names what the system does not declare, or a site state can never be filled.
    """
    entities = _collect_entities(system)
    _refuse_missing_holders(entities)
    stoichiometry = tuple(entities.stoichiometry(reaction) for reaction in system.reactions)
    columns = range(len(entities.names))
    # Late columns become pivots, so that a signed basis speaks of the species declared first.
    echelon = row_reduce(stoichiometry, rank_of=lambda column: -column)
    distinct = {tuple(sorted(smallest_integers(row).items())): row for row in stoichiometry if row}
    rays = nonnegative_rays(list(distinct.values()), len(entities.names)) or ()
    _refuse_unreachable(entities, rays)
    components = _choose_components(entities, rays, nullspace(echelon, columns))
    return Basis(
        entities=entities,
        stoichiometry=stoichiometry,
        rank=len(echelon.pivots),
        components=components,
    )


def _collect_entities(system: System) -> Entities:
    """Return species in order of declaration, then states in order of appearance."""
    occupants: dict[str, dict[str, int]] = {site.name: {f"{site.name}-{site.native}": 1} for site in system.sites}
    if len(occupants) < len(system.sites):
        names = [site.name for site in system.sites]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ModelError(
            f"site {doubled!r}",
            found="declared more than once",
            allowed="one declaration for each name in the whole model",
            advice=f"call one of them {doubled}.b",
        )
    declared = {species.name for species in system.species}
    for reaction in system.reactions:
        for term in (*reaction.left, *reaction.right):
            _note_term(term, reaction, declared, occupants)
    names = [species.name for species in system.species]
    states = []
    spans: dict[int, int] = {}
    for held in occupants.values():
        states.append(tuple(range(len(names), len(names) + len(held))))
        spans |= {len(names) + place: span for place, span in enumerate(held.values()) if span > 1}
        names += held
    return Entities(
        names=tuple(names), n_species=len(system.species), sites=system.sites, states=tuple(states), spans=spans
    )


def _refuse_missing_holders(entities: Entities) -> None:
    for site in entities.sites:
        if site.holder is not None and site.holder not in entities.index:
            raise ModelError(
                f"site {site.name!r} on {site.holder!r}",
                found="a unit that is neither native nor formed by a reaction",
                allowed=", ".join(entities.names[entities.n_species :]) or "a state of a site",
                advice="name the unit as native of its site, or write the reaction that brings it",
            )


def _note_term(term: Term, reaction: Reaction, declared: set[str], occupants: dict[str, dict[str, int]]) -> None:
    known: Iterable[str] = declared if term.site is None else occupants
    if (term.site or term.entity) not in known:
        raise ModelError(
            f"reaction {reaction.name!r}",
            found=f"{term.name!r}, which the model does not declare",
            allowed=", ".join(known) or "nothing: the model declares none",
            advice="declare it with a species or site line, or correct its name",
        )
    if term.site is not None:
        occupants[term.site][term.name] = term.span


def _choose_components(entities: Entities, rays: tuple[Row, ...], signed: tuple[Row, ...]) -> tuple[Moiety, ...]:
    """Return independent moieties that, with the site classes, span all conservation laws."""
    sites = entities.site_laws
    vacant = _vacant(entities)
    integral = [{column: Fraction(value) for column, value in smallest_integers(law).items()} for law in signed]

    def unlikeliness(law: Row) -> tuple[bool, int, int, Fraction, tuple[int, ...]]:
        n_dissolved = sum(column < entities.n_species for column in law)
        return (_is_about(law, vacant), n_dissolved, len(law), sum(law.values(), Fraction(0)), tuple(sorted(law)))

    candidates = [*sites, *sorted(rays, key=unlikeliness), *integral]
    dependent = {max(cycle) for cycle in row_reduce(candidates).cycles}
    chosen = [law for number, law in enumerate(candidates) if number not in dependent and number >= len(sites)]
    return _name_moieties(entities, sorted(chosen, key=min))


def _name_moieties(entities: Entities, laws: list[Row]) -> tuple[Moiety, ...]:
    """Name each law after the species that is its moiety alone, or after the entities that hold it."""
    moieties: dict[str, Moiety] = {}
    for law in laws:
        alone = (
            column
            for column in sorted(law)
            if column < entities.n_species
            and law[column] == 1
            and not any(column in other for other in laws if other is not law)
        )
        species = next(alone, None)
        holders = [entities.names[column] for column in sorted(law)]
        name = "moiety of " + ", ".join(holders[:LONGEST_NAME]) if species is None else entities.names[species]
        while name in moieties:
            name += " (another)"
        moieties[name] = Moiety(name=name, law=law, species=species)
    return tuple(moieties.values())


def _vacant(entities: Entities) -> frozenset[int]:
    return frozenset(column for column, name in enumerate(entities.names) if name.endswith(f"-{VACANT}"))


def _is_about(law: Row, columns: frozenset[int]) -> bool:
    """Whether a law counts these columns; a law of holes is never what a chemist means."""
    return not columns.isdisjoint(law)


def _refuse_unreachable(entities: Entities, rays: tuple[Row, ...]) -> None:
    """Refuse states that no native site can turn into: nothing put in a flask would ever fill them."""
    filling = {*range(entities.n_species), *(states[0] for states in entities.states)}
    for law in rays:
        if filling.isdisjoint(law):
            raise ModelError(
                f"site state {entities.names[min(law)]!r}",
                found="no reaction that leads to it from the native state",
                allowed="states that the reactions connect with the native one",
                advice="add the reaction that fills this site, or name its occupant as native",
            )

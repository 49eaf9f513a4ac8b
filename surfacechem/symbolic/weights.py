"""Statistical weights of all states as exact powers of the constants.

A reaction says ``sum(nu * ln w) = ln K``. Native states and the components' own species have weight 1 where that is
possible, so that every other weight is a product of powers of constants, found by exact elimination. A cluster with
conformers has one set of state weights per form; a reaction without conformer speaks of all forms except those for
which the same exchange is written again.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from surfacechem.errors import ModelError
from surfacechem.symbolic.exact import row_reduce, smallest_integers

if TYPE_CHECKING:
    from surfacechem.chem.system import Cluster, Reaction, System
    from surfacechem.symbolic.basis import Basis, Entities
    from surfacechem.symbolic.exact import Row

__all__ = ["Form", "Place", "Weights", "expand", "list_forms", "solve_weights"]


@dataclass(frozen=True, kw_only=True)
class Form:
    """One conformer of one cluster.

    Attributes
    ----------
    name : str
        The cluster's name for the reference form, else ``"cluster.conformer"``.
    cluster : str
        Whose form it is.
    conformer : int, optional
        Position in ``System.conformers``; None: the reference form, of weight 1.
    label : str, optional
        What reactions call it; None: a reference form without a name.
    states : tuple of tuple of int
        Site states present in this form, one tuple of entity columns per site class, the native one first.
    sites : tuple of int
        Position in ``System.sites`` of each of these site classes.
    """

    name: str
    cluster: str
    conformer: int | None
    label: str | None
    sites: tuple[int, ...]
    states: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Logarithms of weights as exact sums of ln K (per site), and the cycles among the constants.

    Attributes
    ----------
    forms : tuple of Form
        Forms of all clusters, in order of the clusters, the reference first.
    species : tuple of Row
        ``species[j]``: power of each reaction's constant in the weight of species ``j``.
    states : tuple of mapping
        For each form, the same for each entity column of its site states.
    cycles : tuple of Row
        Sums of ln K (per site) that must vanish, over the reactions.
    """

    forms: tuple[Form, ...]
    species: tuple[Row, ...]
    states: tuple[dict[int, Row], ...]
    cycles: tuple[Row, ...]


Place = tuple[int | None, int]  # (form or None, entity column)


def solve_weights(system: System, basis: Basis) -> Weights:
    """Return the weights of species and site states.

    Raises
    ------
    ModelError
        When a conformer is unknown to the clusters of its reaction, or the reactions leave a weight open.
    """
    forms = list_forms(system, basis)
    equations = expand(system, basis, forms)
    places = list(list_places(basis.entities, forms))
    number_of = {place: number for number, place in enumerate(places)}
    preference = [_preference(place, basis) for place in places]
    echelon = row_reduce(
        [{number_of[place]: value for place, value in row.items()} for _, row in equations],
        rank_of=lambda number: preference[number],
    )
    n_gauges = sum(len(form.sites) for form in forms) + len(basis.components)
    if len(places) - len(echelon.pivots) > n_gauges:
        _refuse_open(echelon.pivots, places, preference, basis.entities)
    solved: dict[Place, Row] = {
        places[pivot]: _by_reaction(combination, equations)
        for pivot, combination in zip(echelon.pivots, echelon.combinations, strict=True)
    }
    return Weights(
        forms=forms,
        species=tuple(solved.get((None, column), {}) for column in range(basis.entities.n_species)),
        states=tuple(
            {column: solved.get((number, column), {}) for columns in form.states for column in columns}
            for number, form in enumerate(forms)
        ),
        cycles=tuple(cycle for cycle in (_by_reaction(cycle, equations) for cycle in echelon.cycles) if cycle),
    )


def list_forms(system: System, basis: Basis) -> tuple[Form, ...]:
    """Return the forms of all clusters, in order of the clusters, the reference form first."""
    forms = []
    for cluster in system.clusters:
        forms.append(_build_form(system, basis, cluster, None))
        forms += [
            _build_form(system, basis, cluster, number)
            for number, conformer in enumerate(system.conformers)
            if conformer.cluster == cluster.name
        ]
    return tuple(forms)


def _build_form(system: System, basis: Basis, cluster: Cluster, conformer: int | None) -> Form:
    """Return a form with the states that its own reactions reach."""
    label = cluster.form if conformer is None else system.conformers[conformer].name
    reached = {
        column
        for number, reaction in enumerate(system.reactions)
        if reaction.conformer in {None, label}
        for column in basis.stoichiometry[number]
    }
    sites = tuple(number for number, site in enumerate(system.sites) if site.cluster == cluster.name)
    return Form(
        name=cluster.name if conformer is None else f"{cluster.name}.{label}",
        cluster=cluster.name,
        conformer=conformer,
        label=label,
        sites=sites,
        states=tuple(
            tuple(column for column in columns if column == columns[0] or column in reached)
            for columns in (basis.entities.states[site] for site in sites)
        ),
    )


def list_places(entities: Entities, forms: tuple[Form, ...]) -> list[Place]:
    dissolved: list[Place] = [(None, column) for column in range(entities.n_species)]
    return dissolved + [
        (number, column) for number, form in enumerate(forms) for columns in form.states for column in columns
    ]


def _preference(place: Place, basis: Basis) -> int:
    """Rank what is solved for: components' species and native states last, so that they keep weight 1."""
    _, column = place
    if column in basis.entities.site_of:
        return 2 if column == basis.entities.states[basis.entities.site_of[column]][0] else 0
    return 1 if any(moiety.species == column for moiety in basis.components) else 0


def expand(system: System, basis: Basis, forms: tuple[Form, ...]) -> list[tuple[int, dict[Place, Fraction]]]:
    """Write each reaction once for each choice of forms of the clusters it touches."""
    equations = []
    rewritten = _rewritten(system, basis)
    for number, reaction in enumerate(system.reactions):
        row = basis.stoichiometry[number]
        site_of = basis.entities.site_of
        touched = sorted({system.sites[site_of[column]].cluster for column in row if column in site_of})
        choices = [[form for form in range(len(forms)) if forms[form].cluster == cluster] for cluster in touched]
        _refuse_unknown_conformer(system, reaction, touched)
        for chosen in product(*choices):
            names = {forms[form].label for form in chosen}
            if reaction.conformer is None:
                applies = not names & rewritten.get(number, set())
            else:
                applies = reaction.conformer in names
            if applies:
                form_of = {forms[form].cluster: form for form in chosen}
                equations.append((number, _at_forms(row, system, basis.entities, form_of)))
    return equations


def _at_forms(row: Row, system: System, entities: Entities, form_of: dict[str, int]) -> dict[Place, Fraction]:
    site_of = entities.site_of
    return {
        (form_of[system.sites[site_of[column]].cluster] if column in site_of else None, column): value
        for column, value in row.items()
    }


def _rewritten(system: System, basis: Basis) -> dict[int, set[str]]:
    """Return for each reaction without conformer the conformers that have their own version of it."""
    shapes = [_shape(row) for row in basis.stoichiometry]
    return {
        number: {
            other.conformer
            for shape, other in zip(shapes, system.reactions, strict=True)
            if other.conformer is not None and shape == shapes[number]
        }
        for number, reaction in enumerate(system.reactions)
        if reaction.conformer is None
    }


def _shape(row: Row) -> frozenset[tuple[int, int]]:
    """Return a form of the row that is the same for the reverse reaction and for multiples."""
    integers = sorted(smallest_integers(row).items())
    sign = -1 if integers and integers[0][1] < 0 else 1
    return frozenset((column, sign * value) for column, value in integers)


def _by_reaction(combination: Row, equations: list[tuple[int, dict[Place, Fraction]]]) -> Row:
    """Return a combination of equations as powers of the reactions' constants."""
    powers: Row = {}
    for equation, factor in combination.items():
        reaction = equations[equation][0]
        powers[reaction] = powers.get(reaction, Fraction(0)) + factor
    return {reaction: power for reaction, power in powers.items() if power}


def _refuse_unknown_conformer(system: System, reaction: Reaction, touched: list[str]) -> None:
    known = [conformer.name for conformer in system.conformers if conformer.cluster in touched]
    known += [cluster.form for cluster in system.clusters if cluster.form and cluster.name in touched]
    if reaction.conformer is not None and reaction.conformer not in known:
        raise ModelError(
            f"reaction {reaction.name!r}",
            found=f"conformer {reaction.conformer!r}",
            allowed=", ".join(known) or "no conformer: its clusters have none",
            advice="declare 'conformer <name> of <cluster>' first, or correct the name",
        )


def _refuse_open(pivots: tuple[int, ...], places: list[Place], preference: list[int], entities: Entities) -> None:
    fixed = set(pivots)
    loose = [
        entities.names[column]
        for number, (_, column) in enumerate(places)
        if number not in fixed and preference[number] == 0
    ]
    raise ModelError(
        "the reactions of the conformers",
        found=f"no reaction that fixes {', '.join(loose)} in every form",
        allowed="reactions that connect each state of each form with its native state in one way of writing",
        advice="write the missing exchange for that conformer",
    )

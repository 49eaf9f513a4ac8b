"""The one door from a written system to the solver's arrays.

Everything is decided exactly (`basis`, `weights`, `independence`) and becomes floats here, once. No symbol passes, and
sympy is not imported on this way: the expressions for readers are built in `mass_action` and `polynomial`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.problem import Factor, Host, Problem, Term
from surfacechem.symbolic.basis import Basis, build_basis
from surfacechem.symbolic.independence import Constants, find_independent, ln_value, particle_shifts
from surfacechem.symbolic.weights import Form, Weights, solve_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import System
    from surfacechem.symbolic.exact import Row

__all__ = ["Lowered", "lower"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lowered:
    """A system as the solver takes it, and what its numbers are called.

    Attributes
    ----------
    problem : Problem
        Tableau, hosts and weights; weights are NaN where they depend on constants without value.
    entities : tuple of str
        Dissolved species, site states, then the forms of the clusters (``"CdS37"``, ``"CdS37.beta"``).
    entity_weight_index : tuple of tuple of int
        Weights of each entity: its own for a species or form, one per form for a site state.
    gather : ndarray, shape (n_terms, n_entities - n_species)
        1 where a host term counts towards a site state or form.
    host_of_term : ndarray, shape (n_terms,)
        Host that each term belongs to.
    feeds : tuple of str
        What can be put in a flask: dissolved species, then clusters with all sites native.
    feed_totals : ndarray, shape (n_feeds, n_components)
        Moieties that one of each feed brings; ``feed_totals[f, i]`` counts component ``i``.
    feed_hosts : ndarray, shape (n_feeds, n_hosts)
        Particles that one of each feed brings.
    constants : tuple of EquilibriumConstant
        The independent constants, in the order of theta.
    theta : ndarray, shape (n_constants,)
        Their ln K as the user's convention gives it, at the system's temperature; NaN where unknown.
    weight_matrix, weight_offset : ndarray, shapes (n_weights, n_constants) and (n_weights,)
        ``ln_weight = weight_offset + weight_matrix @ theta``.
    all_constants : tuple of EquilibriumConstant
        The independent ones and those that follow from them, as the model gives them.
    constant_matrix, constant_offset : ndarray, shapes (n_all, n_constants) and (n_all,)
        ln K of each of `all_constants` is ``constant_offset + constant_matrix @ theta``.
    basis : Basis
        The exact structure.
    """

    problem: Problem
    entities: tuple[str, ...]
    entity_weight_index: tuple[tuple[int, ...], ...]
    gather: NDArray[np.float64]
    host_of_term: NDArray[np.intp]
    feeds: tuple[str, ...]
    feed_totals: NDArray[np.float64]
    feed_hosts: NDArray[np.float64]
    constants: tuple[EquilibriumConstant, ...]
    theta: NDArray[np.float64]
    weight_matrix: NDArray[np.float64]
    weight_offset: NDArray[np.float64]
    all_constants: tuple[EquilibriumConstant, ...]
    constant_matrix: NDArray[np.float64]
    constant_offset: NDArray[np.float64]
    basis: Basis

    def all_values(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ln K of each of `all_constants`; NaN where it depends on what is unknown."""
        return self.constant_offset + _apply(self.constant_matrix, theta)


def lower(system: System) -> Lowered:
    """Return the solver's form of a system.

    Raises
    ------
    ModelError
        When the model contradicts itself: undeclared names, states out of reach, cycles that do not close.
    ConventionError
        When a constant's convention does not suit its reaction.
    UnknownNameError
        When a constant is tied to one that does not exist.

    Examples
    --------
    >>> from surfacechem.symbolic.lower import lower
    >>> from surfacechem.chem.system import System
    >>> lower(System()).entities
    ()
    """
    basis = build_basis(system)
    weights = solve_weights(system, basis)
    constants = find_independent(system, basis, weights.cycles)
    content = _content(basis)
    hosts, indices = _build_hosts(system, basis, weights, content)
    matrix, offset = _weigh(system, basis, weights, constants)
    theta = np.array([ln_value(constants.given[k], system.temperature) for k in constants.independent])
    feed_totals, feed_hosts = _feed(system, basis, content)
    return Lowered(
        problem=Problem(
            nu=content[: basis.entities.n_species].copy(),
            hosts=hosts,
            ln_weight=offset + _apply(matrix, theta),
            species_names=basis.entities.names[: basis.entities.n_species],
            component_names=tuple(moiety.name for moiety in basis.components),
        ),
        entities=basis.entities.names + tuple(form.name for form in weights.forms),
        entity_weight_index=indices,
        gather=_gather(indices, basis.entities.n_species),
        host_of_term=_host_of_term(system, weights),
        feeds=tuple(species.name for species in system.species) + tuple(cluster.name for cluster in system.clusters),
        feed_totals=feed_totals,
        feed_hosts=feed_hosts,
        constants=tuple(constants.given[k] for k in constants.independent),
        theta=theta,
        weight_matrix=matrix,
        weight_offset=offset,
        all_constants=constants.given,
        constant_matrix=_dense(constants.powers, len(constants.independent)),
        constant_offset=constants.offset,
        basis=basis,
    )


def _content(basis: Basis) -> NDArray[np.float64]:
    """Return the moieties held by each entity, shape (n_entities, n_components)."""
    content = np.zeros((len(basis.entities.names), len(basis.components)))
    for number, moiety in enumerate(basis.components):
        for column, count in moiety.law.items():
            content[column, number] = float(count)
    return content


def _build_hosts(
    system: System, basis: Basis, weights: Weights, content: NDArray[np.float64]
) -> tuple[tuple[Host, ...], tuple[tuple[int, ...], ...]]:
    """Return the hosts, and the weights of each entity in the solver's depth-first numbering."""
    names = basis.entities.names
    indices: list[list[int]] = [[column] for column in range(basis.entities.n_species)]
    indices += [[] for _ in range(basis.entities.n_species, len(names))]
    next_weight = basis.entities.n_species
    terms: dict[str, list[Term]] = {cluster.name: [] for cluster in system.clusters}
    for form in weights.forms:
        indices.append([next_weight])
        next_weight += 1
        for column in (column for columns in form.states for column in columns):
            indices[column].append(next_weight)
            next_weight += 1
        terms[form.cluster].append(_build_term(system, basis, form, content))
    hosts = tuple(Host(name=name, terms=tuple(forms)) for name, forms in terms.items())
    return hosts, tuple(tuple(index) for index in indices)


def _gather(indices: tuple[tuple[int, ...], ...], n_species: int) -> NDArray[np.float64]:
    collected = indices[n_species:]
    gather = np.zeros((sum(map(len, collected)), len(collected)))
    for entity, terms in enumerate(collected):
        gather[[term - n_species for term in terms], entity] = 1.0
    return gather


def _host_of_term(system: System, weights: Weights) -> NDArray[np.intp]:
    names = [cluster.name for cluster in system.clusters]
    return np.array(
        [names.index(form.cluster) for form in weights.forms for _ in range(1 + sum(map(len, form.states)))],
        dtype=np.intp,
    )


def _build_term(system: System, basis: Basis, form: Form, content: NDArray[np.float64]) -> Term:
    factors = tuple(
        Factor(
            count=float(system.sites[site].count),
            terms=tuple(Term(name=basis.entities.names[column], nu=content[column]) for column in columns),
        )
        for site, columns in zip(form.sites, form.states, strict=True)
    )
    return Term(name=form.name, nu=np.zeros(content.shape[1]), factors=factors)


def _weigh(
    system: System, basis: Basis, weights: Weights, constants: Constants
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return matrix and offset of all ln weights over theta."""
    powers: list[Row] = list(weights.species)
    n_reactions = len(system.reactions)
    for form, states in zip(weights.forms, weights.states, strict=True):
        powers.append({} if form.conformer is None else {n_reactions + form.conformer: Fraction(1)})
        powers += states.values()
    shift = np.array(particle_shifts(system, basis) + [0.0] * len(system.conformers))
    over_given = _dense(tuple(powers), len(constants.given))
    matrix = over_given @ _dense(constants.powers, len(constants.independent))
    return matrix, over_given @ (constants.offset - shift)


def _feed(
    system: System, basis: Basis, content: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return moieties and particles brought by one of each feed."""
    n_species, n_clusters = basis.entities.n_species, len(system.clusters)
    totals = np.zeros((n_species + n_clusters, content.shape[1]))
    totals[:n_species] = content[:n_species]
    position = {cluster.name: n_species + number for number, cluster in enumerate(system.clusters)}
    for site, columns in zip(system.sites, basis.entities.states, strict=True):
        totals[position[site.cluster]] += float(site.count) * content[columns[0]]
    hosts = np.zeros((n_species + n_clusters, n_clusters))
    hosts[n_species:] = np.eye(n_clusters)
    return totals, hosts


def _dense(rows: tuple[Row, ...], n_columns: int) -> NDArray[np.float64]:
    dense = np.zeros((len(rows), n_columns))
    for number, row in enumerate(rows):
        for column, value in row.items():
            dense[number, column] = float(value)
    return dense


def _apply(matrix: NDArray[np.float64], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply so that an unknown constant spoils only the weights that depend on it."""
    return np.where(matrix != 0, matrix * theta, 0.0).sum(axis=1)

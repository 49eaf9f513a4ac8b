"""The one door from a written system to the solver's arrays.

Everything is decided exactly (`basis`, `weights`, `independence`) and becomes floats here, once. No symbol passes, and
sympy is not imported on this way: the expressions for readers are built in `mass_action` and `polynomial`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.problem import Problem
from surfacechem.symbolic.basis import Basis, build_basis
from surfacechem.symbolic.hosts import Shells, build_shells, couplings_of, pairs_of
from surfacechem.symbolic.independence import Constants, find_independent, ln_value, particle_shifts
from surfacechem.symbolic.weighing import gain, gain_slopes
from surfacechem.symbolic.weights import Weights, solve_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import System
    from surfacechem.symbolic.exact import Row
    from surfacechem.symbolic.weighing import Neighbourhood

__all__ = ["Lowered", "MeanField", "lower"]


@dataclass(frozen=True, kw_only=True)
class MeanField:
    """One class of sites in one form, where every site feels the average of all others.

    The ln weight of its state ``i`` is raised by ``sum_j ln W_ij theta_j``, and that of the form by
    ``-n_sites/2 (sum_ij ln W_ij theta_i theta_j + ln W_00)``: each pair is counted once, and all native is what L0
    counts from.

    Attributes
    ----------
    host, form : int
        Host, and weight of the form.
    n_sites : float
        Sites of one particle.
    n_carried : float
        Sites that come and go together, 1 where no unit carries them.
    entities : tuple of int
        Columns of its states, the native one first.
    weights : tuple of tuple of int
        Weights of each state.
    couplings : tuple of (int, int, int)
        Positions of two states in `entities`, the lower one first, and of their W in `Lowered.all_constants`.
    """

    host: int
    form: int
    n_sites: float
    n_carried: float
    entities: tuple[int, ...]
    weights: tuple[tuple[int, ...], ...]
    couplings: tuple[tuple[int, int, int], ...]


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
        Weights of each entity: its own for a species or form; for a site state one per form, or, where the sites have
        neighbours, one per macrostate that holds it.
    gather : ndarray, shape (n_terms, n_entities - n_species)
        How many of a site state or form one of a host term counts for.
    host_of_term, form_of_term : ndarray, shape (n_terms,)
        Host, and form of a cluster, that each term belongs to.
    form_names : tuple of str
        The forms of all clusters, ``"CdS37.beta"``.
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
        ``ln_weight = weight_offset + weight_matrix @ theta``, and what neighbours add (`gains`).
    all_constants : tuple of EquilibriumConstant
        The independent ones and those that follow from them, as the model gives them.
    constant_matrix, constant_offset : ndarray, shapes (n_all, n_constants) and (n_all,)
        ln K of each of `all_constants` is ``constant_offset + constant_matrix @ theta``.
    basis : Basis
        The exact structure.
    mean_fields : tuple of MeanField
        Site classes whose weights depend on their own coverages, one record per form.
    neighbourhoods : tuple of Neighbourhood
        Sums over fillings whose weights depend on couplings of neighbours, beyond `weight_matrix`.
    """

    problem: Problem
    entities: tuple[str, ...]
    entity_weight_index: tuple[tuple[int, ...], ...]
    gather: NDArray[np.float64]
    host_of_term: NDArray[np.intp]
    form_of_term: NDArray[np.intp]
    form_names: tuple[str, ...]
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
    mean_fields: tuple[MeanField, ...]
    neighbourhoods: tuple[Neighbourhood, ...] = ()

    def gains(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what couplings of neighbours add to ln weights, shape (n_weights,) or a row for each row of theta."""
        return self._by_row(theta, lambda ln_w: gain(self.neighbourhoods, ln_w, len(self.weight_offset)))

    def gain_slopes(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return d `gains` / d theta, shape (n_weights, n_constants) or a block for each row of theta."""
        return self._by_row(
            theta, lambda ln_w: gain_slopes(self.neighbourhoods, ln_w, len(self.weight_offset)) @ self.constant_matrix
        )

    def _by_row(
        self, theta: NDArray[np.float64], function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return a function of all ln K at each row of theta, evaluated once for rows whose couplings are the same."""
        coupled = sorted({place for each in self.neighbourhoods for place in each.couplings})
        rows = np.atleast_2d(theta)
        every = self.all_values(rows)
        _, first, of_row = np.unique(every[:, coupled], axis=0, return_index=True, return_inverse=True)
        found = np.array([function(every[place]) for place in first])
        return np.asarray(found[of_row.reshape(-1)].reshape(*theta.shape[:-1], *found.shape[1:]))

    def all_values(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ln K of each of `all_constants`, or a row for each row of theta; NaN where that is unknown."""
        return self.constant_offset + _apply(self.constant_matrix, theta[..., np.newaxis, :])


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
    shells = build_shells(system, basis, weights, content)
    matrix, offset = _weigh(system, basis, weights, shells, constants)
    entities = basis.entities.names + tuple(form.name for form in weights.forms)
    theta = np.array([ln_value(constants.given[k], system.temperature) for k in constants.independent])
    feed_totals, feed_hosts = _feed(system, basis, content)
    powers, neighbourhoods = _dense(constants.powers, len(constants.independent)), tuple(shells.neighbourhoods)
    return Lowered(
        problem=Problem(
            nu=content[: basis.entities.n_species].copy(),
            hosts=shells.hosts,
            ln_weight=offset
            + _apply(matrix, theta)
            + gain(neighbourhoods, constants.offset + _apply(powers, theta), len(offset)),
            species_names=basis.entities.names[: basis.entities.n_species],
            component_names=tuple(moiety.name for moiety in basis.components),
        ),
        entities=entities,
        entity_weight_index=_index_weights(shells, basis, len(entities)),
        gather=_gather(shells, basis.entities.n_species, len(entities)),
        host_of_term=np.array(shells.host_of_term, dtype=np.intp),
        form_of_term=np.array(shells.form_of_term, dtype=np.intp),
        form_names=tuple(form.name for form in weights.forms),
        mean_fields=tuple(_find_mean_fields(system, basis, weights, shells)),
        neighbourhoods=neighbourhoods,
        feeds=tuple(species.name for species in system.species) + tuple(cluster.name for cluster in system.clusters),
        feed_totals=feed_totals,
        feed_hosts=feed_hosts,
        constants=tuple(constants.given[k] for k in constants.independent),
        theta=theta,
        weight_matrix=matrix,
        weight_offset=offset,
        all_constants=constants.given,
        constant_matrix=powers,
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


def _index_weights(shells: Shells, basis: Basis, n_entities: int) -> tuple[tuple[int, ...], ...]:
    """Return the weights that count towards each entity."""
    indices: list[list[int]] = [[column] for column in range(basis.entities.n_species)]
    indices += [[] for _ in range(basis.entities.n_species, n_entities)]
    for term, held in enumerate(shells.held):
        for column in held:
            indices[column].append(basis.entities.n_species + term)
    return tuple(tuple(index) for index in indices)


def _gather(shells: Shells, n_species: int, n_entities: int) -> NDArray[np.float64]:
    gather = np.zeros((len(shells.held), n_entities - n_species))
    for term, held in enumerate(shells.held):
        for column, count in held.items():
            gather[term, column - n_species] = count
    return gather


def _weigh(
    system: System, basis: Basis, weights: Weights, shells: Shells, constants: Constants
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return matrix and offset of all ln weights over theta."""
    powers: tuple[Row, ...] = (*weights.species, *shells.powers)
    n_others = len(constants.given) - len(system.reactions)
    shift = np.array(particle_shifts(system, basis) + [0.0] * n_others)
    ways = np.array([0.0] * len(weights.species) + shells.ln_ways)
    over_given = _dense(powers, len(constants.given))
    matrix = over_given @ _dense(constants.powers, len(constants.independent))
    return matrix, over_given @ (constants.offset - shift) + ways


def _feed(
    system: System, basis: Basis, content: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return moieties and particles brought by one of each feed."""
    n_species, n_clusters = basis.entities.n_species, len(system.clusters)
    totals = np.zeros((n_species + n_clusters, content.shape[1]))
    totals[:n_species] = content[:n_species]
    position = {cluster.name: n_species + number for number, cluster in enumerate(system.clusters)}
    for site, columns in zip(system.sites, basis.entities.states, strict=True):
        totals[position[site.cluster]] += float(system.n_native(site)) * content[columns[0]]
    hosts = np.zeros((n_species + n_clusters, n_clusters))
    hosts[n_species:] = np.eye(n_clusters)
    return totals, hosts


def _find_mean_fields(system: System, basis: Basis, weights: Weights, shells: Shells) -> Iterator[MeanField]:
    """Find the coupled site classes of each form that are in a mean field."""
    n_species = basis.entities.n_species
    clusters = [cluster.name for cluster in system.clusters]
    for number, form in enumerate(weights.forms):
        mine = [term for term, its in enumerate(shells.form_of_term) if its == number]
        for site, columns in zip((system.sites[place] for place in form.sites), form.states, strict=True):
            pairs = pairs_of(couplings_of(system, basis, form.label), columns)
            if site.arrangement is None or not site.arrangement.is_mean_field or not pairs:
                continue
            yield MeanField(
                host=clusters.index(form.cluster),
                form=n_species + mine[0],
                n_sites=float(system.capacity(site)),
                n_carried=1.0 if site.holder is None else float(site.count),
                entities=columns,
                weights=tuple(
                    tuple(n_species + term for term in mine if column in shells.held[term]) for column in columns
                ),
                couplings=tuple((first, second, constant) for (first, second), constant in pairs.items()),
            )


def _dense(rows: tuple[Row, ...], n_columns: int) -> NDArray[np.float64]:
    dense = np.zeros((len(rows), n_columns))
    for number, row in enumerate(rows):
        for column, value in row.items():
            dense[number, column] = float(value)
    return dense


def _apply(matrix: NDArray[np.float64], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply so that an unknown constant spoils only the weights that depend on it."""
    return np.asarray(np.where(matrix != 0, matrix * theta, 0.0).sum(axis=-1))

"""From site classes to the solver's hosts: independent, carried and arranged sites become sums over states.

Independent sites are a power of a sum. A unit that carries sites of its own is a state with factors. Sites that feel
their neighbours are one sum over macrostates (`counting`): so many of each ligand, weighted by the number of fillings
and by what their neighbours gain (`weighing`), so that a ring, a small graph or a cylinder is exact and needs nothing
new of the solver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import log
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.arrangement import Pattern
from surfacechem.numerics.problem import Factor, Host, Term
from surfacechem.symbolic.counting import count_macrostates
from surfacechem.symbolic.weighing import Neighbourhood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.chem.arrangement import Arrangement
    from surfacechem.chem.system import System
    from surfacechem.symbolic.basis import Basis
    from surfacechem.symbolic.counting import Macrostate
    from surfacechem.symbolic.exact import Row
    from surfacechem.symbolic.weights import Form, Weights

    Floats = NDArray[np.float64]

__all__ = ["Shells", "build_shells", "couplings_of", "pairs_of", "sites_and_edges"]


@dataclass(kw_only=True)
class Shells:
    """Hosts, and what each of their terms weighs and holds, in the solver's depth-first order.

    Attributes
    ----------
    hosts : tuple of Host
        One per cluster.
    powers : list of Row
        Powers of the given constants in the weight of each term.
    ln_ways : list of float
        ln of the number of fillings that each term stands for.
    held : list of mapping
        How many of each entity (column) one of a term counts for.
    host_of_term, form_of_term : list of int
        Host and form of each term.
    neighbourhoods : list of Neighbourhood
        Sums over macrostates whose weights depend on couplings.
    """

    hosts: tuple[Host, ...] = ()
    powers: list[Row] = field(default_factory=list)
    ln_ways: list[float] = field(default_factory=list)
    held: list[dict[int, int]] = field(default_factory=list)
    host_of_term: list[int] = field(default_factory=list)
    form_of_term: list[int] = field(default_factory=list)
    neighbourhoods: list[Neighbourhood] = field(default_factory=list)


def build_shells(system: System, basis: Basis, weights: Weights, content: Floats) -> Shells:
    """Return the hosts of a system.

    Parameters
    ----------
    system : System
        Clusters, sites, couplings.
    basis : Basis
        Entities and moieties.
    weights : Weights
        Powers of constants in the weight of each state of each form.
    content : ndarray, shape (n_entities, n_components)
        Moieties held by each entity.
    """
    builder = _Builder(system, basis, weights, content)
    return builder.build()


def couplings_of(system: System, basis: Basis, conformer: str | None) -> dict[tuple[int, int], int]:
    """Return the couplings of a form: pairs of state columns, the lower one first, to positions in the constants."""
    first = len(system.reactions) + len(system.conformers)
    index = basis.entities.index
    return {
        (min(columns), max(columns)): first + number
        for states, number in system.couplings_of(conformer).items()
        if (columns := [index[name] for name in states])
    }


def pairs_of(couplings: dict[tuple[int, int], int], columns: tuple[int, ...]) -> dict[tuple[int, int], int]:
    """Return the couplings among some states: pairs of positions in `columns`, the lower one first, to constants."""
    place = {column: position for position, column in enumerate(columns)}
    found = {}
    for (first, second), constant in couplings.items():
        if first in place and second in place:
            low, high = sorted((place[first], place[second]))
            found[low, high] = constant
    return found


def sites_and_edges(arrangement: Arrangement, n_sites: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Return how many sites are counted together, 2 of those in PAIRS and else all, and their neighbours."""
    size = 2 if arrangement.pattern is Pattern.PAIRS else n_sites
    return size, arrangement.edges(size)


class _Builder:
    """Writes terms depth first."""

    def __init__(self, system: System, basis: Basis, weights: Weights, content: Floats) -> None:
        self.system, self.entities, self.weights, self.content = system, basis.entities, weights, content
        self.shells = Shells()
        self.couplings = [couplings_of(system, basis, form.label) for form in weights.forms]

    def build(self) -> Shells:
        """Return all hosts."""
        terms: dict[str, list[Term]] = {cluster.name: [] for cluster in self.system.clusters}
        n_entities = len(self.entities.names)
        for number, form in enumerate(self.weights.forms):
            before = len(self.shells.powers)
            powers: Row = {} if form.conformer is None else {len(self.system.reactions) + form.conformer: Fraction(1)}
            self._note(powers, {n_entities + number: 1})
            factors = tuple(
                self._factor(number, form, site) for site in form.sites if self.system.sites[site].holder is None
            )
            nothing = np.zeros(self.content.shape[1])
            terms[form.cluster].append(Term(name=form.name, nu=nothing, factors=factors))
            host = list(terms).index(form.cluster)
            self.shells.host_of_term += [host] * (len(self.shells.powers) - before)
            self.shells.form_of_term += [number] * (len(self.shells.powers) - before)
        self.shells.hosts = tuple(Host(name=name, terms=tuple(forms)) for name, forms in terms.items())
        return self.shells

    def _note(self, powers: Row, held: dict[int, int], ways: int = 1) -> None:
        self.shells.powers.append(powers)
        self.shells.held.append(held)
        self.shells.ln_ways.append(log(ways))

    def _factor(self, number: int, form: Form, site_number: int, n_units: int = 1) -> Factor:
        """Return the sum over states of one class, on each of `n_units` units where units carry it."""
        site = self.system.sites[site_number]
        columns = form.states[form.sites.index(site_number)]
        if site.arrangement is None or site.arrangement.is_mean_field:
            terms = tuple(self._state(number, form, column) for column in columns)
            return Factor(count=float(site.count) * n_units, terms=terms)
        size, edges = sites_and_edges(site.arrangement, int(site.count))
        spans = tuple(self.entities.spans.get(column, 1) for column in columns)
        summed: list[Term] = []
        places: list[int] = []
        for macrostate in count_macrostates(size, edges, spans):
            places.append(len(self.weights.species) + len(self.shells.powers))
            summed.append(self._macrostate(number, form, site_number, macrostate))
        coupled = pairs_of(self.couplings[number], columns)
        if coupled:
            self.shells.neighbourhoods.append(
                Neighbourhood(
                    weights=tuple(places), couplings=tuple(coupled.values()), n_sites=size, edges=edges, spans=spans,
                    coupled=tuple(coupled),
                )
            )  # fmt: skip
        count = float(site.count) / 2 if site.arrangement.pattern is Pattern.PAIRS else 1.0
        return Factor(count=count * n_units, terms=tuple(summed))

    def _state(self, number: int, form: Form, column: int) -> Term:
        self._note(self.weights.states[number][column], {column: 1})
        return Term(
            name=self.entities.names[column], nu=self.content[column], factors=self._carried(number, form, column, 1)
        )

    def _carried(self, number: int, form: Form, column: int, n_units: int) -> tuple[Factor, ...]:
        """Return the sums over the sites that units in a state carry."""
        carried = (site for site in self.entities.carried.get(column, ()) if site in form.sites)
        return tuple(self._factor(number, form, site, n_units) for site in carried)

    def _macrostate(self, number: int, form: Form, site_number: int, macrostate: Macrostate) -> Term:
        columns = form.states[form.sites.index(site_number)]
        powers: Row = {}
        for column, count in zip(columns, macrostate.counts, strict=True):
            for constant, power in self.weights.states[number][column].items():
                powers[constant] = powers.get(constant, Fraction(0)) + power * count
        held = {column: count for column, count in zip(columns, macrostate.counts, strict=True) if count}
        self._note(powers, held, macrostate.multiplicity)
        nu = sum((count * self.content[column] for column, count in held.items()), np.zeros(self.content.shape[1]))
        shown = " ".join(f"{count} {self.entities.names[column]}" for column, count in held.items())
        factors = tuple(
            factor for column, count in held.items() for factor in self._carried(number, form, column, count)
        )
        return Term(name=f"{self.system.sites[site_number].name}: {shown}", nu=nu, factors=factors)

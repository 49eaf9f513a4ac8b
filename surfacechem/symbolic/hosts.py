"""From site classes to the solver's hosts: independent, carried and arranged sites become sums over states.

Independent sites are a power of a sum. A unit that carries sites of its own is a state with factors. Sites that feel
their neighbours are one sum over macrostates (`counting`), each weighted by its number of fillings, so that a ring, a
small graph or a cylinder is exact and needs nothing new of the solver.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import log
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.arrangement import Pattern
from surfacechem.numerics.problem import Factor, Host, Term
from surfacechem.symbolic.counting import count_macrostates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.chem.arrangement import Arrangement
    from surfacechem.chem.system import System
    from surfacechem.symbolic.basis import Basis
    from surfacechem.symbolic.counting import Macrostate
    from surfacechem.symbolic.exact import Row
    from surfacechem.symbolic.weights import Form, Weights

    Floats = NDArray[np.float64]

__all__ = ["Shells", "build_shells", "couplings_of", "macrostates_of", "pairs_of"]


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
    """

    hosts: tuple[Host, ...] = ()
    powers: list[Row] = field(default_factory=list)
    ln_ways: list[float] = field(default_factory=list)
    held: list[dict[int, int]] = field(default_factory=list)
    host_of_term: list[int] = field(default_factory=list)
    form_of_term: list[int] = field(default_factory=list)


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


def macrostates_of(
    arrangement: Arrangement,
    n_sites: int,
    columns: tuple[int, ...],
    *,
    spans: dict[int, int],
    coupled: tuple[tuple[int, int], ...],
) -> tuple[Macrostate, ...]:
    """Return the macrostates of one arranged class: of one pair for PAIRS, else of all its sites.

    Pairs are counted beyond those of the filling with all sites native, whose weight is 1.

    Parameters
    ----------
    arrangement : Arrangement
        Who is whose neighbour.
    n_sites : int
        Number of sites.
    columns : tuple of int
        States, the native one first.
    spans : mapping
        Sites that a state takes, where more than one.
    coupled : tuple of (int, int)
        Pairs of positions in `columns` whose neighbours are coupled.
    """
    size = 2 if arrangement.pattern is Pattern.PAIRS else n_sites
    edges = arrangement.edges(size)
    macrostates = count_macrostates(size, edges, tuple(spans.get(column, 1) for column in columns), coupled)
    if (0, 0) not in coupled:
        return macrostates
    n_native = [len(edges) if pair == (0, 0) else 0 for pair in coupled]
    return tuple(
        replace(each, pairs=tuple(n - native for n, native in zip(each.pairs, n_native, strict=True)))
        for each in macrostates
    )


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
        coupled = pairs_of(self.couplings[number], columns)
        macrostates = macrostates_of(
            site.arrangement, int(site.count), columns, spans=self.entities.spans, coupled=tuple(coupled)
        )
        count = float(site.count) / 2 if site.arrangement.pattern is Pattern.PAIRS else 1.0
        terms = tuple(
            self._macrostate(number, form, site_number, each, tuple(coupled.values())) for each in macrostates
        )
        return Factor(count=count * n_units, terms=terms)

    def _state(self, number: int, form: Form, column: int) -> Term:
        self._note(self.weights.states[number][column], {column: 1})
        return Term(
            name=self.entities.names[column], nu=self.content[column], factors=self._carried(number, form, column, 1)
        )

    def _carried(self, number: int, form: Form, column: int, n_units: int) -> tuple[Factor, ...]:
        """Return the sums over the sites that units in a state carry."""
        carried = (site for site in self.entities.carried.get(column, ()) if site in form.sites)
        return tuple(self._factor(number, form, site, n_units) for site in carried)

    def _macrostate(
        self, number: int, form: Form, site_number: int, macrostate: Macrostate, coupled: tuple[int, ...]
    ) -> Term:
        columns = form.states[form.sites.index(site_number)]
        powers: Row = {}
        for column, count in zip(columns, macrostate.counts, strict=True):
            for constant, power in self.weights.states[number][column].items():
                powers[constant] = powers.get(constant, Fraction(0)) + power * count
        for constant, n_pairs in zip(coupled, macrostate.pairs, strict=True):
            powers[constant] = powers.get(constant, Fraction(0)) + n_pairs
        held = {column: count for column, count in zip(columns, macrostate.counts, strict=True) if count}
        self._note(powers, held, macrostate.multiplicity)
        nu = sum((count * self.content[column] for column, count in held.items()), np.zeros(self.content.shape[1]))
        shown = " ".join(f"{count} {self.entities.names[column]}" for column, count in held.items())
        factors = tuple(
            factor for column, count in held.items() for factor in self._carried(number, form, column, count)
        )
        return Term(name=f"{self.system.sites[site_number].name}: {shown}", nu=nu, factors=factors)

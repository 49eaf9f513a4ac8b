"""The equations of a system as sympy expressions: mass action laws and balances, as they were written.

Nothing is eliminated here. These equations are what a reader checks, and, compiled by `oracle`, what the tests hold
against the solver's arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from surfacechem.symbolic.basis import build_basis
from surfacechem.symbolic.hosts import couplings_of
from surfacechem.symbolic.independence import particle_factor
from surfacechem.symbolic.weights import expand, list_forms

if TYPE_CHECKING:
    from fractions import Fraction

    from surfacechem.chem.system import Site, System
    from surfacechem.symbolic.basis import Basis
    from surfacechem.symbolic.exact import Row
    from surfacechem.symbolic.weights import Form, Place

__all__ = ["Equations", "Statement", "rational", "write_equations"]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One named equation.

    Attributes
    ----------
    name : str
        Reaction, conformer, component or site that it is about.
    equation : sympy.Eq
        Constant = quotient for a law, put in = found for a balance.
    """

    name: str
    equation: sp.Eq


@dataclass(frozen=True, kw_only=True, eq=False)
class Equations:
    """All equations of a system and their symbols.

    Attributes
    ----------
    concentrations : mapping
        Symbol of each dissolved species and of each state in each form of its cluster, ``[In-O2CR]``.
    particles : tuple of Symbol
        Symbol of each form, ``[CdS37.beta]``.
    constants : tuple of Symbol
        ``K[X1]``: of the reactions, of the conformers, then the couplings ``W[X1]``, as the user's convention gives
        them.
    amounts : mapping of str to Symbol
        What was put in of each feed, ``[HO2CR]0``.
    laws : tuple of Statement
        Mass action, one per reaction and choice of forms; then the conformer equilibria.
    balances : tuple of Statement
        One per component; then one per site class and form; then one per cluster.
    forms : tuple of Form
        Forms that the states belong to.
    """

    basis: Basis
    concentrations: dict[Place, sp.Symbol]
    particles: tuple[sp.Symbol, ...]
    constants: tuple[sp.Symbol, ...]
    amounts: dict[str, sp.Symbol]
    laws: tuple[Statement, ...]
    balances: tuple[Statement, ...]
    forms: tuple[Form, ...]

    @cached_property
    def unknowns(self) -> tuple[sp.Symbol, ...]:
        """Symbols of all concentrations in the order of the solver's weights."""
        ordered = [self.concentrations[None, column] for column in range(self.basis.entities.n_species)]
        for number, form in enumerate(self.forms):
            ordered.append(self.particles[number])
            ordered += [self.concentrations[number, column] for columns in form.states for column in columns]
        return tuple(ordered)


def rational(value: Fraction) -> sp.Rational:
    """Return an exact sympy number."""
    return sp.Rational(value.numerator, value.denominator)


def write_equations(system: System) -> Equations:
    """Return laws and balances of a system.

    Raises
    ------
    ModelError
        When the model contradicts itself (see `basis`, `weights`).
    """
    basis = build_basis(system)
    forms = list_forms(system, basis)
    writer = _Writer(system, basis, forms)
    return Equations(
        basis=basis,
        concentrations=writer.concentrations,
        particles=writer.particles,
        constants=writer.constants,
        amounts=writer.amounts,
        laws=(*writer.mass_action(), *writer.conformer_equilibria()),
        balances=(*writer.component_balances(), *writer.site_balances(), *writer.cluster_balances()),
        forms=forms,
    )


def _symbol(name: str) -> sp.Symbol:
    return sp.Symbol(name, positive=True)


class _Writer:
    """Writes each kind of equation over one set of symbols."""

    def __init__(self, system: System, basis: Basis, forms: tuple[Form, ...]) -> None:
        self.system, self.basis, self.forms = system, basis, forms
        names = basis.entities.names
        feeds = [species.name for species in system.species] + [cluster.name for cluster in system.clusters]
        self.amounts = {name: _symbol(f"[{name}]0") for name in feeds}
        self.particles = tuple(
            _symbol(f"[{form.name}]") if self._has_forms(form.cluster) else self.amounts[form.cluster] for form in forms
        )
        self.concentrations: dict[Place, sp.Symbol] = {
            (None, column): _symbol(f"[{names[column]}]") for column in range(basis.entities.n_species)
        }
        for number, form in enumerate(forms):
            suffix = f" of {form.name}" if self._has_forms(form.cluster) else ""
            for column in (column for columns in form.states for column in columns):
                self.concentrations[number, column] = _symbol(f"[{names[column]}{suffix}]")
        self.constants = tuple(_symbol(constant.name) for constant in system.constants)
        self.couplings = [couplings_of(system, basis, form.label) for form in forms]

    def _has_forms(self, cluster: str) -> bool:
        return any(conformer.cluster == cluster for conformer in self.system.conformers)

    def mass_action(self) -> list[Statement]:
        """Write K = quotient; where neighbours matter, averages obey no such law, and none is written."""
        laws = []
        for number, powers in expand(self.system, self.basis, self.forms):
            if any(self._has_neighbours(column) for _, column in powers):
                continue
            quotient = sp.Mul(*(self._activity(place) ** rational(power) for place, power in powers.items()))
            reaction = self.system.reactions[number]
            factor = rational(particle_factor(reaction, self.system, self.basis, number))
            field = sp.Mul(*(self._field(place) ** rational(power) for place, power in powers.items()))
            constant = self.constants[number] * field
            laws.append(Statement(name=reaction.name, equation=sp.Eq(constant, factor * quotient, evaluate=False)))
        return laws

    def _has_neighbours(self, column: int) -> bool:
        site = self.basis.entities.site_of.get(column)
        arrangement = None if site is None else self.system.sites[site].arrangement
        return arrangement is not None and not arrangement.is_mean_field

    def _activity(self, place: Place) -> sp.Expr:
        """Return a concentration; of a state on carried sites, its share of the sites that are there."""
        number, column = place
        site = None if number is None else self.system.sites[self.basis.entities.site_of[column]]
        if number is None or site is None or site.holder is None:
            return self.concentrations[place]
        return self.concentrations[place] / self._sites_there(site, number)

    def _sites_there(self, site: Site, number: int) -> sp.Expr:
        """Return the concentration of the sites of a class in a form, wherever their carriers are."""
        if site.holder is None:
            return rational(site.count) * self.particles[number]
        return rational(site.count) * self.concentrations[number, self.basis.entities.index[site.holder]]

    def _field(self, place: Place) -> sp.Expr:
        """Return what a mean field multiplies the weight of a state by: W to the coverage of each partner."""
        number, column = place
        if number is None:
            return sp.Integer(1)
        factors = sp.Integer(1)
        for pair, constant in self.couplings[number].items():
            if column in pair:
                partner = pair[1] if pair[0] == column else pair[0]
                factors *= self.constants[constant] ** self._coverage(number, partner)
        return factors

    def _coverage(self, number: int, column: int) -> sp.Expr:
        """Return the share of the sites of a class in a form that are in a state; 0 where it is not reached."""
        site = self.system.sites[self.basis.entities.site_of[column]]
        bound = self.concentrations.get((number, column), sp.Integer(0))
        return bound / (rational(self.system.capacity(site)) * self.particles[number])

    def conformer_equilibria(self) -> list[Statement]:
        """Write L0 as the ratio of fully native forms: particles times the native fraction of every site."""
        laws = []
        reference = {form.cluster: number for number, form in enumerate(self.forms) if form.conformer is None}
        for number, form in enumerate(self.forms):
            if form.conformer is None or any(self._has_neighbours(columns[0]) for columns in form.states):
                continue
            ratio = self._fully_native(number) / self._fully_native(reference[form.cluster])
            constant = self.constants[len(self.system.reactions) + form.conformer]
            laws.append(Statement(name=form.name, equation=sp.Eq(constant, ratio, evaluate=False)))
        return laws

    def _fully_native(self, number: int) -> sp.Expr:
        form, native = self.forms[number], self.particles[number]
        for place, columns in zip(form.sites, form.states, strict=True):
            site = self.system.sites[place]
            share = self.concentrations[number, columns[0]] / self._sites_there(site, number)
            native *= (share / self._field((number, columns[0]))) ** rational(self.system.n_native(site))
            native *= self._pair_energy(number, place, columns)
        return native

    def _pair_energy(self, number: int, place: int, columns: tuple[int, ...]) -> sp.Expr:
        """Return W to the pairs of a mean field, by which a form outweighs what its average sites say."""
        site = self.system.sites[place]
        if site.arrangement is None:
            return sp.Integer(1)
        energy = sp.Integer(1)
        for (first, second), constant in self.couplings[number].items():
            if first not in columns or second not in columns:
                continue
            met = self._coverage(number, first) * self._coverage(number, second)
            native = int(first == second == columns[0])  # all sites native is the reference
            # In a sum over all pairs of sites, unlike ones stand twice.
            pairs = sp.Rational(1, 2) * (met + native) if first == second else met
            energy *= self.constants[constant] ** (rational(self.system.capacity(site)) * pairs)
        return energy

    def component_balances(self) -> list[Statement]:
        return [
            Statement(
                name=moiety.name, equation=sp.Eq(self._put_in(moiety.law), self._found(moiety.law), evaluate=False)
            )
            for moiety in self.basis.components
        ]

    def _put_in(self, law: Row) -> sp.Expr:
        """Return what the feeds bring: species as themselves, clusters with their native states."""
        entities = self.basis.entities
        brought = [
            rational(law[column]) * self.amounts[entities.names[column]]
            for column in law
            if column < entities.n_species
        ]
        brought += [
            rational(law[states[0]] * self.system.n_native(site)) * self.amounts[site.cluster]
            for site, states in zip(self.system.sites, entities.states, strict=True)
            if states[0] in law
        ]
        return sp.Add(*brought)

    def _found(self, law: Row) -> sp.Expr:
        return sp.Add(
            *(rational(law[column]) * symbol for (_, column), symbol in self.concentrations.items() if column in law)
        )

    def site_balances(self) -> list[Statement]:
        return [
            Statement(
                name=f"{self.system.sites[site].name} sites of {form.name}",
                equation=sp.Eq(
                    self._sites_there(self.system.sites[site], number),
                    sp.Add(
                        *(
                            self.basis.entities.spans.get(column, 1) * self.concentrations[number, column]
                            for column in columns
                        )
                    ),
                    evaluate=False,
                ),
            )
            for number, form in enumerate(self.forms)
            for site, columns in zip(form.sites, form.states, strict=True)
        ]

    def cluster_balances(self) -> list[Statement]:
        return [
            Statement(
                name=cluster.name,
                equation=sp.Eq(
                    self.amounts[cluster.name],
                    sp.Add(
                        *(
                            particles
                            for form, particles in zip(self.forms, self.particles, strict=True)
                            if form.cluster == cluster.name
                        )
                    ),
                    evaluate=False,
                ),
            )
            for cluster in self.system.clusters
            if self._has_forms(cluster.name)
        ]

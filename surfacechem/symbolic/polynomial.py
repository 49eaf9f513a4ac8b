"""Binding polynomials with their statistical factors, and ln K as a function of temperature."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, Final

import sympy as sp

from surfacechem.chem.arrangement import Pattern
from surfacechem.errors import ModelError
from surfacechem.symbolic.counting import count_macrostates
from surfacechem.symbolic.exact import row_reduce
from surfacechem.symbolic.hosts import couplings_of, pairs_of, sites_and_edges
from surfacechem.symbolic.mass_action import rational
from surfacechem.symbolic.weighing import resolve
from surfacechem.symbolic.weights import expand

if TYPE_CHECKING:
    from surfacechem.chem.system import System
    from surfacechem.symbolic.counting import Macrostate
    from surfacechem.symbolic.exact import Row
    from surfacechem.symbolic.mass_action import Equations
    from surfacechem.symbolic.weights import Place

__all__ = [
    "BindingPolynomial",
    "arranged",
    "ln_constant",
    "multiplicity",
    "state_ratios",
    "stepwise_factor",
    "weight_of",
    "write_polynomials",
]

_STATE, _MADE, _OWN, _NATIVE = range(4)
MOST_WRITTEN: Final = 40
"""Macrostates of arranged sites that a polynomial spells out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class BindingPolynomial:
    """Partition function of one particle type over its fully native reference form.

    Attributes
    ----------
    cluster : str
        Particle type.
    polynomial : sympy.Expr
        Sum over forms of L0 times the product over site classes of (sum over states)^N.
    classes : mapping
        (form, site class) -> sum over the states of one site, relative to the native one.
    """

    cluster: str
    polynomial: sp.Expr
    classes: dict[tuple[str, str], sp.Expr]


def multiplicity(n_sites: int, n: int) -> int:
    """Return C(N, n): in how many ways n of N identical sites can be exchanged.

    Examples
    --------
    >>> multiplicity(51, 2)
    1275
    """
    return comb(n_sites, n)


def stepwise_factor(n_sites: int, n: int) -> Fraction:
    """Return the stepwise constant of step n over the per-site one, (N - n + 1)/n.

    Examples
    --------
    >>> stepwise_factor(51, 1), stepwise_factor(51, 51)
    (Fraction(51, 1), Fraction(1, 51))

    Raises
    ------
    ModelError
        When there is no such step.
    """
    if not 1 <= n <= n_sites:
        raise ModelError(
            f"step {n} of {n_sites} sites",
            found="no such step",
            allowed=f"1 to {n_sites}",
            advice="count the steps from 1",
        )
    return Fraction(n_sites - n + 1, n)


def ln_constant(name: str) -> sp.Expr:
    """Return ln K(T) with constant enthalpy (van 't Hoff) in the symbols T, T0, dH, R and ``ln K(T0)``.

    Examples
    --------
    >>> ln_constant("K").subs({"T": sp.Symbol("T0")})
    ln K(T0)
    """
    temperature, reference, gas_constant, enthalpy = sp.symbols("T T0 R dH")
    return sp.Symbol(f"ln {name}(T0)") - enthalpy / gas_constant * (1 / temperature - 1 / reference)


def state_ratios(system: System, equations: Equations) -> dict[Place, sp.Expr]:
    """Return each site state over the native state of its site, as constants and free concentrations.

    ``[In-O2CR'] / [In-O2CR] = K[X1] [HO2CR'] / [HO2CR]``: found by eliminating the other states exactly.
    """
    entities, forms = equations.basis.entities, equations.forms
    written = expand(system, equations.basis, forms)
    places = list(equations.concentrations)
    number_of = {place: number for number, place in enumerate(places)}
    natives = {(number, columns[0]) for number, form in enumerate(forms) for columns in form.states}
    own = {moiety.species for moiety in equations.basis.components}

    def rank(number: int) -> int:
        """Eliminate states first, then dimers and complexes: what is left is the components' own species."""
        place = places[number]
        if place[1] in entities.site_of:
            return _NATIVE if place in natives else _STATE
        return _OWN if place[1] in own else _MADE

    echelon = row_reduce(
        [{number_of[place]: value for place, value in row.items()} for _, row in written], rank_of=rank
    )
    ratios: dict[Place, sp.Expr] = {}
    for pivot, row, combination in zip(echelon.pivots, echelon.rows, echelon.combinations, strict=True):
        if rank(pivot) == _STATE:
            dissolved = {
                places[number]: power for number, power in row.items() if number != pivot and rank(number) != _NATIVE
            }
            ratios[places[pivot]] = _constants(combination, written, system, equations) * sp.Mul(
                *(equations.concentrations[place] ** rational(-power) for place, power in dissolved.items())
            )
    return ratios


def write_polynomials(system: System, equations: Equations) -> tuple[BindingPolynomial, ...]:
    """Return the binding polynomial of every cluster."""
    writer = _Writer(system, equations)
    polynomials = []
    for cluster in system.clusters:
        total, classes = sp.Integer(0), {}
        for number, form in enumerate(equations.forms):
            if form.cluster != cluster.name:
                continue
            weight = (
                sp.Integer(1) if form.conformer is None else equations.constants[len(system.reactions) + form.conformer]
            )
            for site in form.sites:
                classes[form.name, system.sites[site].name] = writer.one_site(number, site)
                if system.sites[site].holder is None:
                    weight *= writer.shell(number, site)
            total += weight
        polynomials.append(BindingPolynomial(cluster=cluster.name, polynomial=total, classes=classes))
    return tuple(polynomials)


class _Writer:
    """Writes sums over states, those of carried sites inside the states that carry them."""

    def __init__(self, system: System, equations: Equations) -> None:
        self.system, self.equations = system, equations
        self.ratios = state_ratios(system, equations)

    def one_site(self, number: int, site: int) -> sp.Expr:
        """Return the sum over the states of one site, relative to the native one."""
        form = self.equations.forms[number]
        columns = form.states[form.sites.index(site)]
        return sp.Add(*(self.state(number, column) for column in columns))

    def state(self, number: int, column: int) -> sp.Expr:
        """Return the weight of one site in a state, with all that it carries, relative to the bare native state."""
        carried = self.equations.basis.entities.carried.get(column, ())
        ratio = self.ratios.get((number, column), sp.Integer(1))
        return ratio * self._field(number, column) * sp.Mul(*(self.shell(number, inner) for inner in carried))

    def _field(self, number: int, column: int) -> sp.Expr:
        """Return what a mean field multiplies a weight by: W to the coverage of each partner; 1 elsewhere."""
        entities = self.equations.basis.entities
        arrangement = self.system.sites[entities.site_of[column]].arrangement
        if arrangement is None or not arrangement.is_mean_field:
            return sp.Integer(1)
        coupled = couplings_of(self.system, self.equations.basis, self.equations.forms[number].label)
        return sp.Mul(
            *(
                self.equations.constants[constant]
                ** sp.Symbol(f"theta[{entities.names[pair[1] if pair[0] == column else pair[0]]}]", positive=True)
                for pair, constant in coupled.items()
                if column in pair
            )
        )

    def shell(self, number: int, site: int) -> sp.Expr:
        """Return the sum over the states of all sites of a class."""
        declared, form = self.system.sites[site], self.equations.forms[number]
        if declared.arrangement is None or declared.arrangement.is_mean_field:
            return self.one_site(number, site) ** rational(declared.count)
        columns = form.states[form.sites.index(site)]
        ratios = [self.state(number, column) for column in columns]
        macrostates, coupled = arranged(self.system, self.equations, number, site)
        if len(macrostates) > MOST_WRITTEN:
            name = sp.Function(f"sum of {len(macrostates)} macrostates of {declared.name}")
            return name(*ratios[1:], *coupled)
        total = sp.Add(*(weight_of(each, ratios, coupled) for each in macrostates))
        is_paired = declared.arrangement.pattern is Pattern.PAIRS
        return total ** (rational(declared.count) / 2) if is_paired else total


def arranged(
    system: System, equations: Equations, number: int, site: int
) -> tuple[tuple[Macrostate, ...], list[sp.Symbol]]:
    """Return the macrostates of an arranged class in a form, and the symbols of the couplings among its states.

    Pairs are counted beyond those of the filling with all sites native, whose weight is 1. Where counts and pairs
    together are too many to list, the macrostates are those of counts, without pairs.
    """
    declared, form = system.sites[site], equations.forms[number]
    if declared.arrangement is None:
        return (), []
    columns = form.states[form.sites.index(site)]
    coupled = pairs_of(couplings_of(system, equations.basis, form.label), columns)
    symbols = [equations.constants[constant] for constant in coupled.values()]
    size, edges = sites_and_edges(declared.arrangement, int(declared.count))
    spans = tuple(equations.basis.entities.spans.get(column, 1) for column in columns)
    macrostates = resolve(size, edges, spans, tuple(coupled))
    if macrostates is None:
        return count_macrostates(size, edges, spans), symbols
    native = [len(set(edges)) if pair == (0, 0) else 0 for pair in coupled]
    return tuple(
        replace(each, pairs=tuple(n - of_native for n, of_native in zip(each.pairs, native, strict=True)))
        for each in macrostates
    ), symbols


def weight_of(macrostate: Macrostate, ratios: list[sp.Expr], coupled: list[sp.Symbol]) -> sp.Expr:
    """Return multiplicity times ratios to the counts times couplings to the pairs."""
    return sp.Mul(
        sp.Integer(macrostate.multiplicity),
        *(ratio**count for ratio, count in zip(ratios, macrostate.counts, strict=True)),
        *(symbol**pairs for symbol, pairs in zip(coupled, macrostate.pairs, strict=True)),
    )


def _constants(
    combination: Row, written: list[tuple[int, dict[Place, Fraction]]], system: System, equations: Equations
) -> sp.Expr:
    """Return the product of per-site constants that a combination of equations stands for."""
    from surfacechem.symbolic.independence import particle_factor

    product = sp.Integer(1)
    for equation, power in combination.items():
        number = written[equation][0]
        factor = particle_factor(system.reactions[number], system, equations.basis, number)
        product *= (equations.constants[number] / rational(factor)) ** rational(power)
    return product

"""A model as rows for readers: reactions, laws, balances, polynomial, statistical factors, rank, constants.

One set of rows serves text, LaTeX and HTML; nothing is computed by those who print it.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import sympy as sp

from surfacechem.chem.convention import Convention, Role
from surfacechem.chem.coupled import CRITICAL_SINGLE
from surfacechem.chem.formula import hill
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.symbolic.independence import ln_value, particle_factor, turned_states
from surfacechem.symbolic.lower import lower
from surfacechem.symbolic.mass_action import rational, write_equations
from surfacechem.symbolic.polynomial import ln_constant, state_ratios, stepwise_factor, write_polynomials
from surfacechem.symbolic.rows import Line, Section, formula_line, words_line
from surfacechem.symbolic.shells import arranged_lines
from surfacechem.symbolic.typeset import latex_of, latex_reaction, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Coupling, Reaction, System
    from surfacechem.symbolic.lower import Lowered
    from surfacechem.symbolic.mass_action import Equations, Statement

__all__ = ["Line", "Section", "describe"]


def describe(system: System) -> tuple[Section, ...]:
    """Return everything there is to show of a model; sections without rows are left out.

    Raises
    ------
    ModelError
        When the model contradicts itself (see `symbolic.lower`).
    """
    lowered, equations = lower(system), write_equations(system)
    sections = (
        Section(title="Reactions", lines=tuple(_reaction(reaction) for reaction in system.reactions)),
        Section(title="Formulas", lines=tuple(_formulas(system))),
        Section(title="Mass action", lines=_statements(equations.laws)),
        Section(title="Balances", lines=_statements(equations.balances)),
        Section(title="Binding polynomial", lines=tuple(_polynomials(system, equations))),
        Section(title="Statistical factors", lines=tuple(_factors(system, equations))),
        Section(title="Dilution at constant ratio", lines=tuple(_dilution(reaction) for reaction in system.reactions)),
        Section(title="Rank and components", lines=tuple(_structure(system, lowered))),
        Section(title="Constants", lines=tuple(_constants(system, lowered))),
    )
    return tuple(section for section in sections if section.lines)


def _formulas(system: System) -> Iterable[Line]:
    """Show what is weighed in: formulas with their molar masses, where all of a formula is known."""
    entries = [(each.name, each.formula, each.title) for each in system.clusters]
    entries += [(each.name, each.formula, each.title) for each in system.species]
    for name, formula, title in entries:
        if formula is not None and not formula.placeholders:
            # A name that is its own formula tells its atoms to nobody.
            shown = str(formula) if str(formula) != name else hill(formula.composition)
            yield words_line(name, f"{shown}, {formula.mass:.6g} g/mol" + (f", {title}" if title else ""))


def _reaction(reaction: Reaction) -> Line:
    suffix = "" if reaction.conformer is None else f" (conformer {reaction.conformer})"
    return Line(
        label=f"{reaction.kind.value} {reaction.name}{suffix}",
        text=reaction.equation,
        latex=latex_reaction(reaction),
    )


def _statements(statements: Iterable[Statement]) -> tuple[Line, ...]:
    return tuple(formula_line(statement.name, statement.equation) for statement in statements)


def _polynomials(system: System, equations: Equations) -> Iterable[Line]:
    for binding in write_polynomials(system, equations):
        yield formula_line(f"Z of {binding.cluster}", binding.polynomial)


def _factors(system: System, equations: Equations) -> Iterable[Line]:
    """Show for every site class the states over the native one, and in how many ways N sites share them."""
    ratios = state_ratios(system, equations)
    for number, form in enumerate(equations.forms):
        for site, columns in zip(form.sites, form.states, strict=True):
            names = [f"x{place}" for place in range(1, len(columns))] if len(columns) > 2 else ["x"]  # noqa: PLR2004
            symbols = [sp.Symbol(name) for name in names[: len(columns) - 1]]
            for column, symbol in zip(columns[1:], symbols, strict=True):
                state = f"{equations.basis.entities.names[column]} of {form.name}"
                yield formula_line(f"{state}: ratio to native", sp.Eq(symbol, ratios[number, column], evaluate=False))
            declared = system.sites[site]
            name = f"{declared.name} of {form.name}" if declared.holder is None else f"{declared.name} of one unit"
            if symbols and declared.arrangement is not None and declared.arrangement.is_mean_field:
                yield words_line(f"{name}: mean field", "as independent sites, at the coverages theta that come of it")
            elif symbols and declared.arrangement is not None:
                yield from arranged_lines(system, equations, number, site, symbols)
            elif symbols and declared.count.denominator == 1 and declared.count > 1:
                is_carrying = any(column in equations.basis.entities.carried for column in columns)
                suffix = " (ligands on units native)" if is_carrying else ""
                yield from _shell(f"{name}{suffix}", declared.count.numerator, symbols)


def _shell(name: str, n_sites: int, symbols: list[sp.Symbol]) -> Iterable[Line]:
    """Show the weights of a shell of N sites, their sum, and the stepwise constants of each state."""
    total = (1 + sp.Add(*symbols)) ** n_sites
    if len(symbols) == 1:
        text, latex = f"C({n_sites}, n) x^n", rf"\binom{{{n_sites}}}{{n}} x^{{n}}"
    else:
        numbers = range(1, len(symbols) + 1)
        text = f"{n_sites}!/(n0! {' '.join(f'n{k}!' for k in numbers)}) {' '.join(f'x{k}^n{k}' for k in numbers)}"
        ways = "".join(rf"n_{{{k}}}!\," for k in (0, *numbers))
        latex = rf"\frac{{{n_sites}!}}{{{ways}}} " + " ".join(f"x_{{{k}}}^{{n_{{{k}}}}}" for k in numbers)
    yield Line(
        label=f"{name}: weights on {n_sites} sites",
        text=f"{text}, sum {text_of(total)}",
        latex=rf"{latex},\quad \textstyle\sum = {latex_of(total)}",
    )
    for symbol in symbols:
        first, last = (rational(stepwise_factor(n_sites, step)) * symbol for step in (1, n_sites))
        yield Line(
            label=f"{name}: steps 1 to {n_sites}",
            text=f"{text_of(first)} first, ({n_sites} - n + 1)/n {symbol.name} for step n, {text_of(last)} last",
            latex=rf"{latex_of(first)},\ \dots,\ \tfrac{{{n_sites} - n + 1}}{{n}} {latex_of(symbol)},\ \dots,\ "
            rf"{latex_of(last)}",
        )


def _dilution(reaction: Reaction) -> Line:
    """Say where dilution of everything alike moves a reaction; for Z-type loss that is the test of q."""
    exponent = reaction.molar_exponent
    moves = "does not move it" if not exponent else f"pushes it {'forward' if exponent > 0 else 'back'}"
    unit = f"K in {_molar(exponent)}" if exponent else "K without unit"
    return words_line(reaction.name, f"{moves} ({unit})")


def _structure(system: System, lowered: Lowered) -> Iterable[Line]:
    basis = lowered.basis
    found = _counted(basis.rank, "independent exchange"), _counted(len(system.reactions), "reaction")
    yield words_line("rank", " in ".join(found))
    for moiety in basis.components:
        held = (
            f"{'' if count == 1 else f'{count} '}[{basis.entities.names[column]}]"
            for column, count in sorted(moiety.law.items())
        )
        kind = "phantom component" if moiety.is_phantom else "component"
        yield words_line(f"{kind} {moiety.name}", " + ".join(held))
    names = [constant.name for constant in lowered.constants]
    for number, constant in enumerate(lowered.all_constants):
        if constant.name not in names:
            yield words_line(f"{constant.name} follows", _dependence(lowered, number, names))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _dependence(lowered: Lowered, number: int, names: list[str]) -> str:
    powers = lowered.constant_matrix[number]
    terms = [f"{power:+.6g} ln {name}" for power, name in zip(powers, names, strict=True) if power]
    if lowered.constant_offset[number] or not terms:
        terms.append(f"{lowered.constant_offset[number]:+.6g}")
    return f"ln {lowered.all_constants[number].name} = {' '.join(terms)}"


def _constants(system: System, lowered: Lowered) -> Iterable[Line]:
    """Show every constant with value, unit, convention, and on a shell of N sites in the other convention."""
    n_plain = len(system.constants) - len(system.couplings)
    for number, constant in enumerate(lowered.all_constants):
        if number >= n_plain:
            yield _coupling(system, system.couplings[number - n_plain])
            continue
        ln_k = ln_value(constant, system.temperature)
        value = "to be fitted" if ln_k != ln_k else f"{10 ** (ln_k / LN10):.6g}{_unit(constant)}"  # noqa: PLR0124 - NaN
        energy = "" if ln_k != ln_k else f", dG = {0.0 - GAS_CONSTANT * system.temperature * ln_k / 1000:.4g} kJ/mol"  # noqa: PLR0124
        # The ratio of two forms needs no standard state.
        state = "" if constant.convention is Convention.FORMS else f"{constant.standard_state.value}, "
        role = "" if ln_k != ln_k and constant.role is Role.FREE else f", {constant.role.value}"  # noqa: PLR0124
        conditions = f"({state}{system.temperature:g} K)"
        yield words_line(constant.name, f"{value}, {constant.convention.value}{role}{energy} {conditions}")
        if constant.enthalpy is not None:
            shift = sp.Eq(sp.Symbol(f"ln {constant.name}(T)"), ln_constant(constant.name), evaluate=False)
            yield formula_line(f"{constant.name}, dH = {constant.enthalpy / 1000:g} kJ/mol", shift)
        if number < len(system.reactions):
            yield from _conventions(system, lowered, number)
    for factor in system.factors:
        heat = factor.energy
        value = f"{factor.value:.6g}" if heat is None and factor.log10_value is not None else "to be fitted"
        begun = value if heat is None else f"{heat / 1e3:.6g} kJ/mol"
        yield words_line(factor.name, f"{begun}, {factor.convention.value}, {factor.role.value}")


def _coupling(system: System, coupling: Coupling) -> Line:
    """Say what neighbours do, and above which coupling there are several branches or two phases."""
    ln_w = ln_value(coupling.constant, system.temperature)
    unit = GAS_CONSTANT * system.temperature / 1000
    shown = "to be fitted" if isnan(ln_w) else f"{ln_w * unit:.4g} kJ/mol"
    site = next(each for each in system.sites if each.name == coupling.first.site)
    is_averaged = site.arrangement is not None and site.arrangement.is_mean_field
    is_alike = coupling.first == coupling.second
    pair = "each pair of neighbours that both hold it gains w" if is_alike else "each pair of such neighbours gains w"
    field = "K times exp(w theta/RT), theta the coverage" + ("" if is_alike else " with the other one")
    limit = f"; above 4RT = {CRITICAL_SINGLE * unit:.4g} kJ/mol there may be several branches" if is_averaged else ""
    return words_line(
        f"{coupling.title} of {coupling}",
        f"{shown}, {coupling.constant.role.value}: {field if is_averaged else pair}{limit}",
    )


def _conventions(system: System, lowered: Lowered, number: int) -> Iterable[Line]:
    reaction = system.reactions[number]
    site_of = lowered.basis.entities.site_of
    turned = turned_states(reaction, lowered.basis, number)
    if sorted(turned.values()) != [-1, 1]:
        return
    site = system.sites[site_of[min(turned)]]
    n_sites = system.capacity(site)
    if n_sites == 1 or site.arrangement is not None:
        return
    name = reaction.constant.name
    if reaction.constant.convention is Convention.PER_PARTICLE:
        factor = particle_factor(reaction, system, lowered.basis, number)
        yield formula_line(f"{name} per site", sp.Symbol(name) / rational(factor))
    else:
        yield formula_line(f"{name} per particle, first step", rational(n_sites) * sp.Symbol(name))
        yield formula_line(f"{name} per particle, last step", sp.Symbol(name) / rational(n_sites))


def _unit(constant: EquilibriumConstant) -> str:
    exponent = constant.molar_exponent
    if not exponent:
        return ""
    return " /M" if exponent == -1 else f" {_molar(exponent)}"


def _molar(exponent: Fraction) -> str:
    return "M" if exponent == 1 else f"M^{exponent}" if exponent.denominator == 1 else f"M^({exponent})"

"""A model as rows for readers: reactions, laws, balances, polynomial, statistical factors, rank, constants.

One set of rows serves text, LaTeX and HTML; nothing is computed by those who print it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from surfacechem.chem.constant import Convention
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.display import Table
from surfacechem.symbolic.independence import ln_value, particle_factor
from surfacechem.symbolic.lower import lower
from surfacechem.symbolic.mass_action import rational, write_equations
from surfacechem.symbolic.polynomial import ln_constant, state_ratios, stepwise_factor, write_polynomials
from surfacechem.symbolic.typeset import latex_of, latex_reaction, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Reaction, System
    from surfacechem.symbolic.lower import Lowered
    from surfacechem.symbolic.mass_action import Equations, Statement

__all__ = ["Line", "Section", "describe"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row: what it is about, and the same content as plain text and as LaTeX (math mode)."""

    label: str
    text: str
    latex: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows under one heading."""

    title: str
    lines: tuple[Line, ...]

    def to_table(self) -> Table:
        """Return the rows for text and HTML."""
        return Table(columns=(self.title, ""), rows=tuple((line.label, line.text) for line in self.lines))

    def to_latex(self) -> str:
        """Return the rows as a LaTeX align* block."""
        body = " \\\\\n".join(rf"  &\text{{{_plain(line.label)}}} && {line.latex}" for line in self.lines)
        return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


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
        Section(title="Mass action", lines=_statements(equations.laws)),
        Section(title="Balances", lines=_statements(equations.balances)),
        Section(title="Binding polynomial", lines=tuple(_polynomials(system, equations))),
        Section(title="Statistical factors", lines=tuple(_factors(system, equations))),
        Section(title="Rank and components", lines=tuple(_structure(system, lowered))),
        Section(title="Constants", lines=tuple(_constants(system, lowered))),
    )
    return tuple(section for section in sections if section.lines)


def _plain(label: str) -> str:
    """Return a label that LaTeX's text mode takes literally."""
    special = {character: rf"\{character}" for character in "#$%&_{}"}
    special |= {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
    return "".join(special.get(character, character) for character in label)


def _words(label: str, text: str) -> Line:
    return Line(label=label, text=text, latex=rf"\text{{{_plain(text)}}}")


def _formula(label: str, expression: sp.Basic) -> Line:
    return Line(label=label, text=text_of(expression), latex=latex_of(expression))


def _reaction(reaction: Reaction) -> Line:
    suffix = "" if reaction.conformer is None else f" (conformer {reaction.conformer})"
    return Line(
        label=f"{reaction.kind.value} {reaction.name}{suffix}",
        text=reaction.equation,
        latex=latex_reaction(reaction),
    )


def _statements(statements: Iterable[Statement]) -> tuple[Line, ...]:
    return tuple(_formula(statement.name, statement.equation) for statement in statements)


def _polynomials(system: System, equations: Equations) -> Iterable[Line]:
    for binding in write_polynomials(system, equations):
        yield _formula(f"Z of {binding.cluster}", binding.polynomial)


def _factors(system: System, equations: Equations) -> Iterable[Line]:
    """Show C(N, n) x^n and the first and last stepwise constants of every state with x = K r."""
    for (number, column), ratio in state_ratios(system, equations).items():
        if number is None:
            continue
        count = system.sites[equations.basis.entities.site_of[column]].count
        name = f"{equations.basis.entities.names[column]} of {equations.forms[number].name}"
        yield _formula(f"{name}: ratio to native", sp.Eq(sp.Symbol("x"), ratio, evaluate=False))
        if count.denominator == 1 and count > 1:
            n_sites = count.numerator
            x = sp.Symbol("x")
            yield Line(
                label=f"{name}: weight of n of {n_sites}",
                text=f"C({n_sites}, n) x^n, sum (1 + x)^{n_sites}",
                latex=rf"\binom{{{n_sites}}}{{n}} x^{{n}},\quad \textstyle\sum = {sp.latex((1 + x) ** n_sites)}",
            )
            steps = [rational(stepwise_factor(n_sites, step)) * x for step in (1, n_sites)]
            yield Line(
                label=f"{name}: steps 1 and {n_sites}",
                text=f"{text_of(steps[0])} first, ({n_sites} - n + 1)/n x for step n, {text_of(steps[1])} last",
                latex=rf"{sp.latex(steps[0])},\ \dots,\ \tfrac{{{n_sites} - n + 1}}{{n}} x,\ \dots,\ "
                rf"{sp.latex(steps[1])}",
            )


def _structure(system: System, lowered: Lowered) -> Iterable[Line]:
    basis = lowered.basis
    yield _words("rank", f"{basis.rank} independent exchanges in {len(system.reactions)} reactions")
    for moiety in basis.components:
        held = " + ".join(f"{count} [{basis.entities.names[column]}]" for column, count in sorted(moiety.law.items()))
        kind = "phantom component" if moiety.is_phantom else "component"
        yield _words(f"{kind} {moiety.name}", held.replace("1 [", "[") if set(moiety.law.values()) == {1} else held)
    names = [constant.name for constant in lowered.constants]
    for number, constant in enumerate(lowered.all_constants):
        if constant.name not in names:
            yield _words(f"{constant.name} follows", _dependence(lowered, number, names))


def _dependence(lowered: Lowered, number: int, names: list[str]) -> str:
    powers = lowered.constant_matrix[number]
    terms = [f"{power:+.6g} ln {name}" for power, name in zip(powers, names, strict=True) if power]
    if lowered.constant_offset[number] or not terms:
        terms.append(f"{lowered.constant_offset[number]:+.6g}")
    return f"ln {lowered.all_constants[number].name} = {' '.join(terms)}"


def _constants(system: System, lowered: Lowered) -> Iterable[Line]:
    """Show every constant with value, unit, convention, and on a shell of N sites in the other convention."""
    for number, constant in enumerate(lowered.all_constants):
        ln_k = ln_value(constant, system.temperature)
        value = "to be fitted" if ln_k != ln_k else f"{10 ** (ln_k / LN10):.6g}{_unit(constant)}"  # noqa: PLR0124 - NaN
        energy = "" if ln_k != ln_k else f", dG = {-GAS_CONSTANT * system.temperature * ln_k / 1000:.4g} kJ/mol"  # noqa: PLR0124
        yield _words(
            constant.name,
            f"{value}, {constant.convention.value}, {constant.role.value}"
            f"{energy} ({constant.standard_state.value}, {system.temperature:g} K)",
        )
        if constant.enthalpy is not None:
            shift = sp.Eq(sp.Symbol(f"ln {constant.name}(T)"), ln_constant(constant.name), evaluate=False)
            yield _formula(f"{constant.name}, dH = {constant.enthalpy / 1000:g} kJ/mol", shift)
        if number < len(system.reactions):
            yield from _conventions(system, lowered, number)


def _conventions(system: System, lowered: Lowered, number: int) -> Iterable[Line]:
    reaction = system.reactions[number]
    site_of = lowered.basis.entities.site_of
    row = lowered.basis.stoichiometry[number]
    turned = [column for column in row if column in site_of]
    if sorted(row[column] for column in turned) != [-1, 1]:
        return
    n_sites = system.sites[site_of[turned[0]]].count
    if n_sites == 1:
        return
    name = reaction.constant.name
    if reaction.constant.convention is Convention.PER_PARTICLE:
        factor = particle_factor(reaction, system, lowered.basis, number)
        yield _formula(f"{name} per site", sp.Symbol(name) / rational(factor))
    else:
        yield _formula(f"{name} per particle, first step", rational(n_sites) * sp.Symbol(name))
        yield _formula(f"{name} per particle, last step", sp.Symbol(name) / rational(n_sites))


def _unit(constant: EquilibriumConstant) -> str:
    exponent = constant.molar_exponent
    if not exponent:
        return ""
    return " /M" if exponent == -1 else f" M^{exponent}"

"""Constants: of the convention, dimension and temperature of their reaction; ties that end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from surfacechem.chem.convention import Convention, Role, StandardState
from surfacechem.chem.formula import format_count
from surfacechem.errors import ConventionError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Reaction
    from surfacechem.errors import SurfaceChemError

__all__ = ["constants"]

LARGEST_LOG10: Final = 300.0


def constants(context: Context) -> Iterator[SurfaceChemError]:
    """Find constants of the wrong convention, dimension, size or temperature, and ties that lead nowhere."""
    owners = {f"reaction {reaction.name}": reaction.constant for reaction in context.system.reactions}
    owners |= {f"conformer {conformer.name}": conformer.constant for conformer in context.system.conformers}
    owners |= {f"couple {each.constant.name}": each.constant for each in context.system.couplings}
    by_name = {constant.name: constant for constant in owners.values()}
    for reaction in context.system.reactions:
        yield from _convention(context, reaction)
    for statement, constant in owners.items():
        yield from _value(context, statement, constant)
        if constant.role is Role.TIED:
            yield from _tie(context, statement, constant, by_name)


def _convention(context: Context, reaction: Reaction) -> Iterator[SurfaceChemError]:
    """Find a constant that does not suit its reaction."""
    constant, has_site = reaction.constant, any(term.site is not None for term in reaction.terms)
    allowed = (Convention.PER_SITE, Convention.PER_PARTICLE) if has_site else (Convention.SOLUTION,)
    where = context.place(f"reaction {reaction.name}")
    if constant.convention not in allowed or constant.step != 1:
        yield ConventionError(
            f"{constant.name} of reaction {reaction.name}",
            found=f"convention '{constant.convention}', step {constant.step}",
            allowed=" or ".join(allowed),
            advice="convert it: per_site(n_sites=...) of a stepwise constant" if has_site else "no site takes part",
            where=where,
        )
    exponent = reaction.molar_exponent
    if constant.molar_exponent != exponent:
        yield ConventionError(
            f"{constant.name} of reaction {reaction.name}",
            found=f"the dimension (mol/L)^{format_count(constant.molar_exponent)}",
            allowed=f"(mol/L)^{format_count(exponent)}, as the dissolved species of the reaction demand",
            advice="give the constant of this reaction, in its direction",
            where=where,
        )


def _value(context: Context, statement: str, constant: EquilibriumConstant) -> Iterator[SurfaceChemError]:
    """Find a constant too large to compute with, or given for other conditions than the model's."""
    bounds = constant.log10_bounds
    numbers = [number for number in (constant.log10_value, *(bounds or ())) if number is not None]
    if any(not abs(number) <= LARGEST_LOG10 for number in numbers) or (bounds and bounds[0] >= bounds[1]):
        yield ModelError(
            constant.name,
            found=", ".join(f"1e{number:.4g}" for number in numbers),
            allowed=f"1e-{LARGEST_LOG10:g} to 1e{LARGEST_LOG10:g}, the lower bound below the upper",
            advice="correct the number",
            where=context.place(statement),
        )
    if constant.standard_state is not StandardState.MOLAR:
        yield ConventionError(
            constant.name,
            found=f"standard state '{constant.standard_state}'",
            allowed="standard state '1 mol/L' in a system",
            advice="say how much solvent there is: solvent toluene 9.4 M (in Python: to_molar(solvent=9.4)); in a "
            "12.5 mol/L solvent -RT ln K moves by 6 kJ/mol",
            where=context.place(statement),
        )
    if (
        constant.temperature not in {None, context.system.temperature}
        and constant.log10_value is not None
        and constant.enthalpy is None
    ):
        yield ConventionError(
            constant.name,
            found=f"a value at {constant.temperature:g} K, the model is at {context.system.temperature:g} K",
            allowed="a value at the model's temperature, or dH to bring it there",
            advice="add dH, e.g. dH = -35 kJ/mol",
            where=context.place(statement),
        )


def _tie(
    context: Context, statement: str, constant: EquilibriumConstant, by_name: Mapping[str, EquilibriumConstant]
) -> Iterator[SurfaceChemError]:
    """Find a tie to a constant that does not exist, to itself in the end, or to one of another dimension."""
    seen = [constant.name]
    target = constant
    while target.role is Role.TIED:
        name = target.tied_to or ""
        if name not in by_name:
            yield context.unknown(
                f"constant that {target.name} is tied to", name, by_name, context.place(statement, name)
            )
            return
        if name in seen:
            yield ModelError(
                f"{constant.name}",
                found=f"a circle of ties: {' = '.join([*seen, name])}",
                allowed="ties that end at a constant with a value of its own",
                advice=f"give one of them a value, e.g. K = fit, in the line of {name}",
                where=context.place(statement),
            )
            return
        seen.append(name)
        target = by_name[name]
    if (target.molar_exponent, target.convention) != (constant.molar_exponent, constant.convention):
        yield ConventionError(
            f"{constant.name} = {target.name}",
            found=f"(mol/L)^{format_count(constant.molar_exponent)}, {constant.convention}, and "
            f"(mol/L)^{format_count(target.molar_exponent)}, {target.convention}",
            allowed="constants of one dimension and convention",
            advice="tie only constants of the same kind",
            where=context.place(statement),
        )

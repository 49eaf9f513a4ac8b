"""Reactions: known sites and conformers, balanced, of the class they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from surfacechem.chem.balance import imbalance, is_idle, propose
from surfacechem.chem.classes import possible_kinds
from surfacechem.chem.system import ReactionKind
from surfacechem.errors import BalanceError, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.check.context import Context
    from surfacechem.chem.system import Reaction
    from surfacechem.errors import SurfaceChemError

__all__ = ["reactions"]

_REASONS: Final = {
    ReactionKind.X: "a ligand comes with a proton or a charge",
    ReactionKind.L: "a neutral donor is bound as it is dissolved",
    ReactionKind.Z: "a unit with a metal comes or goes",
    ReactionKind.S: "no site takes part",
}


def reactions(context: Context) -> Iterator[SurfaceChemError]:
    """Find reactions with unknown sites, unbalanced ones, and ones of another class than they say."""
    sites = [site.name for site in context.system.sites]
    conformers = context.system.form_names
    for reaction in context.system.reactions:
        statement = f"reaction {reaction.name}"
        strange = [term for term in reaction.terms if term.site is not None and term.site not in sites]
        for term in strange:
            yield context.unknown(f"site of '{term.name}'", term.site or "", sites, context.place(statement, term.name))
        if reaction.conformer is not None and reaction.conformer not in conformers:
            yield context.unknown(
                f"conformer of reaction {reaction.name}", reaction.conformer, conformers,
                context.place(statement, reaction.conformer),
            )  # fmt: skip
        yield from _shape(context, reaction)
        if not strange:
            yield from _balance(context, reaction)
            yield from _kind(context, reaction)


def _shape(context: Context, reaction: Reaction) -> Iterator[SurfaceChemError]:
    """Find a reaction that changes nothing or has coefficients that are not positive."""
    wrong = [term for term in reaction.terms if term.coefficient <= 0]
    if wrong or is_idle(reaction.left, reaction.right) or not (reaction.left and reaction.right):
        yield ModelError(
            f"reaction {reaction.name}, '{reaction.equation}'",
            found=f"coefficient {wrong[0].coefficient}" if wrong else "nothing that changes",
            allowed="positive coefficients, and two sides that differ",
            advice="write reactants <=> products, e.g. In-* + NH2R <=> In-NH2R",
            where=context.place(f"reaction {reaction.name}"),
        )


def _balance(context: Context, reaction: Reaction) -> Iterator[SurfaceChemError]:
    """Find a reaction that loses atoms, charge or sites."""
    missing = imbalance(reaction, context.vocabulary.formula)
    if missing.is_balanced:
        return
    names = [species.name for species in context.system.species]
    line = propose(reaction, context.vocabulary.formula, names)
    is_formula = not missing.sites
    yield BalanceError(
        f"reaction {reaction.name}, '{reaction.equation}'",
        found=str(missing),
        allowed="the same atoms, charge and sites on both sides",
        advice=(f"write {reaction.kind} {line}" if line else "balance it or correct a formula")
        + ("; or, if a name is a label and no formula, declare it: species NAME" if is_formula else ""),
        where=context.place(f"reaction {reaction.name}"),
    )


def _kind(context: Context, reaction: Reaction) -> Iterator[SurfaceChemError]:
    """Find a class that contradicts the terms or the declared classes of the ligands."""
    possible = possible_kinds(reaction.terms, context.vocabulary.formula)
    where = context.place(f"reaction {reaction.name}")
    if reaction.kind not in possible:
        yield ModelError(
            f"class of reaction {reaction.name}, '{reaction.equation}'",
            found=f"{reaction.kind}",
            allowed=" or ".join(possible),
            advice=f"write {possible[0]} instead of {reaction.kind}: {_REASONS[possible[0]]}",
            where=where,
        )
    dissolved = {term.entity for term in reaction.terms if term.site is None}
    classes = {species.name: species.kind for species in context.system.species if species.name in dissolved}
    declared = {kind for kind in classes.values() if kind is not None}
    is_told = bool(declared) and None not in classes.values() and reaction.kind is not ReactionKind.S
    if is_told and reaction.kind not in declared:
        shown = ", ".join(f"{name} is {kind}" for name, kind in classes.items())
        yield ModelError(
            f"class of reaction {reaction.name}, '{reaction.equation}'",
            found=f"{reaction.kind}, while {shown}",
            allowed="a reaction of the class of one of its ligands",
            advice="correct the letter of the reaction or the class of the ligand",
            where=where,
        )

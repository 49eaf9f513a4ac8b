"""Which covalent-bond class a reaction belongs to, as far as its terms tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from surfacechem.chem.system import VACANT, ReactionKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from surfacechem.chem.formula import Formula
    from surfacechem.chem.system import Term

__all__ = ["possible_kinds"]

_NOT_METALS: Final = frozenset(
    {"H", "D", "He", "B", "C", "N", "O", "F", "Ne", "Si", "P", "S", "Cl", "Ar", "As", "Se", "Br", "Kr", "Te", "I", "Xe"}
)


def possible_kinds(terms: Iterable[Term], formula_of: Callable[[str], Formula | None]) -> tuple[ReactionKind, ...]:
    """Return the classes that the terms of a reaction allow, the likeliest first.

    Without sites it is S. A bound unit with a metal makes it Z. A ligand that is bound just as it is dissolved, and
    carries no charge, makes it L (or Z, if it is a label). What remains exchanges with a proton or an ion: X.
    """
    terms = tuple(terms)
    bound = {term.entity for term in terms if term.site is not None} - {VACANT}
    if not any(term.site is not None for term in terms):
        return (ReactionKind.S,)
    formulas = [formula_of(entity) for entity in sorted(bound)]
    if any(formula is not None and _has_metal(formula) for formula in formulas):
        return (ReactionKind.Z,)
    dissolved = {term.entity for term in terms if term.site is None}
    if bound and bound <= dissolved:
        if any(formula is not None and formula.charge for formula in formulas):
            return (ReactionKind.X,)
        return (ReactionKind.L,) if None not in formulas else (ReactionKind.L, ReactionKind.Z, ReactionKind.X)
    if None in formulas:
        return (ReactionKind.X, ReactionKind.Z, ReactionKind.L)
    return (ReactionKind.X, ReactionKind.L) if bound & dissolved else (ReactionKind.X,)


def _has_metal(formula: Formula) -> bool:
    elements = {symbol.strip("[]0123456789") for symbol, _ in formula.atoms} - set(formula.placeholders)
    return not elements <= _NOT_METALS

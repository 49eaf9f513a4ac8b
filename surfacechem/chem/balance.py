"""Balance of reactions in atoms, charge and sites: what is missing on which side, and the line to write instead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import Formula, format_count, hill
from surfacechem.chem.system import VACANT, Term, equation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from surfacechem.chem.system import Reaction

    FormulaOf = Callable[[str], "Formula | None"]

__all__ = ["Imbalance", "imbalance", "is_idle", "propose"]

Content = dict[str, Fraction]
"""Amount of each conserved thing: atoms by symbol, ``"^"`` the charge, ``"site In"`` the sites."""
CHARGE: Final = "^"
MOST_TERMS_BALANCED: Final = 8
"""Terms for which other coefficients are looked for; nobody means to write more."""


@dataclass(frozen=True, kw_only=True)
class Imbalance:
    """What the right side of a reaction holds more (positive) or less (negative) than the left.

    Attributes
    ----------
    atoms : dict of str to Fraction
        By element; empty when balanced or when a label hides its atoms. A label itself, where it is all that one side
        has more: whatever it is made of, something is lost.
    charge : Fraction
        In elementary charges.
    sites : dict of str to Fraction
        By site class.
    labels : tuple of str
        Entities without formula; where there are any, no other atoms and no charge were checked.
    """

    atoms: Content
    charge: Fraction
    sites: Content
    labels: tuple[str, ...]

    @property
    def is_balanced(self) -> bool:
        """Whether nothing is missing on either side, as far as formulas are known."""
        return not (self.atoms or self.charge or self.sites)

    def __str__(self) -> str:
        """Say which side lacks what."""
        parts = []
        for side, sign in (("left", 1), ("right", -1)):
            lacking = {symbol: sign * count for symbol, count in self.atoms.items() if sign * count > 0}
            (label, count), *others = lacking.items() if lacking else [("", Fraction(0))]
            is_label = label in self.labels and not others
            wanting = [f"{format_count(count)} {label}" if is_label else hill(lacking)] if lacking else []
            wanting += [
                f"{format_count(sign * count)} site{'' if abs(count) == 1 else 's'} {site}"
                for site, count in self.sites.items()
                if sign * count > 0
            ]
            if wanting:
                parts.append(f"the {side} side lacks {' and '.join(wanting)}")
        if self.charge:
            parts.append(f"the right side is {float(self.charge):+g} in charge against the left")
        return "; ".join(parts)


def imbalance(reaction: Reaction, formula_of: FormulaOf) -> Imbalance:
    """Return the imbalance of a reaction (all empty when balanced)."""
    labels = tuple(dict.fromkeys(term.entity for term in reaction.terms if formula_of(term.entity) is None))
    total = _net(reaction.left, reaction.right, formula_of)
    atoms = {key: count for key, count in total.items() if key != CHARGE and not key.startswith("site ")}
    if labels:
        atoms = _stray(reaction, formula_of)
    return Imbalance(
        atoms=atoms,
        charge=Fraction(0) if labels else total.get(CHARGE, Fraction(0)),
        sites={key.removeprefix("site "): count for key, count in total.items() if key.startswith("site ")},
        labels=labels,
    )


def propose(reaction: Reaction, formula_of: FormulaOf, names: Iterable[str]) -> str:
    """Return the balanced line nearest to the one written, or an empty text where none is found.

    First other coefficients are tried, then leaving out what is too many, then one more term: a species of `names`, a
    vacant site, or the missing atoms as a formula.
    """
    if any(formula_of(term.entity) is None for term in reaction.terms):
        formula_of = _as_atoms(formula_of) if _stray(reaction, formula_of) else _nothing
        names = ()
    return (
        _other_coefficients(reaction, formula_of)
        or _without_surplus(reaction, formula_of)
        or _one_more_term(reaction, formula_of, names)
    )


def _stray(reaction: Reaction, formula_of: FormulaOf) -> Content:
    """Return the one label that a side has more of while all else balances, sites included; else nothing."""
    net = _net(reaction.left, reaction.right, _as_atoms(formula_of))
    labels = {term.entity for term in reaction.terms if formula_of(term.entity) is None}
    return net if len(net) == 1 and labels.issuperset(net) else {}


def _as_atoms(formula_of: FormulaOf) -> FormulaOf:
    """Let each label count like an element of its own."""
    return lambda name: formula_of(name) or Formula(text=name, atoms=((name, Fraction(1)),))


def _nothing(entity: str) -> None:
    """Hide all formulas, so that only sites are counted."""


def _content(term: Term, formula_of: FormulaOf) -> Content:
    """Return what one of a term holds."""
    formula = formula_of(term.entity)
    content = {} if formula is None else dict(formula.composition)
    if formula is not None and formula.charge:
        content[CHARGE] = formula.charge
    if term.site is not None:
        content[f"site {term.site}"] = Fraction(term.span)
    return content


def _net(left: Iterable[Term], right: Iterable[Term], formula_of: FormulaOf) -> Content:
    """Return right minus left, without zeros."""
    total: Content = {}
    for sign, side in ((-1, left), (1, right)):
        for term in side:
            for key, count in _content(term, formula_of).items():
                total[key] = total.get(key, Fraction(0)) + sign * term.coefficient * count
    return {key: count for key, count in total.items() if count}


def _other_coefficients(reaction: Reaction, formula_of: FormulaOf) -> str:
    """Return the line with the only positive coefficients that balance it, if there are such."""
    if len(reaction.terms) > MOST_TERMS_BALANCED:
        return ""
    columns = [_content(term, formula_of) for term in reaction.terms]
    signs = [-1] * len(reaction.left) + [1] * len(reaction.right)
    keys = sorted({key for column in columns for key in column})
    rows = [[sign * column.get(key, Fraction(0)) for sign, column in zip(signs, columns, strict=True)] for key in keys]
    solution = _single_null_vector(rows, len(columns))
    if solution is None or not (all(value > 0 for value in solution) or all(value < 0 for value in solution)):
        return ""
    scale = lcm(*(value.denominator for value in solution))
    whole = [abs(int(value * scale)) for value in solution]
    divisor = gcd(*whole)
    terms = [
        replace(term, coefficient=Fraction(value, divisor)) for term, value in zip(reaction.terms, whole, strict=True)
    ]
    return _line(terms[: len(reaction.left)], terms[len(reaction.left) :])


def _single_null_vector(rows: list[list[Fraction]], n_columns: int) -> list[Fraction] | None:
    """Return the vector that all rows send to 0, if it is unique up to a factor."""
    pivots: list[int] = []
    reduced: list[list[Fraction]] = []
    for row in rows:
        current = row
        for pivot, other in zip(pivots, reduced, strict=True):
            current = _minus(current, other, current[pivot])
        nonzero = [index for index, value in enumerate(current) if value]
        if not nonzero:
            continue
        pivot = nonzero[0]
        current = [value / current[pivot] for value in current]
        reduced = [_minus(other, current, other[pivot]) for other in reduced]
        pivots.append(pivot)
        reduced.append(current)
    free = [column for column in range(n_columns) if column not in pivots]
    if len(free) != 1:
        return None
    vector = [Fraction(0)] * n_columns
    vector[free[0]] = Fraction(1)
    for pivot, row in zip(pivots, reduced, strict=True):
        vector[pivot] = -row[free[0]]
    return vector


def _minus(row: Sequence[Fraction], other: Sequence[Fraction], factor: Fraction) -> list[Fraction]:
    if not factor:
        return list(row)
    return [value - factor * taken for value, taken in zip(row, other, strict=True)]


def _without_surplus(reaction: Reaction, formula_of: FormulaOf) -> str:
    """Return the line without one dissolved species, or two, that stand there for nothing."""
    dissolved = [place for place, term in enumerate(reaction.terms) if term.site is None]
    for n_surplus in (1, 2):
        for surplus in combinations(dissolved, n_surplus):
            kept = [(place, term) for place, term in enumerate(reaction.terms) if place not in surplus]
            left = [term for place, term in kept if place < len(reaction.left)]
            right = [term for place, term in kept if place >= len(reaction.left)]
            if left and right and not _net(left, right, formula_of):
                return _line(left, right)
    return ""


def _one_more_term(reaction: Reaction, formula_of: FormulaOf, names: Iterable[str]) -> str:
    """Return the line with one term added to the side that lacks something."""
    net = _net(reaction.left, reaction.right, formula_of)
    on_right = all(count < 0 for key, count in net.items() if key != CHARGE)
    if not on_right and any(count < 0 for key, count in net.items() if key != CHARGE):
        return ""
    lacking = {key: -count if on_right else count for key, count in net.items()}
    added = _term_holding(lacking, formula_of, [*names, *_acids(reaction)])
    if added is None:
        return ""
    return _line(reaction.left + (() if on_right else added), reaction.right + (added if on_right else ()))


def _line(left: Sequence[Term], right: Sequence[Term]) -> str:
    """Return a proposed line, unless nothing happens in it."""
    return "" if is_idle(left, right) else equation(left, right)


def is_idle(left: Iterable[Term], right: Iterable[Term]) -> bool:
    """Whether both sides are the same, so that nothing happens."""
    net: Content = {}
    for sign, side in ((-1, left), (1, right)):
        for term in side:
            net[term.name] = net.get(term.name, Fraction(0)) + sign * term.coefficient
    return not any(net.values())


def _acids(reaction: Reaction) -> list[str]:
    """Return names of the acids of the bound ligands: what an X exchange most often forgets."""
    return [f"H{term.entity}" for term in reaction.terms if term.site is not None and term.entity != VACANT]


def _term_holding(lacking: Content, formula_of: FormulaOf, names: Iterable[str]) -> tuple[Term, ...] | None:
    """Return the term that holds just what is lacking."""
    sites = {key.removeprefix("site "): count for key, count in lacking.items() if key.startswith("site ")}
    rest = {key: count for key, count in lacking.items() if not key.startswith("site ")}
    if sites:
        vacant = tuple(Term(coefficient=count, entity=VACANT, site=site) for site, count in sites.items())
        return vacant if not rest else None
    for name in dict.fromkeys(names):
        content = _content(Term(coefficient=Fraction(1), entity=name), formula_of)
        factor = _factor(lacking, content)
        if factor is not None:
            return (Term(coefficient=factor, entity=name),)
    if CHARGE in lacking or not rest:
        return None
    return (Term(coefficient=Fraction(1), entity=hill(rest)),)


def _factor(lacking: Mapping[str, Fraction], content: Mapping[str, Fraction]) -> Fraction | None:
    """Return f with ``lacking = f * content``, if there is one."""
    if lacking.keys() != content.keys():
        return None
    factors = {lacking[key] / content[key] for key in content}
    factor = factors.pop() if len(factors) == 1 else None
    return factor if factor is not None and factor > 0 else None

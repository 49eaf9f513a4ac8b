"""What the names of a model are made of: declared formulas, names that are formulas themselves, and plain labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import Formula, hill
from surfacechem.chem.system import VACANT
from surfacechem.errors import FormulaError, Location, SurfaceChemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.chem.system import System

__all__ = ["Declaration", "Vocabulary", "in_line", "read_vocabulary"]

MOST_GROUPS: Final = 50
NOTHING: Final = Formula(text=VACANT, atoms=())


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A name and the text of its formula, as declared; without text the name is a plain label."""

    name: str
    formula: str | None
    at: Location | None = None


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Formulas by name.

    A name that was declared has the formula given there, or none (a label, whose atoms are not checked). Any other
    name is tried as a formula of elements, declared groups, placeholders and, in brackets, declared species, and is a
    label if it is none.
    """

    groups: Mapping[str, Formula] = field(default_factory=dict)
    declared: Mapping[str, Formula | None] = field(default_factory=dict)

    @classmethod
    def of(cls, system: System) -> Vocabulary:
        """Return the formulas that the names of a system stand for."""
        return cls(groups=dict(system.groups), declared={item.name: item.formula for item in system.species})

    def formula(self, name: str) -> Formula | None:
        """Return the formula of a species or occupant, None for a label."""
        if name == VACANT:
            return NOTHING
        if name in self.declared:
            return self.declared[name]
        spelt = name
        for inner, formula in self.declared.items() if "(" in name else ():
            if formula is not None and not formula.charge:
                spelt = spelt.replace(f"({inner})", f"({hill(formula.composition)})")
        return _try_parse(spelt, self.groups)


def read_vocabulary(
    groups: list[Declaration], species: list[Declaration], faults: list[SurfaceChemError]
) -> Vocabulary:
    """Read all declared formulas; what cannot be read or contradicts itself is added to `faults`.

    ``HO2CR' = C18H34O2`` also tells that ``R'`` is C17H33, when nothing else does.
    """
    known: dict[str, Formula] = {}
    if len(groups) > MOST_GROUPS:
        faults.append(_too_many_groups(groups[MOST_GROUPS]))
    for group in groups[:MOST_GROUPS]:
        formula = _read(group, known, faults)
        if formula is None:
            continue
        if group.name in known and known[group.name].atoms != formula.atoms:
            faults.append(_two_meanings(group, known[group.name], formula))
        known.setdefault(group.name, formula)
    for item in species:
        _infer_placeholder(item, known)
    declared = {item.name: None if item.formula is None else _read(item, known, faults) for item in species}
    for item in species:
        faults.extend(_contradictions(item, declared[item.name], known))
    return Vocabulary(groups=known, declared=declared)


def in_line(fault: FormulaError, at: Location | None, formula: str) -> FormulaError:
    """Return the fault with its caret moved from the formula to the line that holds it."""
    if at is None:
        return fault
    start = (at.text or "").find(formula, (at.text or "").find("=") + 1)
    inside = fault.where.column if fault.where is not None else None
    return fault.at(at if start < 0 else replace(at, column=start + (inside or 1)))


def _try_parse(text: str, groups: Mapping[str, Formula]) -> Formula | None:
    try:
        return Formula.parse(text, groups)
    except FormulaError:
        return None


def _read(item: Declaration, groups: Mapping[str, Formula], faults: list[SurfaceChemError]) -> Formula | None:
    """Return the declared formula, or note the fault and return None."""
    try:
        return Formula.parse(item.formula or "", groups)
    except FormulaError as fault:
        faults.append(in_line(fault, item.at, item.formula or ""))
        return None


def _infer_placeholder(item: Declaration, known: dict[str, Formula]) -> None:
    """Learn the one unknown placeholder of a declared name from its formula."""
    named = _try_parse(item.name, known)
    given = _try_parse(item.formula or "", known)
    if named is None or given is None or len(named.placeholders) != 1 or given.placeholders:
        return
    placeholder = named.placeholders[0]
    rest = {**given.composition}
    for symbol, count in named.atoms:
        if symbol != placeholder:
            rest[symbol] = rest.get(symbol, Fraction(0)) - count
    atoms = {symbol: count / named.composition[placeholder] for symbol, count in rest.items() if count}
    if atoms and all(count > 0 and count.denominator == 1 for count in atoms.values()):
        known[placeholder] = Formula.parse(hill(atoms))


def _contradictions(item: Declaration, given: Formula | None, known: Mapping[str, Formula]) -> list[SurfaceChemError]:
    """Return the fault of a name that spells another formula than the declared one, e.g. by its placeholder."""
    named = _try_parse(item.name, known)
    spells = named is not None and any(part in item.name for part in known) and not named.placeholders
    if given is None or named is None or not spells or named.atoms == given.atoms:
        return []
    return [
        FormulaError(
            f"species '{item.name}'",
            found=f"{hill(given.composition)}, while its name spells {hill(named.composition)}",
            allowed="a name and a formula that agree",
            advice=f"correct the formula, or take another placeholder (R'') in the name of {item.name}",
            where=item.at,
        )
    ]


def _two_meanings(group: Declaration, first: Formula, second: Formula) -> FormulaError:
    return FormulaError(
        f"placeholder '{group.name}'",
        found=f"{first} and {second}",
        allowed="one formula in the whole model",
        advice=f"call the second one {group.name}'",
        where=group.at,
    )


def _too_many_groups(group: Declaration) -> FormulaError:
    return FormulaError(
        f"placeholder '{group.name}'", found="very many placeholders", allowed=f"at most {MOST_GROUPS}", where=group.at
    )

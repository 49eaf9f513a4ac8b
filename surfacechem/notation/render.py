"""A system as text of the model language; reading it back gives the same system."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from surfacechem.chem.convention import Convention, Role
from surfacechem.chem.formula import format_count, hill
from surfacechem.chem.naming import Vocabulary
from surfacechem.chem.system import VACANT
from surfacechem.constants import GAS_CONSTANT, LN10, STANDARD_TEMPERATURE
from surfacechem.notation.bands import SHAPE_KINDS
from surfacechem.notation.settings import unit_for
from surfacechem.notation.statements import OPTION_KINDS, VERSION
from surfacechem.units import Kind, from_kernel, kernel_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.formula import Formula
    from surfacechem.chem.system import Cluster, Observable, ReactionKind, Species, System

__all__ = ["render"]


def render(system: System) -> str:
    """Return a system as model text.

    Examples
    --------
    >>> from surfacechem.notation import parse
    >>> print(render(parse("Host + Guest <=> HG ; K = 250 /M")), end="")
    surfacechem 1
    temperature 298.15 K
    S Host + Guest <=> HG ; K = 250 /M fixed
    """
    return "\n".join(_lines(system)) + "\n"


def _lines(system: System) -> Iterator[str]:
    open_groups = dict(system.groups)
    yield f"surfacechem {VERSION}"
    yield f"temperature {_number(system.temperature)} K"
    for cluster in system.clusters:
        formula = "" if cluster.formula is None else cluster.formula.text
        yield _declaration("cluster", cluster, formula, open_groups)
    for site in system.sites:
        native = "" if site.native == VACANT else f" native {site.native}"
        arranged = "" if site.arrangement is None else f" ; {site.arrangement}"
        yield f"site {site.name} on {site.holder or site.cluster} : {format_count(site.count)}{native}{arranged}"
    for species in system.species[: _n_declared(system)]:
        holder = f"{species.name} {species.formula}"
        yield _declaration("species", species, holder, open_groups)
    for name, formula_of_group in open_groups.items():
        yield f"where {name} = {_expanded(formula_of_group)}"
    numbers: Counter[ReactionKind] = Counter()
    couplings = {coupling.constant.name: coupling for coupling in system.couplings}
    for reaction in system.reactions:
        numbers[reaction.kind] += 1
        is_numbered = reaction.name == f"{reaction.kind}{numbers[reaction.kind]}"
        numbers[reaction.kind] -= not is_numbered
        label = "" if is_numbered else f"[{reaction.name}]"
        where = "" if reaction.conformer is None else f" in {reaction.conformer}"
        coupling = couplings.pop(f"W[{reaction.name}]", None)
        told = "" if coupling is None else f", w = {_coupling(coupling.constant)}"
        yield f"{reaction.kind}{label} {reaction.equation}{where} ; {_settings('K', reaction.constant)}{told}"
    n_unlabelled = 0
    for coupling in couplings.values():
        n_unlabelled += 1
        is_numbered = coupling.constant.name == f"W[{n_unlabelled}]"
        n_unlabelled -= not is_numbered
        label = "" if is_numbered else coupling.constant.name[1:]
        yield f"couple{label} {coupling} ; w = {_coupling(coupling.constant)}"
    for conformer in system.conformers:
        yield f"conformer {conformer.name} of {conformer.cluster} ; {_settings('L0', conformer.constant)}"
    for observable in system.observables:
        yield f"observe {observable.name} = {_measure(observable)}"


def _n_declared(system: System) -> int:
    """Return how many species need a line: the others are found again in the reactions, in their order."""
    vocabulary = Vocabulary(groups=dict(system.groups))
    named = list(dict.fromkeys(term.name for r in system.reactions for term in r.terms if term.site is None))
    is_plain = [
        not species.title and species.kind is None and vocabulary.formula(species.name) == species.formula
        for species in system.species
    ]
    names = [species.name for species in system.species]
    n_declared = len(names)
    while n_declared and is_plain[n_declared - 1]:
        n_declared -= 1
    for first in range(n_declared, len(names)):
        if names[first:] == [name for name in named if name not in names[:first]]:
            return first
    return len(names)


def _number(value: float) -> str:
    """Return a number in the fewest digits, twelve at most, so that reading and writing it settle at once."""
    return f"{value:.12g}"


def _declaration(word: str, item: Cluster | Species, holder: str, open_groups: dict[str, Formula]) -> str:
    """Return a declaration, with the groups that it is the first to use."""
    line = f"{word} {item.name}"
    if item.formula is not None:
        line += f" = {item.formula.text}"
    if item.title:
        line += f' named "{item.title}"'
    kind = getattr(item, "kind", None)
    if kind is not None:
        line += f" class {kind}"
    used = [name for name in open_groups if _uses(holder, name)]
    if used:
        line += " where " + ", ".join(f"{name} = {_expanded(open_groups.pop(name))}" for name in used)
    return line


def _uses(formula: str, group: str) -> bool:
    return re.search(rf"{re.escape(group)}(?![a-z'])", formula) is not None


def _expanded(formula: Formula) -> str:
    """Return a group's formula without other groups, so that the order of declarations does not matter."""
    if not any(part.is_group and part.name[:1].isalpha() for part in formula.parts):
        return formula.text
    charge = "" if not formula.charge else f"^{format_count(abs(formula.charge))}{'+' if formula.charge > 0 else '-'}"
    return hill(formula.composition) + charge


def _settings(keyword: str, constant: EquilibriumConstant) -> str:
    """Return ``K = 250 /M fixed, dH = -35 kJ/mol``."""
    settings = []
    if constant.entropy is None:
        settings.append(f"{keyword} = {_value(constant)}")
    if constant.enthalpy is not None:
        settings.append(f"dH = {_number(constant.enthalpy / 1e3)} kJ/mol")
    if constant.entropy is not None:
        settings.append(f"dS = {_number(constant.entropy)} J/(mol K)")
    return ", ".join(settings)


def _coupling(constant: EquilibriumConstant) -> str:
    """Return what stands after ``w =``."""
    if constant.role is Role.TIED:
        return str(constant.tied_to)
    unit = GAS_CONSTANT * STANDARD_TEMPERATURE * LN10 / 1e3  # kJ/mol, as they were read
    bounds = [] if constant.log10_bounds is None else ["..".join(_number(end * unit) for end in constant.log10_bounds)]
    if constant.enthalpy is None:
        return " ".join(["fit", *bounds, "kJ/mol"] if bounds else ["fit"])
    spread = [] if constant.log10_stderr is None else ["+/-", _number(constant.log10_stderr * unit)]
    role = "fit" if constant.role is Role.FREE else "fixed"
    return " ".join([_number(-constant.enthalpy / 1e3), *spread, "kJ/mol", role, *bounds])


def _value(constant: EquilibriumConstant) -> str:
    """Return what stands after ``K =``."""
    parts = []
    unit = unit_for(constant.molar_exponent)
    if constant.role is Role.TIED:
        parts.append(str(constant.tied_to))
    elif constant.log10_value is None:
        parts += ["fit", *_range(constant), unit]
    else:
        parts.append(_number(10.0**constant.log10_value))
        if constant.log10_stderr is not None:
            parts.append(f"+/- {_number(constant.log10_stderr * LN10 * 10.0**constant.log10_value)}")
        parts += [unit, "fixed" if constant.role is Role.FIXED else "fit", *_range(constant)]
    if constant.convention is Convention.PER_PARTICLE:
        parts.append("per particle")
    if constant.temperature is not None:
        parts.append(f"at {_number(constant.temperature)} K")
    return " ".join(part for part in parts if part)


def _range(constant: EquilibriumConstant) -> list[str]:
    if constant.log10_bounds is None:
        return []
    low, high = constant.log10_bounds
    return [f"{_number(10.0**low)}..{_number(10.0**high)}"]


def _measure(observable: Observable) -> str:
    """Return ``shift(HO2CR', 2 In-O2CR')`` or the position of a band."""
    if observable.kind == "band":
        return _band(observable)
    weights = observable.weights or (None,) * len(observable.entities)
    arguments = [
        entity if weight is None else f"{format_count(weight)} {entity}"
        for entity, weight in zip(observable.entities, weights, strict=True)
    ]
    arguments += [_option(name, value) for name, value in observable.options]
    return f"{observable.kind}({', '.join(arguments)})"


def _option(name: str, value: str | float | bool) -> str:  # noqa: FBT001 - an option may be a flag
    if value is True:
        return name
    unit = kernel_unit(OPTION_KINDS[name])
    return f"{name} = {_number(float(value))}" + ("" if unit == "1" else f" {unit}")


def _band(observable: Observable) -> str:
    """Return ``2.95 eV + dE * coverage(O2CR') of InP37 ; width = 0.15 eV, absorptivity = 5e4 L/(mol cm)``."""
    terms, absorber, stated = [], "", dict(observable.options)
    for key, value in sorted(stated.items(), key=lambda option: option[0] != "origin"):
        if key == "of":
            absorber = f" of {value}"
        elif key not in SHAPE_KINDS:
            terms.append(_band_term(key, value))
    shape = ", ".join(_option(key, stated[key]) for key in SHAPE_KINDS if key in stated)
    position = " + ".join(terms).replace("+ -", "- ")
    return position + absorber + (f" ; {shape}" if shape else "")


def _band_term(key: str, value: str | float | bool) -> str:  # noqa: FBT001 - as options are
    kind = Kind.PHOTON_ENERGY if key == "origin" else Kind.ENERGY_SHIFT
    number = value if isinstance(value, str) else f"{_number(from_kernel(value, kind, 'eV'))} eV"
    word, _, names = key.partition(":")
    factor = "count" if word == "count" else "coverage"
    return " * ".join([number, *(f"{factor}({name})" for name in names.split(" * ") if name)])

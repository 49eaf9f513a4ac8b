"""A system as text of the model language; reading it back gives the same system."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from surfacechem.chem.build import factor_name
from surfacechem.chem.constant import known_as
from surfacechem.chem.convention import Convention, Role
from surfacechem.chem.formula import format_count, hill
from surfacechem.chem.naming import Vocabulary
from surfacechem.chem.system import EMISSION, VACANT
from surfacechem.constants import GAS_CONSTANT, LN10, STANDARD_TEMPERATURE
from surfacechem.notation.bands import SHAPE_KINDS
from surfacechem.notation.numbers import LIMITS
from surfacechem.notation.settings import unit_for
from surfacechem.notation.statements import OPTION_KINDS, VERSION
from surfacechem.units import Kind, from_kernel, kernel_unit, to_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.formula import Formula
    from surfacechem.chem.system import (
        Cluster,
        Conformer,
        Coupling,
        Observable,
        Reaction,
        ReactionKind,
        Species,
        System,
    )

__all__ = ["render"]

MOST_DIGITS: Final = 17


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
        number = format_count(site.count) if site.number is None else _sought(site.number)
        yield f"site {site.name} on {site.holder or site.cluster} : {number}{native}{arranged}"
    for species in system.species[: _n_declared(system)]:
        holder = f"{species.name} {species.formula}"
        yield _declaration("species", species, holder, open_groups)
    for name, formula_of_group in open_groups.items():
        yield f"where {name} = {_expanded(formula_of_group)}"
    yield from _equilibria(system)
    for observable in system.observables:
        yield f"observe {observable.name} = {_measure(observable)}"


def _equilibria(system: System) -> Iterator[str]:
    """Yield the lines of reactions, couplings and forms."""
    numbers: Counter[ReactionKind] = Counter()
    couplings = {coupling.constant.name: coupling for coupling in system.couplings}
    for reaction in system.reactions:
        numbers[reaction.kind] += 1
        is_numbered = reaction.name == f"{reaction.kind}{numbers[reaction.kind]}"
        numbers[reaction.kind] -= not is_numbered
        label = "" if is_numbered else f"[{reaction.name}]"
        where = "" if reaction.conformer is None else f" in {reaction.conformer}"
        told, coupling = _settings("K", reaction), couplings.get(f"W[{reaction.name}]")
        if coupling is not None and _is_of(coupling, reaction):
            told += f", w = {_stated_energy(couplings.pop(coupling.constant.name).constant)}"
        yield f"{reaction.kind}{label} {reaction.equation}{where} ; {told}"
    n_unlabelled = 0
    for coupling in couplings.values():
        n_unlabelled += 1
        is_numbered = coupling.constant.name == f"W[{n_unlabelled}]"
        n_unlabelled -= not is_numbered
        label = "" if is_numbered else coupling.constant.name[1:]
        yield f"couple{label} {coupling} ; w = {_stated_energy(coupling.constant)}"
    for cluster in system.clusters:
        if cluster.form:
            yield f"conformer {cluster.form} of {cluster.name} ; reference"
    for conformer in system.conformers:
        yield f"conformer {conformer.name} of {conformer.cluster} ; {_settings('L0', conformer)}"


def _is_of(coupling: Coupling, reaction: Reaction) -> bool:
    """Whether a ``w`` on the line of a reaction says a coupling."""
    state = None if reaction.formed is None else reaction.formed.name
    return (coupling.first.name, coupling.second.name, coupling.conformer) == (state, state, reaction.conformer)


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
    """Return a number in the fewest digits that read back to it."""
    return repr(float(value)).removesuffix(".0")


def _read_back(number: float, value: float, read: Callable[[float], float]) -> str | None:
    """Return the shortest text near a number that `read` turns into a value; None where none does."""
    around = (number, math.nextafter(number, math.inf), math.nextafter(number, -math.inf))
    exact = next((each for each in around if read(each) == value), None)
    if exact is None:
        return None
    shortened = (float(f"{exact:.{n_digits}g}") for n_digits in range(1, MOST_DIGITS))
    return _number(next((each for each in shortened if read(each) == value), exact))


def _power_of_ten(log10: float) -> str:
    """Return the number of a decimal logarithm; where no float has just that one, the nearest that has one."""
    number = 10.0**log10
    return _read_back(number, log10, math.log10) or _read_back(number, math.log10(number), math.log10) or ""


def _quantity(value: float, kind: Kind, unit: str) -> str:
    """Return a number with its unit: `unit` where that reads back to the same value, else that of the kernel."""

    def read(number: float) -> float:
        return float(to_kernel(number, unit, kind))

    text = _read_back(float(from_kernel(value, kind, unit)), value, read)
    return f"{_number(value)} {kernel_unit(kind)}" if text is None else f"{text} {unit}"


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


def _settings(keyword: str, equilibrium: Reaction | Conformer) -> str:
    """Return ``K = 250 /M fixed, dH = -35 kJ/mol``."""
    constant, settings = equilibrium.constant, []
    if constant.entropy is None:
        settings.append(f"{keyword} = {_value(constant)}")
    if equilibrium.enthalpy is not None:
        settings.append(f"dH = {_stated_energy(equilibrium.enthalpy)}")
    elif constant.enthalpy is not None:
        settings.append(f"dH = {_quantity(constant.enthalpy, Kind.MOLAR_ENERGY, 'kJ/mol')}")
    if constant.entropy is not None:
        settings.append(f"dS = {_number(constant.entropy)} J/(mol K)")
    return ", ".join(settings)


def _stated_energy(constant: EquilibriumConstant) -> str:
    """Return what stands after ``w =``, or after the ``dH =`` of an enthalpy that is fitted or has an error."""
    if constant.role is Role.TIED:
        return known_as(str(constant.tied_to))
    energy = 0.0 if constant.enthalpy is None else -constant.enthalpy
    value, unit = _quantity(energy, Kind.MOLAR_ENERGY, "kJ/mol").split()
    limits = "..".join(_energy(end, unit) for end in constant.log10_bounds or ())
    if constant.enthalpy is None:
        return f"fit {limits} {unit}" if limits else "fit"
    spread = "" if constant.log10_stderr is None else f"+/- {_energy(constant.log10_stderr, unit)}"
    role = "fit" if constant.role is Role.FREE else "fixed"
    return " ".join(part for part in (value, spread, unit, role, limits) if part)


def _energy(log10_w: float, unit: str) -> str:
    """Return log10 W as the energy RT ln W that is read back to it, without its unit."""
    per_decade = GAS_CONSTANT * STANDARD_TEMPERATURE * LN10

    def read(number: float) -> float:
        return float(to_kernel(number, unit, Kind.MOLAR_ENERGY)) / per_decade

    number = float(from_kernel(log10_w * per_decade, Kind.MOLAR_ENERGY, unit))
    return _read_back(number, log10_w, read) or _read_back(number, read(number), read) or ""


def _tie(constant: EquilibriumConstant) -> str:
    """Return ``K[11] / 4``, where that is read back to the same factor."""
    if constant.tied_factor == 1.0:
        return str(constant.tied_to)
    over = round(1.0 / constant.tied_factor)
    is_share = over > 1 and 1.0 / over == constant.tied_factor
    return f"{constant.tied_to} {f'/ {over}' if is_share else f'* {_number(constant.tied_factor)}'}"


def _value(constant: EquilibriumConstant) -> str:
    """Return what stands after ``K =``."""
    parts = []
    unit = unit_for(constant.molar_exponent)
    if constant.role is Role.TIED:
        parts.append(_tie(constant))
    elif constant.log10_value is None:
        parts += ["fit", *_range(constant), unit]
    else:
        value = _power_of_ten(constant.log10_value)
        parts.append(value)
        if constant.log10_stderr is not None:
            parts.append(f"+/- {_spread(constant.log10_stderr, float(value))}")
        parts += [unit, "fixed" if constant.role is Role.FIXED else "fit", *_range(constant)]
    if constant.convention is Convention.PER_PARTICLE:
        parts.append("per particle")
    if constant.temperature is not None:
        parts.append(f"at {_number(constant.temperature)} K")
    return " ".join(part for part in parts if part)


def _sought(number: EquilibriumConstant) -> str:
    """Return a number of sites that is to be found; where a fit was told to hold it, the number alone."""
    value = f"{number.value:.9g}"
    if number.role is Role.FIXED:
        return value
    spread = "" if number.log10_stderr is None else f" +/- {_spread(number.log10_stderr, float(value))}"
    return f"{value}{spread} fit"


def _range(constant: EquilibriumConstant) -> list[str]:
    if constant.log10_bounds is None:
        return []
    low, high = constant.log10_bounds
    return [f"{_power_of_ten(low)}..{_power_of_ten(high)}"]


def _spread(log10_stderr: float, value: float) -> str:
    """Return the absolute spread of a value, as it is read back."""

    def read(number: float) -> float:
        return number / (value * LN10)

    number = log10_stderr * LN10 * value
    return _read_back(number, log10_stderr, read) or _read_back(number, read(number), read) or ""


def _measure(observable: Observable) -> str:
    """Return ``shift(HO2CR', 2 In-O2CR')`` or the position of a band."""
    if observable.kind == "band":
        return _band(observable)
    weights = observable.weights or (None,) * len(observable.entities)
    limits = {name.removeprefix("at:"): value for name, value in observable.options if name.startswith("at:")}
    arguments = [
        ("" if weight is None else f"{format_count(weight)} ")
        + entity
        + (f" at {_limit(observable, entity, limits[entity])}" if entity in limits else "")
        for entity, weight in zip(observable.entities, weights, strict=True)
    ]
    arguments += [_option(name, value) for name, value in observable.options if not name.startswith("at:")]
    for factor in observable.factors:
        keyword, _, of = factor.name.removesuffix("]").partition("[")
        if observable.kind != EMISSION:
            continue
        state = of.partition(", ")[2]
        arguments.append(f"{keyword} = {_value(factor)}" + (f" of {state}" if state else ""))
    return f"{observable.kind}({', '.join(arguments)})"


def _limit(observable: Observable, entity: str, value: str | float | bool) -> str:  # noqa: FBT001 - as options are
    uncertain = _uncertain(observable, f"absorptivity:{entity}", value)
    return uncertain or f"{_number(float(value))} {kernel_unit(LIMITS[observable.kind])}"


def _option(name: str, value: str | float | bool) -> str:  # noqa: FBT001 - an option may be a flag
    if value is True:
        return name
    if isinstance(value, str):
        return f"{name} = {value}"
    unit = kernel_unit(OPTION_KINDS[name])
    return f"{name} = {_number(float(value))}" + ("" if unit == "1" else f" {unit}")


def _band(observable: Observable) -> str:
    """Return ``2.95 eV + dE * coverage(O2CR') of InP37 ; width = 0.15 eV, absorptivity = 5e4 L/(mol cm)``."""
    terms, absorber, stated = [], "", dict(observable.options)
    for key, value in sorted(stated.items(), key=lambda option: option[0] != "origin"):
        if key == "of":
            absorber = f" of {value}"
        elif key not in {"local", *SHAPE_KINDS}:
            terms.append(_band_term(observable, key, value))
    settings = ["local"] if "local" in stated else []
    settings += [_shape(observable, key, stated[key]) for key in SHAPE_KINDS if key in stated]
    position = " + ".join(terms).replace("+ -", "- ")
    return position + absorber + (f" ; {', '.join(settings)}" if settings else "")


def _shape(observable: Observable, key: str, value: str | float | bool) -> str:  # noqa: FBT001 - as options are
    uncertain = _uncertain(observable, key, value)
    return f"{key} = {uncertain}" if uncertain else _option(key, value)


def _uncertain(observable: Observable, key: str, value: str | float | bool) -> str:  # noqa: FBT001 - as options are
    """Return a number of a band that is fitted or has an error, in its kernel unit; nothing for an exact one."""
    name = factor_name(key, observable.name)
    constant = next((each for each in observable.factors if each.name == name), None)
    if constant is None:
        return ""
    number = _power_of_ten(constant.known_log10)
    spread = "" if constant.log10_stderr is None else f"+/- {_spread(constant.log10_stderr, float(number))}"
    unit, role = "" if constant.unit == "1" else constant.unit, "fit" if constant.role is Role.FREE else "fixed"
    signed = f"-{number}" if float(value) < 0 else number
    return " ".join(part for part in (signed, spread, unit, role, *_range(constant)) if part)


def _band_term(observable: Observable, key: str, value: str | float | bool) -> str:  # noqa: FBT001 - as options are
    kind = Kind.PHOTON_ENERGY if key == "origin" else Kind.ENERGY_SHIFT
    number = value if isinstance(value, str) else _uncertain(observable, key, value)
    number = number or _quantity(float(value), kind, "eV")
    word, _, names = key.partition(":")
    factor = "count" if word == "count" else "coverage"
    return " * ".join([number, *(f"{factor}({name})" for name in names.split(" * ") if name)])

"""From the tree of one line to the call of the builder that it stands for."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.arrangement import Arrangement, Pattern
from surfacechem.chem.system import VACANT, Term, molar_exponent
from surfacechem.errors import NotationError, SurfaceChemError
from surfacechem.notation.bands import SHAPE_KINDS, read_band
from surfacechem.notation.nodes import first_token, parts, spot, subtrees, token, tokens
from surfacechem.notation.numbers import entity_name, read_factor, read_limit
from surfacechem.notation.settings import quantity_of, read_constant, read_coupling, read_enthalpy
from surfacechem.units import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from lark import Token

    from surfacechem.chem.build import SystemBuilder
    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.errors import Location
    from surfacechem.notation.nodes import Node

__all__ = ["MEASURES", "OPTION_KINDS", "VERSION", "read_statement"]

VERSION: Final = 1
MOST_TERMS: Final = 24
LARGEST_SPREAD: Final = 1e9

MEASURES: Final[dict[str, tuple[str, ...]]] = {
    "integral": ("protons",),
    "shift": ("additive",),
    "spectrum": ("additive", "nonnegative", "baseline", "drift", "offset", "excitation", "at", "primary", "secondary"),
    "absorbance": ("wavelength",),
    "emission": ("nonnegative", "baseline", "drift", "offset", "excitation", "at", "primary", "secondary"),
    "calorimetry": ("cell", "active", "slope", "skip"),
    "ligands": ("diameter", "scale"),
}
"""What can be observed, with the options of each."""
MEANT: Final = {
    "spectrum": ("abs", "uv", "vis", "extinction"),
    "emission": ("fluo", "lumin", "light", "pl"),
    "calorimetry": ("itc", "heat", "calor"),
    "shift": ("shift", "ppm", "delta", "nmr"),
    "integral": ("integ", "area"),
    "ligands": ("ligand", "count", "densit"),
}
"""Pieces of other words for them."""
OPTION_KINDS: Final = {
    "protons": Kind.DIMENSIONLESS,
    "cell": Kind.VOLUME,
    "diameter": Kind.LENGTH,
    "skip": Kind.DIMENSIONLESS,
    "excitation": Kind.WAVELENGTH,
    "at": Kind.WAVELENGTH,
    "wavelength": Kind.WAVELENGTH,
    **SHAPE_KINDS,
}
REFERENCES: Final = frozenset({"primary", "secondary"})
"""Options that name another line."""
FLAGS: Final = frozenset({"nonnegative", "baseline", "drift", "offset", "active", "slope", "scale", "additive"})
NEAR_FLAG: Final = 0.85


def read_statement(tree: Node, builder: SystemBuilder, at: Location) -> None:
    """Add one parsed line to a builder.

    Raises
    ------
    SurfaceChemError
        If the line says something that cannot be, seen from the line alone.
    """
    _READERS[str(tree.data)](tree, builder, at)


def _header(tree: Node, _builder: SystemBuilder, at: Location) -> None:
    version = parts(tree)[-1]
    if int(version) != VERSION:
        raise NotationError(
            f"version {version[:20]} of the model language",
            allowed=f"version {VERSION}",
            advice=f"write surfacechem {VERSION}, or use a newer surfacechem",
            where=at,
        )


def _temperature(tree: Node, builder: SystemBuilder, at: Location) -> None:
    _, value, unit = parts(tree)
    builder.temperature(quantity_of(value, unit, Kind.TEMPERATURE, at), at=at)


def _where(tree: Node, builder: SystemBuilder, at: Location) -> None:
    for definition in subtrees(tree):
        name, formula = parts(definition)
        builder.group(str(name), str(formula), at=spot(at, formula))


def _clauses(tree: Node, builder: SystemBuilder, at: Location) -> dict[str, str]:
    """Return title and class of a declaration; declare the groups of its ``where``."""
    found: dict[str, str] = {}
    for clause in subtrees(tree):
        keyword, *rest = parts(clause)
        if clause.data == "where":
            _where(clause, builder, at)
            continue
        if clause.data in found:
            raise NotationError(
                f"'{keyword}'", found="it a second time", allowed="it once", advice="leave one out",
                where=spot(at, keyword),
            )  # fmt: skip
        found[str(clause.data)] = str(rest[0])
    return found


def _declaration(tree: Node) -> tuple[str, str | None]:
    formula = token(tree, "FORMULA")
    return str(token(tree, "NAME")), None if formula is None else str(formula)


def _cluster(tree: Node, builder: SystemBuilder, at: Location) -> None:
    clauses = _clauses(tree, builder, at)
    name, formula = _declaration(tree)
    if "class" in clauses:
        raise NotationError(
            f"class of cluster '{name}'", allowed="a class for ligands only", advice="leave it out", where=at
        )
    builder.cluster(name, formula, title=clauses.get("named", "").strip('"'), at=at)


def _species(tree: Node, builder: SystemBuilder, at: Location) -> None:
    clauses = _clauses(tree, builder, at)
    name, formula = _declaration(tree)
    builder.species(name, formula, title=clauses.get("named", "").strip('"'), kind=clauses.get("class"), at=at)


def _site(tree: Node, builder: SystemBuilder, at: Location) -> None:
    sought = next((each for each in subtrees(tree) if each.data == "sought_number"), None)
    told = [part for part in parts(tree) if part is not sought or part is None]
    _, name, _, holder, count, _, native, arranged = (told + [None] * 8)[:8]
    spread = None if sought is None else token(sought, "NUMBER")
    builder.site(
        str(name), on=str(holder), count=None if count is None else _amount(count, at),
        native=VACANT if native is None else str(native),
        arrangement=None if arranged is None else _arrangement(arranged),
        is_sought=sought is not None, spread=None if spread is None else _spread(spread, at), at=at,
    )  # fmt: skip


def _spread(word: Token, at: Location) -> float:
    spread = float(word)
    if not 0 < spread < LARGEST_SPREAD:
        raise NotationError(
            f"+/- {word[:30]}", allowed="a standard error above 0", advice="correct it", where=spot(at, word)
        )
    return spread


def _arrangement(tree: Node) -> Arrangement:
    word, *rest = parts(tree)
    pattern = Pattern(" ".join(word.split()))
    match pattern:
        case Pattern.LATTICE:
            return Arrangement(pattern=pattern, size=tuple(int(part) for part in rest[0].split("x")))
        case Pattern.EDGES:
            pairs = [edge.split("-") for edge in rest]
            return Arrangement(pattern=pattern, listed=tuple((int(first), int(second)) for first, second in pairs))
        case _:
            return Arrangement(pattern=pattern)


def _solvent(tree: Node, builder: SystemBuilder, at: Location) -> None:
    _, name, value, unit = parts(tree, 4)
    builder.solvent(quantity_of(value, unit, Kind.CONCENTRATION, at), title=str(name or ""), at=at)


def _amount(word: Token | None, at: Location) -> Fraction:
    """Return a positive count; a count that is not written is 1."""
    if word is None:
        return Fraction(1)
    whole, _, denominator = word.partition("/")
    if len(word) > len("123456789.123456789") or (denominator and not int(denominator)) or not Fraction(whole):
        raise NotationError(
            f"count {word[:30]}",
            allowed="positive numbers with at most nine digits",
            advice="write a number above 0",
            where=spot(at, word),
        )
    return Fraction(whole) / int(denominator or 1)


def _term(tree: Node, at: Location) -> Term:
    amount, name = parts(tree)
    coefficient = _amount(amount, at)
    if name.type != "SITE_STATE":
        return Term(coefficient=coefficient, entity=str(name))
    return replace(_state(name), coefficient=coefficient)


def _state(name: Token) -> Term:
    """Return site and occupant of ``In-O2CR``, or of ``(In)2-O3PR'`` on two sites."""
    site, _, entity = name.partition("-")
    return Term(
        coefficient=Fraction(1), entity=entity, site=site.removeprefix("(").removesuffix(")2"),
        span=2 if site.startswith("(") else 1,
    )  # fmt: skip


def _reaction(tree: Node, builder: SystemBuilder, at: Location) -> None:
    trees = subtrees(tree)
    sides = [tuple(_term(term, at) for term in subtrees(side)) for side in trees if side.data == "side"]
    if sum(len(side) for side in sides) > MOST_TERMS:
        raise NotationError("reaction", found="very many terms", allowed=f"at most {MOST_TERMS} terms", where=at)
    letter, _, label = (token(tree, "KIND") or "").partition("[")
    conformer = token(tree, "NAME")
    constant, coupling, enthalpy, fault = None, None, None, None
    try:
        constant = read_constant(
            [setting for setting in trees if setting.data not in {"side", "coupling"}],
            keyword="K",
            exponent=molar_exponent(*sides),
            has_site=any(term.site is not None for side in sides for term in side),
            at=at,
        )
        coupling = read_coupling([setting for setting in trees if setting.data == "coupling"], at)
        enthalpy = read_enthalpy(trees, at)
    except SurfaceChemError as caught:
        fault = caught
    # A reaction whose constant is wrong is checked all the same: its balance may be why.
    builder.reaction(
        sides[0], sides[1], K=constant, kind=letter or None, label=label.removesuffix("]"),
        conformer=None if conformer is None else str(conformer), w=coupling, dH=enthalpy, at=at,
    )  # fmt: skip
    if fault is not None:
        raise fault


def _conformer(tree: Node, builder: SystemBuilder, at: Location) -> None:
    name, cluster = tokens(tree, "NAME")
    if token(tree, "REFERENCE") is not None:
        builder.reference(str(name), of=str(cluster), at=at)
        return
    constant = read_constant(subtrees(tree), keyword="L0", exponent=Fraction(0), has_site=False, at=at)
    builder.conformer(str(name), of=str(cluster), L0=constant, dH=read_enthalpy(subtrees(tree), at), at=at)


def _couple(tree: Node, builder: SystemBuilder, at: Location) -> None:
    first, second = (_state(name) for name in tokens(tree, "SITE_STATE"))
    settings, conformer = subtrees(tree), token(tree, "NAME")
    strange = next((setting for setting in settings if setting.data != "coupling"), None)
    if strange is not None:
        word = first_token(strange)
        raise NotationError(
            f"setting '{word[:40]}'", found="it on a couple line", allowed="w", where=spot(at, word),
            advice=f"write couple {first.name} with {second.name} ; w = 2 kJ/mol",
        )  # fmt: skip
    label = (token(tree, "COUPLE") or "").partition("[")[2].removesuffix("]")
    builder.couple(
        first, second, w=read_coupling(settings, at), label=label,
        conformer=None if conformer is None else str(conformer), at=at,
    )  # fmt: skip


# --- Observables -----------------------------------------------------------------------------------------


def _observe(tree: Node, builder: SystemBuilder, at: Location) -> None:
    name, (body,) = str(token(tree, "SIGNAL")), subtrees(tree)
    (_measure if body.data == "measure" else read_band)(name, body, builder, at)


def _measure(name: str, tree: Node, builder: SystemBuilder, at: Location) -> None:
    (kind,) = tokens(tree, "FUNCTION")
    if kind not in MEASURES:
        meant = next((name for name, words in MEANT.items() if any(word in kind.lower() for word in words)), kind)
        raise _unknown("measure", kind, MEASURES, at, meant=meant)
    entities: list[str] = []
    weights: list[Fraction | None] = []
    options: list[tuple[str, str | float | bool]] = []
    factors = [argument for argument in subtrees(tree) if argument.data == "constant"]
    stated: list[EquilibriumConstant] = []
    for argument in subtrees(tree):
        first, second = parts(argument, 2)
        if argument.data == "constant":
            continue
        if argument.data == "option":
            options.append(_option(argument, kind, at))
        elif second in FLAGS and first is None:
            options.append((_known_option(second, kind, at), True))
        else:
            _refuse_flag(second, kind, at)
            entities.append(entity_name(argument))
            weights.append(None if first is None else _amount(first, at))
            limits, numbers = read_limit(argument, kind, at)
            options += limits
            stated += numbers
    if not entities and kind != "calorimetry":
        raise NotationError(
            f"{kind} without anything observed",
            allowed="species or site states",
            advice=f"write observe {name} = {kind}(In-O2CR')",
            where=spot(at, kind),
        )
    stated += [read_factor(each, kind, at) for each in factors]
    builder.observe(name, str(kind), *entities, weights=weights, options=sorted(options), factors=stated, at=at)


def _refuse_flag(word: Token, kind: Token, at: Location) -> None:
    """Refuse what is nearly an option that stands alone, before it is looked for among the species."""
    near = get_close_matches(word, [flag for flag in FLAGS if flag in MEASURES[kind]], n=1, cutoff=NEAR_FLAG)
    if near:
        raise NotationError(
            f"option of {kind} '{word}'", found="a misspelt word", allowed=", ".join(MEASURES[kind]),
            advice=f"write {spot(at, word).rewritten(word, near[0])}", where=spot(at, word),
        )  # fmt: skip


def _option(tree: Node, kind: Token, at: Location) -> tuple[str, float | str]:
    word, value, unit = parts(tree, 3)
    option = _known_option(word, kind, at)
    if (value.type == "WORD") != (option in REFERENCES):
        raise NotationError(
            f"option '{option}'", found=f"'{value[:40]}'", where=spot(at, value),
            allowed="the name of an absorbance line" if option in REFERENCES else "a number",
            advice=f"write {option} = A400" if option in REFERENCES else "write e.g. at = 520 nm",
        )  # fmt: skip
    if option in REFERENCES:
        return option, str(value)
    if option in FLAGS:
        raise NotationError(
            f"option '{option}'", found="a value", allowed="the word alone", advice=f"write {option}",
            where=spot(at, word),
        )  # fmt: skip
    return option, quantity_of(value, unit, OPTION_KINDS[option], at)


def _known_option(word: Token, kind: Token, at: Location) -> str:
    if word not in MEASURES[kind]:
        raise _unknown(f"option of {kind}", word, MEASURES[kind], at)
    return str(word)


def _unknown(
    what: str, word: Token, known: Collection[str], at: Location, *, meant: str | None = None
) -> NotationError:
    near = get_close_matches(meant or word, list(known), n=1, cutoff=0.5)
    return NotationError(
        f"{what} '{word[:40]}'",
        allowed=", ".join(known) or "none",
        advice=f"write {near[0]}" if near else "leave it out",
        where=spot(at, word),
    )


_READERS: Final = {
    "header": _header,
    "temperature": _temperature,
    "where": _where,
    "cluster": _cluster,
    "species": _species,
    "solvent": _solvent,
    "site": _site,
    "reaction": _reaction,
    "conformer": _conformer,
    "couple": _couple,
    "observe": _observe,
}

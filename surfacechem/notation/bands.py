"""The position and the shape of a band: ``3.2 eV - 8 meV * count(SR') of CdS37 ; width = 150 meV, ...``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from surfacechem.errors import NotationError
from surfacechem.notation.nodes import first_token, parts, spot, subtrees, token
from surfacechem.notation.numbers import read_number
from surfacechem.units import Kind

if TYPE_CHECKING:
    from lark import Token

    from surfacechem.chem.build import SystemBuilder
    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.errors import Location
    from surfacechem.notation.nodes import Node

__all__ = ["SHAPE_KINDS", "read_band"]

SHAPE_KINDS: Final = {
    "width": Kind.ENERGY_SHIFT,
    "absorptivity": Kind.EXTINCTION,
    "huang_rhys": Kind.DIMENSIONLESS,
    "quantum": Kind.ENERGY_SHIFT,
    "asymmetry": Kind.DIMENSIONLESS,
}
"""What may be said of a band's shape, in this order."""
_TOGETHER: Final = (("width", "absorptivity"), ("huang_rhys", "quantum"))
MOST_COVERAGES: Final = 2
EXAMPLE: Final = "observe E1 = 2.95 eV + dE * coverage(O2CR')"
SHAPED: Final = "observe E1 = 3.2 eV of InP37 ; width = 150 meV, absorptivity = 5e4 /(M cm)"


def read_band(name: str, tree: Node, builder: SystemBuilder, at: Location) -> None:
    """Add the band of an ``observe`` line to a builder.

    Its position is an origin and terms in coverages and counts, each with a number or a name that is fitted. Numbers
    with an error, or to be fitted, are constants beside.

    Raises
    ------
    SurfaceChemError
        If a term comes twice or a unit does not suit, or the shape is not all there.
    """
    options: dict[str, str | float | bool] = {}
    entities: dict[str, None] = {}
    factors: list[EquilibriumConstant] = []
    for child in subtrees(tree):
        if child.data == "shape":
            continue
        (term,), sign = (subtrees(child), -1.0) if child.data == "less" else ((child,), 1.0)
        key, names = _term(term, options, at)
        options[key] = _coefficient(term, sign, key, factors, at)
        entities.update(dict.fromkeys(names))
    absorber = token(tree, "NAME")
    if absorber is not None:
        options["of"] = str(absorber)
    local = token(tree, "LOCAL")
    if local is not None:
        options["local"] = True
        if not any(isinstance(value, str) for value in options.values()):
            raise NotationError(
                f"observe {name}", found="local without a name", allowed="local for names that a fit finds",
                advice=f"write {EXAMPLE} ; local, or leave local out", where=spot(at, local),
            )  # fmt: skip
    options.update(_shape([child for child in subtrees(tree) if child.data == "shape"], factors, at))
    builder.observe(name, "band", *entities, options=sorted(options.items()), factors=factors, at=at)


def _term(term: Node, known: dict[str, Any], at: Location) -> tuple[str, list[str]]:
    """Return the key of a term and the names in it."""
    factors = [each for each in subtrees(term) if each.data != "value"]
    names = sorted(str(first) for first in (token(each, "NAME") or token(each, "SITE_STATE") for each in factors))
    counts = [each for each in factors if each.data == "count"]
    key = f"{'count' if counts else 'slope'}:{' * '.join(names)}" if names else "origin"
    if key in known or len(factors) > MOST_COVERAGES or (counts and len(factors) > 1):
        raise NotationError(
            f"term {len(known) + 1} of the band position",
            found="a second origin or coefficient" if key in known else "a product of many coverages or counts",
            allowed="one origin, and one term for each coverage, pair of coverages or count",
            advice=f"write {EXAMPLE}",
            where=spot(at, first_token(term)),
        )
    return key, names


def _coefficient(term: Node, sign: float, key: str, factors: list[EquilibriumConstant], at: Location) -> str | float:
    """Return a coefficient, a number or a name; add the constant of one that has an error or is fitted."""
    kind = Kind.PHOTON_ENERGY if key == "origin" else Kind.ENERGY_SHIFT
    first = parts(term)[0]
    if not isinstance(first, str):
        value, factor = read_number(first, kind, key=key, at=at)
        factors += [] if factor is None else [factor]
        return sign * value
    if sign < 0:
        raise NotationError(
            f"coefficient '{first}'", found="a minus before it", allowed="+", advice="write +; the fit finds the sign",
            where=spot(at, first_token(term)),
        )  # fmt: skip
    return str(first)


def _shape(settings: list[Node], factors: list[EquilibriumConstant], at: Location) -> dict[str, float]:
    """Return width, absorptivity and asymmetry as far as they are stated; add constants as `_coefficient` does."""
    found: dict[str, float] = {}
    for setting in settings:
        word, given = parts(setting, 2)
        if word not in SHAPE_KINDS or word in found:
            raise _fault(f"setting '{word}'", "it a second time" if word in found else "", ", ".join(SHAPE_KINDS),
                         word, at)  # fmt: skip
        found[str(word)], factor = read_number(given, SHAPE_KINDS[word], key=str(word), at=at)
        factors += [] if factor is None else [factor]
        # Wide open above: what is too much for a shape is said where it is drawn.
        if not (found[word] > 0 or (word == "huang_rhys" and found[word] == 0)):
            raise _fault(f"{word} of a band", f"{first_token(given)}", "numbers above zero", word, at)
    for pair in _TOGETHER:
        stated = [each for each in pair if each in found]
        if len(stated) == 1:
            raise _fault("shape of a band", f"{stated[0]} alone", f"{' and '.join(pair)}", parts(settings[0])[0], at)
    if found and "width" not in found:
        raise _fault("shape of a band", "no width", "width and absorptivity first", parts(settings[0])[0], at)
    if {"huang_rhys", "asymmetry"} <= found.keys():
        raise _fault("shape of a band", "huang_rhys and asymmetry", "one of them", parts(settings[0])[0], at)
    return found


def _fault(what: str, found: str, allowed: str, word: Token, at: Location) -> NotationError:
    return NotationError(what, found=found, allowed=allowed, advice=f"write e.g. {SHAPED}", where=spot(at, word))

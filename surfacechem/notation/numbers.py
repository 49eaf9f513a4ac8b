"""Numbers of an ``observe`` line that may be fitted, or have an error: those of bands, entities and quenchers."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.constant import EquilibriumConstant
from surfacechem.chem.convention import Convention, Role
from surfacechem.chem.system import ABSORBANCE, EMISSION, IN_FORM
from surfacechem.constants import LN10
from surfacechem.errors import NotationError
from surfacechem.notation.nodes import first_token, parts, spot, subtrees, token, tokens
from surfacechem.notation.settings import ordered, positive, quantity_of, read_constant
from surfacechem.units import Kind, display_unit, kernel_unit

if TYPE_CHECKING:
    from lark import Token

    from surfacechem.errors import Location
    from surfacechem.notation.nodes import Node

__all__ = ["LIMITS", "entity_name", "read_factor", "read_limit", "read_number"]

LIMITS: Final = {"shift": Kind.SHIFT, ABSORBANCE: Kind.EXTINCTION}
"""What may be known of single entities."""


def read_number(given: Node, kind: Kind, *, key: str, at: Location) -> tuple[float, EquilibriumConstant | None]:
    """Return a number of a band in the kernel unit, and its constant where it has an error or is fitted.

    The error of its logarithm is that of the number as it stands, ``386 +/- 1 nm``. A negative number keeps its sign.

    Raises
    ------
    SurfaceChemError
        If the number is missing, or nothing that could be fitted.
    """
    if given.data == "sought":
        raise NotationError(
            f"'{key} = fit'", found="no number to begin at", allowed="an estimate before fit",
            advice=f"write e.g. {key} = 150 {display_unit(kind)} fit", where=spot(at, first_token(given)),
        )  # fmt: skip
    (word, spread), unit = parts(given, 2), token(given, "UNIT")
    value = quantity_of(word, unit, kind, at)
    if spread is None and token(given, "FIT") is None:
        return value, None
    size, limits = positive(word.update(value=word.lstrip("+-")), at), next(iter(given.find_data("range")), None)
    bounds = None
    if limits is not None:
        ordered(limits, float, at)
        ends = [math.log10(abs(quantity_of(end, unit, kind, at))) for end in limits.scan_values(lambda _: True)]
        bounds = (min(ends), max(ends))
    constant = EquilibriumConstant(
        name=key,
        log10_value=math.log10(abs(value)),
        log10_stderr=None if spread is None else positive(spread, at) / (size * LN10),
        log10_bounds=bounds,
        role=Role.FREE if token(given, "FIT") else Role.FIXED,
        convention=Convention.OPTICAL,
        unit=kernel_unit(kind),
    )
    return math.copysign(constant.value, value), constant


def entity_name(entity: Node) -> str:
    """Return the name of what is observed, ``"Cd-MeOH in beta"`` where it is one form alone."""
    names = [str(name) for name in (*tokens(entity, "SITE_STATE"), *tokens(entity, "NAME"))]
    return IN_FORM.join(names)


def read_limit(entity: Node, kind: Token, at: Location) -> tuple[list[tuple[str, float]], list[EquilibriumConstant]]:
    """Return the value of ``HG at 7.1 ppm`` or ``HG at 8000 /(M cm) fit``, and its constant where it has one."""
    name, word = entity_name(entity), token(entity, "AT")
    if word is None:
        return [], []
    if kind not in LIMITS:
        raise NotationError(
            f"{kind} of '{name}'", found="a value", allowed="values of shift(...) and absorbance(...) only",
            advice=f"write {name}", where=spot(at, word),
        )  # fmt: skip
    (given,) = subtrees(entity)
    value, constant = read_number(given, LIMITS[kind], key=f"absorptivity:{name}", at=at)
    if constant is not None and kind != ABSORBANCE:
        raise NotationError(
            f"shift of '{name}'", found="a value with an error, or to be fitted", allowed="a known value, or none",
            advice=f"write {name}, and the fit finds its shift", where=spot(at, word),
        )  # fmt: skip
    return [(f"at:{name}", value)], [] if constant is None else [constant]


def read_factor(factor: Node, kind: Token, at: Location) -> EquilibriumConstant:
    """Return what one quencher does, of all states or of the one that is named."""
    keyword, state = first_token(factor), token(factor, "SITE_STATE")
    if kind != EMISSION:
        raise NotationError(
            f"option of {kind} '{keyword}'", found="what a quencher does", allowed="it for emission(...) only",
            advice="leave it out", where=spot(at, keyword),
        )  # fmt: skip
    constant = read_constant([factor], keyword=str(keyword), exponent=Fraction(0), has_site=False, at=at)
    return replace(constant, name=str(keyword) if state is None else f"{keyword}:{state}")

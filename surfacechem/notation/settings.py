"""What stands after the semicolon: equilibrium constants with their units, roles and conditions."""

from __future__ import annotations

import math
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.build import UNKNOWN_COUPLING, UNKNOWN_ENTHALPY, coupling_of, enthalpy_of
from surfacechem.chem.constant import EquilibriumConstant, constant_name
from surfacechem.chem.convention import Convention, Role, StandardState
from surfacechem.chem.formula import format_count
from surfacechem.constants import GAS_CONSTANT, LN10, STANDARD_TEMPERATURE
from surfacechem.errors import ModelError, NotationError, SurfaceChemError, UnitError
from surfacechem.notation.nodes import first_token, parts, spot, subtrees, token
from surfacechem.units import Kind, constant_unit, display_unit, to_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lark import Token

    from surfacechem.errors import Location
    from surfacechem.notation.nodes import Node

__all__ = ["ordered", "positive", "quantity_of", "read_constant", "read_coupling", "read_enthalpy", "unit_for"]

NOT_YET: Final = {
    "w": "write w = 3 kJ/mol on a reaction that fills a site with neighbours, e.g. site In on InP37 : 12 ; ring",
    "dG": "write K = ...; L0 = exp(-dG/RT)",
    "dCp": "leave dCp out: dH is taken as constant over temperature",
}
OTHER_NAMES: Final = {"k", "k0", "ka", "kb", "keq", "k_eq", "kass", "beta", "l", "l0"}


def _number(word: Token, at: Location) -> float:
    """Return a finite number.

    Raises
    ------
    NotationError
        If it is too large for the machine.
    """
    value = float(word)
    if not math.isfinite(value):
        raise NotationError(
            f"number '{word[:40]}'",
            found="more than the machine can hold",
            allowed="at most 1e300",
            where=spot(at, word),
        )
    return value


def quantity_of(value: Token, unit: Token | None, kind: Kind, at: Location) -> float:
    """Return a number with its unit in the kernel unit of `kind`.

    Raises
    ------
    UnitError
        If the unit is missing, unknown or of another kind.
    """
    if unit is None and display_unit(kind) != "1":
        raise UnitError(
            f"the bare number {value}",
            allowed=f"a number with a unit of {kind.value}",
            advice=f"write {value} {display_unit(kind)}",
            where=spot(at, value),
        )
    try:
        return float(to_kernel(_number(value, at), unit or "1", kind))
    except UnitError as fault:
        raise fault.at(spot(at, unit or value)) from None


def unit_for(exponent: Fraction) -> str:
    """Return the unit of a constant of that power of mol/L: ``"/M"``, ``"M^2"``, ``"M^(1/3)"``, ``""``."""
    if not exponent:
        return ""
    count = format_count(abs(exponent))
    power = f"^({count})" if "/" in count else f"^{count}" if abs(exponent) != 1 else ""
    return f"{'/' if exponent < 0 else ''}M{power}"


def read_constant(
    settings: Sequence[Node], *, keyword: str, exponent: Fraction, has_site: bool, at: Location
) -> EquilibriumConstant:
    """Return the constant that the settings of a line describe (unknown where they give none).

    Parameters
    ----------
    settings : sequence of Tree
        ``constant``, ``enthalpy``, ``entropy`` and ``other`` trees.
    keyword : str
        ``"K"`` or ``"L0"``.
    exponent : Fraction
        Power of mol/L that the reaction demands.
    has_site : bool
        Whether a site takes part; then values are per site.

    Raises
    ------
    SurfaceChemError
        If a setting is repeated, unknown, or has the wrong unit.
    """
    found = _by_kind(settings, keyword, at)
    constant = EquilibriumConstant(
        name="",
        convention=Convention.PER_SITE if has_site else Convention.SOLUTION,
        molar_exponent=exponent,
        enthalpy=_stated_enthalpy(found.get("enthalpy"), at),
        entropy=_energy(found.get("entropy"), Kind.MOLAR_ENTROPY, at),
    )
    if "energy" in found:
        if "constant" in found:
            raise _one_of(keyword, found["energy"], at)
        constant = _with_energy(constant, found["energy"], at)
    if "constant" in found:
        constant = _with_value(constant, found["constant"], at)
    if constant.entropy is None:
        return constant
    if constant.enthalpy is None or constant.log10_value is not None or "constant" in found:
        raise ModelError(
            f"dS of {keyword}",
            found="dS without a stated dH" if constant.enthalpy is None else f"{keyword} and dS together",
            allowed=f"{keyword} with or without dH, or a stated dH with dS, which make {keyword} together",
            advice=f"leave {keyword} or dS out, or add dH",
            where=spot(at, first_token(found["entropy"])),
        )
    log10 = (constant.entropy - constant.enthalpy / STANDARD_TEMPERATURE) / (GAS_CONSTANT * LN10)
    return replace(constant, log10_value=log10, temperature=STANDARD_TEMPERATURE, role=Role.FIXED)


def read_coupling(settings: Sequence[Node], at: Location) -> EquilibriumConstant | None:
    """Return exp(w/RT) of a line, None where the line has no w.

    Raises
    ------
    SurfaceChemError
        If w stands there twice or has the wrong unit.
    """
    if len(settings) > 1:
        raise NotationError(
            "setting 'w'", found="it a second time", allowed="it once", advice="leave one out", where=at
        )
    if not settings:
        return None
    (tree,) = settings
    (given,) = subtrees(tree)
    if given.data == "tie":
        tied = _tied(UNKNOWN_COUPLING, given, at)
        if tied.tied_factor != 1.0:
            raise NotationError(
                "w", found="a tie with a factor", allowed="the same energy as another one, w = w[X1]",
                advice="leave the factor out", where=spot(at, first_token(given)),
            )  # fmt: skip
        return tied
    return _read_energy(given, UNKNOWN_COUPLING, coupling_of, at)


def read_enthalpy(settings: Sequence[Node], at: Location) -> EquilibriumConstant | None:
    """Return exp(dH/RT) of a line whose dH is fitted or has an error, else None (see `read_constant`)."""
    given = [subtrees(setting)[0] for setting in settings if setting.data == "enthalpy"]
    if not given or _is_exact(given[0]):
        return None
    return _read_energy(given[0], UNKNOWN_ENTHALPY, enthalpy_of, at)


def _stated_enthalpy(tree: Node | None, at: Location) -> float | None:
    """Return dH where it is a number without error, that of the constant itself."""
    if tree is None:
        return None
    (given,) = subtrees(tree)
    value = first_token(given)
    return quantity_of(value, token(given, "UNIT"), Kind.MOLAR_ENERGY, at) if _is_exact(given) else None


def _is_exact(given: Node) -> bool:
    return given.data == "value" and token(given, "FIT") is None and parts(given, 2)[1] is None


def _read_energy(
    given: Node, unknown: EquilibriumConstant, constant_of: Callable[[float], EquilibriumConstant], at: Location
) -> EquilibriumConstant:
    """Return the constant of an energy that is known, has an error or is to be found."""
    unit, limits = token(given, "UNIT"), next(iter(given.find_data("range")), None)

    def read(word: Token) -> EquilibriumConstant:
        return constant_of(quantity_of(word, unit, Kind.MOLAR_ENERGY, at))

    bounds = None if limits is None else ordered(limits, lambda word: read(word).known_log10, at)
    if given.data == "sought":
        if unit is not None:  # refused here where it is none of an energy
            to_kernel(1.0, unit, Kind.MOLAR_ENERGY)
        return replace(unknown, log10_bounds=bounds, temperature=STANDARD_TEMPERATURE)
    value, spread = parts(given, 2)
    return replace(
        read(value),
        role=Role.FREE if token(given, "FIT") else Role.FIXED,
        log10_bounds=bounds,
        log10_stderr=None if spread is None else read(spread).known_log10 * bool(positive(spread, at)),
    )


def _tied(constant: EquilibriumConstant, tree: Node, at: Location) -> EquilibriumConstant:
    """Return the constant of ``K[11] / 4``."""
    name, over, number = first_token(tree), token(tree, "OVER"), token(tree, "NUMBER")
    factor = 1.0 if number is None else positive(number, at)
    return replace(
        constant, role=Role.TIED, tied_to=constant_name(str(name)), tied_factor=1.0 / factor if over else factor
    )


def _with_energy(constant: EquilibriumConstant, tree: Node, at: Location) -> EquilibriumConstant:
    """Return the constant of a free energy, which holds at 298.15 K and in its standard state."""
    _, value, unit, state = parts(tree, 4)
    energy = quantity_of(value, unit, Kind.MOLAR_ENERGY, at)
    return replace(
        constant,
        log10_value=-energy / (GAS_CONSTANT * STANDARD_TEMPERATURE * LN10),
        temperature=STANDARD_TEMPERATURE,
        role=Role.FIXED,
        standard_state=StandardState.MOLAR if state is None else StandardState.MOLE_FRACTION,
    )


def _one_of(keyword: str, tree: Node, at: Location) -> ModelError:
    return ModelError(
        f"dG of {keyword}",
        found=f"{keyword} and dG together",
        allowed="one of them: dG = -RT ln K",
        advice=f"leave {keyword} or dG out",
        where=spot(at, first_token(tree)),
    )


def _by_kind(settings: Sequence[Node], keyword: str, at: Location) -> dict[str, Node]:
    """Return the settings by kind, refusing unknown and repeated ones."""
    found: dict[str, Node] = {}
    for setting in settings:
        word = first_token(setting)
        if setting.data == "other":
            raise NotationError(
                f"setting '{word[:40]}'",
                allowed=f"{keyword}, dG, dH, dS" + (", w" if keyword == "K" else ""),
                advice=NOT_YET.get(word) or _meant(str(word), keyword),
                where=spot(at, word),
            )
        if setting.data in found or (setting.data == "constant" and word != keyword):
            raise NotationError(
                f"setting '{word}'",
                found="it a second time" if setting.data in found else f"{word} here",
                allowed=f"{keyword}, dH and dS, each once",
                advice="leave one out" if setting.data in found else f"write {keyword} = ...",
                where=spot(at, word),
            )
        found[str(setting.data)] = setting
    return found


def _meant(word: str, keyword: str) -> str:
    """Return what to write for a setting by another name; a dissociation constant runs the other way."""
    if word.lower() in {"kd", "kdiss", "k_d"}:
        return f"write {keyword} = 1/{word}, with the inverse unit: K belongs to the reaction as it is written"
    if word.lower() in OTHER_NAMES:
        return f"write {keyword} = ..."
    near = get_close_matches(word, [keyword, "dG", "dH", "dS"], n=1)
    return f"write {near[0]} = ..." if near else f"write e.g. {keyword} = 1.3 fit, dH = -35 kJ/mol"


def _energy(setting: Node | None, kind: Kind, at: Location) -> float | None:
    if setting is None:
        return None
    _, value, unit = parts(setting, 3)
    return quantity_of(value, unit, kind, at)


def _with_value(constant: EquilibriumConstant, tree: Node, at: Location) -> EquilibriumConstant:
    """Return the constant with value, role, bounds, convention and temperature."""
    found = {str(part.data): part for part in subtrees(tree)}
    if "convention" in found:
        constant = replace(constant, convention=_convention(found["convention"], constant, at))
    if "state" in found:
        constant = replace(constant, standard_state=StandardState.MOLE_FRACTION)
    if "at" in found:
        _, value, unit = parts(found["at"])
        constant = replace(constant, temperature=quantity_of(value, unit, Kind.TEMPERATURE, at))
    if "tie" in found:
        return _tied(constant, found["tie"], at)
    given = found.get("value") or found["sought"]
    exponent = constant.molar_exponent if constant.standard_state is StandardState.MOLAR else Fraction(0)
    log10_unit = _log10_unit(token(given, "UNIT"), given, exponent, at)
    bounds = next(iter(given.find_data("range")), None)
    constant = replace(
        constant,
        role=Role.FREE if token(given, "FIT") else Role.FIXED,
        log10_bounds=None if bounds is None else _bounds(bounds, log10_unit, at),
    )
    return constant if given.data == "sought" else _with_number(constant, given, log10_unit, at)


def _with_number(constant: EquilibriumConstant, given: Node, log10_unit: float, at: Location) -> EquilibriumConstant:
    """Return the constant with its value and spread."""
    value, spread = parts(given, 2)
    size = positive(value, at)
    stderr = None
    if spread is not None:
        stderr = positive(spread, at) / (size * LN10)
    return replace(constant, log10_value=math.log10(size) + log10_unit, log10_stderr=stderr)


def positive(word: Token, at: Location) -> float:
    """Return a number above zero.

    Raises
    ------
    NotationError
        If it is none.
    """
    value = _number(word, at)
    if value <= 0:
        raise NotationError(
            f"number {word[:40]}", found="it is not above 0", allowed="positive numbers",
            advice="check the sign; leave out what does not happen", where=spot(at, word),
        )  # fmt: skip
    return value


def _bounds(tree: Node, log10_unit: float, at: Location) -> tuple[float, float]:
    return ordered(tree, lambda word: math.log10(positive(word, at)) + log10_unit, at)


def ordered(tree: Node, read: Callable[[Token], float], at: Location) -> tuple[float, float]:
    """Return both ends of a range as `read` reads them."""
    first, second = tree.scan_values(lambda _: True)
    low, high = read(first), read(second)
    if low >= high:
        raise NotationError(
            f"range {first}..{second}",
            allowed="the lower bound before the higher one",
            advice=f"write {second}..{first}",
            where=spot(at, first),
        )
    return low, high


def _convention(tree: Node, constant: EquilibriumConstant, at: Location) -> Convention:
    word = parts(tree)[-1]
    if constant.convention is Convention.SOLUTION:
        raise NotationError(
            f"'per {word}'",
            found="a reaction in solution",
            allowed="per site or per particle where a site takes part",
            advice=f"leave 'per {word}' out",
            where=spot(at, first_token(tree)),
        )
    return Convention.PER_PARTICLE if word.type == "PARTICLE" else Convention.PER_SITE


def _log10_unit(unit: Token | None, given: Node, exponent: Fraction, at: Location) -> float:
    """Return log10 of the unit in mol/L, checking its dimension."""
    first = first_token(given)
    wanted = unit_for(exponent)
    has_number = any(word.type == "NUMBER" for word in given.scan_values(lambda _: True))
    if unit is None and not (has_number and exponent):
        return 0.0
    try:
        factor = constant_unit(unit or "")
    except SurfaceChemError as fault:
        where = spot(at, unit or first)
        role = get_close_matches(unit or "", ("fit", "fixed"), n=1)
        if role:
            raise NotationError(
                "word after the constant", found=f"'{unit}'", allowed="a unit, fit or fixed",
                advice=f"write {where.rewritten(str(unit), role[0])}", where=where,
            ) from None  # fmt: skip
        raise fault.at(where) from None
    if factor.molar_exponent != exponent:
        where = spot(at, unit or first)
        raise UnitError(
            f"unit of the constant '{first[:40]}'",
            found=f"'{unit}'" if unit else "a bare number",
            allowed=f"a unit like {wanted}, as the dissolved species demand" if wanted else "no unit: the M cancel",
            advice=f"write {where.rewritten(unit, wanted) if unit else _with_unit(given, wanted, at)}",
            where=where,
        )
    return math.log10(factor.factor)


def _with_unit(given: Node, unit: str, at: Location) -> str:
    """Return the line with a unit after the numbers."""
    numbers = parts(given, 2) if given.data == "value" else list(given.scan_values(lambda _: True))
    last = [word for word in numbers if word is not None][-1]
    return spot(at, last).rewritten(last, f"{last} {unit}")

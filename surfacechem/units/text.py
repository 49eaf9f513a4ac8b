"""Unit text, screened before anything computes with it, and the table of everyday units.

Unit text comes from files: its length, signs, exponents and words are checked against closed lists. What is
left is a product of known words, which the table or pint can size.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import Final, TypeAlias

from surfacechem.errors import UnitError

__all__ = ["Product", "families", "family_of", "parsed", "screen", "shown", "table"]

LONGEST_UNIT: Final = 40
LARGEST_EXPONENT: Final = 9
NEAR_ENOUGH: Final = 0.5

Product: TypeAlias = tuple[tuple[str, Fraction], ...]
"""Words with their exponents, sorted: ``(("L", -1), ("mmol", 1))``."""

_TABLE: Final = """
mol/L 1, mmol/L 1e-3, M 1, mM 1e-3, uM 1e-6, nM 1e-9, pM 1e-12, umol/L 1e-6, nmol/L 1e-9, mol/l 1, mmol/l 1e-3, \
umol/l 1e-6, mol/dm^3 1, mmol/dm^3 1e-3, mol/m^3 1e-3, umol/mL 1e-3, mmol/mL 1
g/L 1, mg/mL 1, g/mL 1e3, mg/L 1e-3, ug/mL 1e-3
L 1, mL 1e-3, uL 1e-6, nL 1e-9, cL 1e-2, dL 1e-1, l 1, ml 1e-3, ul 1e-6, dm^3 1, cm^3 1e-3, mm^3 1e-6
mol 1, mmol 1e-3, umol 1e-6, nmol 1e-9, pmol 1e-12
g 1, kg 1e3, mg 1e-3, ug 1e-6, ng 1e-9
g/mol 1, kg/mol 1e3
K 1
J/mol 1, kJ/mol 1e3, cal/mol 4.184, kcal/mol 4184
J/(mol K) 1, kJ/(mol K) 1e3, cal/(mol K) 4.184, kcal/(mol K) 4184
J 1, kJ 1e3, mJ 1e-3, uJ 1e-6, nJ 1e-9, cal 4.184, mcal 4.184e-3, ucal 4.184e-6
W 1, mW 1e-3, uW 1e-6, J/s 1, uJ/s 1e-6, cal/s 4.184, ucal/s 4.184e-6
s 1, ms 1e-3, us 1e-6, ns 1e-9, min 60, h 3600, hr 3600, d 86400
1/s 1, Hz 1, kHz 1e3, MHz 1e6
nm 1, pm 1e-3, um 1e3, mm 1e6, cm 1e7, dm 1e8, m 1e9, Å 0.1, angstrom 0.1
1/cm 1, 1/m 1e-2, 1/nm 1e7
eV 1, meV 1e-3
L/(mol cm) 1, 1/(M cm) 1, 1/(mM cm) 1e3, 1/(uM cm) 1e6, L/(mmol cm) 1e3, m^2/mol 10, cm^2/mol 1e-3
1/nm^2 1, 1/um^2 1e-6, 1/cm^2 1e-14
1 1, % 1e-2, percent 1e-2
ppm 1
"""
"""Units that need no pint: a line per dimension, each unit in multiples of the line's first."""

_MORE_WORDS: Final = (
    *("mole", "moles", "molar", "liter", "litre", "liters", "litres", "gram", "kelvin", "joule", "watt", "hertz"),
    *("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "meter", "metre"),
    *("fmol", "fM", "fL", "pL", "pg", "MJ", "kW", "nW", "pJ", "ncal", "keV", "GHz", "fs", "ps"),
)
"""Words of pint that are known beside those of the table."""
_ALIASES: Final = dict.fromkeys(("", "AU", "a.u.", "OD", "ligands/particle", "ligands per particle"), "1")
_SIGNS: Final = str.maketrans(
    {
        "µ": "u",
        "μ": "u",
        "·": "*",
        "⋅": "*",
        "×": "*",
        "−": "-",
        "–": "-",
        "\N{ANGSTROM SIGN}": "Å",
        "\N{NO-BREAK SPACE}": " ",
    }
)
_SUPERSCRIPTS: Final = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_POWER: Final = r"[-+]?[0-9]+(?:\.[0-9]+)?"
# In brackets an exponent may be a fraction, M^(1/3); its slash is set aside before slashes divide.
_FRACTION: Final = re.compile(r"\^\s*\(\s*([-+]?[0-9]+)\s*/\s*([0-9]+)\s*\)")
_ITEM: Final = re.compile(
    rf"\s*(?:([A-Za-zÅ%]+)(?:\s*\^\s*(?:({_POWER})|\(({_POWER}(?::[0-9]+)?)\))|({_POWER}))?|1(?![0-9.]))\s*\*?\s*"
)
_EQUIVALENTS: Final = re.compile(r"(?i)(?:equivs?|equivalents?|eqs?)\b")
_GRAMMAR: Final = "units joined by '*', '/', a blank, '^' and brackets after '/', as in J/(mol K) or M^-1 cm^-1"


def screen(unit: str, *, largest_exponent: int = LARGEST_EXPONENT) -> Product:
    """Return the words of a unit with their exponents, or refuse the text."""
    if len(unit) > LONGEST_UNIT:
        raise _refused(unit, f"{len(unit)} characters", f"at most {LONGEST_UNIT} characters")
    plain = unit.strip()
    plain = _ALIASES.get(plain, plain).translate(_SIGNS).translate(_SUPERSCRIPTS).replace("**", "^")
    powers: dict[str, Fraction] = {}
    numerator, *denominators = _FRACTION.sub(r"^(\1:\2)", plain).split("/")
    for sign, part in [(1, numerator or "1"), *((-1, part) for part in denominators)]:
        inner = part.strip()
        is_grouped = inner.startswith("(") and inner.endswith(")")
        items = _items(inner[1:-1] if is_grouped else inner, unit, largest_exponent)
        if sign < 0 and len(items) > 1 and not is_grouped:
            raise _refused(unit, f"'/{inner}'", "one unit after each slash", "set brackets: J/(mol K)")
        for word, power in items:
            powers[word] = powers.get(word, Fraction(0)) + sign * power
    return tuple(sorted((word, power) for word, power in powers.items() if power))


def _items(text: str, unit: str, largest: int) -> list[tuple[str, Fraction]]:
    """Return words and exponents of a product; every other sign is refused."""
    items: list[tuple[str, Fraction]] = []
    position = 0
    while position < len(text) or not items:
        match = _ITEM.match(text, position)
        if match is None:
            raise _refused(unit, f"'{text[position:]}'" if text[position:] else "nothing", _GRAMMAR)
        word, *powers = match.groups()
        over, _, under = next((found for found in powers if found), "1").partition(":")
        if under and not int(under):
            raise _refused(unit, f"the exponent {over}/0", "a denominator above 0")
        power = Fraction(over) / int(under or 1)
        if abs(power) > largest:
            raise _refused(unit, f"the exponent {power}", f"exponents from -{largest} to {largest}")
        items.append((_known(word, unit), power) if word else ("", Fraction(0)))
        position = match.end()
    return items


def _known(word: str, unit: str) -> str:
    """Return the word if it is in the closed vocabulary."""
    vocabulary = _vocabulary()
    if word in vocabulary:
        return word
    if _EQUIVALENTS.fullmatch(word):
        raise _refused(unit, "equivalents of nothing", "equivalents of a named thing", "write e.g. 'equiv per InP37'")
    near = sorted(known for known in vocabulary if known.lower() == word.lower())
    spellings = [*sorted(vocabulary), *(each for family in families() for each in family)]
    near = near or get_close_matches(word, spellings, n=1, cutoff=NEAR_ENOUGH)
    advice = "did you mean '" + "' or '".join(near) + "'?" if near else "write e.g. mmol/L, uL, nm, kJ/mol, degC"
    raise _refused(unit, f"'{word}'", "a known unit; capitals count", advice)


def _refused(unit: str, found: str, allowed: str, advice: str = "write e.g. mmol/L, uL, nm, J/(mol K)") -> UnitError:
    return UnitError(f"unit '{shown(unit)}'", found=found, allowed=allowed, advice=advice)


def shown(text: str) -> str:
    """Return text short and printable enough for a message."""
    short = text if len(text) <= LONGEST_UNIT else text[:LONGEST_UNIT] + "..."
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in short)


@cache
def families() -> tuple[dict[str, float], ...]:
    """Return the table, a dictionary from unit to factor per dimension."""
    lines = _TABLE.strip().split("\n")
    entries = [[entry.rsplit(" ", 1) for entry in line.split(", ")] for line in lines]
    return tuple({unit.strip(): float(factor) for unit, factor in line} for line in entries)


@cache
def table() -> dict[Product, tuple[int, float]]:
    """Return the table by product: number of the family, factor to its first unit."""
    numbered = enumerate(families())
    return {parsed(unit): (number, factor) for number, family in numbered for unit, factor in family.items()}


@cache
def _vocabulary() -> frozenset[str]:
    words = re.findall(r"[A-Za-zÅ%]+", " ".join(unit for family in families() for unit in family))
    return frozenset(words).union(_MORE_WORDS)


@cache
def parsed(unit: str) -> Product:
    """Return the product of one of our own unit texts."""
    return screen(unit)


@cache
def family_of(unit: str) -> dict[Product, float]:
    """Return factors of all units of the table with the dimension of `unit`."""
    wanted, _ = table()[parsed(unit)]
    return {product: factor for product, (number, factor) in table().items() if number == wanted}

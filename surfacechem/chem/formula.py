"""Formulas: elements, groups, placeholders, isotopes and charges, counted exactly.

Read by a parser of our own, because a formula that is silently misread makes every balance and mass after it wrong.
``In37P20(O2CR)51`` with ``R = C13H27`` is read as its 51 groups and as its atoms; a placeholder that nobody declared
(``R``, ``R'``) counts like an element of unknown mass, so reactions balance before the ligand is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Final

from surfacechem.errors import FormulaError, Location

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Formula", "Part", "format_count", "hill", "is_group_name", "normal_primes"]

LONGEST_FORMULA: Final = 200
DEEPEST_BRACKET: Final = 8
MOST_DECIMALS: Final = 9

ELEMENTS: Final = frozenset(
    re.findall(
        r"\w+",
        "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y "
        "Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re "
        "Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt",
    )
)
"""Symbols of the elements (the tests compare them with molmass, which is imported for masses only)."""

_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_SIGNS: Final = str.maketrans("′’‘ʹ₀₁₂₃₄₅₆₇₈₉⋅•", "''''0123456789··")
_COUNT: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_ISOTOPE: Final = re.compile(r"\[(\d{1,3})([A-Z][a-z]?)\]")
_PLACEHOLDER: Final = re.compile(r"R'{0,9}(?![a-z'])")
_ELEMENT: Final = re.compile(r"[A-Z][a-z]?")
_CHARGE: Final = re.compile(r"\^(\d{0,2})([+-])")
_GROUP_NAME: Final = re.compile(r"[A-Z][A-Za-z]{0,19}'{0,9}")
_HYDRATE: Final = re.compile(r"\.\d+H2O$")


def normal_primes(text: str) -> str:
    """Return text with typographic primes, subscript digits and dots in their plain form."""
    return text.translate(_SIGNS)


def is_group_name(name: str) -> bool:
    """Whether `name` may be declared as a group: capital first, letters, primes at the end."""
    return _GROUP_NAME.fullmatch(name) is not None


def format_count(count: Fraction) -> str:
    """Return a count as people write it: ``"51"``, ``"25.5"``, ``"1/3"``.

    Examples
    --------
    >>> format_count(Fraction(51, 2))
    '25.5'
    """
    for n_digits in range(MOST_DECIMALS + 1):
        scaled = count * 10**n_digits
        if scaled.denominator == 1:
            digits = str(abs(scaled.numerator)).zfill(n_digits + 1)
            whole, decimals = digits[: len(digits) - n_digits], digits[len(digits) - n_digits :]
            return ("-" if count < 0 else "") + whole + ("." + decimals if decimals else "")
    return str(count)


def hill(composition: Mapping[str, Fraction]) -> str:
    """Return a composition in Hill order: carbon, hydrogen, then the alphabet.

    Examples
    --------
    >>> hill({"O": Fraction(2), "H": Fraction(34), "C": Fraction(18)})
    'C18H34O2'
    """
    order = sorted(composition, key=lambda symbol: ({"C": 0, "H": 1}.get(symbol, 2), symbol))
    return "".join(
        symbol + ("" if composition[symbol] == 1 else format_count(composition[symbol]))
        for symbol in order
        if composition[symbol]
    )


@dataclass(frozen=True, kw_only=True)
class Part:
    """``count`` of an element, a placeholder or a bracketed group, as written."""

    name: str
    count: Fraction
    atoms: tuple[tuple[str, Fraction], ...]
    charge: Fraction = Fraction(0)
    is_group: bool = False


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A formula as written and what it holds; equal when written alike and holding the same.

    Attributes
    ----------
    text : str
        As written.
    atoms : tuple of (str, Fraction)
        Count of each element, isotope (``"D"``, ``"[13C]"``) and undeclared placeholder, sorted by symbol.
    charge : Fraction
        In elementary charges.
    parts : tuple of Part
        The outermost elements and groups, in the order written.

    Examples
    --------
    >>> formula = Formula.parse("In37P20(O2CR)51", {"R": Formula.parse("C13H27")})
    >>> str(formula.composition["C"]), round(formula.mass, 1)
    ('714', 16463.3)
    """

    text: str
    atoms: tuple[tuple[str, Fraction], ...]
    charge: Fraction = Fraction(0)
    parts: tuple[Part, ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str, groups: Mapping[str, Formula] | None = None) -> Formula:
        """Read a formula.

        Parameters
        ----------
        text : str
            E.g. ``"In37P20(O2CR)51"``, ``"Cd^2+"``, ``"CdSe[Br]0.44"``, ``"[13C]H3OD"``.
        groups : mapping of str to Formula, optional
            Declared groups and placeholders; the longest name that fits wins over elements.

        Raises
        ------
        FormulaError
            If it cannot be read to its end; the error's `where` points at the character.
        """
        return _Reader(normal_primes(text.strip()), groups or {}).read()

    @cached_property
    def composition(self) -> dict[str, Fraction]:
        """Count of each element, isotope and undeclared placeholder."""
        return dict(self.atoms)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Placeholders without a declared formula."""
        return tuple(symbol for symbol, _ in self.atoms if _PLACEHOLDER.fullmatch(symbol))

    @cached_property
    def mass(self) -> float:
        """Molar mass from standard atomic weights [g/mol].

        Raises
        ------
        FormulaError
            If the formula holds an undeclared placeholder or an isotope that does not exist.
        """
        from molmass import ELECTRON

        total = sum(float(count) * _atomic_mass(symbol, self.text) for symbol, count in self.atoms)
        return float(total - float(self.charge) * ELECTRON.mass)

    def __str__(self) -> str:
        """Return the formula as written."""
        return self.text


def _atomic_mass(symbol: str, text: str) -> float:
    """Return the molar mass of an element or isotope [g/mol]."""
    from molmass import ELEMENTS as KNOWN

    if _PLACEHOLDER.fullmatch(symbol):
        raise FormulaError(
            f"mass of '{text}'",
            found=f"placeholder {symbol} without a formula",
            allowed="elements, isotopes and declared groups",
            advice=f"declare it, e.g. where {symbol} = C17H33",
        )
    isotope = _ISOTOPE.fullmatch("[2H]" if symbol == "D" else symbol)
    if isotope is None:
        return float(KNOWN[symbol].mass)
    number, element = int(isotope[1]), isotope[2]
    isotopes = KNOWN[element].isotopes
    if number not in isotopes:
        raise FormulaError(
            f"mass of '{text}'",
            found=f"isotope {symbol}",
            allowed=f"mass numbers {min(isotopes)} to {max(isotopes)} of {element}",
        )
    return float(isotopes[number].mass)


class _Reader:
    """Recursive descent over one formula; bounded in length, depth and digits."""

    def __init__(self, text: str, groups: Mapping[str, Formula]) -> None:
        self.text = text
        self.at = 0
        # The longest name first, so that "OAc" is not read as "OA" and a stray c.
        self.groups = sorted(groups.items(), key=lambda item: -len(item[0]))

    def read(self) -> Formula:
        """Read the whole text."""
        if not self.text or len(self.text) > LONGEST_FORMULA:
            raise FormulaError(
                "formula",
                found=f"{len(self.text)} characters" if self.text else "nothing",
                allowed=f"1 to {LONGEST_FORMULA} characters",
                advice="write long repeats as groups, e.g. (O2CR)51",
            )
        if _HYDRATE.search(self.text):
            self.at = self.text.rindex(".")
            raise self.fault(
                "a point before water of hydration", "a decimal count, or a dot between parts", "write ·5H2O"
            )
        parts = self.sequence("", depth=0)
        charge = self.charge() + sum((part.charge * part.count for part in parts), Fraction(0))
        if self.at < len(self.text):
            raise self.fault(f"'{self.text[self.at]}'", "elements, groups, counts and one charge at the end", "")
        return Formula(text=self.text, atoms=_total(parts), charge=charge, parts=tuple(parts))

    def sequence(self, closing: str, *, depth: int) -> list[Part]:
        """Read elements and groups up to the closing bracket or the charge."""
        parts: list[Part] = []
        multiplier = Fraction(1)
        while self.at < len(self.text) and self.text[self.at] not in {closing, "^"}:
            if self.text[self.at] == "·":
                self.at += 1
                multiplier = self.count()
                continue
            part = self.unit(depth)
            parts.append(_scaled(part, self.count() * multiplier))
        if not parts:
            raise self.fault("no element", "at least one element or group", "")
        return parts

    def unit(self, depth: int) -> Part:
        """Read one element, isotope, declared group, placeholder or bracket; its count is 1."""
        rest = self.text[self.at :]
        isotope = _ISOTOPE.match(rest)
        if isotope is not None and isotope[2] in ELEMENTS:
            self.at += isotope.end()
            return _single("D" if isotope[0] == "[2H]" else isotope[0])
        if rest[0] in _OPENING:
            return self.bracket(depth)
        for name, formula in self.groups:
            if rest.startswith(name) and not rest[len(name) :].startswith(("'", *"abcdefghijklmnopqrstuvwxyz")):
                self.at += len(name)
                return Part(name=name, count=Fraction(1), atoms=formula.atoms, charge=formula.charge, is_group=True)
        placeholder = _PLACEHOLDER.match(rest)
        if placeholder is not None:
            self.at += placeholder.end()
            return _single(placeholder[0])
        return self.element(rest)

    def element(self, rest: str) -> Part:
        """Read one element."""
        found = _ELEMENT.match(rest)
        symbol = found[0] if found else rest[0]
        if symbol != "D" and symbol not in ELEMENTS:
            raise self.fault(f"'{symbol}'", "symbols of elements and declared groups", self.declaring(symbol))
        self.at += len(symbol)
        return _single(symbol)

    def declaring(self, symbol: str) -> str:
        """Return advice on a symbol that is no element."""
        if not symbol[0].isalpha():
            return "write elements with counts and groups in brackets, e.g. Cd(O2CR)2"
        if symbol[0].islower():
            return "begin an element with a capital, as in Cd"
        return f"declare the group, e.g. where {symbol} = C6H5"

    def bracket(self, depth: int) -> Part:
        """Read a group in brackets."""
        start = self.at
        closing = _OPENING[self.text[start]]
        if depth >= DEEPEST_BRACKET:
            raise self.fault("one more bracket", f"at most {DEEPEST_BRACKET} brackets inside each other", "")
        self.at += 1
        parts = self.sequence(closing, depth=depth + 1)
        charge = self.charge() + sum((part.charge * part.count for part in parts), Fraction(0))
        if self.at >= len(self.text) or self.text[self.at] != closing:
            self.at = start
            raise self.fault("a bracket that is not closed", f"a '{closing}' for each '{self.text[start]}'", "")
        self.at += 1
        inner = self.text[start + 1 : self.at - 1]
        return Part(name=inner, count=Fraction(1), atoms=_total(parts), charge=charge, is_group=True)

    def count(self) -> Fraction:
        """Read a count, 1 where there is none."""
        found = _COUNT.match(self.text, self.at)
        if found is None:
            return Fraction(1)
        count = Fraction(found[0])
        following = self.text[found.end() : found.end() + 1]
        if count == 0 or (following.isdigit()):
            raise self.fault(
                "count 0" if count == 0 else "a very long count", "counts above 0 with at most nine digits", ""
            )
        self.at = found.end()
        return count

    def charge(self) -> Fraction:
        """Read ``^2+`` or ``^-``, 0 where there is none."""
        if not self.text.startswith("^", self.at):
            return Fraction(0)
        found = _CHARGE.match(self.text, self.at)
        if found is None:
            raise self.fault("a charge that cannot be read", "^ with a number and a sign", "write ^2+ or ^-")
        self.at = found.end()
        return Fraction(int(found[1] or 1) * (1 if found[2] == "+" else -1))

    def fault(self, found: str, allowed: str, advice: str) -> FormulaError:
        """Return an error that points at the present character."""
        where = Location(file="<formula>", column=min(self.at, len(self.text)) + 1, text=self.text)
        return FormulaError(f"formula '{self.text}'", found=found, allowed=allowed, advice=advice, where=where)


def _single(symbol: str) -> Part:
    return Part(name=symbol, count=Fraction(1), atoms=((symbol, Fraction(1)),))


def _scaled(part: Part, count: Fraction) -> Part:
    return Part(name=part.name, count=count, atoms=part.atoms, charge=part.charge, is_group=part.is_group)


def _total(parts: list[Part]) -> tuple[tuple[str, Fraction], ...]:
    """Return the summed atoms of parts, sorted by symbol."""
    total: dict[str, Fraction] = {}
    for part in parts:
        for symbol, count in part.atoms:
            total[symbol] = total.get(symbol, Fraction(0)) + part.count * count
    return tuple(sorted(total.items()))

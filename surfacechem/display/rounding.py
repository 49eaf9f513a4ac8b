"""Round values and errors together, by one rule everywhere.

The rule is that of the Particle Data Group (Review of Particle Physics, Introduction, section 5.3 "Rounding"):
of the three leading digits of the error, 100-354 keep two digits, 355-949 keep one, 950-999 become 1000 and keep
two; the value ends at the same decimal place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

from surfacechem.display.chemical import superscript

__all__ = ["Rounded", "round_estimate", "round_number", "si_prefix"]

BOUND_DIGITS = 2
WIDE = 30.0
"""Ratio of the ends of an interval beyond which it is shown by its ends."""
NUMBER_DIGITS = 4
LARGEST_PLAIN_EXPONENT = 3  # 9999 is written out, 1e4 is not
SMALLEST_PLAIN_EXPONENT = -3  # 0.001 is written out, 9e-4 is not
TWO_DIGITS_BELOW = 355
NOT_DETERMINED = "not determined"
EDGE_RTOL = 1e-9  # how far a value may stick out of its own interval through rounding of floats

# All digits of a float survive; the default context of the caller's thread does not matter.
EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)

PREFIXES = ((1.0, ""), (1e3, "m"), (1e6, "µ"), (1e9, "n"), (1e12, "p"), (1e15, "f"))


@dataclass(frozen=True, kw_only=True)
class Rounded:
    """A rounded number as digits: ``value``, its errors, and a common power of ten.

    ``str()`` gives plain text that can be typed (``(1.30 ± 0.10)e5 L/mol``), `typeset` the printed form.

    Attributes
    ----------
    value : str
        Digits of the value, or of the bound where `relation` is set.
    plus, minus : str
        Digits of the errors upward and downward; empty where there is none.
    ends : tuple of Rounded
        Both ends of an interval so wide that errors say less than they do; empty otherwise.
    exponent : int
        Common power of ten.
    relation : str
        ``""``, ``">"`` or ``"<"``.
    unit : str
        Shown after the number; ``""`` and ``"1"`` show nothing.
    """

    value: str
    plus: str = ""
    minus: str = ""
    ends: tuple[Rounded, ...] = ()
    exponent: int = 0
    relation: str = ""
    unit: str = ""

    def __str__(self) -> str:
        """Return plain text, e.g. ``1.30 (+0.20 -0.10)``, ``> 3.2e4``, ``(1.30 ± 0.10)e5 L/mol``."""
        power = f"e{self.exponent}" if self.exponent else ""
        return self._compose(power, [str(end) for end in self.ends])

    def typeset(self) -> str:
        """Return the printed form with true minus signs and superscripts, e.g. ``(1.30 ± 0.10) × 10⁵ L/mol``."""
        power = f" × 10{superscript(str(self.exponent))}" if self.exponent else ""
        ends = [end.typeset() for end in self.ends]
        return self._compose(power, ends).replace("-", "\N{MINUS SIGN}", self._n_minus_signs)

    @property
    def _n_minus_signs(self) -> int:
        # Only signs of the number, never a hyphen of the unit.
        return self.value.count("-") + (self.plus != self.minus)

    def _compose(self, power: str, ends: list[str]) -> str:
        number = self.value
        if self.plus and self.plus == self.minus:
            number = f"{self.value} ± {self.plus}"
            number = f"({number}){power}" if power else number
        elif ends:
            number = f"{self.value}{power} ({' to '.join(ends)})"
        elif self.plus:
            errors = f"+{self.plus} -{self.minus}"
            number = f"({self.value} {errors}){power}" if power else f"{self.value} ({errors})"
        else:
            number = f"{number}{power}"
        head = f"{self.relation} {number}" if self.relation else number
        return head if self.unit in {"", "1"} else f"{head} {self.unit}"


def round_estimate(
    value: float,
    *,
    stderr: float | None = None,
    interval: tuple[float | None, float | None] | None = None,
    unit: str = "",
) -> Rounded:
    """Round an estimate and its error, or its interval, together.

    Parameters
    ----------
    value : float
        The estimate.
    stderr : float, optional
        Standard error; ignored where `interval` is given. None, NaN or 0: the value stands alone.
    interval : tuple of float or None, optional
        Lower and upper end; None or infinite: open on that side. One open side gives a bound (rounded outward,
        so that it stays true), two give "not determined".
    unit : str
        Unit to show.

    Raises
    ------
    ValueError
        If `value` lies outside its interval.

    Examples
    --------
    >>> str(round_estimate(1.2968, stderr=0.1042))
    '1.30 ± 0.10'
    >>> str(round_estimate(1.2968, interval=(1.2, 1.5)))
    '1.30 (+0.20 -0.10)'
    >>> str(round_estimate(2900.0, interval=(490.0, 5.9e5), unit="L/mol"))
    '2900 (490 to 5.9e5) L/mol'
    >>> str(round_estimate(1e5, interval=(32817.0, None)))
    '> 3.2e4'
    """
    if interval is not None:
        lower, upper = (end if end is not None and math.isfinite(end) else None for end in interval)
        if lower is None or upper is None:
            return _round_bound(lower, upper, unit)
        if not math.isfinite(value):
            return round_number(value, unit=unit)
        minus, plus = _arms(value, lower, upper)
        is_wide = upper > WIDE * lower > 0
        return (
            _round_ends(value, lower, upper, unit) if is_wide else _round_pair(value, plus=plus, minus=minus, unit=unit)
        )
    if stderr is None or math.isnan(stderr) or stderr == 0 or not math.isfinite(value):
        return round_number(value, unit=unit)
    if math.isinf(stderr):
        return Rounded(value=NOT_DETERMINED)
    return _round_pair(value, plus=abs(stderr), minus=abs(stderr), unit=unit)


def round_number(value: float, *, n_digits: int = NUMBER_DIGITS, unit: str = "") -> Rounded:
    """Round a number without error to significant digits, trailing zeros of the fraction dropped.

    Examples
    --------
    >>> str(round_number(0.00025, unit="mol/L"))
    '2.5e-4 mol/L'
    """
    if math.isnan(value):
        return Rounded(value=NOT_DETERMINED)
    if math.isinf(value):
        return Rounded(value="∞" if value > 0 else "-∞", unit=unit)
    return _in_digits(_significant(_exact(value), n_digits), unit=unit, trims=True)


def si_prefix(magnitude: float, unit: str) -> tuple[float, str]:
    """Return the factor and the unit that show numbers up to `magnitude` well, e.g. ``(1e3, "mmol/L")``.

    Parameters
    ----------
    magnitude : float
        Largest number to be shown, in `unit`.
    unit : str
        A unit that takes a prefix, e.g. ``"mol/L"`` or ``"J"``.

    Examples
    --------
    >>> si_prefix(3e-4, "mol/L")
    (1000000.0, 'µmol/L')
    """
    size = abs(magnitude)
    if not math.isfinite(size) or size == 0:
        return PREFIXES[0][0], unit
    for factor, prefix in PREFIXES:
        if size * factor >= 1 - EDGE_RTOL:
            return factor, f"{prefix}{unit}"
    factor, prefix = PREFIXES[-1]
    return factor, f"{prefix}{unit}"


def _exact(value: float) -> Decimal:
    # repr is the shortest decimal that is this float: what the reader thinks it is.
    return Decimal(repr(float(value)))


def _arms(value: float, lower: float, upper: float) -> tuple[float, float]:
    """Return the distances from `value` down to `lower` and up to `upper`."""
    slack = EDGE_RTOL * max(abs(lower), abs(upper), upper - lower)
    if not lower - slack <= value <= upper + slack:
        raise ValueError(f"value {value!r} lies outside its interval {lower!r} to {upper!r}")
    return max(0.0, value - lower), max(0.0, upper - value)


def _significant(number: Decimal, n_digits: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    if number == 0:
        return Decimal(0)
    return number.quantize(Decimal(1).scaleb(number.adjusted() - n_digits + 1), rounding, EXACT)


def _round_bound(lower: float | None, upper: float | None, unit: str) -> Rounded:
    if lower is not None:
        return _in_digits(_significant(_exact(lower), BOUND_DIGITS, ROUND_FLOOR), relation=">", unit=unit)
    if upper is not None:
        return _in_digits(_significant(_exact(upper), BOUND_DIGITS, ROUND_CEILING), relation="<", unit=unit)
    return Rounded(value=NOT_DETERMINED)


def _round_ends(value: float, lower: float, upper: float, unit: str) -> Rounded:
    shown = round_number(value, n_digits=BOUND_DIGITS, unit=unit)
    ends = (
        _in_digits(_significant(_exact(number), BOUND_DIGITS, way), trims=True)
        for number, way in ((lower, ROUND_FLOOR), (upper, ROUND_CEILING))
    )
    return replace(shown, ends=tuple(ends))


def _last_place(error: Decimal) -> int:
    """Return the power of ten of the last digit to keep."""
    three = error.scaleb(2 - error.adjusted(), EXACT)
    # One digit up to 949; above, the same place makes 1000 of it, which then shows two.
    return error.adjusted() - 1 if three < TWO_DIGITS_BELOW else error.adjusted()


def _round_pair(value: float, *, plus: float, minus: float, unit: str) -> Rounded:
    errors = [_exact(error) for error in (plus, minus)]
    positive = [error for error in errors if error > 0]
    if not positive:
        return round_number(value, unit=unit)
    step = Decimal(1).scaleb(_last_place(min(positive)))
    digits = [number.quantize(step, ROUND_HALF_EVEN, EXACT) for number in (_exact(value), *errors)]
    exponent = _shown_exponent(max(digits, key=abs))
    shown = [_plain(number, exponent) for number in digits]
    return Rounded(value=shown[0], plus=shown[1], minus=shown[2], exponent=exponent, unit=unit)


def _in_digits(number: Decimal, *, relation: str = "", unit: str = "", trims: bool = False) -> Rounded:
    exponent = _shown_exponent(number)
    text = _plain(number, exponent)
    if trims and "." in text:
        text = text.rstrip("0").rstrip(".")
    return Rounded(value=text, exponent=exponent, relation=relation, unit=unit)


def _shown_exponent(number: Decimal) -> int:
    exponent = number.adjusted() if number else 0
    return 0 if SMALLEST_PLAIN_EXPONENT <= exponent <= LARGEST_PLAIN_EXPONENT else exponent


def _plain(number: Decimal, exponent: int) -> str:
    # A value that rounds to zero has no sign.
    return f"{(number or abs(number)).scaleb(-exponent, EXACT):f}"

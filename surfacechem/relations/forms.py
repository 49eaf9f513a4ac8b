"""The shapes that published curves have, as data that can be called and inverted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

__all__ = ["ConfinementGap", "Form", "Polynomial", "Power", "ShiftedExponential", "ShiftedPower"]


class Form(Protocol):
    """A curve ``y = f(x)``, monotone between `low` and `high`."""

    def __call__(self, x: float, /) -> float:
        """Return y."""

    def inverse(self, y: float, /, *, low: float, high: float) -> float:
        """Return the x between `low` and `high` with ``f(x) = y``, for a y that the curve takes there."""


@dataclass(frozen=True, kw_only=True)
class Polynomial:
    """``y = c0 + c1 x + c2 x^2 + ...``, rising where it is inverted."""

    coefficients: tuple[float, ...]

    def __call__(self, x: float, /) -> float:
        """Return y, by Horner's rule."""
        y = self.coefficients[-1]
        for coefficient in reversed(self.coefficients[:-1]):
            y = y * x + coefficient
        return y

    def inverse(self, y: float, /, *, low: float, high: float) -> float:
        """Return x by bisection down to neighbouring floats."""
        if math.isinf(high):
            high = 2 * low
            while self(high) < y:
                high *= 2
        while True:
            middle = (low + high) / 2
            if middle in {low, high}:
                return middle
            if self(middle) < y:
                low = middle
            else:
                high = middle


@dataclass(frozen=True, kw_only=True)
class Power:
    """``y = factor x^exponent``."""

    factor: float
    exponent: float

    def __call__(self, x: float, /) -> float:
        """Return y."""
        return float(self.factor * x**self.exponent)

    def inverse(self, y: float, /, *, low: float, high: float) -> float:  # noqa: ARG002 (one root for all x > 0)
        """Return x."""
        return float((y / self.factor) ** (1 / self.exponent))


@dataclass(frozen=True, kw_only=True)
class ShiftedPower:
    """``y = offset + factor (scale x)^exponent``; `scale` brings x to the unit of the article."""

    offset: float
    factor: float
    exponent: float
    scale: float = 1.0

    def __call__(self, x: float, /) -> float:
        """Return y."""
        return float(self.offset + self.factor * (self.scale * x) ** self.exponent)

    def inverse(self, y: float, /, *, low: float, high: float) -> float:  # noqa: ARG002 (one root for all x > 0)
        """Return x."""
        return float(((y - self.offset) / self.factor) ** (1 / self.exponent) / self.scale)


@dataclass(frozen=True, kw_only=True)
class ConfinementGap:
    """``y = bulk + 1/(a x^2 + b x + c)``: a gap that falls to its bulk value with size."""

    bulk: float
    a: float
    b: float
    c: float = 0.0

    def __call__(self, x: float, /) -> float:
        """Return y."""
        return self.bulk + 1 / ((self.a * x + self.b) * x + self.c)

    def inverse(self, y: float, /, *, low: float, high: float) -> float:  # noqa: ARG002 (one positive root)
        """Return x, by the root of the quadratic that does not cancel for small particles."""
        rest = 1 / (y - self.bulk) - self.c
        return 2 * rest / (self.b + math.sqrt(self.b**2 + 4 * self.a * rest))


@dataclass(frozen=True, kw_only=True)
class ShiftedExponential:
    """``y = offset + factor exp(-x/decay)``."""

    offset: float
    factor: float
    decay: float

    def __call__(self, x: float, /) -> float:
        """Return y."""
        return self.offset + self.factor * math.exp(-x / self.decay)

    def inverse(self, y: float, /, *, low: float, high: float) -> float:  # noqa: ARG002 (one root)
        """Return x."""
        return -self.decay * math.log((y - self.offset) / self.factor)

"""What a fit says of one constant or amount, and how it is shown: as value and log10, a coupling as its energy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.constant import constant_name, known_as
from surfacechem.chem.convention import Convention, Role
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.display import Rounded, round_estimate, round_number
from surfacechem.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Energy", "Estimate", "Interval", "Scale", "find_parameter", "place_heading"]

Interval = tuple[float | None, float | None]

UNKNOWN = 3.0
"""Decades beyond which a standard error is called not determined."""
LARGEST_PERCENT = 100.0


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How a fitted parameter is shown: on axes its log10 and else its value, of a coupling its energy everywhere.

    Attributes
    ----------
    name : str
        ``"K[11]"``; ``"w[X1]"`` for ``W[X1] = exp(w/RT)``.
    unit : str
        Unit of the value: ``"L/mol"``, ``"kJ/mol"``.
    per_decade : float, optional
        Energy of a factor of ten in W [kJ/mol], RT ln 10; None where log10 is shown.
    """

    name: str
    unit: str = ""
    per_decade: float | None = None

    @property
    def axis(self) -> str:
        """What stands at an axis: ``"log₁₀ K[11]"``, ``"w[X1] [kJ/mol]"``."""
        return f"log₁₀ {self.name}" if self.per_decade is None else f"{self.name} [{self.unit}]"

    @property
    def factor(self) -> float:
        """Where `axis` shows a parameter, per unit of its log10."""
        return 1.0 if self.per_decade is None else self.per_decade

    def rounded(
        self, log10_value: float, *, log10_stderr: float | None = None, log10_interval: Interval | None = None
    ) -> Rounded:
        """Return value and error, or interval, rounded together; the value alone without them."""
        value = self._value(log10_value)
        if log10_interval is not None:
            lower, upper = (None if end is None else self._value(end) for end in log10_interval)
            return round_estimate(value, interval=(lower, upper), unit=self.unit)
        if log10_stderr is None:
            return round_number(value, unit=self.unit)
        slope = value * LN10 if self.per_decade is None else self.per_decade
        return round_estimate(value, stderr=slope * log10_stderr, unit=self.unit)

    def rounded_place(
        self, log10_value: float, *, log10_stderr: float | None = None, log10_interval: Interval | None = None
    ) -> Rounded:
        """Return what `axis` shows, log10 or the energy, with its error or interval."""
        unit = "" if self.per_decade is None else self.unit
        if log10_interval is not None:
            ends = tuple(None if end is None else end * self.factor for end in log10_interval)
            return round_estimate(log10_value * self.factor, interval=(ends[0], ends[1]), unit=unit)
        stderr = None if log10_stderr is None else log10_stderr * self.factor
        return round_estimate(log10_value * self.factor, stderr=stderr, unit=unit)

    def error(self, log10_stderr: float) -> str:
        """Return a standard error alone: relative, as a factor where that is large, or the energy."""
        percent = 100.0 * LN10 * log10_stderr
        if not log10_stderr <= UNKNOWN:
            return "not determined"
        if self.per_decade is not None:
            return f"{self.per_decade * log10_stderr:.2g} {self.unit}"
        return f"{percent:.2g} %" if percent < LARGEST_PERCENT else f"factor {10.0**log10_stderr:.2g}"

    def change(self, log10_move: float) -> str:
        """Return by how much the parameter changes when its log10 moves: relative, or the energy."""
        if self.per_decade is not None:
            return f"{self.per_decade * log10_move:+.2g} {self.unit}"
        return f"{100 * (10.0**log10_move - 1):+.2g} %" if abs(log10_move) <= UNKNOWN else f"{log10_move:+.2g} decades"

    def _value(self, log10_value: float) -> float:
        return float(10.0**log10_value) if self.per_decade is None else log10_value * self.per_decade


@dataclass(frozen=True, kw_only=True)
class Energy:
    """A constant ``W = exp(w/RT)`` as the energy w that it stands for, or an enthalpy.

    Attributes
    ----------
    name : str
        ``"w[X1]"``, ``"dH[11]"``.
    meaning : str
        What it is, in words.
    temperature : float
        That of the model [K].
    value : float, optional
        w [kJ/mol] there.
    stderr : float, optional
        Its standard error [kJ/mol].
    interval : tuple of float or None, optional
        As `Estimate.log10_interval` [kJ/mol].
    """

    name: str
    meaning: str
    temperature: float
    value: float | None = None
    stderr: float | None = None
    interval: Interval | None = None

    @property
    def per_decade(self) -> float:
        """Energy of a factor of ten in W [kJ/mol]."""
        return GAS_CONSTANT * self.temperature * LN10 / 1e3

    def at(self, log10_value: float | None, log10_stderr: float | None, log10_interval: Interval | None) -> Energy:
        """Return the energy at another log10 of W, with its error and interval."""
        unit = self.per_decade
        return replace(
            self,
            value=None if log10_value is None else log10_value * unit,
            stderr=None if log10_stderr is None else log10_stderr * unit,
            interval=None if log10_interval is None else _scaled(log10_interval, unit),
        )


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One constant or concentration of the model, fitted or not.

    Attributes
    ----------
    name : str
        ``"K[11]"``, ``"c[Host] of run 1"``.
    role : Role
        Whether it was fitted, fixed, or followed from others.
    log10_value : float, optional
        Best value, mol/L based; None where the data say nothing of it at all.
    log10_stderr : float, optional
        Standard error from the curvature; None where not determined, or not fitted.
    log10_interval : tuple of float or None, optional
        Profile-likelihood interval at the level of the fit; an end that is None is open: the data only bound the
        other side. None as a whole: not fitted.
    convention : Convention
        To what a constant refers.
    unit : str
        Unit of the value, e.g. ``"L/mol"``.
    energy : Energy, optional
        What a coupling of neighbours is as an energy; then `rounded` gives that.
    """

    name: str
    role: Role
    log10_value: float | None
    log10_stderr: float | None = None
    log10_interval: Interval | None = None
    convention: Convention = Convention.SOLUTION
    unit: str = ""
    energy: Energy | None = None

    @property
    def title(self) -> str:
        """The name to show: ``"w[X1]"`` for a coupling, which is shown as an energy."""
        return self.scale.name

    @property
    def scale(self) -> Scale:
        """How it is shown."""
        if self.energy is None:
            return Scale(name=self.name, unit=self.unit)
        return Scale(name=self.energy.name, unit="kJ/mol", per_decade=self.energy.per_decade)

    def at(
        self, log10_value: float, *, log10_stderr: float | None = None, log10_interval: Interval | None = None
    ) -> Estimate:
        """Return the same constant or amount with another value, its energy along with it."""
        energy = None if self.energy is None else self.energy.at(log10_value, log10_stderr, log10_interval)
        return replace(
            self, log10_value=log10_value, log10_stderr=log10_stderr, log10_interval=log10_interval, energy=energy
        )

    @property
    def is_bound_only(self) -> bool:
        """Tell whether the data bound it from one side, or from none."""
        return self.log10_interval is not None and None in self.log10_interval

    def rounded(self) -> Rounded:
        """Return the value with its error, or the bound, rounded together."""
        if self.log10_value is None or self.log10_interval == (None, None):
            return round_estimate(np.nan)
        return self.scale.rounded(self.log10_value, log10_stderr=self.log10_stderr, log10_interval=self.log10_interval)

    def rounded_place(self) -> Rounded:
        """Return log10 of the value, of a coupling the energy, with its standard error."""
        if self.log10_value is None or self.log10_interval == (None, None):
            return round_estimate(np.nan)
        if self.is_bound_only:
            return self.scale.rounded_place(self.log10_value, log10_interval=self.log10_interval)
        return self.scale.rounded_place(self.log10_value, log10_stderr=self.log10_stderr)


def place_heading(estimates: Sequence[Estimate], error: str = "s.e.") -> str:
    """Return the heading of a column of `Estimate.rounded_place`."""
    return f"log10 ± {error}" if all(each.energy is None for each in estimates) else f"log10, or energy, ± {error}"


def find_parameter(names: Sequence[str], name: str, *, what: str) -> int:
    """Return which of the fitted parameters is meant; ``w[X1]`` and ``W[X1]`` are one coupling.

    Raises
    ------
    UnknownNameError
        If it was not fitted; `what` says what was asked of it.
    """
    meant = constant_name(name)
    if meant not in names:
        fitted = ", ".join(map(known_as, names))
        raise UnknownNameError(
            f"{what} '{name}'", found="not fitted", allowed=fitted, advice="name a parameter that was fitted"
        )
    return names.index(meant)


def _scaled(interval: Interval, unit: float) -> Interval:
    lower, upper = (None if end is None else end * unit for end in interval)
    return lower, upper

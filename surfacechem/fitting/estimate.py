"""What a fit says of one constant or amount: its value with error and interval, rounded together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.constant import constant_name, known_as
from surfacechem.chem.convention import Convention, Role
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.display import Rounded, round_estimate
from surfacechem.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Energy", "Estimate", "Interval", "find_parameter"]

Interval = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Energy:
    """A constant ``W = exp(w/RT)`` as the energy w that it stands for.

    Attributes
    ----------
    name : str
        ``"w[X1]"``.
    meaning : str
        Which neighbours gain it; above 0 they attract each other.
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

    def at(self, log10_value: float | None, log10_stderr: float | None, log10_interval: Interval | None) -> Energy:
        """Return the energy at another log10 of W, with its error and interval."""
        unit = GAS_CONSTANT * self.temperature * LN10 / 1e3
        return replace(
            self,
            value=None if log10_value is None else log10_value * unit,
            stderr=None if log10_stderr is None else log10_stderr * unit,
            interval=None if log10_interval is None else _scaled(log10_interval, unit),
        )

    def rounded(self) -> Rounded:
        """Return the energy with its error, or the bound, rounded together."""
        value = np.nan if self.value is None else self.value
        if self.interval is None:
            return round_estimate(value, stderr=self.stderr, unit="kJ/mol")
        return round_estimate(value, interval=self.interval, unit="kJ/mol")


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
        return self.name if self.energy is None else self.energy.name

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
        if self.energy is not None:
            return self.energy.rounded()
        value = 10.0**self.log10_value
        if self.log10_interval is None:
            stderr = None if self.log10_stderr is None else self.log10_stderr * LN10 * value
            return round_estimate(value, stderr=stderr, unit=self.unit)
        lower, upper = (None if end is None else 10.0**end for end in self.log10_interval)
        return round_estimate(value, interval=(lower, upper), unit=self.unit)

    def rounded_log10(self) -> Rounded:
        """Return log10 of the value with its standard error."""
        if self.log10_value is None or self.log10_interval == (None, None):
            return round_estimate(np.nan)
        if self.is_bound_only:
            return round_estimate(self.log10_value, interval=self.log10_interval)
        return round_estimate(self.log10_value, stderr=self.log10_stderr)


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

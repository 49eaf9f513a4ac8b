"""One published curve: what it relates, where it holds, where it comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from surfacechem.constants import HC
from surfacechem.errors import RangeError
from surfacechem.relations.guard import (
    LARGEST_DIAMETER,
    ExtrapolationWarning,
    cluster_caution,
    require_positive,
    warn_once_each,
)

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemWarning
    from surfacechem.relations.forms import Form

__all__ = ["FIRST_TRANSITION", "RANGE_NOT_READABLE", "Interval", "Law", "Quantity"]

FIRST_TRANSITION: Final = "first transition"
"""Where an absorption law holds, if at no fixed wavelength."""
RANGE_NOT_READABLE: Final = "the article's own range was not readable; the range given is derived from the formula"


class Quantity(StrEnum):
    """What a number is; the value is its name in tables."""

    WAVELENGTH = "wavelength"
    ENERGY = "photon energy"
    DIAMETER = "diameter"
    RADIUS = "radius"
    EDGE = "tetrahedron edge"
    VOLUME = "volume"
    CROSS_SECTION = "absorption cross section"
    ABSORPTION = "molar absorption coefficient"
    CONCENTRATION = "particle concentration"

    @property
    def unit(self) -> str:
        """Kernel unit."""
        return _UNITS[self]


_UNITS: Final = {
    Quantity.WAVELENGTH: "nm",
    Quantity.ENERGY: "eV",
    Quantity.DIAMETER: "nm",
    Quantity.RADIUS: "nm",
    Quantity.EDGE: "nm",
    Quantity.VOLUME: "nm^3",
    Quantity.CROSS_SECTION: "cm^2",
    Quantity.ABSORPTION: "L/(mol cm)",
    Quantity.CONCENTRATION: "mol/L",
}


@dataclass(frozen=True, kw_only=True)
class Interval:
    """From `low` to `high`; `high` may be infinite."""

    low: float
    high: float = math.inf

    def __contains__(self, value: float) -> bool:
        """Whether a value lies in the interval, ends included."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        """Return ``"2 to 8"`` or ``"above 286"``."""
        return f"above {self.low:.4g}" if math.isinf(self.high) else f"{self.low:.4g} to {self.high:.4g}"


@dataclass(frozen=True, kw_only=True)
class Law:
    """A curve ``result = form(input)`` with its range and source; call it with a float in kernel units.

    Outside `meaningful` it refuses; outside `published`, where the article states a range, it warns; at cluster
    energies and sizes it always warns.

    Attributes
    ----------
    name : str
        ``"CdSe diameter, Yu 2003"``.
    material : str
        ``"CdSe"``.
    formula : str
        As in the source, units included.
    input, result : Quantity
        What goes in and comes out.
    form : Form
        The curve, in kernel units.
    is_rising : bool
        Whether the result rises with the input.
    meaningful : Interval
        Input on which the curve is positive and monotone in the right direction, derived from the formula.
    published : Interval, optional
        Input range that the source states.
    level : str
        Evidence level of the formula (docs/library.md).
    reference, doi : str
        Source; `doi` empty where it was not readable.
    at : str
        Where the absorption is measured: `FIRST_TRANSITION` or a fixed position.
    size_law : str
        The law of the same source that gives the size from the first transition; empty: none.
    half_width : float, optional
        Half width at half maximum of the band for which the result holds [eV]; it scales as its inverse.

    Examples
    --------
    >>> from surfacechem.relations import law
    >>> round(law("CdSe diameter, Yu 2003")(550.0), 2)
    3.04
    """

    name: str
    material: str
    formula: str
    input: Quantity
    result: Quantity
    form: Form
    is_rising: bool
    meaningful: Interval
    published: Interval | None = None
    level: Literal["article", "abstract", "secondary"]
    reference: str
    doi: str = ""
    at: str = FIRST_TRANSITION
    size_law: str = ""
    half_width: float | None = None

    def __call__(self, value: float) -> float:
        """Return the result at `value`.

        Parameters
        ----------
        value : float
            The input [unit of `input`].

        Returns
        -------
        float
            The result [unit of `result`].

        Raises
        ------
        RangeError
            Outside `meaningful`.

        Warns
        -----
        ExtrapolationWarning
            Outside `published`, or, where that is not known, beyond the largest diameter that any law is published for.
        ClusterWarning
            At energies or sizes of clusters.
        """
        result = self.evaluate(value)
        warn_once_each(self.cautions(value), stacklevel=2)
        return result

    def invert(self, result: float) -> float:
        """Return the input [unit of `input`] at which the law gives `result` [unit of `result`].

        Raises
        ------
        RangeError
            If no input in `meaningful` gives it.

        Warns
        -----
        ExtrapolationWarning, ClusterWarning
            As a call does.
        """
        value = self.solve(result)
        warn_once_each(self.cautions(value), stacklevel=2)
        return value

    def evaluate(self, value: float) -> float:
        """Return the result at `value`, refused outside `meaningful`, without warnings."""
        require_positive(value, f"{self.input} for '{self.name}'", self.input.unit)
        if value not in self.meaningful:
            raise self._refusal(self.input, value)
        try:
            result = self.form(value)
        except ArithmeticError:
            result = math.nan
        if not (math.isfinite(result) and result > 0):
            raise self._refusal(self.input, value)
        return result

    def solve(self, result: float) -> float:
        """Return the input that gives `result`, refused outside `meaningful`, without warnings."""
        require_positive(result, f"{self.result} for '{self.name}'", self.result.unit)
        if not self._takes(result):
            raise self._refusal(self.result, result)
        try:
            value = self.form.inverse(result, low=self.meaningful.low, high=self.meaningful.high)
        except ArithmeticError:
            value = math.nan
        if not (math.isfinite(value) and value > 0):
            raise self._refusal(self.result, result)
        return value

    def cautions(self, value: float) -> tuple[SurfaceChemWarning, ...]:
        """Return the warnings due at an input that `evaluate` takes."""
        found: list[SurfaceChemWarning] = []
        if self.published is not None and value not in self.published:
            found.append(
                ExtrapolationWarning(
                    f"'{self.name}' is published for {self.input} {self.published} {self.input.unit}; "
                    f"{value:.4g} is outside: take the result as a guess"
                )
            )
        known = {self.input: value, self.result: self.form(value)}
        energy, radius = known.get(Quantity.ENERGY), known.get(Quantity.RADIUS)
        diameter = known.get(Quantity.DIAMETER) if radius is None else 2 * radius
        if self.published is None and diameter is not None and diameter > LARGEST_DIAMETER:
            found.append(
                ExtrapolationWarning(
                    f"'{self.name}' has no readable range, and no law here is published for more than "
                    f"{LARGEST_DIAMETER:g} nm; {diameter:.4g} nm is outside: take the result as a guess"
                )
            )
        caution = cluster_caution(
            self.material,
            wavelength=known.get(Quantity.WAVELENGTH) if energy is None else HC / energy,
            diameter=diameter,
        )
        return (*found, caution) if caution is not None else tuple(found)

    @property
    def range_note(self) -> str:
        """What is known of the range, in words."""
        if self.published is not None:
            return f"published for {self.input} {self.published} {self.input.unit}"
        return RANGE_NOT_READABLE

    def _takes(self, result: float) -> bool:
        """Whether the curve takes `result` between the ends of `meaningful`."""
        ends = sorted(self._limit(end) for end in (self.meaningful.low, self.meaningful.high))
        return ends[0] <= result <= ends[1]

    def _limit(self, end: float) -> float:
        """Return the value of the curve at an end of its range, where it may be 0 or infinite."""
        try:
            return self.form(end)
        except ArithmeticError:
            return math.inf

    def _refusal(self, quantity: Quantity, value: float) -> RangeError:
        return RangeError(
            f"{quantity} for '{self.name}'",
            found=f"{value:.6g} {quantity.unit}",
            allowed=f"{self.input} {self.meaningful} {self.input.unit}, where the curve is positive and monotone",
            advice="use a law of another material or source, or measure it; see relations.table()",
        )

"""Draws of the fitted parameters, from replicas or from a posterior, in the plain form that predictions take."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (read back by type)
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from surfacechem.constants import LN10
from surfacechem.errors import DataError, FitError
from surfacechem.fitting.estimate import Scale
from surfacechem.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.display import Fact
    from surfacechem.fitting.estimate import Estimate
    from surfacechem.fitting.result import FitResult

__all__ = ["Draws", "refuse_unusable", "summary"]

Floats = NDArray[np.float64]

LAYOUT = "surfacechem draws 1"
FEWEST = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """Values that the parameters of a fit may have, all equally likely.

    Attributes
    ----------
    kind : str
        Where they come from: ``"residual bootstrap"``, ``"posterior"``.
    parameter_names : tuple of str
        What was fitted, in the order of the fit.
    ln_values : ndarray, shape (n_draws, n_parameters)
        ``ln_values[d, k]`` is ln of parameter ``k`` in draw ``d`` (K in mol/L units, as in the fit).
    seed : int
        Seed they were made with.
    inputs : tuple of str
        SHA-256 of the data sets that were fitted.
    notes : tuple of str
        What was assumed, such as the priors.
    scales : tuple of Scale
        How each parameter is shown: a coupling as its energy.
    """

    kind: str
    parameter_names: tuple[str, ...]
    ln_values: Floats
    seed: int
    inputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    scales: tuple[Scale, ...] = ()

    @property
    def shown_on(self) -> tuple[Scale, ...]:
        """How each parameter is shown, by its log10 where nothing is said."""
        return self.scales or tuple(Scale(name=name) for name in self.parameter_names)

    @property
    def log10_values(self) -> Floats:
        """The same as log10, shape (n_draws, n_parameters)."""
        log10: Floats = self.ln_values / LN10
        return log10

    def refuse_other(self, result: FitResult) -> None:
        """Refuse a fit that these draws do not belong to.

        Raises
        ------
        FitError
            If its parameters or its data are others.
        """
        hashes = tuple(data.sha256 for data in result.datasets)
        if self.parameter_names != result.parameter_names or (self.inputs and self.inputs != hashes):
            raise FitError(
                f"{self.kind} of {', '.join(self.parameter_names)}",
                found="a fit of other parameters or other data",
                allowed="the fit that the draws were made from",
                advice="draw again from this fit ('surfacechem bootstrap' or 'surfacechem posterior')",
            )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; `from_dict` gives the same numbers back."""
        return {"layout": LAYOUT, **to_plain(self)}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Draws:
        """Return the draws that `to_dict` described.

        Raises
        ------
        DataError
            If the mapping is not one of draws.
        """
        fields = dict(plain)
        layout = fields.pop("layout", None)
        if layout != LAYOUT:
            advice = "give the file that 'surfacechem bootstrap' or 'surfacechem posterior' wrote"
            raise DataError("draws", found=f"layout {str(layout)[:80]!r}", allowed=repr(LAYOUT), advice=advice)
        draws = from_plain(fields, cls, what="draws")
        if draws.ln_values.ndim != 2 or draws.ln_values.shape[1] != len(draws.parameter_names):  # noqa: PLR2004  (a table)
            found = f"values of shape {draws.ln_values.shape} for {len(draws.parameter_names)} parameters"
            raise DataError("draws", found=found, advice="the file was changed or cut; draw again")
        if not np.isfinite(draws.ln_values).all():
            raise DataError("draws", found="values that are no numbers", advice="the file was changed; draw again")
        return draws


def summary(drawn: Sequence[Estimate], *, level: float, facts: Sequence[Fact]) -> dict[str, Any]:
    """Return what stands beside draws in JSON: level, the interval of each parameter as it is shown, and facts."""
    intervals = []
    for each in drawn:
        place, value, ends = each.scale.factor, each.log10_value, each.log10_interval or (None, None)
        lower, upper = (None if end is None else end * place for end in ends)
        middle = None if value is None else value * place
        intervals.append({"shown": each.scale.axis, "value": middle, "lower": lower, "upper": upper})
    return {"level": level, "intervals": intervals, "facts": [to_plain(fact) for fact in facts]}


def refuse_unusable(*, seed: int, **counts: int) -> None:
    """Refuse a seed below 0, and counts of draws below 2.

    Raises
    ------
    FitError
        Naming the argument.
    """
    if seed < 0:
        raise FitError("seed of the draws", found=str(seed), allowed="0 or more", advice="write e.g. 1")
    for name, count in counts.items():
        if count < FEWEST:
            raise FitError(
                name.replace("_", " "), found=str(count), allowed=f"{FEWEST} or more", advice="write e.g. 1000"
            )

"""Uncertainty bands of predicted quantities, from derivatives or from draws.

A band by derivatives is exact for small errors of ln K. It is taken on a scale on which the quantity is free to move
(logarithm for concentrations, logit for fractions), so that no band leaves the possible range.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Scale", "band_of_draws", "delta_band"]


LARGEST_EXPONENT = 700.0  # exp of more is no float


class Scale(StrEnum):
    """The scale on which a quantity's error is taken as normal."""

    LINEAR = "linear"
    LOG = "log"
    LOGIT = "logit"


def delta_band(values: Floats, stderr: Floats, *, reach: float, scale: Scale) -> tuple[Floats, Floats]:
    """Return lower and upper end of the band around `values`.

    Parameters
    ----------
    values, stderr : ndarray
        Quantities and their standard errors, same shape and unit.
    reach : float
        How many standard errors the band reaches to either side.
    scale : Scale
        Where the error is normal.
    """
    width = reach * stderr
    if scale is Scale.LINEAR:
        return values - width, values + width
    slope = values if scale is Scale.LOG else values * (1 - values)
    # At the ends of the range (nothing there, or everything) the quantity cannot move to first order.
    with np.errstate(over="ignore"):
        relative = np.divide(width, slope, out=np.zeros_like(values), where=slope > 0)
        stretch = np.exp(np.minimum(relative, LARGEST_EXPONENT))
        if scale is Scale.LOG:
            return values / stretch, values * stretch
    # expit(logit v -+ r) without forming the logit, which is infinite at the ends.
    return values / (values + (1 - values) * stretch), values * stretch / (values * stretch + (1 - values))


def band_of_draws(draws: Floats, *, level: float) -> tuple[Floats, Floats]:
    """Return the central quantiles over the first axis; draws that are NaN (unsolved) are left out.

    Parameters
    ----------
    draws : ndarray, shape (n_draws, ...)
        The quantity for every draw of the constants.
    level : float
        Probability between the quantiles.
    """
    ordered = np.sort(draws, axis=0)  # NaN last; numpy.nanquantile takes ten times as long
    last = np.maximum(np.isfinite(draws).sum(axis=0), 1) - 1
    lower, upper = (_quantile(ordered, share * last) for share in (0.5 - level / 2, 0.5 + level / 2))
    return lower, upper


def _quantile(ordered: Floats, place: Floats) -> Floats:
    """Return what stands at a place with fractions in each ordered column."""
    below = np.floor(place).astype(np.intp)[np.newaxis]
    above = np.ceil(place).astype(np.intp)[np.newaxis]
    first, second = (np.take_along_axis(ordered, rows, axis=0)[0] for rows in (below, above))
    return np.asarray(first + (place - below[0]) * (second - first))

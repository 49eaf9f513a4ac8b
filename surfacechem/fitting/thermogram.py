"""Raw power of a calorimeter to heats: a baseline through the quiet stretches, the area between it and the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["baseline", "integrate"]

QUIET_SHARE: Final = 0.2
"""Share of each interval, at its end, in which the cell is taken to have come to rest."""
LEAST_QUIET: Final = 3


def integrate(time: NDArray[np.float64], power: NDArray[np.float64], starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the heat of each injection, the area between power and baseline until the next one.

    Parameters
    ----------
    time : ndarray, shape (n_samples,)
        Time of each sample [s], growing.
    power : ndarray, shape (n_samples,)
        Power that the instrument puts into the cell [W, or any unit]; ``power[s]`` belongs to ``time[s]``.
    starts : ndarray, shape (n_injections,)
        Index of the first sample of each injection, growing and above 0.

    Returns
    -------
    ndarray, shape (n_injections,)
        Heat [unit of power times s], negative where the injection gives off heat and the instrument puts in less.

    Examples
    --------
    >>> seconds = np.arange(0.0, 400.0)
    >>> pulse = np.where((seconds >= 110) & (seconds < 120), -2.0, 0.0)
    >>> integrate(seconds, 5.0 + pulse, np.array([100, 250])).round(6).tolist()
    [-20.0, 0.0]
    """
    excess = power - baseline(time, power, starts)
    # Trapezoids summed once; an injection's area is a difference of that sum, so that none is counted twice.
    area = np.concatenate([[0.0], np.cumsum(0.5 * (excess[1:] + excess[:-1]) * np.diff(time))])
    return np.diff(area[np.append(starts, len(time) - 1)])


def baseline(time: NDArray[np.float64], power: NDArray[np.float64], starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the power without injections, through the medians of the quiet ends of the intervals between them.

    A monotone cubic (PCHIP) joins the medians: unlike a free spline it makes no bump of its own between them. General
    estimators of baselines must guess where peaks are; here the instrument has said when it injects.

    Parameters
    ----------
    time, power, starts : ndarray
        As for `integrate`.

    Returns
    -------
    ndarray, shape (n_samples,)
        Baseline in the unit of the power; before the first and after the last median it goes on in a straight line.
    """
    from scipy.interpolate import PchipInterpolator

    ends = np.append(starts, len(time))
    begins = np.concatenate([[0], starts])
    counts = np.maximum(np.ceil(QUIET_SHARE * (ends - begins)).astype(int), np.minimum(LEAST_QUIET, ends - begins))
    nodes = np.array([time[end - count : end].mean() for end, count in zip(ends, counts, strict=True)])
    levels = np.array([np.median(power[end - count : end]) for end, count in zip(ends, counts, strict=True)])
    curve = PchipInterpolator(nodes, levels)
    inside = np.clip(time, nodes[0], nodes[-1])
    slopes = np.where(time < nodes[0], curve(nodes[0], 1), curve(nodes[-1], 1))
    return np.asarray(curve(inside) + slopes * (time - inside), dtype=np.float64)

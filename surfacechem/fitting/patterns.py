"""Whether residuals are random from point to point: successive differences and runs of one sign."""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Runs", "count_runs", "successive_differences"]

Floats = NDArray[np.float64]


class Runs(NamedTuple):
    """Runs of residuals of one sign."""

    n_runs: int
    expected: float
    chance: float  # of so few, if signs are random


def successive_differences(residuals: Floats) -> tuple[float, float]:
    """Return the von Neumann ratio, and by how many standard deviations it is below that of random residuals.

    The ratio of squared successive differences to squares is 2 for random residuals, with variance
    4 (n - 2)/(n^2 - 1) (von Neumann, Ann. Math. Stat. 12, 367 (1941), 10.1214/aoms/1177731677). Channels count by
    their share of the sum of squares; those of a spectrum are not independent, so together they count as one.

    Parameters
    ----------
    residuals : ndarray, shape (n_points, n_channels)
        Measured minus fitted; NaN where nothing was measured.
    """
    filled = np.where(np.isfinite(residuals), residuals, 0.0)
    n_points = len(filled)
    total = np.sum(filled**2)
    if n_points < 4 or total == 0:  # noqa: PLR2004  (no pattern can be seen in less)
        return 2.0, 0.0
    ratio = float(np.sum(np.diff(filled, axis=0) ** 2) / total)
    return ratio, (2.0 - ratio) / float(np.sqrt(4.0 * (n_points - 2) / (n_points**2 - 1)))


def count_runs(residuals: Floats) -> Runs:
    """Count the runs of one sign, and how improbable so few are (Wald & Wolfowitz 1940, 10.1214/aoms/1177731909).

    Where there are several channels their strongest common pattern is looked at, as channels are not independent.

    Parameters
    ----------
    residuals : ndarray, shape (n_points, n_channels)
        Measured minus fitted; NaN where nothing was measured.
    """
    seen = residuals[np.isfinite(residuals).any(axis=1)]
    filled = np.where(np.isfinite(seen), seen, 0.0)
    series = filled[:, 0] if filled.shape[1] == 1 else np.linalg.svd(filled, full_matrices=False)[0][:, 0]
    is_above = series[series != 0] > 0
    n_above = int(is_above.sum())
    n_below = len(is_above) - n_above
    if not n_above or not n_below:
        return Runs(min(len(is_above), 1), 1.0, 1.0)
    n_runs = 1 + int(np.count_nonzero(np.diff(is_above.astype(int))))
    expected = 1.0 + 2.0 * n_above * n_below / len(is_above)
    return Runs(n_runs, expected, _chance_of_runs(n_runs, n_above, n_below))


def _chance_of_runs(n_runs: int, n_above: int, n_below: int) -> float:
    """Return the probability of at most so many runs when all orders of the signs are equally likely."""
    ways = 0
    for number in range(2, n_runs + 1):
        half = number // 2
        if number % 2 == 0:
            ways += 2 * comb(n_above - 1, half - 1) * comb(n_below - 1, half - 1)
        else:
            ways += comb(n_above - 1, half - 1) * comb(n_below - 1, half)
            ways += comb(n_above - 1, half) * comb(n_below - 1, half - 1)
    return ways / comb(n_above + n_below, n_above)

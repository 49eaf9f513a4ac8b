"""The signs of combinations of totals, for many points at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import EXACT

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["screen"]


@njit(**EXACT)
def screen(points: NDArray[np.int64], sources: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return -1, 0 or 1 for each point and combination; what vanishes within its tolerance is 0.

    Parameters
    ----------
    points : ndarray of int, shape (n_points,)
        Rows of `sources`.
    sources : ndarray, shape (n_all, n_sources)
        Totals [mol/L].
    shares : ndarray, shape (n_combinations, n_sources + 1)
        The combinations; last, the tolerance as a share of the sum of sizes.
    """
    signs = np.empty((len(points), len(shares)), np.int8)
    n_sources = sources.shape[1]
    for k in range(len(shares)):
        for p in range(len(points)):
            total, size = 0.0, 0.0
            for j in range(n_sources):
                part = shares[k, j] * sources[points[p], j]
                total += part
                size += abs(part)
            is_zero = abs(total) <= shares[k, n_sources] * size
            signs[p, k] = 0 if is_zero else (1 if total > 0.0 else -1)
    return signs

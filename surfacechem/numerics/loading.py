"""How totals, weights and starting values of points get into lanes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from surfacechem.numerics.arithmetic import EXACT, INNER, fma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Loading", "load", "load_weights", "warm_up"]

_EPSILON = 2.220446049250313e-16


class Loading(NamedTuple):
    """Where the inputs of a network's programs come from (see `programs.Programs`).

    Attributes
    ----------
    pointer, source, share : ndarray
        Totals of balances, then of roots, as sparse combinations of sources: input ``n_unknowns + 1 + k`` is the sum
        of ``share[e] * sources[source[e]]`` over ``pointer[k] <= e < pointer[k + 1]``.
    host : ndarray of int
        Sources copied to the inputs after these: totals of hosts.
    weight : ndarray of int
        Weights copied to the inputs after these.
    warm_pointer, warm_output, warm_share : ndarray
        Unknowns for a warm start, in the same way as combinations of outputs.
    """

    pointer: NDArray[np.int64]
    source: NDArray[np.int64]
    share: NDArray[np.float64]
    host: NDArray[np.int64]
    weight: NDArray[np.int64]
    warm_pointer: NDArray[np.int64]
    warm_output: NDArray[np.int64]
    warm_share: NDArray[np.float64]


@njit(**INNER)
def load(
    loading: Loading, memory: NDArray[np.float64], points: NDArray[np.uintp], sources: NDArray[np.float64]
) -> None:
    """Put totals of points into the first lanes, and zero passes."""
    k = len(loading.warm_pointer) - 1
    for lane in range(len(points)):
        memory[k, lane] = 0.0
    for number in range(len(loading.pointer) - 1):
        k += 1
        first, last = loading.pointer[number], loading.pointer[number + 1]
        if last == first + 1:
            share, source = loading.share[first], loading.source[first]
            for lane in range(len(points)):
                memory[k, lane] = share * sources[points[lane], source]
        else:
            shares, numbers = loading.share[first:last], loading.source[first:last]
            for lane in range(len(points)):
                memory[k, lane] = _combine(shares, numbers, sources[points[lane]])
    for host in loading.host:
        k += 1
        for lane in range(len(points)):
            memory[k, lane] = sources[points[lane], host]


@njit(**{**EXACT, "no_cpython_wrapper": True})
def _combine(shares: NDArray[np.float64], numbers: NDArray[np.int64], sources: NDArray[np.float64]) -> float:
    """Return ``shares @ sources[numbers]`` as if in twice the precision; 0 where it vanishes within rounding.

    Tight complexes at equivalence live on the difference of totals, so that its rounding would be their error.
    """
    total, lost, size = 0.0, 0.0, 0.0
    for k in range(len(numbers)):
        source = sources[numbers[k]]
        product = shares[k] * source
        lost += fma(shares[k], source, -product)
        grown = total + product
        part = grown - total
        lost += (total - (grown - part)) + (product - part)
        total = grown
        size += abs(product)
    total += lost
    return 0.0 if abs(total) <= _EPSILON * size else total


@njit(**INNER)
def load_weights(
    loading: Loading, memory: NDArray[np.float64], points: NDArray[np.uintp], ln_weight: NDArray[np.float64]
) -> None:
    """Put weights into lanes: those of the points, or into all lanes those that all points share."""
    k = len(loading.warm_pointer) - 1 + len(loading.pointer) + len(loading.host)
    for weight in loading.weight:
        if len(ln_weight) == 1:
            memory[k] = ln_weight[0, weight]
        else:
            for lane in range(min(len(points), memory.shape[1])):
                memory[k, lane] = ln_weight[points[lane], weight]
        k += 1


@njit(**INNER)
def warm_up(
    loading: Loading, memory: NDArray[np.float64], points: NDArray[np.uintp], start: NDArray[np.float64]
) -> None:
    """Put unknowns from earlier outputs into the first lanes, where they are finite."""
    for r in range(len(loading.warm_pointer) - 1):
        row, first, last = memory[r], loading.warm_pointer[r], loading.warm_pointer[r + 1]
        for lane in range(len(points)):
            z = 0.0
            for entry in range(first, last):
                z += loading.warm_share[entry] * start[points[lane], loading.warm_output[entry]]
            row[lane] = z if math.isfinite(z) else row[lane]

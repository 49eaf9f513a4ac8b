"""Factorisation of the Hessian in every lane at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from surfacechem.numerics.arithmetic import LANE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["factorise", "substitute"]

_PIVOT_FLOOR = 1e-15  # of the diagonal entry: what is smaller is rounding, and must not turn a step around


@njit(**LANE)
def factorise(matrix: NDArray[np.float64], spare: NDArray[np.float64], m: int, n: int) -> None:
    """Replace packed lower triangles by ``L`` below and ``1/D`` on the diagonal, ``H = L D L^T``.

    Parameters
    ----------
    matrix : ndarray, shape (m * (m + 1) / 2, n_lanes)
        Packed by rows; positive semidefinite.
    spare : ndarray, shape (m, n_lanes)
        Working memory.
    m, n : int
        Order of the matrices, number of lanes.
    """
    for j in range(m):
        diagonal, kept = matrix[j * (j + 1) // 2 + j], spare[j]
        for lane in range(n):
            kept[lane] = _PIVOT_FLOOR * diagonal[lane] + 1e-300
    for j in range(m):
        diagonal, kept = matrix[j * (j + 1) // 2 + j], spare[j]
        for lane in range(n):
            diagonal[lane] = 1.0 / max(diagonal[lane], kept[lane])
        for i in range(j + 1, m):
            below = matrix[i * (i + 1) // 2 + j]
            for k in range(j + 1, i):
                target, ratio = matrix[i * (i + 1) // 2 + k], matrix[k * (k + 1) // 2 + j]
                for lane in range(n):
                    target[lane] -= ratio[lane] * below[lane]
            target = matrix[i * (i + 1) // 2 + i]
            for lane in range(n):
                ratio_here = below[lane] * diagonal[lane]
                target[lane] -= ratio_here * below[lane]
                below[lane] = ratio_here


@njit(**LANE)
def substitute(matrix: NDArray[np.float64], vector: NDArray[np.float64], m: int, n: int) -> None:
    """Replace `vector`, shape (m, n_lanes), by the solution of ``H p = vector``."""
    for i in range(m):
        target = vector[i]
        for j in range(i):
            ratio, known = matrix[i * (i + 1) // 2 + j], vector[j]
            for lane in range(n):
                target[lane] -= ratio[lane] * known[lane]
    for i in range(m - 1, -1, -1):
        target, inverse = vector[i], matrix[i * (i + 1) // 2 + i]
        for lane in range(n):
            target[lane] *= inverse[lane]
        for j in range(i + 1, m):
            ratio, known = matrix[j * (j + 1) // 2 + i], vector[j]
            for lane in range(n):
                target[lane] -= ratio[lane] * known[lane]

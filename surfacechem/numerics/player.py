"""The interpreter of tapes: one loop over lanes for each operation, vector code each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from surfacechem.numerics.arithmetic import LANE, exp, ln

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["play"]


@njit(**LANE)
def play(
    code: NDArray[np.uint32],
    factor: NDArray[np.float64],
    memory: NDArray[np.float64],
    begin: int,
    end: int,
    n: int,
) -> None:
    """Play operations `begin` to `end` on the first `n` lanes of `memory`, shape (n_registers, n_lanes)."""
    for number in range(begin, end):
        op, f = code[number, 0], factor[number]
        t, a = memory[code[number, 1]], memory[code[number, 2]]
        b, c = memory[code[number, 3]], memory[code[number, 4]]
        if op == 4:
            for k in range(n):
                t[k] = c[k] + f * a[k] * b[k]
        elif op == 2:
            for k in range(n):
                t[k] = a[k] + f * b[k]
        elif op == 3:
            for k in range(n):
                t[k] = f * a[k] * b[k]
        elif op == 1:
            for k in range(n):
                t[k] = f * a[k]
        elif op == 6:
            for k in range(n):
                t[k] = exp(a[k] - b[k])
        elif op == 7:
            for k in range(n):
                t[k] = exp(a[k])
        elif op == 8:
            for k in range(n):
                t[k] = ln(a[k])
        elif op == 5:
            for k in range(n):
                t[k] = a[k] / b[k]
        elif op == 9:
            for k in range(n):
                t[k] = 1.0 / (1.0 + a[k])
        elif op == 10:
            for k in range(n):
                t[k] = max(a[k], b[k])
        elif op == 11:
            for k in range(n):
                t[k] = a[k] + f * abs(b[k])
        elif op == 12:
            for k in range(n):
                t[k] = max(a[k], abs(b[k]))
        elif op == 13:
            for k in range(n):
                t[k] = max(f * a[k], 0.0)
        elif op == 14:
            for k in range(n):
                t[k] = 1.0 / max(a[k], f * b[k] + 1e-300)
        elif op == 15:
            for k in range(n):
                t[k] = 0.05 * (1.0 + 0.01 * b[k] * b[k]) * max(min(a[k], 10.0) - 0.5, 0.0)
        elif op == 16:
            for k in range(n):
                t[k] = f / max(f, a[k])
        elif op == 17:
            for k in range(n):
                # The series where the logarithm would cancel.
                t[k] = 1.0 - 0.5 * a[k] if a[k] < 1e-5 else ln(1.0 + a[k]) / a[k]
        elif op == 18:
            for k in range(n):
                t[k] = a[k]
        elif op == 19:
            for k in range(n):
                t[k] = f - a[k]
        elif op == 20:
            for k in range(n):
                t[k] = a[k] if b[k] > f else 0.0
        else:
            for k in range(n):
                t[k] = f

"""The players of tapes: an interpreter with one loop over lanes for each operation, and compiled programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from numba import njit
from numba.extending import overload

from surfacechem.numerics.arithmetic import LANE, exp, ln
from surfacechem.numerics.tape import Op

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surfacechem.numerics.tape import Program

__all__ = ["Compiled", "Interpreted", "advance", "interpret", "play"]

_SMALL_DISTANCE = 1e-5  # where ln(1 + d) would cancel


class Interpreted(NamedTuple):
    """A program for the interpreter."""

    code: NDArray[np.uint32]
    factor: NDArray[np.float64]


class Compiled(NamedTuple):
    """A program compiled for one network: a C function of the memory and the number of lanes (see `generated`)."""

    call: Any


def interpret(program: Program) -> Interpreted:
    """Return a program as the interpreter takes it."""
    return Interpreted(program.code, program.factor)


def advance(player: Interpreted | Compiled, memory: NDArray[np.float64], n: int) -> None:
    """Play a program on the first `n` lanes of `memory`, shape (n_registers, n_lanes); for kernels only."""
    raise NotImplementedError


@overload(advance, jit_options=LANE, strict=False)
def _choose(player: Any, memory: Any, n: Any) -> Any:  # noqa: ANN401, ARG001 - numba's own types
    if player.instance_class is Compiled:
        return lambda player, memory, n: player.call(memory.ctypes, n)
    return lambda player, memory, n: play(player.code, player.factor, memory, n)


@njit(**LANE)
def play(code: NDArray[np.uint32], factor: NDArray[np.float64], memory: NDArray[np.float64], n: int) -> None:  # noqa: C901, PLR0912 - one branch for each operation
    """Interpret a program on the first `n` lanes of `memory`, shape (n_registers, n_lanes)."""
    for number in range(len(code)):
        op, f = code[number, 0], factor[number]
        t, a = memory[code[number, 1]], memory[code[number, 2]]
        b, c = memory[code[number, 3]], memory[code[number, 4]]
        if op == Op.FUSE:
            for k in range(n):
                t[k] = c[k] + f * a[k] * b[k]
        elif op == Op.ADD:
            for k in range(n):
                t[k] = a[k] + f * b[k]
        elif op == Op.MULTIPLY:
            for k in range(n):
                t[k] = f * a[k] * b[k]
        elif op == Op.SCALE:
            for k in range(n):
                t[k] = f * a[k]
        elif op == Op.EXP:
            for k in range(n):
                t[k] = exp(a[k] - b[k])
        elif op == Op.EXP_ONE:
            for k in range(n):
                t[k] = exp(a[k])
        elif op == Op.LN:
            for k in range(n):
                t[k] = ln(a[k])
        elif op == Op.DIVIDE:
            for k in range(n):
                t[k] = a[k] / b[k]
        elif op == Op.LOGISTIC:
            for k in range(n):
                t[k] = 1.0 / (1.0 + a[k])
        elif op == Op.LARGER:
            for k in range(n):
                t[k] = max(a[k], b[k])
        elif op == Op.ADD_SIZE:
            for k in range(n):
                t[k] = a[k] + f * abs(b[k])
        elif op == Op.LARGER_SIZE:
            for k in range(n):
                t[k] = max(a[k], abs(b[k]))
        elif op == Op.POSITIVE:
            for k in range(n):
                t[k] = max(f * a[k], 0.0)
        elif op == Op.PIVOT:
            for k in range(n):
                t[k] = 1.0 / max(a[k], f * b[k] + 1e-300)
        elif op == Op.DAMPING:
            for k in range(n):
                t[k] = 0.05 * (1.0 + 0.01 * b[k] * b[k]) * max(min(a[k], 10.0) - 0.5, 0.0)
        elif op == Op.LIMIT:
            for k in range(n):
                t[k] = f / max(f, a[k])
        elif op == Op.SHORTEN:
            for k in range(n):
                t[k] = 1.0 - 0.5 * a[k] if a[k] < _SMALL_DISTANCE else ln(1.0 + a[k]) / a[k]
        elif op == Op.COPY:
            for k in range(n):
                t[k] = a[k]
        elif op == Op.OFFSET:
            for k in range(n):
                t[k] = f - a[k]
        elif op == Op.UNLESS:
            for k in range(n):
                t[k] = a[k] if b[k] > f else 0.0
        else:
            for k in range(n):
                t[k] = f

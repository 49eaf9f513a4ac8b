"""The players of tapes: an interpreter with one loop over lanes for each operation, and compiled programs.

Both are C functions of one signature, called through their address: the loops around them are compiled once for all.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from llvmlite import ir  # type: ignore[import-untyped]  # as numba is
from numba import carray, cfunc, njit, types
from numba.extending import intrinsic

from surfacechem.numerics.announcing import announce
from surfacechem.numerics.arithmetic import LANE, exp, ln
from surfacechem.numerics.tape import Op

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surfacechem.numerics.tape import Program

__all__ = ["OPTIONS", "SIGNATURE", "Player", "advance", "interpret"]

_SMALL_DISTANCE = 1e-5  # where ln(1 + d) would cancel
OPTIONS = {key: LANE[key] for key in ("cache", "error_model", "fastmath")}
SIGNATURE = types.void(
    types.CPointer(types.uint32),  # code
    types.CPointer(types.float64),  # factor
    types.intp,  # n_operations
    types.CPointer(types.float64),  # memory
    types.intp,  # row: distance of two registers
    types.intp,  # n: lanes to play
)


class Player(NamedTuple):
    """A program and the address of what plays it: the interpreter, or code compiled for it (see `generated`)."""

    address: int
    code: NDArray[np.uint32]
    factor: NDArray[np.float64]


def interpret(program: Program) -> Player:
    """Return a program as the interpreter plays it."""
    return Player(_interpreter().address, program.code, program.factor)


@cache
def _interpreter() -> Any:  # noqa: ANN401 - numba is untyped
    """Return the compiled interpreter; the code lives as long as this object."""
    with announce():
        return cfunc(SIGNATURE, **OPTIONS)(_play)


@intrinsic
def _call(typing_context: object, address: object, *arguments: object) -> Any:  # noqa: ANN401, ARG001 - numba calls it with types
    """Call a C function of integers and addresses."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401 - numba's code builder
        word = context.get_value_type(types.intp)
        function = ir.FunctionType(ir.VoidType(), [word] * len(signature.args[1]))
        words = [builder.extract_value(values[1], k) for k in range(len(signature.args[1]))]
        builder.call(builder.inttoptr(values[0], function.as_pointer()), words)
        return context.get_dummy_value()

    return types.void(types.intp, types.StarArgTuple([types.intp] * 6)), generate


@njit(**LANE)
def advance(player: Player, memory: NDArray[np.float64], n: int) -> None:
    """Play a program on the first `n` lanes of `memory`, shape (n_registers, n_lanes)."""
    _call(
        player.address,
        player.code.ctypes.data,
        player.factor.ctypes.data,
        len(player.code),
        memory.ctypes.data,
        memory.strides[0] // 8,
        n,
    )


def _play(code: Any, factor: Any, n_operations: int, memory: Any, row: int, n: int) -> None:  # noqa: ANN401, C901, PLR0912, PLR0917 - C pointers, one branch for each operation
    """Interpret a program on the first `n` lanes of memory."""
    codes = carray(code, (n_operations, 5))
    factors = carray(factor, n_operations)
    registers = carray(memory, (1, row))  # as many as the code asks for: rows are not counted
    for number in range(n_operations):
        op, f = codes[number, 0], factors[number]
        t, a = registers[codes[number, 1]], registers[codes[number, 2]]
        b, c = registers[codes[number, 3]], registers[codes[number, 4]]
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

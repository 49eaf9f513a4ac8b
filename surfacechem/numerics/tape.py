"""Arithmetic recorded once per network and replayed for every point.

A tape is a list of elementwise operations on registers. It has two players: the interpreter (`player`), which needs no
compilation, and source code generated from it (`generated`). So there is one text of the mathematics (`passes` and
`programs`), and what the two compute cannot drift apart.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OPERANDS", "Op", "Program", "Tape"]


class Op(IntEnum):
    """What an operation does to its operands ``a, b, c`` and factor ``f``."""

    CONSTANT = 0  # f
    SCALE = 1  # f a
    ADD = 2  # a + f b
    MULTIPLY = 3  # f a b
    FUSE = 4  # c + f a b
    DIVIDE = 5  # a / b
    EXP = 6  # exp(a - b)
    EXP_ONE = 7  # exp(a)
    LN = 8  # ln(a)
    LOGISTIC = 9  # 1 / (1 + a)
    LARGER = 10  # max(a, b)
    ADD_SIZE = 11  # a + f |b|
    LARGER_SIZE = 12  # max(a, |b|)
    POSITIVE = 13  # max(f a, 0)
    PIVOT = 14  # 1 / max(a, f b + 1e-300)
    DAMPING = 15  # of the fast step: a is the worst gap, b the pass
    LIMIT = 16  # f / max(f, a)
    SHORTEN = 17  # ln(1 + a) / a
    COPY = 18  # a
    OFFSET = 19  # f - a
    UNLESS = 20  # a where b > f, else 0


class Program(NamedTuple):
    """A tape ready to be played.

    Attributes
    ----------
    code : ndarray of uint32, shape (n_ops, 5)
        ``op, target, a, b, c``; the last four are registers.
    factor : ndarray, shape (n_ops,)
        The factor ``f`` of each operation.
    n_registers : int
        Registers needed, inputs included.
    """

    code: NDArray[np.uint32]
    factor: NDArray[np.float64]
    n_registers: int


OPERANDS = {
    Op.CONSTANT: 0,
    Op.SCALE: 1,
    Op.EXP_ONE: 1,
    Op.LN: 1,
    Op.LOGISTIC: 1,
    Op.POSITIVE: 1,
    Op.LIMIT: 1,
    Op.SHORTEN: 1,
    Op.COPY: 1,
    Op.OFFSET: 1,
    Op.FUSE: 3,
}


class Tape:
    """Records operations; values are numbered in the order in which they arise, inputs first.

    Parameters
    ----------
    n_inputs : int
        Registers that the caller fills; they are never overwritten but by `store`.
    """

    def __init__(self, n_inputs: int) -> None:
        self.n_inputs = n_inputs
        self.operations: list[tuple[Op, int, int, int, float]] = []
        self.numbers: dict[tuple[Op, int, int, int, float], int] = {}
        self.stored: dict[int, int] = {}
        self.readings: list[tuple[int, list[int]]] = []

    def record(self, op: Op, a: int = 0, b: int = 0, c: int = 0, f: float = 0.0) -> int:
        """Return the number of an operation's value; what has been recorded before is not done again."""
        operation = (op, a, b, c, f)
        if operation not in self.numbers:
            self.numbers[operation] = self.n_inputs + len(self.operations)
            self.operations.append(operation)
        return self.numbers[operation]

    def add(self, a: int | None, b: int, f: float = 1.0) -> int:
        """Return ``a + f b``; no `a` counts as zero."""
        if a is None:
            return b if f == 1.0 else self.record(Op.SCALE, b, f=f)
        return self.record(Op.ADD, a, b, f=f)

    def fuse(self, c: int | None, a: int, b: int, f: float = 1.0) -> int:
        """Return ``c + f a b``; no `c` counts as zero."""
        if c is None:
            return self.record(Op.MULTIPLY, a, b, f=f)
        return self.record(Op.FUSE, a, b, c, f)

    def store(self, value: int, register: int) -> None:
        """Put a value into an input's register, when everything else has been computed."""
        self.stored[register] = value

    def read(self, values: list[int]) -> None:
        """Mark that the caller reads `values` here, before anything recorded later is played."""
        self.readings.append((len(self.operations), values))

    def freeze(self, outputs: list[int]) -> tuple[Program, NDArray[np.int64]]:
        """Return the program and the registers of `outputs`, which are read at its end."""
        program, readings = self.freeze_parts(outputs)
        return program, readings[-1][1]

    def freeze_parts(self, outputs: list[int]) -> tuple[Program, list[tuple[int, NDArray[np.int64]]]]:
        """Return the program and, for each reading, the operations before it and its registers; `outputs` are the last.

        Registers are reused as soon as their value is no longer needed, so that a chunk stays in the first cache; what
        nobody needs is left out.
        """
        self.read(outputs)
        last = self._find_last_uses()
        place, n_registers = self._place_values(last)
        code: list[tuple[int, ...]] = []
        factor: list[float] = []
        stops = [0]
        for number, (op, *operands, f) in enumerate(self.operations):
            if last[self.n_inputs + number] >= 0:
                used = [place[value] for value in operands[: OPERANDS.get(op, 2)]]
                code.append((op, place[self.n_inputs + number], *used, *(0,) * (3 - len(used))))
                factor.append(f)
            stops.append(len(code))
        code += [(Op.COPY, register, place[value], 0, 0) for register, value in self.stored.items()]
        factor += [0.0] * len(self.stored)
        stops[-1] = len(code)
        program = Program(
            code=np.array(code, dtype=np.uint32).reshape(-1, 5), factor=np.array(factor), n_registers=n_registers
        )
        readings = [(stops[at], np.array([place[v] for v in values], dtype=np.int64)) for at, values in self.readings]
        return program, readings

    def _place_values(self, last: list[int]) -> tuple[list[int], int]:
        """Return the register of each value, -1 where nobody needs it, and how many registers there are."""
        place = list(range(self.n_inputs))
        dying: list[list[int]] = [[] for _ in range(len(self.operations) + 1)]
        free: list[int] = []
        n_registers = self.n_inputs
        for number in range(len(self.operations)):
            value = self.n_inputs + number
            if last[value] < 0:
                place.append(-1)
            else:
                if not free:
                    free.append(n_registers)
                    n_registers += 1
                place.append(free.pop())
                dying[last[value]].append(value)
            # Only now: a target that is also an operand would cost the vector loop its proof of independence.
            free += [place[gone] for gone in dying[number]]
        return place, n_registers

    def _find_last_uses(self) -> list[int]:
        """Return for each value the operation that needs it last, -1 for none."""
        end = len(self.operations)
        last = [-1] * (self.n_inputs + end)
        for at, values in self.readings:
            for value in values:
                last[value] = max(last[value], at)
        for value in self.stored.values():
            last[value] = end
        for number in reversed(range(end)):
            if last[self.n_inputs + number] >= 0:
                op, a, b, c, _ = self.operations[number]
                for value in (a, b, c)[: OPERANDS.get(op, 2)]:
                    last[value] = max(last[value], number)
        return last

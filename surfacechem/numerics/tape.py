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
    split : int
        Operations before it are played once, those from it on for each direction.
    """

    code: NDArray[np.uint32]
    factor: NDArray[np.float64]
    n_registers: int
    split: int


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
        self.split = -1
        self.operations: list[tuple[Op, int, int, int, float]] = []
        self.stored: dict[int, int] = {}

    def record(self, op: Op, a: int = 0, b: int = 0, c: int = 0, f: float = 0.0) -> int:
        """Append an operation and return the number of its value."""
        self.operations.append((op, a, b, c, f))
        return self.n_inputs + len(self.operations) - 1

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

    def begin_directions(self) -> None:
        """Mark what follows as played for each direction; values made before are kept for it."""
        self.split = len(self.operations)

    def freeze(self, outputs: list[int]) -> tuple[Program, NDArray[np.int64]]:
        """Return the program and the registers of `outputs`.

        Registers are reused as soon as their value is no longer needed, so that a chunk stays in the first cache.
        """
        for register, value in self.stored.items():
            self.operations.append((Op.COPY, value, register, 0, 0.0))
        last = self._find_last_uses(outputs)
        place = list(range(self.n_inputs))
        free: list[int] = []
        n_registers = self.n_inputs
        code = np.zeros((len(self.operations), 5), dtype=np.uint32)
        for number, (op, a, b, c, _) in enumerate(self.operations):
            used = (a, b, c)[: OPERANDS.get(op, 2)]
            code[number, 0] = op
            code[number, 2 : 2 + len(used)] = [place[value] for value in used]
            is_store = number >= len(self.operations) - len(self.stored)
            if is_store:
                target = b
            elif free:
                target = free.pop()
            else:
                target, n_registers = n_registers, n_registers + 1
            # Only now: a target that is also an operand would cost the vector loop its proof of independence.
            free += [place[value] for value in set(used) if last[value] == number and value >= self.n_inputs]
            place.append(target)
            code[number, 1] = target
            if last[self.n_inputs + number] < 0 and not is_store:
                free.append(target)
        program = Program(
            code=code,
            factor=np.array([f for *_, f in self.operations], dtype=float),
            n_registers=n_registers,
            split=len(self.operations) if self.split < 0 else self.split,
        )
        return program, np.array([place[value] for value in outputs], dtype=np.int64)

    def _find_last_uses(self, outputs: list[int]) -> list[int]:
        """Return for each value the operation that needs it last, -1 for none."""
        end = len(self.operations)
        last = [-1] * (self.n_inputs + end)
        for number, (op, a, b, c, _) in enumerate(self.operations):
            for value in (a, b, c)[: OPERANDS.get(op, 2)]:
                is_kept = value < self.n_inputs + self.split <= self.n_inputs + number
                last[value] = end if is_kept else max(last[value], number)
        for value in outputs:
            last[value] = end
        return last

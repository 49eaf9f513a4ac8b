from __future__ import annotations

import numpy as np
import pytest

from surfacechem.numerics.player import advance, interpret
from surfacechem.numerics.tape import Op, Tape


def _play(tape: Tape, outputs: list[int], inputs: list[float]) -> np.ndarray:
    program, registers = tape.freeze(outputs)
    memory = np.full((program.n_registers, 5), np.nan)
    memory[: len(inputs)] = np.array(inputs)[:, np.newaxis]
    advance(interpret(program), memory, 5)
    return memory[registers, 3]


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (Op.CONSTANT, 0.5),
        (Op.SCALE, 1.0),
        (Op.ADD, -0.5),
        (Op.MULTIPLY, -5.0),
        (Op.FUSE, -1.0),
        (Op.DIVIDE, -0.4),
        (Op.EXP, np.exp(7.0)),
        (Op.EXP_ONE, np.exp(2.0)),
        (Op.LN, np.log(2.0)),
        (Op.LOGISTIC, 1.0 / 3.0),
        (Op.LARGER, 2.0),
        (Op.ADD_SIZE, 4.5),
        (Op.LARGER_SIZE, 5.0),
        (Op.POSITIVE, 1.0),
        (Op.PIVOT, 0.5),
        (Op.DAMPING, 0.05 * 1.25 * 1.5),
        (Op.LIMIT, 0.25),
        (Op.SHORTEN, np.log(3.0) / 2.0),
        (Op.COPY, 2.0),
        (Op.OFFSET, -1.5),
        (Op.UNLESS, 0.0),
    ],
)
def test_every_operation_does_what_its_line_says(op: Op, expected: float) -> None:
    """With a = 2, b = -5, c = 4, f = 1/2 each operation gives the value of its formula."""
    tape = Tape(3)
    value = tape.record(op, 0, 1, 2, 0.5)
    assert _play(tape, [value], [2.0, -5.0, 4.0])[0] == pytest.approx(expected, rel=1e-15)


def test_registers_are_reused_without_losing_a_value() -> None:
    """A long chain of sums needs a handful of registers and still adds up."""
    tape = Tape(1)
    total = tape.record(Op.CONSTANT, f=0.0)
    for _ in range(100):
        total = tape.add(total, tape.record(Op.SCALE, 0, f=2.0))
    assert _play(tape, [total], [3.0])[0] == 600.0
    assert tape.freeze([total])[0].n_registers <= 5


def test_a_target_is_never_an_operand() -> None:
    """In-place operations would make the vectoriser give up: overlapping rows fail its check."""
    tape = Tape(2)
    value = 0
    for _ in range(20):
        value = tape.fuse(value, 1, value)
    program, _ = tape.freeze([value])
    assert all(code[1] not in code[2:] for code in program.code[1:])


def test_stored_values_wait_for_everything_else() -> None:
    """A new unknown replaces the old one only after the last use of the old one."""
    tape = Tape(1)
    tape.store(tape.record(Op.SCALE, 0, f=10.0), 0)
    late = tape.record(Op.SCALE, 0, f=2.0)
    program, registers = tape.freeze([late])
    memory = np.full((program.n_registers, 1), 3.0)
    advance(interpret(program), memory, 1)
    assert memory[0, 0] == 30.0
    assert memory[registers[0], 0] == 6.0


def test_what_is_computed_once_serves_every_part() -> None:
    """Parts played one after another read what earlier ones have left, and their own values are read in between."""
    tape = Tape(1)
    for number in range(3):
        value = tape.record(Op.SCALE, tape.record(Op.EXP_ONE, 0), f=1.0 + number)
        for _ in range(10):
            value = tape.record(Op.SCALE, value, f=2.0)
        tape.read([value])
    program, readings = tape.freeze_parts([])
    memory = np.zeros((program.n_registers, 1))
    begin = 0
    for number, (end, registers) in enumerate(readings[:-1]):
        part = program._replace(code=program.code[begin:end], factor=program.factor[begin:end])
        advance(interpret(part), memory, 1)
        assert memory[registers[0], 0] == 1024.0 * (1.0 + number)
        begin = end
    assert (program.code[:, 0] == Op.EXP_ONE).sum() == 1


def test_what_nobody_needs_is_left_out() -> None:
    """Values that are neither read nor stored cost nothing, nor do those that only they need."""
    tape = Tape(1)
    tape.add(tape.record(Op.LN, 0), 0)
    wanted = tape.record(Op.EXP_ONE, 0)
    program, _ = tape.freeze([wanted])
    assert program.code[:, 0].tolist() == [Op.EXP_ONE]

"""Derivatives along given directions, recorded on a tape (implicit function theorem).

Directions are known when they are recorded: most change one weight or one total, and all that stays as it is
costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.numerics.tape import Op

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.numerics.passes import Pass

__all__ = ["NO_DIRECTIONS", "Directions", "Follower"]

Floats = NDArray[np.float64]


class Directions(NamedTuple):
    """Change of weights and sources along each direction, shapes (n_directions, n_weights) and (.., n_sources)."""

    by_weight: Floats
    by_source: Floats


NO_DIRECTIONS: Final = Directions(np.zeros((0, 0)), np.zeros((0, 0)))


class _Change(NamedTuple):
    """The sum of a register, if there is one, and a constant."""

    register: int | None = None
    constant: float = 0.0


class Follower:
    """Records derivatives on the tape of a pass that is evaluated and factorised."""

    def __init__(self, here: Pass) -> None:
        self.here = here
        self.form = form = here.form
        # What every row gains by each unknown.
        columns = ({n: row.nu[r] for n, row in enumerate(form.rows) if row.nu[r]} for r in range(form.n_unknowns))
        self.by_unknown = [[self._settle(each) for each in self._propagate(nu, {})] for nu in columns]

    def follow(self, by_weight: Floats, by_source: Floats) -> dict[int, int]:
        """Record one direction and return the register of each weight's change; those without any are left out.

        It is the change of ln concentration for species, of the count per particle for states of hosts.
        """
        form, tape = self.form, self.here.tape
        own = {n: by_weight[row.weight] for n, row in enumerate(form.rows) if by_weight[row.weight]}
        grown = {}
        for root, total in zip(form.roots, self.here.root, strict=True):
            gain = float(form.nodes[root].total @ by_source)
            if gain:
                grown[root] = tape.record(Op.DIVIDE, tape.record(Op.CONSTANT, f=gain), total)
        step = self.here.substitute(self._lack(own, grown, form.source_map.T @ by_source))
        found = {}
        for number, fixed in enumerate(self._propagate(own, grown)):
            value = self._settle(self._move(number, fixed, step))
            if form.rows[number].host >= 0:
                value = self._count(number, value, float(by_source[form.rows[number].host]))
            if value.register is not None:
                found[form.rows[number].weight] = value.register
            elif value.constant:
                found[form.rows[number].weight] = tape.record(Op.CONSTANT, f=value.constant)
        return found

    def _propagate(self, own: dict[int, float], grown: dict[int, int]) -> list[_Change]:
        """Record the change of ln value of every row at fixed unknowns, or by one of them.

        `own` is the change of rows' weights, `grown` that of ln totals of roots.
        """
        form = self.form
        change = [_Change(None, float(own.get(number, 0.0))) for number in range(len(form.rows))]
        lift: list[_Change] = []
        for node in form.nodes:
            for row in node.rows:
                for child in form.rows[row].children:
                    change[row] = self._plus(change[row], lift[child], form.nodes[child].count)
            lift.append(self._average([change[row] for row in node.rows], [self.here.share[row] for row in node.rows]))
        for number in reversed(range(len(form.nodes))):
            node = form.nodes[number]
            net = _Change(grown.get(number)) if node.parent < 0 else change[node.parent]
            net = self._plus(net, lift[number], -1.0)
            for row in node.rows:
                change[row] = self._plus(change[row], net, 1.0)
        return change

    def _average(self, changes: list[_Change], shares: list[int]) -> _Change:
        """Record the mean of the changes of a node's states."""
        if len(set(changes)) == 1:
            return changes[0]  # shares add up to one
        mean: int | None = None
        for change, share in zip(changes, shares, strict=True):
            if change.register is not None:
                mean = self.here.tape.fuse(mean, share, change.register)
            if change.constant:
                mean = self.here.tape.add(mean, share, change.constant)
        return _Change(mean)

    def _lack(self, own: dict[int, float], grown: dict[int, int], gain: Floats) -> dict[int, int]:
        """Record what the balances lack at fixed unknowns.

        A balance gains from the weight of a row what the row gains from the balance's unknown: mixed derivatives agree.
        """
        tape, lack = self.here.tape, {}
        for r, by_row in enumerate(self.by_unknown):
            value = tape.record(Op.CONSTANT, f=float(gain[r])) if gain[r] else None
            for row, change in own.items():
                register, share = by_row[row]
                if register is not None:
                    value = tape.fuse(value, self.here.value[row], register, -change)
                elif share:
                    value = tape.add(value, self.here.value[row], -change * share)
            for root, ratio in grown.items():
                for row in self._tree(root):
                    if self.form.rows[row].delta[r]:
                        content = tape.fuse(None, self.here.value[row], ratio)
                        value = tape.add(value, content, -float(self.form.rows[row].delta[r]))
            if value is not None:
                lack[r] = value
        return lack

    def _tree(self, number: int) -> Iterator[int]:
        """Yield the rows of a node and of all nested in it."""
        for row in self.form.nodes[number].rows:
            yield row
            for child in self.form.rows[row].children:
                yield from self._tree(child)

    def _move(self, number: int, fixed: _Change, step: dict[int, int]) -> _Change:
        """Record the whole change of a row: at fixed unknowns, and by their change."""
        value, constant = fixed
        for r, moved in step.items():
            register, share = self.by_unknown[r][number]
            if register is not None:
                value = self.here.tape.fuse(value, register, moved)
            elif share:
                value = self.here.tape.add(value, moved, share)
        return _Change(value, constant)

    def _count(self, number: int, change: _Change, gain: float) -> _Change:
        """Record the change of a mean count per particle; `gain` is that of the particles' total."""
        tape = self.here.tape
        particles = self.here.host[self.form.hosts.index(self.form.rows[number].host)]
        if gain:
            diluted = tape.record(Op.DIVIDE, tape.record(Op.CONSTANT, f=-gain), particles)
            change = self._plus(change, _Change(diluted), 1.0)
        count = tape.record(Op.DIVIDE, self.here.value[number], particles)
        change = self._settle(change)
        if change.register is not None:
            return _Change(tape.fuse(None, count, change.register))
        return _Change(tape.add(None, count, change.constant)) if change.constant else _Change()

    def _plus(self, change: _Change, other: _Change, share: float) -> _Change:
        """Record ``change + share other``."""
        register = change.register
        if other.register is not None:
            register = self.here.tape.add(register, other.register, share)
        return _Change(register, change.constant + share * other.constant)

    def _settle(self, change: _Change) -> _Change:
        """Record the constant into the register, where there are both."""
        if change.register is None or not change.constant:
            return change
        one = self.here.tape.record(Op.CONSTANT, f=1.0)
        return _Change(self.here.tape.add(change.register, one, change.constant))

"""Which totals can be met at all, and which species they leave no room for.

A combination y of balances that no species enters with a negative sign can never be negative: ``y . T < 0`` proves
that totals cannot be met and names the reason, ``y . T = 0`` proves that every species which enters it is absent.
Zero totals are the simplest case; "as much native ligand as there are sites and none besides" is the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.numerics.structure import Choice, Structure

__all__ = ["Certificate", "certify", "certify_simple", "floor"]

Floats = NDArray[np.float64]

_SMALLEST_SHARE = 1e-9  # of a stoichiometric coefficient; below it is rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class Certificate:
    """A combination of sources that cannot be negative, and the weights that are dead where it is zero."""

    sources: Floats
    dead: tuple[int, ...]


def floor(choice: Choice, y: Floats) -> float:
    """Return the least ``y . n`` over all configurations n of one choice."""
    return min(
        float(state.nu @ y) + sum(inner.count * floor(inner, y) for inner in state.choices) for state in choice.states
    )


def certify(structure: Structure, y: Floats) -> Certificate | None:
    """Return the certificate of a combination of columns, None if some species enters with a negative sign."""
    dead = []
    for row in structure.rows:
        content = float(row.nu @ y)
        if content < -_SMALLEST_SHARE:
            return None
        if content > _SMALLEST_SHARE:
            dead.append(row.weight)
    sources = y @ structure.column_map
    for root in structure.roots:
        sources[root.source] -= root.choice.count * floor(root.choice, y)
        dead.extend(_above_floor(root.choice, y))
    return Certificate(sources=sources, dead=tuple(dead))


def certify_simple(structure: Structure) -> list[Certificate]:
    """Return the certificates of single columns, of pairs of columns, and that no host's total is negative."""
    found = {each.sources.tobytes(): each for each in (certify(structure, y) for y in _combine(structure)) if each}
    hosts = np.eye(structure.column_map.shape[1])[structure.n_components :]
    return [
        *(each for each in found.values() if each.dead),
        *(Certificate(sources=host, dead=()) for host in hosts if host.tobytes() not in found),
    ]


def _above_floor(choice: Choice, y: Floats) -> Iterator[int]:
    """Yield the weights of states that keep a choice from its least value."""
    least = floor(choice, y)
    for state in choice.states:
        value = float(state.nu @ y) + sum(inner.count * floor(inner, y) for inner in state.choices)
        if value > least + _SMALLEST_SHARE:
            yield state.weight
        else:
            for inner in state.choices:
                yield from _above_floor(inner, y)


def _combine(structure: Structure) -> Iterator[Floats]:
    """Yield each column, its negative, and each column less as much of another as all species allow."""
    unit = np.eye(structure.n_columns)
    yield from unit
    yield from -unit
    if not structure.rows:
        return
    nu = np.array([row.nu for row in structure.rows])
    for less in range(structure.n_columns):
        holds = nu[:, less] > 0.0
        if not holds.any():
            continue
        for column in range(structure.n_columns):
            share = float((nu[holds, column] / nu[holds, less]).min())
            if column != less and share != 0.0:
                yield unit[column] - share * unit[less]

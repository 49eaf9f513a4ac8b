"""Which totals can be met at all, and which species they leave no room for.

A combination y of balances that no species enters with a negative sign can never be negative: ``y . T < 0`` proves
that totals cannot be met and names the reason, ``y . T = 0`` proves that every species which enters it is absent.
Zero totals are the simplest case; "as much native ligand as there are sites and none besides" is the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from surfacechem.numerics.structure import Choice, Structure

__all__ = ["Certificate", "certify", "certify_faces", "certify_simple", "floor"]

Floats = NDArray[np.float64]

_SMALLEST_SHARE = 1e-9  # of a stoichiometric coefficient; below it is rounding
_MOST_FACES = 20_000  # sets of species looked through for a face of the cone
_LARGEST_FACTOR = 60  # that makes a combination whole


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


def certify_faces(structure: Structure, columns: Sequence[int]) -> list[Certificate]:
    """Return the certificates of the faces of the cone of totals; none where there are too many sets to look through.

    Totals that can be met form a cone; on one of its faces some species are absent. A face is spanned by species and by
    exchanges of one state for another, one fewer than there are columns, and its normal is the combination.

    Parameters
    ----------
    structure : Structure
        What is alive.
    columns : sequence of int
        Columns in which the others can be written.
    """
    vectors = [row.nu for row in structure.rows]
    for root in structure.roots:
        vectors += list(_exchanges(root.choice))
    n_columns = len(columns)
    edges = _directions(np.array(vectors).reshape(-1, structure.n_columns)[:, list(columns)])
    if n_columns < 2 or comb(len(edges), n_columns - 1) > _MOST_FACES:  # noqa: PLR2004 - a line has no faces
        return []
    subsets = np.array(list(combinations(range(len(edges)), n_columns - 1)), dtype=np.intp)
    _, sizes, normals = np.linalg.svd(edges[subsets.reshape(-1, n_columns - 1)])
    whole = (_whole(normal) for normal in normals[sizes[:, -1] > _SMALLEST_SHARE, -1])
    sides = {(sign * y).tobytes(): sign * y for y in whole if y is not None for sign in (1.0, -1.0)}
    everywhere = np.eye(structure.n_columns)[list(columns)]
    found = (certify(structure, y @ everywhere) for y in sides.values())
    return [each for each in found if each is not None and each.dead]


def _exchanges(choice: Choice) -> Iterator[Floats]:
    """Yield what each state of a choice, and of the choices in it, holds more than another."""
    for first, second in combinations(choice.states, 2):
        yield first.nu - second.nu
    for state in choice.states:
        for inner in state.choices:
            yield from _exchanges(inner)


def _directions(vectors: Floats) -> Floats:
    """Return the different directions of vectors, opposite ones counted once, as unit vectors."""
    sizes = np.linalg.norm(vectors, axis=1)
    units = vectors[sizes > 0.0] / sizes[sizes > 0.0, np.newaxis]
    first = np.argmax(np.abs(units) > _SMALLEST_SHARE, axis=1)
    units = units * np.sign(units[np.arange(len(units)), first])[:, np.newaxis]
    _, kept = np.unique(units.round(9), axis=0, return_index=True)
    different: Floats = units[np.sort(kept)]
    return different


def _whole(normal: Floats) -> Floats | None:
    """Return a direction in small whole numbers, so that totals cancel exactly; None if it has none."""
    size = np.abs(normal)
    scaled = normal / size[size > _SMALLEST_SHARE].min()
    for factor in range(1, _LARGEST_FACTOR + 1):
        rounded = np.round(scaled * factor)
        if np.abs(scaled * factor - rounded).max() < _SMALLEST_SHARE * factor * np.abs(scaled).max():
            whole: Floats = rounded + 0.0  # no negative zeros
            return whole
    return None


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

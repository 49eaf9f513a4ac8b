"""Which balances have a closed form: the largest set of components that no species holds twice or together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.structure import Choice, Structure

__all__ = ["choose_eliminated"]


def choose_eliminated(structure: Structure) -> tuple[int, ...]:
    """Return the columns to balance in closed form.

    Each of them is held 0 or 1 times by every species, and no species holds two of them: with partition
    function ``P = sum q`` over the species that hold it, ``c = T q / P``. Every one is an unknown less.
    """
    if not structure.rows:
        return ()
    nu = np.array([row.nu for row in structure.rows])
    is_simple = np.isin(nu, (0.0, 1.0)).all(axis=0) & nu.any(axis=0)
    for root in structure.roots:
        is_simple &= ~_touched(root.choice)
    columns = np.flatnonzero(is_simple)
    held = nu[:, columns] != 0.0
    meets = held.T.astype(int) @ held.astype(int) > 0
    neighbours = {
        int(column): {int(columns[k]) for k in np.flatnonzero(meets[i])} - {int(column)}
        for i, column in enumerate(columns)
    }
    # Columns added for sites come last; they are tried first, so that on a tie the unknowns are real components.
    return tuple(sorted(_largest_independent(neighbours)))


def _touched(choice: Choice) -> NDArray[np.bool_]:
    """Return which columns a tree holds."""
    touched = np.zeros(len(choice.states[0].nu), dtype=bool)
    for state in choice.states:
        touched |= state.nu != 0.0
        for inner in state.choices:
            touched |= _touched(inner)
    return touched


def _largest_independent(neighbours: dict[int, set[int]]) -> set[int]:
    """Return a largest set of nodes of a graph without an edge between them."""
    if not neighbours:
        return set()
    # A node with at most one neighbour is always in some largest set; otherwise branch on the best connected.
    easy = [node for node in sorted(neighbours, reverse=True) if len(neighbours[node]) <= 1]
    if easy:
        return {easy[0]} | _largest_independent(_without(neighbours, {easy[0]} | neighbours[easy[0]]))
    node = max(sorted(neighbours, reverse=True), key=lambda each: len(neighbours[each]))
    with_it = {node} | _largest_independent(_without(neighbours, {node} | neighbours[node]))
    if len(with_it) == len(neighbours):
        return with_it
    without_it = _largest_independent(_without(neighbours, {node}))
    return with_it if len(with_it) >= len(without_it) else without_it


def _without(neighbours: dict[int, set[int]], removed: set[int]) -> dict[int, set[int]]:
    return {node: near - removed for node, near in neighbours.items() if node not in removed}

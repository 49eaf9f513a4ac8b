"""Which balances are independent, and which species to write them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from surfacechem.numerics.structure import Choice, Structure

__all__ = ["choose_independent", "choose_species", "invert", "span_of"]

Floats = NDArray[np.float64]

_RANK_TOLERANCE = 1e-9


def span_of(structure: Structure) -> Floats:
    """Return vectors that span all ways in which concentrations can move the balances."""
    rows = [row.nu for row in structure.rows]
    for root in structure.roots:
        rows.extend(_differences(root.choice))
    return np.array(rows).reshape(len(rows), structure.n_columns)


def _differences(choice: Choice) -> list[Floats]:
    found, held = [], []
    for state in choice.states:
        held.append(_first_held(state.nu, state.choices))
        for inner in state.choices:
            found.extend(_differences(inner))
    return found + [each - held[0] for each in held[1:]]


def _first_held(nu: Floats, choices: tuple[Choice, ...]) -> Floats:
    """Return what a state holds when all nested in it is in its first state."""
    total = nu
    for choice in choices:
        total = total + choice.count * _first_held(choice.states[0].nu, choice.states[0].choices)
    return total


def choose_independent(
    structure: Structure, span: Floats, eliminated: tuple[int, ...]
) -> tuple[tuple[int, ...], list[tuple[int, Floats]]]:
    """Return independent columns, the eliminated among them, and the relation of each dependent one."""
    has_species = [
        any(np.count_nonzero(row.nu) == 1 and row.nu[column] for row in structure.rows)
        for column in range(structure.n_columns)
    ]
    rest = [column for column in range(structure.n_columns) if column not in eliminated]
    chosen: list[int] = []
    directions = np.zeros((len(span), 0))
    dependent = []
    for column in (*eliminated, *sorted(rest, key=lambda each: not has_species[each])):
        vector = span[:, column]
        left = vector - directions @ (directions.T @ vector)
        left -= directions @ (directions.T @ left)
        size = float(np.linalg.norm(left))
        if size > _RANK_TOLERANCE * max(1.0, float(np.linalg.norm(vector))):
            directions = np.column_stack((directions, left / size))
            chosen.append(column)
        else:
            dependent.append(column)
    relations = []
    for column in dependent:
        y = np.zeros(structure.n_columns)
        y[chosen] = -np.linalg.lstsq(span[:, chosen], span[:, column])[0]
        y[np.abs(y) < _RANK_TOLERANCE] = 0.0
        y[column] = 1.0
        relations.append((column, y))
    return tuple(chosen), relations


def choose_species(vectors: Floats, abundance: Floats) -> NDArray[np.int64]:
    """Return for each point the most abundant species whose vectors are independent.

    Parameters
    ----------
    vectors : ndarray, shape (n_species, n_columns)
        What each species holds of the independent columns; of full column rank.
    abundance : ndarray, shape (n_points, n_species)
        Concentration [mol/L], or any order of preference.

    Returns
    -------
    ndarray of int, shape (n_points, n_columns)
        Species in the order of their abundance.
    """
    n_points, n_columns = len(abundance), vectors.shape[1]
    left = np.broadcast_to(vectors, (n_points, *vectors.shape)).copy()
    chosen = np.empty((n_points, n_columns), dtype=np.int64)
    here = np.arange(n_points)
    for number in range(n_columns):
        is_independent = (left * left).sum(axis=2) > _RANK_TOLERANCE
        chosen[:, number] = np.where(is_independent, abundance, -np.inf).argmax(axis=1)
        direction = left[here, chosen[:, number]]
        direction = direction / np.linalg.norm(direction, axis=1, keepdims=True)
        left -= np.einsum("psc,pc->ps", left, direction)[:, :, np.newaxis] * direction[:, np.newaxis]
    return chosen


def invert(matrix: Floats) -> Floats:
    """Return the inverse; of integers, exactly where its entries are fractions of the determinant."""
    inverse = np.linalg.inv(matrix)
    determinant = round(float(np.linalg.det(matrix)))
    if determinant and (matrix == np.round(matrix)).all():
        return np.asarray(np.round(inverse * determinant) / determinant)
    return np.asarray(inverse)

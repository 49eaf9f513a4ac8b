"""From a structure to the arrays of one form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.numerics.form import Form

if TYPE_CHECKING:
    from surfacechem.numerics.structure import Choice, Structure

__all__ = ["Basis", "Layout", "build_form"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where results go: activities of components, species, host terms, activities of site classes."""

    n_components: int
    n_weights: int

    def column(self, number: int) -> int:
        """Return the output of a structure's column."""
        return number if number < self.n_components else number + self.n_weights

    def weight(self, number: int) -> int:
        """Return the output of a weight's row."""
        return self.n_components + number


@dataclass(frozen=True, kw_only=True, eq=False)
class Basis:
    """Coordinates ``z = forth @ x``, ``x = back @ z``, and the states from which nodes are measured.

    `references` holds weights of states; nodes without one are measured from the least that their states share.
    """

    forth: Floats
    back: Floats
    references: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Extent:
    """What a choice holds at its reference, at least and at most."""

    node: int
    reference: Floats
    low: Floats
    high: Floats


class _Draft:
    """Rows and nodes as they are collected; nested nodes come before those that hold them."""

    def __init__(self, structure: Structure, basis: Basis) -> None:
        self.structure = structure
        self.basis = basis
        self.weights: list[int] = []
        self.hosts: list[int] = []
        self.nu: list[Floats] = []
        self.delta: list[Floats] = []
        self.children: list[list[int]] = []
        self.bounds: list[tuple[int, int]] = []
        self.parents: list[int] = []
        self.counts: list[float] = []
        self.maps: list[Floats] = []
        self.eliminated: list[int] = []
        self.source_map = basis.back.T @ structure.column_map
        self.reach = np.zeros(len(basis.forth))

    def add_row(self, weight: int, nu: Floats, *, host: int, delta: Floats | None = None) -> int:
        """Append a species or state and return its number."""
        self.weights.append(weight)
        self.hosts.append(host)
        self.nu.append(nu)
        self.delta.append(nu if delta is None else delta)
        self.children.append([])
        return len(self.weights) - 1

    def add_node(self, first: int, *, total: Floats | None = None, eliminated: int = -1) -> int:
        """Close a node over the rows since `first` and return its number."""
        self.bounds.append((first, len(self.weights)))
        self.parents.append(-1)
        self.counts.append(1.0)
        self.maps.append(np.zeros(self.structure.column_map.shape[1]) if total is None else total)
        self.eliminated.append(eliminated)
        return len(self.bounds) - 1

    def add_choice(self, choice: Choice, host: int, total: Floats | None = None) -> _Extent:
        """Append a choice with all that is nested in it."""
        inner = [[self.add_choice(each, host) for each in state.choices] for state in choice.states]
        parts = [
            [(each.count, extent) for each, extent in zip(state.choices, extents, strict=True)]
            for state, extents in zip(choice.states, inner, strict=True)
        ]
        nu = [state.nu @ self.basis.back for state in choice.states]
        own = range(len(nu))
        reference = np.array([nu[k] + sum(n * extent.reference for n, extent in parts[k]) for k in own])
        low = np.array([nu[k] + sum(n * extent.low for n, extent in parts[k]) for k in own]).min(axis=0)
        high = np.array([nu[k] + sum(n * extent.high for n, extent in parts[k]) for k in own]).max(axis=0)
        chosen = [k for k in own if choice.states[k].weight in self.basis.references]
        base = reference[chosen[0]] if chosen else reference.min(axis=0)
        first = len(self.weights)
        for k in own:
            row = self.add_row(choice.states[k].weight, nu[k], host=host, delta=reference[k] - base)
            for count, extent in parts[k]:
                self.children[row].append(extent.node)
                self.parents[extent.node] = row
                self.counts[extent.node] = count
        self.reach = np.maximum(self.reach, high - low)
        return _Extent(node=self.add_node(first, total=total), reference=base, low=low, high=high)

    def add_class(self, column: int) -> None:
        """Append the species of an eliminated column as one node."""
        rows = [row for row in self.structure.rows if row.nu[column]]
        nu = np.array([row.nu @ self.basis.back for row in rows])
        base = nu.min(axis=0)
        first = len(self.weights)
        for row, each in zip(rows, nu, strict=True):
            self.add_row(row.weight, each, host=row.host, delta=each - base)
        self.reach = np.maximum(self.reach, nu.max(axis=0) - base)
        total = self.structure.column_map[column].copy()
        self.add_node(first, total=total, eliminated=column)
        self.source_map -= np.outer(base, total)


def build_form(structure: Structure, layout: Layout, *, eliminated: tuple[int, ...], basis: Basis) -> Form:
    """Return the arrays of a structure with some columns eliminated, in the coordinates of a basis."""
    draft = _Draft(structure, basis)
    for row in structure.rows:
        if not any(row.nu[column] for column in eliminated):
            number = draft.add_row(row.weight, row.nu @ basis.back, host=row.host)
            draft.reach = np.maximum(draft.reach, np.abs(draft.nu[number]))
    n_free = len(draft.weights)
    for root in structure.roots:
        total = np.zeros(structure.column_map.shape[1])
        total[root.source] = root.choice.count
        extent = draft.add_choice(root.choice, root.source, total)
        draft.source_map -= np.outer(extent.reference, total)
    for column in eliminated:
        draft.add_class(column)
    return _freeze(draft, layout, n_free)


def _freeze(draft: _Draft, layout: Layout, n_free: int) -> Form:
    n_unknowns, n_columns = draft.basis.forth.shape
    nu = np.array(draft.nu).reshape(len(draft.weights), n_unknowns)
    delta = np.array(draft.delta).reshape(len(draft.weights), n_unknowns)
    entries = [np.flatnonzero(row) for row in nu]
    supports = _find_supports(draft, nu)
    return Form(
        n_free=n_free,
        weight=_integers(draft.weights),
        nu=nu,
        pointer=_pointer(entries),
        column=_integers([column for row in entries for column in row]),
        power=np.array([nu[r, column] for r, row in enumerate(entries) for column in row], dtype=float),
        delta=delta,
        node_pointer=_integers([n_free, *(last for _, last in draft.bounds)]),
        node_parent=_integers(draft.parents),
        node_count=np.array(draft.counts, dtype=float),
        node_map=np.array(draft.maps).T.copy() if draft.maps else np.zeros((draft.source_map.shape[1], 0)),
        node_output=_integers([layout.column(each) if each >= 0 else -1 for each in draft.eliminated]),
        child_pointer=_pointer(draft.children),
        child=_integers([node for row in draft.children for node in row]),
        support_pointer=_pointer(supports),
        support=_integers([column for node in supports for column in node]),
        reach=draft.reach,
        is_mixed=(delta < 0.0).any(axis=0),
        has_species=_find_species(nu[:n_free]),
        source_map=draft.source_map.T.copy(),
        back=draft.basis.back.copy(),
        forth=draft.basis.forth.copy(),
        column_output=_integers([layout.column(column) for column in range(n_columns)]),
        output=_integers([layout.weight(weight) for weight in draft.weights]),
        host=_integers(draft.hosts),
    )


def _find_supports(draft: _Draft, nu: Floats) -> list[NDArray[np.int64]]:
    """Return the unknowns that each node's states or anything nested in them hold."""
    touched = np.zeros((len(draft.bounds), nu.shape[1]), dtype=bool)
    for node, (first, last) in enumerate(draft.bounds):
        touched[node] = (nu[first:last] != 0.0).any(axis=0)
        for row in range(first, last):
            for inner in draft.children[row]:
                touched[node] |= touched[inner]
    return [np.flatnonzero(row) for row in touched]


def _find_species(nu: Floats) -> NDArray[np.bool_]:
    """Return for which unknowns a solution species holds one of it and nothing else."""
    is_single = (np.count_nonzero(nu, axis=1) == 1) & (nu.sum(axis=1) == 1.0)
    return nu[is_single].any(axis=0)


def _integers(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _pointer(lists: list[NDArray[np.int64]] | list[list[int]]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum([len(each) for each in lists]))).astype(np.int64)

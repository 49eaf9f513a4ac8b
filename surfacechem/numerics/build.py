"""From a structure to the arrays of one form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.numerics.form import Form, Node, Row

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
        self.bounds: list[range] = []
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
        self.bounds.append(range(first, len(self.weights)))
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
    rows = tuple(
        Row(
            weight=weight,
            nu=draft.nu[number],
            delta=draft.delta[number],
            children=tuple(draft.children[number]),
            output=layout.weight(weight),
            host=draft.hosts[number],
        )
        for number, weight in enumerate(draft.weights)
    )
    nodes = tuple(
        Node(
            rows=draft.bounds[number],
            parent=draft.parents[number],
            count=draft.counts[number],
            total=draft.maps[number],
            output=-1 if column < 0 else layout.column(column),
        )
        for number, column in enumerate(draft.eliminated)
    )
    n_unknowns, n_columns = draft.basis.forth.shape
    shape = (len(rows), n_unknowns)
    return Form(
        rows=rows,
        n_free=n_free,
        nodes=nodes,
        reach=draft.reach,
        is_mixed=np.asarray((np.array(draft.delta).reshape(shape) < 0.0).any(axis=0)),
        has_species=_find_species(np.array(draft.nu).reshape(shape)[:n_free]),
        source_map=draft.source_map.T.copy(),
        back=draft.basis.back,
        forth=draft.basis.forth,
        column_output=np.array([layout.column(column) for column in range(n_columns)], dtype=np.int64),
    )


def _find_species(nu: Floats) -> NDArray[np.bool_]:
    """Return for which unknowns a solution species holds one of it and nothing else."""
    is_single = (np.count_nonzero(nu, axis=1) == 1) & (nu.sum(axis=1) == 1.0)
    return np.asarray(nu[is_single].any(axis=0))

"""One network for one pattern of what is present: rows, the tree of sums over states, and where results go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Form", "Node", "Row"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """A solution species, or a state of a node.

    Attributes
    ----------
    weight : int
        Which ln weight it takes.
    nu : ndarray, shape (n_unknowns,)
        ``ln value = ln_weight[weight] + nu @ z`` and what nested nodes add.
    delta : ndarray, shape (n_unknowns,)
        What one adds to each balance, measured from the reference of its node.
    children : tuple of int
        Nodes nested in it.
    output : int
        Where the result goes: ln concentration of a species, mean count per particle of a state.
    host : int
        Source of the host that it is a state of, -1 for species.
    """

    weight: int
    nu: NDArray[np.float64]
    delta: NDArray[np.float64]
    children: tuple[int, ...]
    output: int
    host: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """A sum over states.

    Attributes
    ----------
    rows : range
        Its states.
    parent : int
        Row that holds it, -1 for a root.
    count : float
        How many of it one parent holds.
    total : ndarray, shape (n_sources,)
        A root's total as a combination of sources.
    output : int
        Where ln activity of the component eliminated into a root goes, -1 for none.
    """

    rows: range
    parent: int
    count: float
    total: NDArray[np.float64]
    output: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Form:
    """One network for one pattern of what is present.

    Attributes
    ----------
    rows : tuple of Row
        Solution species first, then the states of each node.
    n_free : int
        Number of rows that are solution species.
    nodes : tuple of Node
        Nested ones before those that hold them.
    reach : ndarray, shape (n_unknowns,)
        Largest change of any ln concentration per change of each unknown.
    is_mixed : ndarray of bool, shape (n_unknowns,)
        Whether some row enters the balance with a negative sign.
    has_species : ndarray of bool, shape (n_unknowns,)
        Whether a solution species holds this unknown alone, so that its total is a starting value.
    source_map : ndarray, shape (n_sources, n_unknowns)
        Totals of balances from sources, the nodes' references taken off.
    back : ndarray, shape (n_columns, n_unknowns)
        ``x = back @ z`` for the activities that are not eliminated.
    forth : ndarray, shape (n_unknowns, n_columns)
        ``z = forth @ x``.
    column_output : ndarray of int, shape (n_columns,)
        Where activities go.
    """

    rows: tuple[Row, ...]
    n_free: int
    nodes: tuple[Node, ...]
    reach: NDArray[np.float64]
    is_mixed: NDArray[np.bool_]
    has_species: NDArray[np.bool_]
    source_map: NDArray[np.float64]
    back: NDArray[np.float64]
    forth: NDArray[np.float64]
    column_output: NDArray[np.int64]

    @property
    def n_unknowns(self) -> int:
        """Number of unknowns."""
        return len(self.reach)

    @property
    def roots(self) -> tuple[int, ...]:
        """Numbers of the nodes that no row holds."""
        return tuple(number for number, node in enumerate(self.nodes) if node.parent < 0)

    @property
    def hosts(self) -> tuple[int, ...]:
        """Sources of the hosts whose states are rows."""
        return tuple(sorted({row.host for row in self.rows if row.host >= 0}))

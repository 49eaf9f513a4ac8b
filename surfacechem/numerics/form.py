"""The arrays that the kernels read: rows, the tree of sums over states, and where results go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Form"]


class Form(NamedTuple):
    """One network for one pattern of what is present, in the arrays that the kernels read.

    Rows are numbered: solution species first, then the states of each node. A node is a sum over states; nodes
    stand in an order in which nested ones come before those that hold them.

    Attributes
    ----------
    n_free : int
        Number of rows that are solution species.
    weight : ndarray of int, shape (n_rows,)
        Which ln weight each row takes.
    nu : ndarray, shape (n_rows, n_unknowns)
        Row ``r`` has ``ln value = ln_weight[weight[r]] + nu[r] @ z`` plus what nested nodes add.
    pointer, column, power : ndarray, shapes (n_rows + 1,), (n_entries,), (n_entries,)
        The nonzero part of `nu`, row by row.
    delta : ndarray, shape (n_rows, n_unknowns)
        What one of row ``r`` adds to each balance, measured from the node's reference.
    node_pointer : ndarray of int, shape (n_nodes + 1,)
        States of node ``s`` are rows ``node_pointer[s]`` to ``node_pointer[s + 1]``.
    node_parent : ndarray of int, shape (n_nodes,)
        Row that holds the node; -1 for a root.
    node_count : ndarray, shape (n_nodes,)
        How many of the node one parent holds; unused for a root.
    node_map : ndarray, shape (n_sources, n_nodes)
        Totals of roots from sources (components' totals, then hosts'); unused for nested nodes.
    node_output : ndarray of int, shape (n_nodes,)
        Where ln activity of the component eliminated into a root is written, -1 for none.
    child_pointer, child : ndarray of int, shapes (n_rows + 1,), (n_children,)
        Nodes held by each row.
    support_pointer, support : ndarray of int, shapes (n_nodes + 1,), (n_supported,)
        Unknowns that move a node.
    reach : ndarray, shape (n_unknowns,)
        Largest change of any ln concentration per change of each unknown.
    is_mixed : ndarray of bool, shape (n_unknowns,)
        Whether some row enters the balance with a negative sign.
    has_species : ndarray of bool, shape (n_unknowns,)
        Whether some solution species holds this unknown alone, so that its total is a starting value.
    source_map : ndarray, shape (n_sources, n_unknowns)
        Totals of balances from sources, the nodes' references taken off.
    back : ndarray, shape (n_columns, n_unknowns)
        ``x = back @ z`` for the activities that are not eliminated.
    forth : ndarray, shape (n_unknowns, n_columns)
        ``z = forth @ x``.
    column_output : ndarray of int, shape (n_columns,)
        Where activities are written.
    output : ndarray of int, shape (n_rows,)
        Where each row is written: ln concentration of a species, mean count per particle of a state.
    host : ndarray of int, shape (n_rows,)
        Source of the host that a row is a state of, -1 for species.
    """

    n_free: int
    weight: NDArray[np.int64]
    nu: NDArray[np.float64]
    pointer: NDArray[np.int64]
    column: NDArray[np.int64]
    power: NDArray[np.float64]
    delta: NDArray[np.float64]
    node_pointer: NDArray[np.int64]
    node_parent: NDArray[np.int64]
    node_count: NDArray[np.float64]
    node_map: NDArray[np.float64]
    node_output: NDArray[np.int64]
    child_pointer: NDArray[np.int64]
    child: NDArray[np.int64]
    support_pointer: NDArray[np.int64]
    support: NDArray[np.int64]
    reach: NDArray[np.float64]
    is_mixed: NDArray[np.bool_]
    has_species: NDArray[np.bool_]
    source_map: NDArray[np.float64]
    back: NDArray[np.float64]
    forth: NDArray[np.float64]
    column_output: NDArray[np.int64]
    output: NDArray[np.int64]
    host: NDArray[np.int64]

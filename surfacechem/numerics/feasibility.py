"""Why totals that no simple combination rules out cannot be met: a linear program finds the combination."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.cone import certify

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.numerics.cone import Certificate
    from surfacechem.numerics.structure import Choice, Structure

__all__ = ["find_contradiction"]

_SIGNIFICANT = 1e-9  # of the totals: a contradiction below is rounding


def find_contradiction(structure: Structure, sources: NDArray[np.float64]) -> Certificate | None:
    """Return a combination that cannot be negative but is, at these sources, shape (n_sources,); None if feasible.

    The program asks for concentrations that meet the totals with the least total of what is missing or left over. Its
    dual values are the combination.
    """
    from scipy.optimize import linprog  # slow to import, and hardly ever needed

    columns = [row.nu for row in structure.rows]
    totals = structure.column_map @ sources
    nodes: list[float] = []
    flows: list[tuple[NDArray[np.float64], int, list[tuple[int, float]]]] = []
    for root in structure.roots:
        nodes.append(root.choice.count * float(sources[root.source]))
        _list_flows(root.choice, len(nodes) - 1, nodes, flows)
    n_balances, n_nodes = structure.n_columns, len(nodes)
    matrix = np.zeros((n_balances + n_nodes, len(columns) + len(flows)))
    for number, nu in enumerate(columns):
        matrix[:n_balances, number] = nu
    for number, (nu, node, inner) in enumerate(flows, start=len(columns)):
        matrix[:n_balances, number] = nu
        matrix[n_balances + node, number] = 1.0
        for child, count in inner:
            matrix[n_balances + child, number] -= count
    right = np.concatenate((totals, nodes))
    size = float(np.abs(right).max(initial=0.0))
    if size == 0.0:
        return None
    slack = np.eye(n_balances + n_nodes)
    cost = np.concatenate((np.zeros(matrix.shape[1]), np.ones(2 * (n_balances + n_nodes))))
    answer = linprog(cost, A_eq=np.hstack((matrix, slack, -slack)), b_eq=right / size, method="highs")
    if answer.status != 0 or answer.fun < _SIGNIFICANT:
        return None
    y = -answer.eqlin.marginals[:n_balances]
    y = y / np.abs(y).max(initial=1e-300)
    y[np.abs(y) < _SIGNIFICANT] = 0.0
    certificate = certify(structure, y)
    if certificate is None or float(certificate.sources @ sources) >= 0.0:
        return None
    return certificate


def _list_flows(
    choice: Choice, node: int, nodes: list[float], flows: list[tuple[NDArray[np.float64], int, list[tuple[int, float]]]]
) -> None:
    """Append the states of a choice, and all nested in them, as flows out of nodes."""
    for state in choice.states:
        inner = []
        for each in state.choices:
            nodes.append(0.0)
            inner.append((len(nodes) - 1, each.count))
            _list_flows(each, len(nodes) - 1, nodes, flows)
        flows.append((state.nu, node, inner))

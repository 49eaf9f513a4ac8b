"""What changes of weights do to the counts on one particle, at fixed activities of all components.

The tape differentiates along directions that are known when it is recorded (`slopes`). Weights that are functions of a
constant change along other directions at every value of it: this is the same chain rule over the hosts' trees, in
arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from surfacechem.numerics.problem import Problem, Term

    Floats = NDArray[np.float64]

__all__ = ["Response"]


@dataclass(frozen=True, kw_only=True)
class _Node:
    """A sum over states: its terms, how many such places there are, and the term that holds them (-1: a particle)."""

    terms: list[int]
    count: float
    holder: int


class Response:
    """The hosts of a problem as a list of sums, those of a particle first, those inside a state after it.

    Parameters
    ----------
    problem : Problem
        Its hosts.

    Attributes
    ----------
    content : ndarray, shape (n_terms, n_components)
        How much of each component one of each term holds.
    """

    def __init__(self, problem: Problem) -> None:
        self._nodes: list[_Node] = []
        content: list[NDArray[np.float64]] = []
        for host in problem.hosts:
            self._read(host.terms, 1.0, -1, content)
        self.content = np.array(content).reshape(len(content), problem.nu.shape[1])

    def _read(self, terms: Iterable[Term], count: float, holder: int, content: list[Floats]) -> None:
        """Add a sum and all inside it; terms are numbered depth first, a term before those of its factors."""
        node = _Node(terms=[], count=count, holder=holder)
        self._nodes.append(node)
        for term in terms:
            number = len(content)
            node.terms.append(number)
            content.append(term.nu)
            for factor in term.factors:
                self._read(factor.terms, factor.count, number, content)

    def follow(self, occupancy: Floats, change: Floats) -> Floats:
        """Return the change of the mean counts on one particle.

        Parameters
        ----------
        occupancy : ndarray, shape (n_points, n_terms)
            Mean count of each term.
        change : ndarray, shape (n_points, n_terms, n_directions)
            Change of ln weights.

        Returns
        -------
        ndarray, shape (n_points, n_terms, n_directions)
            0 where there is none of a term.
        """
        moved, lifts = change.copy(), {}
        for number in reversed(range(len(self._nodes))):
            node = self._nodes[number]
            here = occupancy[:, node.terms]
            total = here.sum(axis=1, keepdims=True)
            share = np.divide(here, total, out=np.zeros_like(here), where=total > 0.0)
            lifts[number] = np.einsum("pt,ptd->pd", share, moved[:, node.terms])
            if node.holder >= 0:
                moved[:, node.holder] += node.count * lifts[number]
        # From here on `moved` is the change of ln counts.
        for number, node in enumerate(self._nodes):
            net = -lifts[number] + (moved[:, node.holder] if node.holder >= 0 else 0.0)
            moved[:, node.terms] += net[:, np.newaxis]
        return np.asarray(np.where(occupancy[:, :, np.newaxis] > 0.0, occupancy[:, :, np.newaxis] * moved, 0.0))

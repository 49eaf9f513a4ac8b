"""Other coordinates for points at which rounding of the totals would show (fallback B of docs/design.md section 5).

Where a tight complex uses up its parts, a balance is the difference of large totals and the free parts are lost in it.
Written in the most abundant species instead, the same balance compares small concentrations only, and its total, the
same difference, is formed in twice the precision. Hosts that stay trees are measured from their most abundant states
for the same reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics.build import Basis, Layout, build_form
from surfacechem.numerics.independence import choose_species, invert
from surfacechem.numerics.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from surfacechem.numerics.patterns import Pattern
    from surfacechem.numerics.structure import Choice

__all__ = ["rebase"]

_MOST_RESCUES = 256  # kernels in other coordinates that are kept for a pattern
_BLOCK = 512  # points whose species are ranked at once, to bound memory


def rebase(
    pattern: Pattern, layout: Layout, outputs: NDArray[np.float64], sources: NDArray[np.float64]
) -> Iterator[tuple[NDArray[np.int64], Kernel]]:
    """Yield points that share coordinates, and a kernel in them.

    Parameters
    ----------
    pattern : Pattern
        What is present at these points.
    layout : Layout
        Where results go.
    outputs, sources : ndarray, shapes (n_points, n_outputs) and (n_points, n_sources)
        Approximate results, and totals [mol/L].
    """
    columns = list(pattern.independent)
    vectors = np.array([row.nu[columns] for row in pattern.structure.rows]).reshape(
        len(pattern.structure.rows), len(columns)
    )
    candidates = np.vstack((vectors, np.eye(len(columns))))  # bare columns serve where no species is left
    keys = np.empty((len(outputs), len(columns)), dtype=np.int64)
    for begin in range(0, len(outputs), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        abundance = _rank(pattern, layout, outputs[block], sources[block])
        keys[block] = np.sort(choose_species(candidates, abundance), axis=1)
    references = _choose_references(pattern, layout, outputs)
    labels = np.hstack((keys, references))
    for key in np.unique(labels, axis=0):
        points = np.flatnonzero((labels == key).all(axis=1))
        kernel = pattern.rescues.get(key.tobytes())
        if kernel is None:
            chosen = candidates[key[: len(columns)]]
            forth = np.zeros((len(columns), pattern.structure.n_columns))
            forth[:, columns] = chosen
            back = np.zeros(forth.T.shape)
            back[columns] = invert(chosen)
            basis = Basis(forth=forth, back=back, references=frozenset(key[len(columns) :].tolist()))
            form = build_form(pattern.structure, layout, eliminated=(), basis=basis)
            if len(pattern.rescues) >= _MOST_RESCUES:
                pattern.rescues.clear()
            pattern.rescues[key.tobytes()] = kernel = Kernel(form, pattern.template)
        yield points, kernel


def _rank(
    pattern: Pattern, layout: Layout, outputs: NDArray[np.float64], sources: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return ln concentration of every row; bare columns come last."""
    abundance = np.full((len(outputs), len(pattern.structure.rows) + len(pattern.independent)), -1e6)
    for number, row in enumerate(pattern.structure.rows):
        found = outputs[:, layout.weight(row.weight)]
        if row.host >= 0:
            found = np.log(np.maximum(found * sources[:, row.host], 1e-300))
        abundance[:, number] = np.maximum(found, -1e5)
    return abundance


def _choose_references(pattern: Pattern, layout: Layout, outputs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the most abundant state of every node of every tree, shape (n_points, n_nodes)."""
    found = [
        np.array([state.weight for state in choice.states])[
            outputs[:, [layout.weight(state.weight) for state in choice.states]].argmax(axis=1)
        ]
        for root in pattern.structure.roots
        for choice in _walk(root.choice)
    ]
    return np.array(found, dtype=np.int64).reshape(len(found), len(outputs)).T


def _walk(choice: Choice) -> Iterator[Choice]:
    yield choice
    for state in choice.states:
        for inner in state.choices:
            yield from _walk(inner)

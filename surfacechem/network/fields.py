"""What sites in a mean field feel: coverages raise weights, weights give coverages back.

The coverages theta of all coupled states, class by class and form by form, are the unknowns. With L the matrix of
ln W = w/RT, a state's ln weight is raised by ``(L theta)_i`` and that of its form by
``-N/2 (theta L theta + L_00)``; the rest is an ordinary convex equilibrium, which gives back coverages F(theta).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.chem.coupled import is_single_rooted
from surfacechem.numerics.slopes import Directions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.numerics import Solution
    from surfacechem.symbolic.lower import Lowered, MeanField

    Floats = NDArray[np.float64]

__all__ = ["MANY_NODES", "NODES", "Fields"]

NODES: Final = (0.0, 0.5, 1.0)
"""Coverages of one coupled state from which the stable root is looked for."""
MANY_NODES: Final = (0.0, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0)
"""The same for all roots."""
MOST_STARTS: Final = 81


class Fields:
    """The coupled states of all mean fields of a system, as one vector of coverages.

    Parameters
    ----------
    lowered : Lowered
        A system with mean fields.

    Attributes
    ----------
    names : tuple of str
        The states, ``"S-B"`` or, where a cluster has forms, ``"S-B of Q.beta"``.
    sites : ndarray, shape (n_states,)
        Sites of the class of each state on one particle.
    raising : ndarray, shape (n_weights, n_states + n_forms)
        Which weights belong to each state, then to each form.
    directions : Directions
        The same for the solver.
    """

    def __init__(self, lowered: Lowered) -> None:
        self._lowered = lowered
        fields = lowered.mean_fields
        n_species = len(lowered.problem.nu)
        self._kept = [sorted({place for pair in field.couplings for place in pair[:2]}) for field in fields]
        columns = [(field, place) for field, kept in zip(fields, self._kept, strict=True) for place in kept]
        self.names = tuple(self._name(field, place) for field, place in columns)
        self.sites = np.array([field.n_sites for field, _ in columns])
        self._terms = [[weight - n_species for weight in field.weights[place]] for field, place in columns]
        self._form_terms = np.array([field.form - n_species for field, _ in columns])
        forms = list(dict.fromkeys(field.form for field in fields))
        # Columns of what can be raised: the states, then the forms.
        self.raising = np.zeros((len(lowered.weight_offset), len(columns) + len(forms)))
        for column, (field, place) in enumerate(columns):
            self.raising[list(field.weights[place]), column] = 1.0
        self.raising[forms, np.arange(len(columns), len(columns) + len(forms))] = 1.0
        n_sources = lowered.problem.nu.shape[1] + len(lowered.problem.hosts)
        self.directions = Directions(self.raising.T.copy(), np.zeros((self.raising.shape[1], n_sources)))
        self._form_of = np.array([forms.index(field.form) for field, _ in columns])
        self._entries = self._list_entries(fields)

    def _name(self, field: MeanField, place: int) -> str:
        lowered = self._lowered
        n_forms = len(lowered.problem.hosts[field.host].terms)
        state = lowered.entities[field.entities[place]]
        form = lowered.form_names[lowered.form_of_term[field.form - len(lowered.problem.nu)]]
        return state if n_forms == 1 else f"{state} of {form}"

    def _list_entries(self, fields: tuple[MeanField, ...]) -> list[tuple[int, int, int, bool]]:
        """Return row, column, constant of each coupling, and whether it is one of native neighbours."""
        entries, first = [], 0
        for field, kept in zip(fields, self._kept, strict=True):
            for low, high, constant in field.couplings:
                entries.append((first + kept.index(low), first + kept.index(high), constant, low == high == 0))
            first += len(kept)
        return entries

    def couplings(self, theta: Floats) -> Floats:
        """Return ln W between all coupled states, shape (n_points, n_states, n_states), for rows of theta."""
        lowered = self._lowered
        matrix = np.zeros((len(theta), len(self.names), len(self.names)))
        for row, column, constant, _ in self._entries:
            ln_w = theta @ lowered.constant_matrix[constant] + lowered.constant_offset[constant]
            matrix[:, row, column] = matrix[:, column, row] = ln_w
        return matrix

    def is_single_rooted(self, couplings: Floats) -> NDArray[np.bool_]:
        """Tell at which points one answer is certain, whatever is in the flask."""
        is_single, first = np.ones(len(couplings), dtype=bool), 0
        for field, kept in zip(self._lowered.mean_fields, self._kept, strict=True):
            inner = couplings[:, first : first + len(kept), first : first + len(kept)]
            first += len(kept)
            # With the native state first, and where it is coupled, all that is not as one more state.
            inner = np.pad(inner, ((0, 0), (0, 1), (0, 1)) if kept[0] == 0 else ((0, 0), (1, 0), (1, 0)))
            is_single &= is_single_rooted(inner, field.n_carried)
        return is_single

    def starts(self, nodes: Sequence[float]) -> Floats:
        """Return coverages from which roots are looked for, shape (n_starts, n_states): the corners and between."""
        blocks = []
        for kept in self._kept:
            width = len(kept)
            corners = [np.zeros(width), *np.eye(width), np.full(width, 1.0 / (1 + width))]
            blocks.append([np.array([node]) for node in nodes] if width == 1 else corners)
        if np.prod([len(block) for block in blocks]) > MOST_STARTS:
            blocks = [[block[0], block[-1]] if len(block[0]) == 1 else block[:-1] for block in blocks]
        chosen = [np.concatenate(parts) for parts in product(*blocks)]
        return np.array(chosen[:: -(-len(chosen) // MOST_STARTS)])

    def raises(self, couplings: Floats, coverage: Floats) -> Floats:
        """Return what is added to ln weights by column of `raising`, shape (n_points, n_states + n_forms)."""
        field = np.einsum("pij,pj->pi", couplings, coverage)
        pairs = 0.5 * self.sites * coverage * field
        for row, column, _, is_native in self._entries:
            if is_native:
                pairs[:, row] += 0.5 * self.sites[row] * couplings[:, row, column]
        return np.hstack([field, -self._by_form(pairs)])

    def raise_slopes(self, couplings: Floats, coverage: Floats) -> Floats:
        """Return d raises / d coverage, shape (n_points, n_states + n_forms, n_states)."""
        field = np.einsum("pij,pj->pi", couplings, coverage)
        by_form = np.zeros((len(coverage), self.raising.shape[1] - len(self.names), len(self.names)))
        by_form[:, self._form_of, np.arange(len(self.names))] = -self.sites * field
        return np.concatenate([couplings, by_form], axis=1)

    def raise_slopes_theta(self, coverage: Floats) -> Floats:
        """Return d raises / d theta at constant coverage, shape (n_points, n_states + n_forms, n_constants)."""
        lowered, n_states = self._lowered, len(self.names)
        slopes = np.zeros((len(coverage), self.raising.shape[1], len(lowered.constants)))
        for row, column, constant, is_native in self._entries:
            by_theta = lowered.constant_matrix[constant]
            slopes[:, row] += coverage[:, column, np.newaxis] * by_theta
            if row != column:
                slopes[:, column] += coverage[:, row, np.newaxis] * by_theta
            pairs = coverage[:, row] * coverage[:, column] * (0.5 if row == column else 1.0) + 0.5 * is_native
            slopes[:, n_states + self._form_of[row]] -= self.sites[row] * pairs[:, np.newaxis] * by_theta
        return slopes

    def _by_form(self, values: Floats) -> Floats:
        """Sum values of states over the states of each form."""
        n_forms = self.raising.shape[1] - len(self.names)
        return np.asarray(values @ (self._form_of[:, np.newaxis] == np.arange(n_forms)))

    def coverage(self, solution: Solution, held: Floats) -> Floats:
        """Return the coverages that a solution has; those `held` where there are no particles of the form."""
        share = solution.occupancy[:, self._form_terms]
        bound = np.stack([solution.occupancy[:, terms].sum(axis=1) for terms in self._terms], axis=1)
        is_there = share > 0
        return np.where(is_there, bound / np.where(is_there, self.sites * share, 1.0), held)

    def coverage_slopes(self, solution: Solution, occupancy_slopes: Floats) -> Floats:
        """Return derivatives of the coverages from those of the occupancies, shape (n_points, n_states, n_slopes)."""
        share = solution.occupancy[:, self._form_terms]
        is_there = share > 0
        bound = np.stack([occupancy_slopes[:, terms].sum(axis=1) for terms in self._terms], axis=1)
        of_form = occupancy_slopes[:, self._form_terms]
        held = self.coverage(solution, np.zeros(share.shape))
        moved = bound / self.sites[:, np.newaxis] - held[..., np.newaxis] * of_form
        return np.asarray(moved * np.where(is_there, 1.0 / np.where(is_there, share, 1.0), 0.0)[..., np.newaxis])

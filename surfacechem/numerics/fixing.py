"""Components held at a given activity: they leave the balances and become part of the weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from surfacechem.numerics.problem import Problem, Term

__all__ = ["Fixing", "fix", "without"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fixing:
    """Components held at given activities.

    Attributes
    ----------
    is_fixed : ndarray of bool, shape (n_components,)
        Which components are held.
    activity : ndarray, shape (n_points, n_fixed)
        At what [mol/L].
    nu : ndarray, shape (n_weights, n_fixed)
        What each species and host term holds of them.
    ln_weight : ndarray, shape (n_points, n_weights)
        What they add to the weights.
    alive : ndarray of bool, shape (n_points, n_weights)
        False for what holds a component held at zero.
    impossible : ndarray of int
        Points with a negative activity, or one of zero that some species holds a negative amount of.
    """

    is_fixed: NDArray[np.bool_]
    activity: Floats
    nu: Floats
    ln_weight: Floats
    alive: NDArray[np.bool_]
    impossible: NDArray[np.int64]

    def tiled(self, n_lanes: int) -> Fixing:
        """Return the same for the points so many times over."""
        steps = len(self.activity) * np.arange(n_lanes)[:, np.newaxis]
        return replace(
            self,
            activity=np.tile(self.activity, (n_lanes, 1)),
            ln_weight=np.tile(self.ln_weight, (n_lanes, 1)),
            alive=np.tile(self.alive, (n_lanes, 1)),
            impossible=(steps + self.impossible).ravel(),
        )


def fix(problem: Problem, is_fixed: NDArray[np.bool_], totals: Floats) -> Fixing:
    """Return what holding components at the activities in their columns of `totals` means."""
    term_nu = [term.nu for host in problem.hosts for term in _walk(host.terms)]
    nu = np.vstack((problem.nu, *term_nu))[:, is_fixed]
    activity = totals[:, is_fixed]
    is_zero = activity == 0.0
    ln_activity = np.log(np.where(activity > 0.0, activity, 1.0))
    is_negative = (activity < 0.0).any(axis=1) | (is_zero.astype(int) @ (nu < 0.0).T.astype(int) > 0).any(axis=1)
    return Fixing(
        is_fixed=is_fixed,
        activity=activity,
        nu=nu,
        ln_weight=ln_activity @ nu.T,
        alive=(is_zero.astype(int) @ (nu > 0.0).T.astype(int)) == 0,
        impossible=np.flatnonzero(is_negative),
    )


def without(problem: Problem, is_fixed: NDArray[np.bool_]) -> Problem:
    """Return the network without the components that are held."""
    return replace(
        problem,
        nu=problem.nu[:, ~is_fixed],
        hosts=tuple(replace(host, terms=_without(host.terms, ~is_fixed)) for host in problem.hosts),
        component_names=tuple(name for name, held in zip(problem.component_names, is_fixed, strict=False) if not held),
    )


def _walk(terms: tuple[Term, ...]) -> list[Term]:
    return [each for term in terms for each in (term, *(t for factor in term.factors for t in _walk(factor.terms)))]


def _without(terms: tuple[Term, ...], kept: NDArray[np.bool_]) -> tuple[Term, ...]:
    return tuple(
        replace(
            term,
            nu=term.nu[kept],
            factors=tuple(replace(factor, terms=_without(factor.terms, kept)) for factor in term.factors),
        )
        for term in terms
    )

"""The frozen numerical form of a system: a tableau of solution species and the hosts' partition functions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Factor", "Host", "Problem", "Term"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Factor:
    """A power of a sum over states: ``count`` identical independent sites, each in one of `terms`."""

    count: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Term:
    """One state: ``weight * exp(nu . x) * prod(factors)``.

    A conformer is a term whose factors are its site classes; a state of a site is a term, usually without
    factors; a Z unit that carries n X ligands is a state with one factor of count n.
    """

    name: str
    nu: Floats  # shape (n_components,), what one of it holds of each component
    factors: tuple[Factor, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Host:
    """One particle type: ``Z(x) = sum of terms``, the conformers (one term where there is only one)."""

    name: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """What the solver needs to know of a system; no names are used below this line but in messages.

    Unknowns are ``x[i]``, ln activity of component ``i``. Species ``j`` has concentration
    ``exp(ln_weight[j] + nu[j] @ x)`` [mol/L]. Weights are numbered: the solution species first, then all terms of
    all hosts, depth first (a term before the terms of its factors).

    Attributes
    ----------
    nu : ndarray, shape (n_species, n_components)
        ``nu[j, i]``: how much of component ``i`` one of species ``j`` holds.
    hosts : tuple of Host
        Particle types; the solver takes their concentrations apart from the components' totals.
    ln_weight : ndarray, shape (n_weights,)
        ln beta of species [mol/L based], ln of the weights of host terms; NaN where to be given with the call.
    """

    nu: Floats
    hosts: tuple[Host, ...] = ()
    ln_weight: Floats
    species_names: tuple[str, ...] = field(default=())
    component_names: tuple[str, ...] = field(default=())

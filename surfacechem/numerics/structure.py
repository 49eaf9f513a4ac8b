"""What is present at a pattern of totals, with hosts opened as far as their structure allows.

A host with one form falls apart into its site classes. A class whose states hold nothing further is a component
of its own (``count`` sites per particle, one held by each state), and its states are species like any other: this is
what later lets the closed forms choose freely which components to balance. Only nested states and hosts with several
forms stay trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from surfacechem.numerics.problem import Factor, Problem, Term

__all__ = ["Choice", "Root", "Row", "State", "Structure", "open_up"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class State:
    """One state of a choice; `choices` are what one of it decides further."""

    weight: int
    nu: Floats
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice:
    """``count`` independent choices between states."""

    count: float
    states: tuple[State, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Root:
    """A choice that ``count`` of each of source `source` make."""

    source: int
    choice: Choice


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """A species, or a state of an opened site class; `host` is the class's source, -1 for species."""

    weight: int
    nu: Floats
    host: int = -1


@dataclass(kw_only=True, eq=False)
class Structure:
    """Rows and trees over columns: the components, then one column per opened site class.

    ``column_map[c]`` gives the balance of column ``c`` as a combination of the sources.
    """

    n_components: int
    rows: list[Row] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)
    column_map: Floats
    constant: dict[int, float] = field(default_factory=dict)  # weight -> mean count per particle
    is_possible: bool = True

    @property
    def n_columns(self) -> int:
        """Number of balances."""
        return len(self.column_map)


def open_up(problem: Problem, alive: NDArray[np.bool_], host_present: NDArray[np.bool_]) -> Structure:
    """Return the structure of what is alive.

    Parameters
    ----------
    problem : Problem
        The network.
    alive : ndarray of bool, shape (n_weights,)
        Which species and terms can be populated.
    host_present : ndarray of bool, shape (n_hosts,)
        Which hosts have a positive total.
    """
    n_species, n_components = problem.nu.shape
    n_sources = n_components + len(problem.hosts)
    structure = Structure(n_components=n_components, column_map=np.eye(n_components, n_sources))
    structure.rows = [Row(weight=j, nu=problem.nu[j]) for j in range(n_species) if alive[j]]
    weight = n_species
    opened: list[tuple[Choice, int]] = []
    for number, host in enumerate(problem.hosts):
        states, weight = _read_terms(host.terms, weight, alive)
        if host_present[number]:
            if not states:
                structure.is_possible = False
                continue
            _open_root(structure, opened, Choice(count=1.0, states=states), n_components + number)
    _add_columns(structure, opened)
    return structure


def _read_terms(terms: tuple[Term, ...], weight: int, alive: NDArray[np.bool_]) -> tuple[tuple[State, ...], int]:
    """Return the alive states of a sum and the number of the next weight."""
    states = []
    for term in terms:
        own, weight = weight, weight + 1
        choices = []
        for factor in term.factors:
            choice, weight = _read_factor(factor, weight, alive)
            choices.append(choice)
        if alive[own] and all(choice.states for choice in choices):
            states.append(State(weight=own, nu=term.nu, choices=tuple(choices)))
    return tuple(states), weight


def _read_factor(factor: Factor, weight: int, alive: NDArray[np.bool_]) -> tuple[Choice, int]:
    states, weight = _read_terms(factor.terms, weight, alive)
    return Choice(count=factor.count, states=states), weight


def _open_root(structure: Structure, opened: list[tuple[Choice, int]], choice: Choice, source: int) -> None:
    """Split a root that has one state into its classes; list classes without nesting in `opened`."""
    if len(choice.states) == 1:
        state = choice.states[0]
        structure.constant[state.weight] = choice.count
        structure.column_map[: structure.n_components, source] -= choice.count * state.nu
        for inner in state.choices:
            _open_root(structure, opened, Choice(count=choice.count * inner.count, states=inner.states), source)
    elif any(state.choices for state in choice.states):
        structure.roots.append(Root(source=source, choice=choice))
    else:
        opened.append((choice, source))


def _add_columns(structure: Structure, opened: list[tuple[Choice, int]]) -> None:
    """Give each opened class its own column and widen everything else."""
    n_new = len(opened)
    structure.rows = [Row(weight=row.weight, nu=_widen(row.nu, n_new)) for row in structure.rows]
    structure.roots = [Root(source=root.source, choice=_widen_choice(root.choice, n_new)) for root in structure.roots]
    site_map = np.zeros((n_new, structure.column_map.shape[1]))
    for number, (choice, source) in enumerate(opened):
        site_map[number, source] = choice.count
        for state in choice.states:
            nu = _widen(state.nu, n_new)
            nu[structure.n_components + number] = 1.0
            structure.rows.append(Row(weight=state.weight, nu=nu, host=source))
    structure.column_map = np.vstack((structure.column_map, site_map))


def _widen(nu: Floats, n_new: int) -> Floats:
    return np.concatenate((nu, np.zeros(n_new)))


def _widen_choice(choice: Choice, n_new: int) -> Choice:
    states = tuple(
        State(
            weight=state.weight,
            nu=_widen(state.nu, n_new),
            choices=tuple(_widen_choice(inner, n_new) for inner in state.choices),
        )
        for state in choice.states
    )
    return Choice(count=choice.count, states=states)

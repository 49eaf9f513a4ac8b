"""Check a solution by other means than those that found it.

Species are checked in reaction form: the reactions are the exact null space of the tableau, and ``sum nu ln c = ln K``
must hold for each. Balances are summed exactly. Host occupancies are compared with a list of all macrospecies, whose
weights carry multinomial coefficients, where the solver uses a power of a sum. Nothing here is shared with the solver.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.numerics.problem import Factor, Problem, Term
    from surfacechem.numerics.solution import Solution

__all__ = ["Audit", "audit"]

Floats = NDArray[np.float64]

_MOST_MACROSPECIES = 20_000
_TOLERANCE = 1e-8


@dataclass(frozen=True, kw_only=True, eq=False)
class Audit:
    """How well a solution meets mass action and balances.

    Attributes
    ----------
    reaction : ndarray, shape (n_points,)
        Largest ``|sum nu ln c - ln K|`` over the reactions between species that are present.
    balance : ndarray, shape (n_points,)
        Largest imbalance of a component, as a share of all that enters the balance.
    occupancy : ndarray, shape (n_points,)
        Largest difference between a host term's mean count and that of the listed macrospecies.
    n_reactions : int
        Independent reactions checked.
    n_macrospecies : int
        Macrospecies listed, over all hosts.
    is_solved : ndarray of bool, shape (n_points,)
        Which points the solver called solved; the others are not checked and hold NaN.
    """

    reaction: Floats
    balance: Floats
    occupancy: Floats
    n_reactions: int
    n_macrospecies: int
    is_solved: NDArray[np.bool_]

    @property
    def is_consistent(self) -> bool:
        """Whether every point that was solved meets everything to 1e-8."""
        worst = [np.max(each[self.is_solved], initial=0.0) for each in (self.reaction, self.balance, self.occupancy)]
        return bool(np.max(worst) <= _TOLERANCE)


def audit(
    problem: Problem,
    totals: Floats,
    host_totals: Floats | None,
    solution: Solution,
    *,
    ln_weight: Floats | None = None,
) -> Audit:
    """Check a solution against mass action and balances.

    Parameters
    ----------
    problem : Problem
        The network.
    totals : ndarray, shape (n_points, n_components)
        Totals of components [mol/L].
    host_totals : ndarray, shape (n_points, n_hosts), optional
        Totals of hosts [mol/L].
    solution : Solution
        What the solver found.
    ln_weight : ndarray, shape (n_weights,) or (n_points, n_weights), optional
        Weights the solution was found with; by default the problem's own.
    """
    n_points, n_species = solution.ln_c.shape
    weights = np.broadcast_to(problem.ln_weight if ln_weight is None else ln_weight, (n_points, len(problem.ln_weight)))
    particles = np.zeros((n_points, 0)) if host_totals is None else np.asarray(host_totals, dtype=float)
    is_solved = solution.status == 0
    reactions = _find_reactions(problem.nu)
    found = Audit(
        reaction=np.full(n_points, np.nan),
        balance=np.full(n_points, np.nan),
        occupancy=np.full(n_points, np.nan),
        n_reactions=len(reactions),
        n_macrospecies=sum(_count_macrospecies(host.terms) for host in problem.hosts),
        is_solved=is_solved,
    )
    for p in np.flatnonzero(is_solved):
        found.reaction[p] = _check_reactions(reactions, solution.ln_c[p] - weights[p, :n_species])
        found.balance[p] = _check_balances(problem, np.asarray(totals)[p], particles[p], solution, int(p))
        expected = _list_occupancies(problem, particles[p], solution.x[p], weights[p])
        is_listed = np.isfinite(expected) & _has_activities(problem.nu, np.asarray(totals)[p], solution, int(p))
        difference = np.abs(expected[is_listed] - solution.occupancy[p][is_listed])
        found.occupancy[p] = np.max(difference, initial=0.0)
    return found


def _has_activities(nu: Floats, totals: Floats, solution: Solution, p: int) -> bool:
    """Tell whether activities say what hosts hold; on a face of what totals allow the balances alone do.

    A host that holds all there is of a component leaves it no activity. Where a species is absent although all it holds
    is there, the activities of what it holds are known but for a factor.
    """
    is_gone = np.isneginf(solution.x[p])
    is_there = ~(nu[:, is_gone] != 0.0).any(axis=1)
    return not (np.any((totals > 0.0) & is_gone) or np.any(np.isneginf(solution.ln_c[p]) & is_there))


def _find_reactions(nu: Floats) -> list[dict[int, float]]:
    """Return a basis of the reactions between species, exactly: combinations that move no component."""
    rows: list[tuple[list[Fraction], dict[int, Fraction]]] = []
    reactions = []
    for number, species in enumerate(nu):
        left = [Fraction(float(value)).limit_denominator(10**6) for value in species]
        made = {number: Fraction(1)}
        for pivot_row, parts in rows:
            pivot = next(k for k, value in enumerate(pivot_row) if value)
            share = left[pivot] / pivot_row[pivot]
            if share:
                left = [a - share * b for a, b in zip(left, pivot_row, strict=True)]
                for k, value in parts.items():
                    made[k] = made.get(k, Fraction(0)) - share * value
        if any(left):
            rows.append((left, made))
        else:
            reactions.append({k: float(value) for k, value in made.items() if value})
    return reactions


def _check_reactions(reactions: list[dict[int, float]], ln_ratio: Floats) -> float:
    """Return the largest ``|sum nu (ln c - ln beta)|`` over reactions whose species are all present."""
    worst = 0.0
    for reaction in reactions:
        parts = [share * float(ln_ratio[species]) for species, share in reaction.items()]
        if all(math.isfinite(part) for part in parts):
            worst = max(worst, abs(math.fsum(parts)))
    return worst


def _check_balances(problem: Problem, totals: Floats, particles: Floats, solution: Solution, p: int) -> float:
    """Return the largest imbalance as a share of what enters the balance."""
    worst = 0.0
    held = list(_flatten(problem))
    for component, total in enumerate(totals):
        parts = [-float(total)]
        parts += (problem.nu[:, component] * np.exp(solution.ln_c[p])).tolist()
        parts += [
            float(particles[host]) * float(count) * float(term.nu[component])
            for (host, term), count in zip(held, solution.occupancy[p], strict=True)
        ]
        size = math.fsum(abs(part) for part in parts)
        if size > 0.0:
            worst = max(worst, abs(math.fsum(parts)) / size)
    return worst


def _flatten(problem: Problem) -> Iterator[tuple[int, Term]]:
    """Yield all host terms with their host, in the order of the weights."""

    def walk(terms: tuple[Term, ...]) -> Iterator[Term]:
        for term in terms:
            yield term
            for factor in term.factors:
                yield from walk(factor.terms)

    for number, host in enumerate(problem.hosts):
        for term in walk(host.terms):
            yield number, term


def _list_occupancies(problem: Problem, particles: Floats, x: Floats, weights: Floats) -> Floats:
    """Return the mean count of every host term from listed macrospecies; 0 for absent hosts."""
    counts: list[float] = []
    numbers = iter(range(len(problem.nu), len(weights)))
    for host, total in zip(problem.hosts, particles, strict=True):
        ln_z, own, nested = _list_terms(host.terms, x, weights, numbers)
        shares = _normalise(ln_z)
        scale = 0.0 if total <= 0.0 else (1.0 if max(ln_z) > -math.inf else math.nan)
        counts += _spread([scale * share for share in shares], own, nested)
    return np.array(counts)


def _list_terms(
    terms: tuple[Term, ...], x: Floats, weights: Floats, numbers: Iterator[int]
) -> tuple[list[float], list[int], list[list[list[float]]]]:
    """Return ln weight of each term with all nested in it, its number, and the mean counts nested in one of it."""
    ln_z, own, nested = [], [], []
    for term in terms:
        number = next(numbers)
        present = term.nu != 0.0
        value = float(weights[number]) + float(term.nu[present] @ x[present])
        inside = []
        for factor in term.factors:
            ln_factor, counts = _list_factor(factor, x, weights, numbers)
            value += ln_factor
            inside.append(counts)
        ln_z.append(value)
        own.append(number)
        nested.append(inside)
    return ln_z, own, nested


def _list_factor(factor: Factor, x: Floats, weights: Floats, numbers: Iterator[int]) -> tuple[float, list[float]]:
    """Return ln of a factor's partition function and the mean count of each term, macrospecies by macrospecies."""
    ln_z, own, nested = _list_terms(factor.terms, x, weights, numbers)
    occupied = [k for k, value in enumerate(ln_z) if value > -math.inf]
    means = [0.0] * len(ln_z)
    if not occupied:
        return -math.inf, _spread(means, own, nested)
    if factor.count > 1 and _is_listable(factor.count, len(occupied)):
        lists = _list_counts(int(factor.count), len(occupied))
        ln_each = _ln_multinomial(int(factor.count), len(occupied)) + lists @ np.array([ln_z[k] for k in occupied])
        shares = np.array(_normalise(ln_each.tolist()))
        ln_sum = _ln_sum(ln_each.tolist())
        for k, mean in zip(occupied, shares @ lists, strict=True):
            means[k] = float(mean)
    else:
        ln_sum = factor.count * _ln_sum(ln_z)
        means = [factor.count * share for share in _normalise(ln_z)]
    return ln_sum, _spread(means, own, nested)


def _spread(means: list[float], own: list[int], nested: list[list[list[float]]]) -> list[float]:
    """Return the counts of terms and of all nested in them, depth first."""
    spread = []
    for mean, _, inside in zip(means, own, nested, strict=True):
        spread.append(mean)
        for counts in inside:
            spread.extend(mean * count for count in counts)
    return spread


def _ln_sum(values: list[float]) -> float:
    top = max(values)
    return top if top == -math.inf else top + math.log(math.fsum(math.exp(value - top) for value in values))


def _normalise(values: list[float]) -> list[float]:
    total = _ln_sum(values)
    return [0.0 if total == -math.inf else math.exp(value - total) for value in values]


def _is_listable(count: float, n_states: int) -> bool:
    return float(count).is_integer() and math.comb(int(count) + n_states - 1, n_states - 1) <= _MOST_MACROSPECIES


def _count_macrospecies(terms: tuple[Term, ...]) -> int:
    """Return how many macrospecies a sum over terms stands for; factors too large to list count once."""
    total = 0
    for term in terms:
        kinds = 1
        for factor in term.factors:
            n_states = sum(max(1, _count_macrospecies((each,))) for each in factor.terms)
            if _is_listable(factor.count, n_states):
                kinds *= math.comb(int(factor.count) + n_states - 1, n_states - 1)
        total += kinds
    return total


@lru_cache(maxsize=64)
def _list_counts(count: int, n_states: int) -> Floats:
    """Return all ways to put `count` sites into `n_states` states, shape (n_ways, n_states)."""
    if n_states == 1:
        return np.array([[float(count)]])
    ways = [
        np.column_stack((np.full(len(rest), float(first)), rest))
        for first in range(count + 1)
        for rest in [_list_counts(count - first, n_states - 1)]
    ]
    return np.vstack(ways)


@lru_cache(maxsize=64)
def _ln_multinomial(count: int, n_states: int) -> Floats:
    """Return ln of the number of arrangements of each way listed."""
    ln_factorial = np.array([math.lgamma(n + 1.0) for n in range(count + 1)])
    lists = _list_counts(count, n_states).astype(int)
    return np.asarray(ln_factorial[count] - ln_factorial[lists].sum(axis=1))

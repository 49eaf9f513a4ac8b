"""Which points share a pattern of what is present, and the form that solves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.numerics.build import Basis, Layout, build_form
from surfacechem.numerics.cone import Certificate, certify, certify_simple
from surfacechem.numerics.elimination import choose_eliminated
from surfacechem.numerics.kernel import Kernel
from surfacechem.numerics.structure import open_up

if TYPE_CHECKING:
    from surfacechem.numerics.problem import Problem, Term
    from surfacechem.numerics.structure import Choice, Structure

__all__ = ["Group", "Pattern", "PatternBook"]

Floats = NDArray[np.float64]

_RANK_TOLERANCE = 1e-9
_AGREEMENT = 1e-10  # relative, between totals of components that only occur together


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """What is present and how it is solved.

    Attributes
    ----------
    structure : Structure
        Species and trees that are alive.
    certificates : list of Certificate
        Combinations of totals that cannot be negative.
    kernel : Kernel, optional
        Its solver; None where some host has no state left.
    template : ndarray, shape (n_outputs,)
        Results that do not depend on the point: -inf or 0 for what is absent, counts without alternative.
    independent : tuple of int
        Columns in which the others can be written.
    agreements : tuple of Certificate
        Combinations of totals that vanish, one for each dependent column.
    """

    structure: Structure
    certificates: tuple[Certificate, ...]
    kernel: Kernel | None
    template: Floats
    independent: tuple[int, ...]
    agreements: tuple[Certificate, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Points of one pattern; without pattern they are infeasible and `reason` says why."""

    points: NDArray[np.int64]
    pattern: Pattern | None = None
    reason: str = ""


class PatternBook:
    """The patterns of one problem, built as they are met."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.n_species, self.n_components = problem.nu.shape
        self.n_weights = len(problem.ln_weight)
        self.source_names = _name_sources(problem)
        self.layout = Layout(n_components=self.n_components, n_weights=self.n_weights)
        n_choices = sum(1 + _count_factors(host.terms) for host in problem.hosts)
        self.n_outputs = self.n_components + self.n_weights + n_choices
        self._known: dict[bytes, Pattern] = {}

    def look_up(self, alive: NDArray[np.bool_], hosts: NDArray[np.bool_]) -> Pattern:
        """Return the pattern of the weights that are alive and the hosts that are present."""
        key = alive.tobytes() + hosts.tobytes()
        if key not in self._known:
            self._known[key] = self._build(open_up(self.problem, alive, hosts))
        return self._known[key]

    def group(self, sources: Floats) -> list[Group]:
        """Return the points in groups of one pattern each.

        Parameters
        ----------
        sources : ndarray, shape (n_points, n_sources)
            Totals of components, then of hosts [mol/L]; finite.
        """
        groups: list[Group] = []
        open_ones: list[tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]] = []
        everywhere = np.ones(self.n_weights, dtype=bool)
        for points, is_zero in _split(np.arange(len(sources)), sources[:, self.n_components :] == 0.0):
            open_ones.append((points, everywhere, ~is_zero))
        while open_ones:
            points, alive, hosts = open_ones.pop()
            pattern = self.look_up(alive, hosts)
            if not pattern.structure.is_possible:
                groups.append(Group(points=points, reason="a particle is left without any state its ligands allow"))
                continue
            points = self._drop_infeasible(groups, pattern, points, sources)
            killers = [each for each in pattern.certificates if each.dead]
            is_zero = (
                np.array([each.evaluate(sources[points]) == 0.0 for each in killers])
                .reshape(len(killers), len(points))
                .T
            )
            for part, zero in _split(points, is_zero):
                if not zero.any():
                    groups.append(Group(points=part, pattern=pattern))
                    continue
                rest = alive.copy()
                for number in np.flatnonzero(zero):
                    rest[list(killers[number].dead)] = False
                open_ones.append((part, rest, hosts))
        return groups

    def _drop_infeasible(
        self, groups: list[Group], pattern: Pattern, points: NDArray[np.int64], sources: Floats
    ) -> NDArray[np.int64]:
        """Move points whose totals contradict a certificate or an agreement to groups of their own."""
        for certificate in pattern.certificates:
            is_bad = certificate.evaluate(sources[points]) < 0.0
            if is_bad.any():
                text = f"{self._describe(certificate.sources)} must not be negative"
                groups.append(Group(points=points[is_bad], reason=text))
                points = points[~is_bad]
        for agreement in pattern.agreements:
            here = sources[points]
            size = np.abs(here) @ np.abs(agreement.sources)
            is_bad = np.abs(here @ agreement.sources) > _AGREEMENT * size
            if is_bad.any():
                text = f"{self._describe(agreement.sources)} must be zero"
                groups.append(Group(points=points[is_bad], reason=text))
                points = points[~is_bad]
        return points

    def _describe(self, shares: Floats) -> str:
        """Return a combination of totals in words."""
        parts = []
        for name, share in zip(self.source_names, shares, strict=True):
            if share != 0.0:
                size = "" if abs(share) == 1.0 else f"{abs(share):.6g} "
                parts.append(f"{'-' if share < 0.0 else '+'} {size}{name}")
        return "total " + " ".join(parts).removeprefix("+ ")

    def _build(self, structure: Structure) -> Pattern:
        template = np.full(self.n_outputs, np.nan)
        template[: self.n_components + self.n_species] = -np.inf
        template[self.n_components + self.n_species :] = 0.0
        for weight, count in structure.constant.items():
            template[self.layout.weight(weight)] = count
        if not structure.is_possible:
            return Pattern(
                structure=structure, certificates=(), kernel=None, template=template, independent=(), agreements=()
            )
        eliminated = choose_eliminated(structure)
        span = _span(structure)
        independent, dependent = _choose_independent(structure, span, eliminated)
        template[[self.layout.column(column) for column, _ in dependent if span[:, column].any()]] = 0.0
        found = (certify(structure, y) for _, y in dependent)
        unknowns = [column for column in independent if column not in eliminated]
        forth = np.eye(structure.n_columns)[unknowns]
        form = build_form(structure, self.layout, eliminated=eliminated, basis=Basis(forth=forth, back=forth.T.copy()))
        return Pattern(
            structure=structure,
            certificates=tuple(certify_simple(structure)),
            kernel=Kernel(form, template, self.n_components),
            template=template,
            independent=independent,
            agreements=tuple(each for each in found if each is not None),
        )


def _split(points: NDArray[np.int64], flags: NDArray[np.bool_]) -> list[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Return the points in parts that share a row of `flags`, shape (n_points, n_flags)."""
    if not len(points):
        return []
    if (flags == flags[0]).all():
        return [(points, flags[0])]
    rows, number = np.unique(flags, axis=0, return_inverse=True)
    return [(points[number.ravel() == k], row) for k, row in enumerate(rows)]


def _span(structure: Structure) -> Floats:
    """Return vectors that span all ways in which concentrations can move the balances."""
    rows = [row.nu for row in structure.rows]
    for root in structure.roots:
        rows.extend(_differences(root.choice))
    return np.array(rows).reshape(-1, structure.n_columns)


def _differences(choice: Choice) -> list[Floats]:
    found, held = [], []
    for state in choice.states:
        held.append(_first_held(state.nu, state.choices))
        for inner in state.choices:
            found.extend(_differences(inner))
    return found + [each - held[0] for each in held[1:]]


def _first_held(nu: Floats, choices: tuple[Choice, ...]) -> Floats:
    """Return what a state holds when all nested in it is in its first state."""
    total = nu
    for choice in choices:
        total = total + choice.count * _first_held(choice.states[0].nu, choice.states[0].choices)
    return total


def _choose_independent(
    structure: Structure, span: Floats, eliminated: tuple[int, ...]
) -> tuple[tuple[int, ...], list[tuple[int, Floats]]]:
    """Return independent columns, the eliminated among them, and the relation of each dependent one."""
    has_species = [
        any(np.count_nonzero(row.nu) == 1 and row.nu[column] for row in structure.rows)
        for column in range(structure.n_columns)
    ]
    rest = [column for column in range(structure.n_columns) if column not in eliminated]
    chosen: list[int] = []
    directions = np.zeros((len(span), 0))
    dependent = []
    for column in (*eliminated, *sorted(rest, key=lambda each: not has_species[each])):
        vector = span[:, column]
        left = vector - directions @ (directions.T @ vector)
        left -= directions @ (directions.T @ left)
        size = float(np.linalg.norm(left))
        if size > _RANK_TOLERANCE * max(1.0, float(np.linalg.norm(vector))):
            directions = np.column_stack((directions, left / size))
            chosen.append(column)
        else:
            dependent.append(column)
    relations = []
    for column in dependent:
        y = np.zeros(structure.n_columns)
        y[chosen] = -np.linalg.lstsq(span[:, chosen], span[:, column])[0]
        y[np.abs(y) < _RANK_TOLERANCE] = 0.0
        y[column] = 1.0
        relations.append((column, y))
    return tuple(chosen), relations


def _name_sources(problem: Problem) -> tuple[str, ...]:
    components = problem.component_names or tuple(f"component {i}" for i in range(problem.nu.shape[1]))
    return (*components, *(host.name for host in problem.hosts))


def _count_factors(terms: tuple[Term, ...]) -> int:
    return sum(1 + _count_factors(factor.terms) for term in terms for factor in term.factors)

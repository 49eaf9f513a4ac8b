"""Which points share a pattern of what is present, and the form that solves them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.numerics.build import Basis, Layout, build_form
from surfacechem.numerics.cone import Certificate, certify, certify_faces, certify_simple
from surfacechem.numerics.elimination import choose_eliminated
from surfacechem.numerics.independence import choose_independent, span_of
from surfacechem.numerics.kernel import Kernel
from surfacechem.numerics.screening import screen
from surfacechem.numerics.structure import open_up

if TYPE_CHECKING:
    from surfacechem.numerics.problem import Problem, Term
    from surfacechem.numerics.structure import Structure

__all__ = ["Group", "Pattern", "PatternBook"]

Floats = NDArray[np.float64]
Open = tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]
"""Points, and the weights and hosts that are not ruled out so far."""

_AGREEMENT = 1e-10  # relative, between totals of components that only occur together


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """What is present and how it is solved.

    Attributes
    ----------
    alive, hosts : ndarray of bool
        Weights and hosts that are present.
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
    shares : ndarray, shape (n_agreements + n_certificates, n_sources + 1)
        The combinations, and the share of their size within which each counts as zero.
    rescues : dict
        Kernels in other coordinates, by what they are measured from.
    """

    alive: NDArray[np.bool_]
    hosts: NDArray[np.bool_]
    structure: Structure
    certificates: tuple[Certificate, ...]
    kernel: Kernel | None
    template: Floats
    independent: tuple[int, ...]
    agreements: tuple[Certificate, ...]
    shares: Floats
    rescues: dict[bytes, Kernel] = field(default_factory=dict)


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
            self._known[key] = self._build(alive, hosts)
        return self._known[key]

    def group(self, points: NDArray[np.int64], sources: Floats, alive: NDArray[np.bool_] | None = None) -> list[Group]:
        """Return points in groups of one pattern each.

        Parameters
        ----------
        points : ndarray of int
            Rows of `sources`.
        sources : ndarray, shape (n_all, n_sources)
            Totals of components, then of hosts [mol/L]; finite at the points.
        alive : ndarray of bool, shape (n_points, n_weights), optional
            Weights that are not ruled out from the start; by default all.
        """
        open_ones: list[Open] = []
        everywhere = np.ones(self.n_weights, dtype=bool)
        hosts = sources[points, self.n_components :] != 0.0
        for part, present in _split(points, hosts if alive is None else np.hstack((hosts, alive))):
            n_hosts = hosts.shape[1]
            open_ones.append((part, everywhere if alive is None else present[n_hosts:], present[:n_hosts]))
        return self._settle(open_ones, sources)

    def look_closer(self, pattern: Pattern, points: NDArray[np.int64], sources: Floats) -> list[Group]:
        """Return those points that lie on a face of the cone of totals, which is too dear to look for at every point.

        Parameters
        ----------
        pattern : Pattern
            Where the points are now.
        points : ndarray of int
            Rows of `sources` that could not be solved.
        sources : ndarray, shape (n_all, n_sources)
            Totals of components, then of hosts [mol/L].
        """
        faces = certify_faces(pattern.structure, pattern.independent)
        if not faces:
            return []
        signs = screen(points, sources, _stack(tuple(faces), (), self.problem))
        open_ones: list[Open] = []
        for part, is_zero in _split(points, signs == 0):
            rest = pattern.alive.copy()
            for number in np.flatnonzero(is_zero):
                rest[list(faces[number].dead)] = False
            if is_zero.any():
                open_ones.append((part, rest, pattern.hosts))
        return self._settle(open_ones, sources)

    def _settle(self, open_ones: list[Open], sources: Floats) -> list[Group]:
        """Return points in groups of one pattern each, after taking out what their totals leave no room for."""
        groups: list[Group] = []
        while open_ones:
            points, alive, hosts = open_ones.pop()
            pattern = self.look_up(alive, hosts)
            if not pattern.structure.is_possible:
                groups.append(Group(points=points, reason="a particle is left without any state its ligands allow"))
                continue
            signs = screen(points, sources, pattern.shares)
            points, signs = self._drop_infeasible(groups, pattern, points, signs)
            killers = [number for number, each in enumerate(pattern.certificates) if each.dead]
            is_zero = signs[:, [len(pattern.agreements) + number for number in killers]] == 0
            for part, zero in _split(points, is_zero):
                if not zero.any():
                    groups.append(Group(points=part, pattern=pattern))
                    continue
                rest = alive.copy()
                for number in np.flatnonzero(zero):
                    rest[list(pattern.certificates[killers[number]].dead)] = False
                open_ones.append((part, rest, hosts))
        return groups

    def _drop_infeasible(
        self, groups: list[Group], pattern: Pattern, points: NDArray[np.int64], signs: NDArray[np.int8]
    ) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        """Move points whose totals contradict a certificate or an agreement to groups of their own."""
        n_agreements = len(pattern.agreements)
        is_wrong = signs < 0
        is_wrong[:, :n_agreements] = signs[:, :n_agreements] != 0
        if not is_wrong.any():
            return points, signs
        for number in np.flatnonzero(is_wrong.any(axis=0)):
            is_bad = is_wrong[:, number] & ~is_wrong[:, :number].any(axis=1)
            if is_bad.any():
                groups.append(Group(points=points[is_bad], reason=self._explain(pattern, int(number))))
        is_good = ~is_wrong.any(axis=1)
        return points[is_good], signs[is_good]

    def _explain(self, pattern: Pattern, number: int) -> str:
        """Return which condition on the totals a point breaks."""
        checks = (*pattern.agreements, *pattern.certificates)
        verb = "must be zero" if number < len(pattern.agreements) else "must not be negative"
        return f"{self.describe(checks[number].sources)} {verb}"

    def describe(self, shares: Floats) -> str:
        """Return a combination of totals in words."""
        parts = []
        for name, share in zip(self.source_names, shares, strict=True):
            if share != 0.0:
                size = "" if abs(share) == 1.0 else f"{abs(share):.6g} "
                parts.append(f"{'-' if share < 0.0 else '+'} {size}{name}")
        return "total " + " ".join(parts).removeprefix("+ ")

    def _build(self, alive: NDArray[np.bool_], hosts: NDArray[np.bool_]) -> Pattern:
        structure = open_up(self.problem, alive, hosts)
        template = np.full(self.n_outputs, np.nan)
        template[: self.n_components + self.n_species] = -np.inf
        template[self.n_components + self.n_species :] = 0.0
        for weight, count in structure.constant.items():
            template[self.layout.weight(weight)] = count
        if not structure.is_possible:
            return Pattern(
                alive=alive,
                hosts=hosts,
                structure=structure,
                certificates=(),
                kernel=None,
                template=template,
                independent=(),
                agreements=(),
                shares=np.zeros((0, 0)),
            )
        eliminated = choose_eliminated(structure)
        span = span_of(structure)
        independent, dependent = choose_independent(structure, span, eliminated)
        template[[self.layout.column(column) for column, _ in dependent if span[:, column].any()]] = 0.0
        found = (certify(structure, y) for _, y in dependent)
        agreements = tuple(each for each in found if each is not None)
        certificates = tuple(certify_simple(structure))
        unknowns = [column for column in independent if column not in eliminated]
        forth = np.eye(structure.n_columns)[unknowns]
        form = build_form(structure, self.layout, eliminated=eliminated, basis=Basis(forth=forth, back=forth.T.copy()))
        return Pattern(
            alive=alive,
            hosts=hosts,
            structure=structure,
            certificates=certificates,
            kernel=Kernel(form, template),
            template=template,
            independent=independent,
            agreements=agreements,
            shares=_stack(certificates, agreements, self.problem),
        )


def _split(points: NDArray[np.int64], flags: NDArray[np.bool_]) -> list[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Return the points in parts that share a row of `flags`, shape (n_points, n_flags)."""
    if not len(points):
        return []
    is_first = (flags == flags[0]).all(axis=1)
    if is_first.all():
        return [(points, flags[0])]
    others = flags[~is_first]
    if (others == others[0]).all():  # a titration with a first point without titrant
        return [(points[is_first], flags[0]), (points[~is_first], others[0])]
    # A row as one string of bytes sorts many times faster than as a row of an array.
    packed = np.ascontiguousarray(np.packbits(flags, axis=1))
    _, first, number = np.unique(packed.view(f"S{packed.shape[1]}").ravel(), return_index=True, return_inverse=True)
    return [(points[number == k], flags[row]) for k, row in enumerate(first)]


def _stack(certificates: tuple[Certificate, ...], agreements: tuple[Certificate, ...], problem: Problem) -> Floats:
    """Return the combinations to screen points with, the last column being the tolerance of each."""
    n_sources = problem.nu.shape[1] + len(problem.hosts)
    exact = [np.append(each.sources, np.finfo(float).eps) for each in certificates]
    loose = [np.append(each.sources, _AGREEMENT) for each in agreements]
    return np.array([*loose, *exact]).reshape(-1, n_sources + 1)


def _name_sources(problem: Problem) -> tuple[str, ...]:
    components = problem.component_names or tuple(f"component {i}" for i in range(problem.nu.shape[1]))
    return (*components, *(host.name for host in problem.hosts))


def _count_factors(terms: tuple[Term, ...]) -> int:
    return sum(1 + _count_factors(factor.terms) for term in terms for factor in term.factors)

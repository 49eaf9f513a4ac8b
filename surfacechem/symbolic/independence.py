"""Which constants are independent: cycles of reactions and ties, settled exactly.

A cycle of reactions (one that restores everything) has ``sum(z * ln K) = 0``. Where a constant of the cycle is to be
fitted it follows from the others; where all are fixed they must agree, or the model contradicts itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import log
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.constant import Convention, Role, StandardState
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.errors import ConventionError, ModelError, UnknownNameError
from surfacechem.symbolic.exact import dot, row_reduce

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.chem.constant import EquilibriumConstant
    from surfacechem.chem.system import Reaction, System
    from surfacechem.symbolic.basis import Basis
    from surfacechem.symbolic.exact import Echelon, Row

__all__ = ["Constants", "find_independent", "ln_value", "particle_factor", "particle_shifts", "turned_states"]

CYCLE_ATOL = 1e-6
"""Disagreement of fixed constants around a cycle that is taken as rounding [log10 units]."""
ENTHALPY_ATOL = 1.0
"""The same for enthalpies [J/mol]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Constants:
    """All constants of a system as affine functions of the independent ones.

    Attributes
    ----------
    given : tuple of EquilibriumConstant
        Those of the reactions, of the conformers, then the couplings of neighbours.
    independent : tuple of int
        Positions in `given` of the ones that make up theta.
    powers : tuple of Row
        ``powers[k][i]``: power of independent constant ``i`` (position in theta) in constant ``k``.
    offset : ndarray, shape (n_given,)
        ``ln K[k] = offset[k] + powers[k] @ theta``, as the user's convention gives it.
    """

    given: tuple[EquilibriumConstant, ...]
    independent: tuple[int, ...]
    powers: tuple[Row, ...]
    offset: NDArray[np.float64]


def ln_value(constant: EquilibriumConstant, temperature: float) -> float:
    """Return ln K in mol/L based units at a temperature [K]; NaN where the model gives no value.

    Without a value it is ``-dH/(R T) + dS/R``, where the model gives both.

    Raises
    ------
    ConventionError
        When the value is known at another temperature only and no enthalpy is given.
    """
    if constant.log10_value is not None:
        return constant.at(temperature).ln_value
    if constant.enthalpy is None or constant.entropy is None:
        return float("nan")
    return (constant.entropy - constant.enthalpy / temperature) / GAS_CONSTANT


def particle_factor(reaction: Reaction, system: System, basis: Basis, number: int) -> Fraction:
    """Return K (user's convention) over K (per site): 1, or the statistical factor of a particle.

    That factor is N for the first step of N sites, (N - n + 1)/n for step n.

    Raises
    ------
    ConventionError
        When the reaction has no such step of a particle, or the constant refers to mole fractions.
    """
    constant = reaction.constant
    if constant.standard_state is StandardState.MOLE_FRACTION:
        raise ConventionError(
            f"constant {constant.name!r}",
            found="the mole fraction standard state",
            allowed="1 mol/L: concentrations are solved in mol/L",
            advice="convert it first: constant.to_molar(solvent=...)",
        )
    if constant.convention is not Convention.PER_PARTICLE:
        return Fraction(1)
    turned = turned_states(reaction, basis, number)
    if sorted(turned.values()) != [-1, 1]:
        raise ConventionError(
            f"constant {constant.name!r} of reaction {reaction.name!r}",
            found="'per particle' where not exactly one site changes",
            allowed="'per particle' for reactions that turn one site into another state",
            advice="give the constant per site",
        )
    factor = (system.sites[basis.entities.site_of[min(turned)]].count - constant.step + 1) / constant.step
    if factor <= 0:
        raise ConventionError(
            f"constant {constant.name!r} of reaction {reaction.name!r}",
            found=f"step {constant.step}",
            allowed="steps up to the number of sites",
            advice="correct the step, or the number of sites",
        )
    return factor


def turned_states(reaction: Reaction, basis: Basis, number: int) -> Row:
    """Return the site states that a reaction itself names and turns; what units carry along is left out."""
    named = {basis.entities.index[term.name] for term in reaction.terms if term.site is not None}
    return {column: count for column, count in basis.stoichiometry[number].items() if column in named}


def particle_shifts(system: System, basis: Basis) -> list[float]:
    """Return ln of `particle_factor` of every reaction."""
    return [log(particle_factor(reaction, system, basis, number)) for number, reaction in enumerate(system.reactions)]


def find_independent(system: System, basis: Basis, cycles: tuple[Row, ...]) -> Constants:
    """Return which constants are independent and how the others follow from them.

    Raises
    ------
    ModelError
        When constants have one name, or fixed constants contradict each other around a cycle.
    ConventionError
        When constants of different kind are tied, or the convention does not suit the reaction.
    UnknownNameError
        When a constant is tied to one that the model does not have.
    """
    given = system.constants
    shift = particle_shifts(system, basis)
    rows, sides = list(cycles), [sum(float(z) * shift[k] for k, z in cycle.items()) for cycle in cycles]
    for row, side in _list_ties(given):
        rows.append(row)
        sides.append(side)
    reluctance = [_reluctance(constant) * len(given) - number for number, constant in enumerate(given)]
    echelon = row_reduce(rows, rank_of=lambda column: reluctance[column])
    right = [
        sum(float(factor) * sides[equation] for equation, factor in combination.items())
        for combination in (*echelon.combinations, *echelon.cycles)
    ]
    values = [ln_value(constant, system.temperature) for constant in given]
    _check_cycles(given, echelon, right, values)
    return _collect(given, echelon, right)


def _collect(given: tuple[EquilibriumConstant, ...], echelon: Echelon, right: list[float]) -> Constants:
    dependent = dict(zip(echelon.pivots, zip(echelon.rows, right, strict=False), strict=True))
    independent = tuple(number for number in range(len(given)) if number not in dependent)
    place = {number: position for position, number in enumerate(independent)}
    powers: list[Row] = []
    offset = np.zeros(len(given))
    for number in range(len(given)):
        if number in place:
            powers.append({place[number]: Fraction(1)})
        else:
            row, offset[number] = dependent[number]
            powers.append({place[other]: -power for other, power in row.items() if other != number})
    return Constants(given=given, independent=independent, powers=tuple(powers), offset=offset)


def _list_ties(given: tuple[EquilibriumConstant, ...]) -> list[tuple[Row, float]]:
    """Return which differences of ln K are how large."""
    names = [constant.name for constant in given]
    if len(set(names)) < len(names):
        doubled = next(name for name in names if names.count(name) > 1)
        raise ModelError(
            f"constant {doubled!r}",
            found="the name twice",
            allowed="one name for each constant",
            advice="label the reactions differently, or tie one constant to the other",
        )
    ties: list[tuple[Row, float]] = []
    for number, constant in enumerate(given):
        if constant.role is not Role.TIED:
            continue
        if constant.tied_to not in names:
            raise UnknownNameError(
                f"constant {constant.name!r}",
                found=f"a tie to {constant.tied_to!r}",
                allowed=", ".join(name for name in names if name != constant.name),
                advice="tie it to a constant of this model",
            )
        other = names.index(constant.tied_to)
        _check_tie(constant, given[other])
        if other != number:
            ties.append(({number: Fraction(1), other: Fraction(-1)}, log(constant.tied_factor)))
    return ties


def _check_tie(constant: EquilibriumConstant, other: EquilibriumConstant) -> None:
    kinds = [(one.convention.value, f"(mol/L)^{one.molar_exponent}") for one in (constant, other)]
    if kinds[0] != kinds[1]:
        raise ConventionError(
            f"constants {constant.name!r} and {other.name!r}",
            found=" tied to ".join(", ".join(kind) for kind in kinds),
            allowed="ties between constants of one convention and one unit",
            advice="give both constants in the same convention and untie those of different unit",
        )


def _reluctance(constant: EquilibriumConstant) -> int:
    """Rank who follows from the others: tied, then unknown, then started; fixed constants never if possible."""
    if constant.role is Role.TIED:
        return 1
    if constant.role is Role.FREE:
        return 2 if constant.log10_value is None else 3
    return 4


def _check_cycles(
    given: tuple[EquilibriumConstant, ...], echelon: Echelon, right: list[float], values: list[float]
) -> None:
    """Refuse cycles among fixed constants that do not close."""
    closed = [
        (row, side)
        for row, side in zip((*echelon.rows, *({} for _ in echelon.cycles)), right, strict=True)
        if all(given[column].role is Role.FIXED for column in row)
    ]
    for row, side in closed:
        gap = (sum(float(power) * values[column] for column, power in row.items()) - side) / LN10
        if not abs(gap) <= CYCLE_ATOL:
            raise ModelError(
                f"the cycle of {', '.join(given[column].name for column in sorted(row)) or 'tied constants'}",
                found=f"fixed constants that miss each other by {gap:+.4g} in log10 K",
                allowed="constants whose product around a cycle of reactions is 1",
                advice="leave one of these reactions out, or let its constant be found ('fit')",
            )
        heats = {column: given[column].enthalpy for column in row}
        known = {column: Fraction(heat) for column, heat in heats.items() if heat is not None}
        if len(known) == len(row) and abs(dot(row, known)) > ENTHALPY_ATOL:
            raise ModelError(
                f"the cycle of {', '.join(given[column].name for column in sorted(row))}",
                found=f"enthalpies that miss each other by {float(dot(row, known)):+.4g} J/mol",
                allowed="enthalpies that add up to 0 around a cycle of reactions",
                advice="correct one dH, or leave it out",
            )

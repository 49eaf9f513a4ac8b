"""What neighbours do to a shell, as rows: number of fillings, weights by ligand count, macroscopic constants."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import sympy as sp

from surfacechem.symbolic.polynomial import arranged
from surfacechem.symbolic.rows import formula_line, words_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from surfacechem.chem.system import System
    from surfacechem.symbolic.mass_action import Equations
    from surfacechem.symbolic.rows import Line

__all__ = ["arranged_lines"]

MOST_STEPS: Final = 12
"""Ligand counts spelled out one by one; of a longer ladder the first three and the last."""


def arranged_lines(
    system: System, equations: Equations, number: int, site: int, symbols: list[sp.Symbol]
) -> Iterable[Line]:
    """Show the weights of an arranged class and, for two states, its stepwise constants.

    Parameters
    ----------
    system, equations : System, Equations
        The model.
    number, site : int
        Positions of the form in ``Equations.forms``, and of the class in ``System.sites``.
    symbols : list of Symbol
        Ratios of its other states to the native one.
    """
    declared = system.sites[site]
    macrostates, coupled = arranged(system, equations, number, site)
    n_ways = sum(each.multiplicity for each in macrostates)
    what = f"{declared.name} as {declared.arrangement}"
    yield words_line(f"{what}: macrostates", f"{len(macrostates)}, which stand for {n_ways} fillings")
    if len(symbols) > 1:
        return
    weights: Counter[int] = Counter()
    for each in macrostates:
        weights[each.counts[1]] += each.multiplicity * sp.Mul(
            *(symbol**pairs for symbol, pairs in zip(coupled, each.pairs, strict=True))
        )
    last = max(weights)
    shown = range(1, last + 1) if last <= MOST_STEPS else (1, 2, 3, last)
    for n in shown:
        yield formula_line(f"{what}: weight of {n}", weights[n] * symbols[0] ** n)
    for n in shown:
        ratio = sp.factor_terms(weights[n] / weights[n - 1])
        yield formula_line(f"{what}: stepwise constant {n}", ratio * symbols[0])

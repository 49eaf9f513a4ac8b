"""The compiled symbolic residual: the independent oracle of the tests, never the hot loop.

It knows nothing of weights, hosts or logarithms of components: it takes concentrations as they come out of a solver and
says how far each equation, as it was written, is from being satisfied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from surfacechem.symbolic.mass_action import write_equations

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from surfacechem.chem.system import System

__all__ = ["Oracle", "compile_residual"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Oracle:
    """Residuals of all equations of a system.

    Attributes
    ----------
    names : tuple of str
        Name of each equation, laws first.
    unknowns : tuple of str
        Concentrations in the order of the solver's weights.
    """

    names: tuple[str, ...]
    unknowns: tuple[str, ...]
    _laws: Callable[..., list[float]]
    _balances: Callable[..., list[float]]
    _used: tuple[int, ...]  # a cluster without conformers has one symbol for what is put in and what is there

    def residual(
        self,
        concentration: NDArray[np.float64],
        *,
        constants: NDArray[np.float64],
        amounts: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return the relative error of each equation at one point.

        Parameters
        ----------
        concentration : ndarray, shape (n_weights,)
            Species, then for each form its particles and the states of its sites [mol/L], all above 0.
        constants : ndarray, shape (n_given,)
            ln of every constant of the model (not only the independent ones), as the user's convention gives it.
        amounts : ndarray, shape (n_feeds,)
            What was put in [mol/L].

        Returns
        -------
        ndarray, shape (n_equations,)
            ln(quotient/K) for a law; (in - found)/(sum of all terms) for a balance.
        """
        laws = self._laws(*np.log(concentration), *constants)
        balances = self._balances(*np.concatenate([concentration, amounts])[list(self._used)])
        return np.array([*laws, *balances], dtype=float)


def compile_residual(system: System) -> Oracle:
    """Return the compiled equations of a system."""
    equations = write_equations(system)
    ln_of = {
        symbol: sp.Symbol(f"u{number}", real=True)
        for number, symbol in enumerate((*equations.unknowns, *equations.constants))
    }
    by_logarithm = {symbol: sp.exp(logarithm) for symbol, logarithm in ln_of.items()}
    laws = [
        sp.expand_log(sp.log(law.equation.rhs / law.equation.lhs).subs(by_logarithm), force=True)
        for law in equations.laws
    ]
    symbols = (*equations.unknowns, *equations.amounts.values())
    plain = {symbol: sp.Symbol(f"c{number}") for number, symbol in enumerate(dict.fromkeys(symbols))}
    balances = [_relative(balance.equation.subs(plain)) for balance in equations.balances]
    return Oracle(
        names=tuple(statement.name for statement in (*equations.laws, *equations.balances)),
        unknowns=tuple(symbol.name for symbol in equations.unknowns),
        _laws=sp.lambdify([*ln_of.values()], laws, modules="numpy"),
        _balances=sp.lambdify([*plain.values()], balances, modules="numpy"),
        _used=tuple(symbols.index(symbol) for symbol in plain),
    )


def _relative(balance: sp.Eq) -> sp.Expr:
    """Return (in - found) over the sum of all terms without sign."""
    terms = (*sp.Add.make_args(balance.lhs), *sp.Add.make_args(balance.rhs))
    return (balance.lhs - balance.rhs) / sp.Add(*(sp.Abs(term) for term in terms))

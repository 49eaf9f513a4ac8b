"""Equilibria that can be written down, in the forms that do not cancel.

The textbook root of a quadratic subtracts two nearly equal numbers where binding is weak and is 0/0 for exchange with
K = 1. Multiplied by its conjugate it is a sum of positive terms over another; the discriminants are written as sums of
positive terms too.
"""

from __future__ import annotations

import sympy as sp

__all__ = ["binding_one_to_one", "exchange_fraction", "hill_fraction", "isotope_fraction", "steepness"]


def binding_one_to_one(constant: sp.Expr, host: sp.Expr, guest: sp.Expr) -> sp.Expr:
    """Return [HG] at equilibrium of H + G = HG.

    Parameters
    ----------
    constant : sympy.Expr
        K [L/mol], > 0.
    host, guest : sympy.Expr
        Totals [mol/L], >= 0.

    Examples
    --------
    >>> binding_one_to_one(sp.Integer(1), sp.Integer(2), sp.Integer(2))
    1
    """
    one = sp.Integer(1) / constant
    root = sp.sqrt((host - guest) ** 2 + 2 * (host + guest) * one + one**2)
    return 2 * host * guest / (host + guest + one + root)


def exchange_fraction(constant: sp.Expr, equivalents: sp.Expr, sites: sp.Expr) -> sp.Expr:
    """Return the exchanged fraction of `sites` identical sites that were all native at the start.

    ``theta^2 / ((1 - theta)(e/N - theta)) = K`` for X-for-X exchange with K per site.

    Parameters
    ----------
    constant : sympy.Expr
        K per site [1], > 0.
    equivalents : sympy.Expr
        Incoming acid per particle [1], >= 0.
    sites : sympy.Expr
        Sites per particle [1], > 0.

    Examples
    --------
    >>> exchange_fraction(sp.Integer(1), sp.Integer(51), sp.Integer(51))
    1/2
    """
    offered = equivalents / sites
    root = sp.sqrt(constant**2 * (1 - offered) ** 2 + 4 * constant * offered)
    return 2 * constant * offered / (constant * (1 + offered) + root)


def isotope_fraction(equivalents: sp.Expr, sites: sp.Expr) -> sp.Expr:
    """Return the exchanged fraction for K = 1 exactly: ``e/(N + e)``.

    Examples
    --------
    >>> isotope_fraction(sp.Integer(10), sp.Integer(51))
    10/61
    """
    return equivalents / (sites + equivalents)


def hill_fraction(half: sp.Expr, free: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """Return ``x^h/(1 + x^h)`` with ``x = free/half``: a description of a curve, not a model of binding.

    The exponent says how steep a curve is and is no number of sites; on N sites it lies between 0 and N.
    `steepness` reads it off any binding curve.

    Parameters
    ----------
    half : sympy.Expr
        Free ligand at half coverage [mol/L], > 0.
    free : sympy.Expr
        Free ligand [mol/L], >= 0.
    exponent : sympy.Expr
        Hill exponent [1], > 0.

    Examples
    --------
    >>> hill_fraction(sp.Integer(2), sp.Integer(2), sp.Integer(3))
    1/2
    """
    return free**exponent / (half**exponent + free**exponent)


def steepness(coverage: sp.Expr, free: sp.Symbol) -> sp.Expr:
    """Return the Hill exponent of a binding curve where it is: ``d ln(theta/(1 - theta)) / d ln free``.

    Examples
    --------
    >>> x, K = sp.symbols("x K", positive=True)
    >>> steepness(K * x / (1 + K * x), x)
    1
    """
    return sp.simplify(free * sp.diff(coverage, free) / (coverage * (1 - coverage)))

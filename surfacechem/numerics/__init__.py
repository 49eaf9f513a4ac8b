"""Equilibria of a network, numerically: arrays in, arrays out.

Names are loaded when first used, so that reading a model does not import the compiler.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from surfacechem.numerics.auditing import Audit, audit
    from surfacechem.numerics.batch import Batch
    from surfacechem.numerics.preparing import prepare, solve, stream
    from surfacechem.numerics.problem import Factor, Host, Problem, Term
    from surfacechem.numerics.slopes import Directions
    from surfacechem.numerics.solution import Derivatives, Solution
    from surfacechem.numerics.status import Status

__all__ = [
    "Audit",
    "Batch",
    "Derivatives",
    "Directions",
    "Factor",
    "Host",
    "Problem",
    "Solution",
    "Status",
    "Term",
    "audit",
    "prepare",
    "solve",
    "stream",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "auditing": ["Audit", "audit"],
        "batch": ["Batch"],
        "preparing": ["prepare", "solve", "stream"],
        "problem": ["Factor", "Host", "Problem", "Term"],
        "slopes": ["Directions"],
        "solution": ["Derivatives", "Solution"],
        "status": ["Status"],
    },
)

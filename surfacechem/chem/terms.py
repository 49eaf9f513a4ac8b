"""Terms of reactions from text: a coefficient, and a species or a site with what it holds."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from surfacechem.chem.formula import normal_primes
from surfacechem.chem.system import Term
from surfacechem.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["read_side", "read_term"]

_TERM: Final = re.compile(
    r"\s*(?P<count>\d{1,9}(?:\.\d{1,9}|/\d{1,9})?(?=[\s(A-Z]))?\s*(?:(?P<wide>\()?(?P<site>[A-Za-z][\w.]*)(?(wide)\)2)-)?(?P<entity>[^\W\d]\S{0,199}|[(\[]\S{1,199}|\*)\s*"
)


def read_term(text: str) -> Term:
    """Return a term from its text, ``"2 HO2CR"`` or ``"In-O2CR'"``.

    Raises
    ------
    ModelError
        If it is no term.
    """
    found = _TERM.fullmatch(normal_primes(text))
    if found is None or found["count"] in {"0", "0.0"} or (found["count"] or "").endswith("/0"):
        raise ModelError(
            f"term '{text[:80]}'",
            found="no coefficient and name",
            allowed="a positive coefficient and a species, or a site and what it holds",
            advice="write '2 HO2CR', 'In-O2CR' or 'In-*'",
        )
    return Term(
        coefficient=Fraction(found["count"] or 1), entity=found["entity"], site=found["site"],
        span=2 if found["wide"] else 1,
    )  # fmt: skip


def read_side(terms: Sequence[str | Term]) -> tuple[Term, ...]:
    """Return the terms of one side of a reaction, or the states of a coupling.

    Raises
    ------
    ModelError
        If they are one text, or one of them is neither text nor term.
    """
    strange = [terms] if isinstance(terms, str) else [each for each in terms if not isinstance(each, str | Term)]
    if strange:
        raise ModelError(
            f"terms of a reaction: {strange[0]!r}"[:100],
            found=type(strange[0]).__name__,
            allowed="a list of texts, a coefficient in front where it is not 1",
            advice="write ['In-*', '2 NH2R']",
        )
    return tuple(read_term(each) if isinstance(each, str) else each for each in terms)

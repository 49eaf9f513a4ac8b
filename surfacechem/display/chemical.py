"""Names of chemistry as they are printed: counts as subscripts, primes and charges as such."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["chemical", "superscript"]

SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS: Final = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")

# One alternative per sign; text between them is copied. Parameters, K[X1], and the names that a dot parts, Cd.a and
# CdS37.b340, are no formulas; neither is the number of three digits that names a band, InP386.
_SIGN: Final = re.compile(
    r"(?P<verbatim>(?<![A-Za-z)\]'])(?:[A-Za-z]0?|active)\[[^\]]*\]|(?<=\w)\.[A-Za-z]\w*)"
    r"|\^(?P<charge>\d*[+-])"
    r"|(?<=[A-Za-z)\]'])(?P<count>\d{1,2}(?:\.\d+)?)(?!\d)"
    r"|(?<=[A-Za-z)\]\d])(?P<prime>'+)"
)


def chemical(text: str) -> str:
    """Return the name of a species, a ligand or a cluster as a journal prints it; other text stays.

    Examples
    --------
    >>> chemical("In-HO3PR'"), chemical("equiv per In37P20(O2CR)51"), chemical("Cd^2+")
    ('In-HO₃PR′', 'equiv per In₃₇P₂₀(O₂CR)₅₁', 'Cd²⁺')
    >>> chemical("K[X1]"), chemical("CdS37.b340"), chemical("Cd.a-O2CR")
    ('K[X1]', 'CdS₃₇.b340', 'Cd.a-O₂CR')
    """
    return _SIGN.sub(_printed, text)


def superscript(text: str) -> str:
    """Return digits and signs raised, e.g. those of an exponent.

    Examples
    --------
    >>> superscript("-3")
    '⁻³'
    """
    return text.translate(SUPERSCRIPTS)


def _printed(sign: re.Match[str]) -> str:
    if sign["charge"]:
        return superscript(sign["charge"])
    if sign["count"]:
        return sign["count"].translate(SUBSCRIPTS)
    if sign["prime"]:
        return "\N{PRIME}" * len(sign["prime"])
    return sign[0]

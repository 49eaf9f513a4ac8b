"""Plain text of equations as HTML with subscripts, superscripts and arrows; everything else is escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from surfacechem.display import escape
from surfacechem.symbolic.render import describe

if TYPE_CHECKING:
    from surfacechem.chem.system import System

__all__ = ["Equations", "equations", "equations_html", "typeset"]

WORDED_SECTIONS: Final = ("Rank and components", "Constants")

# One alternative per sign; text between them is copied, escaped.
_SIGN: Final = re.compile(
    r"(?P<arrow><=>)"
    r"|(?P<constant>\b(?:K|L0))\[(?P<label>[^\]\s]+)\]"
    r"|\^(?P<power>-?\d+|[a-z]\b|\([-\d/]+\))"
    r"|(?<=\])(?P<total>0)(?!\d)"
    r"|(?<=[A-Za-z)'])(?<!\de)(?P<count>\d+(?:\.\d+)?)"
    r"|(?<=[\s(])(?P<minus>-)(?=[\s\d])"
    r"|(?<=[A-Za-z)\d])(?P<prime>'+)"
)


@dataclass(frozen=True, kw_only=True)
class Equations:
    """Rows of a label and an equation, which is HTML already, under one heading."""

    title: str
    rows: tuple[tuple[str, str], ...]


def equations(system: System) -> tuple[Equations, ...]:
    """Return what there is to say of a model, section by section, typeset where it is no prose."""
    return tuple(
        Equations(
            title=section.title,
            rows=tuple(
                (line.label, (escape if section.title in WORDED_SECTIONS else typeset)(line.text))
                for line in section.lines
            ),
        )
        for section in describe(system)
    )


def equations_html(system: System) -> str:
    """Return the equations of a model as HTML tables, for a notebook."""
    return "".join(
        f'<table class="surfacechem">\n<caption>{escape(section.title)}</caption>\n'
        + "".join(f'<tr><th scope="row">{escape(label)}</th><td>{row}</td></tr>\n' for label, row in section.rows)
        + "</table>\n"
        for section in equations(system)
    )


def typeset(text: str) -> str:
    """Return an equation or a reaction as HTML.

    Examples
    --------
    >>> typeset("K[X1] = [HO2CR]^2")
    '<i>K</i><sub>X1</sub> = [HO<sub>2</sub>CR]<sup>2</sup>'
    """
    parts, end = [], 0
    for sign in _SIGN.finditer(text):
        parts += [escape(text[end : sign.start()]), _html(sign)]
        end = sign.end()
    return "".join([*parts, escape(text[end:])])


def _html(sign: re.Match[str]) -> str:
    kind = sign.lastgroup
    if kind == "arrow":
        return "⇌"
    if kind == "minus":
        return "\N{MINUS SIGN}"
    if kind == "prime":
        return "′" * len(sign["prime"])
    if kind == "label":
        return f"<i>{sign['constant'][0]}</i><sub>{escape(sign['constant'][1:] + sign['label'])}</sub>"
    if kind == "power":
        return f"<sup>{escape(sign['power'].strip('()')).replace('-', chr(0x2212))}</sup>"
    return f"<sub>{sign[kind or 0]}</sub>"

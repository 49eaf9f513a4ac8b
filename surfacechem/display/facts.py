"""Facts about a result, each with a sentence and, where it is bad news, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from surfacechem.display.escaping import escape, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Fact", "Tone", "facts_html", "facts_text"]


class Tone(StrEnum):
    """How a fact bears on the trust in a result."""

    GOOD = "good"
    NOTE = "note"  # to know, nothing to do
    WARNING = "warning"  # the result stands, with a limit
    BAD = "bad"  # the result is not to be trusted


# Read aloud and in black and white as well, so a sign and a word, not a colour alone.
SIGNS = {Tone.GOOD: "✓", Tone.NOTE: "·", Tone.WARNING: "!", Tone.BAD: "✗"}
WORDS = {Tone.GOOD: "Good", Tone.NOTE: "Note", Tone.WARNING: "Caution", Tone.BAD: "Problem"}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A named fact: ``name`` for programs, ``sentence`` and ``advice`` for people."""

    name: str
    tone: Tone
    sentence: str
    advice: str = ""


def facts_text(facts: Iterable[Fact]) -> str:
    """Return one line per fact, its advice indented below."""
    lines = []
    for fact in facts:
        lines.append(f"{SIGNS[fact.tone]} {printable(fact.sentence)}")
        if fact.advice:
            lines.append(f"  {printable(fact.advice)}")
    return "\n".join(lines)


def facts_html(facts: Iterable[Fact]) -> str:
    """Return the facts as an HTML list; the tone is a class and a word."""
    return f'<ul class="facts">\n{"".join(_html_item(fact) for fact in facts)}</ul>\n'


def _html_item(fact: Fact) -> str:
    advice = f' <span class="advice">{escape(fact.advice)}</span>' if fact.advice else ""
    return (
        f'<li class="{fact.tone}"><span class="tone">{WORDS[fact.tone]}</span> '
        f"<span>{escape(fact.sentence)}{advice}</span></li>\n"
    )

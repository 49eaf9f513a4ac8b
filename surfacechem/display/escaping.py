"""Text that came from a file, made safe to print and to put into HTML."""

from __future__ import annotations

import html
import unicodedata

__all__ = ["escape", "printable", "text_width"]

LINE_BREAKS = frozenset("\n\t")


def printable(text: str) -> str:
    r"""Return `text` with control characters replaced by the replacement character.

    Terminal escapes, NUL and the marks that turn the direction of writing come from files and would act on the
    reader's screen; line breaks and tabs stay.

    Examples
    --------
    >>> printable("\x1b[31mred")
    '�[31mred'
    """
    return "".join(
        character
        if character.isprintable() or character in LINE_BREAKS
        else " "
        if character.isspace()
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def escape(text: str) -> str:
    """Return `text` as HTML character data, safe in elements and in quoted attributes.

    Examples
    --------
    >>> escape("<script>")
    '&lt;script&gt;'
    """
    return html.escape(printable(text), quote=True)


def text_width(text: str) -> int:
    """Return the number of terminal columns that `text` takes."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1

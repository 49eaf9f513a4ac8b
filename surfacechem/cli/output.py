"""What all commands share: kinds of options, where text goes, how a table looks, how JSON is printed."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from surfacechem.display import facts_text
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from surfacechem.display import Fact, Table
    from surfacechem.plotting import Pictures

__all__ = [
    "DEFAULT_FILES",
    "Files",
    "Flag",
    "Folder",
    "Many",
    "TechniqueName",
    "Text",
    "pairs",
    "print_facts",
    "print_json",
    "print_lines",
    "print_table",
]

WIDEST = 100_000
"""Columns in which every table fits; what it needs at least is measured there."""

Flag = Annotated[bool, Parameter(negative="", show_default=False)]
Many = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]
Text = Annotated[str, Parameter(show_default=False)]
"""Text that may be left out, then empty."""
Folder = Annotated[Path | None, Parameter(name=("--output", "-o"))]
TechniqueName = Literal["nmr-integral", "nmr-shift", "uv-vis", "fluorescence", "itc", "band-position"]
"""Values of `surfacechem.records.Technique`, whose module loads numpy: help would wait for it."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Files:
    """Options of every command that writes a folder with figures.

    Parameters
    ----------
    overwrite
        Replace the files of an earlier run in that folder.
    figures
        Kinds of the figures, once per kind: --figures pdf; svg, png, pdf, by default svg and png.
    width
        Width of the figures: --width "85 mm" for a column of most journals; by default 132 mm.
    """

    overwrite: Flag = False
    figures: Many = ()
    width: Text = ""

    @property
    def pictures(self) -> Pictures:
        """What the options ``--figures`` and ``--width`` ask for; an impossible wish is refused here."""
        from surfacechem.plotting import Pictures

        return Pictures(kinds=self.figures, width=self.width) if self.figures else Pictures(width=self.width)


DEFAULT_FILES = Files()


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of text to standard output."""
    for line in lines:
        sys.stdout.write(line + "\n")


def print_json(document: Any) -> None:  # noqa: ANN401  (any JSON value)
    """Print a JSON document; NaN and infinity become null, as JSON knows no others."""
    sys.stdout.write(json.dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_table(table: Table) -> None:
    """Print a table: framed in a terminal, row by row in one that is too narrow, plain aligned text when piped."""
    if not sys.stdout.isatty():
        print_lines([table.to_text()])
        return
    from rich.console import Console

    console, framed = Console(), table.to_rich()
    least = console.measure(framed, options=console.options.update(max_width=WIDEST)).minimum
    if least > console.width:
        print_lines([table.to_stack(console.width)])
    else:
        console.print(framed)


def print_facts(facts: Sequence[Fact]) -> None:
    """Print verdict sentences, each with its sign and advice."""
    if facts:
        print_lines([facts_text(facts)])


def _finite(document: Any) -> Any:  # noqa: ANN401  (any JSON value)
    if isinstance(document, float):
        return document if abs(document) < float("inf") else None
    if isinstance(document, dict):
        return {key: _finite(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_finite(value) for value in document]
    return document


def pairs(texts: Iterable[str], *, option: str) -> dict[str, str]:
    """Return the ``name=value`` texts of a repeated option as a mapping.

    Raises
    ------
    DataError
        If one has no equals sign, no name or no value, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value or name in found:
            fault = f"'{text}' (the name comes twice)" if name in found else f"'{text}'"
            example = f'{option} "InP37=0.5 mM"'
            raise DataError(f"option {option}", found=fault, allowed="NAME=VALUE, each name once", advice=example)
        found[name] = value
    return found

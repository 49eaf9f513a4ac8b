"""Where text goes, how a table looks, how JSON is printed."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

from surfacechem.display import facts_text
from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from surfacechem.display import Fact, Table

__all__ = ["give_text", "print_facts", "print_json", "print_lines", "print_table", "with_ending"]

WIDEST = 100_000
"""Columns in which every table fits; what it needs at least is measured there."""


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

    # Rich takes terminals that call themselves dumb for 80 columns wide, whatever COLUMNS says, unless told both sizes.
    columns, lines = shutil.get_terminal_size()
    console, framed = Console(width=columns, height=lines), table.to_rich()
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


def with_ending(path: Path, *endings: str) -> Path:
    """Return a path whose name ends as its content asks for, so that no program that opens it is misled.

    Raises
    ------
    DataError
        If it ends otherwise.
    """
    if path.suffix.lower() not in endings:
        found, advice = f"a name in {path.suffix or 'nothing'}", f"write --output {path.with_suffix(endings[0])}"
        raise DataError(f"output file '{path}'", found=found, allowed=" or ".join(endings), advice=advice)
    return path


def give_text(text: str, output: Path | None, *, overwrite: bool, json: bool, notes: Sequence[str] = ()) -> None:
    """Print a text, or write it and say where; with `json` either as a document."""
    written = None
    if output is not None:
        from surfacechem.io import write_text

        written = str(write_text(output, text, overwrite=overwrite))
    if json:
        print_json({"wrote": written, "text": text if written is None else None, "notes": list(notes)})
    elif written is None:
        print_lines([text.rstrip()])
    else:
        print_lines([f"wrote {written}", *(f"· {note}" for note in notes)])

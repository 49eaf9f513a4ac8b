"""Whole text and JSON documents in: model files and saved fits."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from surfacechem.errors import DataError, Location
from surfacechem.io.source import SAVED, decode, load

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

__all__ = ["naming", "read_json", "read_text"]


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the file in errors about what a document holds, found where nobody knows of files."""
    try:
        yield
    except DataError as error:
        raise error if error.where is not None else error.at(Location(file=Path(path).name)) from error


def read_text(path: str | os.PathLike[str], *, what: str) -> str:
    """Return the text of a file, lines joined by line feeds, whatever its encoding.

    Parameters
    ----------
    path : path
        File to read.
    what : str
        What it should hold, for messages: ``"model file"``.

    Raises
    ------
    DataError
        If it cannot be read, is empty, too large or binary.
    """
    lines, _ = decode(load(path, what=what))
    return "\n".join(lines) + "\n"


def read_json(path: str | os.PathLike[str], *, what: str = SAVED) -> dict[str, Any]:
    """Return the object that a JSON file holds, e.g. for `FitResult.from_dict`.

    Parameters
    ----------
    path : path
        File to read.
    what : str
        What it should hold, for messages.

    Raises
    ------
    DataError
        If the file is no JSON object.
    """
    source = load(path, what=what)
    lines, _ = decode(source)
    try:
        found = json.loads("\n".join(lines), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        text = lines[error.lineno - 1] if error.lineno <= len(lines) else None
        where = Location(file=source.file, line=error.lineno, column=error.colno, text=text)
        advice = "give a file that 'surfacechem fit --output' wrote"
        raise DataError(what, found="no JSON", allowed="JSON", advice=advice, where=where) from error
    except (ValueError, RecursionError) as error:
        raise source.refusal(str(error)[:80], "JSON with finite numbers", "give a file that a fit wrote") from error
    if not isinstance(found, dict):
        raise source.refusal("JSON that is no object", "a JSON object", "give a file that a fit wrote")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"the number {name}")

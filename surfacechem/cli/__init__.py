"""The command line: a thin, ordinary user of the Python calls. Commands are imported when they run."""

from __future__ import annotations

import codecs
import io
import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from surfacechem.errors import DataError, Faults, MissingExtraError, SurfaceChemError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1
EXIT_BAD_INPUT = 2
EXIT_MISSING_EXTRA = 3
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback for anything a user may do."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _run(tokens)
    except KeyboardInterrupt:
        sys.stderr.write(f"stopped; nothing was half-written{_way_on(tokens)}\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader went away (``| head``) and has what it wanted
        _silence_output()
        return EXIT_GOOD
    except OSError as error:
        _silence_output()
        sys.stderr.write(f"output: found {(error.strerror or str(error)).lower()}\n")
        return EXIT_BAD_INPUT


def _run(tokens: list[str]) -> int:
    from cyclopts import CycloptsError

    from surfacechem.cli.commands import build_app

    as_json = "--json" in tokens
    _let_every_sign_through()
    _let_log_speak()
    try:
        _refuse_empty(tokens)
        code = build_app()(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as error:
        from surfacechem.cli.usage import usage_fault

        _complain(usage_fault(error), as_json=as_json)
        return EXIT_BAD_INPUT
    except SurfaceChemError as error:
        _complain(error, as_json=as_json)
        return EXIT_MISSING_EXTRA if isinstance(error, MissingExtraError) else EXIT_BAD_INPUT
    except SystemExit as error:  # rich ends so where the reader of a pipe went away
        raise BrokenPipeError from error
    return code if isinstance(code, int) else EXIT_GOOD


def _refuse_empty(tokens: list[str]) -> None:
    """Refuse arguments without text: as a path, one would mean the folder the user is in."""
    if "" in tokens:
        where = f"argument {tokens.index('') + 1} of the command"
        raise DataError(
            where, found="an empty text", allowed="a value", advice="look for a variable of the shell that is not set"
        )


def _way_on(tokens: list[str]) -> str:
    """Return how a command that keeps its progress goes on."""
    if "--store" in tokens:
        return "; the same command with --resume goes on"
    if "posterior" in tokens and {"--output", "-o"} & set(tokens):
        return "; the same command goes on"
    return ""


PLAIN_SIGNS = {"─": "-", "±": "+/-", "✓": "+", "✗": "x", "·": "*", "×": "x", "→": "->", "⇌": "<=>", "−": "-"}
PLAIN_SIGNS |= {"σ": "sigma", "Δ": "d", "χ": "chi", "µ": "u", "μ": "u", "°": "deg", "²": "^2", "∞": "inf"}
"""How signs are spelled where the terminal's encoding lacks them; all others become question marks."""


def _let_every_sign_through() -> None:
    """Spell out what the terminal's encoding lacks; pipes of some systems know no '±'."""
    codecs.register_error("surfacechem", _spelled)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surfacechem")


def _spelled(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN_SIGNS.get(sign, "?") for sign in lacking), error.end


class _Remarks(logging.Handler):
    """Writes the library's remarks to standard error, wherever that leads at the time."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)  # stages of long work are for those who watch: `surfacechem.cli.working`

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        sys.stderr.write(f"{record.getMessage()}\n")


def _let_log_speak() -> None:
    """Show remarks of the library (the solver is being compiled); a library itself prints nothing."""
    logger = logging.getLogger("surfacechem")
    if not logger.handlers:
        logger.addHandler(_Remarks())
        logger.setLevel(logging.INFO)


def _silence_output() -> None:
    """Point standard output elsewhere, so that the interpreter's last flush cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: SurfaceChemError, *, as_json: bool) -> None:
    if as_json:
        faults = error.faults if isinstance(error, Faults) else (error,)
        sys.stdout.write(json.dumps({"errors": [_facts(fault) for fault in faults]}, indent=2) + "\n")
    else:
        sys.stderr.write(f"{error}\n")


def _facts(error: SurfaceChemError) -> dict[str, Any]:
    where = error.where
    return {
        "kind": type(error).__name__,
        "what": error.what,
        "found": error.found,
        "allowed": error.allowed,
        "advice": error.advice,
        "file": where and where.file,
        "line": where and where.line,
        "column": where and where.column,
    }

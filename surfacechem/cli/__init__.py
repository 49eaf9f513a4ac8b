"""The command line: a thin, ordinary user of the Python calls. Commands are imported when they run."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from surfacechem.errors import Faults, MissingExtraError, SurfaceChemError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import App

__all__ = ["main"]

EXIT_GOOD = 0
EXIT_NOT_TRUSTED = 1
EXIT_BAD_INPUT = 2
EXIT_MISSING_EXTRA = 3
EXIT_INTERRUPTED = 130

COMMANDS = {
    "demo": ("surfacechem.cli.demo:demo", "Fit a published titration and show a 51-site cluster; writes a report."),
    "fit": ("surfacechem.cli.fit:fit", "Fit the constants of a model to titrations."),
    "predict": ("surfacechem.cli.predict:predict", "Predict coverage, speciation and signals."),
    "compare": ("surfacechem.cli.fit:compare", "Compare fits of the same data by different models."),
    "report": ("surfacechem.cli.fit:report", "Write the HTML report of a saved fit."),
    "doctor": ("surfacechem.cli.about:doctor", "Say what is installed and whether it works."),
    "cite": ("surfacechem.cli.about:cite", "Say how to cite this program and the data it ships."),
}
GROUPS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "model": (
        "Check and show model files.",
        {
            "check": ("surfacechem.cli.model:check", "Check a model file; every fault at once."),
            "show": ("surfacechem.cli.model:show", "Show reactions, balances, polynomial and statistical factors."),
            "new": ("surfacechem.cli.model:new", "Write a model file to start from."),
        },
    ),
    "data": (
        "Check and list data.",
        {
            "check": ("surfacechem.cli.data:check", "Read a data file and say what was understood and assumed."),
            "list": ("surfacechem.cli.data:list_sets", "List the bundled data sets with their sources."),
        },
    ),
}


def build_app() -> App:
    """Return the command tree; no command's module is imported yet."""
    from cyclopts import App

    from surfacechem import __version__

    app = App(
        name="surfacechem",
        help="Ligand-exchange equilibria of clusters and nanocrystals: check, fit, predict, report.",
        version=__version__,
        help_format="plaintext",
        help_epilogue="First steps:  surfacechem demo   Exit codes: 0 good, 1 not to be trusted, 2 bad input, "
        "3 missing extra.",
    )
    for name, (target, summary) in COMMANDS.items():
        app.command(target, name=name, help=summary)
    for name, (summary, commands) in GROUPS.items():
        group = App(name=name, help=summary)
        for sub, (target, text) in commands.items():
            group.command(target, name=sub, help=text)
        app.command(group)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback for anything a user may do."""
    from cyclopts import CycloptsError

    tokens = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = build_app()(tokens, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        return EXIT_BAD_INPUT
    except SurfaceChemError as error:
        _complain(error, as_json="--json" in tokens)
        return EXIT_MISSING_EXTRA if isinstance(error, MissingExtraError) else EXIT_BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("stopped; nothing was half-written\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader went away (``| head``); point stdout elsewhere so that the interpreter's last flush is silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_GOOD
    return code if isinstance(code, int) else EXIT_GOOD


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

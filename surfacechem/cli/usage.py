"""Mistakes in a command itself, said like all others: what, what was found, what is allowed, what to write."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, get_args, get_origin

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from surfacechem.cli.commands import COMMANDS, GROUPS
from surfacechem.errors import SurfaceChemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["usage_fault"]

NEAR_ENOUGH = 0.6
NUMBERS: dict[type, str] = {int: "a whole number", float: "a number"}
OTHER_WORDS = {
    "1:1": "host-guest",
    "absorbance": "uv-vis",
    "emission": "quenching",
    "photoluminescence": "quenching",
    "pl": "quenching",
}
"""What templates are looked for under."""


def usage_fault(error: CycloptsError) -> SurfaceChemError:
    """Return the error of ours that says what cyclopts found wrong with the arguments."""
    command = " ".join(error.command_chain or ())
    what = f"surfacechem {command}".rstrip()
    example = COMMANDS[command][2] if command in COMMANDS else "surfacechem --help"
    if isinstance(error, UnknownCommandError):
        return _unknown_command(command, (error.unused_tokens or [""])[0])
    if isinstance(error, UnknownOptionError):
        return _unknown_option(what, error)
    if isinstance(error, MissingArgumentError):
        name = error.argument.name if error.argument is not None else "argument"
        found, allowed = (
            (f"no {name}", f"a command with {name}")
            if error.keyword is None
            else (f"nothing after {error.keyword}", "a value")
        )
        return SurfaceChemError(what, found=found, allowed=allowed, advice=example)
    if isinstance(error, CoercionError):
        return _wrong_value(what, error)
    if isinstance(error, UnusedCliTokensError):
        found = f"more than it takes: {' '.join(error.unused_tokens or [])[:80]}"
        return SurfaceChemError(what, found=found, allowed=f"what {what} --help lists", advice=example)
    error.verbose = False
    return SurfaceChemError(what, found=str(error).rstrip("."), advice=f"{what} --help")


def _unknown_command(group: str, word: str) -> SurfaceChemError:
    names = [name for name in (*COMMANDS, *GROUPS) if name.rpartition(" ")[0] == group]
    known = [name.rpartition(" ")[2] for name in names]
    near = [f"surfacechem {group} {name}".replace("  ", " ") for name in _near(word, known)]
    what = f"command of surfacechem {group}".rstrip()
    return SurfaceChemError(
        what, found=f"'{word[:80]}'", allowed=", ".join(known), advice=_did_you_mean(near) or "surfacechem --help"
    )


def _unknown_option(what: str, error: UnknownOptionError) -> SurfaceChemError:
    word = (error.token.keyword or error.token.value).partition("=")[0]
    known = [name for each in error.argument_collection if each.parse for name in each.names if name.startswith("--")]
    return SurfaceChemError(
        what,
        found=f"the option {word[:80]}",
        allowed=", ".join(known) or "no options",
        advice=_did_you_mean(_near(word, known)) or f"{what} --help",
    )


def _wrong_value(what: str, error: CoercionError) -> SurfaceChemError:
    """Return the error of a value of the wrong kind, or of none of the choices."""
    token, kind = error.token, error.target_type
    name = (token and token.keyword) or (error.argument.name if error.argument is not None else "argument")
    word = "" if token is None else token.value[:80]
    choices = [str(each) for each in get_args(kind)] if get_origin(kind) is Literal else []
    return SurfaceChemError(
        f"{what}, {name}",
        found=f"'{word}'",
        allowed=", ".join(choices) or str(error.msg or NUMBERS.get(kind or str, "a value")),
        advice=_did_you_mean(_near(word, choices)) or f"{what} --help",
    )


def _near(word: str, names: Sequence[str]) -> list[str]:
    """Return the names of which the word is a part, else the one that resembles it most."""
    asked = OTHER_WORDS.get(word.lower(), word.lower())
    parts = [name for name in names if f"-{asked}" in f"-{name}"]
    return parts or get_close_matches(asked, names, n=1, cutoff=NEAR_ENOUGH)


def _did_you_mean(names: Iterable[str]) -> str:
    return f"did you mean {' or '.join(names)}?" if names else ""

"""The model language: text to a system, with all faults of the text at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from surfacechem.chem.build import SystemBuilder
from surfacechem.chem.formula import normal_primes
from surfacechem.errors import BalanceError, Location, NotationError, SurfaceChemError, UnitError, raise_all
from surfacechem.notation.lines import EXAMPLES, read_line
from surfacechem.notation.statements import VERSION, read_statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from surfacechem.chem.system import System

__all__ = ["parse"]

LONGEST_TEXT: Final = 200_000
LONGEST_LINE: Final = 400
MOST_STATEMENTS: Final = 500
DEEPEST_BRACKET: Final = 3
MOST_FAULTS: Final = 20
BLANKS: Final = frozenset("\t\n\r \N{NO-BREAK SPACE}")


def parse(text: str, file: str = "<model>") -> System:
    """Return the system that a model text describes.

    Parameters
    ----------
    text : str
        Statements of the model language, one a line; see ``docs/model-language.md``.
    file : str
        Name of the file, for messages.

    Raises
    ------
    SurfaceChemError
        The fault, or `Faults` where there are several; each with line, column and what to write instead.

    Examples
    --------
    >>> system = parse("S Host + Guest <=> HG ; K = 250 /M")
    >>> round(system.reactions[0].constant.value, 9)
    250.0
    """
    builder = SystemBuilder()
    faults: list[SurfaceChemError] = []
    if len(text) > LONGEST_TEXT:
        raise NotationError(
            f"model {file}", found=f"{len(text)} characters", allowed=f"at most {LONGEST_TEXT}",
            advice="give the model file, not the data", where=Location(file=file),
        )  # fmt: skip
    kinds: set[str] = set()
    for n_before, at in enumerate(_statements(text.removeprefix("\N{BYTE ORDER MARK}"), file)):
        if n_before >= MOST_STATEMENTS or len(faults) >= MOST_FAULTS:
            faults.append(_too_many(at, len(faults)))
            break
        try:
            kinds.add(_read(at, builder, is_first=n_before == 0))
        except SurfaceChemError as fault:
            faults.append(fault if fault.where is not None else fault.at(at))
    if kinds <= {"header"} and not faults:
        faults.append(_empty(file))
    system, found = builder.draft_system()
    # A wrong unit loses no name.
    lost = [fault.where.text or "" for fault in faults if fault.where and not isinstance(fault, UnitError)]
    unbalanced = {_order_of(fault)[0] for fault in found if isinstance(fault, BalanceError)}
    # The unit that an unbalanced reaction asks for is that of another one.
    faults = [fault for fault in faults if not (isinstance(fault, UnitError) and _order_of(fault)[0] in unbalanced)]
    faults += _placed(found, file, lost)
    raise_all(sorted(faults[: MOST_FAULTS + 1], key=_order_of))
    return system


def _statements(text: str, file: str) -> Iterator[Location]:
    """Yield each line that holds a statement, with its place."""
    for index, line in enumerate(text.split("\n"), start=1):
        plain = normal_primes(line.rstrip("\r"))
        if plain.strip() and not plain.lstrip().startswith("#"):
            yield Location(file=file, line=index, column=len(plain) - len(plain.lstrip()) + 1, text=plain)


def _read(at: Location, builder: SystemBuilder, *, is_first: bool) -> str:
    """Read one statement into the builder and return its kind."""
    line = at.text or ""
    _refuse_impossible(line, at)
    tree = read_line(line, at)
    if tree.data == "header" and not is_first:
        raise NotationError(
            "surfacechem line",
            found="it after other statements",
            allowed="it once, as the first line",
            advice="move it to the top",
            where=at,
        )
    read_statement(tree, builder, at)
    return str(tree.data)


def _refuse_impossible(line: str, at: Location) -> None:
    """Raise for a line that no grammar should be asked to read: too long, too deep, or no text."""
    if len(line) > LONGEST_LINE:
        raise NotationError(
            "line of the model", found=f"{len(line)} characters", allowed=f"at most {LONGEST_LINE}",
            advice="write one statement a line", where=at,
        )  # fmt: skip
    odd = next((i for i, character in enumerate(line) if not character.isprintable() and character not in BLANKS), None)
    if odd is not None:
        raise NotationError(
            "line of the model",
            found=f"the control character U+{ord(line[odd]):04X}",
            allowed="text in UTF-8",
            advice="save the model as plain text",
            where=Location(file=at.file, line=at.line, column=odd + 1, text=line),
        )
    # The brackets of a measure stand around the names.
    depth = -1 if line.lstrip().startswith("observe") else 0
    for index, character in enumerate(line):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        if depth > DEEPEST_BRACKET:
            raise NotationError(
                "line of the model",
                found="one more bracket",
                allowed=f"at most {DEEPEST_BRACKET} brackets inside each other in a name",
                advice="give the inner group a name, e.g. where OA = C18H33O2",
                where=Location(file=at.file, line=at.line, column=index + 1, text=line),
            )


def _placed(found: list[SurfaceChemError], file: str, lost: list[str]) -> list[SurfaceChemError]:
    """Return the faults of the whole model, with at least the file as their place.

    A name that stands in a line that could not be read may be unknown only for that, and constants are numbered by
    their lines: such faults wait.
    """

    def waits(fault: SurfaceChemError) -> bool:
        name = fault.found.strip("'")
        site = re.compile(rf"\b{re.escape(name.partition('-')[0])}\b")
        return isinstance(fault, LookupError) and any("[" in name or site.search(line) for line in lost)

    return [fault if fault.where is not None else fault.at(Location(file=file)) for fault in found if not waits(fault)]


def _too_many(at: Location, n_faults: int) -> NotationError:
    if n_faults >= MOST_FAULTS:
        return NotationError(
            "rest of the model", found=f"{n_faults} faults before it", advice="correct these first", where=at
        )
    return NotationError("model", found="very many statements", allowed=f"at most {MOST_STATEMENTS}", where=at)


def _empty(file: str) -> NotationError:
    return NotationError(
        "model",
        found="no statement",
        allowed=f"'surfacechem {VERSION}', then statements such as {', '.join(list(EXAMPLES)[3:])} and reactions",
        advice="write at least one reaction, e.g. S Host + Guest <=> HG",
        where=Location(file=file),
    )


def _order_of(fault: SurfaceChemError) -> tuple[int, bool]:
    """Order by line; of a line the balance first."""
    line = fault.where.line or 0 if fault.where is not None else 0
    return line, not isinstance(fault, BalanceError)

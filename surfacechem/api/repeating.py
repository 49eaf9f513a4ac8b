"""How to repeat a fit, as a command and as Python, and what to cite."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from surfacechem.constants import CONFIDENCE_LEVEL

if TYPE_CHECKING:
    from surfacechem.api.fit import Fit
    from surfacechem.fitting import Correction
    from surfacechem.records import Titration

__all__ = ["citations", "cite_program", "command_line", "python_lines"]


def command_line(fit: Fit) -> str:
    """Return the command that repeats a fit; empty where one cannot: data read unlike, or spectra given."""
    reading = [_reading(each) for each in fit.data]
    sheets = {each.pop("sheet") for each in reading if "sheet" in each}  # text files beside a workbook have none
    if fit.known.keys() - fit.request.known.keys() or len(sheets) > 1 or any(each != reading[0] for each in reading):
        return ""
    words = ["surfacechem", "fit", fit.model.file, *(each.source or each.name for each in fit.data)]
    renames = reading[0].pop("rename", {})
    words += [word for old, new in renames.items() for word in ("--rename", f"{old}={new}")]
    words += [word for name, option in reading[0].items() for word in (f"--{name}", option)]
    words += [word for sheet in sheets for word in ("--sheet", sheet)]
    words += [] if fit.result.level == CONFIDENCE_LEVEL else ["--level", f"{fit.result.level:g}"]
    for option, asked in fit.request.options().items():
        listed = [f"{name}={value}" for name, value in asked.items()] if isinstance(asked, dict) else asked
        words += [word for each in ([listed] if isinstance(listed, str) else listed) for word in (f"--{option}", each)]
    words += [word for each in fit.corrections for word in _correction_words(each)]
    return shlex.join(words)


def python_lines(fit: Fit) -> str:
    """Return the Python lines that repeat a fit; given spectra are those of ``fit.known``."""
    lines = ["import surfacechem as sc", "", f"model = sc.load_model({fit.model.file!r})"]
    for number, each in enumerate(fit.data, start=1):
        options = "".join(f", {name}={option!r}" for name, option in _reading(each).items())
        lines.append(f"data{number} = sc.read({(each.source or each.name)!r}{options})")
    given = [f"data{number}" for number in range(1, len(fit.data) + 1)]
    given += [] if fit.result.level == CONFIDENCE_LEVEL else [f"level={fit.result.level:g}"]
    given += ["known=known"] if fit.known.keys() - fit.request.known.keys() else []
    given += [f"{name}={value!r}" for name, value in fit.request.options().items()]
    if fit.corrections:
        lines.insert(1, "from surfacechem.fitting import Correction")
        given.append(f"corrections={list(fit.corrections)!r}")
    return "\n".join([*lines, f"fit = model.fit({', '.join(given)})", "print(fit)"])


def _correction_words(correction: Correction) -> tuple[str, str]:
    """Return a correction as an option of ``fit``: ``--active "Host of run=0.98 +/- 0.01"``."""
    option, what = ("--impurity", f"{correction.feed} in {correction.carrier}")
    if not correction.carrier:
        option, what = "--active", correction.feed
    where = f" of {', '.join(correction.datasets)}" if correction.datasets else ""
    spread = "" if correction.stderr is None else f" +/- {correction.stderr:.12g}"
    return option, f"{what}{where}={correction.value:.12g}{spread}"


def cite_program() -> str:
    """Return how to cite this program."""
    from surfacechem import __version__

    return f"surfacechem {__version__}: ligand-exchange equilibria of clusters and nanocrystals. BSD-3-Clause."


def citations(data: tuple[Titration, ...]) -> list[str]:
    """Return how to cite the program and, of the data, the bundled ones."""
    from surfacechem.io import list_cards

    bundled = {card.fields["sha256"]: card for card in list_cards()}
    cards = [bundled[each.sha256] for each in data if each.sha256 in bundled]
    return [cite_program(), *(f"{card.title}. {card.citation}. {card.source}." for card in cards)]


def _reading(data: Titration) -> dict[str, Any]:
    return dict(data.meta.get("reading", {}))

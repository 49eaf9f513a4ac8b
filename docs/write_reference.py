# ruff: noqa: INP001 (a script beside its page)
"""Write ``docs/reference.md`` from the docstrings of the public interface: ``python docs/write_reference.py``."""

from __future__ import annotations

import importlib
import inspect
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = Path(__file__).with_name("reference.md")
MODULES: Final = {
    "surfacechem": "The names that `import surfacechem as sc` brings.",
    "surfacechem.fitting": "Fits without files and names of files: what `Model.fit` stands on.",
    "surfacechem.prediction": "Predictions; amounts with units in, coverage and spectra out.",
    "surfacechem.plotting": "Figures; every function takes `ax=` and returns the axes.",
    "surfacechem.sweep": "What-if studies beyond `Model.sweep`.",
    "surfacechem.library": "Bundled clusters, ligands, constants.",
    "surfacechem.relations": "Published sizing and absorption laws.",
    "surfacechem.testing": "Strategies and checks for your own tests (extra `testing`).",
}
WITH_METHODS: Final = ("Model", "Fit", "Prediction")
MADE_BY_USERS: Final = ("Model", "Signal", "Titration", "Correction", "Pictures", "SweepOptions")
LONGEST_DEFAULT: Final = 40
HEAD: Final = """# Reference

Everything that is public, from its docstrings; `python docs/write_reference.py` writes this page, a test holds it to
the signatures. `help(sc.Model.fit)` says the same. What is not named here may change.
"""
SECTION: Final = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)


def write() -> str:
    """Return the page."""
    parts = [HEAD]
    seen: set[int] = set()
    for name, says in MODULES.items():
        module = importlib.import_module(name)
        parts.append(f"## {name}\n\n{says}\n")
        for public in sorted(module.__all__, key=str.lower):
            thing = getattr(module, public)
            is_ours = getattr(thing, "__module__", "").startswith("surfacechem")
            if is_ours and callable(thing) and id(thing) not in seen:
                seen.add(id(thing))
                parts += _entries(public, thing)
    return "\n".join(parts)


def headings(page: str) -> list[str]:
    """Return the names and signatures that a page has."""
    return re.findall(r"^#{3,4} (.*)$", page, re.MULTILINE)


def _entries(name: str, thing: object) -> Iterator[str]:
    yield f"### `{name}{_signature(thing)}`\n\n{_prose(inspect.getdoc(thing) or '')}"
    if name in WITH_METHODS:
        for method, found in inspect.getmembers(thing, callable):
            if not method.startswith("_") and found.__module__.startswith("surfacechem"):
                yield f"#### `{name}.{method}{_signature(found)}`\n\n{_prose(inspect.getdoc(found) or '')}"


def _signature(thing: object) -> str:
    """Return names and defaults of the parameters; of classes those that users make."""
    if inspect.isclass(thing) and thing.__name__ not in MADE_BY_USERS:
        return ""
    try:
        found = inspect.signature(thing)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    return str(inspect.Signature([_bare(each) for each in found.parameters.values() if each.name != "self"]))


class _Long:
    """A default that is too long to be shown."""

    def __repr__(self) -> str:
        return "..."


def _bare(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter as a caller would write it: choices as text, long defaults as an ellipsis."""
    default = parameter.default
    if isinstance(default, Enum):
        default = default.value
    elif default is not inspect.Parameter.empty and len(repr(default)) > LONGEST_DEFAULT:
        default = _Long()
    return parameter.replace(annotation=inspect.Parameter.empty, default=default)


def _prose(docstring: str) -> str:
    """Return a docstring of numpydoc as Markdown."""
    head, *rest = SECTION.split(docstring)
    text = [_inline(head.strip()) + "\n"]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title == "Examples":
            text.append(f"```pycon\n{body.strip()}\n```\n")
        else:
            text.append(f"{title}:\n\n{_inline(_listed(body))}\n")
    return "\n".join(text)


def _listed(body: str) -> str:
    """Return the entries of a section as a list."""
    entries = re.split(r"\n(?=\S)", body.strip())
    return "\n".join("- " + " ".join(_entry(entry).split()) for entry in entries)


def _entry(entry: str) -> str:
    name, _, says = entry.partition("\n")
    word, colon, kind = name.partition(" : ")
    return f"`{word}` ({kind}): {says.strip()}" if colon else f"`{name}`: {says.strip()}" if says else name


def _inline(text: str) -> str:
    return re.sub(r"``(.*?)``", r"`\1`", text)


if __name__ == "__main__":
    PAGE.write_text(write(), encoding="utf-8")

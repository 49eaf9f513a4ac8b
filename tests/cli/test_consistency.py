"""One command line: the same option has the same name, meaning and help wherever it stands."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from surfacechem.cli import main
from surfacechem.cli.commands import COMMANDS, build_app

if TYPE_CHECKING:
    from pathlib import Path

OWN_TEXT = {"--output", "--feed", "--titrant", "--volume", "--points", "--technique", "--level"}
"""What a folder or file holds, what a flask serves for, and levels of several regions: told by each command."""
WITHOUT_JSON = {"schema"}
"""Prints a JSON document in any case."""


def _options(command: str) -> dict[str, str]:
    """Return the options of a command with their help."""
    app = build_app()
    for part in command.split():
        app = app[part]
    arguments = app.assemble_argument_collection(parse_docstring=True)
    return {each.name: each.parameter.help or "" for each in arguments if each.name.startswith("--")}


def test_same_option_says_the_same_everywhere() -> None:
    """What was learned of one command holds for the others."""
    texts: dict[str, set[str]] = defaultdict(set)
    for command in COMMANDS:
        for name, text in _options(command).items():
            texts[name].add(text)
    assert {name for name, found in texts.items() if len(found) > 1} <= OWN_TEXT


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained(command: str) -> None:
    """No option is left without a sentence, and every command speaks JSON."""
    options = _options(command)
    assert all(options.values()), options
    assert ("--json" in options) is (command not in WITHOUT_JSON)


@pytest.mark.parametrize(("command", "names"), [("fit", ["MODEL", "DATA"]), ("compare", ["FITS"])])
def test_required_arguments_are_marked(command: str, names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Help used to hide that a fit needs a model and data."""
    main([command, "--help"])
    shown = capsys.readouterr().out
    assert all(re.search(rf"\* +{name} ", shown) for name in names)


@pytest.mark.parametrize("option", ["--design", "--keep", "--figures"])
def test_choices_of_a_sweep_are_listed(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Words out of a list used to be plain text in help."""
    main(["sweep", "--help"])
    assert re.search(rf"{option} CHOICE", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["model", "new", "quenching"], {"wrote", "text", "notes"}),
        (["data", "new", "quenching"], {"wrote", "text", "notes"}),
        (["data", "new", "quenching", "--output", "a.csv"], {"wrote", "text", "notes"}),
    ],
)
def test_files_to_begin_with_speak_json(
    words: list[str],
    keys: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A program gets the text, or where it was written."""
    monkeypatch.chdir(tmp_path)
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == keys
    assert (found["text"] is None) is (found["wrote"] is not None)

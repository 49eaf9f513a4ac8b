"""How tables look where they are printed."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from surfacechem.cli import main
from surfacechem.cli.output import print_table
from surfacechem.display import Table
from surfacechem.records import Technique


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


@pytest.mark.parametrize("kind", ["xterm", "dumb"])
@pytest.mark.parametrize(("columns", "is_framed"), [("120", True), ("40", False)])
def test_narrow_terminal_gets_rows_below_each_other(
    monkeypatch: pytest.MonkeyPatch, columns: str, kind: str, *, is_framed: bool
) -> None:
    """A name that was cut in the middle could not be copied; dumb terminals used to be taken for 80 columns wide."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", kind)
    names = ("inp-carboxylate-exchange", "nmr-integral", "simulated", "BSD-3-Clause")
    print_table(Table(columns=("name", "technique", "level", "licence"), rows=(names,)))
    assert ("technique  nmr-integral" in terminal.getvalue()) is not is_framed
    assert all(name in terminal.getvalue() for name in names)


@pytest.mark.parametrize(("encoding", "rule"), [("cp1252", "----"), ("ascii", "----"), ("utf-8", "────")])
def test_signs_are_spelled_where_the_encoding_lacks_them(encoding: str, rule: str) -> None:
    """Tables in a pipe of Windows used to be ruled with question marks."""
    code = "from surfacechem.cli import main; main(['data', 'list'])"
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)  # noqa: S603
    assert rule in done.stdout.decode(encoding)
    assert "?" not in done.stdout.decode(encoding)


@pytest.mark.parametrize("command", ["fit", "data check", "data convert", "plan"])
def test_help_names_every_technique(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A user of any technique sees how it is called."""
    assert main([*command.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(str(technique) in shown for technique in Technique)

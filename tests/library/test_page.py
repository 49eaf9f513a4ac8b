"""The page of the library runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from surfacechem.library import Library

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_examples_run_and_print_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    """Python blocks run; the values in their comments are printed."""
    for language, body in BLOCKS:
        if language == "python":
            exec(compile(body, str(PAGE), "exec"), {})  # noqa: S102 (our own document)
    printed = capsys.readouterr().out
    for expected in ("(InP)20(In(O2CR)3)17", "19222", "-12.42 kJ/mol (standard state 1 mol/L, 298.15 K)", "3.4-fold"):
        assert expected in printed


def test_the_example_file_is_read() -> None:
    """The library file that the page shows is a library."""
    (text,) = (body for language, body in BLOCKS if language == "toml")
    assert [entry.name for entry in Library.read({"page.toml": text}).entries] == ["acetic acid"]

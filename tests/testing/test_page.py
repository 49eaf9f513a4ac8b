"""The page on testing is run: its suite catches the planted bug and passes without it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
BLOCK = re.compile(r"^```python ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_suite_of_ten_lines_catches_the_planted_bug(tmp_path: Path) -> None:
    """The wrong formula fails with the balance shown; the right one passes."""
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    wrong, right = (body for name, body in blocks if name == "my_chemistry.py")
    suite = next(body for name, body in blocks if name == "test_my_chemistry.py")
    assert len([line for line in suite.splitlines() if line]) <= 10
    (tmp_path / "test_my_chemistry.py").write_text(suite, encoding="utf-8")
    outcomes = []
    for body in (wrong, right):
        (tmp_path / "my_chemistry.py").write_text(body, encoding="utf-8")
        command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
        outcomes.append((done.returncode, done.stdout))
    assert outcomes[0][0] == 1
    assert "balance of HO2CR' is not kept" in outcomes[0][1]
    assert "too much" in outcomes[0][1]
    assert outcomes[1][0] == 0, outcomes[1][1]


def test_pinned_fit_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of pinning runs as it stands."""
    monkeypatch.chdir(tmp_path)
    example = next(body for name, body in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if not name)
    exec(compile(example, "testing.md", "exec"), {})  # noqa: S102 (our own document)
    assert (tmp_path / "exchange.pin.json").exists()

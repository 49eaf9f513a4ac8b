"""The page on fitting is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]


def test_code_of_the_page_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every Python block of docs/fitting.md runs after the ones before it, its assertions included."""
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", Path("docs/fitting.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/fitting.md", "exec"), names)  # noqa: S102  (our own page)
    assert len(blocks) > 3
    assert "3 further points bring" in capsys.readouterr().out

"""The page docs/data-files.md: every file on it reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from surfacechem.io import read
from surfacechem.io.head import _READERS

PAGE = (Path(__file__).parents[2] / "docs" / "data-files.md").read_text(encoding="utf-8")
PEAKS = "0.1\t1\t1\t1.0\tCompound\tNone\t\t\n5.5\t1\t1\t0.2\tCompound\tNone\t\t\n"
FILES = re.findall(r"```csv(?: \S+)?\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("content", FILES, ids=range(len(FILES)))
def test_every_file_of_the_page_reads(tmp_path: Path, content: str) -> None:
    """Each example is a whole file that the reader takes."""
    path = tmp_path / "example.csv"
    path.write_text(content, encoding="utf-8")
    for name in ("start.txt", "first.txt"):  # the peak lists that one example names
        (tmp_path / name).write_text(PEAKS)
    (tmp_path / "integrals.csv").write_text(next(file for file in FILES if "ARR_DATA" in file))
    data = read(path)
    assert data.n_points == len(data.labels) >= 2
    assert data.signals


def test_page_names_every_line() -> None:
    """The table of '#' lines is complete."""
    rows = re.findall(r"^\| (`[a-z`, A-Z]+`) \|", PAGE, flags=re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"[a-z]+", row)}
    assert set(_READERS) <= named

"""Standard deviations and protons that a file states: used, or refused where they cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import read

if TYPE_CHECKING:
    from pathlib import Path

    from surfacechem.records import Titration

TABLE = "total P [mM], total A [mM], bound [mM], free [mM]\n1, 2, 0.5, 1.5\n"


def read_text(folder: Path, text: str) -> Titration:
    """Read content through a file."""
    path = folder / "data.csv"
    path.write_text(text)
    return read(path)


@pytest.mark.parametrize(
    "line", ["# sigma: bond = 0.02 mM\n", "# technique: nmr-integral\n# standard: 2 mM, 9 H\n# protons: bond = 2\n"]
)
def test_names_that_nothing_has(tmp_path: Path, line: str) -> None:
    """A typing error in a name used to drop what was stated."""
    with pytest.raises(SurfaceChemError, match=r"found 'bond'[\s\S]*allowed: bound, free"):
        read_text(tmp_path, line + TABLE)


def test_partial_sigma_is_said(tmp_path: Path) -> None:
    """That a sigma may not count, as another signal has none, stands in the notes."""
    some, every = (
        read_text(tmp_path, f"# sigma: {line}\n{TABLE}") for line in ("bound = 1 uM", "bound = 1 uM, free = 1 uM")
    )
    assert any(note.startswith("no sigma of free") for note in some.notes)
    assert not any("sigma" in note for note in every.notes)


def test_one_missing_sigma(tmp_path: Path) -> None:
    """An empty sigma beside a value would be no weight at all; beside a hole it is right."""
    head = "total P [mM], total A [mM], bound [mM], sigma bound [mM]\n1, 2, 0.5, 0.1\n"
    assert read_text(tmp_path, head + "1, 3, , \n").n_points == 2
    with pytest.raises(SurfaceChemError, match=r"data\.csv:3.*'sigma bound': found no standard deviation"):
        read_text(tmp_path, head + "1, 3, 0.5, \n")


def test_channels_share_their_sigma(tmp_path: Path) -> None:
    """Columns of one signal have a sigma all or none; NaN used to stand in the weights of the others."""
    with pytest.raises(SurfaceChemError, match="no sigma, unlike column 'delta Ha'"):
        read_text(tmp_path, "# sigma: delta Ha = 0.01 ppm\ntotal P [mM], delta Ha [ppm], delta Hb [ppm]\n1, 7, 8\n")

"""Names given to headers, feeds and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import read, read_all

if TYPE_CHECKING:
    from pathlib import Path

BINDFIT = "Host concentration / mM,Guest concentration (mM),delta\n1,0,7.0\n1,2,7.5\n"
OWN = "total P [mM], total A [mM], ib [mmol/L]\n1, 2, 3\n"


def written(folder: Path, text: str, name: str = "data.csv") -> Path:
    """Return a file with this content."""
    path = folder / name
    path.write_text(text)
    return path


def test_renamed_headers_keep_their_unit(tmp_path: Path) -> None:
    """A meaning without a unit takes the header's; BindFit's mM used to become mol/L."""
    names = {"Host concentration / mM": "Host", "Guest concentration (mM)": "Guest"}
    data = read(written(tmp_path, BINDFIT), rename=names)
    assert data.feeds == ("Host", "Guest")
    np.testing.assert_allclose(data.amounts[:, 0], 1e-3)
    (bound,) = read(written(tmp_path, OWN), rename={"ib [mmol/L]": "bound"}).signals
    assert (bound.name, bound.values[0, 0]) == ("bound", pytest.approx(3e-3))


def test_stated_unit_wins(tmp_path: Path) -> None:
    """A meaning that has a unit replaces the header's."""
    (bound,) = read(written(tmp_path, OWN), rename={"ib [mmol/L]": "bound [uM]"}).signals
    assert bound.values[0, 0] == pytest.approx(3e-6)


@pytest.mark.parametrize(
    ("rename", "message"),
    [
        ({"nothing": "bound"}, "'nothing', which the file does not have"),
        ({"P": "X", "A": "X"}, "'X' for two things"),
        ({"P": "A"}, "'A' for two things"),
        ({"P": " "}, "an empty name"),
        ({"": "P"}, "an empty name"),
    ],
)
def test_useless_names_are_refused(tmp_path: Path, rename: dict[str, str], message: str) -> None:
    """What renames nothing, or two things alike, used to be taken without a word."""
    with pytest.raises(SurfaceChemError, match=message):
        read(written(tmp_path, OWN), rename=rename)


def test_columns_line_is_checked_too(tmp_path: Path) -> None:
    """A header that the file does not have is a fault of the line."""
    with pytest.raises(SurfaceChemError, match=r"data\.csv:1.*'nothing', which the file does not have"):
        read(written(tmp_path, "# columns: nothing = bound\n" + OWN))


def test_several_files_share_names(tmp_path: Path) -> None:
    """Over several files a name must be in one of them."""
    paths = [written(tmp_path, OWN, "a.csv"), written(tmp_path, OWN.replace("ib", "free"), "b.csv")]
    first, second = read_all(paths, rename={"ib [mmol/L]": "bound"})
    assert (first.signals[0].name, second.signals[0].name) == ("bound", "free")
    with pytest.raises(SurfaceChemError, match="'nothing'"):
        read_all(paths, rename={"nothing": "bound"})


def test_names_that_stay_are_no_renaming(tmp_path: Path) -> None:
    """A fit of a bundled set used to be repeated with '--rename point=point'."""
    (tmp_path / "a.csv").write_text("total P [mM], x [mM]\n1, 2\n")
    data = read(tmp_path / "a.csv", rename={"total P [mM]": "total P [mM]", "x": "bound"})
    assert data.meta["reading"] == {"rename": {"x": "bound"}}

"""What is in the vessel: unknown solutions, equivalents, columns and their titrants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import read
from surfacechem.plain import from_plain, to_plain
from surfacechem.records import Titration, Unknown

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "# cell: QD 0.1 mmol/L\n# titrant: L 20 mmol/L\n# volume: 0.6 mL\n"
BODY = "added [uL], bound [mmol/L]\n0, 0\n60, 1\n600, 2\n"


def read_text(folder: Path, text: str, **options: object) -> Titration:
    """Read content through a file."""
    path = folder / "data.csv"
    path.write_text(text)
    return read(path, **options)  # type: ignore[arg-type]  # options under test


def refusal(folder: Path, text: str, **options: object) -> str:
    """Return the message with which content is refused."""
    with pytest.raises(SurfaceChemError, match=r"\w") as caught:
        read_text(folder, text, **options)
    return str(caught.value)


def filled(data: Titration, *values: float) -> np.ndarray:
    """Return the amounts of the one unknown feed at given concentrations of its solutions [mol/L]."""
    (unknown,) = data.unknowns
    amounts: np.ndarray = unknown.known + unknown.shares @ np.array(values)
    return amounts


# --- Unknown solutions ------------------------------------------------------------------------------------


def test_unknown_titrant_grows_as_it_is_added(tmp_path: Path) -> None:
    """An unknown titrant is what a known one would be; it used to be diluted as if it had been in the cell."""
    known = read_text(tmp_path, HEAD + BODY)
    data = read_text(tmp_path, HEAD.replace("20 mmol/L", "?") + BODY)
    assert data.unknowns[0].solutions == ("titrant",)
    np.testing.assert_allclose(filled(data, 20e-3), known.amounts[:, 1], rtol=1e-14)


def test_unknown_beside_a_known_part_of_the_same_feed(tmp_path: Path) -> None:
    """What the titrant is known to bring is kept where the cell is unknown; both may be unknown."""
    head = HEAD.replace("0.1 mmol/L", "0.1 mmol/L, L 3 mmol/L")
    known = read_text(tmp_path, head + BODY).amounts[:, 1]
    cell = read_text(tmp_path, head.replace("3 mmol/L", "?") + BODY)
    both = read_text(tmp_path, head.replace("3 mmol/L", "?").replace("20 mmol/L", "?") + BODY)
    np.testing.assert_allclose(filled(cell, 3e-3), known, rtol=1e-14)
    np.testing.assert_allclose(filled(both, 3e-3, 20e-3), known, rtol=1e-14)
    assert both.unknowns[0].solutions == ("cell", "titrant")


def test_unknown_in_a_calorimeter_is_displaced(tmp_path: Path) -> None:
    """In a full cell what is unknown goes with the product of (1 - v/V), not with V/(V + v)."""
    head, body = "# technique: itc\n" + HEAD, "injected [uL], heat [uJ]\n60, -5\n60, -4\n"
    cell = read_text(tmp_path, head.replace("0.1 mmol/L", "?") + body)
    titrant = read_text(tmp_path, head.replace("20 mmol/L", "?") + body)
    np.testing.assert_allclose(filled(cell, 1.0), [0.9, 0.81], rtol=1e-14)
    np.testing.assert_allclose(filled(titrant, 1.0), [0.1, 0.19], rtol=1e-13)


def test_unknown_stock_of_musketeer(tmp_path: Path) -> None:
    """A guest stock of unknown concentration counts with its share of the sample's volume."""
    header = "Addition title,450,Host volume (uL),Guest volume (uL),,Stock,Host,Guest\n"
    rows = "1,0.1,900,100,,[H] (mM),1,0\n2,0.2,700,300,,[G] (mM),0,?\n"
    data = read_text(tmp_path, header + rows)
    assert data.unknowns[0].solutions == ("Guest",)
    np.testing.assert_allclose(filled(data, 1.0), [0.1, 0.3], rtol=1e-14)


def test_unknown_solutions_survive_plain_values(tmp_path: Path) -> None:
    """Shares and known parts come back from plain values."""
    data = read_text(tmp_path, HEAD.replace("20 mmol/L", "?") + BODY)
    (back,) = from_plain(to_plain(data), Titration, what="titration").unknowns
    assert isinstance(back, Unknown)
    np.testing.assert_array_equal(back.shares, data.unknowns[0].shares)


def test_renamed_feed_keeps_its_unknown(tmp_path: Path) -> None:
    """A feed that the caller names otherwise keeps how it comes from its solution."""
    data = read_text(tmp_path, HEAD.replace("20 mmol/L", "?") + BODY, rename={"L": "Ligand"})
    assert data.unknowns[0].feed == data.feeds[1] == "Ligand"


# --- Equivalents ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "total A [equiv per B], total B [equiv per C], total C [mmol/L]",
        "total C [mmol/L], total B [equiv per C], total A [equiv per B]",
    ],
)
def test_equivalents_follow_their_references(tmp_path: Path, header: str) -> None:
    """A chain of equivalents means the same in any order of columns; it used to give mol/L for mmol/L."""
    cells = {"total A [equiv per B]": "2", "total B [equiv per C]": "3", "total C [mmol/L]": "1"}
    row = ", ".join(cells[name] for name in header.split(", "))
    data = read_text(tmp_path, f"{header}, bound [mmol/L]\n{row}, 0\n")
    found = dict(zip(data.feeds, data.amounts[0], strict=True))
    assert found == pytest.approx({"A": 6e-3, "B": 3e-3, "C": 1e-3})


def test_equivalents_in_a_circle(tmp_path: Path) -> None:
    """Equivalents that refer to each other have no size."""
    text = "total A [equiv per B], total B [equiv per A], bound [mmol/L]\n2, 0.5, 0\n"
    assert "leads back to itself" in refusal(tmp_path, text)


def test_equivalents_of_an_unknown(tmp_path: Path) -> None:
    """Both would be fitted as if they had nothing to do with each other."""
    text = refusal(tmp_path, "total A [mM], total C [mM], total B [equiv per A], x [mM]\n?, 1, 2, 0\n")
    assert "equivalents of unknown A" in text
    assert "allowed: equivalents per another thing of known concentration: [equiv per C]\n" in text


def test_many_equivalents(tmp_path: Path) -> None:
    """A shell of 51 sites takes 510 equivalents; the limit of 100 mol/L is one of concentrations."""
    data = read_text(tmp_path, "total P [mM], total A [equiv per P], x [mM]\n0.1, 510, 0\n")
    assert data.amounts[0, 1] == pytest.approx(51e-3)
    text = refusal(tmp_path, "total P [M], total A [equiv per P], x [mM]\n1, 510, 0\n")
    assert "at most 100 mol/L" in text


def test_equivalents_per_native_ligand(tmp_path: Path) -> None:
    """Data know no sites: such equivalents are refused as what they are, with the line that counts them."""
    text = refusal(tmp_path, "total P [mM], total A [equiv per native ligand], x [mM]\n0.1, 2, 0\n")
    assert "[equiv per native ligand]" in text
    assert "allowed: equivalents per another thing of known concentration: [equiv per P]" in text
    assert "'# sites: InP37 = 51'" in text


@pytest.mark.parametrize(
    "unit", ["equiv per native ligand", "equiv per site of P", "eq per native ligands of P", "equivalents per site"]
)
def test_equivalents_per_counted_site(tmp_path: Path, unit: str) -> None:
    """Two equivalents per ligand of 51 are 102 per particle, and the count is noted."""
    data = read_text(tmp_path, f"# cell: P 0.1 mM\n# sites: P = 51\ntotal A [{unit}], x [mM]\n2, 0\n0, 0\n")
    np.testing.assert_allclose(data.amounts[:, data.feeds.index("A")], [102e-4, 0.0])
    assert any("51 per P" in note for note in data.notes)


def test_equivalents_per_site_of_which(tmp_path: Path) -> None:
    """With two particles it must be said whose sites are meant."""
    lines = "# cell: P 0.1 mM, Q 0.2 mM\n# sites: P = 51, Q = 34\n"
    data = read_text(tmp_path, f"{lines}total A [equiv per site of Q], x [mM]\n1, 0\n")
    np.testing.assert_allclose(data.amounts[0], [34 * 2e-4, 1e-4, 2e-4])
    text = refusal(tmp_path, f"{lines}total A [equiv per site], x [mM]\n1, 0\n")
    assert "[equiv per native ligand of P], [equiv per native ligand of Q]" in text


@pytest.mark.parametrize("count", ["0", "51.5", "many", "123456"])
def test_numbers_of_sites_are_whole(tmp_path: Path, count: str) -> None:
    """A fraction or a word counts no sites."""
    assert "sites of 'P'" in refusal(tmp_path, f"# sites: P = {count}\ntotal P [mM], x [mM]\n1, 0\n")


# --- Titrants and their columns ---------------------------------------------------------------------------


def test_one_column_per_titrant(tmp_path: Path) -> None:
    """'added' and 'injected' of one titrant used to count twice."""
    text = refusal(tmp_path, HEAD + "added [uL], injected [uL], x [mM]\n0, 0, 1\n10, 10, 2\n")
    assert "column 'injected': found the same titrant as in column 'added'" in text


def test_titrant_without_column(tmp_path: Path) -> None:
    """A titrant that no column speaks of used to vanish."""
    head = HEAD.replace("# titrant:", "# titrant a:") + "# titrant b: M 1 mol/L\n"
    text = refusal(tmp_path, head + "added a [uL], x [mM]\n0, 1\n")
    assert "data.csv:4:14: line '# titrant b:': found no column of what was added of it" in text
    assert "'added b [uL]'" in text
    assert "line '# titrant:': found no column" in refusal(tmp_path, HEAD + "total QD [mM], x [mM]\n1, 2\n")


@pytest.mark.parametrize("temperature", ["5000 degC", "0.5 K"])
def test_temperature_of_no_liquid(tmp_path: Path, temperature: str) -> None:
    """Temperatures are between 1 and 5000 K, as in models."""
    text = refusal(tmp_path, f"# temperature: {temperature}\n{HEAD}{BODY}")
    assert "allowed: 1 to 5000 K" in text

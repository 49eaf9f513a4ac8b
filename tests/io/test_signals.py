"""Standard deviations and protons that a file states: used, or refused where they cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import read
from surfacechem.records import Technique

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


def test_slow_and_fast_exchange_stand_in_one_file(tmp_path: Path) -> None:
    """Integrals against a standard and shifts are told apart by their units; a lost signal is not measured."""
    head = "# cell: InP37 0.5 mM\n# titrant: HL 50 mM\n# volume: 0.6 mL\n# standard: 2 mM, 9 H\n# protons: b = 2\n"
    table = "added [uL], standard [integral], b [integral], delta [ppm]\n0, 9, 4, 2.9\n20, 9, , 2.8\n40, 9, 5,\n"
    integrals, shifts = read_text(tmp_path, head + table).signals
    assert (integrals.technique, integrals.unit) == (Technique.NMR_INTEGRAL, "mol/L")
    assert (shifts.technique, shifts.unit) == (Technique.NMR_SHIFT, "ppm")
    assert integrals.values[:, 0] == pytest.approx([4e-3, np.nan, 5e-3 * 0.6 / 0.64], nan_ok=True)
    assert shifts.values[:, 0] == pytest.approx([2.9, 2.8, np.nan], nan_ok=True)


def test_absorbances_stand_beside_fluorescence(tmp_path: Path) -> None:
    """Columns A of a fluorescence titration stay absorbances, for the inner filter."""
    head = "# technique: fluorescence\ntotal H [mmol/L], F 520 nm, A 400 nm, A 520 nm\n"
    data = read_text(tmp_path, f"{head}0.1, 500, 0.2, 0.1\n0.2, 400, 0.3, 0.1\n")
    assert [signal.technique for signal in data.signals] == [Technique.FLUORESCENCE, Technique.UV_VIS]


@pytest.mark.parametrize(("unit", "advice"), [("degC", "# temperature"), ("equiv per P", "total NAME")])
def test_what_is_no_signal_is_said_to_be_none(tmp_path: Path, unit: str, advice: str) -> None:
    """A temperature was called an unknown unit, equivalents of P equivalents of nothing."""
    (tmp_path / "a.csv").write_text(f"total P [mM], x [mM], other [{unit}]\n1, 2, 3\n")
    with pytest.raises(SurfaceChemError, match=rf"column 'other': found \[{unit}\](.|\n)*{advice}"):
        read(tmp_path / "a.csv")


def test_lost_spectrum_needs_no_standard(tmp_path: Path) -> None:
    """A row without integrals needs none of the standard either; one with an integral does."""
    head = "# cell: P 0.5 mM\n# titrant: HL 50 mM\n# volume: 0.6 mL\n# standard: 2 mM, 9 H\n# protons: b = 2\n"
    table = "added [uL], standard [integral], b [integral], delta [ppm]\n0, 9, 4, 2.9\n20, , {b}, 2.8\n40, 9, 5, 2.7\n"
    integrals, shifts = read_text(tmp_path, head + table.format(b="")).signals
    assert np.isnan(integrals.values[:, 0]).tolist() == [False, True, False]
    assert np.isfinite(shifts.values).all()
    with pytest.raises(SurfaceChemError, match="the integral of the standard"):
        read_text(tmp_path, head + table.format(b="4"))

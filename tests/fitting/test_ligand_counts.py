"""Ligands per particle and per area, as from elemental analysis, thermogravimetry or NMR against the core."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.api.model import Model
from surfacechem.errors import FitError, SurfaceChemError
from surfacechem.fitting import fit
from surfacechem.fitting.observation import Ligands
from surfacechem.io import read
from surfacechem.network import Network
from surfacechem.notation import parse

if TYPE_CHECKING:
    from pathlib import Path

N_SITES, K, PARTICLES, DIAMETER = 80, 300.0, 5e-5, 3.4
TEXT = "cluster Q\nsite S on Q : 80\nspecies L\nL S-* + L <=> S-L ; K = fit /M\nobserve n = ligands({})\n"
ADDED = np.geomspace(3e-4, 6e-2, 12)


def bound() -> np.ndarray:
    """Return ligands per particle by the closed form of independent sites."""
    sites, total = N_SITES * PARTICLES, N_SITES * PARTICLES + ADDED + 1 / K
    return (total - np.sqrt(total**2 - 4 * sites * ADDED)) / (2 * PARTICLES)


def written(path: Path, values: np.ndarray, unit: str) -> Path:
    """Write a data file."""
    rows = [f"0.05,{1e3 * added!r},{value!r}" for added, value in zip(ADDED.tolist(), values.tolist(), strict=True)]
    head = f"# technique: ligand-count\ntotal Q [mmol/L],total L [mmol/L],n [{unit}]\n"
    path.write_text(head + "\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize(
    ("observed", "factor", "unit"),
    [
        ("S-L", 1.0, "1"),
        ("2 S-L", 2.0, "1"),
        ("S-L, diameter = 3.4 nm", 1 / (pi * DIAMETER**2), "1/nm^2"),
        ("S-L, scale", 0.7, "1"),
    ],
    ids=["per particle", "twice", "per area", "unknown scale"],
)
def test_the_constant_is_that_of_the_closed_form(tmp_path: Path, observed: str, factor: float, unit: str) -> None:
    """Counts, multiplicities, densities and counts on an unknown scale all give it."""
    noise = 1e-3 * np.random.default_rng(1).normal(size=len(ADDED))
    data = read(written(tmp_path / "n.csv", (bound() + noise) * factor, unit))
    found = fit(Network(parse(TEXT.format(observed))), data)
    assert found["K[L1]"].log10_value == pytest.approx(np.log10(K), abs=1e-4)
    signal = found.datasets[0].signals[0]
    assert signal.unit == unit
    assert signal.amplitudes[0] == pytest.approx(0.7 if "scale" in observed else 1.0, rel=1e-3)


def test_density_without_a_size_is_refused(tmp_path: Path) -> None:
    """A density says how many ligands there are only with the diameter that it was referred to."""
    data = read(written(tmp_path / "n.csv", bound() / 36, "1/nm^2"))
    with pytest.raises(FitError, match="unknown size"):
        fit(Network(parse(TEXT.format("S-L"))), data)


def test_dissolved_species_are_no_ligands(tmp_path: Path) -> None:
    """What is not on a particle cannot be counted per particle."""
    data = read(written(tmp_path / "n.csv", bound(), "1"))
    with pytest.raises(SurfaceChemError, match="sites on one kind of particle"):
        fit(Network(parse(TEXT.format("L"))), data)


def test_particles_without_concentration_have_no_ligands() -> None:
    """An empty flask divides nothing by zero; elsewhere derivatives are those of central differences."""
    model = Ligands(counts=np.array([2.0, 0.0]), particles=np.array([0.0, 1.0]), area=3.0)
    assert model.columns(np.zeros((1, 2))) == pytest.approx(0.0)
    there, moved, step = np.array([[0.4, 0.1]]), np.array([[[0.3, -0.2], [0.05, 0.01]]]), 1e-6
    sides = [model.columns(there + sign * step * moved[..., 0]) for sign in (1, -1)]
    slope = (sides[0] - sides[1]) / (2 * step)
    assert model.derivative(there, moved)[..., 0] == pytest.approx(slope, rel=1e-7)


def test_the_number_of_sites_is_told_by_counts(tmp_path: Path) -> None:
    """Where the shell fills up, a free number of sites is found with the constant."""
    data = read(written(tmp_path / "n.csv", bound() * (1 + 1e-4 * np.random.default_rng(2).normal(size=12)), "1"))
    text = TEXT.format("S-L").replace(": 80", ": 70 fit")
    found = Model(text).fit(data).result
    assert 10 ** (found["N[S]"].log10_value or 0.0) == pytest.approx(N_SITES, rel=2e-3)
    assert found["K[L1]"].log10_value == pytest.approx(np.log10(K), abs=2e-3)

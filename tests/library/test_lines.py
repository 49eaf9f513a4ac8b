"""Entries pasted into a model file are read there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from surfacechem import library
from surfacechem.library.catalogue import bundled
from surfacechem.notation import parse

if TYPE_CHECKING:
    from surfacechem.chem.system import System

CLUSTERS = [entry for entry in library.clusters().values() if entry.formula is not None]


def read(*lines: str) -> System:
    """Return the system of a file with some lines."""
    return parse("\n".join(("surfacechem 1", *lines)))


@pytest.mark.parametrize("entry", CLUSTERS, ids=lambda entry: entry.name)
def test_cluster_lines_are_read(entry: library.ClusterEntry) -> None:
    """Formula, groups and native sites of a cluster arrive as the library has them."""
    assert entry.formula is not None
    lines = library.model_lines(entry)
    found = read(*lines, "S  Monomer + Monomer <=> Dimer")
    assert found.clusters[0].formula is not None
    assert found.clusters[0].formula.composition == entry.formula.composition
    assert len(found.sites) == len(lines) - 1


@pytest.mark.parametrize(("name", "n_ligands"), [("In37P20-oleate", 51), ("Cd37S20-oleate", 34)])
def test_unit_lines_are_read(name: str, n_ligands: int) -> None:
    """Ligands on units that leave: 17 units and all ligands of the formula, counted once, without a number typed in."""
    entry = library.find(name)
    first, *_ = library.model_lines(entry)
    exchange = "X A-O2CR + HO2CR' <=> A-O2CR' + HO2CR ; K = 1"
    found = read(first, *library.unit_lines(entry), exchange)
    units, ligands = found.sites
    assert found.capacity(units) == 17
    assert found.capacity(ligands) == n_ligands
    assert not any("again" in note for note in found.notes)


@pytest.mark.parametrize("entry", library.ligands().values(), ids=lambda entry: entry.name)
def test_ligand_lines_are_read(entry: library.LigandEntry) -> None:
    """A ligand arrives with its composition and title."""
    found = read(*library.model_lines(entry), "S  Monomer + Monomer <=> Dimer")
    species = next(each for each in found.species if each.title == entry.name)
    assert species.formula is not None
    assert species.formula.composition == entry.formula.composition


@pytest.mark.parametrize("entry", library.constants().values(), ids=lambda entry: entry.name)
def test_constant_lines_are_read(entry: library.ConstantEntry) -> None:
    """A literature constant keeps value, error, unit and convention, on a dot with sites of its own."""
    metal, _, native = entry.reaction.split()[0].partition("-")
    site = f"site {metal} on Dot : 10" + (f" native {native}" if native != "*" else "")
    constant = read("cluster Dot", site, *library.model_lines(entry)).reactions[0].constant
    assert constant.log10_value == pytest.approx(entry.constant.log10_value)
    assert constant.convention is entry.constant.convention
    assert constant.molar_exponent == entry.constant.molar_exponent
    assert (constant.log10_stderr or 0.0) == pytest.approx(entry.constant.log10_stderr or 0.0)


def test_what_the_language_cannot_say_has_no_lines() -> None:
    """Facts and clusters of unknown formula give nothing to paste."""
    unknown = [entry for entry in bundled().entries if not library.model_lines(entry)]
    assert {type(entry) for entry in unknown} == {library.FactEntry, library.ClusterEntry}

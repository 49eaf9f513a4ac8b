"""Neighbours, carried sites, couplings and standard states: read, written and refused."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import SurfaceChemError
from surfacechem.network import Network
from surfacechem.notation import parse, render

HEAD = "cluster Q\nsite S on Q : 6 native A{}\nspecies HA\nspecies HB\nspecies H2D\n"
EXCHANGE = "X S-A + HB <=> S-B + HA ; K = 2"


@pytest.mark.parametrize(
    "arranged", ["ring", "chain", "pairs", "lattice 2 x 3", "edges 1-2 2-3 3-1", "mean field", "mean   field"]
)
def test_arrangements_are_read_and_written(arranged: str) -> None:
    """Each arrangement survives being written out."""
    text = render(parse(HEAD.format(f" ; {arranged}") + EXCHANGE))
    assert f"; {' '.join(arranged.split())}" in text
    assert render(parse(text)) == text


@pytest.mark.parametrize(
    "w",
    [
        "3 kJ/mol",
        "3 kJ/mol fit",
        "3000 J/mol fixed",
        "fit",
        "-2 kJ/mol",
        "fit -3..5 kJ/mol",
        "2 +/- 0.5 kJ/mol fit -1..4",
    ],
)
def test_couplings_are_read_and_written(w: str) -> None:
    """A coupling keeps its value and role; its name is W of the reaction."""
    system = parse(HEAD.format(" ; ring") + f"{EXCHANGE}, w = {w}")
    (coupling,) = [each.constant for each in system.couplings]
    assert coupling.name == "W[X1]"
    (again,) = [each.constant for each in parse(render(system)).couplings]
    assert again.role is coupling.role
    assert again.log10_value == pytest.approx(coupling.log10_value)
    assert again.log10_bounds == pytest.approx(coupling.log10_bounds)
    assert again.log10_stderr == pytest.approx(coupling.log10_stderr)


def test_couplings_are_tied_by_name() -> None:
    """Two ligands may share one coupling, which is then one parameter."""
    text = f"{EXCHANGE}, w = fit\nspecies HC\nX S-A + HC <=> S-C + HA ; K = 3, w = W[X1]"
    network = Network(parse(HEAD.format(" ; ring") + text))
    assert [constant.name for constant in network.constants] == ["K[X1]", "K[X2]", "W[X1]"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{EXCHANGE}, w = 3", "kJ/mol"),
        (f"{EXCHANGE}, w = 3 eV", "no unit of molar energy"),
        (f"{EXCHANGE}, w = fit, w = fit", "a second time"),
        ("X S-A + HB <=> S-B + HA ; K = 2 in mole fractions", "solvent toluene 9.4 M"),
        ("X S-A + HB <=> S-B + HA ; K = 2, dG = 3 kJ/mol", "leave K or dG out"),
        ("X 2 S-A + H2D <=> S-D + 2 HA ; K = 2 M", "1 site S"),
    ],
)
def test_what_contradicts_itself_is_refused(line: str, message: str) -> None:
    """Couplings without energy, constants without standard state, and ligands on two sites that take one."""
    with pytest.raises(SurfaceChemError, match=message):
        parse(HEAD.format(" ; ring") + line)


def test_two_sites_are_written_in_brackets() -> None:
    """``(S)2-D`` takes two neighbouring sites, in text and in Python alike."""
    system = parse(HEAD.format("") + "X 2 S-A + H2D <=> (S)2-D + 2 HA ; K = 2 M")
    assert [term.name for term in system.reactions[0].right] == ["(S)2-D", "HA"]
    assert "(S)2-D" in render(system)
    assert any("taken in pairs" in note for note in system.notes)


def test_mole_fractions_are_converted_with_the_solvent() -> None:
    """1875 in mole fractions of a 12.5 mol/L solvent is 150 /M, and -18.7 kJ/mol is -12.4 kJ/mol at 1 mol/L."""
    head = "cluster Q\nsite S on Q : 6\nsolvent toluene 12.5 M\n"
    by_value = parse(f"{head}L S-* + L <=> S-L ; K = 1875 in mole fractions").reactions[0].constant
    energy = -GAS_CONSTANT * 298.15 * np.log(1875) / 1e3
    by_energy = parse(f"{head}L S-* + L <=> S-L ; dG = {energy:.9f} kJ/mol in mole fractions").reactions[0].constant
    assert by_value.value == pytest.approx(150)
    assert by_energy.value == pytest.approx(150)
    assert energy == pytest.approx(-18.7, abs=0.05)
    assert by_energy.gibbs_energy().value / 1e3 == pytest.approx(-12.4, abs=0.05)


def test_a_free_energy_belongs_to_its_temperature() -> None:
    """DG holds at 298.15 K; elsewhere dH is asked for, and used."""
    line = "S A + B <=> AB ; dG = -12 kJ/mol"
    with pytest.raises(SurfaceChemError, match="add dH"):
        parse(f"species A\nspecies B\ntemperature 350 K\n{line}")
    warm = parse(f"species A\nspecies B\ntemperature 350 K\n{line}, dH = -30 kJ/mol")
    expected = 12e3 / (GAS_CONSTANT * 298.15) + 30e3 / GAS_CONSTANT * (1 / 350 - 1 / 298.15)
    assert float(Network(warm).ln_constants[0]) == pytest.approx(expected)


def test_a_coupling_is_an_energy_at_every_temperature() -> None:
    """Ln W is w/RT at the model's temperature, and at that of `Network.at`."""
    line = f"{EXCHANGE} at 350 K, dH = 0 kJ/mol, w = 3 kJ/mol"
    network = Network(parse(f"temperature 350 K\n{HEAD.format(' ; ring')}{line}"))
    assert network.all_ln_constants()["W[X1]"] == pytest.approx(3e3 / (GAS_CONSTANT * 350))
    assert network.at(300.0).all_ln_constants()["W[X1]"] == pytest.approx(3e3 / (GAS_CONSTANT * 300))

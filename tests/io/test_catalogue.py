"""Bundled data sets: found, checked, readable, reproducible."""

from __future__ import annotations

import runpy
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.chem.constant import EvidenceLevel
from surfacechem.errors import DataError, Faults, UnknownNameError
from surfacechem.io import catalogue, find_card, list_cards
from surfacechem.io.card import Card, read_card
from surfacechem.records import Titration
from surfacechem.relations import law
from surfacechem.units import Kind, to_kernel

if TYPE_CHECKING:
    from pathlib import Path

CARDS = list_cards()
TITRATIONS = [card for card in CARDS if card.is_titration]


@pytest.mark.parametrize("card", TITRATIONS, ids=lambda card: card.id)
def test_every_card_reads(card: Card) -> None:
    """Each bundled set reads without a guess about units, and its models are there."""
    data = card.read()
    assert isinstance(data, Titration)
    assert data.n_points > 0
    assert not any("taken as" in note and "unit" in note for note in data.notes)
    assert all(card.model_path(name).is_file() for name, answer in card.answers.items() if "model" in answer)


@pytest.mark.parametrize("card", TITRATIONS, ids=lambda card: card.id)
def test_third_party_data_carry_their_licence(card: Card) -> None:
    """Data that are not ours come with the licence text."""
    if card.level is not EvidenceLevel.SIMULATED:
        assert "Permission is hereby granted" in (card.folder / card.fields["licence_file"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "card", [card for card in CARDS if card.level is EvidenceLevel.SIMULATED], ids=lambda card: card.id
)
def test_simulated_data_are_reproduced(card: Card) -> None:
    """The generator of a simulated set gives its file again, bit for bit, and its title says simulated."""
    made = runpy.run_path(str(card.folder / card.fields["simulation"]["generator"]))["text"]()
    assert made.encode() == card.data_path.read_bytes()
    assert "SIMULATED" in card.title


def test_simulated_exchange_keeps_its_mass_balance() -> None:
    """Bound and free ligand of the 51-site set add up to what was added, within the stated noise."""
    data = find_card("inp-carboxylate-exchange").read()
    bound, free = (signal.values[:, 0] for signal in data.signals)
    missing = bound + free - data.amounts[:, data.feeds.index("HO2CR'")]
    assert np.abs(missing).max() < 4 * np.sqrt(2) * 0.2e-3
    assert bound.max() < 51 * 0.5e-3


def test_published_columns() -> None:
    """The published host-guest titrations keep guest constant and are in mol/L and Hz."""
    data = find_card("nmr-tcnb-syn3").read()
    assert data.feeds == ("Host", "TCNB")
    np.testing.assert_array_equal(data.amounts[:, 1], 0.00113583)
    assert (data.signals[0].name, data.signals[0].unit) == ("delta", "Hz")


def test_published_table() -> None:
    """A table that is no titration gives its columns, and says so when read as one."""
    card = find_card("inp-growth-rates")
    table = card.table()
    assert [len(column) for column in table.values()] == [12, 12, 12]
    at_250 = table["rate [1/s]"][table["temperature [degC]"] == 250]
    np.testing.assert_array_equal(at_250, [1.80e-4, 6.37e-4, 8.03e-4, 1.80e-3])
    with pytest.raises(DataError, match=r"find_card\('inp-growth-rates'\).table\(\)"):
        card.read()


def test_size_series_lies_on_its_law() -> None:
    """Points read off the figure and the law of the text, from two transcriptions, agree within their scatter."""
    table = find_card("inp-size-series").table()
    energy = to_kernel(table["wavelength [nm]"], "nm", Kind.PHOTON_ENERGY)
    expected = [law("InP edge, Almeida 2023")(edge) for edge in table["edge [nm]"].tolist()]
    np.testing.assert_allclose(energy, expected, atol=0.11)


def test_unknown_set() -> None:
    """An unknown name is answered with the nearest."""
    with pytest.raises(UnknownNameError, match="did you mean 'nmr-tcnb-syn3'"):
        find_card("nmr-tcnb-syn33")


def test_installed_place_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package finds its sets inside itself; without any folder the error says where it looked."""
    monkeypatch.setattr(catalogue, "_PACKAGE", tmp_path / "surfacechem")
    with pytest.raises(DataError, match="_datasets"):
        catalogue.folder()
    (tmp_path / "surfacechem" / "_datasets").mkdir(parents=True)
    (tmp_path / "datasets").mkdir()
    assert catalogue.folder() == tmp_path / "surfacechem" / "_datasets"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copy a good set that a test may spoil."""
    place = tmp_path / "nmr-tcnb-syn1"
    shutil.copytree(find_card("nmr-tcnb-syn1").folder, place)
    return place


def test_all_faults_of_a_card_at_once(folder: Path) -> None:
    """Missing, unknown and wrong fields of a card are reported together."""
    card = (folder / "card.toml").read_text(encoding="utf-8")
    card = (
        card.replace('licence = "MIT"', 'license = "MIT"')
        .replace('"secondary"', '"guess"')
        .replace("model-11.scx", "gone.scx")
        .replace('technique = "nmr-shift"', 'technique = "magic"')
        .replace('means = "total Host [mol/L]"', 'means = ""')
        .replace("rmse = 0.2398", 'log10_constants = { "K[11]" = { value = "three" } }')
    )
    (folder / "card.toml").write_text(card, encoding="utf-8")
    (folder / "data.csv").write_text("H,G,delta\n1,2,3\n")
    with pytest.raises(Faults, match=r"field 'licence'(.|\n)*field 'license'") as caught:
        read_card(folder)
    text = str(caught.value)
    assert len(caught.value.faults) == 8
    words = ("'guess'", "'magic'", "column 'H'", "answer '1:1', constant 'K[11]'", "gone.scx", "another hash")
    assert all(word in text for word in words)


def test_broken_toml_has_its_place(folder: Path) -> None:
    """A card that is no TOML is refused with line and column."""
    (folder / "card.toml").write_text('id = "x"\ntitle = \n')
    with pytest.raises(DataError, match=r"card.toml:2:9"):
        read_card(folder)


@pytest.mark.parametrize("name", ["../data.csv", "/etc/hostname", ".hidden", "a\\b"])
def test_card_reads_only_its_folder(folder: Path, name: str) -> None:
    """A card cannot point to files elsewhere."""
    card = (folder / "card.toml").read_text(encoding="utf-8").replace('file = "data.csv"', f"file = '{name}'")
    (folder / "card.toml").write_text(card, encoding="utf-8")
    with pytest.raises(DataError, match="a file in the card's folder"):
        read_card(folder)

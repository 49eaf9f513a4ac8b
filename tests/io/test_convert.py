"""Any titration as our own CSV: the same numbers again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import DataError
from surfacechem.io import data_template, find_card, list_cards, read, to_csv
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from pathlib import Path

    from surfacechem.io.card import Card


def assert_same(found: Titration, expected: Titration, *, rtol: float = 0.0) -> None:
    """Compare names and numbers."""
    assert found.feeds == expected.feeds
    assert found.labels == expected.labels
    np.testing.assert_allclose(found.amounts, expected.amounts, rtol=rtol, atol=rtol * 1e-3)
    for signal, other in zip(found.signals, expected.signals, strict=True):
        assert (signal.name, signal.technique, signal.unit) == (other.name, other.technique, other.unit)
        np.testing.assert_array_equal(signal.values, other.values)
        np.testing.assert_array_equal(
            np.nan if signal.sigma is None else signal.sigma, np.nan if other.sigma is None else other.sigma
        )


@pytest.mark.parametrize("card", [card for card in list_cards() if card.is_titration], ids=lambda card: card.id)
def test_bundled_sets_round_trip(tmp_path: Path, card: Card) -> None:
    """A bundled set converted and read again is the same to the last bit."""
    data = card.read()
    (tmp_path / "a.csv").write_text(to_csv(data), encoding="utf-8")
    again = read(tmp_path / "a.csv")
    assert_same(again, data)
    assert again.name == data.name
    assert again.temperature == data.temperature


@pytest.mark.parametrize("technique", list(Technique))
def test_templates_read_and_round_trip(tmp_path: Path, technique: Technique) -> None:
    """There is a filled-in example for each technique; it reads, and converts to itself."""
    (tmp_path / "a.csv").write_text(data_template(technique))
    data = read(tmp_path / "a.csv")
    assert {signal.technique for signal in data.signals} == {technique}
    (tmp_path / "b.csv").write_text(to_csv(data))
    # Concentrations in a calorimeter come back through the contents of cell and syringe, written to 12 digits.
    assert_same(read(tmp_path / "b.csv"), data, rtol=1e-11 if technique is Technique.ITC else 0.0)


def test_unknowns_and_holes_round_trip(tmp_path: Path) -> None:
    """Unknown concentrations, missing values and odd names survive."""
    signal = Signal(
        name="delta",
        technique=Technique.NMR_SHIFT,
        channels=("proton [1]", 'a "b", c'),
        values=np.array([[1.0, np.nan], [0.1 + 0.2, 3.0]]),
        unit="ppm",
    )
    amounts = np.array([[np.nan, 1e-3], [np.nan, 2e-3]])
    data = Titration(name="x", feeds=("A", "B"), amounts=amounts, signals=(signal,), labels=("1", "2"))
    (tmp_path / "a.csv").write_text(to_csv(data))
    again = read(tmp_path / "a.csv")
    assert_same(again, data)
    assert again.signals[0].channels == ("proton (1)", 'a "b", c')


def test_spectra_alone_do_not_convert() -> None:
    """A titration without concentrations is refused with what to do."""
    data = find_card("nmr-tcnb-syn1").read()
    with pytest.raises(DataError, match="# spectra:"):
        to_csv(replace(data, feeds=(), amounts=data.amounts[:, :0]))

"""The library as people see it."""

from __future__ import annotations

import pytest

from surfacechem import library
from surfacechem.errors import UnknownNameError
from surfacechem.library.catalogue import bundled


def test_tables_hold_every_entry_once() -> None:
    """The rows of all tables are the entries of the library."""
    shown = [row["name"] for table in library.tables() for row in table.to_records()]
    assert sorted(shown) == sorted(entry.name for entry in bundled().entries)


@pytest.mark.parametrize("entry", bundled().entries, ids=lambda entry: entry.name)
def test_every_card_shows_level_and_source(entry: library.Entry) -> None:
    """A card states how its entry is known and where it comes from."""
    rows = {row["field"]: row["value"] for row in library.card(entry.name).to_records()}
    assert rows["level"] == entry.source.level
    assert rows["source"]


def test_values_are_quoted_as_printed() -> None:
    """An error is not rounded away from what its source prints, and 'about' stays."""
    rows = {row["name"]: row["K"] for row in library.table_of_constants().to_records()}
    assert rows["PbS undecenoic acid, second synthesis"] == "2.14 ± 0.42"
    assert rows["CdSe anilines"] == "about 150 L/mol"


def test_a_card_of_a_constant_says_what_is_assumed() -> None:
    """The direction that no abstract spells out stands on the card."""
    assert "assumed  " in str(library.card("CdSe undecenoic acid"))
    assert "bound oleate + free undecenoic acid" in str(library.card("CdSe undecenoic acid"))


def test_a_card_of_a_cluster_shows_template_and_bands() -> None:
    """Template, 17 equivalents and the band with its own source."""
    text = str(library.card("inp37-phenylacetate"))
    assert "(InP)20(In(O2CR)3)17" in text
    assert "386 nm, 3.212 eV" in text
    assert "article: mini review of 2022 citing Gary 2016" in text


def test_unknown_cards_are_refused() -> None:
    """A card of nothing names the nearest entries."""
    with pytest.raises(UnknownNameError, match="did you mean"):
        library.card("CdSe aniline")

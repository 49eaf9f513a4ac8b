"""The page docs/datasets.md: it names every bundled set, and its card is a card."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from surfacechem.io import list_cards
from surfacechem.io.card import _OPTIONAL, _REQUIRED

PAGE = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")


def test_page_names_every_set() -> None:
    """What is bundled stands on the page, and nothing else does."""
    named = {
        name
        for row in re.findall(r"^\| (`[^|]*`) \|", PAGE, flags=re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    }
    assert named == {card.id for card in list_cards()}


def test_simulated_sets_stand_under_their_heading() -> None:
    """No simulated set is listed among the published."""
    published, simulated = PAGE.split("### Simulated")
    for card in list_cards():
        assert (f"`{card.id}`" in simulated) == (card.level == "simulated")
        assert (f"| `{card.id}`" in published or f", `{card.id}`" in published) == (card.level != "simulated")


def test_card_of_the_page_has_every_required_field() -> None:
    """The example has all fields that a card must have, and only known ones."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    fields = tomllib.loads(example).keys()
    assert set(_REQUIRED) <= fields <= set(_REQUIRED) | _OPTIONAL

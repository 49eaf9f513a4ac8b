"""The data sets that come with the package."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from surfacechem.errors import DataError, UnknownNameError
from surfacechem.io.card import CARD, Card, read_card

__all__ = ["find_card", "folder", "list_cards"]

_PACKAGE: Final = Path(__file__).resolve().parents[1]


def folder() -> Path:
    """Return where the bundled data sets lie: inside an installed package, or beside it in a checkout."""
    places = (_PACKAGE / "_datasets", _PACKAGE.parent / "datasets")
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        allowed = " or ".join(str(place) for place in places)
        raise DataError("bundled data", found="no folder", allowed=allowed, advice="install the package again")
    return found


@cache
def list_cards() -> tuple[Card, ...]:
    """Return the cards of all bundled data sets, by name."""
    return tuple(read_card(place.parent) for place in sorted(folder().glob(f"*/{CARD}")))


def find_card(name: str) -> Card:
    """Return the card of one bundled data set.

    Raises
    ------
    UnknownNameError
        If there is none of this name.

    Examples
    --------
    >>> find_card("nmr-tcnb-syn1").technique
    'nmr-shift'
    """
    cards = {card.id: card for card in list_cards()}
    if name not in cards:
        near = get_close_matches(name, cards, n=1, cutoff=0.3)
        advice = f"did you mean '{near[0]}'?" if near else "see 'surfacechem data list'"
        raise UnknownNameError(f"data set '{name[:60]}'", found="none", allowed=", ".join(cards), advice=advice)
    return cards[name]

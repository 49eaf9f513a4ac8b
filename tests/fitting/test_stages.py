"""What a fit logs of its stages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import surfacechem as sc

if TYPE_CHECKING:
    import pytest


def test_stages_are_logged_in_order(caplog: pytest.LogCaptureFixture) -> None:
    """A program that watches the log at level DEBUG knows what takes so long; others hear nothing."""
    card = sc.find_card("nmr-tcnb-syn3")
    with caplog.at_level(logging.DEBUG, logger="surfacechem.fitting"):
        fit = sc.load_model(card.model_path("1:1")).fit(card.read())
        fit.bootstrap(n_replicas=3)
    stages = [record.getMessage() for record in caplog.records if record.name.startswith("surfacechem.fitting")]
    assert stages == [
        "searching for the constants",
        "walking to the ends of the intervals",
        "leaving out each of 18 points",
        "fitting replicas: 3 of 3",
    ]

"""Published titrations that may not be bundled: each is read where it lies, as its card says."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from surfacechem.io import find_card, read
from surfacechem.records import Technique, Titration

SHARED = Path(os.environ.get("SURFACECHEM_SHARED", Path(__file__).parents[3] / "shared")) / "data"
pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared reference data are not here; set SURFACECHEM_SHARED"
)
# Card -> points, channels, feeds as the file names them.
EXPECTED = {
    "itc-ca-edta-tris": (56, 1, ("cell", "syringe")),
    "nmr-1to2-bindfit": (15, 4, None),
    "nmr-tcnb-syn1": (13, 1, ("H", "G")),
    "nmr-tcnb-syn3": (18, 1, ("H", "G")),
    "uv-guest-absorbs": (17, 301, ("Host", "Guest")),
}


def shared(name: str) -> tuple[dict[str, Any], Titration]:
    """Return a card and its data."""
    card = tomllib.loads((SHARED / name / "card.toml").read_text(encoding="utf-8"))
    return card, read(SHARED / name / card["file"])


def test_every_shared_set_is_read_here() -> None:
    """No set is forgotten."""
    assert {path.parent.name for path in SHARED.glob("*/card.toml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_set_has_the_points_of_its_card(name: str) -> None:
    """Points, channels and technique are those of the card; nothing is lost or invented."""
    n_points, n_channels, feeds = EXPECTED[name]
    card, data = shared(name)
    (signal,) = data.signals
    assert (data.n_points, len(signal.channels), signal.technique) == (
        n_points,
        n_channels,
        Technique(card["technique"]),
    )
    assert feeds in {None, data.feeds}
    assert np.isfinite(signal.values).all()
    assert np.isfinite(data.amounts).all()


def test_heats_of_the_calorimeter() -> None:
    """Settings and heats of the Origin file: 0.1 mM, 1 mM, 1.4103 mL, -42.31954 ucal in the second injection."""
    _, data = shared("itc-ca-edta-tris")
    kept = 1 - 1 / 1410.3
    np.testing.assert_allclose(data.amounts[0], [1e-4 * kept, 1e-3 * (1 - kept)], rtol=1e-12)
    assert data.signals[0].values[1, 0] == pytest.approx(-42.31954 * 4.184e-6, rel=1e-12)
    assert data.temperature == pytest.approx(25.01935 + 273.15)


@pytest.mark.parametrize("name", ["nmr-tcnb-syn1", "nmr-tcnb-syn3"])
def test_bundled_copy_is_the_shared_file(name: str) -> None:
    """What is bundled is the published file, byte for byte."""
    assert find_card(name).data_path.read_bytes() == (SHARED / name / "data.csv").read_bytes()

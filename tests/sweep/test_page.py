"""The page on sweeps is run, and its studies say what they claim."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from surfacechem.cli import main

DOCS = Path(__file__).parents[2] / "docs"
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run both pages from top to bottom, as a reader would, and return what they named."""
    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        for page in ("sweeps.md", "scale.md"):
            for language, name, body in FENCE.findall((DOCS / page).read_text(encoding="utf-8")):
                _do(language, name, body, found)
        found["files"] = {path.name for path in Path("map").iterdir()}
        found["marks"] = np.fromfile("big/done.bin", np.uint8)
    return found


def _do(language: str, name: str, body: str, found: dict[str, Any]) -> None:
    if name:
        Path(name).write_text(body, encoding="utf-8")
    elif language == "sh":
        assert [main(shlex.split(line)[1:]) for line in body.splitlines()] == [0] * len(body.splitlines())
    elif language == "python":
        exec(compile(body, "page", "exec"), found)  # noqa: S102 (our own document)


def test_store_of_the_page_on_scale_is_complete(names: dict[str, Any]) -> None:
    """Made, continued, and read row by row."""
    assert (names["marks"] == 1).all()
    assert names["row"].shape == (1000, 2)
    assert names["row"].sum(axis=1) == pytest.approx(1.0)


def test_command_of_the_page_writes_its_files(names: dict[str, Any]) -> None:
    """Dataset, map, curves."""
    assert {"sweep.nc", "coverage_map.svg", "curve_family.png"} <= names["files"]


def test_points_of_a_titration_belong_near_two_equivalents(names: dict[str, Any]) -> None:
    """From one to four equivalents a point tells three fifths of the most; below half an equivalent little."""
    shares, equivalents = names["information"] / names["at_the_best"], np.linspace(0.05, 5, 100)
    assert 1.5 < names["best"] < 2.5
    assert (shares[(equivalents >= 1) & (equivalents <= 4)] > 0.6).all()
    assert (shares[equivalents < 0.45] < 0.25).all()


def test_dilution_tells_one_donor_from_two(names: dict[str, Any]) -> None:
    """The equivalents needed do not move for q = 1; for q = 2 free donor goes with the root of the unit's."""
    assert names["by_one"][0] == pytest.approx(names["by_one"][1], rel=1e-6)
    # Half of 17 units gone: [ZL2] = 8.5 P = K [L]^2, and 17 equivalents are carried away.
    for needed, cluster in zip(names["by_two"], (1e-3, 1e-4), strict=True):
        assert needed == pytest.approx(17 + np.sqrt(8.5 * cluster / 4) / cluster, rel=1e-6)
    assert 2 < names["by_two"][1] / names["by_two"][0] < 3.2


def test_switch_is_a_band_around_its_middle(names: dict[str, Any]) -> None:
    """More methanol, more beta; the ends of the band lie on both sides."""
    assert (np.diff(names["middle"]) > 0).all()
    assert (names["low"] <= names["middle"]).all()
    assert (names["middle"] <= names["high"]).all()
    probability = names["mostly_beta"].to_numpy()
    assert probability[0] == 0.0
    assert probability[-1] == 1.0
    assert ((probability > 0.1) & (probability < 0.9)).any()


def test_impurity_asks_for_more_phosphonate(names: dict[str, Any]) -> None:
    """Free native acid moves the edge of the region; the constant makes most of the spread."""
    assert [names["least"], names["least_impure"]] == pytest.approx([1.1, 1.3])
    assert names["blame"]["first"].to_numpy()[0] > 0.9

"""The examples of ``data new`` are fitted by those of ``model new``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import surfacechem as sc
from surfacechem.cli.model import EXAMPLES
from surfacechem.io import template
from surfacechem.records import Technique

if TYPE_CHECKING:
    from pathlib import Path

PAIRS = {
    Technique.NMR_INTEGRAL: ("x-exchange", 0.8),
    Technique.NMR_SHIFT: ("host-guest", 1e3),
    Technique.UV_VIS: ("uv-vis", 2e4),
    Technique.FLUORESCENCE: ("uv-vis", 2e4),
    Technique.ITC: ("calorimetry", 1e5),
    Technique.BAND_POSITION: ("band-position", 0.8),
}


@pytest.mark.parametrize("technique", Technique)
def test_example_is_fitted_by_the_model_it_names(technique: Technique, tmp_path: Path) -> None:
    """A newcomer's first fit succeeds, and gives the constant that the example was simulated with."""
    kind, constant = PAIRS[technique]
    text = template(technique)
    assert f"'surfacechem model new {kind}'" in text
    (tmp_path / "a.csv").write_text(text)
    fit = sc.Model(EXAMPLES[kind]).fit(tmp_path / "a.csv")
    (estimate,) = [each for each in fit.result.estimates if each.name.startswith("K[")]
    assert fit.is_valid
    lower, upper = (10**end for end in estimate.log10_interval)
    assert lower / 1.3 < constant < upper * 1.3

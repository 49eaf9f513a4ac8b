"""What ``data new`` gives is fitted by what ``model new`` gives under the same name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

import surfacechem as sc
from surfacechem.cli.options import Kind, TechniqueName
from surfacechem.errors import UnknownNameError
from surfacechem.io import TEMPLATES, data_template, model_template
from surfacechem.records import Technique

CONSTANTS = {
    "x-exchange": 0.8,
    "l-binding": 2e3,
    "z-displacement": 4e-3,
    "host-guest": 1e3,
    "uv-vis": 2e4,
    "fluorescence": 2e4,
    "quenching": 3.0,
    "calorimetry": 1e5,
    "band-position": 0.8,
    "ligand-count": 4e-3,
}
PAGE = Path(__file__).parents[2] / "docs" / "model-language.md"


@pytest.mark.parametrize("kind", TEMPLATES)
def test_example_is_fitted_by_the_model_of_its_name(kind: str, tmp_path: Path) -> None:
    """A newcomer's first fit succeeds, and gives the constant that the example was simulated with."""
    text = data_template(kind)
    assert f"'surfacechem model new {kind}'" in text
    (tmp_path / "a.csv").write_text(text)
    fit = sc.Model(model_template(kind)).fit(tmp_path / "a.csv")
    (estimate,) = [each for each in fit.result.estimates if each.name.startswith("K[")]
    assert fit.is_valid
    lower, upper = (10**end for end in estimate.log10_interval)
    assert lower / 1.3 < CONSTANTS[kind] < upper * 1.3


@pytest.mark.parametrize("technique", Technique)
def test_techniques_are_names_of_templates_too(technique: Technique) -> None:
    """Whoever knows only what is measured gets data of that technique, and their model."""
    text = data_template(technique)
    assert text.startswith(f"# technique: {technique}\n")
    assert model_template(technique).startswith("surfacechem 1\n")


def test_help_offers_every_name() -> None:
    """The names that help lists without reading files are those of the templates and techniques."""
    assert set(get_args(Kind)) == {*TEMPLATES, *Technique}
    assert get_args(TechniqueName) == tuple(Technique)


def test_page_lists_every_template() -> None:
    """The table in the documents says of each kind what the program says."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \| `([a-z-]+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {kind: (what, technique) for kind, what, technique in rows} == TEMPLATES


def test_unknown_template_is_refused() -> None:
    """A name that is none is answered with all names."""
    with pytest.raises(UnknownNameError, match="nmr-integral"):
        data_template("../x-exchange")

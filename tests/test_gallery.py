"""Every model of the gallery is read, settles when written out, is solved and audited, and stands on the page."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from surfacechem.chem.formula import Formula
from surfacechem.chem.template import decompose
from surfacechem.notation import parse, render
from surfacechem.symbolic.render import describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.prediction import Conditions

Reader: TypeAlias = "Callable[[Path], tuple[Network, Conditions, list[str]]]"
GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
PAGE = GALLERY.with_suffix(".md").read_text(encoding="utf-8")
MODELS = sorted(GALLERY.glob("*.scx"))
every_model = pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def read_model() -> Reader:
    """Return the reader that draws the pictures."""
    reader: Reader = runpy.run_path(str(GALLERY / "draw.py"))["read_model"]
    return reader


@every_model
def test_model_is_solved_and_audited(path: Path, read_model: Reader) -> None:
    """Every point of the picture is an equilibrium, checked by code that the solver does not share."""
    network, flask, _ = read_model(path)
    assert network.solve(flask.amounts).is_solved
    assert network.audit(flask.amounts[::4]).is_consistent


@every_model
def test_model_settles_when_written_out(path: Path) -> None:
    """Written out and read back, the system is the same; everything there is to show of it can be shown."""
    system = parse(path.read_text(encoding="utf-8"))
    text = render(system)
    assert render(parse(text)) == text
    assert {section.title for section in describe(system)} >= {"Reactions", "Balances", "Constants"}


@every_model
def test_model_stands_on_the_page_with_its_picture(path: Path) -> None:
    """The page shows the file as it is, and the picture beside it."""
    body = path.read_text(encoding="utf-8").split("\n", 2)[2]
    assert f"```scx\n{body}```" in PAGE
    assert f"(gallery/{path.stem}.svg)" in PAGE
    assert path.with_suffix(".svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")


def test_every_system_has_its_section() -> None:
    """S1 to S15 are all there, those that are no equilibria included."""
    assert [number for number in range(1, 16) if f"## S{number}" not in PAGE] == []


@pytest.mark.parametrize("text", ["In37P20(O2CR)51", "Cd37S20(O2CR)34"])
def test_complete_loss_gives_17_units(text: str) -> None:
    """Both founding clusters can lose 17 Z-type units, which follows from their formulas."""
    unit = "In(O2CR)3" if text.startswith("In") else "Cd(O2CR)2"
    system = parse(f"cluster Q = {text}\nsite Z on Q native {unit}\nZ Z-{unit} <=> Z-* + {unit} ; K = 1 M")
    assert system.sites[0].count == decompose(Formula.parse(text)).n_z == 17

"""Figures as text and files."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from surfacechem import plotting
from surfacechem.errors import DataError, SurfaceChemError
from surfacechem.plotting.style import INK, PALETTE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from surfacechem.prediction import Curves, FittedSignal, Prediction

HOSTILE = '<script>alert(1)</script> $\\frac{$ \x1b id="x"'


def test_picture_is_the_same_from_run_to_run(prediction: Prediction) -> None:
    """Two drawings give the same bytes, without date or program version."""
    first, second = (plotting.svg_text(plotting.coverage(prediction).figure) for _ in range(2))
    assert first == second
    assert "date" not in first.lower()
    assert "matplotlib" not in first.lower().replace("matplotlib.axis", "")


def test_pictures_are_small(prediction: Prediction, fitted: Callable[[int], FittedSignal]) -> None:
    """A panel of curves takes tens of kilobytes, a series of spectra not much more."""
    assert len(plotting.svg_text(plotting.coverage(prediction).figure)) < 40_000
    assert len(plotting.svg_text(plotting.fitted_figure(fitted(300)))) < 200_000


def test_hostile_names_stay_text(prediction: Prediction, curves: Callable[..., Curves]) -> None:
    """Markup, formulas and control characters in names are drawn as they are, in a well-formed picture."""
    named = replace(prediction, curves=(curves("coverage", (HOSTILE, "B", "C")),))
    svg = plotting.inline_svg(plotting.coverage(named).figure, name="a")
    ET.fromstring(svg)  # noqa: S314 - our own picture
    assert "<script" not in svg
    assert "\x1b" not in svg
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $\\frac{$" in svg


def test_picture_for_a_page_takes_the_colours_of_the_page(prediction: Prediction) -> None:
    """Text is in the page's colour, curves in the page's variables, the background is left out."""
    svg = plotting.inline_svg(plotting.coverage(prediction).figure, name="a")
    assert INK not in svg
    assert "currentColor" in svg
    assert f"var(--curve-0, {PALETTE[0]})" in svg
    assert "#ffffff" not in svg


def test_ids_of_a_page_are_unique(prediction: Prediction) -> None:
    """Every id and every reference to one begins with the picture's name."""
    svg = plotting.inline_svg(plotting.coverage(prediction).figure, name="one")
    ids = re.findall(r'\bid="([^"]*)"', svg)
    references = re.findall(r'(?:href="|url\()#([^")]*)', svg)
    assert all(each.startswith("one-") for each in [*ids, *references])
    assert set(references) <= set(ids)


@pytest.mark.parametrize(("suffix", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_suffix_chooses_the_format(prediction: Prediction, tmp_path: Path, suffix: str, magic: bytes) -> None:
    """Every format is written, identically each time."""
    figure = plotting.coverage(prediction).figure
    contents = [plotting.save(figure, tmp_path / f"{k}.{suffix}").read_bytes() for k in range(2)]
    assert contents[0].startswith(magic)
    assert contents[0] == contents[1]


def test_unknown_suffix_is_refused(prediction: Prediction, tmp_path: Path) -> None:
    """A format that is not written is refused before anything is."""
    with pytest.raises(DataError, match="suffix"):
        plotting.save(plotting.coverage(prediction).figure, tmp_path / "a.bmp")
    assert not list(tmp_path.iterdir())


def test_existing_file_stays_unless_asked(prediction: Prediction, tmp_path: Path) -> None:
    """Nothing is overwritten silently."""
    figure = plotting.coverage(prediction).figure
    plotting.save(figure, tmp_path / "a.svg")
    with pytest.raises(DataError, match="a file of this name"):
        plotting.save(figure, tmp_path / "a.svg")
    plotting.save(figure, tmp_path / "a.svg", overwrite=True)


def test_missing_letters_make_no_noise(prediction: Prediction, curves: Callable[..., Curves], tmp_path: Path) -> None:
    """A name in a script that the measuring font lacks is drawn without warnings."""
    named = replace(prediction, curves=(curves("coverage", ("配体", "B", "C")),))
    plotting.save(plotting.coverage(named).figure, tmp_path / "a.png")


def test_no_global_setting_changes(prediction: Prediction) -> None:
    """Drawing and writing leave matplotlib's settings as they were."""
    before = dict(mpl.rcParams)
    plotting.inline_svg(plotting.coverage(prediction).figure, name="a")
    assert dict(mpl.rcParams) == before


def test_no_window_system_is_loaded() -> None:
    """Importing and drawing never import pyplot, so no window and no global figure can appear."""
    code = (
        "import sys; from surfacechem.plotting.style import new_axes; from surfacechem.plotting import svg_text;"
        "svg_text(new_axes().figure); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


def test_importing_draws_nothing_in() -> None:
    """Importing the room does not import matplotlib."""
    code = "import sys; import surfacechem.plotting; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code


def test_width_is_that_of_the_column(prediction: Prediction, tmp_path: Path) -> None:
    """A picture is as wide as asked, its letters as large as before, and the figure is given back as it was."""
    figure = plotting.coverage(prediction).figure
    before = tuple(figure.get_size_inches())
    whole, column = (
        plotting.save(figure, tmp_path / name, width=width).read_text()
        for name, width in (("a.svg", ""), ("b.svg", "85 mm"))
    )
    width, height = (float(re.findall(rf'{side}="([0-9.]+)pt"', column)[0]) for side in ("width", "height"))
    assert width == pytest.approx(85 / 25.4 * 72, abs=0.01)
    assert height / width == pytest.approx(before[1] / before[0], rel=1e-3)
    assert set(re.findall(r"font-size: ([0-9.]+)px", column)) == set(re.findall(r"font-size: ([0-9.]+)px", whole))
    assert tuple(figure.get_size_inches()) == before


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kinds": ("pdf", "gif")}, "figures: found 'gif'"),
        ({"kinds": ()}, "figures: found no kind"),
        ({"width": "85"}, "found '85' without unit"),
        ({"width": "1 mm"}, "width of figures: found 1 mm"),
        ({"width": "3 s"}, "no unit of path length"),
    ],
)
def test_impossible_pictures_are_refused(fields: dict[str, Any], message: str) -> None:
    """What cannot be drawn is known before a fit begins."""
    with pytest.raises(SurfaceChemError, match=message):
        plotting.Pictures(**fields)


def test_letters_of_a_pdf_are_embedded(prediction: Prediction, tmp_path: Path) -> None:
    """Journals take TrueType (type 42) and no type 3 fonts."""
    content = plotting.save(plotting.coverage(prediction).figure, tmp_path / "a.pdf").read_bytes()
    assert b"/FontFile2" in content
    assert b"/Type3" not in content

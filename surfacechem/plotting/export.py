"""Figures as files and as SVG for a page: small, and byte-identical from run to run."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from surfacechem.errors import DataError
from surfacechem.io.write import write_bytes
from surfacechem.plotting.style import INK, PALETTE
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Pictures", "inline_svg", "save", "svg_text"]

RESOLUTION: Final = 300  # dots per inch of PNG
CENTIMETRES: Final = 2.54  # in an inch
NARROWEST: Final = 4.0  # cm; below, letters of a readable size leave no room for a curve
WIDEST: Final = 60.0  # cm
# None removes what would change from run to run or from version to version.
METADATA: Final[dict[str, dict[str, None]]] = {
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None},
}
SVG_SETTINGS: Final = {"svg.hashsalt": "surfacechem", "svg.fonttype": "none", "pdf.fonttype": 42}
ROOT_STYLE: Final = "font-family: 'DejaVu Sans', Verdana, sans-serif; stroke-linejoin: round; stroke-linecap: butt"
TAG: Final = re.compile(r"<[^>]+>")
DIGITS_TO_DROP: Final = re.compile(r"(?<=\.\d\d)\d+")

# matplotlib reads these settings from one global dictionary while it writes.
_writing = Lock()


def svg_text(figure: Figure) -> str:
    """Return the figure as an SVG document on white, text as text."""
    return _tidied(_bytes(figure, "svg", facecolor="white").decode())


def inline_svg(figure: Figure, *, name: str) -> str:
    """Return the figure as an SVG element for an HTML page.

    The background is the page's, text and axes take the page's text colour, curves the page's ``--curve-0`` ... where
    it sets them (a dark page needs lighter ones), and every id begins with `name`, so that many figures share a page.

    Parameters
    ----------
    figure : Figure
        What to draw.
    name : str
        Unique on the page; letters, digits, hyphens.
    """
    text = _tidied(_bytes(figure, "svg", facecolor="none").decode())
    text = text[text.index("<svg") :].strip()
    return TAG.sub(lambda tag: _for_page(tag.group(), name), text)


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Which files are made of a figure.

    Attributes
    ----------
    kinds : tuple of str
        ``svg``, ``png``, ``pdf``.
    width : str
        Width with its unit, ``"85 mm"`` for a column of most journals; empty: as drawn.

    Raises
    ------
    DataError
        If a kind is none of these, none is given, or the width is none that a figure can have.
    """

    kinds: tuple[str, ...] = ("svg", "png")
    width: str = ""

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.kinds if kind not in METADATA]
        if unknown or not self.kinds:
            found = f"'{unknown[0][:40]}'" if unknown else "no kind"
            raise DataError("figures", found=found, allowed=", ".join(METADATA), advice="write e.g. 'pdf'")
        _centimetres(self.width)

    def names(self, title: str) -> list[str]:
        """Return the names of the files that `write` makes."""
        return [f"{title}.{kind}" for kind in self.kinds]

    def write(self, figure: Figure, folder: Path, title: str, *, overwrite: bool = False) -> None:
        """Write the figure as every kind."""
        for name in self.names(title):
            save(figure, folder / name, overwrite=overwrite, width=self.width)


def save(figure: Figure, path: str | Path, *, overwrite: bool = False, width: str = "") -> Path:
    """Write the figure as SVG, PNG or PDF, by the suffix; the file appears complete or not at all.

    Letters and lines keep their size whatever the width is, so that they can be read in a column of a paper.

    Parameters
    ----------
    figure : Figure
        What to write.
    path : path
        File to write.
    overwrite : bool
        Whether a file of this name may be replaced.
    width : str
        Width with its unit, ``"85 mm"``; the height follows. By default as drawn.

    Raises
    ------
    DataError
        If the suffix is none of these, or the file exists and must stay.
    UnitError
        If the width is no length.
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in METADATA:
        raise DataError(f"figure '{Path(path).name}'", found=f"suffix '.{suffix}'", allowed=".svg, .png, .pdf")
    drawn = figure.get_size_inches()
    wanted = _centimetres(width) or drawn[0] * CENTIMETRES
    figure.set_size_inches(*(drawn * wanted / CENTIMETRES / drawn[0]))
    try:
        content = svg_text(figure).encode() if suffix == "svg" else _bytes(figure, suffix, facecolor="white")
    finally:
        figure.set_size_inches(*drawn)
    return write_bytes(path, content, overwrite=overwrite)


def _centimetres(width: str) -> float:
    """Return a width in cm, 0 where none is given."""
    if not width:
        return 0.0
    found = quantity(width, Kind.PATH_LENGTH, name="width of figures")
    if not NARROWEST <= found <= WIDEST:
        allowed = f"{NARROWEST:g} to {WIDEST:g} cm"
        raise DataError("width of figures", found=width[:40], allowed=allowed, advice="write e.g. '85 mm'")
    return found


def _bytes(figure: Figure, suffix: str, *, facecolor: str) -> bytes:
    import matplotlib as mpl

    buffer = io.BytesIO()
    with _writing, mpl.rc_context(SVG_SETTINGS), warnings.catch_warnings():
        # A letter that the measuring font lacks is drawn by the reader's own font.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(buffer, format=suffix, dpi=RESOLUTION, metadata=METADATA[suffix], facecolor=facecolor)
    return buffer.getvalue()


def _tidied(text: str) -> str:
    """Move what every piece of text repeats to the root, drop what says nothing, and round paths to 0.01 points."""
    text = re.sub(r"<(metadata|style)\b.*?</\1>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*</defs>", "", text)
    return re.sub(r"\n\s*", "\n", TAG.sub(lambda tag: _tidy_tag(tag.group()), text))


def _tidy_tag(tag: str) -> str:
    # Only inside tags: labels come from the user's files and stay as they are.
    tag = re.sub(r" font-family: [^;\"]*;", "", tag)
    tag = re.sub(r' transform="rotate\(-?0 [^"]*"', "", tag)
    if tag.startswith("<svg"):
        return tag.replace("<svg", f'<svg style="{ROOT_STYLE}"', 1)
    return DIGITS_TO_DROP.sub("", tag)


def _for_page(tag: str, name: str) -> str:
    for index, shade in enumerate(PALETTE):
        tag = tag.replace(shade, f"var(--curve-{index}, {shade})")
    tag = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", tag).replace(INK, "currentColor")
    # The page says how wide it is shown; the view box keeps the proportions.
    return re.sub(r' (?:width|height)="[^"]*"', "", tag) if tag.startswith("<svg") else tag

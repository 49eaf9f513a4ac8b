"""Figures as files and as SVG for a page: small, and byte-identical from run to run."""

from __future__ import annotations

import io
import re
import warnings
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from surfacechem.errors import DataError
from surfacechem.io.write import write_bytes
from surfacechem.plotting.style import INK, PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["inline_svg", "save", "svg_text"]

RESOLUTION: Final = 200  # dots per inch of PNG
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


def save(figure: Figure, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write the figure as SVG, PNG or PDF, by the suffix; the file appears complete or not at all.

    Raises
    ------
    DataError
        If the suffix is none of these, or the file exists and must stay.
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in METADATA:
        raise DataError(f"figure '{Path(path).name}'", found=f"suffix '.{suffix}'", allowed=".svg, .png, .pdf")
    content = svg_text(figure).encode() if suffix == "svg" else _bytes(figure, suffix, facecolor="white")
    return write_bytes(path, content, overwrite=overwrite)


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

"""Options that several commands share: one name, one meaning, one text of help."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cyclopts import Token

    from surfacechem.plotting import Pictures

__all__ = [
    "DEFAULT_FILES",
    "AsJson",
    "Constants",
    "DataFile",
    "DataTechnique",
    "Files",
    "Flag",
    "Folder",
    "Kind",
    "Level",
    "Many",
    "ModelFile",
    "Overwrite",
    "Rename",
    "SavedFit",
    "Seed",
    "Sheet",
    "Source",
    "TechniqueName",
    "Text",
    "pairs",
    "told",
    "whole",
]

EXAMPLES = {
    "--constant": "K[L1]=250 /M",
    "--hold": "K[11]=2500 /M",
    "--start": "K[21]=40 /M",
    "--guess": "K[11]=1e3..1e6 /M",
    "--vary": "K[X1]=1e-3..1e3:61",
    "--rename": "H=Host",
    "--known": "A=spectra.csv",
    "--active": "Host=0.97 +/- 0.02",
    "--impurity": "HO2CR in InP37=0.5 +/- 0.2",
    "--amplitude": "delta[HG]=0.4 ppm",
    "--noise": "delta=0.002 ppm",
    "--titrant": "HO2CR'=0.25 M",
}
FEED_EXAMPLE = "InP37=0.5 mM"


def whole(least: int, most: int | None = None) -> Parameter:
    """Return what makes an option a whole number within bounds; ``1.5`` is refused, not rounded."""

    def read(_: object, tokens: Sequence[Token]) -> int:
        text = tokens[0].value.strip()
        number = int(text) if re.fullmatch(r"[-+]?\d{1,18}", text) else None
        if number is None or number < least or (most is not None and number > most):
            raise ValueError(f"a whole number from {least}" + ("" if most is None else f" to {most}"))
        return number

    return Parameter(converter=read)


def told(text: str) -> Parameter:
    """Return the help of an option that is left out by default; long texts are told here to be wrapped as one."""
    return Parameter(negative="", show_default=False, help=text)


Flag = Annotated[bool, Parameter(negative="", show_default=False)]
Many = Annotated[tuple[str, ...], Parameter(negative="", show_default=False)]
Text = Annotated[str, Parameter(show_default=False)]
"""Text that may be left out, then empty."""
Folder = Annotated[Path | None, Parameter(name=("--output", "-o"))]

AsJson = Annotated[bool, told("Print a JSON document instead of text.")]
Overwrite = Annotated[bool, told("Replace what an earlier run wrote under these names.")]
Seed = Annotated[int, whole(0), Parameter(help="Seed of what is drawn at random: the same seed, the same numbers.")]
Level = Annotated[float | None, told("Confidence level of intervals and bands; by default 0.95, or that of the fit.")]
Constants = Annotated[
    tuple[str, ...],
    told("""A value that replaces the model's or the fit's: "K[L1]=250 /M", "active[InP37]=1"."""),
]
ModelFile = Annotated[Path, Parameter(help="Model file (.scx).")]
DataFile = Annotated[Path, Parameter(help="Data file.")]
SavedFit = Annotated[Path, Parameter(help="File fit.json of a fit.")]
Source = Annotated[Path, Parameter(help="Model file (.scx), or fit.json of a fit.")]
Rename = Annotated[
    tuple[str, ...], told('What a name in the data is to mean: --rename "H=Host" --rename "delta=delta [Hz]".')
]
Sheet = Annotated[str | None, Parameter(help="Sheet of a workbook; by default the first with a table.")]
TechniqueName = Literal["nmr-integral", "nmr-shift", "uv-vis", "fluorescence", "itc", "band-position", "ligand-count"]
"""Values of `surfacechem.records.Technique`, whose module loads numpy: help would wait for it."""
DataTechnique = Annotated[TechniqueName | None, Parameter(help="What was measured, where the data do not say.")]
Kind = Literal[
    "x-exchange",
    "l-binding",
    "z-displacement",
    "host-guest",
    "uv-vis",
    "fluorescence",
    "quenching",
    "calorimetry",
    "band-position",
    "ligand-count",
    "nmr-integral",
    "nmr-shift",
    "itc",
]
"""Names of `surfacechem.io.TEMPLATES` and of techniques, which likewise would be slow to ask for."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Files:
    """Options of every command that writes a folder with figures.

    Parameters
    ----------
    figures
        Kind of the figures, once per kind; by default svg and png.
    width
        Width of the figures: --width "85 mm" for a column of most journals; by default 132 mm.
    """

    overwrite: Overwrite = False
    figures: Annotated[tuple[Literal["svg", "png", "pdf"], ...], Parameter(negative="", show_default=False)] = ()
    width: Text = ""

    @property
    def pictures(self) -> Pictures:
        """What the options ``--figures`` and ``--width`` ask for; an impossible wish is refused here."""
        from surfacechem.plotting import Pictures

        return Pictures(kinds=self.figures, width=self.width) if self.figures else Pictures(width=self.width)


DEFAULT_FILES = Files()


def pairs(texts: Iterable[str], *, option: str) -> dict[str, str]:
    """Return the ``name=value`` texts of a repeated option as a mapping.

    Raises
    ------
    DataError
        If one has no equals sign, no name or no value, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value or name in found:
            fault = f"'{text}' (the name comes twice)" if name in found else f"'{text}'"
            example = f'{option} "{EXAMPLES.get(option, FEED_EXAMPLE)}"'
            raise DataError(f"option {option}", found=fault, allowed="NAME=VALUE, each name once", advice=example)
        found[name] = value
    return found

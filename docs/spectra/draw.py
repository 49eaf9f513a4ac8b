# ruff: noqa: INP001 (a script beside its pictures)
"""Draw the pictures of ``docs/spectra.md`` by its own commands: ``python docs/spectra/draw.py``."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path

from surfacechem.cli import main

HERE = Path(__file__).parent
PAGE = HERE.with_suffix(".md").read_text(encoding="utf-8")
PICTURES = {
    "alpha-beta/absorbance.svg": "alpha-beta.svg",
    "etching/absorbance.svg": "etching.svg",
    "etching/E1-by-coverage.svg": "etching-position.svg",
    "asymmetric/absorbance.svg": "asymmetric.svg",
}
"""Which file of the commands is which picture of the page."""


def draw(folder: Path) -> None:
    """Run the commands of the page in a folder, and keep the pictures."""
    os.chdir(folder)
    for name, body in re.findall(r"^```text (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        Path(name).write_text(body, encoding="utf-8")
    for line in re.findall(r"^surfacechem (.*)$", PAGE.replace("\\\n", " "), re.MULTILINE):
        if line.startswith("predict"):
            main(shlex.split(line))
    for made, picture in PICTURES.items():
        shutil.copy(made, HERE / picture)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        draw(Path(place))

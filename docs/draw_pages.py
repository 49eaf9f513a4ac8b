# ruff: noqa: INP001 (a script beside its pictures)
"""Draw the pictures of the README and of ``docs/spectra.md`` by their own commands: ``python docs/draw_pages.py``."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path

from surfacechem.cli import main

HERE = Path(__file__).parent
PICTURES = {
    HERE.parent / "README.md": {"results/titration-bound_free.svg": "pictures/titration.svg"},
    HERE / "spectra.md": {
        "alpha-beta/absorbance.svg": "spectra/alpha-beta.svg",
        "etching/absorbance.svg": "spectra/etching.svg",
        "etching/E1-by-coverage.svg": "spectra/etching-position.svg",
        "asymmetric/absorbance.svg": "spectra/asymmetric.svg",
    },
}
"""Of each page: which file of its commands is which picture."""


def draw(page: Path, pictures: dict[str, str], folder: Path) -> None:
    """Run the commands of a page in a folder, and keep the pictures."""
    os.chdir(folder)
    text = page.read_text(encoding="utf-8")
    for name, body in re.findall(r"^```text (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        Path(name).write_text(body, encoding="utf-8")
    for commands in re.findall(r"^```sh\n(surfacechem .*?)^```$", text, re.MULTILINE | re.DOTALL):
        for line in commands.replace("\\\n", " ").splitlines():
            main(shlex.split(line, comments=True)[1:])
    for made, picture in pictures.items():
        shutil.copy(made, HERE / picture)


if __name__ == "__main__":
    for each, its_pictures in PICTURES.items():
        with tempfile.TemporaryDirectory() as place:
            draw(each, its_pictures, Path(place))

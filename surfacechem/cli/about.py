"""Commands about the program itself: ``doctor`` and ``cite``."""

from __future__ import annotations

import importlib.metadata
import platform
import time

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.options import AsJson  # noqa: TC001  (cyclopts reads the annotations)
from surfacechem.cli.output import print_json, print_lines, print_table
from surfacechem.display import Table

__all__ = ["cite", "doctor"]

EXTRAS = {"testing": ("hypothesis",)}
TOLERANCE = 1e-12


def doctor(*, json: AsJson = False) -> int:
    """Say what is installed, and solve one flask with a known answer."""
    versions = {name: _version(name) for name in _requirements()}
    extras = {extra: {name: _version(name) for name in names} for extra, names in EXTRAS.items()}
    seconds, deviation = _known_flask()
    is_good = deviation < TOLERANCE and None not in versions.values()
    if json:
        facts = {"python": platform.python_version(), "surfacechem": sc.__version__}
        print_json({**facts, "packages": versions, "extras": extras, "solve_s": seconds, "deviation": deviation})
        return 0 if is_good else 1
    rows = [(name, version or "missing") for name, version in versions.items()]
    rows += [
        (name, version or f"not installed: pip install 'surfacechem[{extra}]'")
        for extra, found in extras.items()
        for name, version in found.items()
    ]
    title = f"surfacechem {sc.__version__}, Python {platform.python_version()}"
    print_table(Table(title=title, columns=("package", "version"), rows=tuple(rows)))
    verdict = "as it should be" if is_good else f"off by {deviation:.1e}: reinstall numba and numpy"
    print_lines([f"solver: one flask in {seconds:.2f} s (first call of the process), {verdict}"])
    return 0 if is_good else 1


def cite(*, json: AsJson = False) -> None:
    """Say how to cite this program and each bundled data set."""
    from surfacechem.api import cite_program

    program = cite_program()
    cards = sc.list_cards()
    if json:
        print_json({"program": program, "data": {card.id: f"{card.citation}. {card.source}" for card in cards}})
        return
    print_lines(
        [program, "", "Data shipped with it:", *(f"- {card.id}: {card.citation}. {card.source}" for card in cards)]
    )


def _requirements() -> list[str]:
    lines = importlib.metadata.requires("surfacechem") or []
    return [line.split(">")[0].split("=")[0].strip() for line in lines if "extra ==" not in line]


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _known_flask() -> tuple[float, float]:
    """Solve H + G <=> HG at 1 mmol/L each and K = 1e3 /M, where HG is (3 - sqrt 5)/2 mmol/L."""
    start = time.perf_counter()
    model = sc.Model("surfacechem 1\nspecies H\nspecies G\nS  H + G <=> HG ; K = 1000 /M")
    flask = model.solve({"H": [1e-3], "G": [1e-3]})
    bound = float(flask.concentration[0, flask.entities.index("HG")])
    expected = (3 - 5**0.5) / 2 * 1e-3
    return time.perf_counter() - start, abs(bound - expected) / expected

"""The map of the house as data: which room may import which, and where the heavy packages live."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "surfacechem"

# Layers of docs/design.md section 2; arrows may skip layers downward, never go up or sideways.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "constants", "records", "display", "plain"}),
    frozenset({"units"}),
    frozenset({"chem", "relations", "numerics"}),
    frozenset({"symbolic", "notation", "library"}),
    frozenset({"network"}),
    frozenset({"fitting"}),
    frozenset({"io", "prediction"}),
    frozenset({"sweep"}),  # reads amounts and constants as `prediction` does
    frozenset({"plotting", "report", "testing"}),
    frozenset({"api"}),
    frozenset({"cli", "app"}),
)
# Floats in kernel units live here: these rooms never see a unit.
FLOATS_ONLY = frozenset(
    {"chem", "relations", "library", "numerics", "symbolic", "network", "fitting", "display", "records"}
)
# A package and the only rooms that may import it, at any depth of nesting.
HOMES: dict[str, frozenset[str]] = {
    "sympy": frozenset({"symbolic"}),
    "pint": frozenset({"units"}),
    "lark": frozenset({"notation"}),
    "matplotlib": frozenset({"plotting"}),
    "scipy": frozenset({"numerics", "fitting", "sweep"}),
    "numba": frozenset({"numerics"}),
    "hypothesis": frozenset({"testing"}),
    "jinja2": frozenset({"report"}),
    "cyclopts": frozenset({"cli"}),
    "contourpy": frozenset({"fitting"}),
    "emcee": frozenset({"fitting"}),
    "dynesty": frozenset({"fitting"}),
    "arviz_stats": frozenset({"fitting"}),
}
# Sideways arrows inside layer 0: records and errors are leaves, the others may raise errors.
LEAVES_MAY_USE = frozenset({"errors", "constants"})


def room_of(path: Path) -> str:
    """Return the room a file belongs to: the first name below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[tuple[str, str]]:
    """Return (top-level package, room) of every import in a file, lazy and type-only ones included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else []
            if node.module == "surfacechem":
                names = [f"surfacechem.{alias.name}" for alias in node.names if alias.name != "__version__"]
        for name in names:
            top, *rest = name.split(".")
            found.add((top, rest[0] if top == "surfacechem" and rest else ""))
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if room_of(path) not in {"__init__", "__main__"})
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}


def test_map_knows_every_room() -> None:
    """Each module or package below the root stands on the map."""
    assert {room_of(path) for path in FILES} <= set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path: Path) -> None:
    """No import points up or sideways, lazy and type-only imports included."""
    room = room_of(path)
    used = {other for top, other in imports_of(path) if top == "surfacechem" and other not in {room, ""}}
    wrong = {other for other in used if LEVEL[other] >= LEVEL[room] and other not in LEAVES_MAY_USE}
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_units_stay_at_the_boundary(path: Path) -> None:
    """Rooms of floats never import the units."""
    rooms = {room for top, room in imports_of(path) if top == "surfacechem"}
    assert not (room_of(path) in FLOATS_ONLY and "units" in rooms)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_heavy_packages_stay_home(path: Path) -> None:
    """Sympy, pint, lark, matplotlib, scipy and the like are imported in one room each."""
    wrong = {top for top, _ in imports_of(path) if top in HOMES and room_of(path) not in HOMES[top]}
    assert not wrong


def test_no_file_text_is_executed() -> None:
    """No file calls what turns text into code, by whatever name its package was imported."""
    executing = {"eval", "exec", "sympify", "parse_expr"}
    unpickling = {"pickle", "cPickle", "dill", "marshal", "yaml"}
    calls = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                calls |= {(path.name, name)} if name in executing else set()
        calls |= {(path.name, top) for top, _ in imports_of(path) if top in unpickling}
    assert not calls

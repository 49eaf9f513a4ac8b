"""The root of the package: what is public, and what it costs to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import surfacechem as sc

HEAVY = {"numpy", "scipy", "sympy", "numba", "pint", "matplotlib", "xarray", "lark", "jinja2"}
PROGRAM = "import sys; {statement}; print(*sorted({heavy!r} & set(sys.modules)))"


def loaded_by(statement: str) -> list[str]:
    """Return the heavy packages that a fresh interpreter has loaded after a statement."""
    program = PROGRAM.format(statement=statement, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.splitlines()[-1].split()


def test_public_names_are_sorted_and_exist() -> None:
    """Everything that is said to be public can be had, in alphabetical order."""
    assert sorted(sc.__all__) == list(sc.__all__)
    assert all(getattr(sc, name) is not None for name in sc.__all__)


def test_importing_loads_nothing_heavy() -> None:
    """``import surfacechem`` costs milliseconds because it loads no science."""
    assert loaded_by("import surfacechem") == []


@pytest.mark.parametrize("command", [[], ["fit"], ["predict"], ["model", "check"], ["data", "check"], ["demo"]])
def test_help_loads_nothing_heavy(command: list[str]) -> None:
    """Help of any command appears without loading science."""
    assert loaded_by(f"from surfacechem.cli import main; main({[*command, '--help']!r})") == []


def test_reading_a_model_loads_no_compiler() -> None:
    """Checking a model does without numba and sympy."""
    text = "surfacechem 1\\nspecies H\\nspecies G\\nS  H + G <=> HG ; K = 1000 /M"
    assert not {"numba", "sympy", "matplotlib", "pint"} & set(
        loaded_by(f"import surfacechem as sc; sc.Model('{text}')")
    )

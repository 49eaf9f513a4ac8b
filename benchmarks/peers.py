"""Other people's programs, each in an environment of its own, never in ours.

Run: ``python benchmarks/peers.py FOLDER`` makes the environments (once; needs the package index). The benchmarks take
the folder as ``--peers FOLDER``, or from ``SURFACECHEM_PEERS``, start the scripts that speak to a peer with its own
interpreter and read a line of JSON per answer. What is not there is said to be not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

VARIABLE = "SURFACECHEM_PEERS"
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
REQUIREMENTS = {
    "solvers": (("cantera==3.2.0", "equiconc==0.4.1", "eqtk==0.1.4", "phreeqpython==1.6.2", "scipy"),),
    "fitters": (("bindfit==0.1.2", "lmfit==1.3.4", "numpy<2", "scipy"),),
    "musketeer": (("musketeer==1.10.3",),),
    # pytc's build asks for numpy before it says so, and fails with the setuptools of today.
    "pytc": (("cython", "numpy<2", "scipy", "setuptools<60", "wheel"), ("--no-build-isolation", "pytc-fitter==1.1.5")),
}


def make(folder: Path) -> None:
    """Make all environments; each row of `REQUIREMENTS` is one call of the installer."""
    for name, steps in REQUIREMENTS.items():
        venv.create(folder / name, with_pip=True)
        for step in steps:
            subprocess.run([_interpreter(folder, name), "-m", "pip", "install", "--quiet", *step], check=True)


def ask(folder: Path | None, name: str, script: str, *arguments: object) -> list[dict[str, Any]]:
    """Run a script of this folder with the interpreter of a peer and return what it prints, one record a line.

    Parameters
    ----------
    folder : Path, optional
        Where the environments are.
    name : str
        Which of them.
    script : str
        File beside this one.
    arguments
        Given to the script.
    """
    if folder is None or not _interpreter(folder, name).exists():
        return [{"name": name, "error": "not installed"}]
    command = [_interpreter(folder, name), Path(__file__).with_name(script), *map(str, arguments)]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **ONE_CORE})
    if answer.returncode:
        return [{"name": name, "error": (answer.stderr.strip().splitlines() or ["stopped"])[-1]}]
    return [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")]


def keep_to_one_core() -> None:
    """Start this program again, once, so that its linear algebra starts no threads: as for the peers."""
    if not ONE_CORE.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_CORE})  # noqa: S606  (no shell)


def add_option(parser: argparse.ArgumentParser) -> None:
    """Give a benchmark the option ``--peers``."""
    given = os.environ.get(VARIABLE)
    parser.add_argument(
        "--peers", type=Path, default=Path(given) if given else None, help="made by benchmarks/peers.py"
    )


def _interpreter(folder: Path, name: str) -> Path:
    return folder / name / "bin" / "python"


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    make(arguments.parse_args().folder)

"""What the comparisons with other programs rest on, as far as it runs without them."""

from __future__ import annotations

import runpy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from surfacechem.network import Network
from surfacechem.notation import parse

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
MODELS = {
    "1:1": ("S[11] H + G <=> HG ; K = 2000 /M\n", ("H", "HG")),
    "1:2": ("S[11] H + G <=> HG ; K = 2000 /M\nS[12] HG + G <=> HG2 ; K = 300 /M\n", ("H", "HG", "HG2")),
}


@cache
def script(name: str) -> dict[str, Any]:
    """Return what a script defines."""
    return runpy.run_path(str(BENCHMARKS / f"{name}.py"))


@pytest.mark.parametrize("model", list(MODELS))
def test_solver_of_the_plain_scipy_fit_is_right(model: str) -> None:
    """The fit that ours are timed against has the right concentrations."""
    reactions, observed = MODELS[model]
    host, guest = np.full(25, 1e-3), np.linspace(0.0, 6e-3, 25)
    seen = Network(parse(f"surfacechem 1\nspecies H\nspecies G\n{reactions}")).solve({"H": host, "G": guest})
    task = script("fit_peers")["Task"](model=model, kind="uv", host=host, guest=guest, start=np.zeros(2), extra={})
    columns = script("fit_peers")["bind"](task, np.array([2000.0, 300.0]))
    np.testing.assert_allclose(columns.T, [seen.of(name) for name in observed], rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("method", ["root", "least_squares"])
def test_balances_of_plain_scipy_are_right(method: str) -> None:
    """1 mmol/L of each, K = 1000: (sqrt(5) - 1) / 2 of it is free."""
    nu, ln_beta = np.array([[1, 0], [0, 1], [1, 1.0]]), np.log([1.0, 1.0, 1000.0])
    found = script("solver_peers")["run_scipy"](nu, ln_beta, np.full((1, 2), 1e-3), method=method)
    free = (np.sqrt(5.0) - 1.0) / 2.0 * 1e-3
    np.testing.assert_allclose(found, [[free, free, 1e-3 - free]], rtol=1e-9)


def test_peers_are_told_every_complex() -> None:
    """PHREEQC reads a complex as a reaction with a decimal logarithm, cantera as a species made of elements."""
    nu, ln_beta = np.array([[1, 0], [0, 1], [1, 2.0]]), np.log([1.0, 1.0, 1024.0])
    _, species, database = script("solver_peers")["describe_database"](nu, ln_beta)
    assert species == ["Xa", "Xb", "XaXb2"]
    assert "1 Xa + 2 Xb = XaXb2\nlog_k 3.01029995" in database
    assert "composition: {X0: 1, X1: 2}" in script("solver_peers")["describe_gas"](nu, ln_beta, 1.0)


def test_peers_that_are_missing_are_named(tmp_path: Path) -> None:
    """Without their environments a comparison says so and goes on."""
    ask = script("peers")["ask"]
    assert ask(None, "solvers", "solver_peers.py") == [{"name": "solvers", "error": "not installed"}]
    assert ask(tmp_path, "pytc", "fit_peers.py") == [{"name": "pytc", "error": "not installed"}]

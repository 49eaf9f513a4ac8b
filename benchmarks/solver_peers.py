"""Time public solvers on points from a file. Runs in the peers' own environment; imports nothing of surfacechem.

Usage: ``python solver_peers.py points.npz``; prints one JSON object per peer: seconds, points, ln concentrations' file.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = np.ndarray


def run_equiconc(nu: Floats, ln_beta: Floats, totals: Floats) -> Floats:
    """Solve point by point; the complexes' energies are -ln beta."""
    import equiconc

    m = nu.shape[1]
    names = [f"c{i}" for i in range(m)]
    found = np.full((len(totals), len(nu)), np.nan)
    for p, total in enumerate(totals):
        system = equiconc.System()
        for name, value in zip(names, total, strict=True):
            system = system.monomer(name, float(value))
        for j in range(m, len(nu)):
            parts = [(names[i], int(nu[j, i])) for i in np.flatnonzero(nu[j])]
            system = system.complex(f"s{j}", parts, delta_g_over_rt=-float(ln_beta[j]))
        try:
            answer = system.equilibrium()
        except RuntimeError:
            continue
        found[p, :m] = answer.free_monomer_concentrations
        found[p, m:] = answer.complex_concentrations
    return found


def run_eqtk(nu: Floats, ln_beta: Floats, totals: Floats) -> Floats:
    """Solve all points in one call, reactions forming each complex from its parts."""
    import eqtk

    m = nu.shape[1]
    reactions = np.hstack((-nu[m:], np.eye(len(nu) - m)))
    start = np.hstack((totals, np.zeros((len(totals), len(nu) - m))))
    return np.asarray(eqtk.solve(start, N=reactions, K=np.exp(ln_beta[m:])))


def run_scipy_root(nu: Floats, ln_beta: Floats, totals: Floats) -> Floats:
    """Solve point by point with scipy's hybrid method on log activities and log balances, exact Jacobian."""
    from scipy.optimize import root

    def balances(x: Floats, total: Floats) -> tuple[Floats, Floats]:
        c = np.exp(np.minimum(ln_beta + nu @ x, 300.0))
        held = nu.T @ c
        return np.log(held / total), (nu.T * c) @ nu / held[:, np.newaxis]

    found = np.full((len(totals), len(nu)), np.nan)
    for p, total in enumerate(totals):
        answer = root(balances, np.log(total), args=(total,), jac=True, tol=1e-12)
        if answer.success:
            found[p] = np.exp(ln_beta + nu @ answer.x)
    return found


PEERS: dict[str, tuple[Callable[[Floats, Floats, Floats], Floats], int]] = {
    "equiconc": (run_equiconc, 20_000),
    "eqtk": (run_eqtk, 20_000),
    "scipy root": (run_scipy_root, 500),
}


def main() -> None:
    """Time every peer that can be imported."""
    points = np.load(sys.argv[1])
    nu, ln_beta, totals = points["nu"], points["ln_beta"], points["totals"]
    for name, (run, n_points) in PEERS.items():
        try:
            run(nu, ln_beta, totals[:10])
            start = time.process_time()
            found = run(nu, ln_beta, totals[:n_points])
            seconds = time.process_time() - start
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way; the table says so
            print(json.dumps({"name": name, "error": f"{type(error).__name__}: {error}"}))
            continue
        path = f"{sys.argv[1]}.{name.replace(' ', '-')}.npy"
        np.save(path, found)
        print(json.dumps({"name": name, "seconds": seconds, "n_points": len(found), "path": path}))


if __name__ == "__main__":
    main()

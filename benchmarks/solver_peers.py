"""Time public solvers on points from a file. Runs in the peers' own environment; imports nothing of surfacechem.

Usage: ``python solver_peers.py points.npz``; prints one JSON object per peer: version, seconds, points, and the file of
its concentrations.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = np.ndarray
TEMPERATURE = 298.15


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


def run_cantera(nu: Floats, ln_beta: Floats, totals: Floats) -> Floats:
    """Solve point by point as an ideal gas of constant volume with its standard state at 1 mol/L: the same equations.

    Energies are -RT ln beta, components are elements, and the solver is the one that the library picks.
    """
    import cantera

    m = nu.shape[1]
    gas = cantera.Solution(yaml=describe_gas(nu, ln_beta, cantera.gas_constant * TEMPERATURE))
    found = np.full((len(totals), len(nu)), np.nan)
    mass = nu.sum(axis=1)
    for p, total in enumerate(totals):
        feed = np.concatenate((total, np.zeros(len(nu) - m)))
        gas.TDX = TEMPERATURE, float(feed @ mass), feed
        try:
            gas.equilibrate("TV", rtol=1e-10)
        except cantera.CanteraError:
            continue
        found[p] = gas.concentrations
    return found


def describe_gas(nu: Floats, ln_beta: Floats, thermal_energy: float) -> str:
    """Return the phase as the text that cantera reads; the pressure of 1 kmol/m3 is RT."""
    m = nu.shape[1]
    elements = [f"X{i}" for i in range(m)]
    lines = ["elements:", *(f"- {{symbol: {element}, atomic-weight: 1.0}}" for element in elements)]
    lines += ["phases:", "- {name: flask, thermo: ideal-gas, elements: [" + ", ".join(elements) + "], species: all}"]
    lines += ["species:"]
    for row, ln_weight in zip(nu, ln_beta, strict=True):
        made_of = ", ".join(f"{elements[i]}: {int(row[i])}" for i in np.flatnonzero(row))
        name = "".join(f"{elements[i]}{int(row[i])}" for i in np.flatnonzero(row))
        thermo = (
            f"model: constant-cp, T0: {TEMPERATURE}, h0: {-thermal_energy * ln_weight:.17g} J/kmol, s0: 0.0, cp0: 0.0"
        )
        lines += [f"- name: {name}", f"  composition: {{{made_of}}}"]
        lines += [f"  thermo: {{{thermo}, reference-pressure: {thermal_energy:.17g} Pa}}"]
    return "\n".join(lines)


def run_phreeqc(nu: Floats, ln_beta: Floats, totals: Floats) -> Floats:
    """Solve all points in one input of PHREEQC, with a database of these uncharged species in 1 kg of water.

    Its activity coefficients move uncharged species by 2e-8 in pure water.
    """
    import tempfile

    from phreeqpython import PhreeqPython

    names, species, database = describe_database(nu, ln_beta)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "mine.dat").write_text(database, encoding="ascii")
        program = PhreeqPython(database="mine.dat", database_directory=Path(folder)).ip
    wanted = ", ".join(f'MOL("{each}")' for each in species)
    text = ["SELECTED_OUTPUT 1", "-reset false", "-high_precision true", "USER_PUNCH 1"]
    text += ["-headings " + " ".join(species), "-start", f"10 PUNCH {wanted}", "-end"]
    for p, total in enumerate(totals):
        text += [f"SOLUTION {p + 1}", "units mol/kgw"]
        text += [f"{name} {amount:.17g}" for name, amount in zip(names, total, strict=True)]
    program.run_string("\n".join([*text, "END", ""]))
    return np.array(program.get_selected_output_array()[1:], dtype=float)


def describe_database(nu: Floats, ln_beta: Floats) -> tuple[list[str], list[str], str]:
    """Return the names of components and species and the text that PHREEQC reads; water comes along."""
    m = nu.shape[1]
    names = [f"X{letter}" for letter in "abcdefgh"[:m]]
    lines = ["SOLUTION_MASTER_SPECIES", "H H+ 0 H 1.0", "H(0) H2 0 H", "H(1) H+ 0 H", "E e- 0 0 0"]
    lines += ["O H2O 0 O 16.0", "O(0) O2 0 O", "O(-2) H2O 0 O", *(f"{name} {name} 0 1.0 1.0" for name in names)]
    reactions = {"H+ = H+": 0.0, "e- = e-": 0.0, "H2O = H2O": 0.0, "H2O = OH- + H+": -14.0}
    reactions |= {"2 H2O = O2 + 4 H+ + 4 e-": -86.08, "2 H+ + 2 e- = H2": -3.15}
    reactions |= {f"{name} = {name}": 0.0 for name in names}
    species = list(names)
    for row, ln_weight in zip(nu[m:], ln_beta[m:], strict=True):
        counts = [(int(row[i]), names[i]) for i in np.flatnonzero(row)]
        species.append("".join(f"{name}{count}" if count > 1 else name for count, name in counts))
        parts = " + ".join(f"{count} {name}" for count, name in counts)
        reactions[f"{parts} = {species[-1]}"] = ln_weight / np.log(10.0)
    lines += ["SOLUTION_SPECIES"]
    for reaction, log_k in reactions.items():
        lines += [reaction, f"log_k {log_k:.16g}"]
    return names, species, "\n".join([*lines, "END", ""])


def run_scipy(nu: Floats, ln_beta: Floats, totals: Floats, *, method: str) -> Floats:
    """Solve point by point with scipy on log activities and log balances, exact Jacobian."""
    from scipy.optimize import least_squares, root

    def hold(x: Floats) -> tuple[Floats, Floats]:
        c = np.exp(np.minimum(ln_beta + nu @ x, 300.0))
        return c, nu.T @ c

    def balances(x: Floats, total: Floats) -> Floats:
        return np.log(hold(x)[1] / total)

    def slopes(x: Floats, _: Floats) -> Floats:
        c, held = hold(x)
        return (nu.T * c) @ nu / held[:, np.newaxis]

    found = np.full((len(totals), len(nu)), np.nan)
    for p, total in enumerate(totals):
        if method == "root":
            answer = root(balances, np.log(total), args=(total,), jac=slopes, tol=1e-12)
        else:
            answer = least_squares(
                balances, np.log(total), jac=slopes, args=(total,), xtol=1e-12, ftol=1e-12, gtol=1e-12
            )
        if answer.success:
            found[p] = np.exp(ln_beta + nu @ answer.x)
    return found


PEERS: dict[str, tuple[str, Callable[[Floats, Floats, Floats], Floats], int]] = {
    "equiconc": ("equiconc", run_equiconc, 20_000),
    "eqtk": ("eqtk", run_eqtk, 20_000),
    "cantera": ("cantera", run_cantera, 5_000),
    "phreeqc": ("phreeqpython", run_phreeqc, 5_000),
    "scipy root": ("scipy", partial(run_scipy, method="root"), 1_000),
    "scipy least_squares": ("scipy", partial(run_scipy, method="least_squares"), 500),
}
"""Name -> package, how it is asked, and how many points are enough."""


def main() -> None:
    """Time every peer that can be imported."""
    points = np.load(sys.argv[1])
    nu, ln_beta, totals = points["nu"], points["ln_beta"], points["totals"]
    for name, (package, run, n_points) in PEERS.items():
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
        facts = {"version": version(package), "seconds": seconds, "n_points": len(found), "path": path}
        print(json.dumps({"name": name} | facts))


if __name__ == "__main__":
    main()

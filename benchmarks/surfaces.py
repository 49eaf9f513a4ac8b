"""Time of predicting many conditions on surfaces: carried units, conformers, neighbours, mean field.

Run: ``python benchmarks/surfaces.py``. The first solve of a shape compiles or loads kernels and is not counted.
Targets: 1e5 conditions of S4 with carried units or of a host with five forms in 0.5 s, 1e5 states of a 12-site graph
in 2 s.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.symbolic.counting import count_macrostates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

N_POINTS = 100_000
S4 = """cluster InP37 = In37P20(O2CR)51
site Z on InP37 native In(O2CR)3
site A on Z-In(O2CR)3 native O2CR
X A-O2CR + HO2CR' <=> A-O2CR' + HO2CR             ; K = 1.3
Z Z-In(O2CR)3 + 2 NH2R <=> Z-* + In(O2CR)3(NH2R)2 ; K = 4e-3 /M
L Z-* + NH2R <=> Z-NH2R                           ; K = 200 /M
"""
FORMS = "cluster CdS37\nsite Cd on CdS37 : 8\nL Cd-* + L <=> Cd-L ; K = 1 /M\n" + "".join(
    f"conformer f{k} of CdS37 ; L0 = 1e-{k}\nL Cd-* + L <=> Cd-L in f{k} ; K = {2 * k} /M\n" for k in range(1, 5)
)
# The 30 edges of an icosahedron.
ICOSAHEDRON = [(1, k) for k in range(2, 7)] + [(12, k) for k in range(7, 12)]
ICOSAHEDRON += [(k, k % 6 + 1 if k < 6 else 2) for k in range(2, 7)] + [
    (k, k + 1 if k < 11 else 7) for k in range(7, 12)
]
ICOSAHEDRON += [(k, k + 5) for k in range(2, 7)] + [(k, k + 4 if k > 2 else 11) for k in range(2, 7)]
COUPLED = """cluster Q
site S on Q : {n} native A ; {arranged}
species HA
species HB
X S-A + HB <=> S-B + HA ; K = 0.3, w = 2 kJ/mol
"""
THREE = (
    COUPLED.replace("species HB\n", "species HB\nspecies HC\n")
    + "X S-A + HC <=> S-C + HA ; K = 0.5, w = 1 kJ/mol\ncouple S-B with S-C ; w = -1 kJ/mol\n"
)


def timed(call: Callable[[], object]) -> float:
    """Return the best of three times [s]."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def show(name: str, text: str, amounts: Mapping[str, ArrayLike], n_points: int = N_POINTS) -> None:
    """Print the time of solving a model at many conditions drawn once (seed 0)."""
    start = time.perf_counter()
    network = Network(parse(text))
    lowering = time.perf_counter() - start
    solved = network.solve(amounts)
    seconds = timed(lambda: network.solve(amounts))
    print(
        f"{name:34s} {len(network.problem.ln_weight):5d} weights  parse and lower {1e3 * lowering:6.1f} ms  "
        f"{n_points} points {seconds:6.2f} s  {solved.solution.n_passes.mean():4.1f} passes  solved {solved.is_solved}"
    )


def main() -> None:
    """Print the table."""
    random = np.random.default_rng(0)
    drawn = random.uniform(0.01, 1.0, (3, N_POINTS))
    show("S4, carried units", S4, {"InP37": 1e-3 * drawn[2], "HO2CR'": 0.05 * drawn[0], "NH2R": 0.4 * drawn[1]})
    show("five forms", FORMS, {"CdS37": 1e-4 * drawn[0], "L": 2.0 * drawn[1]})
    exchange = {"Q": 1e-3 * drawn[0], "HA": 1e-2 * drawn[1], "HB": 2e-2 * drawn[2]}
    edges = "edges " + " ".join(f"{min(e)}-{max(e)}" for e in ICOSAHEDRON)
    show("12-site graph (icosahedron)", COUPLED.format(n=12, arranged=edges), exchange)
    triple = exchange | {"HC": 2e-2 * drawn[0]}
    show("12-site graph, three ligands", THREE.format(n=12, arranged=edges), triple)
    few = {feed: amount[:1000] for feed, amount in exchange.items()}
    show("ring of 51", COUPLED.format(n=51, arranged="ring"), few, 1000)
    thousand = {feed: amount[:1000] for feed, amount in triple.items()}
    show("ring of 51, three ligands", THREE.format(n=51, arranged="ring"), thousand, 1000)
    show("mean field of 51", COUPLED.format(n=51, arranged="mean field"), few, 1000)
    pairs = tuple((min(e) - 1, max(e) - 1) for e in ICOSAHEDRON)
    count_macrostates.cache_clear()
    start = time.perf_counter()
    states = count_macrostates(12, pairs, (1, 1, 1), ((1, 1), (2, 2)))
    n_fillings = sum(each.multiplicity for each in states)
    seconds = time.perf_counter() - start
    print(f"counting {n_fillings} fillings of a 12-site graph: {1e3 * seconds:.1f} ms, {len(states)} macrostates")


if __name__ == "__main__":
    main()

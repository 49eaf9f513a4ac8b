# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate the red shift of Cd37S20(O2CR)34 as an amine takes Cd(O2CR)2 off, and write ``data.csv``.

Model: 17 identical independent Cd(O2CR)2 units, L-promoted: P-Z + 2 L = P-* + L2Z, K = x y / ((1 - x) [L]^2) per
site with x the lost fraction and y the concentration of the complex. With s = 17 P and l amine in all, y = s x and
[L] = l - 2 y: one equation in y, solved by halving. Volumes are additive; every value carries Gaussian noise of
constant spread. The lowest band moves with the fraction kept, E = E0 + dE (1 - x). Nothing here uses the package, so
the file can test it.
"""

from __future__ import annotations

import random
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

N_SITES = 17
K_PER_SITE = 5.0  # L/mol, chosen
CLUSTER = 0.05  # mmol/L in the cuvette
TITRANT = 6000.0  # mmol/L, the neat amine
VOLUME = 2000.0  # uL
ADDED = (0, 1, 2, 4, 6, 9, 13, 18, 25, 35, 50, 70, 100)  # uL
BARE, KEPT = 3.60, 0.16  # eV, chosen: energy without units, and what a full shell adds
SIGMA = 0.001  # eV
SEED = 20261138

HEAD = f"""\
# simulated: {N_SITES} Z-type units, q = 2, K = {K_PER_SITE} L/mol per site, noise {SIGMA} eV, seed {SEED}
# technique: band-position
# cell: CdS37 {CLUSTER} mmol/L
# titrant: NH2R' {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: E1 = {SIGMA} eV
point,added [uL],E1 [eV]
"""


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a growing function is zero, by halving the interval until it no longer shrinks."""
    while low < (middle := 0.5 * (low + high)) < high:
        if function(middle) < 0.0:
            low = middle
        else:
            high = middle
    return middle


def displaced(sites: float, amine: float) -> float:
    """Return the concentration of displaced units, in the unit of its arguments [mmol/L]."""

    def excess(y: float) -> float:
        return 1000.0 * y * y - K_PER_SITE * (sites - y) * (amine - 2.0 * y) ** 2

    return root(excess, 0.0, min(sites, 0.5 * amine)) if amine else 0.0


def measured(cluster: float, amine: float) -> tuple[float]:
    """Return the energy of the lowest band [eV]."""
    sites = N_SITES * cluster
    return (BARE + KEPT * (1.0 - displaced(sites, amine) / sites),)


def text() -> str:
    """Return the file."""
    # Uniform numbers of the Mersenne twister are the same on every Python; the normal quantile is plain arithmetic.
    uniform = random.Random(SEED)  # noqa: S311 - noise, no secret
    lines = []
    for point, added in enumerate(ADDED, 1):
        total = VOLUME + added
        values = measured(CLUSTER * VOLUME / total, TITRANT * added / total)
        noisy = [value + SIGMA * NormalDist().inv_cdf(uniform.random()) for value in values]
        lines.append(f"{point},{added}," + ",".join(f"{value:.4f}" for value in noisy) + "\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("data.csv").write_text(text(), encoding="utf-8", newline="\n")

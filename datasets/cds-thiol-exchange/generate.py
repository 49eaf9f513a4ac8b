# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate the red shift of Cd37S20(O2CR)34 as a thiol exchanges its carboxylates, and write ``data.csv``.

Model: 34 identical independent sites, all filled with the native ligand; K = theta [HA] / ((1 - theta) [HSR']) per
site. With e equivalents per cluster added and x = e/34 this is theta^2 / ((1 - theta) (x - theta)) = K, a quadratic
solved in the form that does not cancel at K = 1. Volumes are additive; every value carries Gaussian noise of
constant spread. Each bound thiolate moves the lowest band alike, E = E0 + dE theta. Nothing here uses the package,
so the file can test it.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import NormalDist

N_SITES = 34
K_PER_SITE = 3.0  # chosen
CLUSTER = 0.05  # mmol/L in the cuvette
TITRANT = 100.0  # mmol/L
VOLUME = 2000.0  # uL
ADDED = (0, 4, 8, 13, 19, 26, 35, 45, 60, 80, 110, 150, 200)  # uL
BARE, MOVED = 3.82, -0.25  # eV, chosen
SIGMA = 0.001  # eV
SEED = 20261139

HEAD = f"""\
# simulated: {N_SITES} identical sites, K = {K_PER_SITE} per site, noise {SIGMA} eV, seed {SEED}
# technique: band-position
# cell: CdS37 {CLUSTER} mmol/L
# titrant: HSR' {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: E1 = {SIGMA} eV
point,added [uL],E1 [eV]
"""


def exchanged_fraction(equivalents: float) -> float:
    """Return theta, the fraction of sites exchanged at e equivalents per cluster."""
    x = equivalents / N_SITES
    b = K_PER_SITE * (1.0 + x)
    return 2.0 * K_PER_SITE * x / (b + math.sqrt(b * b + 4.0 * (1.0 - K_PER_SITE) * K_PER_SITE * x))


def measured(cluster: float, thiol: float) -> tuple[float]:
    """Return the energy of the lowest band [eV]."""
    return (BARE + MOVED * exchanged_fraction(thiol / cluster),)


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

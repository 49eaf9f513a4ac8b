# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate the exchange of In(O2CR)3 on In37P20(O2CR)51 for Cd(O2CR)2, and write ``data.csv``.

Model: 17 identical independent sites, all filled with the native ligand; Z for Z, K = theta [In(O2CR)3] / ((1 -
theta) [Cd(O2CR)2]) per site. With e equivalents per cluster added and x = e/17 this is theta^2 / ((1 - theta) (x -
theta)) = K, a quadratic solved in the form that does not cancel at K = 1. Volumes are additive; every value carries
Gaussian noise of constant spread. Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import NormalDist

N_SITES = 17
K_PER_SITE = 0.3  # chosen
CLUSTER = 1.0  # mmol/L in the tube
TITRANT = 200.0  # mmol/L
VOLUME = 600.0  # uL
ADDED = (0, 5, 10, 15, 20, 30, 40, 55, 70, 90, 120, 160, 200)  # uL
SIGMA = 0.1  # mmol/L
SEED = 20261136

HEAD = f"""\
# simulated: {N_SITES} Z-type units, K = {K_PER_SITE} per site, noise {SIGMA} mmol/L, seed {SEED}
# technique: nmr-integral
# cell: InP37 {CLUSTER} mmol/L
# titrant: Cd(O2CR)2 {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: released = {SIGMA} mmol/L, left = {SIGMA} mmol/L
point,added [uL],released [mmol/L],left [mmol/L]
"""


def exchanged_fraction(equivalents: float) -> float:
    """Return theta, the fraction of sites exchanged at e equivalents per cluster."""
    x = equivalents / N_SITES
    b = K_PER_SITE * (1.0 + x)
    return 2.0 * K_PER_SITE * x / (b + math.sqrt(b * b + 4.0 * (1.0 - K_PER_SITE) * K_PER_SITE * x))


def measured(cluster: float, cadmium: float) -> tuple[float, float]:
    """Return the indium carboxylate set free and the cadmium carboxylate left [mmol/L]."""
    released = N_SITES * cluster * exchanged_fraction(cadmium / cluster)
    return released, cadmium - released


def text() -> str:
    """Return the file."""
    # Uniform numbers of the Mersenne twister are the same on every Python; the normal quantile is plain arithmetic.
    uniform = random.Random(SEED)  # noqa: S311 - noise, no secret
    lines = []
    for point, added in enumerate(ADDED, 1):
        total = VOLUME + added
        values = measured(CLUSTER * VOLUME / total, TITRANT * added / total)
        noisy = [value + SIGMA * NormalDist().inv_cdf(uniform.random()) for value in values]
        lines.append(f"{point},{added}," + ",".join(f"{value:.3f}" for value in noisy) + "\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("data.csv").write_text(text(), encoding="utf-8", newline="\n")

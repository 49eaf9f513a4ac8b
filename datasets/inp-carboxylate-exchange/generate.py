# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate a carboxylate exchange on In37P20(O2CR)51 as slow-exchange NMR sees it, and write ``data.csv``.

Model: 51 identical independent sites, all filled; K = theta [HA] / ((1 - theta) [HA']) per site. All native ligand
is bound at the start, so with e equivalents of new acid per cluster

    theta^2 / ((1 - theta) (e/51 - theta)) = K,

a quadratic in theta, solved in the form that does not cancel at K = 1. Volumes are additive. Every value carries
Gaussian noise of constant spread. Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import NormalDist

N_SITES = 51
K_PER_SITE = 0.83  # the value published for undec-10-enoic acid on CdSe-oleate, taken as an analogue
CLUSTER = 0.5  # mmol/L in the tube
TITRANT = 500.0  # mmol/L
VOLUME = 600.0  # uL
ADDED = (0, 2, 4, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150)  # uL
SIGMA = 0.2  # mmol/L
SEED = 20261123

HEAD = f"""\
# simulated: 51 identical sites, K = {K_PER_SITE} per site, noise {SIGMA} mmol/L, seed {SEED}, by generate.py
# technique: nmr-integral
# cell: InP37 {CLUSTER} mmol/L
# titrant: HO2CR' {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: bound = {SIGMA} mmol/L, free = {SIGMA} mmol/L
point,added [uL],bound [mmol/L],free [mmol/L]
"""


def exchanged_fraction(equivalents: float) -> float:
    """Return theta, the fraction of sites that hold the new ligand, at e equivalents per cluster."""
    x = equivalents / N_SITES
    b = K_PER_SITE * (1.0 + x)
    return 2.0 * K_PER_SITE * x / (b + math.sqrt(b * b + 4.0 * (1.0 - K_PER_SITE) * K_PER_SITE * x))


def text() -> str:
    """Return the file."""
    # Uniform numbers of the Mersenne twister are the same on every Python; the normal quantile is plain arithmetic.
    uniform = random.Random(SEED)  # noqa: S311 - noise, no secret
    lines = []
    for point, added in enumerate(ADDED, 1):
        total = VOLUME + added
        cluster, acid = CLUSTER * VOLUME / total, TITRANT * added / total
        bound = N_SITES * cluster * exchanged_fraction(acid / cluster)
        noisy = [value + SIGMA * NormalDist().inv_cdf(uniform.random()) for value in (bound, acid - bound)]
        lines.append(f"{point},{added},{noisy[0]:.3f},{noisy[1]:.3f}\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("data.csv").write_text(text(), encoding="utf-8", newline="\n")

# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate a thiol that displaces carboxylic acid from In37P20(O2CR)51, and write ``data.csv``.

Model: 51 identical independent sites, all filled with the native ligand; K = theta [HA] / ((1 - theta) [HSR']) per
site. With e equivalents per cluster added and x = e/51 this is theta^2 / ((1 - theta) (x - theta)) = K, a quadratic
solved in the form that does not cancel at K = 1. Volumes are additive; every value carries Gaussian noise of
constant spread. Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import NormalDist

N_SITES = 51
K_PER_SITE = 12.0  # chosen
CLUSTER = 0.5  # mmol/L in the tube
TITRANT = 400.0  # mmol/L
VOLUME = 600.0  # uL
ADDED = (0, 3, 6, 9, 12, 16, 20, 25, 30, 40, 50, 70, 90)  # uL
SIGMA = 0.2  # mmol/L
SEED = 20261134

HEAD = f"""\
# simulated: {N_SITES} identical sites, K = {K_PER_SITE} per site, noise {SIGMA} mmol/L, seed {SEED}
# technique: nmr-integral
# cell: InP37 {CLUSTER} mmol/L
# titrant: HSR' {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: acid = {SIGMA} mmol/L, thiol = {SIGMA} mmol/L
point,added [uL],acid [mmol/L],thiol [mmol/L]
"""


def exchanged_fraction(equivalents: float) -> float:
    """Return theta, the fraction of sites exchanged at e equivalents per cluster."""
    x = equivalents / N_SITES
    b = K_PER_SITE * (1.0 + x)
    return 2.0 * K_PER_SITE * x / (b + math.sqrt(b * b + 4.0 * (1.0 - K_PER_SITE) * K_PER_SITE * x))


def measured(cluster: float, thiol: float) -> tuple[float, float]:
    """Return the carboxylic acid set free and the thiol left [mmol/L]."""
    acid = N_SITES * cluster * exchanged_fraction(thiol / cluster)
    return acid, thiol - acid


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

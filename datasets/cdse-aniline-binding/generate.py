# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate an aniline that binds to CdSe as fast-exchange NMR sees it, and write ``data.csv``.

Model: N identical independent sites, vacant at the start; K = theta / ((1 - theta) [L]) per site. With s = N P the
concentration of sites and l the total of the aniline, the bound concentration b obeys b / ((s - b) (l - b)) = K, a
quadratic in b solved in the form that does not cancel. One signal, the mean of free and bound weighted by population.
Every value carries Gaussian noise of constant spread. Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import NormalDist

N_SITES = 40  # chosen
K_PER_SITE = 150.0  # L/mol, as published for p-substituted anilines on CdSe (10.1021/jp109381r, abstract)
PARTICLE = 0.25  # mmol/L in the tube
TITRANT = 200.0  # mmol/L
VOLUME = 600.0  # uL
ADDED = (3, 6, 9, 12, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 170, 220, 280)  # uL
FREE, BOUND = 6.50, 6.90  # ppm, chosen
SIGMA = 0.001  # ppm
SEED = 20261124

HEAD = f"""\
# simulated: {N_SITES} identical sites, K = {K_PER_SITE:.0f} L/mol per site, noise {SIGMA} ppm, seed {SEED}, \
by generate.py
# technique: nmr-shift
# cell: CdSe {PARTICLE} mmol/L
# titrant: PhNH2 {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: delta = {SIGMA} ppm
point,added [uL],delta [ppm]
"""


def bound_concentration(sites: float, ligand: float) -> float:
    """Return the concentration of bound ligand, in the unit of its arguments [mmol/L]."""
    b = sites + ligand + 1000.0 / K_PER_SITE
    return 2.0 * sites * ligand / (b + math.sqrt(b * b - 4.0 * sites * ligand))


def text() -> str:
    """Return the file."""
    # Uniform numbers of the Mersenne twister are the same on every Python; the normal quantile is plain arithmetic.
    uniform = random.Random(SEED)  # noqa: S311 - noise, no secret
    lines = []
    for point, added in enumerate(ADDED, 1):
        total = VOLUME + added
        ligand = TITRANT * added / total
        fraction = bound_concentration(N_SITES * PARTICLE * VOLUME / total, ligand) / ligand
        delta = FREE + (BOUND - FREE) * fraction + SIGMA * NormalDist().inv_cdf(uniform.random())
        lines.append(f"{point},{added},{delta:.4f}\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("data.csv").write_text(text(), encoding="utf-8", newline="\n")

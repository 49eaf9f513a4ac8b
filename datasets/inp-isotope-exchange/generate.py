# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate the exchange of a carboxylate for itself, labelled, on In37P20(O2CR)51, and write ``data.csv``.

Model: both acids are the same but for the label, so K = 1 exactly and the sites hold what the flask holds: with e
equivalents of labelled acid per cluster theta = e / (51 + e). Volumes are additive; every value carries Gaussian
noise of constant spread. Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import random
from pathlib import Path
from statistics import NormalDist

N_SITES = 51
CLUSTER = 0.5  # mmol/L in the tube
TITRANT = 300.0  # mmol/L
VOLUME = 600.0  # uL
ADDED = (0, 3, 6, 10, 15, 20, 30, 40, 60, 80, 100, 130)  # uL
SIGMA = 0.15  # mmol/L
SEED = 20261131

HEAD = f"""\
# simulated: {N_SITES} sites, K = 1 exactly, noise {SIGMA} mmol/L, seed {SEED}
# technique: nmr-integral
# cell: InP37 {CLUSTER} mmol/L
# titrant: HO2CR' {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: bound = {SIGMA} mmol/L, free = {SIGMA} mmol/L
point,added [uL],bound [mmol/L],free [mmol/L]
"""


def measured(cluster: float, acid: float) -> tuple[float, float]:
    """Return bound and free labelled acid [mmol/L]."""
    equivalents = acid / cluster
    bound = N_SITES * cluster * equivalents / (N_SITES + equivalents)
    return bound, acid - bound


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

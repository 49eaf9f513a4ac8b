# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate a phosphonic acid that takes two sites of In37P20(O2CR)51 as dianion, and write ``data.csv``.

Model: charge balance without adjacency. Each site holds a carboxylate or half a dianion, all sites independent: K =
(theta / (1 - theta))^2 [HA]^2 / [H2O3PR'], in mmol/L here. With s = 51 P and a phosphonic acid in all, [HA] = s
theta and [H2O3PR'] = a - s theta / 2, one equation in theta, solved by halving. Volumes are additive; every value
carries Gaussian noise of constant spread. Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import random
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

N_SITES = 51
K_PER_SITE = 4.0  # mmol/L, chosen
CLUSTER = 0.5  # mmol/L in the tube
TITRANT = 200.0  # mmol/L
VOLUME = 600.0  # uL
ADDED = (0, 4, 8, 12, 16, 20, 26, 32, 40, 50, 65, 80, 100, 130)  # uL
SIGMA = 0.15  # mmol/L
SEED = 20261133

HEAD = f"""\
# simulated: {N_SITES} sites, two for each dianion, K = {K_PER_SITE} mmol/L, noise {SIGMA} mmol/L, seed {SEED}
# technique: nmr-integral
# cell: InP37 {CLUSTER} mmol/L
# titrant: H2O3PR' {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: acid = {SIGMA} mmol/L, free = {SIGMA} mmol/L
point,added [uL],acid [mmol/L],free [mmol/L]
"""


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a growing function is zero, by halving the interval until it no longer shrinks."""
    while low < (middle := 0.5 * (low + high)) < high:
        if function(middle) < 0.0:
            low = middle
        else:
            high = middle
    return middle


def measured(cluster: float, phosphonic: float) -> tuple[float, float]:
    """Return the carboxylic acid set free and the phosphonic acid left [mmol/L]."""
    sites = N_SITES * cluster

    def excess(theta: float) -> float:
        return (theta * sites * theta) ** 2 - K_PER_SITE * (1.0 - theta) ** 2 * (phosphonic - 0.5 * sites * theta)

    theta = root(excess, 0.0, min(1.0, 2.0 * phosphonic / sites)) if phosphonic else 0.0
    return sites * theta, phosphonic - 0.5 * sites * theta


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

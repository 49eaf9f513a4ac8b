# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate the spectra of Cd37S20(O2CR)34 as methanol turns alpha into beta, and write ``data.csv``.

Model: two forms with eight identical sites each, vacant at the start; beta : alpha = L0 without methanol, and f_beta
= L0 (1 + K_b x)^8 / ((1 + K_a x)^8 + L0 (1 + K_b x)^8) at x free methanol. x follows from the total by halving. One
Gaussian band for each form, in eV. Volumes are additive; every absorbance carries Gaussian noise of constant spread.
Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

N_SITES = 8  # chosen
L0 = 1e-3  # chosen
K_ALPHA, K_BETA = 0.2, 1.6  # L/mol, chosen
CLUSTER = 0.02  # mmol/L in the cuvette
TITRANT = 24700.0  # mmol/L, methanol
VOLUME = 2000.0  # uL
ADDED = (0, 20, 40, 60, 80, 100, 120, 140, 165, 190, 220, 260, 310, 380, 480)  # uL
WAVELENGTHS = tuple(range(296, 345, 4))  # nm
HC = 1239.841984  # eV nm
BANDS = {"alpha": (324.0, 60.0), "beta": (313.0, 70.0)}  # nm: derived in domain.md section 4; L/(mmol cm): chosen
WIDTH = 0.08  # eV, chosen
SIGMA = 0.002
SEED = 20261140

HEAD = f"""\
# simulated: {N_SITES} sites, L0 = {L0}, K = {K_ALPHA} and {K_BETA} L/mol, noise {SIGMA}, seed {SEED}
# technique: uv-vis
# cell: CdS37 {CLUSTER} mmol/L
# titrant: CH3OH {TITRANT:.0f} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# path: 1 cm
# sigma: A = {SIGMA}
point,added [uL],{",".join(f"A {wavelength} nm" for wavelength in WAVELENGTHS)}
"""


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a growing function is zero, by halving the interval until it no longer shrinks."""
    while low < (middle := 0.5 * (low + high)) < high:
        if function(middle) < 0.0:
            low = middle
        else:
            high = middle
    return middle


def beta_fraction(x: float) -> float:
    """Return the share of beta at x free methanol [mmol/L]."""
    ratio = L0 * ((1.0 + 1e-3 * K_BETA * x) / (1.0 + 1e-3 * K_ALPHA * x)) ** N_SITES
    return ratio / (1.0 + ratio)


def bound(x: float) -> float:
    """Return the mean number of methanols on a cluster."""
    shares = (beta_fraction(x), 1.0 - beta_fraction(x))
    constants = (1e-3 * K_BETA, 1e-3 * K_ALPHA)
    return sum(share * N_SITES * k * x / (1.0 + k * x) for share, k in zip(shares, constants, strict=True))


def measured(cluster: float, methanol: float) -> list[float]:
    """Return the absorbance at each wavelength, 1 cm path."""
    free = root(lambda x: x + cluster * bound(x) - methanol, 0.0, methanol) if methanol else 0.0
    share = beta_fraction(free)
    spectrum = []
    for wavelength in WAVELENGTHS:
        bands = {
            name: height * math.exp(-0.5 * ((HC / wavelength - HC / place) / WIDTH) ** 2)
            for name, (place, height) in BANDS.items()
        }
        spectrum.append(cluster * (share * bands["beta"] + (1.0 - share) * bands["alpha"]))
    return spectrum


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

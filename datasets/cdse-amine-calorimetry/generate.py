# ruff: noqa: INP001 - a script beside the data it makes
"""Simulate the heats of an amine that binds to CdSe in a calorimeter, and write ``data.csv``.

Model: N identical independent sites, vacant at the start; with s = N P and l amine in all, b / ((s - b) (l - b)) =
K, a quadratic in b solved in the form that does not cancel. The cell is full: each injection v pushes out the
fraction v/V of what is in it, and its heat is V dH (b_i - b_(i-1) (1 - v/V)). Every heat carries Gaussian noise of
constant spread. Nothing here uses the package, so the file can test it.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from statistics import NormalDist

N_SITES = 40  # chosen
K_PER_SITE = 2e4  # L/mol, chosen
ENTHALPY = -35.0  # kJ/mol, chosen
PARTICLE = 0.01  # mmol/L in the cell
TITRANT = 6.0  # mmol/L
VOLUME = 1400.0  # uL
INJECTED = (2, *(10,) * 25)  # uL
SIGMA = 3.0  # uJ
SEED = 20261141

HEAD = f"""\
# simulated: {N_SITES} identical sites, K = {K_PER_SITE:.0f} L/mol per site, {ENTHALPY:.0f} kJ/mol, seed {SEED}
# technique: itc
# cell: CdSe {PARTICLE} mmol/L
# titrant: NH2R {TITRANT} mmol/L
# volume: {VOLUME:.0f} uL
# temperature: 25 degC
# sigma: heat = {SIGMA} uJ
point,injected [uL],heat [uJ]
"""


def bound_concentration(sites: float, ligand: float) -> float:
    """Return the concentration of bound ligand, in the unit of its arguments [mmol/L]."""
    b = sites + ligand + 1000.0 / K_PER_SITE
    return 2.0 * sites * ligand / (b + math.sqrt(b * b - 4.0 * sites * ligand))


def heats() -> list[float]:
    """Return the heat of each injection [uJ]; 1 uL of 1 mmol/L at 1 kJ/mol is 1 uJ."""
    found, kept, before = [], 1.0, 0.0
    for injected in INJECTED:
        share = 1.0 - injected / VOLUME
        kept *= share
        after = bound_concentration(N_SITES * PARTICLE * kept, TITRANT * (1.0 - kept))
        found.append(VOLUME * ENTHALPY * (after - before * share))
        before = after
    return found


def text() -> str:
    """Return the file."""
    # Uniform numbers of the Mersenne twister are the same on every Python; the normal quantile is plain arithmetic.
    uniform = random.Random(SEED)  # noqa: S311 - noise, no secret
    lines = []
    for point, (injected, heat) in enumerate(zip(INJECTED, heats(), strict=True), 1):
        lines.append(f"{point},{injected},{heat + SIGMA * NormalDist().inv_cdf(uniform.random()):.2f}\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("data.csv").write_text(text(), encoding="utf-8", newline="\n")

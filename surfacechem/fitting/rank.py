"""How many independent components a table of signals holds: its singular values against what noise alone would reach.

The largest singular values are taken for components, one after the other, until the next one is no larger than the
largest of pure noise of the size that is left (Kritchman & Nadler, Chemom. Intell. Lab. Syst. 94, 19 (2008),
10.1016/j.chemolab.2008.06.002, with the normalisation of the authors' programs). The noise is that of all places after
the one in question, corrected for what the largest takes away; for very few channels the limit is drawn from noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.records import Technique

if TYPE_CHECKING:
    from surfacechem.fitting.result import FitResult, SignalFit

__all__ = ["Rank", "explained_rank", "find_rank", "fitted_ranks"]

Floats = NDArray[np.float64]

FALSE_ALARM = 0.005
"""Chance of taking noise for a component, in each comparison (the default of Kritchman & Nadler)."""
FEWEST_CHANNELS = 3
FEWEST_POINTS = 4
FEW = 4
"""Where no more channels (or points) are left the limit is drawn."""
N_DRAWN = 4000
MEAN_LARGEST = -1.2065
"""Mean of the Tracy-Widom law of real matrices; noise drawn for 13 sizes from 4 x 3 to 200 x 25 agrees."""
ROUNDING_RTOL = 1e-9
"""Singular values below this share of the largest come from rounding."""
SAME_RTOL = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Rank:
    """Components of one table of signals.

    Attributes
    ----------
    name : str
        Of the signal.
    singular_values : ndarray, shape (n,)
        Of the table, largest first; in units of sigma where it is known, else of the signal.
    limits : ndarray, shape (n,)
        What noise alone stays below in each place with 99.5 % probability, if all before are components; NaN after the
        first place that holds noise, and where nothing is left to judge by.
    n_components : int
        How many stand above.
    kind : str
        ``"coloured"`` or ``"independent"``, for words.
    """

    name: str
    singular_values: Floats
    limits: Floats
    n_components: int
    kind: str

    @property
    def is_exhausted(self) -> bool:
        """Whether every place that can be judged holds a component, so that there may be more."""
        return self.n_components == int(np.isfinite(self.limits).sum())

    @property
    def sentence(self) -> str:
        """How many components there are, in words."""
        number = f"{'at least ' if self.is_exhausted else ''}{self.n_components}"
        plural = "" if self.n_components == 1 else "s"
        return f"'{self.name}' holds {number} {self.kind} component{plural} above the noise"


def find_rank(
    values: Floats, *, sigma: Floats | None = None, name: str = "", technique: Technique = Technique.UV_VIS
) -> Rank | None:
    """Count the components of a table; None where it is too small to tell.

    Parameters
    ----------
    values : ndarray, shape (n_points, n_channels)
        Measured values; points with a gap are left out.
    sigma : ndarray, shape (n_points, n_channels), optional
        Their standard deviations; used where they are those of points times those of channels.
    name : str
        Of the signal.
    technique : Technique
        For the words.
    """
    is_used = np.isfinite(values).any(axis=0)
    is_whole = np.isfinite(values[:, is_used]).all(axis=1)
    table = values[is_whole][:, is_used]
    if table.shape[0] < FEWEST_POINTS or table.shape[1] < FEWEST_CHANNELS:
        return None
    scale = None if sigma is None else _separate(sigma[is_whole][:, is_used])
    singular = np.asarray(np.linalg.svd(table if scale is None else table / scale, compute_uv=False), dtype=float)
    long, short = max(table.shape), min(table.shape)
    power = singular**2
    # The last place has no noise behind it to be judged by, unless sigma is known.
    n_judged = short if scale is not None else short - 1
    limits = np.full(short, np.nan)
    for place in range(n_judged):
        noise = 1.0 if scale is not None else float(power[place + 1 :].sum())
        limit = np.sqrt(noise * _reach(long - place, short - place, is_known=scale is not None))
        limits[place] = max(limit, ROUNDING_RTOL * singular[0])
        if singular[place] <= limits[place]:
            break
    return Rank(
        name=name,
        singular_values=singular,
        limits=limits,
        n_components=int(np.sum(singular[:n_judged] > limits[:n_judged])),
        kind="coloured" if technique in {Technique.UV_VIS, Technique.FLUORESCENCE} else "independent",
    )


def fitted_ranks(result: FitResult) -> tuple[Rank, ...]:
    """Count the components of every fitted table that is large enough."""
    ranks = (
        find_rank(
            signal.measured,
            sigma=signal.sigma,
            name=signal.name if len(result.datasets) == 1 else f"{signal.name} of {data.name}",
            technique=signal.technique,
        )
        for data in result.datasets
        for signal in data.signals
    )
    return tuple(rank for rank in ranks if rank is not None)


def explained_rank(signal: SignalFit) -> int:
    """Return how many independent components the fitted curves of a signal have."""
    fitted = signal.fitted[:, np.isfinite(signal.fitted).all(axis=0)]
    singular = np.linalg.svd(fitted, compute_uv=False)
    return int((singular > ROUNDING_RTOL * singular[0]).sum())


def _separate(sigma: Floats) -> Floats | None:
    """Return the sigmas if they are a product of one factor per point and one per channel, which keeps the rank."""
    product = sigma[:, :1] * sigma[:1] / sigma[0, 0]
    return sigma if np.allclose(sigma, product, rtol=SAME_RTOL, atol=0.0) else None


@lru_cache(maxsize=256)
def _reach(long: int, short: int, *, is_known: bool) -> float:
    """Return what the largest squared singular value of pure noise stays below.

    In units of the variance where that is known, else of the sum of all other squared singular values.
    """
    if short <= FEW:
        return _drawn_reach(long, short, is_known=is_known)
    roots = np.sqrt(long - 0.5), np.sqrt(short - 0.5)
    center = (roots[0] + roots[1]) ** 2
    width = np.sqrt(center) * (1 / roots[0] + 1 / roots[1]) ** (1 / 3)
    # Tail of the Tracy-Widom law (Baik, Buckingham & DiFranco, Commun. Math. Phys. 280, 463 (2008)).
    quantile = (-1.5 * np.log(4 * np.sqrt(np.pi) * FALSE_ALARM)) ** (2 / 3)
    # The others hold what the largest does not take on the average.
    others = 1.0 if is_known else long * short - (center + MEAN_LARGEST * width)
    return float((center + quantile * width) / others)


def _drawn_reach(long: int, short: int, *, is_known: bool) -> float:
    draws = np.random.default_rng(0)
    # The triangular factor of a noise matrix (Bartlett) has the same singular values and is small.
    triangle = np.tril(draws.normal(size=(N_DRAWN, short, short)), -1)
    diagonal = np.sqrt(draws.chisquare(long - np.arange(short), size=(N_DRAWN, short)))
    power = np.linalg.svd(triangle + diagonal[..., np.newaxis] * np.eye(short), compute_uv=False) ** 2
    ratio = power[:, 0] if is_known else power[:, 0] / power[:, 1:].sum(axis=1)
    return float(np.quantile(ratio, 1.0 - FALSE_ALARM))

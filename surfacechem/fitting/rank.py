"""How many independent components a table of signals holds: its singular values against what noise alone would reach.

The largest singular values are taken for components, one after the other, until the next one is no larger than the
largest of pure noise of the size that is left (Kritchman & Nadler, Chemom. Intell. Lab. Syst. 94, 19 (2008),
10.1016/j.chemolab.2008.06.002, with the normalisation of the authors' programs). The noise is that of all places after
the one in question, corrected for what the largest takes away; for very few channels the limit is drawn from noise.

That holds for noise that is independent from channel to channel. Noise that channels share (lamp, baseline, an error of
the amounts) has large singular values too, but its course from point to point is random, where what chemistry does is
smooth. Where what the smooth components leave shows shared noise (`sharing`), only these are counted; where nothing
changes in an order, all are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.fitting.patterns import successive_differences
from surfacechem.fitting.sharing import effective_channels, neighbour_strength
from surfacechem.records import Technique

if TYPE_CHECKING:
    from surfacechem.fitting.result import FitResult, SignalFit

__all__ = ["Rank", "explained_rank", "find_rank", "fitted_ranks"]

Floats = NDArray[np.float64]

FALSE_ALARM = 0.005
"""Chance of taking noise for a component, in each comparison (the default of Kritchman & Nadler)."""
FEWEST_CHANNELS = 3
FEWEST_POINTS = 4
FEWEST_LEFT = 2
FEW = 4
"""Where no more channels (or points) are left the limit is drawn."""
N_DRAWN = 4000
MEAN_LARGEST = -1.2065
"""Mean of the Tracy-Widom law of real matrices; noise drawn for 13 sizes from 4 x 3 to 200 x 25 agrees."""
ROUNDING_RTOL = 1e-9
"""Singular values below this share of the largest come from rounding."""
SAME_RTOL = 1e-6
BY_CHANCE = 0.1
"""Chance that any course of noise is taken for a smooth one."""
SHARED = 2.33
"""Standard deviations beyond which what is left is called shared: 1 % of each test."""


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
        How many stand above; where channels share noise, how many of these change smoothly from point to point.
    n_rough : int
        How many of those above follow no order, as noise that channels share does.
    kind : str
        ``"coloured"`` or ``"independent"``, for words.
    """

    name: str
    singular_values: Floats
    limits: Floats
    n_components: int
    kind: str
    n_rough: int = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether every place that can be judged holds a component, so that there may be more."""
        return self.n_components + self.n_rough == int(np.isfinite(self.limits).sum())

    @property
    def sentence(self) -> str:
        """How many components there are, in words."""
        number = f"{'at least ' if self.is_exhausted and not self.n_rough else ''}{self.n_components}"
        plural = "" if self.n_components == 1 else "s"
        said = f"'{self.name}' holds {number} {self.kind} component{plural} above the noise"
        rough = f" ({self.n_rough} more without order from point to point, as noise that channels share)"
        return said + (rough if self.n_rough else "")


def find_rank(
    values: Floats,
    *,
    amounts: Floats | None = None,
    sigma: Floats | None = None,
    name: str = "",
    technique: Technique = Technique.UV_VIS,
) -> Rank | None:
    """Count the components of a table; None where it is too small to tell.

    Parameters
    ----------
    values : ndarray, shape (n_points, n_channels)
        Measured values; points with a gap are left out.
    amounts : ndarray, shape (n_points, n_feeds), optional
        What was put in: a course may be smooth along any of them, or in the order of the points.
    sigma : ndarray, shape (n_points, n_channels), optional
        Their standard deviations; used where they are those of points times those of channels.
    name : str
        Of the signal.
    technique : Technique
        For the words.
    """
    is_used = np.isfinite(values).any(axis=0)
    is_whole = np.asarray(np.isfinite(values[:, is_used]).all(axis=1))
    table = values[is_whole][:, is_used]
    if table.shape[0] < FEWEST_POINTS or table.shape[1] < FEWEST_CHANNELS:
        return None
    scale = None if sigma is None else _separate(sigma[is_whole][:, is_used])
    scaled = table if scale is None else table / scale
    courses, singular, _ = np.linalg.svd(scaled, full_matrices=False)
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
    n_above = int(np.sum(singular[:n_judged] > limits[:n_judged]))
    above, orders = courses[:, :n_above].T, _orders(table, amounts, is_whole)
    is_smooth = np.array([_is_smooth(course, orders, n_above) for course in above], dtype=bool)
    n_rough = int((~is_smooth).sum())
    if n_rough:
        rest = scaled - above[is_smooth].T @ (above[is_smooth] @ scaled)
        # Where nothing changes in an order, the want of order says nothing.
        is_ordered = any(_is_smooth(course - course.mean(), orders, n_above) for course in above)
        n_rough *= is_ordered and _is_shared(rest, left=len(table) - is_smooth.sum())
    return Rank(
        name=name,
        singular_values=singular,
        limits=limits,
        n_components=n_above - n_rough,
        n_rough=n_rough,
        kind="coloured" if technique in {Technique.UV_VIS, Technique.FLUORESCENCE} else "independent",
    )


def fitted_ranks(result: FitResult) -> tuple[Rank, ...]:
    """Count the components of every fitted table that is large enough."""
    ranks = (
        find_rank(
            signal.measured,
            amounts=data.amounts,
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


def _orders(table: Floats, amounts: Floats | None, is_whole: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Return the orders in which points may follow each other: as they stand, and along what was put in."""
    orders = [np.arange(len(table))]
    if amounts is not None:
        orders += [np.argsort(each, kind="stable") for each in amounts[is_whole].T if np.ptp(each) > 0]
    return orders


def _is_smooth(course: Floats, orders: list[NDArray[np.intp]], n_courses: int) -> bool:
    from scipy.special import ndtri

    clear = ndtri(1.0 - BY_CHANCE / max(n_courses, 2))
    return any(successive_differences(course[order, np.newaxis])[1] > clear for order in orders)


def _is_shared(rest: Floats, *, left: float) -> bool:
    """Tell whether channels share what is left."""
    if left < FEWEST_LEFT:
        return False
    strength = effective_channels(rest, left=left, n_channels=rest.shape[1])[1]
    return max(strength, neighbour_strength(rest, left=left)) > SHARED


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

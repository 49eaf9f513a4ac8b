"""Where two parameters together can be: the profile likelihood over a plane, and the lines on which it is critical.

The lines are followed from where rays from the best fit, and from other minima, meet them (`fitting.tracing`); whether
they end, walks outward tell (`fitting.profiles`), as they do for intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.constants import LN10
from surfacechem.display import Fact, Table, Tone, facts_html, facts_text
from surfacechem.errors import FitError
from surfacechem.fitting.plane import N_PARAMETERS, Plane
from surfacechem.fitting.profiles import Ends, find_ends
from surfacechem.fitting.tracing import Edge, find_edges
from surfacechem.fitting.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting.estimate import Interval, Scale
    from surfacechem.fitting.refitting import Refit
    from surfacechem.fitting.result import FitResult

__all__ = ["Contour", "Region", "contour", "correlated_pairs"]

Floats = NDArray[np.float64]

LEVELS = (0.68, 0.95)
STRONG_CORRELATION = 0.9
MOST_PAIRS = 3
BETTER_ATOL = 1e-4
OPEN_DECADES = 3.0
"""How far an open side is shown, from the best fit."""
ROOM = 2.0
CLEARLY = 1.02
"""A line ends a region elsewhere than a walk did where it leads so many times as far."""
"""How much farther than a walk found the end of a region its line may lead."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """Where both parameters are at one level of confidence.

    Attributes
    ----------
    level : float
        Confidence level of both together.
    critical : float
        Rise of the weighted sum of squares on the lines.
    lines : tuple of ndarray, shape (n, 2)
        Both parameters along each line, as `Contour.scales` show them; a closed line ends where it begins, others where
        they leave what is looked at.
    areas : tuple of ndarray, shape (n, 2)
        The region as polygons, cut off where an open side is no longer looked at.
    open_to : tuple of str
        Where the region does not end, in words: ``"large K[11]"``; empty where it is closed.
    ends : ndarray, shape (2, 2)
        Lowest and highest value of both parameters, as shown; NaN where there is none.
    is_whole : bool
        Whether all lines could be followed to their ends.
    """

    level: float
    critical: float
    lines: tuple[Floats, ...]
    areas: tuple[Floats, ...]
    open_to: tuple[str, ...]
    ends: Floats
    is_whole: bool = True

    @property
    def is_closed(self) -> bool:
        """Whether the region ends on all sides."""
        return not self.open_to

    def extent(self, parameter: int) -> Interval:
        """Return the lowest and the highest of the first (0) or second (1) parameter, as shown; None where open."""
        lower, upper = (None if np.isnan(end) else float(end) for end in self.ends[parameter])
        return lower, upper


@dataclass(frozen=True, kw_only=True, eq=False)
class Contour:
    """Confidence regions of two parameters, all others at their best.

    Attributes
    ----------
    scales : tuple of Scale
        Both parameters, and how they are shown: log10 of constants and amounts, couplings in kJ/mol.
    best : tuple of float
        Their best values, as shown.
    regions : tuple of Region
        The narrowest first.
    facts : tuple of Fact
        What is to be known of them.
    """

    scales: tuple[Scale, Scale]
    best: tuple[float, float]
    regions: tuple[Region, ...]
    facts: tuple[Fact, ...]

    @property
    def names(self) -> tuple[str, str]:
        """Both parameters."""
        return self.scales[0].name, self.scales[1].name

    @property
    def is_valid(self) -> bool:
        """Whether every region ends, and no fact is bad news."""
        is_closed = all(region.is_closed for region in self.regions)
        return is_closed and all(fact.tone is not Tone.BAD for fact in self.facts)

    def to_table(self) -> Table:
        """Return the extent of each region."""
        rows = tuple(
            (
                f"{100 * region.level:.4g} %",
                *(self._extent(region, number) for number in range(N_PARAMETERS)),
                "closed" if region.is_closed else f"open to {', '.join(region.open_to)}",
            )
            for region in self.regions
        )
        return Table(columns=("level", *self.names, "region"), rows=rows, title="Both together")

    def _extent(self, region: Region, number: int) -> str:
        scale, (lower, upper) = self.scales[number], region.extent(number)
        if lower is None and upper is None:
            return "open"
        ends = [None if end is None else end / scale.factor for end in (lower, upper)]
        return str(scale.rounded(self.best[number] / scale.factor, log10_interval=(ends[0], ends[1])))

    def __str__(self) -> str:
        """Return table and facts as text."""
        return f"{self.to_table().to_text()}\n\n{facts_text(self.facts)}"

    def _repr_html_(self) -> str:
        return self.to_table().to_html() + facts_html(self.facts)


def contour(fitted: Refit, names: tuple[str, str], *, levels: Sequence[float] = LEVELS) -> Contour:
    """Return the regions in which two fitted parameters lie together.

    The rise on a line is twice the quantile of F with 2 and the degrees of freedom of the noise (of chi squared with 2
    where sigma is given), as that of an interval is the square of Student's t.

    Parameters
    ----------
    fitted : Refit
        The fit, bound to its data.
    names : tuple of str
        Two of ``result.parameter_names``; a coupling also as ``"w[X1]"``.
    levels : sequence of float
        Confidence levels.

    Raises
    ------
    UnknownNameError
        If one was not fitted.
    FitError
        If they are one and the same, or a level is no share.
    """
    pair = fitted.index(names[0]), fitted.index(names[1])
    if pair[0] == pair[1]:
        raise FitError(
            f"region of '{names[0]}'", found="the same name twice", allowed="two parameters", advice="name another one"
        )
    criticals = {level: _critical(fitted, pair, level) for level in sorted(set(levels))}
    if not criticals:
        raise FitError("confidence levels", found="none", allowed="one or more", advice="write 0.95")
    walked = _walk(fitted, pair, list(criticals.values()))
    ends = walked.ends.reshape(-1, N_PARAMETERS, 2)
    reaches = [float(np.sqrt(critical)) for critical in criticals.values()]
    minima = np.array([each.log10_values for each in fitted.result.minima]) * LN10
    window = _window(fitted, pair, ends, minima)
    known = [own[np.isfinite(end)] for own, end in zip(walked.places.reshape(*ends.shape, -1), ends, strict=True)]
    edges = find_edges(Plane(fitted, pair), window, minima=minima, reaches=reaches, known=known)
    scales = fitted.result.scales[pair[0]], fitted.result.scales[pair[1]]
    regions = tuple(
        _region(edge, window, scales, level=level, critical=critical, best=fitted.best[list(pair)], ends=own)
        for edge, own, (level, critical) in zip(edges, ends, criticals.items(), strict=True)
    )
    best = fitted.best[list(pair)] / LN10 * [scale.factor for scale in scales]
    is_best = walked.better is None and edges[0].lowest >= -np.sqrt(BETTER_ATOL)
    return Contour(
        scales=scales,
        best=(float(best[0]), float(best[1])),
        regions=regions,
        facts=(*fitted.result.caveat(), *_facts(scales, regions, is_best=is_best)),
    )


def correlated_pairs(result: FitResult) -> list[tuple[str, str]]:
    """Return the pairs of parameters whose regions are worth a look: the most strongly correlated, strongest first."""
    strength = np.nan_to_num(np.abs(np.triu(result.correlation, 1)))
    order = np.argsort(-strength, axis=None)[:MOST_PAIRS]
    pairs = np.stack(np.unravel_index(order, strength.shape), axis=1)
    names = result.parameter_names
    return [(names[i], names[j]) for i, j in pairs if strength[i, j] > STRONG_CORRELATION]


def _critical(fitted: Refit, pair: tuple[int, int], level: float) -> float:
    from scipy.special import chdtri, fdtri

    if not 0 < level < 1:
        raise FitError("confidence level", found=f"{level:g}", allowed="a share between 0 and 1", advice="write 0.95")
    covariance, chosen = fitted.covariance, list(pair)
    dof = float(np.min(covariance.student_dof[chosen]))
    stretch = float(np.max(covariance.stretch[chosen]))
    squares = chdtri(N_PARAMETERS, 1.0 - level) if np.isinf(dof) else N_PARAMETERS * fdtri(N_PARAMETERS, dof, level)
    return float(squares) * stretch**2


def _walk(fitted: Refit, pair: tuple[int, int], criticals: Sequence[float]) -> Ends:
    """Return where each region ends along both parameters, region by region.

    Each is moved alone, all others following: a walk follows bends that a grid of straight axes does not.
    """
    return find_ends(
        fitted.objective,
        fitted.best,
        which=pair * len(criticals),
        noise=fitted.covariance.noise,
        critical=np.repeat(np.sqrt(criticals), N_PARAMETERS),
        covariance=fitted.covariance.matrix,
    )


def _window(fitted: Refit, pair: tuple[int, int], ends: Floats, minima: Floats) -> Window:
    """Return what is looked at: a few decades round the minima, and well beyond where the widest region ends."""
    box, chosen = fitted.objective.parameters, list(pair)
    best, places = fitted.best[chosen], minima[:, chosen]
    farthest = np.abs(ends - best[:, np.newaxis]).max(axis=0)  # NaN where some region is open
    reach = np.fmax(OPEN_DECADES * LN10, ROOM * farthest)
    low = np.maximum(places.min(axis=0) - reach[:, 0], box.lower[chosen])
    high = np.minimum(places.max(axis=0) + reach[:, 1], box.upper[chosen])
    seen = np.where(np.isnan(farthest), OPEN_DECADES * LN10, farthest).sum(axis=1)
    return Window(low, high, seen)


def _region(
    edge: Edge,
    window: Window,
    scales: tuple[Scale, Scale],
    *,
    level: float,
    critical: float,
    best: Floats,
    ends: Floats,
) -> Region:
    """Return the region as it is shown; sides on which a line leaves the window are open as well."""
    shown = np.array([scale.factor for scale in scales]) / LN10
    places = np.concatenate(edge.lines) if edge.lines else np.full((1, N_PARAMETERS), np.nan)
    is_left = np.any([window.sides(line[end]) for line in edge.lines for end in (0, -1)], axis=0)
    is_open = np.isnan(ends) | is_left
    lines = np.column_stack([places.min(axis=0), places.max(axis=0)])
    # Outward: of a region against a wall there may be lines on one side of the best place only.
    away = (np.stack([ends, lines]) - best[:, np.newaxis]) * [-1.0, 1.0]
    farther = np.where(away[1] > CLEARLY * away[0], lines, ends)
    return Region(
        level=level,
        critical=critical,
        lines=tuple(line * shown for line in edge.lines),
        areas=tuple(area * shown for area in edge.areas),
        open_to=_directions(scales, is_open),
        ends=np.where(is_open, np.nan, farther) * shown[:, np.newaxis],
        is_whole=edge.is_whole and bool(edge.lines),
    )


def _directions(scales: tuple[Scale, Scale], is_open: NDArray[np.bool_]) -> tuple[str, ...]:
    """Say towards which ends of the parameters a region does not end."""
    said = []
    for scale, ends in zip(scales, is_open, strict=True):
        sides = [side for side, is_reached in zip(("small", "large"), ends, strict=True) if is_reached]
        said += [f"{' and '.join(sides)} {scale.name}"] if sides else []
    return tuple(said)


def _facts(scales: tuple[Scale, Scale], regions: Sequence[Region], *, is_best: bool) -> tuple[Fact, ...]:
    facts, widest, both = [], regions[-1], f"{scales[0].name} and {scales[1].name}"
    percent = f"{100 * widest.level:.4g} %"
    if not is_best:
        sentence = f"Somewhere in the plane of {both} the fit is better than the one given."
        advice = "Fit again from there (--start), or bound the constants."
        facts.append(Fact(name="better", tone=Tone.BAD, sentence=sentence, advice=advice))
    if not widest.is_whole and (widest.lines or widest.is_closed):
        sentence = f"The line of the {percent} region of {both} could not be followed everywhere: a part is missing."
        facts.append(Fact(name="broken", tone=Tone.BAD, sentence=sentence, advice="Look at the interval of each."))
    if not widest.is_closed:
        sentence = f"The {percent} region of {both} is open to {', '.join(widest.open_to)}: the data do not end it."
        advice = "'surfacechem plan' says what to measure."
        facts.append(Fact(name="open", tone=Tone.WARNING, sentence=sentence, advice=advice))
    elif len(widest.lines) > 1:
        sentence = f"The {percent} region of {both} has {len(widest.lines)} parts: several answers fit."
        facts.append(Fact(name="parts", tone=Tone.WARNING, sentence=sentence, advice="Decide by another signal."))
    elif widest.is_whole:
        facts.append(Fact(name="closed", tone=Tone.GOOD, sentence=f"The {percent} region of {both} is closed."))
    return tuple(facts)

"""Where two parameters together can be: the profile likelihood over a plane, and the lines on which it is critical.

The lines are found by marching squares (contourpy) on a grid in which both are held (`surfacechem.fitting.plane`);
whether they end, walks outward tell (`surfacechem.fitting.profiles`), as they do for intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.constant import constant_name
from surfacechem.constants import LN10
from surfacechem.display import Fact, Table, Tone, facts_text, round_estimate
from surfacechem.errors import FitError
from surfacechem.fitting.plane import CAP, N_PARAMETERS, Grid, Plane, enclose, halve
from surfacechem.fitting.profiles import Ends, find_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting.refitting import Refit
    from surfacechem.fitting.result import FitResult

__all__ = ["Contour", "Region", "contour", "correlated_pairs"]

Floats = NDArray[np.float64]

LEVELS = (0.68, 0.95)
STRONG_CORRELATION = 0.9
MOST_PAIRS = 3
N_HALVINGS = 2
BETTER_ATOL = 1e-4
BEND = "a bend that the grid does not follow"


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
        log10 of both parameters along each line; a closed line ends where it begins.
    open_to : tuple of str
        Where the region does not end, in words: ``"large K[11]"``; empty where it is closed.
    ends : ndarray, shape (2, 2)
        Lowest and highest log10 of both parameters that a walk from the best fit finds; NaN where there is none.
    """

    level: float
    critical: float
    lines: tuple[Floats, ...]
    open_to: tuple[str, ...]
    ends: Floats

    @property
    def is_closed(self) -> bool:
        """Whether the region ends on all sides."""
        return not self.open_to

    def extent(self, parameter: int) -> tuple[float | None, float | None]:
        """Return lowest and highest log10 of the first (0) or second (1) parameter; None where open."""
        if self.lines and self.is_closed:
            values = np.concatenate(self.lines)[:, parameter]
            return float(values.min()), float(values.max())
        lower, upper = (None if np.isnan(end) else float(end) for end in self.ends[parameter])
        return lower, upper


@dataclass(frozen=True, kw_only=True, eq=False)
class Contour:
    """Confidence regions of two parameters, all others at their best.

    Attributes
    ----------
    names : tuple of str
        Both parameters.
    best : tuple of float
        log10 of their best values.
    regions : tuple of Region
        The narrowest first.
    facts : tuple of Fact
        What is to be known of them.
    """

    names: tuple[str, str]
    best: tuple[float, float]
    regions: tuple[Region, ...]
    facts: tuple[Fact, ...]

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
                *(_rounded(self.best[number], region.extent(number)) for number in range(N_PARAMETERS)),
                "closed" if region.is_closed else f"open to {', '.join(region.open_to)}",
            )
            for region in self.regions
        )
        return Table(columns=("level", *self.names, "region"), rows=rows, title="Both together")

    def __str__(self) -> str:
        """Return table and facts as text."""
        return f"{self.to_table().to_text()}\n\n{facts_text(self.facts)}"

    def _repr_html_(self) -> str:
        return self.to_table().to_html()


def contour(fitted: Refit, names: tuple[str, str], *, levels: Sequence[float] = LEVELS) -> Contour:
    """Return the regions in which two fitted parameters lie together.

    The rise on a line is twice the quantile of F with 2 and the degrees of freedom of the noise (of chi squared with 2
    where sigma is given), as that of an interval is the square of Student's t.

    Parameters
    ----------
    fitted : Refit
        The fit, bound to its data.
    names : tuple of str
        Two of ``result.parameter_names``; a coupling also as ``"w[X1]"``, drawn as log10 of ``W[X1] = exp(w/RT)``.
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
        raise FitError(f"region of '{names[0]}'", found="the same name twice", allowed="two parameters")
    names = constant_name(names[0]), constant_name(names[1])
    criticals = {level: _critical(fitted, pair, level) for level in sorted(levels)}
    plane = Plane(fitted, pair)
    reach = np.sqrt(max(criticals.values()))
    grid = enclose(plane, reach)
    for _ in range(N_HALVINGS):
        grid = halve(plane, grid, [np.sqrt(critical) for critical in criticals.values()])
    walked = _walk(fitted, pair, list(criticals.values()))
    ends = walked.ends.reshape(-1, N_PARAMETERS, 2) / LN10
    regions = tuple(
        _region(plane, grid, level, critical, own)
        for (level, critical), own in zip(criticals.items(), ends, strict=True)
    )
    best = fitted.best[list(pair)] / LN10
    return Contour(
        names=names,
        best=(float(best[0]), float(best[1])),
        regions=regions,
        facts=_facts(names, regions, is_best=walked.better is None and np.min(grid.root) >= -np.sqrt(BETTER_ATOL)),
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


def _region(plane: Plane, grid: Grid, level: float, critical: float, ends: Floats) -> Region:
    from contourpy import contour_generator

    reach = float(np.sqrt(critical))
    nodes = grid.parameters[..., plane.pair] / LN10
    root = np.minimum(grid.root, CAP * reach)
    found = contour_generator(nodes[..., 0], nodes[..., 1], root).lines(reach)
    edge = np.ones(root.shape, dtype=bool)
    edge[1:-1, 1:-1] = False
    open_to = _directions(plane.names, np.isnan(ends))
    if not open_to and (edge & (root < reach)).any():
        open_to = (BEND,)
    return Region(
        level=level,
        critical=critical,
        lines=tuple(np.asarray(line) for line in found if len(line) > 1),
        open_to=open_to,
        ends=ends,
    )


def _directions(names: tuple[str, str], is_open: NDArray[np.bool_]) -> tuple[str, ...]:
    """Say towards which ends of the parameters a region does not end."""
    said = []
    for name, ends in zip(names, is_open, strict=True):
        sides = [side for side, is_reached in zip(("small", "large"), ends, strict=True) if is_reached]
        said += [f"{' and '.join(sides)} {name}"] if sides else []
    return tuple(said)


def _facts(names: tuple[str, str], regions: Sequence[Region], *, is_best: bool) -> tuple[Fact, ...]:
    facts = []
    if not is_best:
        facts.append(
            Fact(
                name="better",
                tone=Tone.BAD,
                sentence=f"Somewhere in the plane of {names[0]} and {names[1]} the fit is better than the one given.",
                advice="Fit again from there (start=), or bound the constants.",
            )
        )
    widest = regions[-1]
    percent = f"{100 * widest.level:.4g} %"
    both = f"{names[0]} and {names[1]}"
    if BEND in widest.open_to:
        sentence = f"The {percent} region of {both} ends, but is too bent for its line to be drawn as a whole."
        facts.append(Fact(name="bent", tone=Tone.WARNING, sentence=sentence, advice="Look at the interval of each."))
    elif not widest.is_closed:
        sentence = f"The {percent} region of {both} is open to {', '.join(widest.open_to)}: the data do not end it."
        facts.append(
            Fact(name="open", tone=Tone.WARNING, sentence=sentence, advice="'surfacechem plan' says what to measure.")
        )
    elif len(widest.lines) > 1:
        sentence = (
            f"The {percent} region of {both} is drawn in {len(widest.lines)} parts: several answers fit, or it is bent."
        )
        facts.append(Fact(name="parts", tone=Tone.WARNING, sentence=sentence, advice="Decide by another signal."))
    else:
        facts.append(Fact(name="closed", tone=Tone.GOOD, sentence=f"The {percent} region of {both} is closed."))
    return tuple(facts)


def _rounded(best: float, extent: tuple[float | None, float | None]) -> str:
    if extent == (None, None):
        return "open"
    lower, upper = (None if end is None else 10.0**end for end in extent)
    return str(round_estimate(10.0**best, interval=(lower, upper)))

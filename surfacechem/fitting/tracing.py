"""Lines on which the misfit is critical, followed through the plane of two parameters however they bend.

Rays from every minimum inside a region meet its edge, and walks of single parameters have ended on it. From all these
places walkers follow the edge with the region on their left, until they come to where another one began or leave the
window. A step goes along the tangent, bent like the last one, and is corrected by Newton's method across the line; it
is halved where the line turns too much for it, and grows where it hardly turns (predictor and corrector of numerical
continuation). All walkers of all levels are lanes of one batch.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.fitting.rays import Seeds, find_seeds
from surfacechem.fitting.walker import LINE_RTOL, Walker, turned_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting.plane import Place, Plane
    from surfacechem.fitting.window import Window

__all__ = ["Edge", "find_edges"]

Floats = NDArray[np.float64]

MOST_STEPS = 600
NEAR = 0.2
"""Of a step: a beginning that is passed nearer than this, on a line that runs the same way, is one of this line."""
SAME_WAY = 0.5


@dataclass(frozen=True, eq=False)
class Edge:
    """The edge of a region at one level, as far as the window shows it.

    Attributes
    ----------
    lines : tuple of ndarray, shape (n, 2)
        ln of both parameters along each line, the region on the left; a closed line ends where it begins.
    areas : tuple of ndarray, shape (n, 2)
        The region as polygons, closed along the window where it goes on beyond.
    is_whole : bool
        Whether every line was followed to its end.
    lowest : float
        The least root of the rise that was met.
    """

    lines: tuple[Floats, ...]
    areas: tuple[Floats, ...]
    is_whole: bool
    lowest: float


def find_edges(
    plane: Plane, window: Window, *, minima: Floats, reaches: Sequence[float], known: list[Floats]
) -> list[Edge]:
    """Return the edge of the region of each level.

    Parameters
    ----------
    plane : Plane
        The plane.
    window : Window
        What is looked at of it, in ln of both parameters.
    minima : ndarray, shape (n_minima, n_parameters)
        Distinct minima, the best first.
    reaches : sequence of float
        Root of the critical rise of each level.
    known : list of ndarray, shape (n, n_parameters)
        Parameters of each level that are on its edge.
    """
    begun = plane.solve(plane.spots(minima), minima)
    begun = begun.at(np.flatnonzero(window.holds(plane.values(begun.spot))))
    seeds = find_seeds(plane, window, begun, reaches=np.asarray(reaches), known=known)
    crowd = _Crowd(plane, window, seeds, reaches)
    forth = crowd.walk(range(len(seeds.level)), way=1.0)
    heads = set(range(len(seeds.level))) - {each.met for each in forth}
    back = crowd.walk(sorted(heads), way=-1.0)
    lowest = min(crowd.lowest, float(begun.root.min(initial=0.0)))
    return [
        _joined(
            window,
            {each.seed: each for each in forth if each.level == level},
            {each.seed: each for each in back if each.level == level},
            holds_minimum=bool((begun.root < reach).any()),
            lowest=lowest,
        )
        for level, reach in enumerate(reaches)
    ]


class _Crowd:
    """Walkers that go on together, and what they have in common."""

    def __init__(self, plane: Plane, window: Window, seeds: Seeds, reaches: Sequence[float]) -> None:
        self.plane, self.window, self.seeds, self.reaches = plane, window, seeds, reaches
        self.view = plane.axes / window.span[:, np.newaxis]
        self.starts = plane.values(seeds.place.spot)
        self.lowest = np.inf

    def walk(self, numbers: Sequence[int], *, way: float) -> list[Walker]:
        """Return walkers from some of the seeds that have arrived, or were lost."""
        walkers = [self._begun(number, way) for number in numbers]
        for _ in range(MOST_STEPS):
            active = [each for each in walkers if each.goes_on]
            if not active:
                break
            near = np.concatenate([each.near for each in active])
            found = self.plane.solve(np.array([each.ahead() for each in active]), near)
            self.lowest = min(self.lowest, float(found.root.min()))
            for lane, walker in enumerate(active):
                left = walker.place
                if walker.take(found.at(np.array([lane]))):
                    self._arrive(walker, left)
        for each in walkers:
            each.is_lost |= each.goes_on
        return walkers

    def _begun(self, number: int, way: float) -> Walker:
        place, level = self.seeds.place.at(np.array([number])), int(self.seeds.level[number])
        return Walker(level, number, way, place, self.reaches[level], self.view, [self.starts[number]])

    def _arrive(self, walker: Walker, left: Place) -> None:
        """Put a step on the trail, and see whether it passed a beginning or left the window."""
        value = self.plane.values(walker.place.spot)[0]
        walker.met = self._passed(walker, left)
        if walker.met is not None:
            walker.trail.append(self.starts[walker.met])
        elif not self.window.holds(value[np.newaxis])[0]:
            walker.is_out = True
            walker.trail.append(self.window.cut(walker.trail[-1], value))
        else:
            walker.trail.append(value)

    def _passed(self, walker: Walker, left: Place) -> int | None:
        """Return the first beginning on the last step."""
        spots, slopes = self.seeds.place.spot, self.seeds.place.slope
        begin, slope = left.spot[0], walker.place.slope[0]
        way = walker.place.spot[0] - begin
        length, steep = float(np.hypot(*way)), np.hypot(*slopes.T)
        share = (spots - begin) @ way / length**2
        aside = np.abs((spots - begin) @ turned_left(way)) / length
        near = np.maximum(NEAR * length, 2.0 * LINE_RTOL * walker.reach / steep)
        is_passed = (self.seeds.level == walker.level) & (share > 0) & (share <= 1) & (aside < near)
        is_passed &= slopes @ slope > SAME_WAY * steep * np.hypot(*slope)
        is_passed[walker.seed] &= len(walker.trail) > 2  # noqa: PLR2004  (steps, before which it has not left its beginning)
        passed = np.flatnonzero(is_passed)
        return int(passed[np.argmin(share[passed])]) if passed.size else None


def _joined(
    window: Window, forth: dict[int, Walker], back: dict[int, Walker], *, holds_minimum: bool, lowest: float
) -> Edge:
    """Join the walks of a level, forward from each beginning and back from those that none came to."""
    _mend(forth, back)
    is_whole = not any(each.is_lost for each in (*forth.values(), *back.values()))
    open_lines = [np.array([*before.trail[:0:-1], *_chain(forth, head)]) for head, before in back.items()]
    loops: list[Floats] = []
    pieces: list[Floats] = []
    while forth:
        line = np.array(_chain(forth, next(iter(forth))))
        (loops if np.array_equal(line[0], line[-1]) else pieces).append(line)
    areas = [*loops, *(window.areas(open_lines) if is_whole else [])]
    if holds_minimum and not (loops or open_lines or pieces):
        areas = [window.area]
    return Edge((*loops, *open_lines, *pieces), tuple(areas), is_whole and not pieces, lowest)


def _mend(forth: dict[int, Walker], back: dict[int, Walker]) -> None:
    """Let ways back stand in for ways forth that were lost, and drop beginnings that were passed unseen."""
    for head, before in [(head, before) for head, before in back.items() if before.met is not None]:
        del back[head]
        there = None if before.met is None else forth.get(before.met)
        if there is not None and there.is_lost:
            there.trail, there.met, there.is_lost = before.trail[::-1], head, False
            continue
        n_before = Counter(each.met for each in forth.values())
        seed: int | None = head
        while seed is not None and seed in forth and not n_before[seed]:
            seed = forth.pop(seed).met
            n_before[seed] -= 1


def _chain(forth: dict[int, Walker], first: int) -> list[Floats]:
    """Take the walks that follow each other from a beginning, and return their trail."""
    line = [forth[first].trail[0]]
    seed: int | None = first
    while seed is not None and seed in forth:
        walked = forth.pop(seed)
        line += walked.trail[1:]
        seed = walked.met
    return line

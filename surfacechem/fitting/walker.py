"""A walker that follows a line of equal misfit, one step at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.plane import Place

    Floats = NDArray[np.float64]

__all__ = ["LINE_RTOL", "Walker", "turned_left"]

LINE_RTOL = 0.003
"""A place is on a line when the root of its rise is right to this share."""
TOUCH = 0.02
"""A line that turns too sharply for corrections is followed to this share."""
LARGEST_MISS = 0.1
"""Of the root; a step that ends farther off is tried again, half as long."""
LARGEST_CORRECTION = 0.3
"""Of the step, across the line; one that is worth less than `TOUCH` is tried anyway."""
USUAL_TURN = np.radians(6.0)
LARGEST_TURN = np.radians(25.0)
CORNER = 1e-3
"""Of the root of the critical rise: within a step so short a line may have a corner, at most of this angle:"""
SHARPEST = np.radians(120.0)
FIRST_STEP = 0.15
"""Of the distance of a well determined line from its middle."""
GROWTH = (0.5, 1.6)
SHORTEST_STEP = 1e-9


@dataclass(eq=False)
class Walker:
    """A walk along a line, from where it began to where another one did, or out of the window.

    Attributes
    ----------
    level, seed : int
        Of which line it is, and where it began.
    way : float
        1 with the region on the left, -1 against.
    place : Place
        Where it is, one lane.
    reach : float
        Root of the rise on the line.
    view : ndarray, shape (2, 2)
        Turns coordinates into those of a picture.
    trail : list of ndarray, shape (2,)
        ln of both parameters along the way.
    met : int, optional
        The beginning that it came to.
    is_out, is_lost : bool
        Whether it left the window, or the line.
    """

    level: int
    seed: int
    way: float
    place: Place
    reach: float
    view: Floats
    trail: list[Floats]
    met: int | None = None
    is_out: bool = False
    is_lost: bool = False
    _bend: float = 0.0
    _aim: Floats | None = None
    _found: Place | None = None  # what is corrected
    _step: float = field(init=False)

    def __post_init__(self) -> None:
        self._step = FIRST_STEP * self.reach

    @property
    def goes_on(self) -> bool:
        """Whether it has not arrived."""
        return self.met is None and not self.is_out and not self.is_lost

    @property
    def near(self) -> Floats:
        """Parameters from which the next step starts, shape (1, n_parameters)."""
        return self.place.parameters if self._found is None else self._found.parameters

    def ahead(self) -> Floats:
        """Return where the next step leads, shape (2,): along the tangent, bent like the last one."""
        if self._aim is not None:
            return self._aim
        angle = 0.5 * self._bend * self._step
        slope = self.place.slope[0]
        along = self.way * turned_left(slope) / np.hypot(*slope)
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ along
        there: Floats = self.place.spot[0] + self._step * turned
        return there

    def take(self, found: Place) -> bool:
        """Take a step if it ends on the line; otherwise correct it across the line, or try a shorter one."""
        miss, before = self._miss(found), self._found
        self._aim = self._found = None
        sharpest = LARGEST_TURN if self._step > CORNER * self.reach else SHARPEST
        is_astray = not miss < LARGEST_MISS or self._turns(found)[1] > sharpest
        if before is not None and (is_astray or not miss < self._miss(before)):
            # Where the line turns sharply, the way straight across leads to its other side.
            return self._accept(before) if self._miss(before) < TOUCH else self._shorten()
        if is_astray:
            return self._shorten()
        if miss < LINE_RTOL:
            return self._accept(found)
        slope = found.slope[0]
        shift = (self.reach - found.root[0]) * slope / (slope @ slope)
        if np.hypot(*shift) > max(LARGEST_CORRECTION * self._step, TOUCH * self.reach / np.hypot(*slope)):
            return self._shorten()
        self._aim, self._found = found.spot[0] + shift, found
        return False

    def _miss(self, found: Place) -> float:
        """Return by which share of the root a place is off the line; NaN where it has no slope to go by."""
        has_slope = np.isfinite(found.slope).all() and found.slope.any()
        return float(abs(found.root[0] - self.reach) / self.reach) if has_slope else float("nan")

    def _turns(self, found: Place) -> tuple[float, float]:
        """Return by how much the line turns left on the way there, and the larger turn that is seen in a picture."""
        before, after = turned_left(self.place.slope[0]), turned_left(found.slope[0])
        turn = _angle(before, after)
        return turn, max(abs(turn), abs(_angle(self.view @ before, self.view @ after)))

    def _accept(self, found: Place) -> bool:
        turn, seen = self._turns(found)
        self._bend = turn / self._step if seen < LARGEST_TURN else 0.0
        self._step *= float(np.clip(USUAL_TURN / max(seen, np.finfo(float).tiny), *GROWTH))
        self.place = found
        return True

    def _shorten(self) -> bool:
        self._step *= 0.5
        self.is_lost = self._step < SHORTEST_STEP * max(1.0, float(np.hypot(*self.place.spot[0])))
        return False


def turned_left(way: Floats) -> Floats:
    """Return a direction (2,) turned left by a right angle."""
    return np.array([-way[1], way[0]])


def _angle(first: Floats, second: Floats) -> float:
    """Return by how much the second direction is turned left of the first."""
    return float(np.arctan2(first[0] * second[1] - first[1] * second[0], first @ second))

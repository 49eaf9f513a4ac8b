"""What is looked at of a plane, and the areas that lines enclose in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Window"]

EDGE_RTOL = 1e-9
QUARTERS = 4.0
"""Length of the edge of a window, each side counted as one."""


@dataclass(frozen=True, eq=False)
class Window:
    """What is looked at of a plane: lowest and highest values of both coordinates, shape (2,) each.

    Pictures show about `span` of it: a line that looks smooth there is smooth enough.
    """

    low: Floats
    high: Floats
    span: Floats

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Return which places (n, 2) lie inside, those at the edge but for rounding included."""
        slack = EDGE_RTOL * (self.high - self.low)
        return np.asarray(((values >= self.low - slack) & (values <= self.high + slack)).all(axis=1))

    def reach(self, begin: Floats, direction: Floats) -> float:
        """Return how many times `direction` leads from a place inside (2,) to the edge."""
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where(direction > 0, self.high - begin, self.low - begin) / direction
        return float(np.where(direction == 0, np.inf, np.maximum(times, 0.0)).min())

    def cut(self, inside: Floats, outside: Floats) -> Floats:
        """Return where the way from a place inside (2,) to one outside crosses the edge."""
        there: Floats = inside + min(self.reach(inside, outside - inside), 1.0) * (outside - inside)
        return np.clip(there, self.low, self.high)

    def sides(self, value: Floats) -> NDArray[np.bool_]:
        """Return at which edges a place (2,) lies: of both coordinates the low and the high one, shape (2, 2)."""
        return np.column_stack([value <= self.low, value >= self.high])

    @property
    def corners(self) -> Floats:
        """The corners, turning left from the lower left one, shape (4, 2)."""
        return np.array([self.low, [self.high[0], self.low[1]], self.high, [self.low[0], self.high[1]]])

    @property
    def area(self) -> Floats:
        """The whole of it as a closed line, shape (5, 2)."""
        whole: Floats = self.corners[[0, 1, 2, 3, 0]]
        return whole

    def areas(self, lines: Sequence[Floats]) -> list[Floats]:
        """Return the areas to the left of lines that begin and end at the edge, closed along it."""
        areas, left = [], list(range(len(lines)))
        while left:
            first = left.pop(0)
            area, closes = [*lines[first]], False
            while not closes:
                ahead = [self._ahead(area[-1], lines[each][0]) for each in (*left, first)]
                chosen = int(np.argmin(ahead))
                passed = sorted((self._ahead(area[-1], corner), *corner) for corner in self.corners)
                area += [np.array(corner) for distance, *corner in passed if distance < ahead[chosen]]
                closes = chosen == len(left)
                area += [] if closes else [*lines[left.pop(chosen)]]
            areas.append(np.array([*area, area[0]]))
        return areas

    def _ahead(self, begin: Floats, end: Floats) -> float:
        """Return how far it is along the edge, turning left."""
        return (self._along(end) - self._along(begin)) % QUARTERS

    def _along(self, value: Floats) -> float:
        """Return how far a place at the edge is from the lower left corner, turning left."""
        x, y = np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0)
        away = (y, 1.0 - x, 1.0 - y, x)  # from the lower, right, upper and left side
        along = (x, 1.0 + y, 3.0 - x, 4.0 - y)
        return float(along[int(np.argmin(away))])

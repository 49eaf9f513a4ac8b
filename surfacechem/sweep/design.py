"""Which points a sweep visits: numbered, so that any part can be made anywhere and is always the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import RangeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.sweep.varied import Varied

    Floats = NDArray[np.float64]

__all__ = ["BLOCK", "DRAW", "Design", "Layout", "design_points"]

BLOCK: Final = 65536
"""Points that are always made and solved together: numbers then do not depend on chunks or workers."""
DRAW: Final = "draw"
POINT: Final = "point"


class Layout(StrEnum):
    """How values are combined to points."""

    GRID = "grid"
    ZIPPED = "zipped"
    RANDOM = "random"
    SOBOL = "sobol"
    HALTON = "halton"


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """Points by number.

    Attributes
    ----------
    layout : Layout
        How they are made.
    varied : tuple of Varied
        What is varied, one column each.
    n_drawn : int
        Points of a zipped or drawn layout.
    n_draws : int
        Draws of the constants at every point; 0: the constants as they are.
    seed : int
        Of random layouts.
    """

    layout: Layout
    varied: tuple[Varied, ...]
    n_drawn: int = 0
    n_draws: int = 0
    seed: int = 0

    @property
    def dims(self) -> dict[str, int]:
        """Names and lengths of the dimensions, slowest first."""
        if self.layout is Layout.GRID:
            found = {each.name: len(each.values) for each in self.varied}
        else:
            found = {POINT: self.n_drawn}
        return {**found, DRAW: self.n_draws} if self.n_draws else found

    @property
    def n_points(self) -> int:
        """Number of all points."""
        n_points = 1
        for length in self.dims.values():
            n_points *= length
        return n_points

    @property
    def n_blocks(self) -> int:
        """Number of blocks; the last may be shorter."""
        return -(-self.n_points // BLOCK)

    def block(self, number: int) -> tuple[Floats, NDArray[np.intp] | None]:
        """Return the values of block `number`, shape (n, n_varied), and the draw of each of its points."""
        points = np.arange(number * BLOCK, min((number + 1) * BLOCK, self.n_points))
        draws = None
        if self.n_draws:
            points, draws = np.divmod(points, self.n_draws)
        if self.layout is not Layout.GRID:
            return self._drawn(points), draws
        if not self.varied:
            return np.zeros((len(points), 0)), draws
        shape = tuple(len(each.values) for each in self.varied)
        indices = np.unravel_index(points, shape)
        return np.column_stack([each.values[index] for each, index in zip(self.varied, indices, strict=True)]), draws

    def coordinate(self, varied: Varied) -> Floats:
        """Return all values of one axis of a zipped or drawn layout, shape (n_drawn,)."""
        column = self.varied.index(varied)
        return self._drawn(np.arange(self.n_drawn))[:, column]

    def _drawn(self, points: NDArray[np.intp]) -> Floats:
        if self.layout is Layout.ZIPPED:
            return np.column_stack(
                [
                    each.values[points] if len(each.values) > 1 else np.full(len(points), each.values[0])
                    for each in self.varied
                ]
            )
        first, last = int(points[0]) // BLOCK, int(points[-1]) // BLOCK
        shares = np.concatenate([self._shares(number) for number in range(first, last + 1)])[points - first * BLOCK]
        return np.column_stack([each.between(share) for each, share in zip(self.varied, shares.T, strict=True)])

    def _shares(self, number: int) -> Floats:
        """Return one block of points in the unit cube; whole blocks, so that parts do not depend on the cut."""
        n_axes = len(self.varied)
        if self.layout is Layout.RANDOM:
            return np.random.default_rng([self.seed, number]).random((BLOCK, n_axes))
        from scipy.stats import qmc

        sampler = {Layout.SOBOL: qmc.Sobol, Layout.HALTON: qmc.Halton}[self.layout](
            n_axes, scramble=True, seed=self.seed
        )
        if number:
            sampler.fast_forward(number * BLOCK)
        return np.asarray(sampler.random(BLOCK))


def design_points(
    varied: tuple[Varied, ...], *, layout: Layout | str, n_points: int | None, n_draws: int, seed: int
) -> Design:
    """Return the design of a sweep.

    Raises
    ------
    RangeError
        If lengths differ in a zipped layout, or a drawn one is not told how many points.
    """
    try:
        chosen = Layout(layout)
    except ValueError as error:
        allowed = ", ".join(each.value for each in Layout)
        raise RangeError("design", found=f"'{str(layout)[:40]}'", allowed=allowed, advice="use one of these") from error
    is_drawn = chosen in {Layout.RANDOM, Layout.SOBOL, Layout.HALTON}
    if is_drawn and (n_points is None or n_points < 1):
        raise RangeError(
            f"{chosen} design",
            found="no number of points" if n_points is None else f"{n_points} points",
            allowed="a number of points from 1",
            advice="give n_points=1000 (--points 1000)",
        )
    if not is_drawn and n_points is not None:
        raise RangeError(
            "number of points",
            found=f"{n_points} beside a {chosen} design",
            allowed="a number of points for random, sobol and halton designs",
            advice="the values themselves say how many points there are",
        )
    if n_draws < 0:
        raise RangeError("number of draws", found=str(n_draws), allowed="0 or more")
    n_drawn = n_points or 0
    if chosen is Layout.ZIPPED:
        n_drawn = _common_length(varied)
    return Design(layout=chosen, varied=varied, n_drawn=n_drawn, n_draws=n_draws, seed=seed)


def _common_length(varied: tuple[Varied, ...]) -> int:
    lengths = {len(each.values) for each in varied} - {1}
    if len(lengths) > 1:
        raise RangeError(
            "zipped design",
            found=", ".join(f"{each.name}: {len(each.values)} values" for each in varied),
            allowed="equal lengths",
            advice="zipped values move together, point by point",
        )
    return lengths.pop() if lengths else 1

"""What single points do to a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.constant import known_as
from surfacechem.display import Table, round_number

__all__ = ["Influence"]

Floats = NDArray[np.float64]

IMPROBABLE = 1e-3
"""Chance, among all points together, below which a point is called an outlier."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Influence:
    """What leaving out each point does.

    Attributes
    ----------
    points : tuple of (str, str)
        Data set and label of each point.
    parameter_names : tuple of str
        What was fitted.
    log10_moves : ndarray, shape (n_points, n_parameters)
        How far log10 of each parameter goes when the point is left out.
    stderr_moves : ndarray, shape (n_points, n_parameters)
        The same in standard errors of the whole fit.
    relieved : ndarray, shape (n_points,)
        Share of the weighted sum of squares that goes with the point.
    chance : ndarray, shape (n_points,)
        Probability that the largest of so many points is as far off, if all are alike; at most their number.
    widened : ndarray, shape (n_points, n_parameters)
        Share by which the standard error of each parameter grows without the point; infinite where the rest does not
        determine it.
    """

    points: tuple[tuple[str, str], ...]
    parameter_names: tuple[str, ...]
    log10_moves: Floats
    stderr_moves: Floats
    relieved: Floats
    chance: Floats
    widened: Floats

    @property
    def outliers(self) -> tuple[int, ...]:
        """Points that do not belong to the others, worst first."""
        order = np.argsort(self.chance, kind="stable")
        return tuple(int(point) for point in order if self.chance[point] < IMPROBABLE)

    def to_table(self) -> Table:
        """Return a row per point: how far each parameter moves without it."""
        rows = tuple(
            (
                data,
                label,
                *(f"{move:+.2f}" for move in moves),
                f"{100 * share:.1f} %",
                str(round_number(min(chance, 1.0))),
            )
            for (data, label), moves, share, chance in zip(
                self.points, self.stderr_moves, self.relieved, self.chance, strict=True
            )
        )
        columns = (
            "data",
            "point",
            *(f"Δ {known_as(name)} / s.e." for name in self.parameter_names),
            "of misfit",
            "chance",
        )
        return Table(columns=columns, rows=rows, title="Influence: each point left out")

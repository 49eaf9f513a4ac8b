"""The plane of two parameters through the best fit: both are held, all others follow (profile likelihood).

Places are lanes of one batch. They are told by coordinates along the axes of the curvature, in standard deviations, in
which the region of a well determined pair is a circle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.fitting.lanes import minimise

if TYPE_CHECKING:
    from surfacechem.fitting.refitting import Refit

__all__ = ["N_PARAMETERS", "Place", "Plane"]

Floats = NDArray[np.float64]

N_PARAMETERS = 2
LEAST_CURVATURE = 1.0
"""Of the misfit along an axis; along flatter ones the unit of length is one of ln K."""


class Place(NamedTuple):
    """Places of the plane, lane by lane."""

    spot: Floats  # (n, 2) coordinates
    parameters: Floats  # (n, n_parameters), natural logarithms
    root: Floats  # (n,) root of the rise of the misfit, below 0 where it falls; infinite where nothing was solved
    slope: Floats  # (n, 2) of the root, by the coordinates; NaN where there is none

    def at(self, lanes: NDArray[np.intp]) -> Place:
        """Return some of the lanes."""
        return Place(*(each[lanes] for each in self))


class Plane:
    """The plane of two parameters.

    Parameters
    ----------
    fitted : Refit
        The fit, bound to its data.
    pair : tuple of int
        Which two parameters.
    """

    def __init__(self, fitted: Refit, pair: tuple[int, int]) -> None:
        self.objective, self.best, self.pair = fitted.objective, fitted.best, list(pair)
        self.noise = fitted.covariance.noise
        residual, slopes, _ = self.objective.evaluate(self.best[np.newaxis], self.noise[np.newaxis])
        self.floor = float(residual[0] @ residual[0])
        information = slopes[0].T @ slopes[0]
        others = [number for number in range(len(self.best)) if number not in pair]
        carried = (
            np.linalg.pinv(information[np.ix_(others, others)], hermitian=True) @ information[others][:, self.pair]
        )
        left = information[np.ix_(self.pair, self.pair)] - information[self.pair][:, others] @ carried
        curvature, directions = np.linalg.eigh(left)
        # Where only a combination is known, one axis lies along the valley.
        self.axes = directions / np.sqrt(np.maximum(curvature, LEAST_CURVATURE))
        if np.linalg.det(self.axes) < 0:  # turning left is turning left in both
            self.axes[:, 0] *= -1.0
        self.following = np.zeros((len(self.best), N_PARAMETERS))
        self.following[others] = -carried

    def values(self, spot: Floats) -> Floats:
        """Return ln of the two parameters at places, shape (n, 2)."""
        values: Floats = self.best[self.pair] + spot @ self.axes.T
        return values

    def spots(self, parameters: Floats) -> Floats:
        """Return the coordinates of parameters (n, n_parameters), shape (n, 2)."""
        spots: Floats = np.linalg.solve(self.axes, (parameters[:, self.pair] - self.best[self.pair]).T).T
        return spots

    def solve(self, spot: Floats, near: Floats) -> Place:
        """Return places, the other parameters starting from where they are at `near` (n, n_parameters)."""
        if not len(spot):
            return Place(spot, near, np.zeros(0), spot)
        box, moved = self.objective.parameters, self.values(spot) - near[:, self.pair]
        start = np.clip(near + moved @ self.following.T, box.lower, box.upper)
        start[:, self.pair] = self.values(spot)
        is_fixed = np.zeros(start.shape, dtype=bool)
        is_fixed[:, self.pair] = True
        if not is_fixed.all():
            start = minimise(self._evaluate, start, lower=box.lower, upper=box.upper, is_fixed=is_fixed).parameters
        residual, slopes, is_solved = self._evaluate(start, np.arange(len(start)))
        with np.errstate(over="ignore", invalid="ignore"):
            rise = np.einsum("li,li->l", residual, residual) - self.floor
            # With the others at their best, the misfit moves with the two as if the others stood still.
            gradient = 2.0 * np.einsum("li,lik->lk", residual, slopes[..., self.pair]) @ self.axes
        rise = np.where(is_solved & np.isfinite(rise), rise, np.inf)
        root = np.sign(rise) * np.sqrt(np.abs(rise))
        is_sloping = np.isfinite(rise) & (root > 0)
        slope = np.where(is_sloping[:, np.newaxis], gradient, np.nan) / np.where(is_sloping, 2.0 * root, 1.0)[:, None]
        return Place(spot, start, root, slope)

    def _evaluate(self, parameters: Floats, lanes: NDArray[np.intp]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        return self.objective.evaluate(parameters, np.broadcast_to(self.noise, (len(lanes), len(self.noise))))

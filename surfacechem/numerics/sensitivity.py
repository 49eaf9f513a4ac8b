"""Derivatives of solved points from the Hessian that solved them (implicit function theorem)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import LANE
from surfacechem.numerics.loading import Loading, load, load_weights, warm_up
from surfacechem.numerics.player import Player, advance
from surfacechem.numerics.work import SKEW, Work, Writing, pad

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["differentiate_points", "follow_directions", "play_results"]


@njit(**LANE)
def differentiate_points(
    loading: Loading, writing: Writing, n_most: int, work: Work, slopes: NDArray[np.float64]
) -> None:
    """Write the derivatives of points that are solved already.

    Parameters
    ----------
    loading, writing : Loading, Writing
        The network and the directions.
    n_most : int
        Most lanes of a chunk.
    work : Work
        Solved points; `start` is their solution.
    slopes : ndarray, shape (n_points, n_weights, n_directions)
        Receives the change of ln concentrations of species and of counts of host terms.
    """
    everywhere = work.points.view(np.uintp)
    n_lanes = max(1, min(n_most, pad(len(everywhere))))
    memory = np.ones((writing.n_registers, n_lanes + SKEW))
    load_weights(loading, memory, everywhere, work.ln_weight)
    for begin in range(0, len(everywhere), n_lanes):
        points = everywhere[begin : begin + n_lanes]
        load(loading, memory, points, work.sources)
        if len(work.ln_weight) > 1:
            load_weights(loading, memory, points, work.ln_weight)
        warm_up(loading, memory, points, work.start)
        play_results(writing, memory, pad(len(points)))
        follow_directions(writing, memory, points, slopes)


@njit(**LANE)
def play_results(writing: Writing, memory: NDArray[np.float64], n: int) -> None:
    """Play the part of a program that comes before all directions."""
    _play_part(writing, memory, 0, writing.stops[0], n)


@njit(**LANE)
def follow_directions(
    writing: Writing, memory: NDArray[np.float64], points: NDArray[np.uintp], slopes: NDArray[np.float64]
) -> None:
    """Write the derivatives of the points in the first lanes, whose results have just been played."""
    for k in range(len(writing.change)):
        _play_part(writing, memory, writing.stops[k], writing.stops[k + 1], pad(len(points)))
        for weight in range(writing.change.shape[1]):
            register = writing.change[k, weight]
            if register < 0:
                for lane in range(len(points)):
                    slopes[points[lane], weight, k] = 0.0
            else:
                row = memory[register]
                for lane in range(len(points)):
                    slopes[points[lane], weight, k] = row[lane]


@njit(**LANE)
def _play_part(writing: Writing, memory: NDArray[np.float64], begin: int, end: int, n: int) -> None:
    address, code, factor = writing.player
    advance(Player(address, code[begin:end], factor[begin:end]), memory, n)

"""Derivatives of solved points from the Hessian that solved them (implicit function theorem)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import INNER, LANE
from surfacechem.numerics.loading import Loading, load, load_weights, warm_up
from surfacechem.numerics.player import Player, advance
from surfacechem.numerics.work import SKEW, Work, Writing, pad

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["differentiate_points", "play_part", "write_slopes"]


@njit(**LANE)
def differentiate_points(  # noqa: PLR0917 - numba has no keyword-only arguments
    loading: Loading,
    writing: Writing,
    n_most: int,
    work: Work,
    slopes: NDArray[np.float64],
    error: NDArray[np.float64],
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
    error : ndarray, shape (n_points,)
        Receives how much rounding may change ln concentrations in these coordinates.
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
        for part in range(len(writing.stops) - 1):
            play_part(writing, part, memory, pad(len(points)))
            if part > 0:
                write_slopes(writing, part - 1, memory, points, slopes)
            else:
                for lane in range(len(points)):
                    error[points[lane]] = memory[writing.error, lane]


@njit(**INNER)
def play_part(writing: Writing, part: int, memory: NDArray[np.float64], n: int) -> None:
    """Play the part of a program that gives results, part 0, or follows a direction: one after another."""
    begin, end = writing.stops[part], writing.stops[part + 1]
    address, code, factor = writing.player
    advance(Player(address, code[begin:end], factor[begin:end]), memory, n)


@njit(**INNER)
def write_slopes(
    writing: Writing, k: int, memory: NDArray[np.float64], points: NDArray[np.uintp], slopes: NDArray[np.float64]
) -> None:
    """Write the derivatives along direction `k`, just played, of the points in the first lanes."""
    for weight in range(writing.change.shape[1]):
        register = writing.change[k, weight]
        if register < 0:
            for lane in range(len(points)):
                slopes[points[lane], weight, k] = 0.0
        else:
            row = memory[register]
            for lane in range(len(points)):
                slopes[points[lane], weight, k] = row[lane]

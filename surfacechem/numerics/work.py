"""What the loops over points are given, and where they put what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from surfacechem.numerics.arithmetic import INNER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from surfacechem.numerics.player import Player

__all__ = ["SKEW", "Results", "Work", "Writing", "pad"]

SKEW = 8  # lanes added to rows, lest rows a power of two apart compete for the same lines of the cache


class Work(NamedTuple):
    """What to solve.

    Attributes
    ----------
    points : ndarray of int
        Which rows of all the other arrays to work on.
    sources : ndarray, shape (n_points, n_sources)
        Totals of components, then of hosts [mol/L].
    ln_weight : ndarray, shape (1 or n_points, n_weights)
        Weights, one row for all points or one for each.
    start : ndarray, shape (0 or n_points, n_outputs)
        Earlier results; entries that are not finite are not used.
    """

    points: NDArray[np.int64]
    sources: NDArray[np.float64]
    ln_weight: NDArray[np.float64]
    start: NDArray[np.float64]


class Results(NamedTuple):
    """What became of each point; `slopes`, shape (n_points, n_weights, n_directions), may be empty."""

    outputs: NDArray[np.float64]
    status: NDArray[np.int8]
    error: NDArray[np.float64]
    n_passes: NDArray[np.int32]
    slopes: NDArray[np.float64]


class Writing(NamedTuple):
    """The program of results and derivatives, and where its registers go (see `programs.Ending`).

    Attributes
    ----------
    player : Player
        The program.
    stops : ndarray of int, shape (n_directions + 2,)
        Where its parts begin and end: results first, then one part for each direction.
    n_registers : int
        Registers it needs.
    register, output : ndarray of int
        Which register goes to which output.
    error : int
        Register of the estimated error.
    fixed_output, fixed_value : ndarray
        Outputs that do not depend on the point.
    change : ndarray of int, shape (n_directions, n_weights)
        Register of the change of each weight's row along each direction, -1 where it does not change.
    """

    player: Player
    stops: NDArray[np.int64]
    n_registers: int
    register: NDArray[np.int64]
    output: NDArray[np.int64]
    error: int
    fixed_output: NDArray[np.int64]
    fixed_value: NDArray[np.float64]
    change: NDArray[np.int64]


@njit(**INNER)
def pad(n: int) -> int:
    """Return the number of lanes to play for `n` points: full vectors only, so that every lane rounds alike."""
    return (n + 31) // 32 * 32

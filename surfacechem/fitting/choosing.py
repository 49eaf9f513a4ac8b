"""Which of many possible points to take: greedy optimal design, then exchanges until none helps.

Points are taken one after the other, each the best beside those before it; then single points are exchanged for better
ones (Atkinson, Donev & Tobias, Optimum Experimental Designs, 2007, chapter 12). Where the constants are only guessed,
the criterion is the mean of its logarithm over the guesses (the same, chapter 18).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from surfacechem.chem.constant import constant_name, known_as
from surfacechem.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["A_OPTIMAL", "D_OPTIMAL", "Choice", "badness", "choose", "judged_parameters", "parameter_covariance"]

D_OPTIMAL: Final = "D"
A_OPTIMAL: Final = "A"
RIDGE: Final = 1e-9
"""Share of the largest diagonal element added to it, so that what nothing determines yet has an inverse."""
MOST_EXCHANGES: Final = 50
LEAST_GAIN: Final = 1e-6


class Choice(NamedTuple):
    """Points taken, and what they bring."""

    points: list[int]
    stderr: Floats  # (n_points + 1, n_guesses, n_parameters), before, and after each point


def judged_parameters(criterion: str, names: Sequence[str]) -> list[int] | None:
    """Return the parameters whose variances count for a criterion; None where the determinant does.

    Raises
    ------
    UnknownNameError
        If it is neither "D", "A" nor a parameter, a coupling also as ``"w[X1]"``.
    """
    if criterion == D_OPTIMAL:
        return None
    if criterion == A_OPTIMAL:
        return list(range(len(names)))
    if constant_name(criterion) not in names:
        allowed = ", ".join((D_OPTIMAL, A_OPTIMAL, *map(known_as, names)))
        raise UnknownNameError(f"criterion '{criterion}'", allowed=allowed, advice="--for D")
    return [list(names).index(constant_name(criterion))]


def badness(covariance: Floats, judged: list[int] | None) -> Floats:
    """Return the criterion of covariances (n_guesses, ..., n_parameters, n_parameters): the smaller, the better.

    It is the logarithm of a standard error: of the mean variance, or of the geometric mean along the principal axes.
    """
    if judged is None:
        each = 0.5 * np.linalg.slogdet(covariance)[1] / covariance.shape[-1]
    else:
        each = 0.5 * np.log(np.diagonal(covariance, axis1=-2, axis2=-1)[..., judged].mean(axis=-1))
    mean: Floats = each.mean(axis=0)
    return mean


def choose(
    present: Floats, future: Floats, n_parameters: int, *, judged: list[int] | None, n_points: int, is_whole: bool
) -> Choice:
    """Take the best points.

    Parameters
    ----------
    present : ndarray, shape (n_guesses, n, n)
        Information there is, for each guess of the constants: parameters first, then amplitudes.
    future : ndarray, shape (n_guesses, n_candidates, n, n)
        What each candidate would add.
    n_parameters : int
        How many of the n are parameters.
    judged : list of int, optional
        Parameters whose variances count; None: the determinant.
    n_points : int
        How many to take.
    is_whole : bool
        Whether these are all the points of a run: each comes once, so that the run can also show a wrong model, and
        exchanges follow, so that the points come in no order. Otherwise a point may come twice.
    """
    taken: list[int] = []
    total = present
    for _ in range(min(n_points, future.shape[1]) if is_whole else n_points):
        values = _values(total, future, n_parameters, judged)
        values[taken if is_whole else []] = np.inf
        taken.append(int(np.argmin(values)))
        total = total + future[:, taken[-1]]
    if is_whole:
        taken = _exchanged(present, future, n_parameters, judged, taken)
    sums = present[np.newaxis] + np.concatenate(
        [np.zeros_like(present)[np.newaxis], np.cumsum(np.moveaxis(future[:, taken], 1, 0), axis=0)]
    )
    variance = np.diagonal(parameter_covariance(sums, n_parameters), axis1=-2, axis2=-1)
    return Choice(taken, np.sqrt(variance))


def _values(total: Floats, future: Floats, n_parameters: int, judged: list[int] | None) -> Floats:
    return badness(parameter_covariance(total[:, np.newaxis] + future, n_parameters), judged)


def _exchanged(
    present: Floats, future: Floats, n_parameters: int, judged: list[int] | None, taken: list[int]
) -> list[int]:
    """Exchange single points for better ones until none is left."""
    taken = list(taken)
    total = present + future[:, taken].sum(axis=1)
    best = float(badness(parameter_covariance(total, n_parameters), judged))
    for _ in range(MOST_EXCHANGES):
        before = best
        for place, point in enumerate(taken):
            rest = total - future[:, point]
            values = _values(rest, future, n_parameters, judged)
            values[taken] = np.inf
            other = int(np.argmin(values))
            if values[other] < best - LEAST_GAIN:
                taken[place], total, best = other, rest + future[:, other], float(values[other])
        if best == before:
            break
    return taken


def parameter_covariance(information: Floats, n_parameters: int) -> Floats:
    """Return the covariance of the parameters, the amplitudes eliminated, shape (..., n_parameters, n_parameters)."""
    scale = np.sqrt(np.maximum(np.diagonal(information, axis1=-2, axis2=-1), np.finfo(float).tiny))
    normalised = information / (scale[..., :, np.newaxis] * scale[..., np.newaxis, :])
    inverse = np.linalg.inv(normalised + RIDGE * np.eye(information.shape[-1]))
    covariance: Floats = inverse / (scale[..., :, np.newaxis] * scale[..., np.newaxis, :])
    return covariance[..., :n_parameters, :n_parameters]

"""Covariance of the parameters, with the amplitudes counted, and the noise that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.noise import degrees_of_freedom, estimate_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Objective

    Floats = NDArray[np.float64]

__all__ = ["Covariance", "estimate_covariance", "quantile"]

RANK_RTOL = 1e-6
"""A combination of parameters this much worse determined than the best one counts as not determined."""
LOST_SHARE = 1e-6
LARGEST_STDERR = 28.0
"""A standard error of twelve decades is none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Covariance:
    """What the curvature at a minimum says of the parameters, in natural logarithms.

    Attributes
    ----------
    matrix : ndarray, shape (n_parameters, n_parameters)
        Covariance; NaN in rows and columns of parameters that the data do not determine.
    noise : ndarray, shape (n_blocks,)
        Standard deviation of the values of each block; 1 where sigmas are given.
    n_amplitudes : ndarray of int, shape (n_blocks,)
        Amplitudes that were eliminated.
    dof : float
        Degrees of freedom left to all blocks, at least 0.
    noise_dof : float
        Degrees of freedom behind the estimated noise; infinite where all sigmas are given.
    is_full_rank : bool
        Whether every combination of the parameters is determined.
    weakest : ndarray, shape (n_parameters,)
        Direction that is determined worst, of unit length.
    """

    matrix: Floats
    noise: Floats
    n_amplitudes: NDArray[np.intp]
    dof: float
    noise_dof: float
    is_full_rank: bool
    weakest: Floats


class Root(NamedTuple):
    """A square root of the covariance, and what is lost in it."""

    matrix: Floats  # (n_parameters, n_kept): covariance is matrix @ matrix.T
    is_lost: NDArray[np.bool_]  # (n_parameters,)
    weakest: Floats  # (n_parameters,)


def estimate_covariance(objective: Objective, parameters: Floats) -> Covariance:
    """Return the covariance at a minimum.

    Parameters
    ----------
    objective : Objective
        Its joint Jacobian gives the information.
    parameters : ndarray, shape (n_parameters,)
        The minimum.
    """
    slopes, costs = objective.joint(parameters)
    noise, free = estimate_noise(objective, costs)[0], degrees_of_freedom(objective, costs)[0]
    weighted = [slope / scale for slope, scale in zip(slopes, noise, strict=True)]
    root = _invert(np.concatenate([*weighted, objective.prior_slope]))
    matrix = root.matrix @ root.matrix.T
    noise_dof = np.inf if objective.is_noise_given.all() else float(free[~objective.is_noise_given].sum())
    is_lost = root.is_lost | (np.diag(matrix) > LARGEST_STDERR**2) | (noise_dof == 0)
    matrix[is_lost] = np.nan
    matrix[:, is_lost] = np.nan
    return Covariance(
        matrix=matrix,
        noise=noise,
        n_amplitudes=costs.n_amplitudes[0],
        dof=float(free.sum()),
        noise_dof=noise_dof,
        is_full_rank=not root.is_lost.any(),
        weakest=root.weakest,
    )


def _invert(jacobian: Floats) -> Root:
    norm = np.linalg.norm(jacobian, axis=0)
    scale = np.where(norm > 0, norm, 1.0)
    triangle = np.asarray(np.linalg.qr(jacobian / scale, mode="r"))
    _, singular, right = np.linalg.svd(triangle, full_matrices=True)
    padded = np.zeros(len(norm))
    padded[: len(singular)] = singular
    is_kept = padded > RANK_RTOL * padded[0]
    is_lost = (right[~is_kept] ** 2 > LOST_SHARE).any(axis=0) | (norm == 0)
    weakest = right[-1] / scale
    return Root(
        matrix=right[is_kept].T / padded[is_kept] / scale[:, np.newaxis],
        is_lost=is_lost,
        weakest=weakest / np.linalg.norm(weakest),
    )


def quantile(level: float, dof: float) -> float:
    """Return how many standard errors a central interval reaches: Student's t, or the normal for infinite `dof`."""
    from scipy.special import ndtri, stdtrit

    share = 0.5 * (1.0 + level)
    return float(ndtri(share)) if np.isinf(dof) else float(stdtrit(dof, share))

"""Covariance of the parameters, with the amplitudes counted, and the noise that goes with it.

Where several blocks have a noise of their own that is estimated, the weights by which they are combined are uncertain
too. Kenward & Roger (Biometrics 53, 983 (1997), 10.2307/2533558) say how much that adds to the covariance and how many
degrees of freedom Student's t of each parameter has. With Phi the covariance for known noise, I_b the information of
block b, and ln sigma_b^2 as the variance parameters (second derivatives of V left out), their formulas become

    A_bc = (delta_bc (m_b - 2 p_b) + tr(Phi I_b Phi I_c)) / 2,  W = A^-1,  p_b = tr(Phi I_b)
    covariance = Phi + 2 Phi (sum_b W_bb I_b - sum_bc W_bc I_b Phi I_c) Phi
    dof_k = 2 Phi_kk^2 / (g^T W g),  g_b = (Phi I_b Phi)_kk

with m_b the values of the block less its amplitudes. One block alone gives Phi and m - p: the ordinary answer. Noise
that channels share takes the place of a block's part of it (`sharing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.fitting.noise import estimate_noise
from surfacechem.fitting.sharing import find_sharing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.sharing import Sharing

    Floats = NDArray[np.float64]

__all__ = ["Covariance", "estimate_covariance", "quantile", "widen"]

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
        Covariance, the uncertainty of estimated weights included; NaN in rows and columns of parameters that the data
        do not determine.
    stretch : ndarray, shape (n_parameters,)
        Factor of each standard error that the uncertainty of the weights and shared noise bring.
    student_dof : ndarray, shape (n_parameters,)
        Degrees of freedom of Student's t of each parameter; infinite where all sigmas are given.
    noise : ndarray, shape (n_blocks,)
        Standard deviation of the values of each block; 1 where sigmas are given.
    n_amplitudes : ndarray of int, shape (n_blocks,)
        Amplitudes that were eliminated.
    freedom : ndarray, shape (n_blocks,)
        Degrees of freedom left to each block: values less amplitudes less its share of the parameters, at least 0.
    sharing : tuple of Sharing
        Blocks whose channels share noise.
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
    stretch: Floats
    student_dof: Floats
    noise: Floats
    n_amplitudes: NDArray[np.intp]
    freedom: Floats
    sharing: tuple[Sharing, ...]
    dof: float
    noise_dof: float
    is_full_rank: bool
    weakest: Floats

    def reach(self, level: float) -> Floats:
        """Return where each interval ends, as roots of the rise of the weighted squares (n_parameters,)."""
        return self.stretch * [quantile(level, dof) for dof in self.student_dof]


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
        Its Jacobian gives the information.
    parameters : ndarray, shape (n_parameters,)
        The minimum.
    """
    look = objective.look(parameters[np.newaxis])
    costs, information = look.costs, look.information[0]
    noise, free = (each[0] for each in estimate_noise(objective, costs, information[np.newaxis]))
    weighted = look.slopes[0] / noise[:, np.newaxis, np.newaxis]
    root = _invert(np.concatenate([*weighted, objective.prior_slope]))
    known_noise = root.matrix @ root.matrix.T
    noise_dof = np.inf if objective.is_noise_given.all() else float(free[~objective.is_noise_given].sum())
    if objective.weighs_noise:
        is_estimated = ~objective.is_noise_given & (free > 0)
        weighing = information[is_estimated] / noise[is_estimated, np.newaxis, np.newaxis] ** 2
        matrix, student_dof = widen(known_noise, weighing, free[is_estimated])
    else:
        matrix = known_noise.copy()
        student_dof = np.where((np.diag(matrix) > 0) & (noise_dof > 0), noise_dof, np.inf)
    sharing = find_sharing(objective, parameters, costs, noise=noise, freedom=free, root=root.matrix)
    matrix, student_dof = _share(
        known_noise, information / noise[:, np.newaxis, np.newaxis] ** 2, matrix, student_dof, sharing
    )
    is_lost = root.is_lost | (np.diag(matrix) > LARGEST_STDERR**2) | (noise_dof == 0)
    is_known = np.diag(known_noise) > 0
    stretch = np.sqrt(np.where(is_known, np.diag(matrix), 1.0) / np.where(is_known, np.diag(known_noise), 1.0))
    matrix[is_lost] = np.nan
    matrix[:, is_lost] = np.nan
    return Covariance(
        matrix=matrix,
        stretch=stretch,
        student_dof=student_dof,
        noise=noise,
        n_amplitudes=costs.n_amplitudes[0],
        freedom=free,
        sharing=sharing,
        dof=float(free.sum()),
        noise_dof=noise_dof,
        is_full_rank=not root.is_lost.any(),
        weakest=root.weakest,
    )


def _share(
    known_noise: Floats, information: Floats, matrix: Floats, dof: Floats, sharing: tuple[Sharing, ...]
) -> tuple[Floats, Floats]:
    """Return covariance and degrees of freedom with shared noise in the place of independent one."""
    if not sharing:
        return matrix, dof
    shares = [known_noise @ information[each.block] @ known_noise for each in sharing]
    apart = np.maximum(np.diag(matrix - np.sum(shares, axis=0)), 0.0)
    widened = matrix + np.sum([each.covariance for each in sharing], axis=0) - np.sum(shares, axis=0)
    # Variances that are known by so many degrees of freedom each add up (Satterthwaite).
    uncertain = apart**2 / dof + np.sum([np.diag(each.covariance) ** 2 / each.dof for each in sharing], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return widened, np.where(uncertain > 0, np.diag(widened) ** 2 / uncertain, dof)


def _invert(jacobian: Floats) -> Root:
    norm = np.linalg.norm(jacobian, axis=0)
    scale = np.where(norm > 0, norm, 1.0)
    _, singular, right = np.linalg.svd(jacobian / scale, full_matrices=True)
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


def widen(known_noise: Floats, information: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Return the covariance with the uncertainty of the noise, and the degrees of freedom of each parameter.

    Parameters
    ----------
    known_noise : ndarray, shape (n_parameters, n_parameters)
        Covariance if the noise were known.
    information : ndarray, shape (n_estimated, n_parameters, n_parameters)
        What each block of estimated noise tells, weighted.
    freedom : ndarray, shape (n_estimated,)
        Values of each block less amplitudes less its share of the parameters, above 0.
    """
    if not len(freedom):
        return known_noise, np.full(len(known_noise), np.inf)
    share = known_noise @ information
    # m - 2 p is the freedom less p once more
    precision = np.diag(freedom - np.einsum("bii->b", share)) + np.einsum("bij,cji->bc", share, share)
    spread = 2.0 * np.linalg.inv(precision)
    diagonal = np.einsum("b,bij->ij", np.diag(spread), information)
    crossed = np.einsum("bc,bij,cjk->ik", spread, information, share)
    moved = np.einsum("bij,jk->bik", share, known_noise).diagonal(axis1=1, axis2=2)
    uncertain = np.einsum("bk,bc,ck->k", moved, spread, moved)
    with np.errstate(divide="ignore", invalid="ignore"):
        dof = 2.0 * np.diag(known_noise) ** 2 / uncertain
    return known_noise + 2.0 * known_noise @ (diagonal - crossed) @ known_noise, np.where(uncertain > 0, dof, np.inf)


def quantile(level: float, dof: float) -> float:
    """Return how many standard errors a central interval reaches: Student's t, or the normal for infinite `dof`."""
    from scipy.special import ndtri, stdtrit

    share = 0.5 * (1.0 + level)
    return float(ndtri(share)) if np.isinf(dof) else float(stdtrit(dof, share))

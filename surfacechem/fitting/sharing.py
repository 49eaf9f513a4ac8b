"""Noise that the channels of one point share, found in the residuals, and what it does to errors.

Neighbouring wavelengths err together (lamp, slit, smoothing, an error of the amounts), so that 200 of them tell less
than 200 independent ones; least squares remain unbiased, but their usual errors are too small. Points are taken as
independent of each other, with the same covariance S of the channels. The constants then move by

    theta_k = <a_k, E>,   a_k = sum_l Phi_kl J_l,   cov(theta)_kl = tr(a_k S a_l^T) = <R a_k^T, R a_l^T> / nu,

with E the noise and R the residuals (n_points, n_channels) in units of the noise, J_l the joint slopes, and Phi the
covariance for independent channels. Only the product with a_k is needed, so that there may be more channels than
points. nu is what the fit leaves of the points in this direction, exact for independent channels:
nu_k = n - r - sum_l |T_l a_k^T|^2 / |a_k|^2, with r amplitudes per channel and T T^T = J Phi J^T. Student's t of the
constant has the degrees of freedom of that estimate (Satterthwaite, Biometrics Bull. 2, 110 (1946), 10.2307/3002019):
nu times the number of independent directions among the channels that matter.

Whether channels do share noise is tested first: by the correlation of neighbours, and by Srivastava's statistic for
equal and independent channels (J. Japan Stat. Soc. 35, 251 (2005), 10.14490/jjss.35.251), which holds for more
channels than points too. It also gives the number of independent channels that say as much, (tr S)^2 / tr(S^2) (Box,
Ann. Math. Stat. 25, 290 (1954), 10.1214/aoms/1177728786; Greenhouse and Geisser 1959), by which models are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting.objective import Costs, Objective

    Floats = NDArray[np.float64]

__all__ = ["Sharing", "effective_channels", "find_sharing", "neighbour_strength"]

CLEAR = 1.645
"""Standard deviations beyond which noise is called shared: 5 % of each test, as the correction costs little."""
FEWEST_POINTS_LEFT = 2.0


class Sharing(NamedTuple):
    """What the noise of one block does to the constants."""

    block: int
    n_channels: int
    n_effective: float  # independent channels that would say as much
    covariance: Floats  # (n_parameters, n_parameters), what the noise of this block adds
    dof: Floats  # (n_parameters,), of that estimate
    told: float  # share of the information of independent channels that is left, mean over the parameters


def find_sharing(
    objective: Objective, parameters: Floats, costs: Costs, *, noise: Floats, freedom: Floats, root: Floats
) -> tuple[Sharing, ...]:
    """Return the blocks whose channels share noise.

    Parameters
    ----------
    objective : Objective
        What was fitted.
    parameters : ndarray, shape (n_parameters,)
        The minimum.
    costs : Costs
        What is left there.
    noise, freedom : ndarray, shape (n_blocks,)
        Noise of each block, and its degrees of freedom.
    root : ndarray, shape (n_parameters, n_kept)
        Square root of the covariance for independent channels.
    """
    wide = [
        number
        for number, groups in enumerate(objective.channels)
        if _left(objective, costs, number) >= FEWEST_POINTS_LEFT and sum(group.n_counted for group in groups) > 1
    ]
    if not wide:
        return ()
    with np.errstate(invalid="ignore"):  # a channel without any value
        tables = objective.tables(parameters)
    found = []
    for number in wide:
        block, left = objective.blocks[number], _left(objective, costs, number)
        residuals = tables[number].residuals / noise[number]
        n_channels = sum(group.n_counted for group in objective.channels[number])
        n_effective, strength = effective_channels(residuals, left=left, n_channels=n_channels)
        away = block.measured - tables[number].fitted
        if np.sqrt(np.nanmean(away**2)) <= objective.noise_floor[number]:
            continue  # rounding is shared too
        if max(strength, neighbour_strength(away, left=left)) < CLEAR:
            continue
        # Stated sigmas are taken at their word; the residuals only tell what channels share.
        scale = 1.0 if block.sigma is None else float(np.sqrt(np.sum(residuals**2) / max(freedom[number], 1.0)))
        slopes = tables[number].slopes() / noise[number]
        covariance, dof, independent = _covariance(residuals / scale, slopes, root, left)
        dof = np.minimum(dof, max(freedom[number], 1.0))
        is_moved = independent > 0
        told = float(np.mean(independent[is_moved] / np.diag(covariance)[is_moved])) if is_moved.any() else 1.0
        found.append(Sharing(number, n_channels, n_effective, covariance, dof, told))
    return tuple(found)


def _left(objective: Objective, costs: Costs, number: int) -> float:
    """Return the points that the amplitudes of one channel leave."""
    n_counted = sum(group.n_counted for group in objective.channels[number])
    return float((objective.n_values[number] - costs.n_amplitudes[0, number]) / max(n_counted, 1))


def _covariance(residuals: Floats, slopes: Floats, root: Floats, left: float) -> tuple[Floats, Floats, Floats]:
    """Return what the noise of a block adds to the covariance (n_parameters, n_parameters), and its freedom.

    Last comes what it would add to the variances if channels were independent.
    """
    borne = np.einsum("lk,lpc->kpc", root, slopes)
    moved = np.einsum("lk,kpc->lpc", root, borne)
    independent = np.einsum("lpc,lpc->l", moved, moved)
    sizes = np.where(independent > 0, independent, 1.0)
    crossed = np.einsum("kpc,lqc->klpq", borne, moved)
    points = np.maximum(left - np.einsum("klpq,klpq->l", crossed, crossed) / sizes, 1.0)
    spread = np.einsum("pc,lqc->lpq", residuals, moved) / np.sqrt(points)[:, np.newaxis, np.newaxis]
    covariance = np.einsum("kpq,lpq->kl", spread, spread)
    trace = np.diag(covariance)
    gram = np.swapaxes(spread, 1, 2) @ spread
    squared = _unbiased(np.einsum("lpq,lpq->l", gram, gram), trace, points)
    with np.errstate(divide="ignore", invalid="ignore"):
        directions = (trace**2 - 2.0 * squared / points) / squared
    return covariance, points * np.where(np.isfinite(directions), np.maximum(directions, 1.0), 1.0), independent


def _unbiased(squared: Floats, trace: Floats, points: Floats) -> Floats:
    """Return tr(S^2) without the part that so few points add to that of its estimate (Srivastava 2005)."""
    inflated: Floats = squared - trace**2 / points
    return points**2 / (np.maximum(points - 1.0, 0.5) * (points + 2.0)) * inflated


def effective_channels(residuals: Floats, *, left: float, n_channels: int) -> tuple[float, float]:
    """Return as how many independent channels these count, and how clearly that is fewer (standard deviations).

    Parameters
    ----------
    residuals : ndarray, shape (n_points, n_channels or fewer)
        In units of the noise, 0 where nothing was measured; channels may have been rotated.
    left : float
        Points less amplitudes per channel.
    n_channels : int
        Channels before rotation.
    """
    gram = residuals @ residuals.T / left
    trace = float(np.trace(gram))
    if trace <= 0:
        return float(n_channels), 0.0
    squared = float(_unbiased(np.sum(gram**2, keepdims=True), np.array(trace), np.array(left)).item())
    unevenness = n_channels * squared / trace**2  # 1 for equal and independent channels
    return float(n_channels / np.clip(unevenness, 1.0, n_channels)), 0.5 * left * (unevenness - 1.0)


def neighbour_strength(residuals: Floats, *, left: float) -> float:
    """Return by how many standard deviations neighbouring channels correlate.

    Parameters
    ----------
    residuals : ndarray, shape (n_points, n_channels)
        NaN where nothing was measured.
    left : float
        Points less amplitudes per channel.
    """
    filled = np.where(np.isfinite(residuals), residuals, 0.0)
    size = np.sqrt(np.sum(filled**2, axis=0))
    even = filled[:, size > 0] / size[size > 0]
    n_pairs = even.shape[1] - 1
    if n_pairs < 1:
        return 0.0
    # Channels of length 1 have products of mean 0 and variance 1/left.
    return float(np.sum(even[:, 1:] * even[:, :-1]) * np.sqrt(left / n_pairs))

"""Bootstrap: the fit repeated on data drawn again, hundreds of replicas as lanes of one batch."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from surfacechem.constants import LN10
from surfacechem.errors import FitError
from surfacechem.fitting.draws import refuse_unusable
from surfacechem.fitting.driver import as_datasets, prepare_objective, refuse_percent
from surfacechem.fitting.parameters import collect_parameters
from surfacechem.fitting.replicas import replicate, weigh
from surfacechem.fitting.robust import with_weights
from surfacechem.fitting.scatter import Bootstrap, Draw, judge_replicas, refuse_failed
from surfacechem.fitting.search import refine
from surfacechem.fitting.uncertainty import estimate_covariance

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block, KnownSpectra
    from surfacechem.fitting.feeding import Correction
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.result import FitResult
    from surfacechem.network import Network
    from surfacechem.records import Titration

    Floats = NDArray[np.float64]

__all__ = ["bootstrap"]

_LOGGER = logging.getLogger(__name__)

N_REPLICAS = 1000
CHUNK = 250
"""Replicas solved together; fixed, so that the numbers do not depend on the number of workers."""
FEWEST_TITRATIONS = 3


class Task(NamedTuple):
    """What a worker needs to fit one chunk of replicas."""

    network: Network
    datasets: tuple[Titration, ...]
    known: KnownSpectra
    corrections: tuple[Correction, ...]
    weights: tuple[Floats | None, ...]  # of the points, per data set
    best: Floats  # (n_parameters,), natural logarithms
    draw: Draw
    n_replicas: int
    seed: tuple[int, int]


def bootstrap(
    network: Network,
    data: Titration | Sequence[Titration],
    result: FitResult,
    *,
    draw: Draw | str = Draw.RESIDUAL,
    n_replicas: int = N_REPLICAS,
    seed: int = 0,
    level: float | None = None,
    executor: Executor | None = None,
    known: KnownSpectra | None = None,
    corrections: Sequence[Correction] = (),
) -> Bootstrap:
    """Repeat a fit on data drawn again.

    Parameters
    ----------
    network, data, known, corrections
        What `fit` was given.
    result : FitResult
        What it returned; replicas start from its best fit.
    draw : Draw
        ``"residual"``, ``"parametric"`` or ``"titration"``.
    n_replicas : int
        Number of replicas.
    seed : int
        Seed of the draws; the same seed gives the same numbers for any number of workers.
    level : float, optional
        Confidence level of the intervals; by default that of the fit.
    executor : concurrent.futures.Executor, optional
        Where chunks of replicas are fitted; by default here.

    Raises
    ------
    FitError
        If there are no residuals to draw from, too few data sets to draw among, or next to no replica can be fitted.
    """
    draw, datasets = _as_draw(draw), as_datasets(data)
    level = result.level if level is None else level
    refuse_percent(level)
    refuse_unusable(seed=seed, replicas=n_replicas)
    _refuse_poor(result, draw, datasets)
    best = np.array(result.minima[0].log10_values)
    sizes = [min(CHUNK, n_replicas - begun) for begun in range(0, n_replicas, CHUNK)]
    weights = tuple(each.weights for each in result.datasets)
    common = (network, datasets, known or {}, tuple(corrections), weights, best * LN10, draw)
    tasks = [Task(*common, size, (seed, number)) for number, size in enumerate(sizes)]
    chunks: list[Floats] = []
    for chunk in map(_refit, tasks) if executor is None else executor.map(_refit, tasks):
        chunks.append(chunk)
        _LOGGER.debug("fitting replicas: %d of %d", sum(sizes[: len(chunks)]), n_replicas)
    log10_values = np.concatenate(chunks) / LN10
    refuse_failed(log10_values)
    box, _ = collect_parameters(network, datasets, corrections)
    walls = np.array([box.lower, box.upper]) / LN10
    return Bootstrap(
        draw=draw,
        parameter_names=result.parameter_names,
        estimates=tuple(result[name] for name in result.parameter_names),
        best=best,
        log10_values=log10_values,
        level=level,
        seed=seed,
        student_dof=(len(datasets) - 1.0,) * len(best) if draw is Draw.TITRATION else result.student_dof,
        inputs=tuple(each.sha256 for each in result.datasets),
        walls=walls,
        facts=(*result.caveat(), *judge_replicas(log10_values, walls, result.scales, level)),
    )


def _as_draw(draw: Draw | str) -> Draw:
    if draw not in set(Draw):
        raise FitError(
            f"draw '{str(draw)[:40]}'", found="no such way", allowed=", ".join(Draw), advice="write 'residual'"
        )
    return Draw(draw)


def _refuse_poor(result: FitResult, draw: Draw, datasets: Sequence[Titration]) -> None:
    if draw is Draw.TITRATION and len(datasets) < FEWEST_TITRATIONS:
        raise FitError(
            "bootstrap by titration",
            found=f"{len(datasets)} data sets",
            allowed=f"{FEWEST_TITRATIONS} or more, fitted together",
            advice="draw residuals instead (draw='residual')",
        )
    if result.dof < 1:
        raise FitError(
            "bootstrap",
            found=f"{round(result.dof, 3):g} degrees of freedom",
            allowed="1 or more: residuals to draw from",
            advice="measure more points",
        )


def _refit(task: Task) -> Floats:
    """Return the fitted parameters of one chunk, shape (n_replicas, n_parameters); NaN where a fit failed."""
    objective, _ = prepare_objective(task.network, task.datasets, known=task.known, corrections=task.corrections)
    objective = with_weights(objective, task.weights)
    draws = np.random.default_rng(task.seed)
    drawn = _draw_titrations if task.draw is Draw.TITRATION else _draw_values
    found = refine(drawn(objective, task, draws), np.tile(task.best, (task.n_replicas, 1)))
    return np.where(found.is_converged[:, np.newaxis], found.parameters, np.nan)


def _draw_titrations(objective: Objective, task: Task, draws: np.random.Generator) -> Objective:
    n_sets = len(objective.experiments)
    counts = draws.multinomial(n_sets, np.full(n_sets, 1.0 / n_sets), size=task.n_replicas).astype(float)
    weights = [
        np.repeat(counts[:, [number]], len(experiment.amounts), axis=1)
        for number, experiment in enumerate(objective.experiments)
    ]
    return weigh(objective, weights)


def _draw_values(objective: Objective, task: Task, draws: np.random.Generator) -> Objective:
    covariance = estimate_covariance(objective, task.best)
    fitted = objective.fitted_tables(task.best)
    values = [
        table + _draw_noise(block, table, float(noise), task, draws)
        for block, table, noise in zip(objective.blocks, fitted, covariance.noise, strict=True)
    ]
    spread = objective.parameters.prior_stderr[objective.parameters.has_prior]
    moves = draws.normal(size=(task.n_replicas, len(spread))) * spread
    return replicate(objective, values, moves)


def _draw_noise(block: Block, fitted: Floats, noise: float, task: Task, draws: np.random.Generator) -> Floats:
    """Return the noise of each replica, shape (n_replicas, n_points, n_channels).

    Residuals are drawn point by point, so that channels stay correlated as they are, less their mean, which would move
    all replicas to one side where no amplitude takes it up (Freedman, Ann. Stat. 9, 1218 (1981),
    jstor.org/stable/2240411), and enlarged to the estimated noise, which they fall short of by the degrees of freedom.
    """
    sigma = np.full_like(block.measured, noise) if block.sigma is None else block.sigma
    shape = (task.n_replicas, *block.measured.shape)
    if task.draw is Draw.PARAMETRIC:
        return draws.normal(size=shape) * np.where(np.isfinite(sigma), sigma, 0.0)
    reduced = (block.measured - fitted) / sigma
    is_measured = np.isfinite(reduced)
    counts = np.maximum(is_measured.sum(axis=0), 1)
    reduced -= np.where(is_measured, reduced, 0.0).sum(axis=0) / counts
    size = np.sqrt(np.mean(reduced[is_measured] ** 2))
    enlarged = np.where(is_measured, reduced / size if size > 0 else 0.0, draws.normal(size=reduced.shape))
    points = np.flatnonzero(is_measured.any(axis=1))
    chosen = draws.choice(points, size=shape[:2])
    noises: Floats = enlarged[chosen] * np.where(np.isfinite(sigma), sigma, 0.0)
    return noises

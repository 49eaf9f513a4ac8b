"""How well a model predicts what it has not seen: parts of the data left out in turn, as lanes of one batch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.display import Table, round_number
from surfacechem.errors import FitError
from surfacechem.fitting.criteria import channel_share
from surfacechem.fitting.marginal import Marginal
from surfacechem.fitting.noise import DEPENDENT_RTOL, Noise, estimate_noise, measure_information
from surfacechem.fitting.replicas import weigh
from surfacechem.fitting.robust import find_weights, with_weights
from surfacechem.fitting.search import refine
from surfacechem.fitting.separable import project
from surfacechem.fitting.weighting import by_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.experiment import State
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.refitting import Refit
    from surfacechem.fitting.result import FitResult
    from surfacechem.fitting.separable import Separable

__all__ = ["CrossValidation", "Part", "cross_validate"]

Floats = NDArray[np.float64]

FEWEST_FOLDS = 2


class Part(StrEnum):
    """What is left out."""

    POINTS = "points"
    TITRATIONS = "titrations"


@dataclass(frozen=True, kw_only=True, eq=False)
class CrossValidation:
    """How well parts of the data are predicted from the others.

    Attributes
    ----------
    part : Part
        What was left out.
    folds : tuple of str
        What each fold left out.
    signal_scores : ndarray, shape (n_folds, n_signals)
        ln of the probability density of what was left out of each signal, up to constants of the data, its channels
        taken as independent; NaN where the rest could not be fitted, or does not tell all parameters: those of the
        whole fit would not be a prediction.
    signals : tuple of str
        Names of the signals.
    shares : ndarray, shape (n_signals,)
        By which the channels of each signal count: less than 1 where they share noise.
    rms_errors : ndarray, shape (n_signals,)
        Root of the mean squared error of prediction, in the unit of the signal, or in sigma where that is given; NaN
        where whole titrations are left out, whose amplitudes are their own.
    """

    part: Part
    folds: tuple[str, ...]
    signal_scores: Floats
    signals: tuple[str, ...]
    shares: Floats
    rms_errors: Floats

    @property
    def scores(self) -> Floats:
        """Score of each fold, signals by their shares, shape (n_folds,)."""
        scores: Floats = self.signal_scores @ self.shares
        return scores

    @property
    def score(self) -> float:
        """Sum of the scores."""
        return float(self.scores.sum())

    def to_table(self) -> Table:
        """Return a row per fold."""
        rows = tuple((fold, f"{score:.2f}") for fold, score in zip(self.folds, self.scores, strict=True))
        errors = ", ".join(
            f"{name} {round_number(float(error))}"
            for name, error in zip(self.signals, self.rms_errors, strict=True)
            if np.isfinite(error)
        )
        notes = (f"Error of prediction (rms): {errors}.",) if errors else ()
        if not np.isfinite(self.scores).all():
            notes = (*notes, "No score (nan): what was not left out does not tell all parameters.")
        return Table(columns=("left out", "ln score"), rows=rows, title="Cross-validation", notes=notes)

    def __str__(self) -> str:
        """Return the table as text."""
        return self.to_table().to_text()

    def _repr_html_(self) -> str:
        return self.to_table().to_html()


def cross_validate(fitted: Refit, *, part: Part | str = Part.POINTS, n_folds: int | None = None) -> CrossValidation:
    """Leave out parts of the data in turn, fit the rest, and predict what was left out.

    Points are predicted with constants, amplitudes and noise of the rest. A whole titration is predicted with the
    constants of the others; its amplitudes and its noise are its own and are integrated out. Where it has fitted
    concentrations or shares of its own too, nothing predicts it.

    Parameters
    ----------
    fitted : Refit
        The fit, bound to its data.
    part : Part
        ``"points"`` or ``"titrations"``.
    n_folds : int, optional
        Into how many parts; by default each point, or each titration, is left out by itself. Of k folds of points
        each holds every k-th.

    Raises
    ------
    FitError
        If there are too few parts.
    """
    if part not in set(Part):
        raise FitError(
            f"part '{str(part)[:40]}'", found="no such part", allowed=", ".join(Part), advice="write 'points'"
        )
    part, result = Part(part), fitted.result
    sizes = [len(data.labels) for data in result.datasets]
    units = np.arange(sum(sizes)) if part is Part.POINTS else np.repeat(np.arange(len(sizes)), sizes)
    n_units = int(units.max()) + 1
    count = n_units if n_folds is None else n_folds
    if not FEWEST_FOLDS <= count <= n_units:
        is_short = n_units < FEWEST_FOLDS
        raise FitError(
            f"cross-validation by {part}",
            found=f"{count} folds of {n_units} {part}",
            allowed=f"{FEWEST_FOLDS} {part} or more" if is_short else f"{FEWEST_FOLDS} to {n_units} folds",
            advice="leave out points" if part is Part.TITRATIONS else "ask for fewer folds",
        )
    fold = units % count
    held = (fold == np.arange(count)[:, np.newaxis]).astype(float)
    by_data = np.split(held, np.cumsum(sizes)[:-1], axis=1)
    objective, rest = _without(fitted, [1.0 - each for each in by_data])
    found = refine(rest, np.tile(fitted.best, (count, 1)))
    told = _tell(rest, found.parameters)
    if part is Part.POINTS:
        scores, errors = _score_points(objective, rest, found.parameters, by_data, told)
    else:
        scores, errors = _score_titrations(objective, fitted.best, found.parameters, by_data)
    is_told = (np.isfinite(found.deviance) & told.is_whole)[:, np.newaxis]
    return CrossValidation(
        part=part,
        folds=tuple(_fold_name(result, part, count, n_units, number) for number in range(count)),
        signal_scores=np.where(is_told & np.isfinite(scores), scores, np.nan),
        signals=tuple(signal.name for signal in result.signals),
        shares=np.array([channel_share(signal) for signal in result.signals]),
        rms_errors=errors,
    )


def _without(fitted: Refit, kept: Sequence[Floats]) -> tuple[Objective, Objective]:
    """Return the objective with all points alike, and with what each fold keeps, robust weights made from that alone.

    Parameters
    ----------
    fitted : Refit
        The fit.
    kept : sequence of ndarray
        Per data set, shape (n_folds, n_points): 1 for what is kept.
    """
    objective = fitted.objective
    if all(data.weights is None for data in fitted.result.datasets):
        return objective, weigh(objective, kept)
    bare = with_weights(objective, [np.ones(each.shape[1]) for each in kept])
    folds = [find_weights(bare, fitted.best, kept=masks) for masks in zip(*kept, strict=True)]
    return bare, weigh(bare, [np.stack(each) for each in zip(*folds, strict=True)])


def _fold_name(result: FitResult, part: Part, count: int, n_units: int, number: int) -> str:
    if part is Part.TITRATIONS:
        names = [data.name for data in result.datasets]
    else:
        is_one = len(result.datasets) == 1
        names = [label if is_one else f"{data.name} {label}" for data in result.datasets for label in data.labels]
    if count == n_units:
        return names[number]
    members = names[number::count]
    return f"{', '.join(members[:2])}{' ...' if len(members) > 2 else ''}"  # noqa: PLR2004  (the first two)


class Told(NamedTuple):
    """What is left tells in every lane."""

    noise: Noise
    covariance: Floats  # (n_lanes, n_parameters, n_parameters)
    is_whole: NDArray[np.bool_]  # (n_lanes,), whether it determines all parameters


def _tell(rest: Objective, parameters: Floats) -> Told:
    information = np.nan_to_num(measure_information(rest, parameters))
    noise = estimate_noise(rest, rest.block_costs(parameters), information)
    total = np.einsum("lb,lbij->lij", noise.sigma**-2.0, information) + rest.prior_slope.T @ rest.prior_slope
    size = np.sqrt(np.einsum("lii->li", total))
    size = np.where(size > 0, size, 1.0)
    spread = np.linalg.eigvalsh(total / (size[:, :, np.newaxis] * size[:, np.newaxis]))
    return Told(noise, np.linalg.pinv(total, hermitian=True), spread[:, 0] > DEPENDENT_RTOL * spread[:, -1])


def _score_points(
    objective: Objective, rest: Objective, parameters: Floats, held: Sequence[Floats], told: Told
) -> tuple[Floats, Floats]:
    """Return the score of each block in each fold, and the error of prediction of each block.

    A prediction errs by the noise and by what the rest leaves uncertain of amplitudes and parameters; with noise that
    is estimated its density is Student's t.
    """
    noise, covariance, _ = told
    freedom = np.where(objective.is_noise_given, np.inf, np.maximum(noise.freedom, 1.0))
    scores, errors = np.zeros((len(parameters), len(objective.blocks))), []
    groups, kept = iter(objective.channels), iter(rest.channels)
    number = 0
    for experiment, weights in zip(objective.experiments, held, strict=True):
        state = experiment.differentiate(parameters)
        for block in experiment.blocks:
            is_held = by_row(block, weights)
            squares, n_values = 0.0, 0.0
            for group, remaining in zip(next(groups), next(kept), strict=True):
                error, spread = _predict(block, state, group, remaining, covariance)
                variance = noise.sigma[:, number, np.newaxis, np.newaxis] ** 2 * spread.amplitudes + spread.parameters
                density = _ln_density(error, variance, freedom[:, number, np.newaxis, np.newaxis])
                is_scored = is_held * (group.weight > 0)
                scores[:, number] += np.sum(is_scored[..., np.newaxis] * density, axis=(1, 2))
                squares += float(np.sum(is_held[..., np.newaxis] * error**2))
                n_values += float(np.count_nonzero(group.factor) * is_scored.sum())
            errors.append(np.sqrt(squares / n_values))
            number += 1
    return scores, np.array(errors)


class Spread(NamedTuple):
    """Variance of predictions, (n_lanes, n_rows, n_channels)."""

    amplitudes: Floats  # with that of the value itself, in units of the noise
    parameters: Floats


def _predict(
    block: Block, state: State, group: Separable, remaining: Separable, covariance: Floats
) -> tuple[Floats, Spread]:
    """Return the errors of prediction of all channels of a group in every lane, and how far they are to be expected.

    Channels that compression has taken away hold no values and are predicted to hold none.
    """
    columns = block.model.columns(state.concentration)
    slopes = np.moveaxis(block.model.derivative(state.concentration, state.derivative), -1, 1)
    projection = project(remaining, columns)
    weight = group.weight[..., np.newaxis]
    error = group.values - (columns * weight) @ projection.amplitudes
    carried = (columns * weight)[..., group.free] @ projection.inverse @ projection.basis
    moved = slopes @ projection.amplitudes[:, np.newaxis]
    # An amplitude follows a parameter so that the rest stays fitted.
    followed = carried[:, np.newaxis] @ (moved * remaining.weight[:, np.newaxis, :, np.newaxis])
    gradient = moved * weight - followed
    by_parameters = np.einsum("lpnc,lpq,lqnc->lnc", gradient, covariance, gradient)
    by_amplitudes = np.broadcast_to(1.0 + np.sum(carried**2, axis=-1, keepdims=True), error.shape)
    n_lost = np.count_nonzero(group.factor) - error.shape[-1]
    lost = ((0, 0), (0, 0), (0, max(n_lost, 0)))
    spread = Spread(np.pad(by_amplitudes, lost, mode="edge"), np.pad(by_parameters, lost))
    return np.pad(error, lost), spread


def _ln_density(error: Floats, variance: Floats, freedom: Floats) -> Floats:
    """Return ln of the normal density, or of Student's t where the freedom is finite."""
    from scipy.special import gammaln

    squares = error**2 / variance
    is_normal = np.isinf(freedom)
    finite = np.where(is_normal, 1.0, freedom)
    student = gammaln(0.5 * (finite + 1.0)) - gammaln(0.5 * finite) - 0.5 * np.log(finite * np.pi * variance)
    student = student - 0.5 * (finite + 1.0) * np.log1p(squares / finite)
    return np.where(is_normal, -0.5 * squares - 0.5 * np.log(2.0 * np.pi * variance), student)


def _score_titrations(
    objective: Objective, best: Floats, parameters: Floats, held: Sequence[Floats]
) -> tuple[Floats, Floats]:
    """Return the score of each block in each fold: the density of those left out at the constants of the others."""
    density = Marginal.around(objective, best)
    counts = [len(experiment.blocks) for experiment in objective.experiments]
    is_held = np.repeat(np.stack([each[:, 0] for each in held], axis=1), counts, axis=1)
    scores: Floats = np.where(is_held > 0, density.block_densities(parameters), 0.0)
    return scores, np.full(sum(counts), np.nan)

"""What to measure next: further points that would pin the constants most, within what can be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from surfacechem.constants import LN10
from surfacechem.display import Fact, Table, Tone, facts_html, facts_text, round_number, si_prefix
from surfacechem.errors import FitError
from surfacechem.fitting.choosing import D_OPTIMAL, choose, judged_parameters
from surfacechem.fitting.driver import as_datasets, prepare_objective
from surfacechem.fitting.estimate import UNKNOWN, Scale
from surfacechem.fitting.observation import Heat
from surfacechem.fitting.robust import with_weights
from surfacechem.fitting.uncertainty import estimate_covariance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from surfacechem.fitting.blocks import Block, KnownSpectra
    from surfacechem.fitting.experiment import State
    from surfacechem.fitting.feeding import Correction
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.result import FitResult
    from surfacechem.fitting.uncertainty import Covariance
    from surfacechem.network import Network
    from surfacechem.records import Titration

__all__ = ["Plan", "gradient", "plan"]

Floats = NDArray[np.float64]

N_POINTS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Further points, the most useful first, and what they would bring.

    Attributes
    ----------
    criterion : str
        ``"D"``: all constants together, ``"A"``: the mean of their variances, or the name of one parameter.
    feeds : tuple of str
        What is put in.
    amounts : ndarray, shape (n_points, n_feeds)
        The points in the order of their use [mol/L]; a point may come twice.
    parameter_names : tuple of str
        What is fitted.
    log10_stderr : ndarray, shape (n_points + 1, n_parameters)
        Standard error of log10 of each parameter now, and after each point.
    scales : tuple of Scale
        How each is shown.
    facts : tuple of Fact
        What the plan brings, in words.
    """

    criterion: str
    feeds: tuple[str, ...]
    amounts: Floats
    parameter_names: tuple[str, ...]
    log10_stderr: Floats
    scales: tuple[Scale, ...]
    facts: tuple[Fact, ...]

    @property
    def is_valid(self) -> bool:
        """Whether to trust it: the fit that it follows from is to be trusted."""
        return all(fact.tone is not Tone.BAD for fact in self.facts)

    def to_table(self) -> Table:
        """Return a row per point: what to put in, and the relative errors after it."""
        varied = [column for column in range(len(self.feeds)) if self.amounts[:, column].any()]
        columns = (
            "point",
            *(self.feeds[column] for column in varied),
            *(f"s.e. {scale.name}" for scale in self.scales),
        )
        rows = [("now", *("" for _ in varied), *self._errors(0))]
        for number, amounts in enumerate(self.amounts, start=1):
            put_in = (_concentration(float(amounts[column])) for column in varied)
            rows.append((str(number), *put_in, *self._errors(number)))
        return Table(columns=columns, rows=tuple(rows), title="What to measure next")

    def _errors(self, n_points: int) -> list[str]:
        stderr = self.log10_stderr[n_points].tolist()
        return [scale.error(each) for scale, each in zip(self.scales, stderr, strict=True)]

    def __str__(self) -> str:
        """Return table and facts as text."""
        return f"{self.to_table().to_text()}\n\n{facts_text(self.facts)}"

    def _repr_html_(self) -> str:
        return self.to_table().to_html() + facts_html(self.facts)


def _concentration(value: float) -> str:
    factor, unit = si_prefix(value, "mol/L")
    return str(round_number(value * factor, unit=unit))


def plan(
    network: Network,
    data: Titration | Sequence[Titration],
    result: FitResult,
    candidates: Floats,
    *,
    n_points: int = N_POINTS,
    criterion: str = D_OPTIMAL,
    known: KnownSpectra | None = None,
    corrections: Sequence[Correction] = (),
) -> Plan:
    """Choose further points of the first data set that would pin the constants most.

    Points are taken one after the other, each the best beside those before it (`choosing`). The information is that of
    the joint problem, amplitudes included, at the fitted values and the noise found.

    Parameters
    ----------
    network, data, known, corrections
        What `fit` was given.
    result : FitResult
        What it returned.
    candidates : ndarray, shape (n_candidates, n_feeds)
        Points that can be made [mol/L], in the order of the network's feeds: the practical limits.
    n_points : int
        How many to choose.
    criterion : str
        ``"D"``, ``"A"`` or the name of a parameter.

    Raises
    ------
    FitError
        If the technique cannot be extended point by point, or the fit has no noise to plan by.
    UnknownNameError
        If the criterion is neither "D", "A" nor a fitted parameter.
    """
    datasets, names = as_datasets(data), result.parameter_names
    judged = judged_parameters(criterion, names)
    objective, _ = prepare_objective(network, datasets, known=known or {}, corrections=corrections)
    objective = with_weights(objective, [each.weights for each in result.datasets])
    _refuse_unplannable(objective, result)
    best = np.array(result.minima[0].log10_values) * LN10
    there, to_come, n_parameters = _information(objective, best, candidates)
    chosen = choose(
        there[np.newaxis],
        to_come[np.newaxis],
        n_parameters,
        judged=judged,
        n_points=n_points,
        is_whole=False,
    )
    log10_stderr = chosen.stderr[:, 0] / LN10
    return Plan(
        criterion=criterion,
        feeds=network.feeds,
        amounts=candidates[chosen.points],
        parameter_names=names,
        log10_stderr=log10_stderr,
        scales=result.scales,
        facts=(*result.caveat(), *_facts(result.scales, log10_stderr)),
    )


def _refuse_unplannable(objective: Objective, result: FitResult) -> None:
    if any(isinstance(block.model, Heat) for block in objective.experiments[0].blocks):
        raise FitError(
            "plan of a calorimetry",
            found="injections that build on each other",
            allowed="techniques whose points stand alone: NMR, UV-vis, fluorescence, bands",
            advice="change the concentrations instead: the fact 'titrant-limited' says by how much",
        )
    if result.dof < 1:
        raise FitError(
            "plan", found="no degree of freedom", allowed="a fit that knows its noise", advice="measure more"
        )


def _information(objective: Objective, best: Floats, candidates: Floats) -> tuple[Floats, Floats, int]:
    """Return the information there is, that of each candidate, and the number of parameters before amplitudes."""
    experiment = objective.experiments[0]
    covariance = estimate_covariance(objective, best)
    # Other data sets share constants only: what they say of them is there already.
    elsewhere = objective.prior_slope.T @ objective.prior_slope
    noises = _noises(covariance)
    told = objective.look(best[np.newaxis]).information[0]
    for block, information, noise in zip(objective.blocks, told, noises, strict=True):
        if block not in experiment.blocks:
            elsewhere += information / noise**2
    measured = experiment.differentiate(best[np.newaxis])
    possible = experiment.at(candidates).differentiate(best[np.newaxis])
    n_parameters = len(best)
    rows = [
        _gradients(block, measured, possible, noise=float(noise))
        for block, noise in zip(experiment.blocks, noises, strict=False)
    ]
    n_amplitudes = [own.shape[-1] - n_parameters for own, _ in rows]
    size = n_parameters + sum(n_amplitudes)
    present, future = np.zeros((size, size)), np.zeros((len(candidates), size, size))
    present[:n_parameters, :n_parameters] = elsewhere
    begun = n_parameters
    for (own, other), n_own in zip(rows, n_amplitudes, strict=True):
        place = np.r_[:n_parameters, begun : begun + n_own]
        present[np.ix_(place, place)] += np.einsum("pci,pcj->ij", own, own)
        future[np.ix_(np.arange(len(candidates)), place, place)] += np.einsum("pci,pcj->pij", other, other)
        begun += n_own
    return present, future, n_parameters


def _noises(covariance: Covariance) -> Floats:
    """Return the noise of each block, as large as that of independent channels which tell as much."""
    noises = covariance.noise.copy()
    for each in covariance.sharing:
        noises[each.block] /= np.sqrt(each.told)
    return noises


def _gradients(block: Block, measured: State, possible: State, *, noise: float) -> tuple[Floats, Floats]:
    """Return the gradients of measured and possible values, shape (n_rows, n_channels, n_parameters + n_amplitudes).

    Channels are rotated so that only as many as there are columns move with the parameters; the others say nothing.
    """
    columns = block.model.columns(measured.concentration)[0]
    sigma = noise * (np.ones_like(block.measured) if block.sigma is None else block.sigma)
    spread = np.nanmedian(np.where(np.isfinite(block.measured), sigma, np.nan), axis=0)
    weight = np.isfinite(block.measured).any(axis=1) / np.nanmedian(spread)
    if block.case_weight is not None:
        weight = weight * np.sqrt(block.case_weight)
    amplitudes, free = _amplitudes(block, columns)
    rotated = np.asarray(np.linalg.qr(amplitudes.T, mode="r")).T
    here = gradient(block, measured, rotated, free)
    there = gradient(block, possible, rotated, free) / np.nanmedian(spread)
    return here * weight[:, np.newaxis, np.newaxis], there


def _amplitudes(block: Block, columns: Floats) -> tuple[Floats, list[int]]:
    """Return the amplitudes (n_columns, n_channels), known ones in their places, and which columns are free."""
    values = block.rows(block.measured)
    free = [column for column in range(columns.shape[1]) if column not in block.known_amplitudes]
    amplitudes = np.zeros((columns.shape[1], values.shape[1]))
    for column, known in block.known_amplitudes.items():
        amplitudes[column] = known
    for channel in range(values.shape[1]):
        rows = np.isfinite(values[:, channel])
        target = values[rows, channel] - columns[rows] @ amplitudes[:, channel]
        amplitudes[free, channel] = np.linalg.pinv(columns[rows][:, free]) @ target
    return amplitudes, free


def gradient(block: Block, state: State, amplitudes: Floats, free: list[int]) -> Floats:
    """Return the gradient of a block's values by parameters and free amplitudes, shape (n_points, n_channels, n).

    Parameters
    ----------
    block : Block
        What is measured.
    state : State
        Concentrations and their derivatives, one lane.
    amplitudes : ndarray, shape (n_columns, n_channels)
        Amplitudes of all columns.
    free : list of int
        Columns whose amplitudes are not known.
    """
    columns = block.model.columns(state.concentration)[0]
    slopes = block.model.derivative(state.concentration, state.derivative)[0]
    n_rows, n_channels = len(columns), amplitudes.shape[1]
    by_parameter = np.einsum("rak,ac->rck", slopes, amplitudes)
    by_amplitude = np.zeros((n_rows, n_channels, n_channels, len(free)))
    for channel in range(n_channels):
        by_amplitude[:, channel, channel] = columns[:, free]
    gradient = np.concatenate([by_parameter, by_amplitude.reshape(n_rows, n_channels, -1)], axis=2)
    if not block.is_stacked:
        return gradient
    # Signals that stand below each other belong to the same points.
    return np.swapaxes(gradient.reshape(len(block.channels), -1, gradient.shape[2]), 0, 1)


def _facts(scales: Sequence[Scale], log10_stderr: Floats) -> Iterator[Fact]:
    n_points = len(log10_stderr) - 1
    for scale, now, then in zip(scales, log10_stderr[0].tolist(), log10_stderr[-1].tolist(), strict=True):
        before, after = scale.error(now), scale.error(then)
        if then > UNKNOWN:
            sentence = f"{n_points} further points do not determine {scale.name} either."
            yield Fact(name="gain", tone=Tone.WARNING, sentence=sentence, advice="Allow other amounts.")
            continue
        sentence = f"{n_points} further points bring the standard error of {scale.name} from {before} to {after}."
        yield Fact(name="gain", tone=Tone.GOOD, sentence=sentence)

"""Fit: bind, search, refine, walk the intervals, judge, and put it all on record."""

from __future__ import annotations

import logging
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.chem.system import ABSORBANCE, EMISSION
from surfacechem.errors import FitError, SolveError
from surfacechem.fitting.blocks import Block, KnownSpectra, bind_observables
from surfacechem.fitting.experiment import Experiment
from surfacechem.fitting.facts import allowed, is_flat, refuse_strangers
from surfacechem.fitting.objective import Objective
from surfacechem.fitting.observation import Additive, Shift
from surfacechem.fitting.parameters import collect_parameters
from surfacechem.fitting.profiles import Ends, find_ends, open_ends
from surfacechem.fitting.record import record
from surfacechem.fitting.robust import find_weights, with_weights
from surfacechem.fitting.search import add_minimum, find_minima, refine
from surfacechem.fitting.uncertainty import Covariance, estimate_covariance
from surfacechem.records import Titration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.chem.system import Observable
    from surfacechem.fitting.feeding import Correction
    from surfacechem.fitting.result import FitResult
    from surfacechem.network import Network

    Floats = NDArray[np.float64]

__all__ = ["Loss", "as_datasets", "fit", "prepare_objective", "refuse_percent"]

_LOGGER = logging.getLogger(__name__)

LEVEL = 0.95
MAX_RESTARTS = 8


class Loss(StrEnum):
    """What is minimised."""

    SQUARES = "squares"
    ROBUST = "robust"


def fit(
    network: Network,
    data: Titration | Sequence[Titration],
    *,
    level: float = LEVEL,
    known: KnownSpectra | None = None,
    corrections: Sequence[Correction] = (),
    loss: Loss | str = Loss.SQUARES,
    allow: Sequence[str] = (),
) -> FitResult:
    """Fit the free constants of a model to one titration or several.

    No starting values are needed: a grid over all constants is searched, and every hollow of it is followed down.

    Parameters
    ----------
    network : Network
        The model.
    data : Titration or sequence of Titration
        What was measured.
    level : float
        Confidence level of the intervals.
    known : mapping of str to mapping of str to ndarray, optional
        Molar spectra that are not fitted [L/(mol cm)], per observable and entity.
    corrections : sequence of Correction, optional
        Active shares and impurities of what was put in, fitted along.
    loss : Loss
        ``"squares"``, or ``"robust"``: outliers count less the farther off they are, and are named.
    allow : sequence of str
        Facts that are right in this case however unusual: ``"scale"``, amounts and amplitudes that nothing usual has.

    Returns
    -------
    FitResult
        Look at ``is_valid`` and ``facts`` before the numbers.

    Raises
    ------
    FitError
        If model and data do not fit each other; the message says how.
    SolveError
        If the equilibria cannot be solved at any start.
    """
    refuse_percent(level)
    refuse_strangers(allow)
    datasets = as_datasets(data)
    objective, notes = prepare_objective(network, datasets, known=known or {}, corrections=corrections)
    _LOGGER.debug("searching for the constants")
    found = find_minima(objective)
    if not np.isfinite(found.deviance[0]):
        raise SolveError(
            f"equilibria of {', '.join(each.name for each in datasets)}",
            found="no start could be solved at every point",
            allowed="amounts and constants for which an equilibrium exists",
            advice="check the amounts; fix or bound the constants of the model",
        )
    if Loss(loss) is Loss.ROBUST:
        _LOGGER.debug("weighing points")
        objective = with_weights(objective, find_weights(objective, found.parameters[0]))
        found = add_minimum(objective, refine(objective, found.parameters), found.parameters[0])
    for _ in range(MAX_RESTARTS):
        covariance = estimate_covariance(objective, found.parameters[0])
        _LOGGER.debug("walking to the ends of the intervals")
        ends = _walk(objective, found.parameters[0], covariance, level)
        if ends.better is None:
            break
        found = add_minimum(objective, found, ends.better)
    else:
        # Each walk fell into a still better place: nothing may be said of the last one.
        covariance, ends = estimate_covariance(objective, found.parameters[0]), open_ends(len(found.parameters[0]))
    result = record(
        network, datasets, objective, found, covariance=covariance, ends=ends.ends, level=level, notes=notes
    )
    return replace(result, facts=tuple(allowed(fact, allow) for fact in result.facts)) if allow else result


def refuse_percent(level: float) -> None:
    """Refuse a confidence level that is no share.

    Raises
    ------
    FitError
        Asking for 0.95 where 95 was written.
    """
    if not 0 < level < 1:
        raise FitError(
            "confidence level", found=f"{level:g}", allowed="a share between 0 and 1", advice="write 0.95 for 95 %"
        )


def as_datasets(data: Titration | Sequence[Titration]) -> tuple[Titration, ...]:
    """Return one titration or several as a tuple."""
    return (data,) if isinstance(data, Titration) else tuple(data)


def prepare_objective(
    network: Network,
    datasets: Sequence[Titration],
    *,
    known: KnownSpectra,
    corrections: Sequence[Correction] = (),
) -> tuple[Objective, tuple[str, ...]]:
    """Bind model and data to each other.

    Raises
    ------
    FitError
        If they do not fit each other; the message says how.
    """
    if not datasets:
        raise FitError("data of the fit", found="none", allowed="one titration or more", advice="read a file first")
    for data in datasets:
        data.refuse_impossible()  # readers have named the cell; data made in Python come unread
    amounts = [_amounts(network, data) for data in datasets]
    parameters, notes = collect_parameters(network, datasets, corrections)
    experiments, remarks = [], list(notes)
    for number, (data, table) in enumerate(zip(datasets, amounts, strict=True)):
        blocks, said = bind_observables(network, data, known=known)
        remarks += said
        experiments.append(Experiment(network, number, amounts=table, blocks=blocks, parameters=parameters))
    objective = Objective(parameters=parameters, experiments=tuple(experiments))
    remarks += _empty_channels(datasets, objective)
    if all(is_flat(block.measured) for block in objective.blocks):
        is_single = max(data.n_points for data in datasets) == 1
        raise FitError(
            f"signals of {', '.join(data.name for data in datasets)}",
            found="one point alone" if is_single else "the same value at every point",
            allowed="at least one signal that changes",
            advice="check the columns; vary the amounts more, or observe another signal",
        )
    _refuse_absent(network, datasets, objective)
    return objective, tuple(remarks)


def _empty_channels(datasets: Sequence[Titration], objective: Objective) -> list[str]:
    """Return notes on channels without any value, refusing signals that consist of them."""
    notes: list[str] = []
    for data, experiment in zip(datasets, objective.experiments, strict=True):
        for block in experiment.blocks:
            holds_value: list[bool] = np.any(np.isfinite(block.measured), axis=0).tolist()
            empty = [label for label, is_used in zip(block.channels, holds_value, strict=True) if not is_used]
            if not any(holds_value):
                raise FitError(
                    f"'{block.name}' of data '{data.name}'",
                    found="no value in any cell that is fitted",
                    allowed="at least one value",
                    advice="fill the column, or leave it out of the data",
                )
            if empty:
                notes.append(f"{data.name}: no value in {', '.join(empty)} of '{block.name}'; left out.")
    return notes


def _amounts(network: Network, data: Titration) -> Floats:
    """Return the amounts in the order of the network's feeds; what the data do not name is absent."""
    strangers = [feed for feed in data.feeds if feed not in network.feeds]
    if strangers:
        raise FitError(
            f"data '{data.name}': amounts of {', '.join(strangers)}",
            found="names that the model does not have",
            allowed=", ".join(network.feeds),
            advice="use the same names in the model and in the data",
        )
    table = np.zeros((data.n_points, len(network.feeds)))
    for column, feed in enumerate(data.feeds):
        table[:, network.feeds.index(feed)] = data.amounts[:, column]
    return table


def _refuse_absent(network: Network, datasets: Sequence[Titration], objective: Objective) -> None:
    """Refuse data in which something that is observed can never be there.

    What has no amplitude to be found may be missing from a data set where another one has it.
    """
    middle = 0.5 * (objective.parameters.search_lower + objective.parameters.search_upper)
    found = [experiment.solve(middle[np.newaxis]).concentration[0] for experiment in objective.experiments]
    present = [{name for name, column in zip(network.entities, each.T, strict=False) if column.any()} for each in found]
    anywhere = set[str]().union(*present)
    for data, experiment, concentration, there in zip(datasets, objective.experiments, found, present, strict=True):
        for block in experiment.blocks:
            _refuse_empty_shifts(data, block, concentration)
        names = {name for block in experiment.blocks for name in block.name.split(", ")}
        lines = [observable for observable in network.system.observables if observable.name in names]
        needed = {
            entity
            for line in lines
            for entity in line.entities
            if entity in network.entities and not (entity in anywhere and _has_no_amplitude(line, entity))
        }
        absent = sorted(needed - there)
        if absent:
            empty = [feed for feed, column in zip(network.feeds, experiment.amounts.T, strict=True) if not column.any()]
            raise FitError(
                f"data '{data.name}': {', '.join(absent)} can never be there",
                found=f"no amount above zero of {', '.join(empty)}",
                allowed="amounts from which everything that is observed can form",
                advice="add the missing column (the same name as in the model), or leave the species out of the model",
            )


def _has_no_amplitude(line: Observable, entity: str) -> bool:
    """Tell whether it quenches light, which shows nothing of its own, or has an absorptivity that all data share."""
    return line.kind == ABSORBANCE or (line.kind == EMISSION and "-" in entity)


def _refuse_empty_shifts(data: Titration, block: Block, concentration: Floats) -> None:
    """Refuse a shift that was measured where nothing holds the observed nucleus."""
    model = block.model.whole if isinstance(block.model, Additive) else block.model
    if not isinstance(model, Shift):
        return
    is_empty = ~model.columns(concentration).any(axis=-1) & np.isfinite(block.measured).any(axis=1)
    if is_empty.any():
        points = ", ".join(data.labels[point] for point in np.flatnonzero(is_empty))
        raise FitError(
            f"'{block.name}' of data '{data.name}' at point {points}",
            found=f"a shift, but no amount of {' or '.join(model.labels)}",
            allowed="shifts of what is there",
            advice="empty these cells, or correct the amounts",
        )


def _walk(objective: Objective, best: Floats, covariance: Covariance, level: float) -> Ends:
    """Return the ends of the intervals; all are open where there is no noise to judge by."""
    if covariance.noise_dof < 1:
        return open_ends(len(best))
    found = find_ends(
        objective,
        best,
        which=range(len(best)),
        noise=covariance.noise,
        critical=covariance.reach(level),
        covariance=covariance.matrix,
    )
    found.ends[covariance.student_dof < 1] = np.nan
    return found

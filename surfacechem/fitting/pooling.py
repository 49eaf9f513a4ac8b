"""Names in the positions of bands that several data sets share: they become constants of the model for the fit.

In one data set an origin ``E0`` or a slope ``dE`` is an amplitude, and is eliminated. Amplitudes belong to one data
set; what several share is a parameter like any constant. It begins where the data, each set with amplitudes of its
own, have it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.build import factor_name
from surfacechem.chem.constant import EquilibriumConstant
from surfacechem.chem.convention import Convention
from surfacechem.fitting.bands import position_terms
from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.search import find_minima
from surfacechem.fitting.techniques import option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.chem.system import Observable, System
    from surfacechem.fitting.blocks import Block, KnownSpectra
    from surfacechem.fitting.feeding import Correction
    from surfacechem.fitting.objective import Objective
    from surfacechem.network import Network
    from surfacechem.records import Titration

__all__ = ["share_bands"]

Floats = NDArray[np.float64]

LOCAL: Final = "local"
LEAST: Final = 1e-4  # eV; a slope must have a sign to begin with


def share_bands(
    network: Network,
    datasets: Sequence[Titration],
    *,
    known: KnownSpectra,
    corrections: Sequence[Correction] = (),
) -> tuple[System, tuple[str, ...]] | None:
    """Return the system with numbers that are to be fitted for the names that several data sets share, and notes.

    None where there are none: in one data set, or in a line that says ``local``, names are amplitudes.

    Parameters
    ----------
    network, datasets, known, corrections
        What is to be fitted.

    Raises
    ------
    FitError
        If model and data do not fit each other.
    """
    named = [each for each in network.system.observables if each.kind == "band" and _names(each)]
    if len(datasets) == 1 or not named:
        return None
    objective, _ = prepare_objective(network, datasets, known=known, corrections=corrections)
    blocks_of = {each.name: _blocks(objective, each) for each in named}
    shared = [each for each in named if len({number for number, _ in blocks_of[each.name]}) > 1]
    if not shared:
        return None
    best = find_minima(objective).parameters[0]
    settled = {each.name: _settled(each, objective, blocks_of[each.name], best) for each in shared}
    observables = tuple(settled.get(each.name, each) for each in network.system.observables)
    notes = tuple(
        f"{', '.join(_names(each))} of '{each.name}' are those of all data sets; write ; local for one of each."
        for each in shared
    )
    return replace(network.system, observables=observables), notes


def _names(observable: Observable) -> list[str]:
    """Return the names in the position of a band, unless they are to be found for each data set."""
    names = [value for _, value in position_terms(observable) if isinstance(value, str)]
    return [] if option(observable, LOCAL) else names


def _blocks(objective: Objective, observable: Observable) -> list[tuple[int, Block]]:
    """Return the measured positions of a band, each with the number of its data set."""
    return [
        (number, block)
        for number, experiment in enumerate(objective.experiments)
        for block in experiment.blocks
        if block.name == observable.name or block.name.startswith(f"{observable.name}.")
    ]


def _settled(
    observable: Observable, objective: Objective, blocks: Sequence[tuple[int, Block]], best: Floats
) -> Observable:
    """Return a band whose names are numbers to be fitted, begun at what suits all data sets together."""
    columns, rest = [], []
    for number, block in blocks:
        state = objective.experiments[number].solve(best[np.newaxis])
        table, is_seen = block.model.columns(state.concentration)[0], np.isfinite(block.measured[:, 0])
        stated = np.zeros(len(table))
        for place, value in block.known_amplitudes.items():
            stated += table[:, place] * value[0]
        columns.append(table[is_seen])
        rest.append((block.measured[:, 0] - stated)[is_seen])
    labels = [key for key, _ in position_terms(observable)]
    free = [place for place in range(len(labels)) if place not in blocks[0][1].known_amplitudes]
    found, *_ = np.linalg.lstsq(np.concatenate(columns)[:, free], np.concatenate(rest))
    values = {labels[place]: _away_from_zero(float(value)) for place, value in zip(free, found, strict=True)}
    return replace(
        observable,
        options=tuple((key, values.get(key, value)) for key, value in observable.options),
        factors=(*observable.factors, *(_constant(key, observable, value) for key, value in values.items())),
    )


def _away_from_zero(value: float) -> float:
    return math.copysign(max(abs(value), LEAST), value)


def _constant(key: str, observable: Observable, value: float) -> EquilibriumConstant:
    return EquilibriumConstant(
        name=factor_name(key, observable.name),
        log10_value=math.log10(abs(value)),
        convention=Convention.OPTICAL,
        enthalpy=0.0,
        unit="eV",
    )

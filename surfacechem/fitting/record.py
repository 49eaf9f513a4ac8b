"""Put a finished fit on record: estimates of everything, fitted curves, criteria, verdicts."""

from __future__ import annotations

import platform
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, TypedDict

import numpy as np

import surfacechem
from surfacechem.chem.convention import Role
from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.display import Rounded, round_estimate
from surfacechem.fitting.advice import advise
from surfacechem.fitting.amplitudes import find_amplitudes
from surfacechem.fitting.blocks import unobserved
from surfacechem.fitting.criteria import weigh_up
from surfacechem.fitting.deletion import measure_influence
from surfacechem.fitting.estimate import Energy, Estimate, Interval
from surfacechem.fitting.facts import Evidence, judge
from surfacechem.fitting.result import DatasetFit, FitResult, Minimum, SignalFit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import Block
    from surfacechem.fitting.experiment import State
    from surfacechem.fitting.influence import Influence
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.parameters import Parameters
    from surfacechem.fitting.search import Found
    from surfacechem.fitting.uncertainty import Covariance
    from surfacechem.network import Network
    from surfacechem.records import Titration

    Floats = NDArray[np.float64]

__all__ = ["record"]

MOST_POINTS = 200
"""Of more points each alone says little, and leaving each out costs the square of their number."""


def record(
    network: Network,
    datasets: Sequence[Titration],
    objective: Objective,
    found: Found,
    *,
    covariance: Covariance,
    ends: Floats,
    level: float,
    notes: tuple[str, ...],
) -> FitResult:
    """Return the record of a fit.

    Parameters
    ----------
    network, datasets, objective
        What was fitted.
    found : Found
        Minima, best first.
    covariance : Covariance
        At the best one.
    ends : ndarray, shape (n_parameters, 2)
        Ends of the profile intervals in natural logarithms, NaN where open.
    level : float
        Confidence level.
    notes : tuple of str
        What was assumed.
    """
    best = found.parameters[0]
    states = [experiment.differentiate(best[np.newaxis]) for experiment in objective.experiments]
    fitted = _datasets(datasets, objective, states, covariance, best)
    evidence = Evidence(
        objective=objective,
        found=found,
        covariance=covariance,
        estimates=_estimates(network, objective, best, covariance, ends),
        signals=tuple(signal for data in fitted for signal in data.signals),
        n_unsolved=sum(int((~state.is_solved).sum()) for state in states),
        n_branched=_count_branched(network, objective, fitted, best),
        level=level,
        influence=_influence(objective, found, covariance, datasets),
        unobserved=tuple((data.name, name) for data in datasets for name in unobserved(network, data)),
        datasets=fitted,
    )
    return _result(evidence, notes)


def _result(evidence: Evidence, notes: tuple[str, ...]) -> FitResult:
    objective, found, covariance = evidence.objective, evidence.found, evidence.covariance
    cost = objective.block_costs(found.parameters[:1]).squares[0]
    n_amplitudes = int(covariance.n_amplitudes.sum())
    verdicts = judge(evidence)
    return FitResult(
        estimates=evidence.estimates,
        parameter_names=objective.parameters.names,
        covariance=covariance.matrix / LN10**2,
        level=evidence.level,
        datasets=evidence.datasets,
        facts=(*verdicts, *advise(evidence, verdicts)),
        minima=tuple(
            Minimum(log10_values=tuple((row / LN10).tolist()), deviance_rise=float(rise))
            for row, rise in zip(found.parameters, found.deviance - found.deviance[0], strict=True)
        ),
        n_values=sum(int(np.isfinite(block.measured).sum()) for block in objective.blocks),
        n_amplitudes=n_amplitudes,
        n_parameters=len(objective.parameters.names),
        dof=covariance.dof,
        student_dof=tuple(None if np.isinf(dof) else float(dof) for dof in covariance.student_dof),
        ssr=float(cost.sum()),
        **weigh_up(evidence.signals, len(objective.parameters.names))._asdict(),
        n_passes=found.n_passes,
        versions=_versions(),
        notes=notes,
        influence=evidence.influence,
    )


def _count_branched(network: Network, objective: Objective, fitted: Sequence[DatasetFit], best: Floats) -> int:
    """Return at how many points a mean field has more than one answer; 0 for every other model."""
    if not network.lowered.mean_fields:
        return 0
    parameters, n_branched = objective.parameters, 0
    for number, data in enumerate(fitted):
        branches = network.branches(data.amounts, parameters.theta_at(number, best))
        n_branched += int((branches.n_branches > 1).sum())
    return n_branched


def _influence(
    objective: Objective, found: Found, covariance: Covariance, datasets: Sequence[Titration]
) -> Influence | None:
    """Return what leaving out each point does, where that is cheap and means something."""
    n_points = sum(len(experiment.amounts) for experiment in objective.experiments)
    is_sound = bool(found.is_converged[0]) and covariance.is_full_rank and covariance.dof >= 1
    if not is_sound or n_points > MOST_POINTS or not np.isfinite(covariance.matrix).all():
        return None
    return measure_influence(objective, found.parameters[0], covariance, datasets)


def _deviances(objective: Objective, cost: Floats) -> Floats:
    """Return -2 ln L of each block."""
    n_block = objective.n_values
    variance = np.maximum(cost / n_block, objective.noise_floor**2)
    estimated = n_block * (np.log(2 * np.pi * variance) + 1.0)
    return np.where(objective.is_noise_given, cost + _log_sigmas(objective), estimated)


def _log_sigmas(objective: Objective) -> Floats:
    """Return the part of -2 ln L that known sigmas fix, per block."""
    seen = [(block.sigma, np.isfinite(block.measured)) for block in objective.blocks]
    return np.array([0.0 if sigma is None else np.log(2 * np.pi * sigma[mask] ** 2).sum() for sigma, mask in seen])


def _datasets(
    datasets: Sequence[Titration],
    objective: Objective,
    states: Sequence[State],
    covariance: Covariance,
    best: Floats,
) -> tuple[DatasetFit, ...]:
    noise = iter(covariance.noise)
    counts = iter(_counts(objective, covariance, best))
    matrix = np.nan_to_num(covariance.matrix, nan=np.inf) if not covariance.is_full_rank else covariance.matrix
    fits = []
    for data, experiment, state in zip(datasets, objective.experiments, states, strict=True):
        signals = tuple(
            _signal(block, state, next(counts), noise=next(noise), covariance=matrix, has_dof=covariance.dof >= 1)
            for block in experiment.blocks
        )
        fits.append(
            DatasetFit(
                name=data.name,
                source=data.source,
                sha256=data.sha256,
                labels=data.labels,
                feeds=experiment.network.feeds,
                amounts=experiment.amounts_at(best),
                signals=signals,
                weights=experiment.blocks[0].case_weight,
                temperature=data.temperature,
                added=data.added,
                stated=experiment.amounts,
                feedings=experiment.feedings,
            )
        )
    return tuple(fits)


class Counts(TypedDict):
    """What the values of a signal count for."""

    n_independent: float | None
    n_values: float
    n_amplitudes: int
    deviance: float


def _counts(objective: Objective, covariance: Covariance, best: Floats) -> Iterator[Counts]:
    """Yield, block by block, how many values, amplitudes and channels count, and what they leave."""
    shared = {each.block: each.n_effective for each in covariance.sharing}
    deviances = _deviances(objective, objective.block_costs(best[np.newaxis]).squares[0])
    for number, deviance in enumerate(deviances):
        yield Counts(
            n_independent=shared.get(number),
            n_values=float(objective.n_values[number]),
            n_amplitudes=int(covariance.n_amplitudes[number]),
            deviance=float(deviance),
        )


def _signal(
    block: Block, state: State, counts: Counts, *, noise: float, covariance: Floats, has_dof: bool
) -> SignalFit:
    with np.errstate(invalid="ignore"):  # what is not determined has no finite error
        amplitudes = find_amplitudes(block, state, noise=noise, covariance=covariance)
    residuals = block.measured - amplitudes.fitted
    stderr = amplitudes.stderr if has_dof else np.full_like(amplitudes.stderr, np.nan)
    return SignalFit(
        name=block.name,
        technique=block.technique,
        channels=block.channels,
        unit=block.unit,
        axis=block.axis,
        measured=block.measured,
        fitted=amplitudes.fitted,
        sigma=block.sigma,
        noise=float(noise) if block.sigma is None and has_dof else None,
        rmse=float(np.sqrt(np.nanmean(residuals**2))),
        components=block.model.labels,
        amplitudes=amplitudes.values,
        amplitude_stderr=np.where(np.isfinite(stderr), stderr, np.nan),
        path_length=block.path_length,
        **counts,
    )


def _estimates(
    network: Network, objective: Objective, best: Floats, covariance: Covariance, ends: Floats
) -> tuple[Estimate, ...]:
    """Return every constant of the model, then the fitted amounts."""
    parameters = objective.parameters
    reference = parameters.theta_reference + parameters.theta_matrix @ best
    values = network.all_ln_constants(reference)
    carried = network.lowered.constant_matrix @ parameters.theta_matrix
    found = {
        constant.name: Estimate(
            name=constant.name,
            role=_role(row, is_fitted=constant.name in parameters.names),
            log10_value=values[constant.name] / LN10,
            log10_stderr=_stderr(row, covariance.matrix),
            log10_interval=_carried_interval(row, best, ends, values[constant.name]),
            convention=constant.convention,
            unit=constant.unit.removeprefix("1") or _unit(constant.molar_exponent),
        )
        for constant, row in zip(network.lowered.all_constants, carried, strict=True)
    }
    rows = dict(zip(found, carried, strict=True))
    temperature = network.system.temperature
    for coupling in network.system.couplings:
        name, states = coupling.constant.name, f"{coupling.first.name} and {coupling.second.name}"
        meaning = f"RT ln W at {temperature:g} K, kept at other temperatures; gained by neighbours in {states}; "
        found[name] = _as_energy(found[name], coupling.title, meaning + "above 0 they attract", temperature)
    for each in network.system.equilibria:
        if each.enthalpy is not None:
            name, moved = each.enthalpy.name, each.constant.name
            entropy = _entropy(values[name] + values[moved], _stderr(rows[name] + rows[moved], covariance.matrix))
            meaning = f"how {moved} changes with temperature (van 't Hoff); dS{name[2:]} = {entropy}"
            meaning += " at 1 mol/L" if each.constant.molar_exponent else ""
            found[name] = _as_energy(found[name], name, meaning, temperature)
    return (*found.values(), *_amounts(parameters, best, covariance, ends))


def _entropy(ln_both: float, log10_stderr: float | None) -> Rounded:
    """Return dS = R (ln K + dH/RT) of the sum of both logarithms."""
    stderr = None if log10_stderr is None else GAS_CONSTANT * LN10 * log10_stderr
    return round_estimate(GAS_CONSTANT * ln_both, stderr=stderr, unit="J/(mol K)")


def _amounts(parameters: Parameters, best: Floats, covariance: Covariance, ends: Floats) -> Iterator[Estimate]:
    """Yield what was fitted of the amounts: the last parameters."""
    for index, unit in enumerate(parameters.feed_units, start=len(best) - len(parameters.feed_units)):
        yield Estimate(
            name=parameters.names[index],
            role=Role.FREE,
            log10_value=float(best[index]) / LN10,
            log10_stderr=_stderr(np.eye(len(best))[index], covariance.matrix),
            log10_interval=_interval(ends, index),
            unit=unit,
        )


def _as_energy(estimate: Estimate, name: str, meaning: str, temperature: float) -> Estimate:
    """Return the estimate of exp(w/RT) with w [kJ/mol] at a temperature [K], or of exp(dH/RT)."""
    energy = Energy(name=name, meaning=meaning, temperature=temperature)
    energy = energy.at(estimate.log10_value, estimate.log10_stderr, estimate.log10_interval)
    return replace(estimate, energy=energy)


def _role(row: Floats, *, is_fitted: bool) -> Role:
    if is_fitted:
        return Role.FREE
    return Role.TIED if row.any() else Role.FIXED


def _versions() -> dict[str, str]:
    """Return the versions of all that the numbers depend on."""
    packages = {name: _version_of(name) for name in ("numpy", "scipy", "numba")}
    return {"surfacechem": surfacechem.__version__, "python": platform.python_version(), **packages}


@cache
def _version_of(package: str) -> str:
    return version(package)


def _stderr(row: Floats, covariance: Floats) -> float | None:
    used = np.flatnonzero(row)
    if not used.size:
        return None
    variance = float(row[used] @ covariance[np.ix_(used, used)] @ row[used])
    return float(np.sqrt(variance)) / LN10 if np.isfinite(variance) else None


def _carried_interval(row: Floats, best: Floats, ends: Floats, value: float) -> Interval | None:
    """Return the interval of a constant that follows one parameter alone, as far from its value; None for others."""
    used = np.flatnonzero(row)
    if used.size != 1:
        return None
    (index,) = used
    moved = value + row[index] * (ends[index] - best[index])
    return _interval((moved if row[index] > 0 else moved[::-1])[np.newaxis], 0)


def _interval(ends: Floats, index: int) -> Interval:
    lower, upper = (float(end) / LN10 if np.isfinite(end) else None for end in ends[index])
    return lower, upper


def _unit(molar_exponent: Fraction) -> str:
    if molar_exponent == 0:
        return ""
    size = abs(molar_exponent)
    power = "" if size == 1 else f"^{size}"
    return f"mol{power}/L{power}" if molar_exponent > 0 else f"L{power}/mol{power}"

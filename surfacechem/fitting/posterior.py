"""Posterior of the parameters by ensembles of walkers (emcee), with what tells whether they have forgotten their start.

Two ensembles start apart and never meet. They go on in rounds until their means agree (R-hat) and each is long
against its memory (autocorrelation time). Each round draws from a seed of its own and begins where the last one ended,
so that a run that was interrupted gives the same numbers as one that was not.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from surfacechem.constants import LN10
from surfacechem.display import Cell, Fact, Table, Tone, facts_text, round_number
from surfacechem.fitting.draws import Draws, refuse_unusable, summary
from surfacechem.fitting.driver import refuse_percent
from surfacechem.fitting.estimate import find_parameter, place_heading
from surfacechem.fitting.marginal import Marginal
from surfacechem.fitting.walkers import (
    N_WALKERS,
    Diagnosis,
    diagnose,
    import_emcee,
    place_walkers,
    refuse_other,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from surfacechem.fitting.estimate import Estimate, Scale
    from surfacechem.fitting.refitting import Refit
    from surfacechem.fitting.result import FitResult

__all__ = ["Posterior", "posterior"]

Floats = NDArray[np.float64]

_LOGGER = logging.getLogger(__name__)

MOST_STEPS = 10_000
N_KEPT = 2000
WIDEST_INTERVAL = 2.0
"""Decades over which an interval is shown by its ends."""
N_BINS = 50
EDGE_SHARE = 0.1
"""A posterior that is this high at the end of its prior, against its top, is ended by it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """What the parameters of a fit may be, given data and priors.

    Attributes
    ----------
    parameter_names : tuple of str
        What was fitted.
    estimates : tuple of Estimate
        What the fit says of each.
    draws : Draws
        All walkers at some times far apart.
    log10_median : ndarray, shape (n_parameters,)
        Median of log10 of each parameter.
    log10_interval : ndarray, shape (n_parameters, 2)
        Central credible interval.
    log10_stderr : ndarray, shape (n_parameters,)
        Standard deviation.
    memory : ndarray, shape (n_parameters,)
        Integrated autocorrelation time in steps.
    bulk_size, tail_size : ndarray, shape (n_parameters,)
        To how many independent draws the middle and the tails amount.
    r_hat : ndarray, shape (n_parameters,)
        Disagreement of the ensembles, 1 when they have converged.
    n_steps, n_dropped, n_walkers : int
        Steps of each walker, how many were dropped at the beginning, and walkers of all ensembles.
    accepted : float
        Share of the proposals that were taken.
    level : float
        Probability of the intervals.
    facts : tuple of Fact
        Whether the draws are to be trusted.
    """

    parameter_names: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    draws: Draws
    log10_median: Floats
    log10_interval: Floats
    log10_stderr: Floats
    memory: Floats
    bulk_size: Floats
    tail_size: Floats
    r_hat: Floats
    n_steps: int
    n_dropped: int
    n_walkers: int
    accepted: float
    level: float
    facts: tuple[Fact, ...]

    @property
    def is_valid(self) -> bool:
        """Whether the draws are to be trusted."""
        return all(fact.tone is not Tone.BAD for fact in self.facts)

    def interval(self, name: str) -> tuple[float, float]:
        """Return the credible interval of log10 of a parameter.

        Raises
        ------
        UnknownNameError
            If it was not fitted.
        """
        lower, upper = self.log10_interval[find_parameter(self.parameter_names, name, what="posterior of")]
        return float(lower), float(upper)

    def to_dict(self) -> dict[str, Any]:
        """Return the draws as `Draws.to_dict` does, with level, intervals as they are shown, and facts."""
        return self.draws.to_dict() | summary(self.drawn(), level=self.level, facts=self.facts)

    def to_table(self) -> Table:
        """Return median, interval and diagnostics per parameter."""
        rows = tuple(
            (
                drawn.title,
                _rounded(drawn),
                drawn.rounded_place(),
                f"{memory:.1f}",
                f"{bulk:.0f}",
                f"{tail:.0f}",
                f"{r_hat:.3f}",
            )
            for drawn, memory, bulk, tail, r_hat in zip(
                self.drawn(),
                self.memory,
                self.bulk_size,
                self.tail_size,
                self.r_hat,
                strict=True,
            )
        )
        columns = ("name", "value", place_heading(self.estimates, "s.d."), "memory", "bulk ESS", "tail ESS", "R-hat")
        title = f"Posterior, {100 * self.level:.4g} %: {self.n_walkers} walkers, {self.n_steps} steps"
        return Table(columns=columns, rows=rows, title=title, notes=self.draws.notes)

    def drawn(self) -> tuple[Estimate, ...]:
        """Return each parameter with its median, deviation and interval."""
        found = zip(self.estimates, self.log10_median, self.log10_stderr, self.log10_interval, strict=True)
        return tuple(
            estimate.at(float(median), log10_stderr=float(stderr), log10_interval=(float(lower), float(upper)))
            for estimate, median, stderr, (lower, upper) in found
        )

    def __str__(self) -> str:
        """Return table and facts as text."""
        return f"{self.to_table().to_text()}\n\n{facts_text(self.facts)}"

    def _repr_html_(self) -> str:
        return self.to_table().to_html()


def posterior(
    fitted: Refit,
    *,
    seed: int = 0,
    most_steps: int = MOST_STEPS,
    level: float | None = None,
    chains: Floats | None = None,
    keep: Callable[[Floats], None] | None = None,
) -> Posterior:
    """Draw from the posterior of all fitted parameters.

    Priors are those of the model: Gaussian where stated, else flat in ln K between bounds, which are those of the
    search where none are stated. Amplitudes and noise are integrated out (`surfacechem.fitting.marginal`).

    Parameters
    ----------
    fitted : Refit
        The fit, bound to its data.
    seed : int
        Seed of the draws.
    most_steps : int
        Steps after which the walkers stop though they have not converged.
    level : float, optional
        Probability of the intervals; by default that of the fit.
    chains : ndarray, shape (n_ensembles, n_steps, n_walkers, n_parameters), optional
        What `keep` was given before an interruption; the run goes on from there to the same numbers.
    keep : callable, optional
        Is given the chains after every round.

    Raises
    ------
    MissingExtraError
        If the extra ``bayes`` is not installed.
    FitError
        If the chains are of another fit, or seed, steps or level are none.
    SolveError
        If too few places could be solved to start from.
    """
    refuse_unusable(seed=seed, steps=most_steps)
    level = fitted.result.level if level is None else level
    refuse_percent(level)
    emcee = import_emcee()
    density = Marginal.around(fitted.objective, fitted.best, fitted.covariance.sharing)
    n_walkers = max(N_WALKERS, 4 * len(fitted.best))
    if chains is None:
        minima = np.array([each.log10_values for each in fitted.result.minima]) * LN10
        chains = place_walkers(density, fitted, minima, n_walkers=n_walkers, seed=seed)
    refuse_other(chains, n_walkers, fitted)
    while True:
        diagnosis = diagnose(chains)
        n_steps = chains.shape[1]
        if diagnosis.is_converged or n_steps > most_steps:
            break
        _LOGGER.debug("drawing from the posterior: %d of at most %d steps", n_steps, most_steps)
        chains = np.concatenate([chains, walk(emcee, density, chains[:, -1], seed=(seed, n_steps))], axis=1)
        if keep is not None:
            keep(chains)
    return _record(chains, diagnosis, fitted.result, density, seed=seed, level=level)


def _record(
    chains: Floats, diagnosis: Diagnosis, result: FitResult, density: Marginal, *, seed: int, level: float
) -> Posterior:
    n_parameters = chains.shape[-1]
    kept = chains[:, diagnosis.n_dropped :]
    walkers = np.swapaxes(kept, 1, 2).reshape(-1, kept.shape[1], n_parameters)
    every = np.swapaxes(kept, 0, 1).reshape(-1, n_parameters)
    # All walkers at times far apart: neighbours in time repeat each other.
    n_times = max(N_KEPT // len(walkers), 1)
    times = np.linspace(0, kept.shape[1] - 1, n_times).round().astype(int)
    ends = (0.5 * (1.0 - level), 0.5 * (1.0 + level))
    bulk, tails = _sizes(walkers, ends)
    moved = np.any(np.diff(kept, axis=1) != 0, axis=-1)
    return Posterior(
        parameter_names=result.parameter_names,
        estimates=tuple(result[name] for name in result.parameter_names),
        draws=Draws(
            kind="posterior",
            parameter_names=result.parameter_names,
            ln_values=np.swapaxes(kept[:, times], 0, 1).reshape(-1, n_parameters),
            seed=seed,
            inputs=tuple(each.sha256 for each in result.datasets),
            notes=density.priors(result.scales),
            scales=result.scales,
        ),
        log10_median=np.median(every, axis=0) / LN10,
        log10_interval=np.quantile(every, ends, axis=0).T / LN10,
        log10_stderr=every.std(axis=0) / LN10,
        memory=diagnosis.memory,
        bulk_size=bulk,
        tail_size=tails,
        r_hat=diagnosis.r_hat,
        n_steps=chains.shape[1] - 1,
        n_dropped=diagnosis.n_dropped,
        n_walkers=len(walkers),
        accepted=float(moved.mean()),
        level=level,
        facts=(
            *result.caveat(),
            *_convergence(diagnosis, n_steps=chains.shape[1] - 1),
            *_priors(every, density, result.scales),
        ),
    )


def _sizes(walkers: Floats, ends: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return to how many independent draws the middle and the tails of each parameter amount."""
    from arviz_stats.base import array_stats

    columns = np.moveaxis(walkers, -1, 0)
    bulk = np.array([float(array_stats.ess(column, method="bulk")) for column in columns])
    return bulk, np.array([float(array_stats.ess(column, method="tail", prob=ends)) for column in columns])


def _rounded(drawn: Estimate) -> Cell:
    """Return median and interval, or both ends of a constant where they are decades apart."""
    lower, upper = drawn.log10_interval or (None, None)
    if drawn.energy is None and lower is not None and upper is not None and upper - lower > WIDEST_INTERVAL:
        return f"{round_number(10.0**lower, n_digits=2)} to {round_number(10.0**upper, n_digits=2, unit=drawn.unit)}"
    return drawn.rounded()


def _priors(every: Floats, density: Marginal, scales: Sequence[Scale]) -> Iterator[Fact]:
    """Say where the prior, not the data, ends the posterior."""
    for name, values, low, high, has_prior in zip(
        (scale.name for scale in scales),
        every.T,
        density.lower,
        density.upper,
        density.objective.parameters.has_prior,
        strict=True,
    ):
        if has_prior:
            continue
        heights, _ = np.histogram(values, bins=N_BINS, range=(low, high))
        reached = [side for side, bin_ in (("low", 0), ("high", -1)) if heights[bin_] > EDGE_SHARE * heights.max()]
        if len(reached) == 2:  # noqa: PLR2004  (both ends)
            sentence = f"{name} may be anything that the prior allows: the data say next to nothing of it."
        elif reached:
            sentence = f"{name} reaches the {reached[0]} end of its prior: the data bound it from the other side only."
        else:
            continue
        advice = "Its interval is the prior's doing: measure where it acts, or state what else is known of it."
        yield Fact(name="prior", tone=Tone.BAD, sentence=sentence, advice=advice)


def _convergence(diagnosis: Diagnosis, *, n_steps: int) -> tuple[Fact, ...]:
    length = (n_steps - diagnosis.n_dropped) / float(diagnosis.memory.max())
    measured = f"R-hat {diagnosis.r_hat.max():.3f}, {length:.0f} autocorrelation times"
    if diagnosis.is_converged:
        sentence = f"The walkers have forgotten their start ({measured})."
        return (Fact(name="converged", tone=Tone.GOOD, sentence=sentence),)
    return (
        Fact(
            name="converged",
            tone=Tone.BAD,
            sentence=f"The walkers have not forgotten their start ({measured}): the intervals are not to be trusted.",
            advice="Let them walk on (more steps); bound constants that the data do not determine.",
        ),
    )

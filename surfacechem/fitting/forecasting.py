"""What runs would tell before anything is measured: errors to be expected, for every guess of the constants.

The information is that of the joint problem, amplitudes eliminated, at guessed constants and stated noise. The run that
tells most is then simulated without noise and fitted like data, so that the intervals to be expected are profiles, and
everything that a fit can say of its data is said of data that do not exist yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.chem.convention import Role
from surfacechem.constants import CONFIDENCE_LEVEL, LN10
from surfacechem.display import Fact, Tone
from surfacechem.fitting.advice import STEEP
from surfacechem.fitting.blocks import bind_observables
from surfacechem.fitting.choosing import badness, choose, judged_parameters
from surfacechem.fitting.combining import combine, combined_facts, log10_errors
from surfacechem.fitting.driver import fit, prepare_objective
from surfacechem.fitting.estimate import UNKNOWN
from surfacechem.fitting.outlook import Forecast, Option, error_span
from surfacechem.fitting.planning import gradient
from surfacechem.fitting.result import FitResult  # noqa: TC001  (read back by type)
from surfacechem.fitting.simulating import Response, Run, guessed_amplitudes, simulate
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from surfacechem.fitting.estimate import Scale
    from surfacechem.network import Network
    from surfacechem.records import Titration

__all__ = ["Setup", "choose_points", "expected_covariance", "forecast", "is_readable"]

Floats = NDArray[np.float64]

IGNORANCE: Final = 6.0
"""Decades: what is known of a constant before the run, so that errors are finite; more is no knowledge at all."""
VAGUE_AMPLITUDE: Final = 10.0
"""Amplitudes are known before the run to this many times their guess."""
MOST_READABLE: Final = 2.0
"""Absorbance that instruments still read within their stated accuracy."""
RANDOM_ONLY: Final = "Errors are those of random noise; errors of concentrations and volumes come on top."
AT_THE_MIDDLE: Final = "Intervals and the worth of points are those at the middle of the guesses."
SAID: Final = (
    "rank", "undetermined", "one-sided", "dependent amplitudes", "rival minimum", "determined", "combinations",
    "correlation", "titrant-limited", "idle points",
)  # fmt: skip
"""Facts of a fit that hold for data that do not exist yet."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Setup:
    """What is guessed of a model before anything is measured.

    Attributes
    ----------
    network : Network
        The model, whose constants have the middle of what is guessed.
    guesses : ndarray, shape (n_guesses, n_constants)
        ln K, in the order of `Network.constants`; the first is the middle.
    responses : tuple of Response
        What can be observed.
    """

    network: Network
    guesses: Floats
    responses: tuple[Response, ...]

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Constants that would be fitted."""
        return tuple(each.name for each in self.network.constants if each.role is Role.FREE)

    def simulate(self, run: Run, responses: Sequence[Response], ln_constants: Floats) -> Titration:
        """Return the data that a run would give."""
        return simulate(self.network, run, ln_constants=ln_constants, responses=responses)


def expected_covariance(setup: Setup, run: Run, responses: Sequence[Response]) -> Floats:
    """Return the covariance of the logarithms of the constants that a run would leave, for every guess.

    Returns
    -------
    ndarray, shape (n_guesses, n_parameters, n_parameters)
        Finite everywhere: what a run does not tell keeps an error of `IGNORANCE` decades.
    """
    found, n_constants = [], len(setup.parameter_names)
    for ln_constants in setup.guesses:
        objective, _ = prepare_objective(setup.network, (setup.simulate(run, responses, ln_constants),), known={})
        there = objective.parameters.theta_matrix.T @ ln_constants
        information = objective.look(there[np.newaxis]).information[0].sum(axis=0)
        information += objective.prior_slope.T @ objective.prior_slope
        covariance = np.linalg.inv(information + np.eye(len(there)) / (IGNORANCE * LN10) ** 2)
        found.append(covariance[:n_constants, :n_constants])
    return np.array(found)


def choose_points(
    setup: Setup, candidates: Floats, responses: Sequence[Response], *, criterion: str, n_points: int
) -> NDArray[np.intp]:
    """Return which flasks to make, each once, in the order of the candidates.

    Parameters
    ----------
    setup : Setup
        Model and guesses.
    candidates : ndarray, shape (n_candidates, n_feeds)
        Flasks that can be made [mol/L].
    responses : sequence of Response
        What is observed in each.
    criterion : str
        ``"D"``, ``"A"`` or the name of a parameter.
    n_points : int
        How many to make.
    """
    run = Run(label="candidates", amounts=candidates)
    informations = [_candidate_information(setup, run, responses, each) for each in setup.guesses]
    chosen = choose(
        np.array([known for known, _ in informations]),
        np.array([brought for _, brought in informations]),
        len(setup.parameter_names),
        judged=judged_parameters(criterion, setup.parameter_names),
        n_points=n_points,
        is_whole=True,
    )
    return np.sort(np.array(chosen.points, dtype=np.intp))


def _candidate_information(
    setup: Setup, run: Run, responses: Sequence[Response], ln_constants: Floats
) -> tuple[Floats, Floats]:
    """Return the information there is before, and what each point would add: parameters, then amplitudes."""
    data = setup.simulate(run, responses, ln_constants)
    objective, _ = prepare_objective(setup.network, (data,), known={})
    experiment, n_parameters = objective.experiments[0], len(objective.parameters.names)
    state = experiment.differentiate((objective.parameters.theta_matrix.T @ ln_constants)[np.newaxis])
    response_of = {each.observable: each for each in responses}
    doubts, rows = [np.full(n_parameters, IGNORANCE * LN10)], []
    for block in experiment.blocks:
        amplitudes = guessed_amplitudes(block, response_of[block.name.split(", ")[0]])
        free = [column for column in range(len(amplitudes)) if column not in block.known_amplitudes]
        sigma = np.ones(1) if block.sigma is None else block.sigma
        rows.append(gradient(block, state, amplitudes, free) / float(np.nanmedian(sigma)))
        doubts.append(np.full(len(free), VAGUE_AMPLITUDE * (np.abs(amplitudes).max() or 1.0)))
    known = np.diag(np.concatenate(doubts) ** -2.0)
    known[:n_parameters, :n_parameters] += objective.prior_slope.T @ objective.prior_slope
    return known, _joined(rows, n_parameters, len(known))


def _joined(rows: Sequence[Floats], n_parameters: int, size: int) -> Floats:
    """Return the information of each candidate, the amplitudes of the blocks beside each other."""
    information = np.zeros((len(rows[0]), size, size))
    begun = n_parameters
    for own in rows:
        n_own = own.shape[-1] - n_parameters
        place = np.r_[:n_parameters, begun : begun + n_own]
        information[np.ix_(np.arange(len(own)), place, place)] += np.einsum("pci,pcj->pij", own, own)
        begun += n_own
    return information


def forecast(
    setup: Setup,
    runs: Sequence[tuple[Run, Sequence[Response]]],
    *,
    criterion: str,
    resized: Callable[[Option, int], Run],
    notes: Sequence[str] = (),
    level: float = CONFIDENCE_LEVEL,
) -> Forecast:
    """Say which of several runs would tell most, and what it would leave open.

    Parameters
    ----------
    setup : Setup
        Model and guesses.
    runs : sequence of (Run, responses)
        What could be done.
    criterion : str
        ``"D"``, ``"A"`` or the name of a parameter.
    resized : callable
        Returns a run over the same range with another number of points.
    notes : sequence of str
        What was assumed.
    level : float
        Confidence level of the intervals to be expected.

    Raises
    ------
    FitError
            If no run gives a signal that changes.
    """
    names = setup.parameter_names
    judged = judged_parameters(criterion, names)
    looks = sorted((_look(setup, run, responses, judged) for run, responses in runs), key=lambda each: each[0].score)
    options, best = [option for option, _ in looks], looks[0][0]
    together = combine(looks, before=_known_before(setup), judged=judged)
    responses = [each for each in setup.responses if each.observable in best.observed]
    data = setup.simulate(best.run, responses, setup.guesses[0])
    fitted = fit(setup.network, data, level=level)
    counts = _counts(len(best.run.amounts), least=_least_points(setup, best.run, responses))
    errors = [log10_errors(expected_covariance(setup, resized(best, int(n)), responses)).max(axis=0) for n in counts]
    scales = [fitted[name].scale for name in names]
    widened = np.zeros((0, len(names))) if fitted.influence is None else fitted.influence.widened[:, : len(names)]
    return Forecast(
        criterion=criterion,
        parameter_names=names,
        options=tuple(options),
        combinations=together,
        feeds=setup.network.feeds,
        fit=fitted,
        n_points=counts,
        log10_stderr=np.array(errors),
        widened=widened,
        facts=(
            *_compared(options, scales),
            *combined_facts(together, best, scales),
            *_facts(fitted),
            *_unlike(best, scales),
            *_steep(best),
        ),
        data=data,
        notes=(*notes, *([AT_THE_MIDDLE] if len(setup.guesses) > 1 else []), RANDOM_ONLY),
    )


def _look(setup: Setup, run: Run, responses: Sequence[Response], judged: list[int] | None) -> tuple[Option, Floats]:
    """Return what a run would tell, and the covariances of the constants that it would leave."""
    covariance = expected_covariance(setup, run, responses)
    option = Option(
        run=run,
        observed=tuple(each.observable for each in responses),
        log10_stderr=log10_errors(covariance),
        score=float(badness(covariance, judged)),
        steepness=_steepness(setup, run),
    )
    return option, covariance


def _known_before(setup: Setup) -> Floats:
    """Return the information on the constants before any run, shape (n_parameters, n_parameters)."""
    free = [each for each in setup.network.constants if each.role is Role.FREE]
    stated = [each.log10_stderr if each.log10_value is not None else None for each in free]
    known = [IGNORANCE**-2 + (0.0 if stderr is None else stderr**-2) for stderr in stated]
    information: Floats = np.diag(known) / LN10**2
    return information


def _steepness(setup: Setup, run: Run) -> Floats:
    """Return the largest K [L/mol] times the lower of the two highest concentrations, for every guess."""
    binding = [number for number, each in enumerate(setup.network.constants) if each.molar_exponent == -1]
    highest = np.sort(run.amounts.max(axis=0))
    if not binding or len(highest) == 1:
        return np.full(len(setup.guesses), np.nan)
    steepness: Floats = np.exp(setup.guesses[:, binding].max(axis=1)) * highest[-2]
    return steepness


def _least_points(setup: Setup, run: Run, responses: Sequence[Response]) -> int:
    blocks, _ = bind_observables(setup.network, setup.simulate(run, responses, setup.guesses[0]), known={})
    return max(len(block.model.labels) for block in blocks) + len(setup.parameter_names) + 1


def _counts(n_points: int, *, least: int) -> NDArray[np.intp]:
    """Return numbers of points from the least that can be fitted to twice as many as planned."""
    counts = np.geomspace(max(least, 3), max(2 * n_points, least + 1), 9)
    return np.unique(np.append(counts.round(), max(n_points, least))).astype(np.intp)


def _compared(options: Sequence[Option], scales: Sequence[Scale]) -> list[Fact]:
    """Say which technique knows each parameter best, where there are several."""
    by_observed: dict[tuple[str, ...], Option] = {}
    for option in options:
        by_observed.setdefault(option.observed, option)
    if len(by_observed) == 1:
        return []
    facts = []
    for number, scale in enumerate(scales):
        order = sorted(by_observed.values(), key=lambda each: float(np.log(each.log10_stderr[:, number]).mean()))
        words = ", ".join(
            f"{error_span(scale, each.log10_stderr[:, number])} by {' + '.join(each.observed)}" for each in order
        )
        facts.append(Fact(name="techniques", tone=Tone.NOTE, sentence=f"{scale.name} would be known to {words}."))
    return facts


def _facts(fitted: FitResult) -> list[Fact]:
    """Return what a fit of the run would say, without the advice to plan."""
    said = [fact for fact in fitted.facts if fact.name in SAID]
    return [replace(fact, advice="") if "surfacechem plan" in fact.advice else fact for fact in said]


def is_readable(setup: Setup, run: Run, responses: Sequence[Response]) -> NDArray[np.bool_]:
    """Return the mask of the points whose absorbances an instrument reads, at every guess; True for other signals."""
    readable = np.ones(len(run.amounts), dtype=bool)
    for ln_constants in setup.guesses:
        for signal in setup.simulate(run, responses, ln_constants).signals:
            if signal.technique is Technique.UV_VIS:
                readable &= (signal.values <= MOST_READABLE).all(axis=1)
    return readable


def _unlike(best: Option, scales: Sequence[Scale]) -> list[Fact]:
    """Warn where the best run tells a constant well for one guess and badly for another."""
    found = []
    for number, scale in enumerate(scales):
        low, high = best.log10_stderr[:, number].min(), best.log10_stderr[:, number].max()
        if high > UNKNOWN:
            worst = "leaves it undetermined"
            found.append(
                Fact(
                    name="guess",
                    tone=Tone.WARNING,
                    sentence=f"If {scale.name} is at one end of what is guessed, this run {worst}; at best it is known "
                    f"to {scale.error(float(low))}.",
                    advice="Begin with few points over a wide range of concentrations; plan again from their fit.",
                )
            )
    return found


def _steep(best: Option) -> list[Fact]:
    """Warn of a titration that is a step for the largest of the guesses."""
    highest = float(best.steepness.max())
    if not (best.steepness[0] <= STEEP < highest):
        return []
    sentence = f"K times the concentration reaches {highest:.2g} at the upper end of the guesses: nearly all that is "
    sentence += "added would bind up to the equivalence point, and only points near it would tell the constant."
    return [Fact(name="titrant-limited", tone=Tone.NOTE, sentence=sentence, advice="Plan a second, more dilute run.")]

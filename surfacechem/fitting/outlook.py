"""The record of a plan without data: runs with the errors to be expected, and what the best would leave open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.display import Fact, Table, facts_html, facts_text, round_number
from surfacechem.fitting.estimate import Scale  # noqa: TC001  (read back by type)
from surfacechem.fitting.result import FitResult  # noqa: TC001  (read back by type)
from surfacechem.fitting.simulating import Run, with_noise
from surfacechem.records import Titration  # noqa: TC001  (read back by type)

__all__ = ["Combination", "Forecast", "Option", "error_span"]

Floats = NDArray[np.float64]

VISIBLE_GROWTH: Final = 1e-3
"""Share by which an error grows that is worth its digits."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Option:
    """A run with what is observed of it, and the errors to be expected.

    Attributes
    ----------
    run : Run
        What is put in.
    observed : tuple of str
        Observables.
    log10_stderr : ndarray, shape (n_guesses, n_parameters)
        Expected standard error of log10 of each parameter.
    score : float
        Mean logarithm of the criterion over the guesses: the smaller, the better.
    steepness : ndarray, shape (n_guesses,)
        Largest constant of unit L/mol times the concentration that limits the complex; in calorimetry called the
        c-value (Wiseman et al., Anal. Biochem. 179, 131 (1989), 10.1016/0003-2697(89)90213-3). NaN where there is none.
    """

    run: Run
    observed: tuple[str, ...]
    log10_stderr: Floats
    score: float
    steepness: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Combination:
    """Runs of several techniques whose data are fitted together.

    Attributes
    ----------
    parts : tuple of Option
        One run for each technique.
    log10_stderr : ndarray, shape (n_guesses, n_parameters)
        Expected standard error of log10 of each parameter from all of them.
    score : float
        As in `Option`.
    """

    parts: tuple[Option, ...]
    log10_stderr: Floats
    score: float

    @property
    def observed(self) -> str:
        """What is observed, in words."""
        return " + ".join(name for part in self.parts for name in part.observed)


@dataclass(frozen=True, kw_only=True, eq=False)
class Forecast:
    """What runs would tell, the best first.

    Attributes
    ----------
    criterion : str
        ``"D"``, ``"A"`` or the name of a parameter.
    parameter_names : tuple of str
        What would be fitted.
    options : tuple of Option
        All that was looked at, best first.
    combinations : tuple of Combination
        For every two techniques, two runs of one, and all techniques, the runs that tell most together; best first.
    feeds : tuple of str
        What is put in.
    fit : FitResult
        Fit of the best run, simulated without noise at the middle guess: intervals to be expected.
    n_points : ndarray of int, shape (n_counts,)
        Numbers of points looked at.
    log10_stderr : ndarray, shape (n_counts, n_parameters)
        Expected errors with so many points over the same range; the largest over the guesses.
    widened : ndarray, shape (n_points, n_parameters)
        By which share the expected error grows without each point of the best run.
    facts : tuple of Fact
        What the best run would leave open, in words.
    data : Titration
        The best run as it would be measured, without noise; its sigmas are the noise.
    notes : tuple of str
        What was assumed.
    """

    criterion: str
    parameter_names: tuple[str, ...]
    options: tuple[Option, ...]
    combinations: tuple[Combination, ...] = ()
    feeds: tuple[str, ...]
    fit: FitResult
    n_points: NDArray[np.intp]
    log10_stderr: Floats
    widened: Floats
    facts: tuple[Fact, ...]
    data: Titration
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Option:
        """What tells most."""
        return self.options[0]

    @property
    def scales(self) -> tuple[Scale, ...]:
        """How what would be fitted is shown."""
        return tuple(self.fit[name].scale for name in self.parameter_names)

    def simulated(self, *, seed: int = 0) -> Titration:
        """Return the best run with noise: data to try a fit on before anything is measured."""
        return with_noise(self.data, seed=seed)

    def options_table(self, most: int = 12) -> Table:
        """Return a row per run and technique: the errors to be expected, from the best guess to the worst."""
        rows = tuple(
            (
                each.run.label,
                " + ".join(each.observed),
                _range(each.steepness),
                *(error_span(scale, each.log10_stderr[:, k]) for k, scale in enumerate(self.scales)),
            )
            for each in self.options[:most]
        )
        columns = ("run", "observed", "K x c", *(f"s.e. {scale.name}" for scale in self.scales))
        left = len(self.options) - most
        notes = (f"{left} further possibilities are worse.",) if left > 0 else ()
        return Table(columns=columns, rows=rows, title="Runs, the most telling first", notes=notes)

    def combinations_table(self) -> Table:
        """Return a row per set of techniques: the run of each, and the errors to be expected of a joint fit."""
        rows = tuple(
            (
                each.observed,
                "; ".join(f"{' + '.join(part.observed)}: {part.run.label}" for part in each.parts),
                *(error_span(scale, each.log10_stderr[:, k]) for k, scale in enumerate(self.scales)),
            )
            for each in self.combinations
        )
        columns = ("together", "runs", *(f"s.e. {scale.name}" for scale in self.scales))
        return Table(columns=columns, rows=rows, title="Techniques together, fitted as one")

    @property
    def tables(self) -> tuple[Table, ...]:
        """Tables worth printing."""
        together = (self.combinations_table(),) if self.combinations else ()
        return (self.options_table(), *together, self.points_table())

    def points_table(self) -> Table:
        """Return a row per point of the best run: what is in the vessel, and what the point is worth."""
        amounts = self.best.run.amounts
        varied = [column for column in range(len(self.feeds)) if amounts[:, column].any()]
        rows = tuple(
            (
                str(number),
                *(f"{1e3 * amounts[number - 1, column]:.4g}" for column in varied),
                *(_growth(share) for share in shares),
            )
            for number, shares in enumerate(self.widened, start=1)
        )
        worth = (f"s.e. {scale.name} without it" for scale in self.scales)
        columns = ("point", *(f"{self.feeds[column]} [mmol/L]" for column in varied), *worth)
        return Table(columns=columns, rows=rows, title=f"Points of the best run: {self.best.run.label}")

    def __str__(self) -> str:
        """Return tables and facts as text."""
        return "\n\n".join([*(table.to_text() for table in self.tables), facts_text(self.facts)])

    def _repr_html_(self) -> str:
        return "".join(table.to_html() for table in self.tables) + facts_html(self.facts)


def _range(values: Floats) -> str:
    low, high = (str(round_number(float(each), n_digits=2)) for each in (values.min(), values.max()))
    return "" if np.isnan(values).any() else low if low == high else f"{low} .. {high}"


def error_span(scale: Scale, log10_stderr: Floats) -> str:
    """Return errors over the guesses: one, or from the best to the worst."""
    words = [scale.error(float(each)) for each in (log10_stderr.min(), log10_stderr.max())]
    return words[0] if words[0] == words[1] else f"{words[0]} .. {words[1]}"


def _growth(share: float) -> str:
    if share < VISIBLE_GROWTH:
        return f"under {100 * VISIBLE_GROWTH:g} %"
    return "lost" if not np.isfinite(share) else f"+{round_number(100 * share, n_digits=2)} %"

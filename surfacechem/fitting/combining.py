"""Runs of several techniques planned as one experiment: what they tell of the constants adds up.

Every run has amplitudes, and shares of what is active, of its own; once these are eliminated, what is left is its
information on the constants, and that of independent runs is their sum. What is known before counts once.
"""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.constants import LN10
from surfacechem.display import Fact, Tone
from surfacechem.fitting.choosing import badness
from surfacechem.fitting.outlook import Combination, error_span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from surfacechem.fitting.estimate import Scale
    from surfacechem.fitting.outlook import Option

__all__ = ["combine", "combined_facts", "log10_errors"]

Floats = NDArray[np.float64]

MOST_TRIED: Final = 256
"""Combinations of runs that are tried for one set of techniques: the best of each."""
WORTH_SAYING: Final = 1.25
"""By how much the errors of a pair must be smaller than those of the same work spent on one technique."""


def log10_errors(covariance: Floats) -> Floats:
    """Return standard errors of log10 from covariances of natural logarithms, shape (..., n_parameters)."""
    errors: Floats = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1)) / LN10
    return errors


def combine(
    looks: Sequence[tuple[Option, Floats]], *, before: Floats, judged: list[int] | None
) -> tuple[Combination, ...]:
    """Return, for every two techniques and for all of them, the runs that tell most when they are fitted together.

    Two runs of one technique are among them: the same work.

    Parameters
    ----------
    looks : sequence of (Option, ndarray)
        Runs of single techniques, best first, with the covariances of the constants that each would leave, shape
        (n_guesses, n_parameters, n_parameters).
    before : ndarray, shape (n_parameters, n_parameters)
        Information before any run, which each covariance counts.
    judged : list of int, optional
        Parameters whose variances count; None: the determinant.
    """
    by_technique: dict[tuple[str, ...], list[tuple[Option, Floats]]] = {}
    for option, covariance in looks:
        told = np.linalg.inv(covariance) - before
        by_technique.setdefault(option.observed, []).append((option, told))
    techniques = list(by_technique.values())
    if len(techniques) == 1:
        return ()
    every = [techniques] if len(techniques) > 2 else []  # noqa: PLR2004  (a pair)
    sets = [*combinations_with_replacement(techniques, 2), *every]
    found = [_best(chosen, before=before, judged=judged) for chosen in sets]
    return tuple(sorted(found, key=lambda each: each.score))


def _best(
    techniques: Sequence[Sequence[tuple[Option, Floats]]], *, before: Floats, judged: list[int] | None
) -> Combination:
    """Return the best choice of one run for each technique."""
    n_each = int(MOST_TRIED ** (1 / len(techniques)))
    tried = []
    for runs in product(*(each[:n_each] for each in techniques)):
        covariance = np.linalg.inv(before + np.sum([told for _, told in runs], axis=0))
        parts = tuple(option for option, _ in runs)
        score = float(badness(covariance, judged))
        tried.append(Combination(parts=parts, log10_stderr=log10_errors(covariance), score=score))
    return min(tried, key=lambda each: each.score)


def combined_facts(combinations: Sequence[Combination], best: Option, scales: Sequence[Scale]) -> list[Fact]:
    """Name the best technique alone and the best pair, and say whether the second technique is worth its work."""
    pairs = [each for each in combinations if len(each.parts) == 2]  # noqa: PLR2004  (a pair)
    mixed = next((each for each in pairs if each.parts[0].observed != each.parts[1].observed), None)
    twice = next((each for each in pairs if {part.observed for part in each.parts} == {best.observed}), None)
    if mixed is None or twice is None:
        return []
    alone = " + ".join(best.observed)
    gain = float(np.exp(np.log(twice.log10_stderr / mixed.log10_stderr).mean()))
    more = "" if gain >= WORTH_SAYING else "about as much" if gain > 1.0 else "more"
    verdict = f" A second run of {alone} tells {more}." if more else ""
    return [
        Fact(
            name="together",
            tone=Tone.NOTE,
            sentence=f"Best alone: {alone}. Best pair: {mixed.observed}, which fitted together know "
            f"{_known(mixed, scales)}; two runs of {alone}, {_known(twice, scales)}.{verdict}",
        )
    ]


def _known(combination: Combination, scales: Sequence[Scale]) -> str:
    errors = combination.log10_stderr.T
    return ", ".join(f"{scale.name} to {error_span(scale, each)}" for scale, each in zip(scales, errors, strict=True))

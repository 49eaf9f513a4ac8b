"""Evidence of a model: the probability of the data, averaged over its prior, by nested sampling (dynesty)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import MissingExtraError
from surfacechem.fitting.draws import refuse_unusable
from surfacechem.fitting.marginal import Marginal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from numpy.typing import NDArray

    from surfacechem.fitting.refitting import Refit

    Floats = NDArray[np.float64]

__all__ = ["LogEvidence", "evidence", "integrate"]

N_LIVE = 150
LEFT = 0.5
"""What the points still alive may add to ln of the evidence when the sampler stops; it is added."""
LOWEST = -1e300


@dataclass(frozen=True, kw_only=True)
class LogEvidence:
    """How probable a model makes the data.

    Attributes
    ----------
    value : float
        Natural logarithm of the evidence, up to a constant of the data.
    stderr : float
        Its standard error.
    n_calls : int
        Evaluations of the likelihood.
    seed : int
        Seed of the draws.
    priors : tuple of str
        What was assumed.
    """

    value: float
    stderr: float
    n_calls: int
    seed: int
    priors: tuple[str, ...]


def evidence(fitted: Refit, *, seed: int = 0) -> LogEvidence:
    """Return the evidence of a fitted model, its amplitudes and noise integrated out.

    Priors are those of `posterior`. Only differences between models of the same data mean something, and they depend
    on how wide the priors are: state bounds where you know some.

    Parameters
    ----------
    fitted : Refit
        The fit, bound to its data.
    seed : int
        Seed of the draws.

    Raises
    ------
    MissingExtraError
        If the extra ``bayes`` is not installed.
    FitError
        If the seed is none.
    """
    refuse_unusable(seed=seed)
    density = Marginal.around(fitted.objective, fitted.best)
    value, stderr, n_calls = integrate(
        lambda parameters: float(density.ln_likelihood(parameters[np.newaxis])[0]),
        density.from_unit,
        len(fitted.best),
        seed=seed,
    )
    return LogEvidence(
        value=value, stderr=stderr, n_calls=n_calls, seed=seed, priors=density.priors(fitted.result.scales)
    )


def integrate(
    ln_likelihood: Callable[[Floats], float], transform: Callable[[Floats], Floats], n_parameters: int, *, seed: int
) -> tuple[float, float, int]:
    """Return ln of the mean of a likelihood over a prior, its standard error, and the evaluations it took.

    Parameters
    ----------
    ln_likelihood : callable
        Of one vector of parameters.
    transform : callable
        From the unit cube to the parameters, so that a uniform cube becomes the prior.
    n_parameters : int
        Dimension.
    seed : int
        Seed of the draws.
    """
    sampler = _dynesty().NestedSampler(
        lambda parameters: max(ln_likelihood(parameters), LOWEST),
        transform,
        n_parameters,
        nlive=N_LIVE,
        rstate=np.random.default_rng(seed),
    )
    sampler.run_nested(dlogz=LEFT, print_progress=False)
    found = sampler.results
    return float(found.logz[-1]), float(found.logzerr[-1]), int(np.sum(found.ncall))


def _dynesty() -> ModuleType:
    try:
        import dynesty
    except ImportError as error:
        raise MissingExtraError(
            "evidence",
            found="package 'dynesty' not installed",
            allowed="the extra 'bayes'",
            advice='pip install "surfacechem[bayes]"',
        ) from error
    found: ModuleType = dynesty
    return found

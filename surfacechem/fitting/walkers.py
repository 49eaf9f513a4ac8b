"""Ensembles of walkers over a posterior (emcee): where they start, how they go on, when they have forgotten where."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from surfacechem.errors import FitError, MissingExtraError, SolveError

if TYPE_CHECKING:
    from types import ModuleType

    from surfacechem.fitting.marginal import Marginal
    from surfacechem.fitting.refitting import Refit

__all__ = ["N_WALKERS", "Diagnosis", "diagnose", "import_emcee", "place_walkers", "refuse_other", "walk"]

Floats = NDArray[np.float64]

N_ENSEMBLES = 2
N_WALKERS = 32
"""In each ensemble at least; four per parameter where there are more than eight."""
ROUND = 250
LARGEST_R_HAT = 1.01
"""Vehtari et al., Bayesian Anal. 16, 667 (2021), 10.1214/20-BA1221."""
MEMORIES = 50
"""Autocorrelation times that a chain is to be long, as emcee's manual asks (Foreman-Mackey et al., 10.1086/670067)."""
BURN_IN = 0.2
BURN_IN_MEMORIES = 5
N_CANDIDATES = 2048
TEMPERATURE = 4.0
"""Walkers start from a distribution this much flatter than the posterior."""
UNKNOWN_STDERR = 2.0


class Diagnosis(NamedTuple):
    """How far the chains are, per parameter (n_parameters,)."""

    memory: Floats
    r_hat: Floats
    n_dropped: int
    is_converged: bool


def import_emcee() -> ModuleType:
    """Return the package that moves the walkers.

    Raises
    ------
    MissingExtraError
        If the extra ``bayes`` is not installed.
    """
    try:
        import arviz_stats.base  # noqa: F401  (needed at the end; better missed now)
        import emcee
    except ImportError as error:
        raise MissingExtraError(
            "posterior",
            found=f"package '{error.name}' not installed",
            allowed="the extra 'bayes'",
            advice='pip install "surfacechem[bayes]"',
        ) from error
    found: ModuleType = emcee
    return found


def refuse_other(chains: Floats, n_walkers: int, fitted: Refit) -> None:
    """Refuse chains that cannot be of this fit.

    Raises
    ------
    FitError
        If they have another shape.
    """
    expected = (N_ENSEMBLES, n_walkers, len(fitted.best))
    if chains.ndim != 4 or (chains.shape[0], *chains.shape[2:]) != expected:  # noqa: PLR2004  (axes)
        raise FitError(
            "chains of the posterior",
            found=f"shape {chains.shape}",
            allowed=f"{expected[0]} ensembles of {expected[1]} walkers in {expected[2]} parameters",
            advice="go on with the chains of this very fit, or begin anew",
        )


def place_walkers(density: Marginal, fitted: Refit, minima: Floats, *, n_walkers: int, seed: int) -> Floats:
    """Return where the walkers begin, as chains of one step: far apart, but not where nothing fits."""
    draws = np.random.default_rng((seed, 0))
    n_parameters = len(fitted.best)
    variance = np.diag(fitted.covariance.matrix)
    is_known = bool(np.isfinite(variance).all())
    covariance = fitted.covariance.matrix if is_known else UNKNOWN_STDERR**2 * np.eye(n_parameters)
    near = draws.multivariate_normal(np.zeros(n_parameters), TEMPERATURE * covariance, size=N_CANDIDATES)
    near += minima[np.arange(N_CANDIDATES) % len(minima)]
    far = draws.uniform(density.lower, density.upper, size=(N_CANDIDATES, n_parameters))
    candidates = np.concatenate([near, far])
    ln_density = density.ln_posterior(candidates)
    n_needed = N_ENSEMBLES * n_walkers
    if np.isfinite(ln_density).sum() < n_needed:
        raise SolveError(
            "start of the posterior",
            found=f"{np.isfinite(ln_density).sum()} places that could be solved",
            allowed=f"{n_needed}",
            advice="bound the constants (K = fit 1..1e6)",
        )
    # The largest of these sums are draws without replacement in proportion to the flattened density.
    keys = ln_density / TEMPERATURE + draws.gumbel(size=len(candidates))
    chosen = draws.permutation(np.argsort(-keys)[:n_needed])
    starts: Floats = candidates[chosen].reshape(N_ENSEMBLES, 1, n_walkers, n_parameters)
    return starts


def walk(emcee: ModuleType, density: Marginal, start: Floats, *, seed: tuple[int, int]) -> Floats:
    """Return one round of every ensemble, shape (n_ensembles, ROUND, n_walkers, n_parameters)."""
    walked = []
    for number, positions in enumerate(start):
        # Differences of other walkers as steps suit narrow and curved valleys (ter Braak, 10.1007/s11222-006-8769-1).
        moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
        sampler = emcee.EnsembleSampler(*positions.shape, density.ln_posterior, vectorize=True, moves=moves)
        words = np.random.SeedSequence((*seed, number)).generate_state(8)
        sampler.random_state = np.random.RandomState(words).get_state()
        sampler.run_mcmc(positions, ROUND, skip_initial_state_check=True)
        walked.append(sampler.get_chain())
    return np.stack(walked)


def diagnose(chains: Floats) -> Diagnosis:
    """Return memory and disagreement of the chains, their beginning dropped."""
    n_ensembles, n_steps, _, n_parameters = chains.shape
    if n_steps < ROUND:
        nothing = np.full(n_parameters, np.inf)
        return Diagnosis(nothing, nothing, 0, is_converged=False)
    from arviz_stats.base import array_stats
    from emcee.autocorr import integrated_time

    n_dropped = int(BURN_IN * n_steps)
    walkers = np.swapaxes(chains, 0, 1).reshape(n_steps, -1, n_parameters)
    memory = np.asarray(integrated_time(walkers[n_dropped:], tol=0, quiet=True))
    n_dropped = min(max(n_dropped, int(BURN_IN_MEMORIES * memory.max())), n_steps // 2)
    kept = chains[:, n_dropped:].reshape(n_ensembles, -1, n_parameters)
    r_hat = np.array([float(array_stats.rhat(kept[..., k])) for k in range(n_parameters)])
    is_long = n_steps - n_dropped >= MEMORIES * memory.max()
    return Diagnosis(memory, r_hat, n_dropped, is_converged=bool(is_long and (r_hat < LARGEST_R_HAT).all()))

"""What was fitted, bound again to its data, for everything that asks more of a finished fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.constants import LN10
from surfacechem.errors import FitError
from surfacechem.fitting.driver import as_datasets, prepare_objective
from surfacechem.fitting.estimate import find_parameter
from surfacechem.fitting.profiles import Profile, trace_profile
from surfacechem.fitting.robust import with_weights
from surfacechem.fitting.uncertainty import Covariance, estimate_covariance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.blocks import KnownSpectra
    from surfacechem.fitting.feeding import Correction
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.result import FitResult
    from surfacechem.network import Network
    from surfacechem.records import Titration

    Floats = NDArray[np.float64]

__all__ = ["Refit", "profile", "refit"]

PROFILE_POINTS = 41
PROFILE_REACH = 1.4


@dataclass(frozen=True, kw_only=True, eq=False)
class Refit:
    """A finished fit with its residuals at hand.

    Attributes
    ----------
    objective : Objective
        What was minimised.
    best : ndarray, shape (n_parameters,)
        The minimum, natural logarithms.
    covariance : Covariance
        What the curvature says there.
    result : FitResult
        What was found.
    """

    objective: Objective
    best: Floats
    covariance: Covariance
    result: FitResult

    def index(self, name: str) -> int:
        """Return which parameter this is; ``w[X1]`` and ``W[X1]`` are one coupling.

        Raises
        ------
        UnknownNameError
            If it was not fitted.
        """
        return find_parameter(self.objective.parameters.names, name, what="parameter")


def refit(
    network: Network,
    data: Titration | Sequence[Titration],
    result: FitResult,
    *,
    known: KnownSpectra | None = None,
    corrections: Sequence[Correction] = (),
) -> Refit:
    """Bind model and data again as they were fitted.

    Parameters
    ----------
    network, data, known, corrections
        What `fit` was given.
    result : FitResult
        What it returned.

    Raises
    ------
    FitError
        If nothing is left to judge the fit by.
    """
    objective, _ = prepare_objective(network, as_datasets(data), known=known or {}, corrections=corrections)
    objective = with_weights(objective, [each.weights for each in result.datasets])
    best = np.array(result.minima[0].log10_values) * LN10
    covariance = estimate_covariance(objective, best)
    if covariance.noise_dof < 1:
        raise FitError(
            "noise of the fit",
            found=f"{round(covariance.noise_dof, 3):g} degrees of freedom",
            allowed="1 or more",
            advice="measure more points, or give sigma",
        )
    return Refit(objective=objective, best=best, covariance=covariance, result=result)


def profile(
    network: Network,
    data: Titration | Sequence[Titration],
    result: FitResult,
    name: str,
    *,
    known: KnownSpectra | None = None,
    corrections: Sequence[Correction] = (),
) -> Profile:
    """Return the profile likelihood of one fitted parameter, around and beyond its interval.

    Parameters
    ----------
    network, data, known, corrections
        What `fit` was given.
    result : FitResult
        What it returned.
    name : str
        The parameter, one of ``result.parameter_names``.

    Raises
    ------
    UnknownNameError
        If it was not fitted.
    FitError
        If nothing is left to judge the fit by.
    """
    index = find_parameter(result.parameter_names, name, what="profile of")
    fitted = refit(network, data, result, known=known, corrections=corrections)
    values = _profile_values(fitted.objective, result, index)
    return Profile(
        scale=result.scales[index],
        log10_values=values / LN10,
        rise=trace_profile(fitted.objective, fitted.best, index=index, values=values, noise=fitted.covariance.noise),
        critical=float(fitted.covariance.reach(result.level)[index]) ** 2,
        level=result.level,
        best=float(fitted.best[index]) / LN10,
    )


def _profile_values(objective: Objective, result: FitResult, index: int) -> Floats:
    """Return where to hold a parameter: past both ends of its interval, two decades where an end is open."""
    best = result.minima[0].log10_values[index]
    lower, upper = result[result.parameter_names[index]].log10_interval or (None, None)
    below = 2.0 if lower is None else PROFILE_REACH * (best - lower)
    above = 2.0 if upper is None else PROFILE_REACH * (upper - best)
    box = objective.parameters
    values = np.linspace(best - below, best + above, PROFILE_POINTS) * LN10
    return np.clip(values, box.lower[index], box.upper[index])

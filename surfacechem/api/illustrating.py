"""The figures of a fit's report: what is asked of the fit, and drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surfacechem.fitting import correlated_pairs, fitted_ranks
from surfacechem.prediction import component_spectra, fitted_signals

if TYPE_CHECKING:
    from surfacechem.api.fit import Fit
    from surfacechem.display import Illustration

__all__ = ["illustrations"]


def illustrations(fit: Fit) -> tuple[Illustration, ...]:
    """Return every figure of the report; see `Fit.illustrations`."""
    from surfacechem.plotting import illustrate

    result = fit.result
    has_profiles = result.dof >= 1
    return illustrate(
        signals=fitted_signals(fit.model, result),
        components=component_spectra(result),
        predictions=list(fit.predictions().values()),
        ranks=fitted_ranks(result),
        profiles=[fit.profile(name) for name in result.parameter_names] if has_profiles else [],
        contours=[fit.contour(*pair) for pair in correlated_pairs(result)] if has_profiles else [],
        names=[scale.name for scale in result.scales],
        matrix=result.correlation,
    )

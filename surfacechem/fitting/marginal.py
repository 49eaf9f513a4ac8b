"""How probable data are at given constants, amplitudes and noise integrated out: what posterior and evidence share.

A block of n values is F A plus noise of standard deviation s, with columns F (given the constants) and m amplitudes A.
In an orthonormal basis of the columns, A is a vector a of sizes of signal. Its prior is normal with mean 0 and standard
deviation tau, the root of the sum of squares of one channel, so that each column may make up all that was measured.
The noise, where it is not given, has the prior 1/s (Jeffreys). Both integrate exactly, up to a noise that is small
against the signal (s << tau):

    ln p = -((n - m)/2) ln SSR + ln Gamma((n - m)/2) - m ln tau - (TSS - SSR)/(2 tau^2) + const     (noise unknown)
    ln p = -SSR/2 - (m/2) ln(1 + tau^2) - (TSS - SSR)/(2 (1 + tau^2)) + const                       (noise given)

with SSR what is left and TSS all squares that known amplitudes leave. The exponent counts amplitudes as degrees of
freedom, so that for constants in which the residuals are linear the posterior is Student's t, as their intervals are.
These are the textbook integrals of the linear model, with a proper prior, which evidence needs. Amplitudes that may not
be negative are counted as if they might be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.constants import LN10

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from surfacechem.fitting.estimate import Scale
    from surfacechem.fitting.objective import Objective
    from surfacechem.fitting.sharing import Sharing

    Floats = NDArray[np.float64]

__all__ = ["Marginal"]

LEAST_FREEDOM = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Marginal:
    """Posterior density of the parameters, amplitudes and noise integrated out.

    Attributes
    ----------
    objective : Objective
        What was fitted.
    lower, upper : ndarray, shape (n_parameters,)
        Where the prior is not zero, natural logarithms.
    n_amplitudes : ndarray, shape (n_blocks,)
        Amplitudes that are integrated out. Their number is the same everywhere: where columns become dependent because
        a species is no longer there, an amplitude is no better known for it.
    told : ndarray, shape (n_blocks,), optional
        Share of what each block would tell if its channels were independent (`sharing`): ln of its density is taken
        times this share, so that the posterior is as wide as the interval. None: all.
    """

    objective: Objective
    lower: Floats
    upper: Floats
    n_amplitudes: NDArray[np.intp]
    told: Floats | None = None

    @classmethod
    def around(cls, objective: Objective, best: Floats, sharing: Sequence[Sharing] = ()) -> Marginal:
        """Return the density with the prior of the model.

        Bounds are those that were stated, else those of the search, widened to the walls where the best fit lies
        beyond them.
        """
        box = objective.parameters
        is_outside = (best <= box.search_lower) | (best >= box.search_upper)
        is_wide = is_outside | box.is_bounded | box.has_prior
        lower, upper = np.where(is_wide, box.lower, box.search_lower), np.where(is_wide, box.upper, box.search_upper)
        places = np.stack([best, 0.5 * (lower + upper)])
        counts = objective.block_costs(places).n_amplitudes.max(axis=0)
        told = np.ones(len(counts))
        for each in sharing:
            told[each.block] = each.told
        return cls(objective=objective, lower=lower, upper=upper, n_amplitudes=counts, told=told if sharing else None)

    def ln_likelihood(self, parameters: Floats) -> Floats:
        """Return ln of the density of the data, shape of parameters (n_lanes, n_parameters)."""
        densities = self.block_densities(parameters)
        return np.asarray(densities.sum(axis=1) if self.told is None else densities @ self.told)

    def block_densities(self, parameters: Floats) -> Floats:
        """Return ln of the density of the data of each block, shape (n_lanes, n_blocks)."""
        from scipy.special import gammaln

        objective = self.objective
        costs = objective.block_costs(parameters)
        tau, left = self._sizes, costs.squares
        explained = np.maximum(self._offered(parameters) - left, 0.0)
        freedom = np.maximum(objective.n_values - self.n_amplitudes, LEAST_FREEDOM)
        floor = np.maximum(objective.n_values * objective.noise_floor**2, np.finfo(float).tiny)
        unknown = (
            gammaln(0.5 * freedom)
            - 0.5 * freedom * np.log(np.pi * np.maximum(left, floor))
            - self.n_amplitudes * np.log(np.sqrt(2.0 * np.pi) * tau)
            - explained / (2.0 * tau**2)
        )
        given = (
            -0.5 * left
            - 0.5 * objective.n_values * np.log(2.0 * np.pi)
            - 0.5 * self.n_amplitudes * np.log1p(tau**2)
            - explained / (2.0 * (1.0 + tau**2))
        )
        ln_density = np.where(objective.is_noise_given, given, unknown)
        return np.where(costs.is_solved[:, np.newaxis] & np.isfinite(ln_density), ln_density, -np.inf)

    def ln_prior(self, parameters: Floats) -> Floats:
        """Return ln of the prior density, normalised over the box (of Gaussian priors: over all values)."""
        box = self.objective.parameters
        flat = np.where(box.has_prior, 0.0, -np.log(self.upper - self.lower)).sum()
        gaussian = np.log(np.sqrt(2.0 * np.pi) * box.prior_stderr[box.has_prior]).sum()
        is_inside = ((parameters >= self.lower) & (parameters <= self.upper)).all(axis=1)
        return np.where(is_inside, flat - gaussian - 0.5 * self.objective.prior_cost(parameters), -np.inf)

    def ln_posterior(self, parameters: Floats) -> Floats:
        """Return ln of the posterior density up to the evidence; equilibria are solved inside the box only."""
        ln_density = self.ln_prior(parameters)
        inside = np.flatnonzero(np.isfinite(ln_density))
        if inside.size:
            ln_density[inside] += self.ln_likelihood(parameters[inside])
        return ln_density

    def from_unit(self, shares: Floats) -> Floats:
        """Return the parameters (n_parameters,) below which the prior has these shares of its probability."""
        from scipy.special import ndtr, ndtri

        box = self.objective.parameters
        mean, stderr = (np.where(box.has_prior, each, 0.0) for each in (box.prior_mean, box.prior_stderr))
        scale = np.where(box.has_prior, stderr, 1.0)
        # A Gaussian prior is cut off at the box.
        low, high = (ndtr((end - mean) / scale) for end in (self.lower, self.upper))
        gaussian = mean + scale * ndtri(np.clip(low + shares * (high - low), 1e-300, 1.0 - 1e-16))
        flat = self.lower + shares * (self.upper - self.lower)
        return np.where(box.has_prior, gaussian, flat)

    def priors(self, scales: Sequence[Scale]) -> tuple[str, ...]:
        """Say what was assumed of each parameter, as it is shown."""
        box = self.objective.parameters
        said = []
        for k, scale in enumerate(scales):
            place = scale.factor / LN10
            low, high = f"{self.lower[k] * place:.3g}", f"{self.upper[k] * place:.3g}"
            of_log10, unit = (" in log10", "") if scale.per_decade is None else ("", f" {scale.unit}")
            if box.has_prior[k]:
                mean, stderr = f"{box.prior_mean[k] * place:.3g}", f"{box.prior_stderr[k] * place:.2g}"
                said.append(f"{scale.name}: normal{of_log10}, {mean} ± {stderr}{unit}, as stated.")
            elif box.is_bounded[k]:
                said.append(f"{scale.name}: flat{of_log10} between its bounds {low} and {high}{unit}.")
            else:
                said.append(f"{scale.name}: flat{of_log10} from {low} to {high}{unit}, as nothing was stated.")
        if self.told is not None:
            said.append("Noise is shared by channels: they count for as much as they tell.")
        return (*said, "Amplitudes: as large as the signal or smaller; noise not given: 1/s. Both integrated out.")

    def _offered(self, parameters: Floats) -> Floats:
        """Return the squares of each block that free amplitudes may explain, shape (n_lanes or 1, n_blocks)."""
        if not any(len(group.known) for groups in self.objective.channels for group in groups):
            return self._totals[np.newaxis]
        offered, channels = np.zeros((len(parameters), len(self._totals))), enumerate(self.objective.channels)
        for experiment in self.objective.experiments:
            concentration = experiment.solve(parameters).concentration
            for block in experiment.blocks:
                columns, (number, groups) = block.model.columns(concentration), next(channels)
                for group in groups:
                    known = columns[..., group.known] * group.weight[..., np.newaxis]
                    away = group.values - known @ group.known_amplitudes
                    offered[:, number] += np.einsum("lij,lij->l", away, away)
        return offered

    @cached_property
    def _totals(self) -> Floats:
        """Sum of squares of each block."""
        return np.array([sum(float(np.sum(group.values**2)) for group in groups) for groups in self.objective.channels])

    @cached_property
    def _sizes(self) -> Floats:
        """Root of the sum of squares of one channel of each block."""
        n_channels = [sum(int((group.factor > 0).sum()) for group in groups) for groups in self.objective.channels]
        return np.sqrt(np.maximum(self._totals, np.finfo(float).tiny) / np.maximum(n_channels, 1))

"""What an answer depends on: local elasticities from exact derivatives, global Sobol indices from a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import RangeError
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.flask import conditions
from surfacechem.prediction.series import Series
from surfacechem.sweep.inverse import quantity_of
from surfacechem.sweep.study import sweep
from surfacechem.sweep.varied import read_varied

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from surfacechem.fitting import FitResult
    from surfacechem.network import Network
    from surfacechem.prediction.series import Amount
    from surfacechem.sweep.varied import Span

    Floats = NDArray[np.float64]

__all__ = ["elasticities", "sobol_indices"]

DEFAULT_N_BASE: Final = 4096
N_RESAMPLED: Final = 200


def elasticities(
    network: Network,
    feed: Mapping[str, Amount],
    *,
    constants: Mapping[str, str | float] | None = None,
    fit: FitResult | None = None,
) -> xr.DataArray:
    """Return d ln concentration / d ln factor of every entity at every point, by exact derivatives.

    Parameters
    ----------
    network : Network
        The model.
    feed : mapping
        What is put in, as for a prediction; series give several points.
    constants, fit
        As in `sweep`.

    Returns
    -------
    xarray.DataArray
        Dimensions ``point``, ``entity``, ``factor`` (constants, then feeds); 0.5 means that 2 % more of the factor
        give 1 % more of the entity. NaN where the entity is absent.
    """
    import xarray as xr

    amounts = conditions(network, feed).amounts
    theta = known_constants(network, fit=fit, constants=constants).theta
    solved = network.solve(amounts, theta, derivatives=True)
    if solved.d_ln_constants is None or solved.d_amounts is None:
        raise ValueError("the speciation was solved without derivatives")
    by_amount = solved.d_amounts * amounts[:, np.newaxis, :]
    slopes = np.concatenate([solved.d_ln_constants, by_amount], axis=-1)
    present = (solved.concentration > 0) & (solved.status == 0)[:, np.newaxis]
    values = np.full_like(slopes, np.nan)
    np.divide(slopes, solved.concentration[..., np.newaxis], out=values, where=present[..., np.newaxis])
    factors = [*(constant.name for constant in network.constants), *network.feeds]
    return xr.DataArray(
        values,
        dims=("point", "entity", "factor"),
        coords={"entity": list(network.entities), "factor": factors},
        name="elasticity",
        attrs={"units": "1", "long_name": "d ln concentration / d ln factor"},
    )


def sobol_indices(
    network: Network,
    vary: Mapping[str, Span],
    of: str,
    *,
    feed: Mapping[str, Amount],
    n_base: int = DEFAULT_N_BASE,
    seed: int = 0,
    constants: Mapping[str, str | float] | None = None,
    fit: FitResult | None = None,
) -> xr.Dataset:
    """Return which share of the variance of a quantity each varied thing makes, alone and with all others.

    Saltelli's design (Comput. Phys. Commun. 181, 259 (2010), 10.1016/j.cpc.2009.09.018, Table 2: first order by (b),
    total by (f)) on scrambled Sobol points, ``n_base (k + 2)`` solutions for k things.

    Parameters
    ----------
    network : Network
        The model.
    vary : mapping
        Ranges, as in `sweep`; constants are drawn evenly in their logarithm.
    of : str
        A state (its coverage) or a channel of a fitted signal.
    feed, constants, fit
        As in `sweep`.
    n_base : int
        Base points, a power of two.
    seed : int
        Of the scrambling and the resampling.

    Returns
    -------
    xarray.Dataset
        ``first`` and ``total`` by ``factor``, with standard errors by resampling.
    """
    import xarray as xr
    from scipy.stats import qmc

    if n_base <= 1 or n_base & (n_base - 1):
        raise RangeError(
            "base points", found=str(n_base), allowed="a power of two from 2", advice="Sobol points need one, e.g. 4096"
        )
    varied = [read_varied(network, name, span) for name, span in vary.items()]
    n_factors = len(varied)
    shares = qmc.Sobol(2 * n_factors, scramble=True, seed=seed).random(n_base)
    first, second = shares[:, :n_factors], shares[:, n_factors:]
    mixed = [np.where(np.arange(n_factors) == k, second, first) for k in range(n_factors)]
    points = np.concatenate([first, second, *mixed])
    lists = {
        each.name: Series(values=each.between(column), unit=each.unit, per=each.per)
        for each, column in zip(varied, points.T, strict=True)
    }
    data = sweep(network, lists, feed=feed, constants=constants, fit=fit, design="zipped")
    answers = quantity_of(data, of).reshape(n_factors + 2, n_base)
    best = _indices(answers)
    random = np.random.default_rng(seed)
    again = np.array([_indices(answers[:, random.integers(0, n_base, n_base)]) for _ in range(N_RESAMPLED)])
    stderr = again.std(axis=0)
    attrs = {"of": of, "variance": float(np.var(answers[:2])), "n_solutions": int(answers.size)}
    columns = {"first": best[0], "first_stderr": stderr[0], "total": best[1], "total_stderr": stderr[1]}
    return xr.Dataset(
        {name: ("factor", values, {"units": "1"}) for name, values in columns.items()},
        {"factor": [each.name for each in varied]},
        attrs,
    )


def _indices(answers: Floats) -> Floats:
    """Return first-order and total indices, shape (2, n_factors), from answers at A, B and each A with B's column."""
    # Centred, or the mean of the answers would be noise of the first-order estimate.
    centred = answers - answers[:2].mean()
    a, b, mixed = centred[0], centred[1], centred[2:]
    parts = np.array([np.mean(b * (mixed - a), axis=1), 0.5 * np.mean((a - mixed) ** 2, axis=1)])
    variance = float(np.var(centred[:2]))
    return parts / variance if variance > 0.0 else np.zeros_like(parts)

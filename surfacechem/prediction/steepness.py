"""How steep a predicted curve is, as the exponent of Hill's equation: a description, not a model of binding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.errors import DataError, UnknownNameError
from surfacechem.prediction.record import COVERAGE, SPECIATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.prediction.record import Prediction

    Floats = NDArray[np.float64]

__all__ = ["hill_exponents"]

FEWEST_POINTS = 3


def hill_exponents(prediction: Prediction, state: str, *, free: str) -> Floats:
    r"""Return ``d ln(theta/(1 - theta)) / d ln free`` along a prediction, shape (n_points,).

    It is 1 for equal and independent sites, larger where what is bound helps what comes next (attracting neighbours,
    conformers that switch), smaller where it hinders, or where sites differ. It is no number of sites: on N sites it
    lies between 0 and N. `symbolic.closed_forms.steepness` is the same of a formula.

    Parameters
    ----------
    prediction : Prediction
        Along a series; differences between its points stand for derivatives, so give enough of them.
    state : str
        Occupant and site class, ``"In-SR'"``.
    free : str
        Dissolved species, ``"HSR'"``, or the ratio of two, ``"HSR'/HO2CR"``, which is what drives an exchange.

    Returns
    -------
    ndarray
        NaN where the coverage is 0 or 1, or nothing is free.

    Raises
    ------
    UnknownNameError
        If the prediction has no such coverage or species.
    DataError
        If it has fewer than three points.

    Examples
    --------
    >>> import surfacechem as sc
    >>> model = sc.Model("cluster Q\nsite S on Q : 8\nL S-* + L <=> S-L ; K = 100 /M")
    >>> found = model.predict({"Q": "1 mM", "L": "1..100 mM in 30 log"})
    >>> hill_exponents(found, "S-L", free="L").round(6)[[1, 15, -2]].tolist()
    [1.0, 1.0, 1.0]
    """
    site, _, occupant = state.partition("-")
    coverage = prediction.of(COVERAGE, site)
    species = prediction.of(SPECIATION)
    names = free.split("/") if free not in species.labels else [free]
    unknown = [
        name
        for name, known in ((occupant, coverage.labels), *((n, species.labels) for n in names))
        if name not in known
    ]
    if unknown or len(names) > 2:  # noqa: PLR2004  (a ratio of two)
        raise UnknownNameError(
            ", ".join(unknown) or free,
            found="not in this prediction",
            allowed=", ".join((*(f"{site}-{label}" for label in coverage.labels), *species.labels)),
            advice="name a site state, and a dissolved species or the ratio of two",
        )
    if len(coverage.values) < FEWEST_POINTS:
        raise DataError(
            "exponent of Hill", found=f"{len(coverage.values)} points", allowed="a series of three or more",
            advice="predict a series: \"HSR'\": '0.1..30 mM in 61 log'",
        )  # fmt: skip
    theta = coverage.values[:, coverage.labels.index(occupant)]
    columns = [species.values[:, species.labels.index(name)] for name in names]
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.log(theta) - np.log1p(-theta)
        driving = np.log(columns[0]) - (np.log(columns[1]) if len(columns) > 1 else 0.0)
        slope = np.full(len(theta), np.nan)
        is_finite = np.isfinite(logit) & np.isfinite(driving)
        if is_finite.sum() >= FEWEST_POINTS:
            slope[is_finite] = np.gradient(logit[is_finite], driving[is_finite])
    return slope

"""The figures of a fit's report, each with caption and words for those who do not see it."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from surfacechem.display import Illustration, chemical, round_number
from surfacechem.plotting.curves import coverage, distribution, speciation
from surfacechem.plotting.export import inline_svg
from surfacechem.plotting.fit import (
    component_spectra,
    contour,
    correlation,
    fitted_figure,
    profile,
    singular_values,
    spectra,
)
from surfacechem.plotting.style import axis_label, per_cent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from surfacechem.fitting import Contour, Profile, Rank
    from surfacechem.prediction import ComponentSpectra, FittedSignal, Prediction

    Floats = NDArray[np.float64]

__all__ = ["illustrate"]

MOST_PAIRS: Final = 10


def illustrate(
    *,
    signals: Sequence[FittedSignal] = (),
    components: Sequence[ComponentSpectra] = (),
    predictions: Sequence[Prediction] = (),
    ranks: Sequence[Rank] = (),
    profiles: Sequence[Profile] = (),
    contours: Sequence[Contour] = (),
    names: Sequence[str] = (),
    matrix: Floats | None = None,
) -> tuple[Illustration, ...]:
    """Draw everything there is to see of a fit.

    Parameters
    ----------
    signals : sequence of FittedSignal
        Measured and fitted (`prediction.fitted_signals`).
    components : sequence of ComponentSpectra
        Molar spectra (`prediction.component_spectra`).
    predictions : sequence of Prediction
        Speciation along the measured points, one per data set in the order of `signals`.
    ranks : sequence of Rank
        Components of the measured tables (`fitting.find_rank`).
    profiles : sequence of Profile
        Profile likelihoods (`fitting.profile`).
    contours : sequence of Contour
        Regions of two parameters (`fitting.contour`).
    names : sequence of str
        Parameters of the correlation matrix.
    matrix : ndarray, shape (n_parameters, n_parameters), optional
        Correlation.
    """
    return (
        *_fits(signals),
        *_components(components),
        *_ranks(ranks),
        *_predictions(predictions, list(dict.fromkeys(fitted.dataset for fitted in signals))),
        *_profiles(profiles),
        *_contours(contours),
        *_correlation(names, matrix),
    )


def _fits(signals: Sequence[FittedSignal]) -> Iterator[Illustration]:
    for number, fitted in enumerate(signals):
        name, points = fitted.curves.name, fitted.points
        n_values = int(np.isfinite(fitted.measured).sum())
        worst = float(np.nanmax(np.abs(fitted.residual / fitted.sigma)))
        yield _made(
            fitted_figure(fitted).axes[0],
            f"fit{number}",
            title=f"{name} of {fitted.dataset}",
            caption=f"Measured values (symbols), fit (lines) and its band (shaded) against "
            f"{axis_label(points.label, points.unit)}; below, residuals in standard deviations with lines at ±2.",
            alt=f"{n_values} measured values of {name} with the fitted curves. "
            f"The largest residual is {round_number(worst, n_digits=2)} standard deviations.",
        )
        if fitted.curves.axis is not None:
            yield _made(
                spectra(fitted),
                f"spectra{number}",
                title=f"Spectra of {fitted.dataset}",
                caption="Measured (points) and fitted (lines) spectra, from the first (dark) to the last (bright).",
                alt=f"Spectra of {name} from {_range(fitted.curves.axis)} nm.",
            )


def _components(components: Sequence[ComponentSpectra]) -> Iterator[Illustration]:
    for number, each in enumerate(components):
        yield _made(
            component_spectra(each),
            f"components{number}",
            title=f"Component spectra of {each.name}",
            caption="Molar spectra of the species, with standard errors (shaded); dashed ones were given.",
            alt=f"Molar spectra of {', '.join(each.labels)} from {_range(each.axis)} nm.",
        )


def _ranks(ranks: Sequence[Rank]) -> Iterator[Illustration]:
    for number, each in enumerate(ranks):
        values = ", ".join(str(round_number(float(value), n_digits=2)) for value in each.singular_values[:MOST_PAIRS])
        yield _made(
            singular_values(each),
            f"rank{number}",
            title=f"Components of {each.name}",
            caption="Singular values of the measured table (filled: components, open: noise). Noise alone stays below "
            "the dashed line.",
            alt=f"{each.sentence}. Singular values: {values}.",
        )


def _predictions(predictions: Sequence[Prediction], datasets: Sequence[str]) -> Iterator[Illustration]:
    is_named = len(predictions) == len(datasets) > 1
    for number, each in enumerate(predictions):
        where = f" in {datasets[number]}" if is_named else ""
        axis = each.conditions.axis
        along = f"along {axis_label(axis.label, axis.unit)}"
        band = f" Bands hold with {per_cent(each.level)} probability." if each.band != "none" else ""
        for k, curves in enumerate(curves for curves in each.curves if curves.group == "coverage"):
            yield _made(
                coverage(each, curves.name),
                f"coverage{number}x{k}",
                title=f"Coverage of {chemical(curves.name)} sites{where}",
                caption=f"Fraction of the sites that each ligand holds, {along}.{band}",
                alt=_ends(curves.labels, curves.values, "fraction"),
            )
        if each.distributions:
            last = each.distributions[-1]
            yield _made(
                distribution(each),
                f"counts{number}",
                title=f"{chemical(last.ligand)} on single particles{where}",
                caption=f"How many particles carry how many {chemical(last.ligand)}, at points {along}.",
                alt=f"Distribution of the number of {last.ligand} on one {last.cluster}.",
            )
        species = each.of("speciation").shown()
        yield _made(
            speciation(each),
            f"speciation{number}",
            title=f"Speciation{where}",
            caption=f"Concentrations of what is more than a trace and does not stay as it was put in, {along}.{band}",
            alt=_ends(species.labels, species.values, species.unit),
        )


def _profiles(profiles: Sequence[Profile]) -> Iterator[Illustration]:
    for number, each in enumerate(profiles):
        yield _made(
            profile(each),
            f"profile{number}",
            title=f"Profile likelihood of {each.name}",
            caption=f"Rise of χ² when {each.name} is held and everything else is fitted again. The interval ends "
            f"where the curve crosses the dashed line ({per_cent(each.level)}); a side that never crosses is open.",
            alt=f"Rise of chi squared around {each.scale.axis} = {each.best * each.scale.factor:.3f}.",
        )


def _contours(contours: Sequence[Contour]) -> Iterator[Illustration]:
    for number, each in enumerate(contours):
        levels = " and ".join(per_cent(region.level) for region in each.regions)
        yield _made(
            contour(each),
            f"contour{number}",
            title=f"{each.names[0]} and {each.names[1]} together",
            caption=f"Regions in which both lie with {levels} confidence, everything else fitted again (profile "
            "likelihood). A line that does not close is where the data do not end the region.",
            alt=" ".join(fact.sentence for fact in each.facts),
        )


def _correlation(names: Sequence[str], matrix: Floats | None) -> Iterator[Illustration]:
    if matrix is None or len(names) < 2:  # noqa: PLR2004 - one constant has nothing to correlate with
        return
    pairs = [
        f"{names[i]} and {names[j]} {matrix[i, j]:.2f}"
        for i, j in combinations(range(len(names)), 2)
        if np.isfinite(matrix[i, j])
    ]
    yield _made(
        correlation(names, matrix),
        "correlation",
        title="Correlation",
        caption="Correlation of the fitted parameters, of constants that of their logarithms. Near ±1, only a "
        "combination of the two is determined.",
        alt=f"Correlations: {'; '.join(pairs[:MOST_PAIRS])}.",
    )


def _made(drawn: Axes, name: str, *, title: str, caption: str, alt: str) -> Illustration:
    return Illustration(title=title, caption=caption, alt=alt, svg=inline_svg(cast("Figure", drawn.figure), name=name))


def _range(axis: Floats) -> str:
    return f"{axis.min():.0f} to {axis.max():.0f}"


def _ends(labels: Sequence[str], values: Floats, unit: str) -> str:
    """Say where each curve begins and ends."""
    ends = ([round_number(float(number), n_digits=3) for number in values[[0, -1], j]] for j in range(len(labels)))
    parts = [f"{label} from {first} to {last}" for label, (first, last) in zip(labels, ends, strict=True)]
    return f"{'; '.join(parts)} ({unit})."

"""The figures of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surfacechem.display import Fact, Tone
from surfacechem.fitting import Contour, find_rank
from surfacechem.fitting.estimate import Scale
from surfacechem.plotting import illustrate

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.fitting import Profile
    from surfacechem.prediction import ComponentSpectra, FittedSignal, Prediction


def test_everything_given_is_drawn_and_described(
    prediction: Prediction,
    fitted: Callable[[int], FittedSignal],
    components: ComponentSpectra,
    profiled: Profile,
) -> None:
    """Each record gives its figures, each with title, caption, words and a picture with ids of its own."""
    closed = Fact(name="closed", tone=Tone.GOOD, sentence="It is closed.")
    figures = illustrate(
        signals=[fitted(2), fitted(60)],
        components=[components],
        predictions=[prediction],
        ranks=[find_rank(np.outer(np.arange(9.0), np.ones(4)) + 0.01 * np.random.default_rng(0).normal(size=(9, 4)))],
        profiles=[profiled, profiled],
        contours=[
            Contour(scales=(Scale(name="K[11]"), Scale(name="K[21]")), best=(3.0, 2.0), regions=(), facts=(closed,))
        ],
        names=("K[11]", "K[21]"),
        matrix=np.array([[1.0, -0.5], [-0.5, 1.0]]),
    )
    assert len(figures) == 12
    assert all(each.title and each.caption and each.alt and each.svg.startswith("<svg") for each in figures)
    prefixes = [each.svg.split('id="')[1].split("-")[0] for each in figures]
    assert len(set(prefixes)) == len(figures)
    assert "K[11] and K[21] -0.50" in figures[-1].alt


def test_nothing_given_draws_nothing() -> None:
    """A single constant has no correlation to draw, and no record makes no figure."""
    assert illustrate(names=("K",), matrix=np.ones((1, 1))) == ()


def test_data_sets_are_named_where_there_are_several(
    prediction: Prediction, fitted: Callable[[int], FittedSignal]
) -> None:
    """Speciation of two data sets says which is which."""
    from dataclasses import replace

    signals = [fitted(1), replace(fitted(1), dataset="second")]
    titles = [each.title for each in illustrate(signals=signals, predictions=[prediction, prediction])]
    assert "Speciation in run" in titles
    assert "Speciation in second" in titles

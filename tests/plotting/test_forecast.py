"""The figure of a plan: errors against numbers of points, and a bar for each point."""

from __future__ import annotations

import numpy as np

import surfacechem as sc
from surfacechem.plotting import forecast_figure

MODEL = "surfacechem 1\nspecies P\nspecies A\nS[11] P + A <=> PA ; K = 1e4 /M fit\nobserve delta = shift(P, PA)\n"


def test_figure_shows_errors_and_points() -> None:
    """The curve is that of the plan in per cent, falling with more points; each point has its bar."""
    found = sc.Model(MODEL).plan({"P": "0.2 mM", "A": "0..2 mM in 31"}, n_points=9)
    upper, lower = forecast_figure(found).axes
    line = upper.get_lines()[0]
    np.testing.assert_array_equal(np.asarray(line.get_xdata()), found.n_points)
    assert np.asarray(line.get_ydata())[-1] < np.asarray(line.get_ydata())[0]
    assert len(lower.patches) == 9
    assert upper.get_ylabel() == "expected error, 95 % [%]"

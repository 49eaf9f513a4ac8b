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


def test_couplings_have_an_axis_in_energies() -> None:
    """Errors of w stand at the right in kJ/mol, those of two constants at the left in per cent; all are named once."""
    text = """surfacechem 1
cluster Q
site S on Q : 12 native A ; mean field
X S-A + HB <=> S-B + HA ; K = 0.5 fit, w = 2 kJ/mol fit
S HB + N <=> NHB ; K = 100 /M fit
observe b = integral(S-B)
observe n = integral(NHB)
"""
    feed = {"Q": "1 mM", "N": "10 mM", "HB": "1..40 mM in 9"}
    found = sc.Model(text).plan(feed, n_points=8, noise={"b": "0.05 mM", "n": "0.05 mM"}, level=0.9)
    upper, _, right = forecast_figure(found).axes
    assert (upper.get_ylabel(), right.get_ylabel()) == ("expected error, 90 % [%]", "expected error, 90 % [kJ/mol]")
    assert upper.get_legend_handles_labels()[1] == [scale.name for scale in found.scales]
    drawn = np.asarray(right.get_lines()[0].get_ydata())
    column = found.parameter_names.index("W[X1]")
    np.testing.assert_allclose(drawn, 1.645 * 5.708 * found.log10_stderr[:, column], rtol=1e-3)
    assert "kJ/mol" in str(found.options_table().rows[0][-1])

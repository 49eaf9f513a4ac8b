"""Bands from errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.prediction.bands import Scale, band_of_draws, delta_band


@given(value=st.floats(0, 1), stderr=st.floats(0, 1e3))
@settings(deadline=None)  # the first example may import, the machine may be busy
def test_fraction_stays_a_fraction(value: float, stderr: float) -> None:
    """No error makes a coverage negative or more than full."""
    lower, upper = delta_band(np.array([value]), np.array([stderr]), reach=1.96, scale=Scale.LOGIT)
    assert 0 <= lower[0] <= value * (1 + 1e-12)
    assert value * (1 - 1e-12) <= upper[0] <= 1


@given(value=st.floats(0, 1e3), stderr=st.floats(0, 1e3))
@settings(deadline=None)  # the first example may import, the machine may be busy
def test_concentration_stays_positive(value: float, stderr: float) -> None:
    """No error makes a concentration negative."""
    lower, upper = delta_band(np.array([value]), np.array([stderr]), reach=1.96, scale=Scale.LOG)
    assert 0 <= lower[0] <= value <= upper[0]


@pytest.mark.parametrize("scale", list(Scale))
def test_small_errors_agree_on_every_scale(scale: Scale) -> None:
    """To first order all scales give value plus and minus reach times error."""
    lower, upper = delta_band(np.array([0.3]), np.array([1e-6]), reach=2.0, scale=scale)
    assert lower[0] == pytest.approx(0.3 - 2e-6, abs=1e-10)
    assert upper[0] == pytest.approx(0.3 + 2e-6, abs=1e-10)


def test_unsolved_draws_are_left_out() -> None:
    """A draw that is NaN does not spoil the quantiles of the others."""
    draws = np.array([[0.0], [1.0], [2.0], [np.nan]])
    lower, upper = band_of_draws(draws, level=0.5)
    assert (lower[0], upper[0]) == (0.5, 1.5)

"""Power to heats: known areas above known baselines."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.fitting.thermogram import baseline, integrate

TIME = np.arange(0.0, 1500.0, 2.0)
STARTS = np.array([150, 300, 450, 600])
HEATS = np.array([-30.0, -12.0, 5.0, 0.0])
DECAY = 8.0  # s


def pulses(heats: np.ndarray) -> np.ndarray:
    """Return a sum of pulses t exp(-t/tau)/tau^2 that start at the injections, each of area `heats[i]`."""
    late = np.clip(TIME[np.newaxis, :] - TIME[STARTS][:, np.newaxis], 0.0, None)
    return np.asarray(heats @ (late * np.exp(-late / DECAY) / DECAY**2))


@pytest.mark.parametrize("drift", [0.0, 1e-4, -3e-4])
def test_areas_of_pulses_on_a_drifting_line(drift: float) -> None:
    """Pulses of known area come back on a straight baseline."""
    found = integrate(TIME, 10.0 + drift * TIME + pulses(HEATS), STARTS)
    # Trapezoids of 2 s miss h^2/12 times the slope at the start, 1/tau^2 of the area: 0.52 %.
    np.testing.assert_allclose(found, HEATS * (1 - 4 / 12 / DECAY**2), rtol=1e-4, atol=1e-8)


def test_heat_is_linear_in_the_power() -> None:
    """Twice the pulses are twice the heat; a constant more power is none."""
    once = integrate(TIME, pulses(HEATS), STARTS)
    np.testing.assert_allclose(integrate(TIME, 7.0 + 2.0 * pulses(HEATS), STARTS), 2.0 * once, rtol=1e-12, atol=1e-9)


def test_baseline_passes_the_quiet_ends_and_stays_between() -> None:
    """Where no heat flows the baseline is the power; it never leaves the range of its nodes."""
    steps = np.select([TIME < 400, TIME < 900], [5.0, 5.2], 5.1)
    found = baseline(TIME, steps, STARTS)
    between = found[135:720]  # from the first median to the last
    assert between.min() >= 5.0
    assert between.max() <= 5.2
    assert found[585] == pytest.approx(5.1)
    np.testing.assert_array_equal(baseline(TIME, np.full_like(TIME, 3.0), STARTS), 3.0)


def test_one_wild_sample_does_not_move_the_baseline() -> None:
    """A spike in a quiet stretch is outvoted by its neighbours."""
    power = np.full_like(TIME, 5.0)
    power[140] = 500.0
    np.testing.assert_allclose(baseline(TIME, power, STARTS), 5.0)

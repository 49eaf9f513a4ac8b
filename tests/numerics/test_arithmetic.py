from __future__ import annotations

import mpmath
import numpy as np
from numba import njit

from surfacechem.numerics.arithmetic import EXACT, exp, fma, ln


@njit
def _map_exp(x: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    for k in range(len(x)):
        out[k] = exp(x[k])
    return out


@njit
def _map_ln(x: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    for k in range(len(x)):
        out[k] = ln(x[k])
    return out


@njit(**{**EXACT, "cache": False})
def _rounding_error(a: float, b: float) -> float:
    return fma(a, b, -(a * b))


def test_exp_is_good_to_two_units_in_the_last_place() -> None:
    """The exponential agrees with mpmath wherever the result is a normal number."""
    x = np.random.default_rng(1).uniform(-708.0, 709.0, 2000)
    expected = np.array([float(mpmath.exp(mpmath.mpf(value))) for value in x])
    assert np.abs(_map_exp(x) / expected - 1.0).max() < 2.0 * np.finfo(float).eps + 1e-18


def test_exp_of_zero_is_one() -> None:
    """The most abundant state of a node has a share of exactly one before it is divided by the sum."""
    assert _map_exp(np.zeros(1))[0] == 1.0


def test_exp_is_clamped_beyond_its_range() -> None:
    """Arguments out of range give the nearest normal numbers, so that one lane never traps the others."""
    low, high = _map_exp(np.array([-1e4, 1e4]))
    assert 0.0 < low < 1e-307
    assert 1e307 < high < np.inf


def test_ln_is_good_to_two_units_in_the_last_place() -> None:
    """The logarithm agrees with numpy over all normal numbers."""
    x = np.exp(np.random.default_rng(2).uniform(-700.0, 700.0, 20000))
    assert np.abs(_map_ln(x) / np.log(x) - 1.0).max() < 2.0 * np.finfo(float).eps


def test_ln_keeps_its_relative_accuracy_next_to_one() -> None:
    """Near one, where balances close, ln(1 + d) is d to full relative accuracy."""
    d = np.random.default_rng(3).normal(0.0, 1e-9, 2000)
    x = 1.0 + d
    expected = np.log1p(x - 1.0)
    away = x != 1.0
    assert np.abs(_map_ln(x)[away] / expected[away] - 1.0).max() < 2.0 * np.finfo(float).eps


def test_fma_finds_the_rounding_error_of_a_product() -> None:
    """What a product loses by rounding comes out exactly."""
    a, b = 1.0 + 2.0**-30, 1.0 + 2.0**-29
    assert _rounding_error(a, b) == 2.0**-59

"""A pinned fit passes while it stays where it was, and says how far it moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import DataError
from surfacechem.fitting import FitResult, fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.testing import assert_fit_pinned, pin_fit, simulate_titration
from surfacechem.testing.titrating import EXCHANGE

if TYPE_CHECKING:
    from pathlib import Path


def refit(*, truth: float = 1.3, seed: int = 3) -> FitResult:
    """Fit a simulated titration, 1 % noise."""
    network = Network(parse(EXCHANGE.format(K=truth)))
    amounts = {"InP37": np.full(16, 5e-4), "HO2CR'": np.linspace(2e-3, 6e-2, 16)}
    return fit(network, simulate_titration(network, amounts, seed=seed))


@pytest.fixture(scope="module")
def result() -> FitResult:
    """Return the fit that is pinned."""
    return refit()


def test_repeated_fit_is_the_pinned_one(result: FitResult, tmp_path: Path) -> None:
    """The same data give the same constants."""
    assert_fit_pinned(refit(), pin_fit(result, tmp_path / "pin.json"))


def test_other_data_are_seen(result: FitResult, tmp_path: Path) -> None:
    """A constant that moved is listed with how many of its own standard errors it moved by."""
    path = pin_fit(result, tmp_path / "pin.json")
    with pytest.raises(AssertionError, match=r"K\[X1\]: log10 K was .* moved by .* standard errors"):
        assert_fit_pinned(refit(truth=1.6), path)


def test_tolerance_is_a_share_of_the_error(result: FitResult, tmp_path: Path) -> None:
    """A twentieth of a standard error passes, a fifth does not."""
    path = pin_fit(result, tmp_path / "pin.json")
    best = result.estimates[0]

    def moved(share: float) -> FitResult:
        value = best.log10_value + share * best.log10_stderr
        return replace(result, estimates=(replace(best, log10_value=value), *result.estimates[1:]))

    assert_fit_pinned(moved(0.05), path)
    with pytest.raises(AssertionError, match=r"moved by 0\.2 standard errors"):
        assert_fit_pinned(moved(0.2), path)


def test_interval_that_opens_is_seen(result: FitResult, tmp_path: Path) -> None:
    """A bound where there was an interval is a change."""
    path = pin_fit(result, tmp_path / "pin.json")
    best = result.estimates[0]
    opened = replace(best, log10_interval=(best.log10_interval[0], None))
    with pytest.raises(AssertionError, match=r"upper end was .* is open"):
        assert_fit_pinned(replace(result, estimates=(opened, *result.estimates[1:])), path)


def test_constant_that_is_gone_is_named(result: FitResult, tmp_path: Path) -> None:
    """Another model is another fit."""
    path = pin_fit(result, tmp_path / "pin.json")
    with pytest.raises(AssertionError, match="K\\[X1\\]: is gone"):
        assert_fit_pinned(replace(result, estimates=result.estimates[1:]), path)


def test_nothing_is_overwritten_unasked(result: FitResult, tmp_path: Path) -> None:
    """A pin is replaced on purpose only."""
    path = pin_fit(result, tmp_path / "pin.json")
    with pytest.raises(DataError, match="a file of this name"):
        pin_fit(result, path)


def test_other_file_is_no_pin(result: FitResult, tmp_path: Path) -> None:
    """Any JSON object is not a pinned fit."""
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="pin_fit"):
        assert_fit_pinned(result, tmp_path / "other.json")

"""What a fit returns: its facts, its tables, and the way to a file and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from surfacechem.chem.convention import Role
from surfacechem.display import Tone
from surfacechem.errors import DataError, UnknownNameError
from surfacechem.fitting import Estimate, FitResult, fit
from surfacechem.network import Network
from surfacechem.records import Titration

Maker = Callable[..., tuple[Network, Titration]]


@pytest.fixture
def result(binding: Maker) -> FitResult:
    """Return the fit of a good titration with a missing value."""
    network, data = binding()
    values = data.signals[0].values.copy()
    values[2, 0] = np.nan
    return fit(network, replace(data, sha256="ab12", signals=(replace(data.signals[0], values=values),)))


def test_json_gives_the_same_numbers_back(result: FitResult) -> None:
    """Saved and loaded, nothing changed in any digit, missing values included."""
    loaded = FitResult.from_dict(json.loads(json.dumps(result.to_dict(), allow_nan=False)))
    assert loaded.to_dict() == result.to_dict()
    np.testing.assert_array_equal(loaded.covariance, result.covariance)
    np.testing.assert_array_equal(loaded.datasets[0].signals[0].residuals, result.datasets[0].signals[0].residuals)
    assert str(loaded) == str(result)
    assert loaded.datasets[0].sha256 == "ab12"
    assert set(loaded.versions) == {"surfacechem", "python", "numpy", "scipy", "numba"}


def test_loaded_arrays_are_read_only(result: FitResult) -> None:
    """A record is not written on."""
    loaded = FitResult.from_dict(result.to_dict())
    with pytest.raises(ValueError, match="read-only"):
        loaded.covariance[0, 0] = 1.0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"layout": "other"}, "layout 'other'"),
        ({"dof": "many"}, "Expected `float`"),
        ({"facts": 3}, "Expected `array`"),
    ],
)
def test_spoilt_file_is_refused(result: FitResult, changed: dict[str, object], message: str) -> None:
    """A wrong layout or a wrong type is named."""
    with pytest.raises(DataError, match=message):
        FitResult.from_dict(result.to_dict() | changed)


def test_unknown_name_lists_the_known(result: FitResult) -> None:
    """A slip in a name shows what there is."""
    with pytest.raises(UnknownNameError, match="K\\[11\\]"):
        result["K11"]
    with pytest.raises(UnknownNameError, match="converged"):
        result.fact("bad mood")


def test_validity_and_exit_code_follow_the_facts(result: FitResult) -> None:
    """One bad fact is enough."""
    assert result.is_valid
    assert result.exit_code == 0
    spoilt = replace(result, facts=(*result.facts, replace(result.facts[0], tone=Tone.BAD)))
    assert not spoilt.is_valid
    assert spoilt.exit_code == 1


def test_text_and_html_show_the_constant(result: FitResult) -> None:
    """Terminal and notebook show the same rows."""
    shown = str(result["K[11]"].rounded())
    assert shown in str(result)
    assert "K[11]" in result._repr_html_()
    assert "valid" in repr(result)
    assert result.amplitudes_table().columns == (
        "channel",
        *(f"{name} [L/(mol cm)]" for name in ("Host", "Guest", "HG")),
    )


def test_residuals_and_rmse_belong_together(result: FitResult) -> None:
    """The rmse is that of the residuals, over what was measured."""
    signal = result.datasets[0].signals[0]
    assert signal.rmse == pytest.approx(np.sqrt(np.nanmean(signal.residuals**2)))
    assert result.rmse == pytest.approx(signal.rmse)
    assert result.ssr == pytest.approx(signal.rmse**2 * result.n_values)


def test_noise_counts_amplitudes_and_parameters(result: FitResult) -> None:
    """Degrees of freedom are values less amplitudes less parameters."""
    assert result.dof == pytest.approx(44 - 9 - 1)
    assert result.datasets[0].signals[0].noise == pytest.approx(np.sqrt(result.ssr / result.dof))


@pytest.mark.parametrize(
    ("interval", "shown"),
    [((2.5, None), "> 310 L/mol"), ((None, 2.5), "< 320 L/mol"), ((None, None), "not determined")],
)
def test_open_intervals_are_shown_as_bounds(interval: tuple[float | None, float | None], shown: str) -> None:
    """A bound is rounded outward and never looks like a value."""
    estimate = Estimate(name="K", role=Role.FREE, log10_value=2.7, log10_interval=interval, unit="L/mol")
    assert str(estimate.rounded()) == shown
    assert estimate.is_bound_only

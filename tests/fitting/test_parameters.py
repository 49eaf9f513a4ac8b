"""What a fit may move, and how far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.errors import FitError
from surfacechem.fitting.parameters import Parameters, collect_parameters
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Titration


def collect(constant: str, **changes: object) -> tuple[Parameters, tuple[str, ...]]:
    """Return the parameters of a 1:1 model on a titration at 1 mmol/L."""
    text = (
        f"surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG ; K = {constant}\nS[21] H + HG <=> H2G ; K = fit /M\n"
    )
    data = Titration(name="run", feeds=("H", "G"), amounts=np.full((3, 2), 1e-3), signals=(), labels=("1", "2", "3"))
    return collect_parameters(Network(parse(text)), [replace(data, **changes)])  # type: ignore[arg-type]  # fields


def test_search_is_centred_on_half_binding() -> None:
    """At 1 mmol/L an association constant is looked for six decades around 1e3 /M."""
    parameters, _ = collect("fit /M")
    np.testing.assert_allclose(parameters.search_lower / LN10, [-3, -3])
    np.testing.assert_allclose(parameters.search_upper / LN10, [9, 9])
    assert not parameters.is_bounded.any()


def test_stated_bounds_hold() -> None:
    """``fit 1..1e4`` bounds both the search and the walk."""
    parameters, _ = collect("fit 1..1e4 /M")
    assert (parameters.lower / LN10)[0] == pytest.approx(0.0)
    assert (parameters.search_upper / LN10)[0] == pytest.approx(4.0)
    assert parameters.is_bounded.tolist() == [True, False]


def test_bounds_beyond_the_usual_window_are_searched() -> None:
    """Bounds that lie elsewhere are the window."""
    parameters, _ = collect("fit 1e12..1e14 /M")
    np.testing.assert_allclose([parameters.search_lower[0] / LN10, parameters.search_upper[0] / LN10], [12, 14])


def test_fixed_constant_is_no_parameter() -> None:
    """A number stays where it is, in every data set."""
    parameters, _ = collect("250 /M")
    assert parameters.names == ("K[21]",)
    theta = parameters.theta_offset[0] + parameters.theta_matrix @ np.zeros(1)
    np.testing.assert_allclose(theta, [np.log(250), 0.0])


def test_prior_is_in_natural_logarithms() -> None:
    """A Gaussian prior of 10 % on K has a width of about 0.1 in ln K."""
    parameters, _ = collect("1000 +/- 100 /M fit")
    assert parameters.prior_mean[0] == pytest.approx(np.log(1000), rel=1e-3)
    assert parameters.prior_stderr[0] == pytest.approx(0.1, rel=0.02)
    assert parameters.has_prior.tolist() == [True, False]


def test_half_known_concentration_is_refused() -> None:
    """A single empty cell is a fault, not a parameter; the point is named."""
    amounts = np.full((3, 2), 1e-3)
    amounts[1, 0] = np.nan
    with pytest.raises(FitError, match="no value at point 2"):
        collect("fit /M", amounts=amounts)


def test_unknown_concentration_is_diluted() -> None:
    """Without values, what was in the vessel at the start is fitted, and dilution followed."""
    amounts = np.full((3, 2), 1e-3)
    amounts[:, 0] = np.nan
    parameters, _ = collect("fit /M", amounts=amounts, added=np.array([0.0, 1e-3, 3e-3]), initial_volume=1e-3)
    assert parameters.names == ("K[11]", "K[21]", "c[H] of run")
    np.testing.assert_allclose(parameters.feedings[0].profile, [1, 0.5, 0.25])


def test_no_concentration_at_all_is_refused() -> None:
    """Constants have no scale where no amount is known."""
    with pytest.raises(FitError, match="no amount above zero"):
        collect("fit /M", amounts=np.full((3, 2), np.nan))


def test_temperature_moves_constants_with_enthalpy() -> None:
    """Van 't Hoff: -35 kJ/mol from 298.15 to 308.15 K; a constant without dH is said to stay."""
    parameters, notes = collect("fit /M, dH = -35 kJ/mol", temperature=308.15)
    step = 35e3 / GAS_CONSTANT * (1 / 308.15 - 1 / 298.15)
    np.testing.assert_allclose(parameters.theta_offset[0], [step, 0.0], rtol=1e-9)
    assert "K[21] without dH" in notes[0]

"""A sweep says what single solutions say, by name and with units."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import ConventionError, ModelError, RangeError, UnitError, UnknownNameError
from surfacechem.fitting import fit
from surfacechem.network import Bound, Network, Speciation
from surfacechem.notation import parse
from surfacechem.records import Technique
from surfacechem.sweep import sweep
from surfacechem.testing import assert_monotone_coverage, flasks, simulate_titration
from surfacechem.testing.titrating import EXCHANGE as FITTED

if TYPE_CHECKING:
    from surfacechem.api import Model
    from surfacechem.testing import Flask

FEED = {"InP37": "0.5 mM"}
ACID = "0..5 equiv per native ligand in 6"
STATE = "In-O2CR'"


def test_grid_is_named_and_has_units(exchange: Model) -> None:
    """Dimensions are what was varied; units and the model stand in the attributes."""
    data = exchange.sweep({"K[X1]": "1e-2..1e2:5", "HO2CR'": ACID}, feed=FEED)
    assert data["coverage"].dims == ("K[X1]", "HO2CR'", "state")
    assert data["HO2CR'"].attrs["units"] == "equiv per native ligand"
    assert data["concentration"].attrs["units"] == "mol/L"
    assert "In37P20(O2CR)51" in data.attrs["model"]


def test_isotope_exchange_in_closed_form(exchange: Model) -> None:
    """With K = 1 and e equivalents per native ligand the coverage is e/(1 + e)."""
    data = exchange.sweep({"HO2CR'": ACID}, feed=FEED, constants={"K[X1]": 1.0})
    e = data["HO2CR'"].to_numpy()
    assert data["coverage"].sel(state=STATE).to_numpy() == pytest.approx(e / (1 + e))


def test_every_point_of_a_grid_is_a_single_solution(exchange: Model) -> None:
    """Slowest dimension first, as the dimensions are named."""
    data = exchange.sweep({"K[X1]": [0.1, 3.0], "HO2CR'": ["1 mM", "20 mM", "90 mM"]}, feed=FEED)
    for constant in (0.1, 3.0):
        for acid in (1.0, 20.0, 90.0):
            one = exchange.solve({"InP37": 5e-4, "HO2CR'": acid * 1e-3}, [math.log(constant)])
            there = data["concentration"].sel({"K[X1]": constant, "HO2CR'": acid})
            assert there.to_numpy() == pytest.approx(one.concentration[0], rel=1e-9)


def test_coverage_rises_with_acid(exchange: Model) -> None:
    """More acid, more of it on the surface."""
    data = exchange.sweep({"HO2CR'": "0..5 equiv per native ligand in 101"}, feed=FEED)
    assert_monotone_coverage(data["HO2CR'"], data["coverage"].sel(state=STATE))


def test_temperature_follows_van_t_hoff(exchange: Model) -> None:
    """K(T) = K exp(-dH/R (1/T - 1/298.15 K)); at the model's own temperature nothing changes."""
    data = exchange.sweep({"T": ["298.15 K", "350 K"]}, feed={**FEED, "HO2CR'": "20 mM"})
    hot = math.log(1.3) + 5000 / GAS_CONSTANT * (1 / 350 - 1 / 298.15)
    expected = [
        exchange.solve({"InP37": 5e-4, "HO2CR'": 0.02}, [ln_k]).of(STATE)[0] / (51 * 5e-4)
        for ln_k in (math.log(1.3), hot)
    ]
    assert data["coverage"].sel(state=STATE).to_numpy() == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("temperature", ["1e-300 K", "-300 degC", "1e6 K"])
def test_temperature_is_one_of_a_flask(exchange: Model, temperature: str) -> None:
    """Beyond, constants lose all digits: near 0 K more was once found than was put in, and called solved."""
    with pytest.raises(RangeError, match="1 to 5000 K"):
        exchange.sweep({"T": [temperature]}, feed={**FEED, "HO2CR'": "20 mM"})
    with pytest.raises(RangeError, match="1 to 5000 K"):
        exchange.predict({**FEED, "HO2CR'": "20 mM"}, temperature=temperature)


def test_temperature_needs_enthalpies() -> None:
    """A constant without dH is named."""
    network = Network(parse("S  H + G <=> HG ; K = 10 /M"))
    with pytest.raises(ConventionError, match=r"K\[S1\].*no enthalpy"):
        sweep(network, {"T": "280..300 K:3"}, feed={"H": "1 mM", "G": "1 mM"})


def test_number_of_sites_scales_what_one_particle_takes(exchange: Model) -> None:
    """At a fixed ratio of acid to sites the coverage is the same for 40 and for 51 sites; the totals are not."""
    data = exchange.sweep({"N[In]": [40.0, 51.0], "HO2CR'": ["1 equiv per native ligand"]}, feed=FEED)
    covered = data["coverage"].sel(state=STATE).to_numpy().ravel()
    assert covered[0] == pytest.approx(covered[1], rel=1e-9)
    held = data["concentration"].sel(entity=STATE).to_numpy().ravel()
    assert held[1] / held[0] == pytest.approx(51 / 40, rel=1e-9)


def test_zipped_lists_move_together(exchange: Model) -> None:
    """The second value of one goes with the second of the other; other lengths are refused."""
    vary = {"K[X1]": [0.1, 3.0], "HO2CR'": ["1 mM", "20 mM"]}
    data = exchange.sweep(vary, feed=FEED, design="zipped")
    grid = exchange.sweep(vary, feed=FEED)
    both = np.array([grid["coverage"].to_numpy()[k, k] for k in range(2)])
    assert data["coverage"].to_numpy() == pytest.approx(both)
    with pytest.raises(RangeError, match="equal lengths"):
        exchange.sweep({"K[X1]": [0.1, 1.0, 3.0], "HO2CR'": ["1 mM", "20 mM"]}, feed=FEED, design="zipped")


@pytest.mark.parametrize("design", ["random", "sobol", "halton"])
def test_drawn_points_lie_between_the_ends(exchange: Model, design: str) -> None:
    """Constants are drawn evenly in their logarithm; the seed makes the points."""
    vary = {"K[X1]": "1e-2..1e2", "HO2CR'": "0..5 equiv per native ligand"}
    data = exchange.sweep(vary, feed=FEED, design=design, n_points=256, seed=5)
    drawn = data["K[X1]"].to_numpy()
    assert ((drawn >= 1e-2) & (drawn <= 1e2)).all()
    # A median of 256 draws, even over four decades, is within half a decade of the middle.
    assert abs(np.log10(np.median(drawn))) < 0.5
    again = exchange.sweep(vary, feed=FEED, design=design, n_points=256, seed=5)
    assert np.array_equal(again["coverage"], data["coverage"])


def test_more_points_of_a_drawn_design_begin_with_the_same(exchange: Model) -> None:
    """A study may be enlarged."""
    vary = {"K[X1]": "1e-2..1e2"}
    few = exchange.sweep(vary, feed={**FEED, "HO2CR'": "9 mM"}, design="sobol", n_points=10)
    many = exchange.sweep(vary, feed={**FEED, "HO2CR'": "9 mM"}, design="sobol", n_points=40)
    assert np.array_equal(many["K[X1]"][:10], few["K[X1]"])


def test_drawn_design_asks_for_its_size(exchange: Model) -> None:
    """Nothing is assumed."""
    with pytest.raises(RangeError, match="--points 1000"):
        exchange.sweep({"K[X1]": "1e-2..1e2"}, feed=FEED, design="sobol")
    with pytest.raises(RangeError, match="grid, zipped, random"):
        exchange.sweep({"K[X1]": "1e-2..1e2"}, feed=FEED, design="latin")


def test_draws_spread_as_the_error_says(exchange: Model) -> None:
    """The logarithm of K is drawn with the model's +/- 0.1 of 1.3; coverage spreads accordingly."""
    data = exchange.sweep({"HO2CR'": ["25.5 mM"]}, feed=FEED, n_draws=400, seed=1)
    spread = float(data["coverage"].sel(state=STATE).std())
    ends = [
        exchange.solve({"InP37": 5e-4, "HO2CR'": 0.0255}, [math.log(1.3) + sign * 0.1 / 1.3]).of(STATE)[0] / 0.0255
        for sign in (-1, 1)
    ]
    # The standard error of a standard deviation of 400 draws is 3.5 %.
    assert spread == pytest.approx((ends[1] - ends[0]) / 2, rel=0.15)


def test_fit_gives_constants_draws_and_signals() -> None:
    """A sweep of a fit knows its calibrated signals, in the unit of the data."""
    network = Network(parse(FITTED.format(K=1.3)))
    amounts = {"InP37": np.full(12, 5e-4), "HO2CR'": np.linspace(2e-3, 6e-2, 12)}
    result = fit(network, simulate_titration(network, amounts, seed=2))
    data = sweep(network, {"HO2CR'": ["2 mM", "60 mM"]}, feed=FEED, fit=result, n_draws=3)
    signal = data["signal bound, free"]
    assert signal.dims == ("HO2CR'", "draw", "signal bound, free channel")
    seen, held = signal.to_numpy()[..., 0], data["concentration"].sel(entity=STATE).to_numpy()
    # The scale of the signal is one here; the fit finds it, or knows it, within its noise of 1 %.
    assert seen == pytest.approx(held, rel=0.03)


def test_rescaled_signals_are_another_sweep() -> None:
    """Twice the intensity leaves the constant as it is, to the last bit; signals of the first fit were remembered."""
    network = Network(parse(f"{FITTED.format(K=1.3)}observe I = spectrum(In-O2CR, In-O2CR')"))
    amounts = {"InP37": np.full(12, 5e-4), "HO2CR'": np.linspace(2e-3, 6e-2, 12)}
    made = simulate_titration(network, amounts, seed=2)
    seen = made.signals[0]
    seen = replace(seen, name="I", technique=Technique.FLUORESCENCE, unit="1")
    vary = {"HO2CR'": ["2 mM", "60 mM"]}
    answers = []
    for factor in (1.0, 2.0):
        data = replace(made, signals=(replace(seen, values=factor * seen.values),))
        answers.append(sweep(network, vary, feed=FEED, fit=fit(network, data), keep=["signal"]))
    np.testing.assert_allclose(answers[1]["signal I"], 2.0 * answers[0]["signal I"])
    assert answers[0].attrs["sweep_sha256"] != answers[1].attrs["sweep_sha256"]


def test_unsolved_points_keep_their_status(exchange: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """A point that the solver flags is NaN with its status; its neighbours are numbers."""
    solve = Bound.solve

    def flagged(self: Bound, theta: np.ndarray) -> Speciation:
        found = solve(self, theta)
        found.status[1] = 4
        return found

    monkeypatch.setattr(Bound, "solve", flagged)
    data = exchange.sweep({"HO2CR'": ACID}, feed=FEED)
    assert data["status"].to_numpy().tolist() == [0, 4, 0, 0, 0, 0]
    assert np.isnan(data["coverage"].to_numpy()).all(axis=1).tolist() == [False, True, False, False, False, False]
    assert data["status"].attrs["flag_meanings"].split()[4] == "inaccurate"


def test_constant_without_value_is_named() -> None:
    """What is neither varied nor known is asked for."""
    network = Network(parse("S  2 H <=> HH ; K = 10 /M\nS HH + H <=> H3 ; K = fit /M"))
    assert not sweep(network, {"K[S2]": "1..2 /M:3"}, feed={"H": "1 mM"})["status"].to_numpy().any()
    with pytest.raises(ModelError, match=r"K\[S2\].*no value"):
        sweep(network, {"K[S1]": ["1 /M", "2 /M"]}, feed={"H": "1 mM"})


@settings(max_examples=10, deadline=None)
@given(flasks(kinds=("X", "L", "S", "conformer")), st.integers(2, 5))
def test_any_system_is_swept_as_it_is_solved(flask: Flask, n_values: int) -> None:
    """Whatever the model: a point of a sweep is the solution of that flask, or both are flagged."""
    network, amounts = flask
    name = next(iter(amounts))
    feed = {other: f"{value!r} mol/L" for other, value in amounts.items() if other != name}
    values = [f"{amounts[name] * factor!r} mol/L" for factor in range(1, n_values + 1)]
    data = sweep(network, {name: values}, feed=feed)
    table = {other: np.full(n_values, value) for other, value in amounts.items()}
    table[name] = amounts[name] * np.arange(1, n_values + 1)
    solved = network.solve(table)
    good = solved.status == 0
    assert np.array_equal(data["status"].to_numpy() == 0, good)
    assert data["concentration"].to_numpy()[good] == pytest.approx(solved.concentration[good], rel=1e-8)


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"vary": {"InP37": ["1 mM"]}}, UnitError, "varied and given a value"),
        ({"feed": {"InP37": "0..1 mM"}}, UnitError, "vary InP37 instead"),
        ({"keep": ["colour"]}, UnknownNameError, "coverage, concentration"),
        ({"n_draws": -1}, RangeError, "0 or more"),
        ({"n_points": 10}, RangeError, "values themselves say"),
        ({"vary": {"K[X1]": "1..2:1000000", "HO2CR'": "0..5 mM:1000000"}}, RangeError, r"5.*GB.*\n.*\n.*store"),
    ],
)
def test_wrong_calls_are_refused(
    exchange: Model, options: dict[str, object], kind: type[Exception], words: str
) -> None:
    """Contradictions, unknown results, and a grid of 1e12 points: what it would take, and what to do."""
    vary = options.pop("vary", {"HO2CR'": ACID}) if "vary" in options else {"HO2CR'": ACID}
    feed = {"feed": FEED} | options
    with pytest.raises(kind, match=words):
        sweep(exchange, vary, **feed)  # type: ignore[arg-type]  # wrong on purpose

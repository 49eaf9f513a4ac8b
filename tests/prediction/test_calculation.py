"""Predictions against closed forms, against the fit itself, and against draws."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT, LN10
from surfacechem.errors import FitError, ModelError, RangeError, UnitError, UnknownNameError
from surfacechem.fitting import FitResult, fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import along, component_spectra, conditions, fitted_signals, predict
from surfacechem.prediction.estimate import _range as open_range
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.feeds import Feeds
from surfacechem.prediction.state import Flask
from surfacechem.records import Signal, Technique, Titration

Maker = Callable[[str], Network]
Simulator = Callable[[Network, float], Titration]
SPECTRA = """surfacechem 1
species H
species G
S[11]  H + G <=> HG ; K = fit /M
observe A = spectrum(H, G, HG)
"""
DIMERISING = """surfacechem 1
species H
species G
S[11]  H + G <=> HG ; K = fit /M
S[d]   2 G <=> G2   ; K = 500 {error} /M fixed
observe delta = shift(G, HG, G2)
"""
STATING = "species H\nspecies G\nS[11] H + G <=> HG ; K = {constant}\nobserve delta = {limits}"
EQUIVALENTS = ["1", "10", "30", "51", "100", "510"]


def feed(equivalents: str | list[str], *, concentration: str = "0.5 mM") -> dict[str, str | list[str]]:
    """Return a flask of InP37 with equivalents of the incoming acid."""
    one = isinstance(equivalents, str)
    amount = f"{equivalents} equiv per InP37" if one else [f"{each} equiv per InP37" for each in equivalents]
    return {"InP37": concentration, "HO2CR'": amount}


@pytest.mark.parametrize("concentration", ["1 uM", "0.5 mM"])
@pytest.mark.parametrize(
    ("constant", "coverage"),
    [  # domain.md, section 7, to the digits printed there
        ("1", [0.01923, 0.16393, 0.37037, 0.5, 0.66225, 0.90909]),
        ("0.83", [0.0192, 0.1596, 0.3542, 0.4767, 0.6344, 0.8942]),
        ("2.23", [0.0194, 0.1787, 0.4366, 0.5989, 0.7738, 0.9548]),
    ],
)
def test_coverage_is_that_of_the_closed_form(
    exchange: Maker, constant: str, coverage: list[float], concentration: str
) -> None:
    """Exchange on 51 sites gives the roots of the quadratic, whatever the concentration."""
    network = exchange(constant)
    predicted = predict(network, conditions(network, feed(EQUIVALENTS, concentration=concentration)))
    curves = predicted.of("coverage", "In")
    assert curves.values[:, curves.labels.index("O2CR'")] == pytest.approx(coverage, abs=6e-5)


def test_ligands_per_particle_are_coverage_times_sites(exchange: Maker) -> None:
    """All 51 sites are always filled, and counts follow coverage."""
    network = exchange("1.3")
    predicted = predict(network, conditions(network, feed("0..100")))
    counts = predicted.of("ligands").values
    assert counts.sum(axis=1) == pytest.approx(51.0)
    assert counts == pytest.approx(51 * predicted.of("coverage").values)


def test_without_errors_there_is_no_band(exchange: Maker) -> None:
    """A constant that is stated exactly gives curves without band."""
    network = exchange("1.3")
    predicted = predict(network, conditions(network, feed("10")))
    assert predicted.band == "none"
    assert predicted.of("coverage").lower is None


def test_band_by_derivatives_agrees_with_draws(exchange: Maker) -> None:
    """For a small error of K both ways to a band give the same, to the noise of 400 draws."""
    network = exchange("1.3 +/- 0.1")
    flask = conditions(network, feed("0..100"))
    curves = predict(network, flask).of("coverage")
    drawn = predict(network, flask, n_draws=400, seed=3).of("coverage")
    width = curves.upper - curves.lower
    # The standard error of a 97.5 % quantile of 400 normal draws is 0.13 sigma, 3 % of the band; four of them.
    assert np.abs(drawn.upper - curves.upper).max() < 0.13 * width.max()
    assert np.abs(drawn.lower - curves.lower).max() < 0.13 * width.max()


def test_draws_repeat_with_their_seed(exchange: Maker) -> None:
    """The same seed gives the same band, another seed another."""
    network = exchange("1.3 +/- 0.1")
    flask = conditions(network, feed("20"))
    bands = [predict(network, flask, n_draws=20, seed=seed).of("coverage").upper for seed in (1, 1, 2)]
    assert np.array_equal(bands[0], bands[1])
    assert not np.array_equal(bands[0], bands[2])


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_draws": -1}, "n_draws"),
        ({"level": 95.0}, "write 0.95"),
        ({"level": 0.0}, "level"),
        ({"level": np.nan}, "level"),
    ],
)
def test_level_and_draws_that_mean_nothing_are_refused(exchange: Maker, options: dict[str, float], match: str) -> None:
    """A level is a probability and draws are counted; -1 draws used to end in numpy's own words."""
    network = exchange("1.3 +/- 0.1")
    with pytest.raises(RangeError, match=match):
        predict(network, conditions(network, feed("20")), **options)


def test_band_holds_a_fraction_in_its_range(exchange: Maker) -> None:
    """Even an error of two decades leaves coverage between nothing and everything."""
    network = exchange("1.3 +/- 100")
    curves = predict(network, conditions(network, feed("0..100"))).of("coverage")
    assert curves.lower.min() >= 0
    assert curves.upper.max() <= 1


def test_constant_may_be_replaced(host_guest: Maker) -> None:
    """A value with unit replaces the model's own, whatever its prefix."""
    network = host_guest("10 /M")
    flask = conditions(network, {"H": "1 mM", "G": "1 mM"})
    by_hand = predict(network, flask, constants={"K[11]": "1 /mM"}).of("speciation").values
    stated = predict(host_guest("1000 /M"), flask).of("speciation").values
    assert by_hand == pytest.approx(stated)


@pytest.mark.parametrize("value", ["1000", "1000 M", "-5 /M", "much", "1e999 /M"])
def test_replacement_of_wrong_kind_is_refused(host_guest: Maker, value: str) -> None:
    """A missing or wrong unit and numbers that no constant has are refused by name."""
    network = host_guest("10 /M")
    with pytest.raises(UnitError, match=r"K\[11\]"):
        known_constants(network, constants={"K[11]": value})


def test_unknown_constant_is_refused(host_guest: Maker) -> None:
    """A constant that the model does not have cannot be set."""
    with pytest.raises(UnknownNameError, match=r"K\[12\]"):
        known_constants(host_guest("10 /M"), constants={"K[12]": "1 /M"})


def test_constant_without_value_is_refused(host_guest: Maker) -> None:
    """What is still to be fitted cannot be predicted from."""
    network = host_guest("fit /M")
    with pytest.raises(ModelError, match=r"K\[11\]"):
        predict(network, conditions(network, {"H": "1 mM", "G": "1 mM"}))


def test_curves_pass_through_the_fitted_values(host_guest: Maker, titrate: Simulator) -> None:
    """The signal predicted at a measured point is what the fit has there."""
    network = host_guest("fit /M")
    result = fit(network, titrate(network, np.log(2000.0)))
    (fitted,) = fitted_signals(network, result)
    at_points = np.searchsorted(fitted.walk.values, fitted.points.values)
    assert fitted.curves.values[at_points] == pytest.approx(fitted.fitted, rel=1e-10)


@pytest.fixture
def at_two_temperatures(host_guest: Maker, titrate: Simulator) -> tuple[Network, FitResult]:
    """Return a fit of one K with dH = -40 kJ/mol, stated at 298.15 K, to shifts measured at 280 K and at 320 K."""
    network = host_guest("fit /M, dH = -40 kJ/mol")
    temperatures = {"cold": 280.0, "warm": 320.0}
    data = [
        replace(
            titrate(network, np.log(2000.0) + 40e3 / GAS_CONSTANT * (1 / temperature - 1 / 298.15)),
            name=name,
            temperature=temperature,
        )
        for name, temperature in temperatures.items()
    ]
    return network, fit(network, data)


def test_curves_are_drawn_at_the_temperature_of_the_data(at_two_temperatures: tuple[Network, FitResult]) -> None:
    """Each curve passes through its fitted values; both used to be drawn at the model's temperature, 0.1 ppm off."""
    network, result = at_two_temperatures
    for each in fitted_signals(network, result):
        at_points = np.searchsorted(each.walk.values, each.points.values)
        assert each.curves.values[at_points] == pytest.approx(each.fitted, rel=1e-9)


def test_prediction_along_data_has_their_temperature(at_two_temperatures: tuple[Network, FitResult]) -> None:
    """What is predicted along a data set is at its temperature and says so; elsewhere it is at the model's."""
    network, result = at_two_temperatures
    cold = result.datasets[0]
    predicted = predict(network, along(network, cold, n_points=2), fit=result)
    elsewhere = predict(network, conditions(network, {"G": "1 mM", "H": "1 mM"}), fit=result)
    assert predicted.of("signal", "cold: delta").values == pytest.approx(cold.signals[0].fitted, rel=1e-9)
    assert "At 280 K" in " ".join(predicted.notes)
    assert elsewhere.constants["K[11]"][0] == pytest.approx(LN10 * result["K[11]"].log10_value)


def test_reloaded_fit_keeps_the_temperature_of_its_data(at_two_temperatures: tuple[Network, FitResult]) -> None:
    """A fit that went through plain values draws the same curves."""
    network, result = at_two_temperatures
    (cold, _), (reloaded, _) = (
        fitted_signals(network, each) for each in (result, FitResult.from_dict(result.to_dict()))
    )
    assert np.array_equal(cold.curves.values, reloaded.curves.values)


def test_variances_of_the_fit_sum_to_what_was_fitted(host_guest: Maker, titrate: Simulator) -> None:
    """The trace of the hat matrix is the number of constants and amplitudes: the band knows their joint covariance."""
    network = host_guest("fit /M")
    result = fit(network, titrate(network, np.log(2000.0)))
    predicted = predict(network, along(network, result.datasets[0], n_points=2), fit=result)
    curves = predicted.of("signal", "delta")
    reach = known_constants(network, fit=result).reach(result.level)
    stderr = (curves.upper - curves.lower)[:, 0] / (2 * reach)
    trace = np.sum(stderr**2) / result.datasets[0].signals[0].noise ** 2
    assert trace == pytest.approx(result.n_parameters + result.n_amplitudes, rel=1e-6)


def test_bands_reach_as_far_as_the_intervals_of_the_fit(host_guest: Maker, titrate: Simulator) -> None:
    """Student's t of a band has the degrees of freedom of the constants' errors, not those of all values together."""
    network = host_guest("fit /M")
    result = replace(fit(network, titrate(network, np.log(2000.0))), student_dof=(3.0,))
    assert known_constants(network, fit=result).reach(0.95) == pytest.approx(3.182, abs=1e-3)


def test_draws_of_a_fit_agree_with_its_derivatives(host_guest: Maker, titrate: Simulator) -> None:
    """Drawn constants with the amplitudes that belong to them give the same band of the signal."""
    network = host_guest("fit /M")
    result = fit(network, titrate(network, np.log(2000.0)))
    flask = along(network, result.datasets[0], n_points=5)
    curves = predict(network, flask, fit=result).of("signal", "delta")
    drawn = predict(network, flask, fit=result, n_draws=400, seed=7).of("signal", "delta")
    # As above, 3 % of the width per standard error of the quantile; Student's t is 10 % wider at 13 degrees of freedom.
    width = curves.upper - curves.lower
    assert np.abs(drawn.upper - curves.upper).max() < 0.25 * width.max()


def test_open_constant_spans_its_open_side(host_guest: Maker, titrate: Simulator) -> None:
    """Where the data only bound K from below, the band reaches to complete binding and the note says so."""
    network = host_guest("fit /M")
    result = fit(network, titrate(network, np.log(1e9)))
    assert result["K[11]"].is_bound_only
    flask = conditions(network, {"G": "1 uM", "H": "1 uM"})
    predicted = predict(network, flask, fit=result)
    curves = predicted.of("speciation")
    column = curves.labels.index("HG")
    assert curves.upper[0, column] == pytest.approx(1e-6, rel=1e-4)
    assert curves.lower[0, column] < 0.97e-6
    assert "open side" in " ".join(predicted.notes)


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((4.0, None), (4.0, 10.0)), ((None, 2.0), (-4.0, 2.0)), (None, (-3.0, 9.0)), ((None, None), (-3.0, 9.0))],
)
def test_open_side_is_tried_over_six_decades(
    interval: tuple[float | None, float | None] | None, expected: tuple[float, float]
) -> None:
    """From its bound, or from its best value (here 3) where there is none, an open constant is tried far out."""
    assert np.array(open_range(3.0, interval)) / LN10 == pytest.approx(expected)


def test_open_side_ends_at_a_stated_bound(host_guest: Maker, titrate: Simulator) -> None:
    """A constant that the data push against its bound is drawn up to there; it used to be tried up to 5e7 /M."""
    network = host_guest("fit 1..100 /M")
    result = fit(network, titrate(network, np.log(2000.0)))
    assert result["K[11]"].is_bound_only
    flask = conditions(network, {"G": "1 mM", "H": "1 mM"})
    upper = predict(network, flask, fit=result).of("speciation").upper
    at_bound = predict(network, flask, constants={"K[11]": "100 /M"}).of("speciation")
    column = at_bound.labels.index("HG")
    assert upper[0, column] == pytest.approx(at_bound.values[0, column], rel=1e-6)


def test_stated_error_of_a_fixed_constant_goes_into_predictions(titrate: Simulator) -> None:
    """What a fit held fixed at 500 +/- 250 /M has the band of that error; it used to have none."""
    network = Network(parse(DIMERISING.format(error="+/- 250")))
    result = fit(network, titrate(network, np.log([2000.0, 500.0])))
    flask = conditions(network, {"G": "1 mM"})  # without H there is the dimer alone
    fitted = predict(network, flask, fit=result).of("speciation")
    stated = predict(network, flask, constants={"K[11]": "2000 /M"}).of("speciation")
    column = fitted.labels.index("G2")
    knowledge = known_constants(network, fit=result)
    ends = np.log(np.array([fitted.lower, fitted.upper, stated.lower, stated.upper])[:, 0, column])
    # The fit's noise is estimated, so that its bands reach by Student's t, those of the model by the normal law.
    wider = knowledge.reach(0.95) / known_constants(network, constants={"K[11]": "2000 /M"}).reach(0.95)
    assert ends[1] - ends[0] == pytest.approx(wider * (ends[3] - ends[2]), rel=1e-6)


def test_prediction_is_as_valid_as_its_fit(host_guest: Maker, titrate: Simulator) -> None:
    """What follows from a fit that is not to be trusted says so; its validity used to be that of the solver alone."""
    network = host_guest("fit 1..100 /M")
    result = fit(network, titrate(network, np.log(2000.0)))
    flask = conditions(network, {"G": "1 mM", "H": "1 mM"})
    from_fit, from_model = predict(network, flask, fit=result), predict(network, flask, constants={"K[11]": "100 /M"})
    assert not result.is_valid
    assert (from_fit.is_valid, from_model.is_valid) == (False, True)
    assert from_fit.is_solved.all()
    assert "ends at its bound" in " ".join(from_fit.notes)


def test_unsolved_points_are_not_numbers(exchange: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Concentrations of a point that the solver gave up are never shown as if they were an answer."""
    network = exchange("1.3")
    flask = Flask(network, Feeds.of(conditions(network, feed(["1", "2"])), None), known_constants(network))
    given_up = SimpleNamespace(
        status=np.array([0, 1]), seen=np.ones((2, 3)), solution=SimpleNamespace(occupancy=np.ones((2, 4)))
    )
    monkeypatch.setattr(Flask, "_bind", lambda *_: SimpleNamespace(solve=lambda _: given_up))
    state = flask.solve(np.zeros((1, 1)))
    assert np.isnan(state.concentration[0]).tolist() == [[False] * 3, [True] * 3]
    assert np.isnan(state.occupancy[0]).tolist() == [[False] * 4, [True] * 4]


def test_known_spectra_stay_as_given() -> None:
    """Predicted spectra of a fit with a given component are those of the fit, which left it alone."""
    network = Network(parse(SPECTRA))
    flask = conditions(network, {"G": "50 uM", "H": "0..5 equiv per G in 12"})
    absorbed = np.column_stack([network.solve(flask.amounts, [np.log(1e5)]).of(name) for name in ("H", "G", "HG")])
    spectra = np.array([[100.0, 3000.0], [9000.0, 500.0], [4000.0, 6000.0]])
    values = 0.5 * absorbed @ spectra + np.random.default_rng(2).normal(0, 1e-4, (12, 2))
    signal = Signal(
        name="A",
        technique=Technique.UV_VIS,
        channels=("300", "320"),
        values=values,
        unit="1",
        axis=np.array([300.0, 320.0]),
        path_length=0.5,
    )
    data = Titration(
        name="run", feeds=flask.feeds, amounts=flask.amounts, signals=(signal,), labels=tuple("abcdefghijkl")
    )
    result = fit(network, data, known={"A": {"H": spectra[0]}})
    (fitted,) = fitted_signals(network, result)
    at_points = np.searchsorted(fitted.walk.values, fitted.points.values)
    assert fitted.curves.values[at_points] == pytest.approx(fitted.fitted, rel=1e-9)
    (components,) = component_spectra(result)
    assert components.is_known == (True, False, False)
    assert components.values[0] == pytest.approx(spectra[0])


def test_signals_of_one_observable_are_told_apart() -> None:
    """Two series of spectra, A.1 and A.2, each have their own curve through their own points; drawing used to crash."""
    network = Network(parse(SPECTRA))
    flask = conditions(network, {"G": "50 uM", "H": "0..5 equiv per G in 12"})
    absorbed = np.column_stack([network.solve(flask.amounts, [np.log(1e5)]).of(name) for name in ("H", "G", "HG")])
    random = np.random.default_rng(4)
    signals = tuple(
        Signal(
            name=name,
            technique=Technique.UV_VIS,
            channels=channels,
            values=absorbed @ random.uniform(1e3, 1e4, (3, len(channels)))
            + random.normal(0, 1e-4, (12, len(channels))),
            unit="1",
            axis=np.array(channels, dtype=float),
        )
        for name, channels in (("A.1", ("400", "410")), ("A.2", ("430", "440", "450")))
    )
    data = Titration(
        name="run", feeds=flask.feeds, amounts=flask.amounts, signals=signals, labels=tuple("abcdefghijkl")
    )
    drawn = fitted_signals(network, fit(network, data))
    assert [each.curves.name for each in drawn] == ["A.1", "A.2"]
    for each in drawn:
        at_points = np.searchsorted(each.walk.values, each.points.values)
        assert each.curves.values[at_points] == pytest.approx(each.fitted, rel=1e-9)


def test_prediction_is_plain_json(exchange: Maker) -> None:
    """Coverage without particles is not a number and becomes null; everything else is plain."""
    network = exchange("1.3 +/- 0.1")
    predicted = predict(network, conditions(network, {"HO2CR'": "1 mM"}))
    plain = json.loads(json.dumps(predicted.to_dict(), allow_nan=False))
    assert plain["curves"][0]["values"] == [[None, None]]
    assert plain["is_valid"] is True


def test_csv_has_units_and_bands(exchange: Maker) -> None:
    """Every column names its unit; the coverage column lies within its band."""
    network = exchange("1.3 +/- 0.1")
    lines = predict(network, conditions(network, feed("0..100"))).to_csv().splitlines()
    header = lines[0].split(",")
    row = [float(cell) for cell in lines[50].split(",")]
    names = [f"coverage In: O2CR'{end} [1]" for end in (" lower", "", " upper")]
    lower, value, upper = (row[header.index(name)] for name in names)
    assert header[0] == "HO2CR' [equiv per InP37]"
    assert lower < value < upper


def test_dataset_carries_units(exchange: Maker) -> None:
    """The labelled form names units and finds a curve by its ligand."""
    network = exchange("1")
    predicted = predict(network, conditions(network, feed("51")))
    dataset = predicted.to_dataset()
    chosen = dataset["coverage In"].sel({"coverage In of": "O2CR'"})
    assert float(chosen[0]) == pytest.approx(0.5)
    assert dataset["speciation concentration"].attrs["units"] == "mol/L"


def test_unknown_curves_are_refused(exchange: Maker) -> None:
    """Asking for what was not predicted names what was."""
    network = exchange("1")
    predicted = predict(network, conditions(network, feed("51")))
    with pytest.raises(UnknownNameError, match="signal"):
        predicted.of("signal")


def test_table_is_short_and_has_intervals(exchange: Maker) -> None:
    """Text shows some points with errors, not all of them."""
    network = exchange("1.3 +/- 0.1")
    text = str(predict(network, conditions(network, feed("0..100"))))
    assert len(text.splitlines()) < 20
    assert "(+" in text or "±" in text


def test_table_leaves_out_what_parts_two_curves(exchange: Maker) -> None:
    """A point without a place on the axis only breaks a line; it is no row."""
    network = exchange("1.3")
    flask = conditions(network, feed(["1", "2", "3"]))
    broken = replace(flask, axis=replace(flask.axis, values=np.array([1.0, np.nan, 3.0])))
    assert [row[0].value for row in predict(network, broken).to_table().rows] == ["1", "3"]


def test_stated_limiting_shifts_are_predicted(host_guest: Maker) -> None:
    """A model that states its limiting shifts gives the shift with a band, as draws do, and none without nucleus."""
    limits = "shift(G at 8 ppm, HG at 7 ppm)"
    network = Network(parse(STATING.format(constant="2000 +/- 100 /M", limits=limits)))
    flask = conditions(network, {"H": "1 mM", "G": ["0 mM", "0.5 mM", "2 mM"]})
    predicted, drawn = (predict(network, flask, n_draws=n, seed=1).of("signal", "delta") for n in (0, 400))
    bound = network.solve(flask.amounts).of("HG")[1:] / [5e-4, 2e-3]
    assert np.isnan(predicted.values[0, 0])
    assert predicted.values[1:, 0] == pytest.approx(8 - bound)
    assert (drawn.upper - drawn.lower)[1:] == pytest.approx((predicted.upper - predicted.lower)[1:], rel=0.15)
    assert not [each for each in predict(host_guest("2000 /M"), flask).curves if each.group == "signal"]


def test_a_stated_limiting_shift_is_kept_by_a_fit(titrate: Simulator) -> None:
    """What the line states is not fitted, in the fit and in what follows from it."""
    network = Network(parse(STATING.format(constant="fit /M", limits="shift(G at 8 ppm, HG)")))
    result = fit(network, titrate(network, np.log(2000.0)))
    signal = result.datasets[0].signals[0]
    assert (signal.amplitudes[0, 0], signal.amplitude_stderr[0, 0]) == (8.0, 0.0)
    assert result.n_amplitudes == 1
    (free,) = predict(network, conditions(network, {"G": "1 mM"}), fit=result).of("signal", "delta").values[0]
    assert free == pytest.approx(8.0)
    one = titrate(network, np.log(2000.0)).signals[0]
    pair = replace(one, channels=("delta.1", "delta.2"), values=np.repeat(one.values, 2, axis=1))
    with pytest.raises(FitError, match="2 signals that belong to the one line"):
        fit(network, replace(titrate(network, np.log(2000.0)), signals=(pair,)))


def test_table_shows_a_value_outside_its_quantiles(exchange: Maker) -> None:
    """Quantiles of draws need not hold the best value; the table used to end in a ValueError."""
    network = exchange("1.3")
    predicted = predict(network, conditions(network, feed(["1", "2", "3"])))
    curves = tuple(replace(each, lower=each.values * 1.001, upper=each.values * 1.002) for each in predicted.curves)
    assert len(replace(predicted, curves=curves).to_table().rows) == 3


def test_shares_of_forms_follow_from_their_binding() -> None:
    """Three forms on six places: (1 + K x)^6 each; what used to be found only as concentrations among all others."""
    network = Network(
        parse(
            "cluster C\nsite Cd on C : 6\nconformer a of C ; reference\nconformer i of C ; L0 = 2e-2\n"
            "conformer b of C ; L0 = 1e-4 +/- 1e-5\nL Cd-* + M <=> Cd-M ; K = 1 /M\n"
            "L Cd-* + M <=> Cd-M in i ; K = 3 /M\nL Cd-* + M <=> Cd-M in b ; K = 12 /M\n"
        )
    )
    predicted = predict(network, conditions(network, {"C": "1 pM", "M": "0.2 M"}))
    forms = predicted.of("forms", "C")
    weights = np.array([1.2**6, 2e-2 * 1.6**6, 1e-4 * 3.4**6])
    assert forms.labels == ("a", "i", "b")
    assert forms.values[0] == pytest.approx(weights / weights.sum())
    assert forms.lower is not None
    assert (forms.lower[0] < forms.values[0]).all()
    assert "share of C as b" in predicted.to_table().columns


def test_one_form_has_no_shares(exchange: Maker) -> None:
    """A cluster of one form is always in it: nothing to say."""
    network = exchange("1")
    predicted = predict(network, conditions(network, feed("1")))
    assert all(curves.group != "forms" for curves in predicted.curves)

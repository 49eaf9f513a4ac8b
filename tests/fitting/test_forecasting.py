"""Plans without data: what they promise is what fits of simulated data get, and choices are the best there are."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from surfacechem.fitting import fit
from surfacechem.fitting.choosing import badness, choose, parameter_covariance
from surfacechem.fitting.forecasting import Setup, choose_points, expected_covariance, forecast, is_readable
from surfacechem.fitting.simulating import Response, Run, expected_response, simulate
from surfacechem.network import Network
from surfacechem.notation import parse

MODEL = """surfacechem 1
species P
species A
S[11] P + A <=> PA ; K = fit /M, dH = -30 kJ/mol
S[12] PA + A <=> PA2 ; K = {K12}, dH = -20 kJ/mol
observe delta = shift(P, PA, PA2)
observe Abs = spectrum(P, PA, PA2)
observe heat = calorimetry(PA, PA2)
"""
LN_K = np.log(1e4)


def setup(K12: str = "1e2 /M", guesses: tuple[float, ...] = (LN_K,)) -> Setup:
    """Return the model with its default responses; K[11] is guessed."""
    network = Network(parse(MODEL.format(K12=K12)))
    responses = tuple(expected_response(network, each, amplitudes={}) for each in network.system.observables)
    table = np.array([[each, *np.log([100.0] * (len(network.constants) - 1))] for each in guesses])
    return Setup(network=network, guesses=table, responses=responses)


def titration(n_points: int = 15, host: float = 2e-4) -> Run:
    """Return a titration of P by A."""
    amounts = np.zeros((n_points, 4))
    amounts[:, 0], amounts[:, 1] = host, np.linspace(0.0, 10 * host, n_points)
    added = np.linspace(1e-5, n_points * 1e-5, n_points)
    return Run(label="titration", amounts=amounts, added=added, initial_volume=1e-3)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_promise_is_kept(number: int) -> None:
    """Noisy data of the run have the standard error that was promised, and the truth lies within four of them."""
    plan = setup()
    response = plan.responses[number]
    data = simulate(plan.network, titration(), ln_constants=plan.guesses[0], responses=[response])
    (signal,) = data.signals
    assert signal.sigma is not None
    noisy = signal.values + signal.sigma * np.random.default_rng(number).standard_normal(signal.values.shape)
    found = fit(plan.network, replace(data, signals=(replace(signal, values=noisy),)))["K[11]"]
    promised = np.sqrt(expected_covariance(plan, titration(), [response])[0, 0, 0]) / np.log(10)
    assert found.log10_stderr == pytest.approx(promised, rel=0.15)
    assert abs((found.log10_value or 0.0) - 4.0) < 4 * promised


def test_heats_of_formation_do_not_depend_on_how_a_reaction_is_written() -> None:
    """A complex that dissociates on paper forms with the opposite heat, under its own name."""
    text = "species A\nspecies B\nS {} ; K = {}, dH = {} kJ/mol\nobserve heat = calorimetry()"
    forth = Network(parse(text.format("A + B <=> AB", "1e5 /M", -30)))
    back = Network(parse(text.format("AB <=> A + B", "1e-5 M", 30)))
    for network in (forth, back):
        response = expected_response(network, network.system.observables[0], amplitudes={})
        assert response.amplitudes == {"AB": pytest.approx(-30e3)}


def test_heats_of_formation_add_up() -> None:
    """The heat of the second complex is that of both steps."""
    plan = setup()
    assert plan.responses[2].amplitudes == pytest.approx({"PA": -30e3, "PA2": -50e3})


def test_choice_is_the_best_of_all() -> None:
    """Of all ways to take four points out of nine, none is better than the one chosen."""
    draws = np.random.default_rng(2).standard_normal((1, 9, 3, 3))
    future, present = np.einsum("gpki,gpkj->gpij", draws[:, :, :1], draws[:, :, :1]), 1e-6 * np.eye(3)[np.newaxis]
    chosen = choose(present, future, 2, judged=None, n_points=4, is_whole=True)
    sums = {four: present + future[:, list(four)].sum(axis=1) for four in combinations(range(9), 4)}
    values = {four: float(badness(parameter_covariance(total, 2), None)) for four, total in sums.items()}
    assert tuple(sorted(chosen.points)) == min(values, key=values.__getitem__)


def test_no_flask_comes_twice() -> None:
    """A first run has as many different flasks as were asked for."""
    plan, run = setup(), titration(40)
    points = choose_points(plan, run.amounts, plan.responses[:1], criterion="D", n_points=9)
    assert len(set(points.tolist())) == 9


def test_chosen_points_beat_even_ones() -> None:
    """The flasks chosen pin the constant better than as many spread evenly over the same range."""
    plan, run, seen = setup(), titration(60), setup().responses[:1]
    points = choose_points(plan, run.amounts, seen, criterion="K[11]", n_points=8)
    even = np.linspace(0, 59, 8).round().astype(int)
    chosen, spread = (
        expected_covariance(plan, Run(label="", amounts=run.amounts[which]), seen)[0, 0, 0] for which in (points, even)
    )
    assert chosen < 0.8 * spread


def test_what_is_never_told_stays_unknown() -> None:
    """A run in which hardly any complex forms leaves the constant unknown by decades, with finite numbers."""
    plan = setup(guesses=(np.log(1e-6),))
    covariance = expected_covariance(plan, titration(), plan.responses[:1])
    assert np.isfinite(covariance).all()
    assert np.sqrt(covariance[0, 0, 0]) / np.log(10) > 3


def test_titrant_limited_run_is_warned_of() -> None:
    """At a c-value far above 1000 the plan says so and offers dilution; at 20 it does not."""
    found = {}
    for ln_k in (np.log(1e9), np.log(1e5)):
        plan = setup(guesses=(ln_k,))
        told = forecast(
            plan, [(titration(), plan.responses[2:])], criterion="D", resized=lambda _, n: titration(n), notes=()
        )
        found[ln_k] = {fact.name for fact in told.facts}
        assert told.best.steepness[0] == pytest.approx(np.exp(ln_k) * 2e-4)
    assert [("titrant-limited" in facts) for facts in found.values()] == [True, False]


def test_more_points_tell_more() -> None:
    """Over the same range the error falls with the number of points, about with its root."""
    plan = setup()
    told = forecast(plan, [(titration(), plan.responses[:1])], criterion="D", resized=lambda _, n: titration(n))
    errors = dict(zip(told.n_points.tolist(), told.log10_stderr[:, 0], strict=True))
    assert errors[30] == pytest.approx(errors[15] / np.sqrt(2), rel=0.1)
    assert told.widened.shape == (15, 1)


def test_dark_points_are_unreadable() -> None:
    """An absorbance above 2 counts as not readable; other signals are always read."""
    plan = setup()
    bright, dark = (titration(host=host) for host in (1e-5, 1e-3))
    assert is_readable(plan, bright, plan.responses[1:2]).all()
    assert not is_readable(plan, dark, plan.responses[1:2]).all()
    assert is_readable(plan, dark, plan.responses[:1]).all()


def test_relative_noise_follows_the_largest_value() -> None:
    """Two per cent of the largest integral is the noise of all of them."""
    network = Network(
        parse("surfacechem 1\nspecies H\nspecies G\nS[1] H + G <=> HG ; K = fit /M\nobserve b = integral(HG)")
    )
    (observable,) = network.system.observables
    response = expected_response(network, observable, amplitudes={})
    amounts = np.array([[1e-3, 0.0, 0.0], [1e-3, 1e-3, 0.0]])
    data = simulate(network, Run(label="", amounts=amounts), ln_constants=np.array([7.0]), responses=[response])
    assert isinstance(response, Response)
    assert data.signals[0].sigma == pytest.approx(np.full((2, 1), 0.02 * data.signals[0].values.max()))


@pytest.mark.parametrize("prior", ["", "200 +/- 60 "])
def test_techniques_together_are_one_joint_fit(prior: str) -> None:
    """The error that a pair promises is that of one fit of both data sets; a prior counts once, not twice."""
    plan = setup(K12=f"{prior}/M fit" if prior else "fit /M")
    runs = [(titration(), plan.responses[:1]), (titration(25, 5e-4), plan.responses[2:])]
    told = forecast(plan, runs, criterion="D", resized=lambda option, _: option.run)
    pair = next(each for each in told.combinations if each.parts[0].observed != each.parts[1].observed)
    data = [
        replace(simulate(plan.network, run, ln_constants=plan.guesses[0], responses=seen), name=seen[0].observable)
        for run, seen in runs
    ]
    joint = fit(plan.network, data)
    found = [joint[name].log10_stderr for name in told.parameter_names]
    assert pair.log10_stderr[0] == pytest.approx(found, rel=2e-3)
    assert (pair.log10_stderr[0] < told.best.log10_stderr[0]).all()
    assert "Best pair" in next(fact.sentence for fact in told.facts if fact.name == "together")


def test_three_techniques_are_planned_in_pairs_and_all_together() -> None:
    """Of three techniques there are three pairs, three doubles and one set of all; of one there is none."""
    plan = setup()
    runs = [(titration(host=2e-5), [each]) for each in plan.responses]
    told = forecast(plan, runs, criterion="D", resized=lambda option, _: option.run)
    assert sorted(len(each.parts) for each in told.combinations) == [2] * 6 + [3]
    assert [each.score for each in told.combinations] == sorted(each.score for each in told.combinations)
    assert not forecast(plan, runs[:1], criterion="D", resized=lambda option, _: option.run).combinations


@pytest.mark.parametrize("named", [{"P": 0.1, "PA": 0.5, "PA2": 0.9}, {"P": 0.0, "PA": 0.25, "PA2": 0.5}])
def test_additive_signals_have_the_amplitudes_that_are_named(named: dict[str, float]) -> None:
    """Amplitudes of complexes become those of their parts; before, every part had the default one, without a word."""
    told = {}
    for option in ("", "; additive"):
        lines = f"surfacechem 1\nS[1] P + A <=> PA\nS[2] PA + A <=> PA2\nobserve delta = shift(P, PA, PA2{option})"
        network = Network(parse(f"{lines}\nspecies P\nspecies A"))
        (observable,) = network.system.observables
        response = expected_response(network, observable, amplitudes=named)
        data = simulate(network, titration(), ln_constants=np.array([9.0, 8.0]), responses=[response])
        told[option] = data.signals[0].values
    assert told["; additive"] == pytest.approx(told[""])

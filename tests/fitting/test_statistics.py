"""Covariance, profile walks, search and verdicts, against what linear statistics knows exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import norm, t

from surfacechem.constants import LN10
from surfacechem.display import Tone
from surfacechem.fitting import fit, noise
from surfacechem.fitting.driver import prepare_objective
from surfacechem.fitting.patterns import successive_differences
from surfacechem.fitting.profiles import find_ends
from surfacechem.fitting.search import find_minima, refine
from surfacechem.fitting.uncertainty import estimate_covariance, quantile
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from surfacechem.fitting.objective import Objective

Maker = Callable[..., tuple[Network, Titration]]


def objective_of(made: tuple[Network, Titration]) -> Objective:
    """Bind a model to its data."""
    network, data = made
    return prepare_objective(network, (data,), known={})[0]


def test_gradient_of_all_residuals_agrees_with_central_differences(binding: Maker, exchange: Maker) -> None:
    """Network, observation, projection and weights chain to the exact gradient of the cost."""
    for made in (binding(sigma=2e-3), exchange(truth=1.0, unit="1", scale=7.0)):
        objective = objective_of(made)
        noise = np.full((1, len(objective.blocks)), 0.7)
        place = 0.4 * objective.parameters.search_lower + 0.6 * objective.parameters.search_upper
        (residual,), (jacobian,), is_solved = objective.evaluate(place[np.newaxis], noise)
        step = 1e-5
        around = [np.sum(objective.evaluate(place[np.newaxis] + side * step, noise)[0] ** 2) for side in (1, -1)]
        assert is_solved.all()
        assert 2.0 * jacobian[:, 0] @ residual == pytest.approx((around[0] - around[1]) / (2 * step), rel=1e-6)


def test_lanes_agree_with_single_evaluations(binding: Maker) -> None:
    """Five starts solved as one batch give what each gives alone."""
    objective = objective_of(binding())
    starts = np.linspace(objective.parameters.search_lower, objective.parameters.search_upper, 5)
    together = objective.block_costs(starts).squares
    alone = [objective.block_costs(start[np.newaxis]).squares[0] for start in starts]
    np.testing.assert_allclose(together, alone, rtol=1e-9)


def test_errors_are_those_of_the_joint_problem(binding: Maker) -> None:
    """Inverting the information of constant and amplitudes together gives the same standard errors of all of them."""
    made = binding()
    objective, result = objective_of(made), fit(*made)
    signal = result.datasets[0].signals[0]
    (experiment,), (block,) = objective.experiments, objective.blocks
    state = experiment.differentiate(np.array([result.minima[0].log10_values]) * LN10)
    columns = block.model.columns(state.concentration)[0]
    slopes = block.model.derivative(state.concentration, state.derivative)[0, :, :, 0]
    joint = np.concatenate([(slopes @ signal.amplitudes).T.reshape(-1, 1), np.kron(np.eye(3), columns)], axis=1)
    scale = np.linalg.norm(joint, axis=0)  # concentrations of 1e-3 beside shares of 1
    expected = np.sqrt(np.diag(np.linalg.inv((joint / scale).T @ (joint / scale)))) / scale * (signal.noise or 0.0)
    assert result["K[11]"].log10_stderr == pytest.approx(expected[0] / LN10, rel=1e-5)
    np.testing.assert_allclose(signal.amplitude_stderr.T.ravel(), expected[1:], rtol=1e-5)


def test_simulated_scatter_is_what_the_standard_error_says(binding: Maker) -> None:
    """Over 80 titrations the spread of log10 K is the mean standard error, within the 20 % that 80 draws allow."""
    fits = [fit(*binding(seed=seed))["K[11]"] for seed in range(80)]
    spread = np.std([each.log10_value or 0.0 for each in fits], ddof=1)
    assert np.mean([each.log10_stderr or 0.0 for each in fits]) == pytest.approx(spread, rel=0.2)


@pytest.mark.parametrize(("dof", "expected"), [(7.0, t.ppf(0.975, 7)), (np.inf, norm.ppf(0.975))])
def test_quantile_is_student_or_normal(dof: float, expected: float) -> None:
    """Estimated noise asks for Student's t, known noise for the normal."""
    assert quantile(0.95, dof) == pytest.approx(expected)


def test_sharp_profile_ends_at_the_linear_interval(binding: Maker) -> None:
    """With little noise the problem is linear and the walk ends t standard errors away, both ways."""
    objective = objective_of(binding(noise=1e-6))
    found = find_minima(objective)
    covariance = estimate_covariance(objective, found.parameters[0])
    ends = find_ends(
        objective,
        found.parameters[0],
        which=[0],
        noise=covariance.noise,
        critical=covariance.reach(0.95),
        covariance=covariance.matrix,
    )
    reach = quantile(0.95, covariance.noise_dof) * np.sqrt(covariance.matrix[0, 0])
    np.testing.assert_allclose(ends.ends[0] - found.parameters[0], [-reach, reach], rtol=5e-3)


def test_walk_that_falls_lower_says_so(binding: Maker) -> None:
    """Begun beside the minimum, the walk returns the better place instead of an interval."""
    objective = objective_of(binding())
    found = find_minima(objective)
    beside = found.parameters[0] + 0.5
    ends = find_ends(
        objective, beside, which=[0], noise=np.array([2e-3]), critical=np.array([2.0]), covariance=np.array([[1e-2]])
    )
    assert ends.better is not None
    assert abs(ends.better[0] - found.parameters[0, 0]) < 0.5


def test_every_start_over_twelve_decades_ends_at_the_same_minimum(binding: Maker) -> None:
    """Forty starts from 1e-3 to 1e9 /M, each followed down by itself, find one constant."""
    objective = objective_of(binding())
    box = objective.parameters
    ends = refine(objective, np.linspace(box.search_lower, box.search_upper, 40))
    best = find_minima(objective).parameters[0, 0]
    np.testing.assert_allclose(ends.parameters[:, 0], best, rtol=0, atol=1e-4)
    assert len(find_minima(objective).deviance) == 1


def test_two_minima_are_both_reported() -> None:
    """Shifts of H2G fitted by HG2 have a good and a poorer minimum, and both are kept, best first."""
    head = "surfacechem 1\nspecies H\nspecies G\n"
    truth = f"{head}S[11] H + G <=> HG ; K = 2660 /M\nS[21] H + HG <=> H2G ; K = 3170 /M"
    feeds = {"H": np.linspace(0, 6.4e-3, 18), "G": np.full(18, 1.14e-3)}
    seen = Network(parse(truth)).solve(feeds)
    shift = np.column_stack([seen.of(name) for name in ("G", "HG", "H2G")]) @ [4126.0, 3287.0, 2513.0] / 1.14e-3
    signal = Signal(name="d", technique=Technique.NMR_SHIFT, channels=("d",), values=shift[:, np.newaxis], unit="Hz")
    amounts, labels = np.column_stack([*feeds.values()]), tuple(str(point) for point in range(18))
    data = Titration(name="run", feeds=("H", "G"), amounts=amounts, signals=(signal,), labels=labels)
    wrong = f"{head}S[11] H + G <=> HG\nS[12] G + HG <=> HG2\nobserve d = shift(G, HG, HG2)"
    result = fit(Network(parse(wrong)), data)
    rises = [minimum.deviance_rise for minimum in result.minima]
    assert len(rises) > 1
    assert rises == sorted(rises)
    assert rises[0] == 0.0
    assert "the best of several minima" in result.fact("converged").sentence


def test_sigma_that_is_too_small_is_bad_news(binding: Maker) -> None:
    """Residuals four times the stated sigma are a misfit; a fourth of it is a note."""
    too_small = fit(*binding(noise=4e-3, sigma=1e-3))
    too_large = fit(*binding(noise=1e-3, sigma=4e-3))
    assert too_small.fact("misfit").tone is Tone.BAD
    assert too_large.fact("scatter").tone is Tone.NOTE
    assert too_large.is_valid


def test_constant_at_its_bound_is_named(binding: Maker) -> None:
    """A bound that excludes the truth is said to be in the way."""
    result = fit(*binding(K="fit 1e4..1e6 /M"))
    assert result["K[11]"].log10_value == pytest.approx(4.0)
    assert "ends at its bound" in result.fact("at bound").sentence
    assert result.exit_code == 1


def test_dependent_amplitudes_are_named(binding: Maker) -> None:
    """A baseline under a host of constant total cannot be told from its spectrum."""
    result = fit(*binding(observe="observe A = spectrum(Host, Guest, HG; baseline)"))
    assert "12 amplitudes" in result.fact("dependent amplitudes").sentence
    assert not result.is_valid


def test_flat_signal_beside_a_good_one_is_named(binding: Maker) -> None:
    """One signal without information does not spoil the other, but is said to be empty."""
    network, data = binding(observe="observe A = spectrum(Host, Guest, HG)\nobserve B = shift(Host, HG)")
    flat = Signal(name="B", technique=Technique.NMR_SHIFT, channels=("B",), values=np.full((15, 1), 7.0), unit="ppm")
    result = fit(network, replace(data, signals=(*data.signals, flat)))
    assert "'B' are all the same" in result.fact("flat").sentence
    assert not result.is_valid


def test_random_residuals_have_no_pattern() -> None:
    """White noise has a von Neumann ratio of 2; a slow wave one near 0."""
    noise = np.random.default_rng(5).normal(size=(4000, 1))
    ratio, strength = successive_differences(noise)
    assert ratio == pytest.approx(2.0, abs=0.1)
    assert abs(strength) < 3
    wave = np.sin(np.linspace(0, 6, 40))[:, np.newaxis]
    assert successive_differences(wave)[1] > 5


def test_strong_correlation_names_the_better_known_combination() -> None:
    """Where the middle complex is rare only the product of the two stepwise constants acts, and is named."""
    head = "surfacechem 1\nspecies H\nspecies G\n"
    text = head + "S[11] H + G <=> HG{0}\nS[12] G + HG <=> HG2{1}\nobserve d = shift(H, HG, HG2)"
    feeds = {"H": np.full(15, 2e-5), "G": np.linspace(0, 8e-4, 15)}
    seen = Network(parse(text.format(" ; K = 100 /M", " ; K = 1e5 /M"))).solve(feeds)
    shift = np.column_stack([seen.of(name) for name in ("H", "HG", "HG2")]) @ [8.0, 8.2, 9.0] / 2e-5
    values = (shift + np.random.default_rng(2).normal(0, 1e-4, 15))[:, np.newaxis]
    signal = Signal(name="d", technique=Technique.NMR_SHIFT, channels=("d",), values=values, unit="ppm")
    labels = tuple(str(point) for point in range(15))
    amounts = np.column_stack([*feeds.values()])
    data = Titration(name="run", feeds=("H", "G"), amounts=amounts, signals=(signal,), labels=labels)
    assert "K[11] x K[12] is known" in fit(Network(parse(text.format("", ""))), data).fact("correlation").sentence


def test_rounding_is_no_freedom(binding: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many values as parameters leave a difference of 1e-12 or none; of that no noise is estimated."""
    objective = objective_of(binding())
    parameters = np.log([[3000.0]])
    look = objective.look(parameters)
    left = objective.n_values - look.costs.n_amplitudes
    monkeypatch.setattr(noise, "_borne", lambda *_: left - 1e-12)
    assert noise.estimate_noise(objective, look.costs, look.information).freedom.tolist() == [[0.0]]

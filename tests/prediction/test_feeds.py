"""What a fit found of the amounts goes into predictions, with its error."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import FitError, RangeError, UnitError
from surfacechem.fitting import Correction, FitResult, bootstrap, fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import along, conditions, predict
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.feeds import Feeds
from surfacechem.records import Signal, Technique, Titration, Unknown
from surfacechem.sweep import sweep

if TYPE_CHECKING:
    from surfacechem.prediction import Curves

N_POINTS = 16
HOST_GUEST = "species H\nspecies G\nS[11] H + G <=> HG ; K = fit /M\nobserve delta = shift(G, HG)\n"
SITES = "cluster Q\nsite S on Q : 4\nspecies L\nL S-* + L <=> S-L ; K = fit /M\nobserve b = integral(S-L)\n"
STATED = np.column_stack([np.full(N_POINTS, 1e-3), np.linspace(0, 5e-3, N_POINTS)])


def measured(network: Network, real: np.ndarray, feeds: tuple[str, str], ln_constant: float) -> Signal:
    """Return a simulated signal of what is really in the flask (seed 5, noise of 4 ppb, or of 10 uM)."""
    kind = network.system.observables[0]
    solved = network.solve(dict(zip(feeds, real.T, strict=True)), np.array([ln_constant]))
    noise = np.random.default_rng(5).normal(size=(N_POINTS, 1))
    if kind.kind == "shift":
        values = 8.0 - (solved.of("HG") / real[:, 0])[:, np.newaxis] + 0.004 * noise
        return Signal(name="delta", technique=Technique.NMR_SHIFT, channels=("delta",), values=values, unit="ppm")
    values = solved.of("S-L")[:, np.newaxis] + 1e-5 * noise
    return Signal(name="b", technique=Technique.NMR_INTEGRAL, channels=("b",), values=values, unit="mol/L")


def data(network: Network, real: np.ndarray, feeds: tuple[str, str] = ("G", "H"), **options: object) -> Titration:
    """Return the data of a titration whose stated amounts are not the real ones."""
    signal = measured(network, real, feeds, np.log(2000.0))
    labels = tuple(str(point) for point in range(N_POINTS))
    stated = options.pop("amounts", STATED)
    return Titration(name="run", feeds=feeds, amounts=stated, signals=(signal,), labels=labels, **options)


@pytest.fixture(scope="module")
def impure() -> tuple[Network, FitResult]:
    """Return a fit of the share of H that is active, of which 85 % is."""
    network = Network(parse(HOST_GUEST))
    titration = data(network, STATED * [1.0, 0.85])
    return network, fit(network, titration, corrections=[Correction(feed="H", value=0.9, stderr=0.05)])


def speciation_of(curves: Curves, label: str) -> Curves:
    """Return one of the curves."""
    column = [curves.labels.index(label)]
    assert curves.upper is not None
    assert curves.lower is not None
    ends = curves.values[:, column], curves.lower[:, column], curves.upper[:, column]
    return replace(curves, labels=(label,), values=ends[0], lower=ends[1], upper=ends[2])


def half_widths(curves: Curves) -> np.ndarray:
    """Return half the width of the band at every point."""
    assert curves.upper is not None
    assert curves.lower is not None
    return np.asarray(curves.upper - curves.lower)[:, 0] / 2


def test_a_flask_typed_in_is_that_of_the_data(impure: tuple[Network, FitResult]) -> None:
    """What was weighed as in the data gives the fitted values: the active share used to be left out."""
    network, result = impure
    flask = conditions(network, {"G": "1 mM", "H": [f"{amount} M" for amount in STATED[:, 1]]})
    typed = predict(network, flask, fit=result)
    assert typed.of("signal", "delta").values == pytest.approx(result.datasets[0].signals[0].fitted, abs=1e-9)
    assert any("active[H] of the fit hold here too" in note for note in typed.notes)


def test_band_knows_the_joint_covariance_with_an_active_share(impure: tuple[Network, FitResult]) -> None:
    """The trace of the hat matrix counts the share: its error is in the band, and what the prior adds is not."""
    network, result = impure
    flask = along(network, result.datasets[0], n_points=2)
    curves = predict(network, flask, fit=result).of("signal", "delta")
    reach = known_constants(network, fit=result).reach(result.level)
    trace = np.sum((half_widths(curves) / reach) ** 2) / result.datasets[0].signals[0].noise ** 2
    # Four numbers were found; the prior knows part of one of them.
    assert result.n_parameters + result.n_amplitudes - 1 < trace < result.n_parameters + result.n_amplitudes


@pytest.mark.parametrize("name", ["typed", "walk"])
def test_bands_with_an_active_share_agree_with_draws(impure: tuple[Network, FitResult], name: str) -> None:
    """Derivatives through the feeds give what sets of drawn constants and shares give, signal and speciation alike."""
    network, result = impure
    typed = conditions(network, {"G": "1 mM", "H": ["0.5 mM", "2 mM", "9 mM"]})
    flask = {"typed": typed, "walk": along(network, result.datasets[0], n_points=3)}[name]
    linear, drawn = (predict(network, flask, fit=result, n_draws=n, seed=3) for n in (0, 1000))
    for group, label in (("signal", "delta"), ("speciation", "concentration")):
        widths = [half_widths(each.of(group, label)) for each in (linear, drawn)]
        # 2 % noise of a quantile of 1000 draws, 10 % for Student's t, and what is not normal.
        assert widths[1] == pytest.approx(widths[0], rel=0.25, abs=0.05 * widths[0].max())


def test_a_sweep_takes_amounts_as_weighed_too(impure: tuple[Network, FitResult]) -> None:
    """A sweep of a fit with an active share says what predictions say, draw by draw."""
    network, result = impure
    amounts = ["0.5 mM", "2 mM"]
    flask = conditions(network, {"G": "1 mM", "H": amounts})
    predicted = predict(network, flask, fit=result)
    swept = sweep(network, {"H": amounts}, feed={"G": "1 mM"}, fit=result)
    speciation = predicted.of("speciation")
    assert swept["concentration"].to_numpy() == pytest.approx(speciation.values, rel=1e-9)
    drawn = sweep(network, {"H": amounts}, feed={"G": "1 mM"}, fit=result, n_draws=200, seed=3)
    spread = drawn["concentration"].sel(entity="HG").std("draw").to_numpy()
    reach = known_constants(network, fit=result).reach(result.level)
    assert spread == pytest.approx(half_widths(speciation_of(speciation, "HG")) / reach, rel=0.25)


def test_a_share_may_be_replaced(impure: tuple[Network, FitResult]) -> None:
    """Another batch that is pure: the share is 1 then, without error."""
    network, result = impure
    flask = conditions(network, {"G": "1 mM", "H": "1 mM"})
    pure = predict(network, flask, fit=result, constants={"active[H]": 1.0}).of("speciation")
    total = pure.values[0, pure.labels.index("H")] + pure.values[0, pure.labels.index("HG")]
    assert total == pytest.approx(1e-3)
    with pytest.raises(UnitError, match=r"active\[H\]"):
        predict(network, flask, fit=result, constants={"active[H]": "-1"})


def test_reloaded_fit_remembers_how_its_shares_act(impure: tuple[Network, FitResult]) -> None:
    """A fit that went through JSON text predicts the same values and bands."""
    network, result = impure
    reloaded = FitResult.from_dict(json.loads(json.dumps(result.to_dict())))
    flask = conditions(network, {"G": "1 mM", "H": "2 mM"})
    first, second = (predict(network, flask, fit=each).of("signal") for each in (result, reloaded))
    assert first.values == pytest.approx(second.values, rel=1e-12)
    assert half_widths(first) == pytest.approx(half_widths(second), rel=1e-9)


def test_coverage_moves_with_the_particles_that_are_active() -> None:
    """A share of active particles is in what coverage is divided by, and in its band."""
    network = Network(parse(SITES))
    titration = data(network, STATED * [0.8, 1.0], ("Q", "L"))
    result = fit(network, titration, corrections=[Correction(feed="Q", value=0.9, stderr=0.1)])
    flask = conditions(network, {"Q": "1 mM", "L": ["1 mM", "3 mM", "8 mM"]})
    linear, drawn = (predict(network, flask, fit=result, n_draws=n, seed=3).of("coverage") for n in (0, 1000))
    assert linear.values.sum(axis=1) == pytest.approx(1.0)
    assert half_widths(drawn) == pytest.approx(half_widths(linear), rel=0.25)


def test_an_unknown_solution_moves_the_walk_through_its_data() -> None:
    """A concentration that was fitted, and an impurity that H brings along, both widen the band along the data."""
    network = Network(parse(HOST_GUEST))
    unknown = Unknown(feed="H", solutions=("stock",), known=np.zeros(N_POINTS), shares=STATED[:, 1:] / 5e-3)
    stated = STATED * [1.0, np.nan]
    titration = data(network, STATED, amounts=stated, unknowns=(unknown,))
    corrections = [Correction(feed="G", carrier="H", value=0.02, stderr=0.01)]
    result = fit(network, titration, corrections=corrections)
    walk = along(network, result.datasets[0], n_points=3)
    linear, drawn = (predict(network, walk, fit=result, n_draws=n, seed=3) for n in (0, 1000))
    widths = [half_widths(each.of("signal", "delta")) for each in (linear, drawn)]
    assert widths[1] == pytest.approx(widths[0], rel=0.3, abs=0.1 * widths[0].max())
    knowledge = known_constants(network, fit=result)
    step = 1e-5 * np.eye(len(knowledge.names))  # rounding and curvature are equally small
    feeds = Feeds.of(walk, result)
    above, below = (feeds.at(sign * step, knowledge)[0] for sign in (1, -1))
    (_, slopes) = feeds.at(np.zeros((1, len(step))), knowledge)
    assert np.moveaxis(slopes[0], -1, 0) == pytest.approx((above - below) / 2e-5, abs=1e-12)


def test_bootstrap_replicas_give_the_band(impure: tuple[Network, FitResult]) -> None:
    """Fits of data drawn again, solved as one batch, give a band like that of the derivatives."""
    network, result = impure
    titration = data(network, STATED * [1.0, 0.85])
    corrections = [Correction(feed="H", value=0.9, stderr=0.05)]
    replicas = bootstrap(network, titration, result, corrections=corrections, n_replicas=300, seed=2)
    flask = conditions(network, {"G": "1 mM", "H": ["0.5 mM", "2 mM"]})
    linear, drawn = predict(network, flask, fit=result), predict(network, flask, fit=result, draws=replicas.draws)
    assert drawn.band == "residual bootstrap"
    # 300 replicas of 16 residuals: 8 % for a quantile, and the residuals have fewer tails than Student's t.
    widths = [half_widths(each.of("signal", "delta")) for each in (linear, drawn)]
    assert widths[1] == pytest.approx(widths[0], rel=0.5)
    other = fit(network, titration)
    with pytest.raises(FitError, match="other parameters"):
        predict(network, flask, fit=other, draws=replicas.draws)
    with pytest.raises(RangeError, match="no fit"):
        predict(network, flask, constants={"K[11]": "1 /M"}, draws=replicas.draws)

"""Light averaged over particles: closed forms, limits, exact derivatives, hosts of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.errors import ModelError
from surfacechem.network import Network
from surfacechem.network.diagnostics import find_undetermined
from surfacechem.notation import parse, render

EXCHANGE = """surfacechem 1
cluster C
site S on C : {n} native A
X[1] S-A + HQ <=> S-Q + HA ; K = {K}
observe F = emission(C, S-Q, {factor})
"""
CLASSES = """surfacechem 1
cluster C
site S on C : 7
site T on C : 3
L[1] S-* + Q <=> S-Q ; K = 2e3 /M
L[2] T-* + Q <=> T-Q ; K = 5e4 /M
observe F = emission(C, S-Q, T-Q, {factor})
"""
CONFORMERS = """surfacechem 1
cluster C
site S on C : 6
L[1] S-* + Q <=> S-Q ; K = 2e3 /M
L[2] S-* + Q <=> S-Q in b ; K = 4e4 /M
conformer b of C ; L0 = 0.05
observe F = emission(C, S-Q, {factor})
"""
RING = """surfacechem 1
cluster C
site S on C : 6 ; ring
L[1] S-* + Q <=> S-Q ; K = 1e4 /M, w = 3 kJ/mol
observe F = emission(C, S-Q, {factor})
"""
FEEDS = {"C": np.full(6, 1e-4), "Q": np.linspace(0, 2e-3, 6)}


def brightness(model: str) -> np.ndarray:
    """Return the mean brightness of the particles along the titration."""
    network = Network(parse(model))
    feeds = {name.replace("Q", "HQ") if "HQ" in network.feeds else name: value for name, value in FEEDS.items()}
    return np.asarray(network.solve(feeds).seen[:, -1] / FEEDS["C"])


@pytest.mark.parametrize("q", [0.0001, 0.5, 0.97, 1.3])
@pytest.mark.parametrize("n", [1, 51, 25.5])
def test_equal_sites_give_the_binomial(n: float, q: float) -> None:
    """The mean of q^n over N equal sites is (1 - theta + theta q)^N, whole N or not."""
    network = Network(parse(EXCHANGE.format(n=n, K=0.7, factor=f"q = {q}")))
    flask = network.solve({"C": FEEDS["C"], "HQ": FEEDS["Q"]})
    theta = flask.of("S-Q") / (n * FEEDS["C"])
    np.testing.assert_allclose(flask.seen[:, -1] / FEEDS["C"], (1 - theta + theta * q) ** n, rtol=1e-12)


def test_rates_give_the_binomial_sum() -> None:
    """The mean of 1/(1 + k n) is the sum over the binomial distribution, not its value at the mean count."""
    from scipy.stats import binom

    network = Network(parse(EXCHANGE.format(n=51, K=0.7, factor="k = 0.3")))
    flask = network.solve({"C": FEEDS["C"], "HQ": FEEDS["Q"]})
    theta, counts = flask.of("S-Q") / (51 * FEEDS["C"]), np.arange(52)
    exact = [np.sum(binom.pmf(counts, 51, each) / (1 + 0.3 * counts)) for each in theta]
    np.testing.assert_allclose(flask.seen[:, -1] / FEEDS["C"], exact, rtol=1e-13)
    at_mean = 1 / (1 + 0.3 * 51 * theta)
    assert np.abs(at_mean / exact - 1).max() > 0.01


def test_classes_multiply() -> None:
    """Two site classes give the product of their two powers."""
    network = Network(parse(CLASSES.format(factor="q = 0.6")))
    flask = network.solve(FEEDS)
    shares = [flask.of(state) / (n * FEEDS["C"]) for state, n in (("S-Q", 7), ("T-Q", 3))]
    product = (1 - 0.4 * shares[0]) ** 7 * (1 - 0.4 * shares[1]) ** 3
    np.testing.assert_allclose(flask.seen[:, -1] / FEEDS["C"], product, rtol=1e-12)


def test_forms_are_averaged() -> None:
    """With a conformer the mean is that of the partition function at weights times q over the one at weights."""
    flask = Network(parse(CONFORMERS.format(factor="q = 0.4"))).solve(FEEDS)
    x = flask.of("Q")

    def partition(z: float) -> np.ndarray:
        return (1 + z * 2e3 * x) ** 6 + 0.05 * (1 + z * 4e4 * x) ** 6

    np.testing.assert_allclose(flask.seen[:, -1] / FEEDS["C"], partition(0.4) / partition(1.0), rtol=1e-10)


def test_ring_is_counted() -> None:
    """On a ring of neighbours the mean is the trace of powers of the transfer matrix."""
    flask = Network(parse(RING.format(factor="q = 0.4"))).solve(FEEDS)
    coupling = np.exp(3000 / (8.31446261815324 * 298.15))

    def partition(z: float) -> np.ndarray:
        weights = z * 1e4 * flask.of("Q")
        matrices = np.array([[[1, np.sqrt(w)], [np.sqrt(w), w * coupling]] for w in weights])
        return np.asarray(np.trace(np.linalg.matrix_power(matrices, 6), axis1=1, axis2=2))

    np.testing.assert_allclose(flask.seen[:, -1] / FEEDS["C"], partition(0.4) / partition(1.0), rtol=1e-9)


@pytest.mark.parametrize("model", [CLASSES, CONFORMERS, RING])
@pytest.mark.parametrize("factor", ["q = 0.4", "k = 0.8"])
def test_derivatives_are_exact(model: str, factor: str) -> None:
    """Derivatives by constants, the quenching among them, agree with central differences."""
    network = Network(parse(model.format(factor=factor)))
    theta, step = network.ln_constants, 1e-5
    flask = network.bind(FEEDS).solve(theta, derivatives=True)
    assert flask.d_seen_constants is not None
    for number in range(len(theta)):
        move = step * np.eye(len(theta))[number]
        above, below = (network.bind(FEEDS).solve(theta + side * move).seen[:, -1] for side in (1, -1))
        slope = (above - below) / (2 * step)
        np.testing.assert_allclose(flask.d_seen_constants[:, -1, number], slope, atol=2e-13)


@pytest.mark.parametrize("model", [CLASSES, CONFORMERS, RING])
def test_no_quenching_leaves_the_light_alone(model: str) -> None:
    """Q = 1 and k = 0 (nearly) are as bright as there are particles; small k is quenching by the mean count."""
    np.testing.assert_allclose(brightness(model.format(factor="q = 1")), 1.0, rtol=1e-12)
    dim = brightness(model.format(factor="k = 1e-9"))
    share = brightness(model.format(factor=f"q = {1 - 1e-9!r}"))
    np.testing.assert_allclose(dim - 1, share - 1, atol=1e-15)


def test_equilibrium_is_left_alone() -> None:
    """Quenching moves no concentration: the entities are those of the model without light."""
    lit, dark = CLASSES.format(factor="q = 0.5"), CLASSES.rpartition("observe")[0]
    seen, plain = (Network(parse(text)).solve(FEEDS) for text in (lit, dark))
    np.testing.assert_array_equal(seen.concentration, plain.concentration)


def test_emission_is_written_back() -> None:
    """A line with a prior and bounds reads back as it was written; without a factor the share is to be fitted."""
    text = render(parse(CLASSES.format(factor="q = 0.9 +/- 0.05 fit 0.1..1")))
    assert text == render(parse(text))
    assert "q = 0.9 +/- 0.05 fit 0.1..1" in text
    assert "emission(C, S-Q, T-Q, q = fit)" in render(parse(CLASSES.replace(", {factor}", "")))


@pytest.mark.parametrize(("n", "k"), [("25.5", 0.3), ("51 fit", 0.05), ("51 fit", 4.0)])
def test_rates_need_no_whole_number_of_sites(n: str, k: float) -> None:
    """The mean of 1/(1 + k n) is the integral of (1 - theta + theta u^k)^N over u, whatever N is (once refused)."""
    from scipy.integrate import quad

    network = Network(parse(EXCHANGE.format(n=n, K=0.7, factor=f"k = {k}")))
    flask = network.solve({"C": FEEDS["C"], "HQ": FEEDS["Q"]})
    number = float(n.split(maxsplit=1)[0])
    theta = flask.of("S-Q") / (number * FEEDS["C"])
    exact = [quad(lambda u, t=t: (1 - t + t * u**k) ** number, 0, 1, epsabs=0, epsrel=1e-11)[0] for t in theta]
    np.testing.assert_allclose(flask.seen[:, -1] / FEEDS["C"], exact, rtol=1e-9)


@pytest.mark.parametrize("line", ["emission(C)", "emission(S-Q)", "emission(C, HQ)"])
def test_emission_needs_a_cluster_and_its_quenchers(line: str) -> None:
    """What shines and what quenches must both be named."""
    model = EXCHANGE.format(n=5, K=1, factor="q = 1").rpartition("observe")[0]
    with pytest.raises(ModelError, match=r"emission\(InP37, In-SR'\)"):
        parse(f"{model}observe F = {line}")


def test_light_tells_constant_and_quenching() -> None:
    """One quenching curve of unknown brightness leaves nothing undetermined."""
    network = Network(parse(EXCHANGE.format(n=20, K="fit", factor="q = fit")))
    assert find_undetermined(network, {"C": FEEDS["C"], "HQ": FEEDS["Q"]}) == ()


@pytest.mark.parametrize("shares", [(0.9, 0.5), (0.3, 1.2)])
def test_quenchers_of_two_kinds_multiply(shares: tuple[float, float]) -> None:
    """Two kinds on 51 equal sites give the trinomial (1 - a - b + a q + b r)^51, in any order of writing."""
    first, second = shares
    text = (
        "surfacechem 1\ncluster C\nsite S on C : 51\nL[1] S-* + Q <=> S-Q ; K = 2e4 /M\n"
        "L[2] S-* + R <=> S-R ; K = 5e3 /M\n"
        "observe F = emission(C, S-Q, S-R, q = {0} of S-Q, q = {1})"
    )
    network = Network(parse(text.format(first, second)))
    feeds = {"C": np.full(4, 1e-6), "Q": np.linspace(0, 1e-4, 4), "R": np.linspace(3e-4, 0, 4)}
    flask = network.solve(feeds, derivatives=True)
    a, b = (flask.of(state) / 51e-6 for state in ("S-Q", "S-R"))
    exact = (1 - a - b + a * first + b * second) ** 51
    np.testing.assert_allclose(flask.seen[:, -1] / 1e-6, exact, rtol=1e-12)
    assert flask.d_seen_constants is not None
    theta, step = network.ln_constants, 1e-6 * np.eye(4)
    for number in range(4):
        above, below = (network.solve(feeds, theta + side * step[number]).seen[:, -1] for side in (1, -1))
        np.testing.assert_allclose(flask.d_seen_constants[:, -1, number], (above - below) / 2e-6, atol=1e-14)

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import ModelError
from surfacechem.network import Network, lanes
from surfacechem.notation import parse
from surfacechem.numerics import Status

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

RT = GAS_CONSTANT * 298.15 / 1000  # kJ/mol


def averaged(w: float, K: float = 1.0) -> Network:
    """Return an exchange on 51 sites in a mean field of `w` [kJ/mol]."""
    return Network(
        parse(
            "cluster C\nsite In on C : 51 native A ; mean field\nspecies HA\nspecies HB\n"
            f"X In-A + HB <=> In-B + HA ; K = {K:.12g} fit, w = {w} kJ/mol fit"
        )
    )


@pytest.mark.parametrize(("w", "n_branches"), [(3.99 * RT, 1), (4.01 * RT, 3), (15.0, 3), (-10.0, 1)])
def test_three_roots_appear_above_four_rt(w: float, n_branches: int) -> None:
    """At half coverage of a large bath there is one answer below 4RT = 9.916 kJ/mol and three above."""
    branches = averaged(w, exp(-w / (2 * RT))).branches({"C": 1e-9, "HA": 1.0, "HB": 1.0})
    assert branches.n_branches[0] == n_branches
    assert branches.is_unique == (n_branches == 1)


def test_every_root_obeys_the_isotherm() -> None:
    """Each coverage satisfies ln(theta/(1 - theta)) = ln K r + w theta/RT."""
    branches = averaged(15.0, 0.05).branches({"C": 1e-9, "HA": 1.0, "HB": 1.0})
    theta = branches.coverage[0]
    assert np.log(theta / (1 - theta)) == pytest.approx(np.log(0.05) + 15.0 / RT * theta, abs=1e-6)


def test_branches_stand_in_order_of_free_energy() -> None:
    """On the side of strong binding the filled branch is stable; the middle root is the barrier."""
    for K, stable in ((0.051, "high"), (0.046, "low")):
        branches = averaged(15.0, K).branches({"C": 1e-9, "HA": 1.0, "HB": 1.0})
        assert branches.n_branches[0] == 3
        assert (branches.coverage[0, 0] > 0.5) == (stable == "high")
        assert np.all(np.diff(branches.free_energy[0]) > 0)
        assert "more than one branch" in str(branches)


def test_without_coupling_it_is_langmuir() -> None:
    """A mean field of w = 0 gives what independent sites give."""
    amounts: dict[str, ArrayLike] = {"C": 1e-3, "HB": np.array([1e-3, 2e-2, 0.1])}
    plain = Network(
        parse("cluster C\nsite In on C : 51 native A\nspecies HA\nspecies HB\nX In-A + HB <=> In-B + HA ; K = 2")
    )
    expected = plain.solve(amounts).concentration
    assert averaged(0.0, 2.0).solve(amounts).concentration == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["K[X1]", "W[X1]", "HB", "C"])
def test_derivatives_follow_the_root(name: str) -> None:
    """Derivatives with respect to K, W and amounts are those of central differences, feedback included."""
    network = averaged(8.0, 0.3)
    amounts = {"C": 1e-3, "HA": 0.05, "HB": 0.08}
    found = network.solve(amounts, derivatives=True)
    step = 1e-6
    if name in amounts:
        sides = [network.solve({**amounts, name: amounts[name] * (1 + sign * step)}) for sign in (1, -1)]
        width = 2 * step * amounts[name]
    else:
        theta = network.ln_constants
        shift = step * np.array([constant.name == name for constant in network.constants])
        sides = [network.solve(amounts, theta + sign * shift) for sign in (1, -1)]
        width = 2 * step
    measured = (sides[0].of("In-B") - sides[1].of("In-B")) / width
    # Central differences of 1e-6 lose half of the digits.
    assert found.sensitivity("In-B", to=name) == pytest.approx(measured, rel=1e-6)


def test_branches_of_an_ordinary_model_are_refused() -> None:
    """A model whose answer is unique has no branches to list."""
    with pytest.raises(ModelError, match="exactly one answer"):
        Network(parse("A + B <=> AB ; K = 1 /M")).branches({"A": 1e-3})


def test_points_without_a_stable_answer_are_unsolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Newton's method is stopped after one step there is no answer, and none is made up."""
    monkeypatch.setattr(lanes, "MOST_STEPS", 1)
    found = averaged(15.0, 0.3).solve({"C": 1e-3, "HA": 0.05, "HB": 0.08})
    assert found.status.tolist() == [Status.UNSOLVED]


@pytest.mark.parametrize("seed", range(12))
def test_stable_answer_is_that_of_a_scan(seed: int) -> None:
    """From -50 to 60 kJ/mol, however depleted, a scan of all coverages finds the same roots and minimum of A."""
    random = np.random.default_rng(seed)
    ln_w = random.uniform(-20, 25)
    ln_k = -ln_w / 2 + random.normal(0, 2)
    flask: dict[str, ArrayLike] = {"C": 10 ** random.uniform(-6, -2), "HA": 10 ** random.uniform(-4, -1), "HB": 0.03}
    network = averaged(ln_w * RT, exp(ln_k))
    held = np.linspace(0, 1, 4001)
    plain = Network(
        parse("cluster C\nsite In on C : 51 native A\nspecies HA\nspecies HB\nX In-A + HB <=> In-B + HA ; K = 1")
    )
    repeated = {feed: np.full(len(held), amount) for feed, amount in flask.items()}
    at_held = plain.bind(repeated).solve((ln_k + ln_w * held)[:, np.newaxis])
    excess = at_held.of("In-B") / (51 * np.asarray(flask["C"])) - held
    roots = held[:-1][(excess[1:] > 0) != (excess[:-1] > 0)]
    energy = -ln_w * np.cumsum(excess)  # dA/dtheta = P N ln W (theta - F)
    stable = min(roots, key=lambda root: energy[np.searchsorted(held, root)])
    assert network.branches(flask).n_branches.tolist() == [len(roots)]
    # Within the step of the scan.
    assert network.solve(flask).of("In-B")[0] / (51 * np.asarray(flask["C"])) == pytest.approx(stable, abs=3e-4)


def test_no_point_changes_the_answer_of_another() -> None:
    """Beside huge couplings, constants that are no numbers and empty flasks, each point is solved as if alone."""
    network = averaged(8.0, 0.3)
    ln_w = np.array([3.0, 30.0, 700.0, -700.0, np.nan, 5.0, 1.0, 14.0])
    theta = np.column_stack([np.log(0.3) - 0.4 * ln_w, ln_w])
    theta[4, 0] = np.nan
    acid = np.array([0.08, 0.02, 0.05, 0.03, 0.04, 0.0, 0.0, 0.0])
    flask = network.bind({"C": np.full(8, 1e-3), "HB": acid})
    with np.errstate(all="raise"):
        together = flask.solve(theta, derivatives=True)
    assert together.status.tolist() == [0] * 4 + [together.status[4]] + [0] * 3
    assert together.status[4] != 0
    for point in range(8):
        alone = network.bind({"C": 1e-3, "HB": acid[point]}).solve(theta[point])
        np.testing.assert_array_equal(together.concentration[point], alone.concentration[0])

"""Numbers of sites that a fit finds: the same equilibria as stated numbers, with exact derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import ModelError
from surfacechem.network import Network
from surfacechem.notation import parse, render

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL = """surfacechem 1
cluster C
site S on C : {n} native A
site T on C : {m}
X[x] S-A + HQ <=> S-Q + HA ; K = 0.7
L[l] T-* + HQ <=> T-HQ ; K = 3e3 /M
observe F = emission(C, S-Q, T-HQ, q = 0.9)
"""
FEEDS = {"C": np.full(5, 1e-4), "HQ": np.linspace(0, 8e-3, 5), "HA": np.full(5, 1e-4)}


def free(n: str, m: str) -> Network:
    """Return the model with these numbers of sites."""
    return Network(parse(MODEL.format(n=n, m=m)))


def at(network: Network, **numbers: float) -> NDArray[np.float64]:
    """Return ln of all constants with other numbers of sites."""
    theta = network.ln_constants
    for name, value in numbers.items():
        theta[[constant.name for constant in network.constants].index(f"N[{name}]")] = np.log(value)
    return theta


@pytest.mark.parametrize(("n", "m"), [("20 fit", "4"), ("20", "9 fit"), ("20 fit", "9 fit")])
def test_free_numbers_solve_as_stated_ones(n: str, m: str) -> None:
    """37.5 and 4.25 sites, stated or found, give the same concentrations and the same light."""
    numbers = {name: value for name, value, text in (("S", 37.5, n), ("T", 4.25, m)) if "fit" in text}
    network = free(n, m)
    found = network.bind(FEEDS).solve(at(network, **numbers))
    stated = free(*(("fit" in text and str(value)) or text for text, value in ((n, 37.5), (m, 4.25)))).solve(FEEDS)
    assert found.entities == stated.entities
    assert found.feeds == stated.feeds
    np.testing.assert_allclose(found.seen, stated.seen, rtol=1e-11, atol=1e-22)


def test_derivatives_are_exact() -> None:
    """Derivatives by ln N, constants and amounts agree with central differences."""
    network, step = free("37.5 fit", "4 fit"), 1e-6
    theta, bound = network.ln_constants, network.bind(FEEDS)
    flask = bound.solve(theta, derivatives=True)
    assert flask.d_seen_constants is not None
    assert flask.d_seen_amounts is not None
    for number in range(len(theta)):
        move = step * np.eye(len(theta))[number]
        slope = (bound.solve(theta + move).seen - bound.solve(theta - move).seen) / (2 * step)
        np.testing.assert_allclose(flask.d_seen_constants[..., number], slope, atol=1e-11)
    for number, feed in enumerate(network.feeds):
        above, below = (network.solve({**FEEDS, feed: FEEDS[feed] + side * 1e-9}).seen for side in (1, -1))
        slope = (above - below)[1:] / 2e-9
        np.testing.assert_allclose(flask.d_seen_amounts[1:, :, number], slope, atol=1e-7)


def test_numbers_may_differ_from_point_to_point() -> None:
    """Lanes of a fit with numbers of their own are solved as one batch."""
    network = free("20 fit", "4")
    lanes = np.array([at(network, S=value) for value in (10.0, 20.0, 30.0, 40.0, 50.0)])
    together = network.bind(FEEDS).solve(lanes).seen
    alone = [network.bind(FEEDS).solve(row).seen[point] for point, row in enumerate(lanes)]
    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-22)


def test_answers_stand_the_audit() -> None:
    """Mass action and balances hold, with the native ligands of as many sites as there are."""
    network = free("20 fit", "4")
    audit = network.audit(FEEDS, at(network, S=37.5))
    assert np.max(audit.reaction) < 1e-12
    assert np.max(audit.balance) < 1e-12


def test_free_number_is_written_back() -> None:
    """Value and spread read back as they were written."""
    text = render(parse(MODEL.format(n="51 +/- 2 fit", m="4")))
    assert "site S on C : 51 +/- 2 fit native A" in text
    assert text == render(parse(text))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("native A\n", "native A ; ring\n"), "neighbours"),
        (("K = 0.7", "K = 0.7 per particle"), "a constant per particle, x"),
        (("observe", "conformer b of C ; L0 = 0.1\nobserve"), "conformers, b"),
    ],
)
def test_numbers_that_are_more_than_amounts_are_refused(change: tuple[str, str], said: str) -> None:
    """Where (1 + x)^N is not all that N does, it must be stated."""
    text = MODEL.format(n="51 fit", m="4").replace(*change)
    with pytest.raises(ModelError, match=said):
        Network(parse(text))


def test_number_needs_an_estimate() -> None:
    """Counted from the formula or not at all, there is nothing to begin at."""
    with pytest.raises(ModelError, match=r"51 \+/- 2 fit"):
        parse("surfacechem 1\ncluster C = In37P20(O2CR)51 where R = C13H27\nsite In on C fit native O2CR")

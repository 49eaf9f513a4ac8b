from __future__ import annotations

import numpy as np
import pytest

from surfacechem.chem.build import SystemBuilder
from surfacechem.errors import DataError, UnknownNameError
from surfacechem.network import Network, Speciation


def solve(*, derivatives: bool) -> Speciation:
    """Return one point of 1:1 binding."""
    model = SystemBuilder()
    model.species("Host")
    model.species("Guest")
    model.reaction(["Host", "Guest"], ["HG"], K=250.0, label="11")
    return Network(model.system()).solve({"Host": 1e-3, "Guest": 2e-3}, derivatives=derivatives)


def test_sensitivity_to_a_constant_by_name() -> None:
    """More binding means more complex, and as much less host."""
    found = solve(derivatives=True)
    assert found.sensitivity("HG", to="K[11]") > 0
    assert found.sensitivity("Host", to="K[11]") == pytest.approx(-found.sensitivity("HG", to="K[11]"))


def test_sensitivities_to_a_feed_keep_the_balance() -> None:
    """What is added of the host is found as host or complex."""
    found = solve(derivatives=True)
    assert found.sensitivity("HG", to="Host") + found.sensitivity("Host", to="Host") == pytest.approx(1.0)


def test_sensitivity_without_derivatives_says_what_to_do() -> None:
    """Derivatives cost time and are there when asked for."""
    with pytest.raises(DataError, match="derivatives=True"):
        solve(derivatives=False).sensitivity("HG", to="K[11]")


@pytest.mark.parametrize(("entity", "to"), [("Hots", "K[11]"), ("HG", "K[12]")])
def test_unknown_name_offers_the_nearest(entity: str, to: str) -> None:
    """Names of entities, constants and feeds are known, and the nearest one is offered."""
    with pytest.raises(UnknownNameError, match="did you mean"):
        solve(derivatives=True).sensitivity(entity, to=to)


def test_unsolved_point_is_flagged() -> None:
    """A point that is no number has a status and does not spoil its neighbour."""
    model = SystemBuilder()
    model.species("Host")
    model.reaction(["Host", "Guest"], ["HG"], K=250.0)
    found = Network(model.system()).solve({"Host": [1e-3, np.nan], "Guest": 2e-3})
    assert not found.is_solved
    assert (found.status != 0).tolist() == [False, True]
    assert np.isfinite(found.concentration[0]).all()

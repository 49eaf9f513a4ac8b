"""What the tests of this room share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from surfacechem.network import Network

STEP = 1e-5


@pytest.fixture
def check_slopes() -> Callable[[Network, Mapping[str, float]], None]:
    """Return the check of derivatives, by every constant and feed, against central differences."""

    def check(network: Network, flask: Mapping[str, float]) -> None:
        found = network.solve(flask, derivatives=True)
        assert found.d_ln_constants is not None
        assert found.d_amounts is not None
        for k in range(len(network.constants)):
            shift = STEP * np.eye(len(network.constants))[k]
            sides = [network.solve(flask, network.ln_constants + sign * shift).concentration for sign in (1, -1)]
            # Truncation step^2 and rounding 1e-13/step, both relative to the largest concentration.
            measured = (sides[0] - sides[1]) / (2 * STEP)
            assert found.d_ln_constants[..., k] == pytest.approx(measured, rel=1e-6, abs=2e-9)
        for feed, amount in flask.items():
            sides = [network.solve({**flask, feed: amount * (1 + sign * STEP)}).concentration for sign in (1, -1)]
            measured = (sides[0] - sides[1]) / (2 * STEP * amount)
            assert found.d_amounts[..., network.feeds.index(feed)] == pytest.approx(measured, rel=1e-6, abs=2e-6)

    return check

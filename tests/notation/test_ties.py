"""Constants that are tied, with and without a factor."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.errors import NotationError
from surfacechem.network import Network
from surfacechem.notation import parse, render


def test_tied_constants_keep_their_factor() -> None:
    """K[12] = K[11] / 4 follows K[11] everywhere, also around a cycle, and is written as it was."""
    text = "species H\nspecies G\nS[11] H + G <=> HG ; K = 400 /M\nS[12] HG + G <=> HG2 ; K = K[11] / 4\n"
    text += "S[b] H + 2 G <=> HG2 ; K = fit /M^2\n"
    network = Network(parse(text))
    found = network.all_ln_constants()
    assert found["K[12]"] == pytest.approx(np.log(100))
    assert found["K[b]"] == pytest.approx(np.log(400 * 100))
    assert [constant.name for constant in network.constants] == ["K[11]"]
    assert "K = K[11] / 4" in render(network.system)
    assert Network(parse(render(network.system))).all_ln_constants() == pytest.approx(found)


def test_couplings_are_tied_by_their_energies() -> None:
    """The energy w = w[X1] is read, written, and means the same W; with a factor it is refused."""
    text = "cluster C\nsite S on C : 6 native A ; ring\nX S-A + HB <=> S-B + HA ; K = 2, w = 1 kJ/mol\n"
    tied = text + "X S-A + HC <=> S-C + HA ; K = 2, w = {}\n"
    system = parse(tied.format("w[X1]"))
    assert render(system) == render(parse(tied.format("W[X1]")))
    assert "w = w[X1]" in render(system)
    found = Network(system).all_ln_constants()
    assert found["W[X2]"] == found["W[X1]"]
    with pytest.raises(NotationError, match="factor"):
        parse(tied.format("w[X1] / 2"))

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.errors import ModelError
from surfacechem.network import Network
from surfacechem.network.diagnostics import dilute, find_undetermined
from surfacechem.notation import parse

CLUSTER = "cluster CdS37 = Cd37S20(O2CR)34\nsite Z on CdS37 native Cd(O2CR)2\nspecies L\n"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("Z-Cd(O2CR)2 <=> Z-* + Cd(O2CR)2 ; K = 1e-4 M", "pushed forward"),
        ("Z-Cd(O2CR)2 + L <=> Z-* + Cd_L ; K = 0.1", "not moved"),
        ("Z-Cd(O2CR)2 + 2 L <=> Z-* + Cd_L2 ; K = 4 /M", "pushed back"),
    ],
)
def test_dilution_tells_q(line: str, verdict: str) -> None:
    """At constant ratio q = 0 is pushed forward, q = 1 does not move and q = 2 is pushed back."""
    network = Network(parse(CLUSTER + line))
    vacant = next(each for each in dilute(network, {"CdS37": 1e-3, "L": 0.05}) if each.state == "Z-*")
    assert vacant.verdict == verdict
    assert verdict in str(vacant)


def test_only_the_ratio_of_reference_weights_is_lost() -> None:
    """A constant of an equilibrium that no signal sees is named, alone."""
    text = "species A\nspecies B\nS A + B <=> AB ; K = fit /M\nS C + D <=> CD ; K = fit /M\nobserve y = integral(AB)"
    network = Network(parse(text))
    (found,) = find_undetermined(network, {"A": np.linspace(1e-3, 1e-2, 8), "B": 4e-3, "C": 2e-3, "D": 1e-3})
    assert [name for name, _ in found.powers] == ["K[S2]"]
    assert "changes no signal" in str(found)


def test_parallel_paths_to_one_signal_are_not_told_apart() -> None:
    """A complex and its isomer that are seen as one: only a combination of their constants is."""
    text = "species G\nspecies H\nS G + H <=> GH ; K = fit /M\nS GH <=> GHx ; K = fit\nobserve y = integral(GH, GHx)"
    network = Network(parse(text))
    (found,) = find_undetermined(network, {"G": np.linspace(1e-3, 1e-2, 8), "H": 4e-3})
    assert sorted(name for name, _ in found.powers) == ["K[S1]", "K[S2]"]
    assert "not all determined" in str(found)


def test_a_good_design_leaves_nothing_open() -> None:
    """A titration seen by integrals of all species determines both constants."""
    text = (
        "S Host + G <=> Q ; K = fit /M\nS Q + G <=> Q2 ; K = fit /M\nobserve y = integral(Q)\nobserve z = integral(Q2)"
    )
    network = Network(parse("species Host\nspecies G\nspecies Q\nspecies Q2\n" + text))
    assert find_undetermined(network, {"Host": 1e-3, "G": np.linspace(1e-4, 1e-2, 9)}) == ()


def test_nothing_observed_is_said() -> None:
    """Without observe lines there is nothing to ask."""
    with pytest.raises(ModelError, match="observes nothing"):
        find_undetermined(Network(parse("A + B <=> AB ; K = 1 /M")), {"A": 1e-3})
    with pytest.raises(ModelError, match="factors above 1"):
        dilute(Network(parse("A + B <=> AB ; K = 1 /M")), {"A": 1e-3}, factor=0.5)


def test_constants_that_are_held_are_not_sought() -> None:
    """A constant that no signal shows is no loss where the model states it; it used to be reported all the same."""
    text = "S[1] H + G <=> HG ; K = {}\nS[2] G + X <=> GX ; K = {}\nobserve h = integral(HG)"
    flask = {"H": 1e-3, "G": np.linspace(1e-4, 5e-3, 8)}
    assert find_undetermined(Network(parse(text.format("fit /M", "20 /M fixed"))), flask) == ()
    (lost,) = find_undetermined(Network(parse(text.format("fit /M", "fit /M"))), flask)
    assert str(lost).startswith("K[2] changes no signal")


@pytest.mark.parametrize("observe", ["spectrum(A, AB)", "shift(A, AB)"])
def test_flasks_that_are_all_alike_tell_nothing(observe: str) -> None:
    """Eight equal flasks: any constant gives the same signals with other amplitudes; nothing used to be said of it."""
    network = Network(parse(f"species A\nspecies B\nS A + B <=> AB ; K = fit /M\nobserve y = {observe}"))
    (found,) = find_undetermined(network, {"A": np.full(8, 1e-3), "B": np.full(8, 2e-3)})
    assert "vary the amounts from flask to flask" in str(found)
    assert find_undetermined(network, {"A": np.full(8, 1e-3), "B": np.linspace(0, 4e-3, 8)}) == ()

"""The systems of the field can be written, and mean what the closed forms say."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.network import Network
from surfacechem.notation import parse

CLUSTERS = """
cluster InP37 = In37P20(O2CR)51
cluster CdS37 = Cd37S20(O2CR)34
"""
SYSTEMS = {
    "S1": "site In on InP37 : 51 native O2CR\nX In-O2CR + HO2CR' <=> In-O2CR' + HO2CR",
    "S2a": "site In on InP37 : 51 native O2CR\nX In-O2CR + H2O3PR' <=> In-HO3PR' + HO2CR ; K = fit 1..1e9",
    "S2b": "site In on InP37 : 51 native O2CR\nX 2 In-O2CR + H2O3PR' <=> 2 In-(O3PR')0.5 + 2 HO2CR ; K = fit M",
    "S3": "site In on InP37 : 51 native O2CR\nX In-O2CR + HSR' <=> In-SR' + HO2CR",
    "S4": "site P on InP37 : 17 native In(O2CR)3\nZ P-In(O2CR)3 + 2 NH2R' <=> P-* + In(O2CR)3(NH2R')2 ; K = fit /M",
    "S4 filled": "site P on InP37 : 17 native In(O2CR)3\nZ P-In(O2CR)3 + 3 NH2R' <=> P-NH2R' + In(O2CR)3(NH2R')2",
    "S5": "site P on InP37 : 17 native In(O2CR)3\nZ P-In(O2CR)3 + Cd(O2CR)2 <=> P-Cd(O2CR)2 + In(O2CR)3",
    "S7": "site In on InP37 : 51 native O2CR\nX In-O2CR + H2O <=> In-OH + HO2CR",
    "S9": "site Cd on CdS37 : 34\nconformer beta of CdS37\nL Cd-* + CH3OH <=> Cd-CH3OH\n"
    "L Cd-* + CH3OH <=> Cd-CH3OH in beta",
    "S10": "site Se on CdS37 : 17 native Cd(O2CR)2\nZ Se-Cd(O2CR)2 + 2 NH2R' <=> Se-* + Cd(O2CR)2(NH2R')2",
    "S11": "site Cd on CdS37 : 34 native O2CR\nX Cd-O2CR + HSR' <=> Cd-SR' + HO2CR",
    "dimer": "S 2 HO2CR <=> (HO2CR)2",
    "ion pair": "S HO2CR + NH2R' <=> (NH3R'^+)(O2CR^-)",
}


@pytest.mark.parametrize("statements", SYSTEMS.values(), ids=SYSTEMS.keys())
def test_systems_of_the_field_are_written_in_a_line_or_two(statements: str) -> None:
    """Each exchange balances as written, is of the class that it says, and binds to the solver."""
    system = parse(CLUSTERS + statements)
    network = Network(system)
    assert len(network.constants) == len(system.reactions) + len(system.conformers)


def test_complete_z_loss_is_the_limit_of_sites() -> None:
    """The formula allows 17 Z-type sites; the eighteenth is refused with the line to write."""
    with pytest.raises(ValueError, match="17 native In"):
        parse(CLUSTERS + "site P on InP37 : 18 native In(O2CR)3")


@pytest.mark.parametrize(
    ("constant", "coverage"),
    [
        # Isotope exchange in closed form, e/(51 + e), and K = 0.83 and 2.23 from the quadratic of domain.md section 7.
        ("1", [1 / 52, 10 / 61, 30 / 81, 0.5, 100 / 151, 510 / 561]),
        ("0.83", [0.0192, 0.1596, 0.3542, 0.4767, 0.6344, 0.8942]),
        ("2.23", [0.0194, 0.1787, 0.4366, 0.5989, 0.7738, 0.9548]),
    ],
)
def test_written_exchange_has_its_coverage(constant: str, coverage: list[float]) -> None:
    """The model text, solved, gives the coverage of the closed form for 1 to 510 equivalents."""
    network = Network(parse(f"{CLUSTERS}{SYSTEMS['S1']} ; K = {constant}"))
    amounts = np.zeros((6, len(network.feeds)))
    amounts[:, network.feeds.index("InP37")] = 1e-3
    amounts[:, network.feeds.index("HO2CR'")] = 1e-3 * np.array([1, 10, 30, 51, 100, 510])
    bound = network.solve(amounts).concentration[:, network.entities.index("In-O2CR'")]
    # The closed forms are given to four digits.
    assert bound / (51 * 1e-3) == pytest.approx(coverage, abs=6e-5)

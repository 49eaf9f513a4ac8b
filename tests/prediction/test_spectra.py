"""Spectra of equilibria are sums over forms and over ligand counts."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from surfacechem.errors import UnknownNameError
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions, isosbestic_points, predict
from surfacechem.prediction.lineshape import Transition, absorption, transition
from surfacechem.prediction.spectra import spectra

FORMS = """cluster Q
site S on Q : 4
species L
conformer beta of Q ; L0 = 0.05
L[a]  S-* + L <=> S-L ; K = 100 /M
L[b]  S-* + L <=> S-L in beta ; K = 5000 /M
"""
SHIFTED = """cluster Q
site S on Q : 4 native A
species HA
species HB
X S-A + HB <=> S-B + HA ; K = 2
observe E1 = 3.2 eV + 0.1 eV * coverage(B) + 0.05 eV * coverage(A) * coverage(B)
"""
BAND = transition("3 eV", width="100 meV", strength="1e5 /(M cm)")
WINDOW = ("350 nm", "480 nm")


def test_two_forms_keep_their_isosbestic_point() -> None:
    """Where both forms absorb alike, the absorbance does not move as one turns into the other."""
    network = Network(parse(FORMS))
    flask = conditions(network, {"Q": "10 µM", "L": "0..20 mM in 5"})
    found = spectra(
        network, flask, {"Q": BAND, "Q.beta": BAND.moved("140 meV")}, window=("380 nm", "440 nm"), n_channels=6001
    )
    assert found.axis is not None
    point = isosbestic_points(found.axis, found.values)
    column = int(np.argmin(np.abs(found.axis - point[0])))
    # The nearest of the sampled wavelengths is up to 0.005 nm off the crossing.
    assert found.values[:, column] == pytest.approx(found.values[0, column], rel=3e-3)


def test_shift_per_ligand_is_summed_over_counts() -> None:
    """The spectrum is that of the binomial mixture, which is broader than the band at the mean count."""
    network = Network(parse(SHIFTED))
    flask = conditions(network, {"Q": "10 µM", "HB": "20 mM", "HA": "20 mM"})
    found = spectra(network, flask, {"Q": BAND}, shifts={"B": "-30 meV"}, window=WINDOW)
    speciation = network.solve(flask.amounts)
    theta = float(speciation.of("S-B")[0]) / 4e-5
    assert found.axis is not None
    expected = sum(
        comb(4, n) * theta**n * (1 - theta) ** (4 - n) * absorption([BAND.moved(-0.03 * n)], found.axis)
        for n in range(5)
    )
    assert found.values[0] == pytest.approx(1e-5 * expected, rel=1e-9)


def test_band_position_moves_with_coverage_and_pairs() -> None:
    """Origin, linear and pair term add up at the solved coverage."""
    network = Network(parse(SHIFTED))
    flask = conditions(network, {"Q": "1 mM", "HB": "0..20 mM in 4"})
    position = predict(network, flask).of("signal", "E1")
    theta = network.solve(flask.amounts).of("S-B") / 4e-3
    assert position.values[:, 0] == pytest.approx(3.2 + 0.1 * theta + 0.05 * theta * (1 - theta))


def test_what_cannot_be_shown_is_refused() -> None:
    """An absorber that the model lacks and a ligand it lacks are named."""
    network = Network(parse(FORMS))
    flask = conditions(network, {"Q": "10 µM"})
    with pytest.raises(UnknownNameError, match=r"Q\.gamma"):
        spectra(network, flask, {"Q.gamma": BAND})
    with pytest.raises(UnknownNameError, match="ligand 'M'"):
        spectra(network, flask, {"Q": BAND}, shifts={"M": "1 meV"})


def test_a_position_left_to_a_fit_is_not_predicted() -> None:
    """A slope that is only a name has no value yet: there is no curve, and the prediction says why."""
    network = Network(parse(SHIFTED.replace("0.1 eV *", "dE *")))
    predicted = predict(network, conditions(network, {"Q": "1 mM"}))
    assert not [each for each in predicted.curves if each.name == "E1"]
    assert any("E1 has no value for its position yet" in note for note in predicted.notes)


def test_transitions_are_frozen() -> None:
    """Moving a band leaves the one it was made of."""
    assert BAND.moved(0.1) != BAND
    assert Transition(origin=3.0, width=BAND.width, strength=BAND.strength) == BAND

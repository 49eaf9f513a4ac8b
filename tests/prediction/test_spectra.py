"""Spectra of equilibria are sums over forms and over ligand counts."""

from __future__ import annotations

from itertools import product
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.constants import HC
from surfacechem.errors import UnknownNameError
from surfacechem.fitting import fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import conditions, isosbestic_points, predict
from surfacechem.prediction.estimate import known_constants
from surfacechem.prediction.lineshape import Transition, transition
from surfacechem.prediction.spectra import spectra
from surfacechem.records import Signal, Technique, Titration
from surfacechem.relations.lineshape import absorption

if TYPE_CHECKING:
    from surfacechem.prediction.record import Curves

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


def mixed(thetas: dict[str, float], shifts: dict[str, float], axis: np.ndarray, n_sites: int = 4) -> np.ndarray:
    """Return the band summed over all ways to put ligands on sites that each hold one of them, or nothing."""
    ligands = [*thetas, None]
    shares = [*thetas.values(), 1 - sum(thetas.values())]
    total = np.zeros(len(axis))
    for states in product(range(len(ligands)), repeat=n_sites):
        shift = sum(shifts.get(ligands[state] or "", 0.0) for state in states)
        total += np.prod([shares[state] for state in states]) * absorption([BAND.moved(shift)], axis)
    return total


def test_ligands_shift_the_bands_of_every_form() -> None:
    """Each form has its own binding constant, so its own distribution; such a shift used to be refused."""
    network = Network(parse(FORMS))
    flask = conditions(network, {"Q": "10 µM", "L": "2 mM"})
    bands = {"Q": BAND, "Q.beta": BAND.moved("140 meV")}
    found = spectra(network, flask, bands, shifts={"L": "-30 meV"}, window=("330 nm", "480 nm"))
    assert found.axis is not None
    free = network.solve(flask.amounts).of("L")[0]
    weights = {"alpha": (1 + 100 * free) ** 4, "beta": 0.05 * (1 + 5000 * free) ** 4}
    expected = 0.0
    for form, constant in (("alpha", 100), ("beta", 5000)):
        theta = constant * free / (1 + constant * free)
        moved = mixed({"L": theta}, {"L": -0.03}, found.axis if form == "alpha" else HC / (HC / found.axis - 0.14))
        expected = expected + 1e-5 * weights[form] / sum(weights.values()) * moved
    assert found.values[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_two_kinds_of_ligands_shift_together() -> None:
    """The spectrum is the sum over both counts at once; a second shifting ligand used to be refused."""
    network = Network(parse(SHIFTED))
    flask = conditions(network, {"Q": "10 µM", "HB": "20 mM", "HA": "20 mM"})
    shifts = {"B": "-30 meV", "A": "11 meV"}
    found = spectra(network, flask, {"Q": BAND}, shifts=shifts, window=WINDOW)
    assert found.axis is not None
    theta = float(network.solve(flask.amounts).of("S-B")[0]) / 4e-5
    expected = mixed({"A": 1 - theta, "B": theta}, {"A": 0.011, "B": -0.03}, found.axis)
    assert found.values[0] == pytest.approx(1e-5 * expected, rel=1e-9)


SHAPE = "width = 120 meV, absorptivity = 1e5 /(M cm)"
STATED = SHIFTED.replace("K = 2", "K = 2 +/- 0.2") + "observe A2 = {position} of Q ; " + SHAPE


@pytest.mark.parametrize(
    "position",
    [
        "2.9 eV",
        "3 eV - 30 meV * count(B)",
        "3 eV - 0.1 eV * coverage(B)",
        "3 eV - 30 meV * count(B) + 10 meV * count(A) + 20 meV * coverage(A) * coverage(B)",
    ],
)
def test_band_of_a_spectrum_agrees_with_draws(position: str) -> None:
    """Central differences give the band that 400 drawn constants give, whatever moves the spectrum."""
    network = Network(parse(STATED.format(position=position)))
    flask = conditions(network, {"Q": "10 µM", "HB": ["10 µM", "40 µM", "100 µM"]})
    linear, drawn = (predict(network, flask, n_draws=n, seed=1, window=WINDOW).spectra() for n in (0, 400))
    assert linear.upper is not None
    assert drawn.upper is not None
    width = linear.upper - linear.values
    # 3 % noise per quantile of 400 draws, more where the band is pressed to one side.
    assert np.abs(drawn.upper - linear.upper).max() <= 0.2 * width.max() + 1e-12


def test_without_clusters_there_is_no_band() -> None:
    """Where the absorber is absent its band has no position, and nothing absorbs."""
    network = Network(parse(STATED.format(position="3 eV - 30 meV * count(B)")))
    predicted = predict(network, conditions(network, {"HB": "1 mM", "Q": ["0 mM", "10 µM"]}))
    assert np.isnan(predicted.of("signal", "A2").values[:, 0]).tolist() == [True, False]
    assert predicted.spectra().values[0].max() == 0.0
    assert np.isfinite(predicted.spectra().upper[1]).all()


def test_a_stated_band_is_that_of_the_call() -> None:
    """A model that states its band gives what the band given with the call gives, in its own window too."""
    network = Network(parse(STATED.format(position="3 eV - 30 meV * count(B)")))
    flask = conditions(network, {"Q": "10 µM", "HB": "40 µM"})
    band = transition("3 eV", width="120 meV", strength="1e5 /(M cm)")
    called = spectra(network, flask, {"Q": band}, shifts={"B": "-30 meV"}, window=WINDOW, path_length="2 mm")
    stated = predict(network, flask, window=WINDOW, path_length="2 mm").spectra("absorbance")
    assert stated.values == pytest.approx(called.values)
    whole = predict(network, flask).spectra().values[0]
    assert whole[[0, -1]] == pytest.approx(0.0, abs=2e-3 * whole.max())


def test_a_fitted_position_carries_its_error_into_the_spectrum() -> None:
    """A band whose origin a fit of positions found moves by its standard error: dA = (dA/dE) dE."""
    text = SHIFTED.replace("3.2 eV + 0.1 eV * coverage(B) + 0.05 eV * coverage(A) * coverage(B)", f"E0 of Q ; {SHAPE}")
    network = Network(parse(text.replace("K = 2", "K = 2 fit") + "observe b = integral(S-B)"))
    flask = conditions(network, {"Q": "1 mM", "HB": "0..8 mM in 9"})
    bound = network.solve(flask.amounts, np.log([2.0])).of("S-B")
    random = np.random.default_rng(4)
    signals = tuple(
        Signal(name=name, technique=technique, channels=(name,), values=values[:, np.newaxis], unit=unit)
        for name, technique, values, unit in (
            ("E1", Technique.BAND_POSITION, 3.1 + random.normal(0, 0.002, 9), "eV"),
            ("b", Technique.NMR_INTEGRAL, bound + random.normal(0, 1e-5, 9), "mol/L"),
        )
    )
    labels = tuple(str(point) for point in range(9))
    result = fit(
        network, Titration(name="run", feeds=flask.feeds, amounts=flask.amounts, signals=signals, labels=labels)
    )
    predicted = predict(network, conditions(network, {"Q": "10 µM"}), fit=result, window=WINDOW).spectra()
    assert predicted.upper is not None
    assert predicted.axis is not None
    (signal,) = (each for each in result.datasets[0].signals if each.name == "E1")
    energy, origin, stderr = HC / predicted.axis, signal.amplitudes[0, 0], signal.noise / 3
    slope = predicted.values[0] * 8 * np.log(2) * (energy - origin) / 0.12**2
    reach = known_constants(network, fit=result).reach(result.level)
    # No absorbance is below zero: its error is normal in the logarithm.
    seen = predicted.values[0]
    assert (seen * np.log(predicted.upper[0] / seen)) == pytest.approx(
        reach * np.abs(slope) * stderr, rel=1e-3, abs=1e-9
    )


def test_a_shift_per_ligand_is_found_by_a_fit() -> None:
    """A fit of positions finds what each bound ligand adds, which the data were made with."""
    lines = SHIFTED.splitlines()[:-2]
    made, sought = (
        Network(
            parse("\n".join([*lines, f"X S-A + HB <=> S-B + HA ; K = {constant}", f"observe E1 = {position} of Q"]))
        )
        for constant, position in (("2", "3.2 eV - 8 meV * count(B)"), ("fit", "E0 + dE * count(B)"))
    )
    flask = conditions(made, {"Q": "1 mM", "HB": "0..8 mM in 9"})
    values = predict(made, flask).of("signal", "E1").values
    signal = Signal(name="E1", technique=Technique.BAND_POSITION, channels=("E1",), values=values, unit="eV")
    labels = tuple(str(point) for point in range(9))
    data = Titration(name="run", feeds=flask.feeds, amounts=flask.amounts, signals=(signal,), labels=labels)
    found = fit(sought, data).datasets[0].signals[0]
    assert dict(zip(found.components, found.amplitudes[:, 0], strict=True)) == {
        "origin": pytest.approx(3.2, abs=1e-6),
        "count B": pytest.approx(-8e-3, abs=1e-6),
    }


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


def test_coverage_of_a_state_is_that_of_its_class() -> None:
    """An occupant covers all sites of its absorber, a state those of its class; other clusters do not count."""
    text = """cluster Q
site S on Q : 4 native A
site T on Q : 2
cluster P
site U on P : 7 native A
species HB
X S-A + HB <=> S-B + HA ; K = 2
L T-* + HB <=> T-HB ; K = 100 /M
observe all = 3 eV - 1 eV * coverage(B) of Q
observe own = 3 eV - 1 eV * coverage(S-B) of Q
observe two = 3 eV - 1 eV * count(B) + 0.5 eV * count(HB) of Q
"""
    network = Network(parse(text))
    predicted = predict(network, conditions(network, {"Q": "1 mM", "P": "1 mM", "HB": "0..20 mM in 4"}))
    counts = {name: predicted.of("ligands", "Q").values[:, column] for column, name in enumerate(("A", "B", "HB"))}
    positions = {name: predicted.of("signal", name).values[:, 0] for name in ("all", "own", "two")}
    assert positions["all"] == pytest.approx(3 - counts["B"] / 6)
    assert positions["own"] == pytest.approx(3 - counts["B"] / 4)
    assert positions["two"] == pytest.approx(3 - counts["B"] + 0.5 * counts["HB"])


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


def test_one_wavelength_is_a_curve_and_no_spectrum() -> None:
    """Light at one or two wavelengths has no maximum: it is predicted as it was measured, over the points."""
    model = Network(parse("surfacechem 1\nspecies H\nspecies G\nS[11] H + G <=> HG\nobserve A = spectrum(HG)"))
    amounts = np.column_stack([np.full(8, 1e-3), np.linspace(0.0, 4e-3, 8)])
    bound = model.solve({"H": amounts[:, 0], "G": amounts[:, 1]}, np.log([1000.0])).of("HG")
    values = bound[:, np.newaxis] * [500.0, 900.0] + 1e-3 * np.random.default_rng(3).normal(size=(8, 2))
    signal = Signal(
        name="A",
        technique=Technique.UV_VIS,
        channels=("a", "b"),
        values=values,
        unit="1",
        axis=np.array([400.0, 450.0]),
    )
    data = Titration(
        name="run", feeds=("H", "G"), amounts=amounts, signals=(signal,), labels=tuple(str(row) for row in range(8))
    )
    found = predict(model, conditions(model, {"H": "1 mM", "G": "0..4 mM in 8"}), fit=fit(model, data))
    curves = found.of("signal", "A")
    assert curves.axis is None
    assert curves.labels == ("400 nm", "450 nm")
    assert curves.values == pytest.approx(bound[:, np.newaxis] * [500.0, 900.0], abs=5e-3)
    assert "450 nm" in found.to_table().columns


ETCHED = """cluster Q = Cd37S20(O2CR)34
site Z on Q : 5 native Cd(O2CR)2
Z Z-Cd(O2CR)2 + 2 NH2R <=> Z-* + Cd(O2CR)2(NH2R)2 ; K = 4e-3 /M
L Z-* + NH2R <=> Z-NH2R ; K = 20 /M
observe E1 = 3.8 eV - 20 meV * count(Z-*) - 12 meV * count(NH2R) of Q ; width = 0.1 eV, absorptivity = 2e5 /(M cm)
"""


def test_gaps_move_a_band_as_enumeration_says() -> None:
    """Five units, gaps and amines in them: the spectrum is the sum over all 21 compositions of a cluster."""
    network = Network(parse(ETCHED))
    amounts = {"Q": 1e-5, "NH2R": 0.1}
    found = network.solve(amounts)
    share = [float(found.of(state)[0]) / 5e-5 for state in ("Z-*", "Z-NH2R", "Z-Cd(O2CR)2")]
    spectra = predict(network, conditions(network, {"Q": "10 uM", "NH2R": "0.1 M"})).of("signal", "absorbance")
    assert spectra.axis is not None
    energy, expected = HC / spectra.axis, np.zeros(len(spectra.axis))
    for gaps in range(6):
        for amines in range(6 - gaps):
            ways = comb(5, gaps) * comb(5 - gaps, amines)
            weight = ways * share[0] ** gaps * share[1] ** amines * share[2] ** (5 - gaps - amines)
            position = 3.8 - 0.02 * gaps - 0.012 * amines
            expected += 2.0 * weight * np.exp(-4 * np.log(2) * ((energy - position) / 0.1) ** 2)
    # Bands are looked up on a fine grid, right to a few millionths of their height.
    assert spectra.values[0] == pytest.approx(expected, abs=2e-5)


UNCERTAIN = """surfacechem 1
cluster C
site S on C : 8
conformer b of C ; L0 = 1e-6
L S-* + Q <=> S-Q ; K = 50 /M
L S-* + Q <=> S-Q in b ; K = 300 /M
observe E1 = {position} of C ; width = {width}, absorptivity = {absorptivity}
observe E2 = 3.9 eV of C.b ; width = 150 meV, absorptivity = 2e5 /(M cm)
"""
EXACT = {"position": "3.8 eV", "width": "150 meV", "absorptivity": "2e5 /(M cm)"}


def stated_spectra(n_draws: int = 0, **changes: str) -> Curves:
    """Return the spectra of bands with these numbers, 290 to 350 nm."""
    network = Network(parse(UNCERTAIN.format(**{**EXACT, **changes})))
    flask = conditions(network, {"C": "5 uM", "Q": "0..200 mM in 4"})
    return predict(network, flask, window=("290 nm", "350 nm"), n_draws=n_draws, seed=1).spectra()


def test_stated_error_of_absorptivity_is_in_the_band() -> None:
    """Where one band absorbs alone, 5 % of its absorptivity are 5 % of the absorbance, on a logarithmic scale."""
    curves = stated_spectra(absorptivity="2e5 +/- 1e4 /(M cm)")
    assert curves.upper is not None
    red = np.argmin(np.abs(curves.axis - 345.0))
    assert curves.upper[0, red] / curves.values[0, red] == pytest.approx(np.exp(1.959964 * 0.05), rel=2e-3)


def test_stated_error_of_width_is_in_the_band() -> None:
    """The absorbance of a Gaussian d from its maximum moves by 8 ln 2 (d/w)^2 dw/w; at the maximum not at all."""
    curves = stated_spectra(width="150 +/- 3 meV")
    assert curves.upper is not None
    assert curves.axis is not None
    away = (HC / curves.axis - 3.8) / 0.15
    red = curves.axis > 326.0
    expected = np.exp(1.959964 * 8 * np.log(2) * away[red] ** 2 * 0.02)
    ratio = curves.upper[0, red] / curves.values[0, red]
    clear = away[red] ** 2 < 1.0
    np.testing.assert_allclose(ratio[clear], expected[clear], rtol=1e-2)


@pytest.mark.parametrize(
    "changes",
    [
        {"position": "3.8 +/- 0.002 eV"},
        {"position": "3.8 eV - 20 +/- 1 meV * coverage(Q)"},
        {"position": "3.8 eV - 2 +/- 0.3 meV * count(Q)", "width": "150 +/- 3 meV"},
    ],
)
def test_draws_and_derivatives_agree_on_stated_errors(changes: dict[str, str]) -> None:
    """Small errors of a band's numbers give the same bands by derivatives and by draws, and bands at all."""
    exact, drawn = stated_spectra(**changes), stated_spectra(n_draws=600, **changes)
    assert exact.upper is not None
    assert drawn.upper is not None
    wide = exact.upper - exact.values
    assert wide.max() > 0.003
    np.testing.assert_allclose(drawn.upper - drawn.values, wide, atol=0.15 * wide.max())


def test_position_with_an_error_has_its_band() -> None:
    """The band of a position at coverage theta is that of origin and slope, independent of each other."""
    network = Network(parse(UNCERTAIN.format(**{**EXACT, "position": "3.8 +/- 0.01 eV - 20 +/- 4 meV * coverage(Q)"})))
    flask = conditions(network, {"C": "5 uM", "Q": "0..2 M in 3"})
    found = predict(network, flask).of("signal", "E1")
    coverage = predict(network, flask).of("coverage", "S")
    theta = coverage.values[:, coverage.labels.index("Q")]
    assert found.upper is not None
    np.testing.assert_allclose(found.values[:, 0], 3.8 - 0.02 * theta, rtol=1e-9)
    np.testing.assert_allclose(
        found.upper[:, 0] - found.values[:, 0], 1.959964 * np.hypot(0.01, 0.004 * theta), rtol=1e-6
    )

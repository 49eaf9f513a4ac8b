"""Enthalpies that are fitted: van 't Hoff over data at several temperatures, and everywhere that follows."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from surfacechem.api.predicting import predict_flask
from surfacechem.constants import GAS_CONSTANT
from surfacechem.errors import ConventionError, FitError, ModelError, SurfaceChemError
from surfacechem.fitting import FitResult, fit
from surfacechem.network import Network
from surfacechem.network.warming import warming
from surfacechem.notation import parse, render
from surfacechem.records import Signal, Technique, Titration
from surfacechem.sweep import sweep

TEXT = """species H
species G
S[11] H + G <=> HG ; K = {}, dH = {}
observe delta = shift(H, HG)
"""
FEED = {"H": "1 mM", "G": "2 mM"}
K0, HEAT, T0 = 5e3, -30e3, 298.15


def constant_at(temperature: float) -> float:
    """Return K by van 't Hoff."""
    return K0 * exp(-HEAT / GAS_CONSTANT * (1 / temperature - 1 / T0))


def titration(temperature: float, *, noise: float = 0.0, seed: int = 0) -> Titration:
    """Return shifts of a 1:1 titration by its closed form."""
    host, guest, k = np.full(12, 1e-3), np.linspace(0.0, 4e-3, 12), constant_at(temperature)
    total = host + guest + 1 / k
    bound = (total - np.sqrt(total**2 - 4 * host * guest)) / 2
    shift = 7.0 + 0.8 * bound / host + noise * np.random.default_rng(seed).normal(size=12)
    signal = Signal(
        name="delta", technique=Technique.NMR_SHIFT, channels=("delta",), values=shift[:, np.newaxis], unit="ppm"
    )
    return Titration(
        name=f"T{temperature:g}", feeds=("H", "G"), amounts=np.column_stack([host, guest]), signals=(signal,),
        labels=tuple(map(str, range(12))), temperature=temperature,
    )  # fmt: skip


def fitted(heat: str, *temperatures: float, noise: float = 1e-7) -> FitResult:
    """Return the fit of titrations at these temperatures."""
    data = [titration(each, noise=noise, seed=number) for number, each in enumerate(temperatures)]
    return fit(Network(parse(TEXT.format("fit /M", heat))), data)


@pytest.mark.parametrize(
    "heat", ["fit", "-10 kJ/mol fit", "fit -80..5 kJ/mol", "-30 +/- 2 kJ/mol fit", "-7.1 +/- 1 kcal/mol fixed"]
)
def test_written_enthalpies_are_read_back(heat: str) -> None:
    """Value, spread, bounds and role survive a round through text."""
    system = parse("temperature 298.15 K\n" + TEXT.format("fit /M", heat))
    again = parse(render(system))
    assert [constant.name for constant in system.factors] == ["dH[11]"]
    assert again.factors == system.factors


def test_the_enthalpy_is_found() -> None:
    """Three temperatures give K and dH of the closed form, whatever the temperature of the model."""
    found = fitted("fit", 278.15, 298.15, 323.15)
    energy = found["dH[11]"].energy
    assert energy is not None
    assert energy.value == pytest.approx(HEAT / 1e3, abs=1e-3)
    assert found["K[11]"].log10_value == pytest.approx(np.log10(K0), abs=1e-5)
    entropy = GAS_CONSTANT * log(K0) + HEAT / T0
    assert f"dS[11] = {entropy:.1f}" in energy.meaning
    warm = Network(parse("temperature 320 K\n" + TEXT.format("fit /M", "fit")))
    there = fit(warm, [titration(each, noise=1e-7) for each in (278.15, 323.15)])
    assert there["K[11]"].log10_value == pytest.approx(np.log10(constant_at(320.0)), abs=1e-5)


def test_errors_are_those_of_the_joint_problem() -> None:
    """K at another temperature has the error of ln K0 - dH/R (1/T - 1/T0), the covariance included."""
    found = fitted("fit", 278.15, 298.15, 323.15, noise=1e-3)
    names, matrix = found.parameter_names, np.asarray(found.covariance)
    step = np.zeros(len(names))
    step[names.index("K[11]")], step[names.index("dH[11]")] = 1.0, -(T0 / 350.0 - 1.0)
    network = Network(parse(TEXT.format("fit /M", "fit")))
    band = predict_flask(network, FEED, fit=found, temperature="350 K").constants["K[11]"]
    assert band[1] == pytest.approx(np.log(10) * np.sqrt(step @ matrix @ step))
    assert band[0] == pytest.approx(np.log(constant_at(350.0)), abs=4 * band[1])


def test_one_temperature_tells_no_enthalpy() -> None:
    """Without a prior it is refused in words; with one the prior comes back."""
    with pytest.raises(FitError, match="two temperatures"):
        fitted("fit", 278.15)
    known = fitted("-30 +/- 2 kJ/mol fit", 298.15)["dH[11]"].energy
    assert known is not None
    assert known.stderr == pytest.approx(2.0, rel=1e-3)


def test_an_enthalpy_of_what_follows_is_refused() -> None:
    """The dH of a constant that is tied follows from that of the other one."""
    text = "species H\nspecies G\nS[1] H + G <=> A ; K = fit /M\nS[2] H + G <=> B ; K = K[1], dH = fit\n"
    network = Network(parse(text))
    with pytest.raises(ModelError, match="follows from other constants"):
        warming(network, 320.0)


def test_other_temperatures_are_those_of_a_stated_enthalpy() -> None:
    """A dH with a spread moves constants as the same dH without one does: at, predict, sweep."""
    loose = Network(parse(TEXT.format("5000 /M", "-30 +/- 2 kJ/mol")))
    plain = Network(parse(TEXT.format("5000 /M", "-30 kJ/mol")))
    amounts = {"H": 1e-3, "G": 2e-3}
    assert loose.at(330.0).solve(amounts).of("HG") == pytest.approx(plain.at(330.0).solve(amounts).of("HG"))
    both = [predict_flask(each, FEED, temperature="330 K").constants["K[11]"] for each in (loose, plain)]
    assert both[0][0] == pytest.approx(both[1][0])
    assert both[0][1] == pytest.approx(2e3 / GAS_CONSTANT * (1 / T0 - 1 / 330.0))
    assert both[1][1] == 0
    swept = [sweep(each, {"T": "280..340 K in 4"}, feed=FEED)["concentration"].to_numpy() for each in (loose, plain)]
    assert swept[0] == pytest.approx(swept[1])


def test_without_enthalpy_there_is_no_other_temperature() -> None:
    """A prediction elsewhere is refused in words instead of taking K as the same."""
    network = Network(parse("species H\nspecies G\nS[1] H + G <=> A ; K = 100 /M\n"))
    with pytest.raises(ConventionError, match="no enthalpy"):
        predict_flask(network, FEED, temperature="330 K")


@pytest.mark.parametrize("heat", ["fit kJ", "fit -5..-80 kJ/mol", "-30 fit", "-30 /M fit", "-30 +/- -2 kJ/mol"])
def test_wrong_enthalpies_are_refused_with_their_place(heat: str) -> None:
    """The line is named and no text is taken silently."""
    with pytest.raises(SurfaceChemError) as caught:
        parse(TEXT.format("fit /M", heat))
    assert caught.value.where is not None
    assert caught.value.where.line == 3


def test_combinations_are_said_in_energies() -> None:
    """The worst known parameter alone is named with its error in kJ/mol, not as a factor of exp(dH/RT)."""
    sentence = fitted("fit", 278.15, 298.15, 323.15, noise=1e-3).fact("combinations").sentence
    assert "worst is dH[11] (s.e. 0." in sentence
    assert "kJ/mol" in sentence

"""Complexes whose amplitudes add up from their parts, the non-cooperative and statistical flavours of 1:2 binding."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting import FitResult, fit
from surfacechem.fitting.blocks import bind_observables
from surfacechem.network import Network
from surfacechem.notation import parse, render
from surfacechem.records import Signal, Technique, Titration

TEXT = """species H
species G
S[11] H + G <=> HG ; K = {}
S[12] HG + G <=> HG2 ; K = {}
observe A = {}
"""
HOST, K = 2e-5, 3e5
GUEST = np.linspace(0.0, 1.2e-4, 20)


def sites() -> tuple[np.ndarray, np.ndarray]:
    """Return [H] + [HG] + [HG2] and bound guest of a host with two equal and independent places, by closed form."""
    places, k = 2 * HOST, K / 2  # the first stepwise constant is twice that of a place
    total = places + GUEST + 1 / k
    return np.full(len(GUEST), HOST), (total - np.sqrt(total**2 - 4 * places * GUEST)) / 2


def fitted(second: str, observed: str, values: np.ndarray, technique: Technique, unit: str) -> FitResult:
    """Return the fit of one titration."""
    channels = tuple(f"A.{k}" for k in range(values.shape[1]))
    axis = np.linspace(400, 500, values.shape[1]) if technique is Technique.UV_VIS else None
    signal = Signal(name="A", technique=technique, channels=channels, values=values, unit=unit, axis=axis)
    data = Titration(
        name="run", feeds=("H", "G"), amounts=np.column_stack([np.full(len(GUEST), HOST), GUEST]), signals=(signal,),
        labels=tuple(map(str, range(len(GUEST)))),
    )  # fmt: skip
    return fit(Network(parse(TEXT.format("fit /M", second, observed))), data)


def test_additive_spectra_are_those_of_independent_places() -> None:
    """Where each guest adds the same spectrum, absorbance is linear in host and bound guest; K and both are found."""
    host, bound = sites()
    spectra = np.array([[1e4, 6e3, 2e3], [-3e3, 4e3, 9e3]])
    values = np.column_stack([host, bound]) @ spectra
    values = values + 1e-6 * np.random.default_rng(3).normal(size=values.shape)
    found = fitted("K[11] / 4", "spectrum(H, HG, HG2, additive)", values, Technique.UV_VIS, "1")
    assert found["K[11]"].log10_value == pytest.approx(np.log10(K), abs=1e-3)
    signal = found.datasets[0].signals[0]
    assert signal.components == ("H", "G in complexes")
    assert signal.amplitudes == pytest.approx(spectra, rel=1e-2)


def test_additive_shifts_are_those_of_independent_places() -> None:
    """The shift of the host's nucleus moves by the same for each guest that it binds."""
    host, bound = sites()
    values = (7.0 + 0.3 * bound / host)[:, np.newaxis] + 1e-6 * np.random.default_rng(4).normal(size=(len(GUEST), 1))
    found = fitted("K[11] / 4", "shift(H, HG, HG2, additive)", values, Technique.NMR_SHIFT, "ppm")
    assert found["K[11]"].log10_value == pytest.approx(np.log10(K), abs=1e-3)
    assert found.datasets[0].signals[0].amplitudes[:, 0] == pytest.approx([7.0, 0.3], abs=1e-3)


def test_additive_does_not_bind_constants() -> None:
    """Both constants are free with additive spectra, and come out in the ratio of four of these data."""
    host, bound = sites()
    values = np.column_stack([host, bound]) @ np.array([[1e4, 6e3, 2e3], [-3e3, 4e3, 9e3]])
    values = values + 1e-7 * np.random.default_rng(5).normal(size=values.shape)
    found = fitted("fit /M", "spectrum(H, HG, HG2, additive)", values, Technique.UV_VIS, "1")
    assert found["K[12]"].log10_value == pytest.approx(np.log10(K / 4), abs=5e-3)


@pytest.mark.parametrize(
    ("observed", "said"),
    [("spectrum(H, HG, additive)", "says nothing"), ("spectrum(H, HG, HG2, additive, nonnegative)", "parts")],
)
def test_additive_without_meaning_is_refused(observed: str, said: str) -> None:
    """Where no complex has more of the same than another, or amplitudes of complexes are told, the word is refused."""
    with pytest.raises(FitError, match=said):
        fitted("K[11] / 4", observed, np.ones((len(GUEST), 1)) * GUEST[:, np.newaxis], Technique.UV_VIS, "1")


def test_the_word_survives_being_written() -> None:
    """Additive lines are written as they were."""
    text = TEXT.format("fit /M", "K[11] / 4", "shift(H, HG, HG2, additive)")
    assert "additive" in render(parse(text))
    assert render(parse(render(parse(text)))) == render(parse(text))


def test_parts_of_a_shift_are_those_of_one_nucleus() -> None:
    """H2G holds two hosts for one guest: each nucleus moves by half of what a guest brings; slopes are exact."""
    network = Network(parse("species H\nspecies G\nS H + G <=> HG ; K = 1 /M\nS H + HG <=> H2G ; K = 1 /M\n"
                            "observe d = shift(H, HG, H2G, additive)\n"))  # fmt: skip
    signal = Signal(name="d", technique=Technique.NMR_SHIFT, channels=("d",), values=np.zeros((1, 1)), unit="ppm")
    data = Titration(name="run", feeds=("H",), amounts=np.ones((1, 1)), signals=(signal,), labels=("1",))
    model = bind_observables(network, data, known={})[0][0].model
    order = [network.entities.index(name) for name in ("H", "HG", "H2G")]
    there = np.zeros((1, network.n_seen))
    there[0, order] = 0.2, 0.3, 0.25  # hosts: 0.2 + 0.3 + 0.5
    assert model.columns(there)[0] == pytest.approx([1.0, 0.3 * 1.0 + 0.5 * 0.5])
    moved, step = np.random.default_rng(1).normal(size=(1, network.n_seen, 2)), 1e-6
    sides = [model.columns(there + sign * step * moved[..., 0]) for sign in (1, -1)]
    assert model.derivative(there, moved)[..., 0] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-8)

"""Fits of quenched light: truth recovered, inner filter undone, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting import fit
from surfacechem.fitting.driver import prepare_objective
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

MODEL = """surfacechem 1
cluster C
site S on C : 20
L[1] S-* + Q <=> S-Q ; K = {K}
observe F = emission(C, S-Q, {factor}{option})
"""
N_POINTS = 20
WAVELENGTHS = np.array([520.0, 560.0])


def signal(name: str, technique: Technique, values: np.ndarray, axis: np.ndarray) -> Signal:
    """Return spectra at these wavelengths."""
    channels = tuple(f"{each:g}" for each in axis)
    return Signal(name=name, technique=technique, channels=channels, values=values, unit="1", axis=axis)


def quenched(factor: str, *, absorbance: float = 0.0, noise: float = 0.002, with_spectra: bool = False) -> Titration:
    """Return a simulated titration, K = 2e4 /M, seen through an absorbing sample."""
    feeds = {"C": np.full(N_POINTS, 1e-5), "Q": np.linspace(0, 6e-4, N_POINTS)}
    light = Network(parse(MODEL.format(K="2e4 /M", factor=factor, option=""))).solve(feeds).seen[:, -1:] / 1e-5
    dark = absorbance * np.column_stack([np.linspace(0.5, 1, N_POINTS), np.full(N_POINTS, 0.2), np.full(N_POINTS, 0.1)])
    values = light * [1.0, 0.6] * 10 ** (-(dark[:, :1] + dark[:, 1:]) / 2)
    values = values + np.random.default_rng(4).normal(0, noise, values.shape)
    signals = [signal("F", Technique.FLUORESCENCE, values, WAVELENGTHS)]
    if with_spectra:
        signals.append(signal("A", Technique.UV_VIS, dark, np.array([400.0, *WAVELENGTHS])))
    return Titration(
        name="run",
        feeds=tuple(feeds),
        amounts=np.column_stack(list(feeds.values())),
        signals=tuple(signals),
        labels=tuple(str(point) for point in range(N_POINTS)),
    )


def fitted(data: Titration, option: str = "", factor: str = "q = fit") -> tuple[float, float, float]:
    """Return K, the quenching and the standard error of log10 K."""
    result = fit(Network(parse(MODEL.format(K="fit /M", factor=factor, option=option))), data)
    first, second = (10.0 ** (each.log10_value or 0.0) for each in result.estimates)
    return first, second, result.estimates[0].log10_stderr or 0.0


def test_share_is_recovered() -> None:
    """Constant and quenching of a simulated titration come out within their errors."""
    constant, share, stderr = fitted(quenched("q = 0.8"))
    assert abs(np.log10(constant / 2e4)) < 3 * stderr
    assert share == pytest.approx(0.8, abs=0.02)


def test_rate_is_recovered() -> None:
    """The same for quenching by rates, which is another curve."""
    constant, rate, stderr = fitted(quenched("k = 0.5", noise=2e-4), factor="k = fit")
    assert abs(np.log10(constant / 2e4)) < 3 * stderr
    assert rate == pytest.approx(0.5, rel=0.1)


def test_inner_filter_is_undone() -> None:
    """A sample that swallows up to half of the light gives the same constant as a clear one, but not uncorrected."""
    clear = fitted(quenched("q = 0.8", noise=1e-5))[0]
    dark = quenched("q = 0.8", absorbance=0.4, noise=1e-5, with_spectra=True)
    assert fitted(dark, ", excitation = 400 nm")[0] == pytest.approx(clear, rel=2e-3)
    assert abs(np.log(fitted(dark)[0] / clear)) > 0.02


def test_wavelength_of_the_light_may_be_stated() -> None:
    """With one emission wavelength for all channels both are corrected alike."""
    dark = quenched("q = 0.8", absorbance=0.4, noise=1e-5, with_spectra=True)
    plain = fitted(dark, ", excitation = 400 nm")[0]
    assert fitted(dark, ", excitation = 400 nm, at = 540 nm")[0] == pytest.approx(plain, rel=1e-3)


@pytest.mark.parametrize(("option", "said"), [("350 nm", "none at 350 nm"), ("600 nm", "none at 600 nm")])
def test_missing_absorbance_is_refused(option: str, said: str) -> None:
    """Outside the measured wavelengths nothing is extrapolated."""
    with pytest.raises(FitError, match=said):
        fitted(quenched("q = 0.8", with_spectra=True), f", excitation = {option}")


def test_inner_filter_without_spectra_is_refused() -> None:
    """What swallows the light must have been measured."""
    with pytest.raises(FitError, match="A 400 nm"):
        fitted(quenched("q = 0.8"), ", excitation = 400 nm")


def test_each_quencher_may_have_a_titration_of_its_own() -> None:
    """Two quenchers, added one to a flask each, give both shares."""
    text = (
        "cluster P\nsite S on P : 51\nL[a] S-* + A <=> S-A ; K = {K} /M\nL[b] S-* + B <=> S-B ; K = K[a] * 0.5\n"
        "observe F = emission(P, S-A, S-B, q = {q} of S-A, q = {p})"
    )
    truth = Network(parse(text.format(K="2e4", q="0.92", p="0.75")))
    added, draws, sets = np.linspace(0.0, 4e-4, 16), np.random.default_rng(3), []
    for guest in "AB":
        held = truth.solve({"P": np.full(16, 1e-6), guest: added}).of(f"S-{guest}") / 51e-6
        light = (1 - held + held * (0.92 if guest == "A" else 0.75)) ** 51 + draws.normal(0.0, 1e-3, 16)
        shone = signal("F", Technique.FLUORESCENCE, light[:, np.newaxis], WAVELENGTHS[:1])
        sets.append(
            Titration(
                name=guest,
                feeds=("P", guest),
                amounts=np.column_stack([np.full(16, 1e-6), added]),
                signals=(shone,),
                labels=tuple(map(str, range(16))),
            )
        )
    result = fit(Network(parse(text.format(K="fit", q="0.9 fit", p="0.9 fit"))), sets)
    for name, value in {"K[a]": 2e4, "q[F, S-A]": 0.92, "q[F]": 0.75}.items():
        assert result[name].log10_value == pytest.approx(np.log10(value), abs=4 * (result[name].log10_stderr or 0))


def test_light_beyond_all_numbers_is_left_without_a_warning() -> None:
    """What a search tries far away, q^20 = 1e400, used to warn on the command line; it fits nothing."""
    network = Network(parse(MODEL.format(K="fit /M", factor="q = 0.9 fit", option="")))
    objective, _ = prepare_objective(network, (quenched("q = 0.9"),), known={})
    near, far = objective.look(np.log([[2e4, 0.9], [2e4, 1e20]])).costs.squares[:, 0]
    assert near < 0.01
    assert not far < near

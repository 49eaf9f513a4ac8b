"""Light swallowed by the sample itself, by absorptivities that are fitted along."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.fitting import fit
from surfacechem.fitting.blocks import bind_observables
from surfacechem.network import Network
from surfacechem.notation import parse, render
from surfacechem.records import Signal, Technique, Titration

MODEL = """surfacechem 1
cluster C
site S on C : 51
L S-* + Q <=> S-Q ; K = {K}
observe A400 = absorbance(C at {cluster} /(M cm){fit}, Q at {quencher} /(M cm){fit})
observe A520 = absorbance(C at 4e4 /(M cm))
observe F = emission(C, S-Q, q = {q}{filters})
"""
TRUE = {"K": "2e4 /M", "cluster": "2e5", "quencher": "300", "fit": "", "q": "0.95"}
SOUGHT = {"K": "fit /M", "cluster": "1.5e5", "quencher": "200", "fit": " fit", "q": "0.9 fit"}
BOTH = ", primary = A400, secondary = A520"
N_POINTS = 20
CLUSTER = 2e-6
PATH = 0.4
ADDED = np.linspace(0, 1.2e-3, N_POINTS)


def network(filters: str = BOTH, **values: str) -> Network:
    """Return the model with these numbers."""
    return Network(parse(MODEL.format(**{**TRUE, **values}, filters=filters)))


def closed_forms() -> tuple[np.ndarray, np.ndarray]:
    """Return absorbance at the excitation and light, by the binomial of 51 sites and the filters of both ways."""
    flask = network().solve({"C": np.full(N_POINTS, CLUSTER), "Q": ADDED})
    theta = flask.of("S-Q") / (51 * CLUSTER)
    absorbance = 2e5 * CLUSTER + 300 * flask.of("Q")
    light = CLUSTER * (1 - theta + 0.95 * theta) ** 51 * 10 ** (-PATH * (absorbance + 4e4 * CLUSTER) / 2)
    return absorbance, light


def titration(noise: float = 0.0) -> Titration:
    """Return simulated absorbances in 1 cm and light from a cell of 4 mm."""
    draws, (absorbance, light) = np.random.default_rng(1), closed_forms()
    light = light / light.max()
    tables = {"A400": (absorbance, 1.0, noise), "F": (light, PATH, 2 * noise)}
    signals = tuple(
        Signal(
            name=name,
            technique=Technique.UV_VIS if name == "A400" else Technique.FLUORESCENCE,
            channels=(name,),
            values=(values + draws.normal(0, spread, N_POINTS))[:, np.newaxis],
            unit="1",
            path_length=path,
        )
        for name, (values, path, spread) in tables.items()
    )
    return Titration(
        name="run",
        feeds=("C", "Q"),
        amounts=np.column_stack([np.full(N_POINTS, CLUSTER), ADDED]),
        signals=signals,
        labels=tuple(map(str, range(N_POINTS))),
    )


def test_filtered_light_is_the_closed_form() -> None:
    """Light of 51 sites through half a cell twice: (1 - theta + theta q)^51 10^(-l (A1 + A2)/2)."""
    model, data = network(), titration()
    blocks, _ = bind_observables(model, data, known={})
    seen = model.solve({"C": data.amounts[:, 0], "Q": data.amounts[:, 1]}).seen
    absorbance, light = closed_forms()
    np.testing.assert_allclose(blocks[0].model.columns(seen)[:, 0], absorbance, rtol=1e-12)
    np.testing.assert_allclose(blocks[1].model.columns(seen)[:, 0], PATH * light, rtol=1e-12)


@pytest.mark.parametrize("filters", [BOTH, ", primary = A400", ", secondary = A400, baseline"])
def test_derivatives_are_those_of_central_differences(filters: str) -> None:
    """Constants move the light through the equilibria, the quenching and both filters."""
    model, data = network(filters, **SOUGHT), titration()
    blocks, _ = bind_observables(model, data, known={})
    theta = np.where(np.isnan(model.ln_constants), np.log(2e4), model.ln_constants)
    feeds = {"C": data.amounts[:, 0], "Q": data.amounts[:, 1]}
    state = model.solve(feeds, theta, derivatives=True)
    assert state.d_seen_constants is not None
    for block in blocks:
        found = block.model.derivative(state.seen, state.d_seen_constants)
        for number, step in enumerate(1e-5 * np.eye(len(theta))):
            above, below = (block.model.columns(model.solve(feeds, theta + side * step).seen) for side in (1, -1))
            scale = np.abs(block.model.columns(state.seen)).max()
            np.testing.assert_allclose(found[..., number], (above - below) / 2e-5, atol=1e-8 * scale)


def test_fitted_absorptivities_undo_the_filter() -> None:
    """K is the true one within its error, and far off where nobody looks at the filter."""
    data = titration(noise=1e-3)
    right, blind = (fit(network(filters, **SOUGHT), data)["K[L1]"] for filters in (BOTH, ""))
    assert right.log10_value is not None
    assert right.log10_stderr is not None
    assert abs(right.log10_value - np.log10(2e4)) < 3 * right.log10_stderr
    assert abs((blind.log10_value or 0.0) - np.log10(2e4)) > 3 * (blind.log10_stderr or 0.0)


def test_absorptivities_may_come_from_other_flasks() -> None:
    """Absorbances measured elsewhere serve as well: the absorptivity is a constant of the model, not of the data."""
    data = titration(noise=2e-3)
    apart = [replace(data, name=signal.name, signals=(signal,)) for signal in data.signals]
    together, shared = fit(network(**SOUGHT), data), fit(network(**SOUGHT), apart)
    for name in ("K[L1]", "absorptivity[A400, Q]"):
        assert shared[name].log10_value == pytest.approx(together[name].log10_value, abs=1e-5)


def test_bands_may_filter() -> None:
    """The absorbance of a stated band at the excitation is that of its line shape there."""
    bands = MODEL.replace(
        "observe A400 = absorbance(C at {cluster} /(M cm){fit}, Q at {quencher} /(M cm){fit})",
        "observe E1 = 400 nm of C ; width = 300 meV, absorptivity = {cluster} /(M cm){fit}\n"
        "observe A400 = absorbance(E1)",
    ).format(**TRUE, filters=BOTH + ", excitation = 400 nm")
    model, data = Network(parse(bands)), titration()
    light = bind_observables(model, replace(data, signals=data.signals[1:]), known={})[0][0]
    flask = model.solve({"C": data.amounts[:, 0], "Q": data.amounts[:, 1]})
    theta = flask.of("S-Q") / (51 * CLUSTER)
    expected = PATH * CLUSTER * (1 - 0.05 * theta) ** 51 * 10 ** (-PATH * (2e5 + 4e4) * CLUSTER / 2)
    np.testing.assert_allclose(light.model.columns(flask.seen)[:, 0], expected, rtol=1e-12)


def test_lines_are_written_back() -> None:
    """Absorptivities, their errors and filters read back as they were written."""
    text = render(parse(MODEL.format(**{**SOUGHT, "fit": " fit 100..1e6"}, filters=BOTH)))
    assert "C at 150000 L/(mol cm) fit 100..1000000" in text
    assert "primary = A400, secondary = A520" in text
    assert render(parse(text)) == text


@pytest.mark.parametrize(
    ("filters", "said"),
    [(", primary = A401", "A401"), (", primary = 400 nm", "name of an absorbance line"), (", at = A520", "a number")],
)
def test_filters_that_are_none_are_refused(filters: str, said: str) -> None:
    """What filters must be a line of absorbances."""
    with pytest.raises(SurfaceChemError, match=said):
        network(filters)


def test_absorbance_line_takes_the_column_of_its_wavelength() -> None:
    """Columns 'A 400 nm' are one signal with wavelengths; a line that names its wavelength finds its channel there."""
    data = titration()
    absorbance, light = data.signals
    both = Signal(
        name="A",
        technique=Technique.UV_VIS,
        channels=("400 nm", "520 nm"),
        values=np.hstack([absorbance.values, np.full((N_POINTS, 1), 4e4 * CLUSTER)]),
        unit="1",
        axis=np.array([400.0, 520.0]),
    )
    text = MODEL.format(**TRUE, filters=BOTH).replace("(M cm))\nobserve A5", "(M cm), wavelength = 400 nm)\nobserve A5")
    text = text.replace("4e4 /(M cm))", "4e4 /(M cm), wavelength = 520 nm)")
    blocks, _ = bind_observables(Network(parse(text)), replace(data, signals=(both, light)), known={})
    assert [(block.name, block.channels) for block in blocks[:2]] == [("A400", ("400 nm",)), ("A520", ("520 nm",))]
    np.testing.assert_array_equal(blocks[0].measured, absorbance.values)

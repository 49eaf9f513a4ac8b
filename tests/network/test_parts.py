"""Site states in one form of their cluster: concentrations, derivatives, shifts per form, faults."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.errors import ModelError, SurfaceChemError
from surfacechem.fitting import fit
from surfacechem.network import Network
from surfacechem.notation import parse, render
from surfacechem.records import Signal, Technique, Titration

MODEL = """surfacechem 1
cluster C
site S on C : 8
conformer alpha of C ; reference
conformer beta of C ; L0 = {L0}
L[a] S-* + Q <=> S-Q ; K = {a}
L[b] S-* + Q <=> S-Q in beta ; K = {b}
observe d = {seen}
observe A = spectrum(C, C.beta)
"""
SEEN = "shift(Q, S-Q in alpha, S-Q in beta)"
TRUE = {"L0": "1e-3", "a": "200 /M", "b": "2000 /M"}
SOUGHT = {"L0": "fit", "a": "fit /M", "b": "fit /M"}
FEEDS = {"C": np.full(25, 1e-4), "Q": np.linspace(1e-5, 2e-2, 25)}


def network(seen: str = SEEN, **values: str) -> Network:
    """Return the model with these values."""
    return Network(parse(MODEL.format(**{**TRUE, **values}, seen=seen)))


def test_each_form_binds_by_itself() -> None:
    """What is bound to a form is N K x/(1 + K x) times that form, and both together are all that is bound."""
    model = network()
    flask = model.solve(FEEDS)
    alpha, beta = (flask.seen[:, model.column(f"S-Q in {form}")] for form in ("alpha", "beta"))
    free = flask.of("Q")
    np.testing.assert_allclose(alpha, flask.of("C") * 8 * 200 * free / (1 + 200 * free), rtol=1e-12)
    np.testing.assert_allclose(beta, flask.of("C.beta") * 8 * 2000 * free / (1 + 2000 * free), rtol=1e-12)
    np.testing.assert_allclose(alpha + beta, flask.of("S-Q"), rtol=1e-12)


def test_derivatives_are_exact() -> None:
    """Constants and amounts move each form's share as its derivatives say."""
    model = network()
    theta, column = model.ln_constants, model.column("S-Q in beta")
    flask = model.solve(FEEDS, theta, derivatives=True)
    assert flask.d_seen_constants is not None
    assert flask.d_seen_amounts is not None
    for number, step in enumerate(1e-5 * np.eye(len(theta))):
        above, below = (model.solve(FEEDS, theta + side * step).seen[:, column] for side in (1, -1))
        np.testing.assert_allclose(flask.d_seen_constants[:, column, number], (above - below) / 2e-5, atol=1e-12)
    more, less = (model.solve({**FEEDS, "Q": FEEDS["Q"] * factor}).seen[:, column] for factor in (1 + 1e-6, 1 - 1e-6))
    slope = flask.d_seen_amounts[:, column, model.feeds.index("Q")]
    np.testing.assert_allclose(slope, (more - less) / (2e-6 * FEEDS["Q"]), rtol=1e-6)


def test_each_form_has_a_limiting_shift() -> None:
    """A ligand that resonates elsewhere on each form gives three constants and three limiting shifts."""
    model, draws = network(), np.random.default_rng(0)
    flask = model.solve(FEEDS)
    alpha, beta = (flask.seen[:, model.column(f"S-Q in {form}")] for form in ("alpha", "beta"))
    shift = (2.0 * flask.of("Q") + 2.5 * alpha + 3.4 * beta) / FEEDS["Q"] + draws.normal(0, 1e-3, 25)
    light = np.outer(flask.of("C"), [5e3, 0.0, 2e3]) + np.outer(flask.of("C.beta"), [0.0, 6e3, 3e3])
    light = light + draws.normal(0, 1e-3, light.shape)
    signals = (
        Signal(name="d", technique=Technique.NMR_SHIFT, channels=("d",), values=shift[:, np.newaxis], unit="ppm"),
        Signal(
            name="A", technique=Technique.UV_VIS, channels=("1", "2", "3"), values=light, unit="1",
            axis=np.array([400.0, 410.0, 420.0]),
        ),
    )  # fmt: skip
    data = Titration(
        name="run",
        feeds=("C", "Q"),
        amounts=np.column_stack(list(FEEDS.values())),
        signals=signals,
        labels=tuple(map(str, range(25))),
    )
    result = fit(network(**SOUGHT), data)
    for name, value in {"K[a]": 200, "K[b]": 2000, "L0[beta]": 1e-3}.items():
        assert abs((result[name].log10_value or 0.0) - np.log10(value)) < 4 * (result[name].log10_stderr or 0.0)
    found = result.datasets[0].signals[0]
    assert found.components == ("Q", "S-Q in alpha", "S-Q in beta")
    assert (np.abs(found.amplitudes[:, 0] - [2.0, 2.5, 3.4]) < 4 * found.amplitude_stderr[:, 0]).all()


def test_lines_are_written_back() -> None:
    """A state in one form reads back as it was written, with a known limit too."""
    text = render(parse(MODEL.format(**TRUE, seen="shift(Q, S-Q in alpha at 2.5 ppm, S-Q in beta)")))
    assert "shift(Q, S-Q in alpha at 2.5 ppm, S-Q in beta)" in text
    assert render(parse(text)) == text


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ("shift(Q, S-Q, S-Q in beta)", "S-Q and its forms"),
        ("shift(Q, S-Q in beta)", "S-Q in some of its forms"),
        ("shift(Q, S-Q in alpha, S-Q in gamma)", "S-Q in gamma"),
    ],
)
def test_states_seen_in_some_forms_only_are_refused(seen: str, said: str) -> None:
    """A shift averages over all places of the ligand: one that is left out would be a silent fault."""
    with pytest.raises(SurfaceChemError, match=said):
        network(seen)


def test_unnamed_reference_form_is_to_be_named() -> None:
    """Where the reference form has no name the message says how it gets one."""
    text = MODEL.format(**TRUE, seen="shift(Q, S-Q in beta)").replace("conformer alpha of C ; reference\n", "")
    with pytest.raises(ModelError, match="conformer alpha of C ; reference"):
        parse(text)

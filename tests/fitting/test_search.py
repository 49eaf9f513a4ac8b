"""Where a fit looks for minima, and which of equally good ones it takes."""

from __future__ import annotations

import numpy as np
import pytest

import surfacechem as sc

TWO_FORMS = """surfacechem 1
cluster QD
site Cd on QD : 8
species M
conformer beta of QD ; L0 = {ratio} {role}
L[a]  Cd-* + M <=> Cd-M         ; K = {first} /M {role}
L[b]  Cd-* + M <=> Cd-M in beta ; K = {second} /M {role}
observe A = spectrum(QD, QD.beta)
"""


@pytest.fixture(scope="module")
def spectra() -> sc.Titration:
    """Return spectra of two forms, simulated (L0 = 1e-3, K = 2 and 6 /M, noise 1e-4, seed 3)."""
    methanol = np.linspace(0.0, 6.0, 30)
    model = sc.Model(TWO_FORMS.format(ratio=1e-3, first=2, second=6, role="fixed"))
    amounts = np.zeros((30, len(model.feeds)))
    amounts[:, model.feeds.index("QD")], amounts[:, model.feeds.index("M")] = 1e-5, methanol
    flask = model.solve(amounts)
    molar = np.array([[5e4, 3e4], [1e4, 6e4]])
    values = np.column_stack([flask.of("QD"), flask.of("QD.beta")]) @ molar
    values += np.random.default_rng(3).normal(scale=1e-4, size=values.shape)
    signal = sc.Signal(
        name="A",
        technique=sc.Technique.UV_VIS,
        channels=("313", "324"),
        values=values,
        unit="1",
        axis=np.array([313.0, 324.0]),
    )
    labels = tuple(str(point) for point in range(30))
    return sc.Titration(name="simulated", feeds=model.feeds, amounts=amounts, signals=(signal,), labels=labels)


@pytest.mark.parametrize(("ratio", "first", "second"), [(1e-3, 2, 6), (1e3, 6, 2)])
def test_of_mirror_images_the_stated_one_is_taken(
    ratio: float, first: float, second: float, spectra: sc.Titration
) -> None:
    """Which form is called beta is a matter of words; the start in the model says, and used to be ignored."""
    stated = sc.Model(TWO_FORMS.format(ratio=ratio, first=first, second=second, role="fit"))
    found = stated.fit(spectra)["L0[beta]"].log10_value
    assert found == pytest.approx(np.log10(ratio), abs=1.0)


def test_prior_far_away_is_not_stopped_by_a_wall() -> None:
    """A constant that is known to be 1e20 stays there when the data say only that it is large."""
    model = sc.Model(
        "surfacechem 1\nspecies H\nspecies G\nS[11]  H + G <=> HG ; K = 1e20 +/- 1e19 /M fit\nobserve d = shift(H, HG)"
    )
    guest = np.linspace(0.0, 2e-3, 12)
    shift = 1.0 + np.minimum(guest, 1e-3) / 1e-3 + np.random.default_rng(5).normal(scale=1e-3, size=12)
    data = sc.Titration(
        name="simulated: full binding, noise 1e-3, seed 5",
        feeds=("H", "G"),
        amounts=np.column_stack([np.full(12, 1e-3), guest]),
        signals=(
            sc.Signal(
                name="d", technique=sc.Technique.NMR_SHIFT, channels=("d",), values=shift[:, np.newaxis], unit="ppm"
            ),
        ),
        labels=tuple("abcdefghijkl"),
    )
    assert model.fit(data)["K[11]"].log10_value == pytest.approx(20.0, abs=0.2)

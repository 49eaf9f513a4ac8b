"""Positions of bands that several data sets share are found once, and local ones for each."""

from __future__ import annotations

import numpy as np
import pytest

import surfacechem as sc

MODEL = """surfacechem 1
cluster C
site S on C : 20
L S-* + Q <=> S-Q ; K = {K}
observe E1 = {position}
"""
TRUTH = sc.Model(MODEL.format(K="2e4 /M", position="3.2 eV - 0.1 eV * coverage(Q)"))


def run(name: str, cluster: float, seed: int) -> sc.Titration:
    """Return simulated positions, 1 meV of noise."""
    added = np.linspace(0, 40 * cluster, 15)
    flask = TRUTH.solve({"C": np.full(15, cluster), "Q": added})
    coverage = flask.of("S-Q") / (20 * cluster)
    values = 3.2 - 0.1 * coverage + np.random.default_rng(seed).normal(0, 1e-3, 15)
    signal = sc.Signal(
        name="E1", technique=sc.Technique.BAND_POSITION, channels=("E1",), values=values[:, np.newaxis], unit="eV"
    )
    amounts = np.column_stack([np.full(15, cluster), added])
    return sc.Titration(
        name=name, feeds=("C", "Q"), amounts=amounts, signals=(signal,), labels=tuple(map(str, range(15)))
    )


RUNS = (run("dilute", 1e-6, 1), run("concentrated", 3e-5, 2))


NAMES, NUMBERS = "E0 + dE * coverage(Q)", "3.1 eV fit - 0.05 eV fit * coverage(Q)"


def fitted(position: str, *data: sc.Titration) -> sc.Fit:
    """Return a fit of a model with this position."""
    return sc.Model(MODEL.format(K="fit /M", position=position)).fit(*data)


def test_names_are_shared_by_data_sets() -> None:
    """Names are what numbers to be fitted are, and tell K better than one origin and slope for each (as it was)."""
    named, numbers = (
        fitted(text, *RUNS) for text in ("E0 + dE * coverage(Q)", "3.1 eV fit - 0.05 eV fit * coverage(Q)")
    )
    local = fitted(f"{NAMES} ; local", *RUNS)
    for name in ("K[L1]", "position[E1]", "slope[E1, Q]"):
        assert named[name].log10_value == pytest.approx(numbers[name].log10_value, abs=1e-5)
        assert named[name].log10_stderr == pytest.approx(numbers[name].log10_stderr, rel=1e-2)
    assert (named["K[L1]"].log10_stderr or 1.0) < 0.3 * (local["K[L1]"].log10_stderr or 0.0)
    assert "E0, dE of 'E1' are those of all data sets" in named.result.notes[-1]
    assert [estimate.name for estimate in local.result.estimates] == ["K[L1]"]


def test_one_data_set_needs_no_constants_for_names() -> None:
    """In one data set names are eliminated, with the same answer as numbers to be fitted."""
    named, numbers = (
        fitted(text, RUNS[1]) for text in ("E0 + dE * coverage(Q)", "3.1 eV fit - 0.05 eV fit * coverage(Q)")
    )
    assert len(named.result.estimates) == 1
    assert named["K[L1]"].log10_value == pytest.approx(numbers["K[L1]"].log10_value, abs=1e-4)
    assert named["K[L1]"].log10_stderr == pytest.approx(numbers["K[L1]"].log10_stderr, rel=1e-2)


def test_shared_fit_is_saved_and_predicts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The model of the fit holds the shared numbers, so that a fit read back predicts the same position."""
    fit = fitted(NAMES, *RUNS)
    path = fit.save(tmp_path_factory.mktemp("shared") / "fit.json")
    feed = {"C": "1 uM", "Q": "0..40 uM in 3"}
    here, there = (each.predict(feed).of("signal", "dilute: E1").values for each in (fit, sc.load_fit(path)))
    np.testing.assert_allclose(there, here, rtol=1e-9)
    assert here[0, 0] == pytest.approx(3.2, abs=2e-3)


def test_a_stated_slope_is_kept() -> None:
    """Only what is a name is found; the number beside it stays."""
    fit = fitted("E0 - 0.1 eV * coverage(Q)", *RUNS)
    assert [each.name for each in fit.result.estimates] == ["K[L1]", "position[E1]"]
    assert 10 ** (fit["position[E1]"].log10_value or 0.0) == pytest.approx(3.2, abs=2e-3)

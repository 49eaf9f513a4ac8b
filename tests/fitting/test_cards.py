"""Published titrations: every reference answer of their cards, wrong models included."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.fitting import FitResult, compare, fit
from surfacechem.io import read
from surfacechem.network import Network
from surfacechem.notation import parse

if TYPE_CHECKING:
    from surfacechem.records import Titration

SHARED = Path(os.environ.get("SURFACECHEM_SHARED", Path(__file__).parents[3] / "shared"))
pytestmark = pytest.mark.skipif(
    not (SHARED / "data").is_dir(), reason="the shared reference data are not here; set SURFACECHEM_SHARED"
)

ONE = "S[11]  {host} + {guest} <=> HG\n"
HOST_TWICE = ONE + "S[21]  {host} + HG <=> H2G\n"
GUEST_TWICE = ONE + "S[12]  {guest} + HG <=> HG2\n"


class Case(NamedTuple):
    """One answer of a card and the model that gives it."""

    card: str
    answer: str
    host: str
    guest: str
    reactions: str
    observed: str


CASES = (
    Case("nmr-tcnb-syn1", "1:1", "H", "G", ONE, "shift(G, HG)"),
    Case("nmr-tcnb-syn3", "1:1", "H", "G", ONE, "shift(G, HG)"),
    Case("nmr-tcnb-syn3", "HG + H2G", "H", "G", HOST_TWICE, "shift(G, HG, H2G)"),
    Case("nmr-tcnb-syn3", "HG + HG2", "H", "G", GUEST_TWICE, "shift(G, HG, HG2)"),
    Case("nmr-1to2-bindfit", "HG + HG2", "Host", "Guest", GUEST_TWICE, "shift(Host, HG, HG2)"),
    Case("nmr-1to2-bindfit", "HG + H2G", "Host", "Guest", HOST_TWICE, "shift(Host, HG, H2G)"),
    Case("uv-guest-absorbs", "1:1, guest absorbs", "Host", "Guest", ONE, "spectrum(Host, Guest, HG)"),
    Case("uv-guest-absorbs", "1:1, guest silent", "Host", "Guest", ONE, "spectrum(Host, HG)"),
)
EVERY_ANSWER = pytest.mark.parametrize("case", CASES, ids=[f"{case.card} {case.answer}" for case in CASES])
# lgbeta of a card as the sum of stepwise constants of the model
STEPS = {"lgbeta11": ("K[11]",), "lgbeta21": ("K[11]", "K[21]"), "lgbeta12": ("K[11]", "K[12]")}


def read_card(case: Case) -> tuple[Network, Titration]:
    """Return the model and the data of a case."""
    (path,) = (SHARED / "data" / case.card).glob("data.*")
    reactions = case.reactions.format(host=case.host, guest=case.guest)
    text = f"surfacechem 1\nspecies {case.host}\nspecies {case.guest}\n{reactions}observe signal = {case.observed}\n"
    return Network(parse(text)), read(path)


def fit_card(case: Case) -> FitResult:
    """Read, parse and fit as a user does."""
    return fit(*read_card(case))


def answers_of(card: str) -> dict[str, Any]:
    """Return the reference answers of a card."""
    answers: dict[str, Any] = tomllib.loads((SHARED / "data" / card / "card.toml").read_text(encoding="utf-8"))[
        "answers"
    ]
    return answers


def cumulative(result: FitResult, steps: tuple[str, ...]) -> tuple[float, float]:
    """Return log10 of a product of constants and its standard error."""
    picked = np.array([float(name in steps) for name in result.parameter_names])
    value = sum(result[name].log10_value or 0.0 for name in steps)
    return value, float(np.sqrt(picked @ result.covariance @ picked))


@EVERY_ANSWER
def test_reference_answer_is_met(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Constants agree within the tolerance of the card, their errors within 10 %, the rmse within 1 %.

    The errors of the cards are those of channels that are independent; real channels share noise, which is counted
    where it is seen (`sharing`) and left out here.
    """
    monkeypatch.setattr("surfacechem.fitting.uncertainty.find_sharing", lambda *_, **__: ())
    expected = answers_of(case.card)[case.answer]
    result = fit_card(case)
    assert result.rmse == pytest.approx(expected["rmse"], rel=0.01)
    for name in STEPS.keys() & expected.keys():
        value, stderr = cumulative(result, STEPS[name])
        assert value == pytest.approx(expected[name]["value"], abs=expected[name]["tolerance"])
        assert stderr == pytest.approx(expected[name]["se"], rel=0.10)


@EVERY_ANSWER
def test_verdict_agrees_with_the_card(case: Case) -> None:
    """Models that the card calls failed or wrong are not to be trusted; the right ones are."""
    verdict = answers_of(case.card)[case.answer]["verdict"]
    result = fit_card(case)
    assert result.is_valid is not verdict.startswith(("fails", "wrong"))
    assert result.exit_code == int(not result.is_valid)


def test_limiting_shifts_are_those_of_the_card() -> None:
    """Eliminated amplitudes come back as the shifts of free guest, HG and H2G."""
    expected = answers_of("nmr-tcnb-syn3")["HG + H2G"]["shifts_Hz"]
    result = fit_card(CASES[2])
    shifts = result.datasets[0].signals[0].amplitudes[:, 0]
    np.testing.assert_allclose(shifts, [expected["free"], expected["HG"], expected["H2G"]], rtol=2e-5)


def test_correlation_of_stepwise_constants_is_that_of_the_card() -> None:
    """The card quotes -0.87 between log10 K1 and K2."""
    result = fit_card(CASES[2])
    assert result.correlation[0, 1] == pytest.approx(-0.87, abs=0.01)


def test_extra_complex_that_is_not_identified_is_named() -> None:
    """For syn1 HG + H2G lowers the rmse to 0.208, but neither constant is determined and 1:1 is kept."""
    simple = fit_card(CASES[0])
    rich = fit_card(CASES[0]._replace(reactions=HOST_TWICE, observed="shift(G, HG, H2G)"))
    assert rich.rmse == pytest.approx(0.208, rel=0.01)
    assert not rich.is_valid
    assert rich["K[11]"].is_bound_only
    comparison = compare({"1:1": simple, "HG + H2G": rich})
    assert comparison.best == "1:1"
    assert min(simple.bic, rich.bic) == simple.bic


def test_comparison_prefers_the_better_fit_of_equal_size() -> None:
    """HG + H2G fits the web spreadsheet 3.3 times better in the sum of squares than the published HG + HG2."""
    published = fit_card(CASES[4])
    better = fit_card(CASES[5])
    assert published.ssr / better.ssr == pytest.approx(3.3, abs=0.05)
    comparison = compare({"HG + HG2": published, "HG + H2G": better})
    assert comparison.best == "HG + H2G"
    assert "Decided" in comparison.facts[0].sentence


def fit_calorimetry() -> tuple[FitResult, dict[str, float]]:
    """Fit the ITC card by the calls of a user; return the result and what the card answers, in its units."""
    model = sc.Model("""surfacechem 1
species EDTA
species Ca
S[11]  Ca + EDTA <=> CaEDTA ; K = fit /M
observe heat = calorimetry(active, slope, skip = 2)
""")
    data = sc.read(SHARED / "data/itc-ca-edta-tris/data.DH", rename={"cell": "EDTA", "syringe": "Ca"})
    result = model.fit(data).result
    heats = result.datasets[0].signals[0]
    in_calories = heats.amplitudes[:, 0] / 4.184
    found = {
        "K": 10.0 ** (result["K[11]"].log10_value or 0.0),
        "dH_cal_per_mol": in_calories[0],
        "active_fraction": 10.0 ** (result["active[EDTA] of data"].log10_value or 0.0),
        "dilution_intercept_ucal": 1e6 * in_calories[1],
        "dilution_slope_cal_per_mol_per_molar": 1e6 * in_calories[2],
    }
    return result, found


def test_calorimetry_meets_its_card() -> None:
    """K, heat, active share, both heats of dilution and the rmse of the published ITC fit are met."""
    (expected,) = answers_of("itc-ca-edta-tris").values()
    result, found = fit_calorimetry()
    for name, value in found.items():
        assert value == pytest.approx(expected[name]["value"], abs=expected[name]["tolerance"])
    assert result.datasets[0].signals[0].rmse / 4.184e-6 == pytest.approx(expected["rmse_ucal"], rel=0.01)
    assert result.is_valid

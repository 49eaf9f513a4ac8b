"""What cannot be right is said: slips of the decimal point, units wrong by 1000, spectra that are one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import FitError, UnknownNameError
from surfacechem.fitting import fit
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.records import Titration

    Simulated = tuple[Network, Titration]

SHIFT = "surfacechem 1\nspecies Host\nspecies Guest\nS[11] Host + Guest <=> HG\nobserve A = shift(Host, HG)"


def shifts(made: Simulated, *, scale: float = 1.0) -> Simulated:
    """Return a 1:1 titration seen by one shift, its amounts taken for `scale` times what they are."""
    model, data = made
    bound = model.solve(dict(zip(data.feeds, data.amounts.T, strict=True)), np.array([np.log(3000.0)])).of("HG")
    noise = np.random.default_rng(0).normal(0, 1e-3, len(bound))
    values = 8.0 + 0.6 * bound / data.amounts[:, 0] + noise
    (signal,) = data.signals
    shift = replace(
        signal, technique=Technique.NMR_SHIFT, channels=("A",), values=values[:, np.newaxis], unit="ppm", axis=None
    )
    return Network(parse(SHIFT)), replace(data, signals=(shift,), amounts=scale * data.amounts)


SPECTRA = np.array(((4000.0, 800.0, 0.0), (400.0, 1200.0, 2000.0), (2000.0, 3600.0, 4800.0)))


@pytest.mark.parametrize(
    ("scale", "said"), [(1e3, "is there at 1 mol/L or more"), (1e-3, "more than anything absorbs")]
)
def test_spectra_of_impossible_size_are_not_trusted(binding: Callable[..., Simulated], scale: float, said: str) -> None:
    """Amounts wrong by 1000 fit as well as right ones, but make molar spectra and amounts that nothing has."""
    model, data = binding(spectra=SPECTRA)
    assert fit(model, data).is_valid
    wrong = fit(model, replace(data, amounts=scale * data.amounts))
    assert said in wrong.fact("scale").sentence
    assert not wrong.is_valid


def test_faint_spectra_are_a_caution(binding: Callable[..., Simulated]) -> None:
    """Forbidden transitions of metal ions absorb less than any dye, and may be right."""
    model, data = binding(spectra=1e-3 * SPECTRA, truth=30.0, host=0.1, noise=1e-4)
    found = fit(model, data)
    assert "less than any dye" in found.fact("scale").sentence
    assert found.is_valid


@pytest.mark.parametrize(("scale", "said"), [(1e-3, "too little for NMR"), (1e3, "mol/L or more")])
def test_amounts_that_nmr_does_not_see_are_not_trusted(
    binding: Callable[..., Simulated], scale: float, said: str
) -> None:
    """A shift has no size to be wrong, but micromolar and molar hosts are no NMR titrations."""
    model, data = shifts(binding(), scale=scale)
    assert said in fit(model, data).fact("scale").sentence
    model, data = shifts(binding())
    assert fit(model, data).is_valid


@pytest.mark.parametrize("factor", [1000.0, 0.01, 10.0])
def test_slip_in_one_cell_is_named(binding: Callable[..., Simulated], factor: float) -> None:
    """A value that is 1000, 10 or 1/100 times its neighbours is named, though it may ruin the fit."""
    model, data = shifts(binding())
    values = data.signals[0].values.copy()
    values[6] *= factor
    slipped = replace(data, signals=(replace(data.signals[0], values=values),))
    sentence = fit(model, slipped).fact("slip").sentence
    times = f"{factor:.0f} times" if factor > 1 else "1/100 of"
    assert f"'A' of point 6 ({8.0 * factor:.0f}"[:14] in sentence
    assert times in sentence


@pytest.mark.parametrize(
    ("feed", "factor", "said"),
    [
        (1, 1000.0, "1/1000 of it would fit"),
        (1, 0.01, "100 times of it would fit"),
        (0, 1000.0, "1/1000"),
        (1, 3.0, ""),
    ],
)
def test_slip_in_an_amount_is_named(binding: Callable[..., Simulated], feed: int, factor: float, said: str) -> None:
    """An amount out of the order of all others is named with its row, also 199 for 100."""
    model, data = shifts(binding())
    amounts = data.amounts.copy()
    amounts[5, feed] *= factor
    fact = fit(model, replace(data, amounts=amounts)).fact("slip")
    assert f"at point {data.labels[5]} stands between" in fact.sentence
    assert data.feeds[feed] in fact.sentence
    assert said in fact.sentence


def test_two_amounts_that_may_both_be_wrong_are_not_accused(binding: Callable[..., Simulated]) -> None:
    """Where leaving out either of two points restores the order, no one knows which is the slip."""
    model, data = shifts(binding())
    amounts = data.amounts.copy()
    amounts[[5, 6], 1] = amounts[[6, 5], 1]
    facts = [fact for fact in fit(model, replace(data, amounts=amounts)).facts if fact.name == "slip"]
    assert not any("stands between" in fact.sentence for fact in facts)


def test_flasks_in_any_order_have_no_slip(binding: Callable[..., Simulated]) -> None:
    """Points made at random, a repeat at the end and equal amounts throughout are told nothing."""
    model, data = shifts(binding())
    order = np.random.default_rng(1).permutation(len(data.amounts))
    (signal,) = data.signals
    mixed = replace(data, amounts=data.amounts[order], signals=(replace(signal, values=signal.values[order]),))
    with pytest.raises(UnknownNameError, match="slip"):
        fit(model, mixed).fact("slip")


def test_clean_data_have_no_slip(binding: Callable[..., Simulated]) -> None:
    """A titration without slips, a steep one too, is told none."""
    for truth in (3e3, 1e7):
        model, data = binding(truth=truth)
        with pytest.raises(UnknownNameError, match="slip"):
            fit(model, data).fact("slip")


def test_spectra_that_are_one_are_named(binding: Callable[..., Simulated]) -> None:
    """Host and guest of one spectrum leave a component less, and are said to look alike."""
    row = tuple(np.linspace(100, 1000, 8))
    complex_row = tuple(np.linspace(900, 300, 8) ** 1.1)
    model, data = binding(spectra=(row[:3], row[:3], complex_row[:3]), sigma=2e-3)
    sentence = fit(model, data).fact("components").sentence
    assert sentence.endswith("holds 2 coloured components above the noise; the model has 3. Host and Guest look alike.")


def test_one_point_is_too_little(binding: Callable[..., Simulated]) -> None:
    """A file of one point is refused for what it is."""
    model, data = binding(n_points=2)
    (signal,) = data.signals
    first = replace(data, amounts=data.amounts[1:], labels=("1",), signals=(replace(signal, values=signal.values[1:]),))
    with pytest.raises(FitError, match="one point alone"):
        fit(model, first)


def test_signal_that_begins_at_zero_is_no_slip(binding: Callable[..., Simulated]) -> None:
    """Before the first addition a complex absorbs nothing; it used to be called a slip."""
    dark = ((1000.0, 200.0, 0.0), (0.0, 0.0, 0.0), (500.0, 900.0, 1200.0))
    model, data = binding(spectra=dark, observe="observe A = spectrum(Host, HG)", n_points=25, noise=1e-4)
    (signal,) = data.signals
    values = signal.values.copy()
    values[:3, 2] = 1.4e-2 * values[1, 2], values[1, 2], 1.9 * values[1, 2]
    result = fit(model, replace(data, signals=(replace(signal, values=values),)))
    assert not [fact for fact in result.facts if fact.name == "slip"]


def test_unusual_scale_is_allowed_where_it_is_stated(binding: Callable[..., Simulated]) -> None:
    """Neat mixtures at 1 mol/L are no error of units when the user says so; other facts cannot be waved through."""
    model, data = binding()
    thick = replace(data, amounts=1e3 * data.amounts)
    assert not fit(model, thick).is_valid
    allowed = fit(model, thick, allow=["scale"])
    assert allowed.is_valid
    assert allowed.fact("scale").sentence.endswith("Allowed, as stated.")
    with pytest.raises(FitError, match="facts to allow: misfit"):
        fit(model, thick, allow=["misfit"])


def test_exchanged_rows_are_named(binding: Callable[..., Simulated]) -> None:
    """Two spectra in each other's place are named; in their own nothing is said."""
    model, data = binding()
    order = np.arange(data.n_points)
    order[[4, 9]] = 9, 4
    wrong = replace(data, signals=(replace(data.signals[0], values=data.signals[0].values[order]),))
    assert "points 4 and 9 look exchanged" in fit(model, wrong).fact("exchanged").sentence
    assert "exchanged" not in {fact.name for fact in fit(model, data).facts}


def test_signal_that_rises_at_once_is_no_slip(binding: Callable[..., Simulated]) -> None:
    """Where the first addition binds nearly all, the fit describes the first point: it used to be called a slip."""
    model, data = binding(truth=1e7, noise=1e-4, spectra=((0.0,) * 3, (0.0,) * 3, (40.0, 900.0, 300.0)))
    assert "slip" not in {fact.name for fact in fit(model, data).facts}

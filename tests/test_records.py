"""What a notebook and a prompt show of a titration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import surfacechem as sc
from surfacechem.errors import DataError

DATA = sc.find_card("inp-carboxylate-exchange").read()


def test_prompt_shows_one_line() -> None:
    """Name, points, feeds and signals; no arrays."""
    signals = "bound (nmr-integral, 1), free (nmr-integral, 1)"
    assert repr(DATA) == f"<Titration inp-carboxylate-exchange: 17 points of InP37, HO2CR'; {signals}>"


def test_notebook_shows_ranges_and_notes() -> None:
    """Feeds with their ranges, signals with their sizes, and what was assumed; text is escaped."""
    html = replace(DATA, notes=("a <b>",))._repr_html_()
    assert "HO2CR&#x27;</td><td>in the vessel</td><td>0 to 100 mmol/L" in html
    assert "nmr-integral, 1 channel</td><td>0.000138 to 0.01672 mol/L" in html
    assert '<th scope="col">17 points</th>' in html
    assert "a &lt;b&gt;" in html


def test_absorbance_has_no_unit_in_a_notebook() -> None:
    """A range of absorbances used to end in the unit 1."""
    html = sc.find_card("cds-methanol-isomerization").read()._repr_html_()
    assert "<td>-0.0019 to 1.201</td>" in html


def test_nothing_measured_is_shown_as_such() -> None:
    """A feed to be fitted and an empty signal have no range, and no warning."""
    empty = replace(DATA.signals[0], values=np.full_like(DATA.signals[0].values, np.nan))
    html = replace(DATA, amounts=np.full_like(DATA.amounts, np.nan), signals=(empty,))._repr_html_()
    assert "unknown mmol/L" in html


SIGNAL = DATA.signals[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": SIGNAL.values[:, 0]}, r"values: found shape \(17,\)"),
        ({"sigma": SIGNAL.values[:-1]}, r"sigma: found shape \(16, 1\)"),
        ({"axis": np.arange(3.0)}, "one wavelength per channel"),
        ({"unit": "mmol/L"}, "found 'mmol/L'[\\s\\S]*factor of 0.001"),
        ({"path_length": 0.0}, "found 0.0"),
    ],
)
def test_signal_refuses_what_does_not_fit(changes: dict[str, Any], message: str) -> None:
    """Shapes and units are checked where a signal is made, not deep in a fit."""
    with pytest.raises(DataError, match=message):
        replace(SIGNAL, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amounts": DATA.amounts[:, :1]}, r"amounts: found shape \(17, 1\)"),
        ({"labels": DATA.labels[1:]}, "amounts: found shape"),
        ({"added": np.zeros(3)}, "one volume per label"),
        ({"signals": (replace(SIGNAL, values=SIGNAL.values[1:], sigma=None),)}, "labels x channels"),
        ({"feeds": ("A", "A")}, "found A twice"),
    ],
)
def test_titration_refuses_what_does_not_fit(changes: dict[str, Any], message: str) -> None:
    """Names, points and signals of a titration belong together."""
    with pytest.raises(DataError, match=message):
        replace(DATA, **changes)


@pytest.mark.parametrize(
    ("field", "values", "message"),
    [
        ("values", np.full_like(SIGNAL.values, np.inf), "'bound': found inf"),
        ("sigma", np.zeros_like(SIGNAL.values), "sigma of 'bound': found 0"),
        ("sigma", np.full_like(SIGNAL.values, np.nan), "sigma of 'bound': found nan"),
    ],
)
def test_signal_that_cannot_be_is_refused(field: str, values: np.ndarray, message: str) -> None:
    """Data made in Python are looked at before a fit; sigmas of 0 or below gave fits of nothing."""
    with pytest.raises(DataError, match=message):
        replace(DATA, signals=(replace(SIGNAL, **{field: values}),)).refuse_impossible()


@pytest.mark.parametrize("amount", [-1.0, np.inf])
def test_amounts_that_cannot_be_are_refused(amount: float) -> None:
    """A fit begins with that, so that a wrong sign is not taken for an equilibrium without solution."""
    data = replace(DATA, amounts=np.full_like(DATA.amounts, amount))
    model = sc.Model("species InP37\nspecies HO2CR'\nS InP37 + HO2CR' <=> C ; K = fit /M\nobserve bound = integral(C)")
    with pytest.raises(DataError, match="amounts: found"):
        model.fit(data)

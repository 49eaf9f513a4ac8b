"""`Model`: what a ``.scx`` text says, ready to be used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import surfacechem as sc

if TYPE_CHECKING:
    from pathlib import Path

HOST_GUEST = "surfacechem 1\nspecies H\nspecies G\nS[11]  H + G <=> HG ; K = 1000 /M\nobserve delta = shift(H, HG)\n"


def test_model_solves_what_its_text_says() -> None:
    """1 mmol/L of each at K = 1000 /M gives (3 - sqrt 5)/2 mmol/L of complex."""
    flask = sc.Model(HOST_GUEST).solve({"H": [1e-3], "G": [1e-3]})
    assert flask.of("HG")[0] == pytest.approx((3 - np.sqrt(5)) / 2 * 1e-3, rel=1e-12)


def test_model_from_a_system_has_text_that_says_the_same() -> None:
    """A system built elsewhere renders to text that parses to the same system, but for what it says of defaults."""
    system = sc.Model(HOST_GUEST).system
    again = sc.Model(sc.Model(system).text).system
    assert replace(again, notes=()) == replace(system, notes=())


def test_load_model_names_the_file_in_messages(tmp_path: Path) -> None:
    """A fault of a model file carries the file's path, line and column."""
    path = tmp_path / "wrong.scx"
    path.write_text("surfacechem 1\nspecies H\nS H + Q <=> \n", encoding="utf-8")
    with pytest.raises(sc.SurfaceChemError, match=r"wrong\.scx:3"):
        sc.load_model(path)


def test_show_states_statistical_factors() -> None:
    """The text of a 51-site exchange shows the first and the last stepwise constant."""
    card = sc.find_card("inp-carboxylate-exchange")
    shown = sc.load_model(card.model_path("X exchange")).show()
    assert "51 K[X1]" in shown
    assert "K[X1]/51" in shown


def test_predict_takes_units_and_equivalents() -> None:
    """51 equivalents at K = 1 exchange half of the shell (domain: isotope exchange)."""
    card = sc.find_card("inp-carboxylate-exchange")
    model = sc.load_model(card.model_path("X exchange"))
    predicted = model.predict({"InP37": "0.5 mM", "HO2CR'": "51 equiv per InP37"}, constants={"K[X1]": "1"})
    coverage = predicted.of("coverage", "In")
    assert coverage.values[0, coverage.labels.index("O2CR'")] == pytest.approx(0.5, abs=1e-12)


def test_notebook_forms_escape_and_typeset() -> None:
    """A notebook shows the model as HTML tables and as LaTeX."""
    model = sc.Model(HOST_GUEST)
    assert "⇌" in model._repr_html_()
    assert r"\rightleftharpoons" in model._repr_latex_()


def test_one_measurement_counts_once() -> None:
    """The same data twice would make every interval too narrow; they are refused, whatever they are called."""
    card = sc.find_card("inp-carboxylate-exchange")
    data = card.read()
    with pytest.raises(sc.SurfaceChemError, match="the same numbers as in 'inp-carboxylate-exchange'"):
        sc.load_model(card.model_path("X exchange")).fit(data, replace(data, name="again"))

"""What may be written for the values of a sweep, and what is refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.api import Model
from surfacechem.errors import RangeError, SurfaceChemError, UnitError, UnknownNameError
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.prediction import linspace
from surfacechem.sweep.varied import Role, read_varied

if TYPE_CHECKING:
    from surfacechem.sweep import Span


def test_constants_are_spaced_in_their_logarithm(exchange: Model) -> None:
    """From 1e-3 to 1e3 in 7 values: a power of ten each."""
    varied = read_varied(exchange, "K[X1]", "1e-3..1e3:7")
    assert varied.values == pytest.approx([1e-3, 1e-2, 1e-1, 1, 10, 100, 1000])
    assert varied.role is Role.CONSTANT


@pytest.mark.parametrize(
    "text", ["0..5 equiv/O2CR:6", "0..5 equiv per native O2CR in 6", "0..5 equiv per native O2CR :6 lin"]
)
def test_amounts_are_written_as_elsewhere(exchange: Model, text: str) -> None:
    """The long and the short form mean the same."""
    varied = read_varied(exchange, "HO2CR'", text)
    assert varied.values.tolist() == [0, 1, 2, 3, 4, 5]
    assert varied.label == "equiv per native O2CR"


@pytest.mark.parametrize(
    ("name", "span", "values"),
    [
        ("T", "10..30 degC:3", [10, 20, 30]),
        ("N[In]", "49..51:3", [49, 50, 51]),
        ("K[X1]", [1.0, 2.5], [1.0, 2.5]),
        ("K[X1]", np.array([3.0]), [3.0]),
        ("K[X1]", "2..4:3 lin", [2, 3, 4]),
        ("K[X1]", "7", [7.0]),
        ("HO2CR'", ["1 mM", "3 mM"], [1, 3]),
        ("HO2CR'", linspace("0 mM", "4 mM", 3), [0, 2, 4]),
        ("HO2CR'", "1..100 mM:3 log", [1, 10, 100]),
    ],
)
def test_every_kind_is_read(exchange: Model, name: str, span: Span, values: list[float]) -> None:
    """Temperatures, numbers of sites, lists, arrays, series."""
    assert read_varied(exchange, name, span).values == pytest.approx(values)


@pytest.mark.parametrize(
    ("name", "span", "kind", "words"),
    [
        ("K[X2]", "1..2:3", UnknownNameError, r"did you mean K\[X1\]"),
        ("HO2CR''", "1..2 mM:3", UnknownNameError, "did you mean HO2CR'"),
        ("N[Cd]", "1..2:2", UnknownNameError, r"N\[In\]"),
        ("K[X1]", "-1..2:3", RangeError, "meets zero on a logarithmic axis"),
        ("K[X1]", "0..2:3", RangeError, "meets zero"),
        ("K[X1]", [1.0, -1.0], RangeError, "meets zero"),
        ("HO2CR'", "0..5 mM:3 log", RangeError, "meets zero"),
        ("K[X1]", "1..1:3", RangeError, "empty range"),
        ("K[X1]", "1..2:0", RangeError, "empty range"),
        ("K[X1]", [], RangeError, "empty range"),
        ("K[X1]", "1..2:999999999999", RangeError, "random or quasi-random"),
        ("K[X1]", "1..1e999:3", RangeError, "finite"),
        ("K[X1]", "1..2 /M:3", UnitError, "numbers without unit"),
        ("HO2CR'", "0..5:3", UnitError, "without unit"),
        ("HO2CR'", "0..5 equiv:3", UnitError, "of what"),
        ("T", "-300..5 degC:3", RangeError, "1 to 5000 K"),
        ("T", "3..5 mM:3", UnitError, "unit"),
        ("N[In]", "40..51:3", RangeError, "whole numbers"),
        ("K[X1]", "", UnitError, "start..stop"),
        ("K[X1]", "lots", UnitError, "start..stop"),
        ("K[X1]", "9" * 500, UnitError, "500 characters"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    exchange: Model, name: str, span: Span, kind: type[SurfaceChemError], words: str
) -> None:
    """Each refusal says what was found, what is allowed and what to write."""
    with pytest.raises(kind, match=words):
        read_varied(exchange, name, span)


def test_coupling_is_an_energy() -> None:
    """w[X1] is varied in kJ/mol; the constant behind it is exp(w/RT)."""
    model = Model(
        "cluster InP37 = In37P20(O2CR)51\nsite In on InP37 : 51 native O2CR ; mean field\n"
        "X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1.3, w = 3 kJ/mol\n"
    )
    feed = {"InP37": "0.5 mM", "HO2CR'": "20 mM"}
    swept = model.sweep({"w[X1]": "-3..3 kJ/mol:3"}, feed=feed)["coverage"].sel(state="In-O2CR'").to_numpy()
    written = model.predict(feed).of("coverage").values[0, -1]
    assert swept[2] == pytest.approx(written)
    assert np.ptp(swept) > 0.01
    with pytest.raises(UnitError, match="unit"):
        model.sweep({"w[X1]": "1..3 mM:3"}, feed=feed)


def test_enthalpy_is_set_not_varied() -> None:
    """What is refused is not named as allowed; the answer is the option that sets it."""
    system = parse("species H\nspecies G\nS[11] H + G <=> HG ; K = 3 /M, dH = -30 kJ/mol fit")
    with pytest.raises(UnknownNameError, match=r"--constant 'dH\[11\]=") as refused:
        read_varied(Network(system), "dH[11]", "10..20 kJ/mol:2")
    assert "dH[11]" not in str(refused.value.allowed)

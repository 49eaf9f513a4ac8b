"""Maps and curve families of sweeps, and the command that writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.api import Model
from surfacechem.cli import main
from surfacechem.errors import DataError, UnknownNameError
from surfacechem.plotting import coverage_map, curve_family

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

FEED = {"InP37": "0.5 mM"}
VARY = ("--vary", "K[X1]=1e-3..1e3:9", "--vary", "HO2CR'=0..5 equiv per native ligand in 11")


@pytest.fixture(scope="module")
def swept(exchange: Model) -> xr.Dataset:
    """Return a sweep over a constant and equivalents."""
    return exchange.sweep({"K[X1]": "1e-3..1e3:9", "HO2CR'": "0..5 equiv per native ligand in 11"}, feed=FEED)


@pytest.fixture
def model(exchange: Model, tmp_path: Path) -> str:
    """Return the name of a model file."""
    path = tmp_path / "exchange.scx"
    path.write_text(exchange.text, encoding="utf-8")
    return str(path)


def test_map_shows_the_numbers_of_the_sweep(swept: xr.Dataset) -> None:
    """Constants on a logarithmic axis, units on the labels, every value drawn."""
    ax = coverage_map(swept, "In-O2CR'")
    assert ax.get_yscale() == "log"
    assert ax.get_xscale() == "linear"
    assert ax.get_xlabel() == "HO₂CR′ [equiv per native ligand]"
    drawn = np.asarray(ax.collections[0].get_array()).ravel()
    assert drawn == pytest.approx(swept["coverage"].sel(state="In-O2CR'").to_numpy().ravel())


def test_family_has_a_curve_for_some_values(swept: xr.Dataset) -> None:
    """At most seven curves, the first and the last value among them: every other one of nine."""
    ax = curve_family(swept, along="HO2CR'")
    assert len(ax.lines) == 5
    assert ax.lines[-1].get_ydata() == pytest.approx(swept["coverage"].to_numpy()[-1, :, -1])


def test_one_dimension_is_one_curve(exchange: Model) -> None:
    """A constant alone runs along a logarithmic axis."""
    data = exchange.sweep({"K[X1]": "1e-3..1e3:9"}, feed={**FEED, "HO2CR'": "9 mM"})
    ax = curve_family(data)
    assert len(ax.lines) == 1
    assert ax.get_xscale() == "log"
    with pytest.raises(DataError, match="1 dimensions"):
        coverage_map(data)


def test_wrong_names_are_refused(swept: xr.Dataset) -> None:
    """States and dimensions that are not there are named."""
    with pytest.raises(UnknownNameError, match="In-O2CR, In-O2CR'"):
        coverage_map(swept, "Cd-OH")
    with pytest.raises(DataError, match="the one to run along"):
        curve_family(swept, along="T")
    with pytest.raises(DataError, match="no coverage"):
        coverage_map(swept.drop_vars("coverage"))


def test_command_writes_dataset_and_figures(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line from a model to a map."""
    out = tmp_path / "out"
    assert main(["sweep", model, "--feed", "InP37=0.5 mM", *VARY, "--output", str(out)]) == 0
    assert {"sweep.nc", "coverage_map.svg", "coverage_map.png", "curve_family.svg"} <= {p.name for p in out.iterdir()}
    assert "9 K[X1] x 11 HO2CR'" in capsys.readouterr().out


def test_command_says_before_the_sweep_that_its_place_is_taken(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is solved whose results would have no place; hours of a sweep used to be lost so."""
    (tmp_path / "sweep.nc").touch()
    monkeypatch.setattr(Model, "sweep", None)
    assert main(["sweep", model, "--feed", "InP37=0.5 mM", *VARY, "--output", str(tmp_path)]) == 2


def test_command_goes_on_with_a_store(model: str, tmp_path: Path) -> None:
    """Refused without --resume, taken with it."""
    call = ["sweep", model, "--feed", "InP37=0.5 mM", *VARY, "--store", str(tmp_path / "store")]
    assert main(call) == 0
    assert main(call) == 2
    assert main([*call, "--resume"]) == 0


def test_command_answers_in_json(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The summary is machine-readable, and so are errors."""
    assert main(["sweep", model, "--feed", "InP37=0.5 mM", *VARY, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["value"] == "99"
    assert main(["sweep", model, "--vary", "K[X2]=1..2:3", "--feed", "InP37=1 mM", "--json"]) == 2
    assert "did you mean K[X1]" in json.loads(capsys.readouterr().out)["errors"][0]["advice"]


def test_command_without_anything_to_vary_gives_an_example(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is assumed."""
    assert main(["sweep", model]) == 2
    assert "--vary" in capsys.readouterr().err

"""Sweeps as files: netCDF and zarr give the same dataset back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import xarray as xr

from surfacechem.errors import DataError, MissingExtraError
from surfacechem.sweep import dataset, write_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from surfacechem.api import Model

FEED = {"InP37": "0.5 mM"}


@pytest.fixture(scope="module")
def swept(exchange: Model) -> xr.Dataset:
    """Return a small sweep."""
    return exchange.sweep({"K[X1]": "1e-2..1e2:5", "HO2CR'": "0..5 equiv/O2CR:4"}, feed=FEED)


def test_netcdf_gives_the_same_back(swept: xr.Dataset, tmp_path: Path) -> None:
    """Names with brackets and primes, units and statuses survive."""
    path = write_dataset(swept, tmp_path / "sweep.nc")
    with xr.open_dataset(path, engine="h5netcdf") as again:
        assert again.equals(swept)
        assert again["coverage"].attrs["units"] == "1"
        assert again.attrs["model"] == swept.attrs["model"]


@pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:FutureWarning")
def test_zarr_gives_the_same_back(swept: xr.Dataset, tmp_path: Path) -> None:
    """As netCDF, in chunks."""
    path = write_dataset(swept, tmp_path / "sweep.zarr")
    again = xr.open_zarr(path)
    assert np.array_equal(again["coverage"], swept["coverage"])
    assert [str(each) for each in again["state"].to_numpy()] == [str(each) for each in swept["state"].to_numpy()]


def test_nothing_is_overwritten_unasked(swept: xr.Dataset, tmp_path: Path) -> None:
    """A file of the name stays."""
    path = write_dataset(swept, tmp_path / "sweep.nc")
    with pytest.raises(DataError, match="something of this name"):
        write_dataset(swept, path)
    assert write_dataset(swept, path, overwrite=True) == path


def test_suffix_says_the_format(swept: xr.Dataset, tmp_path: Path) -> None:
    """Others are refused."""
    with pytest.raises(DataError, match=r"\.nc \(netCDF\)"):
        write_dataset(swept, tmp_path / "sweep.xlsx")


@pytest.mark.parametrize("name", ["sweep.nc", "sweep.zarr"])
def test_missing_extra_is_said(swept: xr.Dataset, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is the line to type."""
    monkeypatch.setattr(dataset, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'surfacechem\[store\]'"):
        write_dataset(swept, tmp_path / name)

"""A finished sweep as a labelled dataset; xarray is imported here."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surfacechem.errors import DataError, MissingExtraError
from surfacechem.sweep.blocks import STATUS
from surfacechem.sweep.design import DRAW, POINT, Layout
from surfacechem.sweep.plan import CONCENTRATION, COVERAGE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    import xarray as xr
    from numpy.typing import NDArray

    from surfacechem.sweep.plan import Plan

__all__ = ["dataset", "writable", "write_dataset"]

LABELS: Final = {COVERAGE: "state", CONCENTRATION: "entity"}
STATUS_WORDS: Final = "solved unsolved infeasible not_a_number inaccurate"


def dataset(
    plan: Plan, outputs: Mapping[str, tuple[tuple[str, ...], str]], arrays: Mapping[str, NDArray[Any]]
) -> xr.Dataset:
    """Return the sweep by name: a dimension per varied thing, units in the attributes, a status per point.

    Parameters
    ----------
    plan : Plan
        The sweep.
    outputs : mapping
        Labels and unit of each result.
    arrays : mapping of str to ndarray
        Results, points first; they are not copied.
    """
    import xarray as xr

    design = plan.design
    dims, lengths = tuple(design.dims), tuple(design.dims.values())
    variables: dict[str, Any] = {
        STATUS: (
            dims,
            arrays[STATUS].reshape(lengths),
            {"flag_values": list(range(5)), "flag_meanings": STATUS_WORDS, "long_name": "0 where solved"},
        )
    }
    coordinates: dict[str, Any] = {}
    for each in design.varied:
        values = each.values if design.layout is Layout.GRID else design.coordinate(each)
        dimension = each.name if design.layout is Layout.GRID else POINT
        coordinates[each.name] = (dimension, values, {"units": each.label, "role": str(each.role)})
    if design.n_draws:
        coordinates[DRAW] = (DRAW, np.arange(design.n_draws))
    for name, (labels, unit) in outputs.items():
        label = LABELS.get(name, f"{name} channel")
        coordinates[label] = (label, list(labels))
        variables[name] = ((*dims, label), arrays[name].reshape(*lengths, len(labels)), {"units": unit})
    return xr.Dataset(variables, coordinates, _attributes(plan))


def _attributes(plan: Plan) -> dict[str, Any]:
    from surfacechem.notation import render

    feed = ", ".join(f"{name} = {each.values[0]:g} {each.label}" for name, each in plan.feed.items())
    return {
        "model": render(plan.system),
        "feed": feed,
        "design": str(plan.design.layout),
        "seed": plan.design.seed,
        "sweep_sha256": plan.key,
    }


def write_dataset(data: xr.Dataset, path: str | PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a sweep as netCDF (``.nc``) or zarr (``.zarr``).

    Parameters
    ----------
    data : Dataset
        Of `sweep`.
    path : path
        File to write; the suffix says which format.
    overwrite : bool
        Whether what is there may be replaced.

    Raises
    ------
    MissingExtraError
        If the extra ``store`` is not installed.
    DataError
        If the suffix is another one, or something is there.
    """
    target = writable(path, overwrite=overwrite)
    if target.suffix == ".nc":
        part = target.with_name(f".{target.name}.part")
        data.to_netcdf(part, engine="h5netcdf")
        part.replace(target)
    else:
        data.to_zarr(target, mode="w" if overwrite else "w-", zarr_format=2, consolidated=True)
    return target


def writable(path: str | PathLike[str], *, overwrite: bool = False) -> Path:
    """Return the path of a file that `write_dataset` could write: to be asked before a sweep, not after it.

    Parameters
    ----------
    path, overwrite
        As for `write_dataset`, which raises the same.
    """
    target = Path(path)
    if target.suffix not in {".nc", ".zarr"}:
        raise DataError(f"output '{target}'", found=f"suffix '{target.suffix}'", allowed=".nc (netCDF) or .zarr")
    if target.exists() and not overwrite:
        raise DataError(f"output '{target}'", found="something of this name", allowed="a new name")
    needed = "h5netcdf" if target.suffix == ".nc" else "zarr"
    if find_spec(needed) is None:
        raise MissingExtraError(
            f"writing {target.suffix}", found=f"no {needed}", advice="pip install 'surfacechem[store]'"
        )
    return target

"""Predictions as labelled datasets; xarray is imported here and only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from surfacechem.prediction.record import Curves, Prediction

__all__ = ["dataset"]


def dataset(prediction: Prediction) -> xr.Dataset:
    """Return a dataset with one variable per group of curves, its band ends, and the units in the attributes.

    Dimension ``point`` numbers the conditions; coordinates give what changes and every total.
    """
    import xarray as xr

    conditions = prediction.conditions
    axis = conditions.axis
    variables: dict[str, Any] = {}
    coordinates: dict[str, Any] = {
        axis.label: ("point", axis.values, {"units": axis.unit or "1"}),
        "feed": list(conditions.feeds),
    }
    variables["total"] = (("point", "feed"), conditions.amounts, {"units": "mol/L"})
    variables["status"] = ("point", prediction.status, {"long_name": "0 where the equilibrium was solved"})
    for curves in prediction.curves:
        _add(curves, variables, coordinates)
    for each in prediction.distributions:
        dimension = f"count {each.ligand} on {each.cluster}"
        coordinates[dimension] = each.counts
        variables[f"fraction of {each.cluster} with {each.ligand}"] = (
            ("point", dimension),
            each.probability,
            {"units": "1"},
        )
    notes = " ".join((*conditions.notes, *prediction.notes))
    return xr.Dataset(variables, coordinates, {"level": prediction.level, "band": prediction.band, "notes": notes})


def _add(curves: Curves, variables: dict[str, Any], coordinates: dict[str, Any]) -> None:
    name = f"{curves.group} {curves.name}"
    dimension = f"{name} of" if curves.axis is None else f"{name} wavelength"
    coordinates[dimension] = list(curves.labels) if curves.axis is None else (dimension, curves.axis, {"units": "nm"})
    for end, values in curves.ends():
        if values is not None:
            variables[f"{name}{end}"] = (("point", dimension), values, {"units": curves.unit})

"""Predictions as CSV: columns with units in their headers."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.prediction.record import Curves, Prediction

    Columns = list[tuple[str, NDArray[np.float64]]]

__all__ = ["points_csv", "spectra_csv"]


def points_csv(prediction: Prediction) -> str:
    """Return all curves but spectra: one row per point, values and band ends."""
    conditions, axis = prediction.conditions, prediction.conditions.axis
    columns: Columns = [(f"{axis.label} [{axis.unit or '1'}]", axis.values)]
    for name, amounts in zip(conditions.feeds, conditions.amounts.T, strict=True):
        columns.append((f"total {name} [mol/L]", amounts))
    for each in prediction.curves:
        if each.axis is not None:
            continue
        for j, label in enumerate(each.labels):
            for end, array in each.ends():
                if array is not None:
                    columns.append((f"{each.group} {each.name}: {label}{end} [{each.unit}]", array[:, j]))
    columns.append(("status", prediction.status.astype(float)))
    return _text(columns)


def spectra_csv(prediction: Prediction, curves: Curves) -> str:
    """Return spectra: one row per wavelength, values and band ends of each point."""
    axis = prediction.conditions.axis
    places = [f"{axis.label} {value:.6g} {axis.unit}".rstrip() for value in axis.values]
    times = Counter(places)
    columns: Columns = [("wavelength [nm]", np.asarray(curves.axis))]
    for point in np.flatnonzero(np.isfinite(axis.values)).tolist():
        # Points may share their place on the axis and differ in what else is in the flask.
        where = places[point] if times[places[point]] == 1 else f"{places[point]}, point {point + 1}"
        for end, array in curves.ends():
            if array is not None:
                columns.append((f"{where}{end} [{curves.unit}]", array[point]))
    return _text(columns)


def _text(columns: Columns) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_inert(name) for name, _ in columns])
    writer.writerows([f"{number:.10g}" for number in row] for row in zip(*(each for _, each in columns), strict=True))
    return text.getvalue()


def _inert(name: str) -> str:
    # A spreadsheet would compute a header that begins with one of these.
    return f"'{name}" if name[:1] in {"=", "+", "-", "@"} else name

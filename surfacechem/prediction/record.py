"""The record of a prediction: curves with bands, distributions, statuses; rows, dictionary and dataset of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surfacechem.chem.constant import known_as
from surfacechem.display import Table, round_estimate, round_number, si_prefix
from surfacechem.errors import UnknownNameError
from surfacechem.prediction.isosbestic import isosbestic_points, maxima

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from surfacechem.prediction.flask import Conditions

    Floats = NDArray[np.float64]

__all__ = ["Curves", "Distribution", "Prediction", "evenly"]

SCHEMA: Final = "surfacechem.prediction/1"
COVERAGE: Final = "coverage"
FORMS: Final = "forms"
LIGANDS: Final = "ligands"
SPECIATION: Final = "speciation"
SIGNAL: Final = "signal"
SCALABLE_UNITS: Final = ("mol/L", "J")
SHOWN_ROWS: Final = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """Curves of one kind, with one unit.

    Attributes
    ----------
    group : str
        ``"coverage"`` (fraction of a site class), ``"forms"`` (fraction of a cluster), ``"ligands"`` (mean count per
        particle), ``"speciation"`` (concentration) or ``"signal"``.
    name : str
        Site class, cluster, ``"speciation"``, or the observable's name.
    labels : tuple of str
        One label per curve: an entity, an occupant or a channel.
    values : ndarray, shape (n_points, n_labels)
        Curve ``j`` at point ``p`` in `unit`; NaN where the equilibrium was not solved.
    unit : str
        Unit of all numbers; ``"1"`` for fractions and counts.
    lower, upper : ndarray, shape (n_points, n_labels), optional
        Ends of the band; None where nothing is known of the errors.
    axis : ndarray, shape (n_labels,), optional
        Wavelength of each channel [nm].
    """

    group: str
    name: str
    labels: tuple[str, ...]
    values: Floats
    unit: str
    lower: Floats | None = None
    upper: Floats | None = None
    axis: Floats | None = None

    def ends(self) -> tuple[tuple[str, Floats | None], ...]:
        """Return the values and the ends of their band, each with the word for it."""
        return ("", self.values), (" lower", self.lower), (" upper", self.upper)

    def only(self, labels: Sequence[str]) -> Curves:
        """Return the curves of some labels, in their order."""
        columns = [self.labels.index(label) for label in labels]
        return replace(
            self,
            labels=tuple(labels),
            values=self.values[:, columns],
            lower=None if self.lower is None else self.lower[:, columns],
            upper=None if self.upper is None else self.upper[:, columns],
            axis=None if self.axis is None else self.axis[columns],
        )

    def shown(self) -> Curves:
        """Return the same curves in a unit whose prefix suits the largest value."""
        factor, unit = self.shown_unit()
        return replace(
            self,
            values=self.values * factor,
            unit=unit,
            lower=None if self.lower is None else self.lower * factor,
            upper=None if self.upper is None else self.upper * factor,
        )

    def shown_unit(self) -> tuple[float, str]:
        """Return the factor and the unit, prefix included, that suit the largest value."""
        if self.unit not in SCALABLE_UNITS:
            return 1.0, self.unit
        return si_prefix(float(np.nanmax(np.abs(self.values), initial=0.0)), self.unit)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; numbers that are no number become None."""
        arrays = {"values": self.values, "lower": self.lower, "upper": self.upper, "axis": self.axis}
        return {
            "group": self.group,
            "name": self.name,
            "labels": list(self.labels),
            "unit": self.unit,
            **{key: _plain(array) for key, array in arrays.items()},
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Distribution:
    """How many ligands of one kind the single particles carry: what a mass spectrum would show.

    Attributes
    ----------
    cluster, ligand : str
        Particle type, and what is counted on it.
    counts : ndarray of int, shape (n_counts,)
        0 up to all sites that can hold it.
    probability : ndarray, shape (n_points, n_counts)
        Fraction of particles with that count.
    """

    cluster: str
    ligand: str
    counts: NDArray[np.intp]
    probability: Floats

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "cluster": self.cluster,
            "ligand": self.ligand,
            "counts": self.counts.tolist(),
            "probability": _plain(self.probability),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """What a model predicts under given conditions.

    Attributes
    ----------
    conditions : Conditions
        What is in the flask at every point.
    curves : tuple of Curves
        Everything predicted.
    distributions : tuple of Distribution
        Ligand counts of single particles.
    status : ndarray of int, shape (n_points,)
        0 where the equilibrium was solved; otherwise the solver's status.
    constants : mapping
        Name to (ln K, standard error of ln K) that were used; mol/L based.
    energies : mapping
        The couplings among them as ``"w[X1]"`` to (RT ln W, its standard error) [kJ/mol].
    level : float
        Probability that belongs to the bands.
    band : str
        ``"none"``, ``"derivatives"`` or ``"draws"``.
    notes : tuple of str
        What was assumed.
    is_fit_valid : bool
        Whether the fit it follows from is to be trusted; true where it follows from the model alone.
    """

    conditions: Conditions
    curves: tuple[Curves, ...]
    distributions: tuple[Distribution, ...] = ()
    status: NDArray[np.int8]
    constants: dict[str, tuple[float, float]]
    level: float
    band: str
    notes: tuple[str, ...] = ()
    is_fit_valid: bool = True
    energies: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def is_solved(self) -> NDArray[np.bool_]:
        """Whether the equilibrium of each point was solved."""
        return np.asarray(self.status == 0)

    @property
    def is_valid(self) -> bool:
        """Whether to trust it: every point was solved, and so is the fit it follows from.

        Points that were not solved are NaN, and `status` says which and why; what is wrong with the fit is in `notes`
        and, with advice, in the fit's own facts.
        """
        return self.is_fit_valid and bool(self.is_solved.all())

    def __repr__(self) -> str:
        """Return one line: what was predicted, at how many points."""
        names = ", ".join(f"{each.group} {each.name}" for each in self.curves)
        return f"<Prediction of {names} at {self.conditions.n_points} points>"

    def __str__(self) -> str:
        """Return a table of some points."""
        return self.to_table().to_text()

    def _repr_html_(self) -> str:
        return self.to_table().to_html()

    def of(self, group: str, name: str | None = None) -> Curves:
        """Return the curves of one group, by name where there are several.

        Raises
        ------
        UnknownNameError
            If there are no such curves.
        """
        found = [each for each in self.curves if each.group == group and name in {None, each.name}]
        if not found:
            raise UnknownNameError(
                f"curves {group!r} {name or ''}".rstrip(),
                found="nothing of that name",
                allowed=", ".join(f"{each.group} {each.name}" for each in self.curves),
            )
        return found[0]

    def spectra(self, name: str | None = None) -> Curves:
        """Return the curves of a signal over wavelengths, by default the first such signal.

        Raises
        ------
        UnknownNameError
            If there are no such spectra.
        """
        found = [each for each in self.curves if each.axis is not None and name in {None, each.name}]
        if not found:
            raise UnknownNameError(
                f"spectra {name or ''}".rstrip(),
                found="nothing of that name",
                allowed=", ".join(each.name for each in self.curves if each.axis is not None) or "none",
                advice="let the model say what a band looks like: observe E1 = 3.2 eV of InP37 ; width = ...",
            )
        return found[0]

    def isosbestic_points(self, name: str | None = None) -> Floats:
        """Return the wavelengths at which all spectra of a signal have the same value [nm]; often none.

        Raises
        ------
        UnknownNameError
            If there are no such spectra.
        """
        curves = self.spectra(name)
        return isosbestic_points(np.asarray(curves.axis), curves.values)

    def to_table(self, n_rows: int = SHOWN_ROWS) -> Table:
        """Return coverage, ligands and signals (without sites: concentrations) at up to `n_rows` points, with bands.

        Of spectra, the wavelength of the maximum, and the value where they move most.
        """
        axis = self.conditions.axis
        placed = np.flatnonzero(np.isfinite(axis.values))  # points that part two pieces of a curve have no place
        chosen = placed[evenly(len(placed), n_rows)]
        has_sites = any(each.group == COVERAGE for each in self.curves)
        kept = [
            summary
            for each in self.curves
            if not (has_sites and each.group == SPECIATION)
            for summary in ([each.shown()] if each.axis is None else _summaries(each))
        ]
        columns = [f"{axis.label} [{axis.unit}]" if axis.unit else axis.label]
        columns += [_column(each, label) for each in kept for label in each.labels]
        rows = tuple(
            (
                round_number(float(axis.values[p])),
                *(_cell(each, p, j) for each in kept for j in range(len(each.labels))),
            )
            for p in chosen
        )
        band = f"Intervals hold with {100 * self.level:.3g} % probability ({self.band})." if self.band != "none" else ""
        shown = f"{len(chosen)} of {len(placed)} points are shown." if len(chosen) < len(placed) else ""
        notes = (band, shown, *self.conditions.notes, *self.notes)
        return Table(columns=tuple(columns), rows=rows, notes=tuple(filter(None, notes)))

    def to_csv(self) -> str:
        """Return all curves but spectra as CSV: one row per point, values and band ends, units in the header."""
        from surfacechem.prediction.spreadsheet import points_csv

        return points_csv(self)

    def spectra_csv(self, name: str | None = None) -> str:
        """Return spectra as CSV: one row per wavelength, values and band ends of each point, units in the header.

        Raises
        ------
        UnknownNameError
            If there are no such spectra.
        """
        from surfacechem.prediction.spreadsheet import spectra_csv

        return spectra_csv(self, self.spectra(name))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        axis = self.conditions.axis
        return {
            "schema": SCHEMA,
            "axis": {"label": axis.label, "unit": axis.unit, "values": _plain(axis.values)},
            "feeds": list(self.conditions.feeds),
            "amounts": {"unit": "mol/L", "values": _plain(self.conditions.amounts)},
            "constants": {
                name: {"ln_value": pair[0], "ln_stderr": pair[1]}
                for name, pair in self.constants.items()
                if known_as(name) not in self.energies
            },
            "couplings": {
                name: {"value": pair[0], "stderr": pair[1], "unit": "kJ/mol"} for name, pair in self.energies.items()
            },
            "level": self.level,
            "band": self.band,
            "curves": [each.to_dict() for each in self.curves],
            "distributions": [each.to_dict() for each in self.distributions],
            "status": self.status.tolist(),
            "is_fit_valid": self.is_fit_valid,
            "is_valid": self.is_valid,
            "notes": [*self.conditions.notes, *self.notes],
        }

    def to_dataset(self) -> xr.Dataset:
        """Return a labelled dataset: one variable per group of curves, units in the attributes."""
        from surfacechem.prediction.dataset import dataset

        return dataset(self)


def evenly(n_points: int, n_chosen: int) -> NDArray[np.intp]:
    """Return up to `n_chosen` of the numbers of points, first and last among them; in equal steps if these are many.

    Examples
    --------
    >>> evenly(51, 12)
    array([ 0,  5, 10, 15, 20, 25, 30, 35, 40, 45, 50])
    """
    last = n_points - 1
    least = -(-last // max(1, n_chosen - 1))
    for step in range(max(1, least), 2 * least + 1):
        if last % step == 0:
            return np.arange(0, n_points, step)
    return np.unique(np.linspace(0, last, min(n_chosen, n_points)).round().astype(np.intp))


def _summaries(curves: Curves) -> tuple[Curves, Curves]:
    """Return where spectra have their maximum, and their values where they move most."""
    wavelength = np.asarray(curves.axis)
    movement = np.ptp(np.nan_to_num(curves.values), axis=0)
    column = int(movement.argmax() if movement.any() else np.nan_to_num(curves.values).max(axis=0).argmax())
    lower, upper = (None if end is None else end[:, [column]] for end in (curves.lower, curves.upper))
    top = replace(
        curves,
        name=f"maximum of {curves.name}",
        labels=("maximum",),
        values=maxima(wavelength, curves.values)[:, np.newaxis],
        unit="nm",
        lower=None,
        upper=None,
        axis=None,
    )
    place = f"{curves.name} at {wavelength[column]:.4g} nm"
    values = curves.values[:, [column]]
    return top, replace(curves, name=place, labels=("value",), values=values, lower=lower, upper=upper, axis=None)


def _plain(array: Floats | None) -> Any:  # noqa: ANN401 - lists of any depth
    if array is None:
        return None
    plain = array.astype(object)
    plain[~np.isfinite(array)] = None
    return plain.tolist()


def _column(curves: Curves, label: str) -> str:
    unit = "" if curves.unit == "1" else f" [{curves.unit}]"
    dataset = f"{curves.name.partition(': ')[0]}: " if ": " in curves.name else ""
    head = {
        COVERAGE: f"coverage {curves.name}: {label}",
        FORMS: f"share of {curves.name} as {label}",
        LIGANDS: f"{label} per {curves.name}",
        SPECIATION: label,
        SIGNAL: f"{dataset}{label}" if len(curves.labels) > 1 else curves.name,
    }
    return f"{head[curves.group]}{unit}"


def _cell(curves: Curves, point: int, column: int) -> Any:  # noqa: ANN401 - a table cell
    value = float(curves.values[point, column])
    if curves.lower is None or curves.upper is None or not np.isfinite(value):
        return round_number(value)
    # Quantiles of draws need not hold the best value: where nothing varies they miss it by the error of a table.
    ends = float(curves.lower[point, column]), float(curves.upper[point, column])
    return round_estimate(value, interval=(min(ends[0], value), max(ends[1], value)))

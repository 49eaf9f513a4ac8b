"""What was measured: columns of a table grouped into signals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError, UnitError
from surfacechem.records import Signal, Technique
from surfacechem.units import Kind, kernel_unit, kind_of, quantity

if TYPE_CHECKING:
    from surfacechem.io.columns import Column, Table
    from surfacechem.io.grid import Floats
    from surfacechem.io.head import Head

__all__ = ["read_signals"]

SIGMA: Final = "sigma"
STANDARD: Final = "standard"
INTEGRAL: Final = "integral"

_TECHNIQUES: Final = {
    Kind.CONCENTRATION: Technique.NMR_INTEGRAL,
    Kind.SHIFT: Technique.NMR_SHIFT,
    Kind.FREQUENCY: Technique.NMR_SHIFT,
    Kind.HEAT: Technique.ITC,
    Kind.PHOTON_ENERGY: Technique.BAND_POSITION,
    Kind.DENSITY: Technique.LIGAND_COUNT,
}
"""Which technique measures what; only dimensionless columns need a '# technique:' line."""
ABSORBANCE: Final = "A"
_FOREIGN: Final = (
    (re.compile(r"(?i)equiv|eq\b"), "if this was put in, name it so: 'total NAME [equiv per InP37]'"),
    (re.compile(r"(?i)deg[CF]$"), "delete the column; one temperature goes into a line '# temperature: 25 degC'"),
)
"""Units of what is no signal, and what to do with such a column."""
_NO_UNIT: Final = (Technique.NMR_INTEGRAL, Technique.UV_VIS, Technique.FLUORESCENCE, Technique.LIGAND_COUNT)


@dataclass(frozen=True, kw_only=True)
class _Channel:
    signal: str
    label: str
    column: Column
    technique: Technique
    unit: str
    values: Floats
    sigma: Floats | None


def read_signals(table: Table, columns: list[Column], head: Head, standard: Floats | None) -> tuple[Signal, ...]:
    """Return the signals in the order of their first column; faults go to the table.

    Parameters
    ----------
    columns : list of Column
        Columns that are neither labels nor composition.
    standard : ndarray, shape (n_points,), optional
        Concentration of the internal standard at each point [mol/L].
    """
    spreads = {column.name[len(SIGMA) :].strip(): column for column in columns if _is_sigma(column)}
    measured = [column for column in columns if not _is_sigma(column)]
    if standard is not None:
        measured, standard = _reference(table, measured, standard)
    channels = []
    for column in measured:
        if table.is_hopeless:
            return ()
        channel = _channel(table, column, spreads.pop(column.name, None), head, standard)
        if channel is not None:
            channels.append(channel)
    for name, column in spreads.items():
        allowed = ", ".join(f"'{SIGMA} {other.name}'" for other in measured[:6])
        fault = DataError(column.what, found=f"no column '{name[:40]}'", allowed=allowed, advice="correct the name")
        table.faults.append(fault.at(column.where))
    _refuse_strangers(table, measured, head)
    grouped: dict[str, list[_Channel]] = {}
    for channel in channels:
        grouped.setdefault(channel.signal, []).append(channel)
    return tuple(_signal(table, name, group, head) for name, group in grouped.items())


def _refuse_strangers(table: Table, measured: list[Column], head: Head) -> None:
    """Add a fault for each name in '# sigma:' and '# protons:' that is no measured column."""
    columns = {column.name for column in measured}
    signals = {column.name.partition(" ")[0] for column in measured}
    for key, names, known in (("sigma", head.sigma, columns | signals), ("protons", head.protons, columns)):
        for name in names:
            if name not in known:
                allowed = ", ".join(sorted(known)[:6])
                advice = "name a measured column, without its unit"
                fault = DataError(f"line '# {key}:'", found=f"'{name[:40]}'", allowed=allowed, advice=advice)
                table.faults.append(fault.at(head.places[key]))


def _is_sigma(column: Column) -> bool:
    return column.name.lower().startswith(f"{SIGMA} ")


def _channel(
    table: Table, column: Column, spread: Column | None, head: Head, standard: Floats | None
) -> _Channel | None:
    """Return one column as numbers in its kernel unit, or None after noting its fault."""
    kind = _kind(table, column, head)
    if kind is None:
        table.numbers(column)  # its cells may have faults of their own
        return None
    technique = _TECHNIQUES.get(kind, head.technique or Technique.UV_VIS)
    if _is_integral(column, head):
        technique = Technique.NMR_INTEGRAL
    if technique is Technique.FLUORESCENCE and column.name.startswith(f"{ABSORBANCE} "):
        technique = Technique.UV_VIS  # measured beside the fluorescence, e.g. for its inner filter
    is_integral = kind is Kind.DIMENSIONLESS and technique is Technique.NMR_INTEGRAL
    unit = "1" if column.unit is None or column.unit == INTEGRAL else column.unit
    values = table.quantities(column, kind, unit=unit)
    sigma = _spread(table, column, spread, head, kind)
    if spread is not None and sigma is not None:
        is_bare = np.isfinite(values) & np.isnan(sigma)
        allowed, advice = "one for each measured value", "fill it in, or leave the value out"
        table.check(spread, is_bare, found="no standard deviation", allowed=allowed, advice=advice)
    kernel = kernel_unit(kind)
    if is_integral and standard is not None:
        per_integral = standard / _protons(table, column, head)
        values, kernel = values * per_integral, "mol/L"
        sigma = None if sigma is None else sigma * per_integral
    signal, _, label = column.name.partition(" ")
    return _Channel(
        signal=signal,
        label=label or signal,
        column=column,
        technique=technique,
        unit=kernel,
        values=values,
        sigma=sigma,
    )


def _is_integral(column: Column, head: Head) -> bool:
    """Tell whether a column says itself that it holds integrals; shifts may stand beside them in one file."""
    return column.unit == INTEGRAL and head.technique in {None, Technique.NMR_INTEGRAL, Technique.NMR_SHIFT}


def _kind(table: Table, column: Column, head: Head) -> Kind | None:
    """Return what a column measures, or None after noting why that cannot be told."""
    is_plain = column.unit in {"1", INTEGRAL} or (column.unit is None and column.wavelength is not None)
    if is_plain and (column.wavelength is not None or head.technique in _NO_UNIT or _is_integral(column, head)):
        return Kind.DIMENSIONLESS
    allowed = "[mmol/L], [ppm], [Hz], [uJ], [eV], [nm], [1/nm^2], or [1] with a line '# technique:'"
    if column.unit is None or is_plain:
        found = "no unit" if column.unit is None else f"[{column.unit}], which says nothing of what was measured"
        advice = f"write e.g. '{column.name[:40]} [mmol/L]', or '# technique: nmr-integral' above the table"
        fault = DataError(column.what, found=found, allowed=allowed, advice=advice)
        table.faults.append(fault.at(column.where))
        return None
    foreign = next((advice for pattern, advice in _FOREIGN if pattern.match(column.unit)), None)
    if foreign is not None:
        fault = DataError(column.what, found=f"[{column.unit}]", allowed=allowed, advice=foreign)
        table.faults.append(fault.at(column.where))
        return None
    try:
        kind = kind_of(column.unit, (*_TECHNIQUES, Kind.DIMENSIONLESS))
    except UnitError as fault:
        table.faults.append(table.placed(fault, column))
        return None
    if kind is None:
        fault_of_kind = DataError(column.what, found=f"[{column.unit}]", allowed=allowed, advice="correct the unit")
        table.faults.append(fault_of_kind.at(column.where))
    return kind


def _spread(table: Table, column: Column, spread: Column | None, head: Head, kind: Kind) -> Floats | None:
    """Return standard deviations from a sigma column or the '# sigma:' line, in the kernel unit of the signal."""
    if spread is not None:
        unit = spread.unit or column.unit or "1"
        sigma = _width(table, spread, kind, "1" if unit == INTEGRAL else unit)
        allowed, advice = "more than 0", "give the spread of the measured value"
        table.check(spread, sigma <= 0, found="the standard deviation", allowed=allowed, advice=advice)
        return sigma
    given = head.sigma.get(column.name) or head.sigma.get(column.name.partition(" ")[0])
    if given is None:
        return None
    try:
        return np.full(len(table.rows), quantity(given, _width_kind(kind), name=f"sigma of '{column.name}'"))
    except UnitError as fault:
        table.faults.append(fault.at(head.places["sigma"]))
        return None


def _width_kind(kind: Kind) -> Kind:
    """Return the kind of a difference: widths of positions are in eV."""
    return Kind.ENERGY_SHIFT if kind is Kind.PHOTON_ENERGY else kind


def _width(table: Table, column: Column, kind: Kind, unit: str) -> Floats:
    return table.quantities(column, _width_kind(kind), unit=unit)


def _reference(table: Table, columns: list[Column], standard: Floats) -> tuple[list[Column], Floats]:
    """Divide the standard's concentration by its own integral, where the file gives it."""
    own = next((column for column in columns if column.name.lower() == STANDARD), None)
    if own is None:
        return columns, standard
    integral = table.quantities(own, Kind.DIMENSIONLESS, unit="1")
    advice = "integrate the standard in each spectrum"
    # Where no integral was taken the standard may be lost with them; shifts of that spectrum stay.
    cells = [table.text(column) for column in columns if column is not own and column.unit == INTEGRAL]
    is_needed = np.array([any(each[row].strip() for each in cells) for row in range(len(table.rows))], dtype=bool)
    is_needed |= np.isfinite(integral)
    is_wrong = is_needed & ~(integral > 0)
    table.check(own, is_wrong, found="the integral of the standard", allowed="more than 0", advice=advice)
    safe = np.where(integral > 0, integral, np.nan)
    return [column for column in columns if column is not own], standard / safe


def _protons(table: Table, column: Column, head: Head) -> float:
    if column.name in head.protons:
        return head.protons[column.name]
    fault = DataError(
        f"{column.what}, protons",
        found="no number of protons",
        allowed="one for each integral, as a standard is given",
        advice=f"write '# protons: {column.name[:40]} = 2' above the table",
        where=column.where,
    )
    table.faults.append(fault)
    return 1.0


def _signal(table: Table, name: str, channels: list[_Channel], head: Head) -> Signal:
    """Join the channels of one name; they must be of one technique and unit."""
    first = channels[0]
    for channel in channels:
        if (channel.unit, channel.technique) != (first.unit, first.technique):
            allowed = f"[{first.unit}] as in {first.column.what}"
            advice = "give another first word to columns of another kind"
            fault = DataError(channel.column.what, found=f"[{channel.unit}]", allowed=allowed, advice=advice)
            table.faults.append(fault.at(channel.column.where))
        if (channel.sigma is None) != (first.sigma is None):
            found = f"{'no' if channel.sigma is None else 'a'} sigma, unlike {first.column.what}"
            allowed, advice = "one for each column of a signal, or none", f"write '# sigma: {name[:40]} = ...'"
            fault = DataError(channel.column.what, found=found, allowed=allowed, advice=advice)
            table.faults.append(fault.at(channel.column.where))
    wavelengths = [channel.column.wavelength for channel in channels]
    axis = [wavelength for wavelength in wavelengths if wavelength is not None]
    spreads = [channel.sigma for channel in channels if channel.sigma is not None]
    signal = Signal(
        name=name,
        technique=first.technique,
        channels=tuple(channel.label for channel in channels),
        values=np.column_stack([channel.values for channel in channels]),
        unit=first.unit,
        sigma=np.column_stack(spreads) if len(spreads) == len(channels) else None,
        axis=np.array(axis) if len(axis) == len(channels) else None,
    )
    return signal if head.path_length is None else replace(signal, path_length=head.path_length)

"""Any titration as our own CSV."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError
from surfacechem.io.head import UNKNOWN
from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from surfacechem.io.grid import Floats

__all__ = ["to_csv"]

SIGNIFICANT: Final = 12
_BRACKETS: Final = str.maketrans("[]", "()")


def to_csv(titration: Titration) -> str:
    """Return a titration as our own CSV, in kernel units and with all digits.

    Reading the text gives the same numbers. Names lose blanks and square brackets, which headers cannot hold.

    Raises
    ------
    DataError
        If the titration has no concentrations, as spectra alone have none, mixes techniques without unit, or has an
        unknown concentration that changes from point to point.
    """
    if not titration.feeds:
        raise DataError(
            f"titration '{titration.name[:60]}'",
            found="no concentrations",
            allowed="what was in the vessel at each point",
            advice="write a CSV with a line '# spectra:' and a column 'sample', then convert that",
        )
    columns = {"point": list(titration.labels)}
    _refuse_unknown_stock(titration)
    is_heat = any(signal.technique is Technique.ITC for signal in titration.signals)
    lines = [*_head(titration), *(_calorimeter(titration) if is_heat else [])]
    if is_heat and titration.added is not None:
        columns["added [L]"] = _cells(titration.added)
    else:
        for feed, amounts in zip(titration.feeds, titration.amounts.T, strict=True):
            is_unknown = bool(np.isnan(amounts).all())
            cells = [UNKNOWN] * len(amounts) if is_unknown else _cells(amounts)
            columns[f"total {_word(feed)} [mol/L]"] = cells
    for signal in titration.signals:
        columns |= _signal_columns(signal)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return "".join(f"# {line}\n" for line in lines) + stream.getvalue()


def _refuse_unknown_stock(titration: Titration) -> None:
    """Refuse what columns of totals cannot say: how an unknown concentration changes along the points."""
    unknown = [titration.feeds[column] for column in np.flatnonzero(np.isnan(titration.amounts).any(axis=0))]
    if unknown and (titration.unknowns or titration.added is not None):
        raise DataError(
            f"titration '{titration.name[:60]}'",
            found=f"an unknown concentration of {', '.join(unknown)} in solutions that are added up",
            allowed="known concentrations",
            advice="fit the original file, or write the concentration that a fit found in place of '?'",
        )


def _head(titration: Titration) -> list[str]:
    origin = f"converted from: {_line(titration.source)}, SHA-256 {titration.sha256}"
    lines = [f"name: {_line(titration.name)}", *([origin] if titration.source else titration.notes)]
    bare = {signal.technique for signal in titration.signals if signal.unit == "1" and signal.axis is None}
    bare |= {signal.technique for signal in titration.signals if signal.technique is Technique.FLUORESCENCE}
    bare |= {signal.technique for signal in titration.signals if signal.technique is Technique.ITC}
    if len(bare) > 1:
        allowed = "one technique whose values have no unit"
        raise DataError("signals", found=", ".join(sorted(bare)), allowed=allowed, advice="convert them one by one")
    lines += [f"technique: {technique.value}" for technique in bare]
    if titration.temperature is not None:
        lines.append(f"temperature: {titration.temperature!r} K")
    paths = {signal.path_length for signal in titration.signals if signal.axis is not None}
    lines += [f"path: {path!r} cm" for path in sorted(paths)[:1]]
    return lines


def _calorimeter(titration: Titration) -> list[str]:
    """Return the lines of cell, syringe and volume, found back from the concentrations in the cell."""
    if titration.added is None or titration.initial_volume is None:
        found, allowed = "no injected volumes", "volumes and the cell's volume"
        raise DataError("heats", found=found, allowed=allowed, advice="convert the file with the volumes")
    injected = np.diff(titration.added, prepend=0.0)
    kept = np.cumprod(1.0 - injected / titration.initial_volume)
    design = np.column_stack([kept, 1.0 - kept])
    both = np.linalg.lstsq(design, titration.amounts, rcond=None)[0]
    contents = [_contents(titration.feeds, row, np.abs(both).max()) for row in both]
    return [f"cell: {contents[0]}", f"titrant: {contents[1]}", f"volume: {titration.initial_volume!r} L"]


def _contents(feeds: tuple[str, ...], amounts: Floats, largest: float) -> str:
    """Return names and concentrations; what is rounding noise beside the largest is nothing."""
    known = [
        (feed, amount) for feed, amount in zip(feeds, amounts, strict=True) if amount > 10.0**-SIGNIFICANT * largest
    ]
    return ", ".join(f"{_word(feed)} {float(amount):.{SIGNIFICANT}g} mol/L" for feed, amount in known)


def _signal_columns(signal: Signal) -> dict[str, list[str]]:
    columns = {}
    for index, channel in enumerate(signal.channels):
        header = _word(signal.name)
        if signal.axis is not None:
            header += f" {signal.axis[index]:.10g} nm"
        elif channel != signal.name:
            header += f" {_line(channel)}"
        bare = "integral" if signal.technique is Technique.NMR_INTEGRAL else "1"
        unit = bare if signal.unit == "1" else signal.unit
        columns[f"{header} [{unit}]"] = _cells(signal.values[:, index])
        if signal.sigma is not None:
            columns[f"sigma {header} [{unit}]"] = _cells(signal.sigma[:, index])
    return columns


def _cells(values: Floats) -> list[str]:
    return ["" if np.isnan(value) else repr(value) for value in values.tolist()]


def _line(text: str) -> str:
    """Return text that can stand in one header or remark."""
    return " ".join(text.translate(_BRACKETS).split())[:80]


def _word(text: str) -> str:
    return re.sub(r"[\s,;]+", "_", _line(text))

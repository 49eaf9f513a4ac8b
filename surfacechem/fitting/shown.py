"""The numbers of one signal as they are shown: amplitudes and residuals in the units of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.display import Cell, Rounded, Table, round_estimate, round_number, si_prefix
from surfacechem.fitting.techniques import BLANKS
from surfacechem.records import Technique

if TYPE_CHECKING:
    from surfacechem.fitting.result import SignalFit

__all__ = ["MOST_CHANNELS", "amplitudes_of", "is_told", "rmse_of"]

MOST_CHANNELS: Final = 12
"""Amplitudes of more channels are drawn, not listed."""
_PREFIXED: Final = frozenset({"mol/L", "J", "eV"})
_TITLES: Final = {
    Technique.NMR_INTEGRAL: "Scale",
    Technique.NMR_SHIFT: "Limiting shifts",
    Technique.UV_VIS: "Molar spectra",
    Technique.FLUORESCENCE: "Molar light",
    Technique.ITC: "Molar heats",
    Technique.BAND_POSITION: "Origin and slopes",
}
_N_RMSE_DIGITS: Final = 3


def is_told(signal: SignalFit) -> bool:
    """Tell whether amplitudes of this signal were fitted and are few enough to be listed."""
    return len(signal.channels) <= MOST_CHANNELS and bool((signal.amplitude_stderr != 0).any())


def amplitudes_of(signal: SignalFit, *, data: str = "") -> Table:
    """Return the amplitudes of a signal with their errors, a row per channel.

    Parameters
    ----------
    signal : SignalFit
        Its amplitudes are in kernel units.
    data : str
        Name of the data set, for the title; empty where there is one only.
    """
    units = [_unit(signal, row) for row in range(len(signal.amplitudes))]
    rows: list[tuple[Cell, ...]] = [
        (label, *(_cell(signal, row, column, factor) for row, (factor, _) in enumerate(units)))
        for column, label in enumerate(signal.channels[: signal.amplitudes.shape[1]])
    ]
    names = [f"{name} [{unit}]" if unit else name for name, (_, unit) in zip(signal.components, units, strict=True)]
    whose = f"{signal.name} of {data}" if data else signal.name
    title = f"{_TITLES.get(signal.technique, 'Amplitudes')} ({whose}), ± standard error"
    return Table(columns=("channel", *names), rows=tuple(rows), title=title)


def rmse_of(signal: SignalFit) -> Rounded:
    """Return the root mean squared residual."""
    factor, unit = si_prefix(signal.rmse, signal.unit) if signal.unit in _PREFIXED else (1.0, signal.unit)
    return round_number(signal.rmse * factor, n_digits=_N_RMSE_DIGITS, unit="" if unit == "1" else unit)


def _unit(signal: SignalFit, row: int) -> tuple[float, str]:
    """Return by what the amplitudes of one component are multiplied, and their unit then."""
    name = signal.components[row]
    match signal.technique:
        case Technique.ITC if name == BLANKS[0]:
            sizes = np.abs([signal.amplitudes[row], signal.amplitude_stderr[row]])
            return si_prefix(float(np.nanmax(sizes, initial=0.0)), "J")
        case Technique.ITC if name == BLANKS[1]:
            return 1.0, "J L/mol"
        case Technique.ITC:
            return 1e-3, "kJ/mol"
        case Technique.UV_VIS if "baseline" not in name and "drift" not in name and "offset" not in name:
            return 1.0, "L/(mol cm)"
        case Technique.NMR_SHIFT | Technique.BAND_POSITION:
            return 1.0, signal.unit
        case _:
            return 1.0, ""


def _cell(signal: SignalFit, row: int, column: int, factor: float) -> Rounded:
    value, stderr = signal.amplitudes[row, column], signal.amplitude_stderr[row, column]
    return round_estimate(value * factor, stderr=stderr * factor)

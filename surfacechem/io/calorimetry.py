"""Heats of injections into a full cell as a titration, whichever program wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.io.mixing import displace
from surfacechem.records import Signal, Technique, Titration
from surfacechem.units import Kind, to_kernel

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats
    from surfacechem.io.source import Source

__all__ = ["FEEDS", "LARGEST_SETTING", "Cell", "titration_of_heats"]

FEEDS: Final = ("cell", "syringe")
LARGEST_SETTING: Final = 1e5
"""No temperature, concentration or volume of an instrument's settings is larger [degC, mmol/L, mL]."""
_NOTES: Final = (
    "names not in the file: the feeds are called 'cell' and 'syringe'; rename them to the model's",
    "calorimeter cell taken as full: each injection v pushes out the fraction v/V of what is in it",
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What the settings of an instrument say: both concentrations [mol/L], volume [L], temperature [K] or None."""

    in_cell: float
    in_syringe: float
    volume: float
    temperature: float | None


def titration_of_heats(
    source: Source,
    cell: Cell,
    injected: Floats,
    heats: Floats,
    *,
    layout: str,
    notes: tuple[str, ...],
    faults: list[SurfaceChemError],
) -> Titration:
    """Return the titration that injections make in a full cell; an empty one where the file has faults.

    Parameters
    ----------
    injected : ndarray, shape (n_injections,)
        Volume of each injection [uL], as these programs write it.
    heats : ndarray, shape (n_injections,)
        Heat of each injection [ucal], NaN where left out.
    layout : str
        What the file was taken for.
    notes : tuple of str
        What was assumed beside what holds for all calorimeters.
    faults : list of SurfaceChemError
        What is wrong with the file; where nothing is, an injection that is not smaller than the cell is added.
    """
    volumes = np.asarray(to_kernel(injected, "uL", Kind.VOLUME))
    if not faults and not ((volumes > 0) & (volumes < cell.volume)).all():
        found = f"injections of {injected.min():g} to {injected.max():g} uL into a cell of {1e6 * cell.volume:g} uL"
        advice = "correct the volumes or the settings"
        faults.append(source.refusal(found, "more than 0 and less than the cell", advice))
    if faults:
        return Titration(name=source.stem, feeds=(), amounts=np.zeros((0, 0)), signals=(), labels=())
    signal = Signal(
        name="heat",
        technique=Technique.ITC,
        channels=("heat",),
        values=to_kernel(heats[:, np.newaxis], "ucal", Kind.HEAT),
        unit="J",
    )
    start, stock = np.array([cell.in_cell, 0.0]), np.array([0.0, cell.in_syringe])
    return Titration(
        name=source.stem,
        feeds=FEEDS,
        amounts=displace(volumes, initial=start, stock=stock, volume=cell.volume),
        signals=(signal,),
        labels=tuple(str(number) for number in range(1, len(volumes) + 1)),
        added=np.cumsum(volumes),
        initial_volume=cell.volume,
        temperature=cell.temperature,
        source=source.file,
        sha256=source.sha256,
        notes=(*notes, *_NOTES),
        meta={"layout": layout},
    )

"""Spectra of one file on a common axis, whichever instrument wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.records import Signal, Technique, Titration

if TYPE_CHECKING:
    from surfacechem.io.grid import Floats
    from surfacechem.io.source import Source

__all__ = ["Spectra"]


@dataclass(frozen=True, kw_only=True)
class Spectra:
    """Spectra of one file on a common axis.

    Attributes
    ----------
    names : tuple of str
        Name of each spectrum, as the operator gave it.
    axis : ndarray, shape (n_wavelengths,)
        Wavelengths [nm], in the file's order.
    values : ndarray, shape (n_spectra, n_wavelengths)
        Absorbances; ``values[p]`` is spectrum ``p``.
    """

    names: tuple[str, ...]
    axis: Floats
    values: Floats

    def signal(self, name: str = "A") -> Signal:
        """Return the spectra as a signal, one channel per wavelength."""
        return Signal(
            name=name,
            technique=Technique.UV_VIS,
            channels=tuple(f"{wavelength:g} nm" for wavelength in self.axis),
            values=self.values,
            unit="1",
            axis=self.axis,
        )

    def titration(self, source: Source, *, layout: str, notes: tuple[str, ...]) -> Titration:
        """Return the spectra as a titration without composition, which such files do not hold."""
        advice = f"'# spectra: {source.file}', a column 'sample' with the names here, and volumes or totals"
        missing = f"no concentrations in this file: write a CSV with the line {advice}"
        return Titration(
            name=source.stem,
            feeds=(),
            amounts=np.zeros((len(self.names), 0)),
            signals=(self.signal(),),
            labels=self.names,
            source=source.file,
            sha256=source.sha256,
            notes=(*notes, missing, "1 cm path taken"),
            meta={"layout": layout},
        )

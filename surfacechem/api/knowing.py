"""Molar spectra that are known: given as arrays, or as files that are brought to the wavelengths of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from surfacechem.errors import DataError
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from numpy.typing import ArrayLike, NDArray

    from surfacechem.fitting import KnownSpectra
    from surfacechem.records import Titration

    Known: TypeAlias = Mapping[str, Mapping[str, ArrayLike] | str | PathLike[str]]

__all__ = ["known_files", "known_spectra"]


def known_spectra(known: Known, data: Sequence[Titration]) -> KnownSpectra:
    """Return known spectra on the wavelengths of the data.

    Parameters
    ----------
    known : mapping of str to mapping or path
        Observable to entity to values, or to a file as `read_components` takes it.
    data : sequence of Titration
        What was measured.

    Raises
    ------
    DataError
        If a file does not cover the wavelengths of the data.
    """
    return {
        name: {entity: np.asarray(values, dtype=float) for entity, values in each.items()}
        if hasattr(each, "items")
        else _from_file(name, each, data)
        for name, each in known.items()
    }


def known_files(known: Known) -> dict[str, str]:
    """Return the observables whose spectra came from files, and which."""
    return {name: str(each) for name, each in known.items() if not hasattr(each, "items")}


def _from_file(observable: str, path: str | PathLike[str], data: Sequence[Titration]) -> dict[str, NDArray[np.float64]]:
    from surfacechem.io.components import read_components

    spectra = read_components(path)
    seen = [signal for each in data for signal in each.signals if signal.axis is not None]
    named = [signal for signal in seen if signal.name.partition(".")[0] == observable]
    alike = named or [signal for signal in seen if signal.technique is Technique.UV_VIS]
    axis = alike[0].axis if alike else None
    if axis is None or axis.min() < spectra.axis[0] or axis.max() > spectra.axis[-1]:
        found = f"{spectra.axis[0]:g} to {spectra.axis[-1]:g} nm"
        raise DataError(
            f"known spectra of '{observable}' in '{path}'",
            found=found if axis is not None else "no spectra in the data to compare with",
            allowed="wavelengths that cover those of the data"
            if axis is None
            else f"{axis.min():g} to {axis.max():g} nm",
            advice="give spectra over the whole range, or fit fewer wavelengths",
        )
    return {
        name: np.interp(axis, spectra.axis, values) for name, values in zip(spectra.names, spectra.values, strict=True)
    }

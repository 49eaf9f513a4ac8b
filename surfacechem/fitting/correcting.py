"""Corrections of measured spectra before a fit: constants of single spectra, light that the sample itself swallows.

Seen at a right angle, light comes from the middle of a cell: what excites has passed half of it, and what is emitted
passes the other half of its width. Absorbances A for the whole path therefore weaken the signal by

    10^(-(A_excitation + A_emission)/2),

which is exact for a narrow beam through the middle and a good mean for absorbances below about 0.3 in all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from surfacechem.errors import FitError
from surfacechem.fitting.filtering import FILTERS
from surfacechem.fitting.separable import without_offsets
from surfacechem.fitting.techniques import option
from surfacechem.records import Technique

if TYPE_CHECKING:
    from surfacechem.chem.system import Observable
    from surfacechem.fitting.blocks import Block
    from surfacechem.records import Titration

__all__ = ["absorbance_at", "corrected"]

Floats = NDArray[np.float64]

LINES: Final = "columns 'A 400 nm' of the same data, at both wavelengths or around them"


def corrected(block: Block, data: Titration, observable: Observable) -> Block:
    """Return a block with what its ``observe`` line asks to be corrected.

    Raises
    ------
    FitError
        If the data do not hold what the correction needs.
    """
    excitation = option(observable, "excitation")
    is_modelled = any(option(observable, word) for word in FILTERS)
    if excitation is not None and not is_modelled and block.technique is Technique.FLUORESCENCE:
        at = option(observable, "at")
        emission = None if at is None else float(at)
        block = _undo_inner_filter(block, data, excitation=float(excitation), emission=emission)
    return take_off_offsets(block) if option(observable, "offset") else block


def _undo_inner_filter(block: Block, data: Titration, *, excitation: float, emission: float | None) -> Block:
    """Return the light as it would be if the sample swallowed none of it; errors grow with it."""
    axis = block.axis
    if emission is not None:
        axis = np.full(len(block.channels), emission)
    if axis is None:
        raise FitError(
            f"inner filter of '{block.name}'",
            found="no wavelength of the emission",
            allowed="columns such as 'F 520 nm', or 'at = 520 nm' in the 'observe' line",
            advice="write emission(InP37, In-SR', excitation = 400 nm, at = 520 nm)",
        )
    swallowed = 0.5 * (absorbance_at(data, np.array([excitation])) + absorbance_at(data, axis)) * block.path_length
    factor = 10.0**swallowed
    sigma = None if block.sigma is None else block.sigma * factor
    return replace(block, measured=block.measured * factor, sigma=sigma)


def absorbance_at(data: Titration, wavelength: Floats) -> Floats:
    """Return the measured absorbance of every point per cm of path, shape (n_points, n_wavelengths).

    Parameters
    ----------
    data : Titration
        Holds UV-vis signals.
    wavelength : ndarray, shape (n_wavelengths,)
        Wavelengths [nm], within those measured; between two of them the absorbance is taken as linear.

    Raises
    ------
    FitError
        If a wavelength or a value is missing.
    """
    seen = [each for each in data.signals if each.technique is Technique.UV_VIS and each.axis is not None]
    axis = np.concatenate([np.zeros(0), *(each.axis for each in seen if each.axis is not None)])
    table = np.concatenate([np.zeros((data.n_points, 0)), *(each.values / each.path_length for each in seen)], axis=1)
    order = np.argsort(axis, kind="stable")
    is_outside = not axis.size or wavelength.min() < axis.min() or wavelength.max() > axis.max()
    missing = wavelength if is_outside else np.zeros(0)
    absorbance = np.zeros((data.n_points, len(wavelength)))
    if not is_outside:
        rows = [np.interp(wavelength, axis[order], row[order]) for row in table]
        absorbance = np.array(rows).reshape(absorbance.shape)
        missing = wavelength[np.isnan(absorbance).any(axis=0)]
    if missing.size:
        raise FitError(
            f"absorbance in data '{data.name}'",
            found=f"none at {', '.join(f'{each:g} nm' for each in np.unique(missing)[:4])}",
            allowed=LINES,
            advice="add these columns, or leave 'excitation' out of the 'observe' line",
        )
    return absorbance


def take_off_offsets(block: Block) -> Block:
    """Return a block of spectra less the mean of each: whatever constant was added to a spectrum is gone.

    Raises
    ------
    FitError
        If the mean is not the best fit of such a constant, or amplitudes may not be negative.
    """
    measured, sigma = block.measured, block.sigma
    is_whole = np.isfinite(measured).all(axis=1) | ~np.isfinite(measured).any(axis=1)
    is_even = sigma is None or bool((sigma == sigma[:, :1])[np.isfinite(measured)].all())
    fault = (
        "a single wavelength" if len(block.channels) == 1
        else "spectra with gaps" if not is_whole.all()
        else "sigmas that differ within a spectrum" if not is_even
        else "spectra that may not be negative" if block.is_nonnegative
        else ""
    )  # fmt: skip
    if fault:
        raise FitError(
            f"offset of '{block.name}'",
            found=fault,
            allowed="whole spectra of two wavelengths or more, of one sigma each, free in sign",
            advice="leave 'offset' out, or take a 'baseline' (one constant per wavelength) instead",
        )
    known = {column: each - each.mean() for column, each in block.known_amplitudes.items()}
    n_offsets = int(np.isfinite(measured).any(axis=1).sum())
    return replace(block, measured=without_offsets(measured), known_amplitudes=known, n_offsets=n_offsets)

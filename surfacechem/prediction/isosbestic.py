"""What a series of spectra shows at a glance: where it stands still, where its maximum is, where it moves most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.display import round_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.prediction.record import Curves

    Floats = NDArray[np.float64]

__all__ = ["isosbestic_points", "isosbestic_sentence", "maxima"]

STILL_SHARE: Final = 5e-3
"""Of the largest change of all wavelengths: what moves less stands still."""
DARK_SHARE: Final = 1e-2
"""Of the largest absorbance: crossings below are those of tails."""
FEWEST_SPECTRA: Final = 3
"""Two spectra cross somewhere in any case."""


def isosbestic_points(wavelength: Floats, spectra: Floats) -> Floats:
    """Return where all spectra have the same absorbance [nm], between the samples by straight lines.

    The two spectra that differ most cross there, and no other one is off by more than 0.5 % of the largest change.

    Parameters
    ----------
    wavelength : ndarray, shape (n_channels,)
        Where they are given [nm].
    spectra : ndarray, shape (n_spectra, n_channels)
        Absorbances or molar absorption coefficients; spectra with NaN are left out.
    """
    known = spectra[np.isfinite(spectra).all(axis=1)]
    if not len(known):
        return np.zeros(0)
    first = known[_farthest(known, known[0])]
    gap = first - known[_farthest(known, first)]
    left = np.flatnonzero(np.sign(gap[1:]) * np.sign(gap[:-1]) < 0)
    share = gap[left] / (gap[left] - gap[left + 1])
    exact = np.flatnonzero((gap == 0) & (first > 0))
    place = np.concatenate([left + share, exact])
    below = np.minimum(np.floor(place).astype(np.intp), len(wavelength) - 2)
    share = place - below
    levels = known[:, below] * (1 - share) + known[:, below + 1] * share
    is_still = np.ptp(levels, axis=0) <= STILL_SHARE * np.ptp(known, axis=0).max(initial=0.0)
    is_seen = np.abs(levels).max(axis=0, initial=0.0) > DARK_SHARE * np.abs(known).max(initial=0.0)
    found = wavelength[below] * (1 - share) + wavelength[below + 1] * share
    return np.sort(found[is_still & is_seen])


def isosbestic_sentence(curves: Curves) -> str:
    """Say where a series of spectra has its isosbestic points, or that it has none; nothing of spectra that stay."""
    values = curves.values[np.isfinite(curves.values).all(axis=1)]
    change = np.ptp(values, axis=0).max(initial=0.0) if len(values) else 0.0
    if curves.axis is None or len(values) < FEWEST_SPECTRA or change <= DARK_SHARE * np.abs(values).max(initial=0.0):
        return ""
    points = isosbestic_points(curves.axis, values)
    if not len(points):
        return f"No isosbestic point of {curves.name}: at no wavelength do all spectra cross."
    places = ", ".join(str(round_number(float(point), n_digits=4)) for point in points)
    return f"Isosbestic point{'s' if len(points) > 1 else ''} of {curves.name}: {places} nm."


def maxima(wavelength: Floats, spectra: Floats) -> Floats:
    """Return the wavelength of the highest maximum of each spectrum [nm], by a parabola; NaN where nothing absorbs."""
    top = np.argmax(np.nan_to_num(spectra, nan=-np.inf), axis=1)
    inner = np.clip(top, 1, len(wavelength) - 2)
    rows = np.arange(len(spectra))
    before, here, after = (spectra[rows, inner + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    step = np.divide(before - after, 2 * bend, out=np.zeros(len(rows)), where=bend < 0)
    spacing = 0.5 * (wavelength[inner + 1] - wavelength[inner - 1])
    found = np.where(inner == top, wavelength[inner] + step * spacing, wavelength[top])
    return np.where(np.nan_to_num(spectra).any(axis=1), found, np.nan)


def _farthest(spectra: Floats, other: Floats) -> int:
    return int(np.argmax(np.linalg.norm(spectra - other, axis=1)))

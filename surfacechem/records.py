"""Records that travel between rooms: what was measured, as floats in kernel units.

``io`` makes them from files, ``fitting`` reads them, ``plotting`` and ``report`` show them.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (read back by type)
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray  # noqa: TC002  (read back by type)

from surfacechem.errors import DataError

KERNEL_UNITS = ("mol/L", "1", "ppm", "Hz", "J", "eV", "1/nm^2")
"""Units in which signals are held."""
LARGEST = 1e100
"""Of values, their errors and amounts: squares of larger numbers are no floats."""

__all__ = ["Signal", "Technique", "Titration", "Unknown"]


class Technique(StrEnum):
    """What was measured."""

    NMR_INTEGRAL = "nmr-integral"
    NMR_SHIFT = "nmr-shift"
    UV_VIS = "uv-vis"
    FLUORESCENCE = "fluorescence"
    ITC = "itc"
    BAND_POSITION = "band-position"
    LIGAND_COUNT = "ligand-count"


@dataclass(frozen=True, kw_only=True, eq=False)
class Signal:
    """Channels of one technique that share one observation model, e.g. all wavelengths of a series.

    Attributes
    ----------
    name : str
        Name that an ``observe`` line of the model refers to, e.g. ``"bound"``, ``"delta"``, ``"A"``.
    technique : Technique
        What was measured.
    channels : tuple of str
        One label per column of `values`; wavelengths of spectra are in `axis` as well.
    values : ndarray, shape (n_points, n_channels)
        Measured values in `unit`; NaN where nothing was measured.
    unit : str
        Unit of `values`, kernel unit of its kind ("mol/L" for absolute integrals, "1" for relative ones,
        "ppm" or "Hz" for shifts, "1" for absorbance, "J" for heats).
    sigma : ndarray, shape (n_points, n_channels), optional
        Standard deviation of `values`, same unit.
    axis : ndarray, shape (n_channels,), optional
        Wavelength of each channel [nm].
    path_length : float
        Optical path [cm].

    Raises
    ------
    DataError
        If shapes do not fit each other, the unit is no kernel unit or the path is not above 0.
    """

    name: str
    technique: Technique
    channels: tuple[str, ...]
    values: NDArray[np.float64]
    unit: str
    sigma: NDArray[np.float64] | None = None
    axis: NDArray[np.float64] | None = None
    path_length: float = 1.0

    def __post_init__(self) -> None:
        """Refuse arrays of other shapes and other units."""
        what = f"signal '{self.name}'"
        shape = (len(self.values), len(self.channels)) if np.ndim(self.values) else ()
        _check_shape(f"{what}, values", self.values, shape, "points x channels")
        _check_shape(f"{what}, sigma", self.sigma, shape, "as values: points x channels")
        _check_shape(f"{what}, axis", self.axis, shape[1:], "one wavelength per channel")
        if self.unit not in KERNEL_UNITS:
            advice = "convert the values, e.g. mmol/L to mol/L by a factor of 0.001"
            raise DataError(f"{what}, unit", found=f"'{self.unit}'", allowed=", ".join(KERNEL_UNITS), advice=advice)
        if not self.path_length > 0:
            advice = "give the optical path in cm"
            raise DataError(f"{what}, path", found=f"{self.path_length}", allowed="above 0", advice=advice)


@dataclass(frozen=True, kw_only=True, eq=False)
class Unknown:
    """A feed of unknown concentration: its amounts are ``known + shares @ c``, where a fit finds ``c`` [mol/L].

    Attributes
    ----------
    feed : str
        Which of the feeds.
    solutions : tuple of str
        The solutions whose concentration of it is unknown: ``"cell"``, ``"titrant"``, ``"titrant a"``, a stock.
    known : ndarray, shape (n_points,)
        What solutions of known concentration bring [mol/L].
    shares : ndarray, shape (n_points, n_solutions)
        Part of the vessel that is solution ``s`` at point ``p`` [1].
    """

    feed: str
    solutions: tuple[str, ...]
    known: NDArray[np.float64]
    shares: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Titration:
    """One titration: what was in the vessel at each point, and what was measured there.

    Attributes
    ----------
    name : str
        Short name, usually the file's stem.
    feeds : tuple of str
        Names of what was put in, as the model's `Network.feeds` names them.
    amounts : ndarray, shape (n_points, n_feeds)
        Concentration of each fed thing in the vessel, dilution included [mol/L]; ``amounts[p, j]`` is feed
        ``j`` at point ``p``. NaN in a whole column: unknown, to be fitted.
    unknowns : tuple of Unknown
        How the unknown columns come from solutions of unknown concentration. A NaN column without one is what was in
        the vessel at the start, diluted by `added`.
    signals : tuple of Signal
        What was measured.
    labels : tuple of str
        One label per point, as in the file (row number where the file has none).
    added : ndarray, shape (n_points,), optional
        Volume added so far [L].
    initial_volume : float, optional
        Volume before the first addition [L].
    temperature : float, optional
        Temperature [K].
    source : str
        File name as given by the user.
    sha256 : str
        Hash of the file's bytes.
    notes : tuple of str
        What was assumed while reading, one sentence each.
    meta : mapping
        The file's own header lines and reader-specific facts.

    Raises
    ------
    DataError
        If arrays, names and signals do not fit each other.
    """

    name: str
    feeds: tuple[str, ...]
    amounts: NDArray[np.float64]
    signals: tuple[Signal, ...]
    labels: tuple[str, ...]
    added: NDArray[np.float64] | None = None
    initial_volume: float | None = None
    unknowns: tuple[Unknown, ...] = ()
    temperature: float | None = None
    source: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse arrays, names and signals that do not fit each other."""
        what = f"titration '{self.name}'"
        shape = (len(self.labels), len(self.feeds))
        _check_shape(f"{what}, amounts", self.amounts, shape, "labels x feeds")
        _check_shape(f"{what}, added", self.added, shape[:1], "one volume per label")
        for signal in self.signals:
            allowed = (shape[0], len(signal.channels))
            _check_shape(f"{what}, signal '{signal.name}'", signal.values, allowed, "labels x channels")
        for unknown in self.unknowns:
            _check_shape(f"{what}, known part of '{unknown.feed}'", unknown.known, shape[:1], "one amount per label")
            solutions = (shape[0], len(unknown.solutions))
            _check_shape(f"{what}, shares of '{unknown.feed}'", unknown.shares, solutions, "labels x solutions")
        strangers = {unknown.feed for unknown in self.unknowns} - set(self.feeds)
        twice = {feed for feed in self.feeds if self.feeds.count(feed) > 1}
        if strangers or twice:
            found = ", ".join(sorted(strangers or twice)) + (" unknown, but not fed" if strangers else " twice")
            advice = "name each feed once, and unknowns among them"
            raise DataError(f"{what}, feeds", found=found, allowed=", ".join(self.feeds), advice=advice)

    def is_repeated_in(self, other: Titration) -> bool:
        """Tell whether another record holds the same amounts and values to the last digit."""
        pairs = [(self.amounts, other.amounts)]
        pairs += [(mine.values, its.values) for mine, its in zip(self.signals, other.signals, strict=False)]
        is_alike = len(self.signals) == len(other.signals) and self.feeds == other.feeds
        return is_alike and all(np.array_equal(mine, its, equal_nan=True) for mine, its in pairs)

    def refuse_impossible(self) -> None:
        """Refuse amounts, values and standard deviations that cannot be; NaN stands for what is not known.

        Raises
        ------
        DataError
            With the first of them.
        """
        what = f"titration '{self.name}'"
        is_wrong = (self.amounts < 0) | (self.amounts > LARGEST)
        _refuse_numbers(f"{what}, amounts", self.amounts, is_wrong, "0 or more")
        for signal in self.signals:
            values, sigma = signal.values, signal.sigma
            _refuse_numbers(f"{what}, '{signal.name}'", values, np.abs(values) > LARGEST, "finite")
            if sigma is not None:
                is_wrong = ~((sigma > 0) & (sigma <= LARGEST)) & ~np.isnan(values)
                _refuse_numbers(f"{what}, sigma of '{signal.name}'", sigma, is_wrong, "above 0")

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self.amounts)

    def __repr__(self) -> str:
        """Return name, size and contents on one line; arrays are for `amounts` and the signals."""
        signals = ", ".join(f"{each.name} ({each.technique}, {len(each.channels)})" for each in self.signals)
        return f"<Titration {self.name}: {self.n_points} points of {', '.join(self.feeds) or 'no feeds'}; {signals}>"

    def _repr_html_(self) -> str:
        feeds = zip(self.feeds, 1e3 * self.amounts.T, strict=True)
        rows = [(feed, "in the vessel", f"{_span(amounts)} mmol/L") for feed, amounts in feeds]
        rows += [
            (
                each.name,
                f"{each.technique}, {_count(len(each.channels), 'channel')}",
                f"{_span(each.values)} {each.unit}".removesuffix(" 1"),
            )
            for each in self.signals
        ]
        head = "".join(f'<th scope="col">{name}</th>' for name in ("name", "what", f"{_count(self.n_points, 'point')}"))
        body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        notes = "\n".join(f'<p class="note">{escape(note)}</p>' for note in self.notes)
        caption = f"<caption>{escape(self.name)}</caption>"
        return f'<table class="surfacechem">\n{caption}\n<tr>{head}</tr>\n{body}\n</table>\n{notes}'


def _check_shape(what: str, array: NDArray[np.float64] | None, shape: tuple[int, ...], meaning: str) -> None:
    """Refuse what is no array of real numbers of this shape."""
    if array is None or (isinstance(array, np.ndarray) and array.shape == shape and array.dtype.kind in "fiu"):
        return
    found = f"shape {array.shape} of {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
    advice = "give a numpy array of floats; one column needs values[:, np.newaxis]"
    raise DataError(what, found=found, allowed=f"an array of shape {shape}, {meaning}", advice=advice)


def _refuse_numbers(what: str, array: NDArray[np.float64], is_wrong: NDArray[np.bool_], allowed: str) -> None:
    if is_wrong.any():
        found, advice = f"{array[is_wrong].flat[0]:g}", "correct the number; NaN where nothing is known"
        raise DataError(what, found=found, allowed=f"numbers {allowed}, at most {LARGEST:g}", advice=advice)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _span(values: NDArray[np.float64]) -> str:
    """Return the least and the largest value as text."""
    known = values[~np.isnan(values)]
    return f"{known.min():.4g} to {known.max():.4g}" if known.size else "unknown"

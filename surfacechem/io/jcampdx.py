"""JCAMP-DX spectra, one or several in a file, decoded by the package `jcamp` (extra ``spectra``)."""

from __future__ import annotations

import contextlib
import io
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from surfacechem.errors import DataError, Location, MissingExtraError, UnitError
from surfacechem.io.spectra import Spectra
from surfacechem.units import Kind, from_kernel, to_kernel

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats
    from surfacechem.io.source import Source
    from surfacechem.records import Titration

__all__ = ["START", "read_jcampdx", "read_jcampdx_spectra"]

START: Final = "##TITLE"
MOST_POINTS: Final = 100_000
MOST_SPECTRA: Final = 500
LONGEST_LINE: Final = 2_000
MOST_EXPANDED: Final = 20_000_000
"""Characters that repeated values may unfold to; a short file can ask for any number."""
_POINTS: Final = re.compile(r"#+\s*NPOINTS\s*=([^$]*)", re.IGNORECASE)
_REPEATS: Final = re.compile(r"[S-Zs]")
_AXIS_UNITS: Final = {"nanometers": "nm", "nm": "nm", "1/cm": "1/cm", "cm-1": "1/cm", "micrometers": "um", "um": "um"}


def read_jcampdx(source: Source, lines: list[str], faults: list[SurfaceChemError]) -> Titration:
    """Return the spectra as a titration without composition, which this layout does not hold."""
    return read_jcampdx_spectra(source, lines, faults).titration(source, layout="JCAMP-DX", notes=())


def read_jcampdx_spectra(source: Source, lines: list[str], faults: list[SurfaceChemError]) -> Spectra:
    """Return the spectra of a file; what is wrong is added to the faults.

    Raises
    ------
    MissingExtraError
        If the package that decodes them is not installed.
    """
    _screen(source, lines)
    blocks = _blocks(source, lines)
    axes = [axis for block in blocks for axis in _axis(source, block, faults)]
    names = [str(block.get("title", ""))[:80] or f"spectrum {number}" for number, block in enumerate(blocks, 1)]
    others = [name for name, axis in zip(names, axes, strict=False) if not np.array_equal(axis, axes[0])]
    if others:
        advice = "save spectra of one range and interval in one file"
        found, allowed = f"other wavelengths in '{others[0][:40]}'", "one axis for all spectra of a file"
        faults.append(source.refusal(found, allowed, advice))
    if faults:
        return Spectra(names=(), axis=np.zeros(0), values=np.zeros((0, 0)))
    return Spectra(names=tuple(names), axis=axes[0], values=np.array([block["y"] for block in blocks], dtype=float))


def _screen(source: Source, lines: list[str]) -> None:
    """Refuse what the decoder would choke on, before it sees the file."""
    expanded = 0
    for number, line in enumerate(lines, 1):
        points = _POINTS.match(line)
        if points and not _number(points[1]) <= MOST_POINTS:
            raise source.refusal(f"{points[1].strip()[:40]} points", f"at most {MOST_POINTS}", "keep fewer wavelengths")
        if line.startswith(("##", "$$")):
            continue
        expanded += len(line) * (1 + 8 * len(_REPEATS.findall(line)))
        if len(line) > LONGEST_LINE or expanded > MOST_EXPANDED:
            where = Location(file=source.file, line=number, text=line)
            allowed = f"lines of {LONGEST_LINE} characters, values that unfold to {MOST_EXPANDED // 10**6} MB"
            raise DataError("JCAMP-DX file", found="more", allowed=allowed, advice="save it uncompressed", where=where)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _blocks(source: Source, lines: list[str]) -> list[dict[str, Any]]:
    """Return the spectra's fields and arrays ``x``, ``y``, decoded."""
    try:
        import jcamp
    except ImportError as error:
        raise MissingExtraError(
            "JCAMP-DX reader",
            found="package 'jcamp' not installed",
            allowed="the extra 'spectra'",
            advice='pip install "surfacechem[spectra]"',
        ) from error
    said = io.StringIO()
    try:
        # The decoder prints where checks of the file fail, and goes on.
        with contextlib.redirect_stdout(said), np.errstate(all="ignore"):
            found = jcamp.read(lines)
    except Exception as error:  # the decoder raises bare Exception on damage, beside a dozen others
        raise _damaged(source, f"{type(error).__name__}: {error}") from error
    blocks: list[dict[str, Any]] = found.get("children", [found])
    if said.getvalue():
        raise _damaged(source, said.getvalue().split("\n")[0])
    if not 0 < len(blocks) <= MOST_SPECTRA:
        raise source.refusal(f"{len(blocks)} spectra", f"1 to {MOST_SPECTRA}", "save those of one titration")
    return blocks


def _damaged(source: Source, reason: str) -> DataError:
    return source.refusal(f"damaged JCAMP-DX ({reason[:80]})", "a whole file", "save the spectrum again, or as CSV")


def _axis(source: Source, block: dict[str, Any], faults: list[SurfaceChemError]) -> list[Floats]:
    """Return the wavelengths [nm] of one spectrum of absorbance, or nothing after noting the fault."""
    x, y = np.asarray(block.get("x", ()), dtype=float), np.asarray(block.get("y", ()), dtype=float)
    title, units = str(block.get("title", ""))[:40], (str(block.get("xunits", "")), str(block.get("yunits", "")))
    if len(x) == 0 or len(x) != len(y) or len(x) != block.get("npoints"):
        found = f"{len(x)} wavelengths, {len(y)} values, NPOINTS={str(block.get('npoints', 'not given'))[:20]}"
        faults.append(_damaged(source, f"'{title}': {found}"))
        return []
    if not (np.isfinite(x).all() and np.isfinite(y).all() and (x > 0).all()):
        faults.append(_damaged(source, f"'{title}': values that are not finite, or a wavelength that is not positive"))
        return []
    unit = _AXIS_UNITS.get(units[0].strip().lower())
    if unit is None or not units[1].strip().lower().startswith("absorb"):
        found, allowed = f"{units[1][:30]} against {units[0][:30]}", "ABSORBANCE against NANOMETERS or 1/CM"
        advice = "save absorbance; an NMR spectrum must be integrated first"
        faults.append(source.refusal(found, allowed, advice))
        return []
    try:
        energies = np.asarray(to_kernel(x, unit, Kind.PHOTON_ENERGY))
    except UnitError as fault:
        faults.append(fault)
        return []
    return [x if unit == "nm" else np.asarray(from_kernel(energies, Kind.PHOTON_ENERGY, unit="nm"))]

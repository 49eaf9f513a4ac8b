"""MicroCal's raw power (.itc of VP-ITC, iTC200, PEAQ): settings, plan of injections, power against time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from surfacechem.errors import DataError, Location
from surfacechem.io.calorimetry import LARGEST_SETTING, Cell, titration_of_heats
from surfacechem.records import Titration
from surfacechem.units import Kind, to_kernel

if TYPE_CHECKING:
    from surfacechem.errors import SurfaceChemError
    from surfacechem.io.grid import Floats
    from surfacechem.io.source import Source

__all__ = ["START", "read_microcal"]

START: Final = "$ITC"
MOST_INJECTIONS: Final = 1_000
LEAST_SAMPLES: Final = 5
_TEMPERATURE_LINE: Final = 3  # counted from 0, as in files of VPViewer 1.4 and iTC200 1.26 and in bitc's reader
_NUMBER: Final = r"\s*([-+]?[0-9]{1,12}(?:\.[0-9]{0,20})?(?:[eE][-+]?[0-9]{1,2})?)\s*"
_PLAN: Final = re.compile(rf"\${_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_ONE: Final = re.compile(rf"[$#]{_NUMBER}")
_MARK: Final = re.compile(rf"@\s*([0-9]{{1,4}})(?:,{_NUMBER})?(?:,.*)?")
_SAMPLE: Final = re.compile(rf"{_NUMBER},{_NUMBER},.*")
# The lines with '#' below the plan; the first of them holds nothing that we know.
_SETTINGS: Final = (
    ("concentration in the syringe", "mmol/L", Kind.CONCENTRATION),
    ("concentration in the cell", "mmol/L", Kind.CONCENTRATION),
    ("volume of the cell", "mL", Kind.VOLUME),
)


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What was recorded: times [s], power [ucal/s], and for each injection its first sample and volume [uL]."""

    time: Floats
    power: Floats
    starts: tuple[int, ...]
    volumes: tuple[float, ...]


def read_microcal(source: Source, lines: list[str], faults: list[SurfaceChemError]) -> Titration:
    """Return the heats of the injections, integrated from the power; faults are added to the list."""
    plan = _plan(lines)
    in_syringe, in_cell, volume = _settings(source, lines, len(plan), faults)
    temperature = _temperature(source, lines, faults)
    run = _run(source, lines, plan, faults)
    if faults:
        return Titration(name=source.stem, feeds=(), amounts=np.zeros((0, 0)), signals=(), labels=())
    cell = Cell(in_cell=in_cell, in_syringe=in_syringe, volume=volume, temperature=temperature)
    notes = _notes(plan, run, cell)
    injected, layout = np.array(run.volumes), "MicroCal .itc"
    return titration_of_heats(source, cell, injected, _heats(run), layout=layout, notes=notes, faults=faults)


def _heats(run: _Run) -> Floats:
    from surfacechem.fitting.thermogram import integrate

    return integrate(run.time, run.power, np.array(run.starts))


def _notes(plan: list[float], run: _Run, cell: Cell) -> tuple[str, ...]:
    notes = [
        "MicroCal .itc: power in ucal/s, concentrations in mmol/L, cell in mL, injections in uL",
        "heats integrated here, above a monotone cubic through the last fifth of each interval between injections",
    ]
    if len(run.starts) < len(plan):
        notes.append(f"{len(run.starts)} of {len(plan)} planned injections were made")
    for name, amount in (("cell", cell.in_cell), ("syringe", cell.in_syringe)):
        if amount == 0:
            notes.append(f"concentration in the {name} is 0 in the file: a blank, or it was not entered")
    return tuple(notes)


def _fault(source: Source, lines: list[str], index: int, what: str, allowed: str) -> DataError:
    text = lines[index] if index < len(lines) else None
    where = Location(file=source.file, line=min(index, len(lines)) + 1, text=text)
    found = f"'{text.strip()[:40]}'" if text is not None else "the end of the file"
    advice = "give the .itc file as the instrument wrote it, or the .DH file of Origin"
    return DataError(what, found=found, allowed=allowed, advice=advice, where=where)


def _plan(lines: list[str]) -> list[float]:
    """Return the planned volumes [uL], from the lines ``$ volume , duration , spacing , filter``."""
    matches = (_PLAN.fullmatch(line) for line in lines[: MOST_INJECTIONS + 20])
    return [float(match[1]) for match in matches if match]


def _temperature(source: Source, lines: list[str], faults: list[SurfaceChemError]) -> float:
    match = _ONE.fullmatch(lines[_TEMPERATURE_LINE]) if len(lines) > _TEMPERATURE_LINE else None
    if match is None:
        faults.append(_fault(source, lines, _TEMPERATURE_LINE, "temperature", "'$ 25', in degC"))
        return float("nan")
    return to_kernel(float(match[1]), "degC", Kind.TEMPERATURE)


def _settings(
    source: Source, lines: list[str], n_injections: int, faults: list[SurfaceChemError]
) -> tuple[float, float, float]:
    """Return both concentrations [mol/L] and the volume of the cell [L]."""
    last = next((index for index, line in reversed(list(enumerate(lines[:1100]))) if _PLAN.fullmatch(line)), None)
    if last is None or n_injections == 0:
        faults.append(_fault(source, lines, len(lines), "plan of injections", "lines '$ 12 , 24 , 276 , 2'"))
        return (0.0, 0.0, 1.0)
    values = []
    for offset, (what, unit, kind) in enumerate(_SETTINGS, last + 2):
        match = _ONE.fullmatch(lines[offset]) if offset < len(lines) else None
        number = float(match[1]) if match else float("nan")
        is_good = LARGEST_SETTING > number >= 0 and (number > 0 or kind is not Kind.VOLUME)
        if not is_good:
            faults.append(_fault(source, lines, offset, what, "more than 0" if kind is Kind.VOLUME else "0 or more"))
        values.append(to_kernel(number if is_good else 1.0, unit, kind))
    return (values[0], values[1], values[2])


def _run(source: Source, lines: list[str], plan: list[float], faults: list[SurfaceChemError]) -> _Run:
    """Return the recorded samples and the marks of the injections among them."""
    begin = next((index for index, line in enumerate(lines) if line.startswith("@")), len(lines))
    time: list[float] = []
    power: list[float] = []
    starts: list[int] = []
    volumes: list[float] = []
    for index, line in enumerate(lines[begin:], begin):
        mark = _MARK.fullmatch(line.strip()) if line.startswith("@") else None
        sample = _SAMPLE.fullmatch(line) if mark is None else None
        if mark is not None:
            number = int(mark[1])
            if number == len(starts) + 1 and number <= len(plan):
                starts.append(len(time))
                volumes.append(float(mark[2]) if mark[2] else plan[number - 1])
            elif number:
                faults.append(_fault(source, lines, index, "mark of an injection", f"'@{len(starts) + 1}'"))
                break
        elif sample is not None and (not time or float(sample[1]) > time[-1]):
            time.append(float(sample[1]))
            power.append(float(sample[2]))
        elif line.strip():
            faults.append(_fault(source, lines, index, "sample of power", "growing time and power: '62.00,4.810,25.0'"))
            break
    run = _Run(time=np.array(time), power=np.array(power), starts=tuple(starts), volumes=tuple(volumes))
    if not faults:
        _check_run(source, lines, run, faults)
    return run


def _check_run(source: Source, lines: list[str], run: _Run, faults: list[SurfaceChemError]) -> None:
    """Add a fault where there is nothing to integrate, too little of it, or an injection of nothing."""
    gaps = np.diff([0, *run.starts, len(run.time)])
    if not run.starts or gaps.min() < LEAST_SAMPLES:
        allowed = f"{LEAST_SAMPLES} samples of power before and after each mark '@1'"
        faults.append(_fault(source, lines, len(lines), "recorded power", allowed))
    elif min(run.volumes) <= 0:
        number = int(np.argmin(run.volumes)) + 1
        index = next(i for i, line in enumerate(lines) if line.startswith(f"@{number}"))
        faults.append(_fault(source, lines, index, "injected volume", "more than 0"))

"""Raw power as text: MicroCal's .itc, and NanoAnalyze's .ta, which is the same layout without plan and feedback.

A .ta file (TA Instruments' NanoAnalyze, export for other programs) holds ``$ITC``, ``$ 18`` injections, ``$NOT``, the
settings, then time and power, with a mark and its volume at each injection: see the file and the reader of FT-ITC
Analysis (github.com/FrederikTheisen/FT-ITC-Analysis, TAFileReader, AnalysisITC.Tests/FileTypeTests).
"""

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
COLDEST: Final = -50.0  # degC; with HOTTEST wider than any of these instruments goes
HOTTEST: Final = 200.0
# Counted from 0: the temperature in files of VPViewer 1.4 and iTC200 1.26 and in bitc's reader, settings in a .ta.
_FIRST_LINE: Final = 3
_NUMBER: Final = r"\s*([-+]?[0-9]{1,12}(?:\.[0-9]{0,20})?(?:[eE][-+]?[0-9]{1,2})?)\s*"
_PLAN: Final = re.compile(rf"\${_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_COUNT: Final = re.compile(r"\$\s*([0-9]{1,4})\s*")
_ONE: Final = re.compile(rf"[$#]{_NUMBER}")
_MARK: Final = re.compile(rf"@\s*([0-9]{{1,4}})(?:,{_NUMBER})?(?:,.*)?")
_SAMPLE: Final = re.compile(rf"{_NUMBER},{_NUMBER}(?:,.*)?")
# The lines with '#' below the plan; the first of them holds nothing that we know, a temperature may follow.
_SETTINGS: Final = (
    ("concentration in the syringe", "mmol/L", Kind.CONCENTRATION),
    ("concentration in the cell", "mmol/L", Kind.CONCENTRATION),
    ("volume of the cell", "mL", Kind.VOLUME),
)


@dataclass(frozen=True, kw_only=True)
class _Form:
    """Whose file it is: index of the first ``#`` line and of the temperature, and the planned volumes [uL].

    NaN in the plan: only the mark of the injection says how much it was.
    """

    name: str
    settings: int
    temperature: int
    plan: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What was recorded: times [s], power [ucal/s], and for each injection its first sample and volume [uL]."""

    time: Floats
    power: Floats
    starts: tuple[int, ...]
    volumes: tuple[float, ...]


def read_microcal(source: Source, lines: list[str], faults: list[SurfaceChemError]) -> Titration:
    """Return the heats of the injections, integrated from the power; faults are added to the list."""
    form = _form(source, lines, faults)
    in_syringe, in_cell, volume = _settings(source, lines, form, faults)
    temperature = _temperature(source, lines, form, faults)
    run = _run(source, lines, form.plan, faults)
    if faults:
        return Titration(name=source.stem, feeds=(), amounts=np.zeros((0, 0)), signals=(), labels=())
    cell = Cell(in_cell=in_cell, in_syringe=in_syringe, volume=volume, temperature=temperature)
    notes, injected = _notes(form, run, cell), np.array(run.volumes)
    return titration_of_heats(source, cell, injected, _heats(run), layout=form.name, notes=notes, faults=faults)


def _heats(run: _Run) -> Floats:
    from surfacechem.fitting.thermogram import integrate

    return integrate(run.time, run.power, np.array(run.starts))


def _notes(form: _Form, run: _Run, cell: Cell) -> tuple[str, ...]:
    notes = [
        f"{form.name}: power in ucal/s, concentrations in mmol/L, cell in mL, injections in uL",
        "heats integrated here, above a monotone cubic through the last fifth of each interval between injections",
    ]
    if len(run.starts) < len(form.plan):
        notes.append(f"{len(run.starts)} of {len(form.plan)} planned injections were made")
    for name, amount in (("cell", cell.in_cell), ("syringe", cell.in_syringe)):
        if amount == 0:
            notes.append(f"concentration in the {name} is 0 in the file: a blank, or it was not entered")
    return tuple(notes)


def _fault(source: Source, lines: list[str], index: int, what: str, allowed: str) -> DataError:
    text = lines[index] if index < len(lines) else None
    where = Location(file=source.file, line=min(index, len(lines)) + 1, text=text)
    found = f"'{text.strip()[:40]}'" if text is not None else "the end of the file"
    advice = "give the .itc file as the instrument wrote it, or heats as text"
    return DataError(what, found=found, allowed=allowed, advice=advice, where=where)


def _form(source: Source, lines: list[str], faults: list[SurfaceChemError]) -> _Form:
    """Return whose file it is; NanoAnalyze's settings follow at once, MicroCal's after the plan of injections."""
    if len(lines) > _FIRST_LINE and lines[_FIRST_LINE].startswith("#"):
        count = _COUNT.fullmatch(lines[1])
        if count is None:
            faults.append(_fault(source, lines, 1, "number of injections", f"'$ 20', at most {MOST_INJECTIONS}"))
        n_injections = int(count[1]) if count else 0
        plan = (float("nan"),) * min(n_injections, MOST_INJECTIONS)
        return _Form(name="NanoAnalyze .ta", settings=_FIRST_LINE, temperature=_FIRST_LINE + 4, plan=plan)
    planned = {
        index: float(match[1])
        for index, line in enumerate(lines[: MOST_INJECTIONS + 20])
        if (match := _PLAN.fullmatch(line))
    }
    if not planned:
        faults.append(_fault(source, lines, len(lines), "plan of injections", "lines '$ 12 , 24 , 276 , 2'"))
    begin = max(planned, default=len(lines)) + 1
    return _Form(name="MicroCal .itc", settings=begin, temperature=_FIRST_LINE, plan=tuple(planned.values()))


def _temperature(source: Source, lines: list[str], form: _Form, faults: list[SurfaceChemError]) -> float:
    match = _ONE.fullmatch(lines[form.temperature]) if len(lines) > form.temperature else None
    number = float(match[1]) if match else float("nan")
    if not COLDEST < number < HOTTEST:
        faults.append(_fault(source, lines, form.temperature, "temperature", "'$ 25' or '# 25', in degC"))
        return float("nan")
    return to_kernel(number, "degC", Kind.TEMPERATURE)


def _settings(
    source: Source, lines: list[str], form: _Form, faults: list[SurfaceChemError]
) -> tuple[float, float, float]:
    """Return both concentrations [mol/L] and the volume of the cell [L]; nothing is looked for without a plan."""
    values = []
    for index, (what, unit, kind) in enumerate(_SETTINGS if form.plan else (), form.settings + 1):
        match = _ONE.fullmatch(lines[index]) if index < len(lines) else None
        number = float(match[1]) if match else float("nan")
        is_good = LARGEST_SETTING > number >= 0 and (number > 0 or kind is not Kind.VOLUME)
        if not is_good:
            faults.append(_fault(source, lines, index, what, "more than 0" if kind is Kind.VOLUME else "0 or more"))
        values.append(to_kernel(number if is_good else 1.0, unit, kind))
    return (values[0], values[1], values[2]) if values else (0.0, 0.0, 1.0)


def _run(source: Source, lines: list[str], plan: tuple[float, ...], faults: list[SurfaceChemError]) -> _Run:
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
    elif not all(volume > 0 for volume in run.volumes):
        number = next(number for number, volume in enumerate(run.volumes, 1) if not volume > 0)
        index = next(i for i, line in enumerate(lines) if line.startswith(f"@{number}"))
        faults.append(_fault(source, lines, index, "injected volume", "more than 0"))

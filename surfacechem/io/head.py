"""The ``# key: value`` lines on top of a titration file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from surfacechem.constants import COLDEST, HOTTEST
from surfacechem.errors import DataError, Location, SurfaceChemError, UnitError
from surfacechem.records import Technique
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.io.grid import Grid, Row

__all__ = ["Head", "Range", "Standard", "Titrant", "is_beside", "read_head"]

_KEY: Final = re.compile(r"(?P<key>[A-Za-z][A-Za-z0-9 _-]{0,40}?)\s*:(?!//)\s*(?P<value>.*)")
_CONTENT: Final = re.compile(r"(?P<name>[^\s=:]+)\s*[=:]?\s+(?P<amount>\?|[-+.0-9].*)")
_SOLID: Final = re.compile(r"(?P<name>\S+)\s+solid\s+(?P<molar_mass>.+)")
_STANDARD: Final = re.compile(r"(?P<amount>.+?)\s*[,;]\s*(?P<protons>[0-9]{1,3})\s*H")
_PAIR: Final = re.compile(r"\s*(?P<left>[^=]+?)\s*=\s*(?P<right>.+?)\s*")
_DECIMAL_COMMA: Final = re.compile(r"[0-9],[0-9]")
_RANGE: Final = re.compile(
    r"(?P<one>-?[0-9]{1,4}(?:\.[0-9]{1,9})?)\s*\.\.\s*(?P<other>-?[0-9]{1,4}(?:\.[0-9]{1,9})?)(?:\s*ppm)?"
)
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}")
UNKNOWN: Final = "?"
MOST_FAULTS: Final = 30
NEAR_ENOUGH: Final = 0.75


@dataclass(frozen=True, kw_only=True)
class Titrant:
    """What is added: a solution, or a solid with its molar mass.

    Attributes
    ----------
    label : str
        Word that its column names: ``# titrant a: ...`` belongs to ``added a [uL]``; empty for a single one.
    contents : dict
        Concentration of each feed [mol/L]; NaN where it is to be fitted. Empty for a solid.
    solid : str
        Feed that is added as a solid; empty for a solution.
    molar_mass : float
        Molar mass of the solid [g/mol].
    """

    label: str = ""
    contents: dict[str, float] = field(default_factory=dict)
    solid: str = ""
    molar_mass: float = float("nan")


@dataclass(frozen=True, kw_only=True)
class Standard:
    """An internal standard of integrals: its concentration in the vessel at the start [mol/L] and protons."""

    concentration: float
    protons: int


@dataclass(frozen=True, kw_only=True)
class Range:
    """A range of chemical shifts [ppm], both ends included."""

    lower: float
    upper: float


@dataclass(kw_only=True)
class Head:
    """What the ``#`` lines of a file say; None or empty where they say nothing."""

    technique: Technique | None = None
    cell: dict[str, float] | None = None
    titrants: list[Titrant] = field(default_factory=list)
    volume: float | None = None
    temperature: float | None = None
    path_length: float | None = None
    standard: Standard | None = None
    protons: dict[str, float] = field(default_factory=dict)
    sigma: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    shifts: dict[str, Range] = field(default_factory=dict)
    integrals: dict[str, Range] = field(default_factory=dict)
    sites: dict[str, float] = field(default_factory=dict)
    name: str = ""
    spectra: str = ""
    series: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Location] = field(default_factory=dict)


def read_head(grid: Grid, faults: list[SurfaceChemError]) -> Head:
    """Return what the ``#`` lines say; faults are added to the list."""
    head = Head()
    for row in grid.remarks:
        match = _KEY.fullmatch(row.cells[0])
        if match is None or len(faults) > MOST_FAULTS:
            continue
        key, value = match["key"].lower().strip(), match["value"].strip()
        where = _where(grid, row, value)
        try:
            _take(head, key, value, where)
        except (UnitError, DataError) as fault:
            faults.append(fault if fault.where else fault.at(where))
    return head


def _where(grid: Grid, row: Row, value: str) -> Location:
    start = row.text.find(value) if value else row.text.find(":") + 1
    return Location(file=grid.file, line=row.number, column=start + 1, text=row.text)


def _take(head: Head, key: str, value: str, where: Location) -> None:
    """Put one line into the head."""
    word, _, label = key.partition(" ")
    if word in _READERS and (not label or word == "titrant"):
        if word in head.places and word != "titrant":
            raise DataError(f"line '# {word}:'", found="a second one", allowed="one", advice="delete one of the two")
        head.places.setdefault(word, where)
        head.places.setdefault(key, where)
        if not value:
            raise DataError(f"line '# {key}:'", found="nothing after the colon", advice=_EXAMPLES.get(word, ""))
        _READERS[word](head, value, label)
        return
    near = get_close_matches(word, _READERS, n=1, cutoff=NEAR_ENOUGH)
    if near:
        known = ", ".join(_READERS)
        raise DataError(f"line '# {key}:'", found=f"'{key}'", allowed=known, advice=f"did you mean '# {near[0]}:'?")
    head.meta[key] = value


def _technique(head: Head, value: str, _label: str) -> None:
    known = [technique.value for technique in Technique]
    if value.lower() not in known:
        near = get_close_matches(value.lower(), known, n=1, cutoff=0.3)
        advice = f"did you mean '{near[0]}'?" if near else _EXAMPLES["technique"]
        raise DataError("technique", found=f"'{value[:40]}'", allowed=", ".join(known), advice=advice)
    head.technique = Technique(value.lower())


def contents(value: str, *, what: str) -> dict[str, float]:
    """Return names and concentrations [mol/L] of ``InP37 0.5 mmol/L, HO2CR 1 mmol/L``; ``?`` is NaN."""
    if _DECIMAL_COMMA.search(value):
        plain = _DECIMAL_COMMA.sub(lambda match: match[0].replace(",", "."), value)
        raise DataError(what, found=f"'{value[:60]}'", allowed="decimal points here", advice=f"write '{plain[:60]}'")
    found: dict[str, float] = {}
    for part in re.split(r"[,;]", value):
        match = _CONTENT.fullmatch(part.strip())
        if match is None:
            allowed = "name, number and unit, joined by commas"
            raise DataError(what, found=f"'{part.strip()[:60]}'", allowed=allowed, advice=_EXAMPLES["cell"])
        name, amount = match["name"], match["amount"].strip()
        if name in found:
            raise DataError(what, found=f"'{name}' twice", allowed="each name once")
        known = float("nan") if amount == UNKNOWN else quantity(amount, Kind.CONCENTRATION, name=f"{what}, '{name}'")
        if known < 0:
            found_text = f"the negative concentration {amount[:40]}"
            raise DataError(f"{what}, '{name}'", found=found_text, allowed="0 or more", advice="check the sign")
        found[name] = known
    return found


def _cell(head: Head, value: str, _label: str) -> None:
    head.cell = contents(value, what="contents of the cell")


def _titrant(head: Head, value: str, label: str) -> None:
    if label in {titrant.label for titrant in head.titrants}:
        advice = "name each: '# titrant a: ...' and the column 'added a [uL]'"
        raise DataError("line '# titrant:'", found="a second one of the same name", allowed="one", advice=advice)
    match = _SOLID.fullmatch(value)
    if match is None:
        titrant = Titrant(label=label, contents=contents(value, what="contents of the titrant"))
    else:
        mass = quantity(match["molar_mass"], Kind.MOLAR_MASS, name="molar mass of the solid titrant")
        titrant = Titrant(label=label, solid=match["name"], molar_mass=mass)
    head.titrants.append(titrant)


def _positive(text: str, kind: Kind, what: str) -> float:
    value = quantity(text, kind, name=what)
    if value <= 0:
        raise DataError(what, found=text[:40], allowed="more than 0", advice="correct the number or its unit")
    return value


def _volume(head: Head, value: str, _label: str) -> None:
    head.volume = _positive(value, Kind.VOLUME, "volume before the first addition")


def _temperature(head: Head, value: str, _label: str) -> None:
    head.temperature = _positive(value, Kind.TEMPERATURE, "temperature")
    if not COLDEST <= head.temperature <= HOTTEST:
        allowed = f"{COLDEST:g} to {HOTTEST:g} K"
        raise DataError("temperature", found=value[:40], allowed=allowed, advice="correct the number or its unit")


def _path(head: Head, value: str, _label: str) -> None:
    head.path_length = _positive(value, Kind.PATH_LENGTH, "optical path")


def _standard(head: Head, value: str, _label: str) -> None:
    match = _STANDARD.fullmatch(value)
    if match is None or int(match["protons"]) == 0:
        allowed = "concentration and number of protons"
        raise DataError("internal standard", found=f"'{value[:60]}'", allowed=allowed, advice=_EXAMPLES["standard"])
    concentration = _positive(match["amount"], Kind.CONCENTRATION, "concentration of the standard")
    head.standard = Standard(concentration=concentration, protons=int(match["protons"]))


def _pairs(value: str, *, what: str, example: str) -> dict[str, str]:
    matches = [_PAIR.fullmatch(part) for part in value.split(",")]
    if not all(matches):
        raise DataError(what, found=f"'{value[:60]}'", allowed="name = value, joined by commas", advice=example)
    pairs = {match["left"]: match["right"] for match in matches if match}
    if len(pairs) < len(matches):
        raise DataError(what, found=f"a name twice in '{value[:60]}'", allowed="each name once", advice=example)
    return pairs


def _counts(value: str, *, what: str, example: str) -> dict[str, float]:
    pairs = _pairs(value, what=what, example=example)
    for name, count in pairs.items():
        if not _COUNT.fullmatch(count):
            allowed = "a whole number from 1 to 9999"
            raise DataError(f"{what} of '{name}'", found=f"'{count[:40]}'", allowed=allowed, advice=example)
    return {name: float(count) for name, count in pairs.items()}


def _protons(head: Head, value: str, _label: str) -> None:
    head.protons = _counts(value, what="protons", example=_EXAMPLES["protons"])


def _sites(head: Head, value: str, _label: str) -> None:
    head.sites = _counts(value, what="sites", example=_EXAMPLES["sites"])


def _sigma(head: Head, value: str, _label: str) -> None:
    head.sigma = _pairs(value, what="sigma", example=_EXAMPLES["sigma"])


def _ranges(value: str, *, what: str, example: str) -> dict[str, Range]:
    found = {}
    for name, text in _pairs(value, what=what, example=example).items():
        match = _RANGE.fullmatch(text)
        if match is None:
            allowed = "two shifts in ppm"
            raise DataError(f"{what} of '{name}'", found=f"'{text[:40]}'", allowed=allowed, advice=example)
        ends = sorted((float(match["one"]), float(match["other"])))
        found[name] = Range(lower=ends[0], upper=ends[1])
    return found


def _shift(head: Head, value: str, _label: str) -> None:
    head.shifts = _ranges(value, what="shift", example=_EXAMPLES["shift"])


def _integral(head: Head, value: str, _label: str) -> None:
    head.integrals = _ranges(value, what="integral", example=_EXAMPLES["integral"])
    head.technique = head.technique or Technique.NMR_INTEGRAL


def _columns(head: Head, value: str, _label: str) -> None:
    head.columns = _pairs(value, what="columns", example=_EXAMPLES["columns"])


def _name(head: Head, value: str, _label: str) -> None:
    head.name = value[:80]


def is_beside(name: str) -> bool:
    """Return whether a name is that of a file in the same folder, with no way out of it."""
    return "/" not in name and "\\" not in name and not name.startswith(".")


def _file(value: str, *, what: str) -> str:
    if not is_beside(value):
        advice = "put it beside this file and give its name alone"
        raise DataError(what, found=f"'{value[:60]}'", allowed="a file in the same folder", advice=advice)
    return value


def _spectra(head: Head, value: str, _label: str) -> None:
    head.spectra = _file(value, what="spectra file")


def _series(head: Head, value: str, _label: str) -> None:
    head.series = _file(value, what="series file")


_READERS: Final[dict[str, Callable[[Head, str, str], None]]] = {
    "technique": _technique,
    "cell": _cell,
    "titrant": _titrant,
    "volume": _volume,
    "temperature": _temperature,
    "path": _path,
    "standard": _standard,
    "protons": _protons,
    "sites": _sites,
    "sigma": _sigma,
    "columns": _columns,
    "name": _name,
    "shift": _shift,
    "integral": _integral,
    "spectra": _spectra,
    "series": _series,
}
_EXAMPLES: Final = {
    "technique": "write e.g. '# technique: nmr-integral'",
    "cell": "write e.g. '# cell: InP37 0.5 mmol/L, HO2CR 0.1 mmol/L'",
    "titrant": "write e.g. '# titrant: HO2CR' 50 mmol/L'",
    "volume": "write e.g. '# volume: 0.60 mL'",
    "temperature": "write e.g. '# temperature: 25 degC'",
    "path": "write e.g. '# path: 1 cm'",
    "standard": "write e.g. '# standard: 2.0 mmol/L, 9 H'",
    "protons": "write e.g. '# protons: bound = 2, free = 2'",
    "sites": "write e.g. '# sites: InP37 = 51'",
    "sigma": "write e.g. '# sigma: bound = 0.02 mmol/L'",
    "shift": "write e.g. '# shift: Ha = 7.10..7.40'",
    "integral": "write e.g. '# integral: bound = 5.20..5.50, free = 5.50..5.70'",
    "series": "write e.g. '# series: integrals.csv'",
    "columns": "write e.g. '# columns: H = Host, G = TCNB'",
}

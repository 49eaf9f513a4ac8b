"""Cards of data sets: what each field is, and every fault of a card at once."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from surfacechem.chem.constant import EvidenceLevel
from surfacechem.errors import DataError, Location, SurfaceChemError, raise_all
from surfacechem.io.documents import read_text
from surfacechem.io.grid import cut
from surfacechem.io.readers import read
from surfacechem.io.source import decode, load
from surfacechem.records import Technique

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from surfacechem.io.grid import Floats
    from surfacechem.records import Titration

__all__ = ["Card", "read_card"]

CARD: Final = "card.toml"
TABLE: Final = "table"
"""Technique of a card whose data are no titration."""
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_TOML_PLACE: Final = re.compile(r"\(at line (?P<line>[0-9]+), column (?P<column>[0-9]+)\)")

_REQUIRED: Final = {
    "id": "the name of the folder",
    "title": "one line on what was done",
    "file": "the data file in this folder",
    "sha256": "the SHA-256 of the data file",
    "technique": "how it was measured, e.g. nmr-shift; 'table' for numbers that are no titration",
    "level": "one of " + ", ".join(level.value for level in EvidenceLevel),
    "licence": "the licence under which the data may be passed on",
    "source": "where the data come from: DOI, table or figure, file",
    "citation": "how to cite them",
    "origin": "how the numbers were taken over: whole file, typed from a table, read off a figure",
    "conversions": "what was converted, or 'none'",
    "remarks": "what is not known, assumed or odd",
}
_COLUMN_KEYS: Final = frozenset({"means", "remark", "sigma"})
_OPTIONAL: Final = frozenset({"doi", "licence_file", "columns", "answers", "simulation", "table_or_figure", "sheet"})


@dataclass(frozen=True, kw_only=True)
class Card:
    """One data set: its provenance, where it lies, its reference answers.

    Attributes
    ----------
    folder : Path
        Where card and data lie.
    columns : mapping
        Header of the file -> what it means in our own headers (``"total Host [mol/L]"``).
    answers : mapping
        Name of an answer -> ``model`` (file), ``log10_beta`` or ``log10_constants``, ``rmse``, ``verdict`` ...
    fields : mapping
        The whole card as written.
    """

    id: str
    title: str
    technique: str
    level: EvidenceLevel
    licence: str
    source: str
    citation: str
    folder: Path
    columns: Mapping[str, str]
    answers: Mapping[str, Mapping[str, Any]]
    fields: Mapping[str, Any]

    @property
    def data_path(self) -> Path:
        """Path of the data file."""
        return self.folder / str(self.fields["file"])

    @property
    def is_titration(self) -> bool:
        """Whether the data are a titration; else they are a table of published numbers."""
        return self.technique != TABLE

    def table(self) -> dict[str, Floats]:
        """Return the columns of a table by header, as written, in the unit that the header names."""
        source = load(self.data_path)
        grid = cut(source, decode(source)[0])
        header, rows = grid.rows[0], grid.rows[1:]
        columns = [grid.numbers(rows, index, what=f"column '{cell}'") for index, cell in enumerate(header.cells)]
        raise_all([fault for _, faults in columns for fault in faults])
        return {cell: numbers for cell, (numbers, _) in zip(header.cells, columns, strict=True)}

    def read(self) -> Titration:
        """Return the titration with the names and units that the card gives its columns.

        Raises
        ------
        DataError
            If the card holds a table of another kind.
        """
        if not self.is_titration:
            advice = f"find_card('{self.id}').table() gives its columns"
            raise DataError(f"data set '{self.id}'", found="no titration", allowed="a titration", advice=advice)
        technique = self.technique if any("[1]" in means for means in self.columns.values()) else None
        data = read(self.data_path, rename=self.columns, technique=technique, sheet=self.fields.get("sheet"))
        return replace(data, name=self.id)

    def model_path(self, answer: str) -> Path:
        """Path of the model file of an answer."""
        return self.folder / str(self.answers[answer]["model"])


def read_card(folder: Path) -> Card:
    """Return the card of a folder after checking it, its files and their hash.

    Raises
    ------
    DataError, Faults
        Everything that is wrong with the card, at once.
    """
    fields = _toml(folder)
    faults: list[SurfaceChemError] = []
    _check_fields(folder, fields, faults)
    _check_columns(folder, fields, faults)
    _check_answers(folder, fields, faults)
    raise_all(faults)
    return Card(
        id=fields["id"],
        title=fields["title"],
        technique=fields["technique"],
        level=EvidenceLevel(fields["level"]),
        licence=fields["licence"],
        source=fields["source"],
        citation=fields["citation"],
        folder=folder,
        columns={header: column["means"] for header, column in fields.get("columns", {}).items()},
        answers=fields.get("answers", {}),
        fields=fields,
    )


def _toml(folder: Path) -> dict[str, Any]:
    text = read_text(folder / CARD, what="card")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place["line"]) if place else None
        column = int(place["column"]) if place else None
        where = Location(file=CARD, line=line, column=column, text=text.split("\n")[line - 1] if line else None)
        raise DataError(
            "card", found=str(error)[:80], allowed="TOML", advice="correct this line", where=where
        ) from error


def _fault(folder: Path, what: str, found: str, allowed: str, advice: str) -> DataError:
    return DataError(what, found=found, allowed=allowed, advice=advice, where=Location(file=f"{folder.name}/{CARD}"))


def _check_fields(folder: Path, fields: dict[str, Any], faults: list[SurfaceChemError]) -> None:
    for name, allowed in _REQUIRED.items():
        value = fields.get(name)
        if not isinstance(value, str) or not value.strip():
            found = "nothing" if value is None else f"{value!r}"[:60]
            faults.append(_fault(folder, f"field '{name}'", found, allowed, f'write {name} = "..."'))
    for name in sorted(fields.keys() - _REQUIRED.keys() - _OPTIONAL):
        allowed = ", ".join([*_REQUIRED, *sorted(_OPTIONAL)])
        faults.append(_fault(folder, f"field '{name}'", "an unknown field", allowed, "correct or delete it"))
    choices = {"level": [*EvidenceLevel], "technique": [*Technique, TABLE]}
    for name, known in choices.items():
        if isinstance(fields.get(name), str) and fields[name] not in known:
            found = f"'{fields[name][:40]}'"
            faults.append(_fault(folder, f"field '{name}'", found, ", ".join(known), "choose one"))
    is_id = isinstance(fields.get("id"), str) and _ID.fullmatch(fields["id"]) and fields["id"] == folder.name
    if isinstance(fields.get("id"), str) and not is_id:
        advice = f'write id = "{folder.name}"'
        faults.append(_fault(folder, "field 'id'", f"'{fields['id']}'", "the folder's name", advice))
    for name in ("file", "licence_file"):
        if isinstance(fields.get(name), str):
            _check_file(folder, f"field '{name}'", fields[name], faults)
    _check_hash(folder, fields, faults)


def _check_file(folder: Path, what: str, name: object, faults: list[SurfaceChemError]) -> bool:
    """Return whether a name is that of a file beside the card; note the fault if not."""
    if isinstance(name, str) and _FILE.fullmatch(name) and (folder / name).is_file():
        return True
    found = f"'{str(name)[:60]}', which is not there"
    faults.append(_fault(folder, what, found, "a file in the card's folder", "put it there, or correct the name"))
    return False


def _check_hash(folder: Path, fields: dict[str, Any], faults: list[SurfaceChemError]) -> None:
    name = fields.get("file")
    if not isinstance(name, str) or not _FILE.fullmatch(name) or not (folder / name).is_file():
        return
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if fields.get("sha256") not in {digest, None}:
        advice = "restore the file; if the change is meant, write the new hash and say why in 'conversions'"
        faults.append(_fault(folder, "field 'sha256'", f"another hash than that of {name}", digest, advice))


def _check_columns(folder: Path, fields: dict[str, Any], faults: list[SurfaceChemError]) -> None:
    columns = fields.get("columns", {})
    if not isinstance(columns, dict):
        faults.append(_fault(folder, "field 'columns'", "no table", "[columns]", "write one line per column"))
        return
    for header, column in columns.items():
        means = column.get("means") if isinstance(column, dict) else None
        if not isinstance(means, str) or not means.strip() or column.keys() - _COLUMN_KEYS:
            allowed, advice = f"a table with {', '.join(sorted(_COLUMN_KEYS))}", '{ means = "total Host [mol/L]" }'
            faults.append(_fault(folder, f"column '{header[:40]}'", f"{column!r}"[:60], allowed, advice))


def _check_answers(folder: Path, fields: dict[str, Any], faults: list[SurfaceChemError]) -> None:
    answers = fields.get("answers", {})
    if not isinstance(answers, dict):
        faults.append(_fault(folder, "field 'answers'", "no table", '[answers."1:1"]', "write one table per answer"))
        return
    for name, answer in answers.items():
        what = f"answer '{name[:40]}'"
        if not isinstance(answer, dict) or not isinstance(answer.get("source"), str):
            advice = 'add source = "..." and verdict = "..."'
            faults.append(_fault(folder, what, "no source", "where the answer comes from", advice))
        if isinstance(answer, dict):
            if "model" in answer:
                _check_file(folder, f"{what}, model", answer["model"], faults)
            _check_constants(folder, what, answer.get("log10_constants", {}), faults)


def _check_constants(folder: Path, what: str, constants: object, faults: list[SurfaceChemError]) -> None:
    """Add a fault for each constant of an answer that is not a number with a tolerance."""
    entries = constants.items() if isinstance(constants, dict) else [("log10_constants", constants)]
    for name, entry in entries:
        numbers = [entry.get("value"), entry.get("tolerance")] if isinstance(entry, dict) else [None]
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
            advice = '"K[11]" = { value = 3.0, tolerance = 0.01 }'
            allowed = "a table with the numbers 'value' and 'tolerance'"
            faults.append(_fault(folder, f"{what}, constant '{name[:40]}'", f"{entry!r}"[:60], allowed, advice))

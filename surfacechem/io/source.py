"""The bytes of a data file: size, hash, kind and text encoding, settled before anything is parsed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from surfacechem.errors import DataError, Location

if TYPE_CHECKING:
    import os

__all__ = ["Source", "decode", "load"]

MOST_BYTES: Final = 20_000_000
LONGEST_LINE: Final = 400_000
MOST_LINES: Final = 100_000

DATA_FILE: Final = "data file"
MODEL_FILE: Final = "model file"
SAVED: Final = "saved fit"
_EXPORT_AS_TEXT: Final = "export the table as CSV or text"
_FOREIGN: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"CPYA", "an Origin project (.opj)", "in Origin: File > Export > ASCII, or for ITC the .DH table"),
    (b"CPYUA", "an Origin project (.opju)", "in Origin: File > Export > ASCII, or for ITC the .DH table"),
    (b"\x89PNG", "an image", "give the numbers behind the picture as CSV"),
    (b"\xff\xd8\xff", "an image", "give the numbers behind the picture as CSV"),
    (b"GIF8", "an image", "give the numbers behind the picture as CSV"),
    (b"II*\0", "an image", "give the numbers behind the picture as CSV"),
    (b"MM\0*", "an image", "give the numbers behind the picture as CSV"),
    (b"%PDF", "a PDF document", "copy the table into a CSV file"),
    (b"{\\rtf", "an RTF document", "copy the table into a CSV file"),
    (b"\x1f\x8b", "a gzip archive", "unpack it and give the file inside"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it and give the file inside"),
    (b"Rar!", "a RAR archive", "unpack it and give the file inside"),
    (b"\x89HDF", "an HDF5 file", _EXPORT_AS_TEXT),
    (b"CDF", "a netCDF file", _EXPORT_AS_TEXT),
    (b"SQLite format 3", "a database", _EXPORT_AS_TEXT),
    (b"\xd0\xcf\x11\xe0", "an OLE document (.xls, .doc or an instrument's project)", "save it as .xlsx or CSV"),
    (b"\x7fELF", "a program", "give a data file"),
    (b"MZ", "a program", "give a data file"),
)
"""First bytes of files that are no data table: what it is, and the way to export."""
_FOREIGN_ENDINGS: Final = {
    ".mnova": (
        "a MestReNova document",
        "in MestReNova: save the table of peaks, or of the data analysis, as text",
    ),
    ".nitc": ("a NanoAnalyze project", "in NanoAnalyze: export the run as .ta, its form for other programs"),
    ".opj": ("an Origin project (.opj)", "in Origin: File > Export > ASCII, or for ITC the .DH table"),
    ".opju": ("an Origin project (.opju)", "in Origin: File > Export > ASCII, or for ITC the .DH table"),
    ".bsw": ("a Cary batch file", "in the Cary program: save as CSV"),
    ".dsw": ("a Cary data file", "in the Cary program: save as CSV"),
    ".apj": ("a VPViewer project", "in Origin: export the .DH table"),
}
_ROLES: Final = {
    DATA_FILE: "models stand before data: surfacechem fit MODEL.scx DATA.csv",
    MODEL_FILE: "models stand before data: surfacechem fit MODEL.scx DATA.csv; 'surfacechem model new' begins one",
    SAVED: "give the fit.json that 'surfacechem fit MODEL.scx DATA.csv --output results' wrote",
}
"""What a file should hold, and what to do about one whose ending says that it holds another of these."""
_ENDINGS: Final = {
    ".scx": MODEL_FILE,
    ".json": SAVED,
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".itc", ".dat", ".dh", ".ta", ".jdx", ".dx"), DATA_FILE),
}
_MOST_NEIGHBOURS: Final = 1000
_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file as read: its path for reading what lies beside it, its bytes and their hash, and what it should hold."""

    path: Path
    data: bytes
    sha256: str
    what: str = DATA_FILE

    @property
    def file(self) -> str:
        """Name for messages."""
        return self.path.name

    @property
    def stem(self) -> str:
        """Short name of the data."""
        return self.path.stem

    @property
    def readable(self) -> str:
        """What kind of file is read here, for messages."""
        return "text (CSV) or .xlsx" if self.what == DATA_FILE else "text"

    def no_text(self, kind: str, export: str) -> DataError:
        """Return the error of a file that is no text; `export` is how a table of this kind is saved as text."""
        advice = export if self.what == DATA_FILE else f"give the {self.what} as plain text, as an editor saves it"
        return self.refusal(kind, self.readable, advice)

    def refusal(self, found: str, allowed: str, advice: str) -> DataError:
        """Return an error about the file as a whole."""
        return DataError(self.what, found=found, allowed=allowed, advice=advice, where=Location(file=self.file))


def load(path: str | os.PathLike[str], *, what: str = DATA_FILE) -> Source:
    """Read the bytes of a file, or refuse it by size or kind.

    Parameters
    ----------
    path : path
        File to read.
    what : str
        What it should hold, for messages: ``"model file"``.

    Raises
    ------
    DataError
        If there is no such file, it is empty, too large, or a kind of file that holds no readable table.
    """
    place = Path(path)
    try:
        with place.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except IsADirectoryError as error:
        raise _folder(place, what) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"{what} '{str(path)[:200]}'",
            found=reason.lower(),
            allowed="a readable file",
            advice=_neighbour(place, what),
        ) from error
    source = Source(path=place, data=data, sha256=hashlib.sha256(data).hexdigest(), what=what)
    _refuse_foreign(source)
    return source


def _folder(place: Path, what: str) -> DataError:
    saved = place / "fit.json"
    advice = f"give {saved}" if what != DATA_FILE and saved.is_file() else "give a file in it"
    return DataError(f"{what} '{str(place)[:200]}'", found="a folder", allowed="a file", advice=advice)


def _neighbour(place: Path, what: str) -> str:
    """Return what to do about a file that is not there: the nearest name beside it, if any."""
    try:
        names = [each.name for each in islice(place.parent.iterdir(), _MOST_NEIGHBOURS)]
    except (OSError, ValueError):
        return "check the name of the folder"
    near = get_close_matches(place.name, names, n=1)
    if near:
        return f"did you mean '{place.with_name(near[0])}'?"
    return "check name and folder" + ("; 'surfacechem data list' shows the bundled sets" if what == DATA_FILE else "")


def _refuse_foreign(source: Source) -> None:
    role = _ENDINGS.get(source.path.suffix.lower(), source.what)
    if source.what in _ROLES and role != source.what:
        raise source.refusal(f"a {role} ({source.path.suffix})", f"a {source.what}", _ROLES[source.what])
    if not source.data.strip(b"\0 \t\r\n"):
        advice = (
            "give the file with the measured table"
            if source.what == DATA_FILE
            else f"give a {source.what} that is not empty"
        )
        raise source.refusal("an empty file", source.readable, advice)
    foreign = _FOREIGN_ENDINGS.get(source.path.suffix.lower()) or next(
        ((kind, advice) for magic, kind, advice in _FOREIGN if source.data.startswith(magic)), None
    )
    if foreign is not None:
        raise source.no_text(*foreign)
    if len(source.data) > MOST_BYTES:
        found, allowed = f"more than {MOST_BYTES // 10**6} MB", f"at most {MOST_BYTES // 10**6} MB"
        raise source.refusal(found, allowed, "keep one titration per file, and fewer wavelengths")


def decode(source: Source) -> tuple[list[str], str]:
    """Return the lines of a text file and how it was decoded.

    By byte-order mark, else strict UTF-8, else cp1252 (the Western European code page of Windows).

    Raises
    ------
    DataError
        If the bytes are no text, or a line or the number of lines is beyond all tables.
    """
    text, encoding = _text(source)
    lines = _NEWLINE.split(text)
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MOST_LINES:
        raise source.refusal(f"{len(lines)} lines", f"at most {MOST_LINES} lines", "keep one titration per file")
    number, longest = max(enumerate(map(len, lines), 1), key=lambda pair: pair[1], default=(0, 0))
    if longest > LONGEST_LINE:
        found = f"{longest} characters in line {number}"
        raise source.refusal(found, f"at most {LONGEST_LINE} characters", "give one point per line")
    return lines, encoding


def _text(source: Source) -> tuple[str, str]:
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encoding = next((name for mark, name in marks if source.data.startswith(mark)), "utf-8")
    data = source.data
    if encoding == "utf-8" and b"\0" in data[:200]:
        encoding = {0: "utf-16-be", 1: "utf-16-le"}.get(data.index(b"\0") % 2, encoding)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = data.decode(encoding, errors="replace")
    if _CONTROL.search(text):
        raise source.no_text("a binary file", _EXPORT_AS_TEXT)
    if LOST in text:
        raise _lost(source, text, encoding)
    return text, encoding


def _lost(source: Source, text: str, encoding: str) -> DataError:
    """Return the fault of the first letter that this reading, or an earlier conversion of the file, lost."""
    lines = _NEWLINE.split(text)
    number, line = next((number, line) for number, line in enumerate(lines, 1) if LOST in line)
    where = Location(file=source.file, line=number, column=line.index(LOST) + 1, text=line)
    if encoding == "cp1252":
        found, advice = "a byte that is no letter in UTF-8 or in Windows' cp1252", "save the file as UTF-8"
    else:
        found, advice = f"'{LOST}', the sign for a letter that an earlier conversion lost", "type the letter anew"
    return DataError(
        source.what, found=found, allowed="readable text", advice=f"{advice} and read it again", where=where
    )


LOST: Final = "\N{REPLACEMENT CHARACTER}"
_CONTROL: Final = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f]")

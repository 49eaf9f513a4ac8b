"""Files out: whole or not at all, and nothing overwritten unasked."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surfacechem.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["claim_folder", "refuse_taken", "staged_folder", "write_bytes", "write_json", "write_text"]


def claim_folder(folder: str | os.PathLike[str], names: Iterable[str], *, overwrite: bool = False) -> Path:
    """Make a folder, if it is not there, in which files of these names may be written.

    Parameters
    ----------
    folder : path
        Folder to make, its parents too.
    names : iterable of str
        Names of all files to come; without `overwrite` none of them may be there, so that nothing is half replaced.
    overwrite : bool
        Whether they may.

    Raises
    ------
    DataError
        If a file must stay or the folder cannot be made.
    """
    place = Path(folder)
    refuse_taken(place, names, overwrite=overwrite)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = "a file" if place.is_file() else str(getattr(error, "strerror", None) or error).lower()
        raise DataError(
            f"output folder '{str(place)[:200]}'",
            found=reason,
            allowed="a folder that can be made",
            advice="choose another folder",
        ) from error
    return place


def refuse_taken(folder: str | os.PathLike[str], names: Iterable[str], *, overwrite: bool = False) -> None:
    """Refuse a folder in which one of the named files is already; nothing is made.

    Raises
    ------
    DataError
        If a file must stay.
    """
    place = Path(folder)
    taken = [name for name in names if os.path.lexists(place / name)]
    if taken and not overwrite:
        advice = "choose another folder, or ask to overwrite (--overwrite)"
        raise DataError(f"folder '{str(place)[:200]}'", found=", ".join(taken), allowed="a new place", advice=advice)


@contextlib.contextmanager
def staged_folder(folder: str | os.PathLike[str], names: Iterable[str], *, overwrite: bool = False) -> Iterator[Path]:
    """Give a hidden folder to write files into; at the end they move to `folder` together.

    After an error or an interruption nothing of them is left. The hidden folder's parent is `folder`.

    Parameters
    ----------
    folder, names, overwrite
        As for `claim_folder`.
    """
    listed = list(names)
    place = claim_folder(folder, listed, overwrite=overwrite)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=place) as hidden:
        stage = Path(hidden)
        yield stage
        for name in listed:
            (stage / name).replace(place / name)


def write_text(path: str | os.PathLike[str], text: str, *, overwrite: bool = False) -> Path:
    """Write a text file in UTF-8 with line feeds; see `write_bytes`.

    What UTF-8 has no sign for (bytes of a file name that is no text) becomes a question mark.
    """
    return write_bytes(path, text.encode("utf-8", errors="replace"), overwrite=overwrite)


def write_json(path: str | os.PathLike[str], plain: Mapping[str, Any], *, overwrite: bool = False) -> Path:
    """Write plain values, e.g. of `FitResult.to_dict`, as JSON; NaN, which JSON lacks, is refused.

    Raises
    ------
    DataError
        As `write_bytes`, and where the values cannot be put in JSON.
    """
    try:
        text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise DataError(
            "JSON document", found=str(error), allowed="plain finite values, text, lists, mappings"
        ) from error
    return write_text(path, text + "\n", overwrite=overwrite)


def write_bytes(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False) -> Path:
    """Write a file that appears complete or not at all.

    The bytes go to a temporary file in the same folder, are flushed to the disk, and take the name at once.

    Parameters
    ----------
    path : path
        File to write; its folder must exist.
    data : bytes
        All of its content.
    overwrite : bool
        Whether a regular file of this name may be replaced.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    DataError
        If a file of the name exists and must stay, the name is that of a folder or device, or the disk refuses.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part") if target.name else target
    try:
        _check_target(target, overwrite=overwrite)
        _fill(temporary, data)
        _name(temporary, target, overwrite=overwrite)
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise _refusal(target, str(reason).lower(), "a place that can be written", "choose another folder") from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            temporary.unlink()
    return target


def _check_target(target: Path, *, overwrite: bool) -> None:
    if not target.name or target.is_dir():
        raise _refusal(target, "the name of a folder", "the name of a file", "add a file name")
    if not target.parent.is_dir():
        raise _refusal(target, f"no folder '{target.parent}'", "an existing folder", "make the folder first")
    if target.exists() and not target.is_file():
        raise _refusal(target, "a device or pipe", "a regular file", "choose another name")
    if (target.exists() or target.is_symlink()) and not overwrite:
        raise _exists(target)


def _exists(target: Path) -> DataError:
    return _refusal(
        target, "a file of this name", "a new name", "choose another name, or ask to overwrite (--overwrite)"
    )


def _refusal(target: Path, found: str, allowed: str, advice: str) -> DataError:
    return DataError(f"output file '{str(target)[:200]}'", found=found, allowed=allowed, advice=advice)


def _fill(temporary: Path, data: bytes) -> None:
    """Write and flush a file that must be new."""
    with temporary.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _name(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give the finished file its name in one step."""
    if overwrite:
        temporary.replace(target)
        return
    try:
        # A hard link fails where the name is taken meanwhile; a rename would replace that file.
        target.hardlink_to(temporary)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError:  # file systems without hard links
        temporary.replace(target)

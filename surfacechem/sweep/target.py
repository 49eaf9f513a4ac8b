"""Where the numbers of a sweep go: arrays in memory, or a folder from which a stopped sweep goes on.

The folder holds one file of float64 per result, rows in the order of the points, one byte per point of status, and
one byte per block that says whether it is there. A block's numbers reach the disk before its byte is set, so after a
crash at any moment everything marked is whole; what is not marked is made again.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from surfacechem.errors import DataError, RangeError
from surfacechem.io import read_json, write_json
from surfacechem.notation import render
from surfacechem.sweep.blocks import STATUS
from surfacechem.sweep.design import BLOCK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from surfacechem.sweep.plan import Plan

    Arrays = dict[str, NDArray[Any]]

__all__ = ["Memory", "Store", "Target", "open_store"]

LAYOUT: Final = "surfacechem sweep store 1"
PLAN_FILE: Final = "sweep.json"
DONE_FILE: Final = "done.bin"
MOST_IN_MEMORY: Final = 2_000_000_000
"""Bytes of results that are kept in memory unasked."""
POINTS_PER_SECOND: Final = 1e6
"""For estimates in messages: what one core of a usual machine does on small systems."""


class Target(Protocol):
    """Takes blocks and gives arrays."""

    def missing(self) -> list[int]:
        """Return the numbers of the blocks that are not there yet."""
        ...

    def put(self, first: int, last: int, table: Mapping[str, NDArray[Any]]) -> None:
        """Keep blocks `first` to `last` (left out)."""
        ...

    def arrays(self) -> Arrays:
        """Return everything, one array per result, points first."""
        ...


def _shapes(n_points: int, widths: Mapping[str, int]) -> dict[str, tuple[tuple[int, ...], str]]:
    """Return shape and type of every array."""
    found: dict[str, tuple[tuple[int, ...], str]] = {name: ((n_points, width), "<f8") for name, width in widths.items()}
    return {**found, STATUS: ((n_points,), "|i1")}


def _size(n_points: int, widths: Mapping[str, int]) -> int:
    return n_points * (8 * sum(widths.values()) + 1)


def _in_words(n_points: int, n_bytes: int) -> str:
    hours = n_points / POINTS_PER_SECOND / 3600
    time = f"{hours:.3g} hours" if hours > 1 else f"{hours * 60:.2g} minutes"
    return f"{n_points:.3g} points, which would take {n_bytes / 1e9:.3g} GB and about {time} on one core"


class Memory:
    """Results in memory.

    Parameters
    ----------
    n_points : int
        All points.
    widths : mapping of str to int
        Columns of each result.

    Raises
    ------
    RangeError
        If they would take more than `MOST_IN_MEMORY`.
    """

    def __init__(self, n_points: int, widths: Mapping[str, int]) -> None:
        n_bytes = _size(n_points, widths)
        if n_bytes > MOST_IN_MEMORY:
            raise RangeError(
                "size of the sweep",
                found=_in_words(n_points, n_bytes),
                allowed=f"{MOST_IN_MEMORY / 1e9:g} GB in memory",
                advice="give a store on disk (store='folder', --store folder), fewer values, or keep less",
            )
        self._n_blocks = -(-n_points // BLOCK)
        self._arrays = {name: np.empty(shape, kind) for name, (shape, kind) in _shapes(n_points, widths).items()}

    def missing(self) -> list[int]:
        """Return all blocks: a fresh target has none."""
        return list(range(self._n_blocks))

    def put(self, first: int, last: int, table: Mapping[str, NDArray[Any]]) -> None:
        """Keep blocks."""
        for name, array in self._arrays.items():
            array[first * BLOCK : last * BLOCK] = table[name]

    def arrays(self) -> Arrays:
        """Return everything."""
        return self._arrays


@dataclass(frozen=True, kw_only=True)
class Store:
    """Results in a folder; made by `open_store`.

    Attributes
    ----------
    folder : Path
        Where.
    n_points : int
        All points.
    widths : mapping of str to int
        Columns of each result.
    """

    folder: Path
    n_points: int
    widths: Mapping[str, int]

    def missing(self) -> list[int]:
        """Return the numbers of the blocks that are not there yet."""
        done = np.fromfile(self.folder / DONE_FILE, dtype=np.uint8)
        return np.flatnonzero(done != 1).tolist()

    def put(self, first: int, last: int, table: Mapping[str, NDArray[Any]]) -> None:
        """Write blocks, and when they are on the disk, their marks."""
        for name, (shape, kind) in _shapes(self.n_points, self.widths).items():
            row = np.dtype(kind).itemsize * (shape[1] if len(shape) > 1 else 1)
            _overwrite(self._file(name), first * BLOCK * row, np.ascontiguousarray(table[name], dtype=kind).tobytes())
        _overwrite(self.folder / DONE_FILE, first, b"\x01" * (last - first))

    def arrays(self) -> Arrays:
        """Return everything as arrays that the disk backs, read-only; only what is looked at comes into memory."""
        return {
            name: np.memmap(self._file(name), dtype=kind, mode="r", shape=shape)
            for name, (shape, kind) in _shapes(self.n_points, self.widths).items()
        }

    def create(self) -> None:
        """Make the files, empty, without taking room on the disk yet."""
        for name, (shape, kind) in _shapes(self.n_points, self.widths).items():
            n_bytes = int(np.prod(shape)) * np.dtype(kind).itemsize
            with self._file(name).open("wb") as stream:
                stream.truncate(n_bytes)
        with (self.folder / DONE_FILE).open("wb") as stream:
            stream.truncate(-(-self.n_points // BLOCK))

    def _file(self, name: str) -> Path:
        number = [*self.widths, STATUS].index(name)
        return self.folder / f"result-{number}.bin"


def open_store(folder: str | os.PathLike[str], plan: Plan, widths: Mapping[str, int], *, resume: bool) -> Store:
    """Make a store for a plan, or open the one that is there to go on with it.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    plan : Plan
        What is to be stored.
    widths : mapping of str to int
        Columns of each result.
    resume : bool
        Whether a store that is there is continued; without it, one that is there is refused.

    Raises
    ------
    DataError
        If the folder holds a store and `resume` is not asked for, a store of another sweep, or other files.
    RangeError
        If the disk has no room.
    """
    place = Path(folder)
    store = Store(folder=place, n_points=plan.design.n_points, widths=dict(widths))
    if (place / PLAN_FILE).is_file():
        _check_same(place, plan, resume=resume)
        return store
    if place.exists() and not _is_free(place):
        raise _refused(place, "other files", "a new or empty folder", "choose another folder")
    try:
        place.mkdir(parents=True, exist_ok=True)
        _check_room(place, plan, widths)
        store.create()
    except OSError as error:
        raise _refused(place, str(error.strerror).lower(), "a folder that can be written", "choose another") from error
    # The description comes last: a folder that has it is complete.
    write_json(place / PLAN_FILE, {"layout": LAYOUT, "sweep": plan.facts(), "text": render(plan.system)})
    return store


def _is_free(place: Path) -> bool:
    """Return whether a folder is empty but for the files of a store that was stopped while it was made."""
    return place.is_dir() and all(
        each.name == DONE_FILE or each.name.startswith(("result-", f".{PLAN_FILE}.")) for each in place.iterdir()
    )


def _check_same(place: Path, plan: Plan, *, resume: bool) -> None:
    if not resume:
        raise _refused(place, "a store", "a new folder", "choose another folder, or go on with it (resume, --resume)")
    there = read_json(place / PLAN_FILE, what="plan of the sweep")
    if there.get("layout") != LAYOUT:
        raise _refused(place, f"layout {there.get('layout')!r}", repr(LAYOUT), "choose another folder")
    mine = json.loads(json.dumps(plan.facts()))
    other = [part for part, value in mine.items() if there.get("sweep", {}).get(part) != value]
    if other:
        raise _refused(
            place,
            f"a store of another sweep: {', '.join(other)} differ",
            "the store of this very sweep (hashes of model, feed, values and constants agree)",
            "repeat the call that began it, or choose another folder; nothing was changed",
        )


def _check_room(place: Path, plan: Plan, widths: Mapping[str, int]) -> None:
    n_points = plan.design.n_points
    n_bytes, free = _size(n_points, widths), shutil.disk_usage(place).free
    if n_bytes > free:
        raise RangeError(
            "size of the sweep",
            found=_in_words(n_points, n_bytes),
            allowed=f"{free / 1e9:.3g} GB free in '{place}'",
            advice="choose another disk, fewer values, or keep less (keep=['coverage'])",
        )


def _refused(place: Path, found: str, allowed: str, advice: str) -> DataError:
    return DataError(f"store '{str(place)[:200]}'", found=found, allowed=allowed, advice=advice)


def _overwrite(path: Path, offset: int, data: bytes) -> None:
    """Write bytes into a file that is there, and wait for the disk."""
    with path.open("r+b") as stream:
        stream.seek(offset)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())

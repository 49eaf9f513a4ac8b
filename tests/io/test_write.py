"""Writing: whole or not at all, nothing overwritten unasked."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from surfacechem.errors import DataError
from surfacechem.io import read_json, read_text, write_bytes, write_json, write_text

if TYPE_CHECKING:
    from pathlib import Path


def test_text_round_trip(tmp_path: Path) -> None:
    """Text comes back as written, and no other file is left behind."""
    path = write_text(tmp_path / "a.txt", "µM\nsecond\n")
    assert read_text(path, what="model file") == "µM\nsecond\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_existing_file_stays(tmp_path: Path) -> None:
    """A file of the name is kept unless overwriting is asked for."""
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(DataError, match="a file of this name"):
        write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "old"
    write_text(tmp_path / "a.txt", "new", overwrite=True)
    assert (tmp_path / "a.txt").read_text() == "new"


def test_file_made_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that appears between the check and the write is not replaced."""
    monkeypatch.setattr("surfacechem.io.write._check_target", lambda *_args, **_kwargs: None)
    (tmp_path / "a.txt").write_text("theirs")
    with pytest.raises(DataError, match="a file of this name"):
        write_text(tmp_path / "a.txt", "ours")
    assert (tmp_path / "a.txt").read_text() == "theirs"


def test_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses, the old file stays whole and no part file remains."""
    write_text(tmp_path / "a.txt", "old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DataError, match="no space left"):
        write_text(tmp_path / "a.txt", "new", overwrite=True)
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """Overwriting a link leaves what it points to."""
    (tmp_path / "target").write_text("keep")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_text(tmp_path / "link", "new", overwrite=True)
    assert (tmp_path / "target").read_text() == "keep"


@pytest.mark.parametrize("name", ["", "none/a.txt", "a\0b"])
def test_places_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    """Folders, missing folders and impossible names are refused."""
    with pytest.raises(DataError, match="output file"):
        write_bytes(tmp_path / name, b"x")


def test_devices_are_left_alone() -> None:
    """A device is never replaced by a file."""
    with pytest.raises(DataError, match="a device or pipe"):
        write_bytes(os.devnull, b"x", overwrite=True)


def test_json_round_trip(tmp_path: Path) -> None:
    """Floats come back bit for bit."""
    plain = {"value": 0.1 + 0.2, "none": None, "name": "K[X1]", "list": [1, 1e-300]}
    assert read_json(write_json(tmp_path / "fit.json", plain)) == plain


def test_json_has_no_nan(tmp_path: Path) -> None:
    """NaN is refused both ways, because JSON has none."""
    with pytest.raises(DataError, match="not JSON compliant"):
        write_json(tmp_path / "fit.json", {"value": float("nan")})
    assert not list(tmp_path.iterdir())
    (tmp_path / "fit.json").write_text(json.dumps({"value": float("nan")}))
    with pytest.raises(DataError, match="the number NaN"):
        read_json(tmp_path / "fit.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [('{"a": 1,\n "b" 2}', r"fit.json:2:6"), ("[1]", "no object"), ("[" * 100_000, "fit.json"), ("\0", "empty")],
)
def test_bad_json(tmp_path: Path, text: str, message: str) -> None:
    """What is no JSON object is refused with its place."""
    (tmp_path / "fit.json").write_text(text)
    with pytest.raises(DataError, match=message):
        read_json(tmp_path / "fit.json")

"""Whole documents in: messages that name what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import surfacechem as sc
from surfacechem.errors import DataError
from surfacechem.io import read_json

if TYPE_CHECKING:
    from pathlib import Path


def test_missing_model_is_no_data_file(tmp_path: Path) -> None:
    """A missing or empty model used to be called a data file that lacks its table."""
    with pytest.raises(DataError, match=r"model file '.*m\.scx': found no such file") as caught:
        sc.load_model(tmp_path / "m.scx")
    assert "data list" not in str(caught.value)
    (tmp_path / "m.scx").write_text("\n")
    with pytest.raises(DataError, match=r"model file: found an empty file\n  allowed: text\n.*that is not empty"):
        sc.load_model(tmp_path / "m.scx")


def test_broken_json_names_the_option(tmp_path: Path) -> None:
    """The advice names the option as the command has it."""
    (tmp_path / "fit.json").write_text("{")
    with pytest.raises(DataError, match="surfacechem fit --output"):
        read_json(tmp_path / "fit.json")


def test_sheet_of_a_text_file(tmp_path: Path) -> None:
    """A sheet asked of a CSV used to be ignored."""
    (tmp_path / "a.csv").write_text("total P [mM], x [mM]\n1, 2\n")
    with pytest.raises(DataError, match="a sheet 'two' asked of a text file"):
        sc.read(tmp_path / "a.csv", sheet="two")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"surfacechem 1\n\0\1\n"])
def test_binary_model_gets_no_advice_for_tables(tmp_path: Path, content: bytes) -> None:
    """A picture given as a model used to be answered with the way to export tables."""
    (tmp_path / "m.scx").write_bytes(content)
    with pytest.raises(DataError, match="give the model file as plain text") as caught:
        sc.load_model(tmp_path / "m.scx")
    assert "CSV" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('surfacechem 1\nspecies A named "\ufffdther"\n'.encode(), "letter that an earlier conversion lost"),
        (b'surfacechem 1\nspecies A named "\x81ther"\n', "a byte that is no letter in UTF-8 or in Windows' cp1252"),
    ],
)
def test_lost_letters_have_their_place(tmp_path: Path, content: bytes, message: str) -> None:
    """One letter lost in a conversion used to make the whole file "binary"."""
    (tmp_path / "m.scx").write_bytes(content)
    with pytest.raises(DataError, match=rf"m\.scx:2:18: model file: found .*{message}"):
        sc.load_model(tmp_path / "m.scx")

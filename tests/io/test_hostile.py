"""Files made to harm: each is refused by an error of ours within two seconds and a gigabyte, and nothing is run."""

from __future__ import annotations

import io
import json
import os
import resource
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

import surfacechem as sc
from surfacechem.errors import SurfaceChemError
from surfacechem.network import Network
from surfacechem.notation import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEEP = 10_000
TABLE = "# cell: P 1 mmol/L\n# titrant: A 10 mmol/L\n# volume: 1 mL\nadded [uL],bound [mmol/L]\n{cells}\n"
HEAD = "# cell: P {amount}\n# titrant: A 10 mmol/L\n# volume: 1 mL\nadded [uL],bound [mmol/L]\n0,1\n"
CLUSTER = "cluster InP37 = In37P20(O2CR)51\nsite In on InP37 : 51 native O2CR\n"


def _bomb() -> bytes:
    """Return a workbook of some kilobytes that claims to hold a gigabyte, bombs in bombs."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(50_000_000))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"xl/workbook.xml{number or ''}", inner.getvalue())
        archive.writestr("xl/worksheets/sheet1.xml", bytes(50_000_000))
    return outer.getvalue()


DATA: dict[str, Callable[[], bytes]] = {
    "workbook bomb": _bomb,
    "hundred megabytes in a line": lambda: b"1," * 50_000_000,
    "million columns": lambda: b",".join([b"A [mM]"] * 10**6) + b"\n" + b",".join([b"1"] * 10**6),
    "NUL bytes": lambda: TABLE.format(cells="0,1\0").encode(),
    "nothing but NUL": lambda: bytes(10_000),
    "cell of brackets": lambda: TABLE.format(cells="0," + "(" * DEEP + ")" * DEEP).encode(),
    "unit of brackets": lambda: (
        TABLE.replace("mmol/L]", "(" * DEEP + "m" + ")" * DEEP + "]").format(cells="0,1").encode()
    ),
    "exponent in a cell": lambda: TABLE.format(cells="0,1e999999999").encode(),
    "power tower as a unit": lambda: HEAD.format(amount="1 9**9**9").encode(),
    "huge power of a unit": lambda: HEAD.format(amount="1 m^999999999").encode(),
    "number of a million digits": lambda: HEAD.format(amount="9" * 10**6 + " mM").encode(),
    "digits before a letter": lambda: b"Host,Guest,d\n" + b"1" * 300_000 + b"x,2,3\n1,2,3\n",
    "remark of blanks": lambda: b"# cell: P" + b" " * 300_000 + b"!\ntotal P [mM],x [mM]\n1,2\n",
    "unit of blanks": lambda: b"total P [mM],x [" + b" " * 300_000 + b"\n1,2\n",
    "digits with a comma before a letter": lambda: b"Host;Guest;d\n1,5;2,5;3,5\n" + b"1" * 300_000 + b"x;2,5;3,5\n",
    "code as a unit": lambda: HEAD.format(amount="1 __import__('os').mkdir('pwned')").encode(),
    "million points in JCAMP-DX": lambda: (
        b"##TITLE= a\n##FIRSTX=1\n##LASTX=2\n##NPOINTS=1000000000\n##XYDATA= (X++(Y..Y))\n1 2\n"
    ),
    "million injections": lambda: b"$ITC\n$ 1\n$NOT\n$ 25\n" + b"$ 1 , 2 , 3 , 4\n" * 90_000 + b"@1\n" * 9_000,
}
MODELS = {
    "species of brackets": CLUSTER + "species " + "(" * DEEP + "C" + ")" * DEEP,
    "formula of brackets": CLUSTER + "species A = " + "(" * 150 + "C" + ")" * 150,
    "formula of squares": CLUSTER + "species A = " + "((((C9999)9999)9999)9999)9999",
    "count of atoms": CLUSTER + "species A = C" + "9" * 300,
    "count of sites": CLUSTER.replace("51 native", "9" * 300 + " native"),
    "coefficient": CLUSTER + "S  " + "9" * 300 + " A <=> B ; K = 1 /M",
    "exponent of a constant": CLUSTER + "S  A <=> B ; K = 1e999999999",
    "power of a unit": CLUSTER + "S  A <=> B ; K = 1 M^-999999999",
    "NUL": CLUSTER + "species A\0",
    "code": CLUSTER + "S  A <=> B ; K = __import__('os').mkdir('pwned')",
    "long line": CLUSTER + "species " + "A" * 10**6,
    "many lines": CLUSTER + "species A\n" * 100_000,
    "fraction": CLUSTER + "S  1/0 A <=> B ; K = 1",
}


def refuse(call: Callable[..., object], *arguments: object) -> None:
    """Call and see an error of ours in time and memory."""
    start = time.process_time()
    with pytest.raises(SurfaceChemError) as caught:
        call(*arguments)
    assert str(caught.value)
    assert time.process_time() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1e6  # kB


@pytest.mark.parametrize("name", DATA)
def test_hostile_data_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bombs, lines without end, towers of powers and code in a data file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(DATA[name]())
    refuse(sc.read, tmp_path / "a.csv")
    assert os.listdir(tmp_path) == ["a.csv"]  # noqa: PTH208 - the folder's names are all that is asked


@pytest.mark.parametrize("name", MODELS)
def test_hostile_models_are_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in a model."""
    monkeypatch.chdir(tmp_path)
    refuse(lambda text: Network(parse(text)), MODELS[name])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, '{"layout": 1e999}', '{"layout": ' + "9" * 10_000 + "}", json.dumps({"a": 1})],
    ids=["arrays", "objects", "exponent", "digits", "another document"],
)
def test_hostile_saved_fits_are_refused(text: str, tmp_path: Path) -> None:
    """A saved fit is read by type; anything else is refused."""
    (tmp_path / "fit.json").write_text(text)
    refuse(sc.load_fit, tmp_path / "fit.json")

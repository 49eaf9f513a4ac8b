"""Damaged files: any mutation of any layout is read or refused, soon and by an error of ours.

A long run: ``python tests/io/test_fuzz.py 20000``.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # ships no types
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import find_card, read

SLOWEST = 2.0
SEEDS = range(8)
MUTANTS_EACH = 40
BITS = [
    b",",
    b";",
    b"\n",
    b'"',
    b"#",
    b":",
    b"[",
    b"]",
    b"\0",
    b"-",
    b"?",
    b"e999",
    b"1" * 50,
    b"nan",
    b"\xff",
    b"(",
    b"^9",
]
BITS += [
    b"mmol/L",
    b"added [uL]",
    b"total A [mM]",
    b"# titrant: A 1 mM\n",
    "µ".encode(),
    b"\xef\xbb\xbf",
    b"=",
    b"'",
    b" ",
]

OWN = """\
# technique: nmr-integral
# cell: InP37 0.5 mmol/L, HO2CR ?
# titrant a: HO2CR' 50 mmol/L
# titrant b: NH2R solid 129 g/mol
# volume: 0.60 mL
# standard: 2 mmol/L, 9 H
# protons: bound = 2, free = 2
# sigma: bound = 0.1
# columns: x = added a [uL]
point;x;added b [mg];standard [integral];bound [integral];free [integral]
1;0;0;1,0;0,5;0,1
2;10,5;1;1,0;0,6;0,2
"""
MUSKETEER = """\
Addition title,400,399,,Stock 1 volume (uL),Stock 2 volume (uL),,,Stock 1,Stock 2
first,0.5,0.6,,2000,0,,[Host] (mM),0.05,0.05
second,0.4,0.7,,2000,2000,,[Guest] (mM),0,?
"""
CARY = "a,,b,,\nWavelength (nm),Abs,Wavelength (nm),Abs,\n420,0.1,420,0.2,\n410,0.1,410,0.2,\n\nremark\n"
HEATS = "10\n0,2,0,0,0\n25.0,0.1,1,1.0,0\n0\n0\n1,0.5\n5,-40.0\n"


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (["Host / mM", "Guest", "d1"], [2, 0, 8.1], [2, 0.01, 8.2]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def layouts() -> dict[str, bytes]:
    """Return one good file per layout."""
    bundled = {name: find_card(name).data_path.read_bytes() for name in ("nmr-tcnb-syn1", "inp-carboxylate-exchange")}
    texts = {"own": OWN, "musketeer": MUSKETEER, "cary": CARY, "heats": HEATS}
    return bundled | {name: text.encode() for name, text in texts.items()} | {"workbook": _workbook()}


def mutate(content: bytes, rng: random.Random) -> bytes:
    """Return content with a few bytes changed, cut, doubled, moved or put in."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        start, end = sorted(rng.randint(0, len(data)) for _ in range(2))
        end = min(end, start + rng.choice((1, 3, 30, 300)))
        action = rng.randrange(5)
        if action == 0 and end > start:
            data[rng.randrange(start, end)] = rng.randrange(256)
        elif action == 1:
            del data[start:end]
        elif action == 2:
            data[start:start] = data[start:end] * rng.choice((1, 2, 50))
        elif action == 3:
            data[start:start] = rng.choice(BITS)
        else:
            data[start:end] = rng.choice(BITS) * rng.choice((1, 1, 20))
    return bytes(data)


def survive(path: Path, content: bytes) -> bool:
    """Read content; return whether it was read. Anything but an error of ours goes up."""
    path.write_bytes(content)
    start = time.process_time()
    try:
        read(path)
    except SurfaceChemError as error:
        return not str(error)  # building the message must work as well
    finally:
        assert time.process_time() - start < SLOWEST
    return True


@pytest.mark.parametrize("seed", SEEDS)
def test_mutants_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    """Each mutant of each layout ends in a titration or in an error of ours, within two seconds."""
    rng = random.Random(seed)  # noqa: S311 - mutations, no secret
    for name, content in layouts().items():
        path = tmp_path / f"{name}.dat"
        assert survive(path, content)
        for _ in range(MUTANTS_EACH):
            survive(path, mutate(content, rng))


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    generator = random.Random(wanted)  # noqa: S311 - mutations, no secret
    originals = list(layouts().values())
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "mutant.dat"
        read_well = sum(survive(target, mutate(generator.choice(originals), generator)) for _ in range(wanted))
    sys.stdout.write(f"{wanted} mutants: {read_well} read, {wanted - read_well} refused\n")

"""Damaged files: any mutation of any layout, and of any model, is read or refused, soon and by an error of ours.

A long run: ``python tests/io/test_fuzz.py 20000``.
"""

from __future__ import annotations

import io
import random
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # ships no types
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import find_card, list_cards, read
from surfacechem.network import Network
from surfacechem.notation import parse

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
    b"<=>",
    b" ; K = fit /M",
    b"In-*",
    b"@1,2\n",
    b"##NPOINTS= 9\n",
    b"%Z9Z9",
    b"((((((",
    b"# sites: P = 51\n",
    b"# series: mutant.dat\n# integral: x = 5..6\n",
    b"Integral(5.7,5.4)",
    b"[equiv per site]",
    "\ufffd".encode(),
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
WORKSHEET = (
    "DH\tINJV\tXt\tMt\tXMt\tNDH\n-5\t2\t0\t0.1\t0\t-2500\n-29\t40\t0.01\t0.09\t1\t-725\n\t--\t0.04\t0.08\t--\t\n"
)
POWER = """\
$ITC
$ 2
$NOT
$ 25
$ 60
$ 9
$ 2 , 4 , 60 , 2
$ 9 , 4 , 60 , 2
# 0
# 1
# 0.1
# 1.434
# 25
?
% VPITC
@0
"""
MARKS = {6: "@1,2.0\n", 12: "@2,9.0\n"}
POWER += "".join(f"{MARKS.get(i, '')}{2 * i + 2:.2f},{4.8 + i % 6:.6f},25.0\n" for i in range(18))
EXPORT = POWER[: POWER.index("$ 25")] + "# 0\n# 1\n# 0.1\n# 0.182\n# 25\n# 25\n# 25\n" + POWER[POWER.index("@0") :]
SERIES = """\
,,,,,,
#,X(I),Y(X),Y'(X),,,
Model,ARR_DATA(I),"Integral(5.700,5.450)","Integral(0.150,0.050)",,,
1,0.000,0.10,1.00,,,
2,225.000,4.20,1.00,,,
"""
COUNTED = """\
# cell: P 0.05 mmol/L
# sites: P = 51
total A [equiv per native ligand], A 386 nm, A 400 nm
0, 0.81, 0.45
0.4, 0.75, 0.50
"""
JCAMPDX = """\
##TITLE= a
##DATA TYPE= UV/VIS SPECTRUM
##XUNITS= NANOMETERS
##YUNITS= ABSORBANCE
##FIRSTX= 400
##LASTX= 405
##NPOINTS= 6
##XYDATA= (X++(Y..Y))
400A00A10A20A30A40A50
##END=
"""
GROUP = "ppm,Intensity,Width,Area,Type,Flags,Impurity/Compound,Annotation"
PEAKS = f",{GROUP},,{GROUP}\n1,7.3,0.1,3.4,10,Compound,None,,,3,5.3,0,2.1,4,Compound,None,,\n"


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
    texts = {"own": OWN, "musketeer": MUSKETEER, "cary": CARY, "heats": HEATS, "worksheet": WORKSHEET}
    texts |= {
        "power": POWER,
        "export": EXPORT,
        "jcampdx": JCAMPDX,
        "peaks": PEAKS,
        "series": SERIES,
        "counted": COUNTED,
    }
    return bundled | {name: text.encode() for name, text in texts.items()} | {"workbook": _workbook()}


def mutate(content: bytes, rng: random.Random, *, most: int = 6) -> bytes:
    """Return content with a few bytes changed, cut, doubled, moved or put in, at up to `most` places."""
    data = bytearray(content)
    for _ in range(rng.randint(1, most)):
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


def models() -> dict[str, bytes]:
    """Return every bundled model."""
    return {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for card in list_cards()
        for path in sorted(card.folder.glob("*.scx"))
    }


def load(path: Path) -> object:
    """Read a data file, or the model whose file ends in .scx up to the point where it could be solved."""
    if path.suffix != ".scx":
        return read(path)
    return Network(parse(path.read_bytes().decode("utf-8", errors="replace"), file=path.name))


def survive(path: Path, content: bytes) -> bool:
    """Read content; return whether it was read. Anything but an error of ours goes up."""
    path.write_bytes(content)
    start = time.process_time()
    try:
        load(path)
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


@pytest.mark.parametrize("name", models())
def test_mutants_of_models_are_read_or_refused(tmp_path: Path, name: str) -> None:
    """Each mutant of each bundled model ends in a network or in an error of ours, within two seconds."""
    rng = random.Random(name)  # noqa: S311 - mutations, no secret
    content = models()[name]
    assert survive(tmp_path / "a.scx", content)
    for _ in range(MUTANTS_EACH):
        survive(tmp_path / "a.scx", mutate(content, rng, most=2))


def main(wanted: int) -> None:
    """Try this many mutants, half of data files and half of models; keep the culprit where one goes wrong."""
    rng = random.Random(wanted)  # noqa: S311 - mutations, no secret
    originals = [(suffix, list(made.values())) for suffix, made in ((".dat", layouts()), (".scx", models()))]
    slowest, n_read = 0.0, 0
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(wanted):
            suffix, contents = originals[number % 2]
            mutant = mutate(rng.choice(contents), rng, most=rng.choice((1, 2, 6)))
            start = time.process_time()
            try:
                n_read += survive(Path(folder) / f"mutant{suffix}", mutant)
            except BaseException:
                Path(f"culprit{suffix}").write_bytes(mutant)
                raise
            slowest = max(slowest, time.process_time() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    sys.stdout.write(f"{wanted} mutants: {n_read} read, {wanted - n_read} refused\n")
    sys.stdout.write(f"slowest {slowest:.2f} s, most memory {memory:.2f} GB\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))

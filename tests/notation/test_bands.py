"""Numbers of bands with an error or to be fitted; brightness of single quenchers; what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from surfacechem.chem.convention import Convention, Role
from surfacechem.constants import HC
from surfacechem.errors import SurfaceChemError
from surfacechem.notation import parse, render

MODEL = """surfacechem 1
cluster C
site S on C : 51
L[1] S-* + Q <=> S-Q ; K = 1e4 /M
L[2] S-* + R <=> S-R ; K = 1e3 /M
observe X = {line}
"""


def constants(line: str) -> dict[str, tuple[float, float | None, Role]]:
    """Return value, relative error and role of what is fitted or has an error."""
    (observable,) = parse(MODEL.format(line=line)).observables
    return {
        each.name: (each.value, each.log10_stderr and each.log10_stderr * np.log(10), each.role)
        for each in observable.factors
    }


def test_numbers_with_errors_are_constants() -> None:
    """A position in nm has the relative error of its wavelength; exact numbers are no constants."""
    found = constants(
        "386 +/- 1 nm - 8 +/- 1 meV fit * count(Q) of C ; width = 150 +/- 5 meV, absorptivity = 2e5 /(M cm) fit, "
        "asymmetry = 1.3"
    )
    assert found["position[X]"] == (pytest.approx(HC / 386), pytest.approx(1 / 386), Role.FIXED)
    assert found["count[X, Q]"] == (pytest.approx(0.008), pytest.approx(1 / 8), Role.FREE)
    assert found["width[X]"] == (pytest.approx(0.15), pytest.approx(1 / 30), Role.FIXED)
    assert found["absorptivity[X]"] == (pytest.approx(2e5), None, Role.FREE)
    assert set(found) == {"position[X]", "count[X, Q]", "width[X]", "absorptivity[X]"}


@pytest.mark.parametrize(
    "line",
    [
        "3.2 +/- 0.01 eV - 0.1 eV fit 0.01..1 * coverage(Q) of C ; width = 0.15 eV fit, absorptivity = 2e5 /(M cm)",
        "E0 + dE * coverage(Q) ; local",
        "3.2 eV of C ; width = 0.1 eV, absorptivity = 1e5 /(M cm) fit, huang_rhys = 1.2 +/- 0.1, quantum = 0.04 eV fit",
        "emission(C, S-Q, S-R, q = 0.9 fit of S-Q, q = 0.5 +/- 0.1 fit)",
    ],
)
def test_lines_are_written_back(line: str) -> None:
    """Text of a parsed line reads back to itself."""
    text = render(parse(MODEL.format(line=line)))
    assert render(parse(text)) == text


def test_quenchers_may_differ() -> None:
    """Each quenching state has its own share, or that of all the others."""
    (line,) = parse(MODEL.format(line="emission(C, S-Q, S-R, q = 0.9 fit of S-Q, q = 0.5)")).observables
    assert [(each.name, each.convention) for each in line.factors] == [
        ("q[X, S-Q]", Convention.PER_QUENCHER),
        ("q[X]", Convention.PER_QUENCHER),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("3 eV of C ; width = fit, absorptivity = 1 /(M cm)", "no number to begin at"),
        ("3 eV of C ; width = 150 +/- 0 meV, absorptivity = 1 /(M cm)", "number 0"),
        ("3 eV of C ; width = 150 meV fit 300..100, absorptivity = 1 /(M cm)", "range 300..100"),
        ("3 eV of C ; width = 15 +/- 1 nm, absorptivity = 1 /(M cm)", "no unit of energy shift"),
        ("3 eV of C ; width = 1 eV, absorptivity = 1 /(M cm), huang_rhys = 0 fit, quantum = 1 eV", "number 0"),
        ("3 eV - 0 eV fit * coverage(Q)", "number 0"),
        ("3 eV ; local", "local without a name"),
        ("emission(C, S-Q, q = 0.9 of S-R)", "S-R, which the line does not observe"),
        ("emission(C, S-Q, q = 0.9, q = 0.8)", "twice"),
        ("emission(C, S-Q, S-R, k = 0.9 of S-Q, k = 1)", "k of several"),
        ("emission(C, S-Q, S-R, q = 0.9 of S-Q)", "none for some"),
        ("emission(C, S-Q, q = 0.9 of S-Q, q = 0.8)", "one for no quencher"),
        ("absorbance(E1)", "E1"),
        ("absorbance(C at 5e4 /(M cm), Q)", "no absorptivity of Q"),
        ("shift(Q at 7 +/- 1 ppm, S-Q)", "a known value"),
        ("integral(Q at 7 ppm)", "shift"),
    ],
)
def test_what_cannot_be_is_refused(line: str, said: str) -> None:
    """Every fault is said in words, none is a traceback."""
    with pytest.raises(SurfaceChemError, match=said.replace("+", r"\+")):
        parse(MODEL.format(line=line))

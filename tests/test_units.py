"""Units: what is read, what is refused, and that the table of everyday units is pint's."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from surfacechem.constants import HC
from surfacechem.errors import UnitError
from surfacechem.units import (
    Kind,
    constant_unit,
    display_unit,
    from_kernel,
    kernel_unit,
    quantity,
    to_kernel,
)
from surfacechem.units.text import families, parsed, table

EVERYDAY = [(unit, next(iter(family)), factor) for family in families() for unit, factor in family.items()]


@pytest.mark.parametrize(("unit", "base", "factor"), EVERYDAY)
def test_table_is_pints(unit: str, base: str, factor: float) -> None:
    """Each everyday unit has the size that pint gives it."""
    spelled = [text.replace(" ", "*") for text in (unit, base)]
    assert factor == pytest.approx(pint.Quantity(1.0, spelled[0]).m_as(spelled[1]), rel=1e-14)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_units_in_the_table(kind: Kind) -> None:
    """Kernel and display unit of each kind are everyday units of one dimension."""
    assert table()[parsed(kernel_unit(kind))][0] == table()[parsed(display_unit(kind))][0]


@given(value=st.floats(1e-30, 1e30), kind=st.sampled_from(list(Kind)))
def test_display_and_back(value: float, kind: Kind) -> None:
    """A number shown in its display unit reads back as itself."""
    shown = from_kernel(value, kind)
    assert to_kernel(shown, display_unit(kind), kind) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "unit", ["mmol/L", "mM", "mmol L^-1", "mmol L-1", "mmol·L⁻¹", "mmol*L**-1", " mmol / L ", "mmol/dm3", "mol m^-3"]
)
def test_spellings_of_one_unit(unit: str) -> None:
    """The ways to write mmol/L mean the same."""
    assert to_kernel(2.0, unit, Kind.CONCENTRATION) == pytest.approx(2e-3, rel=1e-15)


@pytest.mark.parametrize("micro", ["u", "µ", "μ"])
def test_both_micro_signs(micro: str) -> None:
    """The micro sign, the Greek mu and the letter u are the same prefix."""
    assert quantity(f"3 {micro}M", Kind.CONCENTRATION) == 3e-6


def test_temperature_has_an_offset() -> None:
    """Degrees Celsius are moved to kelvin and back."""
    assert quantity("25 °C", Kind.TEMPERATURE) == 298.15
    assert from_kernel(298.15, Kind.TEMPERATURE, "degC") == 25.0


def test_positions_convert_and_shifts_do_not() -> None:
    """nm, eV and 1/cm convert into each other as positions; a shift in nm is refused."""
    assert quantity("386 nm", Kind.PHOTON_ENERGY) == HC / 386
    assert quantity("2 eV", Kind.WAVENUMBER) == pytest.approx(2 * 8065.543937, rel=1e-9)
    assert from_kernel(2.0, Kind.PHOTON_ENERGY, "nm") == HC / 2
    with pytest.raises(UnitError, match="convert both positions"):
        to_kernel(5.0, "nm", Kind.ENERGY_SHIFT)


def test_shifts_in_wavenumbers_are_energies() -> None:
    """1/cm is proportional to energy, so a width of 1000 1/cm is one of 124 meV, and 0 1/cm is none."""
    assert quantity("1000 1/cm", Kind.ENERGY_SHIFT) == pytest.approx(0.1239841984)
    assert quantity("0 1/cm", Kind.ENERGY_SHIFT) == 0.0
    assert from_kernel(0.1239841984, Kind.ENERGY_SHIFT, "1/cm") == pytest.approx(1000.0)


def test_position_zero_is_refused() -> None:
    """A wavelength of zero has no energy, and says so."""
    with pytest.raises(UnitError, match="other than 0"):
        quantity("0 nm", Kind.PHOTON_ENERGY)


def test_arrays_convert() -> None:
    """Whole columns convert at once, and the column given stays as it was."""
    volumes = np.array([0.0, 10.0])
    np.testing.assert_array_equal(to_kernel(volumes, "uL", Kind.VOLUME), [0.0, 1e-5])
    assert volumes[1] == 10.0


@pytest.mark.parametrize(
    ("unit", "factor", "exponent"),
    [("/M", 1, -1), ("M^-1", 1, -1), ("M-1", 1, -1), ("L/mol", 1, -1), ("/mM", 1e3, -1), ("1/uM", 1e6, -1),
     ("1/µM", 1e6, -1), ("M^-2", 1, -2), ("1/mM^2", 1e6, -2), ("L^2/mol^2", 1, -2), ("M", 1, 1), ("dm^3/mol", 1, -1),
     ("L/mmol", 1e3, -1), ("mM", 1e-3, 1), ("", 1, 0), ("1", 1, 0), ("mM/M", 1e-3, 0), ("M^0.5", 1, Fraction(1, 2)),
     ("/M^(1/3)", 1, Fraction(-1, 3)), ("M^(-17/3)", 1, Fraction(-17, 3)), ("/M^34", 1, -34),
     ("/mM^(1/3)", 10, Fraction(-1, 3))],
)  # fmt: skip
def test_units_of_constants(unit: str, factor: float, exponent: Fraction) -> None:
    """The unit of a constant gives its factor and its power of mol/L."""
    found = constant_unit(unit)
    assert found.factor == pytest.approx(factor, rel=1e-15)
    assert found.molar_exponent == exponent


@pytest.mark.parametrize(
    ("unit", "message"),
    [("/mM^200", "what a number can hold"), ("M^(1/0)", "a denominator above 0"), ("M^99999999999", "exponents from")],
)
def test_powers_that_nothing_holds_are_refused(unit: str, message: str) -> None:
    """Large powers of M are fine, of mM they overflow; a fraction over 0 is none."""
    assert constant_unit("M^200").factor == 1.0
    with pytest.raises(UnitError, match=message):
        constant_unit(unit)


@pytest.mark.parametrize("unit", ["/s", "L", "mol", "kJ/mol", "L^2/mol"])
def test_other_units_are_no_constants(unit: str) -> None:
    """A unit that is no power of a concentration is refused for a constant."""
    with pytest.raises(UnitError, match="a power of a concentration"):
        constant_unit(unit)


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        ("9**9**9 m", "joined by"),
        ("m^9^9^9", "joined by"),
        ("m^99999999", "exponent 99999999"),
        ("(" * 30 + "m" + ")" * 9, "joined by"),
        ("m" * 10**6, "at most 40 characters"),
        ("__import__('os')", "joined by"),
        ("1e400 m", "exponent 400"),
        ("L/mol cm", r"set brackets: J/\(mol K\)"),
        ("mol//L", "found nothing"),
        ("MM", "did you mean 'mM'"),
        ("mmoll", "did you mean 'mmol/l'"),
        ("eq", "equivalents of a named thing"),
        ("m\0", "\N{REPLACEMENT CHARACTER}"),
        ("mmol/K", "no unit of concentration"),
        ("degC", "no unit of concentration"),
        ("kmol", "no unit|known unit"),
    ],
)
def test_text_that_is_no_concentration(unit: str, message: str) -> None:
    """Unit text is refused at once, before anything computes with it."""
    start = time.process_time()
    with pytest.raises(UnitError, match=message):
        to_kernel(1.0, unit, Kind.CONCENTRATION)
    assert time.process_time() - start < 0.1


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(unit: str) -> None:
    """No text ends in anything but a number or a UnitError."""
    with suppress(UnitError):
        assert to_kernel(1.0, unit, Kind.CONCENTRATION) > 0
    with suppress(UnitError):
        assert constant_unit(unit).factor > 0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.1, r'feed: found 0.1 without unit(.|\n)*write e.g. "0.5 mmol/L"'),
        (True, "feed: found True"),
        ([1, 2], "feed: found \\[1, 2\\]"),
        ("0.1", "feed: found '0.1' without unit"),
        ("0,10 mmol/L", r"instead: '0\.10 mmol/L'"),
        ("mmol/L", "a number and a unit"),
        ("1e999 mmol/L", "finite"),
        ("nan mmol/L", "a number and a unit"),
        (pint.Quantity(1.0, "J"), "no|joule|feed"),
        (pint.Quantity([1.0, 2.0], "mol/L"), "several numbers"),
    ],
)
def test_refused_quantities(value: object, message: str) -> None:
    """A number without unit, or what is no number, is refused by the argument's name."""
    with pytest.raises(UnitError, match=message):
        quantity(value, Kind.CONCENTRATION, name="feed")  # type: ignore[arg-type]  # what a user may pass


def test_dimensionless_takes_plain_numbers() -> None:
    """Where a kind has no dimension a plain number is enough, and percent is known."""
    assert quantity(0.25, Kind.DIMENSIONLESS) == quantity("25 %", Kind.DIMENSIONLESS) == 0.25


def test_quantities_of_any_registry() -> None:
    """A quantity of another registry converts in its own, as does one of the application registry."""
    assert quantity(pint.UnitRegistry().Quantity(2.0, "mmol/L"), Kind.CONCENTRATION) == pytest.approx(2e-3)
    assert quantity(pint.Quantity(386.0, "nm"), Kind.PHOTON_ENERGY) == pytest.approx(HC / 386)
    assert quantity(pint.Quantity(1.0, "mol/L/mol*kmol"), Kind.CONCENTRATION) == pytest.approx(1000.0)


def test_rare_units_go_through_pint() -> None:
    """A product of known words that is not in the table is sized by pint."""
    assert to_kernel(1.0, "mol/cm^3", Kind.CONCENTRATION) == pytest.approx(1000.0)
    assert to_kernel(2.0, "kJ/mmol", Kind.MOLAR_ENERGY) == pytest.approx(2e6)


def test_everyday_units_never_import_pint() -> None:
    """Reading everyday units, and refusing unknown ones, leaves pint unimported."""
    code = (
        "import sys; from surfacechem.units import Kind, quantity, constant_unit, to_kernel\n"
        "quantity('0.1 mM', Kind.CONCENTRATION); constant_unit('/mM'); to_kernel(386.0, 'nm', Kind.PHOTON_ENERGY)\n"
        "try: to_kernel(1.0, 'uL', Kind.CONCENTRATION)\n"
        "except ValueError: print('pint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert done.stdout.strip() == "False"

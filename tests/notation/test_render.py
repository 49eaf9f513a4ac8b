"""Text, system, text: the round trip settles at once."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.chem.build import SystemBuilder
from surfacechem.chem.constant import Convention, EquilibriumConstant, Role
from surfacechem.chem.formula import Formula
from surfacechem.chem.system import Observable, System
from surfacechem.errors import SurfaceChemError
from surfacechem.notation import parse, render

PAGE = (Path(__file__).parents[2] / "docs" / "model-language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```scx\n(.*?)```", PAGE, re.DOTALL)
SETTINGS = re.findall(r"^\| (`(?:K|dH) = .*?`) \|", PAGE, re.MULTILINE)


def close(value: float) -> object:
    """Return a value to which a rendered one compares equal: twelve digits are written."""
    return pytest.approx(value, rel=1e-11)


def content(system: System) -> System:
    """Return a system without notes and log10 values, which carry rounding."""
    constants = [replace(r.constant, log10_value=None, log10_stderr=None, log10_bounds=None) for r in system.reactions]
    reactions = [replace(r, constant=c) for r, c in zip(system.reactions, constants, strict=True)]
    conformers = [replace(c, constant=replace(c.constant, log10_value=None)) for c in system.conformers]
    return replace(system, notes=(), reactions=tuple(reactions), conformers=tuple(conformers))


def test_page_has_examples() -> None:
    """The language page shows models and the ways to write constants."""
    assert len(EXAMPLES) >= 7
    assert len(SETTINGS) >= 7


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_of_the_page_round_trip(text: str) -> None:
    """Every model of the language page is read, and its settled text is a fixed point."""
    system = parse(text)
    settled = render(system)
    assert content(parse(settled)) == content(system)
    assert render(parse(settled)) == settled


@pytest.mark.parametrize("cell", SETTINGS)
def test_constants_of_the_page_round_trip(cell: str) -> None:
    """Every way to write a constant that the page lists is read."""
    for setting in re.findall(r"`(.*?)`", cell):
        has_unit = any(word in setting for word in ("/M", "K[", "dH")) or setting == "K = fit"
        reaction = "A + B <=> AB" if has_unit else "A <=> B"
        text = f"species A\nspecies B\nS[X1] A + B <=> C ; K = 1 /M\nS {reaction} ; {setting}"
        settled = render(parse(text))
        assert render(parse(settled)) == settled


def test_settled_text_is_plain() -> None:
    """Species that the reactions tell, and labels of numbered reactions, are not written."""
    text = "surfacechem 1\ntemperature 298.15 K\nS[11] Host + TCNB <=> HG ; K = fit /M\n"
    assert render(parse(text)) == text


def test_learned_placeholder_is_written() -> None:
    """What a declaration told of a placeholder stands in the text."""
    assert "species HO2CR' = C18H34O2 where R' = C17H33\n" in render(parse("species HO2CR' = C18H34O2"))


def test_groups_of_groups_are_written_out() -> None:
    """A group made of another one is written in elements, so that their order does not matter."""
    system = parse("where R = C2H5\nwhere OA = O2CR\nspecies Cd(OA)2")
    assert "OA = C3H5O2" in render(system)
    assert render(parse(render(system))) == render(system)


LIGANDS = ("O2CR", "O2CR'", "SR''", "Old_1")
NUMBERS = st.floats(-290.0, 290.0, allow_nan=False)


@st.composite
def constants(draw: st.DrawFn, convention: Convention, exponent: int) -> EquilibriumConstant:
    """Draw constants of every role, with and without bounds, spread, conditions."""
    role = draw(st.sampled_from([Role.FREE, Role.FIXED]))
    value = draw(NUMBERS) if role is Role.FIXED else draw(st.none() | NUMBERS)
    bounds = draw(st.none() | st.tuples(st.floats(-200, -1), st.floats(1, 200))) if role is Role.FREE else None
    enthalpy = draw(st.none() | st.floats(-1e5, 1e5))
    return EquilibriumConstant(
        name="",
        log10_value=value,
        log10_stderr=None if value is None else draw(st.none() | st.floats(1e-6, 1.0)),
        log10_bounds=bounds,
        role=role,
        convention=convention,
        molar_exponent=Fraction(exponent),
        enthalpy=enthalpy,
        temperature=None if value is None or enthalpy is None else draw(st.none() | st.floats(200.0, 400.0)),
    )


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Draw systems of exchanges, bindings and dimers on one cluster with classes of sites."""
    model = SystemBuilder()
    model.temperature(draw(st.floats(200.0, 500.0)))
    if draw(st.booleans()):
        model.group("R'", draw(st.sampled_from(["C17H33", "C7H7"])))
    model.cluster("InP37", draw(st.none() | st.just("In37P20(O2CR)51")), title=draw(st.sampled_from(["", "386 nm"])))
    sites = draw(st.lists(st.sampled_from(["In", "In.a", "P_1"]), min_size=1, max_size=3, unique=True))
    for site in sites:
        model.site(site, on="InP37", count=draw(st.fractions(1, 17, max_denominator=4)), native="O2CR")
    if draw(st.booleans()):
        model.species("Old_1")
    for number in range(draw(st.integers(0, 4))):
        site, ligand = draw(st.sampled_from(sites)), draw(st.sampled_from(LIGANDS[1:]))
        label = draw(st.sampled_from(["", f"l{number}"]))
        constant = draw(constants(draw(st.sampled_from([Convention.PER_SITE, Convention.PER_PARTICLE])), 0))
        model.reaction([f"{site}-O2CR", f"H{ligand}"], [f"{site}-{ligand}", "HO2CR"], K=constant, label=label)
        model.observe(f"o{number}", "integral", f"{site}-{ligand}", weights=[draw(st.none() | st.just(Fraction(1, 3)))])
    model.reaction(["2 HO2CR"], ["(HO2CR)2"], K=draw(constants(Convention.SOLUTION, -1)), kind="S")
    if draw(st.booleans()):
        model.conformer("beta", of="InP37", L0=draw(constants(Convention.SOLUTION, 0)))
    return model.system()


@given(systems())
@settings(max_examples=80, deadline=None)
def test_drawn_systems_round_trip(system: System) -> None:
    """Any system is written, read back the same, and written the same again."""
    settled = render(system)
    again = parse(settled)
    assert render(again) == settled
    assert [r.equation for r in again.reactions] == [r.equation for r in system.reactions]
    assert (again.sites, again.species, again.clusters) == (system.sites, system.species, system.clusters)
    for first, second in zip(system.reactions, again.reactions, strict=True):
        assert (second.name, second.constant.role, second.constant.convention) == (
            first.name,
            first.constant.role,
            first.constant.convention,
        )
        assert (second.constant.log10_value or 0) == pytest.approx(first.constant.log10_value or 0, abs=1e-10)


PIECES = (
    *"()[]{}<=>+-*/^'\"#;:,. \n\t\\0129eKLXZSRCHO_·⇌µ√\x00",
    *("fit", "1e999", "In-*", " where R = ", " in beta", "integral(", "coverage(", "..", "+/-", "((((", "lambda x:"),
    *("__import__('os')", " <=> ", " per particle", " at 1 K", "K[X1]", "dH = 3 kJ/mol", "1/0", 'named "x"', "class L"),
)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_mutated_models_are_read_or_refused(seed: int) -> None:
    """No mutation of a good model gives a traceback or takes two seconds; what is read still round-trips."""
    chance = random.Random(seed)  # noqa: S311 - seeded by hypothesis, no secret
    text = list(chance.choice(EXAMPLES))
    for _ in range(chance.randint(1, 5)):
        place = chance.randrange(len(text) + 1)
        if chance.random() < 0.5:
            text[place:place] = chance.choice(PIECES) * chance.choice([1, 1, 1, 30])
        else:
            del text[place : place + chance.randint(1, 6)]
    start = process_time()
    with suppress(SurfaceChemError):
        settled = render(parse("".join(text)))
        assert render(parse(settled)) == settled
    assert process_time() - start < 2.0


def test_band_and_options_are_written_in_units() -> None:
    """Options come back with their unit, flags without value."""
    observables = (
        Observable(name="h", kind="calorimetry", entities=(), options=(("cell", 1.434e-3),)),
        Observable(name="e", kind="band", entities=("A",), options=(("origin", 3.2), ("slope:A", "dE"))),
        Observable(
            name="f",
            kind="band",
            entities=("A",),
            options=(("absorptivity", 5e4), ("count:A", -0.008), ("of", "Q"), ("origin", 3.2), ("width", 0.15)),
        ),
    )
    text = render(System(observables=observables))
    assert "observe h = calorimetry(cell = 0.001434 L)\n" in text
    assert "observe e = 3.2 eV + dE * coverage(A)\n" in text
    shape = "width = 0.15 eV, absorptivity = 50000 L/(mol cm)"
    assert f"observe f = 3.2 eV - 0.008 eV * count(A) of Q ; {shape}\n" in text


def test_charged_groups_keep_their_charge() -> None:
    """A declared cation stays one."""
    builder = SystemBuilder()
    builder.group("Am", "NH4^+")
    builder.group("Dm", "(Am)2")
    assert builder.system().groups[1][1].charge == Formula.parse("N2H8^2+").charge
    assert "where Am = NH4^+\nwhere Dm = H8N2^2+\n" in render(builder.system())


@given(
    st.floats(1e-250, 1e250), st.floats(-1e6, 1e6), st.floats(0.001, 3.0), st.floats(150.0, 900.0), st.floats(0.01, 10)
)
@settings(max_examples=40, deadline=None)
def test_numbers_read_back_to_the_same_float(
    value: float, energy: float, spread: float, temperature: float, cell: float
) -> None:
    """Written systems hold the very numbers: constants, spreads, bounds, energies, temperatures, volumes."""
    text = (
        f"temperature {temperature!r} K\nsite S on Q : 6 native A ; ring\ncluster Q\nspecies HA\nspecies HB\n"
        f"X S-A + HB <=> S-B + HA ; K = {value!r} +/- {spread * value!r} fit {value / 3!r}..{value * 7!r}, "
        f"dH = {energy!r} J/mol, w = {energy!r} J/mol\n"
        f"couple S-A with S-B ; w = {energy / 1e3!r} +/- {spread!r} kJ/mol fit -{spread!r}..{spread!r}\n"
        f"observe h = calorimetry(cell = {cell!r} mL)\n"
    )
    system = parse(text)
    again = parse(render(system))
    for one, other in zip(system.constants, again.constants, strict=True):
        # A spread is divided by its value, so that not every quotient can be met.
        assert (other.log10_stderr or 0.0) == pytest.approx(one.log10_stderr or 0.0, rel=1e-15)
        assert replace(other, log10_stderr=None) == replace(one, log10_stderr=None)
    assert (again.temperature, again.observables) == (system.temperature, system.observables)


def test_numbers_stay_short() -> None:
    """What a person wrote comes back as it was, not with seventeen digits."""
    line = "S A + B <=> AB ; K = 0.3 +/- 0.1 /M fit 0.001..70000, dH = -35.7 kJ/mol\n"
    assert line in render(parse("species A\nspecies B\n" + line))

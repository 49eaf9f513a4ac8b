"""Model text becomes a system, or all its faults with line, column and cure."""

from __future__ import annotations

from fractions import Fraction
from time import process_time

import pytest

from surfacechem.chem.constant import Convention, EquilibriumConstant, Role
from surfacechem.chem.system import ReactionKind
from surfacechem.errors import BalanceError, Faults, ModelError, SurfaceChemError
from surfacechem.notation import parse, render

EXCHANGE = """surfacechem 1
cluster InP37 = In37P20(O2CR)51 where R = C13H27
site    In on InP37 : 51 native O2CR
species HO2CR' = C18H34O2 named "oleic # acid" where R' = C17H33   # comment
X   In-O2CR + HO2CR' <=> In-O2CR' + HO2CR   ; K = fit
observe bound = integral(In-O2CR')
"""


def constant(settings: str, reaction: str = "S A + B <=> AB") -> EquilibriumConstant:
    """Return the constant of one reaction between labels."""
    return parse(f"species A\nspecies B\n{reaction} ; {settings}").reactions[0].constant


def faults_of(text: str) -> tuple[SurfaceChemError, ...]:
    """Return the faults of a text."""
    with pytest.raises(SurfaceChemError) as caught:
        parse(text, file="m.scx")
    return caught.value.faults if isinstance(caught.value, Faults) else (caught.value,)


def test_exchange_is_understood() -> None:
    """Each statement of the 51-site exchange arrives in its place."""
    system = parse(EXCHANGE)
    assert system.clusters[0].formula is not None
    assert system.clusters[0].formula.mass == pytest.approx(16463.5, rel=1e-4)
    assert (system.sites[0].count, system.sites[0].native) == (Fraction(51), "O2CR")
    assert system.species[0].title == "oleic # acid"
    assert [str(term) for term in system.reactions[0].terms] == ["In-O2CR", "HO2CR'", "In-O2CR'", "HO2CR"]
    assert system.observables[0].entities == ("In-O2CR'",)


@pytest.mark.parametrize(
    ("settings", "log10", "role", "bounds"),
    [
        ("K = 100 /M", 2.0, Role.FIXED, None),
        ("K = 100 /M fixed", 2.0, Role.FIXED, None),
        ("K = 100 /mM", 5.0, Role.FIXED, None),
        ("K = 100 L/mol fit", 2.0, Role.FREE, None),
        ("K = 1e2 M^-1 fit 1..1e4", 2.0, Role.FREE, (0.0, 4.0)),
        ("K = fit", None, Role.FREE, None),
        ("K = fit /M", None, Role.FREE, None),
        ("K = fit 1e-3..10 /mM", None, Role.FREE, (0.0, 4.0)),
        ("K = 100 /M at 298.15 K", 2.0, Role.FIXED, None),
    ],
)
def test_constants_are_read(settings: str, log10: float | None, role: Role, bounds: tuple[float, float] | None) -> None:
    """Value, unit, role and bounds arrive in mol/L."""
    found = constant(settings)
    assert found.log10_value == (None if log10 is None else pytest.approx(log10))
    assert found.role is role
    assert found.log10_bounds == (None if bounds is None else pytest.approx(bounds))
    assert found.molar_exponent == -1


def test_prior_is_relative() -> None:
    """``1.3 +/- 0.1`` is a spread of 0.1/1.3 in ln K."""
    for sign in ("+/-", "±"):
        found = constant(f"K = 1.3 {sign} 0.1 /M fit").log10_stderr
        assert found == pytest.approx(0.1 / 1.3 / 2.302585, rel=1e-6)


def test_enthalpy_and_entropy_make_a_constant() -> None:
    """K = exp(-(dH - T dS)/RT), at any temperature."""
    found = constant("dH = -35 kJ/mol, dS = -60 J/(mol K)").at(350.0)
    assert found.gibbs_energy().value == pytest.approx(-35e3 + 350.0 * 60)


def test_convention_follows_the_sites() -> None:
    """K is per site where a site takes part, stepwise where it says so, and of solution elsewhere."""
    exchange = "In-O2CR + HO2CR' <=> In-O2CR' + HO2CR"
    assert constant("K = 2", exchange).convention is Convention.PER_SITE
    assert constant("K = 2 per site", exchange).convention is Convention.PER_SITE
    assert constant("K = 2 per particle", exchange).convention is Convention.PER_PARTICLE
    assert constant("K = 2 /M").convention is Convention.SOLUTION


def test_letter_is_a_class_or_a_name() -> None:
    """``S + P`` is sulfur and phosphorus, ``S A + B`` a reaction in solution, ``L <=> M`` two names."""
    assert [r.kind for r in parse("S + P <=> SP\nS A + B <=> C\nL <=> M\nS[11] Q + W <=> QW").reactions] == ["S"] * 4
    assert parse("S + P <=> SP").reactions[0].left[0].entity == "S"


def test_ties_conformers_and_numbers() -> None:
    """Labels, ties, conformers and temperature are understood."""
    system = parse(
        "cluster C\nsite Cd on C : 8\nconformer beta of C ; L0 = 1e-3 fit\ntemperature = 25 degC\n"
        "L[a] Cd-* + MeOH <=> Cd-MeOH ; K = 2 /M fit\nL Cd-* + MeOH <=> Cd-MeOH in beta ; K = K[a]"
    )
    assert system.temperature == pytest.approx(298.15)
    assert [(r.name, r.conformer, r.constant.tied_to) for r in system.reactions] == [
        ("a", None, None),
        ("L1", "beta", "K[a]"),
    ]
    assert system.conformers[0].constant.log10_value == pytest.approx(-3.0)


BAND = "cluster Q\nsite S on Q : 4 native A\nX S-A + HB <=> S-B + HA ; K = 2\nobserve E1 = "


def test_bands_are_read_with_their_shape() -> None:
    """Position, terms with their signs, absorber, width and all the rest come in eV and L/(mol cm)."""
    shape = "width = 150 meV, absorptivity = 5e4 /(M cm), huang_rhys = 1, quantum = 320 1/cm"
    (band,) = parse(f"{BAND}386 nm - 8 meV * count(B) of Q ; {shape}").observables
    assert (band.entities, dict(band.options)) == (
        ("B",),
        {
            "origin": pytest.approx(1239.841984 / 386),
            "count:B": pytest.approx(-8e-3),
            "of": "Q",
            "width": pytest.approx(0.15),
            "absorptivity": pytest.approx(5e4),
            "huang_rhys": 1.0,
            "quantum": pytest.approx(320 * 1.239841984e-4),
        },
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("3.2 eV ; width = 12 nm, absorptivity = 1e4 /(M cm)", "a shift cannot be converted"),
        ("3.2 eV ; width = 120 meV", "width alone"),
        ("3.2 eV ; asymmetry = 1.4", "no width"),
        (
            "3.2 eV ; width = 0.1 eV, absorptivity = 1 /M/cm, asymmetry = 2, huang_rhys = 1, quantum = 40 meV",
            "one of them",
        ),
        ("3.2 eV ; breadth = 120 meV", "setting 'breadth'"),
        ("3.2 eV ; width = -1 meV, absorptivity = 1e4 /(M cm)", "above zero"),
        ("3.2 eV - dE * coverage(B)", "the fit finds the sign"),
        ("3.2 eV + 1 meV * count(A) * count(B)", "product of many"),
        ("3.2 eV - 8 meV * count(B) of HA", "ligands counted on HA"),
        ("3.2 eV of P ; width = 120 meV, absorptivity = 1e4 /(M cm)", "'P' of observe E1"),
    ],
)
def test_bands_that_say_too_little_or_too_much(line: str, found: str) -> None:
    """A shape is complete and of one kind, widths are energies, and the absorber exists."""
    with pytest.raises(SurfaceChemError, match=found):
        parse(BAND + line)


def test_a_band_of_one_of_many_forms_says_which() -> None:
    """With conformers a band with a width must name the form that absorbs."""
    two = BAND.replace("site", "conformer b of Q ; L0 = 1\nsite")
    with pytest.raises(SurfaceChemError, match="no word of what absorbs"):
        parse(two + "3.2 eV ; width = 120 meV, absorptivity = 1e4 /(M cm)")
    assert parse(two + "3.2 eV of Q.b ; width = 120 meV, absorptivity = 1e4 /(M cm)").observables


def test_limiting_shifts_are_read_and_written() -> None:
    """A place of a nucleus may have its shift; other measures have none."""
    text = "S Host + Guest <=> HG ; K = 250 /M\nobserve d = shift(Guest at 8.2 ppm, 2 HG at -0.5 ppm)"
    system = parse(text)
    assert dict(system.observables[0].options) == {"at:Guest": 8.2, "at:HG": -0.5}
    assert "shift(Guest at 8.2 ppm, 2 HG at -0.5 ppm)" in render(system)
    for wrong, said in (("integral(HG at 1 ppm)", "values of shift"), ("shift(HG at 1 eV)", "chemical shift")):
        with pytest.raises(SurfaceChemError, match=said):
            parse(f"S Host + Guest <=> HG ; K = 250 /M\nobserve d = {wrong}")


def test_observables_are_read() -> None:
    """Multiplicities, options with units, flags and the position of a band."""
    system = parse(
        "In-O2CR + HO2CR' <=> In-O2CR' + HO2CR\n"
        "observe a = integral(2 In-O2CR', HO2CR', protons = 3)\n"
        "observe b = spectrum(HO2CR; nonnegative)\n"
        "observe c = calorimetry(cell = 1.434 mL)\n"
        "observe d = 400 nm + dE * coverage(O2CR') + 5 meV * coverage(O2CR')*coverage(In-O2CR)\n"
    )
    a, b, c, d = system.observables
    assert (a.weights, a.options) == ((Fraction(2), None), (("protons", 3.0),))
    assert (b.weights, b.options) == ((), (("nonnegative", True),))
    assert dict(c.options)["cell"] == pytest.approx(1.434e-3)
    assert dict(d.options) == {
        "origin": pytest.approx(1239.841984 / 400),
        "slope:O2CR'": "dE",
        "slope:In-O2CR * O2CR'": pytest.approx(5e-3),
    }


def test_every_faulty_line_is_reported() -> None:
    """Three wrong lines give three faults in their order, each at its place."""
    text = EXCHANGE.replace("site ", "sight ").replace("51 native", "51 nativ") + "observe x = integrl(HO2CR)\nS A = B"
    faults = faults_of(text)
    assert [(fault.where.line, fault.where.column) for fault in faults if fault.where] == [(3, 10), (7, 13), (8, 5)]
    assert "write S A <=> B" in faults[2].advice


@pytest.mark.parametrize(
    ("line", "column", "advice"),
    [
        ("clutser InP37 = In37P20(O2CR)51", 1, "write cluster InP37 = In37P20(O2CR)51"),
        ("S A + B -> AB", 9, "write S A + B <=> AB"),
        ("S A + B = AB ; K = 3 /M", 9, "write S A + B <=> AB ; K = 3 /M"),
        ("S A + B <=> AB ; K = 1,3 /M", 24, "write S A + B <=> AB ; K = 1.3 /M"),
        ("S A + B <=> AB ; K = 3", 22, "write S A + B <=> AB ; K = 3 /M"),
        ("S A + B <=> AB ; K = 3 /M^2 # x", 24, "write S A + B <=> AB ; K = 3 /M"),
        ("S A + B <=> AB ; K = fit 1..3", 22, "write S A + B <=> AB ; K = fit 1..3 /M"),
        ("S A <=> B ; K = 3 /M", 19, "write S A <=> B ; K = 3"),
        ("S A + B <=> AB ; K = 3 kJ/mol", 24, "K = 250 /M"),
        ("S A + B <=> AB ; K = 3 9**9**9 m", 24, "write e.g."),
        ("T = 25 degC", 1, "write temperature 25 degC"),
        ("site In in InP37 : 51 native O2CR", 9, "write site In on InP37 : 51 native O2CR"),
        ("site In on InP37 : 51 natif O2CR", 23, "write site In on InP37 : 51 native O2CR"),
        ('species A named "x" with R = CH3', 21, 'write species A named "x" where R = CH3'),
        ("x[a] In-A + B <=> In-B + A", 6, "write X[a] In-A + B <=> In-B + A"),
        ("Y[a] In-A + B <=> In-B + A", 6, "X, L, Z or S before a reaction"),
        ("S A + B <=> AB ; K = 250 /M fix", 29, "write S A + B <=> AB ; K = 250 /M fixed"),
        ("S A + B <=> AB ; K = 5 +- 1 /M fit", 24, "write S A + B <=> AB ; K = 5 +/- 1 /M fit"),
        ("S A <=> B ; K = 5 fitt", 19, "write S A <=> B ; K = 5 fit"),
        ("S A + B <=> AB ; k = 250 /M", 18, "write K = ..."),
        ("S A + B <=> AB ; Kd = 4 mM", 18, "write K = 1/Kd, with the inverse unit"),
        ("observe A = spectrum(B, nonnegativ)", 25, "write observe A = spectrum(B, nonnegative)"),
        ("observe a = integral(In-A'", 27, "write observe a = integral(In-A')"),
        ("observe E1 = 3 eV + dE * covrage(A')", 26, "write observe E1 = 3 eV + dE * coverage(A')"),
        ("observe E1 = 3 + dE * coverage(A')", 14, "write 3 eV"),
        ("S A + B <=> AB ; K = 0 /M", 22, "check the sign"),
        ("S A + B <=> AB ; K = 1e999 /M", 22, ""),
        ("S A + B <=> AB ; K = fit 3..1 /M", 26, "write 1..3"),
        ("S A + B <=> AB ; K = 3 /M, K = 4 /M", 28, "leave one out"),
        ("S A + B <=> AB ; L0 = 3", 18, "write K = ..."),
        ("S A + B <=> AB ; w = 3 kJ/mol", 1, "stands alone on the right"),
        ("S A + B <=> AB ; K = 2 /M, dG = 3 kJ/mol", 28, "leave K or dG out"),
        ("S A + B <=> AB ; dH = 3", 23, "write 3 kJ/mol"),
        ("S A + B <=> AB ; K = 3 /M, dS = 3 J/(mol K)", 28, "leave K or dS out"),
        ("S A + B <=> AB ; K = 3 /M per particle", 27, "leave 'per particle' out"),
        ("S A + B <=> AB ; K = K[S7]", 22, "write S A + B <=> AB ; K = K[S1]"),
        ("In-A + HA <=> In-B + HB in beta", 28, "declare it"),
        ("S 0 A <=> B", 3, "write a number above 0"),
        ("species n-BuNH2", 10, "n_BuNH2"),
        ("species A class Q", 17, "write e.g."),
        ("species A named 'x'", 17, "quotes"),
        ("species D = C6Q5", 15, "where Q = C6H5"),
        ("cluster C class X", 1, "leave it out"),
        ("temperature 298", 16, "temperature 298.15 K"),
        ("temperature 298 m", 17, "temperature"),
        ("temperature 0 K", 1, "298.15 K"),
        ("conformer b of C", 16, "declare it"),
        ("observe x = integral()", 13, "integral(In-O2CR')"),
        ("observe x = integral(A, proton = 3)", 25, "write protons"),
        ("S A <=> B ; K = K[1] / 0", 24, "check the sign"),
        ("observe x = absorbance(A)", 24, "write spectrum"),
        ("observe x = itc(A)", 13, "write calorimetry"),
        ("observe x = fluorescence(A)", 13, "write emission"),
        ("observe x = shift(A, protons = 3)", 22, "leave it out"),
        ("observe x = spectrum(A, nonnegative = 3)", 25, "write nonnegative"),
        ("observe x = 2 eV + 3 eV", 20, "coverage"),
        ("observe x = calorimetry(cell = 1.4)", 32, "write 1.4 mL"),
        ("__import__('os').system('x')", 1, "code"),
        ("lambda x: x", 8, "write e.g."),
        ("S A <=> B \\x41", 11, "code"),
        ("S A <=> ((((B))))", 12, "OA"),
        ("S A <=> B\x00", 10, "plain text"),
    ],
)
def test_fault_has_column_and_cure(line: str, column: int, advice: str) -> None:
    """The caret stands under what is wrong, and the advice says what to write."""
    faults = faults_of(f"species A\nspecies B\n{line}")
    places = [fault.where for fault in faults if fault.where is not None]
    assert [(place.file, place.line, place.column) for place in places] == [("m.scx", 3, column)]
    assert advice in faults[0].advice
    assert str(faults[0]).count("\n") < 6


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no statement"),
        ("# nothing\n\n", "no statement"),
        ("surfacechem 1", "no statement"),
        ("surfacechem 2\nS A <=> B", "write surfacechem 1"),
        ("S A <=> B\nsurfacechem 1", "move it to the top"),
        ("S A <=> B\n" * 501, "at most 500"),
        ("S A <=> B " + "# x" * 200, "at most 400"),
        ("#" * 200_001, "at most 200000"),
        ("S " + " + ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ") + " <=> Z", "at most 24 terms"),
        ("quatsch!\n" * 30, "20 faults before it"),
    ],
)
def test_whole_text_is_bounded(text: str, match: str) -> None:
    """Empty, disordered and huge texts are refused as a whole."""
    assert match in "\n".join(str(fault) for fault in faults_of(text))


def test_lost_line_does_not_make_its_names_unknown() -> None:
    """While a site's line cannot be read, reactions that use it are not blamed."""
    faults = faults_of("cluster C\nsite Cd on C 8\nL Cd-* + MeOH <=> Cd-MeOH")
    assert [fault.where.line for fault in faults if fault.where] == [2]


def test_convention_and_state_stand_in_either_order() -> None:
    """'in mole fractions per particle' used to be refused, the other order was taken."""
    text = "cluster C\nsite Cd on C : 40\nsolvent 9.4 M\nL Cd-* + NH2R <=> Cd-NH2R ; K = 1410 {}"
    assert parse(text.format("in mole fractions per particle")) == parse(text.format("per particle in mole fractions"))


def test_windows_text_is_text() -> None:
    """A byte order mark, carriage returns, tabs and typographic primes do not disturb."""
    text = "\N{BYTE ORDER MARK}" + EXCHANGE.replace("\n", "\r\n").replace("'", "\N{PRIME}").replace("   ", "\t")
    assert parse(text) == parse(EXCHANGE)


def test_kind_is_checked() -> None:
    """A letter that contradicts its reaction is refused with the right one."""
    (fault,) = faults_of("X In-* + NH2R <=> In-NH2R")
    assert "write L instead of X" in fault.advice
    assert parse("In-* + NH2R <=> In-NH2R").reactions[0].kind is ReactionKind.L


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"X In{n}-A{n}x + HB{n}x <=> In{n}-B{n}x + HA{n}x ; K = 1" for n in range(499)),
        "\n".join(f"observe o{n} = integral(X{n})" for n in range(499)),
        "\n".join(f"S[l{n}] A{n}x <=> B{n}x ; K = K[l{n + 1}]" for n in range(499)),
        "\n".join("S " + "(a" * 150 for _ in range(400)),
        "\n".join("S A <=> B ; K = 1 " + "m^" * 150 for _ in range(400)),
    ],
    ids=["sites", "unknown", "ties", "brackets", "units"],
)
def test_hard_texts_are_quick(text: str) -> None:
    """The largest allowed texts take well below two seconds, read or refused."""
    start = process_time()
    try:
        parse(text)
    except SurfaceChemError as fault:
        assert str(fault)  # noqa: PT017 - either outcome is right here
    assert process_time() - start < 2.0


def test_second_temperature_is_refused() -> None:
    """The last of two temperatures used to win without a word."""
    with pytest.raises(ModelError, match="temperature: found it a second time"):
        parse("temperature 298 K\ntemperature 310 K\nHost + Guest <=> HG")


HEAD = "cluster InP37 = In37P20(O2CR)51\nsite In on InP37 : 51 native O2CR\n"


def test_one_lost_line_hides_no_other_fault() -> None:
    """What does not hang on an unreadable line is reported with it; names that may stand in it wait."""
    text = HEAD + "sit Cd on InP37\nobserve a = integral(In-SR)\nobserve b = integral(Cd-*)\n"
    with pytest.raises(Faults) as caught:
        parse(text + "X In-O2CR + H2O <=> In-OH + HO2CR + H2O ; K = 3 /M")
    found = "\n".join(str(fault) for fault in caught.value.faults)
    assert [fault.where.line for fault in caught.value.faults if fault.where is not None] == [3, 4, 6]
    assert "'In-SR' of observe a" in found
    assert "Cd-*" not in found


def test_an_unbalanced_line_is_told_its_balance_first() -> None:
    """The unit that it asks for is that of another reaction; a species too many is to be left out."""
    with pytest.raises(BalanceError, match=r"write X In-O2CR \+ HO2CR' <=> In-O2CR' \+ HO2CR;") as caught:
        parse(HEAD + "X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR + H2O ; K = 3")
    assert "unit" not in str(caught.value)
    with pytest.raises(BalanceError, match=r"write S Cd\(OAc\)2 \+ 2 NH2R <=> Cd\(OAc\)2\(NH2R\)2;"):
        parse("S Cd(OAc)2 + 2 NH2R <=> Cd(OAc)2(NH2R)2 + HOAc + NH2R ; K = 2")


@pytest.mark.parametrize(
    "line",
    ["S A + 1/3 B <=> C ; K = 3 /M^(1/3) fit", "S 17 A <=> B ; K = 3 /M^16 fixed", "S A <=> 25.5 B ; K = 2 M^24.5 fit"],
)
def test_every_power_of_molarity_is_read_and_written(line: str) -> None:
    """Large and rational powers, as the coefficients demand them."""
    assert line in render(parse(line))

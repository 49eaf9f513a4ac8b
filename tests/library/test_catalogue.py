"""The bundled library, held against the rules of chemistry and the published masses."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction

import pytest

from surfacechem import library
from surfacechem.chem.convention import Convention, EvidenceLevel, StandardState
from surfacechem.chem.formula import Formula
from surfacechem.chem.system import ReactionKind
from surfacechem.errors import UnknownNameError
from surfacechem.library.catalogue import bundled
from surfacechem.relations import CLUSTER_BANDS, move_wavelength


@pytest.mark.parametrize(
    ("name", "mass"),
    [
        ("In37P20-myristate", 16463.5),
        ("In37P20-phenylacetate", 11760.0),
        ("In37P20-oleate", 19222.2),
        ("Cd37S20-oleate", 14370.2),
    ],
)
def test_masses_of_the_founding_clusters(name: str, mass: float) -> None:
    """Masses computed from the formulas are the derived ones of the plan to 1e-4."""
    formula = library.clusters()[name].formula
    assert formula is not None
    assert formula.mass == pytest.approx(mass, rel=1e-4)


@pytest.mark.parametrize("name", ["In37P20", "In37P20-oleate", "Cd37S20", "Cd37S20-oleate"])
def test_complete_loss_of_z_gives_seventeen(name: str) -> None:
    """Both founding clusters are twenty core units and seventeen metal carboxylates, by template alone."""
    template = library.clusters()[name].template
    assert template is not None
    assert (template.n_core, template.n_z) == (20, 17)


def test_every_bundled_formula_is_neutral_or_a_core_with_its_charge() -> None:
    """Where a formula states no charge, its template leaves none beyond the tolerance of a measured average."""
    templates = [(entry.formula, entry.template) for entry in library.clusters().values() if entry.formula is not None]
    assert len(templates) > 10
    for formula, template in templates:
        assert template is not None
        written = formula.charge - sum(part.charge * part.count for part in formula.parts)
        assert abs(template.charge - written) <= Fraction(1, 20)


def test_the_ion_pair_shell_misses_neutrality_by_what_was_measured() -> None:
    """0.44 bromide and 0.41 ammonium per CdSe leave -0.03."""
    template = library.clusters()["CdSe belt, octylammonium bromide"].template
    assert template is not None
    assert template.charge == Fraction(-3, 100)


def test_z_shells_hold_the_published_units() -> None:
    """Written in template form, the Z shells of the belts are 0.19 Cd(oleate)2 and 0.22 Cd(thiolate)2 per CdSe."""
    found = {
        name: entry.template.n_z
        for name, entry in library.clusters().items()
        if name.startswith("CdSe belt, cadmium") and entry.template is not None
    }
    assert sorted(found.values()) == [Fraction(19, 100), Fraction(22, 100)]
    published = Formula.parse("CdSe[Cd(O2CC17H33)2]0.19")
    belt = library.clusters()["CdSe belt, cadmium oleate"].formula
    assert belt is not None
    assert belt.composition == published.composition


# n carbons and u double bonds of what the name says.
ACIDS = {"oleic acid": (18, 1), "myristic acid": (14, 0), "undecenoic acid": (11, 1)}
CHAINS = {
    "octadecylphosphonic acid": "C18H39O3P",
    "octylphosphonic acid": "C8H19O3P",
    "dodecanethiol": "C12H26S",
    "octanethiol": "C8H18S",
    "butylamine": "C4H11N",
    "octylamine": "C8H19N",
    "benzylamine": "C7H9N",
    "phenylacetic acid": "C8H8O2",
    "TMEDA": "C6H16N2",
    "methanol": "CH4O",
    "water": "H2O",
}


def test_compositions_follow_from_the_names() -> None:
    """An acid of n carbons and u double bonds is CnH(2n-2u)O2; the others by their sum formulas."""
    found = {name: entry.formula.composition for name, entry in library.ligands().items()}
    for name, (n_carbons, n_double) in ACIDS.items():
        assert found.pop(name) == {"C": n_carbons, "H": 2 * n_carbons - 2 * n_double, "O": 2}
    for name, text in CHAINS.items():
        assert found.pop(name) == Formula.parse(text).composition
    assert all("Z" in library.ligands()[name].classes for name in found)


def test_metal_salts_are_made_of_their_acids() -> None:
    """Indium oleate is indium and three oleic acids less three protons, and so for each pair."""
    for name, entry in library.ligands().items():
        if ReactionKind.Z not in entry.classes:
            continue
        metal, anion = name.split()
        acid = library.ligands()[
            {"oleate": "oleic", "myristate": "myristic", "phenylacetate": "phenylacetic"}[anion] + " acid"
        ]
        symbol, valence = {"indium": ("In", 3), "cadmium": ("Cd", 2)}[metal]
        expected = {key: valence * count for key, count in acid.bound[0].composition.items()} | {symbol: 1}
        assert entry.formula.composition == expected


@pytest.mark.parametrize(
    ("name", "value", "stderr"),
    [
        ("CdSe undecenoic acid", 0.83, None),
        ("PbS undecenoic acid, first synthesis", 2.23, 0.50),
        ("PbS undecenoic acid, second synthesis", 2.14, 0.42),
        ("CdSe anilines", 150.0, None),
        ("isotope exchange", 1.0, None),
    ],
)
def test_literature_constants_are_as_read(name: str, value: float, stderr: float | None) -> None:
    """Value and error come back from the logarithms as they were printed."""
    entry = library.constants()[name]
    assert entry.constant.value == pytest.approx(value)
    assert entry.stderr == (None if stderr is None else pytest.approx(stderr))
    assert entry.constant.convention is Convention.PER_SITE
    assert entry.constant.standard_state is StandardState.MOLAR
    assert entry.constant.source == entry.source


def test_what_an_abstract_does_not_say_is_marked_as_assumed() -> None:
    """Every constant read in an abstract states its assumed direction and carries no temperature."""
    read = [entry for entry in library.constants().values() if entry.source.level is EvidenceLevel.ABSTRACT]
    assert len(read) == 4
    assert all(any(sentence.startswith("direction") for sentence in entry.assumed) for entry in read)
    assert all(entry.constant.temperature is None for entry in read)


def test_free_energy_of_the_aniline_constant_needs_its_standard_state() -> None:
    """150 L/mol is -12.4 kJ/mol at 1 mol/L and -18.7 kJ/mol as mole fraction in a 12.5 mol/L solvent."""
    constant = library.constants()["CdSe anilines"].constant
    assert constant.molar_exponent == -1
    assert round(constant.gibbs_energy(298.15).value / 1e3, 1) == -12.4
    assert round(constant.to_mole_fraction(solvent=12.5).gibbs_energy(298.15).value / 1e3, 1) == -18.7


def test_derived_bands_repeat_their_arithmetic() -> None:
    """The bands of beta and alpha are 367 nm moved by the facts 583 meV and -140 meV."""
    bands = {band.what: band.wavelength for band in library.clusters()["Cd37S20"].bands}
    up = library.facts()["CdS intermediates, gap difference"].values[0]
    down = library.facts()["Cd37S20 alpha to beta, gap difference"].values[0]
    beta = move_wavelength(367.0, by=up)
    assert bands["beta"] == round(beta)
    assert bands["alpha"] == round(move_wavelength(beta, by=-down))


def test_relations_know_the_reddest_band_of_each_material() -> None:
    """The cluster energies at which sizing curves warn are those of the bundled bands."""
    reddest: dict[str, float] = {}
    for entry in library.clusters().values():
        for band in entry.bands:
            reddest[entry.material] = max(band.wavelength, reddest.get(entry.material, 0.0))
    assert reddest == {material: wavelength for material, (wavelength, _) in CLUSTER_BANDS.items()}


def test_what_is_not_known_is_said() -> None:
    """The InP cluster has no constant and no molar absorption here, and its entry says so."""
    notes = " ".join(library.clusters()["In37P20"].notes)
    assert "No equilibrium constant" in notes
    assert "No molar absorption coefficient" in notes
    assert not [entry for entry in library.constants().values() if entry.material == "InP"]


def test_every_name_and_alias_finds_its_entry() -> None:
    """Names are found without regard to case and blanks."""
    for entry in bundled().entries:
        for name in (entry.name, *entry.aliases):
            assert library.find(f" {name.upper()} ") is entry


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("oleic", "oleic acid"), ("oleik acid", "oleic acid"), ("In37P20-myristat", "In37P20-myristate")],
)
def test_unknown_names_are_answered_with_the_nearest(name: str, nearest: str) -> None:
    """A part of a name or a misspelling is answered with what may have been meant."""
    with pytest.raises(UnknownNameError, match=f"did you mean '{nearest}'"):
        library.find(name)


@pytest.mark.parametrize("name", ["", "   ", "q" * 10_000, "\x1b[31m"])
def test_nonsense_names_are_refused(name: str) -> None:
    """Nothing, much and hostile text are unknown names like any other."""
    with pytest.raises(UnknownNameError, match="no entry of that name"):
        library.find(name)


def test_fowler_energies_span_more_than_the_critical_coupling() -> None:
    """From +11 to -4 kJ/mol is a coupling of 15 kJ/mol, above 4RT = 9.9 kJ/mol."""
    first, last = library.facts()["PbS X exchange, free energy"].values
    assert first - last == 15e3 > 4 * 8.314462618 * 298.15
    assert math.isclose(4 * 8.314462618 * 298.15, 9916, rel_tol=1e-4)


def test_import_reads_nothing() -> None:
    """Importing the room imports none of its modules, no TOML reader and no science."""
    code = "import sys; from surfacechem import library; print(sorted(m for m in sys.modules if m in WATCHED))"
    watched = {"tomllib", "numpy", "sympy", "molmass", "surfacechem.library.reading", "surfacechem.chem.formula"}
    done = subprocess.run(  # noqa: S603 (our own interpreter and text)
        [sys.executable, "-c", code.replace("WATCHED", repr(watched))], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

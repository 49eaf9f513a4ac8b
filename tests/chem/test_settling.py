from __future__ import annotations

import pytest

from surfacechem.chem.arrangement import Arrangement, Pattern
from surfacechem.chem.build import SystemBuilder
from surfacechem.errors import ModelError
from surfacechem.notation import parse


def test_numbers_follow_from_the_formula() -> None:
    """Ligands as written, Z-type units beyond the core, and the ligands on one unit."""
    model = SystemBuilder()
    model.cluster("InP37", "In37P20(O2CR)51")
    model.site("Z", on="InP37", native="In(O2CR)3")
    model.site("A", on="Z-In(O2CR)3", native="O2CR")
    model.reaction(["A-O2CR", "HO2CR'"], ["A-O2CR'", "HO2CR"], K=1.0)
    system = model.system()
    assert [site.count for site in system.sites] == [17, 3]
    assert [system.capacity(site) for site in system.sites] == [17, 51]
    assert [system.n_native(site) for site in system.sites] == [17, 51]
    assert any("17 In(O2CR)3 on InP37 by its formula" in note for note in system.notes)


def test_sites_of_a_unit_that_arrives_later_are_not_there_at_the_start() -> None:
    """Cadmium units bring their two ligand sites; a native particle has none of them."""
    model = SystemBuilder()
    model.cluster("InP37", "In37P20(O2CR)51")
    model.site("Z", on="InP37", native="In(O2CR)3")
    model.site("A", on="Z-Cd(O2CR)2", native="O2CR")
    model.reaction(["Z-In(O2CR)3", "Cd(O2CR)2"], ["Z-Cd(O2CR)2", "In(O2CR)3"], K=1.0)
    system = model.system()
    assert system.capacity(system.sites[1]) == 34
    assert system.n_native(system.sites[1]) == 0


@pytest.mark.parametrize(("formula", "native"), [(None, "*"), (None, "O2CR"), ("In37P20(O2CR)51", "*")])
def test_a_number_that_no_formula_tells_is_asked_for(formula: str | None, native: str) -> None:
    """A cluster without formula, or vacant sites, need a number (vacant ones of a known formula gave a traceback)."""
    model = SystemBuilder()
    model.cluster("Q", formula)
    model.site("In", on="Q", native=native)
    with pytest.raises(ModelError, match="write site In on Q : 51"):
        model.system()


def test_measured_formula_may_miss_neutrality_and_says_so() -> None:
    """The belt with 0.44 Br and 0.41 ammonium is -0.03; a cluster with one ligand too many is told more loudly."""
    belt, wrong = SystemBuilder(), SystemBuilder()
    belt.cluster("Belt", "CdSe(Br)0.44[C8H20N^+]0.41")
    wrong.cluster("Q", "In37P20(O2CR)52")
    assert any("within the 0.05" in note for note in belt.system().notes)
    assert any("correct a count" in note for note in wrong.system().notes)


@pytest.mark.parametrize(("w", "n_notes"), [(9900.0, 0), (9950.0, 1)])
def test_a_mean_field_above_4rt_is_noted(w: float, n_notes: int) -> None:
    """At 298.15 K the limit is 9.916 kJ/mol."""
    model = SystemBuilder()
    model.cluster("Q")
    model.site("S", on="Q", count=400, native="A", arrangement=Arrangement(pattern=Pattern.MEAN_FIELD))
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=1.0, w=w)
    assert sum("several answers" in note for note in model.system().notes) == n_notes


def noted(*lines: str) -> tuple[str, ...]:
    """Return the notes of a model."""
    return parse("\n".join(lines)).notes


def test_ligands_of_units_that_also_sit_on_sites_are_noticed() -> None:
    """20 carboxylates beside 17 Cd(O2CR)2 are 54 of the 34 there are; on the units they are not counted again."""
    cluster, unit = "cluster Q = Cd37S20(O2CR)34", "site Z on Q native Cd(O2CR)2"
    exchange = "X A-O2CR + HO2CR' <=> A-O2CR' + HO2CR ; K = 1"
    beside = noted(cluster, unit, "site A on Q : 20 native O2CR", exchange)
    assert any("write site A on Z-Cd(O2CR)2 native O2CR" in note for note in beside)
    assert not any("again" in note for note in noted(cluster, unit, "site A on Z-Cd(O2CR)2 native O2CR", exchange))


@pytest.mark.parametrize(("n_sites", "arranged"), [(7, " ; pairs"), (7, ""), (8, ""), (7, " ; ring")])
def test_half_a_pair_is_noticed(n_sites: int, arranged: str) -> None:
    """Seven sites make 3.5 pairs, which no single particle has."""
    notes = noted("cluster Q", f"site S on Q : {n_sites}{arranged}", "X 2 S-* + M <=> (S)2-M ; K = 1 /M")
    assert any("3.5 pairs" in note for note in notes) == (n_sites == 7 and arranged != " ; ring")

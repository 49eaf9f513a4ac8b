"""The class of a reaction follows from what is bound and what is dissolved."""

from __future__ import annotations

import pytest

from surfacechem.chem.classes import possible_kinds
from surfacechem.chem.naming import Vocabulary
from surfacechem.chem.terms import read_term


@pytest.mark.parametrize(
    ("terms", "kinds"),
    [
        (["HO2CR", "(HO2CR)2"], "S"),
        (["In-O2CR", "HO2CR'", "In-O2CR'", "HO2CR"], "X"),
        (["In-*", "Cl^-", "In-Cl^-"], "X"),
        (["In-*", "NH2R", "In-NH2R"], "L"),
        (["In-NH2R", "PH2R", "In-PH2R", "NH2R"], "L"),
        (["Se-Cd(O2CR)2", "NH2R", "Se-*", "Cd(O2CR)2(NH2R)2"], "Z"),
        (["Se-Cd(O2CR)2", "NH2R", "Se-NH2R", "Cd(O2CR)2(NH2R)2"], "Z"),
        (["In-*", "Ligand", "In-Ligand"], "LZX"),
        (["In-Old", "New", "In-New", "Old"], "LZX"),
        (["In-Old", "HNew", "In-New", "HOld"], "XZL"),
    ],
)
def test_class_follows_from_the_terms(terms: list[str], kinds: str) -> None:
    """Metals make Z, ligands bound as dissolved L, protons and charges X; labels leave it open."""
    assert "".join(possible_kinds(map(read_term, terms), Vocabulary().formula)) == kinds

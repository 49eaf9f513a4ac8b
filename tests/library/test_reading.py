"""Reading library files: all faults at once, each with its place."""

from __future__ import annotations

import pytest

from surfacechem.errors import DataError, Faults
from surfacechem.library import ClusterEntry, ConstantEntry, FactEntry, Library, LigandEntry

SOURCE = 'source = { level = "abstract", doi = "10.1021/example" }'
CLUSTER = f'[clusters.A]\ntitle = "t"\nmaterial = "CdSe"\nformula = "Cd2Se(O2CR)2"\n{SOURCE}\n'
LIGAND = f'[ligands.L]\nformula = "HO2CCH3"\nclasses = ["X"]\nbound = ["O2CCH3"]\n{SOURCE}\n'
SALT = f'[ligands.S]\nformula = "Cd(O2CCH3)2"\nclasses = ["Z"]\n{SOURCE}\n'
CONSTANT = (
    '[constants.K]\ntitle = "t"\nmaterial = "CdSe"\nreaction = "A <=> B"\n'
    f'value = 2\nconvention = "per site"\n{SOURCE}\n'
)
FACT = f'[facts.F]\nwhat = "w"\nmaterial = "CdSe"\nvalue = 1\nunit = "eV"\n{SOURCE}\n'


def read(text: str) -> Library:
    """Return the library of one file."""
    return Library.read({"mine.toml": text})


def test_least_entries_of_each_kind_are_read() -> None:
    """One entry of each kind, with nothing but what is needed."""
    entries = read(CLUSTER + LIGAND + SALT + CONSTANT + FACT).entries
    assert [type(entry) for entry in entries] == [ClusterEntry, LigandEntry, LigandEntry, ConstantEntry, FactEntry]


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (CLUSTER, "Cd2Se(O2CR)2", "Cd2Se(O2CR)3", r"net charge of -1"),
        (CLUSTER, "Cd2Se(O2CR)2", "Cd2Qq", r"formula 'Cd2Qq' of 'A': found 'Qq'"),
        (CLUSTER, 'formula = "Cd2Se(O2CR)2"', "", r"field 'formula' of 'A': found none"),
        (CLUSTER, 'formula = "Cd2Se(O2CR)2"', 'formulla = "Cd2Se(O2CR)2"', r"instead: write formula"),
        (CLUSTER, 'title = "t"', "title = 3", r"field 'title' of 'A': found 3"),
        (CLUSTER, 'title = "t"', 'title = "t"\naliases = ["a", 1]', r"list of texts"),
        (CLUSTER, 'title = "t"', 'title = "t"\ncharges = { X = "two" }', r"whole numbers"),
        (CLUSTER, 'title = "t"', 'title = "t"\nbands = 400', r"list of tables"),
        (CLUSTER, 'title = "t"', 'title = "t"\nalternative_to = "B"', r"found 'B'"),
        (CLUSTER, 'title = "t"', f'title = "t"\nbands = [{{ wavelength = -1, what = "w", {SOURCE} }}]', r"above 0"),
        (CLUSTER, "abstract", "hearsay", r"field 'level' of the source of 'A': found 'hearsay'"),
        (CLUSTER, "abstract", "user", r"field 'level' of the source of 'A': found 'user'"),
        (CLUSTER, "abstract", "derived", r"the arithmetic"),
        (CLUSTER, ', doi = "10.1021/example"', "", r"neither reference nor doi"),
        (CLUSTER, "10.1021/example", "https://example.org/10.1021/example", r"a DOI without address"),
        (CLUSTER, SOURCE, 'source = "me"', r"field 'source' of 'A': found 'me'"),
        (CLUSTER, "[clusters.A]", "[things.A]", r"section \[things\]"),
        (LIGAND, '"O2CCH3"]', '"O2CCH2"]', r"another composition than HO2CCH3 without 1 H"),
        (LIGAND, 'bound = ["O2CCH3"]', "", r"field 'bound' of 'L': found 0 forms"),
        (LIGAND, 'classes = ["X"]', 'classes = ["X", "Q"]', r"field 'classes' of 'L': found 'Q'"),
        (LIGAND, 'classes = ["X"]', "classes = []", r"classes of 'L': found none"),
        (LIGAND, '"X"]\nbound = ["O2CCH3"]', '"L", "Z"]', r"no neutral metal salt"),
        (SALT, "Cd(O2CCH3)2", "Cd(O2CCH3)3", r"no neutral metal salt"),
        (SALT, "Cd(O2CCH3)2", "Mg(O2CCH3)2", r"no neutral metal salt"),
        (LIGAND, '"HO2CCH3"', '"HO2CCH3^+"', r"found a charge"),
        (CONSTANT, "value = 2", "value = -2", r"above 0"),
        (CONSTANT, "value = 2", "value = nan", r"finite number"),
        (CONSTANT, "value = 2", "value = true", r"finite number"),
        (CONSTANT, "value = 2", "value = 2\nis_approximate = 1", r"true or false"),
        (CONSTANT, "per site", "per mole", r"'per site'"),
        (FACT, "value = 1", "value = 1\nfrom = 2\nto = 3", r"one of: value; from and to; statement"),
        (FACT, "value = 1", "from = 2", r"one of: value; from and to; statement"),
    ],
)
def test_faults_are_named(text: str, old: str, new: str, message: str) -> None:
    """Each wrong field is named with its entry and what is allowed there."""
    assert old in text
    with pytest.raises((DataError, Faults), match=message):
        read(text.replace(old, new))


def test_all_faults_of_all_files_come_at_once() -> None:
    """Two entries of one file and one of another are reported together, each with file and line."""
    broken = CLUSTER.replace("Se(", "S(").replace("(O2CR)2", "(O2CR)5") + LIGAND.replace('"X"', '"Y"')
    with pytest.raises(Faults) as caught:
        Library.read({"one.toml": broken, "two.toml": CONSTANT.replace("value = 2", "")})
    message = str(caught.value)
    assert "one.toml:1: formula" in message
    assert f"one.toml:{CLUSTER.count(chr(10)) + 1}: field 'classes'" in message
    assert "two.toml:1: field 'value'" in message


def test_one_name_has_one_owner() -> None:
    """A name that is an alias of another entry is refused, across kinds and case."""
    with pytest.raises(DataError, match="name 'L' of 'B': found also of 'L'"):
        read(LIGAND + CLUSTER.replace("[clusters.A]", '[clusters.B]\naliases = ["L"]'))


def test_text_that_is_no_toml_shows_its_place() -> None:
    """A broken line is shown with a caret; the rest of the file is not guessed at."""
    with pytest.raises(DataError, match=r"mine.toml:2:\d+: library file"):
        read("[clusters.A]\ntitle = = 3\n")


@pytest.mark.parametrize("text", ["clusters = 3", "[clusters]\nA = 3"])
def test_wrong_nesting_is_refused(text: str) -> None:
    """A section or an entry that is no table is named."""
    with pytest.raises(DataError, match="clusters"):
        read(text)


def test_an_empty_file_is_an_empty_library() -> None:
    """Nothing in, nothing out."""
    assert read("").entries == ()

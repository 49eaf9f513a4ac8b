"""Finding laws."""

from __future__ import annotations

import pytest

from surfacechem.errors import UnknownNameError
from surfacechem.relations import ABSORPTION_LAWS, LAWS, law, laws_of, table


def test_every_law_is_found_by_its_name() -> None:
    """Names are unique, also without regard to case."""
    assert [law(known.name.upper()) for known in LAWS] == list(LAWS)


def test_companion_laws_exist() -> None:
    """The sizing law that an absorption law names is one of the same material that gives a diameter."""
    named = [(known, law(known.size_law)) for known in ABSORPTION_LAWS if known.size_law]
    assert named
    assert all(known.material == companion.material for known, companion in named)


def test_a_misspelt_law_is_answered_with_the_nearest() -> None:
    """The error names what may have been meant."""
    with pytest.raises(UnknownNameError, match="'CdSe diameter, Yu 2003'"):
        law("CdSe diameter Yu2003")


def test_unknown_materials_are_answered_with_the_known() -> None:
    """The error lists the materials that have curves."""
    with pytest.raises(UnknownNameError, match="CdS, CdSe, CdTe, InAs, InP, PbS, PbSe"):
        laws_of("ZnO")


def test_table_shows_every_law_with_its_evidence() -> None:
    """One row per law, with range and evidence level."""
    rows = table().to_records()
    assert [row["law"] for row in rows] == [known.name for known in LAWS]
    assert {row["level"] for row in rows} == {"secondary", "abstract"}
    assert {row["range"] for row in rows} == {"published", "derived"}
    ranges = [str(known.published or known.meaningful) for known in LAWS]
    assert all(span in row["holds for"] for span, row in zip(ranges, rows, strict=True))

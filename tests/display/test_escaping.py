"""Text from files made harmless."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.display import escape, printable


def test_writing_direction_cannot_be_turned() -> None:
    """Marks that reverse the shown text are replaced."""
    assert printable("a\u202eb") == "a\N{REPLACEMENT CHARACTER}b"


def test_lines_and_spaces_stay() -> None:
    """Line breaks stay, unusual spaces become plain ones."""
    assert printable("a\nb\u00a0c") == "a\nb c"


@given(st.text())
@settings(deadline=None)  # the first example may import, the machine may be busy
def test_escaped_text_opens_no_markup(text: str) -> None:
    """No text leaves a bracket or a quote that HTML would obey."""
    assert not set(escape(text)) & set("<>\"'\0\x1b")

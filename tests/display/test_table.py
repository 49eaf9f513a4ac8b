"""Tables in all their forms."""

from __future__ import annotations

from io import StringIO

import pytest

from surfacechem.display import Table, round_estimate

TABLE = Table(
    title="Constants <1>",
    columns=("name", "value"),
    rows=(("K[X1]", round_estimate(1.3e5, stderr=1e4)), ("<script>alert(1)</script>", "\x1b[31mred")),
    notes=("one & only",),
)


def test_all_forms_show_the_same_rows() -> None:
    """Text, HTML and records hold the same cells, the number typeset in HTML only."""
    assert "K[X1]                      (1.30 ± 0.10)e5" in TABLE.to_text()
    assert '<td class="number">(1.30 ± 0.10) × 10⁵</td>' in TABLE.to_html()
    assert TABLE.to_records()[0] == {"name": "K[X1]", "value": "(1.30 ± 0.10)e5"}


def test_html_is_escaped() -> None:
    """Markup in a cell, title or note stays text."""
    html = TABLE.to_html()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "Constants &lt;1&gt;" in html
    assert "one &amp; only" in html


def test_terminal_escapes_are_shown_not_sent() -> None:
    """Control characters of a cell reach neither terminal nor page."""
    assert "\x1b" not in TABLE.to_text()
    assert "\x1b" not in TABLE.to_html()


def test_rich_form_does_not_obey_markup() -> None:
    """A terminal table shows square brackets of names as they are."""
    from rich.console import Console

    console = Console(width=80, color_system=None, record=True, file=StringIO())
    console.print(Table(columns=("K[bold]",), rows=(("K[red]x[/red]",),)).to_rich())
    shown = console.export_text()
    assert "K[bold]" in shown
    assert "K[red]x[/red]" in shown


def test_columns_align_by_what_the_eye_sees() -> None:
    """Combining and wide characters count as the columns they take."""
    lines = Table(columns=("a", "b"), rows=(("é", "x"), ("日本", "x"))).to_text().splitlines()
    assert lines[2] == "é     x"
    assert lines[3] == "日本  x"


def test_ragged_rows_are_refused() -> None:
    """A row of another length than the header is a mistake."""
    with pytest.raises(ValueError, match="row 0 has 1 cells"):
        Table(columns=("a", "b"), rows=(("x",),))


def test_stack_is_as_narrow_as_asked() -> None:
    """Row by row, no line is wider than the terminal, no word is cut and nothing is lost."""
    text = "oleic acid added to a cluster of exact formula, seventeen points in slow exchange"
    table = Table(columns=("name", "technique", "what it is"), rows=(("inp-exchange", "", text), ("other", "itc", "x")))
    lines = table.to_stack(40).split("\n")
    assert max(map(len, lines)) <= 40
    assert lines[0] == "inp-exchange"
    assert lines[1].startswith("  what it is  oleic acid")
    assert " ".join(" ".join(lines[1:-4]).removeprefix("  what it is").split()) == text
    assert "  technique   itc" in lines

"""Equations as HTML."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacechem.notation import parse
from surfacechem.report.equations import equations_html, typeset


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "In-O2CR + HO2CR' <=> In-O2CR' + HO2CR",
            "In-O<sub>2</sub>CR + HO<sub>2</sub>CR′ ⇌ In-O<sub>2</sub>CR′ + HO<sub>2</sub>CR",
        ),
        ("K[X1] = [HA]^2", "<i>K</i><sub>X1</sub> = [HA]<sup>2</sup>"),
        ("51 [InP37]0 = [B]", "51 [InP<sub>37</sub>]<sub>0</sub> = [B]"),
        ("C(51, n) x^n", "C(51, n) x<sup>n</sup>"),
        ("(x + 1)^51", "(x + 1)<sup>51</sup>"),
        ("L0[beta]", "<i>L</i><sub>0beta</sub>"),
        ("1.5e5 [A]", "1.5e5 [A]"),
        ("51 - n", "51 − n"),
    ],
)
def test_signs_are_set(text: str, html: str) -> None:
    """Arrows, indices, powers and totals become typography; numbers stay."""
    assert typeset(text) == html


def test_markup_in_names_is_escaped() -> None:
    """A species named like a tag stays text."""
    assert typeset("[<script>]") == "[&lt;script&gt;]"


@given(st.text(alphabet="KL0[]<>=&\"'^-1e2 ()ab/", max_size=40))
@settings(deadline=None)  # the first example may import, the machine may be busy
def test_no_text_makes_other_markup(text: str) -> None:
    """Only the tags of typesetting ever appear."""
    rest = re.sub(r"</?(?:i|sub|sup)>", "", typeset(text))
    assert not set(rest) & set("<>\"'")


def test_model_in_a_notebook_is_typeset_and_escaped() -> None:
    """A notebook gets every section as a table with row headers."""
    html = equations_html(parse("surfacechem 1\nspecies A\nS A + B <=> AB ; K = 2 /M\n"))
    assert '<caption>Reactions</caption>\n<tr><th scope="row">S S1</th><td>A + B ⇌ AB</td></tr>' in html
    assert html.count("<table") == html.count("</table>")

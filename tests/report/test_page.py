"""The report of a fit as one page."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from surfacechem import plotting
from surfacechem.display import Fact, Illustration, Tone
from surfacechem.prediction import along, fitted_signals, predict
from surfacechem.report import render

if TYPE_CHECKING:
    from surfacechem.fitting import FitResult
    from surfacechem.network import Network
    from surfacechem.records import Titration

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Check that what closes was opened last."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def named(self, name: str) -> list[dict[str, str | None]]:
        """Return the attributes of all tags of a name."""
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.fixture(scope="module")
def page(network: Network, result: FitResult, data: Titration) -> str:
    """Return the report with all its figures."""
    figures = plotting.illustrate(
        signals=fitted_signals(network, result), predictions=[predict(network, along(network, data), fit=result)]
    )
    return render(
        network=network,
        result=result,
        data=[data],
        figures=figures,
        command="surfacechem fit model.scx 'a<b>.csv'",
        python="fit = model.fit('a<b>.csv')",
        model="species G # <b>",
        citation=["A & B"],
    )


def test_page_needs_nothing_else(page: str) -> None:
    """No script, style sheet, font, picture or address is fetched, and the page forbids it."""
    outline = Outline(page)
    names = {tag for tag, _ in outline.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "img", "image"}
    assert not re.search(r"(?:src|href)=[\"'](?!#)", page)
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_hostile_text_stays_text(page: str) -> None:
    """Names, files and notes with markup, terminal escapes and direction marks change nothing."""
    outline = Outline(page)
    assert "script" not in {tag for tag, _ in outline.tags}
    assert not any(name.startswith("on") for _, attrs in outline.tags for name in attrs)
    assert "\x1b" not in page
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page
    assert "&lt;script&gt;alert" in page
    assert "a&lt;b&gt;.csv" in page


def test_page_is_well_formed(page: str) -> None:
    """Every element that opens closes, in order."""
    outline = Outline(page)
    assert outline.open == []
    assert outline.wrong == []


def test_verdicts_come_first(page: str, result: FitResult) -> None:
    """The page opens with the verdict and its facts, then the constants."""
    first = page.index(result.facts[0].sentence)
    assert page.index("to be trusted") < first < page.index("K[11]</td>")


def test_constants_are_as_in_every_other_form(page: str, result: FitResult) -> None:
    """The page shows the same digits as the text form, typeset."""
    assert f'<td class="number">{result["K[11]"].rounded().typeset()}</td>' in page


def test_figures_have_words(page: str) -> None:
    """Each picture has a label for those who do not see it, a heading and a caption."""
    outline = Outline(page)
    pictures = [attrs for attrs in outline.named("div") if attrs.get("role") == "img"]
    assert len(pictures) == len(outline.named("figure")) == len(outline.named("figcaption")) == 2
    assert all(attrs["aria-label"] for attrs in pictures)


def test_what_scrolls_is_reached_by_keyboard(page: str) -> None:
    """On a narrow screen wide tables scroll; without a mouse they could not be read."""
    boxes = [attrs for _, attrs in Outline(page).tags if attrs.get("class") == "wide"]
    assert boxes
    assert all(attrs.get("tabindex") == "0" and attrs.get("aria-label") for attrs in boxes)


def test_headings_descend_in_steps(page: str) -> None:
    """One main heading; no level is skipped."""
    levels = [int(tag[1]) for tag, _ in Outline(page).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_everything_to_repeat_is_there(page: str, result: FitResult) -> None:
    """Hash, versions, command, Python, model, equations, assumptions and citation stand on the page."""
    for text in (
        "ab" * 32,
        result.versions["surfacechem"],
        "surfacechem fit model.scx",
        "fit = model.fit",
        "species G # &lt;b&gt;",
        "H + G ⇌ HG",
        "assumed &lt;script",
        "A &amp; B",
    ):
        assert text in page


def test_bad_fit_says_so_first(network: Network, result: FitResult) -> None:
    """A fit that is not to be trusted is announced as such, with the problem and its advice."""
    good = Fact(name="converged", tone=Tone.GOOD, sentence="It converged.")
    problem = Fact(name="x", tone=Tone.BAD, sentence="Nothing fits.", advice="Measure again.")
    html = render(network=network, result=replace(result, facts=(good, problem)))
    assert '<p class="verdict bad">' in html
    order = ("not to be trusted", "Nothing fits.", "Measure again.", "It converged.")
    assert sorted(order, key=html.index) == list(order)


def test_parts_not_given_leave_no_headings(network: Network, result: FitResult) -> None:
    """Without figures, commands and citation their headings are absent."""
    html = render(network=network, result=result)
    for heading in ("Figures", "As a command", "In Python", "How to cite", "As text"):
        assert f">{heading}</h" not in html


def test_text_of_a_figure_is_escaped(network: Network, result: FitResult) -> None:
    """Only the picture itself is taken as markup."""
    figure = Illustration(title="<i>", caption="<b>", alt='"<u>', svg="<svg></svg>")
    html = render(network=network, result=result, figures=[figure])
    assert "<svg></svg>" in html
    assert not {"i>", "b>", "u>"} & set(re.findall(r"<(i>|b>|u>)", html.split("<figure>")[1].split("</figure>")[0]))


def test_same_fit_gives_the_same_page(network: Network, result: FitResult) -> None:
    """Nothing of the hour or the machine is on the page."""
    assert render(network=network, result=result) == render(network=network, result=result)

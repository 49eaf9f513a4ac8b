"""Facts as text and as HTML."""

from __future__ import annotations

from surfacechem.display import Fact, Tone, facts_html, facts_text

FACTS = (
    Fact(name="converged", tone=Tone.GOOD, sentence="The fit converged."),
    Fact(name="open", tone=Tone.WARNING, sentence="K[X1] has no <upper> bound.", advice="Add points & repeat."),
)


def test_text_gives_sign_sentence_and_advice() -> None:
    """Each fact is a line; advice stands below it."""
    assert facts_text(FACTS) == "✓ The fit converged.\n! K[X1] has no <upper> bound.\n  Add points & repeat."


def test_html_says_the_tone_in_words() -> None:
    """The tone is readable without colour and the sentences are escaped."""
    html = facts_html(FACTS)
    assert '<li class="warning"><span class="tone">Caution</span>' in html
    assert "no &lt;upper&gt; bound" in html
    assert "Add points &amp; repeat." in html

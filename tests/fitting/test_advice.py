"""What a fit says beyond its verdicts."""

from __future__ import annotations

import surfacechem as sc


def test_a_constant_of_a_wrong_model_is_no_good_news() -> None:
    """1:1 on data of 2:1 used to be told, in green, to how many per cent K was known."""
    card = sc.find_card("nmr-tcnb-syn3")
    found = {}
    for answer in ("1:1", "HG + H2G"):
        facts = sc.load_model(card.model_path(answer)).fit(card.read()).result.facts
        found[answer] = [(fact.tone.value, fact.sentence) for fact in facts if fact.name == "determined"]
    assert [sentence for _, sentence in found["1:1"]] == [
        "If the model held, K[11] would be known to -24 % / +31 % (95 %)."
    ]
    assert {tone for tone, _ in found["1:1"]} == {"note"}
    assert {tone for tone, _ in found["HG + H2G"]} == {"good"}

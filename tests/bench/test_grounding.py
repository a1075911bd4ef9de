"""`fabric bench grounding`: the goals of the number checker on true texts and single errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest

from orchestration.bench.grounding.errors import ON_TEMPLATES, ON_TEXTS
from orchestration.bench.grounding.measure import inject
from orchestration.bench.grounding.texts import Text, clean_texts

FABRIC = "from orchestration.cli.main import run; run()"


@pytest.fixture(scope="module")
def clean() -> list[Text]:
    return clean_texts(120)


def test_the_goals_hold() -> None:
    command = [sys.executable, "-c", FABRIC, "bench", "grounding", "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (told["texts"], told["injected"]) == (500, 2_000)
    assert told["shares"]["caught_share"] >= 0.995, told["table"]
    assert told["shares"]["blocked_share"] <= 0.01, told["blocked"]
    assert all(row["injected"] >= 40 for row in told["table"].values()), told["table"]


def test_halves_share_no_sentence_and_no_workspace(clean: list[Text]) -> None:
    assert Counter((text.half, text.style == "rule-based") for text in clean) == {
        ("development", True): 30, ("development", False): 30, ("held_out", True): 30, ("held_out", False): 30,
    }  # fmt: skip
    halves = [[text for text in clean if text.half == half] for half in ("development", "held_out")]
    facts = [{(fact.id, fact.value) for text in half for fact in text.universe.values()} for half in halves]
    assert len(facts[0] & facts[1]) < 0.02 * len(facts[0])  # numbers of posts meet by chance
    sentences = [{text.template for text in half} - {None} for half in halves]
    assert not sentences[0] & sentences[1]


def test_every_injection_changes_the_text_and_is_of_a_known_kind(clean: list[Text]) -> None:
    injected = inject(clean, 300)
    assert {item.kind for item in injected} == {*ON_TEXTS, *ON_TEMPLATES}
    assert all(item.made not in (item.text.text, item.text.template) for item in injected)
    assert len({(item.kind, item.made) for item in injected}) == 300


def test_a_changed_number_is_none_that_the_renderer_writes_for_its_fact(clean: list[Text]) -> None:
    """An injection must be an error: the checker is no judge of that, the facts are."""
    for item in inject(clean, 300):
        if item.kind in ("changed digit", "shifted decimal", "wrong rounding"):
            spans = [item.text.text[span.start : span.end] for span in item.text.spans]
            assert any(item.made.count(shown) < item.text.text.count(shown) for shown in spans), item.made

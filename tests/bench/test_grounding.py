"""`fabric bench grounding`: the goals of the number checker on true texts and single errors."""

from __future__ import annotations

import json
import re
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
    facts = [
        {(f.id, f.value) for text in half for f in text.universe.values() if f.value is not None and f.value % 0.5}
        for half in halves
    ]
    assert not facts[0] & facts[1]
    sentences = [{text.template for text in half} - {None} for half in halves]
    assert not sentences[0] & sentences[1]


def test_every_injection_changes_the_text_and_is_of_a_known_kind(clean: list[Text]) -> None:
    injected = inject(clean, 300)
    assert {item.kind for item in injected} == {*ON_TEXTS, *ON_TEMPLATES}
    assert all(item.made not in (item.text.text, item.text.template) for item in injected)
    assert len({(item.kind, item.made) for item in injected}) == 300


def test_one_number_is_changed_to_one_that_the_renderer_does_not_write(clean: list[Text]) -> None:
    """An injection must be an error: the checker is no judge of that, the facts are."""
    tried = 0
    for item in inject(clean, 300):
        if item.kind in ("changed digit", "shifted decimal", "wrong rounding"):
            before, after = (Counter(re.findall(r"\d[\d,]*(?:\.\d+)?", text)) for text in (item.text.text, item.made))
            gone, come = before - after, after - before
            assert (gone.total(), come.total()) == (1, 1), item.made
            shown = {item.text.text[span.start : span.end] for span in item.text.spans}
            assert any(next(iter(gone)) in words for words in shown), item.made
            tried += 1
    assert tried > 30

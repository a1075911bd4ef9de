"""Placeholders, number formats and the verifiers."""

import pytest

from models.domain.strategy import Claim, StrategyDocument
from models.errors import EvidenceMismatch
from models.generation.evidence import Mismatch, cited, claim, claims, fill, render, unsupported_numbers, verify
from models.generation.number_format import format_value
from models.generation.strategy import write_strategy
from tests.unit.generation.snapshots import AS_OF, StoredFacts, make_fact, river_trust, river_trust_brand

REALISTIC = write_strategy(river_trust(), river_trust_brand())


def document(*facts: tuple[str, float | None, str]) -> StrategyDocument:
    return StrategyDocument(
        workspace_id="w", snapshot_id="s", as_of=AS_OF, writer="rule-based-1", summary=(), pillars=(),
        platform_roles=(), cadence=(), slots=(), goals=(), abstentions=(),
        evidence=tuple(make_fact(*fact) for fact in facts),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (1234567, "count", "1,234,567"),
        (12.5, "count", "12.5"),
        (1234.5, "count", "1,234"),
        (0, "count", "0"),
        (1, "posts", "1 post"),
        (1234, "posts", "1,234 posts"),
        (1, "engagements", "1 public engagement"),
        (0.349, "percent", "34.9%"),
        (0, "percent", "0.0%"),
        (0.00412, "percent", "0.41%"),
        (0.000412, "percent", "0.041%"),
        (0.625, "whole_percent", "63%"),
        (0.001, "whole_percent", "less than 1%"),
        (0.999, "whole_percent", "more than 99%"),
        (1.0, "whole_percent", "100%"),
        (3.5, "per_week", "3.5 posts a week"),
        (1, "per_week", "1 post a week"),
        (1.04, "per_week", "1 post a week"),
        (0.01, "per_week", "fewer than 0.1 posts a week"),
        (2, "weekday", "Tuesday"),
        (9, "clock", "09:00"),
        (8, "words", "eight"),
        (21, "words", "21"),
        (AS_OF, "date", "15 November 2026"),
        (None, "percent", "not observed"),
        (None, "posts", "not observed"),
    ],
)  # fmt: skip
def test_a_value_is_written_with_unit_rounding_and_number(value: object, style: str, text: str) -> None:
    assert format_value(value, style) == text


def test_a_unit_chooses_the_format_and_a_template_may_override_it() -> None:
    doc = document(("a.x", 0.5, "percentile"), ("b", 3.0, "posts"), ("none", None, "posts"))
    assert render("{a.x}, {a.x|percent}, {b}, {b|words}, {none}", doc) == "50%, 50.0%, 3 posts, three, not observed"
    assert render("{rule:equal_age_days} days, {@as_of|date}", doc) == "28 days, 15 November 2026"


@pytest.mark.parametrize(
    "template", ["{gone}", "{rule:gone}", "{@snapshot_id}", "{@pillars.0.name}", "{@summary.0.text}", "{b|gone}"]
)
def test_a_reference_to_nothing_is_refused(template: str) -> None:
    with pytest.raises(EvidenceMismatch, match="generate the strategy again"):
        render(template, document(("b", 3.0, "posts")))


def test_cited_facts_leave_out_rules_and_paths() -> None:
    assert cited("{b} {a|percent} {rule:equal_age_days} {@as_of} {b}") == ("b", "a")
    assert claim("{b}", "", "{a}", also=("c", "a")).fact_ids == ("b", "a", "c")


def test_numbers_are_supported_only_where_a_placeholder_made_them() -> None:
    doc = document(("a", 12.0, "posts"), ("b", 15.0, "posts"))
    good = Claim(template="From {a|count} to {b}.", text="From 12 to 15 posts.")
    assert unsupported_numbers(good, doc) == []
    literal = Claim(
        template="From {a|count} to 15 posts, up 25.5 % and ½.", text="From 12 to 15 posts, up 25.5 % and ½."
    )
    assert unsupported_numbers(literal, doc) == ["15", "25.5", "½"]


@pytest.mark.parametrize("text", ["From 15 to 12 posts.", "From 12 to 16 posts.", "From 12 to 15 posts. Up 3."])
def test_an_altered_text_supports_none_of_its_numbers(text: str) -> None:
    doc = document(("a", 12.0, "posts"), ("b", 15.0, "posts"))
    assert len(unsupported_numbers(Claim(template="From {a|count} to {b}.", text=text), doc)) >= 2


def test_a_claim_about_a_fact_the_document_lacks_is_unsupported() -> None:
    assert unsupported_numbers(Claim(template="{gone}", text="7 posts"), document()) == ["7"]


def test_every_single_altered_digit_of_a_real_document_is_found() -> None:
    doc = REALISTIC
    tried = 0
    for said in claims(doc):
        for position, char in enumerate(said.text):
            if char.isdigit():
                changed = said.text[:position] + str((int(char) + 1) % 10) + said.text[position + 1 :]
                assert unsupported_numbers(said.model_copy(update={"text": changed}), doc)
                tried += 1
    assert tried > 100


def test_fill_renders_every_claim_again() -> None:
    doc = REALISTIC
    assert fill(doc) == doc


def test_verify_is_silent_when_every_query_gives_its_value_again() -> None:
    doc = REALISTIC
    assert verify(doc, StoredFacts(river_trust())) == []


def test_verify_names_what_changed_appeared_or_vanished() -> None:
    doc = REALISTIC
    changed, vanished, close = [fact for fact in doc.evidence if fact.value][:3]
    appeared = next(fact for fact in doc.evidence if fact.value is None)
    changes = {
        changed.id: (changed.value or 0) + 1e-6, vanished.id: None, appeared.id: 0.0,
        close.id: (close.value or 0) * (1 + 1e-13),
    }  # fmt: skip
    assert close.id in changes
    assert {m.fact_id: m for m in verify(doc, StoredFacts(river_trust(), changes))} == {
        changed.id: Mismatch(changed.id, changed.value, (changed.value or 0) + 1e-6),
        vanished.id: Mismatch(vanished.id, vanished.value, None),
        appeared.id: Mismatch(appeared.id, None, 0.0),
    }

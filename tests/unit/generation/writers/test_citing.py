"""Numbers that a model copied out of its prompt: the one it equals is cited, any other stays refused."""

from __future__ import annotations

import pytest

from models.generation.evidence import cited
from models.generation.strategy import decide
from models.generation.writers.citing import cited_readings
from models.generation.writers.offered import Planned, offer
from models.generation.writers.sentences import take
from tests.unit.generation.snapshots import river_trust, river_trust_brand

PLAN = decide(river_trust(), river_trust_brand())
OFFERED = offer(
    [fact for c in PLAN.chosen for fact in (c.facts.posts, c.facts.posts_measured, c.facts.percentile, c.facts.share)],
    [Planned("@cadence.0.posts_per_week.value", "per_week", "Planned rhythm", "5 posts a week"),
     Planned("@as_of", "date", "The day up to which data was read", "15 November 2026")],
)  # fmt: skip


def taken(sentence: str) -> tuple[str, ...]:
    """The facts that the sentence cites once it is taken; nothing when it is refused."""
    found = take([sentence], OFFERED, PLAN.facts, where="here")
    return () if found.claim is None else cited(found.claim.template)


def test_a_copied_number_is_cited() -> None:
    assert taken("Posts about otters do better than 71% of the brand's own.") == ("topic.otters.percentile",)


@pytest.mark.parametrize(
    "sentence",
    [
        "Posts about otters do better than 72% of the brand's own.",
        "Posts about otters do better than 71% of the brand's own, and 9 came last week.",
        "Posts about salmon do better than 71% of the brand's own.",
        "Posts about otters reach 71 people.",
        "Posts about otters do better than seventy-one percent of the brand's own.",
        "Posts about otters do better than -71% of the brand's own.",
        "Posts about otters do better than 71.0% of the brand's own.",
    ],
)
def test_a_number_that_is_none_of_the_listed_or_not_what_is_said_is_refused(sentence: str) -> None:
    assert taken(sentence) == ()


def test_of_numbers_written_alike_the_one_that_is_spoken_of_is_cited() -> None:
    posts = {fact.id: fact.value for fact in OFFERED.facts.values() if fact.id.endswith(".posts")}
    for fact_id, value in posts.items():
        assert value is not None
        topic = fact_id.split(".")[1]
        assert taken(f"The brand has {value:.0f} posts about {topic}.") == (fact_id,)


def test_a_decision_is_read_with_and_without_its_unit() -> None:
    readings = set(cited_readings("From 15 November 2026 on the plan is 5 posts a week.", OFFERED))
    assert "From {@as_of|date} on the plan is {@cadence.0.posts_per_week.value|pace} posts a week." in readings


def test_a_sentence_without_a_number_or_with_a_foreign_one_has_no_reading() -> None:
    assert list(cited_readings("Nothing is counted here.", OFFERED)) == []
    assert list(cited_readings("There are 123,456 of 71%.", OFFERED)) == []

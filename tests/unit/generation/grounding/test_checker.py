"""The checker on claims with placeholders, on final texts and on drafts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.domain.evidence import Fact
from models.domain.social import Platform
from models.errors import EvidenceMismatch
from models.generation.grounding.checker import check_claim, check_text
from models.generation.grounding.document import check_document, check_passage, passages
from models.generation.grounding.draft import check_copy
from models.generation.grounding.filling import fill
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import Subject, subject_of
from models.generation.strategy import _catalogue, write_strategy
from tests.unit.generation.snapshots import make_fact, river_trust, river_trust_brand

FACTS = _catalogue(river_trust())
MISSING = "median_engagements.email"


def claim(template: str, about: Subject | None = None) -> list[str]:
    return [problem.kind.value for problem in check_claim(template, FACTS, about=about or Subject())]


def test_filling_says_what_stands_where() -> None:
    filled = fill("On {posts.facebook|date}: {posts_per_week.facebook|pace} a week.", FACTS)
    assert filled.text == "On 15 November 2026: 7.9 a week."
    assert [(filled.text[s.start : s.end], s.reference, s.style) for s in filled.spans] == [
        ("15 November 2026", "posts.facebook", "date"),
        ("7.9", "posts_per_week.facebook", "pace"),
    ]
    assert filled.spans[1].fact == FACTS["posts_per_week.facebook"]


def test_a_posting_time_is_written_by_its_fact() -> None:
    slot = "slot.facebook.2.18.percentile"
    assert fill(f"{{{slot}|weekday}} at {{{slot}|clock}}", FACTS).text == "Tuesday at 18:00"


@pytest.mark.parametrize("template", ["{posts.nowhere}", "{posts.facebook|furlongs}", "{posts.facebook|clock}"])
def test_filling_refuses_what_it_cannot_fill(template: str) -> None:
    if template.endswith("clock}"):
        assert claim(template) == ["format"]
    else:
        with pytest.raises(EvidenceMismatch):
            fill(template, FACTS)


@pytest.mark.parametrize(
    "template",
    [
        "Posts about otters beat {topic.otters.percentile} of the brand's own, read from {topic.otters.posts_measured}.",
        "Facebook gets {posts_per_week.facebook}, more than Instagram with {posts_per_week.instagram|pace}.",
        "The highest weekly rhythm is {posts_per_week.facebook}, on Facebook.",
        "Rivers Alliance publishes {competitor.Rivers Alliance.facebook.posts_per_week} on Facebook, the brand {posts_per_week.facebook|pace}.",
        "The median engagement by e-mail was {median_engagements.email}.",
        "As of {posts.facebook|date}, {posts.facebook} are on record on Facebook.",
        "Posts on Facebook on {slot.facebook.2.18.percentile|weekday} at {slot.facebook.2.18.percentile|clock} beat {slot.facebook.2.18.percentile} of the brand's own.",
        "Fundraising falls behind: its posts beat only {topic.fundraising.percentile} of the brand's own.",
        "The engagement rate by reach on Instagram is {engagement_rate_by_reach.instagram}.",
        "Write for people who live by the river.",
    ],
)  # fmt: skip
def test_a_true_claim_passes(template: str) -> None:
    assert claim(template) == []


@pytest.mark.parametrize(
    ("template", "kind"),
    [
        ("Facebook gets 7.9 posts a week.", "number"),
        ("A dozen posts beat the rest.", "number"),
        ("It was so in March.", "period"),
        ("Facebook gets {posts_per_week.instagram}.", "subject"),
        ("It gets {posts_per_week.instagram}.", "subject"),
        ("Posts about salmon beat {topic.otters.percentile} of the brand's own.", "subject"),
        ("Wetland Watch publishes {competitor.Rivers Alliance.facebook.posts_per_week} on Facebook.", "subject"),
        ("The brand publishes {competitor.Rivers Alliance.facebook.posts_per_week} on Facebook.", "subject"),
        ("Posts about otters on Facebook beat {topic.otters.percentile} of the brand's own.", "subject"),
        ("Posts about otters on Facebook collect a median of {median_engagements.facebook}.", "subject"),
        ("Photos on Facebook beat {format.facebook.video.percentile} of the brand's own.", "subject"),
        ("In total a post on Facebook collects {median_engagements.facebook|engagements}.", "metric"),
        ("The average post on Facebook collects {median_engagements.facebook|engagements}.", "metric"),
        ("The engagement rate on Facebook is {posts_per_week.facebook}.", "metric"),
        ("The engagement rate by views on Instagram is {engagement_rate_by_reach.instagram}.", "metric"),
        ("On Facebook the brand publishes {posts_per_week.facebook|pace} a day.", "unit"),
        ("Facebook has {posts.facebook|percent}.", "format"),
        ("Facebook has {posts.facebok}.", "reference"),
        ("Facebook has {posts.facebook.", "reference"),
        ("Facebook gets {posts_per_week.facebook}, fewer than Instagram with {posts_per_week.instagram|pace}.", "comparison"),
        ("Facebook gets {posts_per_week.facebook}, more than ever.", "comparison"),
        ("Facebook gets {posts_per_week.facebook}, twice as much as Instagram with {posts_per_week.instagram|pace}.", "comparison"),
        ("Posts about otters do worse than {topic.otters.percentile} of the brand's own.", "comparison"),
        ("Fundraising is ahead: its posts beat only {topic.fundraising.percentile} of the brand's own.", "comparison"),
        ("The highest weekly rhythm is {posts_per_week.instagram}, on Instagram.", "superlative"),
        ("Facebook always gets {posts_per_week.facebook}.", "superlative"),
        ("The second topic is otters, ahead of {topic.otters.percentile} of the brand's own.", "rank"),
        ("The rhythm on Facebook grew to {posts_per_week.facebook}.", "change"),
        ("The median engagement by e-mail, {median_engagements.email}, is below that on YouTube, {median_engagements.youtube}.", "comparison"),
        ("The median engagement by e-mail was observed, see {median_engagements.email}.", "missing value"),
    ],
)  # fmt: skip
def test_a_wrong_claim_is_refused_for_its_reason(template: str, kind: str) -> None:
    assert any(found.startswith(kind) for found in claim(template)), claim(template)


def test_the_place_says_what_a_sentence_leaves_out() -> None:
    assert claim("It gets {posts_per_week.facebook}.", Subject(platform=Platform.FACEBOOK)) == []
    assert claim("It gets {posts_per_week.facebook}.", Subject(platform=Platform.YOUTUBE)) == ["subject"]


def test_a_problem_points_at_its_words_and_is_a_sentence() -> None:
    problem = check_claim("Facebook gets 7.9 posts a week.", FACTS)[0]
    assert (problem.span, problem.found) == ((14, 17), "7.9")
    assert problem.reason.endswith(".")


def texts(text: str, *ids: str) -> list[Kind]:
    return [problem.kind for problem in check_text(text, [FACTS[i] for i in ids], universe=FACTS.values())]


def test_a_final_text_passes_with_the_facts_it_states_and_fails_with_others() -> None:
    text = "The brand publishes 7.9 posts a week on Facebook and 4.5 on Instagram."
    assert texts(text, "posts_per_week.facebook", "posts_per_week.instagram") == []
    assert texts(text, "posts_per_week.facebook", "posts_per_week.youtube") == [Kind.NUMBER]
    swapped = text.replace("7.9", "?").replace("4.5", "7.9").replace("?", "4.5")
    assert texts(swapped, "posts_per_week.facebook", "posts_per_week.instagram") == [Kind.SUBJECT, Kind.SUBJECT]


@pytest.mark.parametrize("shown", ["71%", "71.0%"])
def test_rounding_is_the_renderers(shown: str) -> None:
    assert texts(f"Posts about otters beat {shown} of the brand's own.", "topic.otters.percentile") == []


@pytest.mark.parametrize(
    "shown", ["71.3%", "72%", "70%", "about 7%", "71 points", "71", "0.713", "seventy-two percent"]
)
def test_any_other_rounding_is_refused(shown: str) -> None:
    assert texts(f"Posts about otters beat {shown} of the brand's own.", "topic.otters.percentile")


def test_what_is_missing_is_said_and_only_what_is_missing() -> None:
    assert texts("The median engagement by e-mail was not observed.", MISSING) == []
    assert texts("The median engagement by e-mail was observed.", MISSING) == [Kind.MISSING]
    assert texts("The median engagement by e-mail was 0.", MISSING) == [Kind.NUMBER]
    assert texts("The median engagement on Facebook was not observed.", "median_engagements.facebook") == [Kind.MISSING]


def test_whole_strategies_of_the_rule_based_writer_pass() -> None:
    document = write_strategy(river_trust(), river_trust_brand())
    assert check_document(document, FACTS) == ()
    assert len(list(passages(document))) > 30


def test_a_digit_changed_in_any_passage_is_found() -> None:
    document = write_strategy(river_trust(), river_trust_brand())
    tried = 0
    for passage in passages(document):
        for at, char in enumerate(passage.text):
            if char.isdecimal():
                wrong = f"{passage.text[:at]}{(int(char) + 3) % 10}{passage.text[at + 1 :]}"
                assert check_passage(passage, FACTS.values(), wrong), wrong
                tried += 1
    assert tried > 80


def test_subjects_are_read_from_the_warehouses_ids() -> None:
    topic = Fact(
        "topic.QA~1a2b3c4d.share",
        "Share of Q&A among posts that have a topic",
        0.1,
        "ratio",
        "m",
        "q",
        FACTS["posts.facebook"].as_of,
    )
    assert subject_of(topic) == Subject("share", topic="Q&A")
    assert subject_of(FACTS["slot.facebook.2.18.percentile"]) == Subject(
        "percentile", Platform.FACEBOOK, weekday=2, hour=18
    )
    assert subject_of(make_fact("competitor.Wetland_Watch.instagram.posts_per_week", 1.0, "per_week")) == Subject(
        "posts_per_week", Platform.INSTAGRAM, rival=True, name="Wetland Watch"
    )


@pytest.mark.parametrize(
    "text",
    [
        "We helped 500 people.", "Join us on Friday at 6 pm.", "We are the best charity.", "Donations grew by half.", "More than twice as many otters as before.",
        "Our 10th year", "Nine out of ten agree", "#1 in the valley", "better than any other", "Since 1998", "Save $20", "Everyone loves it", "Only 3 left",
        "Last summer was wet.", "The leading charity of the valley",
    ],
)  # fmt: skip
def test_a_draft_states_nothing_without_a_fact(text: str) -> None:
    assert check_copy(text)


@pytest.mark.parametrize(
    "text",
    [
        "What would you ask someone who works with otters every day?", "Read more: https://a.example/2024/12", "One thing at a time. First: look.",
        "[Write 3 lines here]", "Tell us more in the comments below.", "The best way to start is to ask.", "1. Look\n2. Listen", "B2B and H2O", "Learn to see more, once you know where to look.",
    ],
)  # fmt: skip
def test_a_draft_may_speak(text: str) -> None:
    assert check_copy(text) == ()


def test_a_draft_may_state_its_facts() -> None:
    fact = replace(FACTS["posts.facebook"], value=412.0)
    assert check_copy("We wrote 412 posts.", [fact]) == ()
    assert check_copy("We wrote 413 posts.", [fact])
    assert check_copy("We have 412 followers.", [fact])

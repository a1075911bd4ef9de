"""Drafts: honest scaffolds within the limits, in the brand's own words and no others."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.domain.approval import Draft, DraftStatus
from models.domain.brand import BrandProfile
from models.domain.calendar import CalendarEntry
from models.domain.social import Platform
from models.domain.strategy import Strategy
from models.domain.workspace import Plan, Workspace
from models.errors import InvalidInput
from models.generation.angles import about, angles, nth_angle
from models.generation.drafts import write_drafts
from models.generation.grounding.draft import check_copy
from models.generation.limits import check_text, hashtags, parts, text_length
from models.generation.strategy import write_strategy
from models.generation.voice import phrase_pattern, topic_words, voice_of
from models.generation.wording import templates
from tests.unit.generation.snapshots import AS_OF, make_snapshot, make_topic, river_trust, river_trust_brand

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BRAND = river_trust_brand()
WORKSPACE = Workspace("river-trust", "River Trust", "Europe/Berlin", Plan.STUDIO, AS_OF)
STRATEGY = Strategy(
    id="s1", workspace_id="river-trust", version=1, created_at=AS_OF, created_by="system",
    document=write_strategy(river_trust(), BRAND),
)  # fmt: skip
LONG = "conservation of freshwater biodiversities"[:40]


def entry(turn: int = 0, pillar: str = "otters", entry_id: str = "e1") -> CalendarEntry:
    return CalendarEntry(
        id=entry_id, workspace_id="river-trust", strategy_id="s1", slot_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        pillar=pillar, brief=about(nth_angle(pillar, turn).brief, pillar), platforms=tuple(Platform), fact_ids=(),
    )  # fmt: skip


def drafts(
    brand: BrandProfile = BRAND, turn: int = 0, pillar: str = "otters", strategy: Strategy = STRATEGY
) -> list[Draft]:
    return write_drafts(entry(turn, pillar), strategy, brand, WORKSPACE, now=NOW)


def texts(draft: Draft) -> list[str]:
    return [draft.version.text, *(variant.text for variant in draft.version.variants)]


def test_there_is_one_draft_in_review_per_platform() -> None:
    written = drafts()
    assert [draft.platform for draft in written] == list(Platform)
    assert {draft.status for draft in written} == {DraftStatus.IN_REVIEW}
    assert {(d.version.number, d.version.author, d.version.created_at) for d in written} == {(1, "rule-based-1", NOW)}
    assert len({draft.id for draft in written}) == len(written)
    assert all(draft.version.draft_id == draft.id and draft.entry_id == "e1" for draft in written)
    assert written == drafts()


@pytest.mark.parametrize("turn", range(len(angles())))
@pytest.mark.parametrize("pillar", ["otters", LONG])
def test_every_angle_fits_every_platform_in_three_different_texts(turn: int, pillar: str) -> None:
    document = STRATEGY.document
    named = document.pillars[0].model_copy(update={"name": pillar})
    strategy = STRATEGY.model_copy(update={"document": document.model_copy(update={"pillars": (named,)})})
    for draft in drafts(turn=turn, pillar=pillar, strategy=strategy):
        assert len(set(texts(draft))) == 3
        for text in texts(draft):
            assert check_text(draft.platform, text) == []
            assert pillar.casefold() in text.casefold()
            assert "[" in text or draft.platform in (Platform.X, Platform.TIKTOK)
            assert not any(char.isdigit() for char in text)
            said = (BRAND.description, BRAND.audience, *BRAND.required_phrases)
            assert check_copy(text, said=said) == ()
            assert set(re.findall(r"\S+://\S+", text)) <= set(BRAND.links)
            assert not any(phrase in text.casefold() for phrase in BRAND.banned_phrases)
            assert "Every river matters" in text
        question, short = draft.version.variants
        assert question.dimension in ("opening", "title", "subject")
        assert "?" in question.text.split("]")[-1] or "?" in question.text
        assert short.dimension == "length"
        assert text_length(draft.platform, short.text) < text_length(draft.platform, draft.version.text)


def test_platforms_get_the_parts_they_take() -> None:
    by_platform = {draft.platform: draft.version.text for draft in drafts()}
    assert parts(Platform.EMAIL, by_platform[Platform.EMAIL]).fields.keys() == {"Subject", "Preheader"}
    assert parts(Platform.YOUTUBE, by_platform[Platform.YOUTUBE]).fields.keys() == {"Title"}
    assert by_platform[Platform.WEB].count("\n## ") == 4
    assert 1 <= len(hashtags(by_platform[Platform.INSTAGRAM])) <= 5
    assert "https://" not in by_platform[Platform.INSTAGRAM] + by_platform[Platform.TIKTOK]
    assert "https://rivertrust.example/join" in by_platform[Platform.X]
    assert "For people who live near a river and want to help." in by_platform[Platform.LINKEDIN]


def test_the_titles_question_is_the_variant_of_titled_platforms() -> None:
    youtube = next(draft for draft in drafts() if draft.platform is Platform.YOUTUBE)
    question = youtube.version.variants[0]
    assert question.dimension == "title"
    assert parts(Platform.YOUTUBE, question.text).fields["Title"].endswith("?")
    assert parts(Platform.YOUTUBE, question.text).body == parts(Platform.YOUTUBE, youtube.version.text).body


def test_an_empty_profile_invents_nothing() -> None:
    for draft in drafts(BrandProfile(workspace_id="river-trust")):
        for text in texts(draft):
            assert "https://" not in text
            assert "About us" not in text
            assert "For ." not in text
            assert not re.search(r"\{\w+\}", text)


def test_words_of_the_profile_that_hold_numbers_or_foreign_links_are_left_out() -> None:
    brand = replace(
        BRAND,
        description="Since 1888 we have saved 40 rivers.",
        audience="18 to 24 year olds at https://elsewhere.example",
        required_phrases=("See https://elsewhere.example", "Every river matters"),
        links=("javascript:alert(1)", "https://a.example/x y", "https://rivertrust.example/24"),
    )
    for draft in drafts(brand):
        for text in texts(draft):
            assert "1888" not in text
            assert "elsewhere" not in text
            assert set(re.findall(r"\S+://\S+", text)) <= {"https://rivertrust.example/24"}
            assert "a.example" not in text


@pytest.mark.parametrize(
    "banned",
    [
        "otters",
        "the",
        "comments",
        "In the end",
        "one example",
        "https",
        "every river",
        "Title",
        "a look at how",
        "[",
        "view",
    ],
)
def test_no_banned_phrase_survives(banned: str) -> None:
    brand = replace(BRAND, banned_phrases=(banned,))
    pattern = phrase_pattern(banned)
    for turn in range(len(angles())):
        for draft in drafts(brand, turn):
            assert len(set(texts(draft))) == 3
            for text in texts(draft):
                assert check_text(draft.platform, text) == []
                assert pattern is None or not pattern.search(text)


def test_a_banned_word_does_not_forbid_longer_words() -> None:
    pattern = phrase_pattern("Game  changer")
    assert pattern is not None
    assert pattern.search("a game\nCHANGER, they say")
    assert not pattern.search("endgame changers")
    assert phrase_pattern("…") is None


def test_a_required_phrase_is_dropped_only_where_it_does_not_fit() -> None:
    brand = replace(BRAND, required_phrases=("This is our promise to the valley. " * 9,))
    for draft in drafts(brand):
        assert ("our promise" in draft.version.text) == (draft.platform is not Platform.X)


def test_topics_lose_the_words_that_hold_digits() -> None:
    assert topic_words("covid-19 care") == "care"
    assert topic_words("18f") == "this topic"
    document = write_strategy(make_snapshot(topics=[make_topic("18f", 40, 0.4, 30, 0.7)]), BRAND)
    strategy = STRATEGY.model_copy(update={"document": document})
    for draft in drafts(pillar="18f", strategy=strategy):
        assert all(not any(char.isdigit() for char in text) for text in texts(draft))


@pytest.mark.parametrize(("tone", "line"), [("expert, precise", "welcome"), ("friendly", "Tell us"), ("", "?")])
def test_the_tone_chooses_the_invitation(tone: str, line: str) -> None:
    chosen = templates("drafts")["invitations"][voice_of(replace(BRAND, tone=tone)).tone]["comment"]
    assert any(line in sentence for sentence in chosen)


def test_a_rewritten_brief_still_gets_a_draft() -> None:
    written = write_drafts(replace(entry(), brief="Something the team wrote."), STRATEGY, BRAND, WORKSPACE, now=NOW)
    assert all(check_text(draft.platform, draft.version.text) == [] for draft in written)


def test_no_line_of_the_templates_holds_a_digit() -> None:
    def strings(node: object) -> list[str]:
        if isinstance(node, dict):
            return [text for value in node.values() for text in strings(value)]
        if isinstance(node, list):
            return [text for value in node for text in strings(value)]
        return [str(node)]

    for name in ("drafts", "angles"):
        assert not [text for text in strings(templates(name)) if any(char.isdigit() for char in text)]


def test_parts_of_different_workspaces_are_refused() -> None:
    with pytest.raises(InvalidInput, match="same workspace"):
        write_drafts(entry(), STRATEGY, replace(BRAND, workspace_id="other"), WORKSPACE, now=NOW)

"""The voice of a brand: traits with its own words, habits, and a score that is tried on what it has not seen."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from models.domain.brand_study import VoiceProfile
from models.insight.prose import Prose, VoicePost
from models.insight.voice_profile import study_voice, voice_score
from models.insight.voice_score import auc, fit, masked, unpack

_THINGS = (
    "otters",
    "salmon",
    "the weir",
    "reed beds",
    "willows",
    "kingfishers",
    "our volunteers",
    "the old mill",
    "spring floods",
    "clean water",
)
_WARM = (
    "We're out by the river again, and {a} are back! Don't you love mornings like this? Come and see {b} with us.",
    "Guess who we met today: {a}! It's a good sign for {b}. You can help us count them on Saturday.",
    "We've planted more trees near {a}, because {b} need the shade. Will you join us?",
)
_DRY = (
    "The authority published its report on {a}. The report states that {b} remain below the target. Further measures are under review.",
    "According to the ministry, {a} declined. The committee will examine {b} in the next session.",
    "A study of {a} was presented to the council. It finds that {b} are subject to existing regulation.",
)


def posts(forms: Sequence[str], count: int, account: str, seed: int) -> list[VoicePost]:
    chance = random.Random(seed)
    made = []
    for n in range(count):
        a, b = chance.sample(_THINGS, 2)
        text = chance.choice(forms).format(a=a, b=b)
        made.append(VoicePost("facebook", account, f"{account}-{n}", f"{text} Number {n} of the year."))
    return made


OWN = posts(_WARM, 120, "river", 1)
OTHERS = [*posts(_DRY, 60, "council", 2), *posts(_DRY, 60, "agency", 3)]


@pytest.fixture(scope="module")
def profile() -> VoiceProfile:
    return study_voice("river-trust", OWN, OTHERS)


def test_the_score_tells_unseen_posts_apart_also_with_topic_words_hidden(profile: VoiceProfile) -> None:
    assert profile.fit is not None
    assert profile.fit.single > 0.95
    assert profile.fit.masked > 0.9
    assert profile.fit.other_accounts == 2
    own = [voice_score(profile, post.text)[0] for post in posts(_WARM, 40, "river", 9)]
    other = [voice_score(profile, post.text)[0] for post in posts(_DRY, 40, "council", 9)]
    assert min(score for score in own if score is not None) > max(score for score in other if score is not None)


def test_what_breaks_the_brands_habits_is_said(profile: VoiceProfile) -> None:
    _, reasons = voice_score(profile, "A very short line of text 🌊 #otters")
    assert {"The brand hardly uses emoji.", "The brand hardly uses hashtags."} <= set(reasons)


def test_the_score_is_a_percentile_of_own_posts_that_were_not_read() -> None:
    """Fitted on the first part of a series, the rest spreads over the scale."""
    chance = random.Random(3)
    series = [
        VoicePost(p.platform, p.account_id, p.post_id, p.text[chance.randrange(0, 40) : chance.randrange(70, 160)])
        for p in posts(_WARM, 400, "river", 4)
    ]
    found = study_voice("w", series[:300], OTHERS)
    scores = [score for post in series[300:] if (score := voice_score(found, post.text)[0]) is not None]
    assert 0.3 < sum(score > 50 for score in scores) / len(scores) < 0.7
    assert 0.1 < sum(score > 80 for score in scores) / len(scores) < 0.35


def test_a_brand_that_writes_like_the_others_gets_no_score() -> None:
    twins = study_voice("w", posts(_DRY, 80, "me", 5), [*posts(_DRY, 60, "a", 6), *posts(_DRY, 60, "b", 7)])
    assert twins.fit is None
    assert "cannot be told from competitors'" in twins.no_score
    assert voice_score(twins, OWN[0].text) == (None, (twins.no_score,))


@pytest.mark.parametrize(
    ("own", "others", "reason"),
    [(OWN[:10], OTHERS, "a voice takes 20"), (OWN[:30], OTHERS, "takes 40"), (OWN, OTHERS[:5], "track a competitor")],
)
def test_too_few_posts_abstain_and_say_how_many_it_takes(
    own: list[VoicePost], others: list[VoicePost], reason: str
) -> None:
    found = study_voice("w", own, others)
    assert found.fit is None
    assert reason in found.no_score
    assert bool(found.traits) == (len(own) >= 20)


def test_every_quotation_stands_in_an_own_post_and_none_in_a_competitors(profile: VoiceProfile) -> None:
    quoted = [example for trait in profile.traits for example in trait.examples]
    assert len(quoted) > 5
    for example in quoted:
        assert any(example in post.text for post in OWN), example
        assert not any(example in post.text for post in OTHERS), example


def test_habits_are_counted_as_they_are(profile: VoiceProfile) -> None:
    asking = sum("?" in post.text for post in OWN) / len(OWN)
    trait = profile.trait("questions")
    assert trait is not None
    assert trait.value == pytest.approx(asking, abs=1e-4)
    assert trait.background == 0
    assert profile.trait("contractions").value == 1.0  # type: ignore[union-attr]
    assert any(line.startswith("Speak as “we”") for line in profile.dos)
    assert any(line.startswith("Exclaim now and then") for line in profile.dos)
    assert "Facebook: no emoji (no post does)." in profile.donts


def test_the_same_posts_give_the_same_profile(profile: VoiceProfile) -> None:
    assert study_voice("river-trust", OWN, OTHERS) == profile


def test_the_scorer_survives_its_packing(profile: VoiceProfile) -> None:
    found, _ = fit(OWN, OTHERS, "en")
    assert found is not None
    text = OWN[7].text
    scorer = unpack(found.model)
    assert scorer.pack() == found.model
    assert scorer.percentile(text) == voice_score(profile, text)[0]
    assert scorer.percentile("Too short") is None


def test_a_post_is_cut_into_its_sentences_whatever_its_markup() -> None:
    text = (
        "## Our *new* site\n\nWe built it with [Jekyll](https://jekyll.example). Dr. Smith helped, e.g. with tests.\n"
        "- One point!\n```\ncode stays out.\n```\n![pic](a.png) See https://example.org/x #OpenSource @friend 🌊"
    )
    prose = Prose(text)
    assert prose.sentences == [
        "Our new site", "We built it with Jekyll.", "Dr. Smith helped, e.g. with tests.", "One point!",
    ]  # fmt: skip
    assert (prose.hashtags, prose.emoji, prose.has_link) == (["OpenSource"], ["🌊"], True)
    assert Prose("18F is small. It's 10 years old.").words == ["18F", "is", "small", "It's", "years", "old"]


def test_masking_keeps_function_words_shape_and_punctuation() -> None:
    assert (
        masked("We love the River in 2026, don't we?", frozenset({"we", "the", "in", "don"}))
        == "We **** the X**** in ####, don't we?"
    )


def test_auc_counts_ties_half() -> None:
    assert auc([1.0, 2.0], [0.0, 1.0]) == pytest.approx((1.5 + 2) / 4)
    assert auc([0.5], [0.5]) == 0.5

"""How a brand writes: traits, habits, typical words, do's and don'ts and a score, from its own posts.

Competitors' posts are the background: they are counted, never quoted. The same posts give the same profile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from models.domain.brand_study import VoiceProfile
from models.insight.prose import Prose, VoicePost, words_of
from models.insight.voice_advice import advice
from models.insight.voice_habits import endings, habits, openings, typical_words
from models.insight.voice_score import LEAST_WORDS, fit, unpack
from models.insight.voice_traits import LEAST_POSTS, Corpus, traits
from models.insight.words import lexicons

METHOD = "voice-1"
MOST_OWN = 400
MOST_OTHERS = 800
"""Posts read, newest first; competitors' accounts get equal parts."""


def study_voice(
    workspace_id: str, own: Sequence[VoicePost], others: Sequence[VoicePost], *, newest: datetime | None = None,
    oldest: datetime | None = None,
) -> VoiceProfile:  # fmt: skip
    """The voice of the `own` posts, oldest first, against the posts of `others`. `newest` and `oldest` are times of own posts.

    Posts of which only the title is known are read only where fewer than 20 others are. With fewer than 20 own posts with
    words there are no traits, and `no_score` says so.
    """
    written = _written(own)
    compared = _written(others)
    language = language_of(written)
    mine = Corpus(tuple(post.prose for post in reversed(written)), language)
    theirs = Corpus(tuple(post.prose for post in compared), language)
    known = traits(mine, theirs) if len(written) >= LEAST_POSTS else ()
    table = habits(written) if known else ()
    if known:
        fitted, reason = fit(written, compared, language)
    else:
        fitted, reason = None, f"{len(written)} own posts with words are known; a voice takes {LEAST_POSTS}."
    typical = typical_words(mine.texts, theirs.texts) if known else ()
    first, last = (openings(mine.texts), endings(mine.texts)) if known else ((), ())
    dos, donts = advice(known, table, typical, first, last)
    return VoiceProfile(
        workspace_id=workspace_id, method=METHOD, posts=len(written), newest=newest, oldest=oldest, language=language,
        traits=known, habits=table, typical_words=typical, openings=first, endings=last, dos=dos, donts=donts, fit=fitted,
        no_score=reason,
    )  # fmt: skip


def _written(posts: Sequence[VoicePost]) -> list[VoicePost]:
    """The posts with words; those of which only the title is known count where too few others are there."""
    worded = [post for post in posts if post.prose.words]
    whole = [post for post in worded if not post.title_only]
    return whole if len(whole) >= LEAST_POSTS else worded


def language_of(posts: Sequence[VoicePost]) -> str:
    """The language of most posts by their function words; empty when they hold too few of any language known here."""
    found: Counter[str] = Counter()
    for post in posts[-100:]:
        words = set(post.prose.lower)
        best = max(lexicons(), key=lambda lexicon: len(words & lexicon.function))
        if len(words & best.function) >= max(2, 0.15 * len(words)):
            found[best.language] += 1
    return min(found, key=lambda language: (-found[language], language)) if found else ""


def voice_score(profile: VoiceProfile, text: str) -> tuple[float | None, tuple[str, ...]]:
    """How much a text sounds like the brand: the share (0–100) of the brand's own posts that sound less like it.

    With the habits that it breaks, in words; None with the reason where no score can be given.
    """
    if profile.fit is None:
        return None, (profile.no_score,)
    value = unpack(profile.fit.model).percentile(text)
    if value is None:
        return None, (f"A text of fewer than {LEAST_WORDS} words cannot be scored.",)
    return value, _deviations(profile, text)


def _deviations(profile: VoiceProfile, text: str) -> tuple[str, ...]:
    """Where the text does what the brand hardly does, or lacks what nearly all its posts have."""
    prose = Prose(text)
    said: list[str] = []
    rhythm = profile.trait("sentence_words")
    lengths = [len(words_of(sentence)) for sentence in prose.sentences]
    if rhythm is not None and rhythm.value is not None and rhythm.spread and lengths:
        here = sum(lengths) / len(lengths)
        if abs(here - rhythm.value) > rhythm.spread:
            word = "longer" if here > rhythm.value else "shorter"
            said.append(f"Sentences are {word} than the brand's: {here:.0f} words against {rhythm.value:.0f}.")
    joined = " ".join(prose.lines)
    for trait_id, present, words in (
        ("questions", "?" in joined, "ask a question"),
        ("exclamations", "!" in joined, "have an exclamation mark"),
    ):
        trait = profile.trait(trait_id)
        if trait is None or trait.value is None:
            continue
        if present and trait.value < 0.05:
            said.append(f"Only {trait.value:.0%} of the brand's posts {words}.")
        elif not present and trait.value > 0.9:
            said.append(f"{trait.value:.0%} of the brand's posts {words}.")
    if prose.emoji and profile.habits and all(habit.with_emoji < 0.05 for habit in profile.habits):
        said.append("The brand hardly uses emoji.")
    if prose.hashtags and profile.habits and all(habit.with_hashtag < 0.05 for habit in profile.habits):
        said.append("The brand hardly uses hashtags.")
    return tuple(said)

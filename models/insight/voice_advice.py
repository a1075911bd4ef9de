"""Do's and don'ts that follow from traits and habits by stated thresholds."""

from __future__ import annotations

from collections.abc import Sequence

from models.domain.brand_study import Habit, Phrase, Trait
from models.domain.social import Platform

OFTEN, SELDOM = 0.4, 0.05
"""Shares of posts from which something is a habit, and below which it is none."""
_MOSTLY, _HARDLY = 0.6, 0.2
"""Shares of possible contractions from which they are a habit, and below which they are avoided."""


def advice(
    traits: Sequence[Trait], habits: Sequence[Habit], typical: Sequence[Phrase], first: Sequence[Phrase],
    last: Sequence[Phrase],
) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """(do, don't): one sentence each, with the number that it rests on."""
    known = {trait.id: trait for trait in traits}
    dos: list[str] = []
    donts: list[str] = []
    rhythm = known.get("sentence_words")
    if rhythm is not None and rhythm.value is not None and rhythm.spread is not None:
        low, high = max(2.0, rhythm.value - rhythm.spread), rhythm.value + rhythm.spread
        dos.append(f"Write sentences of about {rhythm.value:.0f} words; most have {low:.0f} to {high:.0f}.")
    for trait_id, do, dont in _PAIRS:
        trait = known.get(trait_id)
        if trait is None or trait.value is None:
            continue
        if do and trait.value >= OFTEN:
            dos.append(f"{do} ({trait.value:.0%} of posts do).")
        elif dont and trait.value < SELDOM:
            donts.append(f"{dont} ({_seldom(trait.value)}).")
    short = known.get("contractions")
    if short is not None and short.value is not None:
        if short.value >= _MOSTLY:
            dos.append(
                f"Use contractions such as it's and don't ({short.value:.0%} of the places where they could stand)."
            )
        elif short.value <= _HARDLY:
            donts.append(f"Do not contract: write it is, do not ({short.value:.0%} of possible places are contracted).")
    for habit in habits:
        _platform(habit, dos, donts)
    words = [phrase.text for phrase in typical[:10]]
    if words:
        dos.append(f"Words that are the brand's own, where they fit: {', '.join(words)}.")
    if first:
        dos.append(f"Openings that come back: {_quoted(first)}.")
    if last:
        dos.append(f"Endings that come back: {_quoted(last)}.")
    return tuple(dos), tuple(donts)


_PAIRS = (
    ("we", "Speak as “we”", "Do not speak as “we”"),
    ("you", "Address the reader", "Do not address the reader as “you”"),
    ("i", "Speak as “I”", "Do not speak as “I”"),
    ("questions", "Ask a question", "Do not ask questions"),
    ("exclamations", "Exclaim now and then", "Do not use exclamation marks"),
    ("capitals", "", "Do not write words in capitals"),
    ("numbers", "Be concrete: give the number, where there is one", ""),
)


def _platform(habit: Habit, dos: list[str], donts: list[str]) -> None:
    """Length, emoji, hashtags and links of one platform."""
    name = Platform(habit.platform).label
    dos.append(f"{name}: about {habit.words:.0f} words a post.")
    for share, word in ((habit.with_emoji, "emoji"), (habit.with_link, "links")):
        if share >= OFTEN:
            dos.append(f"{name}: use {word} ({share:.0%} of posts have them).")
        elif share < SELDOM:
            donts.append(f"{name}: no {word} ({_seldom(share)}).")
    if habit.with_hashtag >= OFTEN:
        tags = f", often {', '.join(f'#{tag}' for tag in habit.top_hashtags[:3])}" if habit.top_hashtags else ""
        dos.append(f"{name}: {habit.hashtags_median:.0f} hashtags ({habit.with_hashtag:.0%} of posts have them){tags}.")
    elif habit.with_hashtag < SELDOM:
        donts.append(f"{name}: no hashtags ({_seldom(habit.with_hashtag)}).")


def _seldom(share: float) -> str:
    return (
        "no post does" if share == 0 else "fewer than 1% of posts do" if share < 0.005 else f"{share:.0%} of posts do"
    )


def _quoted(phrases: Sequence[Phrase]) -> str:
    return ", ".join(f"“{phrase.text}”" for phrase in phrases[:4])

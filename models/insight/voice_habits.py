"""Habits around the sentences: emoji, hashtags and links per platform, typical words, openings and endings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from models.domain.brand_study import Habit, Phrase
from models.insight.prose import Prose, VoicePost
from models.insight.words import lexicons

LEAST_POSTS = 8
"""Posts of a platform below which its habits are not told."""
_TYPICAL = 24
_REPEATED = 3
_REPEATED_SHARE = 0.02
_CLEAR = 3.0
"""Standard errors of the log odds from which a word is typical."""


def habits(posts: Sequence[VoicePost]) -> tuple[Habit, ...]:
    """One row a platform with enough posts, the fullest first."""
    by_platform: dict[str, list[Prose]] = {}
    for post in posts:
        by_platform.setdefault(post.platform, []).append(post.prose)
    kept = {platform: texts for platform, texts in by_platform.items() if len(texts) >= LEAST_POSTS}
    return tuple(_habit(p, kept[p]) for p in sorted(kept, key=lambda p: (-len(kept[p]), p)))


def _habit(platform: str, texts: Sequence[Prose]) -> Habit:
    def share(has: Iterable[object]) -> float:
        return round(sum(map(bool, has)) / len(texts), 4)

    tagged = [len(text.hashtags) for text in texts if text.hashtags]
    return Habit(
        platform=platform, posts=len(texts), words=float(median(len(text.words) for text in texts)),
        with_emoji=share(text.emoji for text in texts), with_hashtag=share(text.hashtags for text in texts),
        hashtags_median=float(median(tagged)) if tagged else 0.0, with_link=share(text.has_link for text in texts),
        with_question=share("?" in "".join(text.lines) for text in texts),
        top_hashtags=_most(tag.lower() for text in texts for tag in set(text.hashtags)),
        top_emoji=_most(sign for text in texts for sign in set(text.emoji)),
    )  # fmt: skip


def _most(items: Iterable[str]) -> tuple[str, ...]:
    counted = Counter(items)
    return tuple(item for item, count in sorted(counted.items(), key=lambda p: (-p[1], p[0]))[:5] if count >= _REPEATED)


def typical_words(own: Sequence[Prose], others: Sequence[Prose]) -> tuple[Phrase, ...]:
    """Words that the brand's posts hold clearly more often than those of others.

    Log odds of posts that hold the word, with a Dirichlet prior of both together (Monroe, Colaresi & Quinn 2008), at
    least three standard errors above 0; at least 2 % of the brand's posts hold it. Function words are left out.
    """
    function = frozenset().union(*(lexicon.function for lexicon in lexicons()))
    mine, theirs = _held(own, function), _held(others, function)
    if not own or not others:
        return ()
    found: list[tuple[float, Phrase]] = []
    for word, count in mine.items():
        if count < max(_REPEATED, _REPEATED_SHARE * len(own)):
            continue
        prior = (count + theirs[word]) / (len(own) + len(others)) * 10 + 0.01
        a, b = count + prior, theirs[word] + prior
        rest_a, rest_b = len(own) - count + 10, len(others) - theirs[word] + 10
        z = (math.log(a / rest_a) - math.log(b / rest_b)) / math.sqrt(1 / a + 1 / b)
        if z >= _CLEAR:
            ratio = (count / len(own)) / (theirs[word] / len(others)) if theirs[word] else None
            found.append((z, Phrase(text=word, posts=count, ratio=None if ratio is None else round(ratio, 2))))
    return tuple(phrase for _, phrase in sorted(found, key=lambda pair: (-pair[0], pair[1].text))[:_TYPICAL])


def _held(texts: Sequence[Prose], function: frozenset[str]) -> Counter[str]:
    """How many posts hold each word of three letters or more."""
    return Counter(
        word
        for text in texts
        for word in {w.removesuffix("'s") for w in text.lower}
        if len(word) > 2 and word not in function and "'" not in word
    )


def openings(texts: Sequence[Prose]) -> tuple[Phrase, ...]:
    """First three, or two, words that several posts share."""
    return _shared([text.lower[:3] for text in texts], [text.lower[:2] for text in texts], len(texts))


def endings(texts: Sequence[Prose]) -> tuple[Phrase, ...]:
    """Last three, or two, words that several posts share."""
    return _shared([text.lower[-3:] for text in texts], [text.lower[-2:] for text in texts], len(texts))


def _shared(long: Sequence[list[str]], short: Sequence[list[str]], posts: int) -> tuple[Phrase, ...]:
    least = max(_REPEATED, _REPEATED_SHARE * posts)
    found: list[Phrase] = []
    for pieces in (long, short):
        counted = Counter(" ".join(piece) for piece in pieces if len(piece) >= 2)
        for text, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])):
            covered = sum(phrase.posts for phrase in found if text in phrase.text)
            if count - covered >= least:
                found.append(Phrase(text=text, posts=count, ratio=None))
    return tuple(sorted(found, key=lambda phrase: (-phrase.posts, phrase.text))[:6])

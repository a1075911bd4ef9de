"""Reads a foreign text by rules: what serves without a model, and when a model's answer cannot be used."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator

from models.generation.quarantine.cues import best
from models.generation.quarantine.language import language_of
from models.generation.quarantine.reading import Visible, visible, words
from models.generation.quarantine.schema import (
    MAX_TOPICS,
    Call,
    Counts,
    Extract,
    Fallback,
    Format,
    Sign,
    SpanKind,
    Tone,
)
from models.generation.quarantine.verification import Quotable

RULES = "extract-rules-"
READER = f"{RULES}1"
"""The reader's name; another one, when a rule or a cue changes, reads everything again."""

_HASHTAG = re.compile(r"(?<![\w#])#(\w{2,60})")
_NAME = r"(?:[A-ZÀ-ÞА-Я][\w'’\-]*)(?:[ ](?:[A-ZÀ-ÞА-Я0-9][\w'’\-]*|of|the|for|de|der|für|du|des)){0,4}"
_OFFER = re.compile(
    r"\d{1,2} ?% (?:off|discount|Rabatt|de descuento|de réduction|di sconto|de desconto)\b|\b[Ff]ree (?:shipping|trial|delivery|entry)\b"
    r"|\b(?:buy|Buy) one,? get one(?: free)?\b"
)
_EVENT = re.compile(
    rf"\b(?:{_NAME} )?(?:Summit|Conference|Festival|Webinar|Workshop|Expo|Meetup|Konferenz|Messe|Conférence|Conferencia|Fair|Week)\b(?: 20\d\d)?"
)
_PRODUCT = re.compile(rf"(?:[Ii]ntroducing|[Mm]eet|[Oo]ur new|[Dd]iscover our) (?:the )?({_NAME})")


def read_by_rules(raw: str, *, common: Collection[str] = ()) -> Extract:
    """What the rules take out of a text; the same text gives the same extract. Never raises for a text's content."""
    return by_rules(visible(raw), common=common)


def by_rules(
    seen: Visible, *, common: Collection[str] = (), fallback: Fallback = Fallback.NONE, dropped: int = 0
) -> Extract:
    """As `read_by_rules`, of a text whose visible part is known. `dropped` is of a model that was asked before."""
    quotable = Quotable(seen.text, common)
    text = "\n".join(quotable.sentences)
    counts = counts_of(seen)
    call = best("call_to_action", text)
    tone = best("tone", text)
    kind = best("format", text)
    if kind is None and counts.questions and seen.text.rstrip().endswith("?"):
        kind = Format.QUESTION.value
    if call is None and counts.links:
        call = Call.LINK.value
    if tone is None and counts.emoji >= 3:
        tone = Tone.PLAYFUL.value
    topics, _ = quotable.topics(_keywords(text, quotable))
    spans, _ = quotable.spans(list(_spans(text)))
    return Extract(
        format=Format(kind or Format.OTHER),
        call_to_action=Call(call or Call.NONE),
        tone=Tone(tone or Tone.NEUTRAL),
        language=language_of(seen.text),
        topics=topics,
        spans=spans,
        counts=counts,
        signs=signs_of(seen, quotable),
        reader=READER,
        fallback=fallback,
        dropped=min(99, dropped),
    )


def counts_of(seen: Visible) -> Counts:
    """The counts, each at most its bound."""
    text = seen.text
    return Counts(
        words=min(20_000, len(words(text))),
        links=min(999, seen.links),
        hashtags=min(999, len(_HASHTAG.findall(text))),
        mentions=min(999, seen.mentions),
        emoji=min(999, sum(unicodedata.category(char) == "So" and ord(char) > 0x2190 for char in text)),
        questions=min(999, len(re.findall(r"[?？؟]+", text))),
        exclamations=min(999, len(re.findall(r"[!！]+", text))),
    )


def signs_of(seen: Visible, quotable: Quotable) -> tuple[Sign, ...]:
    """The text's signs, with that of instructions when one of its sentences looks like one."""
    instructed = {Sign.INSTRUCTION} if quotable.left_out else set()
    return tuple(sorted({*seen.signs, *instructed}))


def _keywords(text: str, quotable: Quotable) -> list[str]:
    """The words that a text is about: hashtags count thrice, words of its first line and names inside a sentence twice."""
    first, _, _ = text.partition("\n")
    weights: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for tag in _HASHTAG.findall(text):
        weights[tag.casefold()] += 3
        spelled.setdefault(tag.casefold(), tag)
    previous = "."
    for match in re.finditer(r"[^\W\d_]+(?:-[^\W\d_]+)*|[.!?\n:]", text):
        token = match[0]
        if token[0].isalpha():
            key = token.casefold()
            named = token[0].isupper() and not token.isupper() and previous[0].isalpha()
            weights[key] += 2 if match.end() <= len(first) or named else 1
            spelled.setdefault(key, token)
        previous = token
    ranked = sorted(weights.items(), key=lambda entry: (-entry[1], entry[0]))
    good = [spelled[key] for key, weight in ranked if weight >= 2 and len(key) >= 4 and quotable.topic(key)]
    return good[:MAX_TOPICS]


def _spans(text: str) -> Iterator[tuple[SpanKind, str]]:
    for match in _OFFER.finditer(text):
        yield SpanKind.OFFER, match[0]
    for match in _EVENT.finditer(text):
        yield SpanKind.EVENT, match[0]
    for match in _PRODUCT.finditer(text):
        yield SpanKind.PRODUCT, match[1]

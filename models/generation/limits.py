"""Does a text fit the platform: its length as the platform counts, its hashtags, its parts, its characters.

A draft is one text. Where a platform takes several fields, the text starts with one line a field, followed by an empty
line and the body: `Title: …` for YouTube and the blog, `Subject: …` and `Preheader: …` for e-mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.domain.social import TEXT_LIMITS, Platform
from models.generation.x_length import weighted_length

FIELDS: dict[Platform, tuple[str, ...]] = {
    Platform.YOUTUBE: ("Title",),
    Platform.WEB: ("Title",),
    Platform.EMAIL: ("Subject", "Preheader"),
}
"""The named first lines of a draft, per platform that has them."""

_FIELD_LIMITS = {
    (Platform.YOUTUBE, "Title"): 100,  # YouTube Data API v3, snippet.title
    (Platform.EMAIL, "Subject"): 998,  # RFC 5322, 2.1.1: longest line of a message
}
_HASHTAG = re.compile(r"(?<![\w&/])[#＃](?=\w*[^\W\d])\w+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True)
class TextParts:
    """A draft's named fields (only those present) and the body after them."""

    fields: dict[str, str]
    body: str


def parts(platform: Platform, text: str) -> TextParts:
    """The fields and the body of a draft's text; on a platform without fields everything is body."""
    fields: dict[str, str] = {}
    lines = text.split("\n")
    for name in FIELDS.get(platform, ()):
        if lines and lines[0].startswith(f"{name}:"):
            fields[name] = lines.pop(0).removeprefix(f"{name}:").strip()
    return TextParts(fields, "\n".join(lines).lstrip("\n") if fields else text)


def text_length(platform: Platform, text: str) -> int:
    """The length that the platform's limit counts: of the body, without the named fields.

    X: weighted characters. TikTok: UTF-16 units. YouTube: UTF-8 bytes of the description. Elsewhere: characters.
    """
    body = parts(platform, text).body
    if TEXT_LIMITS[platform].weighted:
        return weighted_length(body)
    if platform is Platform.TIKTOK:
        return len(body.encode("utf-16-le", "surrogatepass")) // 2
    if platform is Platform.YOUTUBE:
        return len(body.encode("utf-8", "surrogatepass"))
    return len(body)


def hashtags(text: str) -> list[str]:
    """The hashtags in a text, in order, with their sign."""
    return _HASHTAG.findall(text)


def check_text(platform: Platform, text: str) -> list[str]:
    """What keeps the platform from taking this text, one sentence a problem; an empty list when nothing does."""
    if not text.strip():
        return [f"The {platform.label} text is empty: write at least one sentence."]
    limits = TEXT_LIMITS[platform]
    split = parts(platform, text)
    problems = []
    if (length := text_length(platform, text)) > limits.max_chars:
        over = length - limits.max_chars
        problems.append(
            f"The {platform.label} text is {length:,} {_measure(platform)} long and the limit is "
            f"{limits.max_chars:,}: shorten it by {over:,}."
        )
    for name, value in split.fields.items():
        allowed = _FIELD_LIMITS.get((platform, name))
        if not value:
            problems.append(f"The {name.lower()} is empty: write it after '{name}:' in the first lines.")
        elif allowed is not None and len(value) > allowed:
            problems.append(
                f"The {name.lower()} is {len(value):,} characters long and the limit is {allowed:,}: "
                f"shorten it by {len(value) - allowed:,}."
            )
    tags = len(hashtags(text))
    if limits.max_hashtags is not None and tags > limits.max_hashtags:
        problems.append(
            f"The {platform.label} text has {tags} hashtags and the limit is {limits.max_hashtags}: "
            f"remove {tags - limits.max_hashtags}."
        )
    if platform is Platform.YOUTUBE and re.search(r"[<>]", text):
        problems.append("YouTube refuses the characters < and > in title and description: write them as words.")
    if _CONTROL.search(text):
        problems.append(f"The {platform.label} text holds an invisible control character: retype the affected word.")
    return problems


def _measure(platform: Platform) -> str:
    if TEXT_LIMITS[platform].weighted:
        return "weighted characters"
    return "bytes" if platform is Platform.YOUTUBE else "characters"

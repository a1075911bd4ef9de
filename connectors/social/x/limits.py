"""What X accepts in a post, and what a post costs: data with sources, and the check of a draft against it."""

from __future__ import annotations

from dataclasses import dataclass

from models.domain.publishing import Media, MediaKind, OutgoingPost, Problem
from models.domain.social import TEXT_LIMITS, Platform
from models.generation.x_length import link_spans, weighted_length

_DOCS = "X developer docs, media upload best practices"
_SPEC = "X OpenAPI 2.167, CreatePostsRequest"


@dataclass(frozen=True)
class MediaLimits:
    """Limits of one kind of media for accounts without a paid plan: bytes, seconds, pixels of the shorter side, width by
    height."""

    count: int
    max_bytes: int
    types: tuple[str, ...]
    source: str
    seconds: tuple[float, float] | None = None
    pixels: tuple[int, int] | None = None
    ratio: tuple[float, float] | None = None


MEDIA_LIMITS: dict[MediaKind, MediaLimits] = {
    MediaKind.IMAGE: MediaLimits(4, 5 * 1024**2, ("image/jpeg", "image/png", "image/webp"), _DOCS),
    MediaKind.GIF: MediaLimits(1, 15 * 1024**2, ("image/gif",), _DOCS),
    MediaKind.VIDEO: MediaLimits(
        1, 512 * 1024**2, ("video/mp4", "video/quicktime"), _DOCS,
        seconds=(0.5, 140.0), pixels=(32, 1280), ratio=(1 / 3, 3.0),
    ),
}  # fmt: skip
MAX_CASHTAGS = 1
"""Self-serve access takes one cashtag a post (X docs, 2026)."""
MAX_ALT_TEXT = 1000
"""X OpenAPI 2.166, AltText."""
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")


@dataclass(frozen=True)
class Rate:
    """Calls in a number of seconds for one signed-in person."""

    calls: int
    seconds: int
    source: str


_RATES = "X developer docs, rate limits, read 2026-11-22"
POST_RATE = Rate(100, 900, _RATES)
LOOKUP_RATE = Rate(5_000, 900, _RATES)
TIMELINE_RATE = Rate(900, 900, _RATES)


@dataclass(frozen=True)
class Price:
    """What one thing costs in US dollars under pay-per-use."""

    dollars: float
    source: str


_PRICES = "X developer docs, pay-per-use pricing, read 2026-11-22"
POST_PRICE = Price(0.015, _PRICES)
LINK_POST_PRICE = Price(0.20, _PRICES)


def full_text(post: OutgoingPost) -> str:
    """What X is sent: the text, with the link at its end unless it is in it already."""
    if not post.link or post.link in post.text:
        return post.text
    return f"{post.text} {post.link}" if post.text else post.link


def price(post: OutgoingPost) -> Price:
    """The price of publishing the post: a link in it makes it dearer."""
    return LINK_POST_PRICE if link_spans(full_text(post)) else POST_PRICE


def validate(post: OutgoingPost) -> list[Problem]:
    """Every reason why X would refuse the post."""
    text = full_text(post)
    limits = TEXT_LIMITS[Platform.X]
    found: list[Problem] = []
    length = weighted_length(text)
    if length > limits.max_chars:
        message = f"The text counts {length} of at most {limits.max_chars} characters as X counts them."
        found.append(Problem("text", message, limits.source))
    if not text.strip() and not post.media:
        found.append(Problem("text", "A post on X needs a text or media.", _SPEC))
    if len(cashtags(text)) > MAX_CASHTAGS:
        found.append(Problem("text", "X takes at most one cashtag, such as $ACME, in a post.", "X docs, self-serve"))
    settings = post.options.get("reply_settings")
    if settings is not None and settings not in REPLY_SETTINGS:
        found.append(Problem("reply_settings", f"X knows no reply setting “{settings}”.", _SPEC))
    return found + _media_problems(post.media)


def cashtags(text: str) -> list[str]:
    """Words such as $ACME, without repetition."""
    words = (word.rstrip(".,;:!?)\"'") for word in text.split())
    return list(dict.fromkeys(w.upper() for w in words if w[:1] == "$" and w[1:].isalpha() and len(w) <= 7))


def _media_problems(media: tuple[Media, ...]) -> list[Problem]:
    kinds = {item.kind for item in media}
    found: list[Problem] = []
    if len(kinds) > 1:
        found.append(Problem("media", "X takes images, or one GIF, or one video in a post, not a mixture.", _DOCS))
    for kind in sorted(kinds):
        if kind not in MEDIA_LIMITS:
            found.append(Problem("media", f"X takes no {kind.value} in a post.", _DOCS))
        elif (count := sum(item.kind is kind for item in media)) > MEDIA_LIMITS[kind].count:
            allowed = MEDIA_LIMITS[kind].count
            found.append(
                Problem("media", f"X takes at most {allowed} {kind.value} in a post, this has {count}.", _DOCS)
            )
    for item in media:
        if item.kind in MEDIA_LIMITS:
            found += _one(item, MEDIA_LIMITS[item.kind])
    return found


def _one(item: Media, limits: MediaLimits) -> list[Problem]:
    name = item.path.rpartition("/")[2]

    def problem(message: str) -> Problem:
        return Problem("media", f"{name}: {message}", limits.source)

    found: list[Problem] = []
    if item.content_type not in limits.types:
        found.append(problem(f"X takes {', '.join(limits.types)}, this is {item.content_type}."))
    if item.size > limits.max_bytes:
        found.append(problem(f"X takes up to {limits.max_bytes // 1024**2} MB, this has {item.size / 1024**2:.1f} MB."))
    seconds = item.duration_seconds
    if limits.seconds and seconds is not None and not limits.seconds[0] <= seconds <= limits.seconds[1]:
        found.append(problem(f"X takes {limits.seconds[0]:g} to {limits.seconds[1]:g} s, this lasts {seconds:g} s."))
    if item.width and item.height:
        low, high = limits.pixels or (0, 10**9)
        if not low <= min(item.width, item.height) <= high:
            found.append(
                problem(f"X takes {low} to {high} pixels on the shorter side, this has {item.width} × {item.height}.")
            )
        ratio = item.width / item.height
        if limits.ratio and not limits.ratio[0] <= ratio <= limits.ratio[1]:
            found.append(problem(f"X takes shapes from 1:3 to 3:1, this is {item.width} × {item.height}."))
    if len(item.alt_text) > MAX_ALT_TEXT:
        found.append(problem(f"The description has {len(item.alt_text)} of at most {MAX_ALT_TEXT} characters."))
    return found

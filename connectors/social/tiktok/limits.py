"""What TikTok accepts in a post, as data with sources, and the check of a post against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.domain.publishing import Media, MediaKind, OutgoingPost, Problem
from models.domain.social import TEXT_LIMITS, Platform

_TEXT = TEXT_LIMITS[Platform.TIKTOK]
MEDIA_GUIDE = "TikTok media transfer guide"
PHOTO_POST = "TikTok photo post reference"
DIRECT_POST = "TikTok direct post reference"
PRIVACY_LEVELS = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
PUBLIC, PRIVATE = PRIVACY_LEVELS[0], PRIVACY_LEVELS[-1]
PULL = "pull"
"""Value of the option `source` that lets TikTok download a video by itself; else it is uploaded."""


@dataclass(frozen=True)
class FileLimits:
    """One kind of file. Bytes, pixels a side, seconds."""

    content_types: frozenset[str]
    max_bytes: int
    source: str
    max_seconds: float | None = None
    sides: tuple[int, int] | None = None


@dataclass(frozen=True)
class ChunkRule:
    """How a video is cut: every chunk but the last has `min_bytes` to `max_bytes`, the last up to `last_bytes`."""

    min_bytes: int
    max_bytes: int
    last_bytes: int
    max_count: int
    source: str


VIDEO = FileLimits(
    frozenset({"video/mp4", "video/webm", "video/quicktime"}), 4_000_000_000, MEDIA_GUIDE, 600.0, (360, 4_096)
)
PHOTO = FileLimits(frozenset({"image/jpeg", "image/webp"}), 20_000_000, PHOTO_POST)
MAX_PHOTOS = 35
MAX_PHOTO_TITLE = 90
MAX_PHOTO_DESCRIPTION = 4_000
CHUNKS = ChunkRule(5_000_000, 64_000_000, 128_000_000, 1_000, MEDIA_GUIDE)
CHUNK_BYTES = 10_000_000
"""The size chosen within the rule: what is lost when a chunk must be sent again."""


def utf16_units(text: str) -> int:
    """The length as TikTok counts it."""
    return len(text.encode("utf-16-le")) // 2


def chunk_plan(size: int) -> tuple[int, int]:
    """(`chunk_size`, `total_chunk_count`) of a video; below two chunks it goes as a whole.

    The count is rounded down and the last chunk takes the rest, as the media transfer guide says.
    """
    if size < 2 * CHUNK_BYTES:
        return size, 1
    return CHUNK_BYTES, size // CHUNK_BYTES


def is_photo_post(post: OutgoingPost) -> bool:
    return bool(post.media) and post.media[0].kind is MediaKind.IMAGE


def validate(post: OutgoingPost, text: str, *, audited: bool = True) -> list[Problem]:
    """Every reason why TikTok would refuse the post; `text` is the caption with its link.

    `audited` is False once TikTok has said that the app may only post privately.
    """
    return [*_media_problems(post), *_text_problems(post, text), *_option_problems(post, audited)]


def _media_problems(post: OutgoingPost) -> Iterator[Problem]:
    kinds = {item.kind for item in post.media}
    if not post.media:
        yield Problem("media", "TikTok takes no posts of text alone: add a video or photos.", DIRECT_POST)
    elif kinds == {MediaKind.VIDEO}:
        if len(post.media) > 1:
            yield Problem("media", f"TikTok takes one video in a post, and there are {len(post.media)}.", DIRECT_POST)
        yield from _each(post.media, VIDEO, needs_url=post.options.get("source") == PULL)
    elif kinds == {MediaKind.IMAGE}:
        if len(post.media) > MAX_PHOTOS:
            yield Problem(
                "media", f"TikTok takes {MAX_PHOTOS} photos in a post, and there are {len(post.media)}.", PHOTO_POST
            )
        yield from _each(post.media, PHOTO, needs_url=True)
    else:
        named = ", ".join(sorted(kinds))
        yield Problem("media", f"TikTok takes one video or photos, and this post has: {named}.", DIRECT_POST)


def _each(media: tuple[Media, ...], limits: FileLimits, *, needs_url: bool) -> Iterator[Problem]:
    for number, item in enumerate(media, 1):
        for message in _file_problems(item, limits):
            yield Problem("media", f"File {number}: {message}", limits.source)
        if needs_url and not item.url:
            yield Problem("media", f"File {number}: TikTok downloads it, and it has no public address.", limits.source)


def _file_problems(item: Media, limits: FileLimits) -> Iterator[str]:
    if item.content_type not in limits.content_types:
        yield f"TikTok does not take {item.content_type} as {item.kind}."
    if not 0 < item.size <= limits.max_bytes:
        yield f"it has {item.size:,} bytes and TikTok takes 1 to {limits.max_bytes:,}."
    seconds = item.duration_seconds
    if limits.max_seconds is not None and seconds is not None and seconds > limits.max_seconds:
        yield f"it lasts {seconds:g} s and TikTok takes {limits.max_seconds:g} s."
    if limits.sides is not None and item.width and item.height:
        least, most = limits.sides
        if min(item.width, item.height) < least or max(item.width, item.height) > most:
            yield f"it has {item.width} × {item.height} pixels and TikTok takes {least} to {most} a side."


def _text_problems(post: OutgoingPost, text: str) -> Iterator[Problem]:
    photos = is_photo_post(post)
    most = MAX_PHOTO_DESCRIPTION if photos else _TEXT.max_chars
    if (length := utf16_units(text)) > most:
        yield Problem(
            "text",
            f"The text has {length:,} UTF-16 units and TikTok takes {most:,}.",
            PHOTO_POST if photos else _TEXT.source,
        )
    if photos and (length := utf16_units(post.title)) > MAX_PHOTO_TITLE:
        yield Problem("title", f"The title has {length} UTF-16 units and TikTok takes {MAX_PHOTO_TITLE}.", PHOTO_POST)


def _option_problems(post: OutgoingPost, audited: bool) -> Iterator[Problem]:
    privacy = post.options.get("privacy", PUBLIC)
    if privacy not in PRIVACY_LEVELS:
        yield Problem("privacy", f"The privacy {privacy} is none of {', '.join(PRIVACY_LEVELS)}.", DIRECT_POST)
    elif not audited and privacy != PRIVATE:
        yield Problem(
            "privacy",
            f"TikTok has not audited the app: until then it posts with the privacy {PRIVATE} only.",
            DIRECT_POST,
        )

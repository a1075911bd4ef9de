"""What LinkedIn accepts in a post, as data with sources, and the check of a post against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.domain.publishing import Media, MediaKind, OutgoingPost, Problem
from models.domain.social import TEXT_LIMITS, Platform

_TEXT = TEXT_LIMITS[Platform.LINKEDIN]
VIDEOS_API = "LinkedIn Videos API, 2026-05"
IMAGES_API = "LinkedIn Images API"
DOCUMENTS_API = "LinkedIn Documents API"
MULTI_IMAGE_API = "LinkedIn MultiImage API"


@dataclass(frozen=True)
class FileLimits:
    """One kind of file. Bytes, pixels, seconds; a ratio is width divided by height."""

    content_types: frozenset[str]
    source: str
    min_bytes: int = 1
    max_bytes: int | None = None
    max_pixels: int | None = None
    seconds: tuple[float, float] | None = None
    ratio: tuple[float, float] | None = None


_IMAGE = FileLimits(frozenset({"image/jpeg", "image/png", "image/gif"}), IMAGES_API, max_pixels=36_152_319)
FILES: dict[MediaKind, FileLimits] = {
    MediaKind.IMAGE: _IMAGE,
    MediaKind.GIF: _IMAGE,
    MediaKind.VIDEO: FileLimits(
        frozenset({"video/mp4"}), VIDEOS_API, 75_000, 500_000_000, seconds=(3.0, 1_800.0), ratio=(1 / 2.4, 2.4)
    ),
    MediaKind.DOCUMENT: FileLimits(
        frozenset({
            "application/pdf", "application/msword", "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }),
        DOCUMENTS_API, max_bytes=100_000_000,
    ),
}  # fmt: skip
MAX_IMAGES = 20
MAX_TITLE = 400


def validate(post: OutgoingPost, text: str) -> list[Problem]:
    """Every reason why LinkedIn would refuse the post; `text` is what a reader would see of its commentary."""
    return [*_text_problems(post, text), *_media_problems(post.media)]


def _text_problems(post: OutgoingPost, text: str) -> Iterator[Problem]:
    if not text.strip() and not post.media and not post.link:
        yield Problem("text", "The post is empty: write a text, or add a file or a link.")
    if len(text) > _TEXT.max_chars:
        yield Problem(
            "text", f"The text has {len(text):,} characters and LinkedIn takes {_TEXT.max_chars:,}.", _TEXT.source
        )
    if len(post.title) > MAX_TITLE:
        yield Problem(
            "title",
            f"The title has {len(post.title):,} characters and LinkedIn takes {MAX_TITLE}.",
            "LinkedIn Posts API",
        )


def _media_problems(media: tuple[Media, ...]) -> Iterator[Problem]:
    kinds = {MediaKind.IMAGE if item.kind is MediaKind.GIF else item.kind for item in media}
    if len(kinds) > 1:
        yield Problem("media", "LinkedIn takes images, one video or one document, not a mixture.", MULTI_IMAGE_API)
    elif len(media) > 1 and kinds != {MediaKind.IMAGE}:
        yield Problem("media", f"LinkedIn takes one {media[0].kind} in a post, and there are {len(media)}.", VIDEOS_API)
    elif len(media) > MAX_IMAGES:
        yield Problem(
            "media", f"LinkedIn takes {MAX_IMAGES} images in a post, and there are {len(media)}.", MULTI_IMAGE_API
        )
    for number, item in enumerate(media, 1):
        for message in _file_problems(item, FILES[item.kind]):
            yield Problem("media", f"File {number}: {message}", FILES[item.kind].source)


def _file_problems(item: Media, limits: FileLimits) -> Iterator[str]:
    if item.content_type not in limits.content_types:
        yield f"LinkedIn does not take {item.content_type} as {item.kind}."
    if item.size < limits.min_bytes:
        yield f"it has {item.size:,} bytes and LinkedIn takes {limits.min_bytes:,} or more."
    if limits.max_bytes is not None and item.size > limits.max_bytes:
        yield f"it has {item.size:,} bytes and LinkedIn takes {limits.max_bytes:,}."
    if limits.seconds is not None and item.duration_seconds is not None:
        shortest, longest = limits.seconds
        if not shortest <= item.duration_seconds <= longest:
            yield f"it lasts {item.duration_seconds:g} s and LinkedIn takes {shortest:g} to {longest:g} s."
    if item.width and item.height:
        if limits.max_pixels is not None and item.width * item.height > limits.max_pixels:
            yield f"it has {item.width * item.height:,} pixels and LinkedIn takes {limits.max_pixels:,}."
        if limits.ratio is not None and not limits.ratio[0] <= item.width / item.height <= limits.ratio[1]:
            yield f"its shape is {item.width}:{item.height} and LinkedIn takes 1:2.4 to 2.4:1."

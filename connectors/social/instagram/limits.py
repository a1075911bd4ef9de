"""What Instagram accepts, as data with sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.domain.publishing import Media, MediaKind, OutgoingPost, Problem
from models.domain.social import TEXT_LIMITS, Platform

GUIDE = "Instagram content publishing guide"
REFERENCE = "Instagram user media reference"


@dataclass(frozen=True)
class Range:
    """Lowest and highest allowed value."""

    low: float
    high: float
    source: str


CAPTION = Range(0, TEXT_LIMITS[Platform.INSTAGRAM].max_chars, TEXT_LIMITS[Platform.INSTAGRAM].source)
HASHTAGS = Range(0, 30, GUIDE)
"""A large reseller reports 5 since 2026; the option `max_hashtags` of a post lowers it."""
MENTIONS = Range(0, 20, GUIDE)
ITEMS = Range(1, 10, GUIDE)
IMAGE_BYTES = Range(1, 8 * 1024 * 1024, "Instagram error 36000/2207004")
IMAGE_ASPECT = Range(4 / 5, 1.91, "Instagram error 36003/2207009")
IMAGE_WIDTH = Range(320, float("inf"), REFERENCE)
REEL_SECONDS = Range(3, 15 * 60, REFERENCE)
REEL_BYTES = Range(1, 300 * 1024 * 1024, REFERENCE)
VIDEO_TYPES = ("video/mp4", "video/quicktime")
ROUNDING = 0.005


def validate(post: OutgoingPost) -> list[Problem]:
    """Every reason why Instagram would refuse the post."""
    return [*_text(post), *_media(post)]


def _text(post: OutgoingPost) -> Iterator[Problem]:
    if len(post.text) > CAPTION.high:
        yield Problem(
            "text", f"The caption has {len(post.text):,} characters; at most {CAPTION.high:,.0f}.", CAPTION.source
        )
    chosen = post.options.get("max_hashtags", "")
    allowed = min(int(chosen), int(HASHTAGS.high)) if chosen.isdigit() else int(HASHTAGS.high)
    for sign, limit, words, source in (
        ("#", allowed, "hashtags", HASHTAGS.source),
        ("@", int(MENTIONS.high), "mentions", MENTIONS.source),
    ):
        count = len(re.findall(rf"{sign}\w", post.text))
        if count > limit:
            yield Problem("text", f"The caption has {count} {words}; at most {limit}.", source)
    if post.link:
        yield Problem("link", "Instagram shows no link with a post: put it into the profile or the text.", GUIDE)


def _media(post: OutgoingPost) -> Iterator[Problem]:
    count = len(post.media)
    if not ITEMS.low <= count <= ITEMS.high:
        yield Problem("media", f"A post needs 1 to {ITEMS.high:.0f} images or videos; there are {count}.", ITEMS.source)
    for number, media in enumerate(post.media, 1):
        name = f"Item {number}" if count > 1 else "The file"
        if media.url is None:
            yield Problem("media", f"{name} has no address that Instagram could download it from.", GUIDE)
        if media.kind is MediaKind.IMAGE:
            yield from _image(media, name)
        elif media.kind is MediaKind.VIDEO:
            yield from _video(media, name)
        else:
            yield Problem("media", f"{name} is {media.content_type}: use a JPEG or an MP4.", GUIDE)


def _image(image: Media, name: str) -> Iterator[Problem]:
    if image.content_type != "image/jpeg":
        yield Problem("media", f"{name} is {image.content_type}: use a JPEG.", GUIDE)
    if image.size >= IMAGE_BYTES.high:
        yield Problem("media", f"{name} must be smaller than 8 MiB.", IMAGE_BYTES.source)
    if image.width and image.height:
        aspect = image.width / image.height
        if not IMAGE_ASPECT.low - ROUNDING <= aspect <= IMAGE_ASPECT.high + ROUNDING:
            yield Problem(
                "media", f"{name} has the aspect ratio {aspect:.2f}; 4:5 (0.8) to 1.91 is allowed.", IMAGE_ASPECT.source
            )
        if image.width < IMAGE_WIDTH.low:
            yield Problem(
                "media", f"{name} is {image.width} pixels wide; at least {IMAGE_WIDTH.low}.", IMAGE_WIDTH.source
            )


def _video(video: Media, name: str) -> Iterator[Problem]:
    if video.content_type not in VIDEO_TYPES:
        yield Problem("media", f"{name} is {video.content_type}: use MP4 or MOV.", REFERENCE)
    if video.size > REEL_BYTES.high:
        yield Problem("media", f"{name} must not be larger than 300 MB.", REEL_BYTES.source)
    seconds = video.duration_seconds
    if seconds is not None and not REEL_SECONDS.low <= seconds <= REEL_SECONDS.high:
        yield Problem("media", f"{name} lasts {seconds:.0f} s; 3 s to 15 min is allowed.", REEL_SECONDS.source)

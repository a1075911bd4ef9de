"""What YouTube takes, as data with its source, and the check of a post against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from models.domain.publishing import Media, MediaKind, OutgoingPost, Problem

DISCOVERY = "YouTube Data API v3 discovery document"
REFERENCE = "YouTube Data API v3 reference, videos resource"
HELP = "YouTube Help, upload videos longer than 15 minutes"


@dataclass(frozen=True)
class Bound:
    """The most that is taken of something, in the unit named."""

    most: int
    unit: str
    source: str


TITLE = Bound(100, "characters", f"{REFERENCE}, snippet.title")
DESCRIPTION = Bound(5_000, "bytes of UTF-8", f"{REFERENCE}, snippet.description")
TAGS = Bound(500, "characters", f"{REFERENCE}, snippet.tags")
VIDEO_BYTES = Bound(274_877_906_944, "bytes", f"{DISCOVERY}, videos.insert maxSize")
VIDEO_SECONDS = Bound(12 * 3600, "seconds", HELP)
THUMBNAIL_BYTES = Bound(52_428_800, "bytes", f"{DISCOVERY}, thumbnails.set maxSize")
THUMBNAIL_TYPES = ("image/jpeg", "image/png", "application/octet-stream")
PRIVACY = ("public", "unlisted", "private")
FORBIDDEN = "<>"


def described(post: OutgoingPost) -> str:
    """The description as it is sent: the text, and the link where the text does not have it."""
    if post.link and post.link not in post.text:
        return f"{post.text}\n\n{post.link}".strip()
    return post.text


def tags_of(post: OutgoingPost) -> list[str]:
    """The tags of option `tags`, which separates them by commas."""
    return [tag.strip() for tag in post.options.get("tags", "").split(",") if tag.strip()]


def tag_length(tags: list[str]) -> int:
    """The length as YouTube counts it: a tag with a space counts two quotation marks, and each comma between counts one."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def privacy_of(post: OutgoingPost) -> str:
    """Option `privacy`; a publishing time makes the video private until then unless the person said otherwise."""
    return post.options.get("privacy") or ("private" if post.options.get("publish_at") else "public")


def video_of(post: OutgoingPost) -> Media | None:
    return next((media for media in post.media if media.kind is MediaKind.VIDEO), None)


def thumbnail_of(post: OutgoingPost) -> Media | None:
    return next((media for media in post.media if media.kind is MediaKind.IMAGE), None)


def validate(post: OutgoingPost) -> list[Problem]:
    """Every reason why YouTube would refuse the post."""
    return [*_texts(post), *_settings(post), *_media(post)]


def _texts(post: OutgoingPost) -> Iterator[Problem]:
    title, description = post.title.strip(), described(post)
    if not title:
        yield Problem("title", "A YouTube video needs a title.", TITLE.source)
    if len(title) > TITLE.most:
        yield Problem("title", f"The title has {len(title)} characters; YouTube takes {TITLE.most}.", TITLE.source)
    size = len(description.encode())
    if size > DESCRIPTION.most:
        yield Problem(
            "text", f"The description has {size:,} bytes; YouTube takes {DESCRIPTION.most:,}.", DESCRIPTION.source
        )
    for field, name, text in (("title", "title", title), ("text", "description", description)):
        if any(sign in text for sign in FORBIDDEN):
            yield Problem(field, f"YouTube refuses < and > in the {name}.", f"{REFERENCE}, snippet.{name}")


def _settings(post: OutgoingPost) -> Iterator[Problem]:
    tags, privacy = tags_of(post), privacy_of(post)
    if (length := tag_length(tags)) > TAGS.most:
        yield Problem("tags", f"The tags count {length} characters; YouTube takes {TAGS.most}.", TAGS.source)
    if any(sign in tag for tag in tags for sign in FORBIDDEN):
        yield Problem("tags", "YouTube refuses < and > in tags.", TAGS.source)
    if privacy not in PRIVACY:
        yield Problem("privacy", f"Privacy is one of {', '.join(PRIVACY)}.", f"{DISCOVERY}, status.privacyStatus")
    if (wanted := post.options.get("publish_at")) is None:
        return
    source = f"{DISCOVERY}, status.publishAt"
    if privacy != "private":
        yield Problem("publish_at", "A publishing time can only be set on a private video.", source)
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        yield Problem("publish_at", "The publishing time must be an ISO 8601 instant.", source)
        return
    if moment.tzinfo is None:
        yield Problem("publish_at", "The publishing time must name its zone.", source)
    elif moment <= datetime.now(UTC):
        yield Problem("publish_at", "The publishing time must be in the future.", source)


def _media(post: OutgoingPost) -> Iterator[Problem]:
    videos = [media for media in post.media if media.kind is MediaKind.VIDEO]
    images = [media for media in post.media if media.kind is MediaKind.IMAGE]
    if len(videos) != 1:
        yield Problem(
            "media", f"A YouTube post is one video; this one has {len(videos)}.", f"{DISCOVERY}, videos.insert"
        )
    if len(images) > 1 or len(videos) + len(images) < len(post.media):
        yield Problem(
            "media", "Beside the video YouTube takes one image, as its thumbnail.", f"{DISCOVERY}, thumbnails.set"
        )
    for video in videos:
        if not video.content_type.startswith("video/") and video.content_type != "application/octet-stream":
            yield Problem("media", f"{video.content_type} is not a video.", f"{DISCOVERY}, videos.insert accept")
        if not 0 < video.size <= VIDEO_BYTES.most:
            yield Problem(
                "media",
                f"The video has {video.size:,} bytes; YouTube takes 1 to {VIDEO_BYTES.most:,}.",
                VIDEO_BYTES.source,
            )
        if video.duration_seconds is not None and video.duration_seconds > VIDEO_SECONDS.most:
            yield Problem("media", "The video is longer than 12 hours.", VIDEO_SECONDS.source)
    for image in images:
        if image.content_type not in THUMBNAIL_TYPES:
            yield Problem(
                "media", f"A thumbnail is JPEG or PNG, not {image.content_type}.", f"{DISCOVERY}, thumbnails.set accept"
            )
        if image.size > THUMBNAIL_BYTES.most:
            yield Problem(
                "media",
                f"The thumbnail has {image.size:,} bytes; YouTube takes {THUMBNAIL_BYTES.most:,}.",
                THUMBNAIL_BYTES.source,
            )
